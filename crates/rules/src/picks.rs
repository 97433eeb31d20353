//! Sets of numbers from 1 to 128 as two 64-bit masks: 16 bytes an entry, and matching is one AND.

use core::fmt;

use crate::hash::Sha256;
use crate::seed::{Domain, Stream};

/// A set of numbers. Number `i`, 1 to 128, is bit `i - 1`; word 0 holds 1 to 64, word 1 holds 65 to 128.
pub type Picks = [u64; 2];

/// The most numbers that a player picks.
pub const MAX_PICKS: u8 = 20;

/// The largest number that a set can hold.
pub const MAX_NUMBER: u8 = 128;

/// Why numbers are not a valid pick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PicksError {
    /// No number, more than [`MAX_PICKS`], or not as many as the game asks for.
    WrongCount,
    /// A number is 0 or above the game's largest.
    OutOfRange,
    /// Numbers are not in ascending order.
    Unsorted,
    /// A number comes twice.
    Repeated,
}

impl PicksError {
    /// One sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            PicksError::WrongCount => "wrong count of numbers",
            PicksError::OutOfRange => "a number is out of range",
            PicksError::Unsorted => "numbers are not in ascending order",
            PicksError::Repeated => "a number is repeated",
        }
    }
}

impl fmt::Display for PicksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for PicksError {}

/// The set of `numbers`, 1 to [`MAX_PICKS`] of them, ascending, each 1 to `n`.
///
/// The caller knows how many the game asks for; [`from_sorted_exact`] checks that too.
#[inline]
pub fn from_sorted(numbers: &[u8], n: u8) -> Result<Picks, PicksError> {
    if numbers.is_empty() || numbers.len() > MAX_PICKS as usize {
        return Err(PicksError::WrongCount);
    }
    // Numbers ascend, so each word is filled in one go and the last number is the largest: this loop, most of
    // what a ticket costs on chain, needs two comparisons a number.
    let (mut low, mut last) = (0, 0);
    for (i, &number) in numbers.iter().enumerate() {
        let number = number as u64;
        if number > 64 {
            return Ok([unrotate(low), from_65(&numbers[i..], n)?]);
        }
        if number <= last {
            return Err(not_ascending(number, last));
        }
        low |= 1 << (number & 63);
        last = number;
    }
    if last > n as u64 {
        return Err(PicksError::OutOfRange);
    }
    Ok([unrotate(low), 0])
}

/// The second word: ascending numbers, the first above 64.
#[inline]
fn from_65(numbers: &[u8], n: u8) -> Result<u64, PicksError> {
    let (mut high, mut last) = (0, 64);
    for &number in numbers {
        let number = number as u64;
        if number <= last {
            return Err(not_ascending(number, last));
        }
        high |= 1 << (number & 63);
        last = number;
    }
    if last > n.min(MAX_NUMBER) as u64 {
        return Err(PicksError::OutOfRange);
    }
    Ok(unrotate(high))
}

/// Number `i` was put at bit `i % 64`; it belongs at bit `i - 1`.
#[inline]
fn unrotate(word: u64) -> u64 {
    word.rotate_right(1)
}

#[cold]
fn not_ascending(number: u64, last: u64) -> PicksError {
    match number {
        0 => PicksError::OutOfRange,
        _ if number == last => PicksError::Repeated,
        _ => PicksError::Unsorted,
    }
}

/// As [`from_sorted`], and exactly `k` numbers.
#[inline]
pub fn from_sorted_exact(numbers: &[u8], k: u8, n: u8) -> Result<Picks, PicksError> {
    if numbers.len() != k as usize {
        return Err(PicksError::WrongCount);
    }
    from_sorted(numbers, n)
}

/// Checks a set that arrived as a mask: exactly `k` numbers, none above `n`.
#[inline]
pub fn check(picks: &Picks, k: u8, n: u8) -> Result<(), PicksError> {
    let all = first(n);
    if picks[0] & !all[0] != 0 || picks[1] & !all[1] != 0 {
        return Err(PicksError::OutOfRange);
    }
    if count(picks) != k as u32 {
        return Err(PicksError::WrongCount);
    }
    Ok(())
}

