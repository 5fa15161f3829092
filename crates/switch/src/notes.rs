//! Notes: refusals at the edge that must be on record, and a bound on how many of them a flood makes.

use hefu_engine::{Input, Note};
use hefu_tally::{Moment, Till, time::MINUTE};
use std::collections::BTreeMap;

/// A note with the terminal that it is about, if that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Noted {
    pub till: Option<Till>,
    pub note: Note,
}

impl Noted {
    /// As the engine takes it.
    pub fn input(self) -> Input {
        Input::Note { till: self.till, note: self.note }
    }
}

/// Lets so many notes of each kind through per minute, and then says how many it held back.
#[derive(Clone, Debug)]
pub struct NoteLimiter {
    per_minute: u32,
    /// Kinds are words of our own, so there are few.
    kinds: BTreeMap<&'static str, Counted>,
}

#[derive(Clone, Debug)]
struct Counted {
    since: Moment,
    passed: u32,
    held: u64,
}

impl NoteLimiter {
    pub fn new(per_minute: u32) -> NoteLimiter {
        NoteLimiter { per_minute, kinds: BTreeMap::new() }
    }

    /// The note, or `None` when it is only counted.
    pub fn pass(&mut self, now: Moment, noted: Noted) -> Option<Noted> {
        let counted = self.kinds.entry(noted.note.kind).or_insert(Counted { since: now, passed: 0, held: 0 });
        if counted.passed < self.per_minute {
            counted.passed += 1;
            return Some(noted);
        }
        counted.held += 1;
        None
    }

    /// Summaries of the minutes that are over. To be called every few seconds.
    pub fn summaries(&mut self, now: Moment) -> Vec<Noted> {
        let mut summaries = Vec::new();
        self.kinds.retain(|kind, counted| {
            if now.since(counted.since) < MINUTE {
                return true;
            }
            if counted.held > 0 {
                let text = format!("{} more within a minute", counted.held);
                summaries.push(Noted { till: None, note: Note { kind, text } });
            }
            false
        });
        summaries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(kind: &'static str) -> Noted {
        Noted { till: None, note: Note { kind, text: "F4 is missing".into() } }
    }

    #[test]
    fn a_flood_of_one_kind_is_counted_and_does_not_hide_another() {
        let mut limiter = NoteLimiter::new(3);
        let start = Moment(1_000);
        let passed = (0..100).filter_map(|_| limiter.pass(start, noted("bad_frame"))).count();
        assert_eq!(passed, 3);
        assert!(limiter.pass(start, noted("wrong_mac")).is_some());
        assert!(limiter.summaries(start.after(MINUTE - 1)).is_empty());
        let summaries = limiter.summaries(start.after(MINUTE));
        assert_eq!(summaries.len(), 1);
        assert_eq!(summaries[0].note.text, "97 more within a minute");
        assert!(limiter.pass(start.after(MINUTE), noted("bad_frame")).is_some(), "a new minute");
    }
}
