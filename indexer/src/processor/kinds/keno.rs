//! Kind `Keno`: 1 to 10 spots of 80 with a stake of one's own. A winner's tier is its matches and one more.

use lottery_interface::accounts::{KenoRules, MAX_SPOTS};
use lottery_rules::{
    hash::Software,
    keno,
    picks::{self, Picks},
};
use serde_json::{Value, json};

use super::{Place, Settler, Strange, Ticket, drawn, house, stored};

/// Stake and spots of the quick picks, after the tickets.
const QUICK_LEN: usize = 9;

pub fn paytable_rows(rules: &KenoRules, config: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    for (spots, row) in (1u8..).zip(&rules.paytable_bps) {
        for (matches, prize) in (0u8..).zip(row).filter(|(_, prize)| **prize != 0) {
            rows.push(
                json!({ "config": config, "spots": spots, "matches": matches, "multiplier_bps": prize }),
            );
        }
    }
    rows
}

pub fn max_multipliers(rules: &KenoRules) -> [u32; MAX_SPOTS] {
    keno::max_multipliers(&rules.paytable_bps)
}

/// Stake, spots, the highest multiplier of so many spots, and the bytes after.
fn read_spots<'a>(rules: &KenoRules, bytes: &'a [u8]) -> Result<(u64, u8, u32, &'a [u8]), Strange> {
    let (stake_units, rest) = house::read_stake(bytes)?;
    let (spots, rest) = rest.split_first().ok_or("a ticket ends before its spots")?;
    let place = (*spots as usize).checked_sub(1);
    let multiplier = place.and_then(|place| max_multipliers(rules).get(place).copied()).unwrap_or(0);
    Ok((stake_units, *spots, multiplier, rest))
}

pub fn tickets(
    rules: &KenoRules,
    place: &Place,
    bytes: &[u8],
    quick_picks: u8,
) -> Result<Vec<Ticket>, Strange> {
    let (mut left, quick) = match quick_picks {
        0 => (bytes, &[][..]),
        _ => {
            let at = bytes.len().checked_sub(QUICK_LEN).ok_or("quick picks without stake and spots")?;
            bytes.split_at(at)
        }
    };
    let mut tickets = Vec::new();
    while !left.is_empty() {
        let (stake_units, spots, multiplier, rest) = read_spots(rules, left)?;
        let (numbers, rest) =
            rest.split_at_checked(spots as usize).ok_or("a ticket with fewer numbers than spots")?;
        let picks: Picks = picks::from_sorted(numbers, keno::NUMBERS)
            .map_err(|error| format!("a ticket that the program took: {error}"))?;
        tickets.push(house::ticket(picks, spots, stake_units, multiplier, false)?);
        left = rest;
    }
    if quick_picks > 0 {
        let (stake_units, spots, multiplier, _) = read_spots(rules, quick)?;
        let mut stream = place.quick_pick_stream(tickets.len());
        for _ in 0..quick_picks {
            let picks = picks::sample(&mut stream, spots, keno::NUMBERS);
            tickets.push(house::ticket(picks, spots, stake_units, multiplier, true)?);
        }
    }
    Ok(tickets)
}

pub fn result(seed: &[u8; 32]) -> [u8; 32] {
    stored(keno::draw::<Software>(seed), 0)
}

pub fn settler<'a>(rules: &'a KenoRules, result: &[u8; 32]) -> Settler<'a> {
    let (drawn, _) = drawn(result);
    Box::new(move |entry| {
        let matches = picks::matches(&entry.picks, &drawn);
        let row = rules.paytable_bps.get((entry.spots as usize).checked_sub(1)?)?;
        house::won(entry, matches as u8 + 1, *row.get(matches as usize)?)
    })
}
