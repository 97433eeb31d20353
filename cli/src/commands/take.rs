//! `lottery take`: credits what a lottery holds for its roles to their wallets.

use anyhow::Context;
use clap::ValueEnum;
use lottery_client::{Pubkey, Signer};
use lottery_interface::{Kind, instructions};
use serde_json::json;

use super::fund::top_up;
use crate::{
    amount,
    chain::{Chain, ChainArgs, Mint},
    output,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// Fees of final rounds; signed by the treasurer
    Fees,
    /// Bond that no open round has reserved; signed by the operator
    Bond,
    /// Bankroll that no page has reserved; signed by the operator
    Bankroll,
    /// Rewards that no open round has reserved, in SOL; signed by the operator
    Crank,
    /// All that is owed to the registry's treasury; anyone may
    Treasury,
}

#[derive(Clone, Debug, clap::Args)]
pub struct TakeArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    pub source: Source,
    /// Id of the lottery
    pub lottery: u64,
    /// Whole SOL (crank) or whole tokens of the lottery's mint; default everything that is free
    pub amount: Option<String>,
}

pub async fn run(args: TakeArgs) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let signer = chain.keypair()?;
    let owner = signer.pubkey();
    let lottery = chain.lottery(args.lottery).await?;
    let mint = if args.source == Source::Crank { Mint::sol() } else { chain.mint_of(&lottery.mint).await? };
    let free = match args.source {
        Source::Fees => lottery.fees_units,
        Source::Bond => lottery.bond_free_units,
        Source::Bankroll => lottery.bankroll_free_units,
        Source::Crank => lottery.crank_lamports,
        Source::Treasury => lottery.treasury_due_units,
    };
    let units = match &args.amount {
        Some(_) if args.source == Source::Treasury => {
            anyhow::bail!("the treasury takes all: leave the amount out")
        }
        Some(text) => amount::parse_positive(text, mint.decimals)?,
        None => free,
    };
    if args.source == Source::Bankroll && !Kind::from_byte(lottery.kind).is_some_and(Kind::is_house) {
        anyhow::bail!("NoBankroll: lottery {} is no house game: nobody put a bankroll into it", args.lottery);
    }
    if free == 0 && args.source == Source::Bankroll && lottery.bankroll_reserved_units > 0 {
        let reserved = mint.show(lottery.bankroll_reserved_units);
        anyhow::bail!(
            "all of the bankroll, {reserved}, is reserved by open pages: wait until their rounds are final"
        );
    }
    if free == 0 {
        anyhow::bail!("lottery {} has nothing to take there", args.lottery);
    }
    if units > free && args.source == Source::Bankroll {
        anyhow::bail!(
            "BankrollTooLow: {} of the bankroll is free to take, {} is reserved by open pages; not {}",
            mint.show(free),
            mint.show(lottery.bankroll_reserved_units),
            mint.show(units)
        );
    }
    if units > free {
        anyhow::bail!("lottery {} has {} to take, not {}", args.lottery, mint.show(free), mint.show(units));
    }
    let steps = steps(&chain, &mint, args.source, owner, args.lottery, units).await?;
    let signature = chain.send("nothing was taken", &steps, &[&signer]).await?;
    let source = args.source.to_possible_value().expect("no variant is skipped").get_name().to_string();
    let value = json!({"lottery": args.lottery, "source": source, "amount_units": units.to_string(), "signature": signature.to_string()});
    let text = format!("{} taken from the {source} of lottery {}", mint.show(units), args.lottery);
    output::print(chain.json, &value, &text);
    Ok(())
}

/// Opens the wallet that is credited if there is none yet.
async fn steps(
    chain: &Chain,
    mint: &Mint,
    source: Source,
    owner: Pubkey,
    id: u64,
    units: u64,
) -> anyhow::Result<Vec<lottery_client::Instruction>> {
    let (credited, take) = match source {
        Source::Crank => return Ok(vec![instructions::withdraw_crank(owner, id, units)]),
        Source::Fees => (owner, instructions::withdraw_fees(owner, id, mint.address, units)),
        Source::Bond => (owner, instructions::withdraw_bond(owner, id, mint.address, units)),
        Source::Bankroll => (owner, instructions::withdraw_bankroll(owner, id, mint.address, units)),
        Source::Treasury => {
            let registry = chain.rpc.registry().await?.context("this chain has no registry: lottery init")?;
            let treasury = Pubkey::from(registry.treasury);
            (treasury, instructions::withdraw_treasury(treasury, id, mint.address))
        }
    };
    let mut steps = if credited == owner {
        top_up(chain, mint, &owner, 0).await?
    } else {
        // Somebody else's wallet: paid for, never deposited to.
        let opened = chain.wallet(&credited, &mint.address).await?.is_some();
        (!opened).then(|| instructions::open_wallet(owner, credited, mint.address)).into_iter().collect()
    };
    steps.push(take);
    Ok(steps)
}
