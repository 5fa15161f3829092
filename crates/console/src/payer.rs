//! The payer's door: the page behind a slip's code, and the look-up for those who have none. Nobody signs in here,
//! so nothing is said that the asker does not know already, what does not exist is answered like what is not told,
//! and who asks too often waits.

use crate::{api::Rooms, door::Address, index::Query, look::Desk, problem::Problem};
use axum::{
    Extension, Form, Router,
    extract::{Path, State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use hefu_node::{Story, story};
use hefu_payer::{Answers, Found, Language, Lookup, Wanted};
use hefu_slip::{Copy, Width};
use hefu_store::Store;
use hefu_tally::{LegNo, Rrn};
use serde::Deserialize;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// A look-up takes so long at least, whatever it brings.
const LOOKUP_TAKES: Duration = Duration::from_millis(400);

/// The routes of the payer's pages. Their styles and script change with the program alone.
pub(crate) fn router() -> Router<Arc<Rooms>> {
    let fixed = |kind: &'static str, text: &'static str| {
        get(move || {
            std::future::ready(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text))
        })
    };
    Router::new()
        .route("/s", get(form).post(look_up))
        .route("/s/page.css", fixed("text/css; charset=utf-8", hefu_payer::STYLE))
        .route("/s/page.js", fixed("text/javascript; charset=utf-8", hefu_payer::SCRIPT))
        .route("/s/{token}", get(page))
        .route("/s/{token}/slip.pdf", get(pdf))
        .route("/.well-known/hefu-slip-keys.json", get(keys))
}

/// Which language is asked for: by the address, else by the browser.
#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

fn language(asked: &Asked, headers: &HeaderMap) -> Language {
    match asked.lang.as_deref() {
        Some("en") => Language::En,
        Some("zh") => Language::Zh,
        Some(_) | None => {
            let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            let first = wanted.unwrap_or_default().trim_start();
            if first.is_empty() || first.starts_with("zh") { Language::Zh } else { Language::En }
        }
    }
}

async fn page(
    State(rooms): State<Arc<Rooms>>,
    Path(token): Path<String>,
    axum::extract::Query(asked): axum::extract::Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(&asked, &headers);
    let Some((story, no)) = named(&rooms, &token).await? else {
        return Ok(html(StatusCode::NOT_FOUND, hefu_payer::missing(language)));
    };
    let now = (rooms.now)();
    let page = hefu_payer::page(&rooms.slips, &story, no, now, language).map_err(Problem::unreadable)?;
    Ok(html(StatusCode::OK, page))
}

async fn pdf(
    State(rooms): State<Arc<Rooms>>,
    Path(token): Path<String>,
    axum::extract::Query(asked): axum::extract::Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(&asked, &headers);
    let Some((story, no)) = named(&rooms, &token).await? else {
        return Ok(html(StatusCode::NOT_FOUND, hefu_payer::missing(language)));
    };
    let slip = rooms.slips.slip(&story, no, false, (rooms.now)()).map_err(Problem::unreadable)?;
    let lines = hefu_slip::lines(&slip, Copy::Cardholder, language);
    let bytes = hefu_slip::pdf(&lines, Width::Mm80, language);
    let kind = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"slip.pdf\"")),
    ];
    Ok((kind, bytes).into_response())
}

async fn keys(State(rooms): State<Arc<Rooms>>) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (kind, rooms.slips.published().to_json()).into_response()
}

/// The payment that a token names, and which of its transactions.
async fn named(rooms: &Rooms, token: &str) -> Result<Option<(Story, LegNo)>, Problem> {
    let Some(rrn) = rooms.slips.named_by(token) else { return Ok(None) };
    rooms.look.up(move |desk| by_reference(desk, &rrn)).await
}

fn by_reference(desk: &mut Desk, rrn: &Rrn) -> Result<Option<(Story, LegNo)>, Problem> {
    let Ok(shard) = rrn.shard() else { return Ok(None) };
    let found = desk.store.find(shard, &hefu_engine::rrn_handle(rrn)).map_err(Problem::unreadable)?;
    let Some((id, no)) = found else { return Ok(None) };
    let story = story(&mut desk.store, shard, id).map_err(Problem::unreadable)?;
    Ok(story.map(|story| (story, no)))
}

async fn form(axum::extract::Query(asked): axum::extract::Query<Asked>, headers: HeaderMap) -> Response {
    html(StatusCode::OK, hefu_payer::lookup(&Lookup::default(), &Found::Nothing, language(&asked, &headers)))
}

/// What is typed into the form.
#[derive(Deserialize)]
struct Typed {
    date: String,
    time: String,
    amount: String,
    card: String,
}

async fn look_up(
    State(rooms): State<Arc<Rooms>>,
    Extension(address): Extension<Address>,
    axum::extract::Query(asked): axum::extract::Query<Asked>,
    headers: HeaderMap,
    typed: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Problem> {
    let began = Instant::now();
    let language = language(&asked, &headers);
    if rooms.lookups.take(address.0, began).is_err() {
        return Ok(html(StatusCode::TOO_MANY_REQUESTS, hefu_payer::too_many(language)));
    }
    let Form(Typed { date, time, amount, card }) = typed.map_err(|error| Problem::bad("form", error))?;
    let typed = Lookup { date, time, amount, card };
    let found = match typed.wanted() {
        Ok(wanted) => rooms.look.up(move |desk| one(desk, wanted)).await?,
        Err(why) => Found::NotUnderstood(why),
    };
    let page = hefu_payer::lookup(&typed, &found, language);
    tokio::time::sleep(LOOKUP_TAKES.saturating_sub(began.elapsed())).await;
    Ok(html(StatusCode::OK, page))
}

/// The one payment that fits.
fn one(desk: &mut Desk, wanted: Wanted) -> Result<Found, Problem> {
    let query = Query {
        last4: Some(wanted.last4),
        amount: Some(wanted.amount),
        from: Some(wanted.from.0),
        until: Some(wanted.until.0),
        limit: 2,
        ..Query::default()
    };
    let rows = desk.index.find(&query)?.rows;
    let [row] = rows.as_slice() else { return Ok(Found::None) };
    let rrn = Rrn::parse(row.rrn.as_bytes()).map_err(Problem::unreadable)?;
    match by_reference(desk, &rrn)? {
        Some((story, _)) => Ok(Found::One(Box::new(Answers::of(&story).map_err(Problem::unreadable)?))),
        None => Ok(Found::None),
    }
}

fn html(status: StatusCode, page: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}
