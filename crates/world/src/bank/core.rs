//! The pure bank: bytes in, effects out. Time is handed in; there is no clock, no file and no socket.

use super::answer::{self, Defect};
use super::book::Book;
use super::code::Code;
use super::config::BankConfig;
use super::key::Key;
use super::keys::{Keys, MacFound};
use super::record::{Event, Line, Task, Transaction};
use super::request::{self, Class};
use super::state::{ReplayError, State};
use hefu_iso8583::{DecodeError, HOST_LINK, Message, Mti};
use hefu_tally::Moment;
use std::collections::BTreeMap;

/// Tasks done in one call of [`Bank::wake`], so that a journal line stays short.
const WAKE_BATCH: usize = 256;
/// Terminals that may wait for a refusal at one time.
const MOST_REFUSALS: usize = 1_024;

/// One simulated bank (issuer and network in one), for any number of accounts and one acquirer.
#[derive(Clone)]
pub struct Bank {
    pub(super) config: BankConfig,
    pub(super) keys: Keys,
    pub(super) state: State,
    /// Terminals whose next request is refused with a code, because somebody at the control port wants to see it.
    pub(super) refusals: BTreeMap<String, Code>,
}

/// What the shell has to carry out, in the order given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Must be durable before any later effect of the same call is carried out.
    Journal(Line),
    /// The body of a frame, without the length in front, for whichever connection is alive.
    Send { frame: Vec<u8> },
}

/// A frame that cannot be answered. The connection that it came on is not to be trusted any longer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    #[error("the frame does not decode: {0}")]
    Decode(#[from] DecodeError),
    #[error("{:04} is no request that a bank takes", .mti.0)]
    NotARequest { mti: Mti },
    #[error("DE{field} is missing or no number: the message cannot be told from others")]
    Unidentified { field: u8 },
}

impl Bank {
    /// A bank that has seen nothing yet.
    pub fn new(config: BankConfig) -> Bank {
        let keys = Keys::new(&config.keys, config.mac);
        Bank { config, keys, state: State::default(), refusals: BTreeMap::new() }
    }

    /// Refuses the next financial request of this terminal with this code and does nothing of it; or takes that back.
    /// A restart forgets it.
    pub fn refuse_next(&mut self, terminal: &str, code: Option<Code>) {
        match code {
            // These refuse nothing.
            Some(Code::Approved | Code::ApprovedInPart) => {}
            Some(code) if self.refusals.len() < MOST_REFUSALS || self.refusals.contains_key(terminal) => {
                self.refusals.insert(terminal.to_owned(), code);
            }
            Some(_) => {}
            None => {
                self.refusals.remove(terminal);
            }
        }
    }

    /// Takes one line of the journal back in, in the order of writing.
    ///
    /// # Errors
    /// The line cannot follow those before it: the journal is not this bank's, or was changed.
    pub fn replay(&mut self, line: &Line) -> Result<(), ReplayError> {
        for (index, event) in line.events.iter().enumerate() {
            if let Event::KeyChanged { key, wrapped } = event {
                let wrapped = hex_bytes(wrapped).ok_or(ReplayError::Key { event: index })?;
                self.keys.change(*key, &wrapped).map_err(|_| ReplayError::Key { event: index })?;
            }
        }
        self.state.apply_line(line)
    }

    /// A frame's body came in. A `now` before the newest line counts as that line's time.
    ///
    /// # Errors
    /// The frame is broken, no request, or without the fields that identify it. Nothing has changed then.
    pub fn frame(&mut self, now: Moment, body: &[u8]) -> Result<Vec<Effect>, BadFrame> {
        let message = HOST_LINK.decode(body)?;
        let class = Class::of(message.mti)?;
        let key = request::key_of(&message)?;
        let mac = self.keys.check(&message, body);
        let mut turn = Turn::new(self, now, mac);
        match (mac, class) {
            (MacFound::Wrong, _) => turn.refuse(&message, Code::KeysDoNotFit),
            // Only sign-on, sign-off, day cut and echo (0820) may come without a MAC.
            (MacFound::Absent, _) if message.mti != Mti(820) => turn.refuse(&message, Code::KeysDoNotFit),
            (_, _) if !turn.serves(&message) => turn.refuse(&message, Code::UnknownAcquirer),
            (_, Class::Financial) => turn.financial(&message, key),
            (_, Class::Reversal) => turn.reversal(&message, key),
            (_, Class::Network) => turn.network(&message),
        }
        Ok(turn.finish())
    }

    /// When [`wake`](Bank::wake) has something to do.
    pub fn wake_at(&self) -> Option<Moment> {
        self.state.due.first_key_value().map(|((due, _), _)| *due)
    }

    /// Does what is due, late answers and held requests, a few hundred at a time: ask for
    /// [`wake_at`](Bank::wake_at) again.
    pub fn wake(&mut self, now: Moment) -> Vec<Effect> {
        let mut turn = Turn::new(self, now, MacFound::Current);
        for _ in 0..WAKE_BATCH {
            let first = turn.bank.state.due.first_key_value().map(|(&due, &task)| (due, task));
            let Some(((_, of), task)) = first.filter(|((due, _), _)| *due <= turn.now) else { break };
            turn.record(Event::Settled { of });
            match task {
                Task::Answer => turn.answer_transaction(of, Defect::None),
                Task::Process => turn.process(of),
                Task::ProcessAndAnswer => {
                    turn.process(of);
                    turn.answer_transaction(of, Defect::None);
                }
            }
        }
        turn.finish()
    }

