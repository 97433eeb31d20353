//! Which outcome facts are, against a reading of every mapping that counts instead of calculating.

mod common;
#[path = "prediction_mapping/naive.rs"]
mod naive;

use std::collections::BTreeMap;

use common::stream;
use lottery_rules::hash::Software;
use lottery_rules::prediction::{
    Facts, FactsError, MAX_FACTS, MAX_RANGES, Mapping, MappingError, MappingKind, Range,
};
use lottery_rules::seed::Stream;
use naive::{deserves, read};
use proptest::prelude::*;

const KINDS: [MappingKind; 5] =
    [MappingKind::Parity, MappingKind::Ranges, MappingKind::Exact, MappingKind::Number, MappingKind::Compare];

fn range(low: i64, high: i64) -> Range {
    Range { low, high }
}

/// A mapping of one fact from `minimum` to `maximum`.
fn mapping(kind: MappingKind, outcomes: u8, minimum: i64, maximum: i64, ranges: &[Range]) -> Mapping<'_> {
    Mapping { kind, outcomes, fact_count: 1, subject: 1, other: 0, tie: 0, minimum, maximum, ranges }
}

/// Two facts, the first compared with the second.
fn compare(outcomes: u8, tie: u8, minimum: i64, maximum: i64) -> Mapping<'static> {
    let plain = mapping(MappingKind::Compare, outcomes, minimum, maximum, &[]);
    Mapping { fact_count: 2, other: 2, tie, ..plain }
}

fn facts(first: &[i64]) -> Facts {
    let mut facts = [0; MAX_FACTS];
    facts[..first.len()].copy_from_slice(first);
    facts
}

fn below(random: &mut Stream<Software>, n: u64) -> i64 {
    random.below_u64(n) as i64
}

/// Ranges that cover a small domain, then perhaps spoilt in one place.
fn random_ranges(random: &mut Stream<Software>, minimum: i64, maximum: i64) -> Vec<Range> {
    let is_exact = random.below_u64(2) == 0;
    let mut ranges = Vec::new();
    let mut low = minimum;
    while low <= maximum {
        let high = if is_exact { low } else { (low + below(random, 4)).min(maximum) };
        if !is_exact || random.below_u64(2) == 0 {
            ranges.push(range(low, high));
        }
        low = high + 1;
    }
    if !ranges.is_empty() {
        let at = random.below_u64(ranges.len() as u64) as usize;
        let to = random.below_u64(ranges.len() as u64) as usize;
        match random.below_u64(16) {
            0 => drop(ranges.remove(at)),
            1 => ranges.swap(at, to),
            2 => ranges[at].low += below(random, 3) - 1,
            3 => ranges[at].high += below(random, 3) - 1,
            4 => ranges.push(ranges[at]),
            5 => ranges.insert(at, range(below(random, 20) - 10, below(random, 20) - 10)),
            _ => {}
        }
    }
    ranges
}

/// A mapping of up to two facts and a few numbers, sound in most of its fields.
fn random_mapping<'a>(random: &mut Stream<Software>, ranges: &'a mut Vec<Range>) -> Mapping<'a> {
    let kind = KINDS[random.below_u64(5) as usize];
    let minimum = below(random, 13) - 8;
    let maximum = minimum + below(random, 10) - random.below_u64(12).saturating_sub(10) as i64;
    *ranges = random_ranges(random, minimum, maximum);
    if !matches!(kind, MappingKind::Ranges | MappingKind::Exact) && random.below_u64(20) != 0 {
        ranges.clear();
    }
    let numbers = (maximum - minimum + 1) as u8;
    let (ranged, near) = (ranges.len() as u8, below(random, 3) as u8);
    let is_compare = kind == MappingKind::Compare;
    let fact_count = if random.below_u64(30) == 0 { below(random, 4) as u8 } else { 2 };
    let subject = if random.below_u64(20) == 0 { below(random, 5) as u8 } else { 1 + below(random, 3) as u8 };
    let other = if is_compare || random.below_u64(20) == 0 { below(random, 4) as u8 } else { 0 };
    let mut outcomes = match kind {
        MappingKind::Parity => 2,
        MappingKind::Ranges => ranged,
        MappingKind::Exact => ranged + 1,
        MappingKind::Number => numbers,
        MappingKind::Compare => 2 + below(random, 2) as u8,
    };
    if random.below_u64(6) == 0 {
        outcomes = outcomes.wrapping_add(near).wrapping_sub(1);
    }
    let tie = match (is_compare, outcomes) {
        (true, 3) if random.below_u64(4) != 0 => 2,
        (true, _) => below(random, 3) as u8,
        _ => (random.below_u64(30) == 0) as u8,
    };
    Mapping { kind, outcomes, fact_count, subject, other, tie, minimum, maximum, ranges }
}

