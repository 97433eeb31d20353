//! One batch being written: its transaction, what it read, and what it still has to write.

use std::collections::{BTreeMap, HashMap, HashSet};

use lottery_interface::{accounts::AccountLayout, tags};
use serde_json::Value;
use sqlx::{PgConnection, Postgres, Row, Transaction};

pub use super::ix::Ix;
use super::{
    rewards::Done,
    view::{PageView, RoundView},
};
use crate::{decoder::Decoded, rows::Columns, source::AccountRead};

/// Why an instruction could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It contradicts what the record said before: for the quarantine.
    #[error("{0}")]
    Poison(String),
    /// The batch has to be tried again.
    #[error("{0}")]
    Database(#[from] sqlx::Error),
}

pub fn poison<T>(reason: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Poison(reason.into()))
}

/// Something for a person.
pub struct Quarantined {
    pub subject: &'static str,
    pub signature: String,
    pub path: String,
    pub address: String,
    pub slot: i64,
    pub reason: String,
    pub data: Vec<u8>,
}

pub struct Work<'r> {
    pub tx: Transaction<'static, Postgres>,
    pub reads: HashMap<String, &'r AccountRead>,
    pub read_order: i64,
    rent_lamports_per_byte: u64,
    careful: bool,
    pub rounds: HashMap<String, RoundView>,
    pub pages: HashMap<String, PageView>,
    /// Rows of `entries` not inserted yet.
    pub entries: Vec<Value>,
    /// Stakes and entries on outcomes, not added to `outcome_pools` yet: by round and outcome.
    pub stakes: BTreeMap<(String, u8), (u128, i64)>,
    /// What the instruction being applied did, where its data does not say.
    pub done: Done,
    /// Rewards of instructions, not written yet.
    pub rewards: Vec<Columns>,
    pub outbox: Vec<Columns>,
    pub quarantine: Vec<Quarantined>,
    /// Rounds whose pool or jackpot changed: their lottery's id by address.
    pub pools: BTreeMap<String, i64>,
    /// Added to the row of `totals`.
    pub totals: HashMap<&'static str, i64>,
    pub rows: u64,
}

impl<'r> Work<'r> {
    pub fn new(
        tx: Transaction<'static, Postgres>,
        reads: HashMap<String, &'r AccountRead>,
        read_order: i64,
        rent_lamports_per_byte: u64,
        careful: bool,
    ) -> Self {
        Work {
            tx,
            reads,
            read_order,
            rent_lamports_per_byte,
            careful,
            rounds: HashMap::new(),
            pages: HashMap::new(),
            entries: Vec::new(),
            stakes: BTreeMap::new(),
            done: Done::default(),
            rewards: Vec::new(),
            outbox: Vec::new(),
            quarantine: Vec::new(),
            pools: BTreeMap::new(),
            totals: HashMap::new(),
            rows: 0,
        }
    }

    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Lamports that an account of `len` bytes locks, as the chain's rent has it: 128 bytes are added for its place in the
    /// ledger.
    pub fn rent(&self, len: usize) -> u64 {
        (len as u64 + 128).saturating_mul(self.rent_lamports_per_byte)
    }

    pub fn count(&mut self, total: &'static str, by: i64) {
        *self.totals.entry(total).or_default() += by;
    }

    /// An account of this batch as it was read.
    pub fn read<T: AccountLayout>(&self, address: &str) -> Option<T> {
        T::read(self.reads.get(address)?.data.as_deref()?)
    }

    /// Applies one instruction; what cannot be applied goes to the quarantine.
    pub async fn run(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let outcome =
            if self.careful { self.run_alone(decoded, ix).await } else { self.dispatch(decoded, ix).await };
        let reason = match outcome {
            Ok(()) => return Ok(()),
            Err(Fault::Poison(reason)) => reason,
            Err(Fault::Database(error)) if self.careful && error.as_database_error().is_some() => {
                error.to_string()
            }
            Err(fault) => return Err(fault),
        };
        tracing::error!(signature = ix.signature, path = ix.path, name = decoded.name, reason, "quarantined");
        self.quarantine.push(Quarantined {
            subject: "apply",
            signature: ix.signature.clone(),
            path: ix.path.clone(),
            address: String::new(),
            slot: ix.slot,
            reason,
            data: ix.data.clone(),
        });
        Ok(())
    }

    /// In a savepoint of its own, with nothing pending before or after.
    async fn run_alone(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        sqlx::query("SAVEPOINT alone").execute(self.conn()).await?;
        let (fed, totals) = (self.outbox.len(), self.totals.clone());
        let outcome = async {
            self.dispatch(decoded, ix).await?;
            self.flush_entries().await?;
            self.flush_progress().await
        };
        let outcome = outcome.await;
        if outcome.is_err() {
            sqlx::query("ROLLBACK TO SAVEPOINT alone").execute(self.conn()).await?;
            self.entries.clear();
            self.stakes.clear();
            self.rewards.clear();
            self.outbox.truncate(fed);
            self.totals = totals;
            // They may hold what was just rolled back.
            self.rounds.clear();
            self.pages.clear();
        }
        outcome
    }

