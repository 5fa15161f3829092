//! All that a store answers, to compare two of them.

use hefu_store::{Balance, DutyRow, Handle, LinkRow, Store, StoredFact, Subject, TallyRow, TerminalRow};
use hefu_tally::{Duty, LegNo, Moment, Posting, Shard, TallyId};

/// Every row of a store, through its own reads.
#[derive(PartialEq, Debug)]
pub struct Everything {
    batches: Vec<u64>,
    payments: Vec<Payment>,
    latest: Vec<TallyRow>,
    terminals: Vec<(TerminalRow, Vec<StoredFact>)>,
    links: Vec<(LinkRow, Vec<StoredFact>)>,
    nobodys: Vec<Vec<StoredFact>>,
    duties: Vec<DutyRow>,
    handles: Vec<Vec<(Vec<u8>, TallyId, LegNo)>>,
    facts: Vec<Vec<StoredFact>>,
    heads: Vec<(u64, [u8; 32])>,
    balances: Vec<Balance>,
    meta: Option<Vec<u8>>,
}

#[derive(PartialEq, Debug)]
struct Payment {
    row: TallyRow,
    again: Option<TallyRow>,
    facts: Vec<StoredFact>,
    postings: Vec<Posting>,
    duties: Vec<Duty>,
    handles: Vec<Handle>,
}

const ALL: usize = 10_000;

pub fn everything(store: &mut dyn Store) -> Everything {
    let rows = store.tallies(None, ALL).unwrap();
    let payment = |row: &TallyRow| Payment {
        again: store.tally(row.id, row.shard).unwrap(),
        facts: store.facts_of(row.shard, &Subject::Tally(row.id), ALL).unwrap(),
        postings: store.postings_of(row.shard, row.id).unwrap(),
        duties: store.duties_of(row.shard, row.id).unwrap(),
        handles: store.handles_of(row.shard, row.id).unwrap(),
        row: row.clone(),
    };
    let payments = rows.iter().map(payment).collect();
    let terminals = store.terminals(None, ALL).unwrap().into_iter();
    let terminals = terminals.map(|row| {
        let facts = store.facts_of(row.till.shard(), &Subject::Terminal(row.till), ALL).unwrap();
        (row, facts)
    });
    let terminals = terminals.collect();
    let first = Shard::all().next().unwrap();
    let links = store.links().unwrap().into_iter();
    let links = links.map(|row| {
        let facts = store.facts_of(first, &Subject::Link(row.link), ALL).unwrap();
        (row, facts)
    });
    let links = links.collect();
    let (mut nobodys, mut handles, mut facts, mut heads) = (vec![], vec![], vec![], vec![]);
    for shard in Shard::all() {
        nobodys.push(store.facts_of(shard, &Subject::Nobody, ALL).unwrap());
        handles.push(store.find_prefix(shard, b"", ALL).unwrap());
        facts.push(store.facts(shard, 0, ALL).unwrap());
        heads.push(store.head(shard).unwrap());
    }
    Everything {
        batches: (0..4).map(|node| store.last_batch(node).unwrap()).collect(),
        payments,
        latest: store.latest(None, ALL).unwrap(),
        terminals,
        links,
        nobodys,
        duties: store.duties(None, Moment(i64::MAX), ALL).unwrap(),
        handles,
        facts,
        heads,
        balances: store.balances().unwrap(),
        meta: store.meta("mark").unwrap(),
    }
}
