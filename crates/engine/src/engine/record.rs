//! Recording: evidence is judged, facts are applied and staged, and what follows outside waits for the commit.

use super::{Engine, Held, memory::leg_handles};
use crate::{
    io::{Note, Output},
    stage::{self, Follows, News, Staged},
};
use hefu_mutant::mutant;
use hefu_tally::{
    BusinessDay, Direction, Fact, LegNo, LinkId, Moment, Opened, SealedCard, Shard, Tally, TallyId, Till,
    judge::{Evidence, judge},
    link::LinkFact,
    record::{Handle, Subject},
    till::TillFact,
};
use std::collections::BTreeMap;

impl Engine {
    /// Gives evidence about a leg and records what follows. Returns whether anything did.
    pub(crate) fn give(
        &mut self,
        now: Moment,
        id: TallyId,
        no: LegNo,
        evidence: &Evidence,
        out: &mut Vec<Output>,
    ) -> bool {
        let held = self.open.get(&id).expect("evidence is about a payment in memory");
        let till = held.tally.leg(no).expect("evidence is about a leg that is there").identity.till;
        let rules = self.config.rules_for(&till);
        let facts = judge(&held.tally, no, now, evidence, &rules, &mut self.numbers.supply(now))
            .expect("the leg is there");
        let any = !facts.is_empty();
        self.record(now, id, &facts, out);
        any
    }

    /// Applies facts to a payment, stages them, and holds their effects back until they are durable.
    pub(crate) fn record(&mut self, now: Moment, id: TallyId, facts: &[Fact], out: &mut Vec<Output>) {
        if facts.is_empty() {
            return;
        }
        self.stage_payment(now, id);
        let subject = Subject::Tally(id);
        let held = self.open.get_mut(&id).expect("facts are about a payment in memory");
        let staged = self.batches.waiting(&subject).expect("just staged");
        for fact in facts {
            held.tally.apply(now, fact).unwrap_or_else(|error| panic!("payment {id}: {error}"));
            if !(mutant!(DropsAFactOfAChange) && matches!(fact, Fact::Told { .. })) {
                staged.facts.push(stage::row(now, fact.name(), fact));
            }
        }
        held.tally.check().unwrap_or_else(|error| panic!("payment {id}: {error}"));
        self.retract(&subject, id, facts);
        let mut effects = Vec::new();
        for fact in facts {
            self.effects(now, id, fact, &mut effects);
        }
        for effect in effects {
            self.batches.gate(&subject, effect, None, out);
        }
        self.weigh(id);
        self.schedule(id, None);
        self.touch(id);
    }

    /// An approval that still waits for its commit is not told when the same commit turns the leg to return.
    fn retract(&mut self, subject: &Subject, id: TallyId, facts: &[Fact]) {
        for fact in facts {
            let Fact::Turned { leg, to: Direction::Return, .. } = fact else { continue };
            let leg = self.open[&id].tally.leg(*leg).expect("facts are of a leg that is there");
            let (rrn, unknown) = (leg.rrn, self.config.rules_for(&leg.identity.till).unknown);
            self.batches.retract(subject, rrn, unknown);
        }
    }

    /// Takes a new leg on: opens the payment, or adds to it.
    pub(crate) fn open_leg(
        &mut self,
        now: Moment,
        to: Option<TallyId>,
        opened: Opened,
        sealed: &SealedCard,
    ) -> (TallyId, LegNo) {
        let fact = Fact::Opened(Box::new(opened));
        let Fact::Opened(opened) = &fact else { unreachable!("just made") };
        let id = match to {
            Some(id) => {
                self.stage_payment(now, id);
                let held = self.open.get_mut(&id).expect("a leg is added to a payment in memory");
                held.tally.apply(now, &fact).unwrap_or_else(|error| panic!("payment {id}: {error}"));
                id
            }
            None => {
                let id = self.numbers.tally_id(now);
                let tally = Tally::open(id, now, opened).expect("a first leg always fits");
                let mut staged = new_staged(Subject::Tally(id), tally.shard(), 0, now.business_day());
                staged.card = Some((opened.card, sealed.clone()));
                staged.follows.caused_by(self.cause.as_ref());
                self.batches.push(staged);
                let held = Held {
                    tally,
                    version: 1,
                    sealed: Some(sealed.clone()),
                    conversations: BTreeMap::new(),
                    copy_waits: false,
                    copy_from: None,
                    copy_unsure: false,
                    keys: Vec::new(),
                    wake: None,
                    doubtful: false,
                };
                self.open.insert(id, held);
                id
            }
        };
        let held = &self.open[&id];
        let no = LegNo(held.tally.next_leg().0 - 1);
        let leg = held.tally.leg(no).expect("just opened");
        let keys = leg_handles(leg);
        let staged = self.batches.waiting(&Subject::Tally(id)).expect("just staged");
        staged.facts.push(stage::row(now, fact.name(), &fact));
        staged.handles.extend(keys.iter().map(|key| Handle { key: key.clone(), leg: no, unique: true }));
        for key in keys {
            self.index(id, no, key);
        }
        (id, no)
    }

