//! What `lottery buy` and `lottery bet` share: who signs, sending, and the wait for the result.

use std::path::PathBuf;

use anyhow::{Context, bail};
use lottery_client::{EnterPlan, EnterRequest, Keypair, Pubkey, Signer};
use serde_json::{Value, json};

use super::{
    result::{self, Purchase},
    tickets::{Table, Tickets},
};
use crate::{
    chain::{Chain, name_of},
    keys, output,
};

/// Options of both.
#[derive(Clone, Debug, clap::Args)]
pub struct EnterArgs {
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

/// Who signs, and for whom.
pub struct Signers {
    signer: Keypair,
    fee_payer: Option<Keypair>,
    owner: Pubkey,
}

impl EnterArgs {
    pub fn signers(&self, chain: &Chain) -> anyhow::Result<Signers> {
        let session = self.session_key.as_deref().map(keys::read).transpose()?;
        let signer = match session {
            Some(key) => key,
            None => chain.keypair()?,
        };
        let fee_payer = self.fee_payer.as_deref().map(keys::read).transpose().context("--fee-payer")?;
        let owner = match &self.owner {
            Some(text) => keys::parse_address("--owner", text)?,
            None => signer.pubkey(),
        };
        if owner != signer.pubkey() && self.session_key.is_none() {
            bail!("--owner is somebody else: pass --session-key too");
        }
        Ok(Signers { signer, fee_payer, owner })
    }
}

impl Signers {
    /// Who enters.
    pub fn owner(&self) -> Pubkey {
        self.owner
    }

    pub fn request(&self, lottery_id: u64, tickets: Tickets, round_index: Option<u64>) -> EnterRequest {
        EnterRequest {
            lottery_id,
            owner: self.owner,
            session_key: (self.owner != self.signer.pubkey()).then(|| self.signer.pubkey()),
            tickets: tickets.tickets,
            quick_picks: tickets.quick_picks,
            round_index,
        }
    }
}

/// Enters what is planned and tells it; with `wait` also how it ended. `more` goes into the JSON document.
pub async fn enter(
    chain: &Chain,
    table: &Table,
    plan: &EnterPlan,
    signers: &Signers,
    wait: bool,
    more: (&str, Value),
) -> anyhow::Result<()> {
    let mut keys = vec![&signers.signer];
    if let Some(fee_payer) = signers.fee_payer.as_ref().filter(|key| key.pubkey() != signers.signer.pubkey())
    {
        keys.insert(0, fee_payer);
    }
    let signature = chain.send("the tickets were not entered", &plan.instructions, &keys).await?;
    let mut value = plan_json(plan, table.lottery.id, &signature.to_string());
    value[more.0] = more.1;
    let line = plan_line(plan, table);
    if !wait {
        output::print(chain.json, &value, &line);
        return Ok(());
    }
    if !chain.json {
        println!("{line}");
    }
    let purchase = Purchase::find(chain, plan.into(), plan.wallet, plan.tickets).await?;
    let ended = result::wait(chain, &purchase).await?;
    value["result"] = ended.json();
    match chain.json {
        true => println!("{value}"),
        false => result::show(&ended, table).await,
    }
    Ok(())
}

fn plan_json(plan: &EnterPlan, lottery_id: u64, signature: &str) -> Value {
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
