//! The live stream: server-sent events, at most ten a second, resumable by the last event's id.

use super::Rooms;
use crate::{
    desk::Alarm,
    door::Asker,
    feed::{Feed, News},
    problem::Problem,
    pulse,
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::sse::{Event, KeepAlive, Sse},
};
use hefu_people::{Permission, Who};
use hefu_view::Row;
use std::{convert::Infallible, future::pending, sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, broadcast, mpsc, watch},
    time::{Instant, sleep},
};
use tokio_stream::{Stream, wrappers::ReceiverStream};

/// The shortest time between two events.
const BEAT: Duration = Duration::from_millis(100);
/// How often it is looked whether the watcher may still watch.
const STILL_IN: Duration = Duration::from_secs(5);
/// Events that wait for a slow watcher: he then misses changes, and is told to read anew.
const WAITING: usize = 2;
/// The most streams at a time.
const MOST: usize = 256;

/// Places for streams.
pub(crate) struct Streams(Arc<Semaphore>);

impl Default for Streams {
    fn default() -> Streams {
        Streams(Arc::new(Semaphore::new(MOST)))
    }
}

/// What changes, as it changes, as far as the asker may see it. Events: `here` at the beginning, with the id from
/// which to go on; `payments` with an array of rows, each payment's newest; `risk` with the money at risk; `links`
/// with an array of all links; `alarm`; `reset` when too much was missed and the lists must be read anew. Send
/// `Last-Event-ID` to go on where you were. The stream ends with the session.
#[utoipa::path(
    get, path = "/api/live", operation_id = "watch", tag = "watching",
    responses((status = 200, content_type = "text/event-stream", body = String))
)]
pub(super) async fn live(
    State(rooms): State<Arc<Rooms>>,
    asker: Asker,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    asker.must(Permission::Payments)?;
    let place =
        rooms.streams.0.clone().try_acquire_owned().map_err(|_| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too many", "too many watch already")
        })?;
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let seen = seen.map_or_else(|| rooms.feed.last(), |id| rooms.feed.number(id));
    let (sender, receiver) = mpsc::channel(WAITING);
    let watcher = Watcher::new(rooms, asker, seen, sender, place);
    tokio::spawn(watcher.watch());
    let alive = KeepAlive::new().interval(Duration::from_secs(15));
    Ok(Sse::new(ReceiverStream::new(receiver)).keep_alive(alive))
}

/// One who watches.
struct Watcher {
    rooms: Arc<Rooms>,
    asker: Asker,
    /// The last change that he has heard of.
    seen: u64,
    changed: watch::Receiver<u64>,
    risk: Option<watch::Receiver<Arc<str>>>,
    links: Option<watch::Receiver<Arc<str>>>,
    alarms: Option<broadcast::Receiver<Alarm>>,
    sender: mpsc::Sender<Result<Event, Infallible>>,
    checked: Instant,
    _place: OwnedSemaphorePermit,
}

/// What woke a watcher.
enum Woken {
    Payments,
    Risk,
    Links,
    Alarm(Box<Alarm>),
    /// Alarms were missed.
    Behind,
    Time,
    Closing,
}

impl Watcher {
    fn new(
        rooms: Arc<Rooms>,
        asker: Asker,
        seen: u64,
        sender: mpsc::Sender<Result<Event, Infallible>>,
        place: OwnedSemaphorePermit,
    ) -> Watcher {
        let may = |what| asker.who.may(what);
        let (risk, links) = (may(Permission::Risk), may(Permission::Links));
        Watcher {
            seen,
            changed: rooms.feed.watch(),
            risk: risk.then(|| pulse::listen(&rooms.pulse.risk)),
            links: links.then(|| pulse::listen(&rooms.pulse.links)),
            alarms: may(Permission::Alarms).then(|| rooms.desk.alarms().listen()),
            sender,
            checked: Instant::now(),
            _place: place,
            asker,
            rooms,
        }
    }

