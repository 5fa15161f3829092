//! Settlement as the judge sees it: totals are called equal only when they are, and an upload complete only when it is.

use super::mirror::Mirror;
use super::rows::{Does, does};
use super::watch::Broken;
use hefu_engine::{Ask, Conversation, Input, Settle, UploadPart};
use hefu_tally::{Merchant, Till};
use std::collections::{BTreeMap, BTreeSet};

/// What terminals asked at the end of their days.
#[derive(Default)]
pub(super) struct Settles {
    asked: BTreeMap<Conversation, (Till, Settle)>,
    /// The batch and the number of lines that the end of an upload names.
    ended: BTreeMap<Conversation, (Till, u32, u32)>,
    /// The traces of all lines that ever came, by terminal and batch.
    lines: BTreeMap<(Till, u32), BTreeSet<u32>>,
    /// Batches that were called equal: they are closed, whatever an end says after that.
    closed: BTreeSet<(Till, u32)>,
}

impl Settles {
    /// The gateway has started: conversations are numbered anew.
    pub fn started(&mut self) {
        self.asked.clear();
        self.ended.clear();
    }

    /// A terminal's request reaches the gateway.
    pub fn heard(&mut self, input: &Input) {
        let Input::Terminal { conversation, till, ask } = input else { return };
        match ask {
            Ask::Settle(settle) => {
                self.asked.insert(*conversation, (*till, *settle));
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

    /// A terminal is told that its totals are the platform's.
    pub fn balanced(&mut self, conversation: Conversation, mirror: &Mirror) -> Result<(), Broken> {
        let Some((till, asked)) = self.asked.get(&conversation) else { return Ok(()) };
        let mut ours = Settle { batch: asked.batch, ..Settle::default() };
        let of_batch = mirror.legs().filter(|row| {
            let identity = row.leg.identity;
            let told = matches!(row.leg.merchant, Merchant::Told | Merchant::Has);
            identity.till == *till && identity.batch == asked.batch && told
        });
        for row in of_batch {
            match does(row.leg.kind) {
                Does::Charges => {
                    ours.debit += row.leg.amount.minor;
                    ours.debits += 1;
                }
                Does::Returns => {
                    ours.credit += row.leg.amount.minor;
                    ours.credits += 1;
                }
                Does::Holds | Does::Releases | Does::Nothing => {}
            }
        }
        if ours == *asked {
            self.closed.insert((*till, asked.batch));
            return Ok(());
        }
        Err(("totals", format!("{till}: {asked:?} is called equal to {ours:?}")))
    }

    /// The end of an upload is told that all of it is there.
    pub fn complete(&self, conversation: Conversation) -> Result<(), Broken> {
        let Some((till, batch, total)) = self.ended.get(&conversation) else { return Ok(()) };
        let came = self.lines.get(&(*till, *batch)).map_or(0, BTreeSet::len);
        let complete = usize::try_from(*total).is_ok_and(|total| came >= total);
        if complete || self.closed.contains(&(*till, *batch)) {
            return Ok(());
        }
        Err(("upload", format!("{till}: batch {batch} is called complete with {came} of {total} lines")))
    }
}
