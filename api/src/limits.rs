//! What every request passes: a place, a time limit, headers, and a measurement.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use crate::{problem::ApiError, state::AppState};

/// Refuses at once what cannot be carried, rather than letting everyone wait.
pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    // The pattern, not the path: one series per route.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let mut response = match state.requests.try_acquire() {
        Err(_) => ApiError::Busy.into_response(),
        Ok(_place) => match tokio::time::timeout(state.config.request_timeout, next.run(request)).await {
            Ok(response) => response,
            Err(_) => ApiError::Timeout.into_response(),
        },
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let labels = [
        ("method", method.to_string()),
        ("route", route.unwrap_or_else(|| "none".into())),
        ("status", response.status().as_u16().to_string()),
    ];
    metrics::histogram!("lottery_api_request_seconds", &labels).record(started.elapsed().as_secs_f64());
    response
}

/// Anyone's page may read and build: nothing here is secret and there are no cookies.
pub fn cors(origins: &[String]) -> Result<CorsLayer, anyhow::Error> {
    let layer = CorsLayer::new()
        .allow_methods([axum::http::Method::GET, axum::http::Method::POST])
        .allow_headers([header::CONTENT_TYPE])
        .max_age(std::time::Duration::from_secs(3600));
    if origins.is_empty() {
        return Ok(layer.allow_origin(Any));
    }
    let origins = origins.iter().map(|origin| origin.parse()).collect::<Result<Vec<HeaderValue>, _>>()?;
    Ok(layer.allow_origin(AllowOrigin::list(origins)))
}
