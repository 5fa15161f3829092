//! Payments made by the real engine, one of each sort, as single entries: what the past is copied from.

use crate::Failure;
use hefu_engine::{
    Ask, BankAnswer, BankAsk, BankRequest, BankSays, Config, Conversation, Engine, Input, Output, Secret,
    Transact,
};
use hefu_node::{Work, carry_out};
use hefu_store::{Batch, Entry, MemoryStore, Subject};
use hefu_tally::{
    AuthCode, CardToken, Code, ContentHash, Currency, Identity, Kind, LinkId, MaskedPan, Moment, Money, Rrn,
    SealedCard, TallyId, Till,
};
use std::collections::VecDeque;

pub const LINK: LinkId = LinkId(1);
/// What stands in a sample where every copy has its own.
pub const TRACE: u32 = 900_001;
pub const CARD: CardToken = CardToken([0xC5; 16]);

/// How far a payment came.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Sort {
    /// Approved, and the merchant is presumed to know.
    Matched,
    /// Approved and told; nothing was heard of the terminal since.
    Told,
    /// No answer; its reversal has none either.
    Reversing,
    /// Its reversal was answered 25 twice: clearing must show that nothing was charged.
    AwaitsClearing,
}

/// A payment as one entry, and the names in it.
pub struct Sample {
    pub entry: Entry,
    pub id: TallyId,
    pub rrn: Rrn,
    pub identity: Identity,
}

/// Plays one payment at this terminal, beginning at `at`.
pub fn play(sort: Sort, till: Till, at: Moment) -> Result<Sample, Failure> {
    let mut stage = Stage::new(at);
    stage.feed(Input::Link { link: LINK, up: true })?;
    stage.answer = match sort {
        Sort::Matched | Sort::Told => Some("00"),
        Sort::Reversing | Sort::AwaitsClearing => None,
    };
    stage.sale(till, TRACE)?;
    match sort {
        Sort::Matched => stage.sale(till, TRACE + 1)?,
        Sort::Told => {}
        Sort::Reversing => stage.pass(60)?,
        Sort::AwaitsClearing => {
            stage.answer = Some("25");
            stage.pass(300)?;
        }
    }
    stage.sample(till)
}

/// An engine over a store in memory, with a bank that answers everything alike, or nothing.
struct Stage {
    engine: Engine,
    store: MemoryStore,
    now: Moment,
    wake: Option<Moment>,
    answer: Option<&'static str>,
    conversation: u64,
    entries: Vec<Entry>,
}

impl Stage {
    fn new(now: Moment) -> Stage {
        let mut config = Config::new(1, LINK);
        config.model.certified = true;
        let engine = Engine::new(config, 1, 0);
        let store = MemoryStore::new();
        Stage { engine, store, now, wake: None, answer: None, conversation: 0, entries: Vec::new() }
    }

    fn sale(&mut self, till: Till, trace: u32) -> Result<(), Failure> {
        self.conversation += 1;
        let conversation = Conversation(self.conversation);
        let transact = transact(till, trace, CARD);
        self.feed(Input::Terminal { conversation, till, ask: Ask::Transact(Box::new(transact)) })
    }

    /// Lets so many seconds pass.
    fn pass(&mut self, seconds: i64) -> Result<(), Failure> {
        let end = self.now.after(seconds * 1_000);
        while let Some(at) = self.wake.filter(|at| *at <= end) {
            self.now = self.now.max(at).after(1);
            self.feed(Input::Time)?;
        }
        self.now = end;
        self.feed(Input::Time)
    }

    fn feed(&mut self, input: Input) -> Result<(), Failure> {
        let mut inputs = VecDeque::from([input]);
        let mut outputs = Vec::new();
        while let Some(input) = inputs.pop_front() {
            self.engine.handle(self.now, input, &mut outputs);
            self.wake = None;
            for output in outputs.drain(..) {
                let work = match output {
                    Output::Commit(batch) => {
                        self.keep(&batch);
                        Work::Commit(batch)
                    }
                    Output::Load(load) => Work::Load(load),
                    Output::Lease(counter) => Work::Lease(counter),
                    Output::Send { link, message } => {
                        let answer = self.answer.and_then(|code| answer(&message, code));
                        inputs.extend(answer.map(|answer| Input::Bank { link, answer }));
                        continue;
                    }
                    Output::WakeAt { at, .. } => {
                        self.wake = Some(at);
                        continue;
                    }
                    Output::Reply { .. } | Output::Alarm { .. } | Output::Answer { .. } => continue,
                };
                inputs.push_back(carry_out(&mut self.store, 1, work).map_err(Failure::found)?);
            }
        }
        Ok(())
    }

    fn keep(&mut self, batch: &Batch) {
        self.entries.extend(batch.entries.iter().cloned());
    }

    /// The first payment, all its changes in one.
    fn sample(self, till: Till) -> Result<Sample, Failure> {
        let of_payment = |entry: &Entry| match entry.subject {
            Subject::Tally(id) => Some(id),
            Subject::Terminal(_) | Subject::Link(_) | Subject::Nobody => None,
        };
        let id = self.entries.iter().find_map(of_payment);
        let id = id.ok_or_else(|| Failure::found("the sample's sale opened nothing"))?;
        let mut entries = self.entries.into_iter().filter(|entry| of_payment(entry) == Some(id));
        let mut whole = entries.next().ok_or_else(|| Failure::found("just found"))?;
        for entry in entries {
            whole.state = entry.state;
            whole.facts.extend(entry.facts);
            whole.handles.extend(entry.handles);
            whole.postings.extend(entry.postings);
            whole.duties.new.retain(|duty| !entry.duties.gone.contains(duty));
            whole.duties.new.extend(entry.duties.new);
        }
        let tally: hefu_tally::Tally = serde_json::from_slice(&whole.state).map_err(Failure::found)?;
        let leg = tally.first();
        assert!(leg.identity.till == till, "the first sale is the terminal's");
        Ok(Sample { rrn: leg.rrn, identity: leg.identity, id, entry: whole })
    }
}

/// A sale over 12.34 with this card.
pub fn transact(till: Till, trace: u32, card: CardToken) -> Transact {
    Transact {
        kind: Kind::Sale,
        identity: Identity { till, class: 200, batch: 1, trace },
        content: ContentHash([7; 16]),
        amount: Money::new(1_234, Currency::CNY),
        link: LINK,
        card,
        sealed: SealedCard(vec![9; 44]),
        masked: MaskedPan::new("620000", "0005", 16),
        original: None,
        takes_part: false,
        entry: "021".into(),
        chip: Vec::new(),
        chip_kept: Vec::new(),
        card_sequence: None,
        secret: Secret { pin_block: None, track2: None, expiry: None },
    }
}

/// The bank's answer to this message.
pub fn answer(request: &BankRequest, code: &str) -> Option<BankAnswer> {
    let what = match request.what {
        BankAsk::Request | BankAsk::Repeat => BankSays::ToRequest,
        BankAsk::Reversal { .. } | BankAsk::ReversalRepeat { .. } => BankSays::ToReversal,
    };
    Some(BankAnswer {
        what,
        de7: request.key.at.mmddhhmmss(),
        stan: request.key.stan,
        rrn: Some(request.rrn),
        code: Some(Code::parse(code.as_bytes()).ok()?),
        mac_good: true,
        processing: None,
        amount: Some(request.amount),
        till: Some(request.till),
        auth: (code == "00").then_some(AuthCode(*b"123456")),
        settles: None,
        balance: None,
        chip: Vec::new(),
    })
}
