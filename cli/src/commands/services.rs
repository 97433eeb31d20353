//! `lottery keeper`, `indexer` and `api`: the services, in this one binary. All stop at Ctrl-C and SIGTERM.

use std::time::Duration;

use lottery_indexer::{Config, Walk};

/// Resolves at Ctrl-C or SIGTERM.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[derive(Clone, Debug, clap::Args)]
pub struct KeeperCommand {
    #[command(flatten)]
    pub keeper: lottery_keeper::KeeperArgs,
    /// Logs as JSON, one object a line
    #[arg(long, visible_alias = "json")]
    pub json_logs: bool,
}

pub async fn keeper(args: KeeperCommand) -> anyhow::Result<()> {
    lottery_keeper::run(args.keeper.load()?, stop_signal()).await
}

#[derive(Clone, Debug, clap::Args)]
pub struct IndexerCommand {
    /// RPC endpoint of the cluster
    #[arg(long, env = "LOTTERY_RPC_URL", default_value = "http://127.0.0.1:8899")]
    pub rpc_url: String,
    /// Wakes the indexer at each slot; without it, it polls
    #[arg(long, env = "LOTTERY_WS_URL")]
    pub ws_url: Option<String>,
    /// Postgres to fill
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,
    /// Longest time between two looks at the chain, in milliseconds
    #[arg(long, default_value_t = 400)]
    pub poll_ms: u64,
    /// How the record is read: auto, blocks or signatures
    #[arg(long, default_value = "auto")]
    pub walk: Walk,
    /// Logs as JSON, one object a line
    #[arg(long, visible_alias = "json")]
    pub json_logs: bool,
}

pub async fn indexer(args: IndexerCommand) -> anyhow::Result<()> {
    let config = Config {
        poll: Duration::from_millis(args.poll_ms),
        walk: args.walk,
        ..Config::new(args.rpc_url, args.ws_url, args.database_url)
    };
    lottery_indexer::run(config, stop_signal()).await
}

#[derive(Clone, Debug, clap::Args)]
pub struct ApiCommand {
    #[command(flatten)]
    pub config: lottery_api::ApiConfig,
    /// Logs as JSON, one object a line
    #[arg(long, visible_alias = "json")]
    pub json_logs: bool,
}

pub async fn api(args: ApiCommand) -> anyhow::Result<()> {
    lottery_api::run(args.config, stop_signal()).await
}
