//! Entries of live rounds.

use anyhow::{Context, bail};
use lottery_client::{Pubkey, market::Market};
use lottery_interface::{
    Kind,
    accounts::{Entry, FLAG_PAID, FLAG_REFUNDED, Round},
    address,
};
use lottery_rules::picks::numbers;
use serde_json::{Value, json};

use super::to_json;
use crate::{chain::Chain, lottery_file::show_multiple, market, output, verify::columns};

/// What an entry's picks mean.
enum Picks {
    Numbers,
    Market(Market),
    Raffle,
}

impl Picks {
    async fn of(chain: &Chain, round: &Round) -> anyhow::Result<Self> {
        Ok(match Kind::from_byte(round.kind) {
            Some(Kind::Raffle) => Self::Raffle,
            Some(Kind::Prediction) => {
                let market = Market::of(&chain.rpc.config(round.config.into()).await?);
                market.map_or(Self::Numbers, Self::Market)
            }
            _ => Self::Numbers,
        })
    }
}

fn entry_json(page: u32, index: u32, entry: &Entry, picks: &Picks) -> Value {
    let mut value = to_json(Pubkey::from(entry.wallet), columns::entry(entry));
    if let Value::Object(map) = &mut value {
        map.remove("address");
    }
    value["page_sequence"] = json!(page);
    value["index"] = json!(index);
    match (picks, market::picked(entry.picks)) {
        (Picks::Market(market), Some(outcome)) => {
            value["outcome"] = json!(outcome);
            value["label"] = json!(market.label(outcome));
        }
        (Picks::Raffle, _) => {
            value["leaf_index"] = json!(entry.picks[0] as u32);
            value["weight"] = json!(entry.picks[0] >> 32);
        }
        _ => {}
    }
    value
}

fn entry_line(page: u32, index: u32, entry: &Entry, picks: &Picks) -> String {
    let numbers: Vec<_> = match (picks, market::picked(entry.picks)) {
        (Picks::Market(market), Some(outcome)) => vec![format!("on {}", market.label(outcome))],
        (Picks::Raffle, _) => vec![format!("weight {}", entry.picks[0] >> 32)],
        _ => numbers(entry.picks).map(|number| number.to_string()).collect(),
    };
    let bonus = if entry.bonus > 0 { format!(" + {}", entry.bonus) } else { String::new() };
    let won = match (picks, entry.tier, entry.multiplier_bps) {
        (Picks::Market(_), 1, _) => "won".to_string(),
        (Picks::Market(_), ..) => "lost, partly not matched".to_string(),
        (_, tier, 0) => format!("tier {tier}"),
        (_, _, multiplier) => show_multiple(multiplier),
    };
    let state = match (entry.tier, entry.flags) {
        (_, flags) if flags & FLAG_REFUNDED != 0 => "refunded".to_string(),
        (0, _) => "no prize yet".to_string(),
        (_, flags) if flags & FLAG_PAID != 0 => format!("{won}, paid"),
        _ => format!("{won}, to be paid"),
    };
    format!("page {page} entry {index:<6} {}{bonus}  {state}\n", numbers.join(" "))
}

pub(super) async fn entries(
    chain: Chain,
    lottery: u64,
    round: u64,
    owner: Option<String>,
) -> anyhow::Result<()> {
    let owner = chain.owner_or_signer(owner.as_deref())?;
    let mint = Pubkey::from(chain.lottery(lottery).await?.mint);
    let wallet = address::wallet(&owner, &mint).0;
    let address = address::round(&address::lottery(lottery).0, round).0;
    let Some(found) = chain.rpc.round(lottery, round).await? else {
        bail!("round {round} is closed or not open yet; the api knows entries of closed rounds");
    };
    let picks = Picks::of(&chain, &found).await?;
    let (mut values, mut text) = (Vec::new(), String::new());
    for sequence in 0..found.page_count {
        let Some(page) = chain.rpc.page(address, sequence).await? else { continue };
        for (index, entry) in (0u32..).zip(page.entries()) {
            if entry.wallet == wallet.to_bytes() {
                values.push(entry_json(sequence, index, &entry, &picks));
                text += &entry_line(sequence, index, &entry, &picks);
            }
        }
    }
    if values.is_empty() {
        text = format!("{owner} has no entry in round {round}");
    }
    output::print(chain.json, &json!(values), &text);
    Ok(())
}

pub(super) async fn entry(
    chain: Chain,
    lottery: u64,
    round: u64,
    page: u32,
    index: u32,
) -> anyhow::Result<()> {
    let address = address::round(&address::lottery(lottery).0, round).0;
    let found = chain.rpc.page(address, page).await?;
    let found = found.with_context(|| format!("page {page} of round {round} is closed or not open yet"))?;
    let entry = found.entries().get(index as usize).copied();
    let entry = entry
        .with_context(|| format!("page {page} has {} entries: there is no entry {index}", found.count))?;
    let picks = match chain.rpc.round(lottery, round).await? {
        Some(round) => Picks::of(&chain, &round).await?,
        None => Picks::Numbers,
    };
    let (value, line) = (entry_json(page, index, &entry, &picks), entry_line(page, index, &entry, &picks));
    output::print(chain.json, &value, &line);
    Ok(())
}
