//! A batch on its way into the tables, inside its transaction.
//!
//! An entry first claims its unique handles and its row's version. The writes are the check: an entry that is not
//! refused (nearly all) needs no look-up and no savepoint, and a refused one has only its handles to give back.

use super::{
    read,
    value::{Column, count},
};
use crate::{StoreError, ledger::Movements};
use hefu_mutant::mutant;
use hefu_tally::{
    Account, LinkId, Shard, TallyId, Till,
    record::{Batch, Entry, FactRow, Handle, Refusal, Refused, Subject, chain},
};
use rusqlite::{CachedStatement, Error, OptionalExtension, Result, Transaction, ffi, params};
use std::collections::BTreeMap;

/// One batch's statements, each looked up once, and what is summed up until its end.
pub(super) struct Writer<'t> {
    heads: BTreeMap<Shard, (u64, [u8; 32])>,
    movements: Movements,
    tally_version: CachedStatement<'t>,
    insert_tally: CachedStatement<'t>,
    update_tally: CachedStatement<'t>,
    terminal_version: CachedStatement<'t>,
    set_terminal: CachedStatement<'t>,
    link_version: CachedStatement<'t>,
    set_link: CachedStatement<'t>,
    insert_handle: CachedStatement<'t>,
    delete_handle: CachedStatement<'t>,
    set_handle: CachedStatement<'t>,
    insert_card: CachedStatement<'t>,
    insert_duty: CachedStatement<'t>,
    delete_duty: CachedStatement<'t>,
    insert_fact: CachedStatement<'t>,
    insert_posting: CachedStatement<'t>,
    add_balance: CachedStatement<'t>,
    head: CachedStatement<'t>,
    set_head: CachedStatement<'t>,
}

