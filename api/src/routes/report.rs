//! `/api/lotteries/{id}/report`

use axum::extract::State;
use jiff::{ToSpan, civil::Date};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Problems, row_number};
use crate::{
    extract::{Json, Path, Query},
    problem::ApiError,
    state::AppState,
    store::{Report, report},
};

/// Days of one report.
const MAX_DAYS: i32 = 366;
/// Days before the last one, when nobody says otherwise.
const DEFAULT_DAYS_BACK: i64 = 6;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Span {
    /// First day, UTC, as `2026-11-21`; absent: six days before the last.
    from: Option<String>,
    /// Last day, included; absent: today.
    to: Option<String>,
}

/// What a lottery took in and paid out, by day: turnover, prizes, gross revenue, fees, the realised RTP against the exact
/// one with its 95 % band, rent locked and cost of cranking.
#[utoipa::path(get, path = "/lotteries/{id}/report", tag = "lotteries", params(("id" = u64, Path), Span),
    responses((status = 200, body = Report), Problems))]
async fn get(State(state): State<AppState>, Path(id): Path<u64>, Query(span): Query<Span>) -> Answer<Report> {
    let row_id = row_number(id, "lottery")?;
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (from, to) = days(&span, today)?;
    let mut connection = state.pool.acquire().await?;
    let report = report::get(&mut connection, row_id, &from.to_string(), &to.to_string()).await?;
    report.map(Json).ok_or_else(|| ApiError::NotFound(format!("there is no lottery {id}")))
}

/// First and last day.
fn days(span: &Span, today: Date) -> Result<(Date, Date), ApiError> {
    let to = span.to.as_deref().map_or(Ok(today), |text| day("to", text))?;
    let back = to.saturating_sub(DEFAULT_DAYS_BACK.days());
    let from = span.from.as_deref().map_or(Ok(back), |text| day("from", text))?;
    if from > to {
        return Err(ApiError::invalid("from", format!("{from} is after {to}: give the earlier day first")));
    }
    let count = (to - from).get_days() + 1;
    if count > MAX_DAYS {
        let detail = format!("{count} days, and {MAX_DAYS} is the most: ask for less at a time");
        return Err(ApiError::invalid("from", detail));
    }
    Ok((from, to))
}

/// Reads `2026-11-21`, and nothing else that a library may take for a day.
fn day(field: &str, text: &str) -> Result<Date, ApiError> {
    let date: Option<Date> = text.parse().ok();
    date.filter(|date| date.to_string() == text && date.year() >= 1970).ok_or_else(|| {
        let shown: String = text.chars().take(30).collect();
        ApiError::invalid(field, format!("`{shown}` is no day: write it as 2026-11-21"))
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn read(from: Option<&str>, to: Option<&str>) -> Result<(Date, Date), ApiError> {
        let span = Span { from: from.map(str::to_owned), to: to.map(str::to_owned) };
        days(&span, date(2026, 11, 21))
    }

    #[test]
    fn a_week_unless_said_otherwise() {
        assert_eq!(read(None, None).unwrap(), (date(2026, 11, 15), date(2026, 11, 21)));
        assert_eq!(read(None, Some("2026-03-02")).unwrap(), (date(2026, 2, 24), date(2026, 3, 2)));
        assert_eq!(
            read(Some("2026-11-21"), Some("2026-11-21")).unwrap(),
            (date(2026, 11, 21), date(2026, 11, 21))
        );
        assert!(read(Some("2025-11-21"), None).is_ok(), "366 days");
    }

    #[test]
    fn bad_days_are_named() {
        let field = |from, to| read(from, to).unwrap_err().problem().field.unwrap();
        for text in
            ["2026-02-30", "21.11.2026", "2026-11-21T00:00", "20261121", "", "1969-12-31", "-000001-01-01"]
        {
            assert_eq!(field(Some(text), None), "from", "{text}");
            assert_eq!(field(None, Some(text)), "to", "{text}");
        }
        assert_eq!(field(Some("2026-11-22"), None), "from");
        assert_eq!(field(Some("2025-11-20"), None), "from");
    }
}
