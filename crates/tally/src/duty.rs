//! Duties: what must be done about a leg, and when. Derived from the halves, so that an unmatched leg without a
//! duty cannot be written down.

use crate::{
    leg::{Case, Direction, Heal, Issuer, Leg, LegNo, Merchant, Moves, UndoState},
    time::{MINUTE, Moment},
};
use hefu_mutant::mutant;
use serde::{Deserialize, Serialize};

/// How long after its approval nothing may be heard of a sale until it is asked about.
pub const ASK_AFTER: i64 = 10 * MINUTE;

/// What kind of thing must be done.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DutyKind {
    /// Find out what the bank did: at the deadline, turn.
    FindOut,
    /// Repeat the advice until it is answered.
    Insist,
    /// Send the reversal until it is answered.
    Reverse,
    /// Wait for the clearing files.
    AwaitClearing,
    /// Learn whether the merchant has it: ask after a while; at the day cut the policy decides.
    HearMerchant,
    /// A person must look.
    AskPerson,
}

impl DutyKind {
    pub fn name(self) -> &'static str {
        match self {
            DutyKind::FindOut => "find_out",
            DutyKind::Insist => "insist",
            DutyKind::Reverse => "reverse",
            DutyKind::AwaitClearing => "await_clearing",
            DutyKind::HearMerchant => "hear_merchant",
            DutyKind::AskPerson => "ask_person",
        }
    }
}

/// A durable obligation with a due time.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Duty {
    pub leg: LegNo,
    pub kind: DutyKind,
    pub due: Moment,
}

/// All duties about a leg.
pub fn duties(no: LegNo, leg: &Leg) -> Vec<Duty> {
    let mut duties = Vec::new();
    let mut owe = |kind, due| duties.push(Duty { leg: no, kind, due });
    if let (Issuer::Unknown, Some(request), None) = (leg.issuer, leg.request, leg.undo) {
        let insists = leg.kind.heal() == Heal::Insist && leg.told.is_some();
        owe(if insists { DutyKind::Insist } else { DutyKind::FindOut }, request.next);
    }
    if let Some(undo) = leg.undo {
        match undo.state {
            UndoState::Running if mutant!(ForgetsTheReversalDuty) => {}
            UndoState::Running | UndoState::Late => owe(DutyKind::Reverse, undo.next),
            UndoState::Closed | UndoState::Clearing => {}
        }
    }
    if let Some(until) = leg.clearing {
        owe(DutyKind::AwaitClearing, until);
    }
    let waits = match leg.merchant {
        Merchant::Waiting | Merchant::Told => true,
        Merchant::Has | Merchant::No => false,
    };
    // What speaks against a sale is for a person to weigh, not for a policy.
    let weighed = leg.case == Some(Case::MissingFromUpload);
    if leg.direction == Direction::Keep
        && waits
        && !weighed
        && leg.kind.moves() != Moves::Nothing
        && !mutant!(ForgetsTheMerchantDuty)
    {
        owe(DutyKind::HearMerchant, hear_by(leg));
    }
    if let (Some(_), Some(asks)) = (leg.case, leg.asks) {
        owe(DutyKind::AskPerson, asks);
    }
    duties
}

/// When the next thing is done about a merchant half that is not known: the question, then the day cut.
pub(crate) fn hear_by(leg: &Leg) -> Moment {
    let cut = leg.opened.business_day().cut();
    let approved = leg.bank.as_ref().map_or(leg.opened, |said| said.at);
    match leg.question {
        _ if mutant!(DecidesBeforeTheCut) => leg.opened,
        Some(_) => cut,
        None => approved.after(ASK_AFTER).min(cut),
    }
}
