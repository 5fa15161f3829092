//! Errors as problem+json (RFC 9457).

use crate::{desk::Unanswered, names::PermissionName};
use axum::{
    Extension, Json,
    extract::rejection::{JsonRejection, PathRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hefu_people::{PeopleError, Permission};
use hefu_tally::Moment;
use hefu_view::Words;
use serde::Serialize;
use std::fmt::Display;
use utoipa::ToSchema;

/// What went wrong with a request.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
    more: More,
}

/// What an error says beside its words.
#[derive(Default, Debug)]
struct More {
    code_wanted: bool,
    until: Option<Moment>,
    denied: Option<Permission>,
    /// Seconds.
    retry_after: Option<u64>,
    /// Apart, because few have any.
    words: Option<Box<Words>>,
}

/// On an answer: what was asked for and may not be, for the audit log.
#[derive(Copy, Clone)]
pub(crate) struct Denied(pub Permission);

/// An error as it is answered: problem+json.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Refusal {
    r#type: &'static str,
    status: u16,
    title: &'static str,
    detail: String,
    /// Name and password are right; a one-time code is wanted too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    code_wanted: Option<bool>,
    /// Until when to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    until_ms: Option<i64>,
    /// The permission that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PermissionName>, nullable = false)]
    permission: Option<&'static str>,
    /// For the people at the shop, in both their languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    words: Option<Words>,
}

impl Problem {
    pub fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, title, detail: detail.into(), more: More::default() }
    }

    /// Nobody is signed in, or what was given to sign in is wrong.
    pub fn unknown(detail: &'static str) -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "not signed in", detail)
    }

    /// Name and password are right; a one-time code is wanted too.
    pub fn code_wanted() -> Problem {
        let more = More { code_wanted: true, ..More::default() };
        Problem { more, ..Problem::unknown("the one-time code is wanted too") }
    }

    /// Too many tries.
    pub fn wait(until: Moment, now: Moment) -> Problem {
        let seconds = u64::try_from(until.since(now).max(0)).unwrap_or_default().div_ceil(1_000);
        let problem = Problem::too_many(seconds);
        Problem { more: More { until: Some(until), ..problem.more }, ..problem }
    }

    /// Too many requests.
    pub fn too_many(seconds: u64) -> Problem {
        let more = More { retry_after: Some(seconds.max(1)), ..More::default() };
        let detail = format!("too many tries: wait {} s", seconds.max(1));
        Problem { more, ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many", detail) }
    }

    /// This one may not do that.
    pub fn denied(what: Permission) -> Problem {
        let more = More { denied: Some(what), ..More::default() };
        let detail = format!("your role has no permission `{}`", what.name());
        Problem { more, ..Problem::forbidden(detail) }
    }

    /// Not like this.
    pub fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "not allowed", detail)
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

    /// The same with words for the people at the shop.
    pub fn in_words(self, words: Words) -> Problem {
        Problem { more: More { words: Some(Box::new(words)), ..self.more }, ..self }
    }

    /// The engine looked at it and did not take it.
    pub fn refused(why: &'static str) -> Problem {
        Problem::new(StatusCode::CONFLICT, "refused", why)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.title, self.detail)
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

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Problem {
        use PeopleError as E;
        let conflict = |detail: String| Problem::new(StatusCode::CONFLICT, "refused", detail);
        match error {
            E::Database { .. }
            | E::Foreign { .. }
            | E::Newer { .. }
            | E::OtherKey { .. }
            | E::NotGenuine
            | E::Row { .. } => Problem::unreadable(error),
            E::Login
            | E::Text { .. }
            | E::MerchantWanted(_)
            | E::NoMerchant(_)
            | E::Password(_)
            | E::KeyTime => Problem::new(StatusCode::BAD_REQUEST, "not understood", error.to_string()),
            E::NoAccount(_) | E::NoKey(_) | E::NoProposal(_) => Problem::not_found(error.to_string()),
            E::NotAllowed(what) => Problem::denied(what),
            E::OwnProposal | E::Machine => Problem::forbidden(error.to_string()),
            E::Taken(_)
            | E::WrongPassword
            | E::WrongCode
            | E::NothingOffered
            | E::NotEmpty
            | E::TooMany(_)
            | E::Decided(_) => conflict(error.to_string()),
        }
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

/// An address whose parts cannot be what they stand for leads nowhere.
impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Problem {
        Problem::not_found(rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Problem { status, title, detail, more } = self;
        let refusal = Refusal {
            r#type: "about:blank",
            status: status.as_u16(),
            title,
            detail,
            code_wanted: more.code_wanted.then_some(true),
            until_ms: more.until.map(|until| until.0),
            permission: more.denied.map(Permission::name),
            words: more.words.map(|words| *words),
        };
        let mut response = (status, Json(refusal)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if let Some(seconds) = more.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        match more.denied {
            Some(what) => (Extension(Denied(what)), response).into_response(),
            None => response,
        }
    }
}
