//! `lottery-keeper`: runs a keeper until it is told to stop.

use clap::Parser;
use lottery_keeper::KeeperArgs;
use tracing_subscriber::EnvFilter;

/// Turns the crank of every lottery: opens, seals, draws, pays, closes. Anyone may run one.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    keeper: KeeperArgs,
    /// Logs as JSON, one object a line
    #[arg(long)]
    json_logs: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if args.json_logs {
        logs.json().init()
    } else {
        logs.init()
    }
    let config = args.keeper.load()?;
    lottery_keeper::run(config, stopped()).await
}

/// Ctrl-C, or the signal that a supervisor sends.
async fn stopped() {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .expect("a process can listen to SIGTERM");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
