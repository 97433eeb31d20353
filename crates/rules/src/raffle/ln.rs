//! The natural logarithm in whole numbers: the same bits on every machine.

use super::tables::{LN, LN2};

/// `neg_ln` counts in parts of 2^58.
pub const SCALE_BITS: u32 = 58;

/// `floor(2^63 * 256 / (256 + i))`.
const INVERSES: [u64; 256] = {
    let mut inverses = [0; 256];
    let mut i = 0;
    while i < 256 {
        inverses[i] = ((1u128 << 71) / (256 + i as u128)) as u64;
        i += 1;
    }
    inverses
};

/// The upper half of a 128-bit product, by halves: a 128-bit multiplication is a long routine on chain.
#[inline(always)]
const fn mul_high(a: u64, b: u64) -> u64 {
    const LOW: u64 = u32::MAX as u64;
    let (a1, a0, b1, b0) = (a >> 32, a & LOW, b >> 32, b & LOW);
    // None of these can overflow: each is at most (2^32 - 1)^2 + 2 (2^32 - 1).
    let middle = a1.wrapping_mul(b0).wrapping_add(a0.wrapping_mul(b0) >> 32);
    let other = a0.wrapping_mul(b1).wrapping_add(middle & LOW);
    a1.wrapping_mul(b1).wrapping_add(middle >> 32).wrapping_add(other >> 32)
}

/// `-ln((x + 1) / 2^64)` in parts of 2^58, less than 3 parts away from the true value. A greater `x` never gives more.
/// Both are proved in docs/RULES.md.
///
/// `x + 1 = m * 2^(63 - z)` with `m` in `[1, 2)`, so the result is `(z + 1) ln 2 - ln m`. With `c = 1 + i / 256` the
/// greatest such number not above `m`, and `m / c = 1 + r`, `0 <= r < 2^-8`: `ln m = ln c + ln(1 + r)`, and
/// `ln(1 + r) = r - r^2 (1/2 - r/3 + r^2/4 - r^3/5 + r^4/6)` with an error below `r^7 / 7 < 2^-58`.
#[inline]
pub fn neg_ln(x: u64) -> u64 {
    // u = 1.
    let Some(y) = x.checked_add(1) else { return 0 };
    let z = y.leading_zeros();
    // m in parts of 2^63.
    let m = y << z;
    let i = (m >> 55) as usize & 255;
    // m / c in parts of 2^62; rounding down may leave it one part below 1.
    let ratio = mul_high(m, INVERSES[i]);
    let r = ratio.saturating_sub(1 << 62);
    // 256 r in parts of 2^64, so that products keep their bits.
    let t = r << 10;
    const fn part(n: u64) -> u64 {
        u64::MAX / n
    }
    let mut h = part(6);
    h = part(5).wrapping_sub(mul_high(t, h) >> 8);
    h = part(4).wrapping_sub(mul_high(t, h) >> 8);
    h = part(3).wrapping_sub(mul_high(t, h) >> 8);
    h = part(2).wrapping_sub(mul_high(t, h) >> 8);
    let square = mul_high(t, mul_high(t, h)) >> 16;
    // ln(1 + r) in parts of 2^64, then of 2^58.
    let rest = (r << 2).wrapping_sub(square) >> 6;
    LN2[z as usize & 63].saturating_sub(LN[i] + rest)
}
