//! The engine itself: memory of what is open, the door, the gate.

use crate::{
    config::Config,
    io::{Conversation, Found, Input, Load, Note, Output, Words},
    numbers::Numbers,
    stage::{self, Batches, Staged},
};
use hefu_tally::{
    BusinessDay, CardToken, Duty, DutyKind, Fact, Identity, LegNo, MerchantNo, Moment, Opened, SealedCard,
    Shard, Tally, TallyId, Till,
    judge::{Evidence, judge},
    record::{Entry, Handle, Refusal, Refused, Subject, TallyRow, TerminalRow},
    till::{TillFact, TillState},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The one door. Feed it every input with the present moment and carry out what it puts out.
#[derive(Clone)]
pub struct Engine {
    pub(crate) config: Config,
    pub(crate) numbers: Numbers,
    pub(crate) open: BTreeMap<TallyId, Held>,
    /// Where the legs in memory are found.
    pub(crate) handles: BTreeMap<Vec<u8>, (TallyId, LegNo)>,
    /// Payments in memory by who paid where, to see a second charge while the first is unknown.
    pub(crate) payers: BTreeMap<(MerchantNo, CardToken), BTreeSet<TallyId>>,
    pub(crate) tills: BTreeMap<Till, TillMemory>,
    pub(crate) batches: Batches,
    wakes: BTreeSet<(Moment, TallyId)>,
    /// What waits for a read.
    waiting: BTreeMap<Load, Vec<Parked>>,
    parked: usize,
    /// What waits for numbers.
    starving: VecDeque<Input>,
    /// What the read that is being handled did not find, and what it listed.
    absent: Option<Load>,
    pub(crate) listed: Option<(Load, Vec<(TallyId, LegNo)>)>,
    /// Approvals that were let out lately, in case they cannot be written.
    pub(crate) told: VecDeque<ToldNow>,
    pub(crate) aside: Aside,
    pub(crate) link_up: bool,
    /// Payments whose repeat waits for the link.
    stalled: BTreeSet<TallyId>,
    scan: Scan,
    cause: Option<Input>,
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
    wake: Option<Moment>,
}

/// A terminal in memory.
#[derive(Clone, Default)]
pub(crate) struct TillMemory {
    pub row: Option<Row>,
    /// Approvals told to it of which it is not known that they arrived.
    pub told: Vec<(TallyId, LegNo)>,
    /// What an earlier run told it has been looked up.
    pub looked_up: bool,
}

/// An approval on its way out.
#[derive(Clone, Copy)]
pub(crate) struct ToldNow {
    pub at: Moment,
    pub conversation: Conversation,
    pub tally: TallyId,
    pub leg: LegNo,
    pub shard: Shard,
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

/// Something that goes on when a read is there.
#[derive(Clone)]
pub(crate) enum Parked {
    Retry(Input),
    /// Approvals of an earlier run, presumed known since this terminal came with another transaction.
    Presume {
        till: Till,
        before: Moment,
        except: Option<Identity>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scan {
    At(Moment),
    UnderWay,
}

/// How many payments are looked at in one go when their time has come.
const MOST_WAKES: usize = 256;
/// How many duties one read brings.
const PAGE: usize = 512;
/// How long an approval may come back as "could not be written".
const UNWRITTEN_WITHIN: i64 = 120_000;
/// How many told approvals a terminal's memory holds; older ones keep their duty.
const MOST_TOLD: usize = 16;

impl Engine {
    /// An empty engine. `seed` comes from the shell's dice; `last_batch` is the number of this node's last committed
    /// batch.
    pub fn new(config: Config, seed: u64, last_batch: u64) -> Engine {
        let batches = Batches::after(last_batch);
        Engine {
            config,
            numbers: Numbers::new(seed),
            open: BTreeMap::new(),
            handles: BTreeMap::new(),
            payers: BTreeMap::new(),
            tills: BTreeMap::new(),
            batches,
            wakes: BTreeSet::new(),
            waiting: BTreeMap::new(),
            parked: 0,
            starving: VecDeque::new(),
            absent: None,
            listed: None,
            told: VecDeque::new(),
            aside: Aside::default(),
            link_up: false,
            stalled: BTreeSet::new(),
            scan: Scan::At(Moment(i64::MIN)),
            cause: None,
            touched: Vec::new(),
        }
    }

    /// Handles one input. `now` never goes back.
    pub fn handle(&mut self, now: Moment, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Loaded { load, found } => self.loaded(now, load, found, out),
            Input::Committed { number, refused } => self.committed(number, refused, out),
            Input::Leased { counter, first } => {
                self.numbers.leased(counter, first);
                while self.numbers.enough()
                    && let Some(input) = self.starving.pop_front()
                {
                    self.dispatch(now, input, out);
                }
            }
            Input::Time => {}
            Input::Terminal { .. }
            | Input::Unwritten { .. }
            | Input::Bank { .. }
            | Input::NeverSent { .. }
            | Input::Link { .. }
            | Input::Note { .. } => self.fed(now, input, out),
        }
        self.pass_time(now, out);
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
        if let Some((at, why)) = self.next_wake() {
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

    /// A hash of everything that decides what this engine does next.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for (id, held) in &self.open {
            hasher.update(&id.0).update(&held.version.to_be_bytes());
            hasher.update(&serde_json::to_vec(&held.tally).unwrap_or_default());
            for (leg, conversation) in &held.conversations {
                hasher.update(&[leg.0]).update(&conversation.0.to_be_bytes());
            }
        }
        for (till, memory) in &self.tills {
            hasher.update(till.to_string().as_bytes());
            if let Some(row) = &memory.row {
                hasher.update(&serde_json::to_vec(&row.state).unwrap_or_default());
            }
            for (id, leg) in &memory.told {
                hasher.update(&id.0).update(&[leg.0]);
            }
        }
        hasher.update(&(self.batches.len() as u64).to_be_bytes());
        hasher.update(&(self.parked as u64).to_be_bytes());
        hasher.update(&[u8::from(self.link_up)]);
        *hasher.finalize().as_bytes()
    }

    fn fed(&mut self, now: Moment, input: Input, out: &mut Vec<Output>) {
        if !self.numbers.enough() {
            if self.starving.len() < self.config.most_waiting {
                self.starving.push_back(input);
            } else {
                self.turn_away(now, input, out);
            }
            return;
        }
        self.dispatch(now, input, out);
    }

    fn dispatch(&mut self, now: Moment, input: Input, out: &mut Vec<Output>) {
        self.cause = Some(input.clone());
        match input {
            Input::Terminal { conversation, till, ask } => self.terminal(now, conversation, till, ask, out),
            Input::Unwritten { conversation } => self.unwritten(now, conversation, out),
            Input::Bank { link, answer } => self.bank(now, link, answer, out),
            Input::NeverSent { key, rrn, .. } => self.never_sent(now, key, rrn, out),
            Input::Link { up, .. } => self.link(now, up),
            Input::Note { till, note } => self.note(now, till, &note),
            Input::Loaded { .. } | Input::Committed { .. } | Input::Leased { .. } | Input::Time => {
                unreachable!("handled before")
            }
        }
        self.cause = None;
    }

    // ---- payments ------------------------------------------------------------------------------------------

    /// Gives evidence about a leg and records what follows. Returns whether anything did.
    pub(crate) fn give(
        &mut self,
        now: Moment,
        id: TallyId,
        no: LegNo,
        evidence: &Evidence,
        out: &mut Vec<Output>,
    ) -> bool {
        let held = self.open.get(&id).expect("evidence is about a payment in memory");
        let till = held.tally.leg(no).expect("evidence is about a leg that is there").identity.till;
        let rules = self.config.rules_for(&till);
        let facts = judge(&held.tally, no, now, evidence, &rules, &mut self.numbers.supply(now))
            .expect("the leg is there");
        let any = !facts.is_empty();
        self.record(now, id, facts, out);
        any
    }

    /// Applies facts to a payment, stages them, and holds their effects back until they are durable.
    pub(crate) fn record(&mut self, now: Moment, id: TallyId, facts: Vec<Fact>, out: &mut Vec<Output>) {
        if facts.is_empty() {
            return;
        }
        self.stage_payment(now, id);
        let mut effects = Vec::new();
        let held = self.open.get_mut(&id).expect("facts are about a payment in memory");
        let staged = self.batches.waiting(&stage::payment(id)).expect("just staged");
        for fact in &facts {
            held.tally.apply(now, fact).unwrap_or_else(|error| panic!("payment {id}: {error}"));
            staged.facts.push(stage::row(now, fact.name(), fact));
        }
        held.tally.check().unwrap_or_else(|error| panic!("payment {id}: {error}"));
        for fact in &facts {
            self.effects(now, id, fact, &mut effects);
        }
        for effect in effects {
            self.batches.gate(&stage::payment(id), effect, out);
        }
        self.schedule(id, None);
        self.touched.push(id);
    }

    /// Takes a new leg on: opens the payment, or adds to it.
    pub(crate) fn open_leg(
        &mut self,
        now: Moment,
        to: Option<TallyId>,
        opened: Opened,
        sealed: SealedCard,
    ) -> (TallyId, LegNo) {
        let fact = Fact::Opened(Box::new(opened.clone()));
        let id = match to {
            Some(id) => {
                self.stage_payment(now, id);
                let held = self.open.get_mut(&id).expect("a leg is added to a payment in memory");
                held.tally.apply(now, &fact).unwrap_or_else(|error| panic!("payment {id}: {error}"));
                id
            }
            None => {
                let id = self.numbers.tally_id(now);
                let tally = Tally::open(id, now, &opened).expect("a first leg always fits");
                let staged = self.new_staged(stage::payment(id), tally.shard(), 0, now.business_day());
                let staged = self.batches.push(staged);
                staged.card = Some((opened.card, sealed.clone()));
                self.remember(Held {
                    tally,
                    version: 1,
                    sealed: Some(sealed),
                    conversations: BTreeMap::new(),
                    wake: None,
                });
                id
            }
        };
        let held = &self.open[&id];
        let no = LegNo(held.tally.next_leg().0 - 1);
        let leg = held.tally.leg(no).expect("just opened");
        let handles = leg_handles(&held.tally, leg).map(|key| Handle { key, leg: no, unique: true });
        for handle in &handles {
            self.handles.insert(handle.key.clone(), (id, no));
        }
        let staged = self.batches.waiting(&stage::payment(id)).expect("just staged");
        staged.facts.push(stage::row(now, fact.name(), &fact));
        staged.handles.extend(handles);
        if let Some(cause) = &self.cause
            && !staged.causes.contains(cause)
        {
            staged.causes.push(cause.clone());
        }
        (id, no)
    }

    /// Makes a leg findable by one more key; a later leg with the same key takes its place.
    pub(crate) fn add_handle(&mut self, id: TallyId, no: LegNo, key: Vec<u8>) {
        self.handles.insert(key.clone(), (id, no));
        let staged = self.batches.waiting(&stage::payment(id)).expect("a handle comes with a change");
        staged.handles.push(Handle { key, leg: no, unique: false });
    }

    fn stage_payment(&mut self, now: Moment, id: TallyId) {
        let subject = stage::payment(id);
        if self.batches.waiting(&subject).is_none() {
            let held = self.open.get_mut(&id).expect("a change is of a payment in memory");
            let (expected, before, shard) = (held.version, held.tally.clone(), held.tally.shard());
            held.version += 1;
            let mut staged = self.new_staged(subject, shard, expected, now.business_day());
            staged.before = Some(before);
            self.batches.push(staged);
        }
        if let (Some(cause), Some(staged)) = (&self.cause, self.batches.waiting(&subject))
            && !staged.causes.contains(cause)
        {
            staged.causes.push(cause.clone());
        }
    }

    fn new_staged(&self, subject: Subject, shard: Shard, expected: u32, day: BusinessDay) -> Staged {
        Staged {
            subject,
            shard,
            expected,
            before: None,
            day,
            facts: Vec::new(),
            handles: Vec::new(),
            card: None,
            effects: Vec::new(),
            causes: Vec::new(),
        }
    }

    // ---- terminals -----------------------------------------------------------------------------------------

    /// Records facts of a terminal whose row is in memory.
    pub(crate) fn record_till(&mut self, now: Moment, till: Till, facts: Vec<TillFact>) {
        let subject = stage::terminal(till);
        if self.batches.waiting(&subject).is_none() {
            let row = self.tills.get_mut(&till).and_then(|memory| memory.row.as_mut());
            let row = row.expect("a terminal's row is read before it is changed");
            let expected = row.version;
            row.version += 1;
            let staged = self.new_staged(subject, till.shard(), expected, now.business_day());
            self.batches.push(staged);
        }
        let row = self.tills.get_mut(&till).and_then(|memory| memory.row.as_mut()).expect("read above");
        let staged = self.batches.waiting(&subject).expect("just staged");
        for fact in &facts {
            row.state.apply(fact);
            staged.facts.push(stage::row(now, fact.name(), fact));
        }
        if let Some(cause) = &self.cause {
            staged.causes.push(cause.clone());
        }
    }

    /// Puts something on record that belongs to no payment.
    pub(crate) fn note(&mut self, now: Moment, till: Option<Till>, note: &Note) {
        let shard = till.map_or_else(|| Shard::all().next().expect("there are shards"), |till| till.shard());
        let body = serde_json::json!({ "till": till.map(|till| till.to_string()), "text": note.text });
        let mut staged = self.new_staged(Subject::Nobody, shard, 0, now.business_day());
        staged.facts.push(stage::row(now, note.kind, &body));
        self.batches.push(staged);
    }

    /// Looks at a payment again at the end of this input: it may not be needed in memory any more.
    pub(crate) fn touch(&mut self, id: TallyId) {
        self.touched.push(id);
    }

    /// Remembers that a terminal was told an approval.
    pub(crate) fn told_to(&mut self, till: Till, id: TallyId, no: LegNo) {
        let memory = self.tills.entry(till).or_default();
        if memory.told.len() >= MOST_TOLD {
            let (oldest, _) = memory.told.remove(0);
            self.touched.push(oldest);
        }
        memory.told.push((id, no));
    }

    // ---- reads ---------------------------------------------------------------------------------------------

    /// Where a leg is, if memory knows. `Err` when it must be read first: the input is parked.
    pub(crate) fn find(&mut self, shard: Shard, handle: Vec<u8>, out: &mut Vec<Output>) -> Lookup {
        if let Some((id, no)) = self.handles.get(&handle) {
            return Lookup::Found(*id, *no);
        }
        let load = Load::Handle(shard, handle);
        if self.absent.as_ref() == Some(&load) {
            return Lookup::Absent;
        }
        self.park_cause(load, out);
        Lookup::Parked
    }

    /// Parks the input under way until this is read.
    pub(crate) fn park_cause(&mut self, load: Load, out: &mut Vec<Output>) {
        let cause = self.cause.clone().expect("only an input is parked");
        self.park(load, Parked::Retry(cause), out);
    }

    pub(crate) fn park(&mut self, load: Load, parked: Parked, out: &mut Vec<Output>) {
        if self.parked >= self.config.most_waiting {
            out.push(Output::Alarm { what: "too much waits for reads; an input was turned away".into() });
            return;
        }
        self.parked += 1;
        let queue = self.waiting.entry(load.clone()).or_default();
        queue.push(parked);
        if queue.len() == 1 {
            out.push(Output::Load(load));
        }
    }

    fn loaded(&mut self, now: Moment, load: Load, found: Found, out: &mut Vec<Output>) {
        match found {
            Found::Nothing => {
                if let Load::Terminal(till) = &load {
                    self.tills.entry(*till).or_default().row.get_or_insert_default();
                }
                self.absent = Some(load.clone());
            }
            Found::Tally(row, leg) => {
                if let (Load::Handle(_, handle), Some(id)) = (&load, self.admit(now, *row, out)) {
                    self.handles.insert(handle.clone(), (id, leg));
                }
            }
            Found::Tallies(rows) => {
                let mut listed = Vec::new();
                for (row, leg) in rows {
                    if let Some(id) = self.admit(now, row, out) {
                        listed.push((id, leg));
                    }
                }
                self.listed = Some((load.clone(), listed));
            }
            Found::Terminal(row) => self.admit_till(row, out),
            Found::Owing { rows, last } => {
                for row in rows {
                    self.admit(now, row, out);
                }
                let due_by = now.after(self.config.horizon);
                match last {
                    Some(_) => out.push(Output::Load(Load::Duties { after: last, due_by, limit: PAGE })),
                    None => self.scan = Scan::At(now.after(self.config.horizon / 2)),
                }
            }
        }
        for parked in self.waiting.remove(&load).unwrap_or_default() {
            self.parked -= 1;
            match parked {
                Parked::Retry(input) => self.dispatch(now, input, out),
                Parked::Presume { till, before, except } => {
                    self.presume_earlier(now, till, before, except, out)
                }
            }
        }
        self.absent = None;
        self.listed = None;
    }

    /// Takes a payment from the store into memory, unless it is there. What was unanswered when we stopped is
    /// judged as of now.
    fn admit(&mut self, now: Moment, row: TallyRow, out: &mut Vec<Output>) -> Option<TallyId> {
        let id = row.id;
        if self.open.contains_key(&id) {
            return Some(id);
        }
        let tally: Tally = match serde_json::from_slice(&row.state) {
            Ok(tally) => tally,
            Err(error) => {
                out.push(Output::Alarm { what: format!("payment {id} cannot be read: {error}") });
                return None;
            }
        };
        let legs: Vec<LegNo> = tally.legs().map(|(no, _)| no).collect();
        self.remember(Held {
            tally,
            version: row.version,
            sealed: row.card,
            conversations: BTreeMap::new(),
            wake: None,
        });
        let cause = self.cause.take();
        for no in legs {
            self.give(now, id, no, &Evidence::Restarted, out);
        }
        self.cause = cause;
        self.schedule(id, None);
        self.touched.push(id);
        Some(id)
    }

    fn admit_till(&mut self, row: TerminalRow, out: &mut Vec<Output>) {
        let memory = self.tills.entry(row.till).or_default();
        if memory.row.is_some() {
            return;
        }
        match serde_json::from_slice(&row.state) {
            Ok(state) => memory.row = Some(Row { version: row.version, state }),
            Err(error) => {
                out.push(Output::Alarm { what: format!("terminal {} cannot be read: {error}", row.till) });
            }
        }
    }

    fn remember(&mut self, held: Held) {
        let id = held.tally.id;
        for (no, leg) in held.tally.legs() {
            for key in leg_handles(&held.tally, leg) {
                self.handles.insert(key, (id, no));
            }
        }
        self.payers.entry((held.tally.merchant, held.tally.card)).or_default().insert(id);
        self.open.insert(id, held);
    }

    /// Forgets a payment of which nothing is due soon; the store has it.
    fn let_go(&mut self, now: Moment, id: TallyId) {
        let Some(held) = self.open.get(&id) else { return };
        let soon = held.wake.is_some_and(|wake| wake <= now.after(self.config.horizon));
        let tills: BTreeSet<Till> = held.tally.legs().map(|(_, leg)| leg.identity.till).collect();
        let told = tills.iter().any(|till| {
            self.tills.get(till).is_some_and(|memory| memory.told.iter().any(|(told, _)| *told == id))
        });
        let waits = !held.conversations.is_empty() || self.stalled.contains(&id);
        if soon || told || waits || self.batches.holds(&stage::payment(id)) {
            return;
        }
        self.forget(id);
    }

    fn forget(&mut self, id: TallyId) {
        let Some(held) = self.open.remove(&id) else { return };
        self.handles.retain_of(&held, id);
        let payer = (held.tally.merchant, held.tally.card);
        if let Some(ids) = self.payers.get_mut(&payer) {
            ids.remove(&id);
            if ids.is_empty() {
                self.payers.remove(&payer);
            }
        }
        if let Some(wake) = held.wake {
            self.wakes.remove(&(wake, id));
        }
        self.stalled.remove(&id);
    }

    // ---- commits -------------------------------------------------------------------------------------------

    fn cut(&mut self) -> hefu_tally::record::Batch {
        let (open, tills) = (&self.open, &self.tills);
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
                Subject::Nobody => stage::nobody_entry(staged),
            }
        })
    }

    fn committed(&mut self, number: u64, refused: Vec<Refused>, out: &mut Vec<Output>) {
        let flight = self.batches.landed(number);
        let refused: BTreeMap<usize, Refusal> = refused.into_iter().map(|r| (r.entry, r.why)).collect();
        let mut again = Vec::new();
        for (place, flying) in flight.into_iter().enumerate() {
            match refused.get(&place) {
                None => {
                    out.extend(flying.effects);
                    if let Subject::Tally(id) = flying.subject {
                        self.touched.push(id);
                    }
                }
                Some(why) => {
                    let mut causes = flying.causes;
                    causes.extend(self.batches.drop_waiting(&flying.subject));
                    again.push((flying.subject, why.clone(), causes));
                }
            }
        }
        // What was refused is read anew and judged again; the others stand.
        for (subject, why, causes) in again {
            let load = match (&subject, why) {
                (Subject::Tally(id), why) => {
                    let shard = self.open.get(id).map(|held| held.tally.shard());
                    self.forget(*id);
                    self.tills.values_mut().for_each(|memory| memory.told.retain(|(told, _)| told != id));
                    match (why, shard) {
                        (Refusal::Identity { handle }, Some(shard)) => Load::Handle(shard, handle),
                        (Refusal::Version { .. }, Some(shard)) => Load::Tally(*id, shard),
                        (_, None) => continue,
                    }
                }
                (Subject::Terminal(till), _) => {
                    if let Some(memory) = self.tills.get_mut(till) {
                        memory.row = None;
                    }
                    Load::Terminal(*till)
                }
                (Subject::Nobody, _) => continue,
            };
            for cause in causes {
                self.park(load.clone(), Parked::Retry(cause), out);
            }
        }
    }

    // ---- time ----------------------------------------------------------------------------------------------

    fn pass_time(&mut self, now: Moment, out: &mut Vec<Output>) {
        while let Some(told) = self.told.front()
            && now.since(told.at) > UNWRITTEN_WITHIN
        {
            self.told.pop_front();
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
            let held = self.open.get(&id).expect("nothing forgets within one input");
            let leg = held.tally.leg(duty.leg).expect("a duty is of a leg");
            let today = leg.opened.business_day() == now.business_day();
            let needs_link = match duty.kind {
                DutyKind::Reverse => today,
                DutyKind::Insist => true,
                DutyKind::FindOut
                | DutyKind::AwaitClearing
                | DutyKind::HearMerchant
                | DutyKind::AskPerson => false,
            };
            if needs_link && !self.link_up {
                self.stalled.insert(id);
                continue;
            }
            self.give(now, id, duty.leg, &Evidence::Due, out);
        }
        self.schedule(id, Some(now));
        self.touched.push(id);
    }

    /// Sets the wake of a payment to its next duty; after `done`, when what was due until then has been done or
    /// waits for something else than time.
    fn schedule(&mut self, id: TallyId, done: Option<Moment>) {
        let Some(held) = self.open.get_mut(&id) else { return };
        let next = held
            .tally
            .duties()
            .iter()
            .map(|duty| duty.due)
            .filter(|due| done.is_none_or(|done| *due > done))
            .min();
        if let Some(old) = held.wake.take() {
            self.wakes.remove(&(old, id));
        }
        if let Some(next) = next {
            held.wake = Some(next);
            self.wakes.insert((next, id));
        }
    }

    fn link(&mut self, now: Moment, up: bool) {
        self.link_up = up;
        if !up {
            return;
        }
        // What waited for the link goes out little by little, not all in one moment.
        for (place, id) in std::mem::take(&mut self.stalled).into_iter().enumerate() {
            let Some(held) = self.open.get_mut(&id) else { continue };
            if let Some(old) = held.wake.take() {
                self.wakes.remove(&(old, id));
            }
            let at = now.after(place as i64 / 2);
            held.wake = Some(at);
            self.wakes.insert((at, id));
        }
    }

    fn next_wake(&self) -> Option<(Moment, &'static str)> {
        let duty = self.wakes.first().map(|(at, _)| (*at, "a duty is due"));
        let scan = match self.scan {
            Scan::At(at) => Some((at, "look for duties that come due")),
            Scan::UnderWay => None,
        };
        duty.into_iter().chain(scan).min_by_key(|(at, _)| *at)
    }
}

