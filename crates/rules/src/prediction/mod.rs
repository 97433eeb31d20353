//! Kind `Prediction`: players bet against each other on facts that an oracle quorum attests.
//!
//! | module | what it fixes |
//! |---|---|
//! | [`mapping`] | which outcome a set of facts is |
//! | [`quorum`] | when attestations decide, and when they no longer can |
//! | this one | who is paid what |

pub mod mapping;
pub mod quorum;

pub use mapping::{FactsError, MAX_FACTS, MAX_RANGES, Mapping, MappingError, MappingKind, Range};
pub use quorum::{MAX_REPORTERS, Quorum, QuorumError, Verdict};

use crate::{hash::Sha256, math};

/// Opens the message of [`value`]. The last part is the version of the construction.
pub const DOMAIN: &[u8] = b"lottery_v4/facts/1";

/// Outcomes of one market at most.
pub const MAX_OUTCOMES: u8 = 128;

/// What an oracle attests: the drawn numbers, or other whole numbers, in the order that the market names. Those beyond the
/// market's count are 0.
pub type Facts = [i64; MAX_FACTS];

/// How a market matches stakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// Exactly two outcomes: the smaller side is matched in full, the larger pro rata, the rest of each stake comes back.
    ProRata = 1,
    /// Two to 128 outcomes: the winners share what all others staked.
    Parimutuel = 2,
}

impl Mode {
    /// The mode stored as `byte`.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::ProRata),
            2 => Some(Self::Parimutuel),
            _ => None,
        }
    }

    /// The name used in SQL, JSON and TOML.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProRata => "pro_rata",
            Self::Parimutuel => "parimutuel",
        }
    }

    /// Whether a market of this mode may have so many outcomes.
    pub const fn allows(self, outcomes: u8) -> bool {
        match self {
            Self::ProRata => outcomes == 2,
            Self::Parimutuel => outcomes >= 2 && outcomes <= MAX_OUTCOMES,
        }
    }
}

/// A settled market in base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Nobody was right, or nobody was wrong: every stake comes back, without fee.
    RefundAll,
    /// Winners get `payout`, losers `unmatched`; what rounding leaves goes to the treasury.
    Matched {
        /// What the losers lose together.
        matched: u64,
        /// To the operator, out of `matched`.
        fee: u64,
    },
}

/// Splits a market. `pool`: all stakes. `winning`: those on the outcome that came true.
///
/// `matched = min(winning, lost)` in mode `ProRata`, `lost` in `Parimutuel`, with `lost = pool - winning`;
/// `fee = floor(matched * fee_bps / 10_000)`. `None`: `winning` above `pool`, or a fee above 100 %.
pub fn split(mode: Mode, pool: u64, winning: u64, fee_bps: u16) -> Option<Split> {
    let lost = pool.checked_sub(winning)?;
    if fee_bps as u64 > math::BPS {
        return None;
    }
    if winning == 0 || lost == 0 {
        return Some(Split::RefundAll);
    }
    let matched = match mode {
        Mode::ProRata => lost.min(winning),
        Mode::Parimutuel => lost,
    };
    Some(Split::Matched { matched, fee: math::bps(matched, fee_bps)? })
}

/// What a winner gets: `stake + floor(stake * (matched - fee) / winning)`.
///
/// The payouts together are at most `winning + matched - fee`. `None`: a fee above `matched`, nothing on the
/// outcome that came true, or a result beyond 64 bits, which no stake that is a part of `winning` gives.
#[inline]
pub fn payout(stake: u64, matched: u64, fee: u64, winning: u64) -> Option<u64> {
    stake.checked_add(math::mul_div(stake, matched.checked_sub(fee)?, winning)?)
}

/// What comes back to a loser: `floor(stake * (lost - matched) / lost)`, the part that nobody took.
///
/// Together at most `lost - matched`. `None`: `matched` above `lost`, or nothing lost.
#[inline]
pub fn unmatched(stake: u64, matched: u64, lost: u64) -> Option<u64> {
    math::mul_div(stake, lost.checked_sub(matched)?, lost)
}

/// What `Round::value` holds of a market: `sha256(DOMAIN || facts)`, eight signed 64-bit numbers, little-endian.
pub fn value<H: Sha256>(facts: &Facts) -> [u8; 32] {
    let mut bytes = [0; 8 * MAX_FACTS];
    for (place, fact) in bytes.chunks_exact_mut(8).zip(facts) {
        place.copy_from_slice(&fact.to_le_bytes());
    }
    H::hashv(&[DOMAIN, &bytes])
}
