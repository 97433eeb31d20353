//! Events: `sol_log_data` of 8 bytes `sha256("event:<Name>")[..8]` and the struct. A convenience for
//! people who watch logs; logs are truncated, so nothing of ours depends on them.

use crate::Address;

crate::layout! {$ entered_layout:
    /// Tickets were entered: `count` entries from `first_index` on a page.
    pub struct Entered {
        pub wallet: Address,
        pub lottery_id: u64,
        pub round_index: u64,
        pub stake_units: u64,
        pub page_sequence: u32,
        pub first_index: u32,
        pub count: u32,
        pub reserved: u32,
    }
}

crate::layout! {$ moved_layout:
    /// Tokens moved between a vault and the outside: `direction` 1 deposit, 2 withdraw.
    pub struct Moved {
        pub wallet: Address,
        pub mint: Address,
        pub amount_units: u64,
        pub direction: u64,
    }
}

crate::layout! {$ round_event_layout:
    /// A round changed its state; `status` and `void_reason` are the new ones. `result`: as `Round::result`, but of
    /// kind `Instant` the seed.
    pub struct RoundChanged {
        pub lottery_id: u64,
        pub round_index: u64,
        pub entries: u64,
        pub pool_units: u64,
        pub result: [u8; 32],
        pub status: u8,
        pub void_reason: u8,
        pub reserved: [u8; 6],
    }
}

crate::layout! {$ paid_layout:
    /// A batch of prizes (`refund` 0) or refunds (`refund` 1) was credited.
    pub struct Paid {
        pub lottery_id: u64,
        pub round_index: u64,
        pub amount_units: u64,
        pub page_sequence: u32,
        pub items: u32,
        pub refund: u64,
    }
}

crate::layout! {$ attested_layout:
    /// A reporter attested. `decided` 1: the quorum is reached.
    pub struct Attested {
        pub reporter: Address,
        pub evidence: [u8; 32],
        pub facts: [i64; 8],
        pub lottery_id: u64,
        pub round_index: u64,
        pub reporter_index: u8,
        pub decided: u8,
        pub reserved: [u8; 6],
    }
}

crate::layout! {$ place_layout:
    /// A ranked entry changed its state: `status` is the new `PlaceStatus`.
    pub struct PlaceChanged {
        pub lottery_id: u64,
        pub round_index: u64,
        pub rank: u32,
        pub page_sequence: u32,
        pub index: u32,
        pub status: u8,
        pub reserved: [u8; 3],
    }
}
