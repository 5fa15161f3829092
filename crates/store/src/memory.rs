//! The in-memory model: the contract in ordered maps, and nothing else. Searches scan where an index would only
//! repeat what the maps say.

use crate::{
    Balance, Counter, Store, StoreError, admit,
    ledger::{Movements, Sums},
};
use hefu_mutant::mutant;
use hefu_tally::{
    Account, CardToken, Duty, DutyKind, LegNo, LinkId, Moment, Posting, SealedCard, Shard, TallyId, Till,
    record::{
        Batch, DutyRow, Entry, Handle, LinkRow, Refusal, Refused, StoredFact, Subject, TallyRow, TerminalRow,
        chain,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound::{Excluded, Included, Unbounded},
    sync::Arc,
};

/// Everything in memory. A clone costs nothing until one of the two is written to.
#[derive(Clone, Default)]
pub struct MemoryStore {
    tables: Arc<Tables>,
}

type Balances = BTreeMap<(Account, Shard), Sums>;

#[derive(Clone, Default)]
struct Tables {
    tallies: BTreeMap<(TallyId, Shard), TallyLine>,
    terminals: BTreeMap<Till, RowLine>,
    links: BTreeMap<LinkId, RowLine>,
    handles: BTreeMap<(Shard, Arc<[u8]>), HandleLine>,
    duties: BTreeSet<DutyRow>,
    facts: BTreeMap<(Shard, u64), Arc<StoredFact>>,
    postings: BTreeMap<(TallyId, Shard), Vec<Posting>>,
    balances: Balances,
    heads: BTreeMap<Shard, (u64, [u8; 32])>,
    cards: BTreeMap<(Shard, CardToken), Arc<SealedCard>>,
    batches: BTreeMap<u16, u64>,
    leases: BTreeMap<Counter, u64>,
    meta: BTreeMap<String, Arc<[u8]>>,
}

#[derive(Clone)]
struct TallyLine {
    version: u32,
    state: Arc<[u8]>,
    card: Option<CardToken>,
}

#[derive(Clone)]
struct RowLine {
    version: u32,
    state: Arc<[u8]>,
}

#[derive(Copy, Clone)]
struct HandleLine {
    tally: TallyId,
    leg: LegNo,
    unique: bool,
}

impl MemoryStore {
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }
}

impl Store for MemoryStore {
    fn commit(&mut self, node: u16, batch: &Batch) -> Result<Vec<Refused>, StoreError> {
        admit::batch(batch)?;
        let expected = self.last_batch(node)? + 1;
        if batch.number != expected {
            return Err(StoreError::OutOfOrder { node, expected, found: batch.number });
        }
        // Judge everything, then write what cannot fail any more: so it stands whole or not at all.
        let refused = self.tables.refusals(batch);
        let stands = |place: &usize| refused.binary_search_by_key(place, |refused| refused.entry).is_err();
        let accepted = || (0..batch.entries.len()).filter(stands).map(|place| &batch.entries[place]);
        let balances = self.tables.moved(accepted())?;
        let tables = Arc::make_mut(&mut self.tables);
        for entry in accepted().skip(usize::from(mutant!(DropsTheFirstEntry))) {
            tables.write(entry);
        }
        if !mutant!(WritesNoBalances) {
            tables.balances.extend(balances);
        }
        if !mutant!(ForgetsTheBatchNumber) {
            tables.batches.insert(node, batch.number);
        }
        Ok(refused)
    }

    fn last_batch(&mut self, node: u16) -> Result<u64, StoreError> {
        Ok(self.tables.batches.get(&node).copied().unwrap_or(0))
    }

    fn tally(&mut self, id: TallyId, shard: Shard) -> Result<Option<TallyRow>, StoreError> {
        let line = self.tables.tallies.get(&(id, shard));
        Ok(line.map(|line| self.tables.tally_row(id, shard, line)))
    }

    fn find(&mut self, shard: Shard, handle: &[u8]) -> Result<Option<(TallyId, LegNo)>, StoreError> {
        Ok(self.tables.handles.get(&(shard, handle.into())).map(|line| (line.tally, line.leg)))
    }

