//! Rounds: what the record alone tells of their states, so that a round that lived and died while nobody was
//! looking still has its entries, result and prizes.

use lottery_interface::{
    accounts::Round,
    address,
    events::RoundChanged,
    kinds::{RoundStatus, VoidReason},
};
use lottery_rules::{
    draw::{self, Split, SplitInput},
    hash::Software,
    seed::{fold_page, round_seed},
};
use serde_json::{Value, json};
use sqlx::Row;

use super::{
    entries::parse,
    work::{Fault, Ix, RoundView, Work, key, poison},
    write::columns,
};
use crate::{
    decoder::{Args, Decoded},
    rows::bytea,
};

impl Work<'_> {
    pub async fn open_round(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let (address, lottery) = (key(decoded, "round")?, key(decoded, "lottery")?);
        let config = key(decoded, "config")?;
        let index: i64 = sqlx::query_scalar("SELECT count(*) FROM rounds WHERE lottery = $1")
            .bind(&lottery)
            .fetch_one(self.conn())
            .await?;
        let (expected, bump) = address::round(&parse(&lottery)?, index as u64);
        if expected.to_string() != address {
            return poison(format!(
                "round {address} is not round {index}: an opening is missing in the record"
            ));
        }
        // Limits as the last instruction before this one left them.
        let written = sqlx::query(
            "INSERT INTO rounds (address, lottery, config, mint, rent_payer, lottery_id, index, opened_at, opened_slot,
                    stake_units, config_version, grace_seconds, grace_slots, claim_seconds, fee_bps,
                    compensation_cap_bps, kind, source, status, void_reason, picks, numbers, bonus_numbers, rollover,
                    max_pages, page_entries, max_entries, max_entries_per_player, reward_step_lamports,
                    reward_item_lamports, is_last, refund_all, finalised, expired, bump, bond_units, retimes,
                    entries, winners_total, winners_paid, refunded, prize_each_units, winners, first_slot)
             SELECT $1, l.address, c.address, l.mint, $2, l.id, $3, $4, $5,
                    c.stake_units, c.version, c.grace_seconds, c.grace_slots, c.claim_seconds, c.fee_bps,
                    c.compensation_cap_bps, c.kind, c.source, 'open', 'none', c.picks, c.numbers, c.bonus_numbers,
                    c.rollover, (i.limits->>'max_pages')::BIGINT, (i.limits->>'page_entries')::BIGINT,
                    (i.limits->>'max_entries_per_round')::BIGINT, (i.limits->>'max_entries_per_player')::BIGINT,
                    (i.limits->>'reward_step_lamports')::BIGINT, (i.limits->>'reward_item_lamports')::BIGINT,
                    EXISTS (SELECT 1 FROM instructions WHERE lottery = $6 AND name = 'retire_lottery'
                            AND (slot, tx_index, ix_index) < ($5, $7, $8)),
                    FALSE, FALSE, FALSE, $9,
                    CASE c.source WHEN 'commit_reveal'
                         THEN c.stake_units * (i.limits->>'max_entries_per_round')::BIGINT ELSE 0 END, 0,
                    0, 0, 0, 0, array_fill(0, ARRAY[16]), array_fill(0, ARRAY[16]), $5
             FROM lotteries l JOIN configs c ON c.address = $10
             LEFT JOIN LATERAL (
                 SELECT args->'limits' AS limits FROM instructions
                 WHERE lottery = $6 AND name IN ('create_lottery', 'update_limits')
                   AND (slot, tx_index, ix_index) < ($5, $7, $8)
                 ORDER BY slot DESC, tx_index DESC, ix_index DESC LIMIT 1
             ) i ON TRUE
             WHERE l.address = $6
             ON CONFLICT (address) DO NOTHING",
        )
        .bind(&address)
        .bind(key(decoded, "cranker")?)
        .bind(index)
        .bind(ix.block_at)
        .bind(ix.slot)
        .bind(&lottery)
        .bind(ix.tx_index)
        .bind(ix.ix_index)
        .bind(bump as i16)
        .bind(&config)
        .execute(self.conn())
        .await?;
        if written.rows_affected() == 0 {
            return poison(format!("lottery {lottery} or config {config} was never created in the record"));
        }
        self.rows += 1;
        let round = self.round(&address).await?;
        self.pools.insert(lottery, round.lottery_id);
        self.feed_round(&round, RoundStatus::Open, json!({}), ix);
        Ok(())
    }

    pub async fn post_value(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::PostValue { proof } = &decoded.args else { return poison("post_value without its proof") };
        let mut round = self.round(&key(decoded, "round")?).await?;
        let mut change = columns(json!({ "status": RoundStatus::Valued.name() }));
        if proof.len() == 32 {
            change.insert("reveal".into(), bytea(proof).into());
        }
        self.update_row("rounds", &round.address, change, ix).await?;
        self.feed_round(&round, RoundStatus::Valued, json!({}), ix);
        round.status = RoundStatus::Valued.name().into();
        self.rounds.insert(round.address.clone(), round);
        Ok(())
    }

    pub async fn draw(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let mut round = self.round(&key(decoded, "round")?).await?;
        self.check_draw(&round, ix).await?;
        let result = self.read_result(&round.address).or(round.result).or_else(|| logged_result(ix, &round));
        let mut change = columns(json!({ "status": RoundStatus::Drawn.name() }));
        if let Some(result) = &result {
            change.insert("result".into(), bytea(result).into());
        }
        self.update_row("rounds", &round.address, change, ix).await?;
        sqlx::query("UPDATE rounds SET drawn_at = $1 WHERE address = $2")
            .bind(ix.block_at)
            .bind(&round.address)
            .execute(self.conn())
            .await?;
        round.status = RoundStatus::Drawn.name().into();
        round.result = result;
        self.count("rounds_drawn", 1);
        if let Some(result) = &result {
            self.feed_result(&round, result, ix);
        }
        self.feed_round(&round, RoundStatus::Drawn, json!({}), ix);
        self.rounds.insert(round.address.clone(), round);
        Ok(())
    }

    /// Recomputes seed and result from our own entries and the value that the account holds.
    async fn check_draw(&mut self, round: &RoundView, ix: &Ix) -> Result<(), Fault> {
        let Some(account) = self.read::<Round>(&round.address) else { return Ok(()) };
        if self.read_result(&round.address).is_none() {
            return Ok(());
        }
        let digest = self.sealed_digest(&round.address).await?;
        let seed = round_seed::<Software>(&account.value, &parse(&round.address)?.to_bytes(), &digest);
        let rules = &round.rules;
        let drawn = draw::draw::<Software>(&seed, rules.picks, rules.numbers, rules.bonus_numbers);
        if digest != account.sealed_digest
            || (drawn.picks, drawn.bonus) != super::feed::drawn(&account.result)
        {
            let reason = "the draw does not follow from the entries of the record".to_string();
            self.mismatch(Some(ix), &round.address, ix.slot, reason);
        }
        Ok(())
    }

    /// The digest of a round's pages as the record has them.
    pub async fn sealed_digest(&mut self, round: &str) -> Result<[u8; 32], Fault> {
        self.flush_progress().await?;
        let pages = sqlx::query(
            "SELECT record_digest, sequence, record_count FROM pages WHERE round = $1 ORDER BY sequence",
        )
        .bind(round)
        .fetch_all(self.conn())
        .await?;
        let mut digest = [0; 32];
        for page in pages {
            let own: Vec<u8> = page.try_get("record_digest")?;
            let (sequence, count): (i64, i64) = (page.try_get("sequence")?, page.try_get("record_count")?);
            digest = fold_page::<Software>(
                &digest,
                &own.try_into().unwrap_or_default(),
                sequence as u32,
                count as u32,
            );
        }
        Ok(digest)
    }

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
            "jackpot_in_units": jackpot.saturating_sub(split.jackpot_next),
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

    pub async fn void_round(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let round = self.round(&key(decoded, "round")?).await?;
        let logged =
            ix.rounds_changed().into_iter().next().and_then(|e| VoidReason::from_byte(e.void_reason));
        let read =
            self.read::<Round>(&round.address).and_then(|account| VoidReason::from_byte(account.void_reason));
        self.void(round, read.filter(|reason| *reason != VoidReason::None).or(logged), true, ix).await
    }

    /// Voids the rounds that still took entries: the program logged which, and their accounts say so.
    pub async fn pause_lottery(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        for nth in 0..2 {
            let Some(address) = decoded.nth_account("round", nth).map(|key| key.to_string()) else {
                continue;
            };
            let known: Option<i32> = sqlx::query_scalar("SELECT 1 FROM rounds WHERE address = $1")
                .bind(&address)
                .fetch_optional(self.conn())
                .await?;
            if known.is_none() {
                continue; // it was never opened
            }
            let round = self.round(&address).await?;
            let paused = |status: u8, reason: u8| {
                status == RoundStatus::Void as u8 && reason == VoidReason::Paused as u8
            };
            let logged =
                ix.rounds_changed().iter().any(|e| names(e, &round) && paused(e.status, e.void_reason));
            let read = self.read::<Round>(&address).is_some_and(|r| paused(r.status, r.void_reason));
            if (logged || read) && round.status == RoundStatus::Open.name() {
                self.void(round, Some(VoidReason::Paused), false, ix).await?;
            }
        }
        Ok(())
    }

    /// `slashed`: the operator loses the bond.
    pub async fn void(
        &mut self,
        mut round: RoundView,
        reason: Option<VoidReason>,
        slashed: bool,
        ix: &Ix,
    ) -> Result<(), Fault> {
        let mut change = columns(json!({ "status": RoundStatus::Void.name(), "final_at": ix.block_at }));
        if let Some(reason) = reason {
            change.insert("void_reason".into(), reason.name().into());
        }
        let from_record = self.update_row("rounds", &round.address, change, ix).await?;
        if slashed && from_record {
            sqlx::query("UPDATE rounds SET slashed_units = bond_units, bond_units = 0 WHERE address = $1")
                .bind(&round.address)
                .execute(self.conn())
                .await?;
        }
        self.count("rounds_void", 1);
        self.feed_void(&round, reason, ix);
        self.pools.insert(round.lottery.clone(), round.lottery_id);
        round.status = RoundStatus::Void.name().into();
        self.rounds.insert(round.address.clone(), round);
        Ok(())
    }

    pub async fn retime_round(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let round = self.round(&key(decoded, "round")?).await?;
        self.feed_round(&round, RoundStatus::Open, json!({ "retimed": true }), ix);
        Ok(())
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
        Ok((row.try_get("runs")?, super::work::number(row.try_get("unpaid")?)))
    }
}

fn names(event: &RoundChanged, round: &RoundView) -> bool {
    event.lottery_id == round.lottery_id as u64 && event.round_index == round.index as u64
}

/// The result that the program logged.
fn logged_result(ix: &Ix, round: &RoundView) -> Option<[u8; 32]> {
    let drawn = [RoundStatus::Drawn as u8, RoundStatus::Final as u8];
    let logged = ix.rounds_changed().into_iter().find(|e| names(e, round) && drawn.contains(&e.status));
    logged.map(|event| event.result)
}
