//! The end of a small world: when nothing happens any more, the halves match what the bank and the cashiers have, or
//! wait visibly for a stated reason.

use super::{
    acts::MOST_AT_ONCE,
    bank::{Did, Manner},
    gateway::{START, class, step_of},
    state::{Place, State},
    terminal::Standing,
    watch::{Broken, payments, unreadable},
};
use hefu_store::Store;
use hefu_tally::{Direction, DutyKind, Issuer, Leg, leg::Case};
use std::collections::BTreeSet;

/// Nothing may still be owed at that age of the world (ms); where the day cut comes, copies go on slowly after it.
const HEALS_WITHIN: i64 = 30 * 60_000;
const HEALS_AFTER_THE_CUT: i64 = 90 * 60_000;

/// Why an end may not be a match; none when it is.
pub(super) type Reason = Option<&'static str>;

/// Whether nothing is owed before the day cut. The engine must have nothing under way.
pub(super) fn rests(state: &mut State) -> Result<bool, Broken> {
    let idle = state.gateway.engine.as_ref().is_some_and(|engine| engine.is_idle());
    if !idle
        || state.bank.later.is_some()
        || state.stations.iter().any(|place| place.terminal.waits.is_some())
    {
        return Ok(false);
    }
    for tally in payments(&mut state.gateway.store)?.values() {
        for duty in state.gateway.store.duties_of(tally.shard(), tally.id).map_err(unreadable)? {
            match duty.kind {
                DutyKind::FindOut | DutyKind::Insist | DutyKind::Reverse => {
                    let within = if state.began > 0 { HEALS_AFTER_THE_CUT } else { HEALS_WITHIN };
                    if state.now - state.began > within {
                        let what = format!("{} is still owed for {}", duty.kind.name(), tally.first().rrn);
                        return Err(("heals", what));
                    }
                    return Ok(false);
                }
                // Where the day cut is near, its decision is waited for.
                DutyKind::HearMerchant if state.began > 0 => {
                    if duty.due.since(START.after(state.now)) <= MOST_AT_ONCE {
                        return Ok(false);
                    }
                }
                DutyKind::AwaitClearing | DutyKind::HearMerchant | DutyKind::AskPerson => {}
            }
        }
    }
    Ok(true)
}

/// Judges a state that rests.
pub(super) fn judge(state: &mut State) -> Result<Reason, Broken> {
    let payments = payments(&mut state.gateway.store)?;
    let mut reason = None;
    let mut known = BTreeSet::new();
    let mut steps = BTreeSet::new();
    for leg in payments.values().flat_map(|tally| tally.legs().map(|(_, leg)| leg)) {
        if let Some(step) = step_of(&leg.identity)
            && !steps.insert(step)
        {
            return Err(("one leg a transaction", format!("{step:?} has two legs, one is {}", leg.rrn)));
        }
        known.insert(leg.rrn);
        reason = reason.or(payer(state, leg)?);
        if leg.case == Some(Case::CreditAdjustment) && state.began > 0 {
            reason = reason.or(Some("the terminal reversed after the day cut: credit adjustment"));
        } else if let Some(case) = leg.case {
            return Err(("no person is needed", format!("{} {:?}: {case:?}", leg.rrn, leg.kind)));
        }
    }
    if let Some(entry) = state.bank.book.iter().find(|entry| !known.contains(&entry.rrn)) {
        return Err(("payer", format!("the bank has {}, the platform does not know it", entry.rrn)));
    }
    for (station, Place { terminal, .. }) in state.stations.iter().enumerate() {
        for (place, standing) in terminal.standing.iter().enumerate() {
            let legs = payments.values().flat_map(|tally| tally.legs().map(|(_, leg)| leg));
            let leg = legs.into_iter().find(|leg| {
                step_of(&leg.identity) == Some((station, place))
                    && leg.identity.class == class(terminal.step(place).kind)
            });
            cashier(*standing, leg)?;
        }
    }
    Ok(reason)
}

/// The bank's book against the issuer's half of a leg.
fn payer(state: &State, leg: &Leg) -> Result<Reason, Broken> {
    let entry = state.bank.book.iter().find(|entry| entry.rrn == leg.rrn);
    let done = entry.is_some_and(|entry| entry.state == Did::Done);
    let waits = leg.clearing.is_some();
    let same = done == (leg.issuer == Issuer::Done) && leg.issuer != Issuer::Unknown;
    if same {
        return Ok(waits.then_some("closed by two denials, and clearing is to confirm it"));
    }
    if waits {
        return Ok(Some("clearing decides"));
    }
    // It acknowledged a reversal of what it had not seen, and its approval was lost.
    let lied = state.bank.manner == Manner::Acknowledges && leg.bank.is_none();
    if lied && done && leg.issuer == Issuer::Undone {
        return Ok(Some("the bank acknowledged, charged afterwards, and its word of that was lost"));
    }
    let did = entry.map(|entry| entry.state);
    let Leg { rrn, kind, issuer, direction, merchant, why, .. } = leg;
    let what = format!(
        "the bank has {kind:?} {rrn} as {did:?}, the platform as {issuer:?}, {merchant:?}, {direction:?}, {why:?}"
    );
    Err(("payer", what))
}

/// What the cashier believes against the leg.
fn cashier(standing: Standing, leg: Option<&Leg>) -> Result<(), Broken> {
    let done = leg.is_some_and(|leg| leg.issuer == Issuer::Done);
    let kept = leg.is_some_and(|leg| leg.direction == Direction::Keep);
    let waits = leg.is_some_and(|leg| leg.clearing.is_some() || leg.case.is_some());
    let right = match standing {
        Standing::Booked(rrn) => done && kept && leg.is_some_and(|leg| leg.rrn == rrn),
        Standing::Declined | Standing::Reversed([b'0', b'0'] | [b'2', b'5']) => !done || waits,
        Standing::Reversed(_) => waits,
        Standing::PassedOver => leg.is_none(),
        // Nothing is believed.
        Standing::Open | Standing::Unknown | Standing::Forgotten => true,
    };
    if right {
        return Ok(());
    }
    let leg = leg.map(|leg| (leg.rrn, leg.kind, leg.issuer, leg.direction, leg.merchant, leg.why));
    Err(("merchant", format!("the cashier has it {standing:?}, the platform as {leg:?}")))
}
