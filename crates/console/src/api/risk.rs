//! Money at risk.

use super::Rooms;
use crate::{
    index::{Risk, RiskSample},
    problem::Problem,
};
use axum::{Json, extract::State};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// How much of the past is shown: a day, in minutes.
const DAY: i64 = 24 * 60 * 60 * 1_000;
const MOST_SAMPLES: u32 = 24 * 60;

/// Money at risk, now and over the last day.
#[derive(Serialize, ToSchema)]
pub(super) struct RiskBody {
    now: Risk,
    /// A sample a minute, the oldest first.
    history: Vec<RiskSample>,
}

/// Money of unknown outcome, or taken and not known to be a merchant's sale.
#[utoipa::path(get, path = "/api/risk", responses((status = 200, body = RiskBody)))]
pub(super) async fn risk(State(rooms): State<Arc<Rooms>>) -> Result<Json<RiskBody>, Problem> {
    let since = (rooms.now)().0 - DAY;
    let found = rooms.look.up(move |desk| {
        Ok(RiskBody { now: desk.index.risk()?, history: desk.index.risk_history(since, MOST_SAMPLES)? })
    });
    Ok(Json(found.await?))
}
