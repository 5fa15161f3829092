//! Settlement as the judge sees it: totals are called equal only when they are, and an upload complete only when it is.

use super::mirror::Mirror;
use super::rows::{Does, Row, does};
use super::watch::Broken;
use hefu_engine::{Ask, Conversation, Input, Settle, UploadPart};
use hefu_tally::{Merchant, Rrn, Till};
use std::collections::{BTreeMap, BTreeSet};

/// A terminal is told so many things at most while it waits for the answer to its totals.
const MOST_SINCE: usize = 8;

/// What terminals asked at the end of their days.
#[derive(Default)]
pub(super) struct Settles {
    asked: BTreeMap<Conversation, Asked>,
    /// The batch and the number of lines that the end of an upload names.
    ended: BTreeMap<Conversation, (Till, u32, u32)>,
    /// The traces of all lines that ever came, by terminal and batch.
    lines: BTreeMap<(Till, u32), BTreeSet<u32>>,
    /// Batches that were called equal, or whose upload was complete: they are closed, whatever an end says after that.
    /// An end carries no MAC, and the line may change its number.
    closed: BTreeSet<(Till, u32)>,
}

struct Asked {
    till: Till,
    settle: Settle,
    /// What stood in its batch then.
    stood: BTreeSet<Rrn>,
}

impl Settles {
    /// The gateway has started: conversations are numbered anew.
    pub fn started(&mut self) {
        self.asked.clear();
        self.ended.clear();
    }

    /// A terminal's request reaches the gateway.
    pub fn heard(&mut self, input: &Input, mirror: &Mirror) {
        let Input::Terminal { conversation, till, ask } = input else { return };
        match ask {
            Ask::Settle(settle) => {
                let stood = of_batch(mirror, *till, settle.batch).map(|row| row.leg.rrn).collect();
                self.asked.insert(*conversation, Asked { till: *till, settle: *settle, stood });
            }
            Ask::Upload(upload) => match &upload.part {
                UploadPart::Lines(lines) => {
                    let known = self.lines.entry((*till, upload.batch)).or_default();
                    known.extend(lines.iter().map(|(trace, _)| *trace));
                }
                UploadPart::End { total } => {
                    self.ended.insert(*conversation, (*till, upload.batch, *total));
                }
            },
            Ask::SignOn(_)
            | Ask::SignOff
            | Ask::Transact(_)
            | Ask::Reverse(_)
            | Ask::Signature { .. }
            | Ask::Script { .. }
            | Ask::LastResult { .. }
            | Ask::Confirm { .. } => {}
        }
    }

    /// A terminal is told that its totals are the platform's. They are compared at some moment between the question
    /// and the answer, which a slow commit may keep back: what it is told meanwhile may be in them or not.
    pub fn balanced(&mut self, conversation: Conversation, mirror: &Mirror) -> Result<(), Broken> {
        let Some(Asked { till, settle, stood }) = self.asked.get(&conversation) else { return Ok(()) };
        let of_batch = || of_batch(mirror, *till, settle.batch);
        let nothing = Settle { batch: settle.batch, ..Settle::default() };
        let ours = of_batch().filter(|row| stood.contains(&row.leg.rrn)).fold(nothing, with);
        let mut possible = vec![ours];
        for row in of_batch().filter(|row| !stood.contains(&row.leg.rrn)).take(MOST_SINCE) {
            let also: Vec<_> = possible.iter().map(|totals| with(*totals, row)).collect();
            possible.extend(also);
        }
        if possible.contains(settle) {
            self.closed.insert((*till, settle.batch));
            return Ok(());
        }
        let since = possible.len().ilog2();
        Err(("totals", format!("{till}: {settle:?} is called equal to {ours:?} and {since} told since")))
    }

    /// The end of an upload is told that all of it is there.
    pub fn complete(&mut self, conversation: Conversation) -> Result<(), Broken> {
        let Some((till, batch, total)) = self.ended.get(&conversation) else { return Ok(()) };
        let came = self.lines.get(&(*till, *batch)).map_or(0, BTreeSet::len);
        let complete = usize::try_from(*total).is_ok_and(|total| came >= total);
        if complete {
            self.closed.insert((*till, *batch));
        }
        if self.closed.contains(&(*till, *batch)) {
            return Ok(());
        }
        Err(("upload", format!("{till}: batch {batch} is called complete with {came} of {total} lines")))
    }
}

/// What a terminal was told of its batch: its legs that are approved and not undone.
fn of_batch(mirror: &Mirror, till: Till, batch: u32) -> impl Iterator<Item = &Row> {
    mirror.legs().filter(move |row| {
        let identity = row.leg.identity;
        let told = matches!(row.leg.merchant, Merchant::Told | Merchant::Has);
        identity.till == till && identity.batch == batch && told
    })
}

fn with(mut totals: Settle, row: &Row) -> Settle {
    match does(row.leg.kind) {
        Does::Charges => {
            totals.debit += row.leg.amount.minor;
            totals.debits += 1;
        }
        Does::Returns => {
            totals.credit += row.leg.amount.minor;
            totals.credits += 1;
        }
        Does::Holds | Does::Releases | Does::Nothing => {}
    }
    totals
}
