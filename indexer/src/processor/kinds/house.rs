//! What `Keno` and `Instant` share: stakes that players choose, and prizes paid from the bankroll.

use lottery_rules::{house, picks::Picks};

use super::{Outcome, Settled, Strange, Ticket, Unsettled, Won};

/// The stake that opens a ticket, and the bytes after it.
pub fn read_stake(bytes: &[u8]) -> Result<(u64, &[u8]), Strange> {
    let (stake, rest) = bytes.split_first_chunk::<8>().ok_or("a ticket ends within its stake")?;
    Ok((u64::from_le_bytes(*stake), rest))
}

pub fn ticket(
    picks: Picks,
    spots: u8,
    stake_units: u64,
    max_multiplier_bps: u32,
    quick_pick: bool,
) -> Result<Ticket, Strange> {
    if max_multiplier_bps == 0 {
        return Err(format!("a ticket of {spots} spots, which the game does not offer"));
    }
    let liability_units = house::prize(stake_units, max_multiplier_bps)
        .ok_or_else(|| format!("the highest prize of a stake of {stake_units} does not fit 64 bits"))?;
    Ok(Ticket { picks, bonus: 0, spots, stake_units, liability_units, quick_pick, outcome: None, leaf: None })
}

/// A winner; a multiplier of zero loses.
pub fn won(entry: &Unsettled, tier: u8, multiplier_bps: u32) -> Option<Won> {
    let prize_units = house::prize(entry.stake_units, multiplier_bps);
    (multiplier_bps != 0).then_some(Won { tier, multiplier_bps, prize_units })
}

pub fn split(settled: &Settled) -> Option<Outcome> {
    let split =
        house::split(settled.book.pool_units, settled.fee_bps, settled.budget_units, settled.prizes_units)?;
    Some(Outcome {
        fee_units: split.fee,
        prize_each_units: [0; 16],
        prizes_units: settled.prizes_units,
        refund_all: false,
        bonus_each_units: 0,
        jackpot_in_units: 0,
        jackpot_units: None,
        winning_units: 0,
        matched_units: 0,
    })
}
