//! `lottery session`: a key that may enter for a wallet, and nothing else, so that players of fast rounds sign once.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use lottery_client::Signer;
use lottery_interface::{accounts::SESSION_LOTTERIES, args::SessionArgs, instructions};
use serde_json::json;

use super::play;
use crate::{amount, chain::ChainArgs, keys, output};

#[derive(Clone, Debug, clap::Args)]
pub struct SessionCommand {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Clone, Debug, clap::Args)]
pub struct WalletArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// sol, usdc or token_2022 (local chain), or a mint's address
    #[arg(long, default_value = "sol")]
    pub mint: String,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Action {
    /// Start a session, or replace the running one
    Start {
        #[command(flatten)]
        wallet: WalletArgs,
        /// Address of the session key
        #[arg(long)]
        key: String,
        /// Id of a lottery it may enter; up to four
        #[arg(long = "lottery", required = true)]
        lotteries: Vec<u64>,
        /// Whole tokens it may spend in all
        #[arg(long)]
        limit: String,
        /// How long it lasts: for example 90s, 30m, 12h, 7d
        #[arg(long, default_value = "1h")]
        lasts: String,
    },
    /// Sign once, then play every round with a new session key
    Play(play::PlayArgs),
    /// End the session
    End {
        #[command(flatten)]
        wallet: WalletArgs,
    },
}

/// Seconds of `90s`, `30m`, `12h` or `7d`.
pub fn parse_duration(text: &str) -> anyhow::Result<i64> {
    let explain = || format!("{text:?} is no duration: write for example 90s, 30m, 12h or 7d");
    let unit = text.chars().last().with_context(explain)?;
    let scale = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => bail!(explain()),
    };
    let count: u32 = text[..text.len() - 1].parse().with_context(explain)?;
    if count == 0 {
        bail!(explain());
    }
    Ok(count as i64 * scale)
}

pub async fn run(args: SessionCommand) -> anyhow::Result<()> {
    let wallet = match &args.action {
        Action::Play(args) => return play::run(args.clone()).await,
        Action::Start { wallet, .. } | Action::End { wallet } => wallet,
    };
    let chain = wallet.chain.connect()?;
    let owner = chain.keypair()?;
    let mint = chain.mint(&wallet.mint).await?;
    if chain.wallet(&owner.pubkey(), &mint.address).await?.is_none() {
        bail!("there is no {} wallet yet: run `lottery deposit` first", mint.symbol);
    }
    let none = SessionArgs { key: [0; 32], lotteries: [0; SESSION_LOTTERIES], expires_at: 0, limit_units: 0 };
    let session = match &args.action {
        Action::End { .. } | Action::Play(_) => none,
        Action::Start { key, lotteries, limit, lasts, .. } => {
            if lotteries.len() > SESSION_LOTTERIES {
                bail!("a session names up to {SESSION_LOTTERIES} lotteries, not {}", lotteries.len());
            }
            let mut named = [0; SESSION_LOTTERIES];
            named[..lotteries.len()].copy_from_slice(lotteries);
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() as i64;
            SessionArgs {
                key: keys::parse_address("--key", key)?.to_bytes(),
                lotteries: named,
                expires_at: now + parse_duration(lasts)?,
                limit_units: amount::parse_positive(limit, mint.decimals).context("--limit")?,
            }
        }
    };
    let set = instructions::set_session(owner.pubkey(), mint.address, &session);
    let signature = chain.send("the session was not changed", &[set], &[&owner]).await?;
    let started = session.expires_at != 0;
    let value = json!({
        "session": started.then(|| json!({
            "expires_at": session.expires_at,
            "limit_units": session.limit_units.to_string(),
            "lotteries": session.lotteries.iter().filter(|id| **id != 0).collect::<Vec<_>>(),
        })),
        "signature": signature.to_string(),
    });
    let line = match started {
        true => format!(
            "the session key may spend {} until {} (unix time)",
            mint.show(session.limit_units),
            session.expires_at
        ),
        false => "the session has ended".to_string(),
    };
    output::print(chain.json, &value, &line);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse_duration;

    #[test]
    fn durations() {
        assert_eq!(parse_duration("90s").unwrap(), 90);
        assert_eq!(parse_duration("2m").unwrap(), 120);
        assert_eq!(parse_duration("7d").unwrap(), 604_800);
        for wrong in ["", "s", "0s", "-1h", "5", "1w", "1.5h", "h5", "5é"] {
            assert!(parse_duration(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
