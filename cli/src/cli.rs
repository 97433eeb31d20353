//! Subcommands and what runs them.

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::{
    commands::{
        beacon, bet, buy, create, deposit, fund, init, operate, oracle, payout, proof, raffle, renew, report,
        secrets, services, session, show, take, update, verify, withdraw,
    },
    demo, smoke,
};

/// Open, provably fair lotteries on Solana.
#[derive(Debug, Parser)]
#[command(name = "lottery", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show accounts of the program
    Show(show::ShowArgs),
    /// Buy tickets, by numbers or picked by the program
    Buy(buy::BuyArgs),
    /// Bet on outcomes of a market
    Bet(bet::BetArgs),
    /// Raffles: prepare a list, enter, confirm a place, show, export
    Raffle(raffle::RaffleCommand),
    /// Put tokens into the signer's wallet
    Deposit(deposit::DepositArgs),
    /// Take tokens out of the signer's wallet
    Withdraw(withdraw::WithdrawArgs),
    /// Let another key enter for the signer's wallet
    Session(session::SessionCommand),

    /// Create the registry and vaults of a chain
    Init(init::InitArgs),
    /// Public randomness chains: add, show, remove, verify
    Beacon(beacon::BeaconCommand),
    /// Create a lottery from a TOML file
    Create(create::CreateArgs),
    /// Bring limits and rules of a lottery to what its TOML file says
    Update(update::UpdateArgs),
    /// Commit to a new hash chain
    Renew(renew::RenewArgs),
    /// The secrets of hash chains: make a key, list, encrypt, exchange the key
    Secrets(secrets::SecretsCommand),
    /// Pay into a lottery's crank deposit, bond, jackpot or bankroll
    Fund(fund::FundArgs),
    /// Credit fees, free bond, free bankroll, free rewards or dust to who they belong to
    Take(take::TakeArgs),
    /// What a lottery took in and paid out, day by day
    Report(report::ReportArgs),
    /// Let rounds of a lottery open
    Activate(operate::LotteryIdArgs),
    /// Void the open rounds of a lottery and open no further one
    Pause(operate::LotteryIdArgs),
    /// Make the next round of a lottery its last
    Retire(operate::LotteryIdArgs),

    /// Void a round that has no value after its grace
    Void(payout::RoundArgs),
    /// Credit the stakes of a void round
    Refund(payout::RoundArgs),
    /// Credit the prizes of a final round
    Pay(payout::RoundArgs),
    /// Recompute a round's result from what decided it, step by step
    Proof(proof::ProofArgs),
    /// Compare Postgres with the chain and check that no unit is missing
    Verify(verify::VerifyArgs),

    /// Run an embedded chain
    Localnet(lottery_localnet::LocalnetArgs),
    /// Run the crank
    Keeper(services::KeeperCommand),
    /// Attest the results of prediction markets as one of their reporters
    Oracle(oracle::OracleCommand),
    /// Fill Postgres from the chain
    Indexer(services::IndexerCommand),
    /// Serve the REST api, its WebSocket and the page
    Api(services::ApiCommand),

    /// Run everything here, with players, and watch
    Demo(demo::DemoArgs),
    /// Run everything here, check it, and end
    Smoke(smoke::SmokeArgs),
}

