//! Every mapping by its definition: counting instead of calculating.

use lottery_rules::prediction::{
    Facts, FactsError, MAX_FACTS, MAX_OUTCOMES, MAX_RANGES, Mapping, MappingError, MappingKind, Range,
};

use super::facts;

/// The sum of the facts that a mask names, in numbers wide enough for any.
fn sum(mask: u8, facts: &Facts) -> i128 {
    (0..MAX_FACTS).filter(|i| mask & 1 << i != 0).map(|i| facts[i] as i128).sum()
}

/// All outcomes that `subject`, or in a comparison the pair, belongs to, by the definition of each kind.
fn belongs(mapping: &Mapping, subject: i128, other: i128) -> Vec<u32> {
    let in_range = |i: &u32| {
        let range = mapping.ranges[*i as usize];
        (range.low as i128..=range.high as i128).contains(&subject)
    };
    let ranges = mapping.ranges.len() as u32;
    match mapping.kind {
        MappingKind::Parity => vec![subject.rem_euclid(2) as u32],
        MappingKind::Ranges => (0..ranges).filter(in_range).collect(),
        MappingKind::Exact => {
            let named: Vec<u32> = (0..ranges).filter(in_range).collect();
            if named.is_empty() { vec![ranges] } else { named }
        }
        MappingKind::Number => {
            (0..mapping.outcomes as u32).filter(|i| mapping.minimum as i128 + *i as i128 == subject).collect()
        }
        MappingKind::Compare if subject > other => vec![0],
        MappingKind::Compare if subject < other => vec![1],
        MappingKind::Compare => vec![mapping.tie as u32],
    }
}

/// What facts are, read naively. The mapping is valid.
pub fn read(mapping: &Mapping, facts: &Facts) -> Result<u8, FactsError> {
    if facts[mapping.fact_count as usize..] != [0; MAX_FACTS][mapping.fact_count as usize..] {
        return Err(FactsError::TooMany);
    }
    let bounds = mapping.minimum as i128..=mapping.maximum as i128;
    let (subject, other) = (sum(mapping.subject, facts), sum(mapping.other, facts));
    if !bounds.contains(&subject) || (mapping.kind == MappingKind::Compare && !bounds.contains(&other)) {
        return Err(FactsError::OutOfRange);
    }
    let outcomes = belongs(mapping, subject, other);
    assert_eq!(outcomes.len(), 1, "{mapping:?} {facts:?}");
    Ok(outcomes[0] as u8)
}

/// Counts, masks and bounds that no mapping may have, whatever its numbers.
fn is_malformed(mapping: &Mapping) -> bool {
    let (is_compare, ranges) = (mapping.kind == MappingKind::Compare, mapping.ranges.len());
    let facts = |mask: u8| (0..8).filter(|i| mask & 1 << i != 0).collect::<Vec<u8>>();
    let is_sum = |mask: u8| mask != 0 && facts(mask).iter().all(|fact| *fact < mapping.fact_count);
    let wanted = match mapping.kind {
        MappingKind::Ranges => mapping.outcomes as usize,
        MappingKind::Exact => (mapping.outcomes as usize).saturating_sub(1),
        _ => 0,
    };
    let in_bounds = |range: &Range| {
        mapping.minimum <= range.low && range.low <= range.high && range.high <= mapping.maximum
    };
    mapping.outcomes < 2
        || mapping.outcomes > MAX_OUTCOMES
        || mapping.fact_count == 0
        || mapping.fact_count as usize > MAX_FACTS
        || !is_sum(mapping.subject)
        || (is_compare && (!is_sum(mapping.other) || mapping.tie >= mapping.outcomes))
        || (!is_compare && (mapping.other, mapping.tie) != (0, 0))
        || mapping.minimum >= mapping.maximum
        || ranges != wanted
        || ranges > MAX_RANGES
        || !mapping.ranges.iter().all(in_bounds)
        || (mapping.kind == MappingKind::Exact && mapping.ranges.iter().any(|range| range.low != range.high))
}

/// Every sum within the bounds, or in a comparison every pair that facts of two places can make.
fn everything(mapping: &Mapping) -> Vec<(i128, i128)> {
    let (minimum, maximum) = (mapping.minimum as i128, mapping.maximum as i128);
    if mapping.kind != MappingKind::Compare {
        return (minimum..=maximum).map(|subject| (subject, 0)).collect();
    }
    // The facts of a sum of two can lie a whole span outside the bounds.
    let (low, high) = (minimum - maximum.abs() - 1, maximum + minimum.abs() + 1);
    let all = (low..=high).flat_map(|a| (low..=high).map(move |b| facts(&[a as i64, b as i64])));
    all.map(|facts| (sum(mapping.subject, &facts), sum(mapping.other, &facts)))
        .filter(|(a, b)| (minimum..=maximum).contains(a) && (minimum..=maximum).contains(b))
        .collect()
}

/// What a mapping deserves, by looking at every number there is.
pub fn deserves(mapping: &Mapping) -> Result<(), MappingError> {
    if is_malformed(mapping) {
        return Err(MappingError::Invalid);
    }
    let belong: Vec<Vec<u32>> =
        everything(mapping).iter().map(|(subject, other)| belongs(mapping, *subject, *other)).collect();
    let out_of_order = mapping.ranges.iter().zip(mapping.ranges.iter().skip(1)).any(|(a, b)| a.low > b.low);
    if out_of_order || belong.iter().any(|outcomes| outcomes.len() > 1) {
        return Err(MappingError::Overlap);
    }
    if belong.iter().any(|outcomes| outcomes.is_empty()) {
        return Err(MappingError::Gap);
    }
    let is_reached = |outcome: u32| belong.iter().any(|outcomes| outcomes[0] == outcome);
    if (0..mapping.outcomes as u32).all(is_reached) { Ok(()) } else { Err(MappingError::Invalid) }
}
