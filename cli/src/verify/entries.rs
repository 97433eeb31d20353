//! What the row of each entry must say.

use lottery_interface::{
    accounts::{Entry, FLAG_PAID, FLAG_REFUNDED, Round},
    kinds::RoundStatus,
};
use lottery_rules::{house, picks};
use serde_json::json;

use super::columns::{Columns, hex, key};

/// An entry of a page; page and index are the row's key.
pub fn entry(entry: &Entry) -> Columns {
    let Entry { wallet, picks, stake_units, bonus, tier, flags, spots, multiplier_bps } = entry;
    vec![
        ("wallet", key(wallet)),
        ("picks", hex(bytemuck::bytes_of(picks))),
        ("numbers", json!(picks::numbers(*picks).collect::<Vec<u8>>())),
        ("bonus", json!(bonus)),
        ("spots", json!(spots)),
        ("stake_units", json!(stake_units)),
        ("tier", json!(tier)),
        ("multiplier_bps", json!(multiplier_bps)),
        ("paid", json!(flags & FLAG_PAID != 0)),
        ("refunded", json!(flags & FLAG_REFUNDED != 0)),
    ]
}

/// As [`entry`], with its prize. `settled`: the page's cursor is past it.
pub fn entry_with_prize(of: &Entry, settled: bool, round: &Round) -> Columns {
    let mut columns = entry(of);
    columns.push(("prize_units", json!(if settled { prize(of, round) } else { None })));
    columns
}

/// The prize of a settled entry; `None` while only the split of the pool will tell.
fn prize(entry: &Entry, round: &Round) -> Option<u64> {
    let Some(place) = (entry.tier as usize).checked_sub(1) else { return Some(0) };
    if entry.multiplier_bps != 0 {
        return house::prize(entry.stake_units, entry.multiplier_bps);
    }
    let is_final = round.status == RoundStatus::Final as u8;
    round.prize_each_units.get(place).copied().filter(|_| is_final)
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;

    #[test]
    fn the_prize_of_an_entry_is_known_when_the_program_knows_it() {
        let mut round = Round::zeroed();
        round.prize_each_units[1] = 77;
        let lost = Entry::zeroed();
        let draw = Entry { tier: 2, ..lost };
        let house = Entry { tier: 5, stake_units: 10_001, multiplier_bps: 25_000, ..lost };
        assert_eq!(prize(&lost, &round), Some(0));
        assert_eq!(prize(&draw, &round), None);
        assert_eq!(prize(&house, &round), Some(25_002));
        round.status = RoundStatus::Final as u8;
        assert_eq!(prize(&draw, &round), Some(77));
        let row = |settled| {
            entry_with_prize(&house, settled, &round).into_iter().find(|(name, _)| *name == "prize_units")
        };
        assert_eq!(row(true).unwrap().1, json!(25_002));
        assert_eq!(row(false).unwrap().1, json!(null));
    }
}
