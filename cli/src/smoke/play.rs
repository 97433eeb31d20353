//! A run: stack, world, crowd and feed together.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use lottery_interface::kinds::RoundStatus;
use lottery_oracle::ResultsServer;
use sqlx::{PgPool, postgres::PgPoolOptions};

use super::rounds::{self, ApiRound};
use crate::{
    api::Api,
    commands::create::Created,
    demo::{
        feed::Feed,
        live::Live,
        oracles,
        players::Crowd,
        world::{LOTTERIES, Player, World},
    },
    lottery_file::LotteryFile,
    stack::{Process, Stack, StackOptions},
    verify::{self, ChainState, Verified},
};

/// Rounds this short make a run of two or three minutes worth watching.
const PERIODS: [u32; 10] = [12, 14, 11, 10, 13, 9, 5, 6, 15, 17];
/// How long everything that was entered may take to be settled, paid and closed: two rounds may take entries, and the beacon
/// signs half a minute after the lock.
const SETTLE_PATIENCE: Duration = Duration::from_secs(110);
/// How long the indexer may take to reach a chain at rest.
const INDEX_PATIENCE: Duration = Duration::from_secs(25);

#[derive(Clone, Debug)]
pub struct PlayOptions {
    pub folder: PathBuf,
    /// The `lottery` program.
    pub binary: PathBuf,
    pub players: usize,
    /// Between two purchases of one player.
    pub pace: Duration,
}

pub struct Play {
    pub live: Live,
    pub world: World,
    pub pool: PgPool,
    /// The lotteries that the crowd plays.
    pub played: Vec<Created>,
    /// Has money, and is not one of the crowd.
    pub guest: Arc<Player>,
    crowd: Option<Crowd>,
    feed: Option<Feed>,
    /// What the markets' reporters read, except the liar.
    pub results: ResultsServer,
    pace: Duration,
    pub stack: Stack,
}

/// What the indexer counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Totals {
    pub instructions: i64,
    pub entries: i64,
    pub prizes_paid: i64,
    pub refunds_paid: i64,
    pub rounds_drawn: i64,
    pub rounds_void: i64,
}

impl Play {
    /// Starts everything but the crowd: ten lotteries, and players with money.
    pub async fn start(options: PlayOptions, say: &dyn Fn(&str)) -> anyhow::Result<Self> {
        let stack_options = StackOptions {
            folder: std::path::absolute(&options.folder)?,
            binary: options.binary,
            players: options.players + 1,
            slot_ms: lottery_localnet::DEFAULT_SLOT_MS,
            // Some rounds are closed when rows are compared, some are not: both are.
            linger_seconds: 10,
            api_port: None,
        };
        let mut stack = Stack::start(stack_options, say).await?;
        say("creating the registry, its beacon and ten lotteries");
        let mut world = World::new(&stack).await?;
        let secrets = stack.options().secrets();
        let shorter =
            |place: usize, file: &mut LotteryFile| file.limits.period_seconds = Some(PERIODS[place]);
        world.create_all(&LOTTERIES, &secrets, shorter).await?;
        stack.start_services(say).await?;
        say("starting three oracles for the markets, of which one lies");
        let results = oracles::start(&mut stack, &world.lotteries, rand::random()).await?;
        say(&format!("opening and filling the wallets of {} players", options.players));
        world.seat_players(&stack.info, options.players + 1).await?;
        let guest = world.players.pop().context("there is no player")?;
        let pool = PgPoolOptions::new().max_connections(4).connect(&stack.postgres.url).await;
        let pool = pool.context("cannot connect to Postgres")?;
        let played = world.lotteries.clone();
        Ok(Self {
            live: Live::default(),
            world,
            pool,
            played,
            guest,
            crowd: None,
            feed: None,
            results,
            pace: options.pace,
            stack,
        })
    }

    /// Lets the players buy and listens to the api's feed, of every lottery that exists by now.
    pub fn start_crowd(&mut self) -> anyhow::Result<()> {
        let ids: Vec<_> = self.world.lotteries.iter().map(|lottery| lottery.id).collect();
        self.feed = Some(Feed::start(&self.stack.api_url, &ids, &self.live));
        let api = Api::new(&self.stack.api_url)?;
        self.crowd = Some(Crowd::start(&self.world, &self.played, &self.live, self.pace, &api));
        Ok(())
    }

