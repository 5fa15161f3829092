//! The engine over the model store, with a till and a bank that say what a test wants said.

use super::holds;
use hefu_engine::{
    Ask, BankAnswer, BankRequest, BankSays, Config, Conversation, Engine, Input, Model, Original, Output,
    Reverse, Said, Secret, Settle, Transact, Upload, UploadPart,
};
use hefu_node::{Work, carry_out};
use hefu_store::MemoryStore;
use hefu_tally::{
    CardToken, Code, ContentHash, Currency, Identity, Kind, LinkId, MaskedPan, Merchant, MerchantNo, Moment,
    Money, Rrn, SealedCard, Shard, TallyId, TerminalNo, Till, record::Subject,
};
use std::collections::VecDeque;

const NODE: u16 = 1;
const LINK: LinkId = LinkId(1);
/// Noon in Beijing on 2026-11-22.
const NOON: Moment = Moment(1_795_320_000_000);
const TILL: Till = Till { merchant: MerchantNo(*b"898110253110001"), terminal: TerminalNo(*b"10000001") };
const YUAN: i64 = 100;
/// Outputs of one input and all that follows from it; a loop without end is a finding.
const MOST_OUTPUTS: usize = 10_000;

pub fn an_answer_must_name_our_key() -> Result<(), String> {
    let mut desk = Desk::open()?;
    let sent = desk.transact(1, Kind::Sale, 100 * YUAN, None)?.sent()?;
    let right = approval(&sent);
    let older = Moment(sent.key.at.0 - 86_400_000).mmddhhmmss();
    let wrong = [
        ("another DE7", BankAnswer { de7: older, ..right.clone() }),
        ("another DE11", BankAnswer { stan: sent.key.stan + 1, ..right.clone() }),
        (
            "another reference",
            BankAnswer { rrn: Some(Rrn::new(NOON, TILL.shard(), 77_777)), ..right.clone() },
        ),
        ("no reference", BankAnswer { rrn: None, ..right.clone() }),
    ];
    for (what, answer) in wrong {
        let heard = desk.answer(answer)?;
        holds(heard.code.is_none(), || format!("an answer with {what} is believed"))?;
    }
    let heard = desk.answer(right)?;
    holds(heard.is(b"00"), || format!("the right answer is told as {:?}", heard.code))
}

pub fn other_content_under_one_identity_is_refused() -> Result<(), String> {
    let mut desk = Desk::open()?;
    let sent = desk.transact(1, Kind::Sale, 100 * YUAN, None)?.sent()?;
    desk.answer(approval(&sent))?;
    let heard = desk.transact(1, Kind::Sale, 90 * YUAN, None)?;
    holds(heard.is(b"94"), || format!("it is told {:?}", heard.code))
}

/// What is closed is not in memory after a restart: a late answer must find it in the store, in its own shard.
pub fn a_late_answer_finds_its_payment_in_the_store() -> Result<(), String> {
    holds(Shard::all().next() != Some(TILL.shard()), || "the till lies in the first shard".to_owned())?;
    let mut desk = Desk::open()?;
    let sale = desk.transact(1, Kind::Sale, 100 * YUAN, None)?.sent()?;
    desk.now = desk.now.after(60_000);
    let reversal = desk.feed(Input::Time)?.sent()?;
    desk.answer(BankAnswer { what: BankSays::ToReversal, ..approval(&reversal) })?;
    desk.restart()?;
    let again = desk.answer(approval(&sale))?.sent()?;
    holds(again.key == reversal.key, || "a charge after the reversal is not reversed once more".to_owned())
}

/// A transaction that left before an approval went out shows nothing about that approval.
pub fn a_transaction_proves_nothing_that_was_told_since() -> Result<(), String> {
    let mut desk = Desk::open()?;
    let first = desk.transact(1, Kind::Sale, 100 * YUAN, None)?.sent()?;
    desk.holds = true;
    desk.answer(approval(&first))?;
    desk.transact(2, Kind::Sale, 50 * YUAN, None)?;
    desk.holds = false;
    desk.release()?;
    let leg = desk.payments.first().and_then(|id| desk.engine.peek(*id)).map(|tally| tally.first().merchant);
    holds(leg == Some(Merchant::Told), || format!("the merchant half of the first is {leg:?}"))
}

/// What was voided has its one remedy: the terminal's reversal of it moves nothing.
pub fn what_was_voided_is_not_reversed() -> Result<(), String> {
    let mut desk = Desk::open()?;
    let sale = desk.approved(1, Kind::Sale, 100 * YUAN, None)?;
    desk.approved(2, Kind::Void, 100 * YUAN, Some(sale))?;
    desk.reverse(1, Kind::Sale, 100 * YUAN)?.refused("the reversal of a voided sale", b"12")
}

/// A reversal of what was never seen keeps its place: the transaction is refused when it comes.
pub fn what_was_reversed_before_it_came_is_refused() -> Result<(), String> {
    let mut desk = Desk::open()?;
    desk.reverse(1, Kind::Sale, 100 * YUAN)?.refused("the reversal of nothing", b"25")?;
    desk.transact(1, Kind::Sale, 100 * YUAN, None)?.refused("what was reversed before it came", b"12")
}

