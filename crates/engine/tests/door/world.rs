//! One engine, its toy store, the time, and everything that came out.

use crate::toy::Toy;
use hefu_engine::{
    Answer, Ask, BankAnswer, BankAsk, BankRequest, BankSays, Config, Conversation, Engine, Input, Load,
    NamedCard, Original, Output, Reply, Reverse, Said, Secret, Transact, Words,
};
use hefu_tally::{
    CardToken, Code, ContentHash, Currency, Fact, Identity, Kind, Leg, LinkId, MaskedPan, MerchantNo, Moment,
    Money, SealedCard, Tally, TallyId, TerminalNo, Till, record::Batch,
};
use jiff::civil::date;
use std::collections::VecDeque;

pub const LINK: LinkId = LinkId(1);

pub struct World {
    pub engine: Engine,
    pub store: Toy,
    pub config: Config,
    pub now: Moment,
    pub till: Till,
    /// Where the bank's answers come from.
    pub link: LinkId,
    pub card: CardToken,
    /// The terminal's reversals name the card; after a swipe they cannot.
    pub names_card: bool,
    pub batch: u32,
    pub trace: u32,
    /// Commits are kept in `held` until released.
    pub withhold: bool,
    pub held: Vec<Batch>,
    /// Leases are not granted.
    pub starve: bool,
    /// Reads are not answered.
    pub blind: bool,
    pub unread: Vec<Load>,
    pub sent: Vec<BankRequest>,
    /// The links that they left on, in the same order.
    pub sent_on: Vec<LinkId>,
    /// What persons were answered, by ticket.
    pub answers: Vec<(u64, Answer)>,
    pub replies: Vec<(u64, Reply)>,
    pub alarms: Vec<String>,
    pub wake: Option<Moment>,
    start: Moment,
    seed: u64,
    conversation: u64,
    ungranted: Vec<hefu_engine::Counter>,
}

pub fn till(number: u8) -> Till {
    let terminal = TerminalNo::parse(format!("100000{number:02}").as_bytes()).unwrap();
    Till { merchant: MerchantNo(*b"898110253110001"), terminal }
}

