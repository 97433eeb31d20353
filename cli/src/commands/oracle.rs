//! `lottery oracle`: runs one reporter of prediction markets, and checks the evidence of any.

use std::path::PathBuf;

use anyhow::{Context, bail};
use lottery_oracle::{OracleConfig, Reporter, ResultsServer, evidence, judge::Judgement};
use serde_json::json;

use crate::commands::services::stop_signal;

#[derive(Clone, Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct OracleCommand {
    #[command(subcommand)]
    pub command: Option<OracleSubcommand>,
    /// TOML file of the reporter; examples/oracle.toml explains its lines
    #[arg(long, value_name = "FILE", required = true)]
    pub config: Option<PathBuf>,
    /// Try every round that is due once, and end
    #[arg(long)]
    pub once: bool,
    /// Logs as JSON, one object a line
    #[arg(long, visible_alias = "json")]
    pub json_logs: bool,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum OracleSubcommand {
    /// Read an evidence file again: its hash, what each source said, and whether the attested facts follow
    Check(CheckArgs),
    /// Serve made-up results in the published formats on this machine, to try a reporter out: local test data
    TestResults(TestResultsArgs),
}

#[derive(Clone, Debug, clap::Args)]
pub struct CheckArgs {
    /// `<hash>.json`, as a reporter keeps it
    #[arg(value_name = "EVIDENCE_FILE")]
    pub file: PathBuf,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub struct TestResultsArgs {
    /// Port on 127.0.0.1; 0 takes any
    #[arg(long, default_value_t = 9_100)]
    pub port: u16,
    /// Other results for another seed
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Sources whose name begins with this lie; may be repeated
    #[arg(long, value_name = "PREFIX")]
    pub lie: Vec<String>,
}

pub async fn run(args: OracleCommand) -> anyhow::Result<()> {
    match args.command {
        Some(OracleSubcommand::Check(args)) => return check(&args),
        Some(OracleSubcommand::TestResults(args)) => return test_results(&args).await,
        None => {}
    }
    let config = OracleConfig::read(&args.config.context("give --config FILE")?)?;
    if !args.once {
        return lottery_oracle::run(config, stop_signal()).await;
    }
    let pass = Reporter::new(config)?.once().await?;
    println!(
        "{} rounds due: {} attested, {} ended, {} left for another time",
        pass.due, pass.attested, pass.ended, pass.left
    );
    if pass.problems > 0 {
        bail!("{} lotteries of the file cannot be served: the log above says why", pass.problems);
    }
    Ok(())
}

fn check(args: &CheckArgs) -> anyhow::Result<()> {
    let check = evidence::check(&args.file)?;
    let evidence = &check.evidence;
    let hash = hex::encode(check.hash);
    let holds = check.holds();
    let says = |place: usize| match &check.readings[place] {
        Ok(facts) => (Some(facts.iter().map(i64::to_string).collect::<Vec<_>>()), None),
        Err(error) => (None, Some(error.to_string())),
    };
    if args.json {
        let sources = evidence.sources.iter().enumerate().map(|(place, source)| {
            let (facts, error) = says(place);
            json!({ "name": source.source.name, "url": source.url, "fetched_at": source.fetched_at,
                    "status": source.status, "facts": facts, "error": error })
        });
        let facts: Vec<String> = evidence.facts.iter().map(i64::to_string).collect();
        let said = json!({
            "hash": hash, "is_named_by_hash": check.is_named_by_hash, "lottery_id": evidence.lottery_id,
            "round": evidence.round, "round_index": evidence.round_index, "event_at": evidence.event_at,
            "reporter": evidence.reporter, "names": evidence.names, "facts": facts,
            "sources": sources.collect::<Vec<_>>(), "holds": holds,
        });
        println!("{said}");
    } else {
        println!("hash      {hash}");
        println!(
            "round     {} of lottery {} ({})",
            evidence.round_index, evidence.lottery_id, evidence.round
        );
        println!("event_at  {}", evidence.event_at);
        println!("reporter  {}", evidence.reporter);
        for (name, fact) in evidence.names.iter().zip(&evidence.facts) {
            println!("attested  {name} = {fact}");
        }
        for (place, source) in evidence.sources.iter().enumerate() {
            let (facts, error) = says(place);
            let says = facts.map(|facts| facts.join(" ")).or(error).unwrap_or_default();
            println!("source    {}, {}: {says}", source.source.name, source.url);
        }
    }
    match &check.judgement {
        _ if holds => {
            if !args.json {
                println!("the attested facts follow from what was fetched");
            }
            Ok(())
        }
        _ if !check.is_named_by_hash => {
            bail!("the file was changed or renamed: its hash is {hash}, which is not its name")
        }
        Judgement::Agreed { facts, .. } => {
            bail!("two sources agree on {facts:?}, and not on the facts that were attested")
        }
        Judgement::Disagreed | Judgement::Waiting => bail!("no two sources agree: the facts do not follow"),
    }
}

async fn test_results(args: &TestResultsArgs) -> anyhow::Result<()> {
    let server = ResultsServer::start(args.port, args.seed).await?;
    args.lie.iter().for_each(|prefix| server.lie(prefix, true));
    println!("made-up results, local test data, at {}", server.url);
    stop_signal().await;
    Ok(())
}
