//! The rounds that wait for this reporter. The chain is asked each time; what never changes is remembered.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use lottery_client::{Fetched, Pubkey, Rpc, market::Market};
use lottery_interface::{
    Kind,
    accounts::{Attestation, Config, Lottery as LotteryAccount, OracleSet, Round, attestations},
    address,
    kinds::RoundStatus,
};
use lottery_rules::prediction::Facts;

use crate::{
    alert::{NOT_A_REPORTER, WRONG_LOTTERY},
    config::Lottery,
};

/// A config under which this reporter may attest.
#[derive(Debug)]
pub struct Served {
    pub market: Market,
    /// The oracle set.
    pub oracles: Pubkey,
    /// Of this reporter in it.
    pub place: usize,
}

/// Why this reporter cannot serve a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Of an alert.
    pub code: &'static str,
    pub message: String,
}

/// A round whose event is over and for which this reporter has not attested.
#[derive(Clone)]
pub struct Due {
    pub lottery: Arc<Lottery>,
    pub served: Arc<Served>,
    pub address: Pubkey,
    pub round: Round,
}

/// Facts that another reporter attested and this one did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    pub lottery_id: u64,
    pub round_index: u64,
    pub event_at: i64,
    /// Of the other, in the oracle set.
    pub reporter_index: usize,
    pub own: Facts,
    pub other: Facts,
}

/// What one look found.
#[derive(Default)]
pub struct Seen {
    pub due: Vec<Due>,
    pub contradictions: Vec<Contradiction>,
    /// By lottery, each once.
    pub problems: Vec<(u64, Problem)>,
}

impl Seen {
    /// A lottery and its rounds usually have the same config.
    fn add(&mut self, lottery_id: u64, problem: Problem) {
        let found = (lottery_id, problem);
        if !self.problems.contains(&found) {
            self.problems.push(found);
        }
    }
}

/// Whether a round may still be attested for.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// It has its value, is void, or is closed.
    Ended,
    /// It was re-timed: another event.
    OtherEvent,
    /// This reporter has attested.
    Attested,
}

pub struct Chain {
    pub rpc: Rpc,
    reporter: Pubkey,
    lotteries: Vec<Arc<Lottery>>,
    /// By config, which belongs to one lottery: configs and oracle sets never change.
    served: Mutex<HashMap<Pubkey, Arc<Served>>>,
}

fn own(round: &Fetched<Round>, place: usize) -> Option<Attestation> {
    attestations(&round.data).nth(place).filter(|attestation| attestation.attested_at != 0)
}

impl Chain {
    pub fn new(rpc: Rpc, reporter: Pubkey, lotteries: Vec<Lottery>) -> Self {
        let lotteries = lotteries.into_iter().map(Arc::new).collect();
        Self { rpc, reporter, lotteries, served: Mutex::default() }
    }

    pub async fn look(&self) -> lottery_client::Result<Seen> {
        let mut seen = Seen::default();
        let now = self.rpc.clock().await?.unix_timestamp;
        let addresses: Vec<Pubkey> =
            self.lotteries.iter().map(|lottery| address::lottery(lottery.id).0).collect();
        let accounts = self.rpc.multiple::<LotteryAccount>(&addresses).await?;
        for (lottery, account) in self.lotteries.iter().zip(accounts) {
            let Some(account) = account else {
                let message = format!("lottery {} does not exist on this chain", lottery.id);
                seen.add(lottery.id, Problem { code: WRONG_LOTTERY, message });
                continue;
            };
            // Said before the first round is due, when there is still time to put it right.
            if let Err(problem) = self.served(lottery, account.config.into()).await? {
                seen.add(lottery.id, problem);
            }
            for round in self.rpc.rounds(lottery.id).await? {
                self.look_at(lottery, round, now, &mut seen).await?;
            }
        }
        Ok(seen)
    }

