//! Rounds: what the record alone tells of their states, so that a round that lived and died while nobody was
//! looking still has its entries, result and prizes.

use lottery_interface::{accounts::Round, address, events::RoundChanged, kinds::RoundStatus};
use lottery_rules::{
    draw,
    hash::Software,
    seed::{fold_page, round_seed},
};
use serde_json::json;
use sqlx::Row;

use super::{
    entries::parse,
    upsert::columns,
    view::RoundView,
    work::{Fault, Ix, Work, key, poison},
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

    pub async fn retime_round(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let round = self.round(&key(decoded, "round")?).await?;
        self.feed_round(&round, RoundStatus::Open, json!({ "retimed": true }), ix);
        Ok(())
    }
}

/// Whether an event is about a round.
pub fn names(event: &RoundChanged, round: &RoundView) -> bool {
    event.lottery_id == round.lottery_id as u64 && event.round_index == round.index as u64
}

/// The result that the program logged.
pub fn logged_result(ix: &Ix, round: &RoundView) -> Option<[u8; 32]> {
    let drawn = [RoundStatus::Drawn as u8, RoundStatus::Final as u8];
    let logged = ix.rounds_changed().into_iter().find(|e| names(e, round) && drawn.contains(&e.status));
    logged.map(|event| event.result)
}
