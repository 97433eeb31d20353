//! When attestations decide: M equal ones of N reporters, with 2M > N, so that two values can never both have a quorum.

use core::fmt;

use super::Facts;

/// Reporters of one oracle set at most.
pub const MAX_REPORTERS: usize = 16;

/// M of N.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// N: each attests at most once a round.
    pub reporters: u8,
    /// M: so many equal attestations decide.
    pub needed: u8,
}

/// Why a quorum is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuorumError {
    /// Not 1 to 16 reporters.
    Reporters,
    /// More are needed than there are.
    TooMany,
    /// Half or less is needed: two values could both have a quorum.
    NoMajority,
}

impl QuorumError {
    /// One sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Reporters => "an oracle set has 1 to 16 reporters",
            Self::TooMany => "the quorum is larger than the oracle set",
            Self::NoMajority => "the quorum must be more than half of the oracle set",
        }
    }
}

impl fmt::Display for QuorumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for QuorumError {}

/// What the attestations of a round amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// More attestations can still decide.
    Waiting,
    /// These facts have a quorum.
    Decided(Facts),
    /// Not even all missing reporters together could give any value a quorum.
    Split,
}

impl Quorum {
    /// 1 to 16 reporters, of which more than half are needed.
    pub const fn validate(&self) -> Result<(), QuorumError> {
        if self.reporters == 0 || self.reporters as usize > MAX_REPORTERS {
            return Err(QuorumError::Reporters);
        }
        if self.needed > self.reporters {
            return Err(QuorumError::TooMany);
        }
        if self.needed as u16 * 2 <= self.reporters as u16 {
            return Err(QuorumError::NoMajority);
        }
        Ok(())
    }

    /// So many reporters can together keep a round from being decided: N - M + 1. The quorum must be valid.
    pub const fn blocking(&self) -> u8 {
        self.reporters.saturating_sub(self.needed).saturating_add(1)
    }

    /// `attested`: the facts of those who attested, in any order, each once. The quorum must be valid.
    pub fn verdict<'a>(&self, attested: impl Iterator<Item = &'a Facts> + Clone) -> Verdict {
        let (mut most, mut count) = (0, 0usize);
        for facts in attested.clone() {
            let equal = attested.clone().filter(|other| *other == facts).count();
            if equal >= self.needed as usize {
                return Verdict::Decided(*facts);
            }
            most = most.max(equal);
            count += 1;
        }
        let missing = (self.reporters as usize).saturating_sub(count);
        if most + missing < self.needed as usize { Verdict::Split } else { Verdict::Waiting }
    }
}
