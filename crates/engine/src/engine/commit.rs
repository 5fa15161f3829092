//! Commits: one batch at a time; what is durable lets its effects out, what was refused is read and judged anew.

use super::{Engine, Parked};
use crate::{
    io::{BankAsk, Conversation, Input, Load, Output, Reply},
    stage::{self, Cause, Flying, News},
};
use hefu_mutant::mutant;
use hefu_tally::{
    LegNo, LinkId, LinkKey, Moment, Rrn, TallyId,
    record::{Batch, Entry, Refusal, Refused, Subject},
    time,
};
use std::collections::{BTreeMap, BTreeSet};

/// Copies of a reversal leave so far apart at least (milliseconds): less than the shortest pause of the rules.
const COPIES_APART: i64 = 3 * time::SECOND;

impl Engine {
    pub(super) fn cut(&mut self) -> Batch {
        let (open, tills, lines) = (&self.open, &self.tills, &self.lines);
        self.batches.cut(self.config.most_entries, |staged| -> Entry {
            match staged.subject {
                Subject::Tally(id) => {
                    let held = open.get(&id).expect("a staged payment stays in memory");
                    stage::tally_entry(staged, &held.tally, held.version)
                }
                Subject::Terminal(till) => {
                    let row = tills.get(&till).and_then(|memory| memory.row.as_ref());
                    let row = row.expect("a staged terminal stays in memory");
                    stage::till_entry(staged, &row.state, row.version)
                }
                Subject::Link(link) => {
                    let row = lines.get(&link).and_then(|line| line.row.as_ref());
                    let row = row.expect("a staged link stays in memory");
                    stage::link_entry(staged, &row.state, row.version)
                }
                Subject::Nobody => stage::nobody_entry(staged),
            }
        })
    }

    pub(super) fn committed(
        &mut self,
        now: Moment,
        number: u64,
        refused: Vec<Refused>,
        out: &mut Vec<Output>,
    ) {
        let flight = self.batches.landed(number);
        let refused: BTreeMap<usize, Refusal> = refused.into_iter().map(|r| (r.entry, r.why)).collect();
        let (mut news, mut stale) = (Vec::new(), Vec::new());
        for (place, flying) in flight.into_iter().enumerate() {
            if let Some(why) = refused.get(&place).filter(|_| !mutant!(TakesRefusedForCommitted)) {
                self.refused(now, flying, why, out);
                continue;
            }
            if !mutant!(LosesEffectsAtTheCommit) {
                for effect in flying.follows.effects {
                    match self.too_late(now, &effect) {
                        Some(late) => stale.push(late),
                        None => {
                            self.leaves(now, &flying.subject, &effect);
                            out.push(effect);
                        }
                    }
                }
            }
            if let Subject::Tally(id) = flying.subject {
                self.copies_go_on(id);
                self.touch(id);
                news.extend(flying.follows.news.into_iter().map(|news| (id, news)));
            }
        }
        for (id, news) in news {
            self.durable(now, id, news, out);
        }
        for (link, key, rrn) in stale {
            self.never_sent(now, link, key, rrn, out);
        }
    }

    /// A request that took too long to become durable does not leave any more: the terminal has given up, and what is
    /// concluded from the bank's silence or denial counts from the time by which it must have left.
    fn too_late(&self, now: Moment, effect: &Output) -> Option<(LinkId, LinkKey, Rrn)> {
        match effect {
            Output::Send { link, message } if message.what == BankAsk::Request => {
                let last = message.key.at.after(self.config.rules.leaves_within);
                let late = now > last && !mutant!(SendsWhatIsTooOld);
                late.then_some((*link, message.key, message.rrn))
            }
            Output::Send { .. }
            | Output::Load(_)
            | Output::Commit(_)
            | Output::Lease(_)
            | Output::Reply { .. }
            | Output::Answer { .. }
            | Output::WakeAt { .. }
            | Output::Alarm { .. } => None,
        }
    }

