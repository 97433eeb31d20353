//! The last state of pages and rounds. Their accounts are gone when the record says that they were closed, and may have
//! changed after the last read, so everything that follows from the record is computed from it.

use lottery_interface::kinds::RoundStatus;
use serde_json::{Value, json};
use sqlx::Row;

use super::{
    upsert::columns,
    work::{Fault, Ix, Work, key, number},
};
use crate::{decoder::Decoded, rows::bytea};

impl Work<'_> {
    pub async fn close_page(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        self.flush_entries().await?;
        let page = self.page(&key(decoded, "page")?).await?;
        let round = self.round(&key(decoded, "round")?).await?;
        let row = sqlx::query(
            "SELECT count(*) FILTER (WHERE paid) AS paid, count(*) FILTER (WHERE refunded) AS refunded,
                    count(*) FILTER (WHERE tier > 0) AS winners, count(*) FILTER (WHERE tier = 1) AS taken, sum(prize_units)::TEXT AS prizes,
                    (SELECT array_agg((SELECT count(*) FROM entries WHERE page = $1 AND tier = t) ORDER BY t)
                     FROM generate_series(1, 16) t) AS tier_winners
             FROM entries WHERE page = $1",
        )
        .bind(&page.address)
        .fetch_one(self.conn())
        .await?;
        let mut change = json!({
            "count": page.count,
            "digest": bytea(&page.digest),
            "cash_units": 0,
            "liability_units": page.liability_units,
            "prizes_units": number::<u64>(row.try_get("prizes")?),
            "settle_cursor": page.settled,
            "status": if page.settled == page.count { "settled" } else { "sealed" },
            "winners": row.try_get::<i64, _>("winners")?,
            "paid": row.try_get::<i64, _>("paid")?,
            "refunded": row.try_get::<i64, _>("refunded")?,
            "tier_winners": row.try_get::<Vec<i64>, _>("tier_winners")?,
        });
        if round.rules.raffle().is_some() {
            // Its prizes are paid by rank, and no tier is counted.
            change["prizes_units"] = 0.into();
            change["tier_winners"] = vec![0; 16].into();
            if round.rules.raffle().is_some_and(|rules| rules.prize_count == 0) {
                change["winners"] = row.try_get::<i64, _>("taken")?.into();
            }
        }
        self.update_row("pages", &page.address, columns(change), ix).await?;
        self.close_row("pages", decoded, "page", ix).await
    }

    pub async fn close_round(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        self.flush_entries().await?;
        let round = self.round(&key(decoded, "round")?).await?;
        let winners = self.winners(&round.address).await?;
        let digest = self.sealed_digest(&round.address).await?;
        // What the pages say of themselves.
        self.flush_progress().await?;
        let counted = sqlx::query(
            "SELECT (SELECT count(*) FROM pages WHERE round = $1) AS pages,
                    (SELECT COALESCE(sum(capacity), 0)::BIGINT FROM pages WHERE round = $1) AS allotted,
                    (SELECT count(*) FROM pages WHERE round = $1 AND status = 'settled') AS settled,
                    (SELECT sum(budget_units) FROM pages WHERE round = $1)::TEXT AS budget,
                    (SELECT sum(record_liability_units) FROM pages WHERE round = $1)::TEXT AS liability,
                    (SELECT sum(prize_units) FROM entries WHERE round = $1)::TEXT AS prizes,
                    (SELECT count(*) FROM entries WHERE round = $1 AND paid) AS paid,
                    (SELECT count(*) FROM entries WHERE round = $1 AND refunded) AS refunded,
                    (SELECT count(*) FROM instructions WHERE round = $1 AND name = 'retime_round') AS retimes,
                    (SELECT max(slot) FROM instructions WHERE round = $1
                        AND name IN ('finalise', 'void_round')) AS last_slot,
                    account_slot, final_at, claim_seconds, expired, bonus_each_units::TEXT AS bonus_each
             FROM rounds WHERE address = $1",
        )
        .bind(&round.address)
        .fetch_one(self.conn())
        .await?;
        // Read in its last state: nothing of it can be missing.
        let seen = counted.try_get::<i64, _>("account_slot")?
            >= counted.try_get::<Option<i64>, _>("last_slot")?.unwrap_or(i64::MAX);
        let units = |name: &str| counted.try_get::<Option<String>, _>(name).map(number::<u64>);
        let paid: i64 = counted.try_get("paid")?;
        let mut change = columns(json!({
            "page_count": counted.try_get::<i64, _>("pages")?,
            "pages_sealed": counted.try_get::<i64, _>("pages")?,
            "pages_settled": counted.try_get::<i64, _>("settled")?,
            "pages_closed": counted.try_get::<i64, _>("pages")?,
            "entries_allotted": counted.try_get::<i64, _>("allotted")?,
            "entries": round.entered_count,
            "pool_units": Value::from(round.entered_units.to_string()),
            "budget_units": units("budget")?,
            "liability_units": units("liability")?,
            "cash_units": 0,
            "sealed_digest": bytea(&digest),
            "winners_paid": paid,
            "refunded": counted.try_get::<i64, _>("refunded")?,
            "retimes": counted.try_get::<i64, _>("retimes")?,
            "incomplete": !seen,
        }));
        if round.decider.is_some() || round.status != RoundStatus::Final.name() {
            change.insert("winners".into(), winners.to_vec().into());
            change.insert("winners_total".into(), winners.iter().sum::<u64>().into());
            // In a market it is all but the fee, with what rounding leaves: `finalise` has said it.
            if round.rules.market().is_none() {
                change.insert("prizes_units".into(), units("prizes")?.into());
            }
        } else if !counted.try_get::<Option<bool>, _>("expired")?.unwrap_or(false) {
            // What they won is not known here, but who: a round that owes nothing has paid them all.
            change.insert("winners_total".into(), paid.into());
        }
        if let (Some(rules), Some(ranked)) = (round.rules.raffle(), round.rules.ranked(round.entered_count)) {
            change.remove("prizes_units");
            change.insert("winners".into(), vec![0; 16].into());
            if rules.prize_count != 0 {
                change.insert("winners_total".into(), ranked.into());
            } else {
                let taken = if rules.confirm_seconds == 0 { ranked as i64 } else { paid };
                change.insert("winners_total".into(), taken.into());
                change.insert("winners_paid".into(), taken.into());
            }
            if round.status != RoundStatus::Final.name() {
                change.insert("winners_total".into(), 0.into());
                change.insert("winners_paid".into(), 0.into());
            }
        }
        if !seen {
            let final_at: Option<i64> = counted.try_get("final_at")?;
            let claim: Option<i64> = counted.try_get("claim_seconds")?;
            change.insert("claim_until".into(), final_at.zip(claim).map(|(at, claim)| at + claim).into());
            change.insert("bonus_each_units".into(), units("bonus_each")?.into());
            tracing::warn!(round = round.address, "closed before it was read in its last state: incomplete");
        }
        self.update_row("rounds", &round.address, change, ix).await?;
        self.close_row("rounds", decoded, "round", ix).await
    }
}
