//! `lottery smoke`: the demo without a person. Plays, kills services, waits until everything is settled, and then compares
//! every row with the chain and counts every unit.
//!
//! | file | what |
//! |---|---|
//! | `beacon.rs` | values of beacon rounds, recomputed |
//! | `house.rs` | keno and instant by the command line and the api, until every unit is withdrawn |
//! | `markets.rs` | a round of each market, whose reporters are three of which one lies, computed again |
//! | `play.rs` | a run: stack, world, crowd and feed together; also what `tests/e2e` drives |
//! | `rounds.rs` | rounds as the api and its WebSocket tell them |
//! | `silent.rs` | a market for which nobody attests, until everyone has their stake back |
//! | `withheld.rs` | a round whose reveal is withheld on purpose, until everyone has their stake back |

pub mod beacon;
pub mod house;
pub mod markets;
pub mod play;
pub mod rounds;
pub mod silent;
pub mod withheld;

use std::{
    collections::BTreeSet,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use lottery_interface::Kind;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::demo::announcer;
use play::{Play, PlayOptions};
use rounds::ApiRound;
use silent::Silent;
use withheld::Withheld;

/// What must have been seen before the run may end.
const ROUNDS: usize = 9;
const LOTTERIES: usize = 5;

/// The whole run, from the first process to the last check.
const LIMIT: Duration = Duration::from_secs(240);

#[derive(Clone, Debug, clap::Args)]
pub struct SmokeArgs {
    /// Players who buy
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u16).range(12..=300))]
    pub players: u16,
    /// Folder for everything that runs
    #[arg(long, default_value = ".run/smoke")]
    pub folder: PathBuf,
    /// Decides when services are killed [default: random, and printed]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Steps as JSON too; the last line always is
    #[arg(long)]
    pub json: bool,
}

pub async fn run(args: SmokeArgs) -> anyhow::Result<()> {
    let say = announcer(args.json);
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let folder = args.folder.clone();
    let work = tokio::time::timeout(LIMIT, smoke(&args, &say));
    let result = tokio::select! {
        result = work => result.unwrap_or_else(|_| {
            Err(anyhow::anyhow!("not done after {} seconds; logs are in {}", LIMIT.as_secs(), folder.display()))
        }),
        _ = interrupt.recv() => Err(anyhow::anyhow!("interrupted")),
        _ = terminate.recv() => Err(anyhow::anyhow!("terminated")),
    };
    // The last line, after everything has stopped.
    println!("{}", result?);
    Ok(())
}

async fn smoke(args: &SmokeArgs, say: &dyn Fn(&str)) -> anyhow::Result<serde_json::Value> {
    let started = Instant::now();
    let seed = args.seed.unwrap_or_else(|| rand::rng().random_range(0..1_000_000));
    say(&format!("seed {seed} (--seed {seed} kills at the same moments)"));
    let options = PlayOptions {
        folder: args.folder.clone(),
        binary: std::env::current_exe().context("this program cannot find itself")?,
        players: args.players.into(),
        pace: Duration::from_millis(2_500),
    };
    let mut play = Play::start(options, say).await?;
    let withheld = Withheld::start(&mut play, say).await?;
    let silent = Silent::start(&mut play, say).await?;
    play.start_crowd()?;

    let kills = kill_once_each(&mut play, seed, say).await?;
    // Draws wait for the beacon meanwhile.
    let house = house::play(&play, say).await?;
    let markets = markets::check(&play, say).await?;
    let recomputed = beacon::check(&play, say).await?;
    say(&format!("waiting for {ROUNDS} rounds of {LOTTERIES} lotteries, entered, drawn, paid and seen"));
    while !is_enough(&play.complete_rounds().await?) {
        play.require_running()?;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let refunded = withheld.finish(&play, say).await?;
    let silent_refunds = silent.finish(&play, say).await?;

    say("no further purchase; waiting until everything is settled");
    play.settle().await?;
    house.finish(&play, say).await?;
    let complete = play.complete_rounds().await?;
    say(&format!("{} rounds are complete", complete.len()));
    let verified = play.stop_and_verify(say).await?;
    let totals = play.totals().await?;
    if totals.prizes_paid == 0 {
        bail!("no prize was paid in {} rounds", complete.len());
    }
    let seconds = started.elapsed().as_secs();
    let (tickets, events) = {
        let state = play.live.lock();
        (state.tickets, state.events)
    };
    let lotteries = count_lotteries(&complete);
    play.stop(say);
    Ok(json!({
        "ok": true,
        "rounds": complete.len(),
        "lotteries": lotteries,
        "tickets": tickets,
        "entries": totals.entries,
        "prizes_paid": totals.prizes_paid,
        "refunds_paid": totals.refunds_paid,
        "void_rounds": totals.rounds_void,
        "beacon_rounds_recomputed": recomputed,
        "withheld_refunds": refunded.entries,
        "market_rounds_recomputed": markets.rounds,
        "market_bets": markets.bets,
        "market_payouts": markets.payouts,
        "market_lies": markets.lies,
        "silent_refunds": silent_refunds,
        "guest_tickets": house.tickets,
        "guest_prizes": house.prizes,
        "session_rounds": house.session_rounds,
        "instructions": totals.instructions,
        "events": events,
        "kills": kills,
        "accounts_compared": verified.compared.accounts,
        "entries_compared": verified.compared.entries,
        "columns_compared": verified.compared.columns,
        "mints_conserved": verified.mints.len(),
        "seconds": seconds,
        "seed": seed,
    }))
}

fn count_lotteries(rounds: &[ApiRound]) -> usize {
    rounds.iter().map(|round| round.lottery_id).collect::<BTreeSet<_>>().len()
}

/// Whether rounds enough of lotteries enough, and of every kind, went all the way.
fn is_enough(complete: &[ApiRound]) -> bool {
    let has = |kind: Kind| complete.iter().any(|round| round.kind == kind.name());
    let every_kind = [Kind::Draw, Kind::Keno, Kind::Instant, Kind::Prediction].into_iter().all(has);
    every_kind && complete.len() >= ROUNDS && count_lotteries(complete) >= LOTTERIES
}

/// SIGKILLs keeper and indexer once each, at moments that the seed decides, and starts them again.
async fn kill_once_each(play: &mut Play, seed: u64, say: &dyn Fn(&str)) -> anyhow::Result<u32> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut kills = 0;
    for name in ["keeper", "indexer"] {
        tokio::time::sleep(Duration::from_millis(rng.random_range(5_000..12_000))).await;
        let down = Duration::from_millis(rng.random_range(500..3_000));
        say(&format!("killing the {name} for {:.1} s", down.as_secs_f64()));
        play.kill(name, down).await?;
        kills += 1;
    }
    Ok(kills)
}
