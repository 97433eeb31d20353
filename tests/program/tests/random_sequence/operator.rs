//! What operators change while their lotteries run: limits and rules of rounds to come.

use lottery_interface::args::LimitsArgs;
use lottery_rules::{house::RtpBand, instant, keno};
use program_tests::{LotteryError as E, Pubkey, Rules, address, house::prizes_of};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{
    market::Market,
    markets::{random_market, with_fault},
    model::{GameModel, Model, Outcome, is_house, require},
    ops::Op,
    reporters::OracleSet,
};

/// Limits around those of the lottery's spec; sometimes such that no round could run.
pub fn limits_op(random: &mut ChaCha8Rng, g: &GameModel, person: usize, game: usize) -> Op {
    let base = &g.game.spec.limits;
    let mut limits = *base;
    limits.page_entries = random.random_range(3..=base.page_entries);
    limits.max_pages = random.random_range(1..=4);
    let places = limits.page_entries * limits.max_pages;
    limits.max_entries_per_round = places - random.random_range(0..3);
    if base.page_budget_units > 0 {
        limits.page_budget_units =
            base.page_budget_units / random.random_range(1..=2) + random.random_range(0..7);
        limits.max_liability_units =
            limits.page_budget_units * random.random_range(1..=2) + random.random_range(0..1_000_000);
        limits.max_stake_units = base.max_stake_units / random.random_range(1..3);
    }
    if random.random_bool(0.2) {
        limits.lock_offset_seconds = random.random_range(0..=limits.period_seconds);
    }
    match random.random_range(0..21) {
        20 => limits.lock_offset_seconds = limits.period_seconds + 1,
        0 => limits.max_entries_per_round = places + 1,
        1 => limits.min_stake_units = limits.max_stake_units + 1,
        2 => limits.max_liability_units = limits.page_budget_units.wrapping_sub(1),
        3 => limits.period_seconds = 1,
        4 => limits.page_budget_units = 16 * limits.min_stake_units.max(1) - 1,
        _ => {}
    }
    Op::UpdateLimits(person, game, limits)
}

/// The rules of the lottery's spec with another prize, sometimes one that breaks the band; other mappings and reporters of a
/// market.
pub fn config_op(
    random: &mut ChaCha8Rng,
    g: &GameModel,
    person: usize,
    game: usize,
    sets: &[OracleSet],
) -> Op {
    let mut rules = g.game.spec.rules;
    match &mut rules {
        Rules::Draw(_) => {}
        Rules::Prediction(rules) => {
            let market = random_market(random, rules.header.mode, sets);
            let faulty = random.random_bool(0.5);
            *rules = if faulty { with_fault(random, market) } else { market }.stored();
        }
        Rules::Keno(rules) => {
            rules.paytable_bps[0][1] = random.random_range(9_000..=39_500);
            rules.paytable_bps[9][10] = random.random_range(4_000_000..=20_000_000);
        }
        Rules::Instant(rules) => {
            rules.prizes[2].multiplier_bps = random.random_range(1..=17_000);
            rules.prizes[0].parts += random.random_bool(0.1) as u32;
        }
    }
    Op::UpdateConfig(person, game, Box::new(rules))
}

impl Model {
    pub fn update_limits(&mut self, is_operator: bool, game: usize, limits: &LimitsArgs) -> Outcome {
        let g = &mut self.games[game];
        require(is_operator, E::Unauthorized)?;
        let stakes = (limits.min_stake_units, limits.max_stake_units);
        let budgets = (limits.page_budget_units, limits.max_liability_units);
        let fit = limits.max_entries_per_round <= limits.page_entries * limits.max_pages;
        let stakes_fit = 0 < stakes.0 && stakes.0 <= stakes.1;
        let house_fit = stakes_fit
            && 16 * limits.min_stake_units <= limits.page_budget_units
            && limits.page_budget_units <= limits.max_liability_units;
        require(limits.period_seconds >= 2 && fit, E::InvalidLimits)?;
        require(limits.lock_offset_seconds <= limits.period_seconds, E::InvalidLimits)?;
        let fit = match g.rules {
            _ if is_house(&g.rules) => house_fit,
            Rules::Prediction(_) => stakes_fit && budgets == (0, 0),
            _ => stakes == (0, 0) && budgets == (0, 0),
        };
        require(fit, E::InvalidLimits)?;
        let lottery = &mut g.lottery;
        lottery.page_entries = limits.page_entries;
        lottery.max_pages = limits.max_pages;
        lottery.max_entries_per_round = limits.max_entries_per_round;
        lottery.max_entries_per_player = limits.max_entries_per_player;
        lottery.min_stake_units = limits.min_stake_units;
        lottery.max_stake_units = limits.max_stake_units;
        lottery.page_budget_units = limits.page_budget_units;
        lottery.max_liability_units = limits.max_liability_units;
        lottery.period_seconds = limits.period_seconds;
        lottery.lock_offset_seconds = limits.lock_offset_seconds;
        lottery.reward_step_lamports = limits.reward_step_lamports;
        lottery.reward_item_lamports = limits.reward_item_lamports;
        Ok(())
    }

    pub fn update_config(
        &mut self,
        is_operator: bool,
        game: usize,
        person: &Pubkey,
        rules: &Rules,
        oracles: impl Fn(&Market) -> usize,
    ) -> Outcome {
        let slot = self.slot;
        let g = &mut self.games[game];
        require(is_operator, E::Unauthorized)?;
        let fee_bps = g.config.fee_bps;
        match rules {
            Rules::Draw(_) => {}
            Rules::Prediction(_) => {
                let market = Market::of(rules).expect("a market");
                market.check(oracles(&market))?;
            }
            Rules::Keno(rules) => {
                let band = RtpBand { min_bps: rules.rtp_min_bps, max_bps: rules.rtp_max_bps };
                let paytable = &rules.paytable_bps;
                // Only these two things are ever wrong here.
                require(paytable[0][1] >= 10_000, E::InvalidRules)?;
                let fits = |spots: u8| {
                    paytable[spots as usize - 1] == [0; 11]
                        || band.contains(keno::rtp(paytable, spots).expect("fits"))
                };
                require((1..=10).all(fits), E::RtpOutOfBand)?;
                assert!(keno::KenoRules { band, fee_bps, paytable }.validate(fee_bps).is_ok());
            }
            Rules::Instant(rules) => {
                let prizes = prizes_of(rules);
                let sum: u64 = prizes.iter().map(|prize| prize.parts as u64).sum();
                require(sum == instant::PARTS, E::PrizeTableSum)?;
                let band = RtpBand { min_bps: rules.rtp_min_bps, max_bps: rules.rtp_max_bps };
                require(band.contains(instant::rtp(&prizes).expect("fits")), E::RtpOutOfBand)?;
                assert!(instant::InstantRules { band, fee_bps, prizes: &prizes }.validate(fee_bps).is_ok());
            }
        }
        let version = g.lottery.config_count;
        let (key, bump) = address::config(&g.game.key, version);
        g.config.version = version;
        g.config.created_slot = slot;
        g.config.rent_payer = person.to_bytes();
        g.config.bump = bump;
        g.rules = *rules;
        g.lottery.config = key.to_bytes();
        g.lottery.config_version = version;
        g.lottery.config_count += 1;
        Ok(())
    }
}
