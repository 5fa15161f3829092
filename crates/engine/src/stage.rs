//! Batches: what waits to be committed, what is under way, and the effects that are held back until then.

use crate::io::{Input, Output};
use hefu_tally::{BusinessDay, CardToken, Duty, Moment};
use hefu_tally::{
    SealedCard, Shard, Tally, TallyId, Till,
    record::{Batch, DutyChange, Entry, FactRow, Handle, Subject},
    till::TillState,
};
use std::collections::BTreeMap;

/// A change that is not committed yet. Changes of one subject before the cut become one.
#[derive(Clone)]
pub(crate) struct Staged {
    pub subject: Subject,
    pub shard: Shard,
    pub expected: u32,
    /// The payment as it was before; none when it was not there.
    pub before: Option<Tally>,
    pub day: BusinessDay,
    pub facts: Vec<FactRow>,
    pub handles: Vec<Handle>,
    pub card: Option<(CardToken, SealedCard)>,
    /// Held back until the commit.
    pub effects: Vec<Output>,
    /// What brought it about, to be judged again should the entry be refused.
    pub causes: Vec<Input>,
}

/// What of a staged change is needed after its entry went to the store.
#[derive(Clone)]
pub(crate) struct Flying {
    pub subject: Subject,
    pub effects: Vec<Output>,
    pub causes: Vec<Input>,
}

#[derive(Clone, Default)]
pub(crate) struct Batches {
    /// Batches cut so far.
    number: u64,
    waiting: Vec<Staged>,
    places: BTreeMap<Subject, usize>,
    flight: Vec<Flying>,
    flying: bool,
}

impl Batches {
    /// No batch under way; the last one had this number.
    pub fn after(number: u64) -> Batches {
        Batches { number, ..Batches::default() }
    }

    /// The change of this subject that waits for the next batch, if there is one.
    pub fn waiting(&mut self, subject: &Subject) -> Option<&mut Staged> {
        let place = *self.places.get(subject)?;
        self.waiting.get_mut(place)
    }

    pub fn push(&mut self, staged: Staged) -> &mut Staged {
        let place = self.waiting.len();
        if staged.subject != Subject::Nobody {
            let old = self.places.insert(staged.subject, place);
            assert!(old.is_none(), "one waiting change a subject");
        }
        self.waiting.push(staged);
        &mut self.waiting[place]
    }

    /// Whether anything of this subject is not committed yet.
    pub fn holds(&self, subject: &Subject) -> bool {
        self.places.contains_key(subject) || self.flight.iter().any(|flying| flying.subject == *subject)
    }

    /// Lets an effect out once everything that this subject has said is durable: at once if it is.
    pub fn gate(&mut self, subject: &Subject, effect: Output, out: &mut Vec<Output>) {
        if let Some(staged) = self.waiting(subject) {
            staged.effects.push(effect);
        } else if let Some(flying) = self.flight.iter_mut().rev().find(|flying| flying.subject == *subject) {
            flying.effects.push(effect);
        } else {
            out.push(effect);
        }
    }

    /// Whether a batch may be cut: something waits and none is under way.
    pub fn ready(&self) -> bool {
        !self.flying && !self.waiting.is_empty()
    }

    /// Takes up to `most` waiting changes into a batch; `entry` makes the durable entry of each.
    pub fn cut(&mut self, most: usize, mut entry: impl FnMut(&mut Staged) -> Entry) -> Batch {
        assert!(self.ready(), "a batch is cut from something, and alone");
        let mut taken: Vec<Staged> = self.waiting.drain(..most.min(self.waiting.len())).collect();
        self.places.clear();
        for (place, staged) in self.waiting.iter().enumerate() {
            if staged.subject != Subject::Nobody {
                self.places.insert(staged.subject, place);
            }
        }
        let entries = taken.iter_mut().map(&mut entry).collect();
        self.flight = taken
            .into_iter()
            .map(|staged| Flying { subject: staged.subject, effects: staged.effects, causes: staged.causes })
            .collect();
        self.flying = true;
        self.number += 1;
        Batch { number: self.number, entries }
    }

    /// The batch under way is durable; gives back what flew in it.
    pub fn landed(&mut self, number: u64) -> Vec<Flying> {
        assert!(self.flying && number == self.number, "batch {number} is not the one under way");
        self.flying = false;
        std::mem::take(&mut self.flight)
    }

    /// Drops what waits of this subject; gives back its causes.
    pub fn drop_waiting(&mut self, subject: &Subject) -> Vec<Input> {
        let Some(place) = self.places.remove(subject) else { return Vec::new() };
        let staged = self.waiting.remove(place);
        for other in self.places.values_mut() {
            if *other > place {
                *other -= 1;
            }
        }
        staged.causes
    }

    pub fn len(&self) -> usize {
        self.waiting.len() + self.flight.len()
    }
}

/// The durable entry of a payment's change.
pub(crate) fn tally_entry(staged: &mut Staged, tally: &Tally, version: u32) -> Entry {
    let before: Vec<Duty> = staged.before.as_ref().map(Tally::duties).unwrap_or_default();
    let after = tally.duties();
    let gone = before.iter().filter(|duty| !after.contains(duty)).copied().collect();
    let new = after.iter().filter(|duty| !before.contains(duty)).copied().collect();
    let postings = tally.postings(staged.before.as_ref()).expect("amounts were checked when they came in");
    entry(staged, version, json(tally), DutyChange { gone, new }, postings)
}

/// The durable entry of a terminal's change.
pub(crate) fn till_entry(staged: &mut Staged, state: &TillState, version: u32) -> Entry {
    entry(staged, version, json(state), DutyChange::default(), Vec::new())
}

/// The durable entry of facts that belong to nobody.
pub(crate) fn nobody_entry(staged: &mut Staged) -> Entry {
    entry(staged, 0, Vec::new(), DutyChange::default(), Vec::new())
}

fn entry(
    staged: &mut Staged,
    version: u32,
    state: Vec<u8>,
    duties: DutyChange,
    postings: Vec<hefu_tally::Posting>,
) -> Entry {
    Entry {
        shard: staged.shard,
        subject: staged.subject,
        expected: staged.expected,
        version,
        state,
        day: staged.day,
        facts: std::mem::take(&mut staged.facts),
        handles: std::mem::take(&mut staged.handles),
        duties,
        postings,
        card: staged.card.take(),
    }
}

/// A fact as it is stored: its JSON is made once, hashed, and never made again.
pub(crate) fn row(at: Moment, kind: &'static str, body: &impl serde::Serialize) -> FactRow {
    FactRow { at, kind, version: 1, body: json(body) }
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("our own types have a JSON form")
}

/// The subject of a payment.
pub(crate) fn payment(id: TallyId) -> Subject {
    Subject::Tally(id)
}

/// The subject of a terminal.
pub(crate) fn terminal(till: Till) -> Subject {
    Subject::Terminal(till)
}
