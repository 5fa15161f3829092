//! Batches: what waits to be committed, what is under way, and the effects that are held back until then.

use crate::{
    engine::Print,
    io::{Conversation, Input, Output, Said, Words},
};
use hefu_mutant::mutant;
use hefu_tally::{
    BusinessDay, CardToken, Code, Duty, Identity, LegNo, Moment, Rrn, SealedCard, Shard, Tally,
    codes::{Proves, proves},
    link::LinkModeState,
    record::{Batch, DutyChange, Entry, FactRow, Handle, Subject},
    till::TillState,
};
use std::{collections::BTreeMap, sync::Arc};

/// An input that brought a change about, or that waits for a read.
pub(crate) type Cause = Arc<Input>;

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
    pub follows: Follows,
}

/// What follows when a change is durable, or when it was refused.
#[derive(Clone, Default)]
pub(crate) struct Follows {
    /// Held back until the commit.
    pub effects: Vec<Output>,
    /// What the engine itself remembers from then on.
    pub news: Vec<News>,
    /// What brought it about, to be judged again should the entry be refused.
    pub causes: Vec<Cause>,
}

/// Something that is true once it is committed.
#[derive(Copy, Clone)]
pub(crate) enum News {
    /// A transaction that was never seen before came.
    New(Newcomer),
    /// An approval goes out to its terminal.
    Told { leg: LegNo },
}

/// A transaction that was never seen before: when it came, by the clock and in the order of inputs.
#[derive(Copy, Clone)]
pub(crate) struct Newcomer {
    pub identity: Identity,
    pub at: Moment,
    pub turn: u64,
}

/// What of a staged change is needed after its entry went to the store.
#[derive(Clone)]
pub(crate) struct Flying {
    pub subject: Subject,
    pub follows: Follows,
}

