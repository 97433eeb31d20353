//! Takes slots back: when the chain dropped them, or when the record had a hole in them.

use anyhow::Context;
use solana_pubkey::Pubkey;
use sqlx::Row;

use super::{Processor, oracles::RESTORE_ATTESTATIONS, rebuild::rebuild_page};
use crate::source::Source;

/// Why slots are taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// The chain dropped them.
    Dropped,
    /// Something is missing in them: they are read again. Nothing that was drawn can have changed.
    Hole,
}

impl Processor {
    /// Looks once at every transaction that became final since the last look; undoes from the first slot of which a
    /// transaction is gone. Gives that slot.
    pub async fn check_finalised(&self, source: &dyn Source, finalised: u64) -> anyhow::Result<Option<u64>> {
        let cursor = self.cursor().await?;
        let to = finalised.min(cursor.slot);
        if to <= cursor.finalised_slot {
            return Ok(None);
        }
        let rows =
            sqlx::query("SELECT DISTINCT signature, slot FROM instructions WHERE slot > $1 AND slot <= $2")
                .bind(cursor.finalised_slot as i64)
                .bind(to as i64)
                .fetch_all(&self.pool)
                .await
                .context("reading what became final")?;
        let seen =
            rows.iter().map(|row| Ok((row.try_get("signature")?, row.try_get::<i64, _>("slot")? as u64)));
        let seen: Vec<(String, u64)> = seen.collect::<Result<_, sqlx::Error>>()?;
        let vanished = if seen.is_empty() { Vec::new() } else { source.vanished(&seen).await? };
        let Some(from) = vanished.iter().filter_map(|place| seen.get(*place)).map(|(_, slot)| *slot).min()
        else {
            sqlx::query("UPDATE cursor SET finalised_slot = GREATEST(finalised_slot, $1)")
                .bind(to as i64)
                .execute(&self.pool)
                .await?;
            return Ok(None);
        };
        tracing::warn!(from, transactions = vanished.len(), "the chain dropped slots that were indexed");
        self.undo(from, Undo::Dropped).await?;
        Ok(Some(from))
    }

    /// Removes everything that the record said from slot `from` on and puts the cursor before it.
    pub async fn undo(&self, from: u64, why: Undo) -> anyhow::Result<()> {
        self.metrics.undid();
        self.try_undo(from as i64, why).await.with_context(|| format!("undoing from slot {from}"))
    }

    /// Accounts that have a row but were never read in a state that still holds: pages, then the others.
    pub async fn unread(&self) -> anyhow::Result<(Vec<Pubkey>, Vec<Pubkey>)> {
        let rows = sqlx::query(
            "SELECT address, TRUE AS page FROM pages WHERE account_slot = 0 AND closed_at_slot IS NULL
             UNION ALL SELECT address, FALSE FROM registry WHERE account_slot = 0 AND closed_at_slot IS NULL
             UNION ALL SELECT address, FALSE FROM beacons WHERE account_slot = 0 AND closed_at_slot IS NULL
             UNION ALL SELECT address, FALSE FROM oracle_sets WHERE account_slot = 0 AND closed_at_slot IS NULL
             UNION ALL SELECT address, FALSE FROM vaults WHERE account_slot = 0 AND closed_at_slot IS NULL
             UNION ALL SELECT address, FALSE FROM wallets WHERE account_slot = 0 AND closed_at_slot IS NULL
             UNION ALL SELECT address, FALSE FROM lotteries WHERE account_slot = 0 AND closed_at_slot IS NULL
             UNION ALL SELECT address, FALSE FROM configs WHERE account_slot = 0 AND closed_at_slot IS NULL
             UNION ALL SELECT address, FALSE FROM rounds WHERE account_slot = 0 AND closed_at_slot IS NULL
             UNION ALL SELECT address, FALSE FROM rankings WHERE account_slot = 0 AND closed_at_slot IS NULL",
        )
        .fetch_all(&self.pool)
        .await
        .context("listing accounts to read again")?;
        let (mut pages, mut others) = (Vec::new(), Vec::new());
        for row in rows {
            let address: String = row.try_get("address")?;
            let address = address.parse().with_context(|| format!("the stored address {address}"))?;
            if row.try_get("page")? { pages.push(address) } else { others.push(address) }
        }
        Ok((pages, others))
    }

