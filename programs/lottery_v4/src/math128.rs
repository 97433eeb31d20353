//! 128-bit multiplication, division and remainder on 64-bit halves.
//!
//! rustc and LLVM 23 disagree on how the upstream BPF target returns a 128-bit integer, so the libcalls
//! `__multi3`, `__udivti3` and `__umodti3` of the usual runtime library would corrupt memory. `scripts/program.d/math128.ll`
//! defines them in LLVM IR; it calls these functions, which pass nothing wider than 64 bits. Solana's own platform
//! tools do not have the disagreement and never see this file.
//!
//! Nothing here may use `u128`: LLVM would lower it to the very libcall being defined.

/// (low, high)
type Halves = (u64, u64);

const LOW: u64 = u32::MAX as u64;

/// The 128-bit product of two 64-bit numbers, schoolbook on 32-bit digits.
#[inline(always)]
fn widening_mul(a: u64, b: u64) -> Halves {
    let (a0, a1, b0, b1) = (a & LOW, a >> 32, b & LOW, b >> 32);
    let p00 = a0 * b0;
    let p01 = a0 * b1;
    let p10 = a1 * b0;
    // Three numbers below 2^32 each: cannot overflow.
    let middle = (p00 >> 32) + (p01 & LOW) + (p10 & LOW);
    ((middle << 32) | (p00 & LOW), a1 * b1 + (p01 >> 32) + (p10 >> 32) + (middle >> 32))
}

/// `a * b` modulo 2^128.
#[inline(always)]
fn mul(a: Halves, b: Halves) -> Halves {
    let (lo, hi) = widening_mul(a.0, b.0);
    (lo, hi.wrapping_add(a.0.wrapping_mul(b.1)).wrapping_add(a.1.wrapping_mul(b.0)))
}

/// Divides `high:low` by `d` where `high < d`, so that the quotient fits 64 bits. Knuth's algorithm D with two
/// 32-bit digits (The Art of Computer Programming, volume 2, 4.3.1).
#[inline(always)]
fn div_128_by_64(low: u64, high: u64, d: u64) -> (u64, u64) {
    let shift = d.leading_zeros();
    let d = d << shift;
    let (d1, d0) = (d >> 32, d & LOW);
    // `>> 1 >> (63 - shift)`: a shift by 64 is undefined, and happens when `shift` is 0.
    let high = (high << shift) | (low >> 1 >> (63 - shift));
    let low = low << shift;

    let (q1, rest) = digit(high, low >> 32, d1, d0, d);
    let (q0, rest) = digit(rest, low & LOW, d1, d0, d);
    ((q1 << 32) | q0, rest >> shift)
}

/// One 32-bit quotient digit of `rest:next / d`, and what remains.
#[inline(always)]
fn digit(rest: u64, next: u64, d1: u64, d0: u64, d: u64) -> (u64, u64) {
    let mut q = rest / d1;
    let mut r = rest - q * d1;
    // The estimate is at most two too large.
    while q > LOW || q * d0 > ((r << 32) | next) {
        q -= 1;
        r += d1;
        if r > LOW {
            break;
        }
    }
    // The true remainder fits 64 bits though its terms do not.
    let r = (rest << 32).wrapping_add(next).wrapping_sub(q.wrapping_mul(d));
    (q, r)
}

#[inline(always)]
fn less(a: Halves, b: Halves) -> bool {
    a.1 < b.1 || (a.1 == b.1 && a.0 < b.0)
}

#[inline(always)]
fn sub(a: Halves, b: Halves) -> Halves {
    let (lo, borrow) = a.0.overflowing_sub(b.0);
    (lo, a.1.wrapping_sub(b.1).wrapping_sub(borrow as u64))
}

/// Quotient and remainder. A zero divisor, which Rust's own check before the libcall excludes, gives (0, n).
#[inline(always)]
fn div_rem(n: Halves, d: Halves) -> (Halves, Halves) {
    if d.1 == 0 {
        if n.1 == 0 {
            if d.0 == 0 {
                return ((0, 0), n);
            }
            return ((n.0 / d.0, 0), (n.0 % d.0, 0));
        }
        if d.0 == 0 {
            return ((0, 0), n);
        }
        let q1 = n.1 / d.0;
        let (q0, r) = div_128_by_64(n.0, n.1 - q1 * d.0, d.0);
        return ((q0, q1), (r, 0));
    }
    if less(n, d) {
        return ((0, 0), n);
    }
    // The quotient is below 2^64. Estimate it from the divisor's top 64 bits (Hacker's Delight, 9-5): at most one
    // too small once reduced by one.
    let shift = d.1.leading_zeros();
    let d_top = (d.1 << shift) | (d.0 >> 1 >> (63 - shift));
    let (estimate, _) = div_128_by_64((n.0 >> 1) | (n.1 << 63), n.1 >> 1, d_top);
    let mut q = (estimate >> (63 - shift)).saturating_sub(1);
    let mut r = sub(n, mul((q, 0), d));
    if !less(r, d) {
        q += 1;
        r = sub(r, d);
    }
    ((q, 0), r)
}

/// What `math128.ll` calls. `out` receives the low half, then the high half.
#[cfg(target_arch = "bpf")]
mod exports {
    use super::{div_rem, mul};

    #[unsafe(no_mangle)]
    #[inline(never)]
    extern "C" fn lottery_mul128(out: &mut [u64; 2], a_lo: u64, a_hi: u64, b_lo: u64, b_hi: u64) {
        (out[0], out[1]) = mul((a_lo, a_hi), (b_lo, b_hi));
    }

    #[unsafe(no_mangle)]
    #[inline(never)]
    extern "C" fn lottery_div128(out: &mut [u64; 2], n_lo: u64, n_hi: u64, d_lo: u64, d_hi: u64) {
        (out[0], out[1]) = div_rem((n_lo, n_hi), (d_lo, d_hi)).0;
    }

    #[unsafe(no_mangle)]
    #[inline(never)]
    extern "C" fn lottery_rem128(out: &mut [u64; 2], n_lo: u64, n_hi: u64, d_lo: u64, d_hi: u64) {
        (out[0], out[1]) = div_rem((n_lo, n_hi), (d_lo, d_hi)).1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halves(x: u128) -> Halves {
        (x as u64, (x >> 64) as u64)
    }

    fn check(a: u128, b: u128) {
        assert_eq!(mul(halves(a), halves(b)), halves(a.wrapping_mul(b)), "{a} * {b}");
        if b != 0 {
            let (q, r) = div_rem(halves(a), halves(b));
            assert_eq!(q, halves(a / b), "{a} / {b}");
            assert_eq!(r, halves(a % b), "{a} % {b}");
        }
    }

    #[test]
    fn agrees_with_native_on_edges() {
        let mut edges = vec![0, 1, 2, 3, u128::MAX, u128::MAX - 1];
        for bit in 1..128 {
            let x = 1u128 << bit;
            edges.extend([x - 1, x, x + 1, u128::MAX - x, u128::MAX << bit]);
        }
        for &a in &edges {
            for &b in &edges {
                check(a, b);
            }
        }
    }

    #[test]
    fn agrees_with_native_on_random_widths() {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..300_000 {
            let mut wide = || ((next() as u128) << 64 | next() as u128) >> (next() % 128);
            check(wide(), wide());
        }
    }

    #[test]
    fn a_zero_divisor_does_not_trap() {
        assert_eq!(div_rem((7, 9), (0, 0)), ((0, 0), (7, 9)));
    }
}