/// Random mappings of small domains are accepted, or refused by name, exactly as counting says; and what is accepted reads
/// every pair of facts around its domain as counting does.
#[test]
fn mappings_are_judged_and_read_by_their_definition() {
    let mut random = stream(9);
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut ranges = Vec::new();
    for _ in 0..200_000 {
        let mapping = random_mapping(&mut random, &mut ranges);
        let expected = deserves(&mapping);
        assert_eq!(mapping.validate(), expected, "{mapping:?}");
        *seen.entry(format!("{} {expected:?}", mapping.kind.name())).or_default() += 1;
        if expected.is_err() {
            continue;
        }
        // Any two facts near the bounds, most of them within.
        for _ in 0..8 {
            let near = |random: &mut Stream<Software>| mapping.minimum - 3 + below(random, 14);
            let facts = facts(&[near(&mut random), near(&mut random)]);
            let outcome = mapping.outcome(&facts);
            assert_eq!(outcome, read(&mapping, &facts), "{mapping:?} {facts:?}");
            *seen.entry(format!("{} {:?}", mapping.kind.name(), outcome.map(|_| ()))).or_default() += 1;
        }
    }
    println!("{seen:#?}");
    let often = |key: &str| seen.get(key).copied().unwrap_or(0) >= 100;
    for kind in KINDS.map(MappingKind::name) {
        let is_ranged = kind == "ranges" || kind == "exact";
        for verdict in ["Ok(())", "Err(Invalid)", "Err(OutOfRange)"] {
            assert!(often(&format!("{kind} {verdict}")), "{kind} {verdict}");
        }
        assert_eq!(often(&format!("{kind} Err(Overlap)")), is_ranged, "{kind}");
        assert_eq!(often(&format!("{kind} Err(Gap)")), kind == "ranges" || kind == "number", "{kind}");
    }
}

/// Each refusal in its plainest form.
#[test]
fn faults_have_names() {
    use MappingError::{Gap, Invalid, Overlap};
    let ranges =
        |ranges: &[Range]| mapping(MappingKind::Ranges, ranges.len() as u8, 1, 10, ranges).validate();
    assert_eq!(ranges(&[range(1, 5), range(6, 10)]), Ok(()));
    assert_eq!(ranges(&[range(1, 5), range(7, 10)]), Err(Gap));
    assert_eq!(ranges(&[range(2, 5), range(6, 10)]), Err(Gap));
    assert_eq!(ranges(&[range(1, 5), range(6, 9)]), Err(Gap));
    assert_eq!(ranges(&[range(1, 5), range(5, 10)]), Err(Overlap));
    assert_eq!(ranges(&[range(6, 10), range(1, 5)]), Err(Overlap));
    assert_eq!(ranges(&[range(0, 5), range(6, 10)]), Err(Invalid));
    assert_eq!(ranges(&[range(1, 5), range(6, 11)]), Err(Invalid));
    assert_eq!(ranges(&[range(1, 5), range(7, 6), range(6, 10)]), Err(Invalid));
    assert_eq!(ranges(&[range(1, 10)]), Err(Invalid));

    let exact = |numbers: &[i64], maximum| {
        let ranges: Vec<Range> = numbers.iter().map(|number| range(*number, *number)).collect();
        mapping(MappingKind::Exact, 1 + ranges.len() as u8, 1, maximum, &ranges).validate()
    };
    assert_eq!(exact(&[1, 2], 3), Ok(()));
    assert_eq!(exact(&[1, 2], 2), Err(Invalid));
    assert_eq!(exact(&[2, 2], 3), Err(Overlap));
    assert_eq!(exact(&[2, 1], 3), Err(Overlap));
    assert_eq!(exact(&[0, 1], 3), Err(Invalid));
    assert_eq!(mapping(MappingKind::Exact, 2, 1, 10, &[range(1, 2)]).validate(), Err(Invalid));

    let number = |outcomes, maximum| mapping(MappingKind::Number, outcomes, 1, maximum, &[]).validate();
    assert_eq!(number(10, 10), Ok(()));
    assert_eq!(number(9, 10), Err(Gap));
    assert_eq!(number(11, 10), Err(Invalid));
    assert_eq!(number(128, 128), Ok(()));
    assert_eq!(number(129, 129), Err(Invalid));

    assert_eq!(compare(2, 0, 0, 9).validate(), Ok(()));
    assert_eq!(compare(2, 1, 0, 9).validate(), Ok(()));
    assert_eq!(compare(3, 2, 0, 9).validate(), Ok(()));
    assert_eq!(compare(2, 2, 0, 9).validate(), Err(Invalid));
    assert_eq!(compare(3, 1, 0, 9).validate(), Err(Invalid));
    // A sum compared with itself is equal whatever the facts are.
    assert_eq!(Mapping { other: 1, ..compare(3, 2, 0, 9) }.validate(), Err(Invalid));
    assert_eq!(Mapping { subject: 3, ..compare(3, 2, 0, 9) }.validate(), Ok(()));
}

