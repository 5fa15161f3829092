//! The audit log.

use super::{List, MOST_ITEMS, Rooms, USUAL_ITEMS};
use crate::{
    door::Asker,
    problem::{Problem, Refusal},
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use hefu_people::{AuditLine, AuditQuery, Permission};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// A line of the audit log.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditEntry {
    /// From 1, without gaps.
    no: i64,
    at_ms: i64,
    who: String,
    role: String,
    /// Where the request came from.
    address: String,
    what: String,
    about: String,
    detail: String,
}

/// What is looked for: every field that is given must fit, as a whole.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LinesQuery {
    who: Option<String>,
    what: Option<String>,
    about: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

/// Lines, the newest first.
#[utoipa::path(
    get, path = "/api/audit", operation_id = "listAudit", tag = "people", params(LinesQuery),
    responses((status = 200, body = List<AuditEntry>), (status = 403, body = Refusal))
)]
pub(super) async fn list(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    asked: Result<Query<LinesQuery>, QueryRejection>,
) -> Result<Json<List<AuditEntry>>, Problem> {
    asker.must(Permission::Audit)?;
    let Query(LinesQuery { who, what, about, cursor, limit }) = asked?;
    let before =
        cursor.map(|text| text.parse().map_err(|error| Problem::bad("cursor", error))).transpose()?;
    let limit = limit.unwrap_or(USUAL_ITEMS).clamp(1, MOST_ITEMS);
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let query = AuditQuery { who: given(who), what: given(what), about: given(about), before, limit };
    let lines = rooms.staff.ask(move |people, _, _| people.audit(&query)).await?;
    let next = lines.last().filter(|_| lines.len() == limit as usize).map(|last| last.no.to_string());
    Ok(Json(List { items: lines.into_iter().map(AuditEntry::of).collect(), next }))
}

impl AuditEntry {
    fn of(line: AuditLine) -> AuditEntry {
        let AuditLine { no, at, who, role, address, what, about, detail } = line;
        AuditEntry { no, at_ms: at.0, who, role, address, what, about, detail }
    }
}
