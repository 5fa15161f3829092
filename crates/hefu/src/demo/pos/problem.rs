//! Why a route of the virtual POS refuses.

use super::drill;
use super::till::Refused;
use crate::Failure;
use axum::extract::rejection::JsonRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// An error as problem+json (RFC 9457).
pub struct Problem {
    pub status: StatusCode,
    pub detail: String,
}

impl Problem {
    pub fn not_found(detail: String) -> Problem {
        Problem { status: StatusCode::NOT_FOUND, detail }
    }

    pub fn bad(detail: &str) -> Problem {
        Problem { status: StatusCode::BAD_REQUEST, detail: detail.to_owned() }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        let status = match refused {
            Refused::Dead(_) | Refused::Off | Refused::On => StatusCode::CONFLICT,
            Refused::Card(_) | Refused::Terminal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Problem { status, detail: refused.to_string() }
    }
}

impl From<drill::Refused> for Problem {
    fn from(refused: drill::Refused) -> Problem {
        let status = match refused {
            drill::Refused::NoSuchDrill => StatusCode::NOT_FOUND,
            drill::Refused::Name => StatusCode::BAD_REQUEST,
            drill::Refused::NotHere
            | drill::Refused::OtherModel
            | drill::Refused::NoDrill
            | drill::Refused::NotNow => StatusCode::CONFLICT,
            drill::Refused::House(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Problem { status, detail: refused.to_string() }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        Problem { status: StatusCode::INTERNAL_SERVER_ERROR, detail: format!("{failure:?}") }
    }
}

/// The parser's words are not repeated: they may quote a digit of a PIN.
impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Problem {
        let detail = "the body is not as it is expected: see the description of the route".to_owned();
        Problem { status: rejection.status(), detail }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("error");
        let body = serde_json::json!({
            "type": "about:blank", "status": self.status.as_u16(), "title": title, "detail": self.detail,
        });
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}
