//! The rules of a market as JSON carries them, the same in the api and in proofs.

use lottery_interface::{
    accounts::{PredictionRange, PredictionRules},
    address,
};
use lottery_rules::prediction::{MappingKind, Mode};
use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;

use super::Market;
use crate::text;

/// Players bet against each other on facts that oracles attest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarketRules {
    /// pro_rata: the smaller side is matched in full, the larger pro rata; parimutuel: the winners share what all others staked.
    #[cfg_attr(feature = "openapi", schema(example = "pro_rata"))]
    pub mode: String,
    /// Which outcome facts are.
    pub mapping: MarketMapping,
    /// In order.
    pub outcomes: Vec<MarketOutcome>,
    /// Reporters attest this long after the lock, or later.
    pub event_delay_seconds: u32,
    pub oracles: MarketOracles,
}

/// What can be bet on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarketOutcome {
    /// From 0.
    pub outcome: u8,
    #[cfg_attr(feature = "openapi", schema(example = "even"))]
    pub label: String,
}

/// Facts are whole numbers. Those of `subject` are summed; in a comparison also those of `other`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarketMapping {
    /// parity, ranges, exact, number or compare.
    #[cfg_attr(feature = "openapi", schema(example = "parity"))]
    pub kind: String,
    /// Facts of one attestation.
    pub fact_count: u8,
    /// Places of facts, from 0.
    pub subject: Vec<u8>,
    pub other: Vec<u8>,
    /// Comparison: the outcome when both are equal.
    pub tie: Option<u8>,
    /// The sums lie within these, both included.
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "1"))]
    pub minimum: i64,
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "69"))]
    pub maximum: i64,
    /// Ranges: one for each outcome; exact: the single number of each outcome but the last, which is every other number.
    pub ranges: Vec<MarketRange>,
}

/// Numbers from `low` to `high`, both included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarketRange {
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "1"))]
    pub low: i64,
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "34"))]
    pub high: i64,
}

/// Who attests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarketOracles {
    /// Of the oracle set, which nobody can change: it is the hash of the reporters.
    pub address: String,
    /// In the order of their indices; empty while the set is not known here.
    pub reporters: Vec<String>,
    /// So many equal attestations decide.
    pub quorum: u8,
    pub reporter_count: u8,
    /// So many reporters can together keep a round from being decided; then every stake comes back.
    pub blocking: u8,
}

/// The places of the bits that are set.
fn places(mask: u8) -> Vec<u8> {
    (0..8).filter(|place| mask >> place & 1 == 1).collect()
}

/// `None`: a place that no mask has.
fn mask(places: &[u8]) -> Option<u8> {
    places.iter().try_fold(0, |mask, place| Some(mask | 1u8.checked_shl((*place).into())?))
}

impl MarketRules {
    /// `reporters`: of the oracle set, base58, in order.
    pub fn new(market: &Market, reporters: Vec<String>) -> Self {
        let rules = &market.rules;
        let kind = market.mapping_kind();
        let label = |outcome| MarketOutcome { outcome, label: market.label(outcome) };
        Self {
            mode: market.mode().name().into(),
            mapping: MarketMapping {
                kind: kind.name().into(),
                fact_count: rules.fact_count,
                subject: places(rules.subject),
                other: places(rules.other),
                tie: (kind == MappingKind::Compare).then_some(rules.tie),
                minimum: rules.minimum,
                maximum: rules.maximum,
                ranges: market.ranges.iter().map(|r| MarketRange { low: r.low, high: r.high }).collect(),
            },
            outcomes: (0..rules.outcome_count).map(label).collect(),
            event_delay_seconds: rules.event_delay_seconds,
            oracles: MarketOracles {
                address: Pubkey::from(rules.oracles).to_string(),
                reporters,
                quorum: rules.quorum,
                reporter_count: rules.reporter_count,
                blocking: market.quorum().blocking(),
            },
        }
    }

    /// The market that these rules describe. `None`: no program would have accepted it.
    pub fn market(&self) -> Option<Market> {
        let mapping = &self.mapping;
        let kind =
            (0..=u8::MAX).filter_map(MappingKind::from_byte).find(|kind| kind.name() == mapping.kind)?;
        let mode = [Mode::ProRata, Mode::Parimutuel].into_iter().find(|mode| mode.name() == self.mode)?;
        let ranges: Vec<_> =
            mapping.ranges.iter().map(|r| PredictionRange { low: r.low, high: r.high }).collect();
        let rules = PredictionRules {
            oracles: self.oracles.address.parse::<Pubkey>().ok()?.to_bytes(),
            minimum: mapping.minimum,
            maximum: mapping.maximum,
            event_delay_seconds: self.event_delay_seconds,
            mode: mode as u8,
            outcome_count: u8::try_from(self.outcomes.len()).ok()?,
            mapping: kind as u8,
            fact_count: mapping.fact_count,
            subject: mask(&mapping.subject)?,
            other: mask(&mapping.other)?,
            tie: mapping.tie.unwrap_or(0),
            quorum: self.oracles.quorum,
            reporter_count: self.oracles.reporter_count,
            range_count: u8::try_from(ranges.len()).ok()?,
            reserved: [0; 2],
        };
        let market = Market { rules, ranges };
        market.is_valid().then_some(market)
    }

    /// The address that these reporters' oracle set has. `None`: one of them is no address.
    pub fn oracle_set(&self) -> Option<Pubkey> {
        let reporters: Result<Vec<Pubkey>, _> = self.oracles.reporters.iter().map(|r| r.parse()).collect();
        Some(address::oracle_set(&reporters.ok()?).0)
    }
}
