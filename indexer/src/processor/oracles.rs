//! Oracle sets and what their reporters attest. Both are whole in the record.

use bytemuck::Zeroable;
use lottery_interface::{
    accounts::OracleSet,
    address,
    args::AttestArgs,
    kinds::{RoundStatus, VoidReason},
};
use lottery_rules::{
    hash::Software,
    prediction::{Facts, Verdict, value},
};
use serde_json::json;
use solana_pubkey::Pubkey;
use sqlx::Row;

use super::{
    kinds::prediction,
    rewards::Done,
    upsert::columns,
    view::RoundView,
    work::{Fault, Ix, Work, key, poison},
};
use crate::{
    decoder::{Args, Decoded},
    rows::{bytea, oracle_set_columns},
};

/// A reporter's attestation as it is written.
struct Attestation {
    reporter: String,
    index: i16,
    facts: Vec<i64>,
    decided: bool,
}

impl Work<'_> {
    pub async fn create_oracle_set(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::OracleSet { reporters } = &decoded.args else {
            return poison("create_oracle_set without its reporters");
        };
        let address = key(decoded, "oracles")?;
        let keys: Vec<Pubkey> = reporters.iter().map(|key| Pubkey::new_from_array(*key)).collect();
        let (expected, bump) = address::oracle_set(&keys);
        let mut set = OracleSet { reporter_count: keys.len() as u8, bump, ..OracleSet::zeroed() };
        if expected.to_string() != address || keys.len() > set.reporters.len() {
            return poison(format!("oracle set {address} is not that of its {} reporters", keys.len()));
        }
        for (place, reporter) in set.reporters.iter_mut().zip(reporters) {
            *place = *reporter;
        }
        let mut row = oracle_set_columns(&set);
        row.insert("address".into(), address.into());
        for (guard, value) in [("first_slot", ix.slot), ("account_slot", 0), ("account_order", 0)] {
            row.insert(guard.into(), value.into());
        }
        self.insert_row("oracle_sets", row).await
    }

    /// What one reporter says happened. The last one that the quorum needs decides the round.
    pub async fn attest(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::Attest(args) = &decoded.args else { return poison("attest without its facts") };
        let mut round = self.round(&key(decoded, "round")?).await?;
        let Some(market) = round.rules.market().cloned() else {
            return poison(format!("an attestation for round {}, which is no market", round.address));
        };
        let outcome = match market.outcome(&args.facts) {
            Ok(outcome) => outcome,
            Err(error) => return poison(format!("an attestation that the program took: {error}")),
        };
        let reporter = key(decoded, "reporter")?;
        let index = self.reporter_index(&key(decoded, "oracles")?, &reporter).await?;
        let before = self.attested(&round.address).await?;
        if before.iter().any(|(other, _)| *other == index) {
            return poison(format!("reporter {reporter} attests twice in round {}", round.address));
        }
        let equal = 1 + before.iter().filter(|(_, facts)| *facts == args.facts).count();
        let facts = args.facts[..market.rules.fact_count as usize].to_vec();
        let decided = equal >= market.rules.quorum as usize;
        let made = Attestation { reporter, index, facts, decided };
        self.write_attestation(&round, &made, args, ix).await?;
        self.check_attested(&round, &made, ix);
        // The program takes an attestation of exactly the round's event.
        let mut change = columns(json!({
            "event_at": args.event_at,
            "locks_at": args.event_at.saturating_sub(market.rules.event_delay_seconds as i64),
        }));
        self.feed_attestation(&round, &made, before.len() + 1, args, ix);
        self.done = Done { steps: decided as u64, items: 0 };
        if !decided {
            self.update_row("rounds", &round.address, change, ix).await?;
            return Ok(());
        }
        let decided_value = value::<Software>(&args.facts);
        if self.read_value(&round).is_some_and(|read| read != decided_value) {
            let reason = "the value does not follow from the attestations of the record".to_string();
            self.mismatch(Some(ix), &round.address, ix.slot, reason);
        }
        change.append(&mut columns(json!({
            "status": RoundStatus::Valued.name(),
            "value": bytea(&decided_value),
            "result": bytea(&prediction::result(outcome)),
        })));
        round.value = Some(decided_value);
        round.outcome = Some(outcome);
        self.valued(round, change, ix).await
    }

    /// The place of a reporter in an oracle set.
    async fn reporter_index(&mut self, oracles: &str, reporter: &str) -> Result<i16, Fault> {
        let found: Option<Option<i32>> = sqlx::query_scalar(
            "SELECT array_position(reporters, $2) - 1 FROM oracle_sets WHERE address = $1",
        )
        .bind(oracles)
        .bind(reporter)
        .fetch_optional(self.conn())
        .await?;
        match found {
            Some(Some(index)) => Ok(index as i16),
            Some(None) => poison(format!("{reporter} attests and is not in oracle set {oracles}")),
            None => poison(format!("oracle set {oracles} was never created in the record")),
        }
    }

    /// Reporters that attested so far, with their facts.
    async fn attested(&mut self, round: &str) -> Result<Vec<(i16, Facts)>, Fault> {
        let rows = sqlx::query("SELECT reporter_index, facts FROM attestations WHERE round = $1")
            .bind(round)
            .fetch_all(self.conn())
            .await?;
        let attested = rows.iter().map(|row| {
            let facts: Vec<i64> = row.try_get("facts")?;
            Ok((row.try_get("reporter_index")?, prediction::facts(&facts)))
        });
        attested.collect()
    }

    async fn write_attestation(
        &mut self,
        round: &RoundView,
        made: &Attestation,
        args: &AttestArgs,
        ix: &Ix,
    ) -> Result<(), Fault> {
        sqlx::query(
            "INSERT INTO attestations (round, reporter_index, reporter, facts, evidence, attested_at, decided,
                    signature, path, slot)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&round.address)
        .bind(made.index)
        .bind(&made.reporter)
        .bind(&made.facts)
        .bind(&args.evidence[..])
        .bind(ix.block_at)
        .bind(made.decided)
        .bind(&ix.signature)
        .bind(&ix.path)
        .bind(ix.slot)
        .execute(self.conn())
        .await?;
        self.rows += 1;
        Ok(())
    }

    /// Compares with what the program logged, when it did.
    fn check_attested(&mut self, round: &RoundView, made: &Attestation, ix: &Ix) {
        let Some(logged) = ix.attested() else { return };
        let (index, decided) = (logged.reporter_index as i16, logged.decided != 0);
        if (index, decided) != (made.index, made.decided) {
            let reason = format!(
                "reporter {} of the record attested (decided: {}), by the program's log reporter {index} (decided: {decided})",
                made.index, made.decided
            );
            self.mismatch(Some(ix), &round.address, ix.slot, reason);
        }
    }

    fn feed_attestation(
        &mut self,
        round: &RoundView,
        made: &Attestation,
        attestations: usize,
        args: &AttestArgs,
        ix: &Ix,
    ) {
        let rules = round.rules.market().map(|market| market.rules);
        let payload = json!({
            "lottery_id": round.lottery_id,
            "round_index": round.index,
            "round": round.address,
            "reporter": made.reporter,
            "reporter_index": made.index,
            "facts": made.facts.iter().map(|fact| fact.to_string()).collect::<Vec<_>>(),
            "evidence": bytea(&args.evidence)[2..],
            "decided": made.decided,
            "attestations": attestations,
            "quorum": rules.map(|rules| rules.quorum),
            "reporter_count": rules.map(|rules| rules.reporter_count),
            "signature": ix.signature,
            "slot": ix.slot,
            "at": ix.block_at,
        });
        self.feed(&round.topic(), "attestation:new", payload, ix.slot);
    }

    /// Why a market without a value is void, by its attestations; `None` for other kinds.
    pub async fn attested_void(&mut self, round: &RoundView) -> Result<Option<VoidReason>, Fault> {
        let Some(quorum) = round.rules.market().map(|market| market.quorum()) else { return Ok(None) };
        let attested = self.attested(&round.address).await?;
        let verdict = quorum.verdict(attested.iter().map(|(_, facts)| facts));
        Ok(Some(if verdict == Verdict::Split { VoidReason::NoQuorum } else { VoidReason::GraceExpired }))
    }

    /// A re-timed round waits for another event.
    pub async fn forget_attestations(&mut self, round: &str) -> Result<(), Fault> {
        sqlx::query("DELETE FROM attestations WHERE round = $1").bind(round).execute(self.conn()).await?;
        Ok(())
    }
}

