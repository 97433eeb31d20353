//! `lottery demo`: ten live lotteries, players who buy all the time, every service as a process of its own, and a view.

pub mod feed;
pub mod live;
pub mod oracles;
pub mod players;
pub mod view;
pub mod winners;
pub mod world;

use std::{
    io::IsTerminal,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    api::Api,
    stack::{Stack, StackOptions},
};
use feed::Feed;
use live::{Live, ProcessLive};
use players::Crowd;
use world::{LOTTERIES, World};

/// Lines of the plain view are this far apart.
const PLAIN_EVERY: Duration = Duration::from_secs(5);
/// A service that died is started again, but not in a loop.
const RESTART_AFTER: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// Players who buy
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u16).range(1..=2_000))]
    pub players: u16,
    /// Seconds between two purchases of one player, on average
    #[arg(long, default_value_t = 20.0)]
    pub pace: f64,
    /// Folder for everything that runs
    #[arg(long, default_value = ".run/demo")]
    pub folder: PathBuf,
    /// Port of the page; a free one when it is taken
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// End by itself after so many seconds
    #[arg(long, value_name = "SECONDS")]
    pub seconds: Option<u64>,
    /// Lines instead of a live view, even in a terminal
    #[arg(long)]
    pub plain: bool,
    /// One JSON document every few seconds instead of lines
    #[arg(long)]
    pub json: bool,
}

/// A step, with the time since the start.
pub fn announcer(json: bool) -> impl Fn(&str) {
    let started = Instant::now();
    move |text: &str| {
        let seconds = started.elapsed().as_secs_f64();
        if json {
            println!("{}", serde_json::json!({"seconds": (seconds * 10.0).round() / 10.0, "step": text}));
        } else {
            println!("{seconds:6.1} s  {text}");
        }
    }
}

pub async fn run(args: DemoArgs) -> anyhow::Result<()> {
    let say = announcer(args.json);
    // Before anything starts: a signal must not leave processes behind.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let work = demo(&args, &say);
    tokio::select! {
        result = work => result?,
        _ = interrupt.recv() => say("interrupted"),
        _ = terminate.recv() => say("terminated"),
    }
    say("everything has stopped");
    Ok(())
}

async fn demo(args: &DemoArgs, say: &dyn Fn(&str)) -> anyhow::Result<()> {
    let options = StackOptions {
        folder: std::path::absolute(&args.folder)?,
        binary: std::env::current_exe().context("this program cannot find itself")?,
        players: args.players.into(),
        slot_ms: lottery_localnet::DEFAULT_SLOT_MS,
        linger_seconds: 60,
        api_port: Some(args.port),
    };
    let mut stack = Stack::start(options, say).await?;
    say("creating the registry, its beacon and ten lotteries");
    let mut world = World::new(&stack).await?;
    let secrets = stack.options().secrets();
    world.create_all(&LOTTERIES, &secrets, |_, _| ()).await?;
    stack.start_services(say).await?;
    say("starting three oracles for the markets, of which one lies");
    let results = oracles::start(&mut stack, &world.lotteries, rand::random()).await?;
    say(&format!("opening and filling the wallets of {} players", args.players));
    world.seat_players(&stack.info, args.players.into()).await?;

    let live = Live::default();
    let ids: Vec<_> = world.lotteries.iter().map(|lottery| lottery.id).collect();
    let feed = Feed::start(&stack.api_url, &ids, &live);
    let winners = winners::Winners::start(&stack.postgres.url, &world.lotteries, &live).await?;
    let (api, pace) = (Api::new(&stack.api_url)?, Duration::from_secs_f64(args.pace.max(0.1)));
    let crowd = Crowd::start(&world, &world.lotteries, &live, pace, &api);
    let page = format!("{}/", stack.api_url);
    say(&format!("ready: open {page}   logs are in {}", stack.options().folder.display()));

    let shown = show(args, &live, &page, &mut stack).await;
    drop((feed, winners, crowd, results));
    stack.stop(say);
    shown
}

