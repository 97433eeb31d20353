//! One attempt at one round: ask the sources, keep the evidence, attest.

use std::sync::Arc;

use lottery_client::{Keypair, Pubkey, SendOptions, Signer};
use lottery_interface::{LotteryError, args::AttestArgs, instructions};
use lottery_rules::prediction::Facts;
use tracing::{info, warn};

use crate::{
    alert::{self, Alerts},
    chain::{Chain, Due, Standing},
    config::OracleConfig,
    counters::Counters,
    evidence::{self, Evidence, SourceEvidence},
    fetch::Fetcher,
    format::ReadError,
    judge::{Judgement, Reading, judge, padded, read},
};

/// An attestation costs about 3,000; some more for the budget instructions themselves.
const COMPUTE_UNITS: u32 = 10_000;

/// Facts whose evidence is on disk.
#[derive(Clone, Copy)]
pub struct Prepared {
    facts: Facts,
    hash: [u8; 32],
}

pub enum Outcome {
    Attested,
    Ended,
    /// `Prepared` is sent again, without asking the sources again.
    Again(Option<Prepared>),
}

/// What the tasks share.
pub struct Worker {
    pub config: OracleConfig,
    pub chain: Chain,
    pub fetcher: Fetcher,
    pub keypair: Keypair,
    pub alerts: Alerts,
    pub counters: Arc<Counters>,
}

impl Worker {
    pub async fn attempt(&self, due: Due, prepared: Option<Prepared>) -> Outcome {
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
