//! Payments: lists, one payment's page, and a person's decision about it.

use super::{Rooms, taken};
use crate::{
    index::Query,
    problem::{Problem, Refusal},
};
use axum::{
    Json,
    extract::{
        Path, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::StatusCode,
};
use hefu_engine::{Decide, Input};
use hefu_node::story;
use hefu_store::Store;
use hefu_tally::{Rrn, TallyId, judge::Decision};
use hefu_view::{Page, Row};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// The most rows of one page of a list.
const MOST_ROWS: usize = 200;
const USUAL_ROWS: usize = 50;

/// What is looked for: every field that is given must fit.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// A reference, a trace number, or a card's last four digits.
    q: Option<String>,
    merchant: Option<String>,
    terminal: Option<String>,
    /// A card's last four digits.
    card: Option<String>,
    /// Minor units.
    amount: Option<i64>,
    /// One of the views, as in the rows.
    view: Option<String>,
    /// Opened not before this moment.
    from_ms: Option<i64>,
    /// Opened before this moment.
    to_ms: Option<i64>,
    /// Only payments that are unmatched or owe something.
    #[serde(default)]
    open: bool,
    /// Where the page before said that the next one begins.
    cursor: Option<String>,
    /// At most 200.
    limit: Option<usize>,
}

/// A page of payments, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Payments {
    items: Vec<Row>,
    /// Where the next page begins; none: this is the last.
    next: Option<String>,
}

/// What a person decides about the transaction that the path names.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionBody {
    /// has, has_not, done, not_done, undone or close.
    #[schema(value_type = String, example = "has")]
    decision: Decision,
    by: String,
    reason: String,
}

/// Payments, the newest first.
#[utoipa::path(get, path = "/api/payments", params(ListQuery),
    responses((status = 200, body = Payments), (status = 400, body = Refusal)))]
pub(super) async fn list(
    State(rooms): State<Arc<Rooms>>,
    asked: Result<axum::extract::Query<ListQuery>, QueryRejection>,
) -> Result<Json<Payments>, Problem> {
    let axum::extract::Query(asked) = asked?;
    let before = asked.cursor.as_deref().map(cursor).transpose()?;
    let query = Query {
        text: asked.q.filter(|text| !text.trim().is_empty()),
        merchant: asked.merchant,
        terminal: asked.terminal,
        last4: asked.card,
        amount: asked.amount,
        view: asked.view,
        from: asked.from_ms,
        until: asked.to_ms,
        open: asked.open,
        before,
        limit: asked.limit.unwrap_or(USUAL_ROWS).clamp(1, MOST_ROWS),
    };
    let found = rooms.look.up(move |desk| Ok(desk.index.find(&query)?)).await?;
    Ok(Json(Payments { items: found.rows, next: found.next.map(|id| id.to_string()) }))
}

/// One payment's whole story, found by the reference of any of its transactions.
#[utoipa::path(get, path = "/api/payments/{rrn}", params(("rrn" = String, Path, description = "12 characters")),
    responses((status = 200, body = Page), (status = 404, body = Refusal)))]
pub(super) async fn page(
    State(rooms): State<Arc<Rooms>>,
    Path(rrn): Path<String>,
) -> Result<Json<Page>, Problem> {
    let rrn = reference(&rrn)?;
    let (links, now) = (rooms.links.clone(), (rooms.now)());
    let page = rooms.look.up(move |desk| {
        let shard = rrn.shard().map_err(|error| Problem::bad("rrn", error))?;
        let unknown = || Problem::not_found(format!("no payment has the reference {rrn}"));
        let found = desk.store.find(shard, &hefu_engine::rrn_handle(&rrn)).map_err(Problem::unreadable)?;
        let (id, _) = found.ok_or_else(unknown)?;
        let story = story(&mut desk.store, shard, id).map_err(Problem::unreadable)?.ok_or_else(unknown)?;
        Page::of(&story, now, &|link| links.called(link)).map_err(Problem::unreadable)
    });
    Ok(Json(page.await?))
}

/// A named person decides: evidence with name and reason.
#[utoipa::path(post, path = "/api/payments/{rrn}/decision", request_body = DecisionBody,
    params(("rrn" = String, Path, description = "12 characters")),
    responses((status = 204, description = "decided, and durable"), (status = 409, body = Refusal)))]
pub(super) async fn decide(
    State(rooms): State<Arc<Rooms>>,
    Path(rrn): Path<String>,
    body: Result<Json<DecisionBody>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(DecisionBody { decision, by, reason }) = body?;
    let rrn = reference(&rrn)?;
    let decide = Box::new(Decide { rrn, decision, by, reason });
    taken(rooms.desk.ask(|ticket| Input::Decide { ticket, decide }).await?)
}

fn reference(text: &str) -> Result<Rrn, Problem> {
    Rrn::parse(text.to_ascii_uppercase().as_bytes()).map_err(|error| Problem::bad("rrn", error))
}

fn cursor(text: &str) -> Result<TallyId, Problem> {
    text.parse().map_err(|error| Problem::bad("cursor", error))
}
