//! The reporters of a run's markets: three processes, of which the last one's sources lie. What all sources publish is made up, and
//! served by this process.

use std::path::PathBuf;

use lottery_client::market::Market;
use lottery_oracle::{
    OracleConfig, ResultsServer,
    results_server::{MAX_NUMBER, NUMBERS, Results},
};

use crate::{
    commands::create::Created,
    stack::{ORACLES, Stack},
};

/// Whose sources lie.
pub const LIAR: usize = ORACLES.len() - 1;

/// Pauses of a reporter: the liar is quicker, so that its attestation is on the chain before the quorum ends the round.
const POLL_MS: u64 = 2_000;
const LIAR_POLL_MS: u64 = 200;

/// What is published of a market's events: drawings of six numbers as Powerball's, else plain numbers.
pub fn results_of(market: &Market) -> Results {
    match market.rules.fact_count {
        6 => Results::Powerball,
        count => {
            debug_assert!(usize::from(count) <= NUMBERS && market.rules.maximum >= MAX_NUMBER);
            Results::Numbers(count)
        }
    }
}

/// Serves results, and starts a reporter for each key of the stack. Dropping what is returned ends the server.
pub async fn start(stack: &mut Stack, lotteries: &[Created], seed: u64) -> anyhow::Result<ResultsServer> {
    let server = ResultsServer::start(0, seed).await?;
    server.lie(ORACLES[LIAR], true);
    let configs = (0..ORACLES.len()).map(|place| config(stack, lotteries, &server, place)).collect();
    stack.start_oracles(configs)?;
    Ok(server)
}

fn config(stack: &Stack, lotteries: &[Created], server: &ResultsServer, place: usize) -> OracleConfig {
    let (options, name) = (stack.options(), ORACLES[place]);
    let markets = lotteries.iter().filter_map(|lottery| Some((lottery.id, lottery.prepared.market()?)));
    OracleConfig {
        rpc_urls: vec![stack.info.rpc_url.clone()],
        keypair: options.oracle_key(place),
        evidence_dir: PathBuf::from(format!("{name}-evidence")),
        poll_interval_ms: if place == LIAR { LIAR_POLL_MS } else { POLL_MS },
        timeout_ms: 5_000,
        max_body_bytes: 1 << 20,
        retry_first_ms: 300,
        retry_longest_ms: 3_000,
        compute_unit_price: None,
        webhook_url: None,
        lotteries: markets.map(|(id, market)| server.lottery(id, results_of(&market), name)).collect(),
    }
}
