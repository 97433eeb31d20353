//! `/api/wallets/{owner}`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Listing, Problems, row_number};
use crate::{
    cursor::{self, List},
    extract::{Json, Path, Query},
    fields,
    state::AppState,
    store::{Wallet, WalletEntry, entry, wallet},
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(entries))
}

/// A player's wallets, one per mint; none yet is an empty list.
#[derive(Debug, Serialize, ToSchema)]
struct Wallets {
    owner: String,
    wallets: Vec<Wallet>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EntryFilter {
    /// Only entries of this lottery.
    lottery_id: Option<u64>,
    /// `next_cursor` of the part before.
    cursor: Option<String>,
    /// Items wanted, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// The wallets of an owner, in every mint.
#[utoipa::path(get, path = "/wallets/{owner}", tag = "wallets",
    params(("owner" = String, Path, description = "Base58 address of the player")),
    responses((status = 200, body = Wallets), Problems))]
async fn get(State(state): State<AppState>, Path(owner): Path<String>) -> Answer<Wallets> {
    let owner = fields::address("owner", &owner)?.to_string();
    let mut connection = state.pool.acquire().await?;
    let wallets = wallet::of_owner(&mut connection, &owner).await?;
    Ok(Json(Wallets { owner, wallets }))
}

/// Entries of an owner's wallets, newest first, each with its round's result and what it was paid.
#[utoipa::path(get, path = "/wallets/{owner}/entries", tag = "wallets",
    params(("owner" = String, Path, description = "Base58 address of the player"), EntryFilter),
    responses((status = 200, body = Listing<WalletEntry>), Problems))]
async fn entries(
    State(state): State<AppState>,
    Path(owner): Path<String>,
    Query(filter): Query<EntryFilter>,
) -> Answer<Listing<WalletEntry>> {
    let owner = fields::address("owner", &owner)?.to_string();
    let lottery_id = filter.lottery_id.map(|id| row_number(id, "lottery")).transpose()?;
    let limit = cursor::limit(filter.limit)?;
    let before = match &filter.cursor {
        None => i64::MAX,
        Some(text) => {
            let [id] = cursor::decode(List::Entries, text)?;
            i64::try_from(id).unwrap_or(i64::MAX)
        }
    };
    let mut connection = state.pool.acquire().await?;
    let mut items = entry::of_owner(&mut connection, &owner, lottery_id, before, limit + 1).await?;
    let next_cursor = cursor::cut(&mut items, limit, |last| cursor::encode(List::Entries, [last.id as u64]));
    Ok(Json(Listing { items, next_cursor }))
}
