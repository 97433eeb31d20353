//! `lottery raffle export`: a round's result as a file for everybody. Every key is computed again from the seed, and the ranking
//! from the keys, before anything is written.

use std::{collections::HashMap, path::PathBuf};

use anyhow::{Context, bail, ensure};
use lottery_client::{Fetched, Pubkey, raffle::List};
use lottery_interface::{
    accounts::Wallet,
    kinds::{PlaceStatus, RoundStatus},
};
use lottery_rules::{
    hash::Software,
    raffle::{self as rules, DRAWS_PER_BLOCK, Mode, Standing},
};
use serde_json::{Value, json};

use super::{
    enter::table,
    entries::{Draw, Placed},
};
use crate::{
    chain::{Chain, ChainArgs},
    lottery_file::read_list,
    output,
};

/// Opens every such file.
const FORMAT: &str = "lottery_v4/raffle/1";

#[derive(Clone, Debug, clap::Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Id of the lottery
    pub lottery: u64,
    /// Index of the round
    #[arg(long)]
    pub round: u64,
    /// File to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// The list, to write the proof of each person who has a rank
    #[arg(long, value_name = "FILE")]
    pub list: Option<PathBuf>,
}

/// The key of an entry, from the round's seed.
fn key(seed: &[u8; 32], mode: u8, placed: &Placed) -> u64 {
    if mode == Mode::FirstCome as u8 {
        return 0;
    }
    let draws = rules::draws::<Software>(seed, placed.page, placed.index / DRAWS_PER_BLOCK);
    rules::key(draws[(placed.index % DRAWS_PER_BLOCK) as usize], placed.weight())
}

/// The order that follows from the seed; refuses a chain that says otherwise.
fn recompute(draw: &Draw) -> anyhow::Result<Vec<Standing>> {
    let state = &draw.order.state;
    let mut all = Vec::with_capacity(draw.entries.len());
    for placed in &draw.entries {
        let key = key(&draw.round.seed, state.mode, placed);
        ensure!(
            placed.key() == Some(key),
            "the key of entry {} of page {} is {:?} on the chain and {key} by the rules",
            placed.index,
            placed.page,
            placed.key()
        );
        all.push(Standing { key, page: placed.page, index: placed.index });
    }
    all.sort_unstable();
    let ranked = rules::ranked(all.len() as u64, state.capacity, state.waiting) as usize;
    let found: Vec<_> = draw
        .order
        .ranked
        .iter()
        .map(|entry| Standing { key: entry.key, page: entry.page, index: entry.index })
        .collect();
    ensure!(all[..ranked] == found[..], "the ranking on the chain is not the order of the keys");
    Ok(all)
}

/// Owners of the wallets that have a rank.
async fn owners(chain: &Chain, wallets: &[Pubkey]) -> anyhow::Result<HashMap<Pubkey, Pubkey>> {
    let found: Vec<Option<Fetched<Wallet>>> = chain.rpc.multiple(wallets).await?;
    Ok(found.into_iter().flatten().map(|wallet| (wallet.address, wallet.owner.into())).collect())
}

fn rank_json(
    rank: usize,
    draw: &Draw,
    placed: &Placed,
    owner: Option<&Pubkey>,
    list: Option<&List>,
) -> Value {
    let entry = &draw.order.ranked[rank];
    let proof = list.zip(owner).and_then(|(list, owner)| list.membership(owner));
    json!({
        "rank": rank,
        "page_sequence": placed.page,
        "index": placed.index,
        "leaf_index": placed.leaf_index(),
        "weight": placed.weight(),
        "key": entry.key.to_string(),
        "wallet": Pubkey::from(placed.entry.wallet).to_string(),
        "owner": owner.map(Pubkey::to_string),
        "status": PlaceStatus::from_byte(entry.status).map(PlaceStatus::name),
        "standing": draw.order.standing(Some(rank as u32)).name(),
        "offered_until": draw.order.offered_until(rank as u32),
        "proof": proof.map(|leaf| leaf.proof.iter().map(hex::encode).collect::<Vec<_>>()),
    })
}

