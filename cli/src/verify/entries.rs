//! What the row of each entry must say.

use lottery_interface::{
    accounts::{Entry, FLAG_PAID, FLAG_REFUNDED, Round},
    kinds::{Kind, RoundStatus},
};
use lottery_rules::{
    house,
    math::mul_div,
    picks,
    prediction::{payout, unmatched},
};
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

/// As [`entry`], with what depends on its round. `settled`: the page's cursor is past it.
pub fn entry_of_page(of: &Entry, settled: bool, round: &Round) -> Columns {
    let mut columns = entry(of);
    let (prize, matched) = match round.kind == Kind::Prediction as u8 {
        true => market(of, settled, round),
        false => (if settled { prize(of, round) } else { None }, None),
    };
    columns.push(("prize_units", json!(prize)));
    columns.push(("matched_units", json!(matched)));
    columns.push(("outcome", json!(outcome(of, round))));
    let is_raffle = round.kind == Kind::Raffle as u8;
    if is_raffle {
        // As they were entered; the leaf and the weight are no numbers.
        let entered = [of.picks[0], 0];
        columns.retain(|(name, _)| !["picks", "numbers"].contains(name));
        columns.push(("picks", hex(bytemuck::bytes_of(&entered))));
        columns.push(("numbers", json!([])));
    }
    columns.push(("leaf_index", json!(is_raffle.then_some(of.picks[0] as u32))));
    columns.push(("weight", json!(is_raffle.then_some(of.picks[0] >> 32))));
    columns.push(("key", json!((is_raffle && settled).then_some(of.picks[1]))));
    columns
}

/// The only bit of a market's entry.
fn outcome(entry: &Entry, round: &Round) -> Option<u32> {
    let bits = u128::from(entry.picks[1]) << 64 | u128::from(entry.picks[0]);
    (round.kind == Kind::Prediction as u8).then(|| bits.trailing_zeros())
}

/// What a market's entry gets back, and the part of its stake that was matched.
fn market(entry: &Entry, settled: bool, round: &Round) -> (Option<u64>, Option<u64>) {
    let stake = entry.stake_units;
    if !settled {
        return (None, None);
    }
    let is_final = round.status == RoundStatus::Final as u8;
    if is_final && round.refund_all != 0 {
        return (Some(0), Some(0));
    }
    match (entry.tier, is_final) {
        (0, _) => (Some(0), is_final.then_some(stake)),
        (_, false) => (None, None),
        (1, true) => (
            payout(stake, round.matched_units, round.fee_units, round.winning_units),
            mul_div(stake, round.matched_units, round.winning_units).map(|matched| matched.min(stake)),
        ),
        (_, true) => {
            let back = unmatched(stake, round.matched_units, round.pool_units - round.winning_units);
            (back, back.map(|back| stake - back))
        }
    }
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
    use serde_json::Value;

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
            entry_of_page(&house, settled, &round).into_iter().find(|(name, _)| *name == "prize_units")
        };
        assert_eq!(row(true).unwrap().1, json!(25_002));
        assert_eq!(row(false).unwrap().1, json!(null));
    }

    /// 60 against 150 at 10 %: the larger side lost, two fifths of it were matched.
    #[test]
    fn a_markets_entries_get_their_part() {
        let mut round = Round { kind: Kind::Prediction as u8, pool_units: 210, ..Round::zeroed() };
        (round.winning_units, round.matched_units, round.fee_units) = (60, 60, 6);
        let entry = |tier, stake_units, outcome: u32| Entry {
            tier,
            stake_units,
            picks: if outcome < 64 { [1 << outcome, 0] } else { [0, 1 << (outcome - 64)] },
            ..Entry::zeroed()
        };
        let found = |entry: &Entry, settled, round: &Round| -> Vec<Value> {
            let columns = entry_of_page(entry, settled, round).into_iter();
            let of = columns.filter(|(name, _)| ["prize_units", "matched_units", "outcome"].contains(name));
            of.map(|(_, value)| value).collect()
        };
        let (won, lost) = (entry(1, 60, 1), entry(2, 75, 127));
        assert_eq!(found(&won, false, &round), [json!(null), json!(null), json!(1)]);
        assert_eq!(found(&won, true, &round), [json!(null), json!(null), json!(1)]);
        round.status = RoundStatus::Final as u8;
        assert_eq!(found(&won, true, &round), [json!(114), json!(60), json!(1)]);
        assert_eq!(found(&lost, true, &round), [json!(45), json!(30), json!(127)]);
        assert_eq!(found(&entry(0, 9, 0), true, &round), [json!(0), json!(9), json!(0)]);
        round.refund_all = 1;
        assert_eq!(found(&entry(0, 9, 0), true, &round), [json!(0), json!(0), json!(0)]);
    }
}
