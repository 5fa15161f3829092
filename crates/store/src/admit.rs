//! What a batch must look like before any store touches it: sizes within bounds (an error), and no entry that
//! contradicts itself (an assertion, since only a fault in the engine could write one).

use crate::StoreError;
use hefu_tally::{
    Shard,
    record::{Batch, Entry, Subject},
};
use std::collections::BTreeSet;

/// Most entries of one batch.
pub const MOST_ENTRIES: usize = 4_096;
/// Most facts, handles, duties or postings of one entry, each.
pub const MOST_PARTS: usize = 1_024;
/// Most bytes of a state, a fact's body, a sealed card or a meta value.
pub const MOST_BYTES: usize = 1 << 20;
/// Most bytes of a handle.
pub const MOST_KEY_BYTES: usize = 128;
/// Most rows that one read may ask for.
pub const MOST_ROWS: usize = 100_000;

/// Checks a batch's sizes and asserts what every entry promises.
pub(crate) fn batch(batch: &Batch) -> Result<(), StoreError> {
    most("number of entries", batch.entries.len(), MOST_ENTRIES, None)?;
    for (place, entry) in batch.entries.iter().enumerate() {
        sizes(place, entry)?;
        consistent(entry);
    }
    Ok(())
}

/// Refuses a read of more rows than [`MOST_ROWS`].
pub(crate) fn limit(limit: usize) -> Result<usize, StoreError> {
    most("row limit", limit, MOST_ROWS, None).map(|()| limit)
}

/// Refuses a value of more bytes than [`MOST_BYTES`].
pub(crate) fn value(value: &[u8]) -> Result<(), StoreError> {
    most("size of a meta value", value.len(), MOST_BYTES, None)
}

fn sizes(place: usize, entry: &Entry) -> Result<(), StoreError> {
    let most = |what, found, bound| most(what, found, bound, Some(place));
    most("size of a state", entry.state.len(), MOST_BYTES)?;
    most("number of facts", entry.facts.len(), MOST_PARTS)?;
    most("number of handles", entry.handles.len(), MOST_PARTS)?;
    most("number of ended duties", entry.duties.gone.len(), MOST_PARTS)?;
    most("number of new duties", entry.duties.new.len(), MOST_PARTS)?;
    most("number of postings", entry.postings.len(), MOST_PARTS)?;
    for fact in &entry.facts {
        most("size of a fact's body", fact.body.len(), MOST_BYTES)?;
    }
    for handle in &entry.handles {
        most("size of a handle", handle.key.len(), MOST_KEY_BYTES)?;
    }
    if let Some((_, sealed)) = &entry.card {
        most("size of a sealed card", sealed.0.len(), MOST_BYTES)?;
    }
    Ok(())
}

fn most(what: &'static str, found: usize, most: usize, entry: Option<usize>) -> Result<(), StoreError> {
    if found > most { Err(StoreError::TooLarge { what, found, most, entry }) } else { Ok(()) }
}

fn consistent(entry: &Entry) {
    let mut keys = BTreeSet::new();
    for handle in &entry.handles {
        assert!(!handle.key.is_empty(), "a handle is never empty");
        assert!(keys.insert(&handle.key), "an entry names a handle once");
    }
    for posting in &entry.postings {
        assert!(posting.posted >= 0, "taking back is a posting the other way round");
    }
    let owns_payment_rows = match entry.subject {
        Subject::Tally(_) => true,
        Subject::Terminal(till) => {
            assert!(till.shard() == entry.shard, "a terminal's row lies in its merchant's shard");
            false
        }
        Subject::Link(_) => {
            assert!(Some(entry.shard) == Shard::all().next(), "a link's row lies in the first shard");
            false
        }
        Subject::Nobody => false,
    };
    match entry.subject {
        Subject::Tally(_) | Subject::Terminal(_) | Subject::Link(_) => {
            assert!(entry.expected.checked_add(1) == Some(entry.version), "a version follows the one before");
        }
        Subject::Nobody => assert!(entry.state.is_empty(), "nobody's facts have no state"),
    }
    assert!(
        owns_payment_rows
            || (entry.handles.is_empty()
                && entry.postings.is_empty()
                && entry.duties.gone.is_empty()
                && entry.duties.new.is_empty()
                && entry.card.is_none()),
        "only a payment has handles, postings, duties and a card"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_tally::{
        Account, BusinessDay, LegNo, LinkId, MerchantNo, Posting, Shard, TallyId, TerminalNo, Till,
        record::{DutyChange, Handle},
    };

    fn payment() -> Entry {
        Entry {
            shard: Shard::new(0).unwrap(),
            subject: Subject::Tally(TallyId([1; 16])),
            expected: 0,
            version: 1,
            state: vec![],
            day: BusinessDay(0),
            facts: vec![],
            handles: vec![],
            duties: DutyChange::default(),
            postings: vec![],
            card: None,
        }
    }

    fn check(why: &str, entry: Entry) {
        let message = std::panic::catch_unwind(|| consistent(&entry)).unwrap_err();
        let message = message.downcast_ref::<&str>().copied().unwrap_or_default();
        assert_eq!(message, why);
    }

    #[test]
    fn an_entry_that_contradicts_itself_stops_the_program() {
        consistent(&payment());
        let handle = |key: &[u8]| Handle { key: key.to_vec(), leg: LegNo(0), unique: true };
        let till = Till { merchant: MerchantNo(*b"898110253110001"), terminal: TerminalNo(*b"10000001") };
        let elsewhere = Shard::all().find(|shard| *shard != till.shard()).unwrap();
        let (debit, credit) = (Account::Receivable(LinkId(1)), Account::AtRisk);
        let negative = Posting { leg: LegNo(0), debit, credit, pending: 0, posted: -1 };
        check("a version follows the one before", Entry { version: 2, ..payment() });
        check("a version follows the one before", Entry { expected: u32::MAX, version: 0, ..payment() });
        check("a handle is never empty", Entry { handles: vec![handle(b"")], ..payment() });
        check(
            "an entry names a handle once",
            Entry { handles: vec![handle(b"a"), handle(b"a")], ..payment() },
        );
        check(
            "taking back is a posting the other way round",
            Entry { postings: vec![negative], ..payment() },
        );
        check(
            "a terminal's row lies in its merchant's shard",
            Entry { subject: Subject::Terminal(till), shard: elsewhere, ..payment() },
        );
        check(
            "a link's row lies in the first shard",
            Entry { subject: Subject::Link(LinkId(1)), shard: Shard::new(63).unwrap(), ..payment() },
        );
        check(
            "only a payment has handles, postings, duties and a card",
            Entry { subject: Subject::Nobody, handles: vec![handle(b"a")], ..payment() },
        );
        check(
            "nobody's facts have no state",
            Entry { subject: Subject::Nobody, state: vec![1], ..payment() },
        );
    }
}
