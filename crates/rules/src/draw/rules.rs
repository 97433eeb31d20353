//! What a `Draw` game may be, checked once when its config is written.

use core::fmt;

use crate::math::BPS;
use crate::picks::{MAX_NUMBER, MAX_PICKS};

/// The most tiers of a game.
pub const MAX_TIERS: usize = 16;

/// One prize tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Tier {
    /// Exactly so many numbers matched.
    pub matches: u8,
    /// 1: and the bonus ball hit. 0: and the bonus ball missed, or no bonus drum.
    pub bonus: u8,
    /// The tier's part of the net pool, in basis points.
    pub share_bps: u16,
}

/// The rules of a game.
#[derive(Clone, Copy, Debug)]
pub struct DrawRules<'a> {
    /// How many numbers are picked, and drawn.
    pub picks: u8,
    /// Numbers run from 1 to this, 128 at most.
    pub numbers: u8,
    /// Bonus balls run from 1 to this, 128 at most; 0: no bonus drum.
    pub bonus_numbers: u8,
    /// Whether a tier without winners feeds the next round's jackpot (true) or this round's other tiers.
    pub rollover: bool,
    /// The operator's part of the pool, in basis points.
    pub fee_bps: u16,
    /// From the top tier down, 1 to 16. The order decides where prizes roll, not the odds.
    pub tiers: &'a [Tier],
}

/// Why rules are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RulesError {
    /// `numbers` is not 1 to 128.
    Numbers,
    /// `picks` is not 1 to 20, or above `numbers`.
    Picks,
    /// `bonus_numbers` is above 128.
    BonusNumbers,
    /// The fee is above the cap, or takes everything.
    Fee,
    /// No tier, or more than 16.
    TierCount,
    /// A tier asks for a bonus ball of a game without a bonus drum, or its `bonus` is not 0 or 1.
    TierBonus,
    /// No ticket can ever win this tier.
    TierImpossible,
    /// A tier is won by matching nothing. Refused, so that an empty entry never wins.
    TierForNothing,
    /// Two tiers are won by the same tickets.
    TierRepeated,
    /// A tier has no share.
    ShareZero,
    /// Shares do not add up to 10,000 exactly.
    ShareSum,
}

impl RulesError {
    /// One sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            RulesError::Numbers => "numbers must be 1 to 128",
            RulesError::Picks => "picks must be 1 to 20 and no more than there are numbers",
            RulesError::BonusNumbers => "bonus numbers must be 0 to 128",
            RulesError::Fee => "the fee is above the cap, or takes everything",
            RulesError::TierCount => "there must be 1 to 16 tiers",
            RulesError::TierBonus => "a tier's bonus must be 0, or 1 in a game with a bonus drum",
            RulesError::TierImpossible => "no ticket can win a tier",
            RulesError::TierForNothing => "a tier is won by matching nothing",
            RulesError::TierRepeated => "two tiers are won by the same tickets",
            RulesError::ShareZero => "a tier has no share",
            RulesError::ShareSum => "shares must add up to 10,000 basis points",
        }
    }
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for RulesError {}

impl DrawRules<'_> {
    /// Checks rules against each other and the registry's `fee_cap_bps`. The first fault found is returned.
    pub fn validate(&self, fee_cap_bps: u16) -> Result<(), RulesError> {
        if self.numbers == 0 || self.numbers > MAX_NUMBER {
            return Err(RulesError::Numbers);
        }
        if self.picks == 0 || self.picks > MAX_PICKS || self.picks > self.numbers {
            return Err(RulesError::Picks);
        }
        if self.bonus_numbers > MAX_NUMBER {
            return Err(RulesError::BonusNumbers);
        }
        if self.fee_bps > fee_cap_bps || self.fee_bps as u64 >= BPS {
            return Err(RulesError::Fee);
        }
        if self.tiers.is_empty() || self.tiers.len() > MAX_TIERS {
            return Err(RulesError::TierCount);
        }
        // Sixteen shares below 2^16 fit 32 bits.
        let mut sum = 0u32;
        // One bit for each (matches, bonus).
        let mut seen = 0u64;
        for tier in self.tiers {
            self.validate_tier(tier)?;
            let bit = 1 << ((tier.matches << 1 | tier.bonus) & 63);
            if seen & bit != 0 {
                return Err(RulesError::TierRepeated);
            }
            seen |= bit;
            sum = sum.wrapping_add(tier.share_bps as u32);
        }
        if sum as u64 != BPS {
            return Err(RulesError::ShareSum);
        }
        Ok(())
    }

    fn validate_tier(&self, tier: &Tier) -> Result<(), RulesError> {
        if tier.bonus > 1 || (tier.bonus == 1 && self.bonus_numbers == 0) {
            return Err(RulesError::TierBonus);
        }
        // When more than half of the numbers are drawn, a ticket cannot miss them all.
        let too_few = tier.matches as u16 + (self.numbers as u16) < 2 * self.picks as u16;
        // A bonus drum of one ball is always hit.
        let always_hit = self.bonus_numbers == 1 && tier.bonus == 0;
        if tier.matches > self.picks || too_few || always_hit {
            return Err(RulesError::TierImpossible);
        }
        if tier.matches == 0 && tier.bonus == 0 {
            return Err(RulesError::TierForNothing);
        }
        if tier.share_bps == 0 {
            return Err(RulesError::ShareZero);
        }
        Ok(())
    }
}

/// From matches to tier in one look-up, because settling does it for every entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierTable([u8; 64]);

impl TierTable {
    /// The table of `tiers`, as validated. Index `matches * 2 + bonus_hit` holds the tier's number, from 1; 0 is no prize.
    #[inline]
    pub fn new(tiers: &[Tier]) -> Self {
        let mut table = [0; 64];
        let mut number = 0u8;
        for tier in tiers {
            number = number.wrapping_add(1);
            if let Some(cell) = table.get_mut(tier.matches as usize * 2 + tier.bonus as usize) {
                *cell = number;
            }
        }
        TierTable(table)
    }

    /// The tier, 1 to 16, of an entry with so many matches; 0: no prize.
    #[inline]
    pub fn tier(&self, matches: u32, bonus_hit: bool) -> u8 {
        // The shift below would lose the top bit of an absurd count.
        if matches > 31 {
            return 0;
        }
        self.0[((matches << 1 | bonus_hit as u32) & 63) as usize]
    }
}
