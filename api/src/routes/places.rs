//! `/api/rounds/{id}/places`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Problems};
use crate::{
    cursor,
    extract::{Json, Path, Query},
    fields,
    problem::ApiError,
    state::AppState,
    store::{Place, raffle},
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(places))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only ranks after this one: `next_after` of the part before.
    after: Option<u32>,
    /// Items wanted, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Only entries of this wallet, or of this owner's; those without a rank too, last.
    wallet: Option<String>,
}

/// The order of a raffle, or a part of it.
#[derive(Debug, Serialize, ToSchema)]
struct Places {
    items: Vec<Place>,
    /// Pass it as `after` for the next part; absent at the end.
    next_after: Option<i64>,
}

/// The order of a raffle by rank: who has a place, until when it is offered, and who waits. Empty before the order is known.
#[utoipa::path(get, path = "/rounds/{id}/places", tag = "rounds",
    params(("id" = String, Path, description = "Address of the round's account"), Filter),
    responses((status = 200, body = Places), Problems))]
async fn places(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(filter): Query<Filter>,
) -> Answer<Places> {
    let address = fields::address("id", &id)?.to_string();
    let limit = cursor::limit(filter.limit)?;
    let after = filter.after.map_or(-1, i64::from);
    let wallet = filter.wallet.as_deref().map(|wallet| fields::address("wallet", wallet)).transpose()?;
    let mut connection = state.pool.acquire().await?;
    match raffle::kind_of(&mut connection, &address).await?.as_deref() {
        Some("raffle") => {}
        None => return Err(ApiError::NotFound(format!("there is no round at {address}"))),
        Some(_) => return Err(ApiError::NotFound(format!("the round at {address} is not a raffle's"))),
    }
    let mut items = match wallet {
        None => raffle::places(&mut connection, &address, after, limit + 1).await?,
        Some(wallet) => {
            raffle::of_wallet(&mut connection, &address, &wallet.to_string(), after, limit + 1).await?
        }
    };
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next_after = items.last().filter(|_| more).and_then(|last| last.rank);
    Ok(Json(Places { items, next_after }))
}
