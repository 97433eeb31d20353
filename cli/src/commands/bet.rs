//! `lottery bet`: stakes on outcomes of a market.

use anyhow::{Context, bail};
use lottery_client::{Fetched, enter_plan, market::Market};
use lottery_interface::{Kind, accounts::Round};
use serde_json::json;

use super::{
    enter::{self, EnterArgs},
    tickets::{Choice, Table},
};
use crate::{chain::ChainArgs, market::Book};

#[derive(Clone, Debug, clap::Args)]
pub struct BetArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Id of the lottery
    pub lottery: u64,
    /// What will come true: an outcome's label or number; repeated, the stake goes on each
    #[arg(long = "outcome", value_name = "OUTCOME", required = true)]
    pub outcomes: Vec<String>,
    /// Stake on each outcome, in whole tokens
    #[arg(long, value_name = "AMOUNT")]
    pub stake: String,
    #[command(flatten)]
    pub enter: EnterArgs,
}

pub async fn run(args: BetArgs) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let signers = args.enter.signers(&chain)?;
    let mut table = Table::load(&chain, args.lottery).await?;
    if table.kind == Kind::Raffle {
        bail!(
            "lottery {id} is a raffle, which has no outcomes: enter with `lottery raffle enter {id}`",
            id = args.lottery
        );
    }
    if table.kind != Kind::Prediction {
        bail!(
            "lottery {id} is of kind {:?}, which has no outcomes to bet on: use `lottery buy {id}`",
            table.kind.name(),
            id = args.lottery,
        );
    }
    let choice = Choice { stake: Some(args.stake.clone()), ..Choice::default() };
    let mut tickets = table.tickets(&choice, &[], &args.outcomes)?;
    let mut plan =
        enter_plan(&chain.rpc, &signers.request(args.lottery, tickets.clone(), args.enter.round)).await?;
    let round: Fetched<Round> = chain.rpc.require(plan.round).await?;
    if round.config != table.lottery.config {
        // It was opened under earlier rules: what the labels mean there is what counts.
        table.market = Market::of(&chain.rpc.config(round.config.into()).await?);
        tickets = table.tickets(&choice, &[], &args.outcomes)?;
        let request = signers.request(args.lottery, tickets.clone(), Some(round.index));
        plan = enter_plan(&chain.rpc, &request).await?;
    }
    let market = table.market.clone().context("the config of this lottery cannot be read")?;
    let book = Book::of(&chain.rpc, &market, &round).await?;
    if !chain.json {
        print!("{}", book.lines(&table.mint, "  "));
    }
    let bets: Vec<_> = tickets.tickets.iter().filter_map(|ticket| {
        let outcome = ticket.outcome?;
        Some(json!({"outcome": outcome, "label": market.label(outcome), "stake_units": ticket.stake_units?.to_string()}))
    }).collect();
    let more = ("market", json!({"bets": bets, "pools_before": book.pools_json()}));
    enter::enter(&chain, &table, &plan, &signers, args.enter.wait, more).await
}
