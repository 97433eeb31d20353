//! The loop: look at the chain, ask the sources of each round that is due, keep the evidence, attest.
//!
//! All it remembers is when to try which round again. It gives a round up only when the chain says that the round has ended.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use lottery_client::{ClientError, Keypair, Pubkey, Rpc, SendOptions, Signer};
use lottery_interface::{LotteryError, args::AttestArgs, instructions};
use lottery_rules::prediction::Facts;
use tokio::task::JoinSet;
use tracing::{debug, info, warn};

use crate::{
    alert::{self, Alerts},
    chain::{Chain, Due, Seen, Standing},
    config::OracleConfig,
    counters::Counters,
    evidence::{self, Evidence, SourceEvidence},
    fetch::Fetcher,
    format::ReadError,
    judge::{Judgement, Reading, judge, padded, read},
};

/// An attestation costs about 3,000; some more for the budget instructions themselves.
const COMPUTE_UNITS: u32 = 10_000;
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

/// Facts whose evidence is on disk.
#[derive(Clone, Copy)]
struct Prepared {
    facts: Facts,
    hash: [u8; 32],
}

enum Outcome {
    Attested,
    Ended,
    /// `Prepared` is sent again, without asking the sources again.
    Again(Option<Prepared>),
}

struct Attempt {
    tries: u32,
    next: Instant,
    is_running: bool,
    prepared: Option<Prepared>,
}

/// What the tasks share.
struct Worker {
    config: OracleConfig,
    chain: Chain,
    fetcher: Fetcher,
    keypair: Keypair,
    alerts: Alerts,
    counters: Arc<Counters>,
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
            self.tasks.spawn(async move { (key, worker.attempt(due, prepared).await) });
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

impl Worker {
    async fn attempt(&self, due: Due, prepared: Option<Prepared>) -> Outcome {
        let prepared = match prepared {
            Some(prepared) => prepared,
            None => match self.prepare(&due).await {
                Some(prepared) => prepared,
                None => return Outcome::Again(None),
            },
        };
        // The sources took their time: the chain may have moved on, or an earlier transaction of ours arrived.
        match self.chain.standing(&due).await {
            Ok(Standing::Open) => self.attest(&due, prepared).await,
            Ok(Standing::OtherEvent) => Outcome::Again(None),
            Ok(Standing::Attested) => Outcome::Attested,
            Ok(Standing::Ended) => Outcome::Ended,
            Err(error) => {
                warn!(%error, "the chain cannot be read; trying on");
                Outcome::Again(Some(prepared))
            }
        }
    }

    /// Asks the sources; facts on which two agree, and which the market takes, go to disk.
    async fn prepare(&self, due: &Due) -> Option<Prepared> {
        Counters::add(&self.counters.attempts);
        let (lottery, event_at) = (&due.lottery, due.round.event_at);
        let answers = self.fetcher.all(&lottery.sources, event_at).await;
        let sources = || lottery.sources.iter().zip(&answers);
        let readings: Vec<Reading> =
            sources().map(|(source, answer)| read(source, answer, &lottery.facts, event_at)).collect();
        self.count(due, &readings);
        let judgement = judge(&readings);
        let disagrees = match &judgement {
            Judgement::Agreed { dissent, .. } => !dissent.is_empty(),
            Judgement::Disagreed => true,
            Judgement::Waiting => false,
        };
        if disagrees {
            self.raise(
                due,
                alert::SOURCES_DISAGREE,
                format!("the sources disagree: {}", says(due, &readings)),
            );
        }
        let Judgement::Agreed { facts, .. } = judgement else {
            info!(
                lottery_id = lottery.id,
                round_index = due.round.index,
                says = says(due, &readings),
                "no result yet"
            );
            return None;
        };
        let padded = padded(&facts)?;
        if let Err(error) = due.served.market.outcome(&padded) {
            self.raise(due, alert::FACTS_REFUSED, format!("the sources agree on {facts:?}, but {error}"));
            return None;
        }
        let evidence = Evidence {
            version: Evidence::VERSION,
            lottery_id: lottery.id,
            lottery: Pubkey::from(due.round.lottery).to_string(),
            round: due.address.to_string(),
            round_index: due.round.index,
            reporter: self.keypair.pubkey().to_string(),
            event_at,
            names: lottery.facts.clone(),
            facts,
            sources: sources().map(|(source, answer)| SourceEvidence::new(source, answer)).collect(),
        };
        self.keep(due, evidence).await.map(|hash| Prepared { facts: padded, hash })
    }

