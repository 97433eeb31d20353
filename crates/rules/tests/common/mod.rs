//! Small tools that several test files share.
#![allow(dead_code)]

use lottery_rules::hash::Software;
use lottery_rules::seed::{Domain, Stream};

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
