//! Memory: what is open is here, the rest is read when it is asked for.

use super::{Engine, Held, Row, Scan};
use crate::{
    engine::time::PAGE,
    io::{Found, Input, Load, Output},
    stage::Cause,
};
use hefu_tally::{
    Identity, Kind, LegNo, Moment, Shard, Tally, TallyId, Till,
    judge::Evidence,
    leg::Leg,
    record::{Subject, TallyRow, TerminalRow},
};
use std::collections::BTreeMap;

/// What a look-up came to.
pub(crate) enum Lookup {
    Found(TallyId, LegNo),
    Absent,
    /// The input waits for a read.
    Parked,
}

/// Something that goes on when a read is there.
#[derive(Clone)]
pub(crate) enum Parked {
    Retry(Cause),
    /// Approvals of an earlier run, presumed known since this terminal came with another transaction.
    Earlier {
        till: Till,
        before: Moment,
        except: Option<Identity>,
    },
    /// One approval of this run, presumed known for the same reason.
    Presume {
        leg: LegNo,
    },
    /// Nothing but the reading itself.
    Read,
}

/// How many approvals a terminal's memory holds; older ones keep their duty.
const MOST_TOLD: usize = 16;

impl Engine {
    /// Where a leg is, if memory knows. Otherwise it must be read first: the input is parked.
    pub(crate) fn find(
        &mut self,
        now: Moment,
        shard: Shard,
        handle: Vec<u8>,
        out: &mut Vec<Output>,
    ) -> Lookup {
        if let Some((id, no)) = self.handles.get(&handle) {
            return Lookup::Found(*id, *no);
        }
        let load = Load::Handle(shard, handle);
        if self.absent.as_ref() == Some(&load) {
            return Lookup::Absent;
        }
        self.park_cause(now, load, out);
        Lookup::Parked
    }

    /// Parks the input under way until this is read.
    pub(crate) fn park_cause(&mut self, now: Moment, load: Load, out: &mut Vec<Output>) {
        let cause = self.cause.clone().expect("only an input is parked");
        self.park(now, load, Parked::Retry(cause), out);
    }

    pub(crate) fn park(&mut self, now: Moment, load: Load, parked: Parked, out: &mut Vec<Output>) {
        let waits = !matches!(parked, Parked::Read);
        if waits && self.parked >= self.config.most_waiting {
            // A presumption that finds no place is no loss: the duty to hear of the merchant stays.
            if let Parked::Retry(cause) = parked {
                self.turn_away(now, &cause, out);
            }
            return;
        }
        self.parked += usize::from(waits);
        let queue = self.waiting.entry(load.clone()).or_default();
        queue.push(parked);
        if queue.len() == 1 {
            out.push(Output::Load(load));
        }
    }

    pub(super) fn loaded(&mut self, now: Moment, load: Load, found: Found, out: &mut Vec<Output>) {
        let readable = self.take_in(now, &load, found, out);
        for parked in self.waiting.remove(&load).unwrap_or_default() {
            self.parked -= usize::from(!matches!(parked, Parked::Read));
            match parked {
                Parked::Retry(cause) if readable => self.feed(now, cause, out),
                // It was said that the row cannot be read: judging goes no further, and nobody is told a guess.
                Parked::Retry(cause) => self.turn_away(now, &cause, out),
                Parked::Earlier { till, before, except } => {
                    self.presume_earlier(now, till, before, except, out);
                }
                Parked::Presume { leg } => {
                    if let Load::Tally(id, _) = load {
                        self.presume_one(now, id, leg, out);
                    }
                }
                Parked::Read => {}
            }
        }
        self.absent = None;
        self.listed = None;
    }

