//! A lottery ready to be sent, and which funds it needs to run.

use anyhow::{Context, bail};
use lottery_client::{Pubkey, market::Market};
use lottery_interface::{
    Kind, Source,
    accounts::{DrawRules, InstantPrize, InstantRules, KenoRules, RaffleRules},
    args::{ConfigArgs, LimitsArgs, LotteryArgs},
    bond::AtStake,
    rewards,
};
use lottery_rules::{house::Rtp, instant, keno};

use crate::chain::Mint;

/// Rounds of a house game that hold a bond at the same time: two take entries, one or two wait for their value.
pub const ROUNDS_AT_ONCE: u64 = 4;

/// From the moment for which a value is meant until the round is final: a beacon's period or a reporter's look, and a keeper's.
const VALUE_DELAY_SECONDS: u64 = 6;

/// A file made ready for the program: amounts in base units, rules as bytes.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub args: LotteryArgs,
    pub limits: LimitsArgs,
    pub config: ConfigArgs,
    pub rules: Vec<u8>,
    /// Hash of the beacon's chain, when it draws from one.
    pub beacon: Option<[u8; 32]>,
    /// Of a market, each once, ascending.
    pub reporters: Vec<Pubkey>,
    /// 0 without a hash chain.
    pub chain_length: u32,
    pub crank_lamports: u64,
    pub bond_units: u64,
    pub jackpot_units: u64,
    pub bankroll_units: u64,
}

impl Prepared {
    pub fn is_house(&self) -> bool {
        Kind::from_byte(self.config.kind).is_some_and(Kind::is_house)
    }

    /// All that is paid in at creation in the lottery's mint, in base units.
    pub fn funds_units(&self) -> anyhow::Result<u64> {
        let funds = [self.bond_units, self.jackpot_units, self.bankroll_units];
        let units = funds.iter().try_fold(0u64, |sum, units| sum.checked_add(*units));
        units.context("bond, jackpot and bankroll do not fit in 64 bits together")
    }

    /// Bond that the first round reserves, in base units. In a lottery with a jackpot later ones reserve more.
    pub fn bond_each_units(&self) -> anyhow::Result<u64> {
        self.bond_of_units(0)
    }

    /// Bond that a round reserves when `earlier` ones are not final yet.
    fn bond_of_units(&self, earlier: u64) -> anyhow::Result<u64> {
        if self.config.source != Source::CommitReveal as u8 {
            return Ok(0);
        }
        let (config, limits) = (&self.config, &self.limits);
        let rolling = if self.rolls_over() { earlier } else { 0 };
        let at_stake = AtStake {
            kind: config.kind,
            stake_units: config.stake_units,
            max_entries: limits.max_entries_per_round,
            compensation_cap_bps: config.compensation_cap_bps,
            max_liability_units: limits.max_liability_units,
            jackpot_units: self.jackpot_units,
            unfinalised_pools_units: AtStake::pool_units(config.stake_units, limits.max_entries_per_round)
                .and_then(|pool| pool.checked_mul(rolling))
                .context("the pools of a few rounds do not fit in 64 bits: lower the limits")?,
        };
        at_stake.bond_units().context("the bond of a round does not fit in 64 bits: lower the limits")
    }

    /// Bond that so many rounds at once reserve together, while the jackpot stays what it is.
    pub fn bond_for_units(&self, rounds: u64) -> anyhow::Result<u64> {
        (0..rounds).try_fold(0u64, |sum, earlier| {
            sum.checked_add(self.bond_of_units(earlier)?)
                .context("the bonds of a few rounds do not fit in 64 bits: lower the limits")
        })
    }

    /// How many rounds at once the bond covers, of at most those that are needed.
    pub fn bonded_rounds(&self) -> anyhow::Result<u64> {
        let mut rounds = 0;
        while rounds < self.rounds_at_once() && self.bond_for_units(rounds + 1)? <= self.bond_units {
            rounds += 1;
        }
        Ok(rounds)
    }

    fn rolls_over(&self) -> bool {
        Kind::from_byte(self.config.kind) == Some(Kind::Draw)
            && bytemuck::pod_read_unaligned::<DrawRules>(&self.rules).rollover != 0
    }

