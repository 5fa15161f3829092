//! `verify`: rebuilds from facts what the store says otherwise, and looks for what must never be. It works on a live
//! store: an open duty that is not overdue is no finding.

use crate::stories::{Story, StoryError, story};
use hefu_store::{Store, StoreError};
use hefu_tally::{
    Account, DutyKind, Moment, Posting, Shard, Tally, TallyId, Till,
    leg::UndoState,
    link::{LinkFact, LinkModeState},
    record::{Subject, chain},
    till::{TillFact, TillState},
};
use std::collections::BTreeMap;

/// How long a duty may be overdue before it is a finding: the store may be read between its time and its doing.
const GRACE: i64 = 120_000;
/// Rows read at a time.
const PAGE: usize = 1_000;

/// What was checked, and what was found.
#[derive(Clone, Default, Debug)]
pub struct Verified {
    pub facts: u64,
    pub payments: u64,
    pub terminals: u64,
    pub open_duties: u64,
    /// Payments whose halves do not match yet.
    pub unmatched: u64,
    pub findings: Vec<Finding>,
}

/// Something that must not be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What it is about: a payment, a terminal, a shard, an account.
    pub about: String,
    pub what: String,
}

/// Pending and posted sums of one account in one shard: (debit posted, credit posted, debit pending, credit pending).
type Sums = BTreeMap<(Account, Shard), [i128; 4]>;

/// Checks everything. `now` decides what is overdue; none leaves that out.
///
/// # Errors
/// When the store cannot be read. What is wrong with what was read is a finding, not an error.
pub fn verify<S: Store>(store: &mut S, now: Option<Moment>) -> Result<Verified, StoreError> {
    let mut verified = Verified::default();
    let mut of_payments = 0;
    for shard in Shard::all() {
        of_payments += chains(store, shard, &mut verified)?;
    }
    let mut sums = Sums::new();
    let mut told = 0;
    let mut after = None;
    loop {
        let rows = store.tallies(after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = Some((last.shard, last.id));
        for row in rows {
            verified.payments += 1;
            match story(store, row.shard, row.id) {
                Ok(Some(story)) => {
                    told += story.lines.len() as u64;
                    let checked = Payment { id: row.id, shard: row.shard, story: &story };
                    checked.check(&row.state, now, &mut verified);
                    checked.handles(store, &mut verified)?;
                    checked.sum(&mut sums, &mut verified);
                }
                Ok(None) => verified.find(row.id, "has a row and no facts"),
                Err(StoryError::Store(error)) => return Err(error),
                Err(error @ (StoryError::Fact { .. } | StoryError::Impossible { .. })) => {
                    verified.find(row.id, error);
                }
            }
        }
    }
    if told != of_payments {
        verified.find("facts", format!("{of_payments} are of payments, {told} belong to a payment's row"));
    }
    tills(store, &mut verified)?;
    links(store, &mut verified)?;
    balances(store, &sums, &mut verified)?;
    Ok(verified)
}

impl Verified {
    fn find(&mut self, about: impl std::fmt::Display, what: impl std::fmt::Display) {
        self.findings.push(Finding { about: about.to_string(), what: what.to_string() });
    }
}

/// Numbers and hashes of one shard. Returns how many facts are of payments.
fn chains<S: Store>(store: &mut S, shard: Shard, verified: &mut Verified) -> Result<u64, StoreError> {
    let (mut seq, mut hash, mut of_payments) = (0, [0; 32], 0);
    loop {
        let facts = store.facts(shard, seq, PAGE)?;
        if facts.is_empty() {
            break;
        }
        for fact in facts {
            verified.facts += 1;
            if fact.seq != seq + 1 {
                verified
                    .find(format!("shard {}", shard.number()), format!("fact {} follows on {seq}", fact.seq));
            }
            let expected =
                chain(&hash, shard, fact.seq, &fact.subject, fact.at, &fact.kind, fact.version, &fact.body);
            if expected != fact.hash {
                verified
                    .find(format!("shard {}", shard.number()), format!("fact {} breaks the chain", fact.seq));
            }
            (seq, hash) = (fact.seq, fact.hash);
            of_payments += u64::from(matches!(fact.subject, Subject::Tally(_)));
        }
    }
    let head = store.head(shard)?;
    if head != (seq, hash) {
        verified.find(
            format!("shard {}", shard.number()),
            format!("the head says {}, the facts end at {seq}", head.0),
        );
    }
    Ok(of_payments)
}

struct Payment<'a> {
    id: TallyId,
    shard: Shard,
    story: &'a Story,
}

