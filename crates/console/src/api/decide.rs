//! A person's decision about a payment, and those that need a second one.

use super::{Rooms, payments, signed, taken};
use crate::{
    door::Asker,
    problem::{Problem, Refusal},
};
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use hefu_engine::{Decide, Input};
use hefu_people::{Action, Door, Permission, What};
use hefu_tally::{LegNo, Rrn, judge::Decision};
use hefu_view::{names::DecisionName, needs_second_person};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What is decided about a payment's transaction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionBody {
    /// The transaction's number within the payment; none: the one that the path names.
    leg: Option<u8>,
    #[schema(value_type = DecisionName)]
    decision: Decision,
    reason: String,
    /// Who says so: at the gateway's own machine alone.
    by: Option<String>,
}

/// It waits for a second person.
#[derive(Serialize, ToSchema)]
pub(super) struct Waits {
    pub proposal: String,
}

/// The kind under which a decision waits for a second person.
pub(super) const KIND: &str = "decide";

/// A decision that waits.
#[derive(Serialize, Deserialize)]
struct Waiting {
    decision: Decision,
    reason: String,
}

/// Which permission a decision needs.
pub(super) fn permission(decision: Decision) -> Permission {
    match decision {
        Decision::Has | Decision::HasNot => Permission::Decide,
        Decision::Done | Decision::NotDone | Decision::Undone => Permission::DecideBank,
        Decision::Close => Permission::Close,
    }
}

/// As it is written in messages.
fn name(decision: Decision) -> &'static str {
    match decision {
        Decision::Has => "has",
        Decision::HasNot => "has_not",
        Decision::Done => "done",
        Decision::NotDone => "not_done",
        Decision::Undone => "undone",
        Decision::Close => "close",
    }
}

/// A person decides: evidence with name and reason. What the bank's books show, and that a case is closed, waits for
/// a second person.
#[utoipa::path(
    post, path = "/api/payments/{rrn}/decision", operation_id = "decidePayment", tag = "payments",
    request_body = DecisionBody, params(("rrn" = String, Path, description = "12 characters")),
    responses(
        (status = 204, description = "decided, and durable"), (status = 202, body = Waits),
        (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)
    )
)]
pub(super) async fn decide(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    Path(rrn): Path<String>,
    body: Result<Json<DecisionBody>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(DecisionBody { leg, decision, reason, by }) = body?;
    asker.must(permission(decision))?;
    let by = signed(&asker, by)?;
    let story = payments::story_of(&rooms, asker.who.scope, &rrn).await?;
    let rrn = match leg {
        Some(no) => story.tally.leg(LegNo(no)).map_err(|error| Problem::bad("leg", error))?.rrn,
        None => payments::reference(&rrn)?,
    };
    if needs_second_person(decision) && asker.who.door != Door::Local {
        return propose(&rooms, &asker, rrn, Waiting { decision, reason }).await;
    }
    let detail = if asker.who.door == Door::Local {
        format!("{} by {by}, at the machine: {reason}", name(decision))
    } else {
        format!("{}: {reason}", name(decision))
    };
    rooms.staff.note(asker.actor(), What::Decide, rrn.as_str(), detail).await?;
    Ok(hand_in(&rooms, rrn, decision, by, reason).await?.into_response())
}

async fn propose(rooms: &Rooms, asker: &Asker, rrn: Rrn, waiting: Waiting) -> Result<Response, Problem> {
    let body = serde_json::to_vec(&waiting).map_err(Problem::unreadable)?;
    let Waiting { decision, reason } = waiting;
    let action =
        Action { permission: permission(decision), kind: KIND.to_owned(), body, about: rrn.to_string() };
    let (who, actor) = (asker.who.clone(), asker.actor());
    let proposed = rooms.staff.ask(move |people, now, _| {
        let proposed = people.propose(&who, &action, &reason, now)?;
        let detail = format!("{}: {reason}", name(decision));
        people.note(&actor, What::Propose, &action.about, &detail, now)?;
        Ok(proposed)
    });
    let waits = Waits { proposal: proposed.await?.id.to_string() };
    Ok((StatusCode::ACCEPTED, Json(waits)).into_response())
}

/// How a waiting decision is called in lists.
pub(super) fn called(action: &Action) -> Result<&'static str, Problem> {
    let waiting: Waiting = serde_json::from_slice(&action.body).map_err(Problem::unreadable)?;
    Ok(name(waiting.decision))
}

/// Carries out what two persons want.
pub(super) async fn carry_out(rooms: &Rooms, action: &Action, by: String) -> Result<StatusCode, Problem> {
    let Waiting { decision, reason } = serde_json::from_slice(&action.body).map_err(Problem::unreadable)?;
    hand_in(rooms, payments::reference(&action.about)?, decision, by, reason).await
}

async fn hand_in(
    rooms: &Rooms,
    rrn: Rrn,
    decision: Decision,
    by: String,
    reason: String,
) -> Result<StatusCode, Problem> {
    let decide = Box::new(Decide { rrn, decision, by, reason });
    taken(rooms.desk.ask(|ticket| Input::Decide { ticket, decide }).await?)
}
