//! Payments: lists, and one payment's page. Who looks at what is kept of a card is written down.

use super::{List, Rooms, decide::permission};
use crate::{
    door::Asker,
    index::{Query, is_card},
    problem::{Problem, Refusal},
};
use axum::{
    Json,
    extract::{Path, State, rejection::QueryRejection},
};
use hefu_node::{Story, story};
use hefu_people::{Permission, Scope, What};
use hefu_store::Store;
use hefu_tally::{Rrn, TallyId, View};
use hefu_view::{Page, Row, names::ViewName};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

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
    #[param(value_type = Option<ViewName>)]
    view: Option<View>,
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

/// Payments, the newest first.
#[utoipa::path(
    get, path = "/api/payments", operation_id = "listPayments", tag = "payments", params(ListQuery),
    responses((status = 200, body = List<Row>), (status = 400, body = Refusal))
)]
pub(super) async fn list(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    asked: Result<axum::extract::Query<ListQuery>, QueryRejection>,
) -> Result<Json<List<Row>>, Problem> {
    asker.must(Permission::Payments)?;
    let axum::extract::Query(asked) = asked?;
    let before = asked.cursor.as_deref().map(cursor).transpose()?;
    let own = asker.who.scope.merchant().map(String::from);
    if own.is_some() && asked.merchant.as_ref().is_some_and(|other| Some(other) != own.as_ref()) {
        return Ok(Json(List::whole(Vec::new())));
    }
    if asked.card.as_ref().is_some_and(|card| !is_card(card)) {
        // Whoever types a whole card number must not find it in a log.
        return Err(Problem::bad("card", "its last four digits"));
    }
    let card = asked.card.as_deref().or(asked.q.as_deref()).map(str::trim);
    if let Some(digits) = card.filter(|text| asked.card.is_some() || is_card(text)) {
        rooms.staff.note(asker.actor(), What::SearchByCard, digits, "payments").await?;
    }
    let query = Query {
        text: asked.q.filter(|text| !text.trim().is_empty()),
        merchant: own.or(asked.merchant),
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
    Ok(Json(List { items: found.rows, next: found.next.map(|id| id.to_string()) }))
}

/// One payment's whole story, found by the reference of any of its transactions.
#[utoipa::path(
    get, path = "/api/payments/{rrn}", operation_id = "getPayment", tag = "payments",
    params(("rrn" = String, Path, description = "12 characters")),
    responses((status = 200, body = Page), (status = 404, body = Refusal))
)]
pub(super) async fn page(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    Path(rrn): Path<String>,
) -> Result<Json<Page>, Problem> {
    asker.must(Permission::Payments)?;
    let story = story_of(&rooms, asker.who.scope, &rrn).await?;
    let links = rooms.links.clone();
    let page = Page::of(&story, (rooms.now)(), &|link| links.called(link)).map_err(Problem::unreadable)?;
    rooms.staff.note(asker.actor(), What::Look, &page.payment.rrn, "payment").await?;
    let actions = page.actions.into_iter().filter(|action| asker.who.may(permission(action.decision)));
    Ok(Json(Page { actions: actions.collect(), ..page }))
}

/// The payment of that reference, with its whole story; one that the scope does not hold is not there.
pub(super) async fn story_of(rooms: &Rooms, scope: Scope, rrn: &str) -> Result<Story, Problem> {
    let rrn = reference(rrn)?;
    let story = rooms.look.up(move |desk| {
        let shard = rrn.shard().map_err(|error| Problem::bad("rrn", error))?;
        let unknown = || Problem::not_found(format!("no payment has the reference {rrn}"));
        let found = desk.store.find(shard, &hefu_engine::rrn_handle(&rrn)).map_err(Problem::unreadable)?;
        let (id, _) = found.ok_or_else(unknown)?;
        let story = story(&mut desk.store, shard, id).map_err(Problem::unreadable)?;
        let own = story.filter(|story| scope.holds(story.tally.first().identity.till.merchant.as_str()));
        own.ok_or_else(unknown)
    });
    story.await
}

pub(super) fn reference(text: &str) -> Result<Rrn, Problem> {
    Rrn::parse(text.to_ascii_uppercase().as_bytes()).map_err(|error| Problem::bad("rrn", error))
}

fn cursor(text: &str) -> Result<TallyId, Problem> {
    text.parse().map_err(|error| Problem::bad("cursor", error))
}