impl Payment<'_> {
    fn check(&self, state: &[u8], now: Option<Moment>, verified: &mut Verified) {
        let tally = &self.story.tally;
        match serde_json::from_slice::<Tally>(state) {
            Ok(row) if row == *tally => {}
            Ok(_) => verified.find(self.id, "the row is not what the facts say"),
            Err(error) => verified.find(self.id, format!("the row cannot be read: {error}")),
        }
        if let Err(broken) = tally.check() {
            verified.find(self.id, broken);
        }
        let (mut owed, mut kept) = (tally.duties(), self.story.duties.clone());
        owed.sort();
        kept.sort();
        if owed != kept {
            verified.find(self.id, format!("owes {owed:?}, but the store keeps {kept:?}"));
        }
        verified.open_duties += kept.len() as u64;
        verified.unmatched += u64::from(!tally.matched());
        let Some(now) = now else { return };
        for duty in &kept {
            let acts = match duty.kind {
                DutyKind::FindOut | DutyKind::Insist | DutyKind::Reverse | DutyKind::HearMerchant => true,
                DutyKind::AwaitClearing | DutyKind::AskPerson => false,
            };
            if acts && now.since(duty.due) > GRACE {
                verified.find(self.id, format!("`{}` is overdue since {}", duty.kind.name(), duty.due));
            }
        }
        // One remedy at a time: a running reversal and a refund of the same leg exclude each other.
        for (no, leg) in tally.legs() {
            let reversing = leg.undo.is_some_and(|undo| undo.state != UndoState::Closed);
            if reversing && tally.refunded(no).is_ok_and(|sum| sum.minor > 0) {
                verified.find(self.id, format!("leg {} is refunded and reversed at once", no.0));
            }
        }
    }

    fn handles<S: Store>(&self, store: &mut S, verified: &mut Verified) -> Result<(), StoreError> {
        for (no, leg) in self.story.tally.legs() {
            for handle in [leg.identity.handle(), hefu_engine::rrn_handle(&leg.rrn)] {
                if store.find(self.shard, &handle)? != Some((self.id, no)) {
                    verified.find(self.id, format!("leg {} is not found by its handle", no.0));
                }
            }
        }
        Ok(())
    }

    /// Adds what the facts say to the books, and compares it with what was posted for this payment.
    fn sum(&self, sums: &mut Sums, verified: &mut Verified) {
        let said = match self.story.tally.postings(None) {
            Ok(postings) => postings,
            Err(error) => return verified.find(self.id, error),
        };
        let net = |postings: &[Posting]| {
            let mut net: BTreeMap<Account, [i128; 2]> = BTreeMap::new();
            for posting in postings {
                let (pending, posted) = (i128::from(posting.pending), i128::from(posting.posted));
                let debit = net.entry(posting.debit).or_default();
                *debit = [debit[0] + pending, debit[1] + posted];
                let credit = net.entry(posting.credit).or_default();
                *credit = [credit[0] - pending, credit[1] - posted];
            }
            net.retain(|_, sums| *sums != [0, 0]);
            net
        };
        if net(&said) != net(&self.story.postings) {
            verified.find(self.id, "its postings are not what its halves stand for");
        }
        for posting in &self.story.postings {
            let debit = sums.entry((posting.debit, self.shard)).or_default();
            debit[0] += i128::from(posting.posted);
            debit[2] += i128::from(posting.pending);
            let credit = sums.entry((posting.credit, self.shard)).or_default();
            credit[1] += i128::from(posting.posted);
            credit[3] += i128::from(posting.pending);
        }
    }
}

fn tills<S: Store>(store: &mut S, verified: &mut Verified) -> Result<(), StoreError> {
    let mut after: Option<Till> = None;
    loop {
        let rows = store.terminals(after, PAGE)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.till);
        for row in rows {
            verified.terminals += 1;
            let mut state = TillState::default();
            let (mut seq, subject) = (0, Subject::Terminal(row.till));
            let facts = store.facts_of(row.till.shard(), &subject, hefu_store::MOST_ROWS)?;
            for fact in &facts {
                match serde_json::from_slice::<TillFact>(&fact.body) {
                    Ok(known) => state.apply(&known),
                    Err(error) => verified.find(row.till, format!("fact {}: {error}", fact.seq)),
                }
                seq = fact.seq;
            }
            let complete = facts.len() < hefu_store::MOST_ROWS;
            let same = serde_json::from_slice::<TillState>(&row.state).is_ok_and(|row| row == state);
            if complete && !same {
                verified.find(row.till, format!("the row is not what the facts up to {seq} say"));
            }
        }
    }
}

fn links<S: Store>(store: &mut S, verified: &mut Verified) -> Result<(), StoreError> {
    let first = Shard::all().next().expect("there are shards");
    for row in store.links()? {
        let mut state = LinkModeState::default();
        let about = format!("bank link {}", row.link.0);
        let facts = store.facts_of(first, &Subject::Link(row.link), hefu_store::MOST_ROWS)?;
        for fact in &facts {
            match serde_json::from_slice::<LinkFact>(&fact.body) {
                Ok(known) => state.apply(&known),
                Err(error) => verified.find(&about, format!("fact {}: {error}", fact.seq)),
            }
        }
        let complete = facts.len() < hefu_store::MOST_ROWS;
        let same = serde_json::from_slice::<LinkModeState>(&row.state).is_ok_and(|row| row == state);
        if complete && !same {
            verified.find(about, "the row is not what the facts say");
        }
    }
    Ok(())
}

fn balances<S: Store>(store: &mut S, sums: &Sums, verified: &mut Verified) -> Result<(), StoreError> {
    let mut kept = Sums::new();
    for balance in store.balances()? {
        let row =
            [balance.debit_posted, balance.credit_posted, balance.debit_pending, balance.credit_pending];
        kept.insert((balance.account, balance.shard), row.map(i128::from));
    }
    let zero = [0; 4];
    let accounts: std::collections::BTreeSet<_> = sums.keys().chain(kept.keys()).copied().collect();
    for (account, shard) in accounts {
        let said = sums.get(&(account, shard)).unwrap_or(&zero);
        let is = kept.get(&(account, shard)).unwrap_or(&zero);
        if said != is {
            let about = format!("{account} in shard {}", shard.number());
            verified.find(about, format!("the balance is {is:?}, the postings sum to {said:?}"));
        }
    }
    let total = kept.values().fold([0; 4], |sum: [i128; 4], row| std::array::from_fn(|n| sum[n] + row[n]));
    if total[0] != total[1] || total[2] != total[3] {
        verified.find("books", format!("debits and credits differ: {total:?}"));
    }
    Ok(())
}
