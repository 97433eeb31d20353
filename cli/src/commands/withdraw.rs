//! `lottery withdraw`: from the signer's wallet back to the signer.

use anyhow::bail;
use lottery_client::Signer;
use lottery_interface::instructions;
use serde_json::json;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;

use crate::{amount, chain::ChainArgs, output};

#[derive(Clone, Debug, clap::Args)]
pub struct WithdrawArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Whole tokens, or `all`
    pub amount: String,
    /// sol, usdc or token_2022 (local chain), or a mint's address
    #[arg(long, default_value = "sol")]
    pub mint: String,
}

pub async fn run(args: WithdrawArgs) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let owner = chain.keypair()?;
    let mint = chain.mint(&args.mint).await?;
    let Some(wallet) = chain.wallet(&owner.pubkey(), &mint.address).await? else {
        bail!("{} has no {} wallet: there is nothing to withdraw", owner.pubkey(), mint.symbol);
    };
    let units = match args.amount.as_str() {
        "all" => wallet.balance_units,
        text => amount::parse_positive(text, mint.decimals)?,
    };
    if units == 0 || units > wallet.balance_units {
        bail!("the wallet holds {}: ask for that or less", mint.show(wallet.balance_units));
    }
    let mut steps = Vec::new();
    if !mint.is_native() {
        let key = owner.pubkey();
        steps.push(create_associated_token_account_idempotent(
            &key,
            &key,
            &mint.address,
            &mint.token_program,
        ));
    }
    steps.push(instructions::withdraw(owner.pubkey(), mint.side(&owner.pubkey()), units));
    let signature = chain.send("nothing was withdrawn", &steps, &[&owner]).await?;
    let value = json!({
        "owner": owner.pubkey().to_string(),
        "mint": mint.address.to_string(),
        "amount_units": units.to_string(),
        "balance_units": (wallet.balance_units - units).to_string(),
        "signature": signature.to_string(),
    });
    output::print(chain.json, &value, &format!("{} withdrawn", mint.show(units)));
    Ok(())
}