/// The numbers of a set, ascending.
pub fn numbers(picks: Picks) -> impl Iterator<Item = u8> {
    let mut left = picks;
    core::iter::from_fn(move || {
        let word = (left[0] == 0) as usize;
        if left[word] == 0 {
            return None;
        }
        let bit = left[word].trailing_zeros() as u8;
        left[word] &= left[word] - 1;
        Some(64 * word as u8 + bit + 1)
    })
}

/// How many numbers are in a set.
#[inline]
pub fn count(picks: &Picks) -> u32 {
    ones(picks[0], picks[1])
}

/// How many numbers two sets share.
#[inline]
pub fn matches(a: &Picks, b: &Picks) -> u32 {
    ones(a[0] & b[0], a[1] & b[1])
}

/// Kernighan's count over two words: one turn for each bit set. The chain's machine has no population count, and few
/// numbers match.
#[inline]
fn ones(low: u64, high: u64) -> u32 {
    let mut count = 0u32;
    for word in [low, high] {
        let mut left = word;
        while left != 0 {
            left &= left.wrapping_sub(1);
            count = count.wrapping_add(1);
        }
    }
    count
}

/// The stream of the quick picks that one instruction writes: [`Domain::QuickPick`] of
/// `sha256(wallet || page || index)`, `index` a `u32` in little-endian.
///
/// `wallet`, `page`: account addresses. `index`: the place in the page of the instruction's first entry. All are in the
/// record, so anyone can recompute the numbers; nobody needs them to be secret.
#[inline]
pub fn quick_pick_stream<H: Sha256>(wallet: &[u8; 32], page: &[u8; 32], index: u32) -> Stream<H> {
    let seed = H::hashv(&[wallet, page, &index.to_le_bytes()]);
    Stream::new(&seed, Domain::QuickPick)
}

/// `k` distinct numbers of 1 to `n`, every set equally likely.
///
/// Numbers are drawn with [`Stream::below`] and one already in the set is drawn again. When `k > n / 2` the
/// numbers left out are drawn instead, so that at least every second draw is new: at most
/// `2 * min(k, n - k)` draws are expected. `n` above 128 is taken as 128, `k` above `n` as `n`.
#[inline]
pub fn sample<H: Sha256>(stream: &mut Stream<H>, k: u8, n: u8) -> Picks {
    let n = n.min(MAX_NUMBER);
    let k = k.min(n);
    let complement = k > n / 2;
    let mut left = if complement { n.wrapping_sub(k) } else { k };
    let mut picks = if n <= 64 {
        [sample_word(stream, left, n), 0]
    } else {
        let mut picks = [0; 2];
        while left > 0 {
            let bit = stream.below(n as u16);
            if !has(&picks, bit) {
                set(&mut picks, bit);
                left = left.wrapping_sub(1);
            }
        }
        picks
    };
    if complement {
        let all = first(n);
        picks = [all[0] & !picks[0], all[1] & !picks[1]];
    }
    picks
}

/// The loop of [`sample`] for a drum that fits one word, which a register can hold: quick picks run it on chain.
/// `left <= n / 2 <= 32`.
#[inline]
fn sample_word<H: Sha256>(stream: &mut Stream<H>, mut left: u8, n: u8) -> u64 {
    let n = n.max(1) as u64;
    // As in `Stream::below`.
    let limit = 256 - 256 % n;
    let mut word = 0;
    while left > 0 {
        let byte = stream.next_u8() as u64;
        if byte < limit {
            // The mask spares the check of the shift.
            let mask = 1 << ((byte % n) & 63);
            if word & mask == 0 {
                word |= mask;
                left = left.wrapping_sub(1);
            }
        }
    }
    word
}

/// The set of 1 to `n`. `n` above 128 is taken as 128.
#[inline]
fn first(n: u8) -> Picks {
    match n {
        0 => [0, 0],
        1..=64 => [u64::MAX >> ((64 - n) & 63), 0],
        65..=128 => [u64::MAX, u64::MAX >> ((128 - n) & 63)],
        _ => [u64::MAX, u64::MAX],
    }
}

/// The masks change nothing for a bit below 128, and spare the bounds and shift checks.
#[inline]
fn set(picks: &mut Picks, bit: u8) {
    picks[(bit >> 6 & 1) as usize] |= 1 << (bit & 63);
}

#[inline]
fn has(picks: &Picks, bit: u8) -> bool {
    picks[(bit >> 6 & 1) as usize] >> (bit & 63) & 1 == 1
}
