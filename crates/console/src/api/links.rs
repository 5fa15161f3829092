//! How the gateway and its bank links stand, orders about these, and alarms.

use super::{Links, List, MOST_ITEMS, Rooms, signed, taken};
use crate::{
    desk::Alarm,
    door::Asker,
    names::{HaltName, halt},
    problem::{Problem, Refusal},
};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::StatusCode,
};
use hefu_engine::{Answer, Input, LinkStatus, Status};
use hefu_people::{Permission, What};
use hefu_tally::link::{LinkMode, Order};
use hefu_view::names::LinkModeName;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// How the gateway stands.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    node: String,
    /// Why no new payments are taken on, if so.
    #[schema(value_type = Option<HaltName>, required = true)]
    refuses: Option<&'static str>,
    /// Payments in memory, changes that are not durable yet, inputs that wait for a read.
    open: usize,
    uncommitted: usize,
    parked: usize,
    version: &'static str,
}

/// How a bank link stands.
#[derive(Serialize, ToSchema)]
#[schema(as = LinkRow)]
pub(crate) struct Link {
    name: String,
    link: u16,
    up: bool,
    /// The mode in force.
    #[schema(value_type = LinkModeName)]
    mode: &'static str,
    /// The breaker is open: the bank is silent.
    tripped: bool,
    /// Who ordered the mode, and why; none when rules alone decide.
    #[schema(required = true)]
    by: Option<String>,
    #[schema(required = true)]
    reason: Option<String>,
    /// Lanes under way, the most that may be, and payments that wait for one.
    flying: usize,
    window: usize,
    waiting: usize,
    /// Messages in a row without an answer.
    failures: u32,
}

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

/// What a bank link is to be used for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderBody {
    #[schema(value_type = LinkModeName)]
    mode: LinkMode,
    reason: String,
    /// Who says so: at the gateway's own machine alone.
    by: Option<String>,
}

/// How the gateway stands.
#[utoipa::path(
    get, path = "/api/health", operation_id = "getHealth", tag = "watching", responses((status = 200, body = Health))
)]
pub(super) async fn health(State(rooms): State<Arc<Rooms>>, _asker: Asker) -> Result<Json<Health>, Problem> {
    let node = rooms.desk.node().to_string();
    let version = env!("CARGO_PKG_VERSION");
    Ok(Json(match status(&rooms).await? {
        Some(status) => Health {
            node,
            refuses: status.refuses.map(halt),
            open: status.open,
            uncommitted: status.uncommitted,
            parked: status.parked,
            version,
        },
        None => Health { node, refuses: None, open: 0, uncommitted: 0, parked: 0, version },
    }))
}

/// How the bank links stand; none while no engine is at work.
#[utoipa::path(
    get, path = "/api/links", operation_id = "listLinks", tag = "watching",
    responses((status = 200, body = List<Link>), (status = 403, body = Refusal))
)]
pub(super) async fn list(State(rooms): State<Arc<Rooms>>, asker: Asker) -> Result<Json<List<Link>>, Problem> {
    asker.must(Permission::Links)?;
    Ok(Json(List::whole(rows(&rooms).await?)))
}

/// The latest alarms, the newest first.
#[utoipa::path(
    get, path = "/api/alarms", operation_id = "listAlarms", tag = "watching", params(PageQuery),
    responses((status = 200, body = List<Alarm>), (status = 403, body = Refusal))
)]
pub(super) async fn alarms(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    asked: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<List<Alarm>>, Problem> {
    asker.must(Permission::Alarms)?;
    let Query(PageQuery { cursor, limit }) = asked?;
    let from = cursor.map_or(Ok(0), |text| text.parse().map_err(|error| Problem::bad("cursor", error)))?;
    let limit = limit.unwrap_or(MOST_ITEMS).clamp(1, MOST_ITEMS) as usize;
    let all = rooms.desk.alarms().latest();
    let upto = limit.saturating_add(from);
    let next = (upto < all.len()).then(|| upto.to_string());
    Ok(Json(List { items: all.into_iter().skip(from).take(limit).collect(), next }))
}

/// How the bank links stand.
pub(crate) async fn rows(rooms: &Rooms) -> Result<Vec<Link>, Problem> {
    let links = status(rooms).await?.map(|status| status.links).unwrap_or_default();
    Ok(links.into_iter().map(|link| Link::of(&rooms.links, link)).collect())
}

/// What the engine says of itself; nothing while none is at work.
async fn status(rooms: &Rooms) -> Result<Option<Status>, Problem> {
    if !rooms.desk.node().is_at_work() {
        return Ok(None);
    }
    match rooms.desk.ask(|ticket| Input::Status { ticket }).await? {
        Answer::Status(status) => Ok(Some(status)),
        Answer::Done | Answer::Refused(_) => unreachable!("a question for the status is answered with it"),
    }
}

/// Orders what a bank link is used for. An order outlives a restart. It is urgent, and needs no second person.
#[utoipa::path(
    post, path = "/api/links/{link}/mode", operation_id = "orderLink", tag = "watching", request_body = OrderBody,
    params(("link" = String, Path, description = "its configured name")),
    responses(
        (status = 204, description = "ordered, and durable"), (status = 403, body = Refusal),
        (status = 404, body = Refusal), (status = 409, body = Refusal)
    )
)]
pub(super) async fn order(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    Path(name): Path<String>,
    body: Result<Json<OrderBody>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(OrderBody { mode, reason, by }) = body?;
    asker.must(Permission::Order)?;
    let by = signed(&asker, by)?;
    let known = rooms.links.0.get(&name).copied();
    let link = known.ok_or_else(|| Problem::not_found(format!("there is no link `{name}`")))?;
    let detail = format!("{} by {by}: {reason}", mode.name());
    rooms.staff.note(asker.actor(), What::Order, format!("link {name}"), detail).await?;
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
