//! The engine itself: its state, its one entrance, and who handles what.

mod commit;
mod memory;
mod print;
mod record;
mod time;
mod told;

pub(crate) use memory::{Lookup, Parked};
pub(crate) use print::{PLENTY, Print};
pub(crate) use told::Approval;

use crate::{
    config::Config,
    io::{Answer, Conversation, Halt, Input, Load, Output, Words},
    lanes::Line,
    numbers::Numbers,
    stage::{Batches, Cause},
};
use hefu_mutant::mutant;
use hefu_tally::{
    CardToken, LegNo, LinkId, MerchantNo, Moment, SealedCard, Tally, TallyId, Till, codes, till::TillState,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};
use told::Told;

/// The one door. Feed it every input with the present moment and carry out what it puts out.
#[derive(Clone)]
pub struct Engine {
    pub(crate) config: Config,
    pub(crate) numbers: Numbers,
    pub(crate) open: BTreeMap<TallyId, Held>,
    /// Where the legs in memory are found.
    pub(crate) handles: BTreeMap<Vec<u8>, (TallyId, LegNo)>,
    /// Payments in doubt by who paid where, to see a second charge while the first is unknown.
    pub(crate) doubts: BTreeMap<(MerchantNo, CardToken), BTreeSet<TallyId>>,
    pub(crate) tills: BTreeMap<Till, TillMemory>,
    pub(crate) batches: Batches,
    wakes: BTreeSet<(Moment, TallyId)>,
    /// What waits for a read.
    waiting: BTreeMap<Load, Vec<Parked>>,
    parked: usize,
    /// What waits for numbers.
    starving: VecDeque<Cause>,
    /// What the read that is being handled did not find, and what it listed.
    pub(crate) absent: Option<Load>,
    pub(crate) listed: Option<(Load, Vec<(TallyId, LegNo)>)>,
    /// Approvals that were let out lately, in case they cannot be written; and the order in which they went.
    pub(crate) told: Told,
    pub(crate) aside: Aside,
    /// Each bank link with its lanes.
    pub(crate) lines: BTreeMap<LinkId, Line>,
    /// Why no new payments are taken on, if so.
    pub(crate) refuses: Option<Halt>,
    scan: Scan,
    /// Payments that were in doubt when an earlier run stopped have been read, so that none is charged again.
    pub(crate) doubts_known: bool,
    /// Counts the inputs: what came before what, within one moment too.
    pub(crate) turn: u64,
    /// The moment of the last input.
    now: Moment,
    pub(crate) cause: Option<Cause>,
    touched: Vec<TallyId>,
}

/// A payment in memory.
#[derive(Clone)]
pub(crate) struct Held {
    pub tally: Tally,
    pub version: u32,
    pub sealed: Option<SealedCard>,
    /// Who waits for an answer about which leg.
    pub conversations: BTreeMap<LegNo, Conversation>,
    /// All keys under which memory finds it.
    keys: Vec<Vec<u8>>,
    wake: Option<Moment>,
    /// A copy is due, and is made when what was said before is durable.
    pub(crate) copy_waits: bool,
    /// A copy of its reversal has left: the next one not before then.
    pub(crate) copy_from: Option<Moment>,
    /// It was read from the store, and no copy of a reversal has left since: the newest one that is written down may
    /// never have.
    pub(crate) copy_unsure: bool,
    /// Its first leg may yet come to be charged: it stands in `doubts`.
    doubtful: bool,
}

/// A terminal in memory.
#[derive(Clone, Default)]
pub(crate) struct TillMemory {
    pub row: Option<Row>,
    /// Approvals told to it of which it is not known that they arrived, with the input that let each out.
    pub told: Vec<(TallyId, LegNo, u64)>,
    /// What an earlier run told it has been looked up.
    pub looked_up: bool,
    /// What it was told and must be asked about.
    pub questions: Vec<Question>,
    /// The batch and the highest trace of its transactions in this run.
    pub newest: Option<(u32, u32)>,
}

/// A sale that its terminal is asked about.
#[derive(Clone, Copy)]
pub(crate) struct Question {
    pub of: (TallyId, LegNo),
    pub trace: u32,
    /// Not before then: most questions answer themselves.
    pub from: Moment,
}

