//! Wallets: one per owner and mint.

use crate::Address;

/// Rounds with a limit per player that a wallet can be in at the same time.
pub const RING_SLOTS: usize = 8;
/// Lotteries that a session can name.
pub const SESSION_LOTTERIES: usize = 4;

crate::layout! {$ wallet_layout:
    /// A player's balance in one mint, used by every lottery. Address: `["wallet", owner, mint]`.
    pub struct Wallet {
        pub owner: Address,
        pub mint: Address,
        pub rent_payer: Address,
        /// May enter, and nothing else; zero when there is no session.
        pub session_key: Address,
        /// Lottery ids the session may enter; zero is an empty place.
        pub session_lotteries: [u64; 4],
        pub session_expires_at: i64,
        pub session_limit_units: u64,
        pub session_spent_units: u64,
        pub balance_units: u64,
        /// The wallet cannot be closed before: a round it entered may still pay or refund.
        pub busy_until: i64,
        /// Entries in rounds that limit entries per player.
        pub ring: [RoundUse; 8],
        pub bump: u8,
        pub reserved: [u8; 7],
    }
}

crate::layout! {$ round_use_layout:
    /// How many entries this wallet has in one round. Free once `locks_at` has passed.
    pub struct RoundUse {
        pub lottery_id: u64,
        pub round_index: u64,
        pub locks_at: i64,
        pub entries: u32,
        pub reserved: u32,
    }
}
