//! Lotteries with their rules, live rounds and last result.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::{
    market,
    randomness::{LotteryRandomness, lottery_randomness},
    round::{self, RoundBrief},
    rules::Rules,
    tier::{self, Shape, Tier},
    units::Units,
};

/// The rules for rounds that open from now on.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct LotteryConfig {
    #[sqlx(rename = "config_address")]
    pub address: String,
    pub version: i64,
    /// Price of one entry; 0 where players choose their stake.
    pub stake_units: Units,
    pub fee_bps: i32,
    /// Where the random value comes from.
    #[schema(example = "commit_reveal")]
    pub source: String,
    #[sqlx(flatten)]
    pub randomness: LotteryRandomness,
    pub grace_seconds: i64,
    pub claim_seconds: i64,
    /// Kind draw: numbers picked of `numbers`, and balls in the bonus drum; 0 for other kinds.
    pub picks: i16,
    pub numbers: i16,
    pub bonus_numbers: i16,
    #[sqlx(skip)]
    pub tiers: Vec<Tier>,
}

/// A game that runs round after round.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
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
    /// House games: the operator's money that no page has reserved ...
    pub bankroll_free_units: Units,
    /// ... and the budgets of pages whose round is not final yet.
    pub bankroll_reserved_units: Units,
    pub crank_lamports: Units,
    pub created_at: i64,
    pub period_seconds: i64,
    /// Rounds lock when unix time is so many seconds past a multiple of the period; 0: they follow each other.
    pub lock_offset_seconds: i64,
    pub max_entries_per_round: i64,
    /// 0: no limit.
    pub max_entries_per_player: i64,
    /// Limits of a ticket's stake; 0 where it cannot be chosen.
    pub min_stake_units: Units,
    pub max_stake_units: Units,
    /// House games: what one page reserves from the bankroll; one ticket may win a sixteenth of it.
    pub page_budget_units: Units,
    /// House games: budgets of one round's pages together.
    pub max_liability_units: Units,
    pub next_round_index: i64,
    /// Absent until the config is indexed.
    #[sqlx(skip)]
    pub config: Option<LotteryConfig>,
    /// House games: prizes with exact odds and RTP. Markets: outcomes, mapping and oracles. Raffles: places and who may
    /// enter. A draw's prizes are the tiers of
    /// its config.
    #[sqlx(skip)]
    pub rules: Option<Rules>,
    /// Rounds that are not final or void, newest first.
    #[sqlx(skip)]
    pub live_rounds: Vec<RoundBrief>,
    /// The newest round that was drawn.
    #[sqlx(skip)]
    pub last_result: Option<RoundBrief>,
}

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    lottery: Lottery,
    #[sqlx(flatten)]
    config: LotteryConfig,
    /// Rules of the config's kind, as stored; none: there is no config yet.
    rules_data: Option<Vec<u8>>,
}

macro_rules! lottery_query {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            lottery_randomness!(),
            ", l.id, l.address, coalesce(l.name, '') AS name, coalesce(l.kind, 'unknown') AS kind,
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
                coalesce(l.lock_offset_seconds, 0) AS lock_offset_seconds,
                coalesce(l.max_entries_per_round, 0) AS max_entries_per_round,
                coalesce(l.max_entries_per_player, 0) AS max_entries_per_player,
                coalesce(l.min_stake_units, 0)::text AS min_stake_units,
                coalesce(l.max_stake_units, 0)::text AS max_stake_units,
                coalesce(l.page_budget_units, 0)::text AS page_budget_units,
                coalesce(l.max_liability_units, 0)::text AS max_liability_units,
                coalesce(l.next_round_index, 0) AS next_round_index,
                coalesce(c.address, '') AS config_address, coalesce(c.version, 0) AS version,
                CASE WHEN c.address IS NOT NULL THEN coalesce(c.rules, '') END AS rules_data,
                coalesce(c.stake_units, 0)::text AS stake_units, coalesce(c.fee_bps, 0) AS fee_bps,
                coalesce(c.source, 'unknown') AS source, coalesce(c.grace_seconds, 0) AS grace_seconds,
                coalesce(c.claim_seconds, 0) AS claim_seconds,
                coalesce(c.picks, 0::smallint) AS picks, coalesce(c.numbers, 0::smallint) AS numbers,
                coalesce(c.bonus_numbers, 0::smallint) AS bonus_numbers
             FROM lotteries l
             LEFT JOIN vaults v ON v.mint = l.mint
             LEFT JOIN configs c ON c.address = l.config
             LEFT JOIN beacons b ON b.address = c.beacon
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

/// Adds rules, tiers and rounds: a few queries for any number of lotteries.
async fn complete(connection: &mut PgConnection, rows: Vec<Row>) -> sqlx::Result<Vec<Lottery>> {
    let shapes: HashMap<String, Option<Shape>> = rows
        .iter()
        .filter(|row| row.rules_data.is_some())
        .map(|Row { config, .. }| {
            let shape = Shape::new(config.picks, config.numbers, config.bonus_numbers);
            (config.address.clone(), shape)
        })
        .collect();
    let mut tiers = tier::of_configs(connection, &shapes).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.lottery.id).collect();
    let mut rounds: HashMap<i64, Vec<RoundBrief>> = HashMap::new();
    for round in round::newest_of_each(connection, &ids).await? {
        rounds.entry(round.lottery_id).or_default().push(round);
    }
    let lotteries = rows.into_iter().map(|row| {
        // Lotteries can share no config, so its tiers are taken, not copied.
        let tiers = tiers.remove(&row.config.address).unwrap_or_default();
        let rounds = rounds.remove(&row.lottery.id).unwrap_or_default();
        row.into_lottery(tiers, rounds)
    });
    let mut lotteries: Vec<Lottery> = lotteries.collect();
    let shown = lotteries.iter_mut().flat_map(|lottery| {
        // The last result may be among the live ones, before it is final: a copy of its own.
        lottery.live_rounds.iter_mut().chain(&mut lottery.last_result)
    });
    market::complete(connection, shown.collect()).await?;
    name_reporters(connection, &mut lotteries).await?;
    Ok(lotteries)
}

/// Says who the reporters of each market are.
async fn name_reporters(connection: &mut PgConnection, lotteries: &mut [Lottery]) -> sqlx::Result<()> {
    let markets = lotteries.iter_mut().filter_map(|lottery| match &mut lottery.rules {
        Some(Rules::Prediction(rules)) => Some(&mut rules.oracles),
        _ => None,
    });
    let markets: Vec<_> = markets.collect();
    let sets: Vec<String> = markets.iter().map(|oracles| oracles.address.clone()).collect();
    let reporters = market::reporters(connection, &sets).await?;
    for oracles in markets {
        oracles.reporters = reporters.get(&oracles.address).cloned().unwrap_or_default();
    }
    Ok(())
}

impl Row {
    fn into_lottery(self, tiers: Vec<Tier>, rounds: Vec<RoundBrief>) -> Lottery {
        let Self { mut lottery, config, rules_data } = self;
        if let Some(data) = rules_data {
            let budget = lottery.page_budget_units.number();
            lottery.rules = Rules::read(&lottery.kind, &data, budget, lottery.max_stake_units.number());
            lottery.config = Some(LotteryConfig { tiers, ..config });
        }
        lottery.last_result = rounds.iter().find(|round| round.is_drawn()).cloned();
        let is_live = |round: &RoundBrief| !matches!(round.status.as_str(), "final" | "void");
        lottery.live_rounds = rounds.into_iter().filter(is_live).collect();
        lottery
    }
}
