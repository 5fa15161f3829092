//! The gateway: the real engine over the real store, and what its shell does between them.

use super::{
    lines::{Asks, FromBank, Heard, Request, ToBank, ToGateway, ToTerminal},
    print::{Names, Print},
    state::State,
    watch::{self, Broken},
};
use hefu_engine::{
    Ask, BankAnswer, BankAsk, BankRequest, BankSays, Config, Conversation, Engine, Input, Load, Model,
    NamedCard, Original, Output, Reply, Reverse, Said, Secret, Transact,
};
use hefu_node::{Work, carry_out};
use hefu_store::{MemoryStore, Store};
use hefu_tally::{
    AuthCode, CardToken, Code, ContentHash, Currency, Identity, Kind, LinkId, LinkKey, MaskedPan, MerchantNo,
    Moment, Money, Rrn, SealedCard, Tally, TerminalNo, Till,
    record::{Batch, Entry, Subject},
};
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

pub(super) const LINK: LinkId = LinkId(1);
const NODE: u16 = 1;
const BATCH: u32 = 1;
/// 2026-11-22 12:00 in Beijing: eleven hours before the day cut.
pub(super) const START: Moment = Moment(1_795_320_000_000);
/// Inputs that one input may bring about through the shell.
const MOST_FOLLOWING: usize = 100;

#[derive(Clone)]
pub(super) struct Gateway {
    /// None: it is down.
    pub engine: Option<Arc<Engine>>,
    /// The engine's fingerprint; zeros when it is down.
    pub thinks: [u8; 32],
    pub store: MemoryStore,
    /// A hash over the store's rows.
    pub stored: [u8; 32],
    /// What the store was asked and has not done, oldest first.
    pub work: VecDeque<Order>,
    /// When the engine wants to be called.
    pub wake: Option<i64>,
    /// Who has which of the numbers that the store knows.
    pub names: Arc<Names>,
}

#[derive(Clone)]
pub(super) struct Order {
    work: Arc<Work>,
    hash: [u8; 32],
}

/// Crash before this effect of the engine (a message, an answer, a commit), counted from 0.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct CrashAt {
    pub effect: u8,
    pub commit_survives: bool,
}

impl Gateway {
    pub fn new() -> Gateway {
        Gateway {
            engine: None,
            thinks: [0; 32],
            store: MemoryStore::new(),
            stored: [0; 32],
            work: VecDeque::new(),
            wake: None,
            names: Arc::default(),
        }
    }

    /// What the store does next, in words.
    pub fn first_work(&self) -> String {
        match self.work.front().map(|order| &*order.work) {
            Some(Work::Commit(batch)) => {
                let entries = batch.entries.iter();
                let facts: Vec<&str> = entries.flat_map(|entry| &entry.facts).map(|fact| fact.kind).collect();
                format!("the commit of {}", facts.join(", "))
            }
            Some(Work::Load(_)) => "a read".to_owned(),
            Some(Work::Lease(counter)) => format!("a lease of {} numbers", counter.name()),
            None => "nothing".to_owned(),
        }
    }

    pub fn commits(&self) -> bool {
        self.work.iter().any(|order| matches!(*order.work, Work::Commit(_)))
    }

    /// The engine is gone, and what it had asked for; what was being committed may stand.
    pub fn crash(&mut self, commit_survives: bool) -> Result<(), Broken> {
        let orders = std::mem::take(&mut self.work);
        for order in orders.into_iter().filter(|_| commit_survives) {
            if matches!(*order.work, Work::Commit(_)) {
                self.carry_out(&order)?;
            }
        }
        self.engine = None;
        self.thinks = [0; 32];
        self.wake = None;
        Ok(())
    }

    /// Does what the store was asked first.
    pub fn finish(&mut self) -> Result<Option<Input>, Broken> {
        match self.work.pop_front() {
            Some(order) => self.carry_out(&order).map(Some),
            None => Ok(None),
        }
    }

