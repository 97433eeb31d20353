//! The loop: look at the chain, ask the sources of each round that is due, keep the evidence, attest.
//!
//! All it remembers is when to try which round again. It gives a round up only when the chain says that the round has ended.

use std::{
    collections::HashMap,
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use futures::FutureExt;
use lottery_client::{ClientError, Pubkey, Rpc, Signer};
use tokio::task::JoinSet;
use tracing::{debug, error, info, warn};

use crate::{
    alert::{self, Alerts},
    chain::{Chain, Due, Seen},
    config::OracleConfig,
    counters::Counters,
    fetch::Fetcher,
    worker::{Outcome, Prepared, Worker},
};

/// The longest pause when the chain cannot be reached.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Pause between two summaries in the log.
const SUMMARY: Duration = Duration::from_secs(60);
/// How long work under way may take to end when the reporter is stopped.
const GOODBYE: Duration = Duration::from_secs(5);

/// A round and its `event_at`: a round that is re-timed is another event.
type Key = (Pubkey, i64);

/// Runs a reporter until `shutdown` resolves.
pub async fn run(config: OracleConfig, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    Reporter::new(config)?.run(shutdown).await;
    Ok(())
}

/// What one pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// Rounds that waited for this reporter.
    pub due: usize,
    pub attested: usize,
    /// Others were faster, or the round is void.
    pub ended: usize,
    /// Left for another time: no result yet, or something is wrong.
    pub left: usize,
    /// Lotteries of the file that this reporter cannot serve.
    pub problems: usize,
}

struct Attempt {
    tries: u32,
    next: Instant,
    is_running: bool,
    prepared: Option<Prepared>,
}

pub struct Reporter {
    worker: Arc<Worker>,
    attempts: HashMap<Key, Attempt>,
    tasks: JoinSet<(Key, Outcome)>,
    looks_failed: u32,
    summarised: Instant,
}

impl Reporter {
    /// Errors: a config that cannot be served, an unreadable key, or one that others may read.
    pub fn new(config: OracleConfig) -> anyhow::Result<Self> {
        config.check()?;
        let keypair = config.read_keypair()?;
        let counters: Arc<Counters> = Arc::default();
        let reporter = keypair.pubkey();
        let alerts = Alerts::new(reporter.to_string(), config.webhook_url.clone(), counters.clone());
        let chain = Chain::new(Rpc::with_config(config.rpc()), reporter, config.lotteries.clone());
        let fetcher = Fetcher::new(Duration::from_millis(config.timeout_ms), config.max_body_bytes)?;
        Ok(Self {
            worker: Arc::new(Worker { config, chain, fetcher, keypair, alerts, counters }),
            attempts: HashMap::new(),
            tasks: JoinSet::new(),
            looks_failed: 0,
            summarised: Instant::now(),
        })
    }

    pub fn counters(&self) -> Arc<Counters> {
        self.worker.counters.clone()
    }

    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        let (reporter, lotteries) = (self.worker.keypair.pubkey(), self.worker.config.lotteries.len());
        info!(%reporter, lotteries, evidence_dir = %self.worker.config.evidence_dir.display(), "reporter started");
        tokio::pin!(shutdown);
        loop {
            let pause = tokio::select! {
                () = &mut shutdown => break,
                pause = self.step() => pause,
            };
            tokio::select! {
                () = &mut shutdown => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GOODBYE, all).await.is_err() {
            debug!("work under way is begun again by the next start");
        }
        self.worker.alerts.flush().await;
        info!(counters = %self.worker.counters.render().replace('\n', " "), "reporter stopped");
    }

    /// One look, and one attempt at every round that is due, waited for.
    pub async fn once(mut self) -> anyhow::Result<Pass> {
        let seen = self.worker.chain.look().await?;
        let mut pass = Pass { due: seen.due.len(), problems: seen.problems.len(), ..Pass::default() };
        self.report(&seen);
        self.start_due(seen.due);
        while let Some(done) = self.tasks.join_next().await {
            match done?.1 {
                Outcome::Attested => pass.attested += 1,
                Outcome::Ended => pass.ended += 1,
                Outcome::Again(_) => pass.left += 1,
            }
        }
        self.worker.alerts.flush().await;
        Ok(pass)
    }

