//! `/api/lotteries`

use axum::extract::State;
use lottery_interface::kinds::{Kind, LotteryStatus};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Listing, Problems, row_number};
use crate::{
    cursor::{self, List},
    extract::{Json, Path, Query},
    problem::ApiError,
    state::AppState,
    store::{Lottery, lottery},
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// pending, active, paused or completed.
    status: Option<String>,
    /// draw, keno, instant, prediction or raffle.
    kind: Option<String>,
    /// `next_cursor` of the part before.
    cursor: Option<String>,
    /// Items wanted, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Refuses a name that is none of `known`.
pub fn known(field: &str, name: Option<&str>, known: &[&str]) -> Result<(), ApiError> {
    match name {
        Some(name) if !known.contains(&name) => {
            Err(ApiError::invalid(field, format!("`{name}` is none of {}", known.join(", "))))
        }
        _ => Ok(()),
    }
}

/// Lotteries, by id.
#[utoipa::path(get, path = "/lotteries", tag = "lotteries", params(Filter),
    responses((status = 200, body = Listing<Lottery>), Problems))]
async fn list(State(state): State<AppState>, Query(filter): Query<Filter>) -> Answer<Listing<Lottery>> {
    let statuses: Vec<_> = LotteryStatus::ALL.iter().map(|status| status.name()).collect();
    let kinds: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    known("status", filter.status.as_deref(), &statuses)?;
    known("kind", filter.kind.as_deref(), &kinds)?;
    let limit = cursor::limit(filter.limit)?;
    let after = match &filter.cursor {
        None => -1,
        Some(text) => {
            let [id] = cursor::decode(List::Lotteries, text)?;
            i64::try_from(id).unwrap_or(i64::MAX)
        }
    };
    let narrow = lottery::Narrow { status: filter.status.as_deref(), kind: filter.kind.as_deref() };
    let mut connection = state.pool.acquire().await?;
    let mut items = lottery::list(&mut connection, &narrow, after, limit + 1).await?;
    let next_cursor =
        cursor::cut(&mut items, limit, |last| cursor::encode(List::Lotteries, [last.id as u64]));
    Ok(Json(Listing { items, next_cursor }))
}

/// One lottery with its rules, odds, live rounds and last result.
#[utoipa::path(get, path = "/lotteries/{id}", tag = "lotteries", params(("id" = u64, Path)),
    responses((status = 200, body = Lottery), Problems))]
async fn get(State(state): State<AppState>, Path(id): Path<u64>) -> Answer<Lottery> {
    let mut connection = state.pool.acquire().await?;
    let lottery = lottery::get(&mut connection, row_number(id, "lottery")?).await?;
    lottery.map(Json).ok_or_else(|| ApiError::NotFound(format!("there is no lottery {id}")))
}
