//! Oracle sets: who attests.

use crate::Address;

crate::layout! {$ oracle_set_layout:
    /// The reporters of prediction markets. Anyone may create one, and nobody can ever change it: the reporters are its
    /// address. A config names the set and the quorum; other reporters are another set, for rounds not yet opened.
    /// Address: `["oracles", sha256(reporters)]`.
    pub struct OracleSet {
        /// Ascending; the first `reporter_count` are taken.
        pub reporters: [Address; 16],
        pub reporter_count: u8,
        pub bump: u8,
        pub reserved: [u8; 6],
    }
}