    fn find_prefix(
        &mut self,
        shard: Shard,
        prefix: &[u8],
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, TallyId, LegNo)>, StoreError> {
        let limit = admit::limit(limit)?;
        let from = (Included((shard, prefix.into())), Unbounded);
        let range = self.tables.handles.range::<(Shard, Arc<[u8]>), _>(from);
        let hits = range.take_while(|((of, key), _)| *of == shard && key.starts_with(prefix));
        Ok(hits.take(limit).map(|((_, key), line)| (key.to_vec(), line.tally, line.leg)).collect())
    }

    fn terminal(&mut self, till: Till) -> Result<Option<TerminalRow>, StoreError> {
        Ok(self.tables.terminals.get(&till).map(|line| line.row(till)))
    }

    fn terminals(&mut self, after: Option<Till>, limit: usize) -> Result<Vec<TerminalRow>, StoreError> {
        let limit = admit::limit(limit)?;
        let range = self.tables.terminals.range((after.map_or(Unbounded, Excluded), Unbounded));
        Ok(range.take(limit).map(|(till, line)| line.row(*till)).collect())
    }

    fn links(&mut self) -> Result<Vec<LinkRow>, StoreError> {
        let row = |(link, line): (&LinkId, &RowLine)| LinkRow {
            link: *link,
            version: line.version,
            state: line.state.to_vec(),
        };
        Ok(self.tables.links.iter().map(row).collect())
    }

    fn duties(
        &mut self,
        after: Option<DutyRow>,
        due_by: Moment,
        limit: usize,
    ) -> Result<Vec<DutyRow>, StoreError> {
        let limit = admit::limit(limit)?;
        let range = self.tables.duties.range((after.map_or(Unbounded, Excluded), Unbounded));
        Ok(range.take_while(|row| row.due <= due_by).take(limit).copied().collect())
    }

    fn duties_since(
        &mut self,
        since: Moment,
        besides: DutyKind,
        limit: usize,
    ) -> Result<Vec<DutyRow>, StoreError> {
        let limit = admit::limit(limit)?;
        let oldest = TallyId::new(since, [0; 10]);
        let young = self.tables.duties.iter().filter(|row| row.tally >= oldest && row.duty.kind != besides);
        let mut young: Vec<DutyRow> = young.copied().collect();
        young.sort_by_key(|row| (row.tally, row.shard, row.duty.leg, row.duty.kind, row.due));
        young.truncate(limit);
        Ok(young)
    }

    fn lease(&mut self, counter: Counter, size: u64) -> Result<u64, StoreError> {
        assert!(size > 0, "a lease of nothing");
        let first = self.tables.leases.get(&counter).copied().unwrap_or(0);
        // The bound of every store is that of the smallest: SQL's 64-bit integers have a sign.
        let next = first.checked_add(size).filter(|next| i64::try_from(*next).is_ok());
        let next = next.ok_or(StoreError::CounterSpent { counter: counter.name(), size })?;
        let next = if mutant!(LeasesTheSameTwice) { first } else { next };
        Arc::make_mut(&mut self.tables).leases.insert(counter, next);
        Ok(first)
    }

    fn facts(&mut self, shard: Shard, after: u64, limit: usize) -> Result<Vec<StoredFact>, StoreError> {
        let limit = admit::limit(limit)?;
        let range = self.tables.facts.range((Excluded((shard, after)), Included((shard, u64::MAX))));
        Ok(range.take(limit).map(|(_, fact)| StoredFact::clone(fact)).collect())
    }

    fn facts_of(
        &mut self,
        shard: Shard,
        subject: &Subject,
        limit: usize,
    ) -> Result<Vec<StoredFact>, StoreError> {
        let limit = admit::limit(limit)?;
        let range = self.tables.facts.range((shard, 0)..=(shard, u64::MAX));
        let hits = range.filter(|(_, fact)| fact.subject == *subject);
        Ok(hits.take(limit).map(|(_, fact)| StoredFact::clone(fact)).collect())
    }

    fn head(&mut self, shard: Shard) -> Result<(u64, [u8; 32]), StoreError> {
        Ok(self.tables.head(shard))
    }

