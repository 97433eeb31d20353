//! Random rules of prediction markets: every mapping, oracle sets of several sizes, every quorum that a set may have, and
//! one fault at a time.

use program_tests::accounts::{PredictionRange, PredictionRules};
use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    market::{COMPARE, EXACT, Market, NUMBER, PARITY, PRO_RATA, RANGES},
    reporters::OracleSet,
};

/// Rules for a market of this mode that the program accepts.
pub fn random_market(random: &mut ChaCha8Rng, mode: u8, sets: &[OracleSet]) -> Market {
    let set = sets.choose(random).expect("some");
    let reporters = set.reporters.len() as u8;
    let fact_count: u8 = random.random_range(1..=5);
    let all = (1u16 << fact_count) as u8;
    let mut market = Market {
        rules: PredictionRules {
            oracles: set.key.to_bytes(),
            minimum: -random.random_range(0..9),
            maximum: random.random_range(20..60),
            event_delay_seconds: *[0, 9, 15, 20, 30].choose(random).expect("five"),
            mode,
            outcome_count: 2,
            mapping: 0,
            fact_count,
            subject: random.random_range(1..all.max(2)),
            other: 0,
            tie: 0,
            quorum: random.random_range(reporters / 2 + 1..=reporters),
            reporter_count: reporters,
            range_count: 0,
            reserved: [0; 2],
        },
        ranges: Vec::new(),
    };
    let is_pair = mode == PRO_RATA;
    market.rules.mapping = *[PARITY, RANGES, EXACT, NUMBER, COMPARE].choose(random).expect("five");
    match market.rules.mapping {
        RANGES => ranges(random, &mut market, if is_pair { 2 } else { 7 }),
        EXACT => exact(random, &mut market, if is_pair { 1 } else { 5 }),
        NUMBER => {
            let outcomes = if is_pair { 2 } else { *[3, 5, 65, 128].choose(random).expect("four") };
            let rules = &mut market.rules;
            (rules.subject, rules.outcome_count) = (1, outcomes);
            rules.maximum = rules.minimum + outcomes as i64 - 1;
        }
        COMPARE if fact_count > 1 => {
            let rules = &mut market.rules;
            while rules.other == 0 || rules.other == rules.subject {
                rules.other = random.random_range(1..all);
            }
            rules.tie = random.random_range(0..if is_pair { 2 } else { 3 });
            rules.outcome_count += (rules.tie == 2) as u8;
        }
        _ => market.rules.mapping = PARITY,
    }
    market.rules.range_count = market.ranges.len() as u8;
    market
}

/// Up to so many ranges, one after the other.
fn ranges(random: &mut ChaCha8Rng, market: &mut Market, most: u8) {
    let rules = &mut market.rules;
    rules.outcome_count = random.random_range(2..=most);
    let mut low = rules.minimum;
    for left in (1..rules.outcome_count as i64).rev() {
        let high = random.random_range(low..=(rules.maximum - left).min(low + 9));
        market.ranges.push(PredictionRange { low, high });
        low = high + 1;
    }
    market.ranges.push(PredictionRange { low, high: rules.maximum });
}

/// Up to so many numbers, ascending; the last outcome is every other number.
fn exact(random: &mut ChaCha8Rng, market: &mut Market, most: u8) {
    let rules = &mut market.rules;
    let count = random.random_range(1..=most);
    rules.outcome_count = count + 1;
    let mut number = rules.minimum;
    for _ in 0..count {
        number += random.random_range(1..=4);
        market.ranges.push(PredictionRange { low: number, high: number });
    }
}

/// Breaks one thing.
pub fn with_fault(random: &mut ChaCha8Rng, mut market: Market) -> Market {
    let rules = &mut market.rules;
    match random.random_range(0..10) {
        0 => rules.quorum = rules.reporter_count / 2,
        1 => rules.quorum = rules.reporter_count + 1,
        // A set of another size.
        2 => {
            rules.reporter_count += 1;
            rules.quorum = rules.reporter_count;
        }
        3 if rules.mapping == COMPARE => rules.tie = if rules.tie == 2 { 1 } else { 2 },
        3 if rules.mapping == PARITY => rules.outcome_count += 1,
        3..8 if rules.mapping == EXACT && market.ranges.len() > 1 => market.ranges[1] = market.ranges[0],
        3..8 if rules.mapping == RANGES => market.ranges[1].low -= 1,
        // Some number that belongs to nothing.
        _ if [RANGES, NUMBER].contains(&rules.mapping) => rules.maximum += 1,
        _ => rules.quorum = 0,
    }
    market
}