    fn carry_out(&mut self, order: &Order) -> Result<Input, Broken> {
        let Work::Commit(batch) = &*order.work else {
            return work(&mut self.store, (*order.work).clone());
        };
        let before = watch::payments(&mut self.store)?;
        let done = work(&mut self.store, Work::Commit(batch.clone()))?;
        let after = watch::payments(&mut self.store)?;
        if let Input::Committed { refused, .. } = &done {
            watch::committed(&before, batch, &after, refused, &mut self.store)?;
        }
        self.names = Arc::new(Names::of(after.values()));
        self.stored = hash_of_rows(&mut self.store, &self.names)?;
        Ok(done)
    }

    fn order(&mut self, work: Work) {
        let hash = hash_of_work(&work, &self.names);
        self.work.push_back(Order { work: Arc::new(work), hash });
    }

    /// What the store was asked, to be hashed.
    pub fn print_work(&self, print: &mut Print<'_>) {
        print.number(self.work.len() as i64);
        self.work.iter().for_each(|order| print.bytes(&order.hash));
    }
}

impl State {
    /// Starts the gateway over what its store has.
    pub fn start(&mut self) -> Result<(), Broken> {
        let last = self.gateway.store.last_batch(NODE).map_err(watch::unreadable)?;
        let payments = self.gateway.store.tallies(None, 100).map_err(watch::unreadable)?.len();
        // The dice go on where so many payments leave them: each has thrown two for its id.
        let seed = (payments as u64).wrapping_mul(2).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let engine = Engine::new(self.config(), seed, last);
        self.gateway.engine = Some(Arc::new(engine));
        self.feed(Input::Time, None).map(|_| ())
    }

    fn config(&self) -> Config {
        let mut config = Config::new(NODE, LINK);
        for (number, place) in self.stations.iter().enumerate() {
            let model = Model { certified: place.terminal.station.certified, ..config.model };
            config.models.insert(till(number as u8), model);
        }
        config
    }

    /// Feeds the engine and carries out what it puts out. Returns how many effects there were.
    pub fn feed(&mut self, input: Input, crash: Option<CrashAt>) -> Result<u8, Broken> {
        let mut inputs = VecDeque::from([input]);
        let mut effects = 0;
        let mut following = 0;
        while let Some(input) = inputs.pop_front() {
            following += 1;
            assert!(following <= MOST_FOLLOWING, "the shell and the engine never come to rest");
            for output in self.handle(input)? {
                let effect = matches!(output, Output::Commit(_) | Output::Send { .. } | Output::Reply { .. });
                if effect && crash.is_some_and(|crash| crash.effect == effects) {
                    return self.crash(crash.is_some_and(|crash| crash.commit_survives)).map(|()| effects);
                }
                effects += u8::from(effect);
                inputs.extend(self.carry_out(output)?);
            }
        }
        if let Some(engine) = &self.gateway.engine {
            self.gateway.thinks = engine.fingerprint();
        }
        Ok(effects)
    }

    /// One input through the engine. A panic is a broken rule like any other.
    fn handle(&mut self, input: Input) -> Result<Vec<Output>, Broken> {
        let now = START.after(self.now);
        let Some(engine) = self.gateway.engine.as_mut() else { return Ok(Vec::new()) };
        let engine = Arc::make_mut(engine);
        let mut outputs = Vec::new();
        let handled = catch_unwind(AssertUnwindSafe(|| engine.handle(now, input, &mut outputs)));
        self.gateway.wake = None;
        handled.map(|()| outputs).map_err(|panic| ("panic", words(&*panic)))
    }

    /// Carries out one output; gives back what the shell has to say to it at once.
    fn carry_out(&mut self, output: Output) -> Result<Option<Input>, Broken> {
        match output {
            Output::Load(load) => self.gateway.order(Work::Load(load)),
            Output::Commit(batch) => self.gateway.order(Work::Commit(batch)),
            Output::Lease(counter) => self.gateway.order(Work::Lease(counter)),
            Output::Send { link, message } => {
                watch::sending(&mut self.gateway.store, &message)?;
                if !self.link.up {
                    let (key, rrn) = (message.key, message.rrn);
                    return Ok(Some(Input::NeverSent { link, key, rrn }));
                }
                self.wire().out.push(to_bank(&message));
            }
            Output::Reply { conversation, reply } => {
                watch::replying(&mut self.gateway.store, &reply)?;
                return Ok(self.reply(conversation, &reply));
            }
            Output::WakeAt { at, .. } => self.gateway.wake = Some(at.since(START)),
            Output::Alarm { .. } | Output::Answer { .. } => {}
        }
        Ok(None)
    }

