//! How a round ends in the record alone: its prizes, computed again from its own entries.

use lottery_interface::{Source, accounts::Round, kinds::RoundStatus};
use serde_json::{Value, json};
use sqlx::Row;

use super::{
    feed,
    kinds::{Outcome, Settled, raffle},
    rounds::logged_decider,
    upsert::columns,
    view::RoundView,
    work::{Fault, Ix, Work, key, number, poison},
};
use crate::{decoder::Decoded, rows::Columns};

impl Work<'_> {
    pub async fn finalise(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let mut round = self.round(&key(decoded, "round")?).await?;
        if round.status == RoundStatus::Void.name() {
            let change = json!({ "finalised": true, "bond_units": 0 });
            self.update_row("rounds", &round.address, columns(change), ix).await?;
            return Ok(());
        }
        if round.decider.is_none() {
            round.decider = self.read_decider(&round).or_else(|| logged_decider(ix, &round));
            if round.rules.market().is_some() {
                round.outcome = round.decider.map(|result| result[0]);
            }
            self.settle_late(&round, ix).await?;
            if round.rules.raffle().is_some() {
                self.write_ranked(&round).await?;
            }
        }
        let winners = self.winners(&round.address).await?;
        let outcome = self.split(&round, &winners).await?;
        let mut change = final_columns(&round, &outcome, &winners);
        change.insert("final_at".into(), ix.block_at.into());
        self.update_row("rounds", &round.address, change, ix).await?;
        self.check_split(&round, &outcome, &winners, ix);
        self.write_prizes(&round, &outcome).await?;
        if let Some(jackpot) = outcome.jackpot_units {
            self.set_jackpot(&round.lottery, jackpot, ix).await?;
        }
        self.feed_round(&round, RoundStatus::Final, final_payload(&round, &outcome, &winners), ix);
        self.pools.insert(round.lottery.clone(), round.lottery_id);
        round.status = RoundStatus::Final.name().into();
        round.refund_all = outcome.refund_all;
        self.rounds.insert(round.address.clone(), round);
        Ok(())
    }

    /// Settles what was settled before the result was known.
    async fn settle_late(&mut self, round: &RoundView, ix: &Ix) -> Result<(), Fault> {
        self.flush_progress().await?;
        let pages: Vec<String> = sqlx::query_scalar("SELECT address FROM pages WHERE round = $1")
            .bind(&round.address)
            .fetch_all(self.conn())
            .await?;
        for address in pages {
            let page = self.page(&address).await?;
            self.settle_entries(round, &page, 0, page.settled, ix).await?;
        }
        Ok(())
    }

    /// Winners of each tier, from the entries.
    pub async fn winners(&mut self, round: &str) -> Result<[u64; 16], Fault> {
        self.flush_entries().await?;
        let rows = sqlx::query(
            "SELECT tier, count(*) AS won FROM entries WHERE round = $1 AND tier > 0 GROUP BY tier",
        )
        .bind(round)
        .fetch_all(self.conn())
        .await?;
        let mut winners = [0; 16];
        for row in rows {
            let (tier, won): (i16, i64) = (row.try_get("tier")?, row.try_get("won")?);
            if let Some(place) = winners.get_mut(tier as usize - 1) {
                *place = won as u64;
            }
        }
        Ok(winners)
    }

    /// Where the money goes.
    async fn split(&mut self, round: &RoundView, winners: &[u64; 16]) -> Result<Outcome, Fault> {
        let row = sqlx::query(
            "SELECT (SELECT sum(prize_units) FROM entries WHERE round = $1)::TEXT AS prizes,
                    (SELECT sum(budget_units) FROM pages WHERE round = $1)::TEXT AS budget",
        )
        .bind(&round.address)
        .fetch_one(self.conn())
        .await?;
        let outcome = round.rules.split(&Settled {
            book: self.book(round, round.decider).await?,
            jackpot_units: self.jackpot(&round.lottery).await?,
            budget_units: number(row.try_get("budget")?),
            prizes_units: number(row.try_get("prizes")?),
            entries: round.entered_count as u64,
            fee_bps: round.fee_bps,
            winners,
            is_last: round.is_last,
        });
        match outcome {
            Some(outcome) => Ok(outcome),
            None => poison(format!("the money of round {} cannot be split", round.address)),
        }
    }

    /// Compares with the account when it is final: which says that entries, prizes and jackpot of the record are right.
    fn check_split(&mut self, round: &RoundView, outcome: &Outcome, winners: &[u64; 16], ix: &Ix) {
        let Some(account) = self.read::<Round>(&round.address) else { return };
        if account.status != RoundStatus::Final as u8 {
            return;
        }
        let same = account.prize_each_units == outcome.prize_each_units
            && account.prizes_units == outcome.prizes_units
            && account.winners == *winners
            && account.fee_units == outcome.fee_units
            && account.bonus_each_units == outcome.bonus_each_units
            && account.winning_units == outcome.winning_units
            && account.matched_units == outcome.matched_units
            && (account.refund_all != 0) == outcome.refund_all;
        if !same {
            let reason =
                "the prizes do not follow from the entries and the jackpot of the record".to_string();
            self.mismatch(Some(ix), &round.address, ix.slot, reason);
        }
    }

    /// Prizes that only the split of the pool tells, and what a report needs of a house game.
    async fn write_prizes(&mut self, round: &RoundView, outcome: &Outcome) -> Result<(), Fault> {
        if round.rules.market().is_some() {
            return self.write_market_prizes(round, outcome).await;
        }
        let account = self.read::<Round>(&round.address);
        let account = account.filter(|account| account.status == RoundStatus::Final as u8);
        let each = account.map_or(outcome.prize_each_units, |account| account.prize_each_units);
        sqlx::query(
            "UPDATE entries SET prize_units = ($2::TEXT[])[tier]::NUMERIC
             WHERE round = $1 AND tier > 0 AND multiplier_bps = 0",
        )
        .bind(&round.address)
        .bind(each.map(|units| units.to_string()).to_vec())
        .execute(self.conn())
        .await?;
        if !round.rules.kind().is_house() {
            return Ok(());
        }
        sqlx::query(
            "UPDATE rounds SET (spot_stake_units, spot_stake_squares) =
                (SELECT array_agg(COALESCE(units, 0) ORDER BY place), array_agg(COALESCE(squares, 0) ORDER BY place)
                 FROM generate_series(1, 10) place LEFT JOIN (
                     SELECT GREATEST(spots, 1)::INTEGER AS place, sum(stake_units) AS units,
                            sum(stake_units * stake_units) AS squares
                     FROM entries WHERE round = $1 GROUP BY 1
                 ) s USING (place))
             WHERE address = $1",
        )
        .bind(&round.address)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    pub async fn expire_round(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let round = self.round(&key(decoded, "round")?).await?;
        let prizes = round.status == RoundStatus::Final.name() && !round.refund_all;
        // On commit-reveal they go to the treasury.
        if prizes && round.rules.rollover() && round.source != Source::CommitReveal.name() {
            let (lottery_runs, unpaid) = self.unpaid(&round).await?;
            if lottery_runs {
                let jackpot = self.jackpot(&round.lottery).await?.saturating_add(unpaid);
                self.set_jackpot(&round.lottery, jackpot, ix).await?;
            }
        }
        let change = json!({ "expired": true, "cash_units": 0 });
        self.update_row("rounds", &round.address, columns(change), ix).await?;
        self.pools.insert(round.lottery.clone(), round.lottery_id);
        Ok(())
    }

    /// Whether the lottery is not completed, and what the round's unpaid prizes add up to.
    async fn unpaid(&mut self, round: &RoundView) -> Result<(bool, u64), Fault> {
        let row = sqlx::query(
            "SELECT l.status IS DISTINCT FROM 'completed' AS runs,
                    (SELECT COALESCE(sum(e.prize_units), 0)::TEXT
                     FROM entries e WHERE e.round = r.address AND e.tier > 0 AND NOT e.paid) AS unpaid
             FROM rounds r JOIN lotteries l ON l.address = r.lottery WHERE r.address = $1",
        )
        .bind(&round.address)
        .fetch_one(self.conn())
        .await?;
        Ok((row.try_get("runs")?, number(row.try_get("unpaid")?)))
    }
}