/// Totals that differ are not equal, and an upload with a line too few is not complete.
pub fn a_day_is_closed_by_what_adds_up() -> Result<(), String> {
    let mut desk = Desk::open()?;
    desk.approved(1, Kind::Sale, 100 * YUAN, None)?;
    let settle = Settle { batch: 1, debit: 90 * YUAN, debits: 1, ..Settle::default() };
    let heard = desk.ask(Ask::Settle(settle))?;
    holds(heard.balanced == Some(false), || "totals that differ are answered as equal".to_owned())?;
    let upload = |part| Ask::Upload(Upload { batch: 1, part });
    desk.ask(upload(UploadPart::Lines(vec![(1, 100 * YUAN)])))?;
    let heard = desk.ask(upload(UploadPart::End { total: 2 }))?;
    holds(heard.is(b"30"), || format!("the end of a short upload is told {:?}", heard.code))
}

/// What must not go to the bank, with the code that the terminal hears instead.
pub fn what_is_not_sent() -> Result<(), String> {
    // A second refund that goes beyond the sale.
    let mut desk = Desk::open()?;
    let sale = desk.approved(1, Kind::Sale, 100 * YUAN, None)?;
    desk.approved(2, Kind::Refund, 60 * YUAN, Some(sale))?;
    desk.transact(3, Kind::Refund, 50 * YUAN, Some(sale))?.refused("a refund beyond the sale", b"64")?;
    // A second refund while the first is unknown.
    let mut desk = Desk::open()?;
    let sale = desk.approved(1, Kind::Sale, 100 * YUAN, None)?;
    desk.transact(2, Kind::Refund, 10 * YUAN, Some(sale))?.sent()?;
    desk.transact(3, Kind::Refund, 10 * YUAN, Some(sale))?
        .refused("a refund beside an unknown one", b"22")?;
    // A void of what is unknown.
    let mut desk = Desk::open()?;
    let sale = desk.transact(1, Kind::Sale, 100 * YUAN, None)?.sent()?.rrn;
    desk.transact(2, Kind::Void, 100 * YUAN, Some(sale))?.refused("a void of an unknown sale", b"22")?;
    // The same card and amount while the first is unknown.
    desk.transact(3, Kind::Sale, 100 * YUAN, None)?.refused("a second charge", b"94")?;
    // A completion of more than 115 percent.
    let mut desk = Desk::open()?;
    let hold = desk.approved(1, Kind::PreAuth, 100 * YUAN, None)?;
    desk.transact(2, Kind::Completion, 115 * YUAN + 1, Some(hold))?
        .refused("a completion beyond 115 %", b"61")?;
    desk.transact(3, Kind::Completion, 115 * YUAN, Some(hold))?.sent().map(|_| ())
}

/// A terminal, a bank, and what they have seen.
struct Desk {
    engine: Engine,
    store: MemoryStore,
    now: Moment,
    conversation: u64,
    /// Payments in the order of their first commits.
    payments: Vec<TallyId>,
    /// The store takes no commit for now; what waits for it.
    holds: bool,
    held: Vec<Work>,
}

/// What followed from one thing that was said.
#[derive(Default)]
struct Heard {
    code: Option<Code>,
    balanced: Option<bool>,
    sent: Option<BankRequest>,
}

impl Heard {
    fn is(&self, code: &[u8; 2]) -> bool {
        self.code == Some(Code(*code))
    }

    fn sent(self) -> Result<BankRequest, String> {
        self.sent.ok_or_else(|| format!("nothing was sent; told {:?}", self.code))
    }

    fn refused(&self, what: &str, code: &[u8; 2]) -> Result<(), String> {
        holds(self.sent.is_none(), || format!("{what} is sent"))?;
        holds(self.is(code), || format!("{what} is told {:?}", self.code))
    }
}

impl Desk {
    fn open() -> Result<Desk, String> {
        let mut desk = Desk {
            engine: Engine::new(config(), 7, 0),
            store: MemoryStore::new(),
            now: NOON,
            conversation: 0,
            payments: Vec::new(),
            holds: false,
            held: Vec::new(),
        };
        desk.feed(Input::Time)?;
        desk.feed(Input::Link { link: LINK, up: true })?;
        Ok(desk)
    }

    /// The engine of a process that is started over the same store.
    fn restart(&mut self) -> Result<(), String> {
        let last = hefu_store::Store::last_batch(&mut self.store, NODE).map_err(|error| error.to_string())?;
        self.engine = Engine::new(config(), 8, last);
        self.feed(Input::Link { link: LINK, up: true }).map(|_| ())
    }

