//! The order of a raffle against drawing out of an urn, one after the other, without putting back.

mod common;

use common::chance::{even_without_putting_back, round_seeds, same};
use lottery_rules::hash::{Sha256, Software};
use lottery_rules::raffle::{DRAWS_PER_BLOCK, Standing, draws, key, ranked};
use lottery_rules::seed::{Domain, Stream};

const RUNS: usize = 2_000;
const PEOPLE: usize = 10_000;
const PLACES: usize = 700;
/// Weights and members of the priority groups.
const GROUPS: [(u32, usize); 3] = [(1, 6_000), (3, 3_000), (10, 1_000)];

/// Group and weight of each person.
fn people() -> Vec<(usize, u32)> {
    let groups = GROUPS.iter().enumerate();
    groups.flat_map(|(group, (weight, members))| vec![(group, *weight); *members]).collect()
}

/// The winners, as the chain ranks them: pages of 2,500.
fn winners(seed: &[u8; 32], people: &[(usize, u32)]) -> Vec<usize> {
    const PAGE: usize = 2_500;
    let mut standings = Vec::with_capacity(people.len());
    for (sequence, page) in people.chunks(PAGE).enumerate() {
        let mut block = [0; DRAWS_PER_BLOCK as usize];
        for (index, (_, weight)) in page.iter().enumerate() {
            let place = index % DRAWS_PER_BLOCK as usize;
            if place == 0 {
                block = draws::<Software>(seed, sequence as u32, index as u32 / DRAWS_PER_BLOCK);
            }
            let key = key(block[place], *weight);
            standings.push(Standing { key, page: sequence as u32, index: index as u32 });
        }
    }
    standings.select_nth_unstable(PLACES);
    standings[..PLACES].iter().map(|at| at.page as usize * PAGE + at.index as usize).collect()
}

/// How many of each group an urn gives: each draw takes a group by the weight that is left in it.
fn urn(stream: &mut Stream<Software>) -> [usize; 3] {
    let mut left = GROUPS.map(|(_, members)| members as u64);
    let mut won = [0; 3];
    for _ in 0..PLACES {
        let weights: Vec<u64> =
            left.iter().zip(GROUPS).map(|(left, (weight, _))| left * weight as u64).collect();
        let mut at = stream.below_u64(weights.iter().sum());
        let group = weights.iter().position(|weight| match at.checked_sub(*weight) {
            Some(rest) => {
                at = rest;
                false
            }
            None => true,
        });
        let group = group.unwrap();
        left[group] -= 1;
        won[group] += 1;
    }
    won
}

#[test]
fn inclusion_is_that_of_weighted_sampling_without_replacement() {
    let people = people();
    assert_eq!(people.len(), PEOPLE);
    let mut included = vec![0u64; PEOPLE];
    let mut ours = vec![vec![0u64; PLACES + 1]; 3];
    let mut theirs = ours.clone();
    let mut totals = [[0usize; 3]; 2];
    let mut stream = Stream::new(&Software::hashv(&[b"an urn"]), Domain::QuickPick);
    for seed in round_seeds("raffle").take(RUNS) {
        let mut won = [0; 3];
        for winner in winners(&seed, &people) {
            included[winner] += 1;
            won[people[winner].0] += 1;
        }
        let reference = urn(&mut stream);
        for group in 0..3 {
            ours[group][won[group]] += 1;
            theirs[group][reference[group]] += 1;
            totals[0][group] += won[group];
            totals[1][group] += reference[group];
        }
    }
    let mut from = 0;
    for (group, (weight, members)) in GROUPS.iter().enumerate() {
        same(&ours[group], &theirs[group]).check(&format!("winners of weight {weight}, against the urn"));
        // The mean of 2,000 runs is within a hundredth.
        let [ours, theirs] = totals.map(|totals| totals[group] as f64);
        assert!((ours / theirs - 1.0).abs() < 0.01, "weight {weight}: {ours} against {theirs}");
        let drawn = ours / RUNS as f64;
        even_without_putting_back(&included[from..from + members], drawn)
            .check(&format!("each person of weight {weight}"));
        from += members;
    }
}

/// The first place goes to each in proportion to the weights, exactly as one draw from an urn.
#[test]
fn the_first_rank_is_in_proportion_to_the_weights() {
    let weights = [1u32, 2, 3, 10];
    let mut first = [0u64; 4];
    for seed in round_seeds("first rank").take(100_000) {
        let block = draws::<Software>(&seed, 0, 0);
        let keys: Vec<u64> = block.iter().zip(weights).map(|(draw, weight)| key(*draw, weight)).collect();
        first[(0..4).min_by_key(|i| (keys[*i], *i)).unwrap()] += 1;
    }
    let chances = weights.map(|weight| weight as f64 / 16.0);
    common::chance::pearson(&first, &chances).check("first rank");
}

#[test]
fn ties_go_to_the_earlier_page_then_to_the_earlier_entry() {
    let at = |key, page, index| Standing { key, page, index };
    assert!(at(1, 9, 9) < at(2, 0, 0));
    assert!(at(1, 0, 9) < at(1, 1, 0));
    assert!(at(1, 1, 0) < at(1, 1, 1));
}

#[test]
fn as_many_have_a_rank_as_places_and_waiting_list_allow() {
    assert_eq!(ranked(10, 3, 2), 5);
    assert_eq!(ranked(5, 3, 2), 5);
    assert_eq!(ranked(4, 3, 2), 4);
    assert_eq!(ranked(0, 3, 2), 0);
    assert_eq!(ranked(u64::MAX, u32::MAX, u32::MAX), 2 * u32::MAX as u64);
}
