//! The live feed: what the API hands to its WebSockets, written with the rows that it is about.

use lottery_interface::{
    Source,
    accounts::{Lottery, Round},
    kinds::{LotteryStatus, RoundStatus, VoidReason},
};
use lottery_rules::picks;
use serde_json::{Value, json};
use sqlx::Row;

use super::{
    upsert::columns,
    view::RoundView,
    work::{Fault, Ix, Work},
};

pub const GLOBAL: &str = "global";

/// What decides a round, before and after it does.
fn decided_by(account: &Round) -> Value {
    match Source::from_byte(account.source) {
        Some(Source::Beacon) => {
            json!({ "source": Source::Beacon.name(), "beacon_round": account.beacon_round })
        }
        Some(Source::Oracle) => {
            json!({ "source": Source::Oracle.name(), "event_at": account.event_at, "quorum": account.quorum })
        }
        Some(source) => json!({ "source": source.name(), "target_slot": account.target_slot }),
        None => Value::Null,
    }
}

/// What came true in a market, to be merged into a payload; nothing for other kinds.
pub fn outcome(round: &RoundView) -> Value {
    match round.rules.market() {
        Some(_) => json!({ "winning_outcome": round.outcome }),
        None => json!({}),
    }
}

impl Work<'_> {
    pub fn feed(&mut self, topic: &str, kind: &str, payload: Value, slot: i64) {
        self.outbox.push(columns(json!({ "topic": topic, "kind": kind, "payload": payload, "slot": slot })));
    }

    /// To the topic of the lottery and to everyone.
    pub fn feed_both(&mut self, topic: &str, kind: &str, payload: Value, slot: i64) {
        self.feed(GLOBAL, kind, payload.clone(), slot);
        self.feed(topic, kind, payload, slot);
    }

    /// A round is in a new state. `more` is merged into the payload.
    pub fn feed_round(&mut self, round: &RoundView, status: RoundStatus, more: Value, ix: &Ix) {
        let mut payload = columns(json!({
            "lottery_id": round.lottery_id,
            "round_index": round.index,
            "round": round.address,
            "status": status.name(),
            "entries": round.entered_count,
            "pool_units": round.entered_units.to_string(),
            "slot": ix.slot,
            "at": ix.block_at,
        }));
        if let Some(account) = self.read::<Round>(&round.address) {
            payload.insert("locks_at".into(), account.locks_at.into());
            payload.insert("randomness".into(), decided_by(&account));
        }
        payload.append(&mut columns(more));
        self.feed_both(&round.topic(), "round:state", Value::Object(payload), ix.slot);
    }

    pub fn feed_void(&mut self, round: &RoundView, reason: Option<VoidReason>, ix: &Ix) {
        let more = json!({ "void_reason": reason.map(VoidReason::name) });
        self.feed_round(round, RoundStatus::Void, more, ix);
    }

    pub fn feed_result(&mut self, round: &RoundView, (numbers, bonus): (picks::Picks, u8), ix: &Ix) {
        let mut payload = columns(json!({
            "lottery_id": round.lottery_id,
            "round_index": round.index,
            "round": round.address,
            "kind": round.rules.kind().name(),
            "numbers": picks::numbers(numbers).collect::<Vec<_>>(),
            "bonus": bonus,
            "entries": round.entered_count,
            "pool_units": round.entered_units.to_string(),
            "slot": ix.slot,
            "at": ix.block_at,
        }));
        payload.append(&mut columns(outcome(round)));
        self.feed_both(&round.topic(), "draw:result", Value::Object(payload), ix.slot);
    }

    pub fn feed_lottery_completed(&mut self, lottery_id: i64, slot: i64) {
        let topic = format!("lottery/{lottery_id}");
        self.feed_both(&topic, "lottery:completed", json!({ "lottery_id": lottery_id }), slot);
    }

    /// Lotteries whose account says completed while their row does not yet.
    pub async fn feed_completed(&mut self, rows: Option<&Vec<Value>>) -> Result<(), Fault> {
        let read = rows.into_iter().flatten().filter_map(|row| row["address"].as_str());
        let read: Vec<String> = read.map(str::to_string).collect();
        if read.is_empty() {
            return Ok(());
        }
        let before = sqlx::query(
            "SELECT address FROM lotteries WHERE address = ANY($1) AND status IS DISTINCT FROM 'completed'",
        )
        .bind(&read)
        .fetch_all(self.conn())
        .await?;
        for row in before {
            let address: String = row.try_get("address")?;
            let Some(account) = self.read::<Lottery>(&address) else { continue };
            if account.status == LotteryStatus::Completed as u8 {
                let slot = self.reads.get(&address).map_or(0, |read| read.slot as i64);
                self.feed_lottery_completed(account.id as i64, slot);
            }
        }
        Ok(())
    }

    /// Pools that changed, then the totals.
    pub async fn finish_feed(&mut self, instructions: u64, slot: u64) -> Result<(), Fault> {
        if instructions == 0 {
            return Ok(());
        }
        self.count("instructions", instructions as i64);
        let lotteries: Vec<String> = std::mem::take(&mut self.pools).into_keys().collect();
        if !lotteries.is_empty() {
            self.feed_pools(&lotteries, slot as i64).await?;
        }
        self.feed_totals(slot as i64).await
    }

    async fn feed_pools(&mut self, lotteries: &[String], slot: i64) -> Result<(), Fault> {
        let rows = sqlx::query(
            "SELECT r.lottery_id, r.index, r.address, r.entered_count, r.entered_units::TEXT AS pool_units,
                    COALESCE(l.jackpot_units, 0)::TEXT AS jackpot_units,
                    (SELECT array_agg(p.stake_units::TEXT ORDER BY outcome) FROM outcome_pools p
                     WHERE p.round = r.address) AS stakes,
                    (SELECT array_agg(p.entries ORDER BY outcome) FROM outcome_pools p
                     WHERE p.round = r.address) AS outcome_entries
             FROM lotteries l JOIN LATERAL (
                 SELECT * FROM rounds WHERE rounds.lottery = l.address AND status = 'open' ORDER BY index DESC LIMIT 2
             ) r ON TRUE
             WHERE l.address = ANY($1) ORDER BY r.lottery_id, r.index",
        )
        .bind(lotteries)
        .fetch_all(self.conn())
        .await?;
        for row in rows {
            let id: i64 = row.try_get("lottery_id")?;
            let round: String = row.try_get("address")?;
            let stakes: Option<Vec<String>> = row.try_get("stakes")?;
            let pools = match stakes {
                Some(stakes) => {
                    let entries: Vec<i64> = row.try_get("outcome_entries")?;
                    Some(self.pools_payload(&round, &stakes, &entries).await?)
                }
                None => None,
            };
            let mut payload = columns(json!({
                "lottery_id": id,
                "round_index": row.try_get::<i64, _>("index")?,
                "round": round,
                "entries": row.try_get::<i64, _>("entered_count")?,
                "pool_units": row.try_get::<String, _>("pool_units")?,
                "jackpot_units": row.try_get::<String, _>("jackpot_units")?,
            }));
            if let Some(pools) = pools {
                payload.insert("pools".into(), pools);
            }
            self.feed(&format!("lottery/{id}"), "prize:update", Value::Object(payload), slot);
        }
        Ok(())
    }

    async fn feed_totals(&mut self, slot: i64) -> Result<(), Fault> {
        let by = |work: &Self, total: &str| work.totals.get(total).copied().unwrap_or_default();
        let row = sqlx::query(
            "UPDATE totals SET instructions = instructions + $1, entries = entries + $2,
                    prizes_paid = prizes_paid + $3, refunds_paid = refunds_paid + $4,
                    rounds_drawn = rounds_drawn + $5, rounds_void = rounds_void + $6
             RETURNING jsonb_build_object(
                'entries', entries, 'prizes_paid', prizes_paid, 'refunds_paid', refunds_paid,
                'rounds_drawn', rounds_drawn, 'rounds_void', rounds_void,
                'lotteries', (SELECT count(*) FROM lotteries WHERE closed_at_slot IS NULL),
                'wallets', (SELECT count(*) FROM wallets WHERE closed_at_slot IS NULL),
                'live_rounds', (SELECT count(*) FROM rounds WHERE closed_at_slot IS NULL AND status = 'open')
             )::TEXT AS payload",
        )
        .bind(by(self, "instructions"))
        .bind(by(self, "entries"))
        .bind(by(self, "prizes_paid"))
        .bind(by(self, "refunds_paid"))
        .bind(by(self, "rounds_drawn"))
        .bind(by(self, "rounds_void"))
        .fetch_one(self.conn())
        .await?;
        let payload: String = row.try_get("payload")?;
        let payload = serde_json::from_str(&payload).unwrap_or_default();
        self.feed(GLOBAL, "stats:update", payload, slot);
        Ok(())
    }
}
