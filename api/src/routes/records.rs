//! `/api/rounds/{id}/records`

use axum::extract::State;
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Listing, Problems, lotteries::known, row_number};
use crate::{
    cursor::{self, List},
    extract::{Json, Path, Query},
    fields,
    problem::ApiError,
    state::AppState,
    store::{
        RoundRecord,
        record::{self, Place, RECORDS},
        round_entry,
    },
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(by_address)).routes(routes!(by_index))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only records of this name: BetPlaced, RoundLocked, BetMatched, RoundFinalized, WinningsClaimed or RefundIssued.
    record: Option<String>,
    /// `next_cursor` of the part before.
    cursor: Option<String>,
    /// Items wanted, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// The steps of a round as records, the oldest first: who bet, what was matched, and who was paid or refunded.
#[utoipa::path(get, path = "/rounds/{id}/records", tag = "rounds",
    params(("id" = String, Path, description = "Address of the round's account"), Filter),
    responses((status = 200, body = Listing<RoundRecord>), Problems))]
async fn by_address(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(filter): Query<Filter>,
) -> Answer<Listing<RoundRecord>> {
    let address = fields::address("id", &id)?.to_string();
    let mut connection = state.pool.acquire().await?;
    answer(&mut connection, &address, &filter).await
}

/// The same by lottery and index.
#[utoipa::path(get, path = "/lotteries/{id}/rounds/{index}/records", tag = "rounds",
    params(("id" = u64, Path), ("index" = u64, Path, description = "From 0; never reused"), Filter),
    responses((status = 200, body = Listing<RoundRecord>), Problems))]
async fn by_index(
    State(state): State<AppState>,
    Path((id, index)): Path<(u64, u64)>,
    Query(filter): Query<Filter>,
) -> Answer<Listing<RoundRecord>> {
    let (row_id, row_index) = (row_number(id, "lottery")?, row_number(index, "round")?);
    let mut connection = state.pool.acquire().await?;
    let address = round_entry::address_of(&mut connection, row_id, row_index).await?;
    let address = address.ok_or_else(|| ApiError::NotFound(format!("lottery {id} has no round {index}")))?;
    answer(&mut connection, &address, &filter).await
}

async fn answer(
    connection: &mut PgConnection,
    address: &str,
    filter: &Filter,
) -> Answer<Listing<RoundRecord>> {
    known("record", filter.record.as_deref(), &RECORDS)?;
    let limit = cursor::limit(filter.limit)?;
    let after = match &filter.cursor {
        None => Place::FIRST,
        Some(text) => Place::of_key(cursor::decode(List::Records, text)?),
    };
    let mut items = record::of_round(connection, address, filter.record.as_deref(), after, limit + 1).await?;
    if items.is_empty() && !record::round_exists(connection, address).await? {
        return Err(ApiError::NotFound(format!("there is no round at {address}")));
    }
    let next_cursor =
        cursor::cut(&mut items, limit, |last| cursor::encode(List::Records, last.place().key()));
    Ok(Json(Listing { items, next_cursor }))
}