impl<'t> Writer<'t> {
    pub fn new(tx: &'t Transaction<'_>) -> Result<Writer<'t>> {
        Ok(Writer {
            heads: BTreeMap::new(),
            movements: Movements::default(),
            tally_version: tx.prepare_cached(TALLY_VERSION)?,
            insert_tally: tx.prepare_cached(INSERT_TALLY)?,
            update_tally: tx.prepare_cached(UPDATE_TALLY)?,
            terminal_version: tx.prepare_cached(TERMINAL_VERSION)?,
            set_terminal: tx.prepare_cached(SET_TERMINAL)?,
            link_version: tx.prepare_cached(LINK_VERSION)?,
            set_link: tx.prepare_cached(SET_LINK)?,
            insert_handle: tx.prepare_cached(INSERT_HANDLE)?,
            delete_handle: tx.prepare_cached(DELETE_HANDLE)?,
            set_handle: tx.prepare_cached(SET_HANDLE)?,
            insert_card: tx.prepare_cached(INSERT_CARD)?,
            insert_duty: tx.prepare_cached(INSERT_DUTY)?,
            delete_duty: tx.prepare_cached(DELETE_DUTY)?,
            insert_fact: tx.prepare_cached(INSERT_FACT)?,
            insert_posting: tx.prepare_cached(INSERT_POSTING)?,
            add_balance: tx.prepare_cached(ADD_BALANCE)?,
            head: tx.prepare_cached(read::sql::HEAD)?,
            set_head: tx.prepare_cached(SET_HEAD)?,
        })
    }

    /// Writes every entry that is not refused, and returns the others.
    pub fn batch(mut self, batch: &Batch) -> Result<Vec<Refused>, StoreError> {
        let mut refused = Vec::new();
        for (place, entry) in batch.entries.iter().enumerate().skip(usize::from(mutant!(DropsTheFirstEntry)))
        {
            match self.claim(entry).map_err(database)? {
                Some(why) => refused.push(Refused { entry: place, why }),
                None => {
                    self.rest(entry).map_err(database)?;
                    entry.postings.iter().try_for_each(|posting| self.movements.add(entry.shard, posting))?;
                }
            }
        }
        self.finish()?;
        Ok(refused)
    }

    /// Writes the row and its unique handles, or leaves all as it was and says why.
    fn claim(&mut self, entry: &Entry) -> Result<Option<Refusal>> {
        match entry.subject {
            Subject::Tally(id) => self.claim_tally(id, entry),
            Subject::Terminal(till) => self.claim_terminal(till, entry),
            Subject::Link(link) => self.claim_link(link, entry),
            Subject::Nobody => Ok(None),
        }
    }

    fn claim_tally(&mut self, id: TallyId, entry: &Entry) -> Result<Option<Refusal>> {
        let unique = || entry.handles.iter().filter(|handle| handle.unique);
        for (taken, handle) in unique().enumerate() {
            if self.write_handle(id, entry, handle)? == 0 {
                self.give_back(entry.shard, unique().take(taken))?;
                // The version comes first: it says more about what to do next.
                let found = self.version(id, entry.shard)?;
                let same = found == entry.expected;
                let taken = Refusal::Identity { handle: handle.key.clone() };
                return Ok(Some(if same { taken } else { Refusal::Version { found } }));
            }
        }
        if self.write_tally(id, entry)? == 1 {
            return Ok(None);
        }
        self.give_back(entry.shard, unique())?;
        Ok(Some(Refusal::Version { found: self.version(id, entry.shard)? }))
    }

    fn claim_terminal(&mut self, till: Till, entry: &Entry) -> Result<Option<Refusal>> {
        let (merchant, terminal) = (Column(till.merchant), Column(till.terminal));
        let found = self.terminal_version.query_row(params![merchant, terminal], |row| row.get(0));
        let found = found.optional()?.unwrap_or(0);
        if found != entry.expected {
            return Ok(Some(Refusal::Version { found }));
        }
        let row = params![Column(entry.shard), merchant, terminal, entry.version, entry.state];
        self.set_terminal.execute(row)?;
        Ok(None)
    }

    fn claim_link(&mut self, link: LinkId, entry: &Entry) -> Result<Option<Refusal>> {
        let found = self.link_version.query_row(params![link.0], |row| row.get(0)).optional()?.unwrap_or(0);
        if found != entry.expected {
            return Ok(Some(Refusal::Version { found }));
        }
        self.set_link.execute(params![link.0, entry.version, entry.state])?;
        Ok(None)
    }

    /// Writes what cannot be refused.
    fn rest(&mut self, entry: &Entry) -> Result<()> {
        for (place, fact) in entry.facts.iter().enumerate() {
            let run = if place == 0 { entry.facts.len() } else { 0 };
            self.write_fact(entry, fact, run)?;
        }
        let Subject::Tally(id) = entry.subject else { return Ok(()) };
        let (tally, shard) = (Column(id), Column(entry.shard));
        for handle in entry.handles.iter().filter(|handle| !handle.unique) {
            self.write_handle(id, entry, handle)?;
        }
        if let Some((token, sealed)) = &entry.card {
            self.insert_card.execute(params![shard, Column(*token), sealed.0])?;
        }
        for duty in entry.duties.gone.iter().filter(|_| !mutant!(KeepsDutiesThatAreDone)) {
            let (leg, kind, due) = (Column(duty.leg), Column(duty.kind), Column(duty.due));
            self.delete_duty.execute(params![shard, tally, leg, kind, due])?;
        }
        for duty in entry.duties.new.iter().filter(|_| !mutant!(WritesNoNewDuties)) {
            let (leg, kind, due) = (Column(duty.leg), Column(duty.kind), Column(duty.due));
            self.insert_duty.execute(params![shard, tally, leg, kind, due])?;
        }
        for (place, posting) in (0_u32..).zip(&entry.postings).filter(|_| !mutant!(LosesThePostings)) {
            self.insert_posting.execute(params![
                shard,
                tally,
                entry.version,
                place,
                entry.day.0,
                Column(posting.leg),
                Column(posting.debit),
                Column(posting.credit),
                posting.pending,
                posting.posted,
            ])?;
        }
        Ok(())
    }

    /// Writes what was summed up over the batch.
    fn finish(mut self) -> Result<(), StoreError> {
        for (shard, (seq, hash)) in self.heads {
            self.set_head.execute(params![Column(shard), count(seq), hash]).map_err(database)?;
        }
        for (account, shard, sums) in self.movements.iter().filter(|_| !mutant!(WritesNoBalances)) {
            let added = self.add_balance.execute(params![
                Column(shard),
                Column(account),
                sums.debit_posted,
                sums.credit_posted,
                sums.debit_pending,
                sums.credit_pending,
            ]);
            added.map_err(|source| overflow(source, account, shard))?;
        }
        Ok(())
    }

    fn version(&mut self, id: TallyId, shard: Shard) -> Result<u32> {
        let found = self.tally_version.query_row(params![Column(id), Column(shard)], |row| row.get(0));
        Ok(found.optional()?.unwrap_or(0))
    }

    /// The rows written: 0 when the version is another one.
    fn write_tally(&mut self, id: TallyId, entry: &Entry) -> Result<usize> {
        let (tally, shard) = (Column(id), Column(entry.shard));
        let card = entry.card.as_ref().map(|(token, _)| Column(*token));
        match entry.expected {
            0 => self.insert_tally.execute(params![shard, tally, entry.version, entry.state, card]),
            expected => {
                let expected =
                    if mutant!(SkipsTheVersion) { self.version(id, entry.shard)? } else { expected };
                self.update_tally.execute(params![shard, tally, entry.version, entry.state, card, expected])
            }
        }
    }

    /// The rows written: 0 when a unique handle is taken.
    fn write_handle(&mut self, id: TallyId, entry: &Entry, handle: &Handle) -> Result<usize> {
        let statement = if handle.unique && !mutant!(LetsHandlesRepeat) {
            &mut self.insert_handle
        } else {
            &mut self.set_handle
        };
        let (shard, tally, leg) = (Column(entry.shard), Column(id), Column(handle.leg));
        statement.execute(params![shard, handle.key, tally, leg, handle.unique, entry.day.0])
    }

    fn give_back<'h>(&mut self, shard: Shard, handles: impl Iterator<Item = &'h Handle>) -> Result<()> {
        for handle in handles {
            let deleted = self.delete_handle.execute(params![Column(shard), handle.key])?;
            assert!(deleted == 1, "this entry had just written it");
        }
        Ok(())
    }

    fn write_fact(&mut self, entry: &Entry, fact: &FactRow, run: usize) -> Result<()> {
        let (shard, subject) = (entry.shard, entry.subject);
        let (last, previous) = match self.heads.get(&shard) {
            Some(head) => *head,
            None => read::head_by(&mut self.head, shard)?,
        };
        let previous = if mutant!(BreaksTheChainOfFacts) { [0; 32] } else { previous };
        let seq = last + 1;
        let hash = chain(&previous, shard, seq, &subject, fact.at, fact.kind, fact.version, &fact.body);
        self.insert_fact.execute(params![
            Column(shard),
            count(seq),
            Column(subject),
            count(run as u64),
            entry.day.0,
            Column(fact.at),
            fact.kind,
            fact.version,
            fact.body,
            hash,
        ])?;
        self.heads.insert(shard, (seq, hash));
        Ok(())
    }
}

