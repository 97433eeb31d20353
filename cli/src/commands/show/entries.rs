//! Entries of live rounds.

use anyhow::{Context, bail};
use lottery_client::{Pubkey, market::Market};
use lottery_interface::{
    accounts::{Entry, FLAG_PAID, FLAG_REFUNDED},
    address,
};
use lottery_rules::picks;
use serde_json::{Value, json};

use super::to_json;
use crate::{chain::Chain, lottery_file::show_multiple, market, output, verify::columns};

fn entry_json(page: u32, index: u32, entry: &Entry, market: Option<&Market>) -> Value {
    let mut value = to_json(Pubkey::from(entry.wallet), columns::entry(entry));
    if let Value::Object(map) = &mut value {
        map.remove("address");
    }
    value["page_sequence"] = json!(page);
    value["index"] = json!(index);
    if let (Some(market), Some(outcome)) = (market, market::picked(entry.picks)) {
        value["outcome"] = json!(outcome);
        value["label"] = json!(market.label(outcome));
    }
    value
}

fn entry_line(page: u32, index: u32, entry: &Entry, market: Option<&Market>) -> String {
    let numbers: Vec<_> = match (market, market::picked(entry.picks)) {
        (Some(market), Some(outcome)) => vec![format!("on {}", market.label(outcome))],
        _ => picks::numbers(entry.picks).map(|number| number.to_string()).collect(),
    };
    let bonus = if entry.bonus > 0 { format!(" + {}", entry.bonus) } else { String::new() };
    let won = match (market, entry.tier, entry.multiplier_bps) {
        (Some(_), 1, _) => "won".to_string(),
        (Some(_), ..) => "lost, partly not matched".to_string(),
        (None, tier, 0) => format!("tier {tier}"),
        (None, _, multiplier) => show_multiple(multiplier),
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
    let market = Market::of(&chain.rpc.config(found.config.into()).await?);
    let (mut values, mut text) = (Vec::new(), String::new());
    for sequence in 0..found.page_count {
        let Some(page) = chain.rpc.page(address, sequence).await? else { continue };
        for (index, entry) in (0u32..).zip(page.entries()) {
            if entry.wallet == wallet.to_bytes() {
                values.push(entry_json(sequence, index, &entry, market.as_ref()));
                text += &entry_line(sequence, index, &entry, market.as_ref());
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
    let market = match chain.rpc.round(lottery, round).await? {
        Some(round) => Market::of(&chain.rpc.config(round.config.into()).await?),
        None => None,
    };
    let (value, line) =
        (entry_json(page, index, &entry, market.as_ref()), entry_line(page, index, &entry, market.as_ref()));
    output::print(chain.json, &value, &line);
    Ok(())
}
