//! Kind `Keno`: 1 to 10 spots of 80, 20 drawn, a fixed paytable. Formulas: `lottery_rules::keno`.

use anchor_lang::prelude::*;
use lottery_rules::{
    house::RtpBand,
    keno::{self as rules, KenoRules as Rules, MAX_SPOTS, NUMBERS, RulesError},
    picks,
};

use super::{Bought, Place, Tally, check_count, drawn, free_entry, house, picks_error, set_drawn};
use crate::{
    args::ConfigArgs,
    errors::{LotteryError, add},
    hash::Syscall,
    state::{Config, Entry, KenoRules, Round, config_rules},
};

/// Stake and spots of the quick picks, after the tickets.
const QUICK_LEN: usize = house::STAKE_LEN + 1;

pub fn validate(config: &ConfigArgs, bytes: &[u8], fee_cap_bps: u16) -> Result<()> {
    require!(bytes.len() == size_of::<KenoRules>(), LotteryError::InvalidRules);
    let stored: KenoRules = bytemuck::pod_read_unaligned(bytes);
    let rules = Rules {
        band: RtpBand { min_bps: stored.rtp_min_bps, max_bps: stored.rtp_max_bps },
        fee_bps: config.fee_bps,
        paytable: &stored.paytable_bps,
    };
    rules.validate(fee_cap_bps).map_err(|error| match error {
        RulesError::Rtp { .. } => LotteryError::RtpOutOfBand.into(),
        _ => LotteryError::InvalidRules.into(),
    })
}

pub fn prepare_round(round: &mut Round, config: &Account<Config>) -> Result<()> {
    let stored: &KenoRules = config_rules(config)?;
    round.max_multiplier_bps = rules::max_multipliers(&stored.paytable_bps);
    Ok(())
}

/// The highest multiplier of a spot count that is offered.
#[inline(always)]
fn max_multiplier(round: &Round, spots: u8) -> Result<u32> {
    let place = (spots as usize).wrapping_sub(1);
    require!(place < MAX_SPOTS, LotteryError::SpotsNotOffered);
    let multiplier = round.max_multiplier_bps[place];
    require!(multiplier != 0, LotteryError::SpotsNotOffered);
    Ok(multiplier)
}

#[inline(always)]
fn read_spots(bytes: &[u8]) -> Result<(u64, u8, &[u8])> {
    let (stake_units, rest) = house::read_stake(bytes)?;
    let (spots, rest) = rest.split_first().ok_or(LotteryError::TicketLength)?;
    Ok((stake_units, *spots, rest))
}

#[inline(always)]
pub fn write_entries(
    round: &Round,
    place: &Place,
    quick_picks: u8,
    tickets: &[u8],
    free: &mut [Entry],
) -> Result<Bought> {
    let mut bought = Bought::default();
    let (mut left, quick) = if quick_picks == 0 {
        (tickets, &[][..])
    } else {
        let at = tickets.len().checked_sub(QUICK_LEN).ok_or(LotteryError::TicketLength)?;
        tickets.split_at(at)
    };
    while !left.is_empty() {
        let (stake_units, spots, rest) = read_spots(left)?;
        let multiplier = max_multiplier(round, spots)?;
        let (numbers, rest) = rest.split_at_checked(spots as usize).ok_or(LotteryError::TicketLength)?;
        let entry = free_entry(free, bought.count)?;
        let picks = picks::from_sorted(numbers, NUMBERS).map_err(picks_error)?;
        house::count(round, place, stake_units, multiplier, &mut bought)?;
        house::write_entry(entry, place.wallet, picks, spots, stake_units);
        left = rest;
    }
    if quick_picks != 0 {
        write_quick(round, place, quick_picks, quick, free, &mut bought)?;
    }
    check_count(bought.count)?;
    Ok(bought)
}

#[inline(never)]
fn write_quick(
    round: &Round,
    place: &Place,
    quick_picks: u8,
    header: &[u8],
    free: &mut [Entry],
    bought: &mut Bought,
) -> Result<()> {
    let (stake_units, spots, _) = read_spots(header)?;
    let multiplier = max_multiplier(round, spots)?;
    let mut stream = place.quick_pick_stream(bought.count);
    for _ in 0..quick_picks {
        let entry = free_entry(free, bought.count)?;
        let picks = picks::sample(&mut stream, spots, NUMBERS);
        house::count(round, place, stake_units, multiplier, bought)?;
        house::write_entry(entry, place.wallet, picks, spots, stake_units);
    }
    Ok(())
}

pub fn draw_result(round: &mut Round) {
    let picks = rules::draw::<Syscall>(&round.seed);
    set_drawn(round, picks, 0);
}

/// A winner's tier is its matches and one more.
pub fn settle_entries(
    round: &Round,
    config: &Account<Config>,
    entries: &mut [Entry],
    tally: &mut Tally,
) -> Result<()> {
    let stored: &KenoRules = config_rules(config)?;
    let (drawn, _) = drawn(round);
    for entry in entries {
        let matches = picks::matches(&entry.picks, &drawn) as usize;
        let row = (entry.spots as usize).wrapping_sub(1);
        require!(row < MAX_SPOTS && matches <= MAX_SPOTS, LotteryError::InvariantViolated);
        let multiplier = stored.paytable_bps[row][matches];
        if multiplier != 0 {
            tally.tier_winners[matches] += 1;
            let prize = house::settle_winner(entry, matches as u8 + 1, multiplier)?;
            tally.prizes_units = add(tally.prizes_units, prize)?;
        }
    }
    Ok(())
}
