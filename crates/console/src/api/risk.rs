//! Money at risk.

use super::Rooms;
use crate::{
    door::Asker,
    problem::{Problem, Refusal},
};
use axum::{Json, extract::State};
use hefu_people::Permission;
use hefu_tally::{Currency, Money};
use hefu_view::Amount;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// How much of the past is shown: a day, in minutes.
const DAY: i64 = 24 * 60 * 60 * 1_000;
const MOST_SAMPLES: u32 = 24 * 60;

/// Money at risk, now and over the last day.
#[derive(Serialize, ToSchema)]
#[schema(as = Risk)]
pub(super) struct RiskBody {
    now: RiskNow,
    /// A sample a minute, the oldest first.
    history: Vec<RiskSample>,
}

/// Money of unknown outcome, or taken and not known to be a merchant's sale.
#[derive(Serialize, ToSchema)]
pub(crate) struct RiskNow {
    amount: Amount,
    /// How many payments.
    count: i64,
    /// When the oldest of them was opened.
    #[schema(required = true)]
    oldest_ms: Option<i64>,
}

/// The money at risk at one moment.
#[derive(Serialize, ToSchema)]
pub(super) struct RiskSample {
    at_ms: i64,
    /// Minor units of the same currency.
    amount_minor: i64,
    count: i64,
}

/// Money of unknown outcome, or taken and not known to be a merchant's sale.
#[utoipa::path(
    get, path = "/api/risk", operation_id = "getRisk", tag = "watching",
    responses((status = 200, body = RiskBody), (status = 403, body = Refusal))
)]
pub(super) async fn risk(State(rooms): State<Arc<Rooms>>, asker: Asker) -> Result<Json<RiskBody>, Problem> {
    asker.must(Permission::Risk)?;
    let since = (rooms.now)().0 - DAY;
    let history = rooms.look.up(move |desk| Ok(desk.index.risk_history(since, MOST_SAMPLES)?)).await?;
    let history = history.into_iter();
    let samples = history.map(|s| RiskSample { at_ms: s.at_ms, amount_minor: s.amount, count: s.count });
    Ok(Json(RiskBody { now: now(&rooms).await?, history: samples.collect() }))
}

/// The money at risk now.
pub(crate) async fn now(rooms: &Rooms) -> Result<RiskNow, Problem> {
    let risk = rooms.look.up(|desk| Ok(desk.index.risk()?)).await?;
    // The platform works in one currency.
    let amount = Money::new(risk.amount, Currency::CNY).into();
    Ok(RiskNow { amount, count: risk.count, oldest_ms: risk.oldest_ms })
}
