//! A store of ordered maps: refuses what a real one refuses, and forgets nothing.

use hefu_engine::{Counter, Found, Load};
use hefu_tally::{
    Duty, DutyKind, Fact, LegNo, LinkId, Moment, Posting, SealedCard, Shard, Tally, TallyId, Till,
    record::{Batch, DutyRow, Entry, FactRow, LinkRow, Refusal, Refused, Subject, TallyRow, TerminalRow},
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Default)]
pub struct Toy {
    pub tallies: BTreeMap<TallyId, TallyRow>,
    pub handles: BTreeMap<(Shard, Vec<u8>), (TallyId, LegNo)>,
    pub tills: BTreeMap<Till, TerminalRow>,
    pub links: BTreeMap<LinkId, LinkRow>,
    pub duties: BTreeSet<DutyRow>,
    pub facts: Vec<(Subject, FactRow)>,
    /// The same facts and duties by payment.
    own: BTreeMap<TallyId, (Vec<FactRow>, BTreeSet<Duty>)>,
    pub postings: Vec<(TallyId, Posting)>,
    pub batches: u64,
    leased: BTreeMap<Counter, u64>,
}

impl Toy {
    pub fn commit(&mut self, batch: &Batch) -> Vec<Refused> {
        assert_eq!(batch.number, self.batches + 1, "batches are numbered without gaps");
        self.batches = batch.number;
        let mut refused = Vec::new();
        for (place, entry) in batch.entries.iter().enumerate() {
            match self.refuse(entry) {
                Some(why) => refused.push(Refused { entry: place, why }),
                None => self.take(entry),
            }
        }
        refused
    }

    fn refuse(&self, entry: &Entry) -> Option<Refusal> {
        let found = match entry.subject {
            Subject::Tally(id) => self.tallies.get(&id).map_or(0, |row| row.version),
            Subject::Terminal(till) => self.tills.get(&till).map_or(0, |row| row.version),
            Subject::Link(link) => self.links.get(&link).map_or(0, |row| row.version),
            Subject::Nobody => return None,
        };
        if found != entry.expected {
            return Some(Refusal::Version { found });
        }
        let taken = entry
            .handles
            .iter()
            .find(|handle| handle.unique && self.handles.contains_key(&(entry.shard, handle.key.clone())));
        taken.map(|handle| Refusal::Identity { handle: handle.key.clone() })
    }

    fn take(&mut self, entry: &Entry) {
        assert!(entry.subject == Subject::Nobody || entry.version == entry.expected + 1, "one version on");
        let (shard, version, state) = (entry.shard, entry.version, entry.state.clone());
        match entry.subject {
            Subject::Tally(id) => {
                let old = self.tallies.get(&id).and_then(|row| row.card.clone());
                let card: Option<SealedCard> = old.or(entry.card.clone().map(|(_, sealed)| sealed));
                self.tallies.insert(id, TallyRow { id, shard, version, state, card });
                for handle in &entry.handles {
                    self.handles.insert((shard, handle.key.clone()), (id, handle.leg));
                }
                let row = |duty: &Duty| DutyRow { due: duty.due, shard, tally: id, duty: *duty };
                let own = self.own.entry(id).or_default();
                own.0.extend(entry.facts.iter().cloned());
                own.1.retain(|duty| !entry.duties.gone.contains(duty));
                own.1.extend(entry.duties.new.iter().copied());
                for duty in &entry.duties.gone {
                    assert!(self.duties.remove(&row(duty)), "only what is owed can go");
                }
                self.duties.extend(entry.duties.new.iter().map(row));
                self.postings.extend(entry.postings.iter().map(|posting| (id, *posting)));
            }
            Subject::Terminal(till) => {
                self.tills.insert(till, TerminalRow { till, version, state });
            }
            Subject::Link(link) => {
                self.links.insert(link, LinkRow { link, version, state });
            }
            Subject::Nobody => {}
        }
        self.facts.extend(entry.facts.iter().map(|fact| (entry.subject, fact.clone())));
        if let Subject::Tally(id) = entry.subject {
            self.check(id);
        }
    }

    /// The row is what the facts say, the duties are what the row owes, and the promises hold.
    fn check(&self, id: TallyId) {
        let tally = self.tally(id);
        tally.check().unwrap();
        let history = self.history(id);
        let replayed = Tally::replay(id, history.iter().map(|(at, fact)| (*at, fact))).unwrap();
        assert_eq!(replayed, tally, "the facts say something else than the row");
        let owed: BTreeSet<Duty> = tally.duties().into_iter().collect();
        assert_eq!(self.own[&id].1, owed, "what is kept is not what is owed");
    }

    pub fn tally(&self, id: TallyId) -> Tally {
        serde_json::from_slice(&self.tallies[&id].state).unwrap()
    }

    pub fn history(&self, id: TallyId) -> Vec<(Moment, Fact)> {
        let own = self.own.get(&id).map(|(facts, _)| facts.as_slice()).unwrap_or_default();
        own.iter().map(|row| (row.at, serde_json::from_slice(&row.body).unwrap())).collect()
    }

    pub fn load(&self, load: &Load) -> Found {
        match load {
            Load::Tally(id, _) => self.found(Some(&(*id, LegNo(0)))),
            Load::Handle(shard, key) => self.found(self.handles.get(&(*shard, key.clone()))),
            Load::Handles(shard, prefix, limit) => {
                let from = self.handles.range((*shard, prefix.clone())..);
                let own = from.take_while(|((of, key), _)| of == shard && key.starts_with(prefix));
                let rows = own.take(*limit).map(|(_, (id, leg))| (self.tallies[id].clone(), *leg));
                Found::Tallies(rows.collect())
            }
            Load::Links => Found::Links(self.links.values().cloned().collect()),
            Load::Terminal(till) => match self.tills.get(till) {
                Some(row) => Found::Terminal(row.clone()),
                None => Found::Nothing,
            },
            Load::Doubts { since, limit } => {
                let young = |row: &&DutyRow| row.tally >= TallyId::new(*since, [0; 10]);
                let owed = self.duties.iter().filter(young);
                let owed: Vec<DutyRow> = owed
                    .filter(|row| row.duty.kind != DutyKind::HearMerchant)
                    .take(*limit)
                    .copied()
                    .collect();
                let ids: BTreeSet<TallyId> = owed.iter().map(|row| row.tally).collect();
                let rows = ids.iter().map(|id| self.tallies[id].clone()).collect();
                Found::Owing { rows, last: None }
            }
            Load::Duties { after, due_by, limit } => {
                let due = self.duties.iter().filter(|row| row.due <= *due_by && Some(**row) > *after);
                let page: Vec<DutyRow> = due.take(*limit).copied().collect();
                let ids: BTreeSet<TallyId> = page.iter().map(|row| row.tally).collect();
                let rows = ids.iter().map(|id| self.tallies[id].clone()).collect();
                let last = if page.len() == *limit { page.last().copied() } else { None };
                Found::Owing { rows, last }
            }
        }
    }

    fn found(&self, place: Option<&(TallyId, LegNo)>) -> Found {
        let row = place.and_then(|(id, leg)| Some((self.tallies.get(id)?.clone(), *leg)));
        row.map_or(Found::Nothing, |(row, leg)| Found::Tally(Box::new(row), leg))
    }

    pub fn lease(&mut self, counter: Counter) -> u64 {
        let next = self.leased.entry(counter).or_default();
        *next += counter.block();
        *next - counter.block()
    }
}
