//! `lottery buy`: tickets with chosen numbers, or picked by the program.

use std::path::PathBuf;

use anyhow::{Context, bail};
use lottery_client::{EnterRequest, Signer, Ticket, enter_plan};
use serde_json::json;

use crate::{chain::ChainArgs, keys, output};

#[derive(Clone, Debug, clap::Args)]
pub struct BuyArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Id of the lottery
    pub lottery: u64,
    /// Tickets: numbers with commas, and the bonus ball after a plus, for example 1,2,3,4,5+6
    pub tickets: Vec<String>,
    /// Tickets that the program picks
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub quick: u8,
    /// Only this round [default: the one that locks next]
    #[arg(long)]
    pub round: Option<u64>,
    /// Sign with this session key instead of the owner's
    #[arg(long, requires = "owner", value_name = "FILE")]
    pub session_key: Option<PathBuf>,
    /// Owner of the wallet that a session key enters for
    #[arg(long)]
    pub owner: Option<String>,
}

/// A ticket written as `1,2,3` or `1,2,3+4`.
pub fn parse_ticket(text: &str) -> anyhow::Result<Ticket> {
    let explain = || {
        format!("{text:?} is no ticket: write numbers with commas, the bonus ball after a plus: 1,2,3,4,5+6")
    };
    let number = |part: &str| part.trim().parse::<u8>().ok().with_context(explain);
    let (numbers, bonus) = match text.split_once('+') {
        Some((numbers, bonus)) => (numbers, Some(number(bonus)?)),
        None => (text, None),
    };
    let numbers = numbers.split(',').map(number).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Ticket { numbers, bonus })
}

pub async fn run(args: BuyArgs) -> anyhow::Result<()> {
    let tickets = args.tickets.iter().map(|text| parse_ticket(text)).collect::<anyhow::Result<Vec<_>>>()?;
    if tickets.is_empty() && args.quick == 0 {
        bail!("no ticket was asked for: give numbers, or --quick N");
    }
    let chain = args.chain.connect()?;
    let session = args.session_key.as_deref().map(keys::read).transpose()?;
    let signer = match session {
        Some(key) => key,
        None => chain.keypair()?,
    };
    let owner = match &args.owner {
        Some(text) => keys::parse_address("--owner", text)?,
        None => signer.pubkey(),
    };
    if owner != signer.pubkey() && args.session_key.is_none() {
        bail!("--owner is somebody else: pass --session-key too");
    }
    let lottery = chain.lottery(args.lottery).await?;
    let mint = chain.mint_of(&lottery.mint).await?;
    let request = EnterRequest {
        lottery_id: args.lottery,
        owner,
        session_key: (owner != signer.pubkey()).then(|| signer.pubkey()),
        tickets,
        quick_picks: args.quick,
        round_index: args.round,
    };
    let plan = enter_plan(&chain.rpc, &request).await?;
    let signature = chain.send("the tickets were not entered", &plan.instructions, &[&signer]).await?;
    let value = json!({
        "lottery_id": args.lottery,
        "round_index": plan.round_index,
        "page_sequence": plan.page_sequence,
        "tickets": plan.tickets,
        "cost_units": plan.cost_units.to_string(),
        "deposit_units": plan.deposit_units.to_string(),
        "locks_at": plan.locks_at,
        "wallet": plan.wallet.to_string(),
        "signature": signature.to_string(),
    });
    let plural = if plan.tickets == 1 { "ticket" } else { "tickets" };
    let line = format!(
        "{} {plural} in round {} of {:?} for {}",
        plan.tickets,
        plan.round_index,
        crate::chain::name_of(&lottery.name),
        mint.show(plan.cost_units),
    );
    output::print(chain.json, &value, &line);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets() {
        assert_eq!(parse_ticket("1,2, 3").unwrap(), Ticket { numbers: vec![1, 2, 3], bonus: None });
        assert_eq!(parse_ticket("5,1+26").unwrap(), Ticket { numbers: vec![5, 1], bonus: Some(26) });
        for wrong in ["", "1,,2", "a", "1,2+", "+3", "1+2+3", "256", "-1", "1 2"] {
            assert!(parse_ticket(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
