//! `/api/lotteries/{id}/rounds`

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Listing, Part, Problems, row_number};
use crate::{
    cursor::{self, List},
    extract::{Json, Path, Query},
    problem::ApiError,
    state::AppState,
    store::{Round, RoundBrief, RoundEntry, lottery, round, round_entry},
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(entries))
}

/// Rounds of a lottery, newest first.
#[utoipa::path(get, path = "/lotteries/{id}/rounds", tag = "rounds", params(("id" = u64, Path), Part),
    responses((status = 200, body = Listing<RoundBrief>), Problems))]
async fn list(
    State(state): State<AppState>,
    Path(id): Path<u64>,
    Query(part): Query<Part>,
) -> Answer<Listing<RoundBrief>> {
    let row_id = row_number(id, "lottery")?;
    let limit = cursor::limit(part.limit)?;
    let before = match &part.cursor {
        None => i64::MAX,
        Some(text) => {
            let [index] = cursor::decode(List::Rounds, text)?;
            i64::try_from(index).unwrap_or(i64::MAX)
        }
    };
    let mut connection = state.pool.acquire().await?;
    let mut items = round::list(&mut connection, row_id, before, limit + 1).await?;
    if items.is_empty() && !lottery::exists(&mut connection, row_id).await? {
        return Err(ApiError::NotFound(format!("there is no lottery {id}")));
    }
    let next_cursor =
        cursor::cut(&mut items, limit, |last| cursor::encode(List::Rounds, [last.index as u64]));
    Ok(Json(Listing { items, next_cursor }))
}

/// One round: result, tiers with winners, prizes and odds, and every value that proves the draw.
#[utoipa::path(get, path = "/lotteries/{id}/rounds/{index}", tag = "rounds",
    params(("id" = u64, Path), ("index" = u64, Path, description = "From 0; never reused")),
    responses((status = 200, body = Round), Problems))]
async fn get(State(state): State<AppState>, Path((id, index)): Path<(u64, u64)>) -> Answer<Round> {
    let (row_id, row_index) = (row_number(id, "lottery")?, row_number(index, "round")?);
    let mut connection = state.pool.acquire().await?;
    let round = round::get(&mut connection, row_id, row_index).await?;
    round.map(Json).ok_or_else(|| ApiError::NotFound(format!("lottery {id} has no round {index}")))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EntryFilter {
    /// true: only entries that won.
    #[serde(default)]
    winners: bool,
    /// `next_cursor` of the part before.
    cursor: Option<String>,
    /// Items wanted, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Entries of a round, newest first, each with its outcome as soon as it is settled.
#[utoipa::path(get, path = "/lotteries/{id}/rounds/{index}/entries", tag = "rounds",
    params(("id" = u64, Path), ("index" = u64, Path, description = "From 0; never reused"), EntryFilter),
    responses((status = 200, body = Listing<RoundEntry>), Problems))]
async fn entries(
    State(state): State<AppState>,
    Path((id, index)): Path<(u64, u64)>,
    Query(filter): Query<EntryFilter>,
) -> Answer<Listing<RoundEntry>> {
    let (row_id, row_index) = (row_number(id, "lottery")?, row_number(index, "round")?);
    let limit = cursor::limit(filter.limit)?;
    let before = match &filter.cursor {
        None => i64::MAX,
        Some(text) => {
            let [id] = cursor::decode(List::RoundEntries, text)?;
            i64::try_from(id).unwrap_or(i64::MAX)
        }
    };
    let mut connection = state.pool.acquire().await?;
    let address = round_entry::address_of(&mut connection, row_id, row_index).await?;
    let address = address.ok_or_else(|| ApiError::NotFound(format!("lottery {id} has no round {index}")))?;
    let mut items =
        round_entry::of_round(&mut connection, &address, filter.winners, before, limit + 1).await?;
    let next_cursor =
        cursor::cut(&mut items, limit, |last| cursor::encode(List::RoundEntries, [last.id as u64]));
    Ok(Json(Listing { items, next_cursor }))
}
