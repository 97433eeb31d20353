//! The shell around the plan: look, plan, send, again. All it remembers is what is under way and what to
//! leave alone for a while.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures::{FutureExt, future::join_all};
use lottery_client::{ClientError, Rpc, SendOptions};
use lottery_interface::LotteryError;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use tokio::{sync::Semaphore, task::JoinSet};
use tracing::{debug, error, info, warn};

use crate::{
    Counters,
    config::KeeperConfig,
    fetch::Fetcher,
    outcome::{Outcome, Patience},
    pack::{Bundle, Job, pack},
    plan::{blocker, plan},
    state::ChainState,
};

/// Pause between two summaries in the log.
const SUMMARY: Duration = Duration::from_secs(60);

/// The longest pause when the chain cannot be reached.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long work under way may take to end when the keeper is stopped.
const GOODBYE: Duration = Duration::from_secs(5);

/// Runs a keeper until `shutdown` resolves.
pub async fn run(config: KeeperConfig, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    Keeper::new(config).run(shutdown).await;
    Ok(())
}

/// A round that is being worked on, or was until a moment ago.
#[derive(Clone, Copy)]
enum Busy {
    Running,
    /// What was fetched before this may not show what was done.
    Since(Instant),
}

pub struct Keeper {
    worker: Worker,
    fetcher: Fetcher,
    tasks: JoinSet<()>,
    blockers: HashMap<u64, LotteryError>,
    looks_failed: u32,
    summarised: Instant,
}

/// What the tasks share.
#[derive(Clone)]
struct Worker {
    config: Arc<KeeperConfig>,
    rpc: Rpc,
    counters: Arc<Counters>,
    permits: Arc<Semaphore>,
    busy: Arc<Mutex<HashMap<Pubkey, Busy>>>,
    patience: Arc<Mutex<Patience>>,
}

impl Keeper {
    pub fn new(config: KeeperConfig) -> Self {
        let worker = Worker {
            rpc: Rpc::with_config(config.rpc.clone()),
            counters: Arc::default(),
            permits: Arc::new(Semaphore::new(config.concurrency.max(1))),
            busy: Arc::default(),
            patience: Arc::default(),
            config: Arc::new(config),
        };
        Self {
            worker,
            fetcher: Fetcher::default(),
            tasks: JoinSet::new(),
            blockers: HashMap::new(),
            looks_failed: 0,
            summarised: Instant::now(),
        }
    }

    pub fn counters(&self) -> Arc<Counters> {
        self.worker.counters.clone()
    }

    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        let config = self.worker.config.clone();
        let (keeper, urls) = (config.keypair.pubkey(), &config.rpc.urls);
        info!(%keeper, ?urls, reveals = !config.reveals.is_empty(), "keeper started");
        tokio::pin!(shutdown);
        loop {
            let pause = tokio::select! {
                () = &mut shutdown => break,
                pause = self.look() => pause,
            };
            tokio::select! {
                () = &mut shutdown => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GOODBYE, all).await.is_err() {
            debug!("work under way is left to the next keeper");
        }
        self.summary();
        info!("keeper stopped");
    }

    /// One look at the chain, and work for what it shows. Returns the pause until the next.
    async fn look(&mut self) -> Duration {
        let started = Instant::now();
        let counters = self.worker.counters.clone();
        counters.add(&counters.looks);
        let (state, now) = match self.fetcher.look(&self.worker.rpc, &self.worker.config).await {
            Ok(seen) => seen,
            Err(error) => {
                counters.add(&counters.looks_failed);
                return self.lost(&error);
            }
        };
        if self.looks_failed > 0 {
            info!(failed = self.looks_failed, "the chain is back");
            self.looks_failed = 0;
        }
        self.report_blockers(&state);
        let actions = plan(&state, now);
        let mut jobs = pack(actions, self.worker.config.keypair.pubkey());
        jobs.sort_by_key(Job::priority);
        for job in jobs {
            if self.worker.take(&job, started) {
                let worker = self.worker.clone();
                self.tasks.spawn(async move { worker.work(job).await });
            }
        }
        while self.tasks.try_join_next().is_some() {}
        if self.summarised.elapsed() >= SUMMARY {
            self.summary();
        }
        self.worker.config.poll_interval.saturating_sub(started.elapsed())
    }