    /// Flushing to disk blocks its thread.
    async fn keep(&self, due: &Due, evidence: Evidence) -> Option<[u8; 32]> {
        let folder = self.config.evidence_dir.clone();
        let written = tokio::task::spawn_blocking(move || evidence::write(&folder, &evidence)).await;
        match written.map_err(anyhow::Error::from).flatten() {
            Ok(hash) => Some(hash),
            Err(error) => {
                self.raise(due, alert::EVIDENCE_NOT_KEPT, format!("{error:#}"));
                None
            }
        }
    }

    async fn attest(&self, due: &Due, prepared: Prepared) -> Outcome {
        let args =
            AttestArgs { facts: prepared.facts, evidence: prepared.hash, event_at: due.round.event_at };
        let (config, oracles) = (due.round.config.into(), due.served.oracles);
        let instruction = instructions::attest(self.keypair.pubkey(), due.address, config, oracles, &args);
        let options = SendOptions {
            compute_unit_limit: Some(COMPUTE_UNITS),
            compute_unit_price: self.config.compute_unit_price,
            ..SendOptions::default()
        };
        let error = match self.chain.rpc.send(&[instruction], &[&self.keypair], &options).await {
            Ok(signature) => {
                Counters::add(&self.counters.attested);
                let facts = &prepared.facts[..due.lottery.facts.len()];
                info!(lottery_id = due.lottery.id, round_index = due.round.index, ?facts,
                    evidence = hex::encode(prepared.hash), %signature, "attested");
                return Outcome::Attested;
            }
            Err(error) => error,
        };
        match error.program_error() {
            Some(LotteryError::AlreadyAttested) => return Outcome::Attested,
            Some(LotteryError::ValueAlreadyPosted | LotteryError::RoundNotOpen) => return Outcome::Ended,
            // The endpoint that runs it is a moment behind the one that was asked for the time.
            Some(LotteryError::EventNotOver | LotteryError::RoundNotLocked) => {
                return Outcome::Again(Some(prepared));
            }
            Some(LotteryError::WrongEvent) => return Outcome::Again(None),
            _ => {}
        }
        Counters::add(&self.counters.attestations_failed);
        if error.is_transient() {
            warn!(lottery_id = due.lottery.id, round_index = due.round.index, %error, "not attested yet; trying on");
        } else {
            self.raise(due, alert::ATTESTATION_REFUSED, format!("the attestation was refused: {error}"));
        }
        Outcome::Again(Some(prepared))
    }

    fn raise(&self, due: &Due, code: &'static str, message: String) {
        let round = Some((due.round.index, due.round.event_at));
        self.alerts.raise(code, due.lottery.id, round, message);
    }

    fn count(&self, due: &Due, readings: &[Reading]) {
        for (source, reading) in due.lottery.sources.iter().zip(readings) {
            let outcome = match reading {
                Ok(_) => "read",
                Err(ReadError::NotYet(_)) => "not_yet",
                Err(ReadError::Invalid(_)) => "broken",
            };
            self.counters.answer(&source.name, outcome);
        }
    }
}

/// What each source says, for people.
fn says(due: &Due, readings: &[Reading]) -> String {
    let each = due.lottery.sources.iter().zip(readings).map(|(source, reading)| match reading {
        Ok(facts) => format!("{}: {facts:?}", source.name),
        Err(error) => format!("{}: {error}", source.name),
    });
    each.collect::<Vec<_>>().join("; ")
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
