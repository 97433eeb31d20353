//! What `Keno` and `Instant` share: stakes that players choose, and prizes paid from the bankroll.

use anchor_lang::prelude::*;
use lottery_rules::house::{self, HouseSplit};

use super::{Bought, Outcome, Place};
use crate::{
    errors::{LotteryError, add},
    state::{Entry, Round},
};

/// Bytes of a stake in a ticket.
pub const STAKE_LEN: usize = 8;

#[inline(always)]
pub fn read_stake(bytes: &[u8]) -> Result<(u64, &[u8])> {
    let (stake, rest) = bytes.split_first_chunk::<STAKE_LEN>().ok_or(LotteryError::TicketLength)?;
    Ok((u64::from_le_bytes(*stake), rest))
}

/// Counts one more ticket: its stake must be within the round's limits, and its highest prize within the share of the
/// page's budget that one ticket may take.
#[inline(always)]
pub fn count(
    round: &Round,
    place: &Place,
    stake_units: u64,
    max_multiplier_bps: u32,
    bought: &mut Bought,
) -> Result<()> {
    require!(
        round.min_stake_units <= stake_units && stake_units <= round.max_stake_units,
        LotteryError::StakeOutOfRange
    );
    let highest = house::prize(stake_units, max_multiplier_bps).ok_or(LotteryError::MathOverflow)?;
    require!(highest <= place.max_prize_units, LotteryError::LiabilityAboveShare);
    bought.count += 1;
    bought.cost_units = add(bought.cost_units, stake_units)?;
    bought.liability_units = add(bought.liability_units, highest)?;
    Ok(())
}

/// Field by field into the page: a struct built on the stack would be copied by a call.
#[inline(always)]
pub fn write_entry(entry: &mut Entry, wallet: &Address, picks: [u64; 2], spots: u8, stake_units: u64) {
    entry.wallet = *wallet;
    entry.picks = picks;
    entry.stake_units = stake_units;
    entry.bonus = 0;
    entry.tier = 0;
    entry.flags = 0;
    entry.spots = spots;
    entry.multiplier_bps = 0;
}

/// Books a settled entry that won. Returns its prize.
#[inline(always)]
pub fn settle_winner(entry: &mut Entry, tier: u8, multiplier_bps: u32) -> Result<u64> {
    entry.tier = tier;
    entry.multiplier_bps = multiplier_bps;
    prize(entry)
}

/// The prize of a settled entry.
#[inline(always)]
pub fn prize(entry: &Entry) -> Result<u64> {
    house::prize(entry.stake_units, entry.multiplier_bps).ok_or_else(|| LotteryError::MathOverflow.into())
}

/// The pool pays the fee and, with the reserved budget, the prizes; the rest returns to the bankroll.
pub fn split(round: &Round, jackpot_units: u64) -> Result<Outcome> {
    let HouseSplit { fee, to_bankroll } =
        house::split(round.pool_units, round.fee_bps, round.budget_units, round.prizes_units)
            .ok_or(LotteryError::InvariantViolated)?;
    Ok(Outcome {
        fee_units: fee,
        jackpot_units,
        bankroll_units: to_bankroll,
        prizes_units: round.prizes_units,
        ..Outcome::default()
    })
}
