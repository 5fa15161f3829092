//! The gateway: the real engine over the real store, and what its shell does between them.

use super::{
    lines::{Asks, FromBank, Heard, Request, ToBank, ToGateway, ToTerminal},
    state::State,
    watch::{self, Broken},
};
use hefu_engine::{
    Ask, BankAnswer, BankAsk, BankRequest, BankSays, Config, Conversation, Engine, Input, Model, NamedCard,
    Original, Output, Reply, Reverse, Said, Secret, Transact,
};
use hefu_node::{Work, carry_out};
use hefu_store::{MemoryStore, Store};
use hefu_tally::{
    AuthCode, CardToken, Code, ContentHash, Currency, Identity, Kind, LinkId, LinkKey, MaskedPan, MerchantNo,
    Moment, Money, SealedCard, TerminalNo, Till,
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
    pub starts: u64,
    pub leases: u32,
    /// What came in since the engine last had nothing waiting: its fingerprint counts inputs that wait, no more.
    pub heard: [u8; 32],
}

#[derive(Clone)]
pub(super) struct Order {
    work: Arc<Work>,
    pub hash: [u8; 32],
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
            starts: 0,
            leases: 0,
            heard: [0; 32],
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
        self.heard = [0; 32];
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
        let commits = matches!(*order.work, Work::Commit(_));
        let before = if commits { watch::payments(&mut self.store)? } else { Default::default() };
        let done = carry_out(&mut self.store, NODE, (*order.work).clone());
        let done = done.map_err(|error| ("store", error.to_string()))?;
        if commits {
            watch::committed(&before, &mut self.store)?;
            self.stored = hash_of_rows(&mut self.store)?;
        }
        self.leases += u32::from(matches!(*order.work, Work::Lease(_)));
        Ok(done)
    }

    fn order(&mut self, work: Work) {
        let mut hasher = blake3::Hasher::new();
        match &work {
            Work::Commit(batch) => {
                hasher.update(&batch.number.to_be_bytes());
                for entry in &batch.entries {
                    hasher.update(format!("{:?}", entry.subject).as_bytes());
                    hasher.update(&entry.expected.to_be_bytes()).update(&entry.state);
                    for fact in &entry.facts {
                        hasher.update(&fact.body);
                    }
                }
            }
            Work::Load(load) => {
                hasher.update(format!("{load:?}").as_bytes());
            }
            Work::Lease(counter) => {
                hasher.update(counter.name().as_bytes());
            }
        }
        self.work.push_back(Order { work: Arc::new(work), hash: *hasher.finalize().as_bytes() });
    }

    fn remember(&mut self, input: &[u8]) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.heard).update(input);
        self.heard = *hasher.finalize().as_bytes();
    }
}

impl State {
    /// Starts the gateway over what its store has.
    pub fn start(&mut self) -> Result<(), Broken> {
        let last = self.gateway.store.last_batch(NODE).map_err(watch::unreadable)?;
        self.gateway.starts += 1;
        let engine = Engine::new(self.config(), self.gateway.starts, last);
        self.gateway.engine = Some(Arc::new(engine));
        self.feed(Input::Time, b"", None).map(|_| ())
    }

    fn config(&self) -> Config {
        let mut config = Config::new(NODE, LINK);
        for (number, place) in self.stations.iter().enumerate() {
            let model = Model { certified: place.terminal.station.certified, ..config.model };
            config.models.insert(till(number as u8), model);
        }
        config
    }

    /// Feeds the engine and carries out what it puts out. `name` tells this input from others in the state's hash;
    /// it is empty for what follows from the rest of the state. Returns how many effects there were.
    pub fn feed(&mut self, input: Input, name: &[u8], crash: Option<CrashAt>) -> Result<u8, Broken> {
        if !name.is_empty() {
            self.gateway.remember(name);
        }
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
            if engine.is_idle() {
                self.gateway.heard = [0; 32];
            }
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
    let approved = &message.code == b"00" && !message.to_reversal;
    let auth = AuthCode::parse(format!("{stan:06}").as_bytes()).ok();
    let answer = BankAnswer {
        what: if message.to_reversal { BankSays::ToReversal } else { BankSays::ToRequest },
        de7: START.after(at).mmddhhmmss(),
        stan,
        rrn: Some(message.rrn),
        code: Some(Code(message.code)),
        mac_good: true,
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

fn hash_of_rows(store: &mut MemoryStore) -> Result<[u8; 32], Broken> {
    let mut hasher = blake3::Hasher::new();
    for row in store.tallies(None, 100).map_err(watch::unreadable)? {
        hasher.update(&row.id.0).update(&row.version.to_be_bytes()).update(&row.state);
    }
    for row in store.terminals(None, 100).map_err(watch::unreadable)? {
        hasher.update(&row.till.terminal.0).update(&row.version.to_be_bytes()).update(&row.state);
    }
    Ok(*hasher.finalize().as_bytes())
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "without words".to_owned())
}