    fn transact(&mut self, trace: u32, kind: Kind, amount: i64, of: Option<Rrn>) -> Result<Heard, String> {
        let mut content = [0; 16];
        content[..8].copy_from_slice(&amount.to_be_bytes());
        let transact = Transact {
            kind,
            identity: Identity { till: TILL, class: 200, batch: 1, trace },
            content: ContentHash(content),
            amount: Money::new(amount, Currency::CNY),
            link: LINK,
            card: CardToken([7; 16]),
            sealed: SealedCard(vec![7; 48]),
            masked: MaskedPan::new("620000", "0005", 16),
            original: of.map(|rrn| Original { rrn: Some(rrn), ..Original::default() }),
            takes_part: false,
            entry: "021".to_owned(),
            chip: Vec::new(),
            chip_kept: Vec::new(),
            card_sequence: None,
            secret: Secret::default(),
        };
        self.ask(Ask::Transact(Box::new(transact)))
    }

    fn ask(&mut self, ask: Ask) -> Result<Heard, String> {
        self.conversation += 1;
        let conversation = Conversation(self.conversation);
        self.feed(Input::Terminal { conversation, till: TILL, ask })
    }

    /// The terminal's own reversal.
    fn reverse(&mut self, trace: u32, kind: Kind, amount: i64) -> Result<Heard, String> {
        let reverse = Reverse {
            kind,
            identity: Identity { till: TILL, class: 200, batch: 1, trace },
            reason: Some(Code(*b"98")),
            content: ContentHash([0; 16]),
            amount: Money::new(amount, Currency::CNY),
            card: None,
            entry: "021".to_owned(),
        };
        self.ask(Ask::Reverse(Box::new(reverse)))
    }

    /// One that the bank approves; its reference.
    fn approved(&mut self, trace: u32, kind: Kind, amount: i64, of: Option<Rrn>) -> Result<Rrn, String> {
        let sent = self.transact(trace, kind, amount, of)?.sent()?;
        let heard = self.answer(approval(&sent))?;
        holds(heard.is(b"00"), || format!("{kind:?} is told {:?}", heard.code))?;
        Ok(sent.rrn)
    }

    fn answer(&mut self, answer: BankAnswer) -> Result<Heard, String> {
        self.feed(Input::Bank { link: LINK, answer })
    }

    /// Gives an input, a second later than the last, and carries out all that follows.
    fn feed(&mut self, input: Input) -> Result<Heard, String> {
        self.now = self.now.after(1_000);
        let mut out = Vec::new();
        self.engine.handle(self.now, input, &mut out);
        self.follow(out)
    }

    /// The store takes what it was given meanwhile.
    fn release(&mut self) -> Result<(), String> {
        for work in std::mem::take(&mut self.held) {
            let out = self.work(work)?;
            self.follow(out)?;
        }
        Ok(())
    }

    fn follow(&mut self, out: Vec<Output>) -> Result<Heard, String> {
        let mut heard = Heard::default();
        let mut outputs = VecDeque::from(out);
        for _ in 0..MOST_OUTPUTS {
            let work = match outputs.pop_front() {
                None => return Ok(heard),
                Some(Output::Commit(batch)) => Work::Commit(batch),
                Some(Output::Load(load)) => Work::Load(load),
                Some(Output::Lease(counter)) => Work::Lease(counter),
                Some(Output::Send { message, .. }) => {
                    heard.sent = Some(*message);
                    continue;
                }
                Some(Output::Reply { reply, .. }) => {
                    match reply.what {
                        Said::Transaction { code, .. }
                        | Said::Reversal { code, .. }
                        | Said::Uploaded { code } => {
                            heard.code = Some(code);
                        }
                        Said::Settled { balanced } => heard.balanced = Some(balanced),
                        Said::SignOn { .. } | Said::Done { .. } => {}
                    }
                    continue;
                }
                Some(Output::WakeAt { .. } | Output::Alarm { .. } | Output::Answer { .. }) => continue,
            };
            if self.holds {
                self.held.push(work);
            } else {
                outputs.extend(self.work(work)?);
            }
        }
        Err(format!("more than {MOST_OUTPUTS} outputs follow from one input"))
    }

    fn work(&mut self, work: Work) -> Result<Vec<Output>, String> {
        if let Work::Commit(batch) = &work {
            for entry in batch.entries.iter().filter(|entry| entry.expected == 0) {
                if let Subject::Tally(id) = entry.subject {
                    self.payments.push(id);
                }
            }
        }
        let done = carry_out(&mut self.store, NODE, work).map_err(|error| error.to_string())?;
        let mut out = Vec::new();
        self.engine.handle(self.now, done, &mut out);
        Ok(out)
    }
}

/// One node and one link, and terminals that keep their reversals.
fn config() -> Config {
    let config = Config::new(NODE, LINK);
    Config { model: Model { certified: true, ..config.model }, ..config }
}

/// The bank's 00 to a request.
fn approval(sent: &BankRequest) -> BankAnswer {
    BankAnswer {
        what: BankSays::ToRequest,
        de7: sent.key.at.mmddhhmmss(),
        stan: sent.key.stan,
        rrn: Some(sent.rrn),
        code: Some(Code::APPROVED),
        mac_good: true,
        processing: None,
        amount: Some(sent.amount),
        till: Some(sent.till),
        auth: None,
        settles: None,
        balance: None,
        chip: Vec::new(),
    }
}
