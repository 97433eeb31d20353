//! Small tools that several test files share.
#![allow(dead_code)]

pub mod chance;
pub mod ln;
pub mod tables;

use lottery_rules::hash::Software;
use lottery_rules::seed::{Domain, Stream};
use proptest::prelude::*;

/// A stream that differs by `tag`.
pub fn stream(tag: u8) -> Stream<Software> {
    Stream::new(&[tag; 32], Domain::Draw)
}

/// Pearson's statistic for counts that should all be equal.
pub fn chi_square(counts: &[u64]) -> f64 {
    let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    counts.iter().map(|&c| (c as f64 - expected).powi(2) / expected).sum()
}

/// What a chi-square statistic stays below five standard deviations out of the time (Wilson and Hilferty's approximation).
/// The streams are fixed, so a test either always passes or never.
pub fn limit(degrees: usize) -> f64 {
    let d = degrees as f64;
    let spread = 2.0 / (9.0 * d);
    d * (1.0 - spread + 5.0 * spread.sqrt()).powi(3)
}

/// Whether `counts` look evenly spread.
pub fn even(counts: &[u64]) -> bool {
    chi_square(counts) < limit(counts.len() - 1)
}

/// Any magnitude is as likely as any other; a uniform u64 is almost never small.
pub fn magnitude() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => (any::<u64>(), 0u32..64).prop_map(|(x, shift)| x >> shift),
        2 => (0u32..64, -1i64..=1).prop_map(|(bit, near)| (1u64 << bit).wrapping_add_signed(near)),
        1 => Just(0),
        1 => Just(u64::MAX),
    ]
}
