//! Settlement as the merchant sees it: the batch that each terminal works in, and how far it is settled.

use super::{List, MOST_ITEMS, Rooms, USUAL_ITEMS, terminals};
use crate::{
    door::Asker,
    look::Desk,
    problem::{Problem, Refusal},
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use hefu_people::Permission;
use hefu_store::{MOST_ROWS, Store};
use hefu_tally::{
    Currency, Identity, Leg, Money, Tally,
    record::TerminalRow,
    till::{TillState, Totals},
};
use hefu_view::Amount;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};
use utoipa::ToSchema;

/// One side of a batch's totals.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchSide)]
pub(super) struct Side {
    count: u32,
    sum: Amount,
}

/// How far a batch is settled.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BatchStanding)]
pub(super) enum Standing {
    Open,
    /// Terminal and platform agreed, by totals or line by line.
    Settled,
    /// Their totals differed: the terminal's lines are awaited.
    Differs,
}

/// The batch that a terminal works in.
#[derive(Serialize, ToSchema)]
pub(super) struct Batch {
    merchant: String,
    terminal: String,
    batch: u32,
    state: Standing,
    /// Sales, completions and offline sales that the terminal was told are approved.
    sales: Side,
    /// Voids and refunds, likewise.
    returns: Side,
    /// When its first transaction was opened; none: there is none.
    opened_ms: Option<i64>,
}

/// The batches that terminals work in, by merchant and terminal.
#[utoipa::path(
    get, path = "/api/batches", operation_id = "listBatches", tag = "watching", params(terminals::PageQuery),
    responses((status = 200, body = List<Batch>), (status = 403, body = Refusal))
)]
pub(super) async fn list(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    asked: Result<Query<terminals::PageQuery>, QueryRejection>,
) -> Result<Json<List<Batch>>, Problem> {
    asker.must(Permission::Terminals)?;
    let Query(asked) = asked?;
    let limit = asked.limit.unwrap_or(USUAL_ITEMS).clamp(1, MOST_ITEMS) as usize;
    let (scope, after) = (asker.who.scope, terminals::after(asker.who.scope, asked.cursor.as_deref())?);
    let found = rooms.look.up(move |desk| {
        let rows = terminals::page(desk, scope, after, limit)?;
        let items: Result<_, _> = rows.items.into_iter().map(|row| batch(desk, row)).collect();
        Ok(List { items: items?, next: rows.next })
    });
    Ok(Json(found.await?))
}

fn batch(desk: &mut Desk, row: TerminalRow) -> Result<Batch, Problem> {
    let state: TillState = serde_json::from_slice(&row.state).map_err(Problem::unreadable)?;
    let legs = legs(desk, &row, state.batch)?;
    let totals = Totals::of(&legs).ok_or_else(|| Problem::unreadable("the totals of a batch overflow"))?;
    let currency = legs.first().map_or(Currency::CNY, |leg| leg.amount.currency);
    let side = |count, minor| Side { count, sum: Money::new(minor, currency).into() };
    let standing = if state.has_ended(state.batch) {
        Standing::Settled
    } else if state.differed.is_some_and(|(batch, _)| batch == state.batch) {
        Standing::Differs
    } else {
        Standing::Open
    };
    Ok(Batch {
        merchant: row.till.merchant.to_string(),
        terminal: row.till.terminal.to_string(),
        batch: state.batch,
        state: standing,
        sales: side(totals.debits, totals.debit),
        returns: side(totals.credits, totals.credit),
        opened_ms: legs.iter().map(|leg| leg.opened.0).min(),
    })
}

/// The transactions of a terminal's batch.
fn legs(desk: &mut Desk, row: &TerminalRow, batch: u32) -> Result<Vec<Leg>, Problem> {
    let shard = row.till.shard();
    let prefix = Identity::batch_handle(&row.till, batch);
    let handles = desk.store.find_prefix(shard, &prefix, MOST_ROWS).map_err(Problem::unreadable)?;
    let mut tallies: BTreeMap<_, Tally> = BTreeMap::new();
    let mut legs = Vec::with_capacity(handles.len());
    for (_, id, no) in handles {
        if let std::collections::btree_map::Entry::Vacant(place) = tallies.entry(id) {
            let row = desk.store.tally(id, shard).map_err(Problem::unreadable)?;
            let row =
                row.ok_or_else(|| Problem::unreadable(format!("payment {id} has a handle and no row")))?;
            place.insert(serde_json::from_slice(&row.state).map_err(Problem::unreadable)?);
        }
        legs.push(tallies[&id].leg(no).map_err(Problem::unreadable)?.clone());
    }
    Ok(legs)
}
