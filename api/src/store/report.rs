//! The operator's report: what a lottery took in and paid out on each day, against what it should pay.

use std::collections::HashMap;

use lottery_rules::odds::{self, Turnover, Z_95};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::{
    market_days::{self, MarketFigures},
    rules::Stored,
    units::Units,
};

/// A lottery, day by day. A day is one of UTC, and a round counts on the day it ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Report {
    pub lottery_id: i64,
    pub name: String,
    pub kind: String,
    pub mint: String,
    pub decimals: i16,
    /// Every day asked for between the lottery's creation and today, the oldest first.
    pub days: Vec<ReportDay>,
    /// All these days together.
    pub total: Figures,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportDay {
    #[schema(example = "2026-11-21")]
    pub day: String,
    #[serde(flatten)]
    pub figures: Figures,
}

/// What happened in a span of time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Figures {
    /// Final rounds; void ones are not counted.
    pub rounds: i64,
    pub entries: i64,
    /// Stakes of these rounds.
    pub turnover_units: Units,
    /// What players got back; in a market that is their own stakes too.
    pub prizes_units: Units,
    /// Turnover less prizes; below zero when players won more than they staked.
    #[schema(value_type = String, pattern = "^-?[0-9]{1,20}$", example = "-250000")]
    pub gross_revenue_units: String,
    pub fees_units: Units,
    /// Prizes by turnover; absent without turnover, and for markets, where players only pay each other.
    pub realised_rtp: Option<f64>,
    /// House games: the exact RTP of the tickets sold, each spot count weighted by its turnover.
    pub exact_rtp: Option<f64>,
    /// House games: where the realised RTP lies on 95 days of 100.
    pub rtp_band: Option<RtpBand>,
    /// Rent that the lottery's rounds and pages lock at the end of the day, or now.
    pub rent_locked_lamports: Units,
    /// Rewards that cranking these rounds, void ones too, has paid.
    pub crank_cost_lamports: Units,
    /// Prediction only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market: Option<MarketFigures>,
}

/// The exact RTP less and plus 1.96 standard errors, which follow from the paytable's exact variance and the stakes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RtpBand {
    pub low: f64,
    pub high: f64,
}

#[derive(FromRow)]
struct About {
    name: String,
    kind: String,
    mint: String,
    decimals: i16,
}

#[derive(FromRow)]
struct DayRow {
    day: String,
    rounds: i64,
    entries: i64,
    turnover_units: Units,
    prizes_units: Units,
    fees_units: Units,
    rent_locked_lamports: Units,
    crank_cost_lamports: Units,
}

/// Stakes of one day on one spot count under one config.
#[derive(FromRow)]
struct StakeRow {
    day: String,
    config: String,
    spots: i16,
    stakes: f64,
    squares: f64,
}

/// The days `from` to `to`, both included and written `2026-11-21`; `None`: there is no such lottery.
pub async fn get(
    connection: &mut PgConnection,
    lottery_id: i64,
    from: &str,
    to: &str,
) -> sqlx::Result<Option<Report>> {
    let about: Option<About> = sqlx::query_as(
        "SELECT coalesce(l.name, '') AS name, coalesce(l.kind, 'unknown') AS kind, coalesce(l.mint, '') AS mint,
                coalesce(v.decimals, 9::smallint) AS decimals
         FROM lotteries l LEFT JOIN vaults v ON v.mint = l.mint WHERE l.id = $1",
    )
    .bind(lottery_id)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(about) = about else { return Ok(None) };
    let rows = days(connection, lottery_id, from, to).await?;
    let mut stakes = stakes(connection, lottery_id, &about.kind, from, to).await?;
    let all: Vec<Turnover> = stakes.values().flatten().copied().collect();
    let mut total = figures(&rows, &all);
    let markets = market_days::of_lottery(connection, lottery_id, &about.kind, from, to).await?;
    let is_market = about.kind == "prediction";
    if is_market {
        total.set_market(market_days::sum(markets.values()));
    }
    let days = rows.into_iter().map(|row| {
        let stakes = stakes.remove(&row.day).unwrap_or_default();
        let mut day = row.into_day(&stakes);
        if is_market {
            day.figures.set_market(market_days::sum(markets.get(&day.day).into_iter()));
        }
        day
    });
    Ok(Some(Report {
        lottery_id,
        days: days.collect(),
        total,
        name: about.name,
        kind: about.kind,
        mint: about.mint,
        decimals: about.decimals,
    }))
}

