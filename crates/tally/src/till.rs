//! A terminal's own durable row: its working keys (wrapped), its batch, its settlement. Facts alone change it.

use crate::leg::{Leg, Merchant, Side};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most lines that one batch upload may bring.
pub const MOST_LINES: usize = 10_000;
/// How many sets of wrapped keys are kept: more sign-ons than these in a row without a good MAC lose the oldest.
const MOST_KEYS: usize = 5;
/// F60.2 runs from 1 to this.
const LAST_BATCH: u32 = 999_999;

/// What is known of a terminal.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct TillState {
    /// The batch that the terminal works in (F60.2); 0 before the first sign-on.
    pub batch: u32,
    /// The batch was settled: the next sign-on opens a fresh one.
    pub settled: bool,
    pub signed_on: bool,
    /// The batch whose upload was the last to be complete; a late sign-on may have moved `batch` on since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<u32>,
    /// Working keys as the vault wrapped them, oldest first, in hexadecimal.
    pub keys: Vec<String>,
    /// The batch and totals of the last settlement, if they differed from ours: its upload is to follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differed: Option<(u32, Totals)>,
    /// The batch whose upload is under way.
    #[serde(default)]
    pub uploading: u32,
    /// Lines of that upload: trace and amount in minor units.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<u32, i64>,
}

/// Settlement totals in minor units and counts.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Totals {
    pub debit: i64,
    pub debits: u32,
    pub credit: i64,
    pub credits: u32,
}

impl Totals {
    /// Over what a terminal was told is approved; none when a sum overflows.
    pub fn of<'a>(legs: impl IntoIterator<Item = &'a Leg>) -> Option<Totals> {
        let mut totals = Totals::default();
        for leg in legs {
            let has = match leg.merchant {
                Merchant::Told | Merchant::Has => true,
                Merchant::Waiting | Merchant::No => false,
            };
            let (sum, count) = match leg.kind.settles_as() {
                Some(Side::Debit) if has => (&mut totals.debit, &mut totals.debits),
                Some(Side::Credit) if has => (&mut totals.credit, &mut totals.credits),
                Some(Side::Debit | Side::Credit) | None => continue,
            };
            *sum = sum.checked_add(leg.amount.minor)?;
            *count = count.checked_add(1)?;
        }
        Some(totals)
    }
}

/// One line of a terminal's history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TillFact {
    SignedOn { batch: u32, wrapped: String },
    SignedOff,
    Settled { batch: u32, theirs: Totals, ours: Totals, balanced: bool },
    Uploaded { batch: u32, lines: Vec<(u32, i64)> },
    UploadEnded { batch: u32, total: u32, complete: bool },
}

impl TillFact {
    pub fn name(&self) -> &'static str {
        match self {
            TillFact::SignedOn { .. } => "signed_on",
            TillFact::SignedOff => "signed_off",
            TillFact::Settled { .. } => "settled",
            TillFact::Uploaded { .. } => "uploaded",
            TillFact::UploadEnded { .. } => "upload_ended",
        }
    }
}

impl TillState {
    /// The batch to assign at a sign-on in which the terminal says `theirs`: a fresh one after a settlement, at the
    /// first sign-on and when the terminal lost its memory, so that it does not meet old identities.
    pub fn batch_for_sign_on(&self, theirs: u32) -> u32 {
        let same = self.batch != 0 && !self.settled && theirs == self.batch;
        if same {
            return self.batch;
        }
        let last = if self.batch == 0 { theirs } else { self.batch };
        if last >= LAST_BATCH { 1 } else { last + 1 }
    }

    pub fn apply(&mut self, fact: &TillFact) {
        match fact {
            TillFact::SignedOn { batch, wrapped } => {
                if *batch != self.batch {
                    self.lines.clear();
                    self.settled = false;
                }
                self.batch = *batch;
                self.signed_on = true;
                self.keys.push(wrapped.clone());
                if self.keys.len() > MOST_KEYS {
                    self.keys.remove(0);
                }
            }
            TillFact::SignedOff => self.signed_on = false,
            TillFact::Settled { batch, theirs, balanced, .. } => {
                // A repeat of an old batch's settlement does not close the batch that is open now.
                self.settled |= *balanced && *batch == self.batch;
                // A copy of the message that the upload follows may overtake its lines; it takes none of them away.
                let differed = (!*balanced).then_some((*batch, *theirs));
                if differed.is_none() || differed != self.differed {
                    self.lines.clear();
                }
                self.differed = differed;
            }
            TillFact::Uploaded { batch, lines } => {
                if *batch != self.uploading {
                    self.lines.clear();
                    self.uploading = *batch;
                }
                self.lines.extend(lines.iter().copied());
            }
            TillFact::UploadEnded { batch, complete, .. } => {
                self.settled |= *complete && *batch == self.batch;
                if *complete {
                    self.ended = Some(*batch);
                    self.differed = None;
                }
                self.lines.clear();
            }
        }
    }

