//! Prizes and refunds: which items of a batch were credited, and how much.

use std::collections::{HashMap, HashSet};

use lottery_interface::{
    accounts::Round,
    kinds::{PlaceStatus, RoundStatus, VoidReason},
    tags,
};
use lottery_rules::{raffle::penalty, refund::refund};
use serde_json::{Value, json};
use sqlx::Row;

use super::{
    rewards::Done,
    view::{PageView, RoundView},
    work::{Fault, Ix, Work, key, number, poison},
};
use crate::decoder::{Args, BatchItem, Decoded};

/// An entry of the batch.
struct Entered {
    wallet: String,
    tier: i16,
    /// A raffle's offer that nobody confirmed: it costs a part of the fee.
    lapsed: bool,
    done: bool,
    stake_units: u64,
    prize_units: Option<u64>,
}

/// What comes back to the entries of a round without prizes.
struct Refunds {
    bonus_each_units: u64,
    is_slashed: bool,
    compensation_cap_bps: u16,
    /// Raffles: of an offer that lapsed.
    penalty_bps: u16,
}

impl Work<'_> {
    /// `pay` or `refund`: as the program does, items already done and items of closed wallets are passed over.
    pub async fn credit(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::Items(items) = &decoded.args else { return poison("a batch without items") };
        let is_refund = decoded.tag == tags::REFUND;
        self.flush_entries().await?;
        let mut round = self.round(&key(decoded, "round")?).await?;
        if is_refund && round.status == RoundStatus::Open.name() {
            // Nothing else voids a round in silence.
            self.void(round.clone(), Some(VoidReason::Paused), false, ix).await?;
            round.status = RoundStatus::Void.name().into();
        }
        let page = self.page(&key(decoded, "page")?).await?;
        let mut entries = self.entered(&page, items, is_refund).await?;
        let wallets: Vec<String> = decoded.rest().iter().map(|key| key.to_string()).collect();
        let closed = self.closed_wallets(&wallets).await?;
        let refunds = self.refunds(&round).await?;

        let mut rows = Vec::new();
        let (mut total, mut known) = (0u64, true);
        for (place, item) in items.iter().enumerate() {
            let Some(entry) = entries.get_mut(&(item.index as i64)) else {
                return poison(format!("entry {} of page {} is not in the record", item.index, page.address));
            };
            if entry.done || closed.contains(&entry.wallet) {
                continue;
            }
            entry.done = true;
            let amount = if is_refund { refunds.units(entry) } else { entry.prize_units };
            total = total.saturating_add(amount.unwrap_or(0));
            known &= amount.is_some();
            rows.push(payment_row(&round, &page, entry, item, place, amount, is_refund, ix));
        }
        let count = rows.len();
        self.check_paid(&round, count, known.then_some(total), ix);
        self.write_payments(&page, rows, is_refund).await?;
        self.done = Done { steps: 0, items: count as u64 };
        self.count(if is_refund { "refunds_paid" } else { "prizes_paid" }, count as i64);
        Ok(())
    }

    async fn entered(
        &mut self,
        page: &PageView,
        items: &[BatchItem],
        refund: bool,
    ) -> Result<HashMap<i64, Entered>, Fault> {
        let indexes: Vec<i64> = items.iter().map(|item| item.index as i64).collect();
        let rows = sqlx::query(
            "SELECT index, wallet, tier, place_status, paid, refunded, stake_units::TEXT AS stake_units,
                    prize_units::TEXT AS prize_units
             FROM entries WHERE page = $1 AND index = ANY($2)",
        )
        .bind(&page.address)
        .bind(indexes)
        .fetch_all(self.conn())
        .await?;
        let mut entries = HashMap::new();
        for row in rows {
            let tier: i16 = row.try_get("tier")?;
            let entry = Entered {
                wallet: row.try_get("wallet")?,
                tier: if refund { 0 } else { tier },
                lapsed: row.try_get::<Option<String>, _>("place_status")?.as_deref()
                    == Some(PlaceStatus::Lapsed.name()),
                done: row.try_get(if refund { "refunded" } else { "paid" })?,
                stake_units: number(row.try_get("stake_units")?),
                // A prize without a tier: the result is unknown, so the amount is too.
                prize_units: row
                    .try_get::<Option<String>, _>("prize_units")?
                    .filter(|_| tier > 0)
                    .and_then(|units| units.parse().ok()),
            };
            entries.insert(row.try_get("index")?, entry);
        }
        Ok(entries)
    }

    async fn closed_wallets(&mut self, wallets: &[String]) -> Result<HashSet<String>, Fault> {
        let closed = sqlx::query_scalar(
            "SELECT address FROM wallets WHERE address = ANY($1) AND closed_at_slot IS NOT NULL",
        )
        .bind(wallets)
        .fetch_all(self.conn())
        .await?;
        Ok(closed.into_iter().collect())
    }

    /// From the account when it was read in a last state, else from the row that the record made.
    async fn refunds(&mut self, round: &RoundView) -> Result<Refunds, Fault> {
        let last = [RoundStatus::Final as u8, RoundStatus::Void as u8];
        let penalty_bps = round.rules.raffle().map_or(0, |rules| rules.penalty_bps);
        let account = self.read::<Round>(&round.address).filter(|account| last.contains(&account.status));
        if let Some(account) = account {
            return Ok(Refunds {
                bonus_each_units: account.bonus_each_units,
                is_slashed: account.slashed_units > 0,
                compensation_cap_bps: account.compensation_cap_bps,
                penalty_bps,
            });
        }
        let row = sqlx::query(
            "SELECT bonus_each_units::TEXT AS bonus_each, COALESCE(slashed_units > 0, FALSE) AS is_slashed,
                    compensation_cap_bps
             FROM rounds WHERE address = $1",
        )
        .bind(&round.address)
        .fetch_one(self.conn())
        .await?;
        Ok(Refunds {
            bonus_each_units: number(row.try_get("bonus_each")?),
            is_slashed: row.try_get("is_slashed")?,
            compensation_cap_bps: row.try_get::<Option<i32>, _>("compensation_cap_bps")?.unwrap_or(0) as u16,
            penalty_bps,
        })
    }

    /// Compares with what the program logged, when it did.
    fn check_paid(&mut self, round: &RoundView, items: usize, total: Option<u64>, ix: &Ix) {
        let Some(paid) = ix.paid() else { return };
        if paid.items as usize != items || total.is_some_and(|total| total != paid.amount_units) {
            let reason = format!(
                "{items} items of {total:?} base units follow from the record, the program credited {} of {}",
                paid.items, paid.amount_units
            );
            self.mismatch(Some(ix), &round.address, ix.slot, reason);
        }
    }

    async fn write_payments(&mut self, page: &PageView, rows: Vec<Value>, refund: bool) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        let indexes: Vec<i64> = rows.iter().filter_map(|row| row["index"].as_i64()).collect();
        self.rows += rows.len() as u64;
        sqlx::query(
            "INSERT INTO payments SELECT * FROM jsonb_populate_recordset(NULL::payments, $1::TEXT::JSONB)",
        )
        .bind(Value::from(rows).to_string())
        .execute(self.conn())
        .await?;
        let sql = match refund {
            true => "UPDATE entries SET refunded = TRUE WHERE page = $1 AND index = ANY($2)",
            false => "UPDATE entries SET paid = TRUE WHERE page = $1 AND index = ANY($2)",
        };
        sqlx::query(sql).bind(&page.address).bind(indexes).execute(self.conn()).await?;
        Ok(())
    }
}

impl Refunds {
    fn units(&self, entry: &Entered) -> Option<u64> {
        let stake = entry.stake_units;
        if entry.lapsed {
            return stake.checked_sub(penalty(stake, self.penalty_bps)?);
        }
        refund(stake, self.bonus_each_units, self.is_slashed, self.compensation_cap_bps)
    }
}

#[allow(clippy::too_many_arguments)]
fn payment_row(
    round: &RoundView,
    page: &PageView,
    entry: &Entered,
    item: &BatchItem,
    place: usize,
    amount: Option<u64>,
    refund: bool,
    ix: &Ix,
) -> Value {
    json!({
        "signature": ix.signature,
        "path": ix.path,
        "item": place,
        "kind": if refund { "refund" } else { "prize" },
        "page": page.address,
        "index": item.index,
        "round": round.address,
        "lottery_id": round.lottery_id,
        "round_index": round.index,
        "wallet": entry.wallet,
        "tier": entry.tier,
        "amount_units": amount,
        "slot": ix.slot,
        "paid_at": ix.block_at,
    })
}
