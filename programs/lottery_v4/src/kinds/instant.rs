//! Kind `Instant`: a prize table in parts of 2^32, an outcome of its own for each entry. Formulas:
//! `lottery_rules::instant`.

use anchor_lang::prelude::*;
use lottery_rules::{
    house::RtpBand,
    instant::{self as rules, InstantRules as Rules, OUTCOMES_PER_BLOCK, Prize, PrizeTable, RulesError},
};

use super::{Bought, Place, Tally, check_count, free_entry, house};
use crate::{
    args::ConfigArgs,
    errors::{LotteryError, add},
    hash::Syscall,
    state::{Config, Entry, InstantRules, Round, config_rules},
};

fn prizes(stored: &InstantRules) -> [Prize; 16] {
    stored.prizes.map(|prize| Prize { parts: prize.parts, multiplier_bps: prize.multiplier_bps })
}

pub fn validate(config: &ConfigArgs, bytes: &[u8], fee_cap_bps: u16) -> Result<()> {
    require!(bytes.len() == size_of::<InstantRules>(), LotteryError::InvalidRules);
    let stored: InstantRules = bytemuck::pod_read_unaligned(bytes);
    let prizes = prizes(&stored);
    let rules = Rules {
        band: RtpBand { min_bps: stored.rtp_min_bps, max_bps: stored.rtp_max_bps },
        fee_bps: config.fee_bps,
        prizes: prizes.get(..stored.prize_count as usize).ok_or(LotteryError::InvalidRules)?,
    };
    rules.validate(fee_cap_bps).map_err(|error| match error {
        RulesError::Rtp => LotteryError::RtpOutOfBand.into(),
        RulesError::Sum => LotteryError::PrizeTableSum.into(),
        _ => LotteryError::InvalidRules.into(),
    })
}

pub fn prepare_round(round: &mut Round, config: &Account<Config>) -> Result<()> {
    let stored: &InstantRules = config_rules(config)?;
    round.max_multiplier_bps[0] = rules::max_multiplier(&prizes(stored));
    Ok(())
}

/// A ticket is a stake; with quick picks, the last stake is that of each of them.
#[inline(always)]
pub fn write_entries(
    round: &Round,
    place: &Place,
    quick_picks: u8,
    tickets: &[u8],
    free: &mut [Entry],
) -> Result<Bought> {
    let mut bought = Bought::default();
    let multiplier = round.max_multiplier_bps[0];
    let mut left = tickets;
    while !left.is_empty() {
        let (stake_units, rest) = house::read_stake(left)?;
        let times = if rest.is_empty() && quick_picks != 0 { quick_picks } else { 1 };
        for _ in 0..times {
            let entry = free_entry(free, bought.count)?;
            house::count(round, place, stake_units, multiplier, &mut bought)?;
            house::write_entry(entry, place.wallet, [0; 2], 0, stake_units);
        }
        left = rest;
    }
    check_count(bought.count)?;
    Ok(bought)
}

/// `first`: the index on its page of the first of `entries`.
pub fn settle_entries(
    round: &Round,
    config: &Account<Config>,
    sequence: u32,
    first: u32,
    entries: &mut [Entry],
    tally: &mut Tally,
) -> Result<()> {
    let stored: &InstantRules = config_rules(config)?;
    let prizes = prizes(stored);
    let table = PrizeTable::new(&prizes[..stored.prize_count as usize & 31]);
    let mut block = [0; OUTCOMES_PER_BLOCK as usize];
    for (i, entry) in entries.iter_mut().enumerate() {
        let index = first + i as u32;
        let place = index % OUTCOMES_PER_BLOCK;
        if place == 0 || i == 0 {
            block = rules::outcomes::<Syscall>(&round.seed, sequence, index / OUTCOMES_PER_BLOCK);
        }
        let row = table.row(block[place as usize]);
        let multiplier = prizes[row & 15].multiplier_bps;
        if multiplier != 0 {
            tally.tier_winners[row & 15] += 1;
            let prize = house::settle_winner(entry, row as u8 + 1, multiplier)?;
            tally.prizes_units = add(tally.prizes_units, prize)?;
        }
    }
    Ok(())
}
