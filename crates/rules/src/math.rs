//! Multiply, then divide: the one way an amount of money is scaled. Always rounds down.

/// Basis points in a whole: 10,000 bps = 100 %.
pub const BPS: u64 = 10_000;

/// `floor(a * b / d)` with a 128-bit product.
///
/// `None` when `d` is zero or the quotient does not fit 64 bits.
#[inline]
pub fn mul_div(a: u64, b: u64, d: u64) -> Option<u64> {
    if d == 0 {
        return None;
    }
    // 64-bit division is one instruction on chain, 128-bit division a long routine. Most products are small.
    if (a | b) >> 32 == 0 {
        return Some(a.wrapping_mul(b) / d);
    }
    // Two factors below 2^64 cannot overflow 128 bits.
    let quotient = (a as u128).wrapping_mul(b as u128) / d as u128;
    if quotient >> 64 == 0 { Some(quotient as u64) } else { None }
}

/// `floor(amount * bps / 10_000)`: a part of an amount, in the amount's own base units.
///
/// `None` when the result does not fit 64 bits, which needs `bps` above 10,000.
#[inline]
pub fn bps(amount: u64, bps: u16) -> Option<u64> {
    if amount >> 48 == 0 {
        // A factor below 2^48 and one below 2^16.
        return Some(amount.wrapping_mul(bps as u64) / BPS);
    }
    mul_div(amount, bps as u64, BPS)
}
