//! Raffles against drawing out of an urn, one after the other, without putting back.

use super::common::chance::{draws as campaign, even_without_putting_back, pearson, round_seeds, same};
use lottery_rules::hash::Software;
use lottery_rules::raffle::{DRAWS_PER_BLOCK, Standing, draws, key};
use lottery_rules::seed::{Domain, Stream};

const PEOPLE: usize = 10_000;
const PLACES: usize = 700;
/// Entries on a page.
const PAGE: usize = 2_500;
/// Weights and members of the priority groups.
const GROUPS: [(u32, usize); 3] = [(1, 6_000), (3, 3_000), (10, 1_000)];

/// Raffles of a run: one for 500 draws of the other kinds, so 2,000 by default.
fn raffles() -> usize {
    (campaign() / 500).max(1) as usize
}

/// Group and weight of each person.
fn people() -> Vec<(usize, u32)> {
    let groups = GROUPS.iter().enumerate();
    groups.flat_map(|(group, (weight, members))| vec![(group, *weight); *members]).collect()
}

/// The winners, as the chain ranks them. `rule` makes the key of a draw and a weight.
fn winners(seed: &[u8; 32], people: &[(usize, u32)], rule: impl Fn(u64, u32) -> u64) -> Vec<usize> {
    let mut standings = Vec::with_capacity(people.len());
    for (sequence, page) in people.chunks(PAGE).enumerate() {
        let mut block = [0; DRAWS_PER_BLOCK as usize];
        for (index, (_, weight)) in page.iter().enumerate() {
            let place = index % DRAWS_PER_BLOCK as usize;
            if place == 0 {
                block = draws::<Software>(seed, sequence as u32, index as u32 / DRAWS_PER_BLOCK);
            }
            let key = rule(block[place], *weight);
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
        let mut weights = [0; 3];
        for (weights, (left, (weight, _))) in weights.iter_mut().zip(left.iter().zip(GROUPS)) {
            *weights = left * weight as u64;
        }
        let mut at = stream.below_u64(weights.iter().sum());
        let mut group = 0;
        while at >= weights[group] {
            at -= weights[group];
            group += 1;
        }
        left[group] -= 1;
        won[group] += 1;
    }
    won
}

/// What many raffles gave, next to as many urns.
struct Tally {
    included: Vec<u64>,
    /// How often a group had so many winners: ours, the urn's.
    won: [Vec<[u64; PLACES + 1]>; 2],
    /// Winners of each group in all: ours, the urn's.
    totals: [[usize; 3]; 2],
}

fn tally(name: &str, raffles: usize, rule: impl Fn(u64, u32) -> u64) -> Tally {
    let people = people();
    assert_eq!(people.len(), PEOPLE);
    let won = [0, 1].map(|_| vec![[0; PLACES + 1]; 3]);
    let mut tally = Tally { included: vec![0; PEOPLE], won, totals: [[0; 3]; 2] };
    let urn_name = format!("{name}, the urn");
    let seeds = round_seeds(name).zip(round_seeds(&urn_name));
    for (seed, urn_seed) in seeds.take(raffles) {
        let mut ours = [0; 3];
        for winner in winners(&seed, &people, &rule) {
            tally.included[winner] += 1;
            ours[people[winner].0] += 1;
        }
        let theirs = urn(&mut Stream::new(&urn_seed, Domain::QuickPick));
        for (side, won) in [ours, theirs].into_iter().enumerate() {
            for (group, won) in won.into_iter().enumerate() {
                tally.won[side][group][won] += 1;
                tally.totals[side][group] += won;
            }
        }
    }
    tally
}

#[test]
fn inclusion_is_that_of_weighted_sampling_without_replacement() {
    let raffles = raffles();
    let tally = tally("raffle", raffles, key);
    let mut from = 0;
    for (group, (weight, members)) in GROUPS.iter().enumerate() {
        let [ours, theirs] = [0, 1].map(|side| &tally.won[side][group]);
        same(ours, theirs).check(&format!("raffle: winners of weight {weight}, against the urn"));
        // The mean of 2,000 raffles is within a hundredth.
        let [ours, theirs] = tally.totals.map(|totals| totals[group] as f64);
        if raffles >= 2_000 {
            assert!((ours / theirs - 1.0).abs() < 0.01, "weight {weight}: {ours} against {theirs}");
        }
        even_without_putting_back(&tally.included[from..from + members], ours / raffles as f64)
            .check(&format!("raffle: each person of weight {weight}"));
        from += members;
    }
}

/// Weights of four people, one for each draw of a block.
const FOUR: [u32; 4] = [1, 2, 3, 10];

/// The order of four people in many raffles, as a number from 0 to 23: which of those left is next, and so on.
fn orders(name: &str, raffles: usize) -> [u64; 24] {
    let mut counts = [0; 24];
    for seed in round_seeds(name).take(raffles) {
        let block = draws::<Software>(&seed, 0, 0);
        let mut order = [0, 1, 2, 3];
        order.sort_by_key(|person| (key(block[*person], FOUR[*person]), *person));
        let mut left = vec![0, 1, 2, 3];
        let mut number = 0;
        for person in order {
            let at = left.iter().position(|other| *other == person).unwrap();
            number = number * left.len() + at;
            left.remove(at);
        }
        counts[number] += 1;
    }
    counts
}

/// Each of the 24 orders of four people has exactly the chance that drawing one after the other by weight gives it.
#[test]
fn every_order_has_its_exact_chance() {
    let mut chances = [0.0; 24];
    for (number, chance) in chances.iter_mut().enumerate() {
        let mut left = FOUR.to_vec();
        *chance = 1.0;
        for at in [number / 6, number / 2 % 3, number % 2, 0] {
            *chance *= left[at] as f64 / left.iter().sum::<u32>() as f64;
            left.remove(at);
        }
    }
    let counts = orders("four people", campaign() as usize / 10);
    pearson(&counts, &chances).check("raffle: orders of four people");
    let first: Vec<u64> = counts.chunks(6).map(|orders| orders.iter().sum()).collect();
    pearson(&first, &FOUR.map(|weight| weight as f64 / 16.0)).check("raffle: first of four people");
}

/// Makes the key of a draw and a weight.
type Rule = fn(u64, u32) -> u64;

/// The same tests must catch what is unfair.
#[test]
fn unfair_raffles_are_caught() {
    let unfair: [(&str, Rule); 3] = [
        ("weights ignored", |x, _| key(x, 1)),
        // A rate of 100 / 9 instead of 10.
        ("a heavier group", |x, weight| if weight == 10 { key(x, 100) * 9 } else { key(x, weight) }),
        // Taken for an exponential without the logarithm: right for the first places only.
        ("no logarithm", |x, weight| (u64::MAX - x) / weight as u64),
    ];
    for (name, rule) in unfair {
        let tally = tally(name, 500, rule);
        let caught = (0..3).any(|group| !same(&tally.won[0][group], &tally.won[1][group]).is_fair());
        assert!(caught, "{name}");
    }
}