    /// Whether this batch is closed: by equal totals or by a complete upload.
    pub fn has_ended(&self, batch: u32) -> bool {
        (self.settled && self.batch == batch) || self.ended == Some(batch)
    }

    /// The lines that have come of this batch's upload.
    pub fn lines_of(&self, batch: u32) -> BTreeMap<u32, i64> {
        if batch == self.uploading { self.lines.clone() } else { BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_fresh_after_settlement_and_loss_of_memory() {
        let state = |batch, settled| TillState { batch, settled, ..TillState::default() };
        // (before, what the terminal says, assigned)
        let cases = [
            (state(0, false), 1, 2),
            (state(7, false), 7, 7),
            (state(7, true), 7, 8),
            (state(7, false), 1, 8),
            (state(LAST_BATCH, true), LAST_BATCH, 1),
        ];
        for (before, theirs, assigned) in cases {
            assert_eq!(before.batch_for_sign_on(theirs), assigned, "{before:?} says {theirs}");
        }
    }

    fn after(facts: &[TillFact]) -> TillState {
        let mut state = TillState { batch: 7, ..TillState::default() };
        facts.iter().for_each(|fact| state.apply(fact));
        state
    }

    #[test]
    fn only_the_open_batch_is_closed_and_only_when_it_balances() {
        let settled = |batch, balanced| TillFact::Settled {
            batch,
            theirs: Totals::default(),
            ours: Totals::default(),
            balanced,
        };
        let ended = |batch, complete| TillFact::UploadEnded { batch, total: 0, complete };
        // (what happened, whether the next sign-on opens a fresh batch)
        let cases = [
            (settled(7, true), true),
            (settled(7, false), false),
            (settled(6, true), false),
            (ended(7, true), true),
            (ended(7, false), false),
            (ended(6, true), false),
        ];
        for (fact, fresh) in cases {
            assert_eq!(after(std::slice::from_ref(&fact)).batch_for_sign_on(7) == 8, fresh, "{fact:?}");
            let signed_on = TillFact::SignedOn { batch: 8, wrapped: "00".into() };
            assert!(!after(&[fact, signed_on]).settled, "a new batch is open");
        }
        assert!(after(&[settled(7, true), settled(7, false)]).settled, "closed once, closed for good");
    }

    #[test]
    fn lines_are_of_one_upload_and_a_repeated_line_counts_once() {
        let lines = |batch, lines: &[(u32, i64)]| TillFact::Uploaded { batch, lines: lines.to_vec() };
        let state = after(&[lines(7, &[(1, 100), (2, 200)]), lines(7, &[(2, 200), (3, 300)])]);
        assert_eq!(state.lines_of(7).len(), 3);
        assert!(state.lines_of(6).is_empty());
        let state = after(&[lines(6, &[(1, 100)]), lines(7, &[(2, 200)])]);
        assert_eq!(state.lines_of(7), BTreeMap::from([(2, 200)]));
    }

    #[test]
    fn a_copy_of_the_settlement_takes_no_line_away_and_another_settlement_takes_all() {
        let theirs = |debit| Totals { debit, debits: 1, ..Totals::default() };
        let settled = |batch, debit, balanced| TillFact::Settled {
            batch,
            theirs: theirs(debit),
            ours: Totals::default(),
            balanced,
        };
        let line = TillFact::Uploaded { batch: 7, lines: vec![(1, 100)] };
        // (what comes after the line, how many lines are left)
        let cases = [
            (settled(7, 100, false), 1),
            (settled(7, 200, false), 0),
            (settled(6, 100, false), 0),
            (settled(7, 100, true), 0),
        ];
        for (fact, left) in cases {
            let state = after(&[settled(7, 100, false), line.clone(), fact.clone()]);
            assert_eq!(state.lines_of(7).len(), left, "{fact:?}");
        }
    }

    #[test]
    fn the_oldest_of_too_many_unused_keys_is_lost() {
        let sign_ons: Vec<TillFact> =
            (0..7).map(|n| TillFact::SignedOn { batch: 7, wrapped: format!("{n:02}") }).collect();
        assert_eq!(after(&sign_ons).keys, ["02", "03", "04", "05", "06"]);
    }
}
