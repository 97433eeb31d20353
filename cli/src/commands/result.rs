//! How tickets ended: waits until their round is final, and shows what was drawn and won.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use lottery_client::{EnterPlan, Fetched, Pubkey, market::Market};
use lottery_interface::{
    Kind,
    accounts::{Entry, Round},
    kinds::{RoundStatus, VoidReason},
};
use lottery_rules::{
    house,
    picks::{self, Picks},
    prediction,
};
use serde_json::{Value, json};

use super::{scratch, show::result_text, tickets::Table};
use crate::{
    chain::{Chain, Mint},
    game::Game,
    lottery_file::show_multiple,
    market, output,
};

/// Pause between two looks at a round.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// How long after its lock, or its event, a round may take; a keeper needs a few seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long an endpoint may take to show what another one confirmed.
const FIND_PATIENCE: Duration = Duration::from_secs(5);

/// A page of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub round: Pubkey,
    pub round_index: u64,
    pub page_sequence: u32,
    pub locks_at: i64,
}

/// Tickets that are on the chain.
#[derive(Clone, Debug)]
pub struct Purchase {
    pub place: Place,
    /// Of the entries, on the page.
    pub indexes: Vec<u32>,
}

/// A ticket and what it won.
#[derive(Clone, Copy, Debug)]
pub struct Played {
    pub index: u32,
    pub entry: Entry,
    /// All that it gets back; in a market with the stake, or with the part of it that was not matched.
    pub prize_units: u64,
    /// The stake, when it is refunded.
    pub refund_units: u64,
}

/// A round that is over, with some of its tickets.
#[derive(Clone, Debug)]
pub struct Ended {
    pub round: Fetched<Round>,
    /// Of a market.
    pub market: Option<Market>,
    pub page_sequence: u32,
    pub tickets: Vec<Played>,
}

impl From<&EnterPlan> for Place {
    fn from(plan: &EnterPlan) -> Self {
        Self {
            round: plan.round,
            round_index: plan.round_index,
            page_sequence: plan.page_sequence,
            locks_at: plan.locks_at,
        }
    }
}

