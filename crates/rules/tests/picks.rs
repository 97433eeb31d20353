mod common;

use common::{chi_square, even, limit, stream};
use lottery_rules::picks::{
    PicksError, check, count, from_sorted, from_sorted_exact, matches, numbers, sample,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn number_i_is_bit_i_minus_one() {
    assert_eq!(from_sorted(&[1, 64, 65, 128], 128), Ok([1 | 1 << 63, 1 | 1 << 63]));
    assert_eq!(from_sorted(&[49], 49), Ok([1 << 48, 0]));
    assert_eq!(numbers([1 | 1 << 63, 1 | 1 << 63]).collect::<Vec<_>>(), [1, 64, 65, 128]);
    assert_eq!(numbers([0, 0]).next(), None);
    assert_eq!(numbers([u64::MAX; 2]).collect::<Vec<_>>(), (1..=128).collect::<Vec<_>>());
}

#[test]
fn bad_numbers_are_refused() {
    use PicksError::*;
    let twenty_one: Vec<u8> = (1..=21).collect();
    for (numbers, n, error) in [
        (&[][..], 49, WrongCount),
        (&twenty_one, 49, WrongCount),
        (&[0], 49, OutOfRange),
        (&[50], 49, OutOfRange),
        (&[129], 200, OutOfRange),
        (&[1], 0, OutOfRange),
        (&[2, 1], 49, Unsorted),
        (&[1, 3, 2], 49, Unsorted),
        (&[1, 1], 49, Repeated),
        (&[1, 2, 2], 49, Repeated),
    ] {
        assert_eq!(from_sorted(numbers, n), Err(error), "{numbers:?} of {n}");
    }
    assert!(from_sorted(&twenty_one[..20], 20).is_ok());
    assert_eq!(from_sorted_exact(&[1, 2], 3, 49), Err(WrongCount));
    assert_eq!(from_sorted_exact(&[1, 2, 3], 3, 49), from_sorted(&[1, 2, 3], 49));
}

#[test]
fn masks_are_checked() {
    use PicksError::*;
    assert_eq!(check(&[0b111, 0], 3, 3), Ok(()));
    assert_eq!(check(&[0b111, 0], 3, 2), Err(OutOfRange));
    assert_eq!(check(&[0b111, 0], 2, 3), Err(WrongCount));
    assert_eq!(check(&[0, 0], 0, 0), Ok(()));
    assert_eq!(check(&[1, 0], 1, 0), Err(OutOfRange));
    assert_eq!(check(&[1 << 63, 0], 1, 64), Ok(()));
    assert_eq!(check(&[1 << 63, 0], 1, 63), Err(OutOfRange));
    assert_eq!(check(&[0, 1], 1, 64), Err(OutOfRange));
    assert_eq!(check(&[0, 1], 1, 65), Ok(()));
    assert_eq!(check(&[0, 1 << 63], 1, 128), Ok(()));
    assert_eq!(check(&[0, 1 << 63], 1, 127), Err(OutOfRange));
}

proptest! {
    #[test]
    fn numbers_survive_the_mask(set in prop::collection::btree_set(1u8..=128, 1..=20)) {
        let sorted: Vec<u8> = set.iter().copied().collect();
        let picks = from_sorted(&sorted, 128).unwrap();
        prop_assert_eq!(numbers(picks).collect::<Vec<_>>(), sorted.clone());
        prop_assert_eq!(count(&picks) as usize, sorted.len());
        prop_assert_eq!(check(&picks, sorted.len() as u8, *sorted.last().unwrap()), Ok(()));
    }

    #[test]
    fn matches_is_the_size_of_the_intersection(
        a in prop::collection::btree_set(1u8..=128, 1..=20),
        b in prop::collection::btree_set(1u8..=128, 1..=20),
    ) {
        let mask = |set: &BTreeSet<u8>| from_sorted(&set.iter().copied().collect::<Vec<_>>(), 128).unwrap();
        prop_assert_eq!(matches(&mask(&a), &mask(&b)) as usize, a.intersection(&b).count());
    }

    #[test]
    fn samples_are_k_of_n(tag in any::<u8>(), n in 1u8..=128, part in 0.0..=1.0) {
        let k = (n as f64 * part) as u8;
        prop_assert_eq!(check(&sample(&mut stream(tag), k, n), k, n), Ok(()));
    }
}

#[test]
fn strange_samples_end() {
    assert_eq!(sample(&mut stream(0), 5, 0), [0, 0]);
    assert_eq!(sample(&mut stream(0), 9, 3), [0b111, 0]);
    assert_eq!(sample(&mut stream(0), 255, 255), [u64::MAX; 2]);
    assert_eq!(sample(&mut stream(0), 0, 49), [0, 0]);
}

/// Every set is equally likely, below and above the point where the complement is drawn.
#[test]
fn every_set_is_equally_likely() {
    for (k, n, sets) in [(1, 5, 5), (2, 7, 21), (3, 6, 20), (4, 6, 15), (5, 7, 21), (4, 5, 5), (3, 9, 84)] {
        let mut stream = stream(k * 16 + n);
        let mut seen = BTreeMap::new();
        for _ in 0..2_000 * sets {
            *seen.entry(sample(&mut stream, k, n)).or_insert(0u64) += 1;
        }
        let counts: Vec<u64> = seen.into_values().collect();
        assert_eq!(counts.len(), sets, "{k} of {n}");
        assert!(even(&counts), "{k} of {n}: {}", chi_square(&counts));
    }
}

/// In sizes too large to count every set, each number still comes equally often.
#[test]
fn every_number_is_equally_likely() {
    for (k, n) in [(6, 49), (5, 69), (20, 80), (20, 128), (20, 21), (10, 20), (11, 20)] {
        let mut stream = stream(n);
        let mut counts = vec![0; n as usize];
        for _ in 0..20_000 {
            for number in numbers(sample(&mut stream, k, n)) {
                counts[number as usize - 1] += 1;
            }
        }
        // Numbers of one sample exclude each other, which shrinks the statistic by (n - k) / (n - 1).
        let statistic = chi_square(&counts) * (n - 1) as f64 / (n - k) as f64;
        assert!(statistic < limit(n as usize - 1), "{k} of {n}: {statistic}");
    }
}

#[test]
fn errors_read_as_sentences() {
    assert_eq!(PicksError::Repeated.to_string(), "a number is repeated");
}
