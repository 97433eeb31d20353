//! Players who buy all the time, each at their own pace, and the one reader that looks at the lotteries for all of them.

use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lottery_client::{
    ClientError, EnterContext, EnterRequest, Fetched, Keypair, QuickPicks, Rpc, SendOptions, Signer, Ticket,
    enter::largest_stake, market::Market,
};
use lottery_interface::{
    Kind,
    accounts::{Page, Round},
    kinds::LotteryStatus,
};
use lottery_rules::keno;
use rand::{Rng, seq::IndexedRandom};
use tokio::{
    sync::{Semaphore, watch},
    task::LocalSet,
};

use super::{
    live::{Live, LotteryLive, MarketLive},
    world::{Player, World},
};
use crate::{
    api::{self, Api},
    commands::{create::Created, play},
    market::Book,
};

/// Pause between two looks at all lotteries.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Purchases under way at once; the chain works on six at a time.
const AT_ONCE: usize = 12;
/// Quick picks of one purchase.
const MOST_TICKETS: u8 = 8;
/// How long a relayed purchase may take to be seen.
const RELAY_PATIENCE: Duration = Duration::from_secs(20);

type Contexts = Arc<RwLock<HashMap<u64, Arc<EnterContext>>>>;

/// The crowd, on a thread of its own. Dropping it ends it; what is under way is dropped too.
pub struct Crowd {
    buying: Arc<AtomicBool>,
    limit: Arc<Semaphore>,
    /// Dropping it ends the thread.
    _end: watch::Sender<()>,
}

impl Crowd {
    /// Starts `world.players` buying in `lotteries`, each once in `pace` on average. Draws are entered over RPC, house
    /// games and markets through the api; keno with session keys, whose network fees the operator pays.
    pub fn start(world: &World, lotteries: &[Created], live: &Live, pace: Duration, api: &Api) -> Self {
        let buying = Arc::new(AtomicBool::new(true));
        let limit = Arc::new(Semaphore::new(AT_ONCE));
        let contexts = Contexts::default();
        let ids: Arc<[u64]> = lotteries.iter().map(|lottery| lottery.id).collect();
        let (end, mut ended) = watch::channel(());
        let (players, all, live) = (world.players.clone(), world.lotteries.clone(), live.clone());
        let (url, crowd_buying, crowd_limit) = (world.chain.rpc.url(), buying.clone(), limit.clone());
        let (api, relayer) = (api.clone(), Arc::new(world.operator.insecure_clone()));
        // The client's futures stay on one thread.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a thread can have a runtime");
            let rpc = Rpc::new(url);
            let tasks = LocalSet::new();
            tasks.spawn_local(look(rpc.clone(), all, contexts.clone(), live.clone()));
            for player in players {
                let buyer = Buyer {
                    rpc: rpc.clone(),
                    api: api.clone(),
                    relayer: relayer.clone(),
                    player,
                    ids: ids.clone(),
                    contexts: contexts.clone(),
                    live: live.clone(),
                    limit: crowd_limit.clone(),
                    buying: crowd_buying.clone(),
                    pace,
                };
                tasks.spawn_local(buyer.run());
            }
            // An error says that the crowd was dropped.
            runtime.block_on(tasks.run_until(async { while ended.changed().await.is_ok() {} }));
        });
        Self { buying, limit, _end: end }
    }

    /// No further purchase starts; waits for those under way. The lotteries are still looked at.
    pub async fn stop_buying(&self) {
        self.buying.store(false, Ordering::Relaxed);
        let _ = self.limit.acquire_many(AT_ONCE as u32).await;
    }

    /// Waits for the purchases under way, and ends.
    pub async fn end(self) {
        self.stop_buying().await;
    }
}

struct Buyer {
    rpc: Rpc,
    api: Api,
    /// Pays the network fees of entries by session key.
    relayer: Arc<Keypair>,
    player: Arc<Player>,
    ids: Arc<[u64]>,
    contexts: Contexts,
    live: Live,
    limit: Arc<Semaphore>,
    buying: Arc<AtomicBool>,
    pace: Duration,
}

impl Buyer {
    async fn run(self) {
        // Nobody starts at the same moment.
        self.rest(0.0).await;
        while self.buying.load(Ordering::Relaxed) {
            self.purchase().await;
            self.rest(0.5).await;
        }
    }

    /// Between `least` and two minus `least` times the pace.
    async fn rest(&self, least: f64) {
        let factor = rand::rng().random_range(least..2.0 - least);
        tokio::time::sleep(self.pace.mul_f64(factor)).await;
    }

