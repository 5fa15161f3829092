//! Open-loop load: each terminal sends its sales when they are due, answered or not, and times are taken from when a
//! sale was due, so that a gateway that stalls cannot hide it.

use super::parties::Terminals;
use crate::Failure;
use hdrhistogram::Histogram;
use hefu_iso8583::frame::Framer;
use hefu_node::clock::ScaledClock;
use hefu_vault::Dice;
use hefu_world::terminal::{CardInput, Command, Effect, EntryMode, LoadTerminal, Profile, Terminal};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Sales of this time are not measured.
const WARM_UP: Duration = Duration::from_secs(2);
/// How long the last answers are waited for.
const LAST_ANSWERS: Duration = Duration::from_secs(10);
/// Longest frame read.
const MOST_BYTES: usize = 2_048;
/// How many cards pay.
const CARDS: u64 = 10_000;

/// Who is on the other side.
#[derive(Copy, Clone, PartialEq, Eq)]
pub enum Peer {
    Gateway,
    Echo,
}

/// What was seen.
pub struct Measured {
    /// All that were sent, those of the warm-up too.
    pub sent: u64,
    pub offered: u64,
    pub answered: u64,
    /// Answered with anything but an approval under a good MAC.
    pub refused: u64,
    took: Duration,
    /// Microseconds from when a sale was due to its answer.
    times: Histogram<u64>,
}

impl Measured {
    fn new() -> Result<Measured, Failure> {
        let times = Histogram::new_with_bounds(1, 120_000_000, 3).map_err(Failure::found)?;
        Ok(Measured { sent: 0, offered: 0, answered: 0, refused: 0, took: Duration::ZERO, times })
    }

    /// How many were not approved.
    pub fn missing(&self) -> u64 {
        self.refused + (self.offered - self.answered)
    }

    pub fn per_second(&self) -> f64 {
        self.answered as f64 / self.took.as_secs_f64().max(0.001)
    }

    /// Microseconds.
    pub fn quantile(&self, q: f64) -> u64 {
        self.times.value_at_quantile(q)
    }

    fn add(&mut self, other: &Measured) -> Result<(), Failure> {
        self.sent += other.sent;
        self.offered += other.offered;
        self.answered += other.answered;
        self.refused += other.refused;
        self.took = self.took.max(other.took);
        self.times.add(&other.times).map_err(Failure::found)
    }
}

/// Signs all terminals on, some at a time.
pub async fn sign_on(gateway: SocketAddr, terminals: Terminals) -> Result<Vec<LoadTerminal>, Failure> {
    let mut signed = Vec::new();
    for number in terminals.numbers() {
        let mut profile = Profile::test(1);
        profile.terminal = number.to_string();
        let mut terminal = Terminal::new(profile, &mut Seed(u64::from(number)));
        let effects = terminal.command(ScaledClock::wall(), Command::SignOn).map_err(Failure::found)?;
        let mut stream = None;
        act(&mut terminal, effects, gateway, &mut stream).await?;
        signed.push(
            LoadTerminal::from_terminal(&terminal)
                .ok_or_else(|| Failure::found(format!("terminal {number} could not sign on")))?,
        );
    }
    Ok(signed)
}

/// Carries out effects until the command is done.
async fn act(
    terminal: &mut Terminal,
    mut effects: Vec<Effect>,
    gateway: SocketAddr,
    stream: &mut Option<TcpStream>,
) -> Result<(), Failure> {
    loop {
        let mut more = Vec::new();
        for effect in effects {
            match effect {
                Effect::Connect => {
                    *stream = Some(TcpStream::connect(gateway).await.map_err(Failure::found)?);
                    more.extend(terminal.connected(ScaledClock::wall()));
                }
                Effect::Send(bytes) => {
                    let stream = stream.as_mut().ok_or_else(|| Failure::found("sent before it dialled"))?;
                    stream.write_all(&bytes).await.map_err(Failure::found)?;
                }
                Effect::Done(_) => return Ok(()),
                Effect::Persist(_)
                | Effect::Disconnect
                | Effect::Show(_)
                | Effect::Print(_)
                | Effect::WakeAt(..) => {}
            }
        }
        if more.is_empty() {
            let stream = stream.as_mut().ok_or_else(|| Failure::found("waits without a line"))?;
            let mut bytes = [0; MOST_BYTES];
            let read = stream.read(&mut bytes).await.map_err(Failure::found)?;
            if read == 0 {
                return Err(Failure::found("the gateway hung up during sign-on"));
            }
            more = terminal.bytes(ScaledClock::wall(), &bytes[..read]);
        }
        effects = more;
    }
}

