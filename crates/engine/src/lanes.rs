//! The lanes of one bank link. Each payment that owes the link a message is a lane of its own; so many lanes may be
//! under way at a time, the others wait and take turns by merchant. How many may be under way follows what the bank
//! answers: one more for each answer, half as many for each silence. A link on which too many messages in a row
//! come to nothing is tried with one message now and then, until the bank answers again. One lane alone cannot bring
//! that about: a bank that is silent about one payment may be well.

use crate::engine::Print;
use hefu_tally::{LegNo, MerchantNo, Moment, TallyId, link::LinkModeState, time::SECOND};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How a link is used.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct LinkRules {
    /// The most lanes under way.
    pub most_flying: usize,
    /// After so long without an answer a copy is given up (milliseconds): its lane makes room.
    pub flies: i64,
    /// So many messages in a row without an answer open the breaker.
    pub trip_after: u32,
    /// While it is open, one message in so long (milliseconds).
    pub probe_every: i64,
}

impl Default for LinkRules {
    fn default() -> LinkRules {
        LinkRules { most_flying: 256, flies: 20 * SECOND, trip_after: 10, probe_every: 10 * SECOND }
    }
}

/// So many silences of one lane count towards the breaker; what it is silent about after that is its own trouble.
const MOST_OF_A_LANE: u32 = 3;

/// One link: its row, its line, its lanes.
#[derive(Clone)]
pub(crate) struct Line {
    rules: LinkRules,
    /// Its durable row; none until it is read.
    pub row: Option<Row>,
    up: bool,
    /// The lanes under way, and when each is given up.
    flying: BTreeMap<(TallyId, LegNo), Moment>,
    gives_up: BTreeSet<(Moment, TallyId, LegNo)>,
    /// How many may be under way now.
    window: usize,
    waiting: Waiting,
    /// Messages in a row that came to nothing, lane by lane, as far as they count.
    silent: BTreeMap<(TallyId, LegNo), u32>,
    /// While the breaker is open: when the next message may try.
    probe: Moment,
}

/// A link's durable row as it is known.
#[derive(Clone, Default)]
pub(crate) struct Row {
    pub version: u32,
    pub state: LinkModeState,
}

/// Who waits for a lane: merchants take turns, and each merchant's payments wait in order.
#[derive(Clone, Default)]
struct Waiting {
    queues: BTreeMap<MerchantNo, VecDeque<TallyId>>,
    members: BTreeSet<TallyId>,
    last: Option<MerchantNo>,
}

impl Line {
    pub fn new(rules: LinkRules) -> Line {
        assert!(rules.most_flying > 0 && rules.trip_after > 0, "bounds");
        assert!(rules.flies > 0 && rules.probe_every > 0, "bounds");
        Line {
            rules,
            row: None,
            up: false,
            flying: BTreeMap::new(),
            gives_up: BTreeSet::new(),
            window: 1,
            waiting: Waiting::default(),
            silent: BTreeMap::new(),
            probe: Moment(i64::MIN),
        }
    }

    pub fn state(&self) -> LinkModeState {
        self.row.as_ref().map(|row| row.state.clone()).unwrap_or_default()
    }

