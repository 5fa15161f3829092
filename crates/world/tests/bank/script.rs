//! Conversations with the pure bank, written as steps with the answers that must come.

use crate::acquirer::*;
use hefu_iso8583::Message;
use hefu_tally::Moment;
use hefu_world::bank::{Bank, BankConfig, Effect, Line, OPENING_BALANCE};

/// 2026-11-22 12:00:00 Beijing time.
pub const NOON: Moment = Moment(1_795_320_000_000);

/// What the acquirer does. Numbers name earlier steps of the same script, from 0.
#[derive(Copy, Clone, Debug)]
pub enum Act {
    Ask(Ask, i64),
    /// With a PIN.
    AskWithPin(Ask, i64, &'static str),
    /// With chip data.
    AskByChip(Ask, i64),
    /// A request that names the step's request in DE90, with the same amount.
    Of(usize, Ask),
    /// The same with another amount; a completion takes DE38 from the step's answer.
    OfAmount(usize, Ask, i64),
    Reverse(usize),
    /// The step's message once more (0421, 0221).
    Again(usize),
    /// A request that is built and does not arrive.
    Lost(Ask, i64),
    Wait(i64),
}

/// A step and the answers that come of it, as [`told`] writes them.
pub type Step = (Act, &'static [&'static str]);

/// What the card's account shows in the end: charged, returned, held.
pub type Account = (i64, i64, i64);

/// Plays the script with one card against a new bank, then compares its account, and lets the journal make the bank
/// again.
#[track_caller]
pub fn check(card: &str, script: &[Step], account: Account) -> Talk {
    let mut talk = Talk::new();
    for (number, (act, expected)) in script.iter().enumerate() {
        let answers = talk.play(card, *act);
        assert_eq!(answers, *expected, "{card}, step {number}: {act:?}");
    }
    let book = talk.bank.book();
    let found = book.account(card).map_or((0, 0, 0), |line| {
        assert_eq!(line.balance, OPENING_BALANCE - line.charged + line.returned, "{card}");
        (line.charged, line.returned, line.held)
    });
    assert_eq!(found, account, "{card}: charged, returned, held");
    talk.replay();
    talk
}

/// A bank, its acquirer, and everything they have said.
pub struct Talk {
    pub bank: Bank,
    pub acquirer: Acquirer,
    pub now: Moment,
    pub journal: Vec<Line>,
    /// The message of each step.
    pub sent: Vec<Message>,
    /// The answers so far.
    pub answers: Vec<Message>,
}

impl Talk {
    pub fn new() -> Talk {
        let mut bank = Bank::new(BankConfig::test());
        let journal = vec![bank.open_book(NOON)];
        let acquirer = Acquirer::new();
        Talk { bank, acquirer, now: NOON, journal, sent: Vec::new(), answers: Vec::new() }
    }

    /// Plays one step and gives what was told.
    pub fn play(&mut self, card: &str, act: Act) -> Vec<String> {
        let message = self.message(card, act);
        let told = match act {
            Act::Wait(time) => self.wait(time),
            Act::Lost(_, _) => Vec::new(),
            Act::Ask(..) | Act::AskWithPin(..) | Act::AskByChip(..) => self.send(&message),
            Act::Of(..) | Act::OfAmount(..) | Act::Reverse(_) | Act::Again(_) => self.send(&message),
        };
        self.sent.push(message);
        told
    }

    pub fn send(&mut self, message: &Message) -> Vec<String> {
        let body = self.acquirer.encode(message);
        let effects = self.bank.frame(self.now, &body).unwrap();
        self.carry_out(effects, Some(message))
    }

    /// Lets time pass, and the bank do what falls due, each thing at its time.
    pub fn wait(&mut self, time: i64) -> Vec<String> {
        let end = self.now.after(time);
        let mut told = Vec::new();
        while let Some(due) = self.bank.wake_at().filter(|due| *due <= end) {
            self.now = due;
            let effects = self.bank.wake(due);
            told.extend(self.carry_out(effects, None));
        }
        self.now = end;
        told
    }

