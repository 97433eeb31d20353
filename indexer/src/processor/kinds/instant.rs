//! Kind `Instant`: an outcome of its own for each entry. A winner's tier is its row of the prize table, from 1.

use lottery_interface::accounts::{InstantRules, MAX_SPOTS};
use lottery_rules::{
    hash::Software,
    instant::{self, Prize, PrizeTable},
};
use serde_json::{Value, json};

use super::{Settler, Strange, Ticket, house};

fn prizes(rules: &InstantRules) -> Vec<Prize> {
    let stored = rules.prizes.iter().take(rules.prize_count as usize);
    stored.map(|prize| Prize { parts: prize.parts, multiplier_bps: prize.multiplier_bps }).collect()
}

pub fn prize_rows(rules: &InstantRules, config: &str) -> Vec<Value> {
    let rows = (1u8..).zip(prizes(rules)).map(|(tier, prize)| {
        json!({
            "config": config,
            "tier": tier,
            "parts": prize.parts,
            "multiplier_bps": prize.multiplier_bps,
        })
    });
    rows.collect()
}

pub fn max_multipliers(rules: &InstantRules) -> [u32; MAX_SPOTS] {
    let mut multipliers = [0; MAX_SPOTS];
    multipliers[0] = instant::max_multiplier(&prizes(rules));
    multipliers
}

/// With quick picks, the last stake is that of each of them. Nothing is picked, so none is marked as such.
pub fn tickets(rules: &InstantRules, bytes: &[u8], quick_picks: u8) -> Result<Vec<Ticket>, Strange> {
    let multiplier = max_multipliers(rules)[0];
    let mut tickets = Vec::new();
    let mut left = bytes;
    while !left.is_empty() {
        let (stake_units, rest) = house::read_stake(left)?;
        let times = if rest.is_empty() && quick_picks != 0 { quick_picks } else { 1 };
        for _ in 0..times {
            tickets.push(house::ticket([0; 2], 0, stake_units, multiplier, false)?);
        }
        left = rest;
    }
    Ok(tickets)
}

pub fn settler<'a>(rules: &InstantRules, seed: [u8; 32], sequence: u32) -> Settler<'a> {
    let prizes = prizes(rules);
    let table = PrizeTable::new(&prizes);
    Box::new(move |entry| {
        let row = table.row(instant::outcome::<Software>(&seed, sequence, entry.index as u32));
        house::won(entry, row as u8 + 1, prizes.get(row)?.multiplier_bps)
    })
}
