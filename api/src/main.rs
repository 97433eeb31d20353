//! `lottery-api`: the service as a program of its own.

use clap::Parser;
use lottery_api::ApiConfig;
use tracing_subscriber::EnvFilter;

/// REST, live feed and transaction builders for lottery_v4
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    config: ApiConfig,
    /// Logs as JSON lines
    #[arg(long, env = "LOTTERY_LOG_JSON")]
    log_json: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if cli.log_json {
        logs.json().init()
    } else {
        logs.init()
    }
    lottery_api::run(cli.config, stop_signal()).await
}

/// Resolves at Ctrl-C or SIGTERM.
async fn stop_signal() {
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