    fn reply(&mut self, conversation: Conversation, reply: &Reply) -> Option<Input> {
        let (station, serial) = whose(conversation);
        let terminal = self.terminal(station);
        if let Some((deaf, noticed)) = terminal.deaf
            && serial <= deaf
        {
            return noticed.then_some(Input::Unwritten { conversation });
        }
        let says = heard(&reply.what);
        self.line(station).down.push(ToTerminal { serial, says });
        None
    }

    /// The input that a terminal's message is.
    pub fn asked_by(&self, station: u8, message: &ToGateway) -> Input {
        let terminal = self.terminal(station);
        let till = till(station);
        let identity =
            |kind, step: usize| Identity { till, class: class(kind), batch: BATCH, trace: 1 + step as u32 };
        let ask = match message.what {
            Request::Transact(place) => {
                let step = terminal.step(place);
                let original = terminal.quotes(place).map(|(of, rrn)| Original {
                    rrn: Some(rrn),
                    auth: None,
                    batch: Some(BATCH),
                    trace: Some(1 + of as u32),
                });
                Ask::Transact(Box::new(Transact {
                    kind: step.kind,
                    identity: identity(step.kind, place),
                    content: ContentHash([place as u8; 16]),
                    amount: yuan(step.amount),
                    link: LINK,
                    card: CardToken([step.card; 16]),
                    sealed: SealedCard(vec![step.card]),
                    masked: MaskedPan::new("620000", "0005", 16),
                    original,
                    takes_part: false,
                    entry: "021".into(),
                    chip: Vec::new(),
                    chip_kept: Vec::new(),
                    card_sequence: None,
                    secret: Secret::default(),
                }))
            }
            Request::Reverse(place) => {
                let step = terminal.step(place);
                Ask::Reverse(Box::new(Reverse {
                    kind: step.kind,
                    identity: identity(step.kind, place),
                    reason: Some(Code(*b"98")),
                    content: ContentHash([place as u8; 16]),
                    amount: yuan(step.amount),
                    card: Some(NamedCard {
                        token: CardToken([step.card; 16]),
                        sealed: SealedCard(vec![step.card]),
                        masked: MaskedPan::new("620000", "0005", 16),
                    }),
                    entry: "021".into(),
                }))
            }
        };
        Input::Terminal { conversation: conversation(station, message), till, ask }
    }
}

/// The input that the bank's answer is.
pub(super) fn from_bank(message: &FromBank) -> Input {
    let (at, stan) = message.key;
    let approved = matches!(&message.code, b"00" | b"10") && !message.to_reversal;
    let auth = AuthCode::parse(format!("{stan:06}").as_bytes()).ok();
    let answer = BankAnswer {
        what: if message.to_reversal { BankSays::ToReversal } else { BankSays::ToRequest },
        de7: START.after(at).mmddhhmmss(),
        stan,
        rrn: Some(message.rrn),
        code: Some(Code(message.code)),
        mac_good: message.mac_good,
        processing: None,
        amount: Some(yuan(message.amount)),
        till: Some(till(message.station)),
        auth: auth.filter(|_| approved),
        settles: None,
        balance: None,
        chip: Vec::new(),
    };
    Input::Bank { link: LINK, answer }
}

pub(super) fn till(station: u8) -> Till {
    let mut terminal = *b"10000001";
    terminal[7] += station;
    Till { merchant: MerchantNo(*b"898110253110001"), terminal: TerminalNo(terminal) }
}

/// The message class of a kind's request.
pub(super) fn class(kind: Kind) -> u16 {
    match kind {
        Kind::PreAuth | Kind::PreAuthVoid => 100,
        Kind::Sale | Kind::Void | Kind::Completion | Kind::CompletionVoid | Kind::Inquiry => 200,
        Kind::Refund | Kind::CompletionAdvice | Kind::OfflineSale => 220,
    }
}

/// The station and the place of its step that a leg stands for.
pub(super) fn step_of(identity: &Identity) -> Option<(usize, usize)> {
    let station = identity.till.terminal.0[7].checked_sub(b'1')?;
    Some((usize::from(station), usize::try_from(identity.trace).ok()?.checked_sub(1)?))
}