    async fn purchase(&self) {
        let Ok(_permit) = self.limit.acquire().await else { return };
        if !self.buying.load(Ordering::Relaxed) {
            return;
        }
        let id = *self.ids.choose(&mut rand::rng()).expect("there is a lottery");
        let context = self.contexts.read().expect("no panic holds this lock").get(&id).cloned();
        let Some(context) = context else { return };
        let has_own_stake = Kind::from_byte(context.lottery.kind).is_some_and(Kind::has_own_stake);
        let bought = match has_own_stake {
            true => self.buy_by_api(&context).await,
            false => self.buy(&context).await.map_err(anyhow::Error::from),
        };
        match bought {
            Ok(tickets) => self.live.lock().bought(tickets.into()),
            Err(error) => {
                let why = play::program_error(&error)
                    .map_or_else(|| short(&error), |error| error.name().to_string());
                self.live.lock().refuse(why);
            }
        }
    }

    async fn buy(&self, context: &EnterContext) -> Result<u32, ClientError> {
        let owner = self.player.keypair.pubkey();
        let state = context.load_player(&self.rpc, owner).await?;
        let (tickets, count) = choose(context);
        let lottery_id = context.lottery.id;
        let quick_picks = QuickPicks { count, ..QuickPicks::default() };
        let request =
            EnterRequest { lottery_id, owner, session_key: None, tickets, quick_picks, round_index: None };
        let plan = context.plan(&state, &request)?;
        // A purchase that comes too late fails on the chain: simulating it first would only double the work.
        let options =
            SendOptions { skip_preflight: true, compute_unit_limit: Some(60_000), ..Default::default() };
        self.rpc.send(&plan.instructions, &[&self.player.keypair], &options).await?;
        Ok(plan.tickets)
    }

    /// As a frontend does: the api builds, the player signs, the api relays.
    async fn buy_by_api(&self, context: &EnterContext) -> anyhow::Result<u32> {
        let chosen = match context.lottery.kind == Kind::Prediction as u8 {
            true => choose_bets(context),
            false => choose_house(context),
        };
        let Some((tickets, quick_picks)) = chosen else { return Ok(0) };
        let owner = self.player.keypair.pubkey().to_string();
        let is_session = context.lottery.kind == Kind::Keno as u8;
        let body = api::Enter {
            owner,
            lottery_id: context.lottery.id,
            tickets,
            quick_picks,
            round_index: None,
            session_key: is_session.then(|| self.player.session.pubkey().to_string()),
            fee_payer: is_session.then(|| self.relayer.pubkey().to_string()),
        };
        let unsigned = self.api.enter(&body).await?;
        let signers = [&self.player.keypair, &self.player.session, &self.relayer];
        let signature = self.api.submit(&api::sign(&unsigned.transaction, &signers)?).await?;
        api::wait_until_confirmed(&self.rpc, signature, RELAY_PATIENCE).await?;
        Ok(unsigned.tickets)
    }
}

/// The kind of an error, without what differs each time.
fn short(error: &anyhow::Error) -> String {
    match error.downcast_ref::<ClientError>() {
        Some(ClientError::Enter(_)) => "no room or no open round".into(),
        Some(ClientError::Unconfirmed { .. } | ClientError::Expired { .. }) => "not confirmed".into(),
        Some(ClientError::Rpc { .. }) => "the chain did not answer".into(),
        _ => error.to_string().chars().take(60).collect(),
    }
}

/// Mostly quick picks, now and then numbers of one's own.
fn choose(context: &EnterContext) -> (Vec<Ticket>, u8) {
    let mut rng = rand::rng();
    match context.rounds.last() {
        Some((round, _)) if rng.random_ratio(1, 4) => (vec![own_numbers(round)], 0),
        _ => (Vec::new(), rng.random_range(1..=MOST_TICKETS)),
    }
}

/// Ascending, as the api takes them.
fn some_of(numbers: u8, count: u8) -> Vec<u8> {
    let all: Vec<u8> = (1..=numbers).collect();
    let mut some: Vec<u8> = all.choose_multiple(&mut rand::rng(), count.into()).copied().collect();
    some.sort_unstable();
    some
}

fn own_numbers(round: &Round) -> Ticket {
    let bonus = (round.bonus_numbers > 0).then(|| rand::rng().random_range(1..=round.bonus_numbers));
    Ticket { numbers: some_of(round.numbers, round.picks), bonus, ..Ticket::default() }
}

