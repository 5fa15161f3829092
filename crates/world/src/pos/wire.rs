//! The fault board: what becomes of each frame between a terminal and the gateway, and between the gateway and the
//! bank, and what passed. It is the [`Weather`] of the proxies that stand in both lines.

#[cfg(test)]
mod tests;

use crate::proxy::{Course, Judge, Piece, Verdict, Weather};
use hefu_iso8583::frame::{Framer, put_frame, split_pos};
use hefu_iso8583::{CUP_POS, HOST_LINK, Message};
use hefu_tally::Moment;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// Frames that a tap keeps of both wires; the oldest gives way.
pub const FRAMES: usize = 200;
/// The longest frame, without its length.
const FRAME: usize = 8_192;
/// Messages to the bank whose answers are awaited, for telling whose they are.
const AWAITED: usize = 1_024;
/// The longest delay that can be set, in stated milliseconds.
pub const LONGEST_DELAY: u32 = 600_000;

/// Which line.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Wire {
    /// Between terminal and gateway.
    Terminal,
    /// Between gateway and bank.
    Bank,
}

impl Wire {
    pub fn name(self) -> &'static str {
        match self {
            Wire::Terminal => "terminal",
            Wire::Bank => "bank",
        }
    }
}

/// Which way a frame goes: up is from the terminal towards the bank.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Way {
    Up,
    Down,
}

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Way::Up => "up",
            Way::Down => "down",
        }
    }
}

/// What the fault board did to a frame.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    Passed,
    Lost,
    /// Stated milliseconds.
    Delayed(u32),
    /// Its last byte was changed, which is one of its MAC.
    Corrupted,
    /// It arrived twice.
    Doubled,
    /// The line is dead, and nobody has been told.
    Swallowed,
}

impl Fate {
    pub fn name(self) -> &'static str {
        match self {
            Fate::Passed => "passed",
            Fate::Lost => "lost",
            Fate::Delayed(_) => "delayed",
            Fate::Corrupted => "corrupted",
            Fate::Doubled => "doubled",
            Fate::Swallowed => "swallowed",
        }
    }
}

/// A frame as it was sent. It may hold a track and an encrypted PIN, so it has no Debug and is wiped when dropped.
#[derive(Clone)]
pub struct Frame {
    pub id: u64,
    pub at: Moment,
    pub wire: Wire,
    pub way: Way,
    /// With its length in front.
    pub bytes: Zeroizing<Vec<u8>>,
    pub mti: u16,
    /// F3.
    pub processing: Option<String>,
    /// F11.
    pub trace: Option<String>,
    /// F39.
    pub code: Option<String>,
    pub fate: Fate,
}

/// What is switched on for one terminal's frames on one wire. The counts run down.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    pub lose_request: u32,
    pub lose_answer: u32,
    pub corrupt_request: u32,
    pub corrupt_answer: u32,
    /// Requests arrive twice.
    pub double_request: u32,
    /// Answers come so many stated milliseconds later.
    pub delay_ms: u32,
    /// Frames that were struck so far.
    pub struck: u32,
    /// Which frames are struck.
    pub aim: Aim,
}

/// Which frames are struck. Sign-on, echo and their like never are: the board is about payments.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Aim {
    /// The next, whatever it is about.
    #[default]
    Next,
    /// Requests of payments that begin after the frame with this id, and their answers. What earlier payments still owe
    /// passes, and so do reversals.
    Begun { after: u64 },
}

/// One terminal's part of the board: its faults on both wires, and its frames.
pub struct Tap {
    terminal: String,
    now: Box<dyn Fn() -> Moment + Send + Sync>,
    changed: Box<dyn Fn() + Send + Sync>,
    board: Mutex<Board>,
}

#[derive(Default)]
struct Board {
    faults: BTreeMap<Wire, Faults>,
    frames: VecDeque<Frame>,
    given: u64,
}