fn to_bank(message: &BankRequest) -> ToBank {
    let key = |key: LinkKey| (key.at.since(START), key.stan);
    ToBank {
        asks: match message.what {
            BankAsk::Request => Asks::Request,
            BankAsk::Repeat => Asks::Repeat,
            BankAsk::Reversal { .. } => Asks::Reversal,
            BankAsk::ReversalRepeat { .. } => Asks::ReversalRepeat,
        },
        kind: message.kind,
        key: key(message.key),
        rrn: message.rrn,
        station: message.till.terminal.0[7] - b'1',
        amount: message.amount.minor,
        original: message.original.map(|original| key(original.key)),
    }
}

fn heard(said: &Said) -> Heard {
    match said {
        Said::Transaction { code: Code(code), rrn, .. } => match (code, rrn) {
            (b"00", Some(rrn)) => Heard::Approved(*rrn),
            (b"98", _) => Heard::Unknown,
            (code, _) => Heard::Declined(*code),
        },
        Said::Reversal { code, .. } => Heard::Reversal(code.0),
        Said::SignOn { .. } | Said::Done { .. } | Said::Settled { .. } | Said::Uploaded { .. } => {
            unreachable!("nobody here asks for that")
        }
    }
}

fn conversation(station: u8, message: &ToGateway) -> Conversation {
    Conversation(u64::from(station) << 16 | u64::from(message.serial) << 8 | u64::from(message.copy))
}

fn whose(conversation: Conversation) -> (u8, u8) {
    ((conversation.0 >> 16) as u8, (conversation.0 >> 8) as u8)
}

fn yuan(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

/// The rows, but for their versions.
fn hash_of_rows(store: &mut MemoryStore, names: &Names) -> Result<[u8; 32], Broken> {
    let mut print = Print::new(names);
    for row in store.tallies(None, 100).map_err(watch::unreadable)? {
        print.json(&row.state);
    }
    for row in store.terminals(None, 100).map_err(watch::unreadable)? {
        print.bytes(&row.till.terminal.0);
        print.bytes(&row.state);
    }
    for row in store.links().map_err(watch::unreadable)? {
        print.bytes(&row.state);
    }
    Ok(print.finish())
}

fn hash_of_work(work: &Work, names: &Names) -> [u8; 32] {
    let mut print = Print::new(names);
    match work {
        Work::Commit(Batch { number: _, entries }) => {
            print.byte(1);
            // An entry speaks of its own payment, which may be new.
            for entry in entries {
                let tally: Option<Tally> = serde_json::from_slice(&entry.state).ok();
                let own = Names::of(tally.iter());
                let mut own = Print::new(&own);
                print_entry(&mut own, entry);
                print.bytes(&own.bytes);
            }
        }
        Work::Load(Load::Handle(shard, key)) if key.first() == Some(&b'R') && key.len() == 13 => {
            print.bytes(&[2, shard.number()]);
            print.rrn(Rrn(key[1..].try_into().expect("it has 12 bytes")));
        }
        Work::Load(Load::Tally(id, _)) => {
            print.byte(3);
            print.id(*id);
        }
        Work::Load(load) => print.bytes(format!("{load:?}").as_bytes()),
        Work::Lease(counter) => print.bytes(counter.name().as_bytes()),
    }
    print.finish()
}

fn print_entry(print: &mut Print<'_>, entry: &Entry) {
    let Entry {
        shard: _, subject, expected: _, version: _, state, day: _, facts, handles, duties: _, ..
    } = entry;
    match subject {
        Subject::Tally(id) => print.id(*id),
        Subject::Terminal(till) => print.bytes(&till.terminal.0),
        Subject::Link(link) => print.number(link.0.into()),
        Subject::Nobody => print.byte(0),
    }
    print.json(state);
    for fact in facts {
        print.number(fact.at.0);
        print.bytes(fact.kind.as_bytes());
        print.json(&fact.body);
    }
    print.number(handles.len() as i64);
}

fn work(store: &mut MemoryStore, work: Work) -> Result<Input, Broken> {
    carry_out(store, NODE, work).map_err(|error| ("store", error.to_string()))
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "without words".to_owned())
}