/// What a look-up came to.
pub(crate) enum Lookup {
    Found(TallyId, LegNo),
    Absent,
    /// The input waits for a read.
    Parked,
}

/// The unique keys of a leg: its identity and its reference.
fn leg_handles(_tally: &Tally, leg: &hefu_tally::Leg) -> [Vec<u8>; 2] {
    [leg.identity.handle(), rrn_handle(&leg.rrn)]
}

/// The key under which a reference is found.
pub fn rrn_handle(rrn: &hefu_tally::Rrn) -> Vec<u8> {
    let mut key = vec![b'R'];
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

/// Removes a payment's keys.
trait RetainOf {
    fn retain_of(&mut self, held: &Held, id: TallyId);
}

impl RetainOf for BTreeMap<Vec<u8>, (TallyId, LegNo)> {
    fn retain_of(&mut self, held: &Held, id: TallyId) {
        for (_, leg) in held.tally.legs() {
            let auth = leg.bank.as_ref().and_then(|said| said.auth);
            let auth = auth.map(|auth| auth_handle(held.tally.merchant, held.tally.card, auth));
            for key in leg_handles(&held.tally, leg).into_iter().chain(auth) {
                if self.get(&key).is_some_and(|(owner, _)| *owner == id) {
                    self.remove(&key);
                }
            }
        }
    }
}