impl Tap {
    /// `now` is the gateway's clock; `changed` is called after each frame and must not block.
    pub fn new(
        terminal: &str,
        now: impl Fn() -> Moment + Send + Sync + 'static,
        changed: impl Fn() + Send + Sync + 'static,
    ) -> Tap {
        Tap {
            terminal: terminal.to_owned(),
            now: Box::new(now),
            changed: Box::new(changed),
            board: Mutex::default(),
        }
    }

    pub fn faults(&self, wire: Wire) -> Faults {
        self.board().faults.get(&wire).copied().unwrap_or_default()
    }

    /// Changes what is switched on, and strikes the next frames with it.
    pub fn set(&self, wire: Wire, change: impl FnOnce(&mut Faults)) {
        self.aim(wire, |_| Aim::Next, change);
    }

    /// Changes what is switched on, and strikes payments with it that begin from now on.
    pub fn set_for_new(&self, wire: Wire, change: impl FnOnce(&mut Faults)) {
        self.aim(wire, |after| Aim::Begun { after }, change);
    }

    fn aim(&self, wire: Wire, aim: impl FnOnce(u64) -> Aim, change: impl FnOnce(&mut Faults)) {
        {
            let mut board = self.board();
            let given = board.given;
            let faults = board.faults.entry(wire).or_default();
            faults.aim = aim(given);
            change(faults);
        }
        (self.changed)();
    }

    /// Everything off, and nothing struck so far.
    pub fn calm(&self) {
        self.board().faults.clear();
        (self.changed)();
    }

    /// The frames that are kept, oldest first.
    pub fn frames(&self) -> Vec<Frame> {
        self.board().frames.iter().cloned().collect()
    }

    pub fn frame(&self, id: u64) -> Option<Frame> {
        self.board().frames.iter().find(|frame| frame.id == id).cloned()
    }

    /// Decides about a frame, and keeps it.
    fn pass(&self, wire: Wire, way: Way, body: &[u8], message: Option<&Message>, swallowed: bool) -> Fate {
        let mut board = self.board();
        let aimed_at = message.is_some_and(|message| board.aims_at(wire, way, message));
        let faults = board.faults.entry(wire).or_default();
        let fate = match (swallowed, aimed_at) {
            (true, _) => Fate::Swallowed,
            (false, true) => strike(faults, way),
            (false, false) => Fate::Passed,
        };
        if fate != Fate::Passed {
            faults.struck = faults.struck.saturating_add(1);
        }
        let text = |field| message.and_then(|message| message.text(field)).map(str::to_owned);
        board.given += 1;
        let mut bytes = Vec::with_capacity(body.len() + 2);
        // A frame that came through the framer has a length that fits.
        let _ = put_frame(body, &mut bytes);
        let frame = Frame {
            id: board.given,
            at: (self.now)(),
            wire,
            way,
            bytes: Zeroizing::new(bytes),
            mti: message.map_or(0, |message| message.mti.0),
            processing: text(3),
            trace: text(11),
            code: text(39),
            fate,
        };
        if board.frames.len() >= FRAMES {
            board.frames.pop_front();
        }
        board.frames.push_back(frame);
        drop(board);
        (self.changed)();
        fate
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Board {
    fn aims_at(&self, wire: Wire, way: Way, message: &Message) -> bool {
        let class = message.mti.0 / 100;
        match (self.faults.get(&wire).map_or(Aim::Next, |faults| faults.aim), way) {
            (Aim::Next, _) => class != 8,
            (Aim::Begun { .. }, Way::Up) => class == 2,
            (Aim::Begun { after }, Way::Down) => class == 2 && self.was_asked(wire, message, after),
        }
    }

    /// Whether the request of this answer passed after that frame.
    fn was_asked(&self, wire: Wire, answer: &Message, after: u64) -> bool {
        self.frames.iter().any(|frame| {
            let begun =
                frame.id > after && frame.wire == wire && frame.way == Way::Up && frame.mti / 100 == 2;
            begun && frame.trace.as_deref() == answer.text(11)
        })
    }
}

fn strike(faults: &mut Faults, way: Way) -> Fate {
    let (lose, corrupt) = match way {
        Way::Up => (&mut faults.lose_request, &mut faults.corrupt_request),
        Way::Down => (&mut faults.lose_answer, &mut faults.corrupt_answer),
    };
    if *lose > 0 {
        *lose -= 1;
        return Fate::Lost;
    }
    if *corrupt > 0 {
        *corrupt -= 1;
        return Fate::Corrupted;
    }
    if way == Way::Up && faults.double_request > 0 {
        faults.double_request -= 1;
        return Fate::Doubled;
    }
    match way {
        Way::Down if faults.delay_ms > 0 => Fate::Delayed(faults.delay_ms),
        Way::Up | Way::Down => Fate::Passed,
    }
}

/// A cable: it can be cut, or be dead without a sign.
pub struct Cable {
    cut: AtomicBool,
    half_open: AtomicBool,
    hang_up: watch::Sender<u64>,
    connected: AtomicUsize,
}

impl Cable {
    pub fn new() -> Cable {
        let (hang_up, _) = watch::channel(0);
        let (cut, half_open) = (AtomicBool::new(false), AtomicBool::new(false));
        Cable { cut, half_open, hang_up, connected: AtomicUsize::new(0) }
    }

    /// Breaks what stands; both sides see it.
    pub fn break_once(&self) {
        self.hang_up.send_modify(|times| *times += 1);
    }

    /// Cuts the cable, or mends it.
    pub fn cut(&self, on: bool) {
        self.cut.store(on, Ordering::SeqCst);
        if on {
            self.break_once();
        }
    }

    /// Nothing passes any more, and nobody sees it; or that ends, and what stood is hung up.
    pub fn half_open(&self, on: bool) {
        if self.half_open.swap(on, Ordering::SeqCst) && !on {
            self.break_once();
        }
    }

    pub fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }

    pub fn is_half_open(&self) -> bool {
        self.half_open.load(Ordering::SeqCst)
    }

    /// Whether a connection stands.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::SeqCst) > 0
    }
}