    /// The journal, written and read back, makes an equal bank.
    #[track_caller]
    pub fn replay(&self) {
        let mut again = Bank::new(BankConfig::test());
        for line in &self.journal {
            let text = serde_json::to_string(line).unwrap();
            again.replay(&serde_json::from_str(&text).unwrap()).unwrap();
        }
        assert_eq!(again, self.bank);
    }

    fn message(&mut self, card: &str, act: Act) -> Message {
        let now = self.now;
        match act {
            Act::Ask(ask, amount) | Act::Lost(ask, amount) => self.acquirer.request(now, ask, card, amount),
            Act::AskWithPin(ask, amount, pin) => {
                let mut message = self.acquirer.request(now, ask, card, amount);
                self.acquirer.add_pin(&mut message, pin);
                message
            }
            Act::AskByChip(ask, amount) => {
                let mut message = self.acquirer.request(now, ask, card, amount);
                message.set(22, "052").set(55, b"\x9F\x26\x08\x01\x02\x03\x04\x05\x06\x07\x08");
                message
            }
            Act::Of(step, ask) => {
                let amount = self.sent[step].text(4).unwrap().parse().unwrap();
                self.message(card, Act::OfAmount(step, ask, amount))
            }
            Act::OfAmount(step, ask, amount) => {
                let original = self.sent[step].clone();
                let mut message = self.acquirer.request(now, ask, card, amount);
                message.set(90, original_data(&original));
                let answer = self.answers.iter().find(|answer| answer.get(11) == original.get(11));
                if let Some(auth) = answer.and_then(|answer| answer.get(38)) {
                    message.set(38, auth);
                }
                message
            }
            Act::Reverse(step) => {
                let original = self.sent[step].clone();
                self.acquirer.reversal(now, &original)
            }
            Act::Again(step) => repeat(&self.sent[step]),
            Act::Wait(_) => self.acquirer.stamped(now, 820),
        }
    }

    /// Checks that the journal leaves first, and gives what was told.
    fn carry_out(&mut self, effects: Vec<Effect>, request: Option<&Message>) -> Vec<String> {
        let mut told = Vec::new();
        for effect in effects {
            match effect {
                Effect::Journal(line) => {
                    assert!(told.is_empty(), "an answer left before the journal");
                    self.journal.push(line);
                }
                Effect::Send { frame } => {
                    let (answer, mac_fits) = self.acquirer.decode(&frame);
                    let of =
                        request.into_iter().chain(&self.sent).find(|m| m.get(11) == answer.get(11)).unwrap();
                    told.push(tell(of, &answer, mac_fits));
                    self.answers.push(answer);
                }
            }
        }
        told
    }
}

/// An answer in words: MTI and DE39, and then whatever is unlike the request or out of the ordinary.
fn tell(request: &Message, answer: &Message, mac_fits: bool) -> String {
    let mut told = format!("{:04} {}", answer.mti.0, answer.text(39).unwrap());
    for (field, value) in answer.fields() {
        match field {
            2..=4 | 7 | 11 | 32 | 33 | 37 | 41 | 42 | 49 | 70 if request.get(field) == Some(value) => {}
            4 | 41 | 54 => told.push_str(&format!(" F{field}={}", answer.text(field).unwrap())),
            55 => told.push_str(" F55"),
            15 | 38 | 39 | 128 => {}
            _ => told.push_str(&format!(" unexpected F{field}")),
        }
    }
    for field in [2, 3, 4, 7, 11, 32, 33, 37, 41, 42, 49, 70] {
        if request.has(field) && !answer.has(field) {
            told.push_str(&format!(" no F{field}"));
        }
    }
    let approves = matches!(answer.text(39), Some("00" | "10")) && request.text(3) != Some("310000");
    if matches!(answer.mti.0, 110 | 210 | 230) && answer.has(38) != approves {
        told.push_str(if answer.has(38) { " with F38" } else { " without F38" });
    }
    if answer.has(38) && !answer.has(15) {
        told.push_str(" without F15");
    }
    if !mac_fits {
        told.push_str(" wrong MAC");
    }
    told
}