    fn balances(&mut self) -> Result<Vec<Balance>, StoreError> {
        let balances = self.tables.balances.iter();
        Ok(balances.map(|((account, shard), sums)| sums.balance(*account, *shard)).collect())
    }

    fn postings_of(&mut self, shard: Shard, tally: TallyId) -> Result<Vec<Posting>, StoreError> {
        Ok(self.tables.postings.get(&(tally, shard)).cloned().unwrap_or_default())
    }

    fn tallies(
        &mut self,
        after: Option<(Shard, TallyId)>,
        limit: usize,
    ) -> Result<Vec<TallyRow>, StoreError> {
        let limit = admit::limit(limit)?;
        let after = after.map_or(Unbounded, |(shard, id)| Excluded((id, shard)));
        let range = self.tables.tallies.range((after, Unbounded)).take(limit);
        Ok(range.map(|(&(id, shard), line)| self.tables.tally_row(id, shard, line)).collect())
    }

    fn latest(&mut self, before: Option<TallyId>, limit: usize) -> Result<Vec<TallyRow>, StoreError> {
        let limit = admit::limit(limit)?;
        let first = Shard::all().next().expect("there are 64 shards");
        let before = before.map_or(Unbounded, |id| Excluded((id, first)));
        let range = self.tables.tallies.range((Unbounded, before)).rev().take(limit);
        Ok(range.map(|(&(id, shard), line)| self.tables.tally_row(id, shard, line)).collect())
    }

    fn duties_of(&mut self, shard: Shard, tally: TallyId) -> Result<Vec<Duty>, StoreError> {
        let rows = self.tables.duties.iter().filter(|row| row.shard == shard && row.tally == tally);
        let duties: BTreeSet<Duty> = rows.map(|row| row.duty).collect();
        Ok(duties.into_iter().collect())
    }

    fn handles_of(&mut self, shard: Shard, tally: TallyId) -> Result<Vec<Handle>, StoreError> {
        let lines = self.tables.handles.iter();
        let hits = lines.filter(|((of, _), line)| *of == shard && line.tally == tally);
        Ok(hits
            .map(|((_, key), line)| Handle { key: key.to_vec(), leg: line.leg, unique: line.unique })
            .collect())
    }

    fn meta(&mut self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.tables.meta.get(key).map(|value| value.to_vec()))
    }

    fn set_meta(&mut self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        admit::value(value)?;
        Arc::make_mut(&mut self.tables).meta.insert(key.to_owned(), value.into());
        Ok(())
    }
}

impl RowLine {
    fn row(&self, till: Till) -> TerminalRow {
        TerminalRow { till, version: self.version, state: self.state.to_vec() }
    }
}

impl Tables {
    /// Which entries are refused, in order, each judged as if those accepted before it were written.
    fn refusals(&self, batch: &Batch) -> Vec<Refused> {
        let mut versions = BTreeMap::new();
        let mut taken = BTreeSet::new();
        let mut refused = Vec::new();
        for (place, entry) in batch.entries.iter().enumerate() {
            match self.refusal(entry, &versions, &taken) {
                Some(why) => refused.push(Refused { entry: place, why }),
                None => {
                    versions.insert((entry.shard, entry.subject), entry.version);
                    taken.extend(entry.handles.iter().map(|handle| (entry.shard, handle.key.as_slice())));
                }
            }
        }
        refused
    }

    fn refusal(
        &self,
        entry: &Entry,
        versions: &BTreeMap<(Shard, Subject), u32>,
        taken: &BTreeSet<(Shard, &[u8])>,
    ) -> Option<Refusal> {
        let stored = match entry.subject {
            Subject::Tally(id) => self.tallies.get(&(id, entry.shard)).map(|line| line.version),
            Subject::Terminal(till) => self.terminals.get(&till).map(|line| line.version),
            Subject::Link(link) => self.links.get(&link).map(|line| line.version),
            Subject::Nobody => return None,
        };
        let found = versions.get(&(entry.shard, entry.subject)).copied().or(stored).unwrap_or(0);
        if found != entry.expected && !mutant!(SkipsTheVersion) {
            return Some(Refusal::Version { found });
        }
        let clash = entry.handles.iter().filter(|handle| handle.unique && !mutant!(LetsHandlesRepeat)).find(
            |handle| {
                taken.contains(&(entry.shard, handle.key.as_slice()))
                    || self.handles.contains_key(&(entry.shard, handle.key.as_slice().into()))
            },
        );
        clash.map(|handle| Refusal::Identity { handle: handle.key.clone() })
    }