impl Default for Cable {
    fn default() -> Cable {
        Cable::new()
    }
}

/// The weather over one cable.
pub struct Sky {
    wire: Wire,
    scale: u32,
    cable: Arc<Cable>,
    whose: Arc<Whose>,
}

/// Whose frames pass.
struct Whose {
    taps: BTreeMap<String, Arc<Tap>>,
    /// DE7 and DE11 of messages to the bank, and whose they are: an answer may name another terminal.
    awaited: Mutex<VecDeque<((String, String), String)>>,
}

impl Sky {
    /// Over the cable of one terminal. Stated times pass `scale` times faster.
    pub fn over_terminal(tap: Arc<Tap>, cable: Arc<Cable>, scale: u32) -> Sky {
        Sky::over(Wire::Terminal, vec![tap], cable, scale)
    }

    /// Over the bank's line, which all terminals share.
    pub fn over_bank(taps: Vec<Arc<Tap>>, cable: Arc<Cable>, scale: u32) -> Sky {
        Sky::over(Wire::Bank, taps, cable, scale)
    }

    fn over(wire: Wire, taps: Vec<Arc<Tap>>, cable: Arc<Cable>, scale: u32) -> Sky {
        let taps = taps.into_iter().map(|tap| (tap.terminal.clone(), tap)).collect();
        Sky { wire, scale, cable, whose: Arc::new(Whose { taps, awaited: Mutex::default() }) }
    }

    fn direction(&self, way: Way, standing: &Arc<Standing>) -> Box<Direction> {
        Box::new(Direction {
            wire: self.wire,
            way,
            scale: self.scale.max(1),
            framer: Framer::new(FRAME),
            last: Instant::now(),
            whose: self.whose.clone(),
            standing: standing.clone(),
        })
    }
}

