//! Configs: one immutable account per version of a lottery's rules.

use crate::Address;

/// Prize tiers of a draw.
pub const MAX_TIERS: usize = 16;
/// Spots on a keno ticket.
pub const MAX_SPOTS: usize = 10;
/// Rows of an instant prize table.
pub const MAX_PRIZES: usize = 16;

crate::layout! {$ config_layout:
    /// The rules of a lottery, for every round opened under this version. Never changed.
    /// Address: `["config", lottery, version as u32]`. After this struct comes the rules struct of
    /// its kind (`DrawRules`, `KenoRules`, `InstantRules`, `PredictionRules`,
    /// `RaffleRules`).
    pub struct Config {
        pub lottery: Address,
        pub rent_payer: Address,
        /// Beacon: the chain; zero for other sources.
        pub beacon: Address,
        /// Beacon: copied from the chain, so that opening a round need not read it.
        pub beacon_genesis_at: i64,
        /// Price of one entry of a fixed-price kind; 0 where players choose their stake.
        pub stake_units: u64,
        pub created_slot: u64,
        pub version: u32,
        /// A round without a value may be voided this long after its target, and ...
        pub grace_seconds: u32,
        /// ... this many slots after it.
        pub grace_slots: u32,
        /// Prizes expire this long after their round is final.
        pub claim_seconds: u32,
        /// Commit-reveal: slots between lock and the slot whose hash is mixed in.
        pub reveal_delay_slots: u32,
        pub beacon_period_seconds: u32,
        /// Beacon: the round's value is the first signed at least this long after `locks_at`.
        pub beacon_margin_seconds: u32,
        /// Charged on money at risk, never on a refund.
        pub fee_bps: u16,
        /// Entrants of a round whose operator did not reveal share the bond up to this part of their
        /// stakes; the rest goes to the treasury.
        pub compensation_cap_bps: u16,
        pub kind: u8,
        pub source: u8,
        pub bump: u8,
        pub reserved: [u8; 5],
    }
}

crate::layout! {$ draw_rules_layout:
    /// Rules of kind `Draw`.
    pub struct DrawRules {
        /// Numbers on a ticket, 1 to 20.
        pub picks: u8,
        /// Numbers in the drum, up to 128.
        pub numbers: u8,
        /// Balls in the bonus drum, 0 for none.
        pub bonus_numbers: u8,
        /// 1: progressive. What nobody won goes to the jackpot instead of rolling down.
        pub rollover: u8,
        pub tier_count: u8,
        pub reserved: [u8; 3],
        /// The first is the top tier, which also wins the jackpot.
        pub tiers: [DrawTier; 16],
    }
}

crate::layout! {$ draw_tier_layout:
    /// Won by exactly this many matches together with exactly this bonus.
    pub struct DrawTier {
        pub matches: u8,
        /// 1: the bonus ball too; 0: not the bonus ball, or no bonus drum.
        pub bonus: u8,
        /// Part of the pool after the fee; all tiers together make 10,000.
        pub share_bps: u16,
    }
}

crate::layout! {$ keno_rules_layout:
    /// Rules of kind `Keno`: 1 to 10 spots of 80, 20 drawn.
    pub struct KenoRules {
        /// The exact RTP of every spot count offered lies in this band.
        pub rtp_min_bps: u16,
        pub rtp_max_bps: u16,
        pub reserved: [u8; 4],
        /// `[spots - 1][matches]`: the prize in parts of 10,000 of the stake. A row of zeros: not offered.
        pub paytable_bps: [[u32; 11]; 10],
    }
}

crate::layout! {$ instant_rules_layout:
    /// Rules of kind `Instant`.
    pub struct InstantRules {
        /// The exact RTP lies in this band.
        pub rtp_min_bps: u16,
        pub rtp_max_bps: u16,
        pub prize_count: u8,
        pub reserved: [u8; 3],
        /// From the highest prize down; the last may be the losing one. Chances together make 2^32.
        pub prizes: [InstantPrize; 16],
    }
}

crate::layout! {$ instant_prize_layout:
    /// A row of an instant prize table.
    pub struct InstantPrize {
        /// Chance, in parts of 2^32.
        pub parts: u32,
        /// The prize in parts of 10,000 of the stake; 0 loses.
        pub multiplier_bps: u32,
    }
}

crate::layout! {$ prediction_rules_layout:
    /// Rules of kind `Prediction`, followed by `range_count` times `PredictionRange`. How facts become an outcome:
    /// `rules::prediction::Mapping`.
    pub struct PredictionRules {
        /// The oracle set whose reporters attest.
        pub oracles: Address,
        /// The sums that the mapping looks at lie within these, both included.
        pub minimum: i64,
        pub maximum: i64,
        /// Reporters attest this long after `locks_at`, or later: when the event is over.
        pub event_delay_seconds: u32,
        /// `rules::prediction::Mode`.
        pub mode: u8,
        /// 2 to 128.
        pub outcome_count: u8,
        /// `rules::prediction::MappingKind`.
        pub mapping: u8,
        /// Whole numbers in one attestation, 1 to 8.
        pub fact_count: u8,
        /// Bit `i`: fact `i` is part of the sum that is looked at.
        pub subject: u8,
        /// Mapping `Compare`: the sum that it is compared with.
        pub other: u8,
        /// Mapping `Compare`: the outcome when both are equal.
        pub tie: u8,
        /// M: so many equal attestations decide.
        pub quorum: u8,
        /// N: reporters in the oracle set.
        pub reporter_count: u8,
        pub range_count: u8,
        pub reserved: [u8; 2],
    }
}

crate::layout! {$ prediction_range_layout:
    /// Numbers from `low` to `high`, both included.
    pub struct PredictionRange {
        pub low: i64,
        pub high: i64,
    }
}

crate::layout! {$ raffle_rules_layout:
    /// Rules of kind `Raffle`.
    pub struct RaffleRules {
        /// Of the tree of those who may enter: `rules::raffle::merkle`; zero without a list.
        pub root: [u8; 32],
        /// C: places, or prizes.
        pub capacity: u32,
        /// W: ranks of the waiting list.
        pub waiting: u32,
        /// People on the list; 0: open to everyone, with weight 1.
        pub leaf_count: u32,
        /// Winners confirm within so many seconds; 0: they need not.
        pub confirm_seconds: u32,
        /// Part of the fee that an offer costs which nobody confirmed.
        pub penalty_bps: u16,
        /// Levels of the tree.
        pub depth: u8,
        /// `rules::raffle::Mode`.
        pub mode: u8,
        /// Prizes by rank; 0: places.
        pub prize_count: u8,
        pub reserved: [u8; 3],
        /// Prize of each rank, in parts of 10,000 of the pool after the fee.
        pub prizes_bps: [u16; 16],
    }
}
