//! The `lottery` program: for operators, players, keepers and auditors, and the services in one binary.
//!
//! | module | what |
//! |---|---|
//! | [`commands`] | one file per subcommand |
//! | [`chain`] | the chain that a command talks to, who signs, mints by name |
//! | [`api`] | the api as any frontend calls it |
//! | [`beacon`] | drand's chains: parameters, and the program's verification in this process |
//! | [`game`] | what a house game pays, as it is told before a bet |
//! | [`market`] | what can be bet on, what it pays now, and who attested what |
//! | [`raffle`] | what a raffle offers, and where an entry stands |
//! | [`lottery_file`] | lotteries in TOML |
//! | [`secrets`] | the operator's hash chains, encrypted |
//! | [`stack`] | a whole deployment on this machine, each service a process |
//! | [`demo`], [`smoke`] | players who buy; with a view, or with a verdict |
//! | [`verify`] | every account against every row, every unit of every mint |

pub mod amount;
pub mod api;
pub mod beacon;
pub mod chain;
pub mod cli;
pub mod commands;
pub mod demo;
pub mod game;
pub mod keys;
pub mod lottery_file;
pub mod market;
pub mod output;
pub mod raffle;
pub mod secrets;
pub mod smoke;
pub mod stack;
pub mod verify;

use std::process::ExitCode;

use clap::Parser;

/// The whole program. Errors are one line on standard error, in JSON when `--json` was asked for.
pub fn main() -> ExitCode {
    stack::orphan::watch_parent();
    let cli = cli::Cli::parse();
    let json = std::env::args().any(|arg| arg == "--json");
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: no threads to run on: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(cli.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let line = format!("{error:#}").replace('\n', "; ");
            match json {
                true => eprintln!("{}", serde_json::json!({ "error": line })),
                false => eprintln!("error: {line}"),
            }
            ExitCode::FAILURE
        }
    }
}