#[derive(Clone, Default)]
pub(crate) struct Batches {
    /// Batches cut so far.
    number: u64,
    waiting: Vec<Staged>,
    places: BTreeMap<Subject, usize>,
    flight: Vec<Flying>,
    /// The subjects under way, with their places.
    aloft: BTreeMap<Subject, usize>,
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
        self.places.contains_key(subject) || self.aloft.contains_key(subject)
    }

    /// The effects of this subject that wait for a commit.
    pub fn held_back(&self, subject: &Subject) -> impl Iterator<Item = &Output> {
        let waiting = self.places.get(subject).map(|place| &self.waiting[*place].follows);
        let aloft = self.aloft.get(subject).map(|place| &self.flight[*place].follows);
        waiting.into_iter().chain(aloft).flat_map(|follows| &follows.effects)
    }

    /// Whether the answer in this conversation waits for a commit.
    pub fn holds_reply(&self, subject: &Subject, conversation: Conversation) -> bool {
        self.held_back(subject).any(|effect| match effect {
            Output::Reply { conversation: to, .. } => *to == conversation,
            Output::Load(_)
            | Output::Commit(_)
            | Output::Lease(_)
            | Output::Send { .. }
            | Output::Answer { .. }
            | Output::WakeAt { .. }
            | Output::Alarm { .. } => false,
        })
    }

    /// Lets an effect out once everything that this subject has said is durable: at once if it is. Should that be
    /// refused, `cause` is judged again.
    pub fn gate(&mut self, subject: &Subject, effect: Output, cause: Option<&Cause>, out: &mut Vec<Output>) {
        if mutant!(SpeaksBeforeTheCommit) {
            return out.push(effect);
        }
        let follows = if let Some(place) = self.places.get(subject) {
            &mut self.waiting[*place].follows
        } else if let Some(place) = self.aloft.get(subject) {
            &mut self.flight[*place].follows
        } else {
            return out.push(effect);
        };
        follows.effects.push(effect);
        follows.caused_by(cause);
    }

    /// Approvals of this reference that wait for the next batch become "unknown, under return".
    pub fn retract(&mut self, subject: &Subject, rrn: Rrn, unknown: Code) {
        let Some(place) = self.places.get(subject) else { return };
        for effect in &mut self.waiting[*place].follows.effects {
            if let Output::Reply { reply, .. } = effect
                && let Said::Transaction { code, words, rrn: of, auth, .. } = &mut reply.what
                && *of == Some(rrn)
                && matches!(proves(*code), Proves::Done | Proves::DoneInPart)
            {
                (*code, *words, *auth) = (unknown, Words::Returning, None);
            }
        }
    }

    /// Whether a batch may be cut: something waits and none is under way.
    pub fn ready(&self) -> bool {
        !self.flying && !self.waiting.is_empty()
    }

    /// Takes up to `most` waiting changes into a batch; `entry` makes the durable entry of each.
    pub fn cut(&mut self, most: usize, mut entry: impl FnMut(&mut Staged) -> Entry) -> Batch {
        assert!(self.ready(), "a batch is cut from something, and alone");
        assert!(self.flight.is_empty() && self.aloft.is_empty(), "what landed is gone");
        let rest = self.waiting.split_off(most.min(self.waiting.len()));
        let taken = std::mem::replace(&mut self.waiting, rest);
        self.places.clear();
        for (place, staged) in self.waiting.iter().enumerate() {
            if staged.subject != Subject::Nobody {
                self.places.insert(staged.subject, place);
            }
        }
        let mut entries = Vec::with_capacity(taken.len());
        for (place, mut staged) in taken.into_iter().enumerate() {
            entries.push(entry(&mut staged));
            if staged.subject != Subject::Nobody {
                self.aloft.insert(staged.subject, place);
            }
            self.flight.push(Flying { subject: staged.subject, follows: staged.follows });
        }
        self.flying = true;
        self.number += 1;
        Batch { number: self.number, entries }
    }

    /// The batch under way is durable; gives back what flew in it.
    pub fn landed(&mut self, number: u64) -> Vec<Flying> {
        assert!(self.flying && number == self.number, "batch {number} is not the one under way");
        self.flying = false;
        self.aloft.clear();
        std::mem::take(&mut self.flight)
    }

    /// Drops what waits of this subject; gives back what would have followed.
    pub fn drop_waiting(&mut self, subject: &Subject) -> Follows {
        let Some(place) = self.places.remove(subject) else { return Follows::default() };
        let staged = self.waiting.remove(place);
        for other in self.places.values_mut() {
            if *other > place {
                *other -= 1;
            }
        }
        staged.follows
    }

    /// Changes that are not durable yet.
    pub fn len(&self) -> usize {
        self.waiting.len() + self.flight.len()
    }

    /// Changes that wait for a batch.
    pub fn queued(&self) -> usize {
        self.waiting.len()
    }

    /// The numbers of inputs that are remembered here.
    pub fn turns(&self, turns: &mut Vec<u64>) {
        let waiting = self.waiting.iter().map(|staged| &staged.follows);
        for news in waiting.chain(self.flight.iter().map(|flying| &flying.follows)).flat_map(|f| &f.news) {
            match news {
                News::New(new) => turns.push(new.turn),
                News::Told { .. } => {}
            }
        }
    }

    /// All that decides what will be committed next, and what follows. Numbers and versions are the store's as well.
    pub fn fingerprint(&self, print: &mut Print) {
        let Batches { number: _, waiting, places: _, flight, aloft: _, flying } = self;
        print.byte(u8::from(*flying));
        print.count(waiting.len());
        for staged in waiting {
            let Staged { subject, shard, expected: _, before, day, facts, handles, card, follows } = staged;
            print.subject(subject);
            print.text(format_args!("{shard:?}{day:?}"));
            print.count(before.iter().len());
            before.iter().for_each(|before| print.tally(before));
            print.count(facts.len());
            for FactRow { at, kind, version, body } in facts {
                print.at(*at);
                print.text(format_args!("{kind}{version}"));
                print.named(body);
            }
            for Handle { key, leg, unique } in handles {
                print.handle(key);
                print.byte(leg.0 << 1 | u8::from(*unique));
            }
            if let Some((token, sealed)) = card {
                print.bytes(&token.0);
                print.bytes(&sealed.0);
            }
            follows.fingerprint(print);
        }
        print.count(flight.len());
        for Flying { subject, follows } in flight {
            print.subject(subject);
            follows.fingerprint(print);
        }
    }
}

impl Follows {
    /// Remembers what brought the change about, once.
    pub fn caused_by(&mut self, cause: Option<&Cause>) {
        if let Some(cause) = cause
            && !self.causes.last().is_some_and(|last| Arc::ptr_eq(last, cause))
        {
            self.causes.push(cause.clone());
        }
    }

    fn fingerprint(&self, print: &mut Print) {
        let Follows { effects, news, causes } = self;
        print.count(effects.len());
        effects.iter().for_each(|effect| print.effect(effect));
        print.count(news.len());
        for news in news {
            match news {
                News::New(Newcomer { identity, at, turn }) => {
                    print.text(format_args!("{identity:?}"));
                    print.at(*at);
                    print.turn(*turn);
                }
                News::Told { leg } => print.text(format_args!("{leg:?}")),
            }
        }
        print.causes(causes.iter());
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

/// The durable entry of a link's change.
pub(crate) fn link_entry(staged: &mut Staged, state: &LinkModeState, version: u32) -> Entry {
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
