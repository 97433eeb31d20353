//! The vectors of raffles: list, logarithm, order, places, prizes by rank.

#[path = "../../src/raffle/tables.rs"]
mod tables;

use super::common::ln::steps;
use super::{bytes, check, round_seed};
use lottery_rules::hash::Software;
use lottery_rules::raffle::merkle::{Leaf, NO_LEAF, node, root};
use lottery_rules::raffle::{
    DRAWS_PER_BLOCK, Places, Standing, draws, key, ln::neg_ln, penalty, ranked, split_prizes,
};

/// Weights of the list of five, which are also the entries of page 0.
const WEIGHTS: [u32; 5] = [1, 1, 3, 3, 10];
/// Weights of the entries of page 1.
const SECOND_PAGE: [u32; 3] = [1, 1, 3];

fn join(numbers: impl IntoIterator<Item = impl ToString>) -> String {
    numbers.into_iter().map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_list_of_five() {
    let leaf = |index: usize| {
        let leaf = Leaf {
            lottery: bytes(160),
            index: index as u32,
            owner: bytes(32 * index as u8),
            weight: WEIGHTS[index],
        };
        leaf.hash::<Software>()
    };
    let leaves = [0, 1, 2, 3, 4].map(leaf);
    let pair = |left, right| node::<Software>(left, right);
    let low = [pair(&leaves[0], &leaves[1]), pair(&leaves[2], &leaves[3]), pair(&leaves[4], &NO_LEAF)];
    let empty = pair(&NO_LEAF, &NO_LEAF);
    let high = [pair(&low[0], &low[1]), pair(&low[2], &empty)];
    let top = pair(&high[0], &high[1]);
    let (of_2, of_4) = ([leaves[3], low[0], high[1]], [NO_LEAF, empty, high[0]]);
    assert_eq!(root::<Software>(&leaves[2], 2, &of_2), top);
    assert_eq!(root::<Software>(&leaves[4], 4, &of_4), top);
    check(
        "raffle list",
        &[
            ("leaf 0", hex::encode(leaves[0])),
            ("leaf 1", hex::encode(leaves[1])),
            ("leaf 2", hex::encode(leaves[2])),
            ("leaf 3", hex::encode(leaves[3])),
            ("leaf 4", hex::encode(leaves[4])),
            ("node of 0 1", hex::encode(low[0])),
            ("node of 2 3", hex::encode(low[1])),
            ("node of 4", hex::encode(low[2])),
            ("empty node", hex::encode(empty)),
            ("node of 0 to 3", hex::encode(high[0])),
            ("node of 4 to 7", hex::encode(high[1])),
            ("root", hex::encode(top)),
            ("proof of 2, 1st", hex::encode(of_2[0])),
            ("proof of 2, 2nd", hex::encode(of_2[1])),
            ("proof of 2, 3rd", hex::encode(of_2[2])),
        ],
    );
}

#[test]
fn logarithms() {
    let x = draws::<Software>(&round_seed(), 0, 0)[0];
    let at = steps(x, &tables::LN, &tables::LN2);
    assert_eq!(at.result, neg_ln(x) as u128);
    check(
        "logarithm steps",
        &[
            ("x", x.to_string()),
            ("z", at.z.to_string()),
            ("m", at.m.to_string()),
            ("i", at.i.to_string()),
            ("inverse", at.inverse.to_string()),
            ("r", at.r.to_string()),
            ("h_6 to h_2", join(at.h)),
            ("square", at.square.to_string()),
            ("rest", at.rest.to_string()),
            ("(z + 1) ln 2", tables::LN2[at.z as usize].to_string()),
            ("ln c", tables::LN[at.i].to_string()),
            ("neg_ln", at.result.to_string()),
        ],
    );
    let show = |x: u64| neg_ln(x).to_string();
    check(
        "logarithm",
        &[
            ("0", show(0)),
            ("1", show(1)),
            ("1000000", show(1_000_000)),
            ("2^32", show(1 << 32)),
            ("2^63 - 1", show((1 << 63) - 1)),
            ("2^63", show(1 << 63)),
            ("2^64 - 2^58", show(u64::MAX - (1 << 58) + 1)),
            ("2^64 - 65", show(u64::MAX - 64)),
            ("2^64 - 2", show(u64::MAX - 1)),
            ("2^64 - 1", show(u64::MAX)),
            ("17448207680", show(17_448_207_680)),
        ],
    );
}

#[test]
fn keys() {
    let seed = round_seed();
    let entry = |page, index: u32, weight| {
        key(draws::<Software>(&seed, page, index / DRAWS_PER_BLOCK)[index as usize % 4], weight).to_string()
    };
    check(
        "raffle draws",
        &[
            ("page 0, block 0", join(draws::<Software>(&seed, 0, 0))),
            ("page 0, block 1", join(draws::<Software>(&seed, 0, 1))),
            ("page 1, block 0", join(draws::<Software>(&seed, 1, 0))),
            ("page 0, entry 4", join([1, 3, 10].map(|weight| entry(0, 4, weight)))),
            ("page 0, entry 5", join([1, 3, 10].map(|weight| entry(0, 5, weight)))),
            ("page 1, entry 1", join([1, 3, 10].map(|weight| entry(1, 1, weight)))),
        ],
    );
}

/// Entries of two pages in order, each with the key that `key` gives for its page, index and weight.
fn order(key: impl Fn(u32, u32, u32) -> u64) -> Vec<(Standing, u32)> {
    let mut order = Vec::new();
    for (page, weights) in [(0, &WEIGHTS[..]), (1, &SECOND_PAGE[..])] {
        for (index, weight) in weights.iter().enumerate() {
            let index = index as u32;
            order.push((Standing { key: key(page, index, *weight), page, index }, *weight));
        }
    }
    order.sort();
    order
}

/// The worked raffle of the page: 8 entries, 2 places, a waiting list of 2.
#[test]
fn worked_raffle() {
    let seed = round_seed();
    let drawn = order(|page, index, weight| {
        key(draws::<Software>(&seed, page, index / DRAWS_PER_BLOCK)[index as usize % 4], weight)
    });
    let ranks = ranked(8, 2, 2) as usize;
    assert_eq!(ranks, 4);
    let threshold = drawn[ranks - 1].0;
    assert_eq!(drawn.iter().filter(|(at, _)| *at <= threshold).count(), ranks);
    let rank = |rank: usize| {
        let (Standing { key, page, index }, weight) = drawn[rank];
        format!("page {page}, entry {index}, weight {weight}: {key}")
    };
    let came = order(|_, _, _| 0);
    let came = came[..ranks].iter().map(|(Standing { page, index, .. }, _)| format!("{page}/{index}"));
    let came: Vec<String> = came.collect();
    check(
        "raffle order",
        &[
            ("rank 0", rank(0)),
            ("rank 1", rank(1)),
            ("rank 2", rank(2)),
            ("rank 3", rank(3)),
            ("next", rank(4)),
            ("threshold", format!("{} {} {}", threshold.key, threshold.page, threshold.index)),
            ("first come", came.join(" ")),
        ],
    );
}

/// The same raffle after it is final, step by step.
#[test]
fn worked_places() {
    let show = |taken, lapsed, promoted| {
        let places = Places { ranked: 4, capacity: 2, taken, lapsed, promoted };
        let next = places.next_promoted().map_or("nobody".into(), |rank| format!("rank {rank}"));
        let end = if places.are_settled() { ", settled" } else { "" };
        format!("{taken} taken, {} open, next {next}{end}", places.open_offers())
    };
    let fee = 1_009;
    check(
        "raffle places",
        &[
            ("final", show(0, 0, 0)),
            ("0 confirms", show(1, 0, 0)),
            ("1 lapses", show(1, 1, 0)),
            ("2 is offered", show(1, 1, 1)),
            ("2 confirms", show(2, 1, 1)),
            ("2 lapses", show(1, 2, 1)),
            ("3 is offered", show(1, 2, 2)),
            ("3 lapses", show(1, 3, 2)),
            ("penalty", penalty(fee, 1_000).unwrap().to_string()),
            ("back", (fee - penalty(fee, 1_000).unwrap()).to_string()),
        ],
    );
}

#[test]
fn worked_prizes() {
    let show = |entries| {
        let split = split_prizes(entries * 1_009, entries, 500, &[5_000, 3_000, 2_000]).unwrap();
        format!("fee {}, prizes {}, treasury {}", split.fee, join(&split.prize_each[..3]), split.dust)
    };
    check("raffle prizes", &[("8 entries", show(8)), ("2 entries", show(2)), ("1 entry", show(1))]);
}