    /// Returns the pause until the next.
    async fn step(&mut self) -> Duration {
        let counters = self.worker.counters.clone();
        Counters::add(&counters.looks);
        let seen = match self.worker.chain.look().await {
            Ok(seen) => seen,
            Err(error) => {
                Counters::add(&counters.looks_failed);
                return self.lost(&error);
            }
        };
        if std::mem::take(&mut self.looks_failed) > 0 {
            info!("the chain is back");
        }
        self.report(&seen);
        self.collect();
        let due: Vec<Key> = seen.due.iter().map(|due| (due.address, due.round.event_at)).collect();
        // A round that is no longer due was attested or has ended.
        self.attempts.retain(|key, attempt| attempt.is_running || due.contains(key));
        self.start_due(seen.due);
        if self.summarised.elapsed() >= SUMMARY {
            self.summarised = Instant::now();
            let attested = counters.attested.load(Ordering::Relaxed);
            info!(attested, waiting = self.attempts.len(), "reporter");
        }
        self.worker.config.poll_interval()
    }

    fn lost(&mut self, error: &ClientError) -> Duration {
        if self.looks_failed == 0 {
            warn!(%error, "the chain cannot be read; trying on");
        }
        self.looks_failed += 1;
        (self.worker.config.poll_interval() * 2u32.pow(self.looks_failed.min(6))).min(LONGEST_PAUSE)
    }

    fn report(&self, seen: &Seen) {
        for (lottery_id, problem) in &seen.problems {
            self.worker.alerts.raise(problem.code, *lottery_id, None, problem.message.clone());
        }
        for found in &seen.contradictions {
            let message = format!(
                "reporter {} attested {:?}, and this one {:?}",
                found.reporter_index, found.other, found.own
            );
            let round = Some((found.round_index, found.event_at));
            self.worker.alerts.raise(alert::REPORTERS_DISAGREE, found.lottery_id, round, message);
        }
    }

    fn start_due(&mut self, due: Vec<Due>) {
        for due in due {
            let key = (due.address, due.round.event_at);
            let attempt = self.attempts.entry(key).or_insert_with(|| Attempt {
                tries: 0,
                next: Instant::now(),
                is_running: false,
                prepared: None,
            });
            if attempt.is_running || Instant::now() < attempt.next {
                continue;
            }
            attempt.is_running = true;
            let (worker, prepared) = (self.worker.clone(), attempt.prepared.take());
            self.tasks.spawn(async move {
                // A fault in reading one answer must not end the work on its round, nor on others.
                let tried = AssertUnwindSafe(worker.attempt(due, prepared)).catch_unwind().await;
                let outcome = tried.unwrap_or_else(|_| {
                    error!(round = %key.0, "an attempt panicked; trying again");
                    Outcome::Again(None)
                });
                (key, outcome)
            });
        }
    }

    /// Takes in what the tasks have done since.
    fn collect(&mut self) {
        let (first, longest) = (self.worker.config.retry_first_ms, self.worker.config.retry_longest_ms);
        while let Some(done) = self.tasks.try_join_next() {
            let Ok((key, outcome)) = done else { continue };
            match outcome {
                Outcome::Attested | Outcome::Ended => {
                    self.attempts.remove(&key);
                }
                Outcome::Again(prepared) => {
                    let Some(attempt) = self.attempts.get_mut(&key) else { continue };
                    attempt.next = Instant::now() + pause(first, longest, attempt.tries, rand::random());
                    attempt.tries += 1;
                    (attempt.is_running, attempt.prepared) = (false, prepared);
                }
            }
        }
    }
}

/// Doubles with each try up to the longest; `random` (0 to 1) takes up to half of it off, so that reporters who wait for the same
/// source do not ask it in step.
fn pause(first_ms: u64, longest_ms: u64, tries: u32, random: f64) -> Duration {
    let full = first_ms.saturating_mul(1 << tries.min(32)).min(longest_ms);
    Duration::from_millis(full).mul_f64(1.0 - random / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let full = |tries| pause(100, 1_000, tries, 0.0).as_millis();
        assert_eq!([0, 1, 2, 3, 4, 60].map(full), [100, 200, 400, 800, 1_000, 1_000]);
        assert_eq!(pause(100, 1_000, 2, 1.0).as_millis(), 200);
        assert_eq!(pause(u64::MAX, 1_000, 40, 0.0).as_millis(), 1_000);
    }
}