impl Purchase {
    /// Finds tickets that were just entered: the last so many of this wallet on the page. An endpoint may be a moment
    /// behind the one that confirmed them.
    pub async fn find(chain: &Chain, place: Place, wallet: Pubkey, tickets: u32) -> anyhow::Result<Self> {
        let until = Instant::now() + FIND_PATIENCE;
        loop {
            let page = chain.rpc.page(place.round, place.page_sequence).await?;
            let page = page.with_context(|| gone(&place))?;
            let own = (0u32..).zip(page.entries()).filter(|(_, entry)| entry.wallet == wallet.to_bytes());
            let mut indexes: Vec<u32> = own.map(|(index, _)| index).collect();
            if let Some(older) = indexes.len().checked_sub(tickets as usize) {
                indexes.drain(..older);
                return Ok(Self { place, indexes });
            }
            if Instant::now() >= until {
                bail!("the tickets are not on page {} of round {}", place.page_sequence, place.round_index);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The result, once the round is final or void.
    pub async fn ended(&self, chain: &Chain) -> anyhow::Result<Option<Ended>> {
        let Place { round: address, page_sequence, .. } = self.place;
        let round = chain.rpc.account::<Round>(address).await?;
        let round = round.with_context(|| gone(&self.place))?;
        match RoundStatus::from_byte(round.status) {
            Some(RoundStatus::Final | RoundStatus::Void) => {}
            _ => return Ok(None),
        }
        let market = match round.kind == Kind::Prediction as u8 {
            true => Market::of(&chain.rpc.config(round.config.into()).await?),
            false => None,
        };
        let page = chain.rpc.page(address, page_sequence).await?.with_context(|| gone(&self.place))?;
        let entries = page.entries();
        let is_refunded = is_refunded(&round);
        let played = |index: &u32| {
            let entry = *entries.get(*index as usize)?;
            let refund_units = if is_refunded { entry.stake_units } else { 0 };
            Some(Played { index: *index, entry, prize_units: prize_of(&round, &entry)?, refund_units })
        };
        let tickets: Option<Vec<_>> = self.indexes.iter().map(played).collect();
        let tickets = tickets.context("the page does not hold these tickets")?;
        Ok(Some(Ended { round, market, page_sequence, tickets }))
    }
}

fn gone(place: &Place) -> String {
    format!("round {} is closed; the api still knows its result", place.round_index)
}

/// Every stake comes back.
fn is_refunded(round: &Round) -> bool {
    round.status == RoundStatus::Void as u8 || round.refund_all != 0
}

/// What an entry of a final round gets, in base units. `None`: the account cannot be right.
pub fn prize_of(round: &Round, entry: &Entry) -> Option<u64> {
    if entry.tier == 0 || round.status != RoundStatus::Final as u8 {
        return Some(0);
    }
    match Kind::from_byte(round.kind) {
        Some(kind) if kind.is_house() => house::prize(entry.stake_units, entry.multiplier_bps),
        Some(Kind::Prediction) => {
            let lost_units = round.pool_units.checked_sub(round.winning_units)?;
            match entry.tier {
                1 => prediction::payout(
                    entry.stake_units,
                    round.matched_units,
                    round.fee_units,
                    round.winning_units,
                ),
                _ => prediction::unmatched(entry.stake_units, round.matched_units, lost_units),
            }
        }
        _ => round.prize_each_units.get(usize::from(entry.tier) - 1).copied(),
    }
}

/// Waits until the round is over.
pub async fn wait(chain: &Chain, purchase: &Purchase) -> anyhow::Result<Ended> {
    let Place { round_index, locks_at, .. } = purchase.place;
    let spinner = output::spinner(chain.json, format!("waiting for round {round_index}"));
    let clock = chain.rpc.clock().await?;
    let round = chain.rpc.account::<Round>(purchase.place.round).await?;
    // A market waits for its event.
    let due_at = round.map_or(locks_at, |round| locks_at.max(round.event_at));
    let left = Duration::from_secs((due_at - clock.unix_timestamp).max(0) as u64);
    let until = Instant::now() + left + PATIENCE;
    let ended = loop {
        if let Some(ended) = purchase.ended(chain).await? {
            break ended;
        }
        if Instant::now() >= until {
            bail!(
                "round {round_index} is not final {} s after it could be: nobody cranks it, or nobody attests; see `lottery show round`",
                PATIENCE.as_secs()
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
    };
    spinner.finish_and_clear();
    Ok(ended)
}

impl Ended {
    pub fn prizes_units(&self) -> u64 {
        self.tickets.iter().map(|ticket| ticket.prize_units).sum()
    }

    pub fn refunds_units(&self) -> u64 {
        self.tickets.iter().map(|ticket| ticket.refund_units).sum()
    }

    /// The outcome that came true, of a final market.
    fn winning(&self) -> Option<u8> {
        let is_final = self.round.status == RoundStatus::Final as u8;
        (self.market.is_some() && is_final).then_some(self.round.result[0])
    }

    fn label(&self, outcome: Option<u8>) -> Option<String> {
        Some(self.market.as_ref()?.label(outcome?))
    }

    pub fn json(&self) -> Value {
        let round = &self.round;
        let tickets: Vec<_> = self
            .tickets
            .iter()
            .map(|ticket| {
                let outcome = self.market.as_ref().and_then(|_| market::picked(ticket.entry.picks));
                let numbers: Vec<_> = match self.market {
                    Some(_) => Vec::new(),
                    None => picks::numbers(ticket.entry.picks).collect(),
                };
                json!({
                    "page_sequence": self.page_sequence,
                    "index": ticket.index,
                    "numbers": numbers,
                    "outcome": outcome,
                    "label": self.label(outcome),
                    "stake_units": ticket.entry.stake_units.to_string(),
                    "spots": ticket.entry.spots,
                    "tier": ticket.entry.tier,
                    "multiplier_bps": ticket.entry.multiplier_bps,
                    "prize_units": ticket.prize_units.to_string(),
                    "refund_units": ticket.refund_units.to_string(),
                })
            })
            .collect();
        let winning = self.winning();
        let word = |at: usize| u64::from_le_bytes(round.result[at..at + 8].try_into().expect("eight bytes"));
        json!({
            "status": RoundStatus::from_byte(round.status).map(RoundStatus::name),
            "void_reason": VoidReason::from_byte(round.void_reason).map(VoidReason::name),
            "numbers": match self.market {
                Some(_) => Vec::new(),
                None => picks::numbers([word(0), word(8)]).collect::<Vec<_>>(),
            },
            "winning_outcome": winning,
            "winning_label": self.label(winning),
            "refund_all": round.refund_all != 0,
            "tickets": tickets,
            "prizes_units": self.prizes_units().to_string(),
            "refunds_units": self.refunds_units().to_string(),
        })
    }

    /// One line a ticket, with what was drawn first.
    pub fn lines(&self, table: &Table) -> String {
        let (round, mint) = (&self.round, &table.mint);
        if round.status == RoundStatus::Void as u8 {
            let reason = VoidReason::from_byte(round.void_reason).map_or("unknown", VoidReason::name);
            return format!("round {} is void ({reason}): every stake is refunded\n", round.index);
        }
        if let Some(market) = &self.market {
            return self.market_lines(market, mint);
        }
        let mut text = match table.kind {
            Kind::Instant => String::new(),
            _ => format!("round {} drew {}\n", round.index, result_text(round, None)),
        };
        let word = |at: usize| u64::from_le_bytes(round.result[at..at + 8].try_into().expect("eight bytes"));
        let drawn = [word(0), word(8)];
        for ticket in &self.tickets {
            let entry = &ticket.entry;
            let numbers: Vec<_> = picks::numbers(entry.picks).map(|number| marked(number, &drawn)).collect();
            let matches = picks::matches(&entry.picks, &drawn);
            let played = match table.kind {
                Kind::Keno => format!("{}: {matches} of {} right", numbers.join(" "), entry.spots),
                Kind::Instant => format!("ticket {}", ticket.index + 1),
                _ => format!("{}: {matches} right", numbers.join(" ")),
            };
            let won = match ticket.prize_units {
                0 => "no prize".to_string(),
                units if entry.multiplier_bps > 0 => {
                    format!("{}, {}", show_multiple(entry.multiplier_bps), mint.show(units))
                }
                units => format!("tier {}, {}", entry.tier, mint.show(units)),
            };
            text += &format!("{played}, {won}\n");
        }
        text
    }

    /// What came true, and what each bet gets.
    fn market_lines(&self, market: &Market, mint: &Mint) -> String {
        let round = &self.round;
        let mut text = format!("round {}: {}\n", round.index, result_text(round, Some(market)));
        if round.refund_all != 0 {
            text += "nobody bet otherwise, or nobody was right: every stake is refunded, without fee\n";
        }
        for ticket in &self.tickets {
            let stake = mint.show(ticket.entry.stake_units);
            let on = self.label(market::picked(ticket.entry.picks)).unwrap_or_default();
            let got = match (ticket.entry.tier, ticket.refund_units, ticket.prize_units) {
                (_, 1.., _) => "refunded".to_string(),
                (1, _, units) => format!("won, {} back", mint.show(units)),
                (_, _, 0) => "lost".to_string(),
                (_, _, units) => format!("lost, {} was not matched and comes back", mint.show(units)),
            };
            text += &format!("{stake} on {on}: {got}\n");
        }
        text
    }
}

/// A number of a ticket, in brackets when it was drawn.
fn marked(number: u8, drawn: &Picks) -> String {
    let bit = u32::from(number).wrapping_sub(1);
    let is_drawn = drawn.get(bit as usize / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1);
    if is_drawn { format!("[{number}]") } else { number.to_string() }
}

/// Shows a result to a person: instant tickets are scratched, the rest is told.
pub async fn show(ended: &Ended, table: &Table) {
    if let (Some(Game::Instant { prizes, .. }), true) =
        (&table.game, ended.round.status == RoundStatus::Final as u8)
    {
        scratch::reveal(prizes, &ended.round.seed, ended.page_sequence, &ended.tickets, &table.mint).await;
    } else {
        print!("{}", ended.lines(table));
    }
    if ended.market.is_some() {
        println!("got back {}", table.mint.show(ended.prizes_units() + ended.refunds_units()));
    } else if ended.round.status == RoundStatus::Final as u8 {
        println!("won {}", table.mint.show(ended.prizes_units()));
    }
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;

    #[test]
    fn drawn_numbers_are_marked() {
        let drawn = [1 | 1 << 63, 1 << 15];
        let texts: Vec<_> = [1, 2, 64, 65, 80].map(|number| marked(number, &drawn)).into();
        assert_eq!(texts, ["[1]", "2", "[64]", "65", "[80]"]);
    }

    #[test]
    fn prizes_follow_the_kind() {
        let entry = Entry { stake_units: 1_000, tier: 2, multiplier_bps: 25_000, ..Entry::zeroed() };
        let mut round = Round { kind: Kind::Keno as u8, status: RoundStatus::Final as u8, ..Round::zeroed() };
        round.prize_each_units[1] = 77;
        assert_eq!(prize_of(&round, &entry), Some(2_500));
        assert_eq!(prize_of(&round, &Entry { tier: 0, multiplier_bps: 0, ..entry }), Some(0));
        round.kind = Kind::Draw as u8;
        assert_eq!(prize_of(&round, &Entry { multiplier_bps: 0, ..entry }), Some(77));
        round.status = RoundStatus::Void as u8;
        assert_eq!(prize_of(&round, &entry), Some(0));
        // 600 were right and win the 400 others, less the fee of 20; 1,000 wrong of 3,000 are matched.
        let market = |pool_units, winning_units, matched_units| Round {
            kind: Kind::Prediction as u8,
            status: RoundStatus::Final as u8,
            fee_units: 20,
            pool_units,
            winning_units,
            matched_units,
            ..Round::zeroed()
        };
        let entry = |stake_units, tier| Entry { stake_units, tier, ..Entry::zeroed() };
        assert_eq!(prize_of(&market(1_000, 600, 400), &entry(300, 1)), Some(490));
        assert_eq!(prize_of(&market(1_000, 600, 400), &entry(300, 0)), Some(0));
        assert_eq!(prize_of(&market(4_000, 1_000, 1_000), &entry(600, 2)), Some(400));
    }
}
