//! Prediction markets: pools with odds, what oracles attested, and what came of it.

use std::collections::HashMap;

use lottery_client::market::{Market, MarketRules};
use lottery_rules::prediction::Quorum;
use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::{round::RoundBrief, units::Units};

/// What only a round of kind prediction has; a round of another kind lacks all of it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RoundMarket {
    /// Reporters attest from then on, in unix seconds.
    #[schema(required = false)]
    pub event_at: Option<i64>,
    /// The outcome that came true, from 0; absent before it is known.
    #[schema(required = false)]
    pub winning_outcome: Option<u8>,
    /// Stakes on it; 0 before the round is final, as the next.
    #[schema(required = false)]
    pub winning_units: Units,
    /// What the losers lose together; the fee is taken out of it and of nothing else.
    #[schema(required = false)]
    pub matched_units: Units,
    /// By outcome: live while bets are taken, fixed from the lock on.
    #[schema(required = false)]
    pub pools: Vec<OutcomePool>,
    /// By reporter, those who attested.
    #[schema(required = false)]
    pub attestations: Vec<Attestation>,
    /// So many equal attestations decide ...
    #[schema(required = false)]
    pub quorum: u8,
    /// ... of so many reporters ...
    #[schema(required = false)]
    pub reporter_count: u8,
    /// ... of whom so many together can keep the round from being decided.
    #[schema(required = false)]
    pub blocking: u8,
    /// What a quorum attested; absent before.
    #[schema(required = false)]
    pub facts: Option<Vec<String>>,
}

/// The stakes on one outcome.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OutcomePool {
    /// From 0.
    pub outcome: u8,
    #[schema(example = "even")]
    pub label: String,
    pub stake_units: Units,
    pub entries: i64,
    /// Part of all stakes; 0 while there are none.
    #[schema(example = 0.41)]
    pub share: f64,
    /// What one unit on it gets back if it comes true with these stakes, its stake included; 1 when nobody bet against it,
    /// absent when nobody bet on it, and in a void round.
    #[schema(example = 1.93)]
    pub payout: Option<f64>,
}

/// What one reporter says happened.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Attestation {
    pub reporter: String,
    /// Place in the oracle set.
    pub reporter_index: i16,
    /// As many as the market asks for.
    pub facts: Vec<String>,
    /// SHA-256 of what the reporter fetched and keeps, in hex.
    pub evidence: String,
    pub attested_at: Option<i64>,
    /// The one that the quorum needed.
    pub decided: bool,
    pub slot: i64,
    /// Of its transaction.
    pub signature: String,
}

/// The columns of a round that only markets use.
#[derive(Clone, Debug, Default, FromRow)]
pub struct MarketColumns {
    pub config: String,
    pub event_at: i64,
    pub winning_units: Units,
    pub matched_units: Units,
    pub quorum: i16,
    pub reporter_count: i16,
    pub has_value: bool,
}

/// Columns of [`MarketColumns`], of a round `r`.
macro_rules! market_columns {
    () => {
        "coalesce(r.config, '') AS config, coalesce(r.event_at, 0) AS event_at,
         coalesce(r.winning_units, 0)::text AS winning_units,
         coalesce(r.matched_units, 0)::text AS matched_units, coalesce(r.quorum, 0::smallint) AS quorum,
         coalesce(r.reporter_count, 0::smallint) AS reporter_count,
         coalesce(r.value, '') NOT IN ('', decode(repeat('00', 32), 'hex')) AS has_value"
    };
}

pub(crate) use market_columns;

#[derive(FromRow)]
struct ConfigRow {
    address: String,
    rules: Vec<u8>,
    fee_bps: i32,
}

#[derive(FromRow)]
struct PoolRow {
    round: String,
    outcome: i16,
    stake_units: Units,
    entries: i64,
}

#[derive(FromRow)]
struct AttestationRow {
    round: String,
    reporter: String,
    reporter_index: i16,
    facts: Vec<i64>,
    evidence: String,
    attested_at: Option<i64>,
    decided: bool,
    slot: i64,
    signature: String,
}