#[test]
fn the_largest_mappings() {
    let ranges: Vec<Range> = (0..=MAX_RANGES as i64).map(|i| range(10 * i, 10 * i + 9)).collect();
    let of =
        |count: usize| mapping(MappingKind::Ranges, count as u8, 0, 10 * count as i64 - 1, &ranges[..count]);
    assert_eq!(of(MAX_RANGES).validate(), Ok(()));
    assert_eq!(of(MAX_RANGES + 1).validate(), Err(MappingError::Invalid));
    let eight = Mapping { fact_count: 8, subject: 255, ..of(MAX_RANGES) };
    assert_eq!(eight.validate(), Ok(()));
    assert_eq!(eight.outcome(&[29; 8]), Ok(23));
    assert_eq!(eight.outcome(&[30; 8]), Err(FactsError::OutOfRange));
    assert_eq!(Mapping { fact_count: 9, ..eight }.validate(), Err(MappingError::Invalid));
    assert_eq!(Mapping { fact_count: 7, ..eight }.validate(), Err(MappingError::Invalid));
}

#[test]
fn facts_beyond_the_count_are_refused() {
    for count in 1..=MAX_FACTS {
        let parity = Mapping { fact_count: count as u8, ..mapping(MappingKind::Parity, 2, 0, 9, &[]) };
        for place in 1..MAX_FACTS {
            let mut facts = facts(&[3]);
            facts[place] = -1;
            // A fact that is attested but not looked at may be anything.
            let expected = if place < count { Ok(1) } else { Err(FactsError::TooMany) };
            assert_eq!(parity.outcome(&facts), expected);
        }
    }
}

#[test]
fn the_ends_of_64_bits() {
    let (min, max) = (i64::MIN, i64::MAX);
    let ends = [min, min + 1, -2, -1, 0, 1, 2, max - 1, max];
    let halves = [range(min, -1), range(0, max)];
    let singles = [range(min, min), range(0, 0), range(max, max)];
    let whole = [
        mapping(MappingKind::Parity, 2, min, max, &[]),
        mapping(MappingKind::Ranges, 2, min, max, &halves),
        mapping(MappingKind::Exact, 4, min, max, &singles),
        mapping(MappingKind::Number, 128, min, min + 127, &[]),
        mapping(MappingKind::Number, 128, max - 127, max, &[]),
        mapping(MappingKind::Number, 2, -1, 0, &[]),
        compare(3, 2, min, max),
    ];
    let mut read_alike = 0;
    for mapping in whole {
        assert_eq!(mapping.validate(), Ok(()), "{mapping:?}");
        // The sum of both facts, and of the second with the first as well as the other way around.
        for (a, b) in ends.iter().flat_map(|a| ends.iter().map(move |b| (*a, *b))) {
            for subject in 1..=3 {
                let mapping = Mapping { fact_count: 2, subject, ..mapping };
                let facts = facts(&[a, b]);
                assert_eq!(mapping.outcome(&facts), read(&mapping, &facts), "{mapping:?} {facts:?}");
                read_alike += 1;
            }
        }
    }
    assert_eq!(read_alike, 7 * 81 * 3);
    // All numbers there are, and too few or too many of them for their outcomes.
    assert_eq!(mapping(MappingKind::Number, 128, min, max, &[]).validate(), Err(MappingError::Gap));
    assert_eq!(mapping(MappingKind::Number, 128, max - 1, max, &[]).validate(), Err(MappingError::Invalid));
    let cut = [range(min, -1), range(0, max - 1)];
    assert_eq!(mapping(MappingKind::Ranges, 2, min, max, &cut).validate(), Err(MappingError::Gap));
    let twice = [range(min, max), range(max, max)];
    assert_eq!(mapping(MappingKind::Ranges, 2, min, max, &twice).validate(), Err(MappingError::Overlap));
    let inside = [range(min, max), range(min, max)];
    assert_eq!(mapping(MappingKind::Ranges, 2, min + 1, max, &inside).validate(), Err(MappingError::Invalid));
    let last_two = [range(max - 1, max - 1), range(max, max)];
    assert_eq!(
        mapping(MappingKind::Exact, 3, max - 1, max, &last_two).validate(),
        Err(MappingError::Invalid)
    );
}

