//! The `Keno` kind: 1 to 10 spots of 80, 20 numbers drawn, a fixed paytable for each spot count.

use core::fmt;

use crate::hash::Sha256;
use crate::house::{BandError, Rtp, RtpBand};
use crate::math;
use crate::picks::{self, Picks};
use crate::seed::{Domain, Stream};

/// Numbers in the drum.
pub const NUMBERS: u8 = 80;
/// Numbers drawn.
pub const DRAWN: u8 = 20;
/// The most spots on a ticket.
pub const MAX_SPOTS: usize = 10;

/// `[spots - 1][matches]`: the prize in parts of 10,000 of the stake. A row of zeros is not offered.
pub type Paytable = [[u32; MAX_SPOTS + 1]; MAX_SPOTS];

/// `[spots - 1][matches]`: draws of 20 of 80 seen by a ticket of so many spots, `C(20, matches) * C(60, spots - matches)`.
/// Each row's sum is [`TOTAL_WAYS`].
pub const WAYS: [[u64; MAX_SPOTS + 1]; MAX_SPOTS] = ways();

/// `[spots - 1]`: `C(80, spots)`, at most about 1.6e12.
pub const TOTAL_WAYS: [u64; MAX_SPOTS] = total_ways();

const fn binomial(n: u64, k: u64) -> u64 {
    let (mut ways, mut i) = (1, 0);
    while i < k {
        ways = ways * (n - i) / (i + 1);
        i += 1;
    }
    ways
}

const fn ways() -> [[u64; MAX_SPOTS + 1]; MAX_SPOTS] {
    let mut table = [[0; MAX_SPOTS + 1]; MAX_SPOTS];
    let mut spots = 1;
    while spots <= MAX_SPOTS {
        let mut matches = 0;
        while matches <= spots {
            let hit = binomial(DRAWN as u64, matches as u64);
            let missed = binomial((NUMBERS - DRAWN) as u64, (spots - matches) as u64);
            table[spots - 1][matches] = hit * missed;
            matches += 1;
        }
        spots += 1;
    }
    table
}

const fn total_ways() -> [u64; MAX_SPOTS] {
    let mut table = [0; MAX_SPOTS];
    let mut spots = 1;
    while spots <= MAX_SPOTS {
        table[spots - 1] = binomial(NUMBERS as u64, spots as u64);
        spots += 1;
    }
    table
}

/// The 20 numbers of a round, from the [`Domain::Keno`] stream of `seed`. Who entered what is not in it beyond the seed.
#[inline]
pub fn draw<H: Sha256>(seed: &[u8; 32]) -> Picks {
    picks::sample(&mut Stream::<H>::new(seed, Domain::Keno), DRAWN, NUMBERS)
}

/// Rules of a keno lottery.
#[derive(Clone, Copy, Debug)]
pub struct KenoRules<'a> {
    /// Where the exact RTP of every spot count offered must lie.
    pub band: RtpBand,
    /// The operator's part of all stakes.
    pub fee_bps: u16,
    /// What tickets win.
    pub paytable: &'a Paytable,
}

/// Why rules are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RulesError {
    /// The band or the fee.
    Band(BandError),
    /// No spot count has a prize.
    NothingOffered,
    /// A prize for more matches than spots.
    TooManyMatches {
        /// The row, by spots.
        spots: u8,
    },
    /// No prize of a row is as high as the stake.
    TopPrize {
        /// The row, by spots.
        spots: u8,
    },
    /// The exact RTP of a row is outside the band.
    Rtp {
        /// The row, by spots.
        spots: u8,
    },
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RulesError::Band(error) => error.fmt(f),
            RulesError::NothingOffered => f.write_str("the paytable has no prize"),
            RulesError::TooManyMatches { spots } => {
                write!(f, "{spots} spots: a prize for more matches than spots")
            }
            RulesError::TopPrize { spots } => {
                write!(f, "{spots} spots: the top prize must be at least the stake")
            }
            RulesError::Rtp { spots } => {
                write!(f, "{spots} spots: the exact RTP is outside the declared band")
            }
        }
    }
}

impl core::error::Error for RulesError {}

impl KenoRules<'_> {
    /// Checks rules against each other and the registry's `fee_cap_bps`. The first fault found is returned.
    pub fn validate(&self, fee_cap_bps: u16) -> Result<(), RulesError> {
        self.band.validate(self.fee_bps, fee_cap_bps).map_err(RulesError::Band)?;
        let top = max_multipliers(self.paytable);
        if top == [0; MAX_SPOTS] {
            return Err(RulesError::NothingOffered);
        }
        for (i, (row, top)) in self.paytable.iter().zip(top).enumerate() {
            let spots = i as u8 + 1;
            if row.iter().skip(i + 2).any(|prize| *prize != 0) {
                return Err(RulesError::TooManyMatches { spots });
            }
            if top == 0 {
                continue;
            }
            if (top as u64) < math::BPS {
                return Err(RulesError::TopPrize { spots });
            }
            if !rtp(self.paytable, spots).is_some_and(|rtp| self.band.contains(rtp)) {
                return Err(RulesError::Rtp { spots });
            }
        }
        Ok(())
    }
}

/// The exact RTP of tickets with so many spots: hypergeometric, in whole numbers.
///
/// `None` when `spots` is not 1 to 10, or the sum does not fit 64 bits, which needs an RTP above 100,000 %.
pub fn rtp(paytable: &Paytable, spots: u8) -> Option<Rtp> {
    let row = (spots as usize).checked_sub(1)?;
    let mut weighted_bps = 0u64;
    for (ways, prize) in WAYS.get(row)?.iter().zip(paytable.get(row)?) {
        weighted_bps = weighted_bps.checked_add(ways.checked_mul(*prize as u64)?)?;
    }
    Some(Rtp { weighted_bps, ways: *TOTAL_WAYS.get(row)? })
}

/// The highest multiplier of each row; 0 where none is offered.
pub fn max_multipliers(paytable: &Paytable) -> [u32; MAX_SPOTS] {
    paytable.map(|row| row.into_iter().max().unwrap_or(0))
}
