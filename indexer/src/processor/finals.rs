//! How a round ends in the record alone: its prizes, computed again from its own entries.

use lottery_interface::{accounts::Round, kinds::RoundStatus};
use lottery_rules::draw::{self, Split, SplitInput};
use serde_json::{Value, json};
use sqlx::Row;

use super::{
    rounds::logged_result,
    upsert::columns,
    view::RoundView,
    work::{Fault, Ix, Work, key, number, poison},
};
use crate::{decoder::Decoded, rows::bytea};

impl Work<'_> {
    pub async fn finalise(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let mut round = self.round(&key(decoded, "round")?).await?;
        if round.status == RoundStatus::Void.name() {
            let change = json!({ "finalised": true, "bond_units": 0 });
            self.update_row("rounds", &round.address, columns(change), ix).await?;
            return Ok(());
        }
        if round.result.is_none() {
            round.result = self.read_result(&round.address).or_else(|| logged_result(ix, &round));
            self.settle_late(&round, ix).await?;
        }
        let winners = self.winners(&round.address).await?;
        let (jackpot, split) = self.split(&round, &winners).await?;
        // With rollover on, the jackpot leaves the lottery only when the top tier is won.
        let rolls = round.rules.rollover != 0 && !round.is_last;
        let stays = round.entered_count == 0 || (rolls && winners[0] == 0);
        let final_at = ix.block_at;
        let change = json!({
            "status": RoundStatus::Final.name(),
            "finalised": true,
            "result": round.result.map(|result| bytea(&result)),
            "fee_units": split.fee,
            "prize_each_units": split.prize_each,
            "winners": winners,
            "winners_total": winners.iter().sum::<u64>(),
            "refund_all": split.refund_all,
            "bonus_each_units": split.bonus_each,
            "jackpot_in_units": if stays { 0 } else { jackpot },
            "bond_units": 0,
            "final_at": final_at,
        });
        self.update_row("rounds", &round.address, columns(change), ix).await?;
        self.set_jackpot(&round.lottery, split.jackpot_next, ix).await?;
        self.check_split(&round, &split, &winners, ix);
        let tiers: Vec<Value> = (0..round.rules.tier_count as usize)
            .map(|t| {
                json!({
                    "tier": t + 1,
                    "winners": winners[t],
                    "prize_each_units": split.prize_each[t].to_string(),
                })
            })
            .collect();
        let more = json!({
            "tiers": tiers,
            "refund_all": split.refund_all,
            "fee_units": split.fee.to_string(),
            "jackpot_units": split.jackpot_next.to_string(),
        });
        self.feed_round(&round, RoundStatus::Final, more, ix);
        self.pools.insert(round.lottery.clone(), round.lottery_id);
        round.status = RoundStatus::Final.name().into();
        round.refund_all = split.refund_all;
        self.rounds.insert(round.address.clone(), round);
        Ok(())
    }

    /// Settles what was settled before the result was known.
    async fn settle_late(&mut self, round: &RoundView, ix: &Ix) -> Result<(), Fault> {
        self.flush_progress().await?;
        let pages = sqlx::query("SELECT address, record_settled FROM pages WHERE round = $1")
            .bind(&round.address)
            .fetch_all(self.conn())
            .await?;
        for page in pages {
            let (address, to): (String, i64) = (page.try_get("address")?, page.try_get("record_settled")?);
            self.settle_entries(round, &address, 0, to, ix).await?;
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

    /// The jackpot before, and where the money goes.
    async fn split(&mut self, round: &RoundView, winners: &[u64; 16]) -> Result<(u64, Split), Fault> {
        let jackpot = self.jackpot(&round.lottery).await?;
        let tiers = round.tiers();
        let shares: Vec<u16> = tiers.iter().map(|tier| tier.share_bps).collect();
        let split = draw::split(&SplitInput {
            pool: u64::try_from(round.entered_units).unwrap_or(u64::MAX),
            jackpot,
            entries: round.entered_count as u64,
            fee_bps: round.fee_bps,
            shares_bps: &shares,
            winners: &winners[..tiers.len()],
            rollover: round.rules.rollover != 0,
            last_round: round.is_last,
        });
        match split {
            Some(split) => Ok((jackpot, split)),
            None => poison(format!("the pool of round {} cannot be split", round.address)),
        }
    }

    fn check_split(&mut self, round: &RoundView, split: &Split, winners: &[u64; 16], ix: &Ix) {
        let Some(account) = self.read::<Round>(&round.address) else { return };
        if account.status != RoundStatus::Final as u8 {
            return;
        }
        let same = account.prize_each_units == split.prize_each
            && account.winners == *winners
            && account.fee_units == split.fee
            && account.bonus_each_units == split.bonus_each;
        if !same {
            let reason =
                "the prizes do not follow from the entries and the jackpot of the record".to_string();
            self.mismatch(Some(ix), &round.address, ix.slot, reason);
        }
    }

    pub async fn expire_round(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let round = self.round(&key(decoded, "round")?).await?;
        let prizes = round.status == RoundStatus::Final.name() && !round.refund_all;
        if prizes && round.rules.rollover != 0 {
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
                    (SELECT COALESCE(sum(r.prize_each_units[e.tier]), 0)::TEXT
                     FROM entries e WHERE e.round = r.address AND e.tier > 0 AND NOT e.paid) AS unpaid
             FROM rounds r JOIN lotteries l ON l.address = r.lottery WHERE r.address = $1",
        )
        .bind(&round.address)
        .fetch_one(self.conn())
        .await?;
        Ok((row.try_get("runs")?, number(row.try_get("unpaid")?)))
    }
}
