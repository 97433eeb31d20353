//! `[limits]`: what the program would refuse, said by the name in the file.

use anyhow::{Context, bail};
use lottery_interface::{
    Kind,
    accounts::{InstantRules, KenoRules},
    args::LimitsArgs,
};
use lottery_rules::{house, keno};

use super::LimitsSection;
use crate::amount;

/// Seconds between two rounds of a house game, and the least and the most.
const HOUSE_PERIOD: u32 = 5;
const HOUSE_PERIODS: std::ops::RangeInclusive<u32> = 2..=60;

/// Amounts of a house game.
#[derive(Default)]
struct House {
    min_stake_units: u64,
    max_stake_units: u64,
    page_budget_units: u64,
    max_liability_units: u64,
}

impl LimitsSection {
    pub(super) fn args(&self, kind: Kind, decimals: u8) -> anyhow::Result<LimitsArgs> {
        for (name, value) in [
            ("page_entries", self.page_entries),
            ("max_pages", self.max_pages),
            ("max_entries_per_round", self.max_entries_per_round),
        ] {
            if value == 0 {
                bail!("limits.{name}: must not be zero");
            }
        }
        let places = u64::from(self.page_entries) * u64::from(self.max_pages);
        if u64::from(self.max_entries_per_round) > places {
            bail!(
                "limits.max_entries_per_round: {} are more than page_entries x max_pages, which is {places}",
                self.max_entries_per_round
            );
        }
        let house = self.house(kind, decimals)?;
        Ok(LimitsArgs {
            max_stake_units: house.max_stake_units,
            min_stake_units: house.min_stake_units,
            page_budget_units: house.page_budget_units,
            max_liability_units: house.max_liability_units,
            page_entries: self.page_entries,
            max_pages: self.max_pages,
            max_entries_per_round: self.max_entries_per_round,
            max_entries_per_player: self.max_entries_per_player,
            period_seconds: self.period(kind)?,
            reward_step_lamports: self.reward_step_lamports,
            reward_item_lamports: self.reward_item_lamports,
            lock_offset_seconds: 0,
        })
    }

    fn period(&self, kind: Kind) -> anyhow::Result<u32> {
        let (least, most) = (HOUSE_PERIODS.start(), HOUSE_PERIODS.end());
        match self.period_seconds {
            None if kind.is_house() => Ok(HOUSE_PERIOD),
            None => bail!("limits.period_seconds: say how many seconds there are between two rounds"),
            Some(seconds) if kind.is_house() && !HOUSE_PERIODS.contains(&seconds) => {
                bail!(
                    "limits.period_seconds: rounds of a house game last {least} to {most} seconds, not {seconds}"
                )
            }
            Some(seconds) if seconds < *least => bail!("limits.period_seconds: must be at least {least}"),
            Some(seconds) => Ok(seconds),
        }
    }

    fn house(&self, kind: Kind, decimals: u8) -> anyhow::Result<House> {
        let amounts = [
            ("min_stake", &self.min_stake),
            ("max_stake", &self.max_stake),
            ("page_budget", &self.page_budget),
            ("max_liability", &self.max_liability),
        ];
        if !kind.is_house() {
            return match amounts.iter().find(|(_, text)| text.is_some()) {
                Some((name, _)) => {
                    bail!(
                        "limits.{name}: only house games have it (keno, instant); leave it out for kind {:?}",
                        kind.name()
                    )
                }
                None => Ok(House::default()),
            };
        }
        let mut units = [0; 4];
        for (units, (name, text)) in units.iter_mut().zip(amounts) {
            let text =
                text.as_deref().with_context(|| format!("limits.{name}: kind {:?} needs it", kind.name()))?;
            *units = amount::parse_positive(text, decimals).with_context(|| format!("limits.{name}"))?;
        }
        let [min_stake_units, max_stake_units, page_budget_units, max_liability_units] = units;
        let show = |units| amount::format(units, decimals);
        if min_stake_units > max_stake_units {
            bail!(
                "limits.max_stake: {} is less than limits.min_stake, {}",
                show(max_stake_units),
                show(min_stake_units)
            );
        }
        if page_budget_units > max_liability_units {
            bail!(
                "limits.max_liability: {} does not cover one page, limits.page_budget is {}",
                show(max_liability_units),
                show(page_budget_units)
            );
        }
        Ok(House { min_stake_units, max_stake_units, page_budget_units, max_liability_units })
    }
}

/// Every prize can be won: the least stake on each row stays within the share of a page's budget that one ticket may win.
pub(super) fn check_reach(kind: Kind, limits: &LimitsArgs, rules: &[u8], decimals: u8) -> anyhow::Result<()> {
    let rows: Vec<(String, u32)> = match kind {
        Kind::Keno => {
            let rules: KenoRules = bytemuck::pod_read_unaligned(rules);
            let tops = keno::max_multipliers(&rules.paytable_bps);
            (1..).zip(tops).map(|(spots, top): (u8, u32)| (format!("{spots} spots: "), top)).collect()
        }
        Kind::Instant => {
            let rules: InstantRules = bytemuck::pod_read_unaligned(rules);
            vec![(String::new(), rules.prizes[0].multiplier_bps)]
        }
        _ => return Ok(()),
    };
    let most = house::max_prize(limits.page_budget_units);
    for (row, top) in rows {
        let highest = house::prize(limits.min_stake_units, top).context("a prize does not fit in 64 bits")?;
        if highest > most {
            bail!(
                "limits.page_budget: {row}the least stake can win {}, and one ticket may win a sixteenth of the budget, {}: \
                 raise it to {} at least",
                amount::format(highest, decimals),
                amount::format(most, decimals),
                amount::format(highest.saturating_mul(house::BUDGET_SHARES), decimals),
            );
        }
    }
    Ok(())
}
