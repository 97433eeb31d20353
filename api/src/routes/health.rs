//! `/api/health`, `/api/ready`, `/metrics`

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    extract::Json,
    state::AppState,
    store::{self, Progress},
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(ready))
}

#[derive(Debug, Serialize, ToSchema)]
struct Health {
    #[schema(example = "ok")]
    status: &'static str,
    version: &'static str,
}

/// Whether the service can answer well, and why not.
#[derive(Debug, Serialize, ToSchema)]
struct Ready {
    ready: bool,
    /// What is in the way; empty when ready.
    reasons: Vec<String>,
    /// Absent when the database does not answer.
    indexer: Option<Progress>,
    /// Newest row of the outbox that the live feed has sent.
    feed_position: i64,
    ws_clients: usize,
}

/// The process is alive.
#[utoipa::path(get, path = "/health", tag = "service", responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

async fn read_progress(state: &AppState) -> sqlx::Result<Progress> {
    let mut connection = state.pool.acquire().await?;
    store::progress(&mut connection).await
}

/// The database answers and the indexer keeps up.
#[utoipa::path(get, path = "/ready", tag = "service",
    responses((status = 200, body = Ready), (status = 503, body = Ready, description = "Not ready")))]
async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    let mut reasons = Vec::new();
    let progress = read_progress(&state).await;
    match &progress {
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            reasons.push("the database does not answer".to_owned());
        }
        Ok(progress) if progress.idle_seconds > state.config.ready_lag_seconds as f64 => {
            reasons.push(format!("the indexer made no progress for {:.0} s", progress.idle_seconds));
        }
        Ok(_) => {}
    }
    let ready = Ready {
        ready: reasons.is_empty(),
        reasons,
        indexer: progress.ok(),
        feed_position: state.hub.position(),
        ws_clients: state.ws_clients.load(std::sync::atomic::Ordering::Relaxed),
    };
    let status = if ready.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(ready))
}

/// Measurements for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "service",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], state.metrics.render())
}
