//! A prediction market as its config describes it: what its outcomes are called, which one facts are, and what each would pay.

mod rules;

pub use rules::{MarketMapping, MarketOracles, MarketOutcome, MarketRange, MarketRules};

use bytemuck::{bytes_of, pod_read_unaligned};
use lottery_interface::{
    Kind,
    accounts::{Config, PredictionRange, PredictionRules},
};
use lottery_rules::prediction::{Facts, FactsError, Mapping, MappingKind, Mode, Quorum, Range, Split, split};

use crate::Fetched;

/// The rules of a market, known to be valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
    pub rules: PredictionRules,
    /// Of mappings `Ranges` and `Exact`, in order.
    pub ranges: Vec<PredictionRange>,
}

/// What one unit on an outcome gets back, its stake included, as an exact fraction. It is at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odds {
    /// What all stakes on the outcome get back together, but for rounding.
    pub payout_units: u64,
    /// All stakes on the outcome; never 0.
    pub stake_units: u64,
}

impl Odds {
    /// The fraction as a number, for people.
    pub fn decimal(&self) -> f64 {
        self.payout_units as f64 / self.stake_units as f64
    }
}

impl Market {
    /// The market of a config, when it is one.
    pub fn of(config: &Fetched<Config>) -> Option<Self> {
        (config.kind == Kind::Prediction as u8).then(|| Self::from_tail(config.tail())).flatten()
    }

    /// Reads the rules and ranges that follow a config. `None`: they are cut off, or no program would have accepted them.
    pub fn from_tail(bytes: &[u8]) -> Option<Self> {
        let (header, tail) = bytes.split_at_checked(size_of::<PredictionRules>())?;
        let rules: PredictionRules = pod_read_unaligned(header);
        let tail = tail.get(..usize::from(rules.range_count) * size_of::<PredictionRange>())?;
        let ranges = tail.chunks_exact(size_of::<PredictionRange>()).map(pod_read_unaligned).collect();
        let market = Self { rules, ranges };
        market.is_valid().then_some(market)
    }

    fn is_valid(&self) -> bool {
        MappingKind::from_byte(self.rules.mapping).is_some()
            && Mode::from_byte(self.rules.mode).is_some_and(|mode| mode.allows(self.rules.outcome_count))
            && self.quorum().validate().is_ok()
            && self.with_mapping(|mapping| mapping.validate().is_ok())
    }

    /// The bytes that follow a config.
    pub fn to_bytes(&self) -> Vec<u8> {
        let ranges = self.ranges.iter().flat_map(bytes_of);
        bytes_of(&self.rules).iter().chain(ranges).copied().collect()
    }

    /// The mapping as [`lottery_rules`] reads it.
    pub fn with_mapping<T>(&self, read: impl FnOnce(&Mapping) -> T) -> T {
        let rules = &self.rules;
        let ranges: Vec<Range> =
            self.ranges.iter().map(|range| Range { low: range.low, high: range.high }).collect();
        read(&Mapping {
            kind: self.mapping_kind(),
            outcomes: rules.outcome_count,
            fact_count: rules.fact_count,
            subject: rules.subject,
            other: rules.other,
            tie: rules.tie,
            minimum: rules.minimum,
            maximum: rules.maximum,
            ranges: &ranges,
        })
    }

    pub fn mapping_kind(&self) -> MappingKind {
        MappingKind::from_byte(self.rules.mapping).unwrap_or(MappingKind::Parity)
    }

    pub fn mode(&self) -> Mode {
        Mode::from_byte(self.rules.mode).unwrap_or(Mode::Parimutuel)
    }

    pub fn quorum(&self) -> Quorum {
        Quorum { reporters: self.rules.reporter_count, needed: self.rules.quorum }
    }

    /// Which outcome facts are.
    pub fn outcome(&self, facts: &Facts) -> Result<u8, FactsError> {
        self.with_mapping(|mapping| mapping.outcome(facts))
    }

    /// What an outcome is called. Names of one market differ.
    pub fn label(&self, outcome: u8) -> String {
        let place = usize::from(outcome);
        let names = |names: &[&str]| names.get(place).map_or_else(|| outcome.to_string(), |n| n.to_string());
        match self.mapping_kind() {
            MappingKind::Parity => names(&["even", "odd"]),
            MappingKind::Compare => match self.rules.tie {
                0 => names(&["greater or equal", "less"]),
                1 => names(&["greater", "less or equal"]),
                _ => names(&["greater", "less", "equal"]),
            },
            MappingKind::Number => (i128::from(self.rules.minimum) + i128::from(outcome)).to_string(),
            MappingKind::Ranges | MappingKind::Exact => match self.ranges.get(place) {
                Some(range) if range.low == range.high => range.low.to_string(),
                Some(range) if range.low < 0 => format!("{} to {}", range.low, range.high),
                Some(range) => format!("{}-{}", range.low, range.high),
                None => "other".into(),
            },
        }
    }

    /// The names of all outcomes, in order.
    pub fn labels(&self) -> Vec<String> {
        (0..self.rules.outcome_count).map(|outcome| self.label(outcome)).collect()
    }

    /// The outcome that a person means: its name in any case, or its number after `#`. A number alone is the outcome's own only
    /// where no outcome is called by a number: who says 7 where 7 can come means what comes.
    pub fn outcome_of(&self, text: &str) -> Option<u8> {
        let text = text.trim();
        let labels = self.labels();
        if let Some(place) = labels.iter().position(|label| label.eq_ignore_ascii_case(text)) {
            return u8::try_from(place).ok();
        }
        let has_numbers = labels.iter().any(|label| label.parse::<i128>().is_ok());
        let number = match text.strip_prefix('#') {
            Some(number) => number,
            None if has_numbers => return None,
            None => text,
        };
        number.parse().ok().filter(|outcome| *outcome < self.rules.outcome_count)
    }

    /// What one unit on each outcome gets back if it comes true with these stakes: 1 where nobody bet against it, since then
    /// all is refunded, and `None` where nobody bet on it, or the pools together are no possible market.
    pub fn odds(&self, pools: &[u64], fee_bps: u16) -> Vec<Option<Odds>> {
        let pool = pools.iter().try_fold(0u64, |sum, pool| sum.checked_add(*pool));
        let odds = |winning: u64| {
            let payout_units = match split(self.mode(), pool?, winning, fee_bps)? {
                Split::RefundAll if winning == 0 => return None,
                Split::RefundAll => winning,
                Split::Matched { matched, fee } => winning.checked_add(matched.checked_sub(fee)?)?,
            };
            Some(Odds { payout_units, stake_units: winning })
        };
        pools.iter().map(|winning| odds(*winning)).collect()
    }
}
