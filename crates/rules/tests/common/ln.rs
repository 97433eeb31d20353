//! The logarithm of raffles written again from docs/RULES.md alone: plain 128-bit numbers, one line a step.

/// What the steps give for one draw. `h` is each `h_n` for n = 6, 5, 4, 3, 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    pub z: u32,
    pub m: u128,
    pub i: usize,
    pub inverse: u128,
    pub r: u128,
    pub h: [u128; 5],
    pub square: u128,
    pub rest: u128,
    pub result: u128,
}

/// The steps for x below 2^64 - 1. `ln` and `ln2` are the tables, `ln2[k]` for (k + 1) ln 2.
pub fn steps(x: u64, ln: &[u64; 256], ln2: &[u64; 64]) -> Steps {
    let y = x as u128 + 1;
    let z = (0..64).find(|z| y << z >= 1 << 63).unwrap();
    let m = y << z;
    let i = (m / (1 << 55)) as usize - 256;
    let inverse = (1 << 71) / (256 + i as u128);
    let r = (m * inverse / (1 << 64)).saturating_sub(1 << 62);
    let part = |n: u128| ((1 << 64) - 1) / n;
    // floor(r * h), with r in parts of 2^62.
    let times_r = |h: u128| r * h / (1 << 62);
    let mut h = [part(6); 5];
    for k in 1..5 {
        h[k] = part(6 - k as u128) - times_r(h[k - 1]);
    }
    // The product with 256 r is kept in parts of 2^64: eight bits more.
    let square = r * (r * h[4] / (1 << 54)) / (1 << 70);
    let rest = (4 * r - square) / 64;
    let result = (ln2[z as usize] as u128).saturating_sub(ln[i] as u128 + rest);
    Steps { z, m, i, inverse, r, h, square, rest, result }
}