/// What the effects of the facts being recorded need and facts do not keep.
#[derive(Clone, Default)]
pub(crate) struct Aside {
    /// Who asked for the reversal.
    pub reversing: Option<Conversation>,
    pub words: Option<Words>,
    /// The balance that an inquiry was answered with.
    pub balance: Option<String>,
}

/// A terminal's row as it is known.
#[derive(Clone, Default)]
pub(crate) struct Row {
    pub version: u32,
    pub state: TillState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scan {
    At(Moment),
    UnderWay,
}

impl Engine {
    /// An empty engine. `seed` comes from the shell's dice; `last_batch` is the number of this node's last committed
    /// batch.
    ///
    /// # Panics
    /// When a terminal's model is to be told an approval for "unknown", or a bound is zero.
    pub fn new(config: Config, seed: u64, last_batch: u64) -> Engine {
        let models = config.models.values().chain([&config.model]);
        for unknown in models.map(|model| model.unknown).chain([config.rules.unknown]) {
            assert!(!codes::approves(unknown), "{unknown} is an approval, not a word for unknown");
        }
        assert!(config.horizon > 0 && config.most_open > 0 && config.most_entries > 0, "bounds");
        assert!(config.most_waiting > 0, "bounds");
        let lines = config.links.iter().map(|(link, rules)| (*link, Line::new(*rules))).collect();
        Engine {
            config,
            numbers: Numbers::new(seed),
            open: BTreeMap::new(),
            handles: BTreeMap::new(),
            doubts: BTreeMap::new(),
            tills: BTreeMap::new(),
            batches: Batches::after(last_batch),
            wakes: BTreeSet::new(),
            waiting: BTreeMap::new(),
            parked: 0,
            starving: VecDeque::new(),
            absent: None,
            listed: None,
            told: Told::default(),
            aside: Aside::default(),
            lines,
            refuses: None,
            scan: Scan::At(Moment(i64::MIN)),
            doubts_known: false,
            turn: 0,
            now: Moment(i64::MIN),
            cause: None,
            touched: Vec::new(),
        }
    }

    /// Handles one input. `now` never goes back.
    pub fn handle(&mut self, now: Moment, input: Input, out: &mut Vec<Output>) {
        self.turn += 1;
        self.now = now;
        match input {
            Input::Loaded { load, found } => self.loaded(now, load, found, out),
            Input::Committed { number, refused } => self.committed(now, number, refused, out),
            Input::Leased { counter, first } => {
                self.numbers.leased(counter, first);
            }
            Input::Time => {}
            Input::Terminal { .. }
            | Input::Unwritten { .. }
            | Input::Bank { .. }
            | Input::NeverSent { .. }
            | Input::Link { .. }
            | Input::Order { .. }
            | Input::Decide { .. }
            | Input::Status { .. }
            | Input::House { .. }
            | Input::Note { .. } => self.fed(now, input, out),
        }
        while self.ready()
            && let Some(cause) = self.starving.pop_front()
        {
            self.dispatch(now, cause, out);
        }
        self.pass_time(now, out);
        self.tend_links(now, out);
        for id in std::mem::take(&mut self.touched) {
            self.let_go(now, id);
        }
        if self.batches.ready() {
            let batch = self.cut();
            out.push(Output::Commit(batch));
        }
        for counter in self.numbers.wanted() {
            out.push(Output::Lease(counter));
        }
        if let Some((at, why)) = self.next_wake().filter(|_| !mutant!(LosesTheWakeUp)) {
            out.push(Output::WakeAt { at, why });
        }
    }

    /// Payments in memory.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Whether nothing waits for a commit, a read or numbers.
    pub fn is_idle(&self) -> bool {
        self.batches.len() == 0 && self.waiting.is_empty() && self.starving.is_empty()
    }

    /// The payment, if it is in memory: as it will be once everything under way is committed.
    pub fn peek(&self, id: TallyId) -> Option<&Tally> {
        self.open.get(&id).map(|held| &held.tally)
    }