    /// Takes what was read into memory. Returns whether all of it could be understood.
    fn take_in(&mut self, now: Moment, load: &Load, found: Found, out: &mut Vec<Output>) -> bool {
        let mut readable = true;
        match found {
            Found::Nothing => {
                match load {
                    Load::Terminal(till) => {
                        self.tills.entry(*till).or_default().row.get_or_insert_default();
                    }
                    Load::Handles(..) => self.listed = Some((load.clone(), Vec::new())),
                    Load::Duties { .. } => self.scanned(now, None, out),
                    Load::Doubts { .. } => self.doubts_known = true,
                    Load::Tally(..) | Load::Handle(..) | Load::Links => {}
                }
                self.absent = Some(load.clone());
            }
            Found::Tally(row, leg) => match self.admit(now, *row, Some(leg), out) {
                Some(id) => {
                    if let Load::Handle(_, handle) = load {
                        self.index(id, leg, handle.clone());
                    }
                }
                None => readable = false,
            },
            Found::Tallies(rows) => {
                let mut listed = Vec::new();
                for (row, leg) in rows {
                    listed.extend(self.admit(now, row, Some(leg), out).map(|id| (id, leg)));
                }
                self.listed = Some((load.clone(), listed));
            }
            Found::Links(rows) => self.admit_links(rows, out),
            Found::Terminal(row) => readable = self.admit_till(row, out),
            Found::Owing { rows, last } => {
                for row in rows {
                    self.admit(now, row, None, out);
                }
                match load {
                    Load::Doubts { limit, .. } => self.doubts_are_known(last.map(|_| *limit), out),
                    Load::Duties { .. } => self.scanned(now, last, out),
                    Load::Tally(..)
                    | Load::Handle(..)
                    | Load::Handles(..)
                    | Load::Terminal(_)
                    | Load::Links => {
                        unreachable!("only a look for duties is answered with what is owed")
                    }
                }
            }
        }
        readable
    }

    /// Sales may be judged. `beyond` so many there was no room for more.
    fn doubts_are_known(&mut self, beyond: Option<usize>, out: &mut Vec<Output>) {
        self.doubts_known = true;
        if let Some(limit) = beyond {
            let what = format!("more than {limit} payments are in doubt: some may be charged again");
            out.push(Output::Alarm { what });
        }
    }

    /// Goes on to the next page of duties, or sets the time of the next look.
    fn scanned(&mut self, now: Moment, last: Option<hefu_tally::record::DutyRow>, out: &mut Vec<Output>) {
        let due_by = now.after(self.config.horizon);
        // What is due first was read first; the rest finds room at the next look.
        match last.filter(|_| self.open.len() < self.config.most_open) {
            Some(last) => out.push(Output::Load(Load::Duties { after: Some(last), due_by, limit: PAGE })),
            None => self.scan = Scan::At(now.after(self.config.horizon / 2)),
        }
    }

    /// Takes a payment from the store into memory, unless it is there. What was unanswered when we stopped is
    /// judged as of now. None when the row makes no sense.
    fn admit(
        &mut self,
        now: Moment,
        row: TallyRow,
        leg: Option<LegNo>,
        out: &mut Vec<Output>,
    ) -> Option<TallyId> {
        let id = row.id;
        if !self.open.contains_key(&id) {
            let tally: Tally = match serde_json::from_slice(&row.state) {
                Ok(tally) => tally,
                Err(error) => {
                    out.push(Output::Alarm { what: format!("payment {id} cannot be read: {error}") });
                    return None;
                }
            };
            self.remember(tally, row);
            let cause = self.cause.take();
            for no in (0..self.open[&id].tally.next_leg().0).map(LegNo) {
                self.give(now, id, no, &Evidence::Restarted, out);
            }
            self.cause = cause;
            self.schedule(id, None);
            self.touch(id);
        }
        if let Some(leg) = leg
            && self.open[&id].tally.leg(leg).is_err()
        {
            out.push(Output::Alarm {
                what: format!("payment {id} has no leg {}, though a key says so", leg.0),
            });
            return None;
        }
        Some(id)
    }

    /// Returns whether the row could be understood.
    fn admit_till(&mut self, row: TerminalRow, out: &mut Vec<Output>) -> bool {
        let memory = self.tills.entry(row.till).or_default();
        if memory.row.is_some() {
            return true;
        }
        match serde_json::from_slice(&row.state) {
            Ok(state) => {
                memory.row = Some(Row { version: row.version, state });
                true
            }
            Err(error) => {
                out.push(Output::Alarm { what: format!("terminal {} cannot be read: {error}", row.till) });
                false
            }
        }
    }

    fn remember(&mut self, tally: Tally, row: TallyRow) {
        let id = row.id;
        let keys: Vec<(LegNo, [Vec<u8>; 2])> = tally.legs().map(|(no, leg)| (no, leg_handles(leg))).collect();
        let held = Held {
            tally,
            version: row.version,
            sealed: row.card,
            conversations: BTreeMap::new(),
            copy_waits: false,
            copy_from: None,
            copy_unsure: true,
            keys: Vec::new(),
            wake: None,
            doubtful: false,
        };
        self.open.insert(id, held);
        for (no, keys) in keys {
            for key in keys {
                self.index(id, no, key);
            }
        }
        self.weigh(id);
    }

