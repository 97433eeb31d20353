//! Rounds and what they drew.

use anyhow::Context;
use lottery_client::{Fetched, market::Market};
use lottery_interface::{
    accounts::{OracleSet, Round},
    kinds::{Kind, RoundStatus, VoidReason},
};
use lottery_rules::picks;
use serde_json::Value;

use super::{account, lines, to_json};
use crate::{
    chain::{Chain, Mint},
    market::{self, Book},
    output, raffle,
    verify::columns,
};

/// `market`: of the round's config, when it is one.
pub(super) fn round_line(round: &Fetched<Round>, mint: &Mint, market: Option<&Market>) -> String {
    let status = RoundStatus::from_byte(round.status).map_or("unknown", RoundStatus::name);
    let mut text = format!("      round {:<6} {status:<7} locks at {}", round.index, round.locks_at);
    match RoundStatus::from_byte(round.status) {
        Some(RoundStatus::Void) => {
            text += &format!(
                ", {}",
                VoidReason::from_byte(round.void_reason).map_or("unknown", VoidReason::name)
            );
            text += &format!(", {} of {} refunded", round.refunded, round.entries);
        }
        Some(RoundStatus::Drawn | RoundStatus::Final) => {
            if let Some(state) = round.raffle_state() {
                text += &format!(", {}", raffle::places_text(&state, round.entries));
            } else if round.kind != Kind::Instant as u8 {
                text += &format!(", {}", result_text(round, market));
            }
            text += &format!(", pool {}", mint.show(round.pool_units));
            if round.budget_units > 0 {
                text += &format!(", prizes {}", mint.show(round.prizes_units));
            }
            text += &format!(", {} of {} winners paid", round.winners_paid, round.winners_total);
        }
        _ => {}
    }
    text + "\n"
}

/// Numbers drawn, and the bonus ball after a plus; of a market what came true.
pub fn result_text(round: &Fetched<Round>, market: Option<&Market>) -> String {
    if let Some(market) = market {
        return market::result_text(market, round);
    }
    let word = |at: usize| u64::from_le_bytes(round.result[at..at + 8].try_into().expect("eight bytes"));
    let numbers: Vec<_> = picks::numbers([word(0), word(8)]).map(|number| number.to_string()).collect();
    let bonus = match round.result[16] {
        0 => String::new(),
        bonus => format!(" + {bonus}"),
    };
    numbers.join(" ") + &bonus
}

pub(super) async fn round(chain: Chain, id: u64, index: u64) -> anyhow::Result<()> {
    let lottery = chain.lottery(id).await?;
    let mint = chain.mint_of(&lottery.mint).await?;
    let round =
        chain.rpc.round(id, index).await?.with_context(|| match index < lottery.next_round_index {
            true => {
                format!("round {index} is closed; the api still knows it: /api/lotteries/{id}/rounds/{index}")
            }
            false => format!("round {index} is not open yet; the next one is {}", lottery.next_round_index),
        })?;
    let mut value = to_json(round.address, columns::round(&account(&round)));
    let market = Market::of(&chain.rpc.config(round.config.into()).await?);
    let mut text = round_line(&round, &mint, market.as_ref()).trim_start().to_string();
    let fields = lines(&value);
    if let Some(market) = &market {
        let book = Book::of(&chain.rpc, market, &round).await?;
        let oracles: Option<Fetched<OracleSet>> = chain.rpc.account(market.rules.oracles.into()).await?;
        let reporters = oracles.map_or_else(Vec::new, |oracles| market::reporters(&oracles));
        text += &market::round_lines(market, &round, &book, &reporters, &mint);
        if let (Value::Object(value), Value::Object(more)) =
            (&mut value, market::round_json(market, &round, &book, &reporters))
        {
            value.extend(more);
        }
    }
    text += &fields;
    output::print(chain.json, &value, &text);
    Ok(())
}
