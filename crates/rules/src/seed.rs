//! From what was sold and one random value to a stream of unbiased numbers.
//!
//! ```text
//! entries -> page_digest -> fold_page (by sequence) -> sealed digest -+
//! random value ------------------------------------------------------+-> round_seed -> Stream (one per Domain)
//! round address ------------------------------------------------------+
//! ```
//!
//! All integers are hashed little-endian. Every message below has fixed-length fields, so no two different inputs
//! make the same message.

use core::marker::PhantomData;

use crate::hash::Sha256;

/// Opens the message of [`round_seed`]. The last part is the version of the construction.
pub const DOMAIN: &[u8] = b"lottery_v4/seed/1";

/// The seed of a round: `sha256(DOMAIN || value || round || sealed_digest)`.
///
/// `value`: the random value. `round`: the address of the round account, so that one value never decides
/// two rounds alike. `sealed_digest`: what [`fold_page`] left after the last page.
#[inline]
pub fn round_seed<H: Sha256>(value: &[u8; 32], round: &[u8; 32], sealed_digest: &[u8; 32]) -> [u8; 32] {
    H::hashv(&[DOMAIN, value, round, sealed_digest])
}

/// Adds entries to a page's running digest: `sha256(digest || entries)`. A page starts from 32 zero bytes.
///
/// `entries`: the bytes written by one instruction, whole entries. The digest therefore also fixes how
/// entries were grouped into instructions.
#[inline]
pub fn page_digest<H: Sha256>(digest: &[u8; 32], entries: &[u8]) -> [u8; 32] {
    H::hashv(&[digest, entries])
}

/// Seals a page into its round: `sha256(sealed_digest || page_digest || sequence || count)`, both numbers `u32`.
///
/// Pages are folded by `sequence` from 0, starting from 32 zero bytes; `count` is the entries in the page.
#[inline]
pub fn fold_page<H: Sha256>(
    sealed_digest: &[u8; 32],
    page_digest: &[u8; 32],
    sequence: u32,
    count: u32,
) -> [u8; 32] {
    H::hashv(&[sealed_digest, page_digest, &sequence.to_le_bytes(), &count.to_le_bytes()])
}

/// The head of a lottery's history after a round: `sha256(head || round_index || seed || result)`.
///
/// A lottery starts from 32 zero bytes. Whoever holds a head can prove every earlier result.
#[inline]
pub fn history_head<H: Sha256>(
    head: &[u8; 32],
    round_index: u64,
    seed: &[u8; 32],
    result: &[u8; 32],
) -> [u8; 32] {
    H::hashv(&[head, &round_index.to_le_bytes(), seed, result])
}

/// What a stream is used for. One seed gives an independent stream for each, so that no two uses share a number.
/// Tags are part of the record: never renumber, never reuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Domain {
    /// The numbers of a `Draw` round.
    Draw = 1,
    /// Numbers picked for a player who chose none.
    QuickPick = 2,
    /// The numbers of a `Keno` round.
    Keno = 3,
    /// Outcomes of `Instant` entries.
    Instant = 4,
    /// The order of a `Raffle`.
    Raffle = 5,
}

/// SHA-256 in counter mode: block `i` is `sha256(seed || [domain] || i as u32)`, and the stream is the blocks'
/// bytes in order. Its period is 2^32 blocks of 32 bytes, far beyond any use.
pub struct Stream<H> {
    seed: [u8; 32],
    domain: Domain,
    /// The next block to compute.
    counter: u32,
    block: [u8; 32],
    /// Bytes of `block` already given out, 0 to 32.
    used: u8,
    hash: PhantomData<fn() -> H>,
}

impl<H: Sha256> Stream<H> {
    /// A stream at its first byte. Hashes nothing yet.
    #[inline]
    pub fn new(seed: &[u8; 32], domain: Domain) -> Self {
        Stream { seed: *seed, domain, counter: 0, block: [0; 32], used: 32, hash: PhantomData }
    }

    #[cold]
    fn refill(&mut self) {
        self.block = H::hashv(&[&self.seed, &[self.domain as u8], &self.counter.to_le_bytes()]);
        self.counter = self.counter.wrapping_add(1);
        self.used = 0;
    }

    /// The next byte.
    #[inline]
    pub fn next_u8(&mut self) -> u8 {
        if self.used >= 32 {
            self.refill();
        }
        // The mask changes nothing and spares a bounds check.
        let byte = self.block[(self.used & 31) as usize];
        self.used = self.used.wrapping_add(1);
        byte
    }

    /// The next eight bytes, little-endian.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        for byte in &mut bytes {
            *byte = self.next_u8();
        }
        u64::from_le_bytes(bytes)
    }

    /// A number in `0..n`, each equally likely. `n` is 1 to 256; anything else is taken as the nearer of the two.
    ///
    /// A byte `b` is accepted when `b < 256 - 256 % n`, the largest multiple of `n` that bytes can cover, and gives
    /// `b % n`; else the next byte is tried. At least half of all bytes are accepted.
    #[inline]
    pub fn below(&mut self, n: u16) -> u8 {
        let n = n.clamp(1, 256);
        let limit = 256 - 256 % n;
        loop {
            let byte = self.next_u8() as u16;
            if byte < limit {
                return (byte % n) as u8;
            }
        }
    }

    /// A number in `0..n`, each equally likely; 0 is taken as 1. As [`Stream::below`], eight bytes at a time.
    #[inline]
    pub fn below_u64(&mut self, n: u64) -> u64 {
        let n = n.max(1);
        // 2^64 mod n, without a number of 65 bits: (2^64 - n) mod n.
        let excess = n.wrapping_neg() % n;
        loop {
            let x = self.next_u64();
            if x <= u64::MAX - excess {
                return x % n;
            }
        }
    }
}
