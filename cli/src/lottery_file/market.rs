//! `[market]` and `[oracles]`: which facts are attested, by whom, and which outcome they are. What the program would refuse is
//! said by the name in the file, with what to write instead.

use std::collections::BTreeSet;

use anyhow::{Context, bail, ensure};
use lottery_client::Pubkey;
use lottery_interface::{
    accounts::{PredictionRange, PredictionRules},
    address,
};
use lottery_rules::prediction::{
    MAX_FACTS, MAX_OUTCOMES, MAX_RANGES, MAX_REPORTERS, Mapping, MappingKind, Mode, Quorum, Range,
};

use super::{MarketSection, OraclesSection};
use crate::keys;

/// An event may be over so long after its round locks, at most: 30 days.
const MOST_DELAY_SECONDS: u32 = 30 * 86_400;

/// Who attests, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Oracles {
    pub reporters: Vec<Pubkey>,
    pub quorum: Quorum,
}

impl OraclesSection {
    pub(super) fn read(&self) -> anyhow::Result<Oracles> {
        let count = self.reporters.len();
        ensure!(
            (1..=MAX_REPORTERS).contains(&count),
            "InvalidOracleSet: oracles.reporters: name 1 to {MAX_REPORTERS} addresses, this has {count}"
        );
        let mut reporters = BTreeSet::new();
        for text in &self.reporters {
            let reporter = keys::parse_address("oracles.reporters", text)?;
            ensure!(
                reporter != Pubkey::default(),
                "InvalidOracleSet: oracles.reporters: {text} is nobody's address"
            );
            ensure!(
                reporters.insert(reporter),
                "InvalidOracleSet: oracles.reporters: {text} is named twice; each reporter has one voice"
            );
        }
        let quorum = Quorum { reporters: count as u8, needed: self.quorum };
        let least = count / 2 + 1;
        quorum.validate().map_err(|error| {
            anyhow::anyhow!(
                "InvalidQuorum: oracles.quorum: {} of {count}: {error}; write {least} to {count}",
                self.quorum
            )
        })?;
        Ok(Oracles { reporters: reporters.into_iter().collect(), quorum })
    }
}

/// What a mapping is made of, beside the facts.
struct Parts {
    outcomes: u8,
    other: u8,
    tie: u8,
    ranges: Vec<Range>,
}

impl Parts {
    fn of(outcomes: u8, ranges: Vec<Range>) -> Self {
        Self { outcomes, other: 0, tie: 0, ranges }
    }
}

impl MarketSection {
    /// The rules with their ranges, as the program takes them.
    pub(super) fn rules(&self, oracles: &Oracles) -> anyhow::Result<Vec<u8>> {
        let mode = [Mode::ProRata, Mode::Parimutuel].into_iter().find(|mode| mode.name() == self.mode);
        let mode = mode.with_context(|| {
            format!("market.mode: {:?} is unknown; use pro_rata or parimutuel", self.mode)
        })?;
        let kind = (0..=u8::MAX).filter_map(MappingKind::from_byte).find(|kind| kind.name() == self.mapping);
        let kind = kind.with_context(|| {
            format!(
                "market.mapping: {:?} is unknown; use parity, ranges, exact, number or compare",
                self.mapping
            )
        })?;
        let facts = usize::from(self.facts);
        ensure!(
            (1..=MAX_FACTS).contains(&facts),
            "market.facts: 1 to {MAX_FACTS} whole numbers, this is {facts}"
        );
        ensure!(
            self.event_delay_seconds <= MOST_DELAY_SECONDS,
            "market.event_delay_seconds: at most {MOST_DELAY_SECONDS} (30 days), this is {}",
            self.event_delay_seconds
        );
        self.check_names(kind)?;
        let (minimum, maximum) = (self.minimum, self.maximum);
        ensure!(
            minimum < maximum,
            "InvalidMapping: market.maximum: {maximum} is not above market.minimum, {minimum}"
        );
        let subject = match &self.subject {
            None if facts == 1 => 1,
            None => bail!("market.subject: say which of the {facts} facts are summed, for example [0]"),
            Some(subject) => self.mask("subject", subject)?,
        };
        let parts = match kind {
            MappingKind::Parity => Parts::of(2, Vec::new()),
            MappingKind::Ranges => self.ranges()?,
            MappingKind::Exact => self.exact()?,
            MappingKind::Number => self.number()?,
            MappingKind::Compare => self.compare(subject)?,
        };
        let mapping = Mapping {
            kind,
            outcomes: parts.outcomes,
            fact_count: self.facts,
            subject,
            other: parts.other,
            tie: parts.tie,
            minimum,
            maximum,
            ranges: &parts.ranges,
        };
        // Nothing is left to find here; the program asks the same.
        mapping.validate().map_err(|error| anyhow::anyhow!("market: {error}"))?;
        ensure!(
            mode.allows(mapping.outcomes),
            "InvalidRules: market.mode: pro_rata matches two sides, and this mapping has {} outcomes; use parimutuel",
            mapping.outcomes
        );
        Ok(self.bytes(mode, &mapping, oracles))
    }

