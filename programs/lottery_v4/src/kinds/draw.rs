//! Kind `Draw`: k of n numbers with an optional bonus ball; parimutuel tiers by match count; progressive
//! when rollover is on. Formulas: `lottery_rules::draw`.

use anchor_lang::prelude::*;
use lottery_interface::args::MAX_TICKETS;
use lottery_rules::{
    draw::{self as rules, DrawRules as Rules, SplitInput, Tier, TierTable},
    picks::{self, Picks},
};

use super::{Bought, Outcome, Place, Tally, check_count, drawn, picks_error, set_drawn};
use crate::{
    args::ConfigArgs,
    errors::{LotteryError, add, mul},
    hash::Syscall,
    state::{Config, DrawRules, Entry, Round, config_rules},
};

/// So that the price of a whole `enter` cannot overflow.
pub const MAX_STAKE_UNITS: u64 = u64::MAX / MAX_TICKETS as u64;

fn tiers(stored: &DrawRules) -> [Tier; 16] {
    stored.tiers.map(|tier| Tier { matches: tier.matches, bonus: tier.bonus, share_bps: tier.share_bps })
}

pub fn validate(config: &ConfigArgs, bytes: &[u8], fee_cap_bps: u16) -> Result<bool> {
    require!(bytes.len() == size_of::<DrawRules>(), LotteryError::InvalidRules);
    let stored: DrawRules = bytemuck::pod_read_unaligned(bytes);
    require!(stored.rollover <= 1 && stored.tier_count as usize <= 16, LotteryError::InvalidRules);
    require!((1..=MAX_STAKE_UNITS).contains(&config.stake_units), LotteryError::InvalidRules);
    let tiers = tiers(&stored);
    let rules = Rules {
        picks: stored.picks,
        numbers: stored.numbers,
        bonus_numbers: stored.bonus_numbers,
        rollover: stored.rollover == 1,
        fee_bps: config.fee_bps,
        tiers: &tiers[..stored.tier_count as usize],
    };
    rules.validate(fee_cap_bps).map_err(|_| LotteryError::InvalidRules)?;
    Ok(rules.rollover)
}

pub fn prepare_round(round: &mut Round, config: &Account<Config>) -> Result<()> {
    let rules: &DrawRules = config_rules(config)?;
    round.picks = rules.picks;
    round.numbers = rules.numbers;
    round.bonus_numbers = rules.bonus_numbers;
    round.rollover = rules.rollover;
    Ok(())
}

/// A ticket is its numbers, ascending, and the bonus ball if there is a drum for it.
#[inline(always)]
fn ticket_len(round: &Round) -> usize {
    round.picks as usize + (round.bonus_numbers != 0) as usize
}

#[inline(always)]
pub fn write_entries(
    round: &Round,
    place: &Place,
    quick_picks: u8,
    tickets: &[u8],
    free: &mut [Entry],
) -> Result<Bought> {
    let len = ticket_len(round);
    require!(len != 0, LotteryError::WrongKind);
    require!(tickets.len().is_multiple_of(len), LotteryError::TicketLength);
    let count = tickets.len() / len + quick_picks as usize;
    check_count(count as u32)?;
    let entries = free.get_mut(..count).ok_or(LotteryError::PageFull)?;

    let numbers = round.picks as usize;
    let mut chosen = 0;
    for (entry, ticket) in entries.iter_mut().zip(tickets.chunks_exact(len)) {
        let picks = picks::from_sorted(&ticket[..numbers], round.numbers).map_err(picks_error)?;
        let bonus = ticket.get(numbers).copied().unwrap_or(0);
        require!(
            bonus <= round.bonus_numbers && (bonus != 0 || round.bonus_numbers == 0),
            LotteryError::BonusOutOfRange
        );
        write_entry(entry, place.wallet, picks, bonus, round.stake_units);
        chosen += 1;
    }
    let quick = &mut entries[chosen..];
    if !quick.is_empty() {
        let mut stream = place.quick_pick_stream(chosen as u32);
        for entry in quick {
            let (picks, bonus) =
                rules::quick_pick(&mut stream, round.picks, round.numbers, round.bonus_numbers);
            write_entry(entry, place.wallet, picks, bonus, round.stake_units);
        }
    }
    // No overflow: the config's stake is at most MAX_STAKE_UNITS. A checked product would be 128 bits wide.
    let cost_units = round.stake_units.wrapping_mul(count as u64);
    Ok(Bought { count: count as u32, cost_units, liability_units: 0 })
}

/// Field by field into the page: a struct built on the stack would be copied by a call.
#[inline(always)]
fn write_entry(entry: &mut Entry, wallet: &Address, picks: Picks, bonus: u8, stake_units: u64) {
    entry.wallet = *wallet;
    entry.picks = picks;
    entry.stake_units = stake_units;
    entry.bonus = bonus;
    entry.tier = 0;
    entry.flags = 0;
    entry.spots = 0;
    entry.multiplier_bps = 0;
}

pub fn draw_result(round: &mut Round) {
    let drawn = rules::draw::<Syscall>(&round.seed, round.picks, round.numbers, round.bonus_numbers);
    set_drawn(round, drawn.picks, drawn.bonus);
}

pub fn settle_entries(
    round: &Round,
    config: &Account<Config>,
    entries: &mut [Entry],
    tally: &mut Tally,
) -> Result<()> {
    let stored: &DrawRules = config_rules(config)?;
    let tiers = tiers(stored);
    let table = TierTable::new(&tiers[..stored.tier_count as usize]);
    let (drawn, bonus) = drawn(round);
    let has_bonus = bonus != 0;
    for entry in entries {
        let matches = picks::matches(&entry.picks, &drawn);
        let tier = table.tier(matches, has_bonus && entry.bonus == bonus);
        if tier != 0 {
            entry.tier = tier;
            tally.tier_winners[(tier as usize - 1) & 15] += 1;
        }
    }
    Ok(())
}

pub fn split(round: &Round, config: &Account<Config>, jackpot_units: u64) -> Result<Outcome> {
    let stored: &DrawRules = config_rules(config)?;
    let count = stored.tier_count as usize;
    let shares = stored.tiers.map(|tier| tier.share_bps);
    let split = rules::split(&SplitInput {
        pool: round.pool_units,
        jackpot: jackpot_units,
        entries: round.entries,
        fee_bps: round.fee_bps,
        shares_bps: &shares[..count],
        winners: &round.winners[..count],
        rollover: round.rollover != 0,
        last_round: round.is_last != 0,
    })
    .ok_or(LotteryError::MathOverflow)?;
    // With rollover on, the jackpot leaves the lottery only when the top tier is won.
    let stays = round.entries == 0 || (round.rollover != 0 && round.is_last == 0 && round.winners[0] == 0);
    let mut prizes_units = 0;
    for (prize, winners) in split.prize_each.iter().zip(round.winners) {
        prizes_units = add(prizes_units, mul(*prize, winners)?)?;
    }
    Ok(Outcome {
        jackpot_in_units: if stays { 0 } else { jackpot_units },
        fee_units: split.fee,
        jackpot_units: split.jackpot_next,
        treasury_units: split.to_treasury,
        prize_each_units: split.prize_each,
        prizes_units,
        refund_all: split.refund_all,
        bonus_each_units: split.bonus_each,
        ..Outcome::default()
    })
}