    /// Makes a leg findable by one more key; a later leg with the same key takes its place.
    pub(crate) fn add_handle(&mut self, id: TallyId, no: LegNo, key: Vec<u8>) {
        let staged = self.batches.waiting(&Subject::Tally(id)).expect("a handle comes with a change");
        staged.handles.push(Handle { key: key.clone(), leg: no, unique: false });
        self.index(id, no, key);
    }

    /// Remembers something for when the payment's change is durable.
    pub(crate) fn when_durable(&mut self, id: TallyId, news: News) {
        let staged = self.batches.waiting(&Subject::Tally(id)).expect("news come with a change");
        staged.follows.news.push(news);
    }

    /// Lets an answer out once everything said of the payment is durable.
    pub(crate) fn gate_payment(&mut self, id: TallyId, effect: Output, out: &mut Vec<Output>) {
        self.batches.gate(&Subject::Tally(id), effect, self.cause.as_ref(), out);
    }

    fn stage_payment(&mut self, now: Moment, id: TallyId) {
        let subject = Subject::Tally(id);
        if self.batches.waiting(&subject).is_none() {
            let held = self.open.get_mut(&id).expect("a change is of a payment in memory");
            let mut staged = new_staged(subject, held.tally.shard(), held.version, now.business_day());
            staged.before = Some(held.tally.clone());
            held.version += 1;
            self.batches.push(staged);
        }
        let staged = self.batches.waiting(&subject).expect("just staged");
        staged.follows.caused_by(self.cause.as_ref());
    }

    /// Records a fact of a terminal whose row is in memory.
    pub(crate) fn record_till(&mut self, now: Moment, till: Till, fact: &TillFact) {
        let subject = Subject::Terminal(till);
        let row = self.tills.get_mut(&till).and_then(|memory| memory.row.as_mut());
        let row = row.expect("a terminal's row is read before it is changed");
        if self.batches.waiting(&subject).is_none() {
            let staged = new_staged(subject, till.shard(), row.version, now.business_day());
            row.version += 1;
            self.batches.push(staged);
        }
        let staged = self.batches.waiting(&subject).expect("just staged");
        row.state.apply(fact);
        staged.facts.push(stage::row(now, fact.name(), fact));
        staged.follows.caused_by(self.cause.as_ref());
    }

    /// Records a fact of a bank link whose row is in memory.
    pub(crate) fn record_link(&mut self, now: Moment, link: LinkId, fact: &LinkFact) {
        let subject = Subject::Link(link);
        let row = self.lines.get_mut(&link).and_then(|line| line.row.as_mut());
        let row = row.expect("a link's row is read before it is changed");
        if self.batches.waiting(&subject).is_none() {
            let first = Shard::all().next().expect("there are shards");
            let staged = new_staged(subject, first, row.version, now.business_day());
            row.version += 1;
            self.batches.push(staged);
        }
        let staged = self.batches.waiting(&subject).expect("just staged");
        row.state.apply(fact);
        staged.facts.push(stage::row(now, fact.name(), fact));
        staged.follows.caused_by(self.cause.as_ref());
    }

    /// Puts something on record that belongs to no payment.
    pub(crate) fn note(&mut self, now: Moment, till: Option<Till>, note: &Note) {
        let shard = till.map_or_else(|| Shard::all().next().expect("there are shards"), |till| till.shard());
        let body = serde_json::json!({ "till": till.map(|till| till.to_string()), "text": note.text });
        let mut staged = new_staged(Subject::Nobody, shard, 0, now.business_day());
        staged.facts.push(stage::row(now, note.kind, &body));
        self.batches.push(staged);
    }
}

fn new_staged(subject: Subject, shard: Shard, expected: u32, day: BusinessDay) -> Staged {
    Staged {
        subject,
        shard,
        expected,
        before: None,
        day,
        facts: Vec::new(),
        handles: Vec::new(),
        card: None,
        follows: Follows::default(),
    }
}
