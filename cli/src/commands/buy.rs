//! `lottery buy`: tickets with chosen numbers, picked by the program, or with nothing to choose but a stake.

use std::path::PathBuf;

use anyhow::{Context, bail};
use lottery_client::{EnterPlan, EnterRequest, Signer, enter_plan};
use serde_json::{Value, json};

use super::{
    result::{self, Purchase},
    tickets::{Choice, Table, parse_ticket},
};
use crate::{
    chain::{ChainArgs, name_of},
    game::Row,
    keys, output,
};

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
    /// Only this round [default: the one that locks next]
    #[arg(long)]
    pub round: Option<u64>,
    /// Sign with this session key instead of the owner's
    #[arg(long, requires = "owner", value_name = "FILE")]
    pub session_key: Option<PathBuf>,
    /// Owner of the wallet that a session key enters for
    #[arg(long)]
    pub owner: Option<String>,
    /// Who pays the network fee [default: who signs]
    #[arg(long, value_name = "FILE")]
    pub fee_payer: Option<PathBuf>,
    /// Wait for the result, and show it
    #[arg(long)]
    pub wait: bool,
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
    let session = args.session_key.as_deref().map(keys::read).transpose()?;
    let signer = match session {
        Some(key) => key,
        None => chain.keypair()?,
    };
    let fee_payer = args.fee_payer.as_deref().map(keys::read).transpose().context("--fee-payer")?;
    let owner = match &args.owner {
        Some(text) => keys::parse_address("--owner", text)?,
        None => signer.pubkey(),
    };
    if owner != signer.pubkey() && args.session_key.is_none() {
        bail!("--owner is somebody else: pass --session-key too");
    }
    let table = Table::load(&chain, args.lottery).await?;
    let tickets = table.tickets(&args.choice, &args.tickets)?;
    let odds = table.odds(&tickets)?;
    if !chain.json && !odds.is_empty() {
        print!("{}", show_odds(&odds));
    }
    let request = EnterRequest {
        lottery_id: args.lottery,
        owner,
        session_key: (owner != signer.pubkey()).then(|| signer.pubkey()),
        tickets: tickets.tickets,
        quick_picks: tickets.quick_picks,
        round_index: args.round,
    };
    let plan = enter_plan(&chain.rpc, &request).await?;
    let mut signers = vec![&signer];
    if let Some(fee_payer) = fee_payer.as_ref().filter(|key| key.pubkey() != signer.pubkey()) {
        signers.insert(0, fee_payer);
    }
    let signature = chain.send("the tickets were not entered", &plan.instructions, &signers).await?;
    let mut value = plan_json(&plan, args.lottery, &signature.to_string(), &odds);
    let line = plan_line(&plan, &table);
    if !args.wait {
        output::print(chain.json, &value, &line);
        return Ok(());
    }
    if !chain.json {
        println!("{line}");
    }
    let purchase = Purchase::find(&chain, (&plan).into(), plan.wallet, plan.tickets).await?;
    let ended = result::wait(&chain, &purchase).await?;
    value["result"] = ended.json();
    match chain.json {
        true => println!("{value}"),
        false => result::show(&ended, &table).await,
    }
    Ok(())
}

fn plan_json(plan: &EnterPlan, lottery_id: u64, signature: &str, odds: &[Row]) -> Value {
    let rtp = |row: &Row| json!({"spots": row.spots, "rtp_percent": row.rtp.weighted_bps as f64 / row.rtp.ways as f64 / 100.0});
    json!({
        "lottery_id": lottery_id,
        "round_index": plan.round_index,
        "page_sequence": plan.page_sequence,
        "tickets": plan.tickets,
        "cost_units": plan.cost_units.to_string(),
        "liability_units": plan.liability_units.to_string(),
        "deposit_units": plan.deposit_units.to_string(),
        "locks_at": plan.locks_at,
        "wallet": plan.wallet.to_string(),
        "signature": signature,
        "odds": odds.iter().map(rtp).collect::<Vec<_>>(),
    })
}

fn plan_line(plan: &EnterPlan, table: &Table) -> String {
    let plural = if plan.tickets == 1 { "ticket" } else { "tickets" };
    let (name, mint) = (name_of(&table.lottery.name), &table.mint);
    let mut line = format!(
        "{} {plural} in round {} of {name:?} for {}",
        plan.tickets,
        plan.round_index,
        mint.show(plan.cost_units)
    );
    if plan.liability_units > 0 {
        line += &format!(", {} to win at most", mint.show(plan.liability_units));
    }
    line
}
