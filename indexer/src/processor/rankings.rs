//! The order of a raffle: keys, attempts at it, and the ranks once one is accepted and sorted. What an attempt has counted and
//! sorted is added up from its instructions each time, so that doing it again after slots were taken back counts nothing twice.

use lottery_interface::{
    accounts::{self, RaffleRules, RankedEntry, Ranking, ranking_space},
    address,
    args::{MAX_GROWTH, RANKING_DEPOSIT_LAMPORTS},
    kinds::{PlaceStatus, RankingStatus},
};
use serde_json::{Value, json};
use solana_pubkey::Pubkey;
use sqlx::{Row, postgres::PgRow};

use super::{
    entries::parse,
    kinds::raffle,
    rewards::Done,
    upsert::columns,
    view::{PageView, RoundView},
    work::{Fault, Ix, Work, key, poison},
};
use crate::{
    decoder::{Args, Decoded},
    rows::bytea,
};

/// In `page_counts`: the page is counted.
const COUNTED: i64 = u32::MAX as i64;

/// A row of `rankings`, as far as handlers need it.
struct Attempt {
    address: String,
    slots: i64,
    found: Option<i64>,
    page_count: i64,
    pages_counted: i64,
    is_accepted: bool,
}

impl Attempt {
    fn read(address: &str, row: &PgRow) -> Result<Self, sqlx::Error> {
        let count = |name: &str| row.try_get::<Option<i64>, _>(name);
        Ok(Attempt {
            address: address.to_string(),
            slots: count("slots")?.unwrap_or(0),
            found: count("found")?,
            page_count: count("page_count")?.unwrap_or(0),
            pages_counted: count("pages_counted")?.unwrap_or(0),
            is_accepted: row.try_get::<Option<String>, _>("status")?.as_deref()
                == Some(RankingStatus::Accepted.name()),
        })
    }

    /// As the program has it: it counted too many, or all pages and too few.
    fn is_wrong(&self) -> bool {
        let is_short = self.pages_counted == self.page_count;
        !self.is_accepted && self.found.is_some_and(|n| n > self.slots || (is_short && n < self.slots))
    }
}

