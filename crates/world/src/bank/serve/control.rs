//! The control port: `GET /book`, `GET /health`, `POST /fault`.

use super::super::book::Book;
use super::super::code::Code;
use super::BankError;
use super::fault::{Fault, Faults};
use super::teller::Inbox;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hefu_tally::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

/// What `GET /health` shows. Counts run from the start of the process, except `undeliverable` and `refused`, which the
/// book keeps.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Health {
    /// The bank's time.
    pub now: Moment,
    pub links: usize,
    pub requests: u64,
    pub answers: u64,
    pub lost_requests: u64,
    pub lost_answers: u64,
    pub broken_frames: u64,
    /// Answers for which there was no link.
    pub undeliverable: u64,
    /// Requests that never reached the book, by DE39; 99 is a MAC that was missing or wrong.
    pub refused: BTreeMap<Code, u64>,
    pub faults: Faults,
}

/// `GET /book?card=…&rrn=…` shows only what concerns them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BookQuery {
    card: Option<String>,
    rrn: Option<String>,
}

/// Serves the control port until it is dropped.
pub(super) async fn answer(listener: TcpListener, inbox: mpsc::Sender<Inbox>) {
    let router = Router::new()
        .route("/book", get(get_book))
        .route("/health", get(get_health))
        .route("/fault", post(post_fault))
        .with_state(inbox);
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the control port has closed");
    }
}

pub(super) async fn book(inbox: &mpsc::Sender<Inbox>) -> Result<Book, BankError> {
    ask(inbox, Inbox::Book).await
}

pub(super) async fn health(inbox: &mpsc::Sender<Inbox>) -> Result<Health, BankError> {
    ask(inbox, Inbox::Health).await
}

pub(super) async fn fault(inbox: &mpsc::Sender<Inbox>, fault: Fault) -> Result<Faults, BankError> {
    ask(inbox, |asker| Inbox::Fault(fault, asker)).await
}

async fn ask<T>(
    inbox: &mpsc::Sender<Inbox>,
    question: impl FnOnce(oneshot::Sender<T>) -> Inbox,
) -> Result<T, BankError> {
    let (asker, answer) = oneshot::channel();
    inbox.send(question(asker)).await.map_err(|_| BankError::Stopped)?;
    answer.await.map_err(|_| BankError::Stopped)
}

async fn get_book(
    State(inbox): State<mpsc::Sender<Inbox>>,
    Query(query): Query<BookQuery>,
) -> Result<Json<Book>, Problem> {
    let book = book(&inbox).await?;
    Ok(Json(book.only(query.card.as_deref(), query.rrn.as_deref())))
}

async fn get_health(State(inbox): State<mpsc::Sender<Inbox>>) -> Result<Json<Health>, Problem> {
    Ok(Json(health(&inbox).await?))
}

async fn post_fault(
    State(inbox): State<mpsc::Sender<Inbox>>,
    body: Result<Json<Fault>, JsonRejection>,
) -> Result<Json<Faults>, Problem> {
    let Json(asked) = body?;
    Ok(Json(fault(&inbox, asked).await?))
}

/// An error as problem+json (RFC 9457).
struct Problem {
    status: StatusCode,
    detail: String,
}

impl From<BankError> for Problem {
    fn from(error: BankError) -> Problem {
        Problem { status: StatusCode::SERVICE_UNAVAILABLE, detail: error.to_string() }
    }
}

impl From<JsonRejection> for Problem {
    fn from(error: JsonRejection) -> Problem {
        Problem { status: error.status(), detail: error.body_text() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("error");
        let body =
            serde_json::json!({ "title": title, "status": self.status.as_u16(), "detail": self.detail });
        (self.status, [("content-type", "application/problem+json")], body.to_string()).into_response()
    }
}
