//! The routes: one file and one `router()` per resource, and the document that describes them.

mod health;
mod lotteries;
mod mints;
mod places;
mod proofs;
mod records;
mod report;
mod rounds;
mod transactions;
mod wallets;

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, extract::DefaultBodyLimit, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams, IntoResponses, OpenApi, ToSchema,
    openapi::{Content, Ref, RefOr, Response, ResponseBuilder},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{extract::Json, limits, page, problem::ApiError, problem::Problem, state::AppState, ws};

/// Part of a list, and where the next part begins.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing<T> {
    pub items: Vec<T>,
    /// Pass it as `cursor` for the next part; absent at the end.
    pub next_cursor: Option<String>,
}

/// Which part of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Part {
    /// `next_cursor` of the part before.
    pub cursor: Option<String>,
    /// Items wanted, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// The answers that any route can give instead of its own.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let problem = |description: &str| {
            let content = Content::new(Some(Ref::from_schema_name("Problem")));
            ResponseBuilder::new()
                .description(description)
                .content("application/problem+json", content)
                .build()
        };
        [
            ("4XX", "The request is refused; `detail` says what to do"),
            ("5XX", "No answer now; `detail` says when to try again"),
        ]
        .into_iter()
        .map(|(status, description)| (status.to_owned(), RefOr::T(problem(description))))
        .collect()
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "lottery_v4",
        description = "Lotteries, rounds, wallets, and transactions ready to sign. Amounts ending in `_units` are base \
                       units of a mint, as strings; `_lamports` are native SOL; `_at` and `_until` are unix seconds."
    ),
    components(schemas(Problem)),
    tags(
        (name = "lotteries", description = "Games and their rules"),
        (name = "rounds", description = "Rounds with results, tiers and odds"),
        (name = "wallets", description = "Balances and entries of a player"),
        (name = "transactions", description = "Unsigned transactions for a wallet to sign, and sending signed ones"),
        (name = "service", description = "Health, measurements, live feed and this document"),
    )
)]
struct ApiDoc;

/// An id or index in a path; one that no row can have is simply not found.
pub fn row_number(number: u64, what: &str) -> Result<i64, ApiError> {
    i64::try_from(number).map_err(|_| ApiError::NotFound(format!("there is no {what} {number}")))
}

/// Everything under `/api`, and the document.
fn documented() -> OpenApiRouter<AppState> {
    let api = OpenApiRouter::new()
        .merge(lotteries::router())
        .merge(mints::router())
        .merge(places::router())
        .merge(proofs::router())
        .merge(records::router())
        .merge(report::router())
        .merge(rounds::router())
        .merge(wallets::router())
        .merge(transactions::router())
        .merge(health::router());
    OpenApiRouter::with_openapi(ApiDoc::openapi())
        .nest("/api", api)
        .routes(routes!(health::metrics))
        .routes(routes!(ws::connect))
        .routes(routes!(openapi_document))
}

/// The document alone, for tools.
pub fn openapi() -> utoipa::openapi::OpenApi {
    documented().into_openapi()
}

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "service",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
async fn openapi_document(
    axum::Extension(document): axum::Extension<Arc<utoipa::openapi::OpenApi>>,
) -> impl IntoResponse {
    axum::Json(document)
}

/// The whole service.
pub fn router(state: AppState) -> anyhow::Result<Router> {
    let (router, document) = documented().split_for_parts();
    let router = router
        .merge(page::router())
        .fallback(async || ApiError::NotFound("there is nothing here: see /api/openapi.json".into()))
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(axum::Extension(Arc::new(document)))
        .layer(DefaultBodyLimit::max(state.config.body_bytes))
        .layer(axum::middleware::from_fn_with_state(state.clone(), limits::guard))
        .layer(limits::cors(&state.config.cors_origins)?)
        .with_state(state);
    Ok(router)
}

/// A body with its status.
type Answer<T> = Result<Json<T>, ApiError>;