    /// What was long in becoming durable leaves late, and what counts from its leaving counts from now.
    ///
    /// All copies of a reversal look alike, and so do their answers: two that leave together would make an answer to
    /// the first pass for one to a repeat.
    fn leaves(&mut self, now: Moment, subject: &Subject, effect: &Output) {
        match (subject, effect) {
            (Subject::Tally(id), Output::Send { message, .. }) if message.what.is_reversal() => {
                let held = self.open.get_mut(id).expect("what is committed stays in memory");
                held.copy_from = Some(now.after(COPIES_APART));
                held.copy_unsure = false;
            }
            (Subject::Tally(_), Output::Reply { conversation, .. }) => self.told.leaves(now, *conversation),
            (Subject::Tally(_) | Subject::Terminal(_) | Subject::Link(_) | Subject::Nobody, _) => {}
        }
    }

    /// Something became true with its commit.
    fn durable(&mut self, now: Moment, id: TallyId, news: News, out: &mut Vec<Output>) {
        match news {
            News::New(new) => {
                self.presume(now, new.identity.till, new.identity.batch, Some(new), out);
            }
            News::Told { leg: no } => {
                let Some(leg) = self.open.get(&id).and_then(|held| held.tally.leg(no).ok()) else { return };
                self.told_to(leg.identity.till, id, no);
            }
        }
    }

    /// What was refused is read anew and judged again; the others stand.
    fn refused(&mut self, now: Moment, flying: Flying, why: &Refusal, out: &mut Vec<Output>) {
        let waiting = self.batches.drop_waiting(&flying.subject);
        let causes: Vec<Cause> = flying.follows.causes.into_iter().chain(waiting.causes).collect();
        let effects: Vec<Output> = flying.follows.effects.into_iter().chain(waiting.effects).collect();
        let load = match flying.subject {
            Subject::Tally(id) => {
                let held = &self.open[&id];
                let (shard, is_new, legs) = (held.tally.shard(), held.version == 1, held.tally.next_leg().0);
                self.release(now, id, &effects, &causes, out);
                (0..legs).for_each(|no| self.forget_told(id, LegNo(no)));
                self.forget(id);
                match why {
                    // A payment that was there before is read too: its duties go on.
                    Refusal::Identity { handle } => {
                        if !is_new {
                            self.park(now, Load::Tally(id, shard), Parked::Read, out);
                        }
                        Load::Handle(shard, handle.clone())
                    }
                    Refusal::Version { .. } => Load::Tally(id, shard),
                }
            }
            Subject::Terminal(till) => {
                if let Some(memory) = self.tills.get_mut(&till) {
                    memory.row = None;
                }
                Load::Terminal(till)
            }
            Subject::Link(link) => self.forget_link(link),
            Subject::Nobody => return,
        };
        self.park(now, load.clone(), Parked::Read, out);
        for cause in causes {
            self.park(now, load.clone(), Parked::Retry(cause), out);
        }
    }

    /// Who waits for an answer about a payment that must be read anew, and brought none of this about, would wait for
    /// ever: "unknown" is true whatever is read.
    fn release(
        &mut self,
        now: Moment,
        id: TallyId,
        effects: &[Output],
        causes: &[Cause],
        out: &mut Vec<Output>,
    ) {
        let held = self.open.get_mut(&id).expect("what flies stays in memory");
        let mut waiting: BTreeSet<Conversation> =
            std::mem::take(&mut held.conversations).into_values().collect();
        for effect in effects {
            if let Output::Reply { conversation, .. } = effect {
                self.told.was_dropped(*conversation);
                waiting.insert(*conversation);
            }
        }
        for cause in causes {
            if let Input::Terminal { conversation, .. } = &**cause {
                waiting.remove(conversation);
            }
        }
        for conversation in waiting {
            let what = self.unknown_now(id);
            out.push(Output::Reply { conversation, reply: Box::new(Reply::new(now, what)) });
        }
    }
}
