//! From decoded instructions and account reads to rows. One batch is one Postgres transaction: rows, cursor and feed
//! change together or not at all.

mod beacons;
mod check;
mod configs;
mod draws;
mod entries;
mod feed;
mod finals;
mod finish;
mod ix;
mod kinds;
mod lotteries;
mod markets;
mod oracles;
mod payments;
mod places;
mod rankings;
mod rebuild;
mod rewards;
mod rounds;
mod schedule;
mod settle;
mod undo;
mod upsert;
mod view;
mod void;
mod work;
mod write;

use std::{collections::HashMap, sync::Arc};

use anyhow::Context;
use solana_pubkey::Pubkey;
use sqlx::{PgPool, Row};

use crate::{
    decoder::{DecodeError, Decoded, decode},
    metrics::Metrics,
    source::{AccountRead, Batch, DEFAULT_RENT_LAMPORTS_PER_BYTE, Tip},
};
pub use undo::Undo;
use work::{Fault, Ix, Work};

/// Where the database stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Indexed up to and including this slot.
    pub slot: u64,
    /// Checked against the final chain up to here.
    pub finalised_slot: u64,
}

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Instructions that were new.
    pub instructions: u64,
    pub rows: u64,
    /// In the whole database, waiting for a person.
    pub quarantined: u64,
    /// A hole in the record was found: everything from this slot on has to be read again.
    pub reread_from: Option<u64>,
}

/// An instruction of a batch with its place in the record.
pub struct Placed {
    pub ix: Ix,
    pub decoded: Result<Decoded, DecodeError>,
}

/// Decodes a batch in block order.
pub fn place(batch: &Batch) -> Vec<Placed> {
    let mut placed = Vec::new();
    let (mut slot, mut tx_index) = (u64::MAX, 0);
    for transaction in &batch.transactions {
        // The place among the program's transactions of the slot: the same however the record was read.
        tx_index = if transaction.slot == slot { tx_index + 1 } else { 0 };
        slot = transaction.slot;
        for (ix_index, raw) in transaction.instructions.iter().enumerate() {
            placed.push(Placed {
                decoded: decode(&raw.data, &raw.accounts),
                ix: Ix {
                    signature: transaction.signature.clone(),
                    path: raw.path.clone(),
                    slot: slot as i64,
                    tx_index,
                    ix_index: ix_index as i32,
                    block_at: transaction.block_at,
                    data: raw.data.clone(),
                    events: raw.events.clone(),
                },
            });
        }
    }
    placed
}

/// Addresses to read after a batch: pages, then everything else.
pub fn touched(placed: &[Placed]) -> (Vec<Pubkey>, Vec<Pubkey>) {
    let (mut pages, mut others) = (Vec::new(), Vec::new());
    let mut seen = std::collections::HashSet::new();
    for decoded in placed.iter().filter_map(|placed| placed.decoded.as_ref().ok()) {
        for (address, is_page) in decoded.touched() {
            if seen.insert(address) {
                if is_page { pages.push(address) } else { others.push(address) }
            }
        }
    }
    (pages, others)
}

/// Writes batches.
pub struct Processor {
    pool: PgPool,
    metrics: Arc<Metrics>,
    /// What a byte of an account locks.
    pub rent_lamports_per_byte: u64,
}

impl Processor {
    pub fn new(pool: PgPool, metrics: Arc<Metrics>) -> Self {
        Processor { pool, metrics, rent_lamports_per_byte: DEFAULT_RENT_LAMPORTS_PER_BYTE }
    }

    pub async fn cursor(&self) -> anyhow::Result<Cursor> {
        let row = sqlx::query("SELECT slot, finalised_slot FROM cursor").fetch_one(&self.pool).await;
        let row = row.context("reading the cursor")?;
        Ok(Cursor {
            slot: row.try_get::<i64, _>("slot")? as u64,
            finalised_slot: row.try_get::<i64, _>("finalised_slot")? as u64,
        })
    }

    /// The newest transaction that the chain can no longer take back, and its slot.
    pub async fn newest_final(&self) -> anyhow::Result<Option<(String, u64)>> {
        let row = sqlx::query(
            "SELECT signature, slot FROM instructions WHERE slot <= (SELECT finalised_slot FROM cursor)
             ORDER BY slot DESC LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await
        .context("reading the newest final transaction")?;
        row.map(|row| Ok((row.try_get("signature")?, row.try_get::<i64, _>("slot")? as u64))).transpose()
    }

    /// Applies a batch that follows the cursor. What was applied before changes nothing.
    pub async fn apply(&self, batch: &Batch, reads: &[AccountRead], tip: Tip) -> anyhow::Result<Applied> {
        let placed = place(batch);
        let applied = match self.try_apply(&placed, batch, reads, tip, false).await {
            // One row that Postgres refuses must not stop all others: again, one instruction at a time.
            Err(Fault::Database(error)) if error.as_database_error().is_some() => {
                tracing::warn!(%error, through_slot = batch.through_slot, "a batch was refused: isolating the cause");
                self.try_apply(&placed, batch, reads, tip, true).await
            }
            other => other,
        };
        let applied =
            applied.with_context(|| format!("applying the record up to slot {}", batch.through_slot))?;
        self.metrics.wrote(applied.instructions, applied.rows, applied.quarantined);
        Ok(applied)
    }

    async fn try_apply(
        &self,
        placed: &[Placed],
        batch: &Batch,
        reads: &[AccountRead],
        tip: Tip,
        careful: bool,
    ) -> Result<Applied, Fault> {
        let through_slot = batch.through_slot;
        let mut tx = self.pool.begin().await?;
        // One writer at a time, whatever is started twice.
        let cursor =
            sqlx::query("SELECT slot, read_order FROM cursor FOR UPDATE").fetch_one(&mut *tx).await?;
        let read_order: i64 = cursor.try_get("read_order")?;
        let reads: HashMap<String, &AccountRead> =
            reads.iter().map(|read| (read.address.to_string(), read)).collect();
        let mut work = Work::new(tx, reads, read_order + 1, self.rent_lamports_per_byte, careful);

        work.quarantine_undecoded(placed, &batch.unreadable);
        let new = work.insert_instructions(placed).await?;
        for placed in placed {
            let Ok(decoded) = &placed.decoded else { continue };
            if new.contains(&(placed.ix.signature.clone(), placed.ix.path.clone())) {
                work.run(decoded, &placed.ix).await?;
            }
        }
        work.flush_entries().await?;
        work.flush_progress().await?;
        work.write_accounts().await?;
        let reread_from = work.check_pages(placed).await?;
        work.check_rewards();
        let instructions = new.len() as u64;
        work.finish_feed(instructions, through_slot).await?;
        let (mut tx, rows) = work.flush_rest().await?;

        sqlx::query(
            "UPDATE cursor SET slot = GREATEST(slot, $1), tip_slot = $2, read_order = read_order + 1,
                    finalised_slot = GREATEST(finalised_slot, LEAST($1, $3)) , updated_at = now()",
        )
        .bind(through_slot as i64)
        .bind(tip.confirmed as i64)
        // What was final before we read it needs no second look.
        .bind(if through_slot <= tip.finalised { through_slot as i64 } else { 0 })
        .execute(&mut *tx)
        .await?;
        let quarantined: i64 = sqlx::query_scalar("SELECT count(*) FROM quarantine WHERE NOT resolved")
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Applied { instructions, rows, quarantined: quarantined as u64, reread_from })
    }
}