    async fn look_at(
        &self,
        lottery: &Arc<Lottery>,
        round: Fetched<Round>,
        now: i64,
        seen: &mut Seen,
    ) -> lottery_client::Result<()> {
        if round.kind != Kind::Prediction as u8 || now < round.event_at {
            return Ok(());
        }
        let served = match self.served(lottery, round.config.into()).await? {
            Ok(served) => served,
            Err(problem) => {
                seen.add(lottery.id, problem);
                return Ok(());
            }
        };
        if let Some(own) = own(&round, served.place) {
            seen.contradictions.extend(contradictions(&round, &own));
        } else if round.status == RoundStatus::Open as u8 && self.has_entries(&round).await? {
            let (address, round) = (round.address, round.account);
            seen.due.push(Due { lottery: lottery.clone(), served, address, round });
        }
        Ok(())
    }

    /// A round that nobody entered gets another time, and with it another event.
    async fn has_entries(&self, round: &Fetched<Round>) -> lottery_client::Result<bool> {
        if round.entries > 0 {
            return Ok(true);
        }
        let pages = self.rpc.pages(round.address, round.page_count).await?;
        Ok(pages.iter().flatten().any(|page| page.count > 0))
    }

    async fn served(
        &self,
        lottery: &Lottery,
        config: Pubkey,
    ) -> lottery_client::Result<Result<Arc<Served>, Problem>> {
        let known = self.served.lock().expect("no panic holds this lock").get(&config).cloned();
        if let Some(known) = known {
            return Ok(Ok(known));
        }
        let config: Fetched<Config> = self.rpc.config(config).await?;
        let wrong = |message| Ok(Err(Problem { code: WRONG_LOTTERY, message }));
        let Some(market) = Market::of(&config) else {
            return wrong(format!("lottery {} is no prediction market", lottery.id));
        };
        let (wanted, named) = (market.rules.fact_count as usize, lottery.facts.len());
        if wanted != named {
            return wrong(format!(
                "lottery {} wants {wanted} facts, and the oracle file names {named}: {}",
                lottery.id,
                lottery.facts.join(", ")
            ));
        }
        let oracles = Pubkey::from(market.rules.oracles);
        let set = self.rpc.require::<OracleSet>(oracles).await?;
        let reporters = &set.reporters[..usize::from(set.reporter_count).min(set.reporters.len())];
        let Some(place) = reporters.iter().position(|reporter| *reporter == self.reporter.to_bytes()) else {
            let message = format!(
                "the key {} is not one of the {} reporters of lottery {} (oracle set {oracles}): its attestations would be \
                 refused, so it makes none. Use the key of a reporter, or a config with a set that holds this key",
                self.reporter,
                reporters.len(),
                lottery.id
            );
            return Ok(Err(Problem { code: NOT_A_REPORTER, message }));
        };
        let served = Arc::new(Served { market, oracles, place });
        let mut all = self.served.lock().expect("no panic holds this lock");
        all.insert(config.address, served.clone());
        Ok(Ok(served))
    }

    /// As the chain has it at this moment.
    pub async fn standing(&self, due: &Due) -> lottery_client::Result<Standing> {
        let Some(round) = self.rpc.account::<Round>(due.address).await? else { return Ok(Standing::Ended) };
        Ok(if own(&round, due.served.place).is_some() && round.event_at == due.round.event_at {
            Standing::Attested
        } else if round.status != RoundStatus::Open as u8 {
            Standing::Ended
        } else if round.event_at != due.round.event_at {
            Standing::OtherEvent
        } else {
            Standing::Open
        })
    }
}

fn contradictions<'a>(
    round: &'a Fetched<Round>,
    own: &'a Attestation,
) -> impl Iterator<Item = Contradiction> + 'a {
    let others = attestations(&round.data).enumerate();
    others.filter(|(_, other)| other.attested_at != 0 && other.facts != own.facts).map(|(index, other)| {
        Contradiction {
            lottery_id: round.lottery_id,
            round_index: round.index,
            event_at: round.event_at,
            reporter_index: index,
            own: own.facts,
            other: other.facts,
        }
    })
}
