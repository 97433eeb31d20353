//! Stakes on outcomes, what they would pay now, and what they paid.

use lottery_interface::accounts::{self, AccountLayout, Round};
use serde_json::{Value, json};
use sqlx::Row;

use super::{
    kinds::{Book, Outcome, prediction},
    view::RoundView,
    work::{Fault, Work, number, poison},
};

impl Work<'_> {
    /// A ticket on an outcome; written with the progress of its page.
    pub fn stake(&mut self, round: &str, outcome: u8, units: u64) {
        let (stakes, entries) = self.stakes.entry((round.to_string(), outcome)).or_default();
        *stakes += units as u128;
        *entries += 1;
    }

    pub async fn flush_stakes(&mut self) -> Result<(), Fault> {
        if self.stakes.is_empty() {
            return Ok(());
        }
        let stakes = std::mem::take(&mut self.stakes).into_iter().map(|((round, outcome), (units, entries))| {
            json!({ "round": round, "outcome": outcome, "stake_units": units.to_string(), "entries": entries })
        });
        let stakes: Vec<Value> = stakes.collect();
        sqlx::query(
            "UPDATE outcome_pools p SET stake_units = p.stake_units + n.stake_units, entries = p.entries + n.entries
             FROM jsonb_populate_recordset(NULL::outcome_pools, $1::TEXT::JSONB) n
             WHERE (p.round, p.outcome) = (n.round, n.outcome)",
        )
        .bind(Value::from(stakes).to_string())
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// A place for the stakes on each outcome of a new round.
    pub async fn open_pools(&mut self, round: &str, outcomes: u8) -> Result<(), Fault> {
        if outcomes == 0 {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO outcome_pools (round, outcome) SELECT $1, generate_series(0, $2 - 1) ON CONFLICT DO NOTHING",
        )
        .bind(round)
        .bind(outcomes as i32)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// What a round's stakes add up to, with `decider` in place of what came true.
    pub async fn book(&mut self, round: &RoundView, decider: Option<[u8; 32]>) -> Result<Book, Fault> {
        let mut book = Book { pool_units: round.pool_units(), winning_units: None };
        let (Some(_), Some(result)) = (round.rules.market(), decider) else { return Ok(book) };
        self.flush_progress().await?;
        let winning: Option<String> = sqlx::query_scalar(
            "SELECT stake_units::TEXT FROM outcome_pools WHERE round = $1 AND outcome = $2",
        )
        .bind(&round.address)
        .bind(result[0] as i16)
        .fetch_optional(self.conn())
        .await?;
        book.winning_units = winning.map(|units| number(Some(units)));
        Ok(book)
    }

    /// What each entry of a final market gets back, and how much of its stake was matched.
    pub async fn write_market_prizes(&mut self, round: &RoundView, outcome: &Outcome) -> Result<(), Fault> {
        // Equal stakes of a tier get the same.
        let stakes = sqlx::query(
            "SELECT DISTINCT tier, stake_units::TEXT AS stake_units FROM entries WHERE round = $1",
        )
        .bind(&round.address)
        .fetch_all(self.conn())
        .await?;
        let mut prizes = Vec::new();
        for row in stakes {
            let (tier, stake): (i16, u64) = (row.try_get("tier")?, number(row.try_get("stake_units")?));
            let Some((prize, matched)) = prediction::prize(tier as u8, stake, round.pool_units(), outcome)
            else {
                return poison(format!("nobody can get anything for {stake} in round {}", round.address));
            };
            prizes.push(json!({
                "tier": tier,
                "stake_units": stake,
                "prize_units": prize,
                "matched_units": matched,
            }));
        }
        sqlx::query(
            "UPDATE entries e SET prize_units = n.prize_units, matched_units = n.matched_units
             FROM jsonb_populate_recordset(NULL::entries, $1::TEXT::JSONB) n
             WHERE e.round = $2 AND e.settled_slot IS NOT NULL AND (e.tier, e.stake_units) = (n.tier, n.stake_units)",
        )
        .bind(Value::from(prizes).to_string())
        .bind(&round.address)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// The stakes on each outcome, and what one unit on it would get back if it came true now.
    pub async fn pools_payload(
        &mut self,
        round: &str,
        stakes: &[String],
        entries: &[i64],
    ) -> Result<Value, Fault> {
        let round = self.round(round).await?;
        let Some(market) = round.rules.market() else { return Ok(Value::Null) };
        let units: Vec<u64> = stakes.iter().map(|units| units.parse().unwrap_or(u64::MAX)).collect();
        let odds = market.odds(&units, round.fee_bps);
        let pool: f64 = units.iter().map(|units| *units as f64).sum();
        let pools = (0u8..).zip(stakes.iter().zip(entries)).zip(units.iter().zip(odds));
        let pools = pools.map(|((outcome, (stake_units, entries)), (units, odds))| {
            json!({
                "outcome": outcome,
                "label": market.label(outcome),
                "stake_units": stake_units,
                "entries": entries,
                "share": if pool > 0.0 { *units as f64 / pool } else { 0.0 },
                "payout": odds.map(|odds| odds.decimal()),
            })
        });
        Ok(pools.collect())
    }

    /// Every market of this batch that was read against what the record says of it.
    pub async fn compare_markets(&mut self) -> Result<(), Fault> {
        let markets = self.reads.iter().filter_map(|(address, read)| {
            let read = *read;
            let data = read.data.as_deref()?;
            let account = Round::read(data).filter(|account| account.outcome_count != 0)?;
            Some((address.clone(), read.slot as i64, account, data))
        });
        let markets: Vec<_> = markets.collect();
        for (address, slot, account, data) in markets {
            self.date_attestations(&address, data).await?;
            let is_sealed = account.page_count > 0 && account.pages_sealed == account.page_count;
            if is_sealed {
                self.correct_pools(&address, &account, data, slot).await?;
            }
        }
        Ok(())
    }

    /// The chain's clock when each reporter attested.
    async fn date_attestations(&mut self, round: &str, data: &[u8]) -> Result<(), Fault> {
        let made = (0u8..).zip(accounts::attestations(data)).filter(|(_, made)| made.attested_at != 0);
        let made: Vec<Value> = made
            .map(|(index, made)| {
                json!({
                    "reporter_index": index,
                    "evidence": crate::rows::bytea(&made.evidence),
                    "attested_at": made.attested_at,
                })
            })
            .collect();
        if made.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "UPDATE attestations a SET attested_at = n.attested_at
             FROM jsonb_populate_recordset(NULL::attestations, $1::TEXT::JSONB) n
             WHERE a.round = $2 AND (a.reporter_index, a.evidence) = (n.reporter_index, n.evidence)",
        )
        .bind(Value::from(made).to_string())
        .bind(round)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Once every page is sealed the account knows the stakes on each outcome. The record may still be behind it.
    async fn correct_pools(
        &mut self,
        round: &str,
        account: &Round,
        data: &[u8],
        slot: i64,
    ) -> Result<(), Fault> {
        let pools = (0u8..).zip(accounts::round_pools(data));
        let pools: Vec<Value> =
            pools.map(|(outcome, units)| json!({ "outcome": outcome, "stake_units": units })).collect();
        let corrected = sqlx::query(
            "UPDATE outcome_pools p SET stake_units = n.stake_units
             FROM jsonb_populate_recordset(NULL::outcome_pools, $1::TEXT::JSONB) n
             WHERE p.round = $2 AND p.outcome = n.outcome AND p.stake_units <> n.stake_units
               AND (SELECT entered_count FROM rounds WHERE address = $2) >= $3",
        )
        .bind(Value::from(pools).to_string())
        .bind(round)
        .bind(account.entries as i64)
        .execute(self.conn())
        .await?;
        if corrected.rows_affected() > 0 {
            let reason = "the stakes on outcomes do not follow from the entries of the record".to_string();
            self.mismatch(None, round, slot, reason);
        }
        Ok(())
    }
}
