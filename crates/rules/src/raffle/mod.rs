//! Kind `Raffle`: many people, few places, one order that anyone can check.
//!
//! | module | what it fixes |
//! |---|---|
//! | [`merkle`] | who may enter, and with what weight |
//! | [`ln`] | the logarithm, the same bits everywhere |
//! | [`order`] | keys, ranks, places and the waiting list |
//! | this one | the rules of a raffle, its draws, prizes by rank |

pub mod ln;
pub mod merkle;
pub mod order;
mod tables;

use core::fmt;

pub use order::{Places, Standing, key, ranked};

use crate::{hash::Sha256, math, seed::Domain};

/// Prizes by rank at most.
pub const MAX_RANK_PRIZES: usize = 16;
/// Entries with a rank at most: places and waiting list together.
pub const MAX_RANKED: u32 = 60_000;
/// Draws in one block of [`draws`].
pub const DRAWS_PER_BLOCK: u32 = 4;

/// How the order comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// By a draw in which the weights count.
    Weighted = 1,
    /// First come, first served: every key is 0, so the order is that of the chain.
    FirstCome = 2,
}

impl Mode {
    /// The mode stored as `byte`.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Weighted),
            2 => Some(Self::FirstCome),
            _ => None,
        }
    }

    /// The name used in SQL, JSON and TOML.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Weighted => "weighted",
            Self::FirstCome => "first_come",
        }
    }
}

/// The rules of a raffle that need checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RaffleRules<'a> {
    /// How the order comes about.
    pub mode: Mode,
    /// C: places.
    pub capacity: u32,
    /// W: ranks of the waiting list.
    pub waiting: u32,
    /// People on the list; 0: open to everyone, with weight 1.
    pub leaf_count: u32,
    /// Levels of the tree; 0 without a list.
    pub depth: u8,
    /// Winners confirm within so many seconds; 0: they need not.
    pub confirm_seconds: u32,
    /// Part of the fee that an offer costs which nobody confirmed.
    pub penalty_bps: u16,
    /// Of the pool; only where there are prizes.
    pub fee_bps: u16,
    /// Prizes by rank in parts of 10,000 of the pool after the fee; empty: places.
    pub prizes_bps: &'a [u16],
}

/// Why the rules of a raffle are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RulesError {
    /// No place, or more ranks than fit.
    Capacity,
    /// The list and the depth of its tree contradict each other.
    List,
    /// A penalty above the fee, or a waiting list or penalty without confirmation.
    Confirmation,
    /// A fee where the winners' stakes are the organiser's, or above the cap.
    Fee,
    /// Prizes that do not make 10,000, rise with the rank, or are not as many as the places.
    Prizes,
}

impl RulesError {
    /// One sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Capacity => {
                "a raffle has at least one place, and places and waiting list are at most 60,000"
            }
            Self::List => "the list must fit a tree of its depth, at most 20 levels",
            Self::Confirmation => {
                "a waiting list and a penalty need a time to confirm, and the penalty is at most 10,000"
            }
            Self::Fee => "a raffle for places takes no fee_bps: winners' fees are the organiser's",
            Self::Prizes => {
                "prizes by rank make 10,000 together, never rise, and are as many as the places, without a waiting list"
            }
        }
    }
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for RulesError {}

impl RaffleRules<'_> {
    /// Checks the rules against each other and the registry's `fee_cap_bps`.
    pub fn validate(&self, fee_cap_bps: u16) -> Result<(), RulesError> {
        let ranked = self.capacity.checked_add(self.waiting).ok_or(RulesError::Capacity)?;
        if self.capacity == 0 || ranked > MAX_RANKED {
            return Err(RulesError::Capacity);
        }
        let fits = self.depth <= merkle::MAX_DEPTH && self.leaf_count as u64 <= 1u64 << self.depth;
        if if self.leaf_count == 0 { self.depth != 0 } else { !fits } {
            return Err(RulesError::List);
        }
        let needs_time = self.waiting != 0 || self.penalty_bps != 0;
        if self.penalty_bps as u64 > math::BPS || (self.confirm_seconds == 0 && needs_time) {
            return Err(RulesError::Confirmation);
        }
        if self.prizes_bps.is_empty() {
            return if self.fee_bps == 0 { Ok(()) } else { Err(RulesError::Fee) };
        }
        if self.fee_bps > fee_cap_bps || self.fee_bps as u64 >= math::BPS {
            return Err(RulesError::Fee);
        }
        let sum: u64 = self.prizes_bps.iter().map(|share| *share as u64).sum();
        if sum != math::BPS
            || self.prizes_bps.len() != self.capacity as usize
            || self.prizes_bps.len() > MAX_RANK_PRIZES
            || self.prizes_bps.contains(&0)
            || !self.prizes_bps.is_sorted_by(|a, b| a >= b)
            || self.waiting != 0
            || self.confirm_seconds != 0
        {
            return Err(RulesError::Prizes);
        }
        Ok(())
    }
}

/// The draws of entries `4 * block` to `4 * block + 3` of a page: `sha256(seed || [Domain::Raffle] || sequence || block)`, as
/// four numbers of eight little-endian bytes.
#[inline]
pub fn draws<H: Sha256>(seed: &[u8; 32], sequence: u32, block: u32) -> [u64; DRAWS_PER_BLOCK as usize] {
    let hash = H::hashv(&[seed, &[Domain::Raffle as u8], &sequence.to_le_bytes(), &block.to_le_bytes()]);
    let mut draws = [0; DRAWS_PER_BLOCK as usize];
    for (draw, bytes) in draws.iter_mut().zip(hash.chunks_exact(8)) {
        let mut word = [0; 8];
        word.copy_from_slice(bytes);
        *draw = u64::from_le_bytes(word);
    }
    draws
}

/// What an offer costs that nobody confirmed: `floor(fee * penalty_bps / 10_000)`, in base units.
#[inline]
pub fn penalty(fee: u64, penalty_bps: u16) -> Option<u64> {
    math::bps(fee, penalty_bps)
}

/// Prizes by rank of a drawn raffle, in base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrizeSplit {
    /// To the operator: a part of the pool.
    pub fee: u64,
    /// `floor((pool - fee) * share / 10_000)` of each rank; ranks that nobody has leave theirs to the first.
    pub prize_each: [u64; MAX_RANK_PRIZES],
    /// What rounding leaves.
    pub dust: u64,
}

/// Splits the pool by rank. `entries`: at least 1. `None`: no entries, more than 16 shares, or shares above 10,000 together.
pub fn split_prizes(pool: u64, entries: u64, fee_bps: u16, prizes_bps: &[u16]) -> Option<PrizeSplit> {
    if entries == 0 || fee_bps as u64 > math::BPS || prizes_bps.len() > MAX_RANK_PRIZES {
        return None;
    }
    let fee = math::bps(pool, fee_bps)?;
    let net = pool.checked_sub(fee)?;
    let mut prize_each = [0; MAX_RANK_PRIZES];
    let mut left = net;
    let mut unclaimed = 0u64;
    for (rank, share) in prizes_bps.iter().enumerate() {
        let prize = math::bps(net, *share)?;
        left = left.checked_sub(prize)?;
        if (rank as u64) < entries {
            *prize_each.get_mut(rank)? = prize;
        } else {
            unclaimed = unclaimed.checked_add(prize)?;
        }
    }
    prize_each[0] = prize_each[0].checked_add(unclaimed)?;
    Some(PrizeSplit { fee, prize_each, dust: left })
}
