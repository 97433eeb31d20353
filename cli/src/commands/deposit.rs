//! `lottery deposit`: tokens into the signer's wallet, which is opened if needed.

use lottery_client::Signer;
use serde_json::json;

use crate::{amount, chain::ChainArgs, output};

#[derive(Clone, Debug, clap::Args)]
pub struct DepositArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Whole tokens, for example 1.5
    pub amount: String,
    /// sol, usdc or token_2022 (local chain), or a mint's address
    #[arg(long, default_value = "sol")]
    pub mint: String,
}

pub async fn run(args: DepositArgs) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let owner = chain.keypair()?;
    let mint = chain.mint(&args.mint).await?;
    let units = amount::parse_positive(&args.amount, mint.decimals)?;
    let wallet = chain.wallet(&owner.pubkey(), &mint.address).await?;
    let steps = mint.deposit(&owner.pubkey(), wallet.is_some(), units);
    let signature = chain.send("nothing was deposited", &steps, &[&owner]).await?;
    let balance =
        chain.wallet(&owner.pubkey(), &mint.address).await?.map_or(0, |wallet| wallet.balance_units);
    let value = json!({
        "owner": owner.pubkey().to_string(),
        "mint": mint.address.to_string(),
        "amount_units": units.to_string(),
        "balance_units": balance.to_string(),
        "signature": signature.to_string(),
    });
    output::print(
        chain.json,
        &value,
        &format!("{} deposited; the wallet holds {}", mint.show(units), mint.show(balance)),
    );
    Ok(())
}
