//! The logarithm of raffles against one of 200 bits.

use lottery_rules::raffle::{key, ln::neg_ln};
use num_bigint::BigInt;
use proptest::prelude::*;

/// Bits after the point.
const BITS: u32 = 200;

/// `ln(n / d)` by `2 atanh((n - d) / (n + d))`, for a quotient from 1 to 2.
fn ln(n: BigInt, d: BigInt) -> BigInt {
    let s: BigInt = ((&n - &d) << BITS) / (&n + &d);
    let square: BigInt = (&s * &s) >> BITS;
    let (mut power, mut sum, mut k) = (s, BigInt::ZERO, 1u32);
    while power != BigInt::ZERO {
        sum += &power / k;
        power = (power * &square) >> BITS;
        k += 2;
    }
    sum * 2
}

/// `-ln((x + 1) / 2^64)`.
fn exact(x: u64) -> BigInt {
    let y: BigInt = BigInt::from(x) + 1;
    // y = m * 2^shift with m from 1 to 2.
    let shift = y.bits() as u32 - 1;
    let rest = BigInt::from(64 - shift) * ln(BigInt::from(2), BigInt::from(1));
    rest - ln(y, BigInt::from(1) << shift)
}

/// How far `neg_ln` is from the true value, in millionths of its last bit.
fn error(x: u64) -> u64 {
    let scaled = BigInt::from(neg_ln(x)) << (BITS - 58);
    let off: BigInt = (scaled - exact(x)).magnitude().clone().into();
    let off: BigInt = (off * 1_000_000) >> (BITS - 58);
    u64::try_from(off).unwrap()
}

const BOUND: u64 = 3_000_000;

/// Every edge: both ends, each power of two, each border between two entries of the table.
#[test]
fn it_is_right_at_every_edge() {
    let mut worst = 0;
    let ends = (0..2_000).chain((0..2_000).map(|i| u64::MAX - i));
    let powers = (0..64).map(|bit| 1u64 << bit);
    let borders = (0..64).flat_map(|shift| (256..512u64).map(move |i| (i << 55) >> shift));
    let near = |x: u64| (-2i64..=2).map(move |by| x.wrapping_add_signed(by));
    for x in ends.chain(powers.chain(borders).flat_map(near)) {
        worst = worst.max(error(x));
        assert!(error(x) <= BOUND, "{x:#x}");
    }
    println!("at most {} parts of 2^58 away", worst as f64 / 1e6);
    assert!(worst > 1_000_000, "the bound would be too loose");
}

#[test]
fn the_ends_are_what_they_should_be() {
    assert_eq!(neg_ln(u64::MAX), 0);
    assert_eq!(neg_ln(0), 12_786_308_645_202_655_660, "64 ln 2 in parts of 2^58");
    assert_eq!(neg_ln(u64::MAX >> 1), 199_786_072_581_291_495, "ln 2");
}

/// A greater number never has a greater key, but for the last bits.
#[test]
fn it_falls() {
    for i in 0..100_000u64 {
        let x = i * (u64::MAX / 100_000);
        assert!(neg_ln(x) >= neg_ln(x + (u64::MAX / 100_000)), "{x}");
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
        prop_assert!(error(x) <= BOUND);
        prop_assert!(error(x >> shift) <= BOUND);
        prop_assert!(error(!(x >> shift)) <= BOUND);
    }
}
