//! Entries as the engine would write them, made from small deterministic dice.

#![allow(dead_code, reason = "each test program uses a part")]
#![allow(clippy::unwrap_used, reason = "only tests and benchmarks come here")]

pub mod everything;
pub mod workload;

use hefu_store::{Batch, DutyChange, Entry, FactRow, Handle, Subject};
use hefu_tally::{
    Account, CardToken, Duty, DutyKind, LegNo, LinkId, MerchantNo, Moment, Posting, SealedCard, Shard,
    TallyId, TerminalNo, Till,
};

/// 2026-11-22 in Beijing.
pub const START: Moment = Moment(1_795_340_000_000);

/// A directory whose files live in memory where the system offers that: for tests that look at what lies in the
/// files, and would wait for thousands of syncs.
pub fn directory_in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// A small generator (SplitMix64), so that a seed means the same everywhere.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.roll() as u8)
    }
}

pub fn merchant(no: u64) -> MerchantNo {
    format!("8981102531{no:05}").parse().expect("15 digits")
}

pub fn till(no: u64) -> Till {
    let terminal: TerminalNo = format!("{:08}", 10_000_000 + no).parse().expect("8 digits");
    Till { merchant: merchant(no / 2), terminal }
}

/// An entry that changes nothing but the row of a payment.
pub fn bare(id: TallyId, shard: Shard, expected: u32) -> Entry {
    Entry {
        shard,
        subject: Subject::Tally(id),
        expected,
        version: expected + 1,
        state: format!("{{\"version\":{}}}", expected + 1).into_bytes(),
        day: START.business_day(),
        facts: Vec::new(),
        handles: Vec::new(),
        duties: DutyChange::default(),
        postings: Vec::new(),
        card: None,
    }
}

pub fn id(no: u8) -> TallyId {
    TallyId::new(START.after(i64::from(no)), [no; 10])
}

pub fn shard(no: u8) -> Shard {
    Shard::new(no).expect("below 64")
}

pub fn fact(kind: &'static str, bytes: usize, dice: &mut Dice) -> FactRow {
    let body = (0..bytes).map(|_| b' ' + (dice.roll() % 90) as u8).collect();
    FactRow { at: START, kind, version: 1, body }
}

pub fn handle(key: impl AsRef<[u8]>, unique: bool) -> Handle {
    Handle { key: key.as_ref().to_vec(), leg: LegNo(0), unique }
}

pub fn duty(kind: DutyKind, due: Moment) -> Duty {
    Duty { leg: LegNo(0), kind, due }
}

pub fn posting(pending: i64, posted: i64) -> Posting {
    let (debit, credit) = (Account::Receivable(LinkId(1)), Account::AtRisk);
    Posting { leg: LegNo(0), debit, credit, pending, posted }
}

pub fn batch(number: u64, entries: Vec<Entry>) -> Batch {
    Batch { number, entries }
}

pub fn card(no: u8) -> (CardToken, SealedCard) {
    (CardToken([no; 16]), SealedCard(vec![no; 48]))
}

/// The sale number `no` of a busy day, opened by one of `tills` terminals: one payment's row, three facts, two
/// handles, two postings, one duty; of the sizes that a sale's rows have.
pub fn sale(no: u64, tills: u64, dice: &mut Dice) -> Entry {
    let till = till(dice.below(tills));
    let shard = till.shard();
    let at = START.after(no as i64 / 10);
    let id = TallyId::new(at, dice.bytes());
    let mut identity = vec![b'T'];
    identity.extend_from_slice(&till.merchant.0);
    identity.extend_from_slice(&till.terminal.0);
    identity.extend_from_slice(&[0, 0, 0, 1]);
    identity.extend_from_slice(&(no as u32).to_be_bytes());
    identity.extend_from_slice(&[0, 200]);
    let rrn = [b"R".as_slice(), hefu_tally::Rrn::new(at, shard, no).as_str().as_bytes()].concat();
    let link = Account::Receivable(LinkId((no % 3) as u16));
    let amount = 1 + dice.below(1_000_000) as i64;
    let line = |debit, credit, pending, posted| Posting { leg: LegNo(0), debit, credit, pending, posted };
    Entry {
        state: fact("", 700, dice).body,
        day: at.business_day(),
        facts: vec![fact("opened", 420, dice), fact("requested", 130, dice), fact("answered", 160, dice)],
        handles: vec![handle(identity, true), handle(rrn, true)],
        duties: DutyChange { gone: vec![], new: vec![duty(DutyKind::FindOut, at.after(30_000))] },
        postings: vec![
            line(link, Account::AtRisk, amount, 0),
            line(Account::AtRisk, Account::Payable(till.merchant), 0, amount),
        ],
        ..bare(id, shard, 0)
    }
}
