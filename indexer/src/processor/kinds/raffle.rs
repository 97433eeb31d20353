//! Kind `Raffle`: each entry has a key, and the smallest have a rank. The tier of an entry is the rank of its prize, from 1,
//! or what became of its place.

use lottery_interface::{accounts::RaffleRules, kinds::PlaceStatus};
use lottery_rules::{
    hash::Software,
    raffle::{self, DRAWS_PER_BLOCK, Mode, PrizeSplit},
};
use serde_json::{Value, json};
use solana_pubkey::Pubkey;

use super::{Outcome, Settled, Strange, Ticket, Unsettled};
use crate::rows::{bytea, mode_name};

pub const TIER_TAKEN: u8 = 1;
pub const TIER_LAPSED: u8 = 2;
pub const TIER_RELEASED: u8 = 3;

pub fn prizes(rules: &RaffleRules) -> &[u16] {
    rules.prizes_bps.get(..rules.prize_count as usize).unwrap_or(&rules.prizes_bps)
}

pub fn rules_row(rules: &RaffleRules, config: &str) -> Value {
    json!({
        "config": config,
        "root": bytea(&rules.root),
        "capacity": rules.capacity,
        "waiting": rules.waiting,
        "leaf_count": rules.leaf_count,
        "confirm_seconds": rules.confirm_seconds,
        "penalty_bps": rules.penalty_bps,
        "depth": rules.depth,
        "mode": mode_name(rules.mode),
        "prizes_bps": prizes(rules),
    })
}

/// A new round's part, as the program makes it.
pub fn round_columns(rules: &RaffleRules) -> Value {
    let mut columns = json!({
        "places": rules.prize_count == 0,
        "root": bytea(&rules.root),
        "ranking": Pubkey::default().to_string(),
        "threshold_key": 0,
        "threshold_page": 0,
        "threshold_index": 0,
        "capacity": rules.capacity,
        "waiting": rules.waiting,
        "leaf_count": rules.leaf_count,
        "confirm_seconds": rules.confirm_seconds,
        "ranked": 0,
        "taken": 0,
        "lapsed": 0,
        "promoted": 0,
        "penalty_bps": rules.penalty_bps,
        "depth": rules.depth,
        "mode": mode_name(rules.mode),
        "prize_count": rules.prize_count,
        "is_ranked": false,
    });
    if rules.leaf_count != 0 {
        // Everyone on the list has a place on a page, and nobody else.
        columns["max_entries"] = rules.leaf_count.into();
    }
    columns
}

/// With a list one ticket: its leaf, of which the program has checked the proof. Without, as many as there are quick picks;
/// nothing is picked, so none is marked as such.
pub fn tickets(
    rules: &RaffleRules,
    stake_units: u64,
    bytes: &[u8],
    quick_picks: u8,
) -> Result<Vec<Ticket>, Strange> {
    let ticket = |index: u32, weight: u32| Ticket {
        picks: [index as u64 | (weight as u64) << 32, 0],
        bonus: 0,
        spots: 0,
        stake_units,
        liability_units: 0,
        quick_pick: false,
        outcome: None,
        leaf: Some((index, weight)),
    };
    if rules.leaf_count == 0 {
        return Ok((0..quick_picks).map(|_| ticket(0, 1)).collect());
    }
    let Some((head, _)) = bytes.split_first_chunk::<8>() else {
        return Err("a ticket ends within its leaf".into());
    };
    let head = u64::from_le_bytes(*head);
    let (index, weight) = (head as u32, (head >> 32) as u32);
    if index >= rules.leaf_count || weight == 0 {
        return Err(format!("leaf {index} of weight {weight}, which the list does not have"));
    }
    Ok(vec![ticket(index, weight)])
}

/// Whether the order is that of the chain, so that no seed is needed.
pub fn is_first_come(rules: &RaffleRules) -> bool {
    rules.mode == Mode::FirstCome as u8
}

/// The key of each entry, as the program stores it. `sequence`: the page's place in the round.
pub fn keys(rules: &RaffleRules, seed: &[u8; 32], sequence: u32, entries: &[Unsettled]) -> Vec<(i64, u64)> {
    if is_first_come(rules) {
        return entries.iter().map(|entry| (entry.index, 0)).collect();
    }
    let mut drawn = (u32::MAX, [0; DRAWS_PER_BLOCK as usize]);
    let mut keys = Vec::with_capacity(entries.len());
    for entry in entries {
        let (block, place) = (entry.index as u32 / DRAWS_PER_BLOCK, entry.index as u32 % DRAWS_PER_BLOCK);
        if drawn.0 != block {
            drawn = (block, raffle::draws::<Software>(seed, sequence, block));
        }
        keys.push((entry.index, raffle::key(drawn.1[place as usize], (entry.picks[0] >> 32) as u32)));
    }
    keys
}

pub fn split(rules: &RaffleRules, settled: &Settled) -> Option<Outcome> {
    let mut outcome = Outcome {
        fee_units: 0,
        prize_each_units: [0; 16],
        prizes_units: 0,
        refund_all: false,
        bonus_each_units: 0,
        jackpot_in_units: 0,
        winning_units: 0,
        matched_units: 0,
        jackpot_units: None,
    };
    let (pool, entries) = (settled.book.pool_units, settled.entries);
    if entries == 0 {
        return Some(outcome);
    }
    if rules.prize_count != 0 {
        let PrizeSplit { fee, prize_each, dust: _ } =
            raffle::split_prizes(pool, entries, settled.fee_bps, prizes(rules))?;
        outcome.fee_units = fee;
        outcome.prize_each_units = prize_each;
        outcome.prizes_units = prize_each.iter().sum();
    } else if rules.confirm_seconds == 0 {
        let taken = raffle::ranked(entries, rules.capacity, rules.waiting);
        // Everyone pays the same.
        outcome.fee_units = (pool / entries).checked_mul(taken)?;
    }
    Some(outcome)
}

/// What `finalise` says of winners.
pub fn final_columns(rules: &RaffleRules, ranked: u64, outcome: &Outcome) -> Value {
    let mut columns =
        json!({ "winners": vec![0; 16], "prizes_units": outcome.prizes_units, "winners_total": 0 });
    if rules.prize_count != 0 {
        columns["winners_total"] = ranked.into();
    } else if rules.confirm_seconds == 0 {
        // Nobody need confirm, so every rank has its place.
        for column in ["winners_total", "winners_paid", "taken"] {
            columns[column] = ranked.into();
        }
    }
    columns
}

/// The tier of an entry whose rank is resolved.
pub fn tier(rules: &RaffleRules, rank: u64, status: PlaceStatus) -> u8 {
    match status {
        PlaceStatus::Taken if rules.prize_count != 0 => rank as u8 + 1,
        PlaceStatus::Taken => TIER_TAKEN,
        PlaceStatus::Lapsed => TIER_LAPSED,
        PlaceStatus::Released => TIER_RELEASED,
        PlaceStatus::Initial | PlaceStatus::Promoted => 0,
    }
}
