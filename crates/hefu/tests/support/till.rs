//! A cashier's terminal: does what a real one must when no answer comes, and keeps its own book.

use super::{books::Stand, peer::Peer, world::World};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

/// The longest that a terminal tries to reach a gateway.
const REACHES_WITHIN: Duration = Duration::from_secs(60);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// What a terminal holds of one of its transactions.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Holds {
    /// It has it, over so much.
    It(i64),
    /// It has it not: declined, or reversed.
    Nothing,
    /// It was told "unknown"; whoever asks later hears more.
    Unknown,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub kind: &'static str,
    /// Trace of the original.
    pub of: Option<u64>,
    /// What it was to be over.
    pub asked: i64,
    /// F39 of the answer; none when none came.
    pub heard: Option<String>,
    pub rrn: Option<String>,
    pub holds: Holds,
}

pub struct Till {
    pub number: String,
    /// Reverses what it was told is unknown, as firmware does for which only a clean decline is an end.
    pub reverses_unknown: bool,
    peer: Peer,
    /// By trace.
    pub entries: BTreeMap<u64, Entry>,
}

impl Till {
    pub fn open(world: &World, number: &str) -> Till {
        let peer = Peer::signed_on(world, number);
        Till { number: number.to_owned(), reverses_unknown: false, peer, entries: BTreeMap::new() }
    }

    /// One transaction, to what a terminal knows at its end. `extra` goes into the command.
    pub fn act(&mut self, kind: &'static str, of: Option<u64>, extra: &Value) -> (u64, Entry) {
        let mut command = json!({"do": kind});
        if let Some(of) = of {
            command["of"] = json!(of);
        }
        for (name, value) in extra.as_object().expect("more of a command is an object") {
            command[name] = value.clone();
        }
        let original = of.and_then(|of| self.entries.get(&of)).map_or(0, |entry| entry.asked);
        let asked = command["amount"].as_i64().unwrap_or(original);
        let until = Instant::now() + REACHES_WITHIN;
        loop {
            self.begin(&command);
            let (trace, entry) = self.end(kind, of, asked);
            // "Bank unreachable, nothing charged": the cashier tries again, which is a new transaction.
            if entry.heard.as_deref() != Some("91") {
                return (trace, entry);
            }
            assert!(Instant::now() < until, "the bank stays unreachable for {command}");
            thread::sleep(PAUSE);
        }
    }

    /// Begins a transaction without waiting for its end.
    pub fn begin(&mut self, command: &Value) {
        self.peer.begin(command);
    }

    /// The end of the transaction that was begun.
    pub fn end(&mut self, kind: &'static str, of: Option<u64>, asked: i64) -> (u64, Entry) {
        let first = self.peer.end();
        let trace = first["trace"].as_u64().expect("every result names its trace");
        let mut entry = Entry { kind, of, asked, heard: code(&first), rrn: None, holds: Holds::Nothing };
        let kept = ["refund", "completion_advice"].contains(&kind);
        match &entry.heard {
            // No answer: what is kept is sent again until there is one, anything else is reversed.
            None if kept => {
                let heard = self.until_answered(&json!({"do": "repeat", "of": trace}));
                entry.heard = code(&heard);
                entry.holds = holds(&heard, asked);
                entry.rrn = rrn(&heard);
            }
            None => self.reverse(trace, kind, &["00", "25"]),
            Some(_) => {
                entry.holds = holds(&first, asked);
                entry.rrn = rrn(&first);
                if entry.holds == Holds::Unknown && self.reverses_unknown && !kept {
                    self.reverse(trace, kind, &["00"]);
                    entry.holds = Holds::Nothing;
                }
            }
        }
        self.entries.insert(trace, entry.clone());
        (trace, entry)
    }

    fn reverse(&mut self, trace: u64, kind: &str, answers: &[&str]) {
        let heard = self.until_answered(&json!({"do": "reversal", "of": trace}));
        let answer = code(&heard).expect("waited for above");
        assert!(answers.contains(&answer.as_str()), "the reversal of a {kind}: {heard}");
    }

    /// Asks what became of everything that was told to be unknown.
    pub fn ask_what_is_unknown(&mut self) {
        let unknown: Vec<_> =
            self.entries.iter().filter(|(_, entry)| entry.holds == Holds::Unknown).collect();
        let unknown: Vec<_> = unknown.into_iter().map(|(trace, _)| *trace).collect();
        for trace in unknown {
            let heard = self.until_answered(&json!({"do": "last_result", "of": trace}));
            let entry = self.entries.get_mut(&trace).expect("listed above");
            entry.holds = match holds(&heard, entry.asked) {
                Holds::It(amount) => Holds::It(amount),
                Holds::Nothing | Holds::Unknown => Holds::Nothing,
            };
        }
    }

    /// What this terminal has of the transaction with this trace, after everything that followed on it.
    pub fn stand(&self, trace: u64) -> Stand {
        let Some(Entry { kind, holds: Holds::It(amount), .. }) = self.entries.get(&trace) else {
            return Stand::default();
        };
        let followers = self.entries.values().filter(|entry| entry.of == Some(trace));
        let held: Vec<_> = followers
            .filter_map(|entry| match entry.holds {
                Holds::It(amount) => Some((entry.kind, amount)),
                Holds::Nothing | Holds::Unknown => None,
            })
            .collect();
        match *kind {
            "pre_auth" => Stand { net: 0, held: if held.is_empty() { *amount } else { 0 } },
            _ => Stand { net: amount - held.iter().map(|(_, amount)| amount).sum::<i64>(), held: 0 },
        }
    }

    fn until_answered(&mut self, command: &Value) -> Value {
        let until = Instant::now() + REACHES_WITHIN;
        loop {
            let heard = self.peer.ask(command.clone());
            if code(&heard).is_some() {
                return heard;
            }
            assert!(Instant::now() < until, "nobody answers {command}: {heard}");
            thread::sleep(PAUSE);
        }
    }
}

fn code(heard: &Value) -> Option<String> {
    heard["code"].as_str().map(str::to_owned)
}

fn rrn(heard: &Value) -> Option<String> {
    heard["rrn"].as_str().map(str::to_owned)
}

/// `asked`: the last result is told without an amount.
fn holds(heard: &Value, asked: i64) -> Holds {
    match heard["code"].as_str() {
        Some("00" | "10") => Holds::It(heard["amount"].as_i64().unwrap_or(asked)),
        Some("98") => Holds::Unknown,
        Some(_) | None => Holds::Nothing,
    }
}