fn database(source: Error) -> StoreError {
    StoreError::of("writing a batch", source)
}

/// A sum beyond 64 bits becomes a floating-point number, which the STRICT table refuses.
fn overflow(source: Error, account: Account, shard: Shard) -> StoreError {
    match source.sqlite_error() {
        Some(error) if error.extended_code == ffi::SQLITE_CONSTRAINT_DATATYPE => {
            StoreError::Overflow { account, shard }
        }
        Some(_) | None => database(source),
    }
}

const TALLY_VERSION: &str = "SELECT version FROM tally WHERE id = ?1 AND shard = ?2";
const INSERT_TALLY: &str = "INSERT INTO tally (shard, id, version, state, card) \
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
const UPDATE_TALLY: &str = "UPDATE tally SET version = ?3, state = ?4, card = coalesce(?5, card) \
    WHERE id = ?2 AND shard = ?1 AND version = ?6";
const TERMINAL_VERSION: &str = "SELECT version FROM terminal WHERE merchant = ?1 AND terminal = ?2";
const SET_TERMINAL: &str = "INSERT INTO terminal (shard, merchant, terminal, version, state) \
    VALUES (?1, ?2, ?3, ?4, ?5) \
    ON CONFLICT DO UPDATE SET version = excluded.version, state = excluded.state";
const LINK_VERSION: &str = "SELECT version FROM link WHERE link = ?1";
const SET_LINK: &str = "INSERT INTO link (link, version, state) VALUES (?1, ?2, ?3) \
    ON CONFLICT DO UPDATE SET version = excluded.version, state = excluded.state";
const INSERT_HANDLE: &str = "INSERT INTO identity (shard, handle, tally, leg, once, day) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
const DELETE_HANDLE: &str = "DELETE FROM identity WHERE shard = ?1 AND handle = ?2";
const SET_HANDLE: &str = "INSERT INTO identity (shard, handle, tally, leg, once, day) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE \
    SET tally = excluded.tally, leg = excluded.leg, once = excluded.once, day = excluded.day";
const INSERT_CARD: &str =
    "INSERT INTO card (shard, token, sealed) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
const INSERT_DUTY: &str =
    "INSERT INTO duty (shard, tally, leg, kind, due) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
const DELETE_DUTY: &str =
    "DELETE FROM duty WHERE tally = ?2 AND shard = ?1 AND leg = ?3 AND kind = ?4 AND due = ?5";
const INSERT_FACT: &str = "INSERT INTO fact (shard, seq, subject, run, day, at, kind, version, body, hash) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const INSERT_POSTING: &str = "INSERT INTO posting \
    (shard, tally, version, place, day, leg, debit, credit, pending, posted) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const ADD_BALANCE: &str = "INSERT INTO balance \
    (shard, account, debit_posted, credit_posted, debit_pending, credit_pending) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET \
    debit_posted = debit_posted + excluded.debit_posted, \
    credit_posted = credit_posted + excluded.credit_posted, \
    debit_pending = debit_pending + excluded.debit_pending, \
    credit_pending = credit_pending + excluded.credit_pending";
const SET_HEAD: &str = "INSERT INTO head (shard, seq, hash) VALUES (?1, ?2, ?3) \
    ON CONFLICT DO UPDATE SET seq = excluded.seq, hash = excluded.hash";
