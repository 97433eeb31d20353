//! `lottery raffle confirm`: takes the places that the signer is offered.

use anyhow::bail;
use lottery_client::{Pubkey, Signer, raffle::Standing};
use lottery_interface::{address, instructions};
use serde_json::json;

use super::{
    enter::table,
    entries::{Draw, Placed},
};
use crate::{
    chain::{Chain, ChainArgs},
    output, raffle,
};

/// Places in one transaction.
const PLACES: usize = 8;

#[derive(Clone, Debug, clap::Args)]
pub struct ConfirmArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Id of the lottery
    pub lottery: u64,
    /// Only this round [default: every round that offers the signer a place]
    #[arg(long)]
    pub round: Option<u64>,
}

/// What can be confirmed now.
fn offered(draw: &Draw, wallet: &Pubkey, now: i64) -> Vec<(Placed, u32)> {
    let offered = |(placed, rank): (Placed, Option<u32>)| match draw.order.standing(rank) {
        Standing::Offered { until } if now < until => Some((placed, rank?)),
        _ => None,
    };
    draw.own(wallet).into_iter().filter_map(offered).collect()
}

/// Why nothing can be confirmed, by the program's name.
fn refusal(draws: &[Draw], wallet: &Pubkey, now: i64) -> String {
    let all = draws.iter().flat_map(|draw| {
        draw.own(wallet).into_iter().map(|(_, rank)| (draw.round.index, draw.order.standing(rank)))
    });
    let reasons: Vec<String> = all
        .map(|(round, standing)| {
            let name = match standing {
                Standing::Taken => "PlaceTaken",
                Standing::Lapsed | Standing::Offered { .. } => "ConfirmTooLate",
                _ => "PlaceNotOffered",
            };
            format!("{name}: round {round}: {}", raffle::standing_text(standing, now))
        })
        .collect();
    match reasons.is_empty() {
        true => "PlaceNotOffered: the signer has no entry there".into(),
        false => reasons.join("; "),
    }
}

async fn draws(chain: &Chain, args: &ConfirmArgs) -> anyhow::Result<Vec<Draw>> {
    if let Some(index) = args.round {
        return Ok(vec![Draw::load(chain, args.lottery, index).await?]);
    }
    let mut draws = Vec::new();
    for round in chain.rpc.rounds(args.lottery).await? {
        draws.push(Draw::of(chain, round).await?);
    }
    Ok(draws)
}

pub async fn run(args: ConfirmArgs) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let signer = chain.keypair()?;
    let table = table(&chain, args.lottery).await?;
    let wallet = address::wallet(&signer.pubkey(), &table.mint.address).0;
    let now = chain.rpc.clock().await?.unix_timestamp;
    let draws = draws(&chain, &args).await?;
    let (mut values, mut lines) = (Vec::new(), String::new());
    for draw in &draws {
        let (round, ranking) = (&draw.round, Pubkey::from(draw.order.state.ranking));
        for offers in offered(draw, &wallet, now).chunks(PLACES) {
            let step = |(placed, rank): &(Placed, u32)| {
                instructions::confirm_place(
                    signer.pubkey(),
                    wallet,
                    table.lottery.address,
                    round.address,
                    ranking,
                    placed.page,
                    *rank,
                )
            };
            let steps: Vec<_> = offers.iter().map(step).collect();
            let signature = chain.send("the place was not confirmed", &steps, &[&signer]).await?;
            for (placed, rank) in offers {
                values.push(json!({
                    "round_index": round.index,
                    "rank": rank,
                    "page_sequence": placed.page,
                    "index": placed.index,
                    "signature": signature.to_string(),
                }));
                lines += &format!("round {}: the place of rank {rank} is taken\n", round.index);
            }
        }
    }
    if values.is_empty() {
        bail!(refusal(&draws, &wallet, now));
    }
    output::print(chain.json, &json!({"lottery_id": args.lottery, "confirmed": values}), &lines);
    Ok(())
}
