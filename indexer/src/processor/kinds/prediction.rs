//! Kind `Prediction`: a stake on one of the market's outcomes. Tier 1 won; tier 2 lost, and a part of the stake was not
//! matched.

use lottery_client::market::Market;
use lottery_rules::{
    math::mul_div,
    picks::Picks,
    prediction::{self, MAX_FACTS, Split},
};
use serde_json::{Value, json};
use solana_pubkey::Pubkey;

use super::{Book, Outcome, Settled, Settler, Strange, Ticket, Won, house};

pub const TIER_WON: u8 = 1;
pub const TIER_UNMATCHED: u8 = 2;

pub fn market_row(market: &Market, config: &str) -> Value {
    let rules = &market.rules;
    json!({
        "config": config,
        "oracles": Pubkey::new_from_array(rules.oracles).to_string(),
        "quorum": rules.quorum,
        "reporter_count": rules.reporter_count,
        "event_delay_seconds": rules.event_delay_seconds,
        "mode": market.mode().name(),
        "mapping": market.mapping_kind().name(),
        "outcome_count": rules.outcome_count,
        "fact_count": rules.fact_count,
        "subject": rules.subject,
        "other": rules.other,
        "tie": rules.tie,
        "minimum": rules.minimum,
        "maximum": rules.maximum,
    })
}

pub fn range_rows(market: &Market, config: &str) -> Vec<Value> {
    let rows = market.ranges.iter().enumerate();
    let rows = rows.map(|(outcome, range)| {
        json!({ "config": config, "outcome": outcome, "low": range.low, "high": range.high })
    });
    rows.collect()
}

/// The bit of an outcome.
fn picks(outcome: u8) -> Picks {
    let bit = 1 << (outcome & 63);
    if outcome < 64 { [bit, 0] } else { [0, bit] }
}

/// Stake and outcome of each ticket; a market has no quick picks.
pub fn tickets(market: &Market, bytes: &[u8], quick_picks: u8) -> Result<Vec<Ticket>, Strange> {
    if quick_picks != 0 {
        return Err("quick picks in a market".into());
    }
    let mut tickets = Vec::new();
    let mut left = bytes;
    while !left.is_empty() {
        let (stake_units, rest) = house::read_stake(left)?;
        let (outcome, rest) = rest.split_first().ok_or("a ticket ends before its outcome")?;
        if *outcome >= market.rules.outcome_count {
            return Err(format!("a ticket on outcome {outcome}, which the market does not have"));
        }
        tickets.push(Ticket {
            picks: picks(*outcome),
            bonus: 0,
            spots: 0,
            stake_units,
            liability_units: 0,
            quick_pick: false,
            outcome: Some(*outcome),
            leaf: None,
        });
        left = rest;
    }
    Ok(tickets)
}

/// `Round::result` of this outcome.
pub fn result(outcome: u8) -> [u8; 32] {
    let mut result = [0; 32];
    result[0] = outcome;
    result
}

fn book_split(market: &Market, book: &Book, fee_bps: u16) -> Option<Split> {
    prediction::split(market.mode(), book.pool_units, book.winning_units?, fee_bps)
}

/// What each gets is known once the round is final, as in a draw.
pub fn settler<'a>(market: &Market, result: &[u8; 32], book: &Book) -> Settler<'a> {
    let won = picks(result[0]);
    // The fee decides nothing here.
    let lost_tier = match book_split(market, book, 0) {
        Some(Split::Matched { matched, .. }) => {
            let lost = book.pool_units - book.winning_units.unwrap_or(0);
            Some(if matched < lost { TIER_UNMATCHED } else { 0 })
        }
        _ => None,
    };
    Box::new(move |entry| {
        // In a market that is refunded nobody has a tier.
        let lost_tier = lost_tier?;
        let tier = if entry.picks == won { TIER_WON } else { lost_tier };
        (tier != 0).then_some(Won { tier, multiplier_bps: 0, prize_units: None })
    })
}

pub fn split(market: &Market, settled: &Settled) -> Option<Outcome> {
    let winning_units = settled.book.winning_units?;
    let split = book_split(market, &settled.book, settled.fee_bps)?;
    let (matched_units, fee_units, refund_all) = match split {
        Split::Matched { matched, fee } => (matched, fee, false),
        Split::RefundAll => (0, 0, true),
    };
    Some(Outcome {
        fee_units,
        prize_each_units: [0; 16],
        prizes_units: if refund_all { 0 } else { settled.book.pool_units - fee_units },
        refund_all,
        bonus_each_units: 0,
        jackpot_in_units: 0,
        jackpot_units: None,
        winning_units,
        matched_units,
    })
}

/// What an entry of a final market gets back, and how much of its stake was matched. `None`: no such market exists.
pub fn prize(tier: u8, stake_units: u64, pool_units: u64, of: &Outcome) -> Option<(u64, u64)> {
    if of.refund_all {
        return Some((0, 0));
    }
    match tier {
        TIER_WON => {
            let prize = prediction::payout(stake_units, of.matched_units, of.fee_units, of.winning_units)?;
            Some((prize, mul_div(stake_units, of.matched_units, of.winning_units)?.min(stake_units)))
        }
        TIER_UNMATCHED => {
            let lost = pool_units.checked_sub(of.winning_units)?;
            let back = prediction::unmatched(stake_units, of.matched_units, lost)?;
            Some((back, stake_units.checked_sub(back)?))
        }
        _ => Some((0, stake_units)),
    }
}

/// Facts as they are stored, with the zeros that follow them.
pub fn facts(stored: &[i64]) -> prediction::Facts {
    let mut facts = [0; MAX_FACTS];
    for (place, fact) in facts.iter_mut().zip(stored) {
        *place = *fact;
    }
    facts
}
