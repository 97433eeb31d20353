//! The logarithm of raffles against one of 200 bits: the bounds that docs/RULES.md proves, and that it never rises.

mod common;
#[path = "raffle_ln/exact.rs"]
mod exact;
#[path = "../src/raffle/tables.rs"]
mod tables;

use common::ln::steps;
use exact::above;
use lottery_rules::raffle::{key, ln::neg_ln};
use num_bigint::BigInt;
use proptest::prelude::*;
use tables::{LN, LN2};

/// Proven: further above or below the true value no result can be, in millionths of a part of 2^58.
const ABOVE: i64 = 2_550_000;
const BELOW: i64 = -990_000;

/// How far `neg_ln` is above the true value.
fn error(x: u64) -> i64 {
    above(neg_ln(x), &exact::neg_ln(x))
}

fn is_within_bounds(x: u64) -> bool {
    (BELOW..=ABOVE).contains(&error(x))
}

/// How far each constant of the two tables is above its true value.
fn roundings() -> [Vec<i64>; 2] {
    let ln = LN.iter().enumerate();
    let ln = ln.map(|(i, part)| above(*part, &exact::ln(BigInt::from(256 + i), BigInt::from(256))));
    let two = exact::ln(BigInt::from(2), BigInt::from(1));
    let ln2 = LN2.iter().enumerate().map(|(z, part)| above(*part, &(BigInt::from(z + 1) * &two)));
    [ln.collect(), ln2.collect()]
}

/// Each constant is the nearest whole number: no more than half a part away.
#[test]
fn the_tables_are_the_nearest_numbers() {
    for (table, roundings) in roundings().iter().enumerate() {
        for (i, off) in roundings.iter().enumerate() {
            assert!(off.abs() < 500_000, "entry {i} of table {table} is off by {off} millionths");
        }
    }
}

/// The sum of docs/RULES.md, interval by interval: `rest` is at most 15,700 above and, for the roundings, the inverse and the
/// series together, so much below.
#[test]
fn the_bounds_follow_from_the_tables() {
    let [ln, ln2] = roundings();
    let below = |i: usize| 984_400 + 125_000 + (4e6 / 7.0 * (256.0 / (256 + i) as f64).powi(7)).ceil() as i64;
    let most = (0..256).map(|i| below(i) - ln[i]).max().unwrap() + ln2.iter().max().unwrap();
    let least = -15_700 - ln.iter().max().unwrap() + ln2.iter().min().unwrap();
    assert_eq!((most, least), (2_542_329, -987_252));
    assert!(most <= ABOVE && least >= BELOW && ABOVE < 3_000_000);
}

/// Every edge: both ends, each power of two, each border between two entries of the table.
#[test]
fn it_is_right_at_every_edge() {
    let ends = (0..2_000).chain((0..2_000).map(|i| u64::MAX - i));
    let powers = (0..64).map(|bit| 1u64 << bit);
    let borders = (0..64).flat_map(|shift| (256..512u64).map(move |i| (i << 55) >> shift));
    let near = |x: u64| (-2i64..=2).map(move |by| x.wrapping_add_signed(by));
    for x in ends.chain(powers.chain(borders).flat_map(near)) {
        assert!(is_within_bounds(x), "{x:#x}: {}", error(x));
    }
}

/// The bounds are not loose: these come within a tenth of a part of them.
#[test]
fn the_worst_known_are_nearly_at_the_bounds() {
    assert_eq!(error(0x4_0ffe_8540), 2_484_463);
    assert_eq!(error(0x01db_ffff_ffff_ffff), -971_553);
}

#[test]
fn the_ends_are_what_they_should_be() {
    assert_eq!(neg_ln(u64::MAX), 0);
    assert_eq!(neg_ln(0), 12_786_308_645_202_655_660, "64 ln 2 in parts of 2^58");
    assert_eq!(neg_ln(u64::MAX >> 1), 199_786_072_581_291_495, "ln 2");
}

/// A greater draw never has a greater key. Within an interval of the table docs/RULES.md proves it, and that the end of an
/// interval is worst with all 64 bits in use; here is every border.
#[test]
fn it_never_rises_at_a_border() {
    for first in 257..512u64 {
        let border = (first << 55) - 1;
        assert!(neg_ln(border - 1) >= neg_ln(border), "{border:#x}");
    }
    // The last interval ends at a power of two.
    let top = LN[255] + steps(u64::MAX - 1, &LN, &LN2).rest as u64;
    for z in 1..64 {
        assert!(LN2[z] - top >= LN2[z - 1], "{z}");
    }
}

#[test]
fn a_weight_divides_the_key() {
    assert_eq!(key(7, 1), neg_ln(7));
    assert_eq!(key(7, 1_000), neg_ln(7) / 1_000);
    assert_eq!(key(7, 0), key(7, 1), "no division by zero");
    assert_eq!(key(u64::MAX, u32::MAX), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// The whole domain, small numbers as often as large ones.
    #[test]
    fn it_is_right_everywhere(x: u64, shift in 0u32..64) {
        prop_assert!(is_within_bounds(x));
        prop_assert!(is_within_bounds(x >> shift));
        prop_assert!(is_within_bounds(!(x >> shift)));
    }

    #[test]
    fn it_is_what_the_page_says_step_by_step(x in 0..u64::MAX, shift in 0u32..64) {
        for x in [x, x >> shift, !(x >> shift)].into_iter().filter(|x| *x != u64::MAX) {
            prop_assert_eq!(neg_ln(x) as u128, steps(x, &LN, &LN2).result, "{:#x}", x);
        }
    }

    #[test]
    fn it_never_rises(x: u64, shift in 0u32..64, by in 1u64..1_000, far: u64) {
        for x in [x, x >> shift, !(x >> shift)] {
            prop_assert!(neg_ln(x) >= neg_ln(x.saturating_add(1)));
            prop_assert!(neg_ln(x) >= neg_ln(x.saturating_add(by)));
            prop_assert!(neg_ln(x.min(far)) >= neg_ln(x.max(far)));
        }
    }
}
