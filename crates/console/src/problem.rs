//! Errors as problem+json (RFC 9457).

use crate::desk::Unanswered;
use axum::{
    Json,
    extract::rejection::{JsonRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::fmt::Display;
use utoipa::ToSchema;

/// What went wrong with a request.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
}

/// An error as it is answered: problem+json.
#[derive(Serialize, ToSchema)]
pub(crate) struct Refusal {
    r#type: &'static str,
    status: u16,
    title: &'static str,
    detail: String,
}

impl Problem {
    pub fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, title, detail: detail.into() }
    }

    pub fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not found", detail)
    }

    /// A value that was given cannot be what it is given for.
    pub fn bad(field: &str, why: impl Display) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "not understood", format!("{field}: {why}"))
    }

    /// What is kept here cannot be read: the asker is told so, the log says why.
    pub fn unreadable(error: impl Display) -> Problem {
        tracing::error!(%error, "a look-up failed");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "not readable",
            "what was asked for cannot be read now",
        )
    }

    /// The engine looked at it and did not take it.
    pub fn refused(why: &'static str) -> Problem {
        Problem::new(StatusCode::CONFLICT, "refused", why)
    }
}

impl From<Unanswered> for Problem {
    fn from(why: Unanswered) -> Problem {
        let status = match why {
            Unanswered::Busy | Unanswered::TooMany => StatusCode::SERVICE_UNAVAILABLE,
            Unanswered::Late => StatusCode::GATEWAY_TIMEOUT,
        };
        Problem::new(status, "no answer", why.to_string())
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Problem {
        Problem::new(rejection.status(), "not understood", rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Problem {
        Problem::new(rejection.status(), "not understood", rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Problem { status, title, detail } = self;
        let refusal = Refusal { r#type: "about:blank", status: status.as_u16(), title, detail };
        let mut response = (status, Json(refusal)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}