pub fn fen(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

pub fn code(text: &str) -> Code {
    Code::parse(text.as_bytes()).unwrap()
}

impl World {
    /// At noon, with the link up.
    pub fn new() -> World {
        World::with(|_| {})
    }

    pub fn with(configure: impl FnOnce(&mut Config)) -> World {
        let mut world = World::off(configure);
        world.feed(Input::Link { link: LINK, up: true });
        world
    }

    /// Models that keep their reversals: presumption is enough.
    pub fn certified() -> World {
        World::with(|config| config.model.certified = true)
    }

    /// With the link down.
    pub fn off(configure: impl FnOnce(&mut Config)) -> World {
        let mut config = Config::new(1, LINK);
        configure(&mut config);
        let start = Moment::from_beijing(date(2026, 11, 22).at(12, 0, 0, 0)).unwrap();
        let mut world = World {
            engine: Engine::new(config.clone(), 1, 0),
            store: Toy::default(),
            config,
            now: start,
            till: till(1),
            link: LINK,
            card: CardToken([5; 16]),
            names_card: true,
            batch: 1,
            trace: 0,
            withhold: false,
            held: Vec::new(),
            starve: false,
            blind: false,
            unread: Vec::new(),
            sent: Vec::new(),
            sent_on: Vec::new(),
            answers: Vec::new(),
            replies: Vec::new(),
            alarms: Vec::new(),
            wake: None,
            start,
            seed: 1,
            conversation: 0,
            ungranted: Vec::new(),
        };
        world.feed(Input::Time);
        world
    }

    /// A new engine over the same store, as after a crash: what was withheld is lost, and nobody waits any more.
    pub fn restart(&mut self) {
        self.restart_with_link(true);
    }

    pub fn restart_with_link(&mut self, up: bool) {
        self.seed += 1;
        self.engine = Engine::new(self.config.clone(), self.seed, self.store.batches);
        self.held.clear();
        self.unread.clear();
        self.ungranted.clear();
        self.sent.clear();
        self.replies.clear();
        self.feed(Input::Time);
        if up {
            self.feed(Input::Link { link: LINK, up: true });
        }
    }

    pub fn feed(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        for _ in 0..100_000 {
            let Some(input) = inputs.pop_front() else { return };
            let mut out = Vec::new();
            self.engine.handle(self.now, input, &mut out);
            self.wake = None;
            for output in out {
                inputs.extend(self.carry_out(output));
            }
        }
        panic!("the engine never comes to rest");
    }

    fn carry_out(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Load(load) if self.blind => self.unread.push(load),
            Output::Load(load) => {
                let found = self.store.load(&load);
                return Some(Input::Loaded { load, found });
            }
            Output::Commit(batch) if self.withhold => self.held.push(batch),
            Output::Commit(batch) => {
                let refused = self.store.commit(&batch);
                return Some(Input::Committed { number: batch.number, refused });
            }
            Output::Lease(counter) if self.starve => self.ungranted.push(counter),
            Output::Lease(counter) => {
                let first = self.store.lease(counter);
                return Some(Input::Leased { counter, first });
            }
            Output::Send { link, message } => {
                assert!(self.config.links.contains_key(&link), "a link that is configured");
                self.sent_on.push(link);
                self.sent.push(*message);
            }
            Output::Reply { conversation, reply } => {
                let twice = self.replies.iter().any(|(number, _)| *number == conversation.0);
                assert!(!twice, "conversation {} is answered once", conversation.0);
                self.replies.push((conversation.0, *reply));
            }
            Output::WakeAt { at, .. } => self.wake = Some(at),
            Output::Alarm { what } => self.alarms.push(what),
            Output::Answer { ticket, answer } => self.answers.push((ticket, *answer)),
        }
        None
    }

    /// Makes the oldest withheld commit durable.
    pub fn release(&mut self) {
        let batch = self.held.remove(0);
        let refused = self.store.commit(&batch);
        self.feed(Input::Committed { number: batch.number, refused });
    }

    /// Makes all withheld commits durable, and the engine dies before it hears of it.
    pub fn release_to_the_store_alone(&mut self) {
        for batch in std::mem::take(&mut self.held) {
            self.store.commit(&batch);
        }
    }

    /// Answers the reads that were kept back.
    pub fn see(&mut self) {
        self.blind = false;
        for load in std::mem::take(&mut self.unread) {
            let found = self.store.load(&load);
            self.feed(Input::Loaded { load, found });
        }
    }

    /// Grants the leases that were kept back.
    pub fn grant(&mut self) {
        self.starve = false;
        for counter in std::mem::take(&mut self.ungranted) {
            let first = self.store.lease(counter);
            self.feed(Input::Leased { counter, first });
        }
    }

    /// Lets time pass until so many seconds after the start, waking the engine whenever it asked for it.
    pub fn until(&mut self, seconds: i64) {
        let end = self.start.after(seconds * 1_000);
        assert!(end >= self.now, "time goes on");
        for _ in 0..10_000 {
            match self.wake.filter(|at| *at <= end) {
                Some(at) => self.now = self.now.max(at),
                None => break,
            }
            self.feed(Input::Time);
        }
        assert!(self.wake.is_none_or(|at| at > end), "waking never ends");
        self.now = end;
        self.feed(Input::Time);
    }

    pub fn seconds(&self) -> i64 {
        self.now.since(self.start) / 1_000
    }

    pub fn ask(&mut self, ask: Ask) -> u64 {
        self.conversation += 1;
        let conversation = Conversation(self.conversation);
        self.feed(Input::Terminal { conversation, till: self.till, ask });
        conversation.0
    }

    /// A transaction with the next trace number.
    pub fn transaction(&mut self, kind: Kind, minor: i64, original: Option<Original>) -> Transact {
        self.trace += 1;
        let class = match kind {
            Kind::PreAuth | Kind::PreAuthVoid => 100,
            Kind::Refund | Kind::CompletionAdvice | Kind::OfflineSale => 220,
            _ => 200,
        };
        Transact {
            kind,
            identity: Identity { till: self.till, class, batch: self.batch, trace: self.trace },
            content: ContentHash([minor.to_le_bytes()[0]; 16]),
            amount: fen(minor),
            link: self.link,
            card: self.card,
            sealed: SealedCard(vec![1, 2, 3]),
            masked: MaskedPan::new("620000", "0005", 16),
            original,
            takes_part: false,
            entry: "021".into(),
            chip: vec![0x9F, 0x26],
            chip_kept: Vec::new(),
            card_sequence: Some("001".into()),
            secret: Secret { pin_block: Some([7; 8].into()), track2: None, expiry: None },
        }
    }

    pub fn transact(&mut self, kind: Kind, minor: i64, original: Option<Original>) -> u64 {
        let transact = self.transaction(kind, minor, original);
        self.ask(Ask::Transact(Box::new(transact)))
    }

    pub fn sale(&mut self, minor: i64) -> u64 {
        self.transact(Kind::Sale, minor, None)
    }

    /// A sale that the bank approves; how it is quoted afterwards.
    pub fn approved(&mut self, kind: Kind, minor: i64) -> Original {
        let conversation = self.transact(kind, minor, None);
        self.bank("00");
        assert_eq!(self.code(conversation), "00");
        self.quote(conversation)
    }

    /// How a later transaction quotes this one.
    pub fn quote(&self, conversation: u64) -> Original {
        match self.said(conversation) {
            Said::Transaction { rrn, auth, .. } => {
                Original { rrn, auth, batch: Some(self.batch), trace: Some(self.trace) }
            }
            other => panic!("not a transaction: {other:?}"),
        }
    }

    /// The bank answers the request that was sent last.
    pub fn bank(&mut self, text: &str) {
        let request = self.last();
        self.answer(&request, text, |_| {});
    }

    pub fn answer(&mut self, request: &BankRequest, text: &str, shape: impl FnOnce(&mut BankAnswer)) {
        let what = match request.what {
            BankAsk::Request | BankAsk::Repeat => BankSays::ToRequest,
            BankAsk::Reversal { .. } | BankAsk::ReversalRepeat { .. } => BankSays::ToReversal,
        };
        let mut answer = BankAnswer {
            what,
            de7: request.key.at.mmddhhmmss(),
            stan: request.key.stan,
            rrn: Some(request.rrn),
            code: Some(code(text)),
            mac_good: true,
            processing: None,
            amount: Some(request.amount),
            till: Some(request.till),
            auth: (text == "00").then_some(hefu_tally::AuthCode(*b"123456")),
            settles: Some("1122".into()),
            balance: None,
            chip: vec![0x91],
        };
        shape(&mut answer);
        self.feed(Input::Bank { link: self.link, answer });
    }

    /// The terminal reverses the transaction of this trace.
    pub fn reversal(&mut self, kind: Kind, minor: i64, trace: u32) -> u64 {
        let transact = self.transaction(kind, minor, None);
        self.trace -= 1;
        let reverse = Reverse {
            kind,
            identity: Identity { trace, ..transact.identity },
            reason: Some(code("98")),
            content: transact.content,
            amount: transact.amount,
            card: self.names_card.then_some(NamedCard {
                token: transact.card,
                sealed: transact.sealed,
                masked: transact.masked,
            }),
            entry: transact.entry,
        };
        self.ask(Ask::Reverse(Box::new(reverse)))
    }

    pub fn last(&self) -> BankRequest {
        self.sent.last().expect("something was sent").clone()
    }

    pub fn asked(&self) -> Vec<BankAsk> {
        self.sent.iter().map(|request| request.what).collect()
    }

    pub fn reply(&self, conversation: u64) -> Option<&Reply> {
        self.replies.iter().find(|(number, _)| *number == conversation).map(|(_, reply)| reply)
    }

    pub fn said(&self, conversation: u64) -> Said {
        self.reply(conversation).expect("it was answered").what.clone()
    }

    /// F39 of the answer.
    pub fn code(&self, conversation: u64) -> String {
        match self.said(conversation) {
            Said::Transaction { code, .. }
            | Said::Reversal { code, .. }
            | Said::Done { code }
            | Said::Uploaded { code } => code.to_string(),
            Said::SignOn { .. } | Said::Settled { .. } => panic!("an answer without F39"),
        }
    }

    pub fn words(&self, conversation: u64) -> Words {
        match self.said(conversation) {
            Said::Transaction { words, .. } => words,
            other => panic!("no words: {other:?}"),
        }
    }

    /// The payment as the store has it, by the place of its opening.
    pub fn payment(&self, place: usize) -> Tally {
        self.store.tally(self.id(place))
    }

    /// In the order of opening (ids of one moment sort by chance, facts do not).
    pub fn id(&self, place: usize) -> TallyId {
        let mut ids = Vec::new();
        for (subject, _) in &self.store.facts {
            if let hefu_tally::record::Subject::Tally(id) = subject
                && !ids.contains(id)
            {
                ids.push(*id);
            }
        }
        ids[place]
    }

    pub fn leg(&self, place: usize) -> Leg {
        self.payment(place).first().clone()
    }

    pub fn facts(&self, place: usize) -> Vec<&'static str> {
        self.store.history(self.id(place)).iter().map(|(_, fact)| fact.name()).collect()
    }

    pub fn has_fact(&self, place: usize, wanted: impl Fn(&Fact) -> bool) -> bool {
        self.store.history(self.id(place)).iter().any(|(_, fact)| wanted(fact))
    }
}