    /// Refuses funds under which no round could ever open. Says what is needed.
    pub fn check_funds(&self, mint: &Mint) -> anyhow::Result<()> {
        let each = self.bond_each_units()?;
        if self.bond_units < each {
            let why = match self.is_house() {
                true => "2 x limits.max_liability",
                false => "stake x max_entries_per_round, compensation_cap_bps of it, and the jackpot",
            };
            bail!(
                "fund.bond: {} does not cover a round: each open round reserves {} ({why}); put in {} for {} rounds at once",
                mint.show(self.bond_units),
                mint.show(each),
                mint.show(self.bond_for_units(self.rounds_at_once())?),
                self.rounds_at_once(),
            );
        }
        if self.is_house() && self.bankroll_units < self.limits.page_budget_units {
            bail!(
                "fund.bankroll: {} does not cover a page: each open page reserves limits.page_budget, {}; \
                 put in {} for {} rounds at once",
                mint.show(self.bankroll_units),
                mint.show(self.limits.page_budget_units),
                mint.show(self.limits.page_budget_units.saturating_mul(self.rounds_at_once())),
                self.rounds_at_once(),
            );
        }
        let limits = &self.limits;
        let worst = rewards::worst_case_lamports(
            self.config.kind,
            limits.max_pages,
            limits.max_entries_per_round,
            limits.reward_step_lamports,
            limits.reward_item_lamports,
        );
        let worst = worst.context("the rewards of a round do not fit in 64 bits: lower the limits")?;
        if self.crank_lamports < worst {
            bail!(
                "fund.crank_sol: {} does not cover a round: each open round reserves {} for rewards; \
                 put in {} for {} rounds at once",
                Mint::sol().show(self.crank_lamports),
                Mint::sol().show(worst),
                Mint::sol().show(worst.saturating_mul(self.rounds_at_once())),
                self.rounds_at_once(),
            );
        }
        Ok(())
    }

    /// The exact RTP of each row that is offered, with what the row is called: "" or " of 4 spots".
    pub fn rtps(&self) -> Vec<(String, Rtp)> {
        match Kind::from_byte(self.config.kind) {
            Some(Kind::Keno) => {
                let rules: KenoRules = bytemuck::pod_read_unaligned(&self.rules);
                let offered =
                    (1..).zip(keno::max_multipliers(&rules.paytable_bps)).filter(|(_, top)| *top > 0);
                let row = |(spots, _): (u8, u32)| {
                    let plural = if spots == 1 { "spot" } else { "spots" };
                    Some((format!(" of {spots} {plural}"), keno::rtp(&rules.paytable_bps, spots)?))
                };
                offered.filter_map(row).collect()
            }
            Some(Kind::Instant) => {
                let rules: InstantRules = bytemuck::pod_read_unaligned(&self.rules);
                let prize = |row: &InstantPrize| instant::Prize {
                    parts: row.parts,
                    multiplier_bps: row.multiplier_bps,
                };
                instant::rtp(&rules.prizes.each_ref().map(prize))
                    .map(|rtp| (String::new(), rtp))
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// The same in percent, for JSON.
    pub fn rtp_percents(&self) -> Vec<f64> {
        self.rtps().iter().map(|(_, rtp)| rtp.weighted_bps as f64 / rtp.ways as f64 / 100.0).collect()
    }

    /// What players bet on, when it is a market.
    pub fn market(&self) -> Option<Market> {
        (self.config.kind == Kind::Prediction as u8).then(|| Market::from_tail(&self.rules)).flatten()
    }

    /// Places or prizes, when it is a raffle.
    pub fn raffle(&self) -> Option<RaffleRules> {
        let is_raffle = self.config.kind == Kind::Raffle as u8;
        (is_raffle && self.rules.len() == size_of::<RaffleRules>())
            .then(|| bytemuck::pod_read_unaligned(&self.rules))
    }

    /// Rounds that are open or wait for their value at the same time.
    pub fn rounds_at_once(&self) -> u64 {
        let wait_seconds = match (self.beacon, self.market()) {
            (Some(_), _) => self.config.beacon_margin_seconds,
            (None, Some(market)) => market.rules.event_delay_seconds,
            (None, None) => return if self.is_house() { ROUNDS_AT_ONCE } else { 2 },
        };
        // Two take entries; the others wait for their value and a keeper.
        let wait = u64::from(wait_seconds) + VALUE_DELAY_SECONDS;
        2 + wait.div_ceil(self.limits.period_seconds.max(1).into())
    }
}
