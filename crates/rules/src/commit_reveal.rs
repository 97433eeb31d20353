//! The operator's hash chain, and how its links become random values.
//!
//! Before the first entry the operator publishes `r_0`. Link `p` is the secret whose hash is the link before it,
//! `sha256(r_p) == r_{p-1}`, so that each reveal is proved by any earlier one and none can be exchanged. Rounds
//! that were void or refunded leave their link unrevealed, so a reveal may be up to [`MAX_DISTANCE`] links from
//! the last public one.

use crate::hash::Sha256;

/// The farthest a reveal may be from the last public link. Bounds the hashing that one instruction does.
pub const MAX_DISTANCE: u8 = 100;

/// Opens the message of [`value`].
pub const DOMAIN: &[u8] = b"lottery_v4/commit-reveal/1";

/// The random value: `sha256(DOMAIN || reveal || slot_hash)`. The operator fixed `reveal` before the slot existed.
#[inline]
pub fn value<H: Sha256>(reveal: &[u8; 32], slot_hash: &[u8; 32]) -> [u8; 32] {
    H::hashv(&[DOMAIN, reveal, slot_hash])
}

/// Whether `sha256^distance(reveal) == commit`. False when `distance` is not 1 to [`MAX_DISTANCE`].
#[inline]
pub fn verify<H: Sha256>(reveal: &[u8; 32], commit: &[u8; 32], distance: u8) -> bool {
    if distance == 0 || distance > MAX_DISTANCE {
        return false;
    }
    iterate::<H>(reveal, distance as u64) == *commit
}

#[inline]
fn iterate<H: Sha256>(start: &[u8; 32], times: u64) -> [u8; 32] {
    let mut link = *start;
    let mut left = times;
    while left > 0 {
        link = H::hashv(&[&link]);
        left -= 1;
    }
    link
}

#[cfg(feature = "sha2")]
pub use chain::{HashChain, MAX_LENGTH, STRIDE};

#[cfg(feature = "sha2")]
mod chain {
    extern crate alloc;

    use alloc::vec::Vec;

    use zeroize::Zeroize;

    use super::{MAX_DISTANCE, iterate};
    use crate::hash::{Sha256, Software};

    /// The longest chain that keeps [`STRIDE`]: 10 million reveals, which remember 6.4 MB.
    pub const MAX_LENGTH: u32 = 10_000_000;

    /// Links between two that a [`HashChain`] remembers. A round costs its operator less than twice as many hashes: those to
    /// the commit and those to the reveal.
    pub const STRIDE: u32 = 50;

    /// The operator's side of a chain of `length` reveals, made from one secret.
    ///
    /// `r_length` is `sha256(secret)`, each earlier link is the hash of the one after it, and `r_0` is public. A
    /// chain is made with `length` hashes once; after that a link costs less than [`STRIDE`] hashes, because
    /// each fiftieth is remembered. Only `secret` and `length` need to be stored.
    ///
    /// There is no `Debug`: this is a secret. Dropping it overwrites what it remembers.
    #[derive(Clone)]
    pub struct HashChain {
        length: u32,
        stride: u32,
        /// `checkpoints[i]` is link `length - i * stride`.
        checkpoints: Vec<[u8; 32]>,
    }

    impl HashChain {
        /// Computes a chain. `secret`: 32 bytes that nobody can guess, used for no other chain. `None` when
        /// `length` is 0. Beyond [`MAX_LENGTH`] a link costs proportionally more hashes, and memory does not grow.
        pub fn new(secret: &[u8; 32], length: u32) -> Option<Self> {
            if length == 0 {
                return None;
            }
            let stride = STRIDE * length.div_ceil(MAX_LENGTH);
            // Never moved: a move would leave a copy behind.
            let mut checkpoints = Vec::with_capacity((length / stride) as usize + 1);
            let mut link = Software::hashv(&[secret]);
            checkpoints.push(link);
            for _ in 0..length / stride {
                link = iterate::<Software>(&link, stride as u64);
                checkpoints.push(link);
            }
            link.zeroize();
            Some(HashChain { length, stride, checkpoints })
        }

        /// How many reveals the chain holds: positions 1 to `length`.
        pub fn length(&self) -> u32 {
            self.length
        }

        /// What to publish before the first entry: `r_0`.
        pub fn commit(&self) -> [u8; 32] {
            self.at(0)
        }

        /// The reveal at `position`, 1 to `length` (0 gives the public commit). `None` beyond the end.
        pub fn link(&self, position: u32) -> Option<[u8; 32]> {
            if position > self.length {
                return None;
            }
            Some(self.at(position))
        }

        /// The reveal at `position` if [`verify`](super::verify) accepts it for `commit`, which lies `distance` before:
        /// found by at most [`MAX_DISTANCE`] hashes in all, since the chain's own links need not be checked.
        pub fn opening(&self, commit: &[u8; 32], position: u32, distance: u8) -> Option<[u8; 32]> {
            if distance == 0 || distance > MAX_DISTANCE || position > self.length {
                return None;
            }
            let fits = self.at(position.checked_sub(distance as u32)?) == *commit;
            fits.then(|| self.at(position))
        }

        fn at(&self, position: u32) -> [u8; 32] {
            let steps = self.length - position;
            let checkpoint = &self.checkpoints[(steps / self.stride) as usize];
            iterate::<Software>(checkpoint, (steps % self.stride) as u64)
        }
    }

    impl Drop for HashChain {
        fn drop(&mut self) {
            self.checkpoints.zeroize();
        }
    }
}
