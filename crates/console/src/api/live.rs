//! The live stream: server-sent events, at most ten a second, resumable by the last event's id.

use super::Rooms;
use crate::feed::News;
use axum::{
    extract::State,
    http::HeaderMap,
    response::sse::{Event, KeepAlive, Sse},
};
use hefu_view::Row;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio_stream::{Stream, wrappers::ReceiverStream};

/// The shortest time between two events.
const BEAT: Duration = Duration::from_millis(100);
/// Events that wait for a slow watcher: he then misses changes, and is told to read anew.
const WAITING: usize = 2;

/// Rows that change, as they change. Events: `payments` with an array of rows, each payment's newest; `reset` when
/// too much was missed and the lists must be read anew. Send `Last-Event-ID` to go on where you were.
#[utoipa::path(get, path = "/api/live",
    responses((status = 200, content_type = "text/event-stream", body = String)))]
pub(super) async fn live(
    State(rooms): State<Arc<Rooms>>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let feed = rooms.feed.clone();
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(|id| feed.number(id));
    let (sender, receiver) = tokio::sync::mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut changed = feed.watch();
        let mut seen = seen.unwrap_or_else(|| feed.last());
        loop {
            let event = match feed.since(seen, |_| true) {
                News::Nothing => {
                    if changed.changed().await.is_err() {
                        return;
                    }
                    continue;
                }
                News::Rows { upto, rows } => {
                    seen = upto;
                    if rows.is_empty() {
                        continue;
                    }
                    let rows: Vec<&Row> = rows.iter().map(|row| &**row).collect();
                    let event = Event::default().event("payments").id(feed.name(upto)).json_data(&rows);
                    event.expect("a row is plain data and has no line break")
                }
                News::Reset { upto } => {
                    seen = upto;
                    Event::default().event("reset").id(feed.name(upto)).data("{}")
                }
            };
            // A slow watcher is waited for: what happens meanwhile becomes one event.
            if sender.send(Ok(event)).await.is_err() {
                return;
            }
            tokio::time::sleep(BEAT).await;
        }
    });
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}