/// Offers `rate` sales a second over all terminals.
pub async fn run(
    peer: SocketAddr,
    terminals: Vec<LoadTerminal>,
    rate: u32,
    measure: Duration,
    kind: Peer,
) -> Result<Measured, Failure> {
    let count = terminals.len() as u32;
    let cards = cards()?;
    let began = Instant::now() + Duration::from_millis(200);
    let mut tasks = JoinSet::new();
    for (place, terminal) in terminals.into_iter().enumerate() {
        let pace = Pace { began, first: place as u32, step: count, rate, ends: began + WARM_UP + measure };
        tasks.spawn(one(peer, terminal, pace, cards.clone(), kind));
    }
    let mut all = Measured::new()?;
    while let Some(ended) = tasks.join_next().await {
        all.add(&ended.map_err(Failure::found)??)?;
    }
    all.took = measure;
    Ok(all)
}

/// When a terminal's sales are due: every `step`-th of all, beginning with the `first`.
#[derive(Copy, Clone)]
struct Pace {
    began: Instant,
    first: u32,
    step: u32,
    rate: u32,
    ends: Instant,
}

impl Pace {
    fn due(&self, turn: u32) -> Instant {
        let place = u64::from(turn) * u64::from(self.step) + u64::from(self.first);
        self.began + Duration::from_nanos(place * 1_000_000_000 / u64::from(self.rate))
    }
}

async fn one(
    peer: SocketAddr,
    mut terminal: LoadTerminal,
    pace: Pace,
    cards: std::sync::Arc<[CardInput]>,
    kind: Peer,
) -> Result<Measured, Failure> {
    let mut stream = TcpStream::connect(peer).await.map_err(Failure::found)?;
    stream.set_nodelay(true).map_err(Failure::found)?;
    let (mut reader, mut writer) = stream.split();
    let mut measured = Measured::new()?;
    let mut framer = Framer::new(MOST_BYTES);
    let mut waiting: BTreeMap<u32, Instant> = BTreeMap::new();
    let (mut turn, mut bytes) = (0, vec![0; 4 * MOST_BYTES]);
    // Echoed frames carry no answer to read: they come back in the order in which they went.
    let mut order = std::collections::VecDeque::new();
    loop {
        let due = pace.due(turn);
        let sending = due < pace.ends;
        if !sending && waiting.is_empty() {
            return Ok(measured);
        }
        let until = if sending { due } else { pace.ends + LAST_ANSWERS };
        tokio::select! {
            biased;
            read = reader.read(&mut bytes) => {
                let read = read.map_err(Failure::found)?;
                if read == 0 {
                    return Err(Failure::found("the other side hung up"));
                }
                framer.push(&bytes[..read]);
                while let Some(frame) = framer.next().map_err(Failure::found)? {
                    let (trace, good) = match kind {
                        Peer::Echo => (order.pop_front().unwrap_or_default(), true),
                        Peer::Gateway => match terminal.read(&frame) {
                            Some(reply) => (reply.trace, reply.response == "00" && reply.mac_is_good),
                            None => continue,
                        },
                    };
                    let Some(due) = waiting.remove(&trace) else { continue };
                    if due >= pace.began + WARM_UP {
                        measured.answered += 1;
                        measured.refused += u64::from(!good);
                        let took = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
                        measured.times.saturating_record(took.max(1));
                    }
                }
            }
            () = tokio::time::sleep_until(until.into()) => {
                if !sending {
                    return Ok(measured);
                }
                let place = u64::from(turn) * u64::from(pace.step) + u64::from(pace.first);
                let card = &cards[(place % cards.len() as u64) as usize];
                let sale = terminal.sale(100 + (place % 900) as i64, card, None);
                let (trace, frame) = sale.map_err(|text| Failure::found(text.en))?;
                waiting.insert(trace, due);
                order.push_back(trace);
                measured.sent += 1;
                measured.offered += u64::from(due >= pace.began + WARM_UP);
                writer.write_all(&frame).await.map_err(Failure::found)?;
                turn += 1;
            }
        }
    }
}

/// Cards that behave like the first test card: numbers that begin with 62 and pass Luhn.
fn cards() -> Result<std::sync::Arc<[CardInput]>, Failure> {
    let mut cards = Vec::new();
    for number in 0..CARDS {
        let head = format!("62299999{number:07}");
        let sum: u32 = head
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, digit)| {
                let digit = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
                digit / 10 + digit % 10
            })
            .sum();
        let pan = format!("{head}{}", (10 - sum % 10) % 10);
        cards.push(CardInput::test(&pan, EntryMode::Swipe).map_err(Failure::found)?);
    }
    Ok(cards.into())
}

/// Gives back every byte, for ever.
pub async fn echo() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Failure::found)?;
    println!("{}", listener.local_addr().map_err(Failure::found)?);
    loop {
        let (mut stream, _) = listener.accept().await.map_err(Failure::found)?;
        stream.set_nodelay(true).map_err(Failure::found)?;
        tokio::spawn(async move {
            let mut bytes = vec![0; 4 * MOST_BYTES];
            while let Ok(read) = stream.read(&mut bytes).await
                && read > 0
                && stream.write_all(&bytes[..read]).await.is_ok()
            {}
        });
    }
}

/// Dice for terminals whose storage nobody steals.
struct Seed(u64);

impl Dice for Seed {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 56) as u8;
        }
    }
}
