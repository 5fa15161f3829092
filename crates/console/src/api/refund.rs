//! Money given back from the merchant's page.

use super::{Rooms, payments, signed};
use crate::{
    counter::{Given, Refund},
    door::{Asker, IDEMPOTENCY_KEY},
    problem::{Problem, Refusal},
};
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use hefu_people::{Permission, What};
use hefu_store::Store;
use hefu_tally::{Code, Identity, Money, Rrn, Shard};
use hefu_view::Words;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What is to be given back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundBody {
    /// Minor units of the payment's currency; never more than is left of it.
    #[schema(minimum = 1)]
    amount: i64,
    reason: String,
    /// Who says so: at the gateway's own machine alone.
    by: Option<String>,
}

/// A refund that was taken on.
#[derive(Serialize, ToSchema)]
pub(super) struct RefundMade {
    /// Its own reference.
    rrn: String,
    /// Whether the bank has done it; if not, that is being found out, and it must not be asked for again.
    done: bool,
}

/// Gives money back for a sale, a completion or an offline sale, as a terminal's refund does: through the bank that
/// took it. 201 is done; 202 is not known yet.
#[utoipa::path(
    post, path = "/api/payments/{rrn}/refund", operation_id = "refundPayment", tag = "payments",
    request_body = RefundBody, params(("rrn" = String, Path, description = "12 characters")),
    responses(
        (status = 201, body = RefundMade), (status = 202, body = RefundMade), (status = 400, body = Refusal),
        (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal),
        (status = 503, body = Refusal)
    )
)]
pub(super) async fn refund(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    Path(rrn): Path<String>,
    headers: HeaderMap,
    body: Result<Json<RefundBody>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(RefundBody { amount, reason, by }) = body?;
    asker.must(Permission::Refund)?;
    let by = signed(&asker, by)?;
    if reason.trim().is_empty() {
        return Err(Problem::bad("reason", "say why"));
    }
    let refund =
        asked(&rooms, &asker, &rrn, amount, by, reason, number(&rooms, &asker, &headers).await?).await?;
    let detail = format!("{}: {}", refund.amount, refund.reason);
    rooms.staff.note(asker.actor(), What::Refund, &rrn, detail).await?;
    let identity = refund.identity();
    let (status, made, done) = match rooms.counter.give_back(refund).await? {
        Given::Done { rrn } => (StatusCode::CREATED, rrn, true),
        Given::Unknown { rrn } => (StatusCode::ACCEPTED, rrn, false),
        Given::Refused { code } => return Err(refused(code)),
        Given::NotSent => {
            let words = text(hefu_slip::lookup_ours(*b"91"));
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not sent", words.en.clone());
            return Err(problem.in_words(words));
        }
    };
    let rrn = match made {
        Some(rrn) => rrn,
        None => late(&rooms, identity).await?,
    };
    Ok((status, Json(RefundMade { rrn: rrn.to_string(), done })).into_response())
}

/// The refund as it goes to the door; of a payment that the asker may see.
async fn asked(
    rooms: &Rooms,
    asker: &Asker,
    rrn: &str,
    amount: i64,
    by: String,
    reason: String,
    number: u64,
) -> Result<Refund, Problem> {
    let of = payments::reference(rrn)?;
    let tally = payments::story_of(rooms, asker.who.scope, rrn).await?.tally;
    let (id, shard) = (tally.id, tally.shard());
    let row = rooms.look.up(move |desk| desk.store.tally(id, shard).map_err(Problem::unreadable)).await?;
    let leg = tally.legs().find(|(_, leg)| leg.rrn == of).map(|(_, leg)| leg);
    let request = leg.and_then(|leg| leg.request.map(|request| (leg, request)));
    let Some((leg, request)) = request else {
        return Err(Problem::new(StatusCode::CONFLICT, "refused", "nothing of it ever went to a bank"));
    };
    let Some(sealed) = row.and_then(|row| row.card) else {
        return Err(Problem::new(StatusCode::CONFLICT, "refused", "its card's row was erased"));
    };
    Ok(Refund {
        merchant: tally.merchant,
        of,
        card: tally.card,
        sealed,
        masked: tally.masked.clone(),
        link: request.link,
        amount: Money { minor: amount, ..leg.amount },
        number,
        by,
        reason,
    })
}

/// What tells this refund from others: who asked and by which key, so that the same request after a crash is the same
/// refund. Without a key every request is a refund of its own.
async fn number(rooms: &Rooms, asker: &Asker, headers: &HeaderMap) -> Result<u64, Problem> {
    let number = |bytes: &[u8]| {
        let hash = blake3::hash(bytes);
        u64::from_be_bytes(hash.as_bytes()[..8].try_into().expect("a hash has more than eight bytes"))
    };
    if let Some(key) = headers.get(IDEMPOTENCY_KEY) {
        return Ok(number(&[asker.who.name.as_bytes(), b"\n", key.as_bytes()].concat()));
    }
    let mut chance = [0; 8];
    let drawn = rooms.staff.ask(move |_, _, dice| {
        dice.fill(&mut chance);
        Ok(chance)
    });
    Ok(u64::from_be_bytes(drawn.await?))
}

/// The reference of a refund that the bank has not answered yet.
async fn late(rooms: &Rooms, identity: Identity) -> Result<Rrn, Problem> {
    let shard = Shard::of(identity.till.merchant);
    let found = rooms.look.up(move |desk| {
        let Some((id, no)) = desk.store.find(shard, &identity.handle()).map_err(Problem::unreadable)? else {
            return Ok(None);
        };
        let story = hefu_node::story(&mut desk.store, shard, id).map_err(Problem::unreadable)?;
        Ok(story.and_then(|story| story.tally.leg(no).ok().map(|leg| leg.rrn)))
    });
    found.await?.ok_or_else(|| crate::desk::Unanswered::Late.into())
}

fn refused(code: Code) -> Problem {
    let words = text(hefu_slip::lookup_ours(code.0));
    let detail = format!("{code}: {}", words.en);
    Problem::new(StatusCode::CONFLICT, "refused", detail).in_words(words)
}

/// What a code says, and what to do next.
fn text(code: &hefu_slip::CodeText) -> Words {
    Words {
        zh: format!("{}。{}", code.zh, code.cashier_zh), en: format!("{}. {}", code.en, code.cashier_en)
    }
}