impl Weather for Sky {
    fn connection(&self, _number: u64) -> Option<Course> {
        if self.cable.is_cut() {
            return None;
        }
        let standing = Arc::new(Standing::of(self.cable.clone()));
        let (up, down) = (self.direction(Way::Up, &standing), self.direction(Way::Down, &standing));
        Some(Course { up, down, ends_after: None })
    }

    fn hang_up(&self) -> watch::Receiver<u64> {
        self.cable.hang_up.subscribe()
    }
}

/// A connection that stands, for as long as both its directions do.
struct Standing(Arc<Cable>);

impl Standing {
    fn of(cable: Arc<Cable>) -> Standing {
        cable.connected.fetch_add(1, Ordering::SeqCst);
        Standing(cable)
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.0.connected.fetch_sub(1, Ordering::SeqCst);
    }
}

/// One direction of a connection: frames are made out of what is read.
struct Direction {
    wire: Wire,
    way: Way,
    scale: u32,
    framer: Framer,
    /// When the frame before arrives: frames do not overtake each other.
    last: Instant,
    whose: Arc<Whose>,
    standing: Arc<Standing>,
}

impl Judge for Direction {
    fn judge(&mut self, bytes: &[u8]) -> Verdict {
        let dead = self.standing.0.is_half_open();
        if bytes.is_empty() {
            return if dead { Verdict::Silence } else { Verdict::Arrive(Vec::new()) };
        }
        self.framer.push(bytes);
        let mut arrive = Vec::new();
        loop {
            match self.framer.next() {
                Ok(Some(body)) => arrive.extend(self.frame(Zeroizing::new(body), dead)),
                Ok(None) => break,
                // What is no frame ends the line, as any receiver would.
                Err(_) => {
                    arrive.push(Piece { cut: true, ..Piece::now(Vec::new()) });
                    break;
                }
            }
        }
        if dead { Verdict::Silence } else { Verdict::Arrive(arrive) }
    }
}

impl Direction {
    fn frame(&mut self, body: Zeroizing<Vec<u8>>, dead: bool) -> Option<Piece> {
        let message = match self.wire {
            Wire::Terminal => split_pos(&body).ok().and_then(|frame| CUP_POS.decode(frame.body).ok()),
            Wire::Bank => HOST_LINK.decode(&body).ok(),
        };
        let tap = self.whose.tap(self.wire, self.way, message.as_ref());
        let fate = match &tap {
            Some(tap) => tap.pass(self.wire, self.way, &body, message.as_ref(), dead),
            None if dead => Fate::Swallowed,
            None => Fate::Passed,
        };
        let mut bytes = Vec::with_capacity(body.len() + 2);
        let _ = put_frame(&body, &mut bytes);
        let mut due = Instant::now();
        match fate {
            Fate::Lost | Fate::Swallowed => return None,
            Fate::Passed => {}
            Fate::Doubled => bytes.extend_from_within(..),
            Fate::Delayed(stated) => {
                due += Duration::from_micros(u64::from(stated) * 1_000 / u64::from(self.scale))
            }
            Fate::Corrupted => {
                if let Some(last) = bytes.last_mut() {
                    *last ^= 1;
                }
            }
        }
        self.last = self.last.max(due);
        Some(Piece { due: self.last, ..Piece::now(bytes) })
    }
}

impl Whose {
    fn tap(&self, wire: Wire, way: Way, message: Option<&Message>) -> Option<Arc<Tap>> {
        if wire == Wire::Terminal {
            return self.taps.values().next().cloned();
        }
        let message = message?;
        let text = |field| message.text(field).map(str::to_owned);
        let key = (text(7)?, text(11)?);
        let mut awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        let terminal = match way {
            Way::Up => {
                let terminal = text(41)?;
                if awaited.len() >= AWAITED {
                    awaited.pop_front();
                }
                awaited.push_back((key, terminal.clone()));
                terminal
            }
            Way::Down => {
                let asked = awaited.iter().rev().find(|(awaited, _)| *awaited == key);
                asked.map(|(_, terminal)| terminal.clone()).or_else(|| text(41))?
            }
        };
        self.taps.get(&terminal).cloned()
    }
}
