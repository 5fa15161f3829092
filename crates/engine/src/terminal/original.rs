//! Where the original of a void, refund or completion is.

use crate::{
    engine::{Engine, Lookup, auth_handle, rrn_handle},
    io::{Original, Output, Transact},
};
use hefu_tally::{Identity, Kind, LegNo, Moment, TallyId};

/// What looking for an original came to.
pub(super) enum Found {
    Leg(TallyId, LegNo),
    /// There is none, or none that this card and merchant may go on with.
    Nowhere,
    /// It is being read; the input waits.
    NotRead,
}

/// A reference or an authorisation code can only be quoted by who received the approval.
pub(super) fn quotes(original: &Original) -> bool {
    original.rrn.is_some() || original.auth.is_some()
}

impl Engine {
    pub(super) fn original(&mut self, now: Moment, transact: &Transact, out: &mut Vec<Output>) -> Found {
        let till = transact.identity.till;
        let Some(original) = transact.original.as_ref().filter(|_| transact.kind.refers()) else {
            return Found::Nowhere;
        };
        let handle = match (original.rrn, original.auth, original.batch, original.trace) {
            (Some(rrn), ..) => rrn_handle(&rrn),
            (None, Some(auth), ..) => auth_handle(till.merchant, transact.card, auth),
            (None, None, Some(batch), Some(trace)) => {
                Identity { till, class: original_class(transact.kind), batch, trace }.handle()
            }
            (None, None, ..) => return Found::Nowhere,
        };
        // A reference that is not ours, or another merchant's, is no original of this merchant.
        if original.rrn.is_some_and(|rrn| rrn.shard() != Ok(till.shard())) {
            return Found::Nowhere;
        }
        match self.find(now, till.shard(), handle, out) {
            Lookup::Parked => Found::NotRead,
            Lookup::Absent => Found::Nowhere,
            Lookup::Found(id, no) => {
                let tally = &self.open[&id].tally;
                let leg = tally.leg(no).expect("a handle leads to a leg");
                let same = tally.merchant == till.merchant
                    && tally.card == transact.card
                    && original.batch.is_none_or(|batch| batch == leg.identity.batch)
                    && original.trace.is_none_or(|trace| trace == leg.identity.trace);
                if same { Found::Leg(id, no) } else { Found::Nowhere }
            }
        }
    }
}

/// The message class of the request that a transaction of this kind refers to.
fn original_class(kind: Kind) -> u16 {
    match kind {
        Kind::PreAuthVoid | Kind::Completion | Kind::CompletionAdvice => 100,
        Kind::Void
        | Kind::Refund
        | Kind::CompletionVoid
        | Kind::Sale
        | Kind::PreAuth
        | Kind::OfflineSale
        | Kind::Inquiry => 200,
    }
}
