//! Which outcome facts are: data in the config, so that reporters attest what happened and never who won.

use core::{cmp::Ordering, fmt};

use super::{Facts, MAX_OUTCOMES};

/// Whole numbers in one attestation.
pub const MAX_FACTS: usize = 8;
/// Ranges of one mapping at most.
pub const MAX_RANGES: usize = 24;

/// How a mapping reads its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MappingKind {
    /// 0: even, 1: odd.
    Parity = 1,
    /// Outcome `i` is range `i`; the ranges cover everything from minimum to maximum, in order.
    Ranges = 2,
    /// Outcome `i` is the single number of range `i`; the last outcome is every other number.
    Exact = 3,
    /// Every number from minimum to maximum is an outcome of its own.
    Number = 4,
    /// 0: the subject is greater than the other, 1: less; equal is outcome `tie`, which may be 0, 1 or a third.
    Compare = 5,
}

impl MappingKind {
    /// The kind stored as `byte`.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Parity),
            2 => Some(Self::Ranges),
            3 => Some(Self::Exact),
            4 => Some(Self::Number),
            5 => Some(Self::Compare),
            _ => None,
        }
    }

    /// The name used in SQL, JSON and TOML.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parity => "parity",
            Self::Ranges => "ranges",
            Self::Exact => "exact",
            Self::Number => "number",
            Self::Compare => "compare",
        }
    }
}

/// Numbers from `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The least.
    pub low: i64,
    /// The greatest.
    pub high: i64,
}

/// A mapping as a config holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping<'a> {
    /// How the number is read.
    pub kind: MappingKind,
    /// Outcomes, 2 to 128.
    pub outcomes: u8,
    /// Facts that reporters attest, 1 to 8.
    pub fact_count: u8,
    /// Bit `i`: fact `i` is part of the sum that is looked at.
    pub subject: u8,
    /// `Compare`: the sum that it is compared with; otherwise 0.
    pub other: u8,
    /// `Compare`: the outcome of equal sums; otherwise 0.
    pub tie: u8,
    /// The sums lie within these, both included; facts whose sum does not are refused.
    pub minimum: i64,
    /// See `minimum`.
    pub maximum: i64,
    /// `Ranges` and `Exact` only.
    pub ranges: &'a [Range],
}

/// Why a mapping is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MappingError {
    /// Some number belongs to no outcome.
    Gap,
    /// Some number belongs to two outcomes, or the ranges are not in order.
    Overlap,
    /// Counts, facts or bounds that contradict each other, or an outcome that no number belongs to.
    Invalid,
}

impl MappingError {
    /// One sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Gap => "the mapping has a gap: some number belongs to no outcome",
            Self::Overlap => "the mapping overlaps or is out of order: some number belongs to two outcomes",
            Self::Invalid => "the mapping's outcomes, facts or bounds contradict each other",
        }
    }
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for MappingError {}

/// Why facts are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactsError {
    /// A sum is not between minimum and maximum.
    OutOfRange,
    /// A fact beyond the market's count is not 0.
    TooMany,
}

impl FactsError {
    /// One sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            Self::OutOfRange => "a fact is outside the range that the market was made for",
            Self::TooMany => "there are more facts than the market asks for",
        }
    }
}

impl fmt::Display for FactsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for FactsError {}

