//! What becomes of the ranks of a final raffle: places taken, offers that lapsed, the next who waits, prizes.

use lottery_interface::kinds::PlaceStatus;
use serde_json::json;
use sqlx::Row;

use super::{
    kinds::raffle,
    rewards::Done,
    upsert::columns,
    view::RoundView,
    work::{Fault, Ix, Work, key, poison},
};
use crate::decoder::{Args, Decoded};

/// The entry that has a rank.
struct Ranked {
    page: i64,
    index: i64,
    status: String,
}

impl Work<'_> {
    pub async fn confirm_place(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::Rank(rank) = decoded.args else { return poison("confirm_place without a rank") };
        let round = self.round(&key(decoded, "round")?).await?;
        self.set_place(&round, rank as i64, PlaceStatus::Taken, ix).await?;
        self.count_places(&round, ix).await
    }

    /// A prize, an offer that lapsed, or a wait in vain: the rules and what the rank was offered tell which.
    pub async fn resolve_places(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::Ranks(ranks) = &decoded.args else { return poison("resolve_places without ranks") };
        let round = self.round(&key(decoded, "round")?).await?;
        let Some(rules) = round.rules.raffle() else {
            return poison(format!("round {} is no raffle", round.address));
        };
        let capacity = rules.capacity;
        for rank in ranks {
            let rank = *rank as i64;
            let place = self.ranked(&round, rank, ix).await?;
            let was_offered = rank < capacity as i64 || place.status == PlaceStatus::Promoted.name();
            let status = match (rules.prize_count, was_offered) {
                (1.., _) => PlaceStatus::Taken,
                (0, true) => PlaceStatus::Lapsed,
                (0, false) => PlaceStatus::Released,
            };
            self.set_place(&round, rank, status, ix).await?;
        }
        self.done = Done { steps: 0, items: ranks.len() as u64 };
        self.count_places(&round, ix).await
    }

    pub async fn promote_place(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::Rank(rank) = decoded.args else { return poison("promote_place without a rank") };
        let round = self.round(&key(decoded, "round")?).await?;
        self.set_place(&round, rank as i64, PlaceStatus::Promoted, ix).await?;
        self.done = Done { steps: 0, items: 1 };
        self.count_places(&round, ix).await
    }

    /// The entry of a rank. Of a round whose keys nobody knows here, what the program logged tells it.
    async fn ranked(&mut self, round: &RoundView, rank: i64, ix: &Ix) -> Result<Ranked, Fault> {
        let logged = ix.places_changed().into_iter().find(|event| {
            event.lottery_id == round.lottery_id as u64
                && event.round_index == round.index as u64
                && event.rank as i64 == rank
        });
        if let Some(event) = logged {
            sqlx::query(
                "INSERT INTO ranked_entries (round, rank, page, index) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            )
            .bind(&round.address)
            .bind(rank)
            .bind(event.page_sequence as i64)
            .bind(event.index as i64)
            .execute(self.conn())
            .await?;
        }
        let row =
            sqlx::query("SELECT page, index, status FROM ranked_entries WHERE (round, rank) = ($1, $2)")
                .bind(&round.address)
                .bind(rank)
                .fetch_optional(self.conn())
                .await?;
        let Some(row) = row else {
            return poison(format!("nobody is known to have rank {rank} of round {}", round.address));
        };
        let found = Ranked {
            page: row.try_get("page")?,
            index: row.try_get("index")?,
            status: row.try_get("status")?,
        };
        if logged.is_some_and(|e| (e.page_sequence as i64, e.index as i64) != (found.page, found.index)) {
            let reason = format!("rank {rank} does not follow from the entries of the record");
            self.mismatch(Some(ix), &round.address, ix.slot, reason);
        }
        Ok(found)
    }

    /// A rank is in a new state.
    async fn set_place(
        &mut self,
        round: &RoundView,
        rank: i64,
        status: PlaceStatus,
        ix: &Ix,
    ) -> Result<(), Fault> {
        let Some(rules) = round.rules.raffle() else {
            return poison(format!("round {} is no raffle", round.address));
        };
        let place = self.ranked(round, rank, ix).await?;
        let is_offer = status == PlaceStatus::Promoted;
        let until =
            ix.block_at.filter(|_| is_offer).map(|at| at.saturating_add(rules.confirm_seconds as i64));
        sqlx::query(
            "UPDATE ranked_entries SET status = $3, offered_until = COALESCE($4, offered_until),
                    promoted_slot = CASE WHEN $5 THEN $6 ELSE promoted_slot END,
                    resolved_slot = CASE WHEN $5 THEN resolved_slot ELSE $6 END
             WHERE (round, rank) = ($1, $2)",
        )
        .bind(&round.address)
        .bind(rank)
        .bind(status.name())
        .bind(until)
        .bind(is_offer)
        .bind(ix.slot)
        .execute(self.conn())
        .await?;
        let confirmed = status == PlaceStatus::Taken && rules.prize_count == 0;
        let wallet: Option<String> = sqlx::query_scalar(
            "UPDATE entries e SET rank = $4, place_status = $5, tier = $6, paid = e.paid OR $7,
                    prize_units = COALESCE(r.prize_each_units[$6], 0)
             FROM rounds r WHERE r.address = $1 AND e.round = $1 AND e.page_sequence = $2 AND e.index = $3
             RETURNING e.wallet",
        )
        .bind(&round.address)
        .bind(place.page)
        .bind(place.index)
        .bind(rank)
        .bind(status.name())
        .bind(raffle::tier(rules, rank as u64, status) as i16)
        .bind(confirmed)
        .fetch_optional(self.conn())
        .await?;
        let Some(wallet) = wallet else {
            return poison(format!("rank {rank} of round {} is no entry of the record", round.address));
        };
        let payload = json!({
            "lottery_id": round.lottery_id,
            "round_index": round.index,
            "round": round.address,
            "rank": rank,
            "page_sequence": place.page,
            "index": place.index,
            "wallet": wallet,
            "status": status.name(),
            "offered_until": until,
            "signature": ix.signature,
            "slot": ix.slot,
            "at": ix.block_at,
        });
        self.feed_both(&round.topic(), "place:changed", payload, ix.slot);
        Ok(())
    }

    /// How the places stand, counted from the ranks.
    async fn count_places(&mut self, round: &RoundView, ix: &Ix) -> Result<(), Fault> {
        if round.rules.raffle().is_none_or(|rules| rules.prize_count != 0) {
            return Ok(());
        }
        let row = sqlx::query(
            "SELECT count(*) FILTER (WHERE status = 'taken') AS taken, count(*) FILTER (WHERE status = 'lapsed') AS lapsed,
                    count(*) FILTER (WHERE promoted_slot IS NOT NULL) AS promoted
             FROM ranked_entries WHERE round = $1",
        )
        .bind(&round.address)
        .fetch_one(self.conn())
        .await?;
        let taken: i64 = row.try_get("taken")?;
        let change = json!({
            "taken": taken,
            "lapsed": row.try_get::<i64, _>("lapsed")?,
            "promoted": row.try_get::<i64, _>("promoted")?,
            "winners_total": taken,
            "winners_paid": taken,
        });
        self.update_row("rounds", &round.address, columns(change), ix).await?;
        Ok(())
    }
}