    fn lost(&mut self, error: &ClientError) -> Duration {
        if self.looks_failed == 0 {
            warn!(%error, "the chain cannot be read; trying on");
        } else {
            debug!(%error, failed = self.looks_failed, "the chain still cannot be read");
        }
        self.looks_failed += 1;
        (self.worker.config.poll_interval * 2u32.pow(self.looks_failed.min(6))).min(LONGEST_PAUSE)
    }

    /// Says once what keeps a lottery from opening its next round, and once that it is over.
    fn report_blockers(&mut self, state: &ChainState) {
        for lottery in &state.lotteries {
            let id = lottery.account.id;
            let found = if lottery.is_active() { blocker(lottery) } else { None };
            if found == self.blockers.get(&id).copied() {
                continue;
            }
            match found {
                Some(error) => {
                    warn!(lottery_id = id, error = error.name(), "no next round: {}", error.message());
                    self.blockers.insert(id, error);
                }
                None => {
                    info!(lottery_id = id, "rounds can open again");
                    self.blockers.remove(&id);
                }
            }
        }
    }

    fn summary(&mut self) {
        self.summarised = Instant::now();
        info!(counters = %self.worker.counters.render(), "summary");
    }
}

impl Worker {
    /// Claims a round. `looked`: when the fetching began that led to this job.
    fn take(&self, job: &Job, looked: Instant) -> bool {
        if !self.patience.lock().expect("no panic holds this lock").allows(job.lottery_id) {
            return false;
        }
        let mut busy = self.busy.lock().expect("no panic holds this lock");
        busy.retain(|_, state| {
            matches!(state, Busy::Running) || matches!(state, Busy::Since(at) if *at > looked)
        });
        if busy.contains_key(&job.round) {
            return false;
        }
        busy.insert(job.round, Busy::Running);
        true
    }

    async fn work(&self, job: Job) {
        for stage in &job.stages {
            let sends = stage.iter().map(|bundle| self.send(&job, bundle).boxed());
            let outcomes = join_all(sends.collect::<Vec<_>>()).await;
            if outcomes.iter().any(|outcome| !matches!(outcome, Outcome::Done)) {
                break;
            }
        }
        self.busy.lock().expect("no panic holds this lock").insert(job.round, Busy::Since(Instant::now()));
    }

    async fn send(&self, job: &Job, bundle: &Bundle) -> Outcome {
        let _permit = self.permits.acquire().await.expect("the semaphore is never closed");
        let started = Instant::now();
        let options = SendOptions {
            compute_unit_limit: Some(bundle.compute_units),
            compute_unit_price: self.config.compute_unit_price,
            ..Default::default()
        };
        let sent = self.rpc.send(&bundle.instructions, &[&self.config.keypair], &options).await;
        let steps = bundle.steps();
        let lottery_id = job.lottery_id;
        let round_index = bundle.actions[0].round_index;
        let counters = &self.counters;
        let outcome = Outcome::of(&sent);
        let mut patience = self.patience.lock().expect("no panic holds this lock");
        match (&outcome, sent) {
            (Outcome::Done, Ok(signature)) => {
                patience.succeeded(lottery_id);
                counters.add(&counters.transactions_confirmed);
                bundle.actions.iter().for_each(|action| counters.step(action.step.name()));
                let ms = started.elapsed().as_millis() as u64;
                info!(lottery_id, round_index, steps, %signature, ms, "done");
            }
            (Outcome::Outrun, sent) => {
                counters.add(&counters.transactions_outrun);
                let reason = sent.err().map(|error| error.to_string()).unwrap_or_default();
                debug!(
                    lottery_id,
                    round_index, steps, reason, "someone was faster, or it is a moment too early"
                );
                if patience.outrun(lottery_id) {
                    warn!(lottery_id, round_index, steps, reason, "refused again and again; waiting");
                }
            }
            (_, sent) => {
                counters.add(&counters.transactions_failed);
                let reason = sent.err().map(|error| error.to_string()).unwrap_or_default();
                if patience.failed(lottery_id, &reason) {
                    error!(
                        lottery_id,
                        round_index, steps, reason, "failed; will try again, ever more slowly"
                    );
                } else {
                    debug!(lottery_id, round_index, steps, reason, "failed again");
                }
            }
        }
        outcome
    }
}
