//! What proves a market: who attested what, and how the stakes were split.

use lottery_client::{
    market::{Market, MarketRules},
    proof::{Attested, Drawn, MarketProof, OracleProof, Proof, Randomness, Rules, Settled},
};
use sqlx::{FromRow, PgConnection};

use super::{Facts, NoProof, Target, fixed};
use crate::store::{market::reporters, units::Units};

/// What only a market's proof needs.
#[derive(Clone, Debug, Default)]
pub struct MarketFacts {
    columns: Columns,
    reporters: Vec<String>,
    attestations: Vec<AttestationRow>,
    /// Of the outcomes that have a row.
    pools: Vec<(i16, Units)>,
}

#[derive(Clone, Debug, Default, FromRow)]
struct Columns {
    event_at: i64,
    fee_bps: i32,
    pool_units: Units,
    winning_units: Units,
    matched_units: Units,
    fee_units: Units,
    prizes_units: Units,
    refund_all: bool,
}

#[derive(Clone, Debug, FromRow)]
struct AttestationRow {
    reporter: String,
    reporter_index: i16,
    facts: Vec<i64>,
    evidence: Vec<u8>,
    attested_at: i64,
    decided: bool,
    signature: String,
}

/// The market at an address. `rules`: as its config stores them.
pub async fn load(
    connection: &mut PgConnection,
    address: &str,
    rules: Option<&[u8]>,
) -> sqlx::Result<MarketFacts> {
    let columns: Columns = sqlx::query_as(
        "SELECT coalesce(event_at, 0) AS event_at, coalesce(fee_bps, 0) AS fee_bps,
                coalesce(pool_units, 0)::text AS pool_units, coalesce(winning_units, 0)::text AS winning_units,
                coalesce(matched_units, 0)::text AS matched_units, coalesce(fee_units, 0)::text AS fee_units,
                coalesce(prizes_units, 0)::text AS prizes_units, coalesce(refund_all, FALSE) AS refund_all
         FROM rounds WHERE address = $1",
    )
    .bind(address)
    .fetch_one(&mut *connection)
    .await?;
    let attestations: Vec<AttestationRow> = sqlx::query_as(
        "SELECT reporter, reporter_index, facts, evidence, coalesce(attested_at, 0) AS attested_at, decided, signature
         FROM attestations WHERE round = $1 ORDER BY reporter_index",
    )
    .bind(address)
    .fetch_all(&mut *connection)
    .await?;
    let pools: Vec<(i16, Units)> = sqlx::query_as(
        "SELECT outcome, stake_units::text FROM outcome_pools WHERE round = $1 ORDER BY outcome",
    )
    .bind(address)
    .fetch_all(&mut *connection)
    .await?;
    let oracles = rules.and_then(super::super::market::rules).map(|rules| rules.oracles.address);
    let sets: Vec<String> = oracles.into_iter().collect();
    let reporters = reporters(connection, &sets).await?.into_values().next().unwrap_or_default();
    Ok(MarketFacts { columns, reporters, attestations, pools })
}

impl MarketFacts {
    pub fn not_yet(&self, rules: Option<&[u8]>) -> NoProof {
        let Some(market) = rules.and_then(Market::from_tail) else {
            return NoProof::NotYet { target: Target::Unknown, expected_at: None };
        };
        let expected_at = Some(self.columns.event_at).filter(|at| *at > 0);
        let attestations = self.attestations.len();
        let (quorum, reporters) = (market.rules.quorum, market.rules.reporter_count);
        NoProof::NotYet { target: Target::Oracles { attestations, quorum, reporters }, expected_at }
    }

    /// Stakes on each outcome of a market.
    fn stakes(&self, outcomes: usize) -> Vec<u64> {
        let mut stakes = vec![0; outcomes];
        for (outcome, units) in &self.pools {
            if let Some(place) = usize::try_from(*outcome).ok().and_then(|place| stakes.get_mut(place)) {
                *place = units.number();
            }
        }
        stakes
    }
}

/// The proof of a round whose oracles have decided.
pub fn into_proof(facts: Facts, of: MarketFacts) -> Result<Proof, NoProof> {
    let market = facts.rules.as_deref().and_then(Market::from_tail).ok_or(NoProof::Missing("its rules"))?;
    let value = fixed(&facts.value).ok_or(NoProof::Missing("its value"))?;
    let decided = of.attestations.iter().find(|attestation| attestation.decided);
    let attested_facts = decided.map(|row| row.facts.clone()).ok_or(NoProof::Missing("its attestations"))?;
    if of.reporters.is_empty() {
        return Err(NoProof::Missing("its oracle set"));
    }
    let result: Option<[u8; 32]> = facts.result.as_ref().and_then(|data| data.as_slice().try_into().ok());
    let result = result.ok_or(NoProof::Missing("its result"))?;
    let drawn = facts.status != "valued";
    let pools = of.stakes(market.rules.outcome_count.into());
    let Columns { pool_units, winning_units, matched_units, fee_units, prizes_units, .. } = &of.columns;
    let settled = (facts.status == "final").then(|| Settled {
        pool_units: pool_units.number(),
        winning_units: winning_units.number(),
        matched_units: matched_units.number(),
        fee_units: fee_units.number(),
        prizes_units: prizes_units.number(),
        refund_all: of.columns.refund_all,
    });
    let attestations = of.attestations.into_iter().map(|row| {
        let evidence = row.evidence.try_into().unwrap_or_default();
        let AttestationRow { reporter, reporter_index, facts, attested_at, signature, .. } = row;
        Attested { reporter, reporter_index: reporter_index as u8, facts, evidence, attested_at, signature }
    });
    let oracle = OracleProof {
        locks_at: facts.locks_at.ok_or(NoProof::Missing("its lock"))?,
        event_at: of.columns.event_at,
        attestations: attestations.collect(),
    };
    Ok(Proof {
        round: facts.address,
        lottery_id: facts.lottery_id as u64,
        index: facts.index as u64,
        status: facts.status,
        rules: Rules::Prediction(Box::new(MarketRules::new(&market, of.reporters))),
        randomness: Randomness::Oracle(oracle),
        value,
        sealed_digest: fixed(&facts.sealed_digest).filter(|_| drawn),
        seed: fixed(&facts.seed).filter(|_| drawn),
        stream: None,
        result: drawn.then(|| Drawn::outcome(result)),
        market: Some(MarketProof {
            facts: attested_facts,
            outcome: result[0],
            fee_bps: of.columns.fee_bps as u16,
            pools,
            settled,
        }),
        pages: facts.pages,
    })
}
