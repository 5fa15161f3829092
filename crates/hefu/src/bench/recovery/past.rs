//! A long history: copies of samples, each under names of its own, written through the store's own commit.

use super::sample::{self, Sample, Sort};
use crate::Failure;
use hefu_node::clock::ScaledClock;
use hefu_store::{Batch, Counter, Entry, Handle, SqliteStore, Store, Subject};
use hefu_tally::{CardToken, Identity, MerchantNo, Moment, Rrn, TallyId, TerminalNo, Till, time::DAY};
use std::{collections::BTreeMap, path::Path};

/// The history's node: its batches do not count as those of the node that is measured.
const NODE: u16 = 2;
/// Payments in one durable write.
const BATCH: u64 = 2_048;
/// Merchants, and so shards, that the history is spread over.
const MERCHANTS: u64 = 48;
/// How long ago the last of it happened (milliseconds): everything open is overdue.
const AGO: i64 = 3_600_000;
/// And the first of it.
const PAST: i64 = 30 * DAY;
/// Cards that paid.
const CARDS: u64 = 100_000;
/// Traces of copies have six digits, as the samples'.
const FIRST_TRACE: u64 = 100_000;

/// Writes so many payments, the last `open` of them open, each of the sort that its number has.
pub fn fill(path: &Path, payments: u64, open: u64, sort_of_open: fn(u64) -> Sort) -> Result<(), Failure> {
    let began = ScaledClock::wall().after(-AGO);
    let mut store = SqliteStore::open(path).map_err(Failure::found)?;
    let serials = store.lease(Counter::Rrn, payments).map_err(Failure::found)?;
    let mut moulds = BTreeMap::new();
    for sort in [Sort::Matched, Sort::Reversing, Sort::Told, Sort::AwaitsClearing] {
        let of_sort: Result<Vec<Mould>, Failure> =
            (0..MERCHANTS).map(|no| sample::play(sort, till(no)?, began).and_then(Mould::new)).collect();
        moulds.insert(sort, of_sort?);
    }
    let progress = indicatif::ProgressBar::new(payments);
    for (number, first) in (1..).zip((0..payments).step_by(BATCH as usize)) {
        let entries = (first..payments.min(first + BATCH)).map(|no| {
            let sort = if no + open < payments { Sort::Matched } else { sort_of_open(no) };
            let mould = &moulds[&sort][(no % MERCHANTS) as usize];
            let at = began.after(-PAST + PAST / (payments as i64) * (no as i64));
            mould.cast(no, at, serials + no)
        });
        let batch = Batch { number, entries: entries.collect() };
        let refused = store.commit(NODE, &batch).map_err(Failure::found)?;
        if let Some(refused) = refused.first() {
            return Err(Failure::found(format!("a copy was refused: {refused:?}")));
        }
        progress.inc(BATCH);
    }
    progress.finish_and_clear();
    store.maintain().map_err(Failure::found)?;
    Ok(())
}

/// Four in ten are under reversal, three each wait for the merchant and for clearing.
pub fn with_reversals(no: u64) -> Sort {
    match no % 10 {
        0..=3 => Sort::Reversing,
        4..=6 => Sort::Told,
        _ => Sort::AwaitsClearing,
    }
}

/// All of them wait, half for the merchant, half for clearing: a bank is owed nothing.
pub fn without_reversals(no: u64) -> Sort {
    if no.is_multiple_of(2) { Sort::Told } else { Sort::AwaitsClearing }
}

/// A terminal of the history.
pub fn till(no: u64) -> Result<Till, Failure> {
    let merchant: MerchantNo = format!("8981102530{no:05}").parse().map_err(Failure::found)?;
    let terminal: TerminalNo = "10000001".parse().map_err(Failure::found)?;
    Ok(Till { merchant, terminal })
}

/// A sample with the places of its names.
struct Mould {
    sample: Sample,
    /// In the state, then in each fact's body.
    places: Vec<Vec<(usize, Name)>>,
}

#[derive(Copy, Clone)]
enum Name {
    Id,
    Rrn,
    Trace,
    Card,
}

/// The names of one copy, as they stand in JSON.
struct Names {
    id: String,
    rrn: String,
    trace: String,
    card: String,
}

impl Names {
    fn new(id: TallyId, rrn: Rrn, trace: u32, card: CardToken) -> Names {
        let (id, card) = (id.to_string(), hex::encode(card.0));
        Names { id, rrn: rrn.to_string(), trace: format!("\"trace\":{trace}"), card }
    }

    fn of(&self, name: Name) -> &[u8] {
        match name {
            Name::Id => self.id.as_bytes(),
            Name::Rrn => self.rrn.as_bytes(),
            Name::Trace => self.trace.as_bytes(),
            Name::Card => self.card.as_bytes(),
        }
    }
}

impl Mould {
    fn new(sample: Sample) -> Result<Mould, Failure> {
        let names = Names::new(sample.id, sample.rrn, sample.identity.trace, sample::CARD);
        let texts = [&sample.entry.state].into_iter().chain(sample.entry.facts.iter().map(|fact| &fact.body));
        let places: Vec<Vec<_>> = texts
            .map(|text| {
                let all = [Name::Id, Name::Rrn, Name::Trace, Name::Card].into_iter();
                all.flat_map(|name| find(text, names.of(name)).map(move |place| (place, name))).collect()
            })
            .collect();
        if places[0].len() < 4 {
            return Err(Failure::found("a sample's row does not show its names as expected"));
        }
        Ok(Mould { sample, places })
    }

    /// The copy number `no`, opened at `at`, with this serial number in its reference.
    fn cast(&self, no: u64, at: Moment, serial: u64) -> Entry {
        let Sample { entry, identity, .. } = &self.sample;
        let trace = FIRST_TRACE + no / MERCHANTS;
        let trace = u32::try_from(trace).ok().filter(|trace| *trace < sample::TRACE);
        let trace = trace.expect("the range of --payments keeps traces at six digits");
        let id = TallyId::new(at, chance(no));
        let rrn = Rrn::new(at, entry.shard, serial);
        let mut token = [0; 16];
        token[..8].copy_from_slice(&(no % CARDS).to_be_bytes());
        let names = Names::new(id, rrn, trace, CardToken(token));
        let identity = Identity { trace, ..*identity };
        let mut copy = entry.clone();
        copy.subject = Subject::Tally(id);
        copy.handles = [identity.handle(), hefu_engine::rrn_handle(&rrn)]
            .into_iter()
            .map(|key| Handle { key, ..entry.handles[0].clone() })
            .collect();
        copy.card = entry.card.clone().map(|(_, sealed)| (CardToken(token), sealed));
        let texts = [&mut copy.state].into_iter().chain(copy.facts.iter_mut().map(|fact| &mut fact.body));
        for (text, places) in texts.zip(&self.places) {
            for (place, name) in places {
                let name = names.of(*name);
                text[*place..*place + name.len()].copy_from_slice(name);
            }
        }
        copy
    }
}

/// Where `needle` begins in `text`.
fn find<'a>(text: &'a [u8], needle: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    text.windows(needle.len())
        .enumerate()
        .filter(move |(_, window)| *window == needle)
        .map(|(place, _)| place)
}

/// Bytes that look like chance, different for each number.
fn chance(no: u64) -> [u8; 10] {
    let mixed = (no + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&(mixed ^ (mixed >> 29)).to_be_bytes());
    bytes[8..].copy_from_slice(&(no as u16).to_be_bytes());
    bytes
}
