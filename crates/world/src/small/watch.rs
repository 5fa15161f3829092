//! What must hold at every step: nothing leaves that is not durable, an approval is told only under keep, a reversal
//! leaves only under return, return stays return, what does not match has a duty, and nobody is charged again while
//! the same charge is in doubt. Read from the store as it stands when the step is made.

use hefu_engine::{BankAsk, BankRequest, Reply, Said, rrn_handle};
use hefu_store::{MemoryStore, Store, StoreError};
use hefu_tally::{
    Code, Direction, Fact, Issuer, Kind, Leg, Merchant, Rrn, Tally, TallyId,
    record::{Batch, Refusal, Refused, Subject},
};
use std::collections::BTreeMap;

/// A rule that was broken: its name, and what there is to see.
pub(super) type Broken = (&'static str, String);

/// The most payments of a small world; reading them needs no pages.
const MOST_PAYMENTS: usize = 100;
/// Within this time the same charge again is a second charge (ms).
const SAME_CHARGE: i64 = 600_000;

/// Every payment as the store has it.
pub(super) fn payments(store: &mut MemoryStore) -> Result<BTreeMap<TallyId, Tally>, Broken> {
    let rows = store.tallies(None, MOST_PAYMENTS).map_err(unreadable)?;
    rows.iter()
        .map(|row| match serde_json::from_slice(&row.state) {
            Ok(tally) => Ok((row.id, tally)),
            Err(error) => Err(("store", format!("payment {} cannot be read: {error}", row.id))),
        })
        .collect()
}

pub(super) fn unreadable(error: StoreError) -> Broken {
    ("store", error.to_string())
}

/// The stored leg of this reference.
fn leg(store: &mut MemoryStore, rrn: Rrn) -> Result<Leg, Broken> {
    let absent = || ("durable first", format!("{rrn} is spoken of, and the store does not know it"));
    let shard = rrn.shard().map_err(|error| ("store", error.to_string()))?;
    let (id, no) = store.find(shard, &rrn_handle(&rrn)).map_err(unreadable)?.ok_or_else(absent)?;
    let row = store.tally(id, shard).map_err(unreadable)?.ok_or_else(absent)?;
    let tally: Tally = serde_json::from_slice(&row.state).map_err(|error| ("store", error.to_string()))?;
    tally.leg(no).cloned().map_err(|error| ("store", error.to_string()))
}

/// A message is about to leave for the bank.
pub(super) fn sending(store: &mut MemoryStore, message: &BankRequest) -> Result<(), Broken> {
    let leg = leg(store, message.rrn)?;
    match message.what {
        BankAsk::Request | BankAsk::Repeat => {
            let durable = leg.request.is_some_and(|request| request.key == message.key);
            let what = || format!("the request of {} leaves under a key that is not stored", message.rrn);
            if durable { Ok(()) } else { Err(("durable first", what())) }
        }
        BankAsk::Reversal { .. } | BankAsk::ReversalRepeat { .. } => {
            if leg.direction != Direction::Return {
                let what = format!("a reversal of {} leaves under {:?}", message.rrn, leg.direction);
                return Err(("reversal under return", what));
            }
            let durable = leg.undo.is_some_and(|undo| undo.key == message.key);
            let what = || format!("a reversal of {} leaves under a key that is not stored", message.rrn);
            if durable { Ok(()) } else { Err(("durable first", what())) }
        }
    }
}

/// An answer is about to leave for a terminal.
pub(super) fn replying(store: &mut MemoryStore, reply: &Reply) -> Result<(), Broken> {
    match &reply.what {
        Said::Transaction { code: Code([b'0', b'0']), rrn, .. } => {
            let Some(rrn) = *rrn else {
                return Err(("approval under keep", "an approval without a reference".to_owned()));
            };
            let leg = leg(store, rrn)?;
            let kept = leg.direction == Direction::Keep && leg.issuer == Issuer::Done;
            let told = leg.told == Some(Code(*b"00"));
            let what = || {
                let Leg { direction, issuer, told, .. } = &leg;
                format!("{rrn} is told as approved, but stored as {issuer:?}, {direction:?}, told {told:?}")
            };
            if kept && told { Ok(()) } else { Err(("approval under keep", what())) }
        }
        Said::Transaction { rrn: Some(rrn), .. } => leg(store, *rrn).map(|_| ()),
        Said::Reversal { code: Code([b'0', b'0']), rrn: Some(rrn) } => {
            let leg = leg(store, *rrn)?;
            let what = || format!("the reversal of {rrn} is accepted under {:?}", leg.direction);
            if leg.direction == Direction::Return { Ok(()) } else { Err(("reversal under return", what())) }
        }
        Said::Transaction { rrn: None, .. }
        | Said::Reversal { .. }
        | Said::SignOn { .. }
        | Said::Done { .. }
        | Said::Settled { .. }
        | Said::Uploaded { .. } => Ok(()),
    }
}

/// A batch became durable.
pub(super) fn committed(
    before: &BTreeMap<TallyId, Tally>,
    batch: &Batch,
    after: &BTreeMap<TallyId, Tally>,
    refused: &[Refused],
    store: &mut MemoryStore,
) -> Result<(), Broken> {
    if let Some(Refused { why: Refusal::Version { found }, .. }) =
        refused.iter().find(|refused| matches!(refused.why, Refusal::Version { .. }))
    {
        return Err(("one writer", format!("a commit is refused: its row has version {found}")));
    }
    for (id, tally) in after {
        let mut unmatched = false;
        for (no, leg) in tally.legs() {
            unmatched |= !matches(leg);
            let old = before.get(id).and_then(|tally| tally.leg(no).ok());
            let was = old.map(|leg| leg.direction);
            if was == Some(Direction::Return) && leg.direction != Direction::Return {
                let what = format!("{} went back from return to {:?}", leg.rrn, leg.direction);
                return Err(("return stays return", what));
            }
            if leg.request.is_some() && old.is_none_or(|leg| leg.request.is_none()) {
                charged_again(before, batch, after, tally, leg)?;
            }
        }
        if unmatched && store.duties_of(tally.shard(), *id).map_err(unreadable)?.is_empty() {
            return Err(("duty", format!("{} does not match and nothing is owed", tally.first().rrn)));
        }
    }
    Ok(())
}

/// Both halves say the same.
fn matches(leg: &Leg) -> bool {
    match leg.issuer {
        Issuer::Unknown => false,
        Issuer::Done => leg.merchant == Merchant::Has,
        Issuer::Untouched | Issuer::NotDone | Issuer::Undone => leg.merchant == Merchant::No,
    }
}

/// The same card is charged the same amount while a like charge is in doubt: at the moment when the second one was
/// opened, which is somewhere within its commit.
fn charged_again(
    before: &BTreeMap<TallyId, Tally>,
    batch: &Batch,
    after: &BTreeMap<TallyId, Tally>,
    tally: &Tally,
    leg: &Leg,
) -> Result<(), Broken> {
    if !matches!(leg.kind, Kind::Sale | Kind::PreAuth) {
        return Ok(());
    }
    for (id, other) in after {
        let first = other.first();
        let like = *id != tally.id
            && other.merchant == tally.merchant
            && other.card == tally.card
            && first.asked == leg.asked
            && leg.opened.since(first.opened).abs() < SAME_CHARGE;
        if like && stood(before.get(id), batch, *id, tally.id)?.iter().all(in_doubt) {
            let Leg { rrn, issuer, direction, .. } = before.get(id).unwrap_or(other).first();
            let what =
                format!("{} is charged while {rrn} of the same card is {issuer:?}, {direction:?}", leg.rrn);
            return Err(("one charge at a time", what));
        }
    }
    Ok(())
}

/// How a payment may have stood, by its first leg, when another one was opened that is committed in this batch.
/// Entries stand in the order of their first facts. So a payment whose entry comes later, or that has none, stood as
/// before; one whose entry comes first had done the first of its facts, and perhaps more of them: which, a batch does
/// not say. None when it was not there yet.
fn stood(
    before: Option<&Tally>,
    batch: &Batch,
    id: TallyId,
    opened: TallyId,
) -> Result<Vec<Option<Leg>>, Broken> {
    let place = |id| batch.entries.iter().position(|entry| entry.subject == Subject::Tally(id));
    let Some(place) = place(id).filter(|own| place(opened).is_none_or(|other| *own < other)) else {
        return Ok(vec![before.map(|tally| tally.first().clone())]);
    };
    let mut stood = Vec::new();
    let mut tally = before.cloned();
    for row in &batch.entries[place].facts {
        let fact: Fact = serde_json::from_slice(&row.body).map_err(|error| ("store", error.to_string()))?;
        let applied = match (&mut tally, &fact) {
            (Some(tally), fact) => tally.apply(row.at, fact),
            (None, Fact::Opened(opened)) => Tally::open(id, row.at, opened).map(|new| tally = Some(new)),
            (None, _) => return Err(("store", format!("{} comes before its payment", row.kind))),
        };
        applied.map_err(|error| ("store", error.to_string()))?;
        // It is opened and requested in one go.
        if matches!(fact, Fact::Requested { .. }) {
            stood.pop();
        }
        stood.push(tally.as_ref().map(|tally| tally.first().clone()));
    }
    Ok(stood)
}

fn in_doubt(leg: &Option<Leg>) -> bool {
    leg.as_ref().is_some_and(|leg| match leg.issuer {
        Issuer::Unknown => true,
        Issuer::Done => leg.direction == Direction::Return,
        Issuer::Untouched | Issuer::NotDone | Issuer::Undone => false,
    })
}