/// Sums that leave 64 bits are out of range; those that only pass through are what they are, in any order.
#[test]
fn sums_do_not_wrap() {
    let (min, max) = (i64::MIN, i64::MAX);
    let all = Mapping { fact_count: 8, subject: 255, ..mapping(MappingKind::Parity, 2, min, max, &[]) };
    for (first, expected) in [
        (&[max, 1][..], Err(FactsError::OutOfRange)),
        (&[min, -1], Err(FactsError::OutOfRange)),
        (&[max, max, max, max, max, max, max, max], Err(FactsError::OutOfRange)),
        (&[min, min, min, min, min, min, min, min], Err(FactsError::OutOfRange)),
        // A sum of 2^64 would be 0 if it wrapped, and -2^64 as well.
        (&[max, max, 2], Err(FactsError::OutOfRange)),
        (&[min, min], Err(FactsError::OutOfRange)),
        (&[max, 1, -1], Ok(1)),
        (&[max, -1, 1], Ok(1)),
        (&[1, -1, max], Ok(1)),
        (&[max, max, max, min, min, min, 3], Ok(0)),
        (&[min, min, min, max, max, max, 4], Ok(1)),
    ] {
        assert_eq!(all.outcome(&facts(first)), expected, "{first:?}");
        assert_eq!(read(&all, &facts(first)), expected, "{first:?}");
    }
}

#[test]
fn bytes_names_and_sentences() {
    let kinds: Vec<(u8, &str)> = (0..=u8::MAX)
        .filter_map(|byte| MappingKind::from_byte(byte).map(|kind| (kind as u8, kind.name())))
        .collect();
    assert_eq!(kinds, [(1, "parity"), (2, "ranges"), (3, "exact"), (4, "number"), (5, "compare")]);
    for error in [MappingError::Gap, MappingError::Overlap, MappingError::Invalid] {
        assert_eq!(error.to_string(), error.message());
        assert!(error.message().split(' ').count() > 5);
    }
    for error in [FactsError::OutOfRange, FactsError::TooMany] {
        assert_eq!(error.to_string(), error.message());
        assert!(error.message().split(' ').count() > 5);
    }
}

/// Any number, and those near the ends of 64 bits often.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => any::<i64>(),
        3 => (any::<i64>(), 0u32..64).prop_map(|(x, shift)| x >> shift),
        1 => prop::sample::select(vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50_000))]

    /// Whatever bytes a config or an attestation holds, there is an answer and no panic; a valid mapping has an outcome for
    /// facts exactly when their sums are within its bounds, and it is the naive one.
    #[test]
    fn nothing_panics(
        kind in prop::sample::select(KINDS.to_vec()),
        outcomes in prop_oneof![0u8..6, any::<u8>()],
        fact_count in prop_oneof![0u8..10, any::<u8>()],
        (subject, other, tie) in (any::<u8>(), any::<u8>(), prop_oneof![0u8..3, any::<u8>()]),
        (minimum, maximum) in (number(), number()),
        ranges in prop::collection::vec((number(), number()), 0..30),
        facts in prop::array::uniform8(number()),
    ) {
        let ranges: Vec<Range> = ranges.into_iter().map(|(low, high)| range(low, high)).collect();
        let mapping = Mapping { kind, outcomes, fact_count, subject, other, tie, minimum, maximum, ranges: &ranges };
        let outcome = mapping.outcome(&facts);
        prop_assert!(outcome.is_err() || outcome.unwrap() < outcomes);
        if mapping.validate().is_ok() {
            prop_assert_eq!(outcome, read(&mapping, &facts));
        }
    }

    /// Valid mappings of the whole of 64 bits, cut anywhere.
    #[test]
    fn wide_mappings_read_as_defined(
        cuts in prop::collection::btree_set(number(), 1..MAX_RANGES),
        (fact_count, subject) in (1u8..=8).prop_flat_map(|count| (Just(count), 1u8..=(255 >> (8 - count)))),
        mut facts in prop::array::uniform8(number()),
    ) {
        facts[fact_count as usize..].fill(0);
        // Each range ends at a cut, the last at the end of 64 bits.
        let mut low = i64::MIN;
        let mut ranges = Vec::new();
        for cut in cuts.iter().filter(|cut| **cut < i64::MAX) {
            ranges.push(range(low, *cut));
            low = cut + 1;
        }
        ranges.push(range(low, i64::MAX));
        prop_assume!(ranges.len() > 1);
        let singles: Vec<Range> = cuts.iter().map(|cut| range(*cut, *cut)).collect();
        for (kind, outcomes, ranges) in
            [(MappingKind::Ranges, ranges.len(), &ranges), (MappingKind::Exact, singles.len() + 1, &singles)]
        {
            let plain = mapping(kind, outcomes as u8, i64::MIN, i64::MAX, ranges);
            let mapping = Mapping { fact_count, subject, ..plain };
            prop_assert_eq!(mapping.validate(), Ok(()));
            prop_assert_eq!(mapping.outcome(&facts), read(&mapping, &facts));
        }
    }
}
