//! `lottery fund`: pays into a lottery's crank deposit, bond, jackpot or bankroll.

use clap::ValueEnum;
use lottery_client::Signer;
use lottery_interface::{Kind, errors::LotteryError, instructions};
use serde_json::json;

use crate::{
    amount,
    chain::{Chain, ChainArgs, Mint},
    output,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// Prepaid rewards, in SOL
    Crank,
    /// What is slashed when the operator withholds a reveal
    Bond,
    /// Added to the top tier
    Jackpot,
    /// What a house game pays its prizes from
    Bankroll,
}

#[derive(Clone, Debug, clap::Args)]
pub struct FundArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    pub target: Target,
    /// Id of the lottery
    pub lottery: u64,
    /// Whole SOL (crank) or whole tokens of the lottery's mint
    pub amount: String,
}

/// What makes the wallet of `owner` hold `needed_units`: opens it, and deposits what is short.
pub async fn top_up(
    chain: &Chain,
    mint: &Mint,
    owner: &lottery_client::Pubkey,
    needed_units: u64,
) -> anyhow::Result<Vec<lottery_client::Instruction>> {
    let wallet = chain.wallet(owner, &mint.address).await?;
    let balance = wallet.as_ref().map_or(0, |wallet| wallet.balance_units);
    Ok(mint.deposit(owner, wallet.is_some(), needed_units.saturating_sub(balance)))
}

pub async fn run(args: FundArgs) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let signer = chain.keypair()?;
    let from = signer.pubkey();
    let lottery = chain.lottery(args.lottery).await?;
    let mint = if args.target == Target::Crank { Mint::sol() } else { chain.mint_of(&lottery.mint).await? };
    let units = amount::parse_positive(&args.amount, mint.decimals)?;
    if args.target == Target::Jackpot {
        match Kind::from_byte(lottery.kind) {
            Some(kind) if kind.is_house() => {
                anyhow::bail!(
                    "lottery {} is a house game and has no jackpot: fund its bankroll",
                    args.lottery
                )
            }
            Some(kind) if !kind.has_jackpot() => {
                anyhow::bail!("lottery {} is of kind {:?} and has no jackpot", args.lottery, kind.name())
            }
            _ => {}
        }
    }
    if args.target == Target::Jackpot && lottery.bond_reserved_units > 0 {
        anyhow::bail!("lottery {}: {}", args.lottery, LotteryError::JackpotBeyondBond.message());
    }
    let steps = match args.target {
        Target::Crank => vec![instructions::fund_crank(from, args.lottery, units)],
        target => {
            let mut steps = top_up(&chain, &mint, &from, units).await?;
            let build = match target {
                Target::Bond => instructions::fund_bond,
                Target::Jackpot => instructions::fund_jackpot,
                Target::Crank | Target::Bankroll => instructions::fund_bankroll,
            };
            steps.push(build(from, args.lottery, mint.address, units));
            steps
        }
    };
    let signature = chain.send("nothing was paid in", &steps, &[&signer]).await?;
    let target = args.target.to_possible_value().expect("no variant is skipped").get_name().to_string();
    let value = json!({"lottery": args.lottery, "target": target, "amount_units": units.to_string(), "signature": signature.to_string()});
    output::print(
        chain.json,
        &value,
        &format!("{} paid into the {target} of lottery {}", mint.show(units), args.lottery),
    );
    Ok(())
}
