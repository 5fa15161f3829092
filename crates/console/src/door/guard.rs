//! The guard: who asks. A person by the cookie of his session, a machine by its key, and nobody else gets in.

use super::front::{Address, host};
use crate::{
    api::Rooms,
    problem::{Denied, Problem},
};
use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hefu_people::{Actor, Permission, Secret, What, Who};
use std::{net::IpAddr, sync::Arc};

/// Who asks, from where, and by which session.
#[derive(Clone)]
pub(crate) struct Asker {
    pub who: Who,
    pub address: IpAddr,
    /// A session's token.
    pub session: Option<Arc<Secret>>,
}

impl Asker {
    /// # Errors
    /// The problem that names the permission.
    pub fn must(&self, what: Permission) -> Result<(), Problem> {
        if self.who.may(what) { Ok(()) } else { Err(Problem::denied(what)) }
    }

    /// As the audit log names this one.
    pub fn actor(&self) -> Actor {
        self.who.actor(self.address)
    }
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Asker, Problem> {
        parts.extensions.get::<Asker>().cloned().ok_or_else(|| Problem::unknown("sign in first"))
    }
}

/// A page sends it back with whatever changes something.
const CSRF: &str = "x-csrf-token";

pub(crate) async fn guard(
    State(rooms): State<Arc<Rooms>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if is_open(&request) {
        if *request.method() != Method::GET {
            own_page(&rooms, request.headers())?;
        }
        return Ok(next.run(request).await);
    }
    let (parts, body) = request.into_parts();
    let asker = asker(&rooms, &parts).await?;
    let mut request = Request::from_parts(parts, body);
    if asker.who.is_half_in() && !request.uri().path().starts_with("/api/session") {
        let first = if asker.who.must_change_password { "the password" } else { "one-time codes" };
        return Err(Problem::forbidden(format!("see to {first} of your account first")));
    }
    // The address as it is described, not as it was typed: anything may stand in it.
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let (actor, asked) = (asker.actor(), format!("{} {path}", request.method()));
    let changes = changes(request.method());
    request.extensions_mut().insert(asker);
    let answer = if changes {
        // What was begun is done, also when whoever asked has gone meanwhile.
        let doing = tokio::spawn(next.run(request)).await;
        doing.map_err(Problem::unreadable)?
    } else {
        next.run(request).await
    };
    match answer.extensions().get::<Denied>().copied() {
        Some(Denied(what)) => match rooms.staff.note(actor, What::Denied, asked, what.name()).await {
            Ok(()) => Ok(answer),
            Err(problem) => Ok(problem.into_response()),
        },
        None => Ok(answer),
    }
}

/// What is asked before anybody is known.
fn is_open(request: &Request) -> bool {
    match request.uri().path() {
        "/api/session" => *request.method() == Method::POST,
        "/api/openapi.json" => *request.method() == Method::GET,
        _ => false,
    }
}

async fn asker(rooms: &Rooms, request: &Parts) -> Result<Asker, Problem> {
    let Address(address) = *request.extensions.get::<Address>().ok_or_else(nobody)?;
    let headers = &request.headers;
    if let Some(given) = headers.get(header::AUTHORIZATION) {
        let token = given.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")).ok_or_else(nobody)?;
        let who = rooms.staff.bearer(token.trim()).await?;
        return who.map(|who| Asker { who, address, session: None }).ok_or_else(nobody);
    }
    let token = cookie(rooms, headers).ok_or_else(nobody)?;
    let session = Arc::new(Secret::new(token.to_owned()));
    let changes = changes(&request.method);
    let csrf = headers.get(CSRF).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let asked = session.clone();
    let found = rooms.staff.ask(move |people, now, _| {
        let who = people.session(asked.reveal(), now)?;
        let genuine = !changes || people.is_csrf(asked.reveal(), &csrf);
        Ok(who.map(|who| (who, genuine)))
    });
    let (who, genuine) = found.await?.ok_or_else(nobody)?;
    if changes {
        own_page(rooms, headers)?;
    }
    if !genuine {
        return Err(Problem::forbidden("the header X-CSRF-Token is not that of this session"));
    }
    Ok(Asker { who, address, session: Some(session) })
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn nobody() -> Problem {
    Problem::unknown("sign in first")
}

/// Only our own page may send it: a browser says who does.
fn own_page(rooms: &Rooms, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let from_elsewhere = match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin" | "none") | None, None) => false,
        (Some("same-origin" | "none") | None, Some(origin)) => {
            let scheme = if rooms.behind_tls { "https" } else { "http" };
            origin.split_once("://") != Some((scheme, host(headers)))
        }
        (Some(_), _) => true,
    };
    if from_elsewhere { Err(Problem::forbidden("a page of elsewhere sent this")) } else { Ok(()) }
}

/// The session's token in a request's cookies.
fn cookie<'a>(rooms: &Rooms, headers: &'a HeaderMap) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == rooms.cookie_name()).then_some(value))
}
