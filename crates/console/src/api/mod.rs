//! The HTTP interface, described by itself (`GET /api/openapi.json`).

mod accounts;
mod audit;
mod batches;
mod decide;
mod description;
mod keys;
pub(crate) mod links;
mod live;
mod payments;
mod proposals;
mod refund;
pub(crate) mod risk;
mod session;
mod slip;
mod terminals;

pub(crate) use live::Streams;

use crate::{
    counter::Counter,
    desk::Desk,
    door::{self, Asker, Buckets, Nonces},
    feed::Feed,
    look::Look,
    pages::pages,
    problem::Problem,
    pulse::Pulse,
    staff::Staff,
};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request},
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use hefu_engine::Answer;
use hefu_payer::Slips;
use hefu_people::Door;
use hefu_tally::{LinkId, Moment, Till};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};
use tower_http::{compression::CompressionLayer, timeout::TimeoutLayer};
use utoipa::{
    ToSchema,
    openapi::{OpenApi as Described, tag::TagBuilder},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The largest body of a request, in bytes.
pub(crate) const MOST_BYTES: usize = 64 * 1_024;
/// How long a request may take until its answer begins.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often what is over is forgotten.
const TIDY: Duration = Duration::from_secs(600);
/// Items of one page of a list.
const MOST_ITEMS: u32 = 200;
const USUAL_ITEMS: u32 = 50;

/// What all requests share.
pub(crate) struct Rooms {
    pub links: Links,
    pub desk: Desk,
    pub counter: Counter,
    pub look: Look,
    pub feed: Feed,
    pub pulse: Pulse,
    pub staff: Staff,
    pub nonces: Nonces,
    pub buckets: Buckets,
    pub lookups: Buckets,
    pub slips: Arc<Slips>,
    pub streams: Streams,
    pub behind_tls: bool,
    /// Only requests that name a loopback host are taken.
    pub only_local_names: bool,
    pub certified: Arc<dyn Fn(&Till) -> bool + Send + Sync>,
    /// The platform's clock.
    pub now: Arc<dyn Fn() -> Moment + Send + Sync>,
}

impl Rooms {
    /// The session cookie's name: under https one that only this host can have set.
    pub fn cookie_name(&self) -> &'static str {
        if self.behind_tls { "__Host-hefu" } else { "hefu" }
    }
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

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct List<T> {
    pub items: Vec<T>,
    /// Where the next page begins; none: this is the last.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl<T> List<T> {
    /// All there is.
    pub fn whole(items: Vec<T>) -> List<T> {
        List { items, next: None }
    }
}

/// Routes that a demonstration brings along, with their own description; nobody has to sign in for them.
pub struct Extra {
    pub routes: OpenApiRouter,
    /// What they are called together, and what they are for.
    pub name: &'static str,
    pub what: &'static str,
}

impl Extra {
    fn split(self, described: Described) -> (Router, Described) {
        let (routes, extra) = self.routes.split_for_parts();
        let tag = TagBuilder::new().name(self.name).description(Some(self.what)).build();
        (routes, description::with_open(described, extra, tag))
    }
}

pub(crate) fn router(rooms: Arc<Rooms>, extra: Option<Extra>) -> Router {
    let (api, described) = routes().split_for_parts();
    let described = description::guarded(described);
    let (extra, description) = match extra {
        Some(extra) => extra.split(described),
        None => (Router::new(), described),
    };
    let api = api
        .route("/api/openapi.json", get(move || std::future::ready(Json(description.clone()))))
        .route_layer(from_fn_with_state(rooms.clone(), door::once))
        .route_layer(from_fn_with_state(rooms.clone(), door::guard))
        .route_layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, PATIENCE))
        .merge(crate::payer::router())
        .route_layer(DefaultBodyLimit::max(MOST_BYTES))
        .fallback(get(pages).layer(CompressionLayer::new().gzip(true)).layer(from_fn(no_such_api)));
    let api = api.with_state(rooms.clone()).merge(extra);
    api.layer(from_fn_with_state(rooms, door::front))
}

/// The interface's own description: that of production, or with what a demonstration brings along.
pub fn description(extra: Option<Extra>) -> Described {
    let described = description::guarded(routes().into_openapi());
    match extra {
        Some(extra) => extra.split(described).1,
        None => described,
    }
}

fn routes() -> OpenApiRouter<Arc<Rooms>> {
    OpenApiRouter::with_openapi(description::beginning())
        .routes(routes!(session::current, session::sign_in, session::sign_out))
        .routes(routes!(session::change_password))
        .routes(routes!(session::offer_codes, session::confirm_codes))
        .routes(routes!(payments::list))
        .routes(routes!(payments::page))
        .routes(routes!(decide::decide))
        .routes(routes!(slip::slip))
        .routes(routes!(refund::refund))
        .routes(routes!(batches::list))
        .routes(routes!(proposals::list))
        .routes(routes!(proposals::verdict))
        .routes(routes!(risk::risk))
        .routes(routes!(links::list))
        .routes(routes!(links::order))
        .routes(routes!(links::health))
        .routes(routes!(links::alarms))
        .routes(routes!(terminals::list))
        .routes(routes!(audit::list))
        .routes(routes!(accounts::list, accounts::create))
        .routes(routes!(accounts::disable))
        .routes(routes!(accounts::enable))
        .routes(routes!(accounts::reset))
        .routes(routes!(keys::list, keys::make))
        .routes(routes!(keys::revoke))
        .routes(routes!(live::live))
}

/// Forgets what is over, until the console is gone.
pub(crate) async fn keep_tidy(rooms: Weak<Rooms>) {
    loop {
        let Some(staff) = rooms.upgrade().map(|rooms| rooms.staff.clone()) else { return };
        if staff.ask(|people, now, _| people.prune(now)).await.is_err() {
            tracing::warn!("what is over among the people's records cannot be forgotten now");
        }
        tokio::time::sleep(TIDY).await;
    }
}

/// What the engine made durable, or why it did not.
fn taken(answer: Answer) -> Result<StatusCode, Problem> {
    match answer {
        Answer::Done => Ok(StatusCode::NO_CONTENT),
        Answer::Refused(why) => Err(Problem::refused(why)),
        Answer::Status(_) => unreachable!("only a question for the status is answered with it"),
    }
}

/// The name that is kept with what somebody does: his own; at the gateway's own machine the one that was given.
fn signed(asker: &Asker, by: Option<String>) -> Result<String, Problem> {
    match (asker.who.door, by) {
        (Door::Local, Some(by)) => Ok(by),
        (Door::Session | Door::Key, Some(_)) => {
            Err(Problem::bad("by", "the name is that of whoever is signed in"))
        }
        (Door::Local | Door::Session | Door::Key, None) => Ok(asker.who.name.clone()),
    }
}

/// An address of the interface that does not exist is no page.
async fn no_such_api(
    request: Request,
    next: axum::middleware::Next,
) -> Result<axum::response::Response, Problem> {
    if request.uri().path().starts_with("/api/") {
        let what = format!("there is no {} {}", request.method(), request.uri().path());
        return Err(Problem::not_found(what));
    }
    Ok(next.run(request).await)
}
