//! `[raffle]`: places or prizes, and who may enter. What the program would refuse is said by the name in the file.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use lottery_client::raffle::List;
use lottery_interface::accounts::RaffleRules;
use lottery_rules::raffle::{MAX_RANK_PRIZES, Mode, RaffleRules as Rules, RulesError};

use super::{LimitsSection, LotteryFile, RaffleSection};

/// Entries of one page at most.
const MOST_PAGE_ENTRIES: usize = 65_000;

impl LotteryFile {
    /// Reads the list that `[raffle]` names, beside the file in `folder`.
    pub fn load_list(&mut self, folder: &Path) -> anyhow::Result<()> {
        let Some(name) = self.raffle.as_ref().and_then(|raffle| raffle.list.as_ref()) else { return Ok(()) };
        let path = folder.join(name);
        self.list = Some(read_list(&path).context("raffle.list")?);
        Ok(())
    }

    /// The leaves of a list name their lottery: in another one nobody could enter.
    pub fn check_list(&self, lottery_id: u64) -> anyhow::Result<()> {
        let Some(list) = &self.list else { return Ok(()) };
        ensure!(
            list.lottery_id() == lottery_id,
            "InvalidList: raffle.list: it was prepared for lottery {}, and this is lottery {lottery_id}: \
             `lottery raffle prepare ... --lottery-id {lottery_id}` makes its own",
            list.lottery_id()
        );
        Ok(())
    }
}

/// A list that was prepared, every proof of it checked.
pub fn read_list(path: &Path) -> anyhow::Result<List> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read {}; `lottery raffle prepare` makes a list", path.display()))?;
    List::read(&text).with_context(|| path.display().to_string())
}

impl RaffleSection {
    pub(super) fn rules(
        &self,
        list: Option<&List>,
        fee_bps: u16,
        fee_cap_bps: u16,
    ) -> anyhow::Result<RaffleRules> {
        if self.list.is_some() && list.is_none() {
            bail!("raffle.list: the list was not read");
        }
        let name = self.mode.as_deref().unwrap_or(Mode::Weighted.name());
        let mode = [Mode::Weighted, Mode::FirstCome].into_iter().find(|mode| mode.name() == name);
        let mode =
            mode.with_context(|| format!("raffle.mode: {name:?} is unknown; use weighted or first_come"))?;
        let prizes = self.prizes_bps.as_deref().unwrap_or_default();
        ensure!(
            self.prizes_bps.is_none() || (1..=MAX_RANK_PRIZES).contains(&prizes.len()),
            "InvalidRankPrizes: raffle.prizes_bps: 1 to {MAX_RANK_PRIZES} prizes, this has {}",
            prizes.len()
        );
        let capacity = match self.capacity {
            Some(capacity) => capacity,
            None if !prizes.is_empty() => prizes.len() as u32,
            None => bail!(
                "raffle.capacity: say how many places there are, or the prizes by rank in raffle.prizes_bps"
            ),
        };
        let leaf_count = list.map_or(0, |list| list.people().len() as u32);
        let rules = Rules {
            mode,
            capacity,
            waiting: self.waiting,
            leaf_count,
            depth: list.map_or(0, List::depth),
            confirm_seconds: self.confirm_seconds,
            penalty_bps: self.penalty_bps,
            fee_bps,
            prizes_bps: prizes,
        };
        rules.validate(fee_cap_bps).map_err(|error| self.explain(error, fee_bps, fee_cap_bps))?;
        let mut prizes_bps = [0; MAX_RANK_PRIZES];
        prizes_bps[..prizes.len()].copy_from_slice(prizes);
        Ok(RaffleRules {
            root: list.map_or([0; 32], List::root),
            capacity,
            waiting: self.waiting,
            leaf_count,
            confirm_seconds: self.confirm_seconds,
            penalty_bps: self.penalty_bps,
            depth: rules.depth,
            mode: mode as u8,
            prize_count: prizes.len() as u8,
            reserved: [0; 3],
            prizes_bps,
        })
    }

    /// The program's name of a fault, where it is, and what to write.
    fn explain(&self, error: RulesError, fee_bps: u16, fee_cap_bps: u16) -> anyhow::Error {
        let place = match error {
            RulesError::Capacity => "InvalidPlaces: raffle.capacity",
            RulesError::List => "InvalidList: raffle.list",
            RulesError::Confirmation => "InvalidPlaces: raffle.confirm_seconds",
            RulesError::Prizes => "InvalidRankPrizes: raffle.prizes_bps",
            RulesError::Fee if self.prizes_bps.is_some() => {
                return anyhow::anyhow!(
                    "FeeAboveCap: config.fee_bps: {fee_bps} is above the registry's cap, {fee_cap_bps}"
                );
            }
            RulesError::Fee => "InvalidRules: config.fee_bps",
        };
        anyhow::anyhow!("{place}: {error}")
    }

    /// A list needs a page for each of its people, and first come, first served one page for all. What is left out follows.
    pub(super) fn limits(
        &self,
        limits: &LimitsSection,
        list: Option<&List>,
    ) -> anyhow::Result<LimitsSection> {
        let mut limits = limits.clone();
        let Some(list) = list else { return Ok(limits) };
        let people = list.people().len();
        let needed = people as u32;
        if self.mode.as_deref() == Some(Mode::FirstCome.name()) {
            ensure!(
                people <= MOST_PAGE_ENTRIES,
                "InvalidList: raffle.mode: first_come needs everybody of a list on one page, at most {MOST_PAGE_ENTRIES}; \
                 this list has {people}"
            );
            if limits.page_entries == 0 {
                limits.page_entries = needed;
            }
            ensure!(
                limits.page_entries >= needed,
                "InvalidList: limits.page_entries: first_come needs all {people} of the list on one page; write {people}, or \
                 leave it out"
            );
        }
        if limits.page_entries == 0 {
            bail!("limits.page_entries: say how many entries a page has");
        }
        if limits.max_entries_per_round == 0 {
            limits.max_entries_per_round = needed;
        }
        ensure!(
            limits.max_entries_per_round >= needed,
            "InvalidList: limits.max_entries_per_round: the list has {people} people, each with a place on a page; write {people}, \
             or leave it out"
        );
        if limits.max_pages == 0 {
            limits.max_pages = limits.max_entries_per_round.div_ceil(limits.page_entries);
        }
        Ok(limits)
    }
}
