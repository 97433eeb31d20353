//! Pages and the entries on them: their numbers, and the tiers they won.

use bytemuck::Zeroable;
use lottery_interface::{accounts::Entry, address};
use lottery_rules::{
    draw::quick_pick,
    hash::Software,
    picks::{self, Picks},
    seed::page_digest,
};
use serde_json::{Value, json};
use solana_pubkey::Pubkey;
use sqlx::Row;

use super::{
    upsert::columns,
    view::{PageView, RoundView},
    work::{Fault, Ix, Work, key, poison},
};
use crate::{
    decoder::{Args, Decoded},
    rows::bytea,
};

/// Numbers of one ticket.
struct Ticket {
    picks: Picks,
    bonus: u8,
    quick_pick: bool,
}

impl Work<'_> {
    pub async fn open_page(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let (round_key, page_key) = (key(decoded, "round")?, key(decoded, "page")?);
        let round = self.round(&round_key).await?;
        let opened = sqlx::query(
            "SELECT count(p.*) AS pages, COALESCE(sum(p.capacity), 0)::BIGINT AS allotted,
                    r.page_entries, r.max_entries
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
        let row = json!({
            "address": page_key,
            "round": round_key,
            "rent_payer": key(decoded, "cranker")?,
            "sequence": sequence,
            "capacity": opened.try_get::<Option<i64>, _>("page_entries")?.map(|entries| entries.min(left)),
            "count": 0,
            "cash_units": 0,
            "liability_units": 0,
            "budget_units": 0,
            "settle_cursor": 0,
            "winners": 0,
            "paid": 0,
            "refunded": 0,
            "status": "growing",
            "bump": bump,
            "tier_winners": vec![0; 16],
            "record_count": 0,
            "record_digest": bytea(&[0; 32]),
            "record_settled": 0,
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
        let tickets = read_tickets(&round, &page, &wallet, tickets, *quick_picks)?;

        let wallet_bytes = parse(&wallet)?.to_bytes();
        let entries: Vec<Entry> = tickets
            .iter()
            .map(|ticket| Entry {
                wallet: wallet_bytes,
                picks: ticket.picks,
                stake_units: round.stake_units,
                bonus: ticket.bonus,
                ..Entry::zeroed()
            })
            .collect();
        page.digest = page_digest::<Software>(&page.digest, bytemuck::cast_slice(&entries));
        page.count += entries.len() as i64;
        page.dirty = true;
        round.entered_count += entries.len() as i64;
        round.entered_units += round.stake_units as u128 * entries.len() as u128;
        round.dirty = true;

        for (place, ticket) in tickets.iter().enumerate() {
            self.entries.push(entry_row(&round, &page, &wallet, first + place as i64, ticket, ix));
        }
        self.feed_entries(&round, &page, &wallet, first, &tickets, ix);
        self.count("entries", tickets.len() as i64);
        self.pools.insert(round.lottery.clone(), round.lottery_id);
        self.rounds.insert(round.address.clone(), round);
        self.pages.insert(page_key, page);
        Ok(())
    }

    fn feed_entries(
        &mut self,
        round: &RoundView,
        page: &PageView,
        wallet: &str,
        first: i64,
        tickets: &[Ticket],
        ix: &Ix,
    ) {
        let shown = tickets.iter().enumerate().map(|(place, ticket)| {
            json!({
                "index": first + place as i64,
                "numbers": picks::numbers(ticket.picks).collect::<Vec<_>>(),
                "bonus": ticket.bonus,
                "quick_pick": ticket.quick_pick,
            })
        });
        let payload = json!({
            "lottery_id": round.lottery_id,
            "round_index": round.index,
            "round": round.address,
            "wallet": wallet,
            "page_sequence": page.sequence,
            "first_index": first,
            "count": tickets.len(),
            "stake_units": (round.stake_units as u128 * tickets.len() as u128).to_string(),
            "tickets": shown.collect::<Vec<_>>(),
            "signature": ix.signature,
            "slot": ix.slot,
            "at": ix.block_at,
        });
        self.feed(&round.topic(), "entry:new", payload, ix.slot);
    }
}

/// The tickets of an `enter`, as the program reads and picks them.
fn read_tickets(
    round: &RoundView,
    page: &PageView,
    wallet: &str,
    bytes: &[u8],
    quick_picks: u8,
) -> Result<Vec<Ticket>, Fault> {
    let rules = &round.rules;
    let numbers = rules.picks as usize;
    let length = numbers + (rules.bonus_numbers != 0) as usize;
    if length == 0 || !bytes.len().is_multiple_of(length) {
        return poison("the tickets are not those of this game");
    }
    let mut tickets = Vec::new();
    for ticket in bytes.chunks_exact(length) {
        let picks = picks::from_sorted(&ticket[..numbers], rules.numbers);
        let picks =
            picks.map_err(|error| Fault::Poison(format!("a ticket that the program took: {error}")))?;
        tickets.push(Ticket { picks, bonus: ticket.get(numbers).copied().unwrap_or(0), quick_pick: false });
    }
    if quick_picks > 0 {
        let first = page.count as u32 + tickets.len() as u32;
        let (wallet, page) = (parse(wallet)?.to_bytes(), parse(&page.address)?.to_bytes());
        let mut stream = picks::quick_pick_stream::<Software>(&wallet, &page, first);
        for _ in 0..quick_picks {
            let (picks, bonus) = quick_pick(&mut stream, rules.picks, rules.numbers, rules.bonus_numbers);
            tickets.push(Ticket { picks, bonus, quick_pick: true });
        }
    }
    Ok(tickets)
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
        "numbers": picks::numbers(ticket.picks).collect::<Vec<_>>(),
        "bonus": ticket.bonus,
        "stake_units": round.stake_units,
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