    /// The process called `name`, which must have been started.
    fn process(&mut self, name: &str) -> anyhow::Result<&mut Process> {
        let mut processes = self.stack.processes().into_iter();
        processes.find(|process| process.service.name == name).with_context(|| format!("there is no {name}"))
    }

    /// SIGKILL, and a start after `down`.
    pub async fn kill(&mut self, name: &str, down: Duration) -> anyhow::Result<()> {
        self.process(name)?.kill();
        tokio::time::sleep(down).await;
        self.process(name)?.restart()
    }

    pub fn require_running(&mut self) -> anyhow::Result<()> {
        self.stack.processes().into_iter().try_for_each(Process::require_running)
    }

    /// Rounds of the played lotteries that are complete by the api, and were told by its WebSocket.
    pub async fn complete_rounds(&self) -> anyhow::Result<Vec<ApiRound>> {
        let seen = self.feed.as_ref().context("the crowd is not started")?.seen();
        let mut complete = Vec::new();
        for lottery in &self.played {
            let found = rounds::rounds(&self.stack.api_url, lottery.id).await?;
            complete.extend(found.into_iter().filter(|round| round.is_complete() && round.was_seen(&seen)));
        }
        Ok(complete)
    }

    /// Ends the purchases and waits until nothing that was entered waits for anything.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        if let Some(crowd) = self.crowd.take() {
            crowd.end().await;
        }
        let until = Instant::now() + SETTLE_PATIENCE;
        loop {
            self.require_running()?;
            let state = ChainState::read(&self.world.chain.rpc).await?;
            let waiting = unsettled(&state);
            if waiting.is_empty() {
                return Ok(());
            }
            if Instant::now() >= until {
                bail!("after {} s still not settled: {}", SETTLE_PATIENCE.as_secs(), waiting.join("; "));
            }
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
    }

    /// Brings the chain to rest by stopping the keeper, and compares everything.
    pub async fn stop_and_verify(&mut self, say: &dyn Fn(&str)) -> anyhow::Result<Verified> {
        say("stopping the keeper, so that the chain rests");
        if let Some(mut keeper) = self.stack.keeper.take() {
            keeper.stop();
        }
        say("comparing every account with its row, and counting every mint");
        verify::verify_within(&self.world.chain.rpc, &self.pool, INDEX_PATIENCE).await
    }

    pub async fn totals(&self) -> anyhow::Result<Totals> {
        let query =
            "SELECT instructions, entries, prizes_paid, refunds_paid, rounds_drawn, rounds_void FROM totals";
        Ok(sqlx::query_as(query).fetch_one(&self.pool).await?)
    }

    pub fn stop(self, say: &dyn Fn(&str)) {
        drop((self.crowd, self.feed, self.pool));
        self.stack.stop(say);
    }
}

/// Rounds with entries that still wait for a step, in words.
fn unsettled(state: &ChainState) -> Vec<String> {
    let mut waiting = Vec::new();
    for (address, round) in &state.rounds {
        let round = &round.value;
        let pages = state.pages.values().filter(|page| page.value.round == address.to_bytes());
        let entries: u64 = pages.map(|page| u64::from(page.value.count)).sum();
        let name = || format!("lottery {} round {}", round.lottery_id, round.index);
        let refunds = round.status == RoundStatus::Void as u8 || round.refund_all != 0;
        match RoundStatus::from_byte(round.status) {
            Some(RoundStatus::Final | RoundStatus::Void) if refunds && round.refunded < entries => {
                waiting.push(format!("{} refunded {} of {entries}", name(), round.refunded));
            }
            Some(RoundStatus::Final) if !refunds && round.winners_paid < round.winners_total => {
                waiting.push(format!("{} paid {} of {}", name(), round.winners_paid, round.winners_total));
            }
            Some(RoundStatus::Final | RoundStatus::Void) => {}
            status if entries > 0 => {
                let status = status.map_or("unknown", RoundStatus::name);
                waiting.push(format!("{} is {status} with {entries} entries", name()));
            }
            _ => {}
        }
    }
    waiting
}
