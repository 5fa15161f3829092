//! Time: duties that come due, the look for those of payments not in memory, and what waits for the link.

use super::{Engine, Scan};
use crate::io::{Load, Output};
use hefu_mutant::mutant;
use hefu_tally::{
    Duty, DutyKind, Moment, TallyId,
    judge::Evidence,
    leg::{Undo, UndoState},
    record::Subject,
};

/// How many payments are looked at in one go when their time has come.
const MOST_WAKES: usize = 256;
/// How many duties one read brings.
pub(super) const PAGE: usize = 512;
/// How many duties of payments that may be in doubt the first read brings; a store reads no more at once.
const MOST_DOUBTS: usize = 100_000;

impl Engine {
    pub(super) fn pass_time(&mut self, now: Moment, out: &mut Vec<Output>) {
        let batches = &self.batches;
        self.told
            .pass(now, |told, conversation| batches.holds_reply(&Subject::Tally(told.tally), conversation));
        if let Scan::At(at) = self.scan
            && at <= now
        {
            if at == Moment(i64::MIN) {
                out.push(Output::Load(Load::Links));
                // What is left to clearing comes due long after the time in which it must not be charged again.
                let since = now.after(-self.config.double_charge_window);
                let limit = MOST_DOUBTS.min(self.config.most_open);
                out.push(Output::Load(Load::Doubts { since, limit }));
            }
            self.scan = Scan::UnderWay;
            let due_by = now.after(self.config.horizon);
            if !mutant!(LooksForNoDuties) {
                out.push(Output::Load(Load::Duties { after: None, due_by, limit: PAGE }));
            }
        }
        for _ in 0..MOST_WAKES {
            if !self.ready() {
                break;
            }
            match self.wakes.first() {
                Some((at, _)) if *at <= now => {}
                Some(_) | None => break,
            }
            let (_, id) = self.wakes.pop_first().expect("just seen");
            self.wake(now, id, out);
        }
    }

    /// A duty's time has come.
    pub(crate) fn wake(&mut self, now: Moment, id: TallyId, out: &mut Vec<Output>) {
        let Some(held) = self.open.get_mut(&id) else { return };
        held.wake = None;
        let due: Vec<Duty> = held.tally.duties().into_iter().filter(|duty| duty.due <= now).collect();
        for duty in due {
            // Copies are counted by what is written down: none is made before the one before it may have left.
            if Engine::copies(duty) && self.batches.holds(&Subject::Tally(id)) {
                self.open.get_mut(&id).expect("it is awake").copy_waits = true;
                continue;
            }
            let apart = self.open[&id].copy_from.is_some_and(|from| now < from);
            if duty.kind == DutyKind::Reverse && apart {
                continue;
            }
            let free = match self.lane_of(now, id, duty) {
                Some(link) => self.take_lane(now, link, id, duty.leg),
                None => !self.lacks_lane(now, id, duty),
            };
            if duty.kind == DutyKind::FindOut
                && let Some(request) = self.leg(id, duty.leg).request
            {
                self.unanswered(request.link, id, duty.leg);
            }
            let evidence = if free { Evidence::Due } else { Evidence::DueInside };
            let changed = self.give(now, id, duty.leg, &evidence, out);
            // A reversal whose day is over was left to clearing: it goes on as soon as that is on record.
            let goes_on = |undo: Undo| undo.state == UndoState::Late && undo.next <= now;
            if changed && self.leg(id, duty.leg).undo.is_some_and(goes_on) && !mutant!(SleepsAtTheCut) {
                self.open.get_mut(&id).expect("it is awake").copy_waits = true;
            }
        }
        self.schedule(id, Some(now));
        self.touch(id);
        assert!(!self.sleeps(now, id), "payment {id}: something is due, and nothing brings it about");
    }

    /// Whether something of this payment is due that neither time, nor a lane, nor a commit will bring about.
    fn sleeps(&self, now: Moment, id: TallyId) -> bool {
        let Some(held) = self.open.get(&id) else { return false };
        let apart = held.copy_from.is_some_and(|from| now < from);
        let waits = held.copy_waits || apart || self.waits_for_lane(id);
        !waits && held.tally.duties().iter().any(|duty| duty.due <= now)
    }

    /// Whether what this duty does is sending a copy of what was sent before.
    fn copies(duty: Duty) -> bool {
        match duty.kind {
            DutyKind::Reverse | DutyKind::Insist => true,
            DutyKind::FindOut | DutyKind::AwaitClearing | DutyKind::HearMerchant | DutyKind::AskPerson => {
                false
            }
        }
    }

    /// What waited for the commit of what it follows is due now, unless more is being committed.
    pub(super) fn copies_go_on(&mut self, id: TallyId) {
        if self.open.get_mut(&id).is_some_and(|held| std::mem::take(&mut held.copy_waits)) {
            self.schedule(id, None);
        }
    }

    /// Whether something of the same leg waits for a lane: what sends nothing is done, the rest waits with it.
    fn lacks_lane(&self, now: Moment, id: TallyId, duty: Duty) -> bool {
        let others = self.open[&id].tally.duties().into_iter();
        let mut due = others.filter(|other| other.leg == duty.leg && other.due <= now);
        self.waits_for_lane(id) && due.any(|other| self.lane_of(now, id, other).is_some())
    }

    /// Sets the wake of a payment to its next duty, or to when it is no longer kept for its doubt; after `done`, when
    /// what was due until then has been done or waits for something else than time.
    pub(super) fn schedule(&mut self, id: TallyId, done: Option<Moment>) {
        let Some(held) = self.open.get(&id) else { return };
        let doubt = held.doubtful.then(|| self.doubted_until(&held.tally));
        // What waits for the link waits for the day cut at the latest.
        let stalled = self.waits_for_lane(id);
        let cuts = held.tally.legs().filter(|_| stalled).map(|(_, leg)| leg.opened.business_day().cut());
        let moments = held.tally.duties().into_iter().map(|duty| duty.due).chain(doubt).chain(cuts);
        let moments = moments.chain(held.copy_from);
        let next = moments.filter(|due| done.is_none_or(|done| *due > done)).min();
        self.set_wake(id, next);
    }

    fn set_wake(&mut self, id: TallyId, next: Option<Moment>) {
        let Some(held) = self.open.get_mut(&id) else { return };
        if let Some(old) = held.wake.take() {
            self.wakes.remove(&(old, id));
        }
        if let Some(next) = next {
            held.wake = Some(next);
            self.wakes.insert((next, id));
        }
    }

    pub(super) fn next_wake(&self) -> Option<(Moment, &'static str)> {
        // Without numbers nothing can be done yet: their arrival wakes us.
        let duty = self.wakes.first().filter(|_| self.ready());
        let duty = duty.map(|(at, _)| (*at, "a duty is due"));
        let scan = match self.scan {
            Scan::At(at) => Some((at, "look for duties that come due")),
            Scan::UnderWay => None,
        };
        let links = self.links_wake().filter(|_| self.ready()).map(|at| (at, "a lane is given up or tried"));
        duty.into_iter().chain(scan).chain(links).min_by_key(|(at, _)| *at)
    }
}
