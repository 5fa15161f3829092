//! Terminals, as far as the asker's scope goes.

use super::{List, MOST_ITEMS, Rooms, USUAL_ITEMS};
use crate::{
    door::Asker,
    look::Desk,
    problem::{Problem, Refusal},
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use hefu_people::{Permission, Scope};
use hefu_store::Store;
use hefu_tally::{MerchantNo, TerminalNo, Till, record::TerminalRow as Stored, till::TillState};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// A terminal that has signed on at least once.
#[derive(Serialize, ToSchema)]
pub(super) struct TerminalRow {
    merchant: String,
    terminal: String,
    signed_on: bool,
    /// The batch that it works in.
    batch: u32,
    /// That batch was settled.
    settled: bool,
    /// Its model keeps its reversals until they are acknowledged.
    certified: bool,
}

/// A page of terminals.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    pub(super) cursor: Option<String>,
    pub(super) limit: Option<u32>,
}

/// Terminals by merchant and number.
#[utoipa::path(
    get, path = "/api/terminals", operation_id = "listTerminals", tag = "watching", params(PageQuery),
    responses((status = 200, body = List<TerminalRow>), (status = 403, body = Refusal))
)]
pub(super) async fn list(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    asked: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<List<TerminalRow>>, Problem> {
    asker.must(Permission::Terminals)?;
    let Query(PageQuery { cursor, limit }) = asked?;
    let limit = limit.unwrap_or(USUAL_ITEMS).clamp(1, MOST_ITEMS) as usize;
    let (scope, after) = (asker.who.scope, after(asker.who.scope, cursor.as_deref())?);
    let List { items, next } = rooms.look.up(move |desk| page(desk, scope, after, limit)).await?;
    let items: Result<_, _> = items.into_iter().map(|row| TerminalRow::of(&rooms, row)).collect();
    Ok(Json(List { items: items?, next }))
}

/// After which terminal a page begins.
pub(super) fn after(scope: Scope, cursor: Option<&str>) -> Result<Option<Till>, Problem> {
    // A merchant's own begin after a number that no terminal has.
    let first = scope.merchant().map(|merchant| Till { merchant, terminal: TerminalNo([0; 8]) });
    Ok(cursor.map(till).transpose()?.max(first))
}

/// A page of terminals' rows, as far as the scope goes.
pub(super) fn page(
    desk: &mut Desk,
    scope: Scope,
    after: Option<Till>,
    limit: usize,
) -> Result<List<Stored>, Problem> {
    let rows = desk.store.terminals(after, limit).map_err(Problem::unreadable)?;
    let full = rows.len() == limit;
    let items: Vec<Stored> = rows.into_iter().filter(|row| is_own(scope, row)).collect();
    let next = items.last().filter(|_| full).map(|last| last.till.to_string());
    Ok(List { items, next })
}

fn is_own(scope: Scope, row: &Stored) -> bool {
    scope.holds(row.till.merchant.as_str())
}

/// `<merchant>/<terminal>`, as a cursor names a terminal.
fn till(text: &str) -> Result<Till, Problem> {
    let wrong = || Problem::bad("cursor", "it is none of ours");
    let (merchant, terminal) = text.split_once('/').ok_or_else(wrong)?;
    Ok(Till {
        merchant: MerchantNo::parse(merchant.as_bytes()).map_err(|_| wrong())?,
        terminal: TerminalNo::parse(terminal.as_bytes()).map_err(|_| wrong())?,
    })
}

impl TerminalRow {
    fn of(rooms: &Rooms, row: Stored) -> Result<TerminalRow, Problem> {
        let state: TillState = serde_json::from_slice(&row.state).map_err(Problem::unreadable)?;
        Ok(TerminalRow {
            merchant: row.till.merchant.to_string(),
            terminal: row.till.terminal.to_string(),
            signed_on: state.signed_on,
            batch: state.batch,
            settled: state.settled,
            certified: (rooms.certified)(&row.till),
        })
    }
}
