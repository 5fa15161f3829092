//! The HTTP interface, described by itself (`GET /api/openapi.json`).

mod links;
mod live;
mod payments;
mod risk;

use crate::{desk::Desk, feed::Feed, look::Look, problem::Problem};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use hefu_engine::Answer;
use hefu_tally::{LinkId, Moment};
use std::{collections::BTreeMap, sync::Arc};
use utoipa::{OpenApi, openapi::OpenApi as Described};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The largest body of a request, in bytes.
const MOST_BYTES: usize = 16 * 1_024;

/// What all requests share.
pub(crate) struct Rooms {
    pub links: Links,
    pub desk: Desk,
    pub look: Look,
    pub feed: Feed,
    pub now: Arc<dyn Fn() -> Moment + Send + Sync>,
}

/// The bank links by their configured names.
#[derive(Clone)]
pub(crate) struct Links(pub BTreeMap<String, LinkId>);

impl Links {
    /// The link in words: by its name, or by its number when the configuration has it no more.
    pub fn called(&self, link: LinkId) -> String {
        let named = self.0.iter().find(|(_, of)| **of == link);
        named.map_or_else(|| format!("link {}", link.0), |(name, _)| name.clone())
    }
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Hefu",
    description = "Card payments of which none stays one-sided. Moments are milliseconds since 1970 (UTC), amounts \
                   minor units with their ISO 4217 number, errors problem+json (RFC 9457)."
))]
struct Description;

pub(crate) fn router(rooms: Arc<Rooms>) -> Router {
    let (router, description) = described().split_for_parts();
    router
        .route("/api/openapi.json", get(move || std::future::ready(Json(description.clone()))))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(middleware::from_fn(local))
        .with_state(rooms)
}

/// The interface's own description.
pub fn description() -> Described {
    described().into_openapi()
}

fn described() -> OpenApiRouter<Arc<Rooms>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(links::status))
        .routes(routes!(links::order))
        .routes(routes!(payments::list))
        .routes(routes!(payments::page))
        .routes(routes!(payments::decide))
        .routes(routes!(risk::risk))
        .routes(routes!(live::live))
}

/// What the engine made durable, or why it did not.
fn taken(answer: Answer) -> Result<StatusCode, Problem> {
    match answer {
        Answer::Done => Ok(StatusCode::NO_CONTENT),
        Answer::Refused(why) => Err(Problem::refused(why)),
        Answer::Status(_) => unreachable!("only a question for the status is answered with it"),
    }
}

/// Only requests that name a loopback host: a name of elsewhere that leads here is a page's trick.
async fn local(request: Request, next: Next) -> Result<Response, Problem> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if matches!(name, "127.0.0.1" | "localhost" | "[::1]") {
        Ok(next.run(request).await)
    } else {
        Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "not this host", "ask 127.0.0.1 or localhost"))
    }
}
