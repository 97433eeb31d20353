//! Logarithms of 200 bits.

use num_bigint::BigInt;

/// Bits after the point.
pub const BITS: u32 = 200;

/// `ln(n / d)` by `2 atanh((n - d) / (n + d))`, for a quotient from 1 to 2.
pub fn ln(n: BigInt, d: BigInt) -> BigInt {
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
pub fn neg_ln(x: u64) -> BigInt {
    let y: BigInt = BigInt::from(x) + 1;
    // y = m * 2^shift with m from 1 to 2.
    let shift = y.bits() as u32 - 1;
    let rest = BigInt::from(64 - shift) * ln(BigInt::from(2), BigInt::from(1));
    rest - ln(y, BigInt::from(1) << shift)
}

/// How far `parts` of 2^58 are above the true value, in millionths of a part.
pub fn above(parts: u64, exact: &BigInt) -> i64 {
    let off: BigInt = (BigInt::from(parts) << (BITS - 58)) - exact;
    let millionths: BigInt = (off * 1_000_000) >> (BITS - 58);
    i64::try_from(millionths).unwrap()
}
