//! `lottery renew`: commits to a new hash chain, before the old one is used up or after its secret became known.

use lottery_client::Signer;
use lottery_interface::{Source, instructions};
use serde_json::json;

use crate::{
    chain::ChainArgs,
    output,
    secrets::{self, SecretsArgs},
};

#[derive(Clone, Debug, clap::Args)]
pub struct RenewArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Id of the lottery
    pub lottery: u64,
    /// Rounds that the new chain lasts for
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub length: u32,
    #[command(flatten)]
    pub secrets: SecretsArgs,
}

pub async fn run(args: RenewArgs) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let operator = chain.keypair()?;
    let lottery = chain.lottery(args.lottery).await?;
    let config = chain.rpc.config(lottery.config.into()).await?;
    if config.source != Source::CommitReveal as u8 {
        anyhow::bail!("lottery {} draws from another source: it has no hash chain", args.lottery);
    }
    let spinner = output::spinner(chain.json, "making the chain");
    let made = secrets::create(&args.secrets, &lottery.address, args.length);
    spinner.finish_and_clear();
    let (path, commit) = made?;
    let set = instructions::set_chain(operator.pubkey(), args.lottery, &commit, args.length.into());
    let sent = chain.send("the hash chain was not renewed", &[set], &[&operator]).await;
    if sent.is_err() {
        // Nobody has committed to it.
        let _ = std::fs::remove_file(&path);
    }
    let value = json!({
        "lottery": args.lottery,
        "length": args.length,
        "secret": path,
        "signature": sent?.to_string(),
    });
    let line = format!(
        "lottery {} has a new hash chain for {} rounds; its secret is in {}: back it up with its key",
        args.lottery,
        args.length,
        path.display()
    );
    output::print(chain.json, &value, &line);
    Ok(())
}
