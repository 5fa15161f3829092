//! `GET /api/status`, `POST /api/links/{link}/mode`, `POST /api/payments/{rrn}/decision`.

use crate::{desk::Desk, problem::Problem};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, Request, State, rejection::JsonRejection},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use hefu_engine::{Answer, Decide, Halt, Input, LinkStatus};
use hefu_tally::{
    LinkId, Rrn,
    judge::Decision,
    link::{LinkMode, Order},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// The largest body of a request, in bytes.
const MOST_BYTES: usize = 16 * 1_024;

pub(crate) struct Rooms {
    pub links: BTreeMap<String, LinkId>,
    pub desk: Desk,
}

pub(crate) fn router(rooms: Arc<Rooms>) -> Router {
    Router::new()
        .route("/api/status", get(status))
        .route("/api/links/{link}/mode", post(order))
        .route("/api/payments/{rrn}/decision", post(decide))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(middleware::from_fn(local))
        .with_state(rooms)
}

/// How the gateway stands.
#[derive(Serialize)]
struct StatusBody {
    node: String,
    /// Why no new payments are taken on, if so.
    refuses: Option<&'static str>,
    /// Payments in memory, changes that are not durable yet, inputs that wait for a read.
    open: usize,
    uncommitted: usize,
    parked: usize,
    links: Vec<LinkBody>,
    /// The latest, oldest first.
    alarms: Vec<String>,
}

#[derive(Serialize)]
struct LinkBody {
    name: String,
    link: u16,
    up: bool,
    /// The mode in force: normal, degraded, draining.
    mode: &'static str,
    /// The breaker is open: the bank is silent.
    tripped: bool,
    /// Who ordered the mode, and why; none when rules alone decide.
    by: Option<String>,
    reason: Option<String>,
    /// Lanes under way, the most that may be, and payments that wait for one.
    flying: usize,
    window: usize,
    waiting: usize,
    /// Messages in a row without an answer.
    failures: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderBody {
    mode: LinkMode,
    by: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionBody {
    decision: Decision,
    by: String,
    reason: String,
}

async fn status(State(rooms): State<Arc<Rooms>>) -> Result<Json<StatusBody>, Problem> {
    let node = rooms.desk.node();
    let alarms = rooms.desk.alarms();
    if !node.is_at_work() {
        // There is no engine to ask; that is the status.
        let idle = StatusBody {
            node: node.to_string(),
            refuses: None,
            open: 0,
            uncommitted: 0,
            parked: 0,
            links: Vec::new(),
            alarms,
        };
        return Ok(Json(idle));
    }
    let status = match rooms.desk.ask(|ticket| Input::Status { ticket }).await? {
        Answer::Status(status) => status,
        Answer::Done | Answer::Refused(_) => unreachable!("a question for the status is answered with it"),
    };
    let link = |link: LinkStatus| LinkBody {
        name: rooms.name(link.link),
        link: link.link.0,
        up: link.up,
        mode: link.state.mode().name(),
        tripped: link.state.tripped,
        by: link.state.order.as_ref().map(|order| order.by.clone()),
        reason: link.state.order.as_ref().map(|order| order.reason.clone()),
        flying: link.flying,
        window: link.window,
        waiting: link.waiting,
        failures: link.failures,
    };
    Ok(Json(StatusBody {
        node: node.to_string(),
        refuses: status.refuses.map(halt),
        open: status.open,
        uncommitted: status.uncommitted,
        parked: status.parked,
        links: status.links.into_iter().map(link).collect(),
        alarms,
    }))
}

async fn order(
    State(rooms): State<Arc<Rooms>>,
    Path(name): Path<String>,
    body: Result<Json<OrderBody>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(OrderBody { mode, by, reason }) = body?;
    let known = rooms.links.get(&name).copied();
    let link = known.ok_or_else(|| Problem::not_found(format!("there is no link `{name}`")))?;
    let order = Order { mode, by, reason };
    taken(rooms.desk.ask(|ticket| Input::Order { ticket, link, order }).await?)
}

async fn decide(
    State(rooms): State<Arc<Rooms>>,
    Path(rrn): Path<String>,
    body: Result<Json<DecisionBody>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(DecisionBody { decision, by, reason }) = body?;
    let rrn = Rrn::parse(rrn.as_bytes())
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "not a reference", error.to_string()))?;
    let decide = Box::new(Decide { rrn, decision, by, reason });
    taken(rooms.desk.ask(|ticket| Input::Decide { ticket, decide }).await?)
}

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

impl Rooms {
    fn name(&self, link: LinkId) -> String {
        let named = self.links.iter().find(|(_, of)| **of == link);
        named.map_or_else(|| link.0.to_string(), |(name, _)| name.clone())
    }
}

fn halt(halt: Halt) -> &'static str {
    match halt {
        Halt::DiskLow => "disk_low",
        Halt::ClockJumped => "clock_jumped",
        Halt::ByHand => "by_hand",
    }
}
