//! A terminal and a bank around a running node: sales are asked for, the bank approves unless it is told to be silent.

use hefu_engine::{
    Ask, BankAnswer, BankAsk, BankRequest, BankSays, Config, Conversation, Input, Output, Said, Secret,
    Transact,
};
use hefu_node::{Door, Gauges, Limits, Node, NodeError, NodeState, Start, Watch, clock::ScaledClock};
use hefu_store::{SqliteStore, Store};
use hefu_tally::{
    AuthCode, CardToken, Code, ContentHash, Currency, Identity, Kind, LinkId, MaskedPan, MerchantNo, Moment,
    Money, SealedCard, TerminalNo, Till,
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub const LINK: LinkId = LinkId(1);
/// The longest that anything is waited for.
const SOON: Duration = Duration::from_secs(60);

pub struct Shop {
    pub directory: TempDir,
    pub dials: Dials,
    pub door: Door,
    /// None after a sale without an answer of the bank.
    pub bank_answers: bool,
    pub alarms: Vec<String>,
    /// What went to the bank.
    pub sent: Vec<BankAsk>,
    node: Option<Node>,
    outputs: mpsc::Receiver<Vec<Output>>,
    conversation: u64,
    trace: u32,
}

/// The gauges, turned by the test.
#[derive(Clone)]
pub struct Dials(Arc<Mutex<(i64, u64)>>);

impl Dials {
    /// How far the wall clock is off, in milliseconds, and how many bytes are free.
    pub fn turn(&self, off: i64, free: u64) {
        *self.0.lock().unwrap() = (off, free);
    }
}

struct Faked {
    dials: Dials,
    started: Instant,
}

impl Gauges for Faked {
    fn wall(&mut self) -> Moment {
        let passed = i64::try_from(self.monotonic().as_millis()).unwrap();
        Moment(1_795_340_000_000 + passed + self.dials.0.lock().unwrap().0)
    }

    fn monotonic(&mut self) -> Duration {
        self.started.elapsed()
    }

    fn free(&mut self) -> Option<u64> {
        Some(self.dials.0.lock().unwrap().1)
    }
}

struct Outlet(mpsc::Sender<Vec<Output>>);

impl hefu_node::Outbox for Outlet {
    fn deliver(&mut self, outputs: Vec<Output>) {
        // Whoever does not listen any more has seen enough.
        let _ = self.0.send(outputs);
    }
}

impl Shop {
    /// A node over a new store in a folder of its own, with its link up. Low below 1,000 free bytes.
    pub fn open(scale: u32) -> Shop {
        let directory = tempfile::tempdir().unwrap();
        let mut shop = Shop::over(directory, ScaledClock::new(ScaledClock::wall(), scale)).unwrap();
        shop.until("it runs", |shop| shop.door.state() == NodeState::Running);
        shop.submit(Input::Link { link: LINK, up: true });
        shop
    }

    /// A node over the store in this folder.
    pub fn over(directory: TempDir, clock: ScaledClock) -> Result<Shop, NodeError> {
        let (door, inbox) = hefu_node::door();
        let (sender, outputs) = mpsc::channel();
        let dials = Dials(Arc::new(Mutex::new((0, 5_000))));
        let gauges = Box::new(Faked { dials: dials.clone(), started: Instant::now() });
        let limits = Limits { every: Duration::from_millis(5), ..Limits::low(1_000) };
        let store = SqliteStore::open(&file_in(directory.path())).unwrap();
        let start = Start { store, clock, config: Config::new(1, LINK), seed: 7 };
        let node = Node::start_watched(start, Watch { limits, gauges }, inbox, Outlet(sender))?;
        Ok(Shop {
            directory,
            dials,
            door,
            bank_answers: true,
            alarms: Vec::new(),
            sent: Vec::new(),
            node: Some(node),
            outputs,
            conversation: 0,
            trace: 0,
        })
    }

    pub fn file(&self) -> PathBuf {
        file_in(self.directory.path())
    }

    /// Stops the node; gives back its folder, and how it ended.
    pub fn close(mut self) -> (TempDir, Result<(), NodeError>) {
        let ended = self.node.take().unwrap().stop();
        (self.directory, ended)
    }

    /// Hands in what must be taken.
    pub fn submit(&self, input: Input) {
        assert!(self.door.submit(input).is_ok(), "the door is {:?}", self.door.state());
    }

    /// Asks for a sale; F39 of the answer.
    pub fn sale(&mut self, minor: i64) -> String {
        let asked = self.ask(minor);
        self.submit(asked);
        let conversation = self.conversation;
        let mut answer = None;
        self.until("the sale is answered", |shop| {
            answer = answer.take().or_else(|| shop.hear(conversation));
            answer.is_some()
        });
        answer.unwrap()
    }

    /// The next sale of a terminal of its own, as an input.
    pub fn ask(&mut self, minor: i64) -> Input {
        self.conversation += 1;
        self.trace += 1;
        let terminal = TerminalNo::parse(b"10000001").unwrap();
        let till = Till { merchant: MerchantNo(*b"898110253110001"), terminal };
        let transact = Transact {
            kind: Kind::Sale,
            identity: Identity { till, class: 200, batch: 1, trace: self.trace },
            content: ContentHash([self.trace as u8; 16]),
            amount: Money::new(minor, Currency::CNY),
            link: LINK,
            card: CardToken([self.trace as u8; 16]),
            sealed: SealedCard(vec![1, 2, 3]),
            masked: MaskedPan::new("620000", "0005", 16),
            original: None,
            takes_part: false,
            entry: "021".into(),
            chip: vec![],
            chip_kept: vec![],
            card_sequence: None,
            secret: Secret { pin_block: None, track2: None, expiry: None },
        };
        Input::Terminal {
            conversation: Conversation(self.conversation),
            till,
            ask: Ask::Transact(Box::new(transact)),
        }
    }

    /// Carries out what came out so far; F39 of the answer to this conversation, if it came.
    fn hear(&mut self, conversation: u64) -> Option<String> {
        let mut heard = None;
        for output in self.outputs.try_iter().flatten().collect::<Vec<_>>() {
            match output {
                Output::Send { link, message } => {
                    assert_eq!(link, LINK);
                    self.sent.push(message.what);
                    if self.bank_answers {
                        self.submit(Input::Bank { link, answer: approval(&message) });
                    }
                }
                Output::Reply { conversation: of, reply } if of.0 == conversation => match reply.what {
                    Said::Transaction { code, .. } => heard = Some(code.to_string()),
                    other => panic!("a sale is answered with {other:?}"),
                },
                Output::Alarm { what } => self.alarms.push(what),
                Output::Answer { .. } => {}
                Output::Reply { .. }
                | Output::Load(_)
                | Output::Commit(_)
                | Output::Lease(_)
                | Output::WakeAt { .. } => {}
            }
        }
        heard
    }

    /// Waits until something is so.
    pub fn until(&mut self, what: &str, mut is_so: impl FnMut(&mut Shop) -> bool) {
        let until = Instant::now() + SOON;
        while !is_so(self) {
            self.hear(0);
            assert!(Instant::now() < until, "it did not come to this: {what}; {:?}", self.alarms);
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn until_state(&mut self, state: &NodeState) {
        self.until(&format!("{state}"), |shop| shop.door.state() == *state);
    }
}

/// The bank answers; everything is approved, every reversal is accepted.
fn approval(request: &BankRequest) -> BankAnswer {
    let what = match request.what {
        BankAsk::Request | BankAsk::Repeat => BankSays::ToRequest,
        BankAsk::Reversal { .. } | BankAsk::ReversalRepeat { .. } => BankSays::ToReversal,
    };
    BankAnswer {
        what,
        de7: request.key.at.mmddhhmmss(),
        stan: request.key.stan,
        rrn: Some(request.rrn),
        code: Some(Code(*b"00")),
        mac_good: true,
        processing: None,
        amount: Some(request.amount),
        till: Some(request.till),
        auth: Some(AuthCode(*b"123456")),
        settles: Some("1122".into()),
        balance: None,
        chip: vec![],
    }
}

pub fn file_in(directory: &Path) -> PathBuf {
    directory.join("hefu.db")
}

/// What stands in a store: amounts and their count, and that nothing in it contradicts itself.
pub fn amounts(directory: &Path) -> Vec<i64> {
    let mut store = SqliteStore::open(&file_in(directory)).unwrap();
    let verified = hefu_node::verify(&mut store, None).unwrap();
    assert_eq!(verified.findings, []);
    let rows = store.tallies(None, 1_000).unwrap();
    let tally = |state: &[u8]| serde_json::from_slice::<hefu_tally::Tally>(state).unwrap();
    rows.iter().map(|row| tally(&row.state).first().amount.minor).collect()
}