/// The row of a final round. Of one whose entries nothing decides here, since its account was gone before it was read,
/// winners and prizes stay unknown.
fn final_columns(round: &RoundView, outcome: &Outcome, winners: &[u64; 16]) -> Columns {
    let mut change = columns(json!({
        "status": RoundStatus::Final.name(),
        "finalised": true,
        "entries": round.entered_count,
        "pool_units": Value::from(round.entered_units.to_string()),
        "fee_units": outcome.fee_units,
        "prize_each_units": outcome.prize_each_units,
        "refund_all": outcome.refund_all,
        "bonus_each_units": outcome.bonus_each_units,
        "jackpot_in_units": outcome.jackpot_in_units,
        "winning_units": outcome.winning_units,
        "matched_units": outcome.matched_units,
        "bond_units": 0,
    }));
    change.append(&mut round.rules.drawn_columns(round.decider.as_ref()));
    if round.decider.is_some() {
        change.append(&mut columns(json!({
            "winners": winners,
            "winners_total": winners.iter().sum::<u64>(),
            "prizes_units": outcome.prizes_units,
        })));
    } else {
        change.append(&mut columns(json!({ "winners": null, "winners_total": null, "prizes_units": null })));
    }
    if let (Some(rules), Some(ranked)) = (round.rules.raffle(), round.rules.ranked(round.entered_count)) {
        change.append(&mut columns(raffle::final_columns(rules, ranked, outcome)));
    }
    change
}

fn final_payload(round: &RoundView, outcome: &Outcome, winners: &[u64; 16]) -> Value {
    let mut payload = columns(feed::outcome(round));
    if round.rules.market().is_some() {
        payload.insert("winning_units".into(), outcome.winning_units.to_string().into());
        payload.insert("matched_units".into(), outcome.matched_units.to_string().into());
    }
    let ranked = round.rules.ranked(round.entered_count);
    let tiers = (0..round.rules.tier_count()).map(|t| {
        json!({
            "tier": t + 1,
            // A raffle has one winner of each rank.
            "winners": ranked.map_or(winners[t], |ranked| ((t as u64) < ranked) as u64),
            "prize_each_units": outcome.prize_each_units[t].to_string(),
        })
    });
    payload.append(&mut columns(json!({
        "tiers": tiers.collect::<Vec<_>>(),
        "prizes_units": outcome.prizes_units.to_string(),
        "refund_all": outcome.refund_all,
        "fee_units": outcome.fee_units.to_string(),
        "jackpot_units": outcome.jackpot_units.unwrap_or(0).to_string(),
    })));
    Value::Object(payload)
}
