//! Lotteries with their rules, live rounds and last result.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::{
    round::{self, RoundBrief},
    tier::{self, Shape, Tier},
    units::Units,
};

/// The rules for rounds that open from now on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LotteryConfig {
    pub address: String,
    pub version: i64,
    /// Price of one entry.
    pub stake_units: Units,
    pub fee_bps: i32,
    /// Where the random value comes from.
    #[schema(example = "commit_reveal")]
    pub source: String,
    pub grace_seconds: i64,
    pub claim_seconds: i64,
    /// Kind draw: numbers picked of `numbers`, and balls in the bonus drum; 0 for other kinds.
    pub picks: i16,
    pub numbers: i16,
    pub bonus_numbers: i16,
    pub tiers: Vec<Tier>,
}

/// A game that runs round after round.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Lottery {
    pub id: i64,
    pub address: String,
    pub name: String,
    #[schema(example = "draw")]
    pub kind: String,
    /// pending, active, paused or completed.
    #[schema(example = "active")]
    pub status: String,
    /// The next round to open is the last.
    pub retiring: bool,
    /// Progressive: what nobody won goes to the jackpot.
    pub rollover: bool,
    pub operator: String,
    /// The zero address for native SOL.
    pub mint: String,
    /// Decimals of every `_units` amount here.
    pub decimals: i16,
    /// native, spl_token or token_2022.
    pub token_kind: String,
    pub jackpot_units: Units,
    pub fees_units: Units,
    pub bond_free_units: Units,
    pub bond_reserved_units: Units,
    pub bankroll_free_units: Units,
    pub bankroll_reserved_units: Units,
    pub crank_lamports: Units,
    pub created_at: i64,
    pub period_seconds: i64,
    pub max_entries_per_round: i64,
    /// 0: no limit.
    pub max_entries_per_player: i64,
    pub next_round_index: i64,
    /// Absent until the config is indexed.
    pub config: Option<LotteryConfig>,
    /// Rounds that are not final or void, newest first.
    pub live_rounds: Vec<RoundBrief>,
    /// The newest round with a result.
    pub last_result: Option<RoundBrief>,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    address: String,
    name: String,
    kind: String,
    status: String,
    retiring: bool,
    rollover: bool,
    operator: String,
    mint: String,
    decimals: i16,
    token_kind: String,
    jackpot_units: Units,
    fees_units: Units,
    bond_free_units: Units,
    bond_reserved_units: Units,
    bankroll_free_units: Units,
    bankroll_reserved_units: Units,
    crank_lamports: Units,
    created_at: i64,
    period_seconds: i64,
    max_entries_per_round: i64,
    max_entries_per_player: i64,
    next_round_index: i64,
    config: Option<String>,
    version: i64,
    stake_units: Units,
    fee_bps: i32,
    source: String,
    grace_seconds: i64,
    claim_seconds: i64,
    picks: i16,
    numbers: i16,
    bonus_numbers: i16,
}

macro_rules! lottery_query {
    ($rest:literal) => {
        concat!(
            "SELECT l.id, l.address, coalesce(l.name, '') AS name, coalesce(l.kind, 'unknown') AS kind,
                coalesce(l.status, 'pending') AS status, coalesce(l.retiring, 0) > 0 AS retiring,
                coalesce(l.rollover, FALSE) AS rollover, coalesce(l.operator, '') AS operator,
                coalesce(l.mint, '') AS mint, coalesce(v.decimals, 9::smallint) AS decimals,
                coalesce(v.kind, 'native') AS token_kind,
                coalesce(l.jackpot_units, 0)::text AS jackpot_units,
                coalesce(l.fees_units, 0)::text AS fees_units,
                coalesce(l.bond_free_units, 0)::text AS bond_free_units,
                coalesce(l.bond_reserved_units, 0)::text AS bond_reserved_units,
                coalesce(l.bankroll_free_units, 0)::text AS bankroll_free_units,
                coalesce(l.bankroll_reserved_units, 0)::text AS bankroll_reserved_units,
                coalesce(l.crank_lamports, 0)::text AS crank_lamports,
                coalesce(l.created_at, 0) AS created_at, coalesce(l.period_seconds, 0) AS period_seconds,
                coalesce(l.max_entries_per_round, 0) AS max_entries_per_round,
                coalesce(l.max_entries_per_player, 0) AS max_entries_per_player,
                coalesce(l.next_round_index, 0) AS next_round_index,
                c.address AS config, coalesce(c.version, 0) AS version,
                coalesce(c.stake_units, 0)::text AS stake_units, coalesce(c.fee_bps, 0) AS fee_bps,
                coalesce(c.source, 'unknown') AS source, coalesce(c.grace_seconds, 0) AS grace_seconds,
                coalesce(c.claim_seconds, 0) AS claim_seconds,
                coalesce(c.picks, 0::smallint) AS picks, coalesce(c.numbers, 0::smallint) AS numbers,
                coalesce(c.bonus_numbers, 0::smallint) AS bonus_numbers
             FROM lotteries l
             LEFT JOIN vaults v ON v.mint = l.mint
             LEFT JOIN configs c ON c.address = l.config
             WHERE l.id IS NOT NULL AND ",
            $rest
        )
    };
}

