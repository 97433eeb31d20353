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
pub use chain::{CHECKPOINTS, HashChain};

#[cfg(feature = "sha2")]
mod chain {
    use super::iterate;
    use crate::hash::{Sha256, Software};

    /// Links that a [`HashChain`] remembers.
    pub const CHECKPOINTS: usize = 128;

    /// The operator's side of a chain of `length` reveals, made from one secret.
    ///
    /// `r_length` is `sha256(secret)`, each earlier link is the hash of the one after it, and `r_0` is public. A
    /// chain is made with `length` hashes once; after that a link costs at most `length / 128` hashes,
    /// because 128 links are remembered. Only `secret` and `length` need to be stored.
    ///
    /// There is no `Debug`: this is a secret.
    #[derive(Clone)]
    pub struct HashChain {
        length: u32,
        stride: u32,
        /// `checkpoints[i]` is link `length - i * stride`.
        checkpoints: [[u8; 32]; CHECKPOINTS],
    }

    impl HashChain {
        /// Computes a chain. `secret`: 32 bytes that nobody can guess, used for no other chain. `None` when
        /// `length` is 0.
        pub fn new(secret: &[u8; 32], length: u32) -> Option<Self> {
            if length == 0 {
                return None;
            }
            // Link 0 is `length` steps away and must fall within the last checkpoint's stride.
            let stride = length / CHECKPOINTS as u32 + 1;
            let mut link = Software::hashv(&[secret]);
            let mut checkpoints = [[0; 32]; CHECKPOINTS];
            for (i, checkpoint) in checkpoints.iter_mut().enumerate() {
                *checkpoint = link;
                // Checkpoints beyond link 0 are never read.
                if (i as u64 + 1) * stride as u64 > length as u64 {
                    break;
                }
                link = iterate::<Software>(&link, stride as u64);
            }
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

        fn at(&self, position: u32) -> [u8; 32] {
            let steps = self.length - position;
            let checkpoint = &self.checkpoints[(steps / self.stride) as usize];
            iterate::<Software>(checkpoint, (steps % self.stride) as u64)
        }
    }
}
