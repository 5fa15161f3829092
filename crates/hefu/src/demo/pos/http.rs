//! The routes of the virtual POS.

use super::drill::{self, Deed, DrillView};
use super::frames::{self, Detail};
use super::house::House;
use super::names::{DeedName, KeyName, WayName, WireName};
use super::problem::Problem;
use super::state::{CardView, State as Shown, Terminal, drawer, state, terminal};
use super::till::Till;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use hefu_console::Extra;
use hefu_world::bank::Fault;
use hefu_world::pos::wire::{Faults, LONGEST_DELAY, Wire};
use hefu_world::pos::{Key, cards};
use hefu_world::terminal::{EntryMode, PrinterState};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

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
pub fn routes(rooms: Rooms) -> Extra {
    let routes = OpenApiRouter::new()
        .routes(routes!(all))
        .routes(routes!(bank))
        .routes(routes!(crash))
        .routes(routes!(one))
        .routes(routes!(live))
        .routes(routes!(frame))
        .routes(routes!(press))
        .routes(routes!(card))
        .routes(routes!(fault))
        .routes(routes!(power))
        .routes(routes!(paper))
        .routes(routes!(reset))
        .routes(routes!(drills))
        .routes(routes!(results))
        .routes(routes!(drill))
        .routes(routes!(act))
        .routes(routes!(end))
        .with_state(rooms);
    let what = "The virtual POS and its fault board: in a demonstration alone, and without signing in";
    Extra { routes, name: "virtual POS", what }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Pos)]
struct All {
    scale: u32,
    terminals: Vec<Terminal>,
    cards: Vec<CardView>,
    drills: Vec<DrillView>,
}

/// The terminals, the drawer of cards, and the drills.
#[utoipa::path(get, path = "/api/pos", operation_id = "getPos", responses((status = 200, body = All)))]
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

/// Everything about one terminal.
#[utoipa::path(
    get, path = "/api/pos/{n}", operation_id = "getTill",
    params(("n" = u32, Path, description = "the terminal's number on the page")),
    responses((status = 200, body = Shown), (status = 404))
)]
async fn one(State(rooms): State<Rooms>, Path(n): Path<u32>) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    Ok(Json(state(&house, &till)))
}

/// A frame byte by byte.
#[utoipa::path(
    get, path = "/api/pos/{n}/frames/{id}", operation_id = "getFrame",
    params(("n" = u32, Path, description = "the terminal's number on the page"), ("id" = u64, Path)),
    responses((status = 200, body = Detail), (status = 404))
)]
async fn frame(State(rooms): State<Rooms>, Path((n, id)): Path<(u32, u64)>) -> Result<Json<Detail>, Problem> {
    let (_, till) = till(&rooms, n)?;
    let frame =
        till.tap.frame(id).ok_or_else(|| Problem::not_found(format!("frame {id} is not kept (any more)")))?;
    Ok(Json(frames::detail(&frame)))
}

/// The state as it changes. Events `state`; send `Last-Event-ID` to go on where you were.
#[utoipa::path(
    get, path = "/api/pos/{n}/live", operation_id = "watchTill",
    params(("n" = u32, Path, description = "the terminal's number on the page")),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 404))
)]
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PosPress)]
struct Press {
    #[schema(value_type = KeyName)]
    key: String,
}

/// Presses a key.
#[utoipa::path(
    post, path = "/api/pos/{n}/press", operation_id = "pressKey", request_body = Press,
    params(("n" = u32, Path, description = "the terminal's number on the page")),
    responses((status = 200, body = Shown), (status = 404), (status = 409))
)]
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PosPresent)]
struct Presented {
    /// Its last four digits.
    card: String,
    #[schema(value_type = WayName)]
    how: How,
}

#[derive(Copy, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Swipe,
    Insert,
    Tap,
}

/// Presents a card of the drawer.
#[utoipa::path(
    post, path = "/api/pos/{n}/card", operation_id = "presentCard", request_body = Presented,
    params(("n" = u32, Path, description = "the terminal's number on the page")),
    responses((status = 200, body = Shown), (status = 404), (status = 409))
)]
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PosFault)]
struct Switched {
    #[schema(value_type = WireName)]
    wire: On,
    fault: Kind,
    #[serde(default = "yes")]
    on: bool,
    /// So many frames; of a cut, that it is mended at once.
    times: Option<u32>,
    /// A delay, in stated milliseconds.
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

#[derive(Copy, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FaultKind)]
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

/// Sets something wrong on a line, or right again.
#[utoipa::path(
    post, path = "/api/pos/{n}/fault", operation_id = "setFault", request_body = Switched,
    params(("n" = u32, Path, description = "the terminal's number on the page")),
    responses((status = 200, body = Shown), (status = 404))
)]
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PosPowerOrder)]
struct Power {
    on: bool,
}