/// What a list of lotteries is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Narrow<'a> {
    pub status: Option<&'a str>,
    pub kind: Option<&'a str>,
}

/// Lotteries with an id above `after`, by id.
pub async fn list(
    connection: &mut PgConnection,
    narrow: &Narrow<'_>,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<Lottery>> {
    let rows: Vec<Row> = sqlx::query_as(lottery_query!(
        "l.id > $1 AND ($2::text IS NULL OR l.status = $2) AND ($3::text IS NULL OR l.kind = $3)
         ORDER BY l.id LIMIT $4"
    ))
    .bind(after)
    .bind(narrow.status)
    .bind(narrow.kind)
    .bind(limit)
    .fetch_all(&mut *connection)
    .await?;
    complete(connection, rows).await
}

pub async fn get(connection: &mut PgConnection, id: i64) -> sqlx::Result<Option<Lottery>> {
    let rows: Vec<Row> =
        sqlx::query_as(lottery_query!("l.id = $1")).bind(id).fetch_all(&mut *connection).await?;
    Ok(complete(connection, rows).await?.pop())
}

/// The lotteries that a front page shows: what runs comes first, then the newest.
pub async fn front_page(connection: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<Lottery>> {
    let rows: Vec<Row> = sqlx::query_as(lottery_query!(
        "l.closed_at_slot IS NULL ORDER BY coalesce(l.status, 'pending') <> 'active', l.id DESC LIMIT $1"
    ))
    .bind(limit)
    .fetch_all(&mut *connection)
    .await?;
    let mut lotteries = complete(connection, rows).await?;
    lotteries.sort_by_key(|lottery| lottery.id);
    Ok(lotteries)
}

pub async fn exists(connection: &mut PgConnection, id: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM lotteries WHERE id = $1)")
        .bind(id)
        .fetch_one(connection)
        .await
}

/// Adds tiers and rounds: three queries for any number of lotteries.
async fn complete(connection: &mut PgConnection, rows: Vec<Row>) -> sqlx::Result<Vec<Lottery>> {
    let shapes: HashMap<String, Option<Shape>> = rows
        .iter()
        .filter_map(|row| Some((row.config.clone()?, Shape::new(row.picks, row.numbers, row.bonus_numbers))))
        .collect();
    let mut tiers = tier::of_configs(connection, &shapes).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut rounds: HashMap<i64, Vec<RoundBrief>> = HashMap::new();
    for round in round::newest_of_each(connection, &ids).await? {
        rounds.entry(round.lottery_id).or_default().push(round);
    }
    let lotteries = rows.into_iter().map(|row| {
        // Lotteries can share no config, so its tiers are taken, not copied.
        let tiers = row.config.as_ref().and_then(|config| tiers.remove(config)).unwrap_or_default();
        let rounds = rounds.remove(&row.id).unwrap_or_default();
        row.into_lottery(tiers, rounds)
    });
    Ok(lotteries.collect())
}

impl Row {
    fn into_lottery(self, tiers: Vec<Tier>, rounds: Vec<RoundBrief>) -> Lottery {
        let config = self.config.map(|address| LotteryConfig {
            address,
            version: self.version,
            stake_units: self.stake_units,
            fee_bps: self.fee_bps,
            source: self.source,
            grace_seconds: self.grace_seconds,
            claim_seconds: self.claim_seconds,
            picks: self.picks,
            numbers: self.numbers,
            bonus_numbers: self.bonus_numbers,
            tiers,
        });
        let last_result = rounds.iter().find(|round| round.result.is_some()).cloned();
        let is_live = |round: &RoundBrief| !matches!(round.status.as_str(), "final" | "void");
        Lottery {
            id: self.id,
            address: self.address,
            name: self.name,
            kind: self.kind,
            status: self.status,
            retiring: self.retiring,
            rollover: self.rollover,
            operator: self.operator,
            mint: self.mint,
            decimals: self.decimals,
            token_kind: self.token_kind,
            jackpot_units: self.jackpot_units,
            fees_units: self.fees_units,
            bond_free_units: self.bond_free_units,
            bond_reserved_units: self.bond_reserved_units,
            bankroll_free_units: self.bankroll_free_units,
            bankroll_reserved_units: self.bankroll_reserved_units,
            crank_lamports: self.crank_lamports,
            created_at: self.created_at,
            period_seconds: self.period_seconds,
            max_entries_per_round: self.max_entries_per_round,
            max_entries_per_player: self.max_entries_per_player,
            next_round_index: self.next_round_index,
            config,
            live_rounds: rounds.into_iter().filter(is_live).collect(),
            last_result,
        }
    }
}
