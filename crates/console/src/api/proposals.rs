//! What waits for a second person.

use super::{List, MOST_ITEMS, Rooms, USUAL_ITEMS, accounts, decide};
use crate::{
    door::Asker,
    problem::{Problem, Refusal},
};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::StatusCode,
};
use hefu_people::{Action, Permission, Proposal, Verdict, What};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// A proposal.
#[derive(Serialize, ToSchema)]
pub(super) struct ProposalRow {
    id: String,
    by: String,
    at_ms: i64,
    expires_ms: i64,
    /// A payment's reference, or a login name.
    about: String,
    /// A decision's name, or what is to be done with an account.
    action: String,
    reason: String,
    /// Whether the asker may be the second person.
    may_approve: bool,
}

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

/// What the second person says.
#[derive(Copy, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Verdict)]
pub(super) enum Word {
    Approve,
    Refuse,
}

/// What the second person adds.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerdictBody {
    reason: Option<String>,
}

/// Proposals that nobody has decided, the newest first.
#[utoipa::path(
    get, path = "/api/proposals", operation_id = "listProposals", tag = "proposals", params(PageQuery),
    responses((status = 200, body = List<ProposalRow>), (status = 403, body = Refusal))
)]
pub(super) async fn list(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    asked: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<List<ProposalRow>>, Problem> {
    asker.must(Permission::Proposals)?;
    let Query(PageQuery { cursor, limit }) = asked?;
    let before = cursor.map(|text| number("cursor", &text)).transpose()?;
    let limit = limit.unwrap_or(USUAL_ITEMS).clamp(1, MOST_ITEMS);
    let found = rooms.staff.ask(move |people, now, _| people.pending(before, limit, now)).await?;
    let full = found.len() == limit as usize;
    let next = found.last().filter(|_| full).map(|last| last.id.to_string());
    let items: Result<_, _> = found.into_iter().map(|proposal| row(&asker, proposal)).collect();
    Ok(Json(List { items: items?, next }))
}

/// The second person's word. What is approved is done at once.
#[utoipa::path(
    post, path = "/api/proposals/{id}/{verdict}", operation_id = "decideProposal", tag = "proposals",
    request_body = VerdictBody, params(("id" = String, Path), ("verdict" = Word, Path)),
    responses(
        (status = 204, description = "decided; if approved, done"), (status = 403, body = Refusal),
        (status = 404, body = Refusal), (status = 409, body = Refusal)
    )
)]
pub(super) async fn verdict(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    path: Result<Path<(String, Word)>, PathRejection>,
    body: Result<Json<VerdictBody>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    asker.must(Permission::Proposals)?;
    let Json(VerdictBody { reason }) = body?;
    let Path((id, word)) = path?;
    let id = number("id", &id)?;
    let (verdict, what) = match word {
        Word::Approve => (Verdict::Approve, What::Approve),
        Word::Refuse => (Verdict::Refuse, What::Refuse),
    };
    let (who, actor) = (asker.who.clone(), asker.actor());
    let decided = rooms.staff.ask(move |people, now, _| {
        let proposal = people.decide(&who, id, verdict, now)?;
        let added = reason.as_deref().unwrap_or("");
        let detail =
            format!("{id} of {}, {}: {}; {added}", proposal.by, proposal.action.kind, proposal.reason);
        people.note(&actor, what, &proposal.action.about, &detail, now)?;
        Ok((people.take_approved(id)?, proposal.by))
    });
    let (Some(action), by) = decided.await? else { return Ok(StatusCode::NO_CONTENT) };
    let done = carry_out(&rooms, &asker, &action, format!("{by} + {}", asker.who.name)).await;
    let outcome = match &done {
        Ok(_) => "done".to_owned(),
        Err(problem) => format!("not done: {problem}"),
    };
    let actor = asker.actor();
    let noted = rooms.staff.ask(move |people, now, _| {
        people.note_outcome(id, &outcome)?;
        people.note(&actor, What::Approve, &action.about, &format!("{id}: {outcome}"), now)
    });
    noted.await?;
    done.map(|_| StatusCode::NO_CONTENT)
}

async fn carry_out(rooms: &Rooms, asker: &Asker, action: &Action, by: String) -> Result<StatusCode, Problem> {
    match action.kind.as_str() {
        decide::KIND => decide::carry_out(rooms, action, by).await,
        accounts::KIND => accounts::carry_out(rooms, asker, action).await,
        other => Err(Problem::unreadable(format!("a proposal of an unknown kind, {other}"))),
    }
}

fn row(asker: &Asker, proposal: Proposal) -> Result<ProposalRow, Problem> {
    let may_approve = proposal.may_be_decided_by(&asker.who);
    let Proposal { id, action, by, reason, at, expires, .. } = proposal;
    let called = match action.kind.as_str() {
        decide::KIND => decide::called(&action)?.to_owned(),
        accounts::KIND => accounts::called(&action)?,
        other => other.to_owned(),
    };
    Ok(ProposalRow {
        id: id.to_string(),
        by,
        at_ms: at.0,
        expires_ms: expires.0,
        about: action.about,
        action: called,
        reason,
        may_approve,
    })
}

fn number(field: &str, text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|error| Problem::bad(field, error))
}