/// Shows the run until it is asked to end, and keeps its services alive.
async fn show(args: &DemoArgs, live: &Live, page: &str, stack: &mut Stack) -> anyhow::Result<()> {
    let until = args.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let ended = Arc::new(AtomicBool::new(false));
    let terminal = !args.plain && !args.json && std::io::stdout().is_terminal();
    let drawing = terminal.then(|| {
        let (live, page, ended) = (live.clone(), page.to_string(), ended.clone());
        tokio::task::spawn_blocking(move || view::run(&live, &page, || ended.load(Ordering::Relaxed)))
    });
    // Puts the terminal back when this is dropped by a signal.
    let _guard = EndOnDrop(ended.clone());
    let mut printed = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        watch(stack, live)?;
        if until.is_some_and(|until| Instant::now() >= until) {
            ended.store(true, Ordering::Relaxed);
        }
        match &drawing {
            Some(task) if task.is_finished() => break,
            None if ended.load(Ordering::Relaxed) => break,
            None if printed.elapsed() >= PLAIN_EVERY => {
                printed = Instant::now();
                print_plain(live, args.json);
            }
            _ => {}
        }
    }
    match drawing {
        Some(task) => Ok(task.await??),
        None => Ok(()),
    }
}

struct EndOnDrop(Arc<AtomicBool>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Notes the health of each process and starts again what died. The chain is the exception: it held the truth.
fn watch(stack: &mut Stack, live: &Live) -> anyhow::Result<()> {
    stack.chain.require_running()?;
    let mut processes = Vec::new();
    for process in stack.processes() {
        let ended = process.exited();
        if let Some(status) = ended
            && process.started.elapsed() > RESTART_AFTER
        {
            live.lock().note(format!("{} ended ({status}) and was started again", process.service.name));
            process.restart()?;
        }
        processes.push(ProcessLive {
            name: process.service.name,
            pid: process.pid(),
            running: ended.is_none(),
            starts: process.starts,
            uptime: process.started.elapsed(),
        });
    }
    live.lock().processes = processes;
    Ok(())
}

fn print_plain(live: &Live, json: bool) {
    let mut state = live.lock();
    let (purchases, tickets) = state.throughput();
    let now = state.chain_now();
    if json {
        let lotteries: Vec<_> = state
            .lotteries
            .values()
            .map(|lottery| {
                serde_json::json!({
                    "id": lottery.id, "name": lottery.name, "round_index": lottery.round_index,
                    "locks_at": lottery.locks_at, "entries": lottery.entries,
                    "pool_units": lottery.pool_units.to_string(), "jackpot_units": lottery.jackpot_units.to_string(),
                    "draws": lottery.draws, "last_result": lottery.last_result,
                })
            })
            .collect();
        let markets: Vec<_> = state
            .markets
            .iter()
            .map(|(id, market)| {
                let pools: Vec<_> = market.pools.iter().map(u64::to_string).collect();
                let attested: Vec<_> = market.attested.values().map(|said| &said.facts).collect();
                serde_json::json!({
                    "id": id, "outcomes": market.market.labels(), "pools": pools,
                    "attested_round": market.attested_round, "attested": attested,
                })
            })
            .collect();
        let value = serde_json::json!({
            "seconds": state.started.elapsed().as_secs(), "slot": state.slot, "purchases_per_second": purchases,
            "tickets": state.tickets, "draws": state.draws, "prizes": state.prizes, "events": state.events,
            "lotteries": lotteries, "markets": markets, "refused": state.refused,
        });
        return println!("{value}");
    }
    println!(
        "slot {:<6} {purchases:>5.1} purchases/s {tickets:>6.1} tickets/s  {} tickets, {} draws, {} prizes",
        state.slot, state.tickets, state.draws, state.prizes
    );
    for lottery in state.lotteries.values() {
        println!(
            "    {:<18} round {:<4} locks in {:<8} {:>5} entries  pool {:<14} {}",
            lottery.name,
            lottery.round_index,
            view::countdown(lottery, now),
            lottery.entries,
            lottery.mint.show(lottery.pool_units),
            lottery.last_result,
        );
    }
    for (id, market) in &state.markets {
        let name = state.lotteries.get(id).map_or("", |lottery| &lottery.name);
        println!("    {name:<18} {}; reporters {}", market.book(), market.said());
    }
    for winner in state.winners.iter().take(3) {
        println!("    won: {winner}");
    }
    let down = state.processes.iter().filter(|process| !process.running);
    for process in down {
        println!("    {} is down", process.name);
    }
}