    fn tripped(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.state.tripped)
    }

    pub fn is_up(&self) -> bool {
        self.up
    }

    /// It came up, and is tried with one message first; or it went down, and what was under way is lost.
    pub fn set_up(&mut self, up: bool) {
        self.up = up;
        self.window = 1;
        if !up {
            self.flying.clear();
            self.gives_up.clear();
        }
    }

    /// Whether another lane may start now.
    pub fn has_room(&self, now: Moment) -> bool {
        self.up
            && match self.tripped() {
                true => self.flying.is_empty() && now >= self.probe,
                false => self.flying.len() < self.window,
            }
    }

    /// Whether a new payment may try whether the bank is back: nothing else can.
    pub fn may_probe(&self, now: Moment) -> bool {
        self.waiting.members.is_empty() && self.has_room(now)
    }

    /// A message leaves in this lane, in which none is under way.
    pub fn start(&mut self, now: Moment, id: TallyId, no: LegNo) {
        assert!(!self.flying.contains_key(&(id, no)), "one message at a time in a lane");
        let until = now.after(self.rules.flies);
        self.flying.insert((id, no), until);
        self.gives_up.insert((until, id, no));
        self.probed(now);
    }

    /// A message tries whether the bank is back.
    pub fn probed(&mut self, now: Moment) {
        self.probe = now.after(self.rules.probe_every);
    }

    /// The lane's message is under way no more. Whether it was.
    pub fn land(&mut self, id: TallyId, no: LegNo) -> bool {
        match self.flying.remove(&(id, no)) {
            Some(until) => self.gives_up.remove(&(until, id, no)),
            None => false,
        }
    }

    /// The bank answered something about this leg: it is there.
    pub fn answered(&mut self, id: TallyId, no: LegNo) {
        self.land(id, no);
        self.silent.clear();
        self.window = (self.window + 1).min(self.rules.most_flying);
    }

    /// A message of this lane came to nothing.
    pub fn failed(&mut self, id: TallyId, no: LegNo) {
        self.window = (self.window / 2).max(1);
        if self.failures() < self.rules.trip_after {
            let counted = self.silent.entry((id, no)).or_default();
            *counted = (*counted + 1).min(MOST_OF_A_LANE);
        }
    }

    /// Messages in a row that came to nothing, as far as they count.
    fn failures(&self) -> u32 {
        self.silent.values().sum()
    }

    /// Gives up what has been under way for too long.
    pub fn give_up(&mut self, now: Moment) {
        while let Some((until, id, no)) = self.gives_up.first().copied()
            && until <= now
        {
            self.land(id, no);
            self.failed(id, no);
        }
    }

    /// How many failures in a row open the breaker now, if they do.
    pub fn trips(&self) -> Option<u32> {
        let failures = self.failures();
        (failures >= self.rules.trip_after && !self.tripped()).then_some(failures)
    }

    /// Whether an answer closes the breaker now.
    pub fn recovers(&self) -> bool {
        self.silent.is_empty() && self.tripped()
    }

    pub fn wait(&mut self, merchant: MerchantNo, id: TallyId) {
        if self.waiting.members.insert(id) {
            self.waiting.queues.entry(merchant).or_default().push_back(id);
        }
    }

    pub fn waits(&self, id: TallyId) -> bool {
        self.waiting.members.contains(&id)
    }

    /// The next one whose turn it is.
    pub fn next(&mut self) -> Option<TallyId> {
        let Waiting { queues, members, last } = &mut self.waiting;
        let after = last.and_then(|last| {
            queues.range((std::ops::Bound::Excluded(last), std::ops::Bound::Unbounded)).next()
        });
        let merchant = *after.or_else(|| queues.iter().next())?.0;
        let queue = queues.get_mut(&merchant).expect("just seen");
        let id = queue.pop_front().expect("an empty queue is not kept");
        if queue.is_empty() {
            queues.remove(&merchant);
        }
        members.remove(&id);
        *last = Some(merchant);
        Some(id)
    }

    /// It does not wait any more, whatever its turn.
    pub fn leave(&mut self, merchant: MerchantNo, id: TallyId) {
        if !self.waiting.members.remove(&id) {
            return;
        }
        let queue = self.waiting.queues.get_mut(&merchant).expect("a member stands in its merchant's queue");
        queue.retain(|other| *other != id);
        if queue.is_empty() {
            self.waiting.queues.remove(&merchant);
        }
    }

    /// When something may be done about it without any input: a copy is given up, or the next try is due.
    pub fn wake(&self) -> Option<Moment> {
        let gives_up = self.gives_up.first().map(|(until, ..)| *until);
        let tries = self.up && self.tripped() && self.flying.is_empty() && !self.waiting.members.is_empty();
        gives_up.into_iter().chain(tries.then_some(self.probe)).min()
    }

    pub fn counts(&self) -> Counts {
        Counts {
            flying: self.flying.len(),
            window: self.window,
            waiting: self.waiting.members.len(),
            failures: self.failures(),
        }
    }

    /// All of it but the rules; when it was last tried matters no more once the next try is due.
    pub fn fingerprint(&self, print: &mut Print) {
        let Line { rules: _, row, up, flying: _, gives_up, window, waiting, silent, probe } = self;
        print.byte(u8::from(*up));
        print.count(*window);
        print.count(silent.len());
        for ((id, no), counted) in silent {
            print.id(*id);
            print.byte(no.0);
            print.number((*counted).into());
        }
        print.not_before(*probe);
        print.count(gives_up.len());
        for (until, id, no) in gives_up {
            print.at(*until);
            print.id(*id);
            print.byte(no.0);
        }
        let Waiting { queues, members: _, last } = waiting;
        print.text(format_args!("{last:?}"));
        for (merchant, queue) in queues {
            print.bytes(&merchant.0);
            print.count(queue.len());
            queue.iter().for_each(|id| print.id(*id));
        }
        print.byte(u8::from(row.is_some()));
        if let Some(row) = row {
            print.text(format_args!("{:?}", row.state));
        }
    }
}

