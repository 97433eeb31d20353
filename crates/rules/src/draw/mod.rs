//! The `Draw` kind: k of n numbers, an optional bonus ball from a second drum, parimutuel tiers.
//!
//! A tier is won by an exact count of matches and, where there is a bonus drum, by whether the bonus ball was hit.
//! Tier 1, the first in the list, is the top one: the jackpot is added to it.

mod rules;
mod split;

pub use rules::{DrawRules, MAX_TIERS, RulesError, Tier, TierTable};
pub use split::{Split, SplitInput, split};

#[cfg(feature = "odds")]
pub use crate::odds::{Drum, Ratio, odds};
pub use crate::picks::MAX_PICKS;

use crate::hash::Sha256;
use crate::picks::{self, Picks};
use crate::seed::{Domain, Stream};

/// What a round drew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The numbers of the main drum.
    pub picks: Picks,
    /// The bonus ball, from 1; 0 when the game has no bonus drum.
    pub bonus: u8,
}

/// Draws `picks` of 1 to `numbers`, then one of 1 to `bonus_numbers`, from the [`Domain::Draw`] stream of `seed`.
#[inline]
pub fn draw<H: Sha256>(seed: &[u8; 32], picks: u8, numbers: u8, bonus_numbers: u8) -> Drawn {
    let mut stream = Stream::<H>::new(seed, Domain::Draw);
    let (picks, bonus) = quick_pick(&mut stream, picks, numbers, bonus_numbers);
    Drawn { picks, bonus }
}

/// The next quick pick of a stream: `picks` of 1 to `numbers`, and a bonus ball of 1 to `bonus_numbers` or 0 when there
/// is no bonus drum.
#[inline]
pub fn quick_pick<H: Sha256>(
    stream: &mut Stream<H>,
    picks: u8,
    numbers: u8,
    bonus_numbers: u8,
) -> (Picks, u8) {
    let picks = picks::sample(stream, picks, numbers);
    let bonus = match bonus_numbers {
        0 => 0,
        n => stream.below(n as u16).wrapping_add(1),
    };
    (picks, bonus)
}
