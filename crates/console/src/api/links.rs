//! How the gateway and its bank links stand, and orders about them.

use super::{Links, Rooms, taken};
use crate::problem::{Problem, Refusal};
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
};
use hefu_engine::{Answer, Halt, Input, LinkStatus};
use hefu_tally::link::{LinkMode, Order};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// How the gateway stands.
#[derive(Serialize, ToSchema)]
pub(super) struct Status {
    node: String,
    /// Why no new payments are taken on, if so.
    refuses: Option<&'static str>,
    /// Payments in memory, changes that are not durable yet, inputs that wait for a read.
    open: usize,
    uncommitted: usize,
    parked: usize,
    links: Vec<Link>,
    /// The latest, oldest first.
    alarms: Vec<String>,
}

/// How a bank link stands.
#[derive(Serialize, ToSchema)]
pub(super) struct Link {
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

/// What a bank link is to be used for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderBody {
    /// normal, degraded or draining.
    #[schema(value_type = String, example = "draining")]
    mode: LinkMode,
    by: String,
    reason: String,
}

/// How the gateway and its links stand.
#[utoipa::path(get, path = "/api/status", responses((status = 200, body = Status)))]
pub(super) async fn status(State(rooms): State<Arc<Rooms>>) -> Result<Json<Status>, Problem> {
    let node = rooms.desk.node();
    let alarms = rooms.desk.alarms();
    if !node.is_at_work() {
        // There is no engine to ask; that is the status.
        let idle = Status {
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
    Ok(Json(Status {
        node: node.to_string(),
        refuses: status.refuses.map(halt),
        open: status.open,
        uncommitted: status.uncommitted,
        parked: status.parked,
        links: status.links.into_iter().map(|link| Link::of(&rooms.links, link)).collect(),
        alarms,
    }))
}

/// A named person orders what a bank link is used for. An order outlives a restart.
#[utoipa::path(post, path = "/api/links/{link}/mode", request_body = OrderBody,
    params(("link" = String, Path, description = "its configured name")),
    responses((status = 204, description = "ordered, and durable"), (status = 404, body = Refusal),
        (status = 409, body = Refusal)))]
pub(super) async fn order(
    State(rooms): State<Arc<Rooms>>,
    Path(name): Path<String>,
    body: Result<Json<OrderBody>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(OrderBody { mode, by, reason }) = body?;
    let known = rooms.links.0.get(&name).copied();
    let link = known.ok_or_else(|| Problem::not_found(format!("there is no link `{name}`")))?;
    let order = Order { mode, by, reason };
    taken(rooms.desk.ask(|ticket| Input::Order { ticket, link, order }).await?)
}

impl Link {
    fn of(links: &Links, link: LinkStatus) -> Link {
        Link {
            name: links.called(link.link),
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
        }
    }
}

fn halt(halt: Halt) -> &'static str {
    match halt {
        Halt::DiskLow => "disk_low",
        Halt::ClockJumped => "clock_jumped",
        Halt::ByHand => "by_hand",
    }
}