    /// The shell had no connection for this frame of a [`Effect::Send`]: the line says so, for the journal.
    pub fn undeliverable(&mut self, now: Moment, frame: &[u8]) -> Line {
        let of = HOST_LINK.decode(frame).ok().and_then(|message| request::key_of(&message).ok());
        let mut turn = Turn::new(self, now, MacFound::Absent);
        turn.record(Event::Undeliverable { of });
        Line { at: turn.now, events: turn.events }
    }

    /// The first line of a new book: scaled time runs from `anchor`. It has been taken in already.
    pub fn open_book(&mut self, anchor: Moment) -> Line {
        let mut turn = Turn::new(self, anchor, MacFound::Absent);
        turn.record(Event::Opened { anchor });
        Line { at: turn.now, events: turn.events }
    }

    /// Where scaled time runs from, as the book's first line says.
    pub fn anchor(&self) -> Option<Moment> {
        self.state.anchor
    }

    /// The time of the newest line.
    pub fn last(&self) -> Option<Moment> {
        self.state.last
    }

    /// Requests that never reached the book, by the code they were refused with; 99 is a missing or wrong MAC.
    pub fn refused(&self) -> BTreeMap<Code, u64> {
        self.state.refused.clone()
    }

    /// Answers for which the shell had no connection.
    pub fn undelivered(&self) -> u64 {
        self.state.undeliverable
    }

    /// Every request in the book with what became of it, in the order of their keys: what a clearing file is made
    /// of, together with [`Manners::clearing`](super::Manners).
    pub fn transactions(&self) -> impl Iterator<Item = &Transaction> {
        self.state.transactions.values()
    }

    /// The bank's own book: what each account was charged and given back, and why.
    pub fn book(&self) -> Book {
        Book::of(&self.state)
    }
}

/// Banks are equal when they know the same; the keys in use follow from the configuration and what is known.
impl PartialEq for Bank {
    fn eq(&self, other: &Bank) -> bool {
        self.state == other.state
    }
}

/// Shows what the bank knows, card numbers masked, and no key.
impl std::fmt::Debug for Bank {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bank").field("state", &self.state).finish_non_exhaustive()
    }
}

/// One call of the bank: events are applied as they are recorded, and leave as one line before all answers.
pub(super) struct Turn<'a> {
    pub bank: &'a mut Bank,
    pub now: Moment,
    mac: MacFound,
    events: Vec<Event>,
    sends: Vec<Vec<u8>>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(bank: &'a mut Bank, now: Moment, mac: MacFound) -> Turn<'a> {
        let now = bank.state.last.map_or(now, |last| last.max(now));
        Turn { bank, now, mac, events: Vec::new(), sends: Vec::new() }
    }

    pub(super) fn record(&mut self, event: Event) {
        let applied = self.bank.state.apply(self.now, self.events.len(), &event);
        assert_eq!(applied, Ok(()), "the bank recorded what cannot be");
        self.bank.state.last = Some(self.now);
        self.events.push(event);
    }

    /// Answers without taking the request into the book.
    pub(super) fn refuse(&mut self, message: &Message, code: Code) {
        self.record(Event::Refused { code });
        self.answer_message(message, code);
    }

    /// Answers with the message's echo and a code.
    pub(super) fn answer_message(&mut self, message: &Message, code: Code) {
        self.send(answer::to_message(message, code), Defect::None);
    }

    pub(super) fn send(&mut self, answer: Message, defect: Defect) {
        let seal = match defect {
            Defect::WrongMac => self.bank.keys.wrong_seal(),
            Defect::None | Defect::OtherAmount | Defect::OtherTerminal => self.bank.keys.seal(self.mac),
        };
        self.sends.push(answer::encode(answer, seal));
    }

    /// Whether the message comes from our acquirer; a message without DE32 does.
    fn serves(&self, message: &Message) -> bool {
        let number = |text: &str| text.parse::<u64>().ok();
        message.text(32).is_none_or(|found| number(found) == number(self.bank.config.acquirer.as_str()))
    }

    /// Whether the book has no room for one more record.
    pub(super) fn is_full(&self) -> bool {
        self.bank.state.size() >= self.bank.config.capacity
    }

    /// Plans a task about a transaction that has none yet.
    pub(super) fn plan(&mut self, of: Key, after: i64, task: Task) {
        let due = self.now.after(after);
        self.record(Event::Planned { of, due, task });
    }

    pub(super) fn finish(self) -> Vec<Effect> {
        let line =
            (!self.events.is_empty()).then_some(Effect::Journal(Line { at: self.now, events: self.events }));
        line.into_iter().chain(self.sends.into_iter().map(|frame| Effect::Send { frame })).collect()
    }
}

/// Bytes of an even number of hex digits.
pub(super) fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    hex::decode(text).ok()
}
