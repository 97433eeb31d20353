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

/// Where players choose their stake.
#[derive(Default)]
struct Amounts {
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
                bail!("limits.{name}: must be written, and not zero");
            }
        }
        let places = u64::from(self.page_entries) * u64::from(self.max_pages);
        if u64::from(self.max_entries_per_round) > places {
            bail!(
                "limits.max_entries_per_round: {} are more than page_entries x max_pages, which is {places}",
                self.max_entries_per_round
            );
        }
        let amounts = self.amounts(kind, decimals)?;
        let period_seconds = self.period(kind)?;
        Ok(LimitsArgs {
            max_stake_units: amounts.max_stake_units,
            min_stake_units: amounts.min_stake_units,
            page_budget_units: amounts.page_budget_units,
            max_liability_units: amounts.max_liability_units,
            page_entries: self.page_entries,
            max_pages: self.max_pages,
            max_entries_per_round: self.max_entries_per_round,
            max_entries_per_player: self.max_entries_per_player,
            period_seconds,
            reward_step_lamports: self.reward_step_lamports,
            reward_item_lamports: self.reward_item_lamports,
            lock_offset_seconds: self.lock_offset(period_seconds)?,
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

    /// Of a timetable; 0 without one.
    fn lock_offset(&self, period_seconds: u32) -> anyhow::Result<u32> {
        match self.lock_offset_seconds {
            None => Ok(0),
            Some(offset) if offset >= period_seconds => bail!(
                "limits.lock_offset_seconds: {offset} is not below limits.period_seconds, {period_seconds}: rounds lock so many \
                 seconds past each multiple of the period"
            ),
            // The program's 0 is no timetable; a whole period is a multiple of it.
            Some(0) => Ok(period_seconds),
            Some(offset) => Ok(offset),
        }
    }

    fn amounts(&self, kind: Kind, decimals: u8) -> anyhow::Result<Amounts> {
        let stakes = [("min_stake", &self.min_stake), ("max_stake", &self.max_stake)];
        let house = [("page_budget", &self.page_budget), ("max_liability", &self.max_liability)];
        let who = [
            (
                &stakes,
                kind.has_own_stake(),
                "only kinds whose players choose their stake have it (keno, instant, prediction)",
            ),
            (&house, kind.is_house(), "only house games have it (keno, instant)"),
        ];
        let mut units = [0; 4];
        for (place, (amounts, has_them, only)) in who.into_iter().enumerate() {
            for (units, (name, text)) in units[place * 2..].iter_mut().zip(amounts) {
                *units = match (text, has_them) {
                    (None, false) => 0,
                    (Some(_), false) => {
                        bail!("limits.{name}: {only}; leave it out for kind {:?}", kind.name())
                    }
                    (None, true) => bail!("limits.{name}: kind {:?} needs it", kind.name()),
                    (Some(text), true) => {
                        amount::parse_positive(text, decimals).with_context(|| format!("limits.{name}"))?
                    }
                };
            }
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
        Ok(Amounts { min_stake_units, max_stake_units, page_budget_units, max_liability_units })
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
