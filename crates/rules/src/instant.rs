//! The `Instant` kind: a prize table in parts of 2^32, and an outcome of its own for each entry.

use core::fmt;

use crate::hash::Sha256;
use crate::house::{BandError, Rtp, RtpBand};
use crate::math;
use crate::seed::Domain;

/// The most rows of a prize table.
pub const MAX_PRIZES: usize = 16;
/// The whole: chances are parts of 2^32.
pub const PARTS: u64 = 1 << 32;
/// Outcomes in one hash.
pub const OUTCOMES_PER_BLOCK: u32 = 8;

/// A row of a prize table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prize {
    /// Chance, in parts of 2^32.
    pub parts: u32,
    /// The prize in parts of 10,000 of the stake; 0 loses.
    pub multiplier_bps: u32,
}

/// Rules of an instant lottery.
#[derive(Clone, Copy, Debug)]
pub struct InstantRules<'a> {
    /// Where the exact RTP must lie.
    pub band: RtpBand,
    /// The operator's part of all stakes.
    pub fee_bps: u16,
    /// 1 to 16 rows, from the highest prize down; the last may be the losing one.
    pub prizes: &'a [Prize],
}

/// Why rules are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RulesError {
    /// The band or the fee.
    Band(BandError),
    /// No row, or more than 16.
    PrizeCount,
    /// A row with no chance.
    NoChance,
    /// Rows are not from the highest prize down, each lower than the one before.
    Order,
    /// The top prize is less than the stake.
    TopPrize,
    /// Chances do not make 2^32 together.
    Sum,
    /// The exact RTP is outside the band.
    Rtp,
}

impl RulesError {
    /// One sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            RulesError::Band(error) => error.message(),
            RulesError::PrizeCount => "a prize table has 1 to 16 rows",
            RulesError::NoChance => "a row has no chance",
            RulesError::Order => "rows go from the highest prize down, each lower than the one before",
            RulesError::TopPrize => "the top prize must be at least the stake",
            RulesError::Sum => "the chances must make 4,294,967,296 (2^32) together",
            RulesError::Rtp => "the exact RTP is outside the declared band",
        }
    }
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for RulesError {}

impl InstantRules<'_> {
    /// Checks rules against each other and the registry's `fee_cap_bps`. The first fault found is returned.
    pub fn validate(&self, fee_cap_bps: u16) -> Result<(), RulesError> {
        self.band.validate(self.fee_bps, fee_cap_bps).map_err(RulesError::Band)?;
        if self.prizes.is_empty() || self.prizes.len() > MAX_PRIZES {
            return Err(RulesError::PrizeCount);
        }
        let mut above = u64::MAX;
        // Sixteen chances below 2^32.
        let mut sum = 0u64;
        for prize in self.prizes {
            if prize.parts == 0 {
                return Err(RulesError::NoChance);
            }
            if prize.multiplier_bps as u64 >= above {
                return Err(RulesError::Order);
            }
            above = prize.multiplier_bps as u64;
            sum = sum.wrapping_add(prize.parts as u64);
        }
        if (max_multiplier(self.prizes) as u64) < math::BPS {
            return Err(RulesError::TopPrize);
        }
        if sum != PARTS {
            return Err(RulesError::Sum);
        }
        if !rtp(self.prizes).is_some_and(|rtp| self.band.contains(rtp)) {
            return Err(RulesError::Rtp);
        }
        Ok(())
    }
}

/// The exact RTP of a table. `None` when the sum does not fit 64 bits.
pub fn rtp(prizes: &[Prize]) -> Option<Rtp> {
    let mut weighted_bps = 0u64;
    for prize in prizes {
        // Two factors below 2^32.
        let weight = (prize.parts as u64).wrapping_mul(prize.multiplier_bps as u64);
        weighted_bps = weighted_bps.checked_add(weight)?;
    }
    Some(Rtp { weighted_bps, ways: PARTS })
}

/// The highest multiplier of a table, which is its first.
pub fn max_multiplier(prizes: &[Prize]) -> u32 {
    prizes.first().map_or(0, |prize| prize.multiplier_bps)
}

/// The outcomes of eight entries of a page, entries `8 * block` on: `sha256(seed || [Domain::Instant] || sequence ||
/// block)`, both numbers `u32`, read as eight little-endian `u32`.
///
/// `sequence`: the page's place in the round.
#[inline]
pub fn outcomes<H: Sha256>(seed: &[u8; 32], sequence: u32, block: u32) -> [u32; 8] {
    let hash = H::hashv(&[seed, &[Domain::Instant as u8], &sequence.to_le_bytes(), &block.to_le_bytes()]);
    let mut outcomes = [0; 8];
    for (outcome, bytes) in outcomes.iter_mut().zip(hash.chunks_exact(4)) {
        *outcome = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    outcomes
}

/// The outcome of one entry, each of 2^32 equally likely: number `index % 8` of block `index / 8` of [`outcomes`].
#[inline]
pub fn outcome<H: Sha256>(seed: &[u8; 32], sequence: u32, index: u32) -> u32 {
    let block = outcomes::<H>(seed, sequence, index / OUTCOMES_PER_BLOCK);
    block[(index % OUTCOMES_PER_BLOCK) as usize]
}

/// From outcome to row: the rows take the outcomes from 0 up, each as many as its parts.
#[derive(Clone, Copy, Debug)]
pub struct PrizeTable {
    /// The first outcome of each row; rows beyond the table begin where no outcome is.
    starts: [u64; MAX_PRIZES],
    /// The last row.
    last: usize,
}

impl PrizeTable {
    /// The table of `prizes`, as validated.
    #[inline]
    pub fn new(prizes: &[Prize]) -> Self {
        let mut starts = [PARTS; MAX_PRIZES];
        let mut next = 0u64;
        for (start, prize) in starts.iter_mut().zip(prizes) {
            *start = next;
            next = next.wrapping_add(prize.parts as u64);
        }
        PrizeTable { starts, last: prizes.len().saturating_sub(1) & (MAX_PRIZES - 1) }
    }

    /// The row of an outcome, from 0.
    #[inline]
    pub fn row(&self, outcome: u32) -> usize {
        // Losing is the last row and the likeliest, so look from there.
        let mut row = self.last;
        while row > 0 && (outcome as u64) < self.starts[row & (MAX_PRIZES - 1)] {
            row -= 1;
        }
        row
    }
}