/// Spots, numbers and stakes of a house game, small stakes most of the time; `None` before its first round.
fn choose_house(context: &EnterContext) -> Option<(Vec<Ticket>, QuickPicks)> {
    let mut rng = rand::rng();
    let (round, _) = context.rounds.last()?;
    let offered: Vec<u8> =
        (1..).zip(round.max_multiplier_bps).filter(|(_, top)| *top > 0).map(|(spots, _)| spots).collect();
    let spots = *offered.choose(&mut rng)?;
    let most = largest_stake(round, round.max_multiplier_bps[usize::from(spots) - 1]);
    let factor = *[1, 1, 1, 2, 2, 5].choose(&mut rng)?;
    let stake_units = Some(round.min_stake_units.saturating_mul(factor).min(most));
    let count = rng.random_range(1..=MOST_TICKETS / 2);
    if round.kind != Kind::Keno as u8 {
        return Some((Vec::new(), QuickPicks { count, spots: None, stake_units }));
    }
    if rng.random_ratio(1, 4) {
        let numbers = some_of(keno::NUMBERS, spots);
        return Some((vec![Ticket { numbers, stake_units, ..Ticket::default() }], QuickPicks::default()));
    }
    Some((Vec::new(), QuickPicks { count, spots: Some(spots), stake_units }))
}

/// One or two bets; the first outcomes are liked more, so that one side is larger. `None` before the first round.
fn choose_bets(context: &EnterContext) -> Option<(Vec<Ticket>, QuickPicks)> {
    let mut rng = rand::rng();
    let (round, _) = context.rounds.last()?;
    let mut bet = || {
        let liked = rng.random_range(0..round.outcome_count).min(rng.random_range(0..round.outcome_count));
        let stake = round.min_stake_units.saturating_mul(rng.random_range(1..=20)).min(round.max_stake_units);
        Ticket { outcome: Some(liked), stake_units: Some(stake), ..Ticket::default() }
    };
    let mut tickets = vec![bet()];
    if rand::rng().random_ratio(1, 3) {
        tickets.push(bet());
    }
    Some((tickets, QuickPicks::default()))
}

/// Reads every lottery again and again. A chain that does not answer is asked again.
async fn look(rpc: Rpc, lotteries: Vec<Created>, contexts: Contexts, live: Live) {
    loop {
        for lottery in &lotteries {
            match EnterContext::load(&rpc, lottery.id).await {
                Ok(context) => {
                    describe(&context, lottery, &live);
                    if let Some(market) = lottery.prepared.market() {
                        describe_market(&rpc, &context, lottery.id, market, &live).await;
                    }
                    contexts.write().expect("no panic holds this lock").insert(lottery.id, Arc::new(context));
                }
                Err(error) => tracing::debug!(%error, id = lottery.id, "a lottery could not be read"),
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The round that takes bets, else the newest.
fn current(context: &EnterContext) -> Option<&(Fetched<Round>, Vec<Fetched<Page>>)> {
    let now = context.clock.unix_timestamp;
    let open = context.rounds.iter().find(|(round, _)| round.locks_at > now && round.status == 0);
    open.or(context.rounds.last())
}

/// What is staked on each outcome now. A chain that does not answer is asked again soon.
async fn describe_market(rpc: &Rpc, context: &EnterContext, id: u64, market: Market, live: &Live) {
    let Some((round, _)) = current(context) else { return };
    let Ok(book) = Book::of(rpc, &market, round).await else { return };
    let mut state = live.lock();
    let place = state.markets.entry(id).or_insert_with(|| MarketLive::new(market));
    (place.pools, place.fee_bps) = (book.pools, round.fee_bps);
}

/// Puts what was read where the view finds it.
fn describe(context: &EnterContext, created: &Created, live: &Live) {
    let lottery = &context.lottery;
    let now = context.clock.unix_timestamp;
    let newest = current(context);
    let entries = newest.map_or(0, |(_, pages)| pages.iter().map(|page| u64::from(page.count)).sum());
    let mut state = live.lock();
    let machine = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    state.clock_offset = now - machine.as_secs() as i64;
    state.slot = context.clock.slot;
    let known = state.lotteries.get(&created.id).cloned();
    let place = LotteryLive {
        id: created.id,
        name: created.name.clone(),
        mint: created.mint.clone(),
        status: LotteryStatus::from_byte(lottery.status).map_or("unknown", LotteryStatus::name),
        round_index: newest.map_or(0, |(round, _)| round.index),
        locks_at: newest.map_or(0, |(round, _)| round.locks_at),
        entries,
        pool_units: newest.map_or(0, |(_, pages)| pages.iter().map(|page| page.cash_units).sum()),
        jackpot_units: lottery.jackpot_units.max(lottery.bankroll_free_units),
        draws: known.as_ref().map_or(0, |known| known.draws),
        last_result: known.map_or_else(String::new, |known| known.last_result),
    };
    state.lotteries.insert(created.id, place);
}