    async fn watch(mut self) {
        let here = Event::default().event("here").id(self.rooms.feed.name(self.seen)).data("{}");
        if self.rooms.feed.since(self.seen, |_| false) != News::Nothing {
            // He was here before: what he missed comes first, and names its own place.
        } else if !self.send(here).await {
            return;
        }
        loop {
            if self.checked.elapsed() >= STILL_IN {
                if !self.is_still_in().await {
                    return;
                }
                self.checked = Instant::now();
            }
            let event = match self.news() {
                Some(event) => Some(event),
                None => match self.woken().await {
                    Woken::Payments | Woken::Time => None,
                    Woken::Risk => self.risk.as_mut().and_then(|risk| newest("risk", risk)),
                    Woken::Links => self.links.as_mut().and_then(|links| newest("links", links)),
                    Woken::Alarm(alarm) => Event::default().event("alarm").json_data(&*alarm).ok(),
                    Woken::Behind => Some(reset(&self.rooms.feed, self.seen)),
                    Woken::Closing => return,
                },
            };
            if let Some(event) = event {
                // A slow watcher is waited for: what happens meanwhile becomes one event.
                if !self.send(event).await {
                    return;
                }
                sleep(BEAT).await;
            }
        }
    }

    async fn send(&self, event: Event) -> bool {
        self.sender.send(Ok(event)).await.is_ok()
    }

    /// What has happened to payments that he may see.
    fn news(&mut self) -> Option<Event> {
        let scope = self.asker.who.scope;
        match self.rooms.feed.since(self.seen, |row| scope.holds(&row.merchant)) {
            News::Nothing => None,
            News::Rows { upto, rows } => {
                self.seen = upto;
                let rows: Vec<&Row> = rows.iter().map(|row| &**row).collect();
                let event = Event::default().event("payments").id(self.rooms.feed.name(upto));
                if rows.is_empty() { None } else { event.json_data(&rows).ok() }
            }
            News::Reset { upto } => {
                self.seen = upto;
                Some(reset(&self.rooms.feed, upto))
            }
        }
    }

    async fn woken(&mut self) -> Woken {
        tokio::select! {
            changed = self.changed.changed() => if changed.is_ok() { Woken::Payments } else { Woken::Closing },
            () = beats(&mut self.risk) => Woken::Risk,
            () = beats(&mut self.links) => Woken::Links,
            alarm = rings(&mut self.alarms) => alarm,
            () = self.sender.closed() => Woken::Closing,
            () = sleep(STILL_IN) => Woken::Time,
        }
    }

    /// Whether whoever watches is still who he was.
    async fn is_still_in(&self) -> bool {
        let Some(session) = self.asker.session.clone() else { return true };
        let found = self.rooms.staff.ask(move |people, now, _| people.session(session.reveal(), now)).await;
        let same = |who: &Who| who.role == self.asker.who.role && who.scope == self.asker.who.scope;
        matches!(found, Ok(Some(who)) if same(&who) && !who.is_half_in())
    }
}

fn reset(feed: &Feed, upto: u64) -> Event {
    Event::default().event("reset").id(feed.name(upto)).data("{}")
}

/// The newest value, as an event.
fn newest(name: &str, of: &mut watch::Receiver<Arc<str>>) -> Option<Event> {
    let text = of.borrow_and_update().clone();
    (!text.is_empty()).then(|| Event::default().event(name).data(&*text))
}

async fn beats(of: &mut Option<watch::Receiver<Arc<str>>>) {
    match of {
        // One that is closed beats no more.
        Some(of) => match of.changed().await {
            Ok(()) => {}
            Err(_) => pending().await,
        },
        None => pending().await,
    }
}

async fn rings(of: &mut Option<broadcast::Receiver<Alarm>>) -> Woken {
    match of {
        Some(of) => match of.recv().await {
            Ok(alarm) => Woken::Alarm(Box::new(alarm)),
            Err(broadcast::error::RecvError::Lagged(_)) => Woken::Behind,
            Err(broadcast::error::RecvError::Closed) => Woken::Closing,
        },
        None => pending().await,
    }
}