    fn bytes(&self, mode: Mode, mapping: &Mapping, oracles: &Oracles) -> Vec<u8> {
        let rules = PredictionRules {
            oracles: address::oracle_set(&oracles.reporters).0.to_bytes(),
            minimum: mapping.minimum,
            maximum: mapping.maximum,
            event_delay_seconds: self.event_delay_seconds,
            mode: mode as u8,
            outcome_count: mapping.outcomes,
            mapping: mapping.kind as u8,
            fact_count: mapping.fact_count,
            subject: mapping.subject,
            other: mapping.other,
            tie: mapping.tie,
            quorum: oracles.quorum.needed,
            reporter_count: oracles.quorum.reporters,
            range_count: mapping.ranges.len() as u8,
            reserved: [0; 2],
        };
        let mut bytes = bytemuck::bytes_of(&rules).to_vec();
        for range in mapping.ranges {
            bytes.extend(bytemuck::bytes_of(&PredictionRange { low: range.low, high: range.high }));
        }
        bytes
    }

    /// Each mapping has its own lines; a line that has no meaning is refused.
    fn check_names(&self, kind: MappingKind) -> anyhow::Result<()> {
        let lines = [
            ("ranges", self.ranges.is_some(), MappingKind::Ranges, true),
            ("numbers", self.numbers.is_some(), MappingKind::Exact, true),
            ("other", self.other.is_some(), MappingKind::Compare, true),
            ("tie", self.tie.is_some(), MappingKind::Compare, false),
        ];
        for (name, is_there, of, is_needed) in lines {
            match is_there {
                true if of != kind => {
                    bail!(
                        "market.{name}: only mapping {:?} has it; leave it out for {:?}",
                        of.name(),
                        kind.name()
                    )
                }
                false if of == kind && is_needed => {
                    bail!("market.{name}: mapping {:?} needs it", kind.name())
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Facts by their place, from 0, as bits.
    fn mask(&self, name: &str, places: &[u8]) -> anyhow::Result<u8> {
        ensure!(!places.is_empty(), "market.{name}: name at least one fact, for example [0]");
        let mut mask = 0u8;
        for place in places {
            ensure!(
                *place < self.facts,
                "market.{name}: there is no fact {place}; the facts are 0 to {}",
                self.facts - 1
            );
            ensure!(mask >> place & 1 == 0, "market.{name}: fact {place} is named twice");
            mask |= 1 << place;
        }
        Ok(mask)
    }

    fn ranges(&self) -> anyhow::Result<Parts> {
        let ranges = self.ranges.as_deref().unwrap_or_default();
        let count = ranges.len();
        ensure!(
            (2..=MAX_RANGES).contains(&count),
            "market.ranges: 2 to {MAX_RANGES} ranges, one for each outcome; this has {count}"
        );
        let (minimum, maximum) = (self.minimum, self.maximum);
        for [low, high] in ranges {
            ensure!(low <= high, "InvalidMapping: market.ranges: [{low}, {high}] ends before it begins");
            ensure!(
                minimum <= *low && *high <= maximum,
                "InvalidMapping: market.ranges: [{low}, {high}] is not within market.minimum and market.maximum, \
                 {minimum} and {maximum}"
            );
        }
        for pair in ranges.windows(2) {
            let ([low, high], [next_low, next_high]) = (pair[0], pair[1]);
            ensure!(
                high < next_low,
                "MappingOverlap: market.ranges: [{next_low}, {next_high}] begins before [{low}, {high}] has ended; \
                 write them in order, each number once"
            );
        }
        // In order and within the bounds: what is between them belongs to none.
        let span = |low: i64, high: i64| {
            if low == high { format!("{low} belongs") } else { format!("{low} to {high} belong") }
        };
        let mut next = minimum;
        for [low, high] in ranges {
            ensure!(
                *low == next,
                "MappingGap: market.ranges: {} to no outcome; let [{low}, {high}] begin at {next}",
                span(next, low.saturating_sub(1))
            );
            next = high.saturating_add(1);
        }
        let end = ranges.last().map_or(minimum, |[_, high]| *high);
        ensure!(
            end == maximum,
            "MappingGap: market.ranges: {} to no outcome; let the last range end at market.maximum, {maximum}",
            span(next, maximum)
        );
        Ok(Parts::of(
            count as u8,
            ranges.iter().map(|[low, high]| Range { low: *low, high: *high }).collect(),
        ))
    }

    fn exact(&self) -> anyhow::Result<Parts> {
        let numbers = self.numbers.as_deref().unwrap_or_default();
        let count = numbers.len();
        ensure!(
            (1..=MAX_RANGES).contains(&count),
            "market.numbers: 1 to {MAX_RANGES} numbers; every other number is one more outcome. This has {count}"
        );
        for pair in numbers.windows(2) {
            ensure!(pair[0] != pair[1], "MappingOverlap: market.numbers: {} is named twice", pair[0]);
            ensure!(
                pair[0] < pair[1],
                "market.numbers: write them ascending, {} before {}",
                pair[1],
                pair[0]
            );
        }
        for number in numbers {
            ensure!(
                (self.minimum..=self.maximum).contains(number),
                "InvalidMapping: market.numbers: {number} is not within {} to {}, and can never come",
                self.minimum,
                self.maximum
            );
        }
        ensure!(
            self.maximum.abs_diff(self.minimum) >= count as u64,
            "InvalidMapping: market.numbers: no number is left for the outcome \"other\"; use mapping \"number\""
        );
        Ok(Parts::of(count as u8 + 1, numbers.iter().map(|n| Range { low: *n, high: *n }).collect()))
    }

    fn number(&self) -> anyhow::Result<Parts> {
        let count = u128::from(self.maximum.abs_diff(self.minimum)) + 1;
        let outcomes = u8::try_from(count).ok().filter(|count| *count <= MAX_OUTCOMES);
        let outcomes = outcomes.with_context(|| {
            format!(
                "market.maximum: {} to {} are {count} outcomes, and a market has 2 to {MAX_OUTCOMES}; use mapping \"ranges\"",
                self.minimum, self.maximum
            )
        })?;
        Ok(Parts::of(outcomes, Vec::new()))
    }

    fn compare(&self, subject: u8) -> anyhow::Result<Parts> {
        let other = self.mask("other", self.other.as_deref().unwrap_or_default())?;
        ensure!(
            other != subject,
            "InvalidMapping: market.other: is the same sum as market.subject, and always equal to it"
        );
        let tie = match self.tie.as_deref() {
            Some("greater") => 0,
            Some("less") => 1,
            None | Some("equal") => 2,
            Some(word) => bail!(
                "market.tie: {word:?} is unknown; equal sums are \"equal\", an outcome of their own, or count as \"greater\" or \"less\""
            ),
        };
        Ok(Parts { outcomes: if tie == 2 { 3 } else { 2 }, other, tie, ranges: Vec::new() })
    }
}
