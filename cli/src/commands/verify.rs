//! `lottery verify`: the auditor's check of a chain against a database, and of every mint's conservation.

use std::time::Duration;

use anyhow::Context;
use serde_json::json;
use sqlx::postgres::PgPoolOptions;

use crate::{chain::ChainArgs, output, verify};

#[derive(Clone, Debug, clap::Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Postgres that the indexer writes; without it only conservation is checked
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Seconds to wait for the indexer to catch up; a chain that never rests never compares equal
    #[arg(long, default_value_t = 15)]
    pub patience: u64,
}

pub async fn run(args: VerifyArgs) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let spinner = output::spinner(chain.json, "reading every account");
    let checked = check(&chain.rpc, &args).await;
    spinner.finish_and_clear();
    let (mints, compared) = checked?;
    let mut text = String::new();
    for mint in &mints {
        text += &format!("mint {}: {} units owed, {} held\n", mint.mint, mint.total_units, mint.held_units);
    }
    if let Some(compared) = compared {
        text += &format!(
            "{} accounts and {} entries equal their rows in {} columns\n",
            compared.accounts, compared.entries, compared.columns
        );
    }
    let value = json!({
        "mints": mints.iter().map(|mint| json!({
            "mint": mint.mint.to_string(),
            "total_units": mint.total_units.to_string(),
            "held_units": mint.held_units.to_string(),
        })).collect::<Vec<_>>(),
        "accounts": compared.map(|compared| compared.accounts),
        "entries": compared.map(|compared| compared.entries),
        "columns": compared.map(|compared| compared.columns),
    });
    output::print(chain.json, &value, &text);
    Ok(())
}

async fn check(
    rpc: &lottery_client::Rpc,
    args: &VerifyArgs,
) -> anyhow::Result<(Vec<verify::MintBalance>, Option<verify::Compared>)> {
    let Some(url) = &args.database_url else {
        let state = verify::ChainState::read(rpc).await?;
        return Ok((verify::conservation(rpc, &state).await?, None));
    };
    let pool =
        PgPoolOptions::new().max_connections(2).acquire_timeout(Duration::from_secs(5)).connect(url).await;
    let pool = pool.context("cannot connect to --database-url")?;
    let verified = verify::verify_within(rpc, &pool, Duration::from_secs(args.patience)).await?;
    Ok((verified.mints, Some(verified.compared)))
}
