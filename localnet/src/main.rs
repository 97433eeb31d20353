//! `lottery-localnet`: an embedded chain with the program, until Ctrl-C.

use clap::Parser;
use lottery_localnet::LocalnetArgs;
use tracing_subscriber::EnvFilter;

/// An embedded chain on 127.0.0.1 with the lottery program, two mints and funded players.
#[derive(Parser)]
#[command(version)]
struct Command {
    #[command(flatten)]
    args: LocalnetArgs,
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match lottery_localnet::run(Command::parse().args).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
