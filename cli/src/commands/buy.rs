//! `lottery buy`: tickets with chosen numbers, picked by the program, or with nothing to choose but a stake.

use anyhow::bail;
use lottery_client::enter_plan;
use lottery_interface::Kind;
use serde_json::json;

use super::{
    enter::{self, EnterArgs},
    tickets::{Choice, Table, parse_ticket},
};
use crate::{chain::ChainArgs, game::Row};

#[derive(Clone, Debug, clap::Args)]
pub struct BuyArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Id of the lottery
    pub lottery: u64,
    /// Tickets: numbers with commas, and the bonus ball after a plus, for example 1,2,3,4,5+6
    pub tickets: Vec<String>,
    #[command(flatten)]
    pub choice: Choice,
    #[command(flatten)]
    pub enter: EnterArgs,
}

/// Odds as lines.
fn show_odds(rows: &[Row]) -> String {
    rows.iter()
        .map(|row| {
            let prizes: String = row.prizes().iter().map(|prize| format!("    {prize}\n")).collect();
            format!("{}\n{prizes}", row.summary())
        })
        .collect()
}

pub async fn run(args: BuyArgs) -> anyhow::Result<()> {
    // What is wrong without asking the chain is said without a chain.
    for text in args.tickets.iter().chain(&args.choice.numbers) {
        parse_ticket(text)?;
    }
    let is_empty = args.tickets.is_empty() && args.choice.numbers.is_empty();
    if is_empty
        && args.choice.quick.is_none_or(|count| count == 0)
        && args.choice.spots.is_none()
        && args.choice.stake.is_none()
    {
        bail!("no ticket was asked for: give numbers, or --quick N; keno and instant also need --stake");
    }
    let chain = args.chain.connect()?;
    let signers = args.enter.signers(&chain)?;
    let table = Table::load(&chain, args.lottery).await?;
    if table.kind == Kind::Raffle {
        bail!("lottery {id} is a raffle: enter with `lottery raffle enter {id}`", id = args.lottery);
    }
    if table.kind == Kind::Prediction {
        bail!(
            "lottery {id} is a market: bet on an outcome with `lottery bet {id} --outcome OUTCOME --stake AMOUNT`; one of {}",
            table.outcomes(),
            id = args.lottery,
        );
    }
    let tickets = table.tickets(&args.choice, &args.tickets, &[])?;
    let odds = table.odds(&tickets)?;
    if !chain.json && !odds.is_empty() {
        print!("{}", show_odds(&odds));
    }
    let plan = enter_plan(&chain.rpc, &signers.request(args.lottery, tickets, args.enter.round)).await?;
    let rtp = |row: &Row| json!({"spots": row.spots, "rtp_percent": row.rtp.weighted_bps as f64 / row.rtp.ways as f64 / 100.0});
    let odds = odds.iter().map(rtp).collect();
    enter::enter(&chain, &table, &plan, &signers, args.enter.wait, ("odds", odds)).await
}
