//! Bulk writes. Rows travel as one JSON array that Postgres turns into the table's own types.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sqlx::{Postgres, Transaction};

use super::{
    Placed,
    work::{Fault, Quarantined, Work},
};
use crate::{
    rows::{self, bytea},
    source::Unreadable,
};

/// The row of table `instructions`; `None` for one that could not be decoded.
pub fn instruction_row(placed: &Placed) -> Option<Value> {
    let (ix, decoded) = (&placed.ix, placed.decoded.as_ref().ok()?);
    let about = |name: &str| decoded.account(name).map(|key| key.to_string());
    Some(json!({
        "signature": ix.signature,
        "path": ix.path,
        "slot": ix.slot,
        "tx_index": ix.tx_index,
        "ix_index": ix.ix_index,
        "block_at": ix.block_at,
        "name": decoded.name,
        "accounts": decoded.accounts.iter().map(|key| key.to_string()).collect::<Vec<_>>(),
        "args": decoded.args_json(),
        "data": bytea(&ix.data),
        "lottery": about("lottery"),
        "round": about("round"),
        "page": about("page"),
        "wallet": about("wallet"),
        "ranking": about("ranking"),
    }))
}

impl Work<'_> {
    pub fn quarantine_undecoded(&mut self, placed: &[Placed], unreadable: &[Unreadable]) {
        for Unreadable { signature, slot, reason } in unreadable {
            tracing::error!(signature, slot, reason, "quarantined");
            self.quarantine.push(Quarantined {
                subject: "instruction",
                signature: signature.clone(),
                path: String::new(),
                address: String::new(),
                slot: *slot as i64,
                reason: reason.clone(),
                data: Vec::new(),
            });
        }
        for Placed { ix, decoded } in placed {
            let Err(error) = decoded else { continue };
            tracing::error!(signature = ix.signature, path = ix.path, %error, "quarantined");
            self.quarantine.push(Quarantined {
                subject: "instruction",
                signature: ix.signature.clone(),
                path: ix.path.clone(),
                address: String::new(),
                slot: ix.slot,
                reason: error.to_string(),
                data: ix.data.clone(),
            });
        }
    }

    /// Rows of entries that wait in memory.
    pub async fn flush_entries(&mut self) -> Result<(), Fault> {
        if self.entries.is_empty() {
            return Ok(());
        }
        let entries = std::mem::take(&mut self.entries);
        self.rows += entries.len() as u64;
        sqlx::query(
            "INSERT INTO entries (page, index, round, lottery_id, round_index, page_sequence, wallet, picks, numbers,
                    bonus, spots, outcome, leaf_index, weight, stake_units, quick_pick, signature, path, entered_slot, entered_at)
             SELECT page, index, round, lottery_id, round_index, page_sequence, wallet, picks, numbers,
                    bonus, spots, outcome, leaf_index, weight, stake_units, quick_pick, signature, path, entered_slot, entered_at
             FROM jsonb_populate_recordset(NULL::entries, $1::TEXT::JSONB)",
        )
        .bind(Value::from(entries).to_string())
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// What the record says of pages and rounds so far.
    pub async fn flush_progress(&mut self) -> Result<(), Fault> {
        let changed = self.pages.values_mut().filter(|page| page.dirty);
        let pages: Vec<_> = changed
            .map(|p| {
                p.dirty = false;
                json!({
                    "address": p.address,
                    "record_count": p.count,
                    "record_digest": bytea(&p.digest),
                    "record_settled": p.settled,
                    "record_liability_units": p.liability_units,
                })
            })
            .collect();
        if !pages.is_empty() {
            sqlx::query(
                "UPDATE pages p SET record_count = n.record_count, record_digest = n.record_digest,
                        record_settled = n.record_settled, record_liability_units = n.record_liability_units
                 FROM jsonb_populate_recordset(NULL::pages, $1::TEXT::JSONB) n WHERE p.address = n.address",
            )
            .bind(Value::from(pages).to_string())
            .execute(self.conn())
            .await?;
        }
        let changed = self.rounds.values_mut().filter(|round| round.dirty);
        let rounds: Vec<_> = changed
            .map(|r| {
                r.dirty = false;
                json!({
                    "address": r.address,
                    "entered_count": r.entered_count,
                    "entered_units": r.entered_units.to_string(),
                    "crank_spent_lamports": r.rewards.spent_lamports,
                })
            })
            .collect();
        if !rounds.is_empty() {
            sqlx::query(
                "UPDATE rounds r SET entered_count = n.entered_count, entered_units = n.entered_units,
                        crank_spent_lamports = n.crank_spent_lamports
                 FROM jsonb_populate_recordset(NULL::rounds, $1::TEXT::JSONB) n WHERE r.address = n.address",
            )
            .bind(Value::from(rounds).to_string())
            .execute(self.conn())
            .await?;
        }
        self.flush_stakes().await?;
        self.flush_rewards().await
    }

    async fn flush_rewards(&mut self) -> Result<(), Fault> {
        let rewards: Vec<Value> = std::mem::take(&mut self.rewards).into_iter().map(Value::Object).collect();
        if !rewards.is_empty() {
            sqlx::query(
                "UPDATE instructions i SET reward_lamports = n.reward_lamports
                 FROM jsonb_populate_recordset(NULL::instructions, $1::TEXT::JSONB) n
                 WHERE i.signature = n.signature AND i.path = n.path",
            )
            .bind(Value::from(rewards).to_string())
            .execute(self.conn())
            .await?;
        }
        Ok(())
    }

    /// Rows of the accounts that were read. What is older than the row stays out, and so does what was read before
    /// the account was closed.
    pub async fn write_accounts(&mut self) -> Result<(), Fault> {
        let mut tables: BTreeMap<&'static str, Vec<Value>> = BTreeMap::new();
        for (address, read) in self.reads.clone() {
            let Some(data) = &read.data else { continue };
            match rows::row(data) {
                Ok(row) => {
                    let mut columns = row.columns;
                    columns.insert("address".into(), address.into());
                    columns.insert("account_slot".into(), read.slot.into());
                    columns.insert("account_order".into(), self.read_order.into());
                    columns.insert("first_slot".into(), read.slot.into());
                    tables.entry(row.table).or_default().push(Value::Object(columns));
                }
                Err(error) => {
                    tracing::error!(address, %error, "quarantined an account");
                    self.quarantine.push(Quarantined {
                        subject: "account",
                        signature: String::new(),
                        path: String::new(),
                        address,
                        slot: read.slot as i64,
                        reason: error.to_string(),
                        data: data.clone(),
                    });
                }
            }
        }
        self.feed_completed(tables.get("lotteries")).await?;
        for (table, rows) in tables {
            self.upsert(table, rows).await?;
        }
        self.compare_markets().await?;
        self.compare_rankings().await
    }

    /// Feed and quarantine. Gives the transaction back to be committed.
    pub async fn flush_rest(mut self) -> Result<(Transaction<'static, Postgres>, u64), Fault> {
        let outbox: Vec<Value> = std::mem::take(&mut self.outbox).into_iter().map(Value::Object).collect();
        if !outbox.is_empty() {
            sqlx::query(
                "INSERT INTO outbox (topic, kind, payload, slot)
                 SELECT topic, kind, payload, slot FROM jsonb_populate_recordset(NULL::outbox, $1::TEXT::JSONB)",
            )
            .bind(Value::from(outbox).to_string())
            .execute(self.conn())
            .await?;
        }
        let quarantine: Vec<Value> =
            std::mem::take(&mut self.quarantine).iter().map(quarantine_row).collect();
        if !quarantine.is_empty() {
            sqlx::query(
                "INSERT INTO quarantine (subject, signature, path, address, slot, reason, data)
                 SELECT subject, signature, path, address, slot, reason, data
                 FROM jsonb_populate_recordset(NULL::quarantine, $1::TEXT::JSONB) ON CONFLICT DO NOTHING",
            )
            .bind(Value::from(quarantine).to_string())
            .execute(self.conn())
            .await?;
        }
        Ok(self.into_tx())
    }
}

fn quarantine_row(q: &Quarantined) -> Value {
    json!({
        "subject": q.subject,
        "signature": q.signature,
        "path": q.path,
        "address": q.address,
        "slot": q.slot,
        "reason": q.reason.replace('\0', ""),
        "data": bytea(&q.data),
    })
}
