//! `/api/mints`

use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Listing, Problems};
use crate::{
    extract::Json,
    state::AppState,
    store::{Mint, mint},
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Mints that the program holds, with decimals and, where known, what people call them.
#[utoipa::path(get, path = "/mints", tag = "lotteries",
    responses((status = 200, body = Listing<Mint>), Problems))]
async fn list(State(state): State<AppState>) -> Answer<Listing<Mint>> {
    let mut connection = state.pool.acquire().await?;
    let mut items = mint::list(&mut connection).await?;
    for mint in &mut items {
        mint.symbol = state.config.symbol(&mint.mint).map(str::to_owned);
    }
    Ok(Json(Listing { items, next_cursor: None }))
}
