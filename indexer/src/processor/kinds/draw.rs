//! Kind `Draw`: fixed stakes, tiers by match count, the pool split among winners.

use lottery_interface::accounts::DrawRules;
use lottery_rules::{
    draw::{self, SplitInput, Tier, TierTable},
    hash::Software,
    picks,
};
use serde_json::{Value, json};

use super::{Outcome, Place, Settled, Settler, Strange, Ticket, Won, drawn, stored};

pub fn tier_rows(rules: &DrawRules, config: &str) -> Vec<Value> {
    let tiers = rules.tiers.iter().take(rules.tier_count as usize);
    let rows = (1u8..).zip(tiers).map(|(tier, t)| {
        json!({
            "config": config,
            "tier": tier,
            "matches": t.matches,
            "bonus": t.bonus != 0,
            "share_bps": t.share_bps,
        })
    });
    rows.collect()
}

pub fn tickets(
    rules: &DrawRules,
    stake_units: u64,
    place: &Place,
    bytes: &[u8],
    quick_picks: u8,
) -> Result<Vec<Ticket>, Strange> {
    let numbers = rules.picks as usize;
    let length = numbers + (rules.bonus_numbers != 0) as usize;
    if length == 0 || !bytes.len().is_multiple_of(length) {
        return Err("the tickets are not those of this game".into());
    }
    let ticket = |picks, bonus, quick_pick| Ticket {
        picks,
        bonus,
        spots: 0,
        stake_units,
        liability_units: 0,
        quick_pick,
        outcome: None,
        leaf: None,
    };
    let mut tickets = Vec::new();
    for bytes in bytes.chunks_exact(length) {
        let picks = picks::from_sorted(&bytes[..numbers], rules.numbers);
        let picks = picks.map_err(|error| format!("a ticket that the program took: {error}"))?;
        tickets.push(ticket(picks, bytes.get(numbers).copied().unwrap_or(0), false));
    }
    if quick_picks > 0 {
        let mut stream = place.quick_pick_stream(tickets.len());
        for _ in 0..quick_picks {
            let (picks, bonus) =
                draw::quick_pick(&mut stream, rules.picks, rules.numbers, rules.bonus_numbers);
            tickets.push(ticket(picks, bonus, true));
        }
    }
    Ok(tickets)
}

pub fn result(rules: &DrawRules, seed: &[u8; 32]) -> [u8; 32] {
    let drawn = draw::draw::<Software>(seed, rules.picks, rules.numbers, rules.bonus_numbers);
    stored(drawn.picks, drawn.bonus)
}

fn tiers(rules: &DrawRules) -> Vec<Tier> {
    let stored = rules.tiers.iter().take(rules.tier_count as usize);
    stored.map(|t| Tier { matches: t.matches, bonus: t.bonus, share_bps: t.share_bps }).collect()
}

pub fn settler<'a>(rules: &DrawRules, result: &[u8; 32]) -> Settler<'a> {
    let table = TierTable::new(&tiers(rules));
    let (drawn, bonus) = drawn(result);
    Box::new(move |entry| {
        let matches = picks::matches(&entry.picks, &drawn);
        let tier = table.tier(matches, bonus != 0 && entry.bonus == bonus);
        (tier != 0).then_some(Won { tier, multiplier_bps: 0, prize_units: None })
    })
}

pub fn split(rules: &DrawRules, settled: &Settled) -> Option<Outcome> {
    let tiers = tiers(rules);
    let shares: Vec<u16> = tiers.iter().map(|tier| tier.share_bps).collect();
    let split = draw::split(&SplitInput {
        pool: settled.book.pool_units,
        jackpot: settled.jackpot_units,
        entries: settled.entries,
        fee_bps: settled.fee_bps,
        shares_bps: &shares,
        winners: settled.winners.get(..tiers.len())?,
        rollover: rules.rollover != 0,
        last_round: settled.is_last,
    })?;
    let mut prizes_units = 0u64;
    for (each, winners) in split.prize_each.iter().zip(settled.winners) {
        prizes_units = prizes_units.checked_add(each.checked_mul(*winners)?)?;
    }
    // With rollover on, the jackpot leaves the lottery only when the top tier is won.
    let rolls = rules.rollover != 0 && !settled.is_last;
    let stays = settled.entries == 0 || (rolls && settled.winners[0] == 0);
    Some(Outcome {
        fee_units: split.fee,
        prize_each_units: split.prize_each,
        prizes_units,
        refund_all: split.refund_all,
        bonus_each_units: split.bonus_each,
        jackpot_in_units: if stays { 0 } else { settled.jackpot_units },
        jackpot_units: Some(split.jackpot_next),
        winning_units: 0,
        matched_units: 0,
    })
}