    /// Makes a leg in memory findable.
    pub(super) fn index(&mut self, id: TallyId, no: LegNo, key: Vec<u8>) {
        let held = self.open.get_mut(&id).expect("only what is in memory is found there");
        held.keys.push(key.clone());
        self.handles.insert(key, (id, no));
    }

    /// Whether the payment may yet come to be charged, or to be found charged.
    pub(super) fn weigh(&mut self, id: TallyId) {
        let held = self.open.get_mut(&id).expect("what changed is in memory");
        let first = held.tally.first();
        let doubtful = matches!(first.kind, Kind::Sale | Kind::PreAuth) && first.in_doubt();
        if doubtful == held.doubtful {
            return;
        }
        held.doubtful = doubtful;
        let payer = (held.tally.merchant, held.tally.card);
        if doubtful {
            self.doubts.entry(payer).or_default().insert(id);
        } else {
            self.clear_doubt(payer, id);
        }
    }

    fn clear_doubt(&mut self, payer: (hefu_tally::MerchantNo, hefu_tally::CardToken), id: TallyId) {
        if let Some(ids) = self.doubts.get_mut(&payer) {
            ids.remove(&id);
            if ids.is_empty() {
                self.doubts.remove(&payer);
            }
        }
    }

    /// Looks at a payment again at the end of this input: it may not be needed in memory any more.
    pub(crate) fn touch(&mut self, id: TallyId) {
        self.touched.push(id);
    }

    /// Remembers that a terminal was told an approval.
    pub(crate) fn told_to(&mut self, till: Till, id: TallyId, no: LegNo) {
        let memory = self.tills.entry(till).or_default();
        if memory.told.len() >= MOST_TOLD {
            let (oldest, ..) = memory.told.remove(0);
            self.touched.push(oldest);
        }
        memory.told.push((id, no, self.turn));
    }

    /// Forgets a payment of which nothing is due soon; the store has it.
    pub(super) fn let_go(&mut self, now: Moment, id: TallyId) {
        let Some(held) = self.open.get(&id) else { return };
        let soon = held.wake.is_some_and(|wake| wake <= now.after(self.config.horizon));
        let doubted = held.doubtful && now < self.doubted_until(&held.tally);
        let waits = !held.conversations.is_empty() || self.waits_for_lane(id);
        if soon || doubted || waits || self.batches.holds(&Subject::Tally(id)) {
            return;
        }
        // What a terminal was told stays at hand until its next transaction, while there is room.
        if self.open.len() < self.config.most_open / 2 && self.told_lately(&self.open[&id].tally) {
            return;
        }
        self.forget(id);
    }

    fn told_lately(&self, tally: &Tally) -> bool {
        tally.legs().any(|(_, leg)| {
            let memory = self.tills.get(&leg.identity.till);
            memory.is_some_and(|memory| memory.told.iter().any(|(told, ..)| *told == tally.id))
        })
    }

    /// Until when a second charge like this payment is refused while it is in doubt.
    pub(crate) fn doubted_until(&self, tally: &Tally) -> Moment {
        tally.first().opened.after(self.config.double_charge_window)
    }

    pub(super) fn forget(&mut self, id: TallyId) {
        if !self.open.contains_key(&id) {
            return;
        }
        self.leave_lanes(id);
        let Some(held) = self.open.remove(&id) else { return };
        for key in &held.keys {
            if self.handles.get(key).is_some_and(|(owner, _)| *owner == id) {
                self.handles.remove(key);
            }
        }
        if held.doubtful {
            self.clear_doubt((held.tally.merchant, held.tally.card), id);
        }
        if let Some(wake) = held.wake {
            self.wakes.remove(&(wake, id));
        }
    }

    /// An input that can find no place to wait, or no row to go by: a transaction is answered, anything else is left
    /// to its sender's repeat.
    pub(super) fn turn_away(&mut self, now: Moment, cause: &Input, out: &mut Vec<Output>) {
        match self.refusal_of(now, cause) {
            Some(reply) => out.push(reply),
            None => out.push(Output::Alarm { what: "too much waits; an input was turned away".into() }),
        }
    }
}

/// The unique keys of a leg: its identity and its reference.
pub(super) fn leg_handles(leg: &Leg) -> [Vec<u8>; 2] {
    [leg.identity.handle(), super::rrn_handle(&leg.rrn)]
}
