//! The one error type: every refusal is a status and a typed problem (RFC 9457) that says what to do.

mod convert;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lottery_interface::LotteryError;
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A parameter or a field of the body is wrong; `field` names it.
    #[error("{field}: {detail}")]
    Invalid { field: String, detail: String },
    /// The body or the path could not be read at all.
    #[error("{0}")]
    Malformed(String),
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    TooLarge(String),
    #[error("{0}")]
    UnsupportedMediaType(String),
    #[error("this path exists, but not with this method: see /api/openapi.json")]
    MethodNotAllowed,
    /// The program refuses this, or would.
    #[error("{detail}")]
    Program { error: LotteryError, detail: String },
    /// The cluster refused a transaction for a reason that is not the program's.
    #[error("{0}")]
    Refused(String),
    /// True, but not now: the state of things is in the way.
    #[error("{0}")]
    Conflict(String),
    /// Nothing proves a round before its value is posted.
    #[error("{detail}")]
    NoValueYet { detail: String, expected_at: Option<i64> },
    #[error("{0}")]
    RoundVoid(String),
    /// What would prove the round is not in the database and will not be.
    #[error("{0}")]
    ProofLost(String),
    #[error("the service has all the requests it can carry: try again in a second")]
    Busy,
    #[error("no answer within the time limit: try again, or ask for less")]
    Timeout,
    #[error("the database does not answer: try again in a few seconds")]
    Storage(#[source] sqlx::Error),
    #[error("the cluster does not answer: try again in a few seconds")]
    Chain(#[source] anyhow::Error),
    #[error("something is wrong on our side; it is logged")]
    Internal(#[source] anyhow::Error),
}

/// The JSON of a refusal, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Stable name of this kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:lottery:problem:not-found")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    /// What is wrong here and what to do about it.
    pub detail: String,
    /// The parameter or field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// When to ask again, in unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<i64>,
    /// The program's error code, from 6000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// The program's name of that error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'static str>,
}

impl ApiError {
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), detail: detail.into() }
    }

    /// The program would refuse this with `error`; `detail` says what to do in this case.
    pub fn program(error: LotteryError, detail: impl Into<String>) -> Self {
        Self::Program { error, detail: detail.into() }
    }

    /// Status, type and title.
    fn class(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Invalid { .. } => {
                (StatusCode::BAD_REQUEST, "urn:lottery:problem:invalid", "A parameter or field is not valid")
            }
            Self::Malformed(_) => {
                (StatusCode::BAD_REQUEST, "urn:lottery:problem:malformed", "The request cannot be read")
            }
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "urn:lottery:problem:not-found", "Not found"),
            Self::TooLarge(_) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "urn:lottery:problem:too-large", "The body is too large")
            }
            Self::UnsupportedMediaType(_) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "urn:lottery:problem:unsupported-media-type",
                "The body must be JSON",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "urn:lottery:problem:method-not-allowed",
                "Method not allowed",
            ),
            Self::Program { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, "urn:lottery:problem:program", "The program refuses this")
            }
            Self::Refused(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "urn:lottery:problem:transaction-refused",
                "The cluster refuses this transaction",
            ),
            Self::Conflict(_) => (StatusCode::CONFLICT, "urn:lottery:problem:conflict", "Not possible now"),
            Self::NoValueYet { .. } => {
                (StatusCode::CONFLICT, "urn:lottery:problem:no-value-yet", "The round has no value yet")
            }
            Self::RoundVoid(_) => {
                (StatusCode::CONFLICT, "urn:lottery:problem:round-void", "The round is void")
            }
            Self::ProofLost(_) => {
                (StatusCode::GONE, "urn:lottery:problem:proof-lost", "The round cannot be proved from here")
            }
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "urn:lottery:problem:busy", "Busy"),
            Self::Timeout => (StatusCode::GATEWAY_TIMEOUT, "urn:lottery:problem:timeout", "Timed out"),
            Self::Storage(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "urn:lottery:problem:storage-unavailable",
                "The database does not answer",
            ),
            Self::Chain(_) => (
                StatusCode::BAD_GATEWAY,
                "urn:lottery:problem:chain-unavailable",
                "The cluster does not answer",
            ),
            Self::Internal(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "urn:lottery:problem:internal", "Internal error")
            }
        }
    }

    pub fn problem(&self) -> Problem {
        let (status, kind, title) = self.class();
        let mut problem = Problem {
            kind,
            title,
            status: status.as_u16(),
            detail: self.to_string(),
            field: None,
            expected_at: None,
            code: None,
            name: None,
        };
        match self {
            Self::Invalid { field, detail } => {
                problem.field = Some(field.clone());
                problem.detail = detail.clone();
            }
            Self::NoValueYet { expected_at, .. } => problem.expected_at = *expected_at,
            Self::Program { error, .. } => {
                problem.code = Some(error.code());
                problem.name = Some(error.name());
            }
            _ => {}
        }
        problem
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match &self {
            Self::Internal(error) | Self::Chain(error) => tracing::error!(error = ?error, "request failed"),
            Self::Storage(error) => tracing::error!(error = ?error, "request failed"),
            _ => {}
        }
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(self, Self::Busy | Self::Storage(_)) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_errors_carry_code_and_name() {
        let problem =
            ApiError::program(LotteryError::NumbersUnsorted, "ticket 2: sort its numbers").problem();
        assert_eq!(problem.status, 422);
        assert_eq!(problem.code, Some(LotteryError::NumbersUnsorted.code()));
        assert_eq!(problem.name, Some("NumbersUnsorted"));
        assert_eq!(problem.detail, "ticket 2: sort its numbers");
    }

    #[test]
    fn the_json_has_the_members_of_rfc_9457_and_no_empty_ones() {
        let json =
            serde_json::to_value(ApiError::NotFound("there is no lottery 7".into()).problem()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "type": "urn:lottery:problem:not-found",
                "title": "Not found",
                "status": 404,
                "detail": "there is no lottery 7",
            })
        );
    }

    #[test]
    fn the_content_type_is_problem_json_and_inner_causes_stay_inside() {
        let response = ApiError::Internal(anyhow::anyhow!("password=hunter2")).into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        let problem = ApiError::Internal(anyhow::anyhow!("password=hunter2")).problem();
        assert!(!problem.detail.contains("hunter2"));
    }

    #[test]
    fn busy_says_when_to_come_back() {
        let response = ApiError::Busy.into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    }
}