    async fn dispatch(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        self.done = Done::default();
        self.apply(decoded, ix).await?;
        self.reward(decoded, ix).await
    }

    async fn apply(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        match decoded.tag {
            tags::ADD_BEACON => self.add_beacon(decoded, ix).await,
            tags::REMOVE_BEACON => self.close_row("beacons", decoded, "beacon", ix).await,
            tags::CREATE_ORACLE_SET => self.create_oracle_set(decoded, ix).await,
            tags::OPEN_WALLET => self.open_wallet(decoded, ix).await,
            tags::CLOSE_WALLET => self.close_wallet(decoded, ix).await,
            tags::CREATE_LOTTERY => self.create_lottery(decoded, ix).await,
            tags::UPDATE_CONFIG => self.update_config(decoded, ix).await,
            tags::PAUSE_LOTTERY => self.pause_lottery(decoded, ix).await,
            tags::FUND_JACKPOT => self.fund_jackpot(decoded, ix).await,
            tags::CLOSE_CONFIG => self.close_row("configs", decoded, "config", ix).await,
            tags::CLOSE_LOTTERY => self.close_lottery(decoded, ix).await,
            tags::OPEN_ROUND => self.open_round(decoded, ix).await,
            tags::OPEN_PAGE => self.open_page(decoded, ix).await,
            tags::ENTER => self.enter(decoded, ix).await,
            tags::POST_VALUE => self.post_value(decoded, ix).await,
            tags::REVEAL_RANDOMNESS => self.reveal_randomness(decoded, ix).await,
            tags::ATTEST => self.attest(decoded, ix).await,
            tags::DRAW => self.draw(decoded, ix).await,
            tags::SETTLE => self.settle(decoded, ix).await,
            tags::FINALISE => self.finalise(decoded, ix).await,
            tags::PAY | tags::REFUND => self.credit(decoded, ix).await,
            tags::PROVE_EARLY => self.prove_early(decoded, ix).await,
            tags::VOID_ROUND => self.void_round(decoded, ix).await,
            tags::RETIME_ROUND => self.retime_round(decoded, ix).await,
            tags::EXPIRE_ROUND => self.expire_round(decoded, ix).await,
            tags::OPEN_RANKING => self.open_ranking(decoded, ix).await,
            tags::GROW_RANKING => self.grow_ranking(decoded, ix).await,
            tags::COUNT_RANKING => self.count_ranking(decoded, ix).await,
            tags::ACCEPT_RANKING => self.accept_ranking(decoded, ix).await,
            tags::SORT_RANKING => self.sort_ranking(decoded, ix).await,
            tags::CLOSE_RANKING => self.close_ranking(decoded, ix).await,
            tags::CONFIRM_PLACE => self.confirm_place(decoded, ix).await,
            tags::RESOLVE_PLACES => self.resolve_places(decoded, ix).await,
            tags::PROMOTE_PLACE => self.promote_place(decoded, ix).await,
            tags::CLOSE_PAGE => self.close_page(decoded, ix).await,
            tags::CLOSE_ROUND => self.close_round(decoded, ix).await,
            // Their effect is in the accounts alone.
            _ => Ok(()),
        }
    }

    /// Says that what was derived is not what the chain says.
    pub fn mismatch(&mut self, ix: Option<&Ix>, address: &str, slot: i64, reason: String) {
        tracing::error!(address, slot, reason, "the record and the chain disagree");
        self.quarantine.push(Quarantined {
            subject: "check",
            signature: ix.map(|ix| ix.signature.clone()).unwrap_or_default(),
            path: ix.map(|ix| ix.path.clone()).unwrap_or_default(),
            address: address.to_string(),
            slot,
            reason,
            data: Vec::new(),
        });
    }

    /// Ends the work; the transaction is still open.
    pub fn into_tx(self) -> (Transaction<'static, Postgres>, u64) {
        (self.tx, self.rows)
    }

    /// New instructions of a batch, and which of them are new.
    pub async fn insert_instructions(
        &mut self,
        placed: &[super::Placed],
    ) -> Result<HashSet<(String, String)>, Fault> {
        let rows: Vec<Value> = placed.iter().filter_map(super::write::instruction_row).collect();
        if rows.is_empty() {
            return Ok(HashSet::new());
        }
        let inserted = sqlx::query(
            "INSERT INTO instructions SELECT * FROM jsonb_populate_recordset(NULL::instructions, $1::TEXT::JSONB)
             ON CONFLICT DO NOTHING RETURNING signature, path",
        )
        .bind(Value::from(rows).to_string())
        .fetch_all(self.conn())
        .await?;
        self.rows += inserted.len() as u64;
        inserted.iter().map(|row| Ok((row.try_get("signature")?, row.try_get("path")?))).collect()
    }
}

/// A NUMERIC read as text; 0 when it is NULL or out of range, which no column allows.
pub fn number<T: std::str::FromStr + Default>(text: Option<String>) -> T {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// The key of an account that the decoder has checked to be there.
pub fn key(decoded: &Decoded, name: &str) -> Result<String, Fault> {
    match decoded.account(name) {
        Some(key) => Ok(key.to_string()),
        None => poison(format!("{} has no account {name}", decoded.name)),
    }
}
