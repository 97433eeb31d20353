//! What facts come to on chain, for every mapping: by hand, and as the rules crate says.

use program_tests::{
    Live, MarketRules, Money, Spec, World,
    accounts::PredictionRules,
    market::{facts, in_ranges, numbers, parimutuel},
};

/// A market of these rules with a bet, when its event is over.
fn scene(rules: MarketRules) -> (World, Live) {
    let mut world = World::new();
    let game = world.create(Spec::market(rules).oracles(1, 1));
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000);
    world.bet(&live, &player, 0, &[(10_000, 0), (10_000, 1)]);
    world.reach_event(&live);
    (world, live)
}

/// Each of `cases`: facts, and the outcome that they must be.
#[track_caller]
fn maps(rules: MarketRules, cases: &[(&[i64], u8)]) {
    let (base, live) = scene(rules);
    for (some, outcome) in cases {
        let mut world = base.clone();
        world.attest(&live, 0, some);
        assert_eq!(world.round(&live).result[0], *outcome, "{some:?}");
        assert_eq!(rules.outcome(&facts(some)), *outcome, "{some:?}");
    }
}

fn with(change: impl FnOnce(&mut PredictionRules)) -> MarketRules {
    parimutuel().with(change)
}

#[test]
fn parity_is_of_negative_numbers_too() {
    let rules = with(|rules| (rules.minimum, rules.maximum) = (i64::MIN, i64::MAX));
    let cases: [(&[i64], u8); 7] =
        [(&[0], 0), (&[1], 1), (&[-1], 1), (&[-2], 0), (&[i64::MIN], 0), (&[i64::MAX], 1), (&[68], 0)];
    maps(rules, &cases);
}

#[test]
fn the_subject_is_the_sum_of_its_facts() {
    // Six drawn numbers, of which the first five make the sum and the bonus ball does not count.
    let rules = with(|rules| {
        (rules.fact_count, rules.subject) = (6, 0b1_1111);
        (rules.minimum, rules.maximum) = (15, 335);
    });
    maps(rules, &[(&[7, 19, 34, 52, 61, 12], 1), (&[7, 19, 34, 52, 62, 12], 0), (&[1, 2, 3, 4, 5, 13], 1)]);
}

#[test]
fn ranges_include_both_their_ends() {
    let rules = in_ranges(&[(i64::MIN, -1), (0, 0), (1, 9), (10, i64::MAX)]);
    let cases: [(&[i64], u8); 7] =
        [(&[i64::MIN], 0), (&[-1], 0), (&[0], 1), (&[1], 2), (&[9], 2), (&[10], 3), (&[i64::MAX], 3)];
    maps(rules, &cases);
}

#[test]
fn every_range_of_the_most_there_can_be_is_reached() {
    let many: Vec<(i64, i64)> = (0..24).map(|nth| (10 * nth, 10 * nth + 9)).collect();
    let ends: Vec<[i64; 1]> = (0..24).map(|nth| [10 * nth + 9]).collect();
    let cases: Vec<(&[i64], u8)> = ends.iter().zip(0..).map(|(end, outcome)| (&end[..], outcome)).collect();
    maps(in_ranges(&many), &cases);
}

#[test]
fn what_is_none_of_the_exact_numbers_is_the_last_outcome() {
    let rules = parimutuel().with_ranges(&[(3, 3), (7, 7), (99, 99)]).with(|rules| {
        rules.mapping = 3;
        rules.outcome_count = 4;
    });
    maps(rules, &[(&[3], 0), (&[7], 1), (&[99], 2), (&[0], 3), (&[4], 3), (&[98], 3)]);
}

#[test]
fn every_number_is_an_outcome_of_its_own() {
    maps(numbers(128), &[(&[0], 0), (&[1], 1), (&[63], 63), (&[64], 64), (&[127], 127)]);
    let below = numbers(3).with(|rules| (rules.minimum, rules.maximum) = (-1, 1));
    maps(below, &[(&[-1], 0), (&[0], 1), (&[1], 2)]);
}

#[test]
fn a_comparison_is_of_two_sums() {
    let rules = |outcomes, tie| {
        with(|rules| {
            rules.mapping = 5;
            (rules.fact_count, rules.subject, rules.other) = (4, 0b0011, 0b1100);
            (rules.outcome_count, rules.tie) = (outcomes, tie);
        })
    };
    let (more, less, equal): (&[i64], &[i64], &[i64]) = (&[50, 2, 50, 1], &[1, 50, 2, 50], &[9, 0, 4, 5]);
    for (outcomes, tie) in [(2, 0), (2, 1), (3, 2)] {
        maps(rules(outcomes, tie), &[(more, 0), (less, 1), (equal, tie)]);
    }
}