/// A line's figures.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Counts {
    pub flying: usize,
    pub window: usize,
    pub waiting: usize,
    pub failures: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO: LegNo = LegNo(0);

    fn id(n: u8) -> TallyId {
        TallyId([n; 16])
    }

    fn merchant(n: u8) -> MerchantNo {
        MerchantNo([b'0' + n; 15])
    }

    fn line() -> Line {
        let mut line = Line::new(LinkRules { trip_after: 3, ..LinkRules::default() });
        line.row = Some(Row::default());
        line.set_up(true);
        line
    }

    #[test]
    fn merchants_take_turns_however_long_their_queues_are() {
        let mut line = line();
        for n in 0..5 {
            line.wait(merchant(1), id(n));
        }
        line.wait(merchant(2), id(10));
        line.wait(merchant(3), id(20));
        line.wait(merchant(1), id(0));
        line.leave(merchant(1), id(3));
        let order: Vec<u8> = std::iter::from_fn(|| line.next()).map(|id| id.0[0]).collect();
        assert_eq!(order, [0, 10, 20, 1, 2, 4], "nobody waits twice, and who left is gone");
        assert!(!line.waits(id(0)));
    }

    #[test]
    fn lanes_open_with_answers_and_close_with_silence() {
        let mut line = line();
        let now = Moment(0);
        assert!(line.has_room(now));
        line.start(now, id(1), NO);
        assert!(!line.has_room(now), "one message first");
        line.answered(id(1), NO);
        for n in 0..2 {
            assert!(line.has_room(now), "{n}");
            line.start(now, id(n), NO);
        }
        assert!(!line.has_room(now));
        assert_eq!(line.wake(), Some(now.after(20 * SECOND)));
        line.give_up(now.after(20 * SECOND));
        let Counts { flying, window, failures, .. } = line.counts();
        assert_eq!((flying, window, failures), (0, 1, 2));
        line.set_up(false);
        assert!(!line.has_room(now));
    }

    #[test]
    fn a_bank_that_is_silent_about_one_payment_is_used_for_the_others() {
        let mut line = Line::new(LinkRules { trip_after: 10, ..LinkRules::default() });
        line.row = Some(Row::default());
        line.set_up(true);
        for _ in 0..1_000 {
            line.failed(id(1), NO);
        }
        assert_eq!((line.counts().failures, line.trips()), (MOST_OF_A_LANE, None));
        for n in 2..=8 {
            assert_eq!(line.trips(), None, "{n}");
            line.failed(id(n), NO);
        }
        assert_eq!(line.trips(), Some(10), "it is silent about others too");
        line.answered(id(1), NO);
        assert_eq!(line.counts().failures, 0, "one answer, and it is there");
    }

    #[test]
    fn a_bank_that_is_silent_is_tried_now_and_then() {
        let mut line = line();
        for n in 0..3 {
            assert_eq!(line.trips(), None, "{n}");
            line.failed(id(n), NO);
        }
        assert_eq!(line.trips(), Some(3));
        line.row = Some(Row { version: 1, state: LinkModeState { order: None, tripped: true } });
        assert_eq!(line.trips(), None, "it is open already");
        let now = Moment(1_000);
        line.wait(merchant(1), id(7));
        assert!(line.has_room(now) && !line.may_probe(now), "who waits goes before a new payment");
        line.start(now, id(1), NO);
        assert!(!line.has_room(now.after(60 * SECOND)), "one at a time");
        line.land(id(1), NO);
        assert!(!line.has_room(now.after(9 * SECOND)), "and one in ten seconds");
        assert_eq!(line.wake(), Some(now.after(10 * SECOND)));
        assert!(line.has_room(now.after(10 * SECOND)));
        line.answered(id(1), NO);
        assert!(line.recovers());
    }
}
