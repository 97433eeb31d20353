//! What `Keno` and `Instant` share: prizes that are a multiple of the stake, paid from the operator's bankroll.

use core::fmt;

use crate::math;

/// One entry's highest prize may take at most this part of its page's budget: `floor(budget / 16)`.
pub const BUDGET_SHARES: u64 = 16;

/// The prize of a ticket: `floor(stake * multiplier_bps / 10_000)`, in base units.
///
/// `multiplier_bps`: parts of 10,000 of the stake, so 25,000 pays two and a half stakes. `None` when the prize does not
/// fit 64 bits.
#[inline]
pub fn prize(stake: u64, multiplier_bps: u32) -> Option<u64> {
    let multiplier = multiplier_bps as u64;
    let (whole, rest) = (stake / math::BPS, stake % math::BPS);
    // The remainder is below 10,000, so its product needs 46 bits.
    let part = rest.wrapping_mul(multiplier) / math::BPS;
    if whole >> 32 == 0 {
        // Two factors below 2^32.
        return whole.wrapping_mul(multiplier).checked_add(part);
    }
    math::mul_div(stake, multiplier, math::BPS)
}

/// The most that one entry may win on a page with this budget, in base units.
#[inline]
pub const fn max_prize(budget: u64) -> u64 {
    budget / BUDGET_SHARES
}

/// Where the money of a settled house round goes: `pool + budget == fee + prizes + to_bankroll`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HouseSplit {
    /// To the operator's fees: a part of the pool.
    pub fee: u64,
    /// Back to the free bankroll: the budget with what the round won or lost.
    pub to_bankroll: u64,
}

/// Splits a round. `pool`: all stakes. `budget`: what its pages reserved. `prizes`: all prizes, at most `budget`.
///
/// `None`: prizes above the budget, a fee above 100 %, or a sum beyond 64 bits. None of these can happen to a round whose
/// entries were accepted within their budgets.
pub fn split(pool: u64, fee_bps: u16, budget: u64, prizes: u64) -> Option<HouseSplit> {
    if fee_bps as u64 > math::BPS || prizes > budget {
        return None;
    }
    let fee = math::bps(pool, fee_bps)?;
    let to_bankroll = pool.checked_sub(fee)?.checked_add(budget.checked_sub(prizes)?)?;
    Some(HouseSplit { fee, to_bankroll })
}

/// The return to player that a config declares, in basis points, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpBand {
    /// At least 1.
    pub min_bps: u16,
    /// At most 10,000 less the fee: the bankroll loses to nobody in the long run.
    pub max_bps: u16,
}

/// Why a band is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandError {
    /// The fee is 100 % or more, or above the registry's cap.
    Fee,
    /// The lower end is zero or above the upper end.
    Ends,
    /// RTP and fee together can exceed what is staked.
    AboveStake,
}

impl BandError {
    /// One sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            BandError::Fee => "the fee is above the registry's cap or takes everything",
            BandError::Ends => "the RTP band's lower end must be at least 1 and at most its upper end",
            BandError::AboveStake => {
                "the RTP band's upper end and the fee exceed 10,000 basis points together"
            }
        }
    }
}

impl fmt::Display for BandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for BandError {}

impl RtpBand {
    /// Checks the band against itself, the fee and the registry's `fee_cap_bps`.
    pub fn validate(&self, fee_bps: u16, fee_cap_bps: u16) -> Result<(), BandError> {
        if fee_bps > fee_cap_bps || fee_bps as u64 >= math::BPS {
            return Err(BandError::Fee);
        }
        if self.min_bps == 0 || self.min_bps > self.max_bps {
            return Err(BandError::Ends);
        }
        // Two numbers below 2^16.
        if self.max_bps as u64 + fee_bps as u64 > math::BPS {
            return Err(BandError::AboveStake);
        }
        Ok(())
    }

    /// Whether an exact RTP lies in the band.
    pub fn contains(&self, rtp: Rtp) -> bool {
        // Below 2^16 times below 2^42.
        let at = |bps: u16| (bps as u64).wrapping_mul(rtp.ways);
        at(self.min_bps) <= rtp.weighted_bps && rtp.weighted_bps <= at(self.max_bps)
    }
}

/// An exact return to player: `weighted_bps / ways` basis points of the stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rtp {
    /// The sum over all outcomes of ways times multiplier.
    pub weighted_bps: u64,
    /// Equally likely outcomes, at most 2^42.
    pub ways: u64,
}
