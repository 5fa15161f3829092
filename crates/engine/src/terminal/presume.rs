//! Presumption: a terminal that comes with something new, and without a reversal, has what it was told before.

use crate::{
    engine::{Engine, Parked},
    io::{Load, Output},
    stage::Newcomer,
};
use hefu_mutant::mutant;
use hefu_tally::{
    Identity, LegNo, Moment, TallyId, Till,
    judge::Evidence,
    leg::{Knowledge, Merchant},
};

/// How many payments of a batch are looked up at a terminal's first contact.
const MOST_LOOKED_UP: usize = 256;

impl Engine {
    /// This terminal came with something new: a script result, or the transaction `new`, proved by its
    /// commit to be no repeat. What it was told before is presumed known; what it was told since is not.
    pub(crate) fn presume(
        &mut self,
        now: Moment,
        till: Till,
        batch: u32,
        new: Option<Newcomer>,
        out: &mut Vec<Output>,
    ) {
        let (before, turn) = new.map_or((now, self.turn), |new| (new.at, new.turn));
        let memory = self.tills.entry(till).or_default();
        let (told, later) = std::mem::take(&mut memory.told)
            .into_iter()
            .partition(|(.., told)| *told < turn || mutant!(PresumesWhatWasToldSince));
        memory.told = later;
        let told: Vec<(TallyId, LegNo, u64)> = told;
        if !std::mem::replace(&mut memory.looked_up, true) {
            let load = Load::Handles(till.shard(), Identity::batch_handle(&till, batch), MOST_LOOKED_UP);
            let except = new.map(|new| new.identity);
            self.park(now, load, Parked::Earlier { till, before, except }, out);
        }
        for (id, no, _) in told {
            if self.open.contains_key(&id) {
                self.presume_one(now, id, no, out);
            } else {
                self.park(now, Load::Tally(id, till.shard()), Parked::Presume { leg: no }, out);
            }
        }
    }

    /// One approval is presumed known.
    pub(crate) fn presume_one(&mut self, now: Moment, id: TallyId, no: LegNo, out: &mut Vec<Output>) {
        if self.open.get(&id).is_some_and(|held| held.tally.leg(no).is_ok()) {
            self.give(now, id, no, &Evidence::Known(Knowledge::NextTransaction), out);
            self.touch(id);
        }
    }

    /// The same for what an earlier run told it.
    pub(crate) fn presume_earlier(
        &mut self,
        now: Moment,
        till: Till,
        before: Moment,
        except: Option<Identity>,
        out: &mut Vec<Output>,
    ) {
        let Some((_, listed)) = self.listed.clone() else { return };
        for (id, no) in listed {
            let leg = self.open.get(&id).and_then(|held| held.tally.leg(no).ok());
            let told = leg.is_some_and(|leg| {
                leg.identity.till == till
                    && leg.opened <= before
                    && leg.merchant == Merchant::Told
                    && Some(leg.identity) != except
            });
            if told {
                self.presume_one(now, id, no, out);
                let leg = self.leg(id, no);
                if leg.question.is_some() && leg.merchant == Merchant::Told {
                    self.question(id, no);
                }
            }
            self.touch(id);
        }
    }

    /// The terminal's silence about this leg says nothing any more.
    pub(crate) fn forget_told(&mut self, id: TallyId, no: LegNo) {
        let Some(leg) = self.open.get(&id).and_then(|held| held.tally.leg(no).ok()) else { return };
        if let Some(memory) = self.tills.get_mut(&leg.identity.till) {
            memory.told.retain(|(told, leg, _)| (*told, *leg) != (id, no));
        }
    }
}
