//! What a ticket against a bankroll returns: its exact mean and variance, and from them the band in which the realised
//! return of many tickets should lie.

use super::Ratio;
use crate::instant::{self, Prize};
use crate::keno::{self, Paytable, WAYS};
use crate::math;

/// How many standard errors on either side hold 95 % of all outcomes.
pub const Z_95: f64 = 1.96;

/// Exact moments of a ticket's multiplier, 1 being the stake: the mean is the RTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returns {
    /// The exact return to player: 19/20 is 95 %.
    pub mean: Ratio,
    /// The mean of the squared distance from the mean, in stakes squared.
    pub variance: Ratio,
}

impl Returns {
    /// A keno ticket with so many spots.
    ///
    /// `None` when `spots` is not 1 to 10 or not offered, or a number does not fit 128 bits, which no paytable with an RTP of
    /// at most 100 % causes.
    pub fn keno(paytable: &Paytable, spots: u8) -> Option<Self> {
        let place = (spots as usize).checked_sub(1)?;
        let (row, ways) = (paytable.get(place)?, WAYS.get(place)?);
        if *row == [0; keno::MAX_SPOTS + 1] {
            return None;
        }
        let rtp = keno::rtp(paytable, spots)?;
        Self::new(rtp.ways, rtp.weighted_bps, ways.iter().copied().zip(row.iter().copied()))
    }

    /// An instant ticket.
    ///
    /// `None` when a number does not fit 128 bits, which no valid table causes. The chances of `prizes` are taken as they
    /// are: a table that does not sum to 2^32 loses in what is missing.
    pub fn instant(prizes: &[Prize]) -> Option<Self> {
        let rtp = instant::rtp(prizes)?;
        Self::new(rtp.ways, rtp.weighted_bps, prizes.iter().map(|p| (p.parts as u64, p.multiplier_bps)))
    }

    /// With W ways, A the sum of ways times multiplier and B that of ways times its square, in basis points:
    /// mean = A / (10^4 W), variance = (W B - A^2) / (10^4 W)^2.
    ///
    /// For an RTP of at most 100 %, W B <= W max A <= 10^4 W^2 max < 2^(13.3 + 81.2 + 32).
    fn new(ways: u64, weighted: u64, rows: impl Iterator<Item = (u64, u32)>) -> Option<Self> {
        let mut squares = 0u128;
        for (ways, multiplier) in rows {
            let square = multiplier as u128 * multiplier as u128;
            squares = squares.checked_add(square.checked_mul(ways as u128)?)?;
        }
        let (ways, weighted) = (ways as u128, weighted as u128);
        let whole = ways.checked_mul(math::BPS as u128)?;
        let spread = ways.checked_mul(squares)?.checked_sub(weighted * weighted)?;
        Some(Returns {
            mean: Ratio::new(weighted, whole)?,
            variance: Ratio::new(spread, whole.checked_mul(whole)?)?,
        })
    }

    /// The same in floating point. For showing, never for money.
    pub fn stats(self) -> ReturnStats {
        ReturnStats { mean: self.mean.to_f64(), variance: self.variance.to_f64() }
    }
}

/// [`Returns`] in floating point, per unit of stake. For showing, never for money.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReturnStats {
    /// The exact RTP, rounded: 0.95 is 95 %.
    pub mean: f64,
    /// In stakes squared.
    pub variance: f64,
}

/// Tickets that return alike: those of one spot count, or of one instant game.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turnover {
    /// What a unit of stake returns.
    pub stats: ReturnStats,
    /// The sum of the stakes.
    pub stakes: f64,
    /// The sum of the squares of the stakes.
    pub squares: f64,
}

/// Where the realised return of many tickets should lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The exact RTP of these tickets: of each group, weighted by its stakes.
    pub exact: f64,
    /// `exact` less z standard errors, and no less than 0.
    pub low: f64,
    /// `exact` and z standard errors.
    pub high: f64,
}

/// `exact +- z * sqrt(sum of squares * variance) / sum of stakes` over all groups. For showing, never for money.
///
/// `z`: standard errors on either side, such as [`Z_95`]. `None` when nothing was staked.
///
/// Exact in its variance for instant tickets, and for keno tickets whose numbers are picked at random, because for these
/// the covariance of two tickets of a round is 0: whatever is drawn, a random ticket's mean return is the RTP. Tickets
/// with the same numbers in one round win together, so add up their stakes before squaring.
///
/// Few tickets do not follow the bell curve when most of the variance comes from one rare prize: such a game usually lies in
/// the lower half of its band, and above it when the prize falls.
pub fn band(groups: impl IntoIterator<Item = Turnover>, z: f64) -> Option<Band> {
    let (mut stakes, mut returned, mut variance) = (0.0, 0.0, 0.0);
    for group in groups {
        stakes += group.stakes;
        returned += group.stakes * group.stats.mean;
        variance += group.squares * group.stats.variance;
    }
    if stakes <= 0.0 {
        return None;
    }
    let exact = returned / stakes;
    let margin = z * libm::sqrt(variance) / stakes;
    Some(Band { exact, low: (exact - margin).max(0.0), high: exact + margin })
}