impl Work<'_> {
    /// Gives entries `from..to` of a page their keys. Without a seed, `finalise` does once it brings one.
    pub async fn settle_keys(
        &mut self,
        round: &RoundView,
        rules: &RaffleRules,
        page: &PageView,
        (from, to): (i64, i64),
        ix: &Ix,
    ) -> Result<(), Fault> {
        let seed = round.decider.or(raffle::is_first_come(rules).then_some([0; 32]));
        let Some(seed) = seed else { return Ok(()) };
        self.flush_entries().await?;
        let entries = self.unsettled(&page.address, from, to).await?;
        let keys = raffle::keys(rules, &seed, page.sequence as u32, &entries).into_iter();
        let keys: Vec<Value> = keys.map(|(index, key)| json!({ "index": index, "key": key })).collect();
        sqlx::query(
            "UPDATE entries e SET settled_slot = $3, prize_units = 0, key = n.key
             FROM jsonb_populate_recordset(NULL::entries, $1::TEXT::JSONB) n
             WHERE e.page = $2 AND e.index = n.index",
        )
        .bind(Value::from(keys).to_string())
        .bind(&page.address)
        .bind(ix.slot)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    async fn attempt(&mut self, address: &str) -> Result<Attempt, Fault> {
        let row = sqlx::query(
            "SELECT slots, found, page_count, pages_counted, status FROM rankings WHERE address = $1",
        )
        .bind(address)
        .fetch_optional(self.conn())
        .await?;
        match row {
            Some(row) => Ok(Attempt::read(address, &row)?),
            None => poison(format!("ranking {address} was never opened in the record")),
        }
    }

    pub async fn open_ranking(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::OpenRanking { key: threshold, page, index } = decoded.args else {
            return poison("open_ranking without its threshold");
        };
        let (address, submitter) = (key(decoded, "ranking")?, key(decoded, "submitter")?);
        let round = self.round(&key(decoded, "round")?).await?;
        let Some(slots) = round.rules.ranked(round.entered_count) else {
            return poison(format!("round {} is no raffle", round.address));
        };
        let page_count: i64 = sqlx::query_scalar("SELECT count(*) FROM pages WHERE round = $1")
            .bind(&round.address)
            .fetch_one(self.conn())
            .await?;
        let (_, bump) = address::ranking(&parse(&round.address)?, &parse(&submitter)?);
        // Whoever closed one may open another.
        sqlx::query("DELETE FROM rankings WHERE address = $1 AND closed_at_slot IS NOT NULL")
            .bind(&address)
            .execute(self.conn())
            .await?;
        let row = columns(json!({
            "address": address,
            "round": round.address,
            "submitter": submitter,
            "threshold_key": threshold,
            "threshold_page": page,
            "threshold_index": index,
            "deposit_lamports": RANKING_DEPOSIT_LAMPORTS,
            "slots": slots,
            "found": 0,
            "sorted": 0,
            "page_count": page_count,
            "pages_counted": 0,
            "status": size_status(page_count, slots as i64, 0).name(),
            "bump": bump,
            "page_counts": vec![0; page_count as usize],
            "first_slot": ix.slot,
            "account_slot": 0,
            "account_order": 0,
        }));
        self.insert_row("rankings", row).await?;
        self.feed_ranking(&round, &address, "opened", ix);
        Ok(())
    }

    pub async fn grow_ranking(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let attempt = self.attempt(&key(decoded, "ranking")?).await?;
        let grown: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM instructions WHERE ranking = $1 AND name = 'grow_ranking'
               AND (slot, tx_index, ix_index) <= ($2, $3, $4) AND (slot, tx_index, ix_index) > (
                   SELECT slot, tx_index, ix_index FROM instructions WHERE ranking = $1 AND name = 'open_ranking'
                     AND (slot, tx_index, ix_index) <= ($2, $3, $4)
                   ORDER BY slot DESC, tx_index DESC, ix_index DESC LIMIT 1)",
        )
        .bind(&attempt.address)
        .bind(ix.slot)
        .bind(ix.tx_index)
        .bind(ix.ix_index)
        .fetch_one(self.conn())
        .await?;
        let status = size_status(attempt.page_count, attempt.slots, grown);
        let change = columns(json!({ "status": status.name() }));
        self.update_row("rankings", &attempt.address, change, ix).await?;
        Ok(())
    }

    /// What an attempt has found: of each page the entries up to where it is counted. NULL where a key is not known.
    pub async fn count_ranking(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        self.flush_entries().await?;
        self.flush_progress().await?;
        let (address, round) = (key(decoded, "ranking")?, key(decoded, "round")?);
        let row = sqlx::query(
            "WITH counted AS (
                 SELECT i.page, sum((i.args->>'limit')::BIGINT)::BIGINT AS upto FROM instructions i
                 WHERE i.ranking = $1 AND i.name = 'count_ranking' AND (i.slot, i.tx_index, i.ix_index) <= ($2, $3, $4)
                   AND (i.slot, i.tx_index, i.ix_index) > (
                       SELECT slot, tx_index, ix_index FROM instructions
                       WHERE ranking = $1 AND name = 'open_ranking' AND (slot, tx_index, ix_index) <= ($2, $3, $4)
                       ORDER BY slot DESC, tx_index DESC, ix_index DESC LIMIT 1)
                 GROUP BY i.page
             ), places AS (
                 SELECT p.address, p.sequence, COALESCE(c.upto, 0) AS upto,
                        c.upto IS NOT NULL AND c.upto >= p.record_count AS done
                 FROM pages p LEFT JOIN counted c ON c.page = p.address WHERE p.round = $5
             ), found AS (
                 SELECT count(*) FILTER (
                            WHERE (e.key, e.page_sequence, e.index) <= (r.threshold_key, r.threshold_page, r.threshold_index)
                        ) AS n, count(*) FILTER (WHERE e.key IS NULL) AS unknown
                 FROM rankings r, places p JOIN entries e ON e.page = p.address AND e.index < p.upto
                 WHERE r.address = $1
             )
             SELECT array_agg(CASE WHEN p.done THEN $6 ELSE p.upto END ORDER BY p.sequence) AS page_counts,
                    count(*) FILTER (WHERE p.done) AS pages_counted,
                    (SELECT CASE WHEN unknown = 0 THEN n END FROM found) AS found
             FROM places p",
        )
        .bind(&address)
        .bind(ix.slot)
        .bind(ix.tx_index)
        .bind(ix.ix_index)
        .bind(&round)
        .bind(COUNTED)
        .fetch_one(self.conn())
        .await?;
        let attempt = self.attempt(&address).await?;
        // It stops at one too many.
        let found: Option<i64> = row.try_get("found")?;
        let change = json!({
            "page_counts": row.try_get::<Option<Vec<i64>>, _>("page_counts")?,
            "pages_counted": row.try_get::<i64, _>("pages_counted")?,
            "found": found.map(|found| found.min(attempt.slots + 1)),
        });
        self.update_row("rankings", &address, columns(change), ix).await?;
        Ok(())
    }

    /// Whatever was known of its count: the program accepts only what counts right.
    pub async fn accept_ranking(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let round = self.round(&key(decoded, "round")?).await?;
        let attempt = self.attempt(&key(decoded, "ranking")?).await?;
        if attempt.found.is_some_and(|found| found != attempt.slots) {
            let reason = format!(
                "a ranking of {} was accepted, by the record {:?} are up to its threshold",
                attempt.slots, attempt.found
            );
            self.mismatch(Some(ix), &attempt.address, ix.slot, reason);
        }
        let change = json!({
            "status": RankingStatus::Accepted.name(),
            "found": attempt.slots,
            "pages_counted": attempt.page_count,
            "page_counts": vec![COUNTED; attempt.page_count as usize],
            "deposit_lamports": 0,
        });
        self.update_row("rankings", &attempt.address, columns(change), ix).await?;
        let change = columns(json!({ "ranking": &attempt.address }));
        self.update_row("rounds", &round.address, change, ix).await?;
        self.done = Done { steps: 1 + attempt.page_count as u64, items: 0 };
        self.feed_ranking(&round, &attempt.address, "accepted", ix);
        Ok(())
    }

    pub async fn sort_ranking(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::SortRanking { places } = &decoded.args else {
            return poison("sort_ranking without places");
        };
        let round = self.round(&key(decoded, "round")?).await?;
        let attempt = self.attempt(&key(decoded, "ranking")?).await?;
        let sorted: i64 = sqlx::query_scalar(
            "SELECT COALESCE(sum(jsonb_array_length(args->'places')), 0)::BIGINT FROM instructions
             WHERE ranking = $1 AND name = 'sort_ranking' AND (slot, tx_index, ix_index) <= ($2, $3, $4)",
        )
        .bind(&attempt.address)
        .bind(ix.slot)
        .bind(ix.tx_index)
        .bind(ix.ix_index)
        .fetch_one(self.conn())
        .await?;
        let change = columns(json!({ "sorted": sorted }));
        self.update_row("rankings", &attempt.address, change, ix).await?;
        let is_sorted = sorted == attempt.slots;
        self.done = Done { steps: is_sorted as u64, items: places.len() as u64 };
        if !is_sorted {
            return Ok(());
        }
        self.write_ranked(&round).await?;
        let mut change = json!({ "is_ranked": true });
        if let Some(last) = self.last_ranked(&round.address).await? {
            let mut result = [0; 32];
            result[..8].copy_from_slice(&last.key.to_le_bytes());
            result[8..12].copy_from_slice(&last.page.to_le_bytes());
            result[12..16].copy_from_slice(&last.index.to_le_bytes());
            change["threshold_key"] = last.key.into();
            change["threshold_page"] = last.page.into();
            change["threshold_index"] = last.index.into();
            change["result"] = bytea(&result).into();
        }
        self.update_row("rounds", &round.address, columns(change), ix).await?;
        self.feed_ranking(&round, &attempt.address, "ranked", ix);
        Ok(())
    }

    /// The ranks of a sorted raffle: from the keys or, where no seed told these, from the ranking's account.
    pub async fn write_ranked(&mut self, round: &RoundView) -> Result<(), Fault> {
        let Some(slots) = round.rules.ranked(round.entered_count) else { return Ok(()) };
        self.flush_entries().await?;
        let unknown: i64 =
            sqlx::query_scalar("SELECT count(*) FROM entries WHERE round = $1 AND key IS NULL")
                .bind(&round.address)
                .fetch_one(self.conn())
                .await?;
        if unknown == 0 {
            sqlx::query(
                "INSERT INTO ranked_entries (round, rank, page, index, key)
                 SELECT $1, row_number() OVER (ORDER BY key, page_sequence, index) - 1, page_sequence, index, key
                 FROM entries WHERE round = $1 ORDER BY key, page_sequence, index LIMIT $2
                 ON CONFLICT (round, rank) DO UPDATE SET page = EXCLUDED.page, index = EXCLUDED.index, key = EXCLUDED.key",
            )
            .bind(&round.address)
            .bind(slots as i64)
            .execute(self.conn())
            .await?;
        } else if let Some(ranked) = self.read_ranked(&round.address) {
            let rows = ranked
                .iter()
                .enumerate()
                .map(|(rank, at)| json!({ "rank": rank, "page": at.page, "index": at.index, "key": at.key }));
            sqlx::query(
                "INSERT INTO ranked_entries (round, rank, page, index, key)
                 SELECT $1, rank, page, index, key FROM jsonb_populate_recordset(NULL::ranked_entries, $2::TEXT::JSONB)
                 ON CONFLICT DO NOTHING",
            )
            .bind(&round.address)
            .bind(rows.collect::<Value>().to_string())
            .execute(self.conn())
            .await?;
        }
        sqlx::query(
            "UPDATE entries e SET rank = k.rank, place_status = k.status, key = k.key FROM ranked_entries k
             WHERE e.round = $1 AND k.round = $1 AND (e.page_sequence, e.index) = (k.page, k.index)",
        )
        .bind(&round.address)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    async fn last_ranked(&mut self, round: &str) -> Result<Option<RankedEntry>, Fault> {
        let row = sqlx::query(
            "SELECT key::TEXT AS key, page, index FROM ranked_entries WHERE round = $1 ORDER BY rank DESC LIMIT 1",
        )
        .bind(round)
        .fetch_optional(self.conn())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let key: Option<String> = row.try_get("key")?;
        Ok(key.and_then(|key| key.parse().ok()).map(|key| RankedEntry {
            key,
            page: row.try_get::<i64, _>("page").unwrap_or_default() as u32,
            index: row.try_get::<i64, _>("index").unwrap_or_default() as u32,
            offered_until: 0,
            status: PlaceStatus::Initial as u8,
            reserved: [0; 7],
        }))
    }

    /// The ranks of a round as a ranking's account says, when it was read sorted.
    fn read_ranked(&self, round: &str) -> Option<Vec<RankedEntry>> {
        let round: Pubkey = round.parse().ok()?;
        self.reads.keys().find_map(|address| {
            let account = self.read::<Ranking>(address)?;
            let is_sorted =
                account.status == RankingStatus::Accepted as u8 && account.sorted == account.slots;
            if account.round != round.to_bytes() || !is_sorted {
                return None;
            }
            Some(accounts::ranked_entries(self.reads.get(address)?.data.as_deref()?).collect())
        })
    }

    /// A wrong attempt leaves its deposit to the round's rewards, as long as there is a round.
    pub async fn close_ranking(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let mut round = self.round(&key(decoded, "round")?).await?;
        let attempt = self.attempt(&key(decoded, "ranking")?).await?;
        let lives: bool = sqlx::query_scalar("SELECT closed_at_slot IS NULL FROM rounds WHERE address = $1")
            .bind(&round.address)
            .fetch_one(self.conn())
            .await?;
        if lives && attempt.is_wrong() {
            let lost = RANKING_DEPOSIT_LAMPORTS;
            sqlx::query("UPDATE instructions SET lost_lamports = $3 WHERE signature = $1 AND path = $2")
                .bind(&ix.signature)
                .bind(&ix.path)
                .bind(lost as i64)
                .execute(self.conn())
                .await?;
            sqlx::query(
                "UPDATE rounds SET lost_deposits_lamports = lost_deposits_lamports + $2 WHERE address = $1",
            )
            .bind(&round.address)
            .bind(lost as i64)
            .execute(self.conn())
            .await?;
            round.rewards.reserve_lamports = round.rewards.reserve_lamports.saturating_add(lost);
            self.rounds.insert(round.address.clone(), round.clone());
        }
        self.close_row("rankings", decoded, "ranking", ix).await?;
        let state = if attempt.is_wrong() { "refused" } else { "closed" };
        self.feed_ranking(&round, &attempt.address, state, ix);
        Ok(())
    }

    /// Every ranking of this batch that was read: the ranks that it holds, and until when places are offered.
    pub async fn compare_rankings(&mut self) -> Result<(), Fault> {
        let read: Vec<(String, i64, Ranking)> = self
            .reads
            .iter()
            .filter_map(|(address, read)| {
                Some((address.clone(), read.slot as i64, self.read::<Ranking>(address)?))
            })
            .collect();
        for (address, slot, account) in read {
            let round = Pubkey::new_from_array(account.round).to_string();
            let Some(ranked) =
                self.read_ranked(&round).filter(|_| account.status == RankingStatus::Accepted as u8)
            else {
                continue;
            };
            let rows = ranked.iter().enumerate().map(|(rank, at)| {
                json!({
                    "rank": rank,
                    "page": at.page,
                    "index": at.index,
                    "key": at.key,
                    "offered_until": at.offered_until,
                })
            });
            let rows = rows.collect::<Value>().to_string();
            let others: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM ranked_entries k
                 JOIN jsonb_populate_recordset(NULL::ranked_entries, $2::TEXT::JSONB) n ON n.rank = k.rank
                 WHERE k.round = $1 AND (k.page, k.index) <> (n.page, n.index)",
            )
            .bind(&round)
            .bind(&rows)
            .fetch_one(self.conn())
            .await?;
            if others > 0 {
                let reason = format!("{others} ranks do not follow from the entries of the record");
                self.mismatch(None, &address, slot, reason);
            }
            sqlx::query(
                "UPDATE ranked_entries k SET offered_until = n.offered_until
                 FROM jsonb_populate_recordset(NULL::ranked_entries, $2::TEXT::JSONB) n
                 WHERE k.round = $1 AND k.rank = n.rank AND n.offered_until <> 0 AND k.offered_until <> n.offered_until",
            )
            .bind(&round)
            .bind(&rows)
            .execute(self.conn())
            .await?;
        }
        Ok(())
    }

    fn feed_ranking(&mut self, round: &RoundView, ranking: &str, state: &str, ix: &Ix) {
        let payload = json!({
            "lottery_id": round.lottery_id,
            "round_index": round.index,
            "round": round.address,
            "ranking": ranking,
            "state": state,
            "ranked": round.rules.ranked(round.entered_count),
            "signature": ix.signature,
            "slot": ix.slot,
            "at": ix.block_at,
        });
        self.feed_both(&round.topic(), "ranking:state", payload, ix.slot);
    }
}

/// Whether an attempt that grew so often has its size.
fn size_status(page_count: i64, slots: i64, grown: i64) -> RankingStatus {
    if ranking_space(page_count as u32, slots as u32) <= MAX_GROWTH * (1 + grown as usize) {
        RankingStatus::Counting
    } else {
        RankingStatus::Growing
    }
}
