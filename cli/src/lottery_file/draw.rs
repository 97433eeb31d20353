//! `[draw]`.

use lottery_interface::accounts::{DrawRules, DrawTier, MAX_TIERS};
use lottery_rules::draw as rules;

use super::DrawSection;

impl DrawSection {
    pub(super) fn rules(&self, fee_bps: u16, fee_cap_bps: u16) -> anyhow::Result<DrawRules> {
        let tiers: Vec<_> = self
            .tiers
            .iter()
            .map(|tier| rules::Tier {
                matches: tier.matches,
                bonus: tier.bonus as u8,
                share_bps: tier.share_bps,
            })
            .collect();
        let checked = rules::DrawRules {
            picks: self.picks,
            numbers: self.numbers,
            bonus_numbers: self.bonus_numbers,
            rollover: self.rollover,
            fee_bps,
            tiers: &tiers,
        };
        checked.validate(fee_cap_bps).map_err(|error| anyhow::anyhow!("draw: {error}"))?;
        let mut table = [DrawTier { matches: 0, bonus: 0, share_bps: 0 }; MAX_TIERS];
        for (place, tier) in table.iter_mut().zip(&tiers) {
            *place = DrawTier { matches: tier.matches, bonus: tier.bonus, share_bps: tier.share_bps };
        }
        Ok(DrawRules {
            picks: self.picks,
            numbers: self.numbers,
            bonus_numbers: self.bonus_numbers,
            rollover: self.rollover as u8,
            tier_count: tiers.len() as u8,
            reserved: [0; 3],
            tiers: table,
        })
    }
}
