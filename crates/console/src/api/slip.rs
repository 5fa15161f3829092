//! A slip, printed again.

use super::{Rooms, payments};
use crate::{
    door::Asker,
    problem::{Problem, Refusal},
};
use axum::extract::{Path, Query, State, rejection::QueryRejection};
use hefu_people::{Language, Permission, What};
use hefu_tally::LegNo;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which slip is asked for.
#[derive(Copy, Clone, Debug)]
pub struct SlipAsked {
    pub leg: LegNo,
    pub language: Language,
    /// The merchant's copy; else the payer's.
    pub merchant_copy: bool,
}

/// Which slip is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SlipQuery {
    /// The transaction's number within the payment.
    #[serde(default)]
    leg: u8,
    /// zh or en; else the asker's.
    language: Option<String>,
    /// merchant or payer.
    copy: Option<String>,
    /// text.
    format: Option<String>,
}

/// The slip of a transaction as it stands now, marked as printed again.
#[utoipa::path(get, path = "/api/payments/{rrn}/slip", params(SlipQuery, ("rrn" = String, Path)),
    responses((status = 200, content_type = "text/plain", body = String), (status = 404, body = Refusal)))]
pub(super) async fn slip(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    Path(rrn): Path<String>,
    asked: Result<Query<SlipQuery>, QueryRejection>,
) -> Result<String, Problem> {
    asker.must(Permission::Reprint)?;
    let Query(SlipQuery { leg, language, copy, format }) = asked?;
    let language = match language.as_deref() {
        Some(name) => Language::parse(name).ok_or_else(|| Problem::bad("language", "zh or en"))?,
        None => asker.who.language,
    };
    let merchant_copy = match copy.as_deref() {
        Some("merchant") | None => true,
        Some("payer") => false,
        Some(_) => return Err(Problem::bad("copy", "merchant or payer")),
    };
    if format.is_some_and(|format| format != "text") {
        return Err(Problem::bad("format", "text"));
    }
    let story = payments::story_of(&rooms, asker.who.scope, &rrn).await?;
    story.tally.leg(LegNo(leg)).map_err(|error| Problem::bad("leg", error))?;
    rooms.staff.note(asker.actor(), What::Reprint, &rrn, format!("transaction {leg}")).await?;
    let asked = SlipAsked { leg: LegNo(leg), language, merchant_copy };
    (rooms.slip)(&story, asked).map_err(Problem::not_found)
}
