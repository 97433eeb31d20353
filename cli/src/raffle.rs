//! A raffle as people are told of it: what it offers, how its places stand, and where one entry stands. Names in JSON are those of
//! the api.

use lottery_client::raffle::Standing;
use lottery_interface::accounts::{RaffleRules, RaffleState};
use lottery_rules::raffle::Mode;
use serde_json::{Value, json};

use crate::amount;

fn mode_name(mode: u8) -> &'static str {
    Mode::from_byte(mode).map_or("unknown", Mode::name)
}

/// What a config offers.
pub fn rules_json(rules: &RaffleRules) -> Value {
    let prizes = rules.prizes_bps.iter().take(rules.prize_count.into());
    json!({
        "kind": "raffle",
        "mode": mode_name(rules.mode),
        "capacity": rules.capacity,
        "waiting": rules.waiting,
        "leaf_count": rules.leaf_count,
        "root": (rules.leaf_count != 0).then(|| hex::encode(rules.root)),
        "depth": rules.depth,
        "confirm_seconds": rules.confirm_seconds,
        "penalty_bps": rules.penalty_bps,
        "prizes_bps": prizes.collect::<Vec<_>>(),
    })
}

/// The same in a line; `fee` is what an entry costs.
pub fn rules_line(rules: &RaffleRules, fee: &str) -> String {
    let percent = |bps: u16| format!("{} %", amount::format(bps.into(), 2));
    let mut parts = Vec::new();
    if rules.prize_count == 0 {
        parts.push(format!("{} places", rules.capacity));
    } else {
        let prizes: Vec<_> =
            rules.prizes_bps.iter().take(rules.prize_count.into()).map(|bps| percent(*bps)).collect();
        parts.push(format!("prizes by rank {} of the pool", prizes.join(", ")));
    }
    if rules.waiting > 0 {
        parts.push(format!("{} wait", rules.waiting));
    }
    parts.push(match Mode::from_byte(rules.mode) {
        Some(Mode::FirstCome) => "first come, first served".into(),
        _ => "drawn by weight".to_string(),
    });
    parts.push(match rules.leaf_count {
        0 => "open to everybody".into(),
        people => format!("{people} people on the list with root {}", hex::encode(rules.root)),
    });
    if rules.confirm_seconds > 0 {
        let penalty = percent(rules.penalty_bps);
        parts.push(format!(
            "winners confirm within {} s, or lose {penalty} of the fee",
            rules.confirm_seconds
        ));
    }
    format!("raffle: {}; an entry costs {fee}\n", parts.join("; "))
}

/// How the places of a round stand.
pub fn places_json(state: &RaffleState) -> Value {
    json!({
        "capacity": state.capacity,
        "waiting": state.waiting,
        "ranked": state.ranked,
        "is_ranked": state.is_ranked != 0,
        "taken": state.taken,
        "lapsed": state.lapsed,
        "promoted": state.promoted,
        "prize_count": state.prize_count,
        "confirm_seconds": state.confirm_seconds,
    })
}

/// The same in a line.
pub fn places_text(state: &RaffleState, entries: u64) -> String {
    let what = if state.prize_count == 0 { "places" } else { "prizes" };
    let mut text = format!("{entries} entries for {} {what}", state.capacity);
    if state.is_ranked == 0 {
        return text + ", not ranked yet";
    }
    text += &format!(", {} ranked", state.ranked);
    if state.prize_count == 0 {
        text += &format!(", {} taken, {} lapsed, {} promoted", state.taken, state.lapsed, state.promoted);
    }
    text
}

/// Where an entry stands, in words.
pub fn standing_text(standing: Standing, now: i64) -> String {
    match standing {
        Standing::Undecided => "the order is not known yet".into(),
        Standing::Beyond => "no rank: the stake comes back, or is lost where there are prizes".into(),
        Standing::Ranked => "ranked; the round is not final yet".into(),
        Standing::Offered { until } if until > now => {
            format!("a place is offered: confirm within {} s", until - now)
        }
        Standing::Offered { until } => format!("the offer of a place ended {} s ago", now - until),
        Standing::Waiting { position } => format!("waiting, number {position} in line"),
        Standing::Taken => "has its place".into(),
        Standing::Lapsed => "the offer of a place lapsed".into(),
        Standing::Released => "waited in vain: the stake comes back".into(),
        Standing::Prize => "has the prize of its rank".into(),
    }
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;

    #[test]
    fn a_raffle_in_a_line() {
        let mut rules = RaffleRules {
            capacity: 700,
            waiting: 100,
            mode: 1,
            leaf_count: 10_000,
            confirm_seconds: 60,
            penalty_bps: 1_000,
            ..RaffleRules::zeroed()
        };
        let line = rules_line(&rules, "1 SOL");
        assert!(
            line.starts_with("raffle: 700 places; 100 wait; drawn by weight; 10000 people on the list"),
            "{line}"
        );
        assert!(
            line.ends_with("winners confirm within 60 s, or lose 10 % of the fee; an entry costs 1 SOL\n"),
            "{line}"
        );
        assert_eq!(rules_json(&rules)["root"], "0".repeat(64));
        rules = RaffleRules { prize_count: 2, mode: 2, ..RaffleRules::zeroed() };
        rules.prizes_bps[..2].copy_from_slice(&[7_500, 2_500]);
        let line = rules_line(&rules, "1 SOL");
        assert!(
            line.starts_with("raffle: prizes by rank 75 %, 25 % of the pool; first come, first served; open"),
            "{line}"
        );
        assert_eq!(rules_json(&rules)["root"], Value::Null);
    }
}
