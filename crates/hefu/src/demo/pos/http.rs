//! The routes of the virtual POS.

use super::drill::{self, Deed, DrillView};
use super::frames::{self, Detail};
use super::house::House;
use super::state::{CardView, State as Shown, Terminal, drawer, state, terminal};
use super::till::{Refused, Till};
use crate::Failure;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hefu_world::bank::Fault;
use hefu_world::pos::wire::{Faults, LONGEST_DELAY, Wire};
use hefu_world::pos::{Key, cards};
use hefu_world::terminal::{EntryMode, PrinterState};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tokio_stream::{Stream, wrappers::ReceiverStream};

/// The house, once it stands.
pub type Rooms = Arc<OnceLock<Weak<House>>>;

/// The shortest time between two events.
const BEAT: Duration = Duration::from_millis(100);
/// Events that wait for a slow watcher.
const WAITING: usize = 2;
/// How long the gateway may be kept down.
const LONGEST_DOWN: u64 = 60_000;
const USUAL_DOWN: u64 = 1_500;
/// The most frames that a counting fault may strike.
const MOST_TIMES: u32 = 100;

/// All routes under `/api/pos`.
pub fn router(rooms: Rooms) -> Router {
    Router::new()
        .route("/api/pos", get(all))
        .route("/api/pos/bank", post(bank))
        .route("/api/pos/crash", post(crash))
        .route("/api/pos/{n}", get(one))
        .route("/api/pos/{n}/live", get(live))
        .route("/api/pos/{n}/frames/{id}", get(frame))
        .route("/api/pos/{n}/press", post(press))
        .route("/api/pos/{n}/card", post(card))
        .route("/api/pos/{n}/fault", post(fault))
        .route("/api/pos/{n}/power", post(power))
        .route("/api/pos/{n}/paper", post(paper))
        .route("/api/pos/{n}/reset", post(reset))
        .route("/api/pos/drills", get(drills))
        .route("/api/pos/drills/results", get(results))
        .route("/api/pos/{n}/drill", post(drill))
        .route("/api/pos/{n}/drill/act", post(act))
        .route("/api/pos/{n}/drill/end", post(end))
        .with_state(rooms)
}

#[derive(Serialize)]
struct All {
    scale: u32,
    terminals: Vec<Terminal>,
    cards: Vec<CardView>,
    drills: Vec<DrillView>,
}

async fn all(State(rooms): State<Rooms>) -> Result<Json<All>, Problem> {
    let house = house(&rooms)?;
    let terminals = house.tills.iter().map(|till| terminal(till)).collect();
    Ok(Json(All {
        scale: house.scale(),
        terminals,
        cards: drawer(),
        drills: drill::all().map(DrillView::from).collect(),
    }))
}

async fn one(State(rooms): State<Rooms>, Path(n): Path<u32>) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    Ok(Json(state(&house, &till)))
}

async fn frame(State(rooms): State<Rooms>, Path((n, id)): Path<(u32, u64)>) -> Result<Json<Detail>, Problem> {
    let (_, till) = till(&rooms, n)?;
    let frame =
        till.tap.frame(id).ok_or_else(|| Problem::not_found(format!("frame {id} is not kept (any more)")))?;
    Ok(Json(frames::detail(&frame)))
}

/// The state as it changes. Events `state`; send `Last-Event-ID` to go on where you were.
async fn live(
    State(rooms): State<Rooms>,
    Path(n): Path<u32>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let (house, till) = till(&rooms, n)?;
    let run = house.run();
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.split_once('-'));
    let seen = seen.filter(|(of, _)| u64::from_str_radix(of, 16) == Ok(run));
    let mut seen: Option<u64> = seen.and_then(|(_, revision)| revision.parse().ok());
    let (sender, receiver) = tokio::sync::mpsc::channel(WAITING);
    // A watcher does not keep the house standing.
    let (house, n) = (Arc::downgrade(&house), till.place.n);
    let mut changes = till.watch();
    drop(till);
    tokio::spawn(async move {
        loop {
            let revision = *changes.borrow_and_update();
            if seen == Some(revision) {
                if changes.changed().await.is_err() {
                    return;
                }
                continue;
            }
            let Some(house) = house.upgrade() else { return };
            let Some(till) = house.till(n) else { return };
            let shown = state(&house, till);
            seen = Some(shown.revision);
            let event = Event::default().event("state").id(format!("{run:x}-{}", shown.revision));
            let Ok(event) = event.json_data(&shown) else { return };
            drop(house);
            // A slow watcher is waited for: what happens meanwhile becomes one event.
            if sender.send(Ok(event)).await.is_err() {
                return;
            }
            tokio::time::sleep(BEAT).await;
        }
    });
    let alive = KeepAlive::new().interval(Duration::from_secs(15));
    Ok(Sse::new(ReceiverStream::new(receiver)).keep_alive(alive))
}