/// Switches a terminal on, or pulls its plug.
#[utoipa::path(
    post, path = "/api/pos/{n}/power", operation_id = "setPower", request_body = Power,
    params(("n" = u32, Path, description = "the terminal's number on the page")),
    responses((status = 200, body = Shown), (status = 404), (status = 409))
)]
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PosPaper)]
struct Paper {
    printer: Printer,
}

#[derive(Copy, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PrinterOrder)]
enum Printer {
    Ready,
    OutOfPaper,
    Jam,
}

/// Sets how the printer stands.
#[utoipa::path(
    post, path = "/api/pos/{n}/paper", operation_id = "setPaper", request_body = Paper,
    params(("n" = u32, Path, description = "the terminal's number on the page")),
    responses((status = 200, body = Shown), (status = 404), (status = 409))
)]
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

/// Makes everything well again.
#[utoipa::path(
    post, path = "/api/pos/{n}/reset", operation_id = "resetTill",
    params(("n" = u32, Path, description = "the terminal's number on the page")),
    responses((status = 200, body = Shown), (status = 404))
)]
async fn reset(State(rooms): State<Rooms>, Path(n): Path<u32>) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    house.drills.forget(n);
    house.reset(&till).await?;
    Ok(Json(state(&house, &till)))
}

/// All drills.
#[utoipa::path(
    get, path = "/api/pos/drills", operation_id = "listDrills", responses((status = 200, body = Vec<DrillView>))
)]
async fn drills() -> Json<Vec<DrillView>> {
    Json(drill::all().map(DrillView::from).collect())
}

/// Who did how well, the newest first.
#[utoipa::path(
    get, path = "/api/pos/drills/results", operation_id = "listDrillResults",
    responses((status = 200, body = Vec<drill::Result>))
)]
async fn results(State(rooms): State<Rooms>) -> Result<Json<Vec<drill::Result>>, Problem> {
    Ok(Json(house(&rooms)?.drills.results()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DrillBegin)]
struct Begun {
    id: String,
    person: String,
}

/// Begins a drill.
#[utoipa::path(
    post, path = "/api/pos/{n}/drill", operation_id = "beginDrill", request_body = Begun,
    params(("n" = u32, Path, description = "the terminal's number on the page")),
    responses((status = 200, body = Shown), (status = 404), (status = 409))
)]
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DrillAct)]
struct Done {
    #[schema(value_type = DeedName)]
    act: String,
}

/// Does something with the customer.
#[utoipa::path(
    post, path = "/api/pos/{n}/drill/act", operation_id = "actInDrill", request_body = Done,
    params(("n" = u32, Path, description = "the terminal's number on the page")),
    responses((status = 200, body = Shown), (status = 404), (status = 409))
)]
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

/// Ends a drill: the judge speaks when everything has come to its end.
#[utoipa::path(
    post, path = "/api/pos/{n}/drill/end", operation_id = "endDrill",
    params(("n" = u32, Path, description = "the terminal's number on the page")),
    responses((status = 200, body = Shown), (status = 404), (status = 409))
)]
async fn end(State(rooms): State<Rooms>, Path(n): Path<u32>) -> Result<Json<Shown>, Problem> {
    let (house, till) = till(&rooms, n)?;
    house.drills.end(&house, &till)?;
    Ok(Json(state(&house, &till)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BankOrder)]
struct BankState {
    state: Bank,
    ms: Option<u32>,
}

#[derive(Copy, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BankOrderState)]
enum Bank {
    Up,
    Slow,
    Down,
}

#[derive(Serialize, ToSchema)]
struct BankIs {
    up: bool,
    slow_ms: u32,
}

/// Takes the bank down, makes it slow, or well again.
#[utoipa::path(
    post, path = "/api/pos/bank", operation_id = "setBank", request_body = BankState,
    responses((status = 200, body = BankIs))
)]
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

#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PosCrash)]
struct Crash {
    down_ms: Option<u64>,
}

/// Crashes the gateway, and starts it again after a while.
#[utoipa::path(
    post, path = "/api/pos/crash", operation_id = "crashGateway", request_body = Crash,
    responses((status = 202, description = "it is crashing"), (status = 409))
)]
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
