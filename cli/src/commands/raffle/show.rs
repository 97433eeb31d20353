//! `lottery raffle show`: where an owner stands, from the chain alone.

use anyhow::Context;
use lottery_client::{Pubkey, raffle::Standing};
use lottery_interface::{
    accounts::{FLAG_PAID, FLAG_REFUNDED},
    address,
    kinds::{RoundStatus, VoidReason},
};
use serde_json::{Value, json};

use super::{
    enter::table,
    entries::{Draw, Placed},
};
use crate::{
    chain::{Chain, ChainArgs},
    output, raffle,
};

#[derive(Clone, Debug, clap::Args)]
pub struct RaffleShowArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Id of the lottery
    pub lottery: u64,
    /// Index of the round [default: the newest that the owner has entered, else the newest]
    #[arg(long)]
    pub round: Option<u64>,
    /// Whose entries [default: the signer's]
    #[arg(long)]
    pub owner: Option<String>,
}

fn entry_json(placed: &Placed, rank: Option<u32>, standing: Standing) -> Value {
    let (until, position) = match standing {
        Standing::Offered { until } => (Some(until), None),
        Standing::Waiting { position } => (None, Some(position)),
        _ => (None, None),
    };
    json!({
        "page_sequence": placed.page,
        "index": placed.index,
        "leaf_index": placed.leaf_index(),
        "weight": placed.weight(),
        "key": placed.key().map(|key| key.to_string()),
        "rank": rank,
        "standing": standing.name(),
        "offered_until": until,
        "waiting_position": position,
        "stake_units": placed.entry.stake_units.to_string(),
        "tier": placed.entry.tier,
        "paid": placed.entry.flags & FLAG_PAID != 0,
        "refunded": placed.entry.flags & FLAG_REFUNDED != 0,
    })
}

fn entry_line(placed: &Placed, rank: Option<u32>, standing: Standing, now: i64) -> String {
    let rank = rank.map_or_else(|| "no rank".to_string(), |rank| format!("rank {rank}"));
    let key = placed.key().map_or_else(|| "no key yet".to_string(), |key| format!("key {key}"));
    let refunded = if placed.entry.flags & FLAG_REFUNDED != 0 { " (refunded)" } else { "" };
    format!(
        "  page {} entry {}: weight {}, {key}, {rank}: {}{refunded}\n",
        placed.page,
        placed.index,
        placed.weight(),
        raffle::standing_text(standing, now),
    )
}

/// The newest round that `wallet` has entered, else the newest.
async fn newest(chain: &Chain, lottery: u64, wallet: &Pubkey) -> anyhow::Result<Draw> {
    let mut found = None;
    for round in chain.rpc.rounds(lottery).await?.into_iter().rev() {
        let draw = Draw::of(chain, round).await?;
        if !draw.own(wallet).is_empty() {
            return Ok(draw);
        }
        found = found.or(Some(draw));
    }
    found.with_context(|| format!("lottery {lottery} has no round now; the api knows closed ones"))
}

pub async fn run(args: RaffleShowArgs) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let owner = chain.owner_or_signer(args.owner.as_deref())?;
    let table = table(&chain, args.lottery).await?;
    let wallet = address::wallet(&owner, &table.mint.address).0;
    let draw = match args.round {
        Some(index) => Draw::load(&chain, args.lottery, index).await?,
        None => newest(&chain, args.lottery, &wallet).await?,
    };
    let now = chain.rpc.clock().await?.unix_timestamp;
    let round = &draw.round;
    let status = RoundStatus::from_byte(round.status);
    let is_void = status == Some(RoundStatus::Void);
    let status = status.map_or("unknown", RoundStatus::name);
    let own = draw.own(&wallet);
    let standing = |rank: Option<u32>| draw.order.standing(rank);
    let value = json!({
        "lottery_id": args.lottery,
        "round_index": round.index,
        "status": status,
        "locks_at": round.locks_at,
        "final_at": round.final_at,
        "owner": owner.to_string(),
        "places": raffle::places_json(&draw.order.state),
        "next_promoted": draw.order.places().next_promoted(),
        "entries": own.iter().map(|(placed, rank)| entry_json(placed, *rank, standing(*rank))).collect::<Vec<_>>(),
    });
    let mut lines = format!(
        "round {} {status}: {}\n",
        round.index,
        raffle::places_text(&draw.order.state, draw.entries.len() as u64)
    );
    if is_void {
        let reason = VoidReason::from_byte(round.void_reason).map_or("unknown", VoidReason::name);
        lines += &format!("  void ({reason}): every stake is refunded\n");
    }
    for (placed, rank) in &own {
        lines += &entry_line(placed, *rank, standing(*rank), now);
    }
    if own.is_empty() {
        lines += &format!("  {owner} has no entry in it\n");
    }
    output::print(chain.json, &value, &lines);
    Ok(())
}