impl Cli {
    pub async fn run(self) -> anyhow::Result<()> {
        self.start_logs();
        match self.command {
            Command::Show(args) => show::run(args).await,
            Command::Buy(args) => buy::run(args).await,
            Command::Bet(args) => bet::run(args).await,
            Command::Raffle(args) => raffle::run(args).await,
            Command::Deposit(args) => deposit::run(args).await,
            Command::Withdraw(args) => withdraw::run(args).await,
            Command::Session(args) => session::run(args).await,
            Command::Init(args) => init::run(args).await,
            Command::Beacon(args) => beacon::run(args).await,
            Command::Create(args) => create::run(args).await,
            Command::Update(args) => update::run(args).await,
            Command::Renew(args) => renew::run(args).await,
            Command::Secrets(args) => secrets::run(args),
            Command::Fund(args) => fund::run(args).await,
            Command::Take(args) => take::run(args).await,
            Command::Report(args) => report::run(args).await,
            Command::Activate(args) => operate::run(args, operate::Verb::Activate).await,
            Command::Pause(args) => operate::run(args, operate::Verb::Pause).await,
            Command::Retire(args) => operate::run(args, operate::Verb::Retire).await,
            Command::Void(args) => payout::run_void(args).await,
            Command::Refund(args) => payout::run(args, payout::Verb::Refund).await,
            Command::Pay(args) => payout::run(args, payout::Verb::Pay).await,
            Command::Proof(args) => proof::run(args).await,
            Command::Verify(args) => verify::run(args).await,
            Command::Localnet(args) => lottery_localnet::run(args).await,
            Command::Keeper(args) => services::keeper(args).await,
            Command::Oracle(args) => oracle::run(args).await,
            Command::Indexer(args) => services::indexer(args).await,
            Command::Api(args) => services::api(args).await,
            Command::Demo(args) => demo::run(args).await,
            Command::Smoke(args) => smoke::run(args).await,
        }
    }

    /// Services log what they do; commands only what goes wrong. `RUST_LOG` overrides both.
    fn start_logs(&self) {
        let (level, json) = match &self.command {
            Command::Keeper(args) => ("info", args.json_logs),
            Command::Oracle(args) => ("info", args.json_logs),
            Command::Indexer(args) => ("info", args.json_logs),
            Command::Api(args) => ("info", args.json_logs),
            Command::Localnet(_) => ("warn,surfpool_core=error", false),
            // The view owns the terminal.
            _ => ("error", false),
        };
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
        let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        if json { logs.json().init() } else { logs.init() }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn reads_what_the_readme_shows() {
        for line in [
            "lottery buy 1 1,2,3,4,5,6 --quick 2 --json",
            "lottery create examples/draw-6-49.toml --rpc http://127.0.0.1:8899",
            "lottery show lottery 1",
            "lottery session start --key 11111111111111111111111111111111 --lottery 1 --limit 1 --lasts 12h",
            "lottery session play 1 --stake 0.1 --spots 4 --limit 20 --lasts 1h --fee-payer fees.json",
            "lottery buy 1 --numbers 3,17,42 --spots 10 --quick 2 --stake 0.1 --wait",
            "lottery buy 2 --stake 0.1 --count 5 --wait",
            "lottery bet 3 --outcome odd --stake 0.5 --wait",
            "lottery session play 3 --outcome odd --stake 0.5 --limit 20",
            "lottery create examples/prediction_parimutuel.toml --reporter a.json --reporter b.json",
            "lottery update 1 examples/keno.toml --dry-run",
            "lottery raffle prepare examples/raffle-people.csv --groups A=10,B=3,C=1 --lottery-id 1 --out list.json",
            "lottery raffle enter 1 --list list.json",
            "lottery raffle enter 1 --count 3",
            "lottery raffle confirm 1 --round 0",
            "lottery raffle show 1 --json",
            "lottery raffle export 1 --round 0 --out result.json --list list.json",
            "lottery report 1 --from 2026-11-01 --to 2026-11-21 --svg report.svg",
            "lottery take bankroll 1",
            "lottery init --vault usdc --allow draw:beacon --beacon evmnet --beacon-delay-seconds 604800",
            "lottery beacon add evmnet",
            "lottery beacon add --info-url https://api.drand.sh/04f1e9",
            "lottery beacon show",
            "lottery beacon verify 1 11f8 --chain evmnet",
            "lottery proof 11111111111111111111111111111111",
            "lottery proof --lottery 1 --round 7 --json",
            "lottery secrets rotate --secrets-key-file old.key --new-secrets-key-file new.key",
            "lottery fund bond 1 100",
            "lottery refund 1 7",
            "lottery oracle --config examples/oracle.toml --once",
            "lottery oracle check evidence/00.json --json",
            "lottery oracle test-results --port 0 --lie carol",
            "lottery demo --players 30 --plain",
        ] {
            Cli::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }
}