    /// Whether inputs can be handled: there are numbers, and it is known how the links stand and which payments are
    /// in doubt.
    pub(crate) fn ready(&self) -> bool {
        self.numbers.enough() && self.links_known() && self.doubts_known
    }

    /// Inputs that wait for a read or for numbers.
    pub(crate) fn parked(&self) -> usize {
        self.parked + self.starving.len()
    }

    /// The house takes no new payments on for now, or does again.
    fn house(&mut self, refuse: Option<Halt>, out: &mut Vec<Output>) {
        if self.refuses == refuse {
            return;
        }
        self.refuses = refuse;
        let what = match refuse {
            Some(Halt::DiskLow) => "the disk is nearly full: no new payments",
            Some(Halt::ClockJumped) => "the clock has jumped: no new payments",
            Some(Halt::ByHand) => "no new payments, by order",
            None => "new payments are taken on again",
        };
        out.push(Output::Alarm { what: what.into() });
    }

    /// Takes an input from outside, unless too much waits already.
    fn fed(&mut self, now: Moment, input: Input, out: &mut Vec<Output>) {
        // Answers of banks are bounded by our own requests; what comes from terminals is bounded here.
        let ours = match &input {
            Input::Terminal { .. } | Input::Note { .. } => false,
            Input::Unwritten { .. }
            | Input::Bank { .. }
            | Input::NeverSent { .. }
            | Input::Link { .. }
            | Input::Order { .. }
            | Input::Decide { .. }
            | Input::Status { .. }
            | Input::House { .. } => true,
            Input::Loaded { .. } | Input::Committed { .. } | Input::Leased { .. } | Input::Time => {
                unreachable!("handled before")
            }
        };
        let cause = Arc::new(input);
        if !ours && self.batches.queued() >= self.config.most_waiting {
            return self.turn_away(now, &cause, out);
        }
        self.feed(now, cause, out);
    }

    /// Handles an input, or keeps it until there are numbers.
    fn feed(&mut self, now: Moment, cause: Cause, out: &mut Vec<Output>) {
        if self.ready() {
            self.dispatch(now, cause, out);
        } else if self.starving.len() < self.config.most_waiting {
            self.starving.push_back(cause);
        } else {
            self.turn_away(now, &cause, out);
        }
    }

    fn dispatch(&mut self, now: Moment, cause: Cause, out: &mut Vec<Output>) {
        self.cause = Some(cause.clone());
        match &*cause {
            Input::Terminal { conversation, till, ask } => self.terminal(now, *conversation, *till, ask, out),
            Input::Unwritten { conversation } => self.unwritten(now, *conversation, out),
            Input::Bank { link, answer } => self.bank(now, *link, answer, out),
            Input::NeverSent { link, key, rrn } => self.never_sent(now, *link, *key, *rrn, out),
            Input::Link { link, up } => self.link(*link, *up),
            Input::Order { ticket, link, order } => self.order(now, *ticket, *link, order, out),
            Input::Decide { ticket, decide } => self.decide(now, *ticket, decide, out),
            Input::Status { ticket } => {
                let answer = Box::new(Answer::Status(self.status()));
                out.push(Output::Answer { ticket: *ticket, answer });
            }
            Input::House { refuse } => self.house(*refuse, out),
            Input::Note { till, note } => self.note(now, *till, note),
            Input::Loaded { .. } | Input::Committed { .. } | Input::Leased { .. } | Input::Time => {
                unreachable!("handled before")
            }
        }
        self.cause = None;
    }
}

/// The key under which a reference is found.
pub fn rrn_handle(rrn: &hefu_tally::Rrn) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + rrn.0.len());
    key.push(b'R');
    key.extend_from_slice(&rrn.0);
    key
}

/// The key under which a pre-authorisation is found by its authorisation code, card and merchant.
pub(crate) fn auth_handle(merchant: MerchantNo, card: CardToken, auth: hefu_tally::AuthCode) -> Vec<u8> {
    let mut key = vec![b'A'];
    key.extend_from_slice(&merchant.0);
    key.extend_from_slice(&card.0);
    key.extend_from_slice(&auth.0);
    key
}
