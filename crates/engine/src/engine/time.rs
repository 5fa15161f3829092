//! Time: duties that come due, the look for those of payments not in memory, and what waits for the link.

use super::{Engine, Scan};
use crate::io::{Load, Output};
use hefu_tally::{Duty, DutyKind, LinkId, Moment, TallyId, judge::Evidence};

/// How many payments are looked at in one go when their time has come.
const MOST_WAKES: usize = 256;
/// How many duties one read brings.
pub(super) const PAGE: usize = 512;
/// How long an approval may come back as "could not be written".
const UNWRITTEN_WITHIN: i64 = 120_000;

impl Engine {
    pub(super) fn pass_time(&mut self, now: Moment, out: &mut Vec<Output>) {
        while let Some((at, conversation)) = self.told_order.front().copied()
            && now.since(at) > UNWRITTEN_WITHIN
        {
            self.told_order.pop_front();
            self.told.remove(&conversation);
        }
        if let Scan::At(at) = self.scan
            && at <= now
        {
            self.scan = Scan::UnderWay;
            let due_by = now.after(self.config.horizon);
            out.push(Output::Load(Load::Duties { after: None, due_by, limit: PAGE }));
        }
        for _ in 0..MOST_WAKES {
            if !self.numbers.enough() {
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
    fn wake(&mut self, now: Moment, id: TallyId, out: &mut Vec<Output>) {
        let Some(held) = self.open.get_mut(&id) else { return };
        held.wake = None;
        let due: Vec<Duty> = held.tally.duties().into_iter().filter(|duty| duty.due <= now).collect();
        for duty in due {
            if self.waits_for_link(now, id, duty) {
                self.stalled.insert(id);
            } else {
                self.give(now, id, duty.leg, &Evidence::Due, out);
            }
        }
        self.schedule(id, Some(now));
        self.touch(id);
    }

    /// Whether this is a repeat that would only be lost: the line is down, and its day is not over.
    fn waits_for_link(&self, now: Moment, id: TallyId, duty: Duty) -> bool {
        let leg = self.open[&id].tally.leg(duty.leg).expect("a duty is of a leg");
        let repeats = match duty.kind {
            DutyKind::Reverse => leg.opened.business_day() == now.business_day(),
            DutyKind::Insist => true,
            DutyKind::FindOut | DutyKind::AwaitClearing | DutyKind::HearMerchant | DutyKind::AskPerson => {
                false
            }
        };
        repeats && !self.link_up
    }

    /// Sets the wake of a payment to its next duty, or to when it is no longer kept for its doubt; after `done`, when
    /// what was due until then has been done or waits for something else than time.
    pub(super) fn schedule(&mut self, id: TallyId, done: Option<Moment>) {
        let Some(held) = self.open.get(&id) else { return };
        let doubt = held.doubtful.then(|| self.doubted_until(&held.tally));
        // What waits for the link waits for the day cut at the latest.
        let stalled = self.stalled.contains(&id);
        let cuts = held.tally.legs().filter(|_| stalled).map(|(_, leg)| leg.opened.business_day().cut());
        let moments = held.tally.duties().into_iter().map(|duty| duty.due).chain(doubt).chain(cuts);
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

    pub(super) fn link(&mut self, now: Moment, link: LinkId, up: bool) {
        if link != self.config.link {
            return;
        }
        self.link_up = up;
        if !up {
            return;
        }
        // What waited for the link goes out little by little, not all in one moment.
        for (place, id) in std::mem::take(&mut self.stalled).into_iter().enumerate() {
            self.set_wake(id, Some(now.after(place as i64 / 2)));
        }
    }

    pub(super) fn next_wake(&self) -> Option<(Moment, &'static str)> {
        // Without numbers nothing can be done yet: their arrival wakes us.
        let duty = self.wakes.first().filter(|_| self.numbers.enough());
        let duty = duty.map(|(at, _)| (*at, "a duty is due"));
        let scan = match self.scan {
            Scan::At(at) => Some((at, "look for duties that come due")),
            Scan::UnderWay => None,
        };
        duty.into_iter().chain(scan).min_by_key(|(at, _)| *at)
    }
}
