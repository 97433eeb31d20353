//! Rankings: attempts at the order of a raffle.

use crate::Address;

crate::layout! {$ ranking_layout:
    /// A claim that exactly the entries up to a threshold have a rank. Anyone may make one, with a deposit; pages are counted
    /// against it, and the first that counts right is accepted and sorted: the order of the raffle. Address:
    /// `["ranking", round, submitter]`. After this struct come the entries counted on each page (`page_count` times u32,
    /// padded to 8 bytes), and `slots` times `RankedEntry`.
    pub struct Ranking {
        pub round: Address,
        /// Paid rent and deposit.
        pub submitter: Address,
        pub threshold_key: u64,
        pub threshold_page: u32,
        pub threshold_index: u32,
        /// Held by this account above its rent; lost when the count is wrong.
        pub deposit_lamports: u64,
        /// Entries that must have a rank.
        pub slots: u32,
        /// Entries found up to the threshold; one more than `slots` when there are too many.
        pub found: u32,
        /// Ranks sorted so far.
        pub sorted: u32,
        pub page_count: u32,
        pub pages_counted: u32,
        pub status: u8,
        pub bump: u8,
        pub reserved: [u8; 2],
    }
}

crate::layout! {$ ranked_entry_layout:
    /// An entry with a rank: its place in this list, once sorted.
    pub struct RankedEntry {
        pub key: u64,
        pub page: u32,
        pub index: u32,
        /// Of a promoted entry: it can be confirmed before then.
        pub offered_until: i64,
        /// `PlaceStatus`.
        pub status: u8,
        pub reserved: [u8; 7],
    }
}
