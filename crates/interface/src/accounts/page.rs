//! Pages: books of entries.

use crate::Address;

/// The prize of this entry was paid.
pub const FLAG_PAID: u8 = 1;
/// The stake of this entry was refunded.
pub const FLAG_REFUNDED: u8 = 2;

crate::layout! {$ page_layout:
    /// A book of entries with its own cash box; several are open at once, so players write in parallel.
    /// Address: `["page", round, sequence as u32]`. After this struct come `capacity` places of 64
    /// bytes (`Entry`), of which the first `count` are taken; then `tail_words` numbers
    /// of 64 bits.
    pub struct Page {
        pub round: Address,
        pub rent_payer: Address,
        /// Running digest of the entries as they were entered: `rules::seed::page_digest`.
        pub digest: [u8; 32],
        /// Stakes, until the page is sealed.
        pub cash_units: u64,
        /// House games: the highest prizes of the entries so far, together; at most `budget_units`.
        pub liability_units: u64,
        /// House games: reserved from the bankroll when the page opened.
        pub budget_units: u64,
        /// Prizes of the entries settled so far.
        pub prizes_units: u64,
        pub sequence: u32,
        pub capacity: u32,
        pub count: u32,
        /// Entries settled so far.
        pub settle_cursor: u32,
        /// Entries that won, so far as settled.
        pub winners: u32,
        /// Winning entries paid.
        pub paid: u32,
        pub refunded: u32,
        pub status: u8,
        pub bump: u8,
        /// Kind `Prediction`: the stakes on each outcome; `Raffle` with a list: a bit for each of its leaves that was used.
        pub tail_words: u16,
        /// Winners per tier, so far as settled.
        pub tier_winners: [u32; 16],
    }
}

crate::layout! {$ entry_layout:
    /// One ticket.
    pub struct Entry {
        /// The wallet account that is paid.
        pub wallet: Address,
        /// Number `i` (from 1) is bit `i - 1`. Kind `Prediction`: outcome `i` (from 0) is bit `i`, the only one. `Raffle`:
        /// index of the leaf and weight (u32 each), then the key, once settled.
        pub picks: [u64; 2],
        pub stake_units: u64,
        /// Kind `Draw`: bonus ball, 0 for none.
        pub bonus: u8,
        /// Tier won, from 1; 0: none, or not settled yet. Kind `Keno`: matches + 1; `Instant`: row of the
        /// prize table, from 1; `Prediction`: 1 won, 2 lost and a part of the stake was not matched;
        /// `Raffle`: rank of a prize, from 1, or 1 place taken, 2 offer lapsed, 3 waited in vain.
        pub tier: u8,
        /// `FLAG_PAID`, `FLAG_REFUNDED`.
        pub flags: u8,
        /// Kind `Keno`: how many numbers are picked.
        pub spots: u8,
        /// House games: the prize won, in parts of 10,000 of the stake; 0 before settling.
        pub multiplier_bps: u32,
    }
}