impl Mapping<'_> {
    /// Every number from minimum to maximum belongs to exactly one outcome, and to every outcome belongs some number. In a
    /// comparison the same holds for pairs of sums.
    pub fn validate(&self) -> Result<(), MappingError> {
        let is_compare = matches!(self.kind, MappingKind::Compare);
        let has_ranges = matches!(self.kind, MappingKind::Ranges | MappingKind::Exact);
        let known = 1u16.checked_shl(self.fact_count as u32).unwrap_or(0);
        let is_mask = |mask: u8| mask != 0 && (mask as u16) < known;
        if !(2..=MAX_OUTCOMES).contains(&self.outcomes)
            || !(1..=MAX_FACTS as u8).contains(&self.fact_count)
            || !is_mask(self.subject)
            || self.minimum >= self.maximum
            // A sum compared with itself is always equal.
            || (is_compare && (!is_mask(self.other) || self.other == self.subject))
            || (!is_compare && (self.other != 0 || self.tie != 0))
            || (!has_ranges && !self.ranges.is_empty())
            || self.ranges.len() > MAX_RANGES
        {
            return Err(MappingError::Invalid);
        }
        match self.kind {
            MappingKind::Parity if self.outcomes == 2 => Ok(()),
            MappingKind::Compare if self.outcomes == 2 && self.tie < 2 => Ok(()),
            MappingKind::Compare if self.outcomes == 3 && self.tie == 2 => Ok(()),
            MappingKind::Parity | MappingKind::Compare => Err(MappingError::Invalid),
            MappingKind::Ranges => self.validate_ranges(),
            MappingKind::Exact => self.validate_exact(),
            MappingKind::Number => {
                let numbers = self.maximum.abs_diff(self.minimum);
                match numbers.cmp(&(self.outcomes as u64 - 1)) {
                    Ordering::Equal => Ok(()),
                    Ordering::Greater => Err(MappingError::Gap),
                    Ordering::Less => Err(MappingError::Invalid),
                }
            }
        }
    }

    fn validate_ranges(&self) -> Result<(), MappingError> {
        if self.ranges.len() != self.outcomes as usize {
            return Err(MappingError::Invalid);
        }
        self.validate_order()?;
        // The least number that no range has covered yet; `None` past the greatest i64.
        let mut next = Some(self.minimum);
        for range in self.ranges {
            if next != Some(range.low) {
                return Err(MappingError::Gap);
            }
            next = range.high.checked_add(1);
        }
        if next == self.maximum.checked_add(1) { Ok(()) } else { Err(MappingError::Gap) }
    }

    fn validate_exact(&self) -> Result<(), MappingError> {
        if self.ranges.len() + 1 != self.outcomes as usize
            || self.ranges.iter().any(|range| range.low != range.high)
        {
            return Err(MappingError::Invalid);
        }
        self.validate_order()?;
        // Some number must be left for the last outcome.
        if self.maximum.abs_diff(self.minimum) < self.ranges.len() as u64 {
            return Err(MappingError::Invalid);
        }
        Ok(())
    }

    /// No range is empty or out of bounds, and each begins after the one before it has ended.
    fn validate_order(&self) -> Result<(), MappingError> {
        let is_inside = |range: &Range| {
            self.minimum <= range.low && range.low <= range.high && range.high <= self.maximum
        };
        if !self.ranges.iter().all(is_inside) {
            return Err(MappingError::Invalid);
        }
        let mut pairs = self.ranges.iter().zip(self.ranges.iter().skip(1));
        if pairs.all(|(before, after)| before.high < after.low) { Ok(()) } else { Err(MappingError::Overlap) }
    }

    /// The sum of the facts in `mask`.
    fn sum(&self, facts: &Facts, mask: u8) -> Result<i64, FactsError> {
        // The sum is `low + wraps * 2^64`, so that the order of the facts does not matter at the ends of i64.
        let (mut low, mut wraps) = (0i64, 0i64);
        for (i, fact) in facts.iter().enumerate() {
            if mask >> i & 1 == 1 {
                let (next, wrapped) = low.overflowing_add(*fact);
                low = next;
                if wrapped {
                    wraps += fact.signum();
                }
            }
        }
        if wraps != 0 || low < self.minimum || low > self.maximum {
            return Err(FactsError::OutOfRange);
        }
        Ok(low)
    }

    /// The outcome, from 0, that `facts` are. The mapping must be valid.
    pub fn outcome(&self, facts: &Facts) -> Result<u8, FactsError> {
        if facts.iter().skip(self.fact_count as usize).any(|fact| *fact != 0) {
            return Err(FactsError::TooMany);
        }
        let subject = self.sum(facts, self.subject)?;
        let outcome = match self.kind {
            MappingKind::Parity => (subject & 1) as usize,
            MappingKind::Number => subject.abs_diff(self.minimum) as usize,
            MappingKind::Ranges | MappingKind::Exact => {
                // They ascend: only the first that does not end before it can hold it.
                let at = self.ranges.partition_point(|range| range.high < subject);
                let is_inside = self.ranges.get(at).is_some_and(|range| range.low <= subject);
                if is_inside { at } else { self.ranges.len() }
            }
            MappingKind::Compare => match subject.cmp(&self.sum(facts, self.other)?) {
                Ordering::Greater => 0,
                Ordering::Less => 1,
                Ordering::Equal => self.tie as usize,
            },
        };
        // A valid mapping has an outcome for every number within its bounds.
        if outcome < self.outcomes as usize { Ok(outcome as u8) } else { Err(FactsError::OutOfRange) }
    }
}