type Body<T> = Result<Json<T>, JsonRejection>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Press {
    key: String,
}

async fn press(
    State(rooms): State<Rooms>,
    Path(n): Path<u32>,
    body: Body<Press>,
) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    let Json(Press { key }) = body?;
    // The key is not repeated in the answer: it may be a digit of a PIN.
    let key = Key::named(&key).ok_or_else(|| Problem::bad("key: there is no such key"))?;
    till.press(key)?;
    Ok(Json(state(&house, &till)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Presented {
    card: String,
    how: How,
}

#[derive(Copy, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Swipe,
    Insert,
    Tap,
}

async fn card(
    State(rooms): State<Rooms>,
    Path(n): Path<u32>,
    body: Body<Presented>,
) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    let Json(Presented { card, how }) = body?;
    let card = cards::named(&card)
        .ok_or_else(|| Problem::bad("card: no card in the drawer has these last four digits"))?;
    let how = match how {
        How::Swipe => EntryMode::Swipe,
        How::Insert => EntryMode::Insert,
        How::Tap => EntryMode::Contactless,
    };
    till.card(card, how)?;
    Ok(Json(state(&house, &till)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switched {
    wire: On,
    fault: Kind,
    #[serde(default = "yes")]
    on: bool,
    times: Option<u32>,
    ms: Option<u32>,
}

fn yes() -> bool {
    true
}

#[derive(Copy, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
enum On {
    Terminal,
    Bank,
}

#[derive(Copy, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Cut,
    HalfOpen,
    LoseRequest,
    LoseAnswer,
    CorruptRequest,
    CorruptAnswer,
    DoubleRequest,
    Delay,
}

async fn fault(
    State(rooms): State<Rooms>,
    Path(n): Path<u32>,
    body: Body<Switched>,
) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    let Json(Switched { wire, fault, on, times, ms }) = body?;
    let (wire, cable) = match wire {
        On::Terminal => (Wire::Terminal, &till.cable),
        On::Bank => (Wire::Bank, &house.bank_cable),
    };
    let count = if on { times.unwrap_or(1).clamp(1, MOST_TIMES) } else { 0 };
    let set = |change: fn(&mut Faults, u32)| till.fault(wire, |faults| change(faults, count));
    match fault {
        Kind::Cut if on && times.is_some() => cable.break_once(),
        Kind::Cut => cable.cut(on),
        Kind::HalfOpen => cable.half_open(on),
        Kind::LoseRequest => set(|faults, count| faults.lose_request = count),
        Kind::LoseAnswer => set(|faults, count| faults.lose_answer = count),
        Kind::CorruptRequest => set(|faults, count| faults.corrupt_request = count),
        Kind::CorruptAnswer => set(|faults, count| faults.corrupt_answer = count),
        Kind::DoubleRequest => set(|faults, count| faults.double_request = count),
        Kind::Delay => {
            let ms = if on { ms.unwrap_or_default().min(LONGEST_DELAY) } else { 0 };
            till.fault(wire, |faults| faults.delay_ms = ms);
        }
    }
    house.changed();
    Ok(Json(state(&house, &till)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Power {
    on: bool,
}

async fn power(
    State(rooms): State<Rooms>,
    Path(n): Path<u32>,
    body: Body<Power>,
) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    let Json(Power { on }) = body?;
    match on {
        true => till.power_on().await?,
        false => till.power_off().await?,
    }
    Ok(Json(state(&house, &till)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paper {
    printer: Printer,
}

#[derive(Copy, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Printer {
    Ready,
    OutOfPaper,
    Jam,
}

async fn paper(
    State(rooms): State<Rooms>,
    Path(n): Path<u32>,
    body: Body<Paper>,
) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    let Json(Paper { printer }) = body?;
    till.printer(match printer {
        Printer::Ready => PrinterState::Ready,
        Printer::OutOfPaper => PrinterState::OutOfPaper,
        Printer::Jam => PrinterState::PaperJam,
    })
    .await?;
    Ok(Json(state(&house, &till)))
}

async fn reset(State(rooms): State<Rooms>, Path(n): Path<u32>) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    house.drills.forget(n);
    house.reset(&till).await?;
    Ok(Json(state(&house, &till)))
}

async fn drills() -> Json<Vec<DrillView>> {
    Json(drill::all().map(DrillView::from).collect())
}

async fn results(State(rooms): State<Rooms>) -> Result<Json<Vec<drill::Result>>, Problem> {
    Ok(Json(house(&rooms)?.drills.results()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begun {
    id: String,
    person: String,
}

async fn drill(
    State(rooms): State<Rooms>,
    Path(n): Path<u32>,
    body: Body<Begun>,
) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    let Json(Begun { id, person }) = body?;
    house.drills.begin(&house, &till, &id, &person).await?;
    Ok(Json(state(&house, &till)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Done {
    act: String,
}

async fn act(
    State(rooms): State<Rooms>,
    Path(n): Path<u32>,
    body: Body<Done>,
) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    let Json(Done { act }) = body?;
    let deed = Deed::named(&act).ok_or_else(|| Problem::bad("act: there is nothing of that name to do"))?;
    house.drills.act(&house, &till, deed)?;
    Ok(Json(state(&house, &till)))
}

async fn end(State(rooms): State<Rooms>, Path(n): Path<u32>) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    house.drills.end(&house, &till)?;
    Ok(Json(state(&house, &till)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BankState {
    state: Bank,
    ms: Option<u32>,
}

#[derive(Copy, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bank {
    Up,
    Slow,
    Down,
}

#[derive(Serialize)]
struct BankIs {
    up: bool,
    slow_ms: u32,
}

async fn bank(State(rooms): State<Rooms>, body: Body<BankState>) -> Result<Json<BankIs>, Problem> {
    let house = house(&rooms)?;
    let Json(BankState { state, ms }) = body?;
    let (down, slow) = match state {
        Bank::Up => (false, 0),
        Bank::Slow => (false, ms.unwrap_or(8_000).min(LONGEST_DELAY)),
        Bank::Down => (true, 0),
    };
    let faults = house.bank(Fault { down: Some(down), slow_ms: Some(slow), ..Fault::default() }).await?;
    Ok(Json(BankIs { up: !faults.down, slow_ms: faults.slow_ms }))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Crash {
    down_ms: Option<u64>,
}

async fn crash(State(rooms): State<Rooms>, body: Body<Crash>) -> Result<StatusCode, Problem> {
    let house = house(&rooms)?;
    let Json(Crash { down_ms }) = body?;
    let down = Duration::from_millis(down_ms.unwrap_or(USUAL_DOWN).min(LONGEST_DOWN));
    if house.crash(down) {
        return Ok(StatusCode::ACCEPTED);
    }
    Err(Problem { status: StatusCode::CONFLICT, detail: "the gateway is down already".into() })
}

fn house(rooms: &Rooms) -> Result<Arc<House>, Problem> {
    let house = rooms.get().and_then(Weak::upgrade);
    let detail = "the house is being opened".to_owned();
    house.ok_or(Problem { status: StatusCode::SERVICE_UNAVAILABLE, detail })
}

fn till(rooms: &Rooms, n: u32) -> Result<(Arc<House>, Arc<Till>), Problem> {
    let house = house(rooms)?;
    let till =
        house.till(n).cloned().ok_or_else(|| Problem::not_found(format!("there is no terminal {n}")))?;
    Ok((house, till))
}

/// An error as problem+json (RFC 9457).
struct Problem {
    status: StatusCode,
    detail: String,
}

impl Problem {
    fn not_found(detail: String) -> Problem {
        Problem { status: StatusCode::NOT_FOUND, detail }
    }

    fn bad(detail: &str) -> Problem {
        Problem { status: StatusCode::BAD_REQUEST, detail: detail.to_owned() }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        let status = match refused {
            Refused::Dead(_) | Refused::Off | Refused::On => StatusCode::CONFLICT,
            Refused::Card(_) | Refused::Terminal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Problem { status, detail: refused.to_string() }
    }
}

impl From<drill::Refused> for Problem {
    fn from(refused: drill::Refused) -> Problem {
        let status = match refused {
            drill::Refused::NoSuchDrill => StatusCode::NOT_FOUND,
            drill::Refused::Name => StatusCode::BAD_REQUEST,
            drill::Refused::NotHere
            | drill::Refused::OtherModel
            | drill::Refused::NoDrill
            | drill::Refused::NotNow => StatusCode::CONFLICT,
            drill::Refused::House(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Problem { status, detail: refused.to_string() }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        Problem { status: StatusCode::INTERNAL_SERVER_ERROR, detail: format!("{failure:?}") }
    }
}

/// The parser's words are not repeated: they may quote a digit of a PIN.
impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Problem {
        let detail = "the body is not as it is expected: see the description of the route".to_owned();
        Problem { status: rejection.status(), detail }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("error");
        let body = serde_json::json!({
            "type": "about:blank", "status": self.status.as_u16(), "title": title, "detail": self.detail,
        });
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}