async fn document(chain: &Chain, draw: &Draw, list: Option<&List>) -> anyhow::Result<Value> {
    let all = recompute(draw)?;
    let state = &draw.order.state;
    let by_place: HashMap<(u32, u32), &Placed> =
        draw.entries.iter().map(|placed| ((placed.page, placed.index), placed)).collect();
    let placed = |standing: &Standing| by_place[&(standing.page, standing.index)];
    let ranked: Vec<&Placed> = all[..draw.order.ranked.len()].iter().map(placed).collect();
    let wallets: Vec<Pubkey> = ranked.iter().map(|placed| placed.entry.wallet.into()).collect();
    let owners = owners(chain, &wallets).await?;
    let bar = output::progress(chain.json, ranked.len() as u64, "writing ranks");
    let ranks: Vec<Value> = (0..)
        .zip(ranked.iter().zip(&wallets))
        .map(|(rank, (placed, wallet))| {
            bar.inc(1);
            rank_json(rank, draw, placed, owners.get(wallet), list)
        })
        .collect();
    bar.finish_and_clear();
    let entries = draw.entries.iter().map(|placed| {
        json!([
            placed.page,
            placed.index,
            placed.leaf_index(),
            placed.weight(),
            placed.entry.picks[1].to_string(),
            Pubkey::from(placed.entry.wallet).to_string()
        ])
    });
    let round = &draw.round;
    Ok(json!({
        "format": FORMAT,
        "lottery_id": round.lottery_id.to_string(),
        "round_index": round.index.to_string(),
        "round": round.address.to_string(),
        "mode": Mode::from_byte(state.mode).map(Mode::name),
        "capacity": state.capacity,
        "waiting": state.waiting,
        "root": (state.leaf_count != 0).then(|| hex::encode(state.root)),
        "value": hex::encode(round.value),
        "seed": hex::encode(round.seed),
        "ranking": Pubkey::from(state.ranking).to_string(),
        "threshold": {
            "key": state.threshold_key.to_string(),
            "page_sequence": state.threshold_page,
            "index": state.threshold_index,
        },
        "ranks": ranks,
        "entry_columns": ["page_sequence", "index", "leaf_index", "weight", "key", "wallet"],
        "entries": entries.collect::<Vec<_>>(),
    }))
}

pub async fn run(args: ExportArgs) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    table(&chain, args.lottery).await?;
    let list = args.list.as_deref().map(read_list).transpose().context("--list")?;
    let draw = Draw::load(&chain, args.lottery, args.round).await?;
    let index = draw.round.index;
    if draw.round.status == RoundStatus::Void as u8 {
        bail!("round {index} is void: it has no result, and every stake is refunded");
    }
    ensure!(
        draw.order.state.is_ranked != 0,
        "NotRanked: round {index} has no order yet: wait for the keeper"
    );
    ensure!(
        draw.closed_pages == 0 && draw.order.ranked.len() == draw.order.state.ranked as usize,
        "pages or ranking of round {index} are closed; the api still knows its result"
    );
    if let Some(list) = &list {
        ensure!(list.root() == draw.order.state.root, "InvalidList: --list: its root is not this round's");
    }
    let document = document(&chain, &draw, list.as_ref()).await?;
    let text = serde_json::to_string(&document)? + "\n";
    std::fs::write(&args.out, text).with_context(|| format!("cannot write {}", args.out.display()))?;
    let (ranks, entries) = (draw.order.ranked.len(), draw.entries.len());
    let value = json!({"round_index": index, "ranks": ranks, "entries": entries, "file": args.out});
    let line = format!(
        "{ranks} ranks of {entries} entries are in {}; every key and the whole order were computed again",
        args.out.display()
    );
    output::print(chain.json, &value, &line);
    Ok(())
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;
    use lottery_interface::accounts::Entry;

    use super::*;

    /// The examples of docs/RULES.md: entries 4 and 5 of page 0, and 1 of page 1.
    #[test]
    fn keys_are_those_of_the_rules() {
        let seed = hex::decode("8c6270e1d0e2ec52a0d7dc44bf207089b415fa899e9588c30ae6a2fe8d85e102").unwrap();
        let seed: [u8; 32] = seed.try_into().unwrap();
        let placed = |page, index, weight: u64| Placed {
            page,
            index,
            entry: Entry { picks: [weight << 32 | 3, 0], ..Entry::zeroed() },
            is_settled: true,
        };
        for (page, index, weight, expected) in
            [(0, 4, 10, 13851261622027368), (0, 5, 3, 59498193983398325), (1, 1, 1, 3606324378024009)]
        {
            let placed = placed(page, index, weight);
            assert_eq!(key(&seed, Mode::Weighted as u8, &placed), expected);
            assert_eq!(key(&seed, Mode::FirstCome as u8, &placed), 0);
            assert_eq!((u64::from(placed.weight()), placed.leaf_index()), (weight, 3));
        }
    }
}
