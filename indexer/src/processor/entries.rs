//! Pages and the entries on them.

use bytemuck::Zeroable;
use lottery_interface::{accounts::Entry, address, paging::page_space};
use lottery_rules::{hash::Software, picks, seed::page_digest};
use serde_json::{Value, json};
use solana_pubkey::Pubkey;
use sqlx::Row;

use super::{
    kinds::{Place, Ticket},
    upsert::columns,
    view::{PageView, RoundView},
    work::{Fault, Ix, Work, key, number, poison},
};
use crate::{
    decoder::{Args, Decoded},
    rows::bytea,
};

impl Work<'_> {
    pub async fn open_page(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let (round_key, page_key) = (key(decoded, "round")?, key(decoded, "page")?);
        let round = self.round(&round_key).await?;
        let opened = sqlx::query(
            "SELECT count(p.*) AS pages, COALESCE(sum(p.capacity), 0)::BIGINT AS allotted,
                    r.page_entries, r.max_entries,
                    LEAST(r.page_budget_units, r.max_liability_units - COALESCE(sum(p.budget_units), 0))::TEXT AS budget
             FROM rounds r LEFT JOIN pages p ON p.round = r.address WHERE r.address = $1 GROUP BY r.address",
        )
        .bind(&round_key)
        .fetch_one(self.conn())
        .await?;
        let sequence: i64 = opened.try_get("pages")?;
        let (expected, bump) = address::page(&parse(&round_key)?, sequence as u32);
        if expected.to_string() != page_key {
            return poison(format!(
                "page {page_key} is not page {sequence} of round {}: an opening is missing in the record",
                round.address
            ));
        }
        let left = opened.try_get::<Option<i64>, _>("max_entries")?.unwrap_or(0)
            - opened.try_get::<i64, _>("allotted")?;
        let capacity = opened.try_get::<Option<i64>, _>("page_entries")?.unwrap_or(0).min(left).max(0);
        let budget: u64 = number(opened.try_get("budget")?);
        let tail_words = round.rules.tail_words(capacity as u32);
        let rent = self.rent(page_space(capacity as u32, tail_words));
        let row = json!({
            "address": page_key,
            "round": round_key,
            "rent_payer": key(decoded, "cranker")?,
            "sequence": sequence,
            "capacity": capacity,
            "count": 0,
            "cash_units": 0,
            "liability_units": 0,
            "budget_units": budget,
            "prizes_units": 0,
            "settle_cursor": 0,
            "winners": 0,
            "paid": 0,
            "refunded": 0,
            "status": "growing",
            "bump": bump,
            "tail_words": tail_words,
            "tier_winners": vec![0; 16],
            "record_count": 0,
            "record_digest": bytea(&[0; 32]),
            "record_settled": 0,
            "record_liability_units": 0,
            "opened_at": ix.block_at,
            "rent_lamports": rent,
            "first_slot": ix.slot,
            "account_slot": 0,
            "account_order": 0,
        });
        self.insert_row("pages", columns(row)).await
    }

    /// Entries take the next places of their page, in block order: what the page account holds, from the record.
    pub async fn enter(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::Enter { quick_picks, tickets } = &decoded.args else {
            return poison("enter without its arguments");
        };
        let (wallet, page_key) = (key(decoded, "wallet")?, key(decoded, "page")?);
        let mut round = self.round(&key(decoded, "round")?).await?;
        let mut page = self.page(&page_key).await?;
        let first = page.count;
        let wallet_bytes = parse(&wallet)?.to_bytes();
        let page_bytes = parse(&page_key)?.to_bytes();
        let place = Place { wallet: wallet_bytes, page: page_bytes, first: first as u32 };
        let tickets = round.rules.tickets(round.stake_units, &place, tickets, *quick_picks);
        let tickets = tickets.map_err(Fault::Poison)?;

        let entries: Vec<Entry> = tickets
            .iter()
            .map(|ticket| Entry {
                wallet: wallet_bytes,
                picks: ticket.picks,
                stake_units: ticket.stake_units,
                bonus: ticket.bonus,
                spots: ticket.spots,
                ..Entry::zeroed()
            })
            .collect();
        let cost = tickets.iter().map(|ticket| ticket.stake_units as u128).sum::<u128>();
        page.digest = page_digest::<Software>(&page.digest, bytemuck::cast_slice(&entries));
        page.count += entries.len() as i64;
        page.liability_units = tickets
            .iter()
            .fold(page.liability_units, |sum, ticket| sum.saturating_add(ticket.liability_units));
        page.dirty = true;
        round.entered_count += entries.len() as i64;
        round.entered_units += cost;
        round.dirty = true;
        self.check_entered(&page, first, entries.len(), cost, ix);

        for (place, ticket) in tickets.iter().enumerate() {
            if let Some(outcome) = ticket.outcome {
                self.stake(&round.address, outcome, ticket.stake_units);
            }
            self.entries.push(entry_row(&round, &page, &wallet, first + place as i64, ticket, ix));
        }
        self.feed_entries(&round, &page, &wallet, (first, cost), &tickets, ix);
        self.count("entries", tickets.len() as i64);
        self.pools.insert(round.lottery.clone(), round.lottery_id);
        self.rounds.insert(round.address.clone(), round);
        self.pages.insert(page_key, page);
        Ok(())
    }

    /// Compares with what the program logged, when it did.
    fn check_entered(&mut self, page: &PageView, first: i64, count: usize, cost: u128, ix: &Ix) {
        let Some(entered) = ix.entered() else { return };
        let logged = (entered.first_index as i64, entered.count as usize, entered.stake_units as u128);
        if logged != (first, count, cost) {
            let reason = format!(
                "{count} entries from {first} on for {cost} base units follow from the record, the program wrote {} from \
                 {} on for {}",
                entered.count, entered.first_index, entered.stake_units
            );
            self.mismatch(Some(ix), &page.address, ix.slot, reason);
        }
    }

    fn feed_entries(
        &mut self,
        round: &RoundView,
        page: &PageView,
        wallet: &str,
        (first, cost): (i64, u128),
        tickets: &[Ticket],
        ix: &Ix,
    ) {
        let shown = tickets.iter().enumerate().map(|(place, ticket)| {
            let mut shown = columns(json!({
                "index": first + place as i64,
                "numbers": numbers(ticket),
                "bonus": ticket.bonus,
                "spots": ticket.spots,
                "stake_units": ticket.stake_units.to_string(),
                "quick_pick": ticket.quick_pick,
            }));
            if let Some(outcome) = ticket.outcome {
                shown.insert("outcome".into(), outcome.into());
            }
            if let Some((index, weight)) = ticket.leaf {
                shown.insert("leaf_index".into(), index.into());
                shown.insert("weight".into(), weight.into());
            }
            shown
        });
        let payload = json!({
            "lottery_id": round.lottery_id,
            "round_index": round.index,
            "round": round.address,
            "wallet": wallet,
            "page_sequence": page.sequence,
            "first_index": first,
            "count": tickets.len(),
            "stake_units": cost.to_string(),
            "tickets": shown.collect::<Vec<_>>(),
            "signature": ix.signature,
            "slot": ix.slot,
            "at": ix.block_at,
        });
        self.feed(&round.topic(), "entry:new", payload, ix.slot);
    }
}

