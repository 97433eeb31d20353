//! The order of a raffle: draws, keys, ties, ranks. That chances are right is in `fairness/raffle.rs`.

use std::collections::BTreeSet;

use lottery_rules::hash::{Sha256, Software};
use lottery_rules::raffle::{Mode, Standing, draws, key, ln::neg_ln, ranked};
use lottery_rules::seed::{Domain, Stream};
use proptest::prelude::*;

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

/// Block and place of every entry as written on the page; no two entries share a draw.
#[test]
fn draws_are_numbers_of_a_hash() {
    let seed = [3; 32];
    let mut seen = BTreeSet::new();
    for (page, index) in (0..20u32).flat_map(|page| (0..40u32).map(move |index| (page, index))) {
        let mut message = seed.to_vec();
        message.push(5);
        message.extend(page.to_le_bytes());
        message.extend((index / 4).to_le_bytes());
        let hash = Software::hashv(&[&message]);
        let at = 8 * (index as usize % 4);
        let draw = u64::from_le_bytes(hash[at..at + 8].try_into().unwrap());
        assert_eq!(draws::<Software>(&seed, page, index / 4)[index as usize % 4], draw);
        assert!(seen.insert(draw), "page {page}, entry {index}");
    }
    // Another use of the same seed has other numbers.
    assert!(!seen.contains(&Stream::<Software>::new(&seed, Domain::Raffle).next_u64()));
}

#[test]
fn modes_are_stored_as_one_and_two() {
    for mode in [Mode::Weighted, Mode::FirstCome] {
        assert_eq!(Mode::from_byte(mode as u8), Some(mode));
    }
    assert_eq!((Mode::Weighted as u8, Mode::FirstCome as u8), (1, 2));
    assert_eq!([Mode::from_byte(0), Mode::from_byte(3)], [None, None]);
    assert_eq!([Mode::Weighted.name(), Mode::FirstCome.name()], ["weighted", "first_come"]);
}

/// Standings with many equal keys, no two of the same entry.
fn standings() -> impl Strategy<Value = BTreeSet<Standing>> {
    let places = prop::collection::btree_map((0u32..4, 0u32..8), 0u64..5, 1..32);
    places.prop_map(|entries| {
        entries.into_iter().map(|((page, index), key)| Standing { key, page, index }).collect()
    })
}

proptest! {
    #[test]
    fn a_key_is_the_quotient_rounded_down(x: u64, weight in 1u32..) {
        let (key, whole) = (key(x, weight) as u128, neg_ln(x) as u128);
        prop_assert!(key * weight as u128 <= whole && whole < (key + 1) * weight as u128);
    }

    /// Whoever claims it, and wherever it lies: a threshold that counts `ranked` has counted the right ones.
    #[test]
    fn a_right_count_is_enough(entries in standings(), key in 0u64..6, page in 0u32..5, index in 0u32..9) {
        let order: Vec<Standing> = entries.iter().copied().collect();
        let threshold = Standing { key, page, index };
        let counted: Vec<Standing> = order.iter().copied().filter(|at| *at <= threshold).collect();
        prop_assert_eq!(&counted[..], &order[..counted.len()]);
        // And for each number of ranks there is one: the last that has a rank.
        for ranks in 1..=order.len() {
            let last = order[ranks - 1];
            prop_assert_eq!(order.iter().filter(|at| **at <= last).count(), ranks);
        }
    }
}
