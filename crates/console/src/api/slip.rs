//! A slip, printed again.

use super::{Rooms, payments};
use crate::{
    door::Asker,
    names::LanguageName,
    problem::{Problem, Refusal},
};
use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
};
use hefu_people::{Language, Permission, What};
use hefu_slip::{Copy, Width};
use hefu_tally::LegNo;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Which slip is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SlipQuery {
    /// The transaction's number within the payment.
    #[serde(default)]
    leg: u8,
    /// Else the asker's.
    #[param(value_type = Option<LanguageName>)]
    language: Option<String>,
    #[serde(default)]
    copy: Holder,
    #[serde(default)]
    format: Format,
}

/// Whose copy it is.
#[derive(Copy, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SlipCopy)]
pub(super) enum Holder {
    #[default]
    Merchant,
    Payer,
}

/// The forms of a slip: text for the narrow paper, or a page as wide as the broad paper.
#[derive(Copy, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SlipFormat)]
pub(super) enum Format {
    #[default]
    Text,
    Pdf,
}

/// The slip of a transaction as it stands now, marked as printed again.
#[utoipa::path(
    get, path = "/api/payments/{rrn}/slip", operation_id = "getSlip", tag = "payments",
    params(SlipQuery, ("rrn" = String, Path)),
    responses(
        (status = 200, content((String = "text/plain"), (String = "application/pdf"))),
        (status = 400, body = Refusal), (status = 403, body = Refusal), (status = 404, body = Refusal)
    )
)]
pub(super) async fn slip(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    Path(rrn): Path<String>,
    asked: Result<Query<SlipQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    asker.must(Permission::Reprint)?;
    let Query(SlipQuery { leg, language, copy, format }) = asked?;
    let language = match language.as_deref() {
        Some(name) => Language::parse(name).ok_or_else(|| Problem::bad("language", "zh or en"))?,
        None => asker.who.language,
    };
    let copy = match copy {
        Holder::Merchant => Copy::Merchant,
        Holder::Payer => Copy::Cardholder,
    };
    let story = payments::story_of(&rooms, asker.who.scope, &rrn).await?;
    story.tally.leg(LegNo(leg)).map_err(|error| Problem::bad("leg", error))?;
    rooms.staff.note(asker.actor(), What::Reprint, &rrn, format!("transaction {leg}")).await?;
    let data = rooms.slips.slip(&story, LegNo(leg), true, rooms.staff.now());
    let data = data.map_err(|why| Problem::not_found(format!("no slip can be made of it: {why}")))?;
    let language = match language {
        Language::Zh => hefu_slip::Language::Zh,
        Language::En => hefu_slip::Language::En,
    };
    Ok(match format {
        Format::Text => hefu_slip::text(&data, copy, Width::Mm58, language).into_response(),
        Format::Pdf => {
            let kind = [
                (header::CONTENT_TYPE, "application/pdf"),
                (header::CONTENT_DISPOSITION, "inline; filename=\"slip.pdf\""),
            ];
            let page = hefu_slip::pdf(&hefu_slip::lines(&data, copy, language), Width::Mm80, language);
            (kind, page).into_response()
        }
    })
}