/// Every day of the span in which the lottery was there, with zeros where nothing happened.
async fn days(
    connection: &mut PgConnection,
    lottery_id: i64,
    from: &str,
    to: &str,
) -> sqlx::Result<Vec<DayRow>> {
    sqlx::query_as(
        "WITH span AS (
             SELECT greatest($2::text::date, (to_timestamp(coalesce(created_at, 0)) AT TIME ZONE 'UTC')::date) AS first,
                    least($3::text::date, (now() AT TIME ZONE 'UTC')::date) AS last
             FROM lotteries WHERE id = $1
         )
         SELECT g.day::date::text AS day, coalesce(d.rounds, 0) AS rounds, coalesce(d.entries, 0) AS entries,
                coalesce(d.turnover_units, 0)::text AS turnover_units,
                coalesce(d.prizes_units, 0)::text AS prizes_units, coalesce(d.fees_units, 0)::text AS fees_units,
                coalesce(d.crank_cost_lamports, 0)::text AS crank_cost_lamports,
                lottery_rent_locked($1, least(
                    extract(epoch FROM (g.day + interval '1 day') AT TIME ZONE 'UTC')::bigint - 1,
                    extract(epoch FROM now())::bigint))::text AS rent_locked_lamports
         FROM span CROSS JOIN LATERAL
              generate_series(span.first::timestamp, span.last::timestamp, interval '1 day') AS g(day)
         LEFT JOIN (
             -- The span inside: a round every five seconds makes six million a year.
             SELECT * FROM lottery_days WHERE lottery_id = $1 AND day >= $2::text::date AND day <= $3::text::date
         ) d ON d.day = g.day::date
         ORDER BY g.day",
    )
    .bind(lottery_id)
    .bind(from)
    .bind(to)
    .fetch_all(connection)
    .await
}

/// What was staked on tickets that return alike, by day. Empty for kinds without a bankroll.
async fn stakes(
    connection: &mut PgConnection,
    lottery_id: i64,
    kind: &str,
    from: &str,
    to: &str,
) -> sqlx::Result<HashMap<String, Vec<Turnover>>> {
    let rows: Vec<StakeRow> = sqlx::query_as(
        "SELECT day::text AS day, config, spots, stake_units::float8 AS stakes, stake_squares::float8 AS squares
         FROM lottery_day_stakes
         WHERE lottery_id = $1 AND day >= $2::text::date AND day <= $3::text::date",
    )
    .bind(lottery_id)
    .bind(from)
    .bind(to)
    .fetch_all(&mut *connection)
    .await?;
    let configs: Vec<&String> = rows.iter().map(|row| &row.config).collect();
    let rules: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT address, coalesce(rules, '') FROM configs WHERE address = ANY($1)")
            .bind(configs)
            .fetch_all(connection)
            .await?;
    let read = rules.into_iter().filter_map(|(config, data)| Some((config, Stored::read(kind, &data)?)));
    let rules: HashMap<String, Stored> = read.collect();
    let mut days: HashMap<String, Vec<Turnover>> = HashMap::new();
    for row in rows {
        let returns = rules.get(&row.config).and_then(|rules| rules.returns(row.spots.try_into().ok()?));
        let Some(returns) = returns else { continue };
        let turnover = Turnover { stats: returns.stats(), stakes: row.stakes, squares: row.squares };
        days.entry(row.day).or_default().push(turnover);
    }
    Ok(days)
}

impl DayRow {
    fn into_day(self, stakes: &[Turnover]) -> ReportDay {
        let figures = figures(std::slice::from_ref(&self), stakes);
        ReportDay { day: self.day, figures }
    }
}

impl Figures {
    /// They are a market's: there is no return to player that anybody promised.
    fn set_market(&mut self, market: MarketFigures) {
        self.realised_rtp = None;
        self.market = Some(market);
    }
}

/// The sum of days; what was locked at the end of the last of them.
fn figures(rows: &[DayRow], stakes: &[Turnover]) -> Figures {
    // A year of u64 amounts fits 128 bits with room to spare.
    let sum = |of: fn(&DayRow) -> &Units| {
        rows.iter().map(|row| of(row).0.parse::<i128>().unwrap_or(0)).sum::<i128>()
    };
    let (turnover, prizes) = (sum(|row| &row.turnover_units), sum(|row| &row.prizes_units));
    let units = |amount: i128| Units(amount.to_string());
    let band = odds::band(stakes.iter().copied(), Z_95);
    Figures {
        rounds: rows.iter().map(|row| row.rounds).sum(),
        entries: rows.iter().map(|row| row.entries).sum(),
        turnover_units: units(turnover),
        prizes_units: units(prizes),
        gross_revenue_units: (turnover - prizes).to_string(),
        fees_units: units(sum(|row| &row.fees_units)),
        realised_rtp: (turnover > 0).then(|| prizes as f64 / turnover as f64),
        exact_rtp: band.map(|band| band.exact),
        rtp_band: band.map(|band| RtpBand { low: band.low, high: band.high }),
        rent_locked_lamports: rows.last().map(|row| row.rent_locked_lamports.clone()).unwrap_or_default(),
        crank_cost_lamports: units(sum(|row| &row.crank_cost_lamports)),
        market: None,
    }
}
