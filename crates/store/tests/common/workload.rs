//! Random batches over few names, so that versions, handles and duties meet again and again.

use super::{Dice, START, bare, batch, card, fact, handle, id, till};
use hefu_store::{Batch, DutyChange, Entry, MemoryStore, Store, Subject};
use hefu_tally::{Account, Duty, DutyKind, LegNo, LinkId, Posting, Shard};

const KINDS: [&str; 3] = ["opened", "requested", "answered"];
const DUTIES: [DutyKind; 6] = [
    DutyKind::FindOut,
    DutyKind::Insist,
    DutyKind::Reverse,
    DutyKind::AwaitClearing,
    DutyKind::HearMerchant,
    DutyKind::AskPerson,
];

/// The next batch upon what `model` holds. About one entry in six expects a wrong version.
pub fn next(number: u64, model: &mut MemoryStore, dice: &mut Dice) -> Batch {
    let entries = (0..dice.below(8)).map(|_| entry(model, dice)).collect();
    batch(number, entries)
}

fn entry(model: &mut MemoryStore, dice: &mut Dice) -> Entry {
    let facts = (0..dice.below(4)).map(|_| {
        let (kind, bytes) = (KINDS[dice.below(3) as usize], dice.below(200) as usize);
        fact(kind, bytes, dice)
    });
    let facts = facts.collect();
    let choice = dice.below(11);
    if choice == 10 {
        let link = LinkId(dice.below(3) as u16);
        let found = model.links().unwrap().into_iter().find(|row| row.link == link);
        let expected = wrong_now_and_then(found.map_or(0, |row| row.version), dice);
        return Entry { subject: Subject::Link(link), facts, ..bare(id(0), shard_of(0), expected) };
    }
    if choice == 0 {
        let shard = till(dice.below(6)).shard();
        return Entry { subject: Subject::Nobody, facts, state: vec![], ..bare(id(0), shard, 0) };
    }
    if choice < 3 {
        let till = till(dice.below(6));
        let found = model.terminal(till).unwrap().map_or(0, |row| row.version);
        let expected = wrong_now_and_then(found, dice);
        return Entry { subject: Subject::Terminal(till), facts, ..bare(id(0), till.shard(), expected) };
    }
    let no = dice.below(40);
    let (id, shard) = (id(no as u8), shard_of(no));
    let found = model.tally(id, shard).unwrap().map_or(0, |row| row.version);
    Entry {
        facts,
        handles: handles(dice),
        duties: duties(model, shard, id, dice),
        postings: (0..dice.below(4)).map(|_| posting(dice)).collect(),
        card: (dice.below(3) == 0).then(|| card(dice.below(5) as u8)),
        ..bare(id, shard, wrong_now_and_then(found, dice))
    }
}

/// Few shards, the first and the last among them.
fn shard_of(no: u64) -> Shard {
    [0, 7, 63].map(super::shard)[(no % 3) as usize]
}

fn wrong_now_and_then(version: u32, dice: &mut Dice) -> u32 {
    match dice.below(12) {
        0 => version + 1,
        1 => version.saturating_sub(1),
        _ => version,
    }
}

fn handles(dice: &mut Dice) -> Vec<hefu_store::Handle> {
    let mut handles = Vec::new();
    if dice.below(2) == 0 {
        handles.push(handle([b"U".as_slice(), &[dice.below(120) as u8, 0xff]].concat(), true));
    }
    if dice.below(3) == 0 {
        handles.push(handle([b"V".as_slice(), &dice.bytes::<2>()].concat(), true));
    }
    if dice.below(2) == 0 {
        handles.push(handle([b"L".as_slice(), &[dice.below(20) as u8]].concat(), false));
    }
    handles
}

fn duties(model: &mut MemoryStore, shard: Shard, id: hefu_tally::TallyId, dice: &mut Dice) -> DutyChange {
    let mut gone = model.duties_of(shard, id).unwrap();
    gone.retain(|_| dice.below(2) == 0);
    let new = (0..dice.below(3)).map(|_| Duty {
        leg: LegNo(dice.below(3) as u8),
        kind: DUTIES[dice.below(6) as usize],
        due: START.after(dice.below(20) as i64),
    });
    DutyChange { gone, new: new.collect() }
}

fn posting(dice: &mut Dice) -> Posting {
    let accounts = [
        Account::Receivable(LinkId(1)),
        Account::Receivable(LinkId(10)),
        Account::AtRisk,
        Account::Payable(super::merchant(dice.below(3))),
        Account::Fees,
        Account::Held(LinkId(2)),
    ];
    Posting {
        leg: LegNo(dice.below(3) as u8),
        debit: accounts[dice.below(6) as usize],
        credit: accounts[dice.below(6) as usize],
        pending: dice.below(2_000) as i64 - 1_000,
        posted: dice.below(1_000) as i64,
    }
}
