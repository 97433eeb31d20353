//! What may be written, section by section.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Multiple;

/// Addresses; the operator is whoever creates the lottery, and holds the others unless named.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    pub pauser: Option<String>,
    pub treasurer: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigSection {
    /// Price of a ticket, in whole tokens. Absent in house games: players choose.
    pub stake: Option<String>,
    /// `beacon`, `commit_reveal` or `oracle`.
    pub source: String,
    /// Beacon: `evmnet`, `local` or a chain's hash. Left out: `local` on a local chain, else `evmnet`.
    pub beacon: Option<String>,
    /// Beacon: the value is the first signed so long after lock; 30 unless written.
    pub margin_seconds: Option<u32>,
    pub fee_bps: u16,
    /// Commit-reveal needs it; a beacon's and an oracle set's is 24 hours unless written.
    pub grace_seconds: Option<u32>,
    pub grace_slots: Option<u32>,
    pub claim_seconds: u32,
    /// Commit-reveal only.
    pub reveal_delay_slots: Option<u32>,
    /// Commit-reveal only; 0 unless written.
    pub compensation_cap_bps: Option<u16>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsSection {
    /// House games: 5 unless written.
    pub period_seconds: Option<u32>,
    /// Rounds lock when unix time is so many seconds past a multiple of the period; left out, they follow each other.
    pub lock_offset_seconds: Option<u32>,
    /// A raffle with a list may leave these out.
    #[serde(default)]
    pub page_entries: u32,
    #[serde(default)]
    pub max_pages: u32,
    #[serde(default)]
    pub max_entries_per_round: u32,
    #[serde(default)]
    pub max_entries_per_player: u32,
    pub reward_step_lamports: u32,
    pub reward_item_lamports: u32,
    /// Where players choose their stake, in whole tokens.
    pub min_stake: Option<String>,
    pub max_stake: Option<String>,
    /// House games: what a page reserves from the bankroll.
    pub page_budget: Option<String>,
    /// House games: budgets of one round's pages together.
    pub max_liability: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawSection {
    pub picks: u8,
    pub numbers: u8,
    #[serde(default)]
    pub bonus_numbers: u8,
    #[serde(default)]
    pub rollover: bool,
    pub tiers: Vec<TierSection>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierSection {
    pub matches: u8,
    #[serde(default)]
    pub bonus: bool,
    pub share_bps: u16,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KenoSection {
    /// The exact RTP of every row lies in this band, both ends included.
    pub rtp_min_bps: u16,
    pub rtp_max_bps: u16,
    /// By spots, "1" to "10": what 0, 1, 2 ... matches pay, in stakes. A spot count left out is not offered.
    pub paytable: BTreeMap<String, Vec<Multiple>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstantSection {
    /// The exact RTP lies in this band, both ends included.
    pub rtp_min_bps: u16,
    pub rtp_max_bps: u16,
    /// From the highest prize down.
    pub prizes: Vec<PrizeSection>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrizeSection {
    pub parts: Parts,
    /// In stakes; 0 loses.
    pub pays: Multiple,
}

/// A chance in parts of 2^32.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "write a whole number of parts of 2^32, or \"rest\"")]
pub enum Parts {
    Number(i64),
    /// `rest`: what the other rows leave.
    Word(String),
}

/// What players bet on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketSection {
    /// `pro_rata` or `parimutuel`.
    pub mode: String,
    /// `parity`, `ranges`, `exact`, `number` or `compare`.
    pub mapping: String,
    /// Whole numbers that reporters attest, 1 to 8.
    pub facts: u8,
    /// Facts that are summed, by their place from 0. With one fact: that one, unless written.
    pub subject: Option<Vec<u8>>,
    /// `compare`: the sum that it is compared with.
    pub other: Option<Vec<u8>>,
    /// `compare`: what equal sums are, `equal` unless written.
    pub tie: Option<String>,
    /// The sums lie within these, both included.
    pub minimum: i64,
    pub maximum: i64,
    /// `ranges`: low and high of each outcome, both included.
    pub ranges: Option<Vec<[i64; 2]>>,
    /// `exact`: each is an outcome; all others together are the last.
    pub numbers: Option<Vec<i64>>,
    /// From the lock until the event is over: nothing is attested before.
    pub event_delay_seconds: u32,
}

/// Many people, few places.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaffleSection {
    /// Places; with `prizes_bps` as many as prizes.
    pub capacity: Option<u32>,
    /// Ranks of the waiting list.
    #[serde(default)]
    pub waiting: u32,
    /// `weighted`, unless written, or `first_come`.
    pub mode: Option<String>,
    /// Winners confirm within so many seconds; left out, they need not.
    #[serde(default)]
    pub confirm_seconds: u32,
    /// Part of the fee that an offer costs which nobody confirmed.
    #[serde(default)]
    pub penalty_bps: u16,
    /// Who may enter, as `lottery raffle prepare` wrote it; beside this file. Left out: everybody, with weight 1.
    pub list: Option<String>,
    /// Instead of places: prizes by rank, in parts of 10,000 of the pool after the fee.
    pub prizes_bps: Option<Vec<u16>>,
}

/// Who attests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OraclesSection {
    /// Addresses, 1 to 16.
    pub reporters: Vec<String>,
    /// So many equal attestations decide: more than half.
    pub quorum: u8,
}

/// The operator's hash chain.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainSection {
    /// Rounds that it lasts for.
    pub length: u32,
}

/// What the operator pays in at creation, in whole SOL and whole tokens.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FundSection {
    pub crank_sol: Option<String>,
    pub bond: Option<String>,
    pub jackpot: Option<String>,
    /// House games: what prizes are paid from.
    pub bankroll: Option<String>,
}
