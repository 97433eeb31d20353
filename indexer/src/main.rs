//! `lottery-indexer`: runs until it is told to stop.

use std::time::Duration;

use clap::Parser;
use lottery_indexer::{Config, Walk, run};

#[derive(Parser)]
#[command(about = "Indexes the lottery program into Postgres", version)]
struct Options {
    #[arg(long, env = "LOTTERY_RPC_URL", default_value = "http://127.0.0.1:8899")]
    rpc_url: String,
    /// Wakes the indexer at each slot; without it, it polls.
    #[arg(long, env = "LOTTERY_WS_URL")]
    ws_url: Option<String>,
    #[arg(long, env = "DATABASE_URL")]
    database_url: String,
    /// Longest time between two looks at the chain.
    #[arg(long, env = "LOTTERY_POLL_MS", default_value_t = 400)]
    poll_ms: u64,
    /// How the record is read: auto, blocks or signatures.
    #[arg(long, env = "LOTTERY_WALK", default_value = "auto")]
    walk: Walk,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let options = Options::parse();
    let config = Config {
        poll: Duration::from_millis(options.poll_ms),
        walk: options.walk,
        ..Config::new(options.rpc_url, options.ws_url, options.database_url)
    };
    run(config, stop_signal()).await
}

/// Ctrl-C, or SIGTERM.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