/// The numbers of a ticket; a raffle's has none, whatever its 16 bytes are.
fn numbers(ticket: &Ticket) -> Vec<u8> {
    if ticket.leaf.is_some() { Vec::new() } else { picks::numbers(ticket.picks).collect() }
}

fn entry_row(
    round: &RoundView,
    page: &PageView,
    wallet: &str,
    index: i64,
    ticket: &Ticket,
    ix: &Ix,
) -> Value {
    json!({
        "page": page.address,
        "index": index,
        "round": round.address,
        "lottery_id": round.lottery_id,
        "round_index": round.index,
        "page_sequence": page.sequence,
        "wallet": wallet,
        "picks": bytea(bytemuck::bytes_of(&ticket.picks)),
        "numbers": numbers(ticket),
        "bonus": ticket.bonus,
        "stake_units": ticket.stake_units,
        "spots": ticket.spots,
        "outcome": ticket.outcome,
        "leaf_index": ticket.leaf.map(|(index, _)| index),
        "weight": ticket.leaf.map(|(_, weight)| weight),
        "quick_pick": ticket.quick_pick,
        "signature": ix.signature,
        "path": ix.path,
        "entered_slot": ix.slot,
        "entered_at": ix.block_at,
    })
}

pub fn parse(address: &str) -> Result<Pubkey, Fault> {
    address.parse().map_err(|_| Fault::Poison(format!("'{address}' is not an address")))
}