    async fn try_undo(&self, from: i64, why: Undo) -> Result<(), sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("SELECT slot FROM cursor FOR UPDATE").execute(&mut *tx).await?;
        if why == Undo::Dropped {
            // Another slot hash may have been captured: what was drawn must not decide what is drawn again.
            for sql in [
                "UPDATE rounds SET result = decode(repeat('00', 32), 'hex'), seed = NULL
                 WHERE kind <> 'prediction'
                   AND address IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'draw')",
                "UPDATE rounds SET seed = NULL
                 WHERE kind = 'prediction'
                   AND address IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'draw')",
                // Whatever decided a market is its last attestation.
                "UPDATE rounds SET value = NULL, result = decode(repeat('00', 32), 'hex')
                 WHERE address IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'attest')",
                "UPDATE rounds SET value = NULL, reveal = NULL
                 WHERE address IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'post_value')",
            ] {
                sqlx::query(sql).bind(from).execute(&mut *tx).await?;
            }
        }
        let pages: Vec<String> = sqlx::query_scalar(
            "SELECT page FROM entries WHERE entered_slot >= $1 OR settled_slot >= $1
             UNION SELECT page FROM payments WHERE slot >= $1",
        )
        .bind(from)
        .fetch_all(&mut *tx)
        .await?;
        // Of rounds that others entered too, and of those that were re-timed.
        let entered: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT round FROM entries WHERE entered_slot >= $1")
                .bind(from)
                .fetch_all(&mut *tx)
                .await?;
        let retimed: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT round FROM instructions WHERE slot >= $1 AND name = 'retime_round'",
        )
        .bind(from)
        .fetch_all(&mut *tx)
        .await?;
        let cranked: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT round FROM instructions WHERE slot >= $1 AND reward_lamports IS NOT NULL",
        )
        .bind(from)
        .fetch_all(&mut *tx)
        .await?;
        for sql in [
            "UPDATE entries e SET paid = FALSE FROM payments p
             WHERE p.slot >= $1 AND p.kind = 'prize' AND (p.page, p.index) = (e.page, e.index)",
            "UPDATE entries e SET refunded = FALSE FROM payments p
             WHERE p.slot >= $1 AND p.kind = 'refund' AND (p.page, p.index) = (e.page, e.index)",
            "DELETE FROM payments WHERE slot >= $1",
            // What became of ranks, then the ranks.
            "UPDATE entries e SET tier = 0, prize_units = 0, paid = FALSE FROM ranked_entries k
             WHERE k.resolved_slot >= $1 AND e.round = k.round AND (e.page_sequence, e.index) = (k.page, k.index)",
            "UPDATE ranked_entries SET resolved_slot = NULL,
                    status = CASE WHEN promoted_slot IS NULL THEN 'initial' ELSE 'promoted' END
             WHERE resolved_slot >= $1",
            "UPDATE ranked_entries SET status = 'initial', offered_until = 0, promoted_slot = NULL WHERE promoted_slot >= $1",
            "DELETE FROM ranked_entries
             WHERE round IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'sort_ranking')",
            "UPDATE entries e SET (rank, place_status) =
                (SELECT k.rank, k.status FROM ranked_entries k
                 WHERE k.round = e.round AND (k.page, k.index) = (e.page_sequence, e.index))
             WHERE rank IS NOT NULL AND round IN (SELECT round FROM instructions WHERE slot >= $1
                AND name IN ('sort_ranking', 'confirm_place', 'resolve_places', 'promote_place'))",
            "UPDATE rounds r SET (taken, lapsed, promoted, winners_total, winners_paid) =
                (SELECT count(*) FILTER (WHERE status = 'taken'), count(*) FILTER (WHERE status = 'lapsed'),
                        count(promoted_slot), count(*) FILTER (WHERE status = 'taken'),
                        count(*) FILTER (WHERE status = 'taken')
                 FROM ranked_entries k WHERE k.round = r.address)
             WHERE places AND address IN (SELECT round FROM instructions WHERE slot >= $1
                AND name IN ('confirm_place', 'resolve_places', 'promote_place'))",
            "UPDATE rounds SET is_ranked = FALSE, threshold_key = 0, threshold_page = 0, threshold_index = 0,
                    result = decode(repeat('00', 32), 'hex')
             WHERE address IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'sort_ranking')",
            "UPDATE rounds SET ranking = '11111111111111111111111111111111'
             WHERE address IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'accept_ranking')",
            "UPDATE rounds r SET lost_deposits_lamports = (SELECT COALESCE(sum(lost_lamports), 0)
                FROM instructions i WHERE i.round = r.address AND i.slot < $1)
             WHERE address IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'close_ranking')",
            "DELETE FROM rankings WHERE first_slot >= $1",
            "UPDATE rankings SET closed_at_slot = NULL WHERE closed_at_slot >= $1",
            "UPDATE rounds SET beacon_signature = NULL
             WHERE address IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'post_value')",
            "UPDATE rounds SET drawn_at = NULL
             WHERE address IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'draw')",
            "UPDATE rounds SET spot_stake_units = NULL, spot_stake_squares = NULL
             WHERE address IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'finalise')",
            // Prizes that only the split told.
            "UPDATE entries SET prize_units = NULL, matched_units = NULL WHERE tier > 0 AND multiplier_bps = 0
                AND round IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'finalise')",
            "UPDATE entries SET matched_units = NULL WHERE matched_units IS NOT NULL
                AND round IN (SELECT round FROM instructions WHERE slot >= $1 AND name = 'finalise')",
            "DELETE FROM entries WHERE entered_slot >= $1",
            "UPDATE entries SET tier = 0, multiplier_bps = 0, prize_units = NULL, settled_slot = NULL, key = NULL
             WHERE settled_slot >= $1",
            "DELETE FROM jackpots WHERE slot >= $1",
            "DELETE FROM settlements WHERE slot >= $1",
            "DELETE FROM attestations WHERE slot >= $1",
            "DELETE FROM pages WHERE first_slot >= $1",
            "DELETE FROM rounds WHERE first_slot >= $1",
            "DELETE FROM configs WHERE first_slot >= $1",
            "DELETE FROM lotteries WHERE first_slot >= $1",
            "DELETE FROM beacons WHERE first_slot >= $1",
            "DELETE FROM oracle_sets WHERE first_slot >= $1",
            "DELETE FROM wallets WHERE first_slot >= $1",
            "UPDATE pages SET closed_at_slot = NULL, closed_at = NULL WHERE closed_at_slot >= $1",
            "UPDATE rounds SET closed_at_slot = NULL, closed_at = NULL, incomplete = FALSE WHERE closed_at_slot >= $1",
            "UPDATE configs SET closed_at_slot = NULL WHERE closed_at_slot >= $1",
            "UPDATE lotteries SET closed_at_slot = NULL WHERE closed_at_slot >= $1",
            "UPDATE wallets SET closed_at_slot = NULL WHERE closed_at_slot >= $1",
            // Read from slots that are gone: `Processor::unread` has them read again. Registry and vaults have no row
            // of the record, so they are never removed.
            "UPDATE registry SET account_slot = 0 WHERE account_slot >= $1",
            "UPDATE beacons SET account_slot = 0 WHERE account_slot >= $1",
            "UPDATE oracle_sets SET account_slot = 0 WHERE account_slot >= $1",
            "UPDATE vaults SET account_slot = 0 WHERE account_slot >= $1",
            "UPDATE wallets SET account_slot = 0 WHERE account_slot >= $1",
            "UPDATE lotteries SET account_slot = 0 WHERE account_slot >= $1",
            "UPDATE configs SET account_slot = 0 WHERE account_slot >= $1",
            "UPDATE rounds SET account_slot = 0 WHERE account_slot >= $1",
            "UPDATE rankings SET account_slot = 0 WHERE account_slot >= $1",
            "UPDATE pages SET account_slot = 0 WHERE account_slot >= $1",
            "DELETE FROM quarantine WHERE slot >= $1",
            "DELETE FROM instructions WHERE slot >= $1",
            // Removed and added again under the same address: what came last before this slot holds.
            "UPDATE beacons b SET closed_at_slot = (
                SELECT CASE name WHEN 'remove_beacon' THEN slot END FROM instructions
                WHERE name IN ('add_beacon', 'remove_beacon') AND accounts[3] = b.address AND slot < $1
                ORDER BY slot DESC, tx_index DESC, ix_index DESC LIMIT 1)",
            "UPDATE cursor SET slot = LEAST(slot, $1 - 1), finalised_slot = LEAST(finalised_slot, $1 - 1),
                    updated_at = now()",
        ] {
            sqlx::query(sql).bind(from).execute(&mut *tx).await?;
        }
        for page in pages {
            rebuild_page(&mut tx, &page).await?;
        }
        sqlx::query(
            "UPDATE outcome_pools p SET (stake_units, entries) =
                (SELECT COALESCE(sum(stake_units), 0), count(*) FROM entries e
                 WHERE (e.round, e.outcome) = (p.round, p.outcome))
             WHERE round = ANY($1)",
        )
        .bind(entered)
        .execute(&mut *tx)
        .await?;
        sqlx::query(RESTORE_ATTESTATIONS).bind(retimed).execute(&mut *tx).await?;
        sqlx::query(
            "UPDATE rounds r SET (entered_count, entered_units) =
                (SELECT count(*), COALESCE(sum(stake_units), 0) FROM entries e WHERE e.round = r.address)
             WHERE closed_at_slot IS NULL",
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE rounds r SET crank_spent_lamports =
                (SELECT COALESCE(sum(reward_lamports), 0) FROM instructions i WHERE i.round = r.address)
             WHERE address = ANY($1)",
        )
        .bind(cranked)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE totals SET instructions = (SELECT count(*) FROM instructions),
                entries = (SELECT count(*) FROM entries),
                prizes_paid = (SELECT count(*) FROM payments WHERE kind = 'prize'),
                refunds_paid = (SELECT count(*) FROM payments WHERE kind = 'refund'),
                rounds_drawn = (SELECT count(*) FROM rounds WHERE drawn_at IS NOT NULL),
                rounds_void = (SELECT count(*) FROM instructions WHERE name IN ('void_round', 'prove_early'))",
        )
        .execute(&mut *tx)
        .await?;
        // Whoever followed the feed has seen what is no longer true.
        sqlx::query(
            "INSERT INTO outbox (topic, kind, payload, slot)
             VALUES ('global', 'record:undone', jsonb_build_object('from_slot', $1), $1)",
        )
        .bind(from)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }
}
