//! Markets in the operator's report: what was at risk, and what came back untouched.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::units::Units;

/// What happened in a lottery's markets. A market without two sides is final, but counts as refunded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct MarketFigures {
    /// What players got back of the turnover: payouts of winners, and the parts of stakes that nobody matched.
    pub returned_units: Units,
    /// What losers lost together. The fees are a part of it and of nothing else.
    pub matched_units: Units,
    /// Rounds whose stakes came back whole: void, or final without a winner or without a loser ...
    pub refunded_rounds: i64,
    /// ... and these stakes.
    pub refunded_units: Units,
}

#[derive(Clone, Debug, FromRow)]
pub struct Row {
    day: String,
    returned_units: Units,
    matched_units: Units,
    refunded_rounds: i64,
    refunded_units: Units,
}

/// The days on which rounds ended, by day. Empty for other kinds.
pub async fn of_lottery(
    connection: &mut PgConnection,
    lottery_id: i64,
    kind: &str,
    from: &str,
    to: &str,
) -> sqlx::Result<HashMap<String, Row>> {
    if kind != "prediction" {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT day::text AS day,
                coalesce(sum(prizes_units) FILTER (WHERE NOT whole), 0)::text AS returned_units,
                coalesce(sum(matched_units) FILTER (WHERE NOT whole), 0)::text AS matched_units,
                count(*) FILTER (WHERE whole AND entered_count > 0) AS refunded_rounds,
                coalesce(sum(entered_units) FILTER (WHERE whole), 0)::text AS refunded_units
         FROM (
             SELECT prizes_units, matched_units, entered_count, entered_units, DATE '1970-01-01' + (final_at / 86400)::INTEGER AS day,
                    status = 'void' OR coalesce(refund_all, FALSE) AS whole
             FROM rounds WHERE lottery_id = $1 AND final_at > 0
               AND DATE '1970-01-01' + (final_at / 86400)::INTEGER >= $2::text::date
               AND DATE '1970-01-01' + (final_at / 86400)::INTEGER <= $3::text::date
         ) r
         GROUP BY 1",
    )
    .bind(lottery_id)
    .bind(from)
    .bind(to)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.day.clone(), row)).collect())
}

/// Several days together.
pub fn sum<'a>(rows: impl Iterator<Item = &'a Row> + Clone) -> MarketFigures {
    // A year of u64 amounts fits 128 bits with room to spare.
    let units = |of: fn(&Row) -> &Units| {
        Units(rows.clone().map(|row| of(row).0.parse::<u128>().unwrap_or(0)).sum::<u128>().to_string())
    };
    MarketFigures {
        returned_units: units(|row| &row.returned_units),
        matched_units: units(|row| &row.matched_units),
        refunded_rounds: rows.clone().map(|row| row.refunded_rounds).sum(),
        refunded_units: units(|row| &row.refunded_units),
    }
}
