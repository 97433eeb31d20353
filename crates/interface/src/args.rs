//! Arguments of instructions that take more than a number or two. They travel as their bytes.

use crate::Address;

crate::layout! {$ registry_args_layout:
    /// What the authority decides for every lottery; see `Registry`.
    pub struct RegistryArgs {
        pub treasury: Address,
        pub switchboard_program: Address,
        pub switchboard_queue: Address,
        pub min_grace_seconds: u32,
        pub min_grace_slots: u32,
        pub min_claim_seconds: u32,
        pub beacon_delay_seconds: u32,
        pub fee_cap_bps: u16,
        pub paused: u8,
        pub reserved: u8,
        pub allowed_sources: [u8; 8],
    }
}

crate::layout! {$ beacon_args_layout:
    /// A beacon, and one of its rounds as a proof that key and scheme are right; see `Beacon`.
    pub struct BeaconArgs {
        pub public_key: [u8; 128],
        pub chain_hash: [u8; 32],
        pub genesis_at: i64,
        /// A round that was signed.
        pub round: u64,
        pub period_seconds: u32,
        pub reserved: u32,
    }
}

crate::layout! {$ lottery_args_layout:
    /// What stays with a lottery for life.
    pub struct LotteryArgs {
        /// UTF-8, padded with zeros.
        pub name: [u8; 32],
        pub pauser: Address,
        pub treasurer: Address,
    }
}

crate::layout! {$ limits_args_layout:
    /// Limits, schedule and rewards; see `Lottery`. Rounds copy them when they open.
    pub struct LimitsArgs {
        /// Where players choose their stake, else 0, as the next.
        pub max_stake_units: u64,
        pub min_stake_units: u64,
        /// House games only, else 0, as the next.
        pub page_budget_units: u64,
        pub max_liability_units: u64,
        pub page_entries: u32,
        pub max_pages: u32,
        pub max_entries_per_round: u32,
        pub max_entries_per_player: u32,
        pub period_seconds: u32,
        pub reward_step_lamports: u32,
        pub reward_item_lamports: u32,
        /// At most the period, which means a multiple of it.
        pub lock_offset_seconds: u32,
    }
}

crate::layout! {$ config_args_layout:
    /// A config without its kind's rules, which follow as bytes; see `Config`.
    pub struct ConfigArgs {
        /// Address of the beacon; zero for other sources.
        pub beacon: Address,
        pub stake_units: u64,
        pub grace_seconds: u32,
        pub grace_slots: u32,
        pub claim_seconds: u32,
        pub reveal_delay_slots: u32,
        pub beacon_margin_seconds: u32,
        pub fee_bps: u16,
        pub compensation_cap_bps: u16,
        pub kind: u8,
        pub source: u8,
        pub reserved: [u8; 6],
    }
}

crate::layout! {$ session_args_layout:
    /// A session key; all zero ends the session.
    pub struct SessionArgs {
        pub key: Address,
        /// Ids of the lotteries it may enter, zero for an empty place.
        pub lotteries: [u64; 4],
        pub expires_at: i64,
        /// Base units it may spend in all.
        pub limit_units: u64,
    }
}

crate::layout! {$ attest_args_layout:
    /// What a reporter attests; see `Attestation`.
    pub struct AttestArgs {
        pub facts: [i64; 8],
        pub evidence: [u8; 32],
        /// The round's `event_at`, so that an attestation cannot be taken for another event's.
        pub event_at: i64,
    }
}

/// One entry in the lists of `pay` and `refund`: index on the page (u32, little-endian) and the
/// place of its wallet among the accounts that follow the named ones.
pub const ITEM_LEN: usize = 5;

/// Tickets in one `enter`.
pub const MAX_TICKETS: usize = 20;

/// Deposit of an attempt at the order of a raffle; lost when its count is wrong.
pub const RANKING_DEPOSIT_LAMPORTS: u64 = 10_000_000;

/// Largest growth of an account in one instruction.
pub const MAX_GROWTH: usize = 10_240;