/// Which of these rounds are markets, with what their configs say.
async fn markets(
    connection: &mut PgConnection,
    rounds: &[&mut RoundBrief],
) -> sqlx::Result<HashMap<String, (Market, u16)>> {
    let of = |round: &RoundBrief| round.columns.config.clone();
    let configs: Vec<String> =
        rounds.iter().filter(|round| round.is_market()).map(|round| of(round)).collect();
    if configs.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<ConfigRow> = sqlx::query_as(
        "SELECT address, coalesce(rules, '') AS rules, coalesce(fee_bps, 0) AS fee_bps FROM configs
         WHERE address = ANY($1)",
    )
    .bind(configs)
    .fetch_all(connection)
    .await?;
    let read = |row: ConfigRow| Some((row.address, (Market::from_tail(&row.rules)?, row.fee_bps as u16)));
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Puts pools and attestations into those of the rounds that are markets: three queries for any number of rounds, none
/// where there is no market.
pub async fn complete(connection: &mut PgConnection, rounds: Vec<&mut RoundBrief>) -> sqlx::Result<()> {
    let markets = markets(connection, &rounds).await?;
    if markets.is_empty() {
        return Ok(());
    }
    let addresses: Vec<String> =
        rounds.iter().filter(|round| round.is_market()).map(|round| round.address.clone()).collect();
    let pools: Vec<PoolRow> = sqlx::query_as(
        "SELECT round, outcome, stake_units::text AS stake_units, entries FROM outcome_pools
         WHERE round = ANY($1) ORDER BY round, outcome",
    )
    .bind(&addresses)
    .fetch_all(&mut *connection)
    .await?;
    let attestations: Vec<AttestationRow> = sqlx::query_as(
        "SELECT round, reporter, reporter_index, facts, encode(evidence, 'hex') AS evidence, attested_at, decided,
                slot, signature
         FROM attestations WHERE round = ANY($1) ORDER BY round, reporter_index",
    )
    .bind(&addresses)
    .fetch_all(connection)
    .await?;
    let mut pools = by_round(pools, |row| row.round.clone());
    let mut attestations = by_round(attestations, |row| row.round.clone());
    for round in rounds {
        let Some((market, fee_bps)) = markets.get(&round.columns.config).filter(|_| round.is_market()) else {
            continue;
        };
        let pools = pools.remove(&round.address).unwrap_or_default();
        let attestations = attestations.remove(&round.address).unwrap_or_default();
        round.market = Some(of_round(round, market, *fee_bps, pools, attestations));
    }
    Ok(())
}

fn by_round<T>(rows: Vec<T>, key: impl Fn(&T) -> String) -> HashMap<String, Vec<T>> {
    let mut groups: HashMap<String, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

fn of_round(
    round: &RoundBrief,
    market: &Market,
    fee_bps: u16,
    pools: Vec<PoolRow>,
    attestations: Vec<AttestationRow>,
) -> RoundMarket {
    let columns = &round.columns;
    // Until the account was read, what the config says.
    let byte = |column: i16, rules: u8| u8::try_from(column).ok().filter(|byte| *byte > 0).unwrap_or(rules);
    let quorum = Quorum {
        reporters: byte(columns.reporter_count, market.rules.reporter_count),
        needed: byte(columns.quorum, market.rules.quorum),
    };
    let attestations: Vec<Attestation> = attestations.into_iter().map(Attestation::from).collect();
    let decided = attestations.iter().find(|attestation| attestation.decided);
    RoundMarket {
        event_at: Some(columns.event_at).filter(|at| *at > 0),
        winning_outcome: round.winning_outcome(),
        winning_units: columns.winning_units.clone(),
        matched_units: columns.matched_units.clone(),
        pools: with_odds(market, fee_bps, round.status == "void", pools),
        facts: decided.map(|attestation| attestation.facts.clone()),
        attestations,
        quorum: quorum.needed,
        reporter_count: quorum.reporters,
        blocking: quorum.blocking(),
    }
}

/// Every outcome has its pool, also one that no row knows yet.
fn with_odds(market: &Market, fee_bps: u16, is_void: bool, rows: Vec<PoolRow>) -> Vec<OutcomePool> {
    let mut pools: Vec<OutcomePool> = (0..)
        .zip(market.labels())
        .map(|(outcome, label)| OutcomePool {
            outcome,
            label,
            stake_units: 0.into(),
            entries: 0,
            share: 0.0,
            payout: None,
        })
        .collect();
    for row in rows {
        let Some(pool) = usize::try_from(row.outcome).ok().and_then(|place| pools.get_mut(place)) else {
            continue;
        };
        (pool.stake_units, pool.entries) = (row.stake_units, row.entries);
    }
    let stakes: Vec<u64> = pools.iter().map(|pool| pool.stake_units.number()).collect();
    let all: u128 = stakes.iter().map(|units| u128::from(*units)).sum();
    let odds = market.odds(&stakes, fee_bps);
    for ((pool, units), odds) in pools.iter_mut().zip(stakes).zip(odds) {
        if all > 0 {
            pool.share = units as f64 / all as f64;
        }
        pool.payout = odds.filter(|_| !is_void).map(|odds| odds.decimal());
    }
    pools
}

impl From<AttestationRow> for Attestation {
    fn from(row: AttestationRow) -> Self {
        Self {
            reporter: row.reporter,
            reporter_index: row.reporter_index,
            facts: row.facts.iter().map(i64::to_string).collect(),
            evidence: row.evidence,
            attested_at: row.attested_at,
            decided: row.decided,
            slot: row.slot,
            signature: row.signature,
        }
    }
}

/// The reporters of oracle sets, by address.
pub async fn reporters(
    connection: &mut PgConnection,
    oracle_sets: &[String],
) -> sqlx::Result<HashMap<String, Vec<String>>> {
    if oracle_sets.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, Vec<String>)> =
        sqlx::query_as("SELECT address, reporters FROM oracle_sets WHERE address = ANY($1)")
            .bind(oracle_sets)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().collect())
}

/// The rules of a market as its config stores them, with no reporters yet. `None`: bytes that are not its rules.
pub fn rules(data: &[u8]) -> Option<MarketRules> {
    Some(MarketRules::new(&Market::from_tail(data)?, Vec::new()))
}

/// What an outcome of a market is called. `data`: the rules as its config stores them.
pub fn label(data: Option<&[u8]>, outcome: Option<i16>) -> Option<String> {
    let outcome = u8::try_from(outcome?).ok()?;
    Some(Market::from_tail(data?)?.label(outcome))
}