/// After an undo: attestations that a re-timing had taken away and that are now back.
pub const RESTORE_ATTESTATIONS: &str = "
    INSERT INTO attestations (round, reporter_index, reporter, facts, evidence, attested_at, decided, signature, path, slot)
    SELECT i.round, array_position(o.reporters, i.accounts[1]) - 1, i.accounts[1], f.facts[:m.fact_count],
           decode(i.args->>'evidence', 'hex'), i.block_at,
           count(*) OVER (PARTITION BY i.round, f.facts ORDER BY i.slot, i.tx_index, i.ix_index) >= m.quorum,
           i.signature, i.path, i.slot
    FROM instructions i
    JOIN rounds r ON r.address = i.round
    JOIN config_markets m ON m.config = r.config
    JOIN oracle_sets o ON o.address = i.accounts[4]
    CROSS JOIN LATERAL (
        SELECT array_agg(fact::BIGINT ORDER BY place) AS facts
        FROM jsonb_array_elements_text(i.args->'facts') WITH ORDINALITY AS fact (fact, place)
    ) f
    WHERE i.name = 'attest' AND i.round = ANY($1) AND i.accounts[1] = ANY(o.reporters)
      AND NOT EXISTS (
          SELECT 1 FROM instructions later WHERE later.round = i.round AND later.name = 'retime_round'
            AND (later.slot, later.tx_index, later.ix_index) > (i.slot, i.tx_index, i.ix_index))
    ON CONFLICT DO NOTHING";