    /// The balances that these entries touch, as they will be.
    fn moved<'e>(&self, entries: impl Iterator<Item = &'e Entry>) -> Result<Balances, StoreError> {
        let mut movements = Movements::default();
        for entry in entries {
            for posting in &entry.postings {
                movements.add(entry.shard, posting)?;
            }
        }
        let add = |(account, shard, more): (Account, Shard, &Sums)| {
            let sums = self.balances.get(&(account, shard)).copied().unwrap_or_default();
            let sums = sums.plus(more).ok_or(StoreError::Overflow { account, shard })?;
            Ok(((account, shard), sums))
        };
        movements.iter().map(add).collect()
    }

    /// Writes an accepted entry, all but its balances.
    fn write(&mut self, entry: &Entry) {
        for fact in &entry.facts {
            let (seq, previous) = self.head(entry.shard);
            let previous = if mutant!(BreaksTheChainOfFacts) { [0; 32] } else { previous };
            let (seq, shard, subject) = (seq + 1, entry.shard, entry.subject);
            let hash = chain(&previous, shard, seq, &subject, fact.at, fact.kind, fact.version, &fact.body);
            let fact = StoredFact {
                shard,
                seq,
                subject,
                at: fact.at,
                kind: fact.kind.to_owned(),
                version: fact.version,
                body: fact.body.clone(),
                hash,
            };
            self.facts.insert((shard, seq), Arc::new(fact));
            self.heads.insert(shard, (seq, hash));
        }
        match entry.subject {
            Subject::Tally(id) => self.write_tally(id, entry),
            Subject::Terminal(till) => {
                let line = RowLine { version: entry.version, state: entry.state.as_slice().into() };
                self.terminals.insert(till, line);
            }
            Subject::Link(link) => {
                let line = RowLine { version: entry.version, state: entry.state.as_slice().into() };
                self.links.insert(link, line);
            }
            Subject::Nobody => {}
        }
    }

    fn write_tally(&mut self, tally: TallyId, entry: &Entry) {
        let shard = entry.shard;
        let known = self.tallies.get(&(tally, shard)).and_then(|line| line.card);
        let card = entry.card.as_ref().map(|(token, _)| *token).or(known);
        let line = TallyLine { version: entry.version, state: entry.state.as_slice().into(), card };
        self.tallies.insert((tally, shard), line);
        if let Some((token, sealed)) = &entry.card {
            self.cards.entry((shard, *token)).or_insert_with(|| Arc::new(sealed.clone()));
        }
        for handle in &entry.handles {
            let line = HandleLine { tally, leg: handle.leg, unique: handle.unique };
            self.handles.insert((shard, handle.key.as_slice().into()), line);
        }
        let row = |duty: &Duty| DutyRow { due: duty.due, shard, tally, duty: *duty };
        for duty in entry.duties.gone.iter().filter(|_| !mutant!(KeepsDutiesThatAreDone)) {
            self.duties.remove(&row(duty));
        }
        self.duties.extend(entry.duties.new.iter().filter(|_| !mutant!(WritesNoNewDuties)).map(row));
        if !entry.postings.is_empty() && !mutant!(LosesThePostings) {
            self.postings.entry((tally, shard)).or_default().extend_from_slice(&entry.postings);
        }
    }

    fn head(&self, shard: Shard) -> (u64, [u8; 32]) {
        self.heads.get(&shard).copied().unwrap_or((0, [0; 32]))
    }

    fn tally_row(&self, id: TallyId, shard: Shard, line: &TallyLine) -> TallyRow {
        let sealed = line.card.and_then(|token| self.cards.get(&(shard, token)));
        TallyRow {
            id,
            shard,
            version: line.version,
            state: line.state.to_vec(),
            card: sealed.map(|sealed| SealedCard::clone(sealed)),
        }
    }
}
