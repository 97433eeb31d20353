//! Looks up the fate of sent transactions: one request for all that wait, not one each.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use solana_commitment_config::CommitmentConfig;
use solana_keypair::Signature;
use solana_rpc_client_api::client_error::TransactionError;

use crate::{Result, Rpc};

/// The most signatures that one request may ask about.
const CHUNK: usize = 256;

/// How a confirmed transaction ended.
pub(crate) type Fate = Result<(), TransactionError>;

/// Everyone who waits is registered here. Whoever holds `turn` asks for all and then tells all, so no task
/// of its own is needed and none can die unseen.
pub(crate) struct Statuses {
    waiting: Mutex<HashMap<Signature, Option<Fate>>>,
    turn: tokio::sync::Mutex<Option<Instant>>,
    asked: tokio::sync::Notify,
    interval: Duration,
}

/// Ends the registration when the waiter is done or dropped.
struct Registered<'a>(&'a Statuses, Signature);

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.0.waiting.lock().expect("no panic holds this lock").remove(&self.1);
    }
}

impl Statuses {
    pub fn new(interval: Duration) -> Self {
        Self { waiting: Mutex::default(), turn: Default::default(), asked: Default::default(), interval }
    }

    /// Waits up to `patience` for `signature` to be confirmed. `None`: not yet.
    pub async fn wait(&self, rpc: &Rpc, signature: Signature, patience: Duration) -> Result<Option<Fate>> {
        let until = Instant::now() + patience;
        self.waiting.lock().expect("no panic holds this lock").insert(signature, None);
        let _registered = Registered(self, signature);
        loop {
            let told = self.asked.notified();
            tokio::pin!(told);
            told.as_mut().enable();
            if let Some(fate) = self.answer(&signature) {
                return Ok(Some(fate));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            let mut last = tokio::select! {
                () = told => continue,
                last = self.turn.lock() => last,
            };
            if let Some(last) = *last {
                tokio::time::sleep(self.interval.saturating_sub(last.elapsed())).await;
            }
            let asked = self.ask(rpc).await;
            *last = Some(Instant::now());
            drop(last);
            self.asked.notify_waiters();
            asked?;
        }
    }

    fn answer(&self, signature: &Signature) -> Option<Fate> {
        self.waiting.lock().expect("no panic holds this lock").get(signature).cloned().flatten()
    }

    async fn ask(&self, rpc: &Rpc) -> Result<()> {
        let open: Vec<Signature> = {
            let waiting = self.waiting.lock().expect("no panic holds this lock");
            waiting.iter().filter(|(_, fate)| fate.is_none()).map(|(signature, _)| *signature).collect()
        };
        for chunk in open.chunks(CHUNK) {
            let answers =
                rpc.call(|client| async move { client.get_signature_statuses(chunk).await }).await?.value;
            let mut waiting = self.waiting.lock().expect("no panic holds this lock");
            for (signature, status) in chunk.iter().zip(answers) {
                if let (Some(place), Some(status)) = (waiting.get_mut(signature), status)
                    && status.satisfies_commitment(CommitmentConfig::confirmed())
                {
                    *place = Some(status.err.map_or(Ok(()), Err));
                }
            }
        }
        Ok(())
    }
}
