//! Rounds and what they drew.

use anyhow::Context;
use lottery_interface::{
    accounts::Round,
    kinds::{Kind, RoundStatus, VoidReason},
};
use lottery_rules::picks;

use super::{account, lines, to_json};
use crate::{
    chain::{Chain, Mint},
    output,
    verify::columns,
};

pub(super) fn round_line(round: &Round, mint: &Mint) -> String {
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
            if round.kind != Kind::Instant as u8 {
                text += &format!(", {}", result_text(round));
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

/// Numbers drawn, and the bonus ball after a plus.
pub fn result_text(round: &Round) -> String {
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
    let value = to_json(round.address, columns::round(&account(&round)));
    let text = round_line(&round, &mint).trim_start().to_string() + &lines(&value);
    output::print(chain.json, &value, &text);
    Ok(())
}
