//! What terminals ask for: transactions, reversals, questions.

use crate::{
    engine::{Engine, Lookup, Parked, ToldNow, auth_handle, rrn_handle},
    io::{
        Ask, BankAsk, BankRequest, Conversation, Load, Original, OriginalKey, Output, Reply, Reverse, Said,
        Transact, Words,
    },
    stage,
};
use hefu_tally::{
    Code, Direction, Fact, Identity, Issuer, Kind, LegNo, LinkKey, Moment, Money, Opened, TallyId, Till,
    View,
    codes::{Proves, proves},
    fact::Meaning,
    judge::Evidence,
    leg::{Knowledge, Leg, Merchant, Moves, Why},
    tally::MOST_LEGS,
};

/// How many payments of a batch are looked up at a terminal's first contact.
const MOST_LOOKED_UP: usize = 256;
/// A completion may take so many hundredths of what was pre-authorised (115 %).
const COMPLETION_PERCENT: i64 = 115;

/// Why a transaction is not sent to the bank.
struct Refusal {
    code: Code,
    words: Words,
}

impl Refusal {
    fn code(code: &[u8; 2]) -> Refusal {
        Refusal { code: Code(*code), words: Words::Code }
    }
}

impl Engine {
    pub(crate) fn terminal(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        ask: Ask,
        out: &mut Vec<Output>,
    ) {
        match ask {
            Ask::SignOn(sign_on) => self.sign_on(now, conversation, till, sign_on, out),
            Ask::SignOff => self.sign_off(now, conversation, till, out),
            Ask::Transact(transact) => self.transact(now, conversation, till, *transact, out),
            Ask::Reverse(reverse) => self.reverse(now, conversation, till, *reverse, out),
            Ask::Settle(settle) => self.settle(now, conversation, till, settle, out),
            Ask::Upload(upload) => self.upload(now, conversation, till, upload, out),
            Ask::Signature { identity_trace, batch, rrn } => {
                self.signature(now, conversation, till, (batch, identity_trace), rrn, out);
            }
            Ask::Script { batch, .. } => {
                self.presume(now, till, batch, None, out);
                self.say(now, conversation, Said::Done { code: Code::APPROVED }, out);
            }
            Ask::LastResult { batch, trace } => self.last_result(now, conversation, till, batch, trace, out),
        }
    }

    fn transact(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        transact: Transact,
        out: &mut Vec<Output>,
    ) {
        assert!(transact.identity.till == till, "the edge reads both from one message");
        // A repeat of what is in memory; of what is not, the commit finds out.
        if let Some((id, no)) = self.handles.get(&transact.identity.handle()).copied() {
            return self.repeat(now, conversation, id, no, &transact, out);
        }
        let original = match self.original(&transact, out) {
            Ok(original) => original,
            Err(NoOriginal::NotRead) => return,
            Err(NoOriginal::Nowhere) => None,
        };
        self.presume(now, till, transact.identity.batch, Some(transact.identity), out);
        if self.open.len() >= self.config.most_open {
            let said = self.turned_away(&transact.amount);
            return self.say(now, conversation, said, out);
        }
        let refusal = self.refuse(now, &transact, original);
        if let (Some((id, no)), true) = (original, transact.original.as_ref().is_some_and(quotes)) {
            self.give(now, id, no, &Evidence::Known(Knowledge::Quoted), out);
        }
        let to = original.map(|(id, _)| id).filter(|id| self.open[id].tally.legs().count() < MOST_LEGS);
        let rrn = self.numbers.rrn(now, till.shard());
        let opened = Opened {
            kind: transact.kind,
            of: original.filter(|_| to.is_some()).map(|(_, no)| no),
            identity: transact.identity,
            content: transact.content,
            rrn,
            amount: transact.amount,
            takes_part: transact.takes_part,
            fee: self.config.fee,
            entry: transact.entry.clone(),
            chip: transact.chip_kept.clone(),
            card: transact.card,
            masked: transact.masked.clone(),
            tombstone: false,
        };
        let (id, no) = self.open_leg(now, to, opened, transact.sealed.clone());
        let held = self.open.get_mut(&id).expect("just opened");
        held.conversations.insert(no, conversation);
        if let Some(refusal) = refusal {
            let facts = vec![Fact::NeverSent { leg: no }, Fact::Told { leg: no, code: refusal.code }];
            self.record_with(now, id, facts, refusal.words, out);
            return;
        }
        let key = hefu_tally::judge::Supply::key(&mut self.numbers.supply(now));
        let next = now.after(self.config.rules.answer_within);
        self.record(now, id, vec![Fact::Requested { leg: no, link: self.config.link, key, next }], out);
        let mut message = self.bank_request(id, no, BankAsk::Request, key);
        message.chip = transact.chip;
        message.card_sequence = transact.card_sequence;
        message.secret = Some(transact.secret);
        let send = Output::Send { link: self.config.link, message: Box::new(message) };
        self.batches.gate(&stage::payment(id), send, out);
    }

    /// Where the original of a transaction is; nowhere for those that refer to none.
    fn original(
        &mut self,
        transact: &Transact,
        out: &mut Vec<Output>,
    ) -> Result<Option<(TallyId, LegNo)>, NoOriginal> {
        if !transact.kind.refers() {
            return Ok(None);
        }
        let till = transact.identity.till;
        let Some(original) = &transact.original else { return Err(NoOriginal::Nowhere) };
        let handle = match (original.rrn, original.auth, original.batch, original.trace) {
            (Some(rrn), ..) => rrn_handle(&rrn),
            (None, Some(auth), ..) => auth_handle(till.merchant, transact.card, auth),
            (None, None, Some(batch), Some(trace)) => Identity { till, class: 200, batch, trace }.handle(),
            (None, None, ..) => return Err(NoOriginal::Nowhere),
        };
        let shard = match original.rrn.map(|rrn| rrn.shard()) {
            // A reference that is not ours, or another merchant's, is no original of this merchant.
            Some(Err(_)) => return Err(NoOriginal::Nowhere),
            Some(Ok(shard)) if shard != till.shard() => return Err(NoOriginal::Nowhere),
            Some(Ok(_)) | None => till.shard(),
        };
        match self.find(shard, handle, out) {
            Lookup::Parked => Err(NoOriginal::NotRead),
            Lookup::Absent => Err(NoOriginal::Nowhere),
            Lookup::Found(id, no) => {
                let tally = &self.open[&id].tally;
                let leg = tally.leg(no).expect("a handle leads to a leg");
                let same = tally.merchant == till.merchant
                    && tally.card == transact.card
                    && original.batch.is_none_or(|batch| batch == leg.identity.batch)
                    && original.trace.is_none_or(|trace| trace == leg.identity.trace);
                if same { Ok(Some((id, no))) } else { Err(NoOriginal::Nowhere) }
            }
        }
    }

    /// Why this transaction must not go to the bank, if it must not.
    fn refuse(
        &self,
        now: Moment,
        transact: &Transact,
        original: Option<(TallyId, LegNo)>,
    ) -> Option<Refusal> {
        if transact.amount.minor < 0 || (transact.amount.minor == 0 && transact.kind != Kind::Inquiry) {
            return Some(Refusal::code(b"13"));
        }
        if transact.kind.refers() {
            let Some((id, no)) = original else { return Some(Refusal::code(b"25")) };
            if let Some(code) = self.refuse_follower(transact, id, no) {
                return Some(Refusal::code(&code));
            }
        } else if matches!(transact.kind, Kind::Sale | Kind::PreAuth) && self.charged_again(now, transact) {
            return Some(Refusal { code: Code(*b"94"), words: Words::PreviousUnderCheck });
        }
        if !self.link_up {
            return Some(Refusal { code: Code(*b"91"), words: Words::NothingCharged });
        }
        None
    }

    /// Void, refund, completion and their like against the leg that they refer to. The sum of refunds is checked
    /// here, in the change that records the refund.
    fn refuse_follower(&self, transact: &Transact, id: TallyId, no: LegNo) -> Option<[u8; 2]> {
        let tally = &self.open[&id].tally;
        let leg = tally.leg(no).expect("found above");
        let fits = match transact.kind {
            Kind::Void => matches!(leg.kind, Kind::Sale | Kind::OfflineSale),
            Kind::Refund => leg.kind.moves() == Moves::Charge,
            Kind::PreAuthVoid | Kind::Completion | Kind::CompletionAdvice => leg.kind == Kind::PreAuth,
            Kind::CompletionVoid => matches!(leg.kind, Kind::Completion | Kind::CompletionAdvice),
            Kind::Sale | Kind::PreAuth | Kind::OfflineSale | Kind::Inquiry => false,
        };
        if !fits || tally.legs().count() >= MOST_LEGS {
            return Some(*b"25");
        }
        // Unknown, under return, or already taken back: look it up first.
        if !leg.stands() {
            return Some(*b"22");
        }
        let followers = || tally.legs().map(|(_, other)| other).filter(|other| other.of == Some(no));
        let open_or_done = |other: &Leg| matches!(other.issuer, Issuer::Unknown | Issuer::Done);
        let taken_back = followers().any(|other| {
            open_or_done(other) && matches!(other.kind.moves(), Moves::GiveBack | Moves::Release)
        });
        if taken_back {
            return Some(*b"22");
        }
        let amount = transact.amount;
        if amount.currency != leg.amount.currency {
            return Some(*b"13");
        }
        match transact.kind {
            Kind::Void | Kind::CompletionVoid => {
                let refunded =
                    followers().any(|other| open_or_done(other) && other.kind.moves() == Moves::Refund);
                if refunded {
                    return Some(*b"22");
                }
                (amount != leg.amount).then_some(*b"64")
            }
            Kind::PreAuthVoid => {
                let completed =
                    followers().any(|other| open_or_done(other) && other.kind.moves() == Moves::Charge);
                if completed {
                    return Some(*b"22");
                }
                (amount != leg.amount).then_some(*b"64")
            }
            Kind::Refund => {
                let unknown = followers()
                    .any(|other| other.kind.moves() == Moves::Refund && other.issuer == Issuer::Unknown);
                if unknown {
                    return Some(*b"22");
                }
                let refunded = tally.refunded(no).and_then(|sum| sum.plus(amount));
                let fits = refunded.is_ok_and(|sum| sum.minor <= leg.amount.minor);
                (!fits).then_some(*b"64")
            }
            Kind::Completion | Kind::CompletionAdvice => {
                let completed =
                    followers().any(|other| open_or_done(other) && other.kind.moves() == Moves::Charge);
                if completed {
                    return Some(*b"22");
                }
                let most =
                    leg.amount.minor.checked_mul(COMPLETION_PERCENT).map(|hundredths| hundredths / 100);
                most.is_none_or(|most| amount.minor > most).then_some(*b"61")
            }
            Kind::Sale | Kind::PreAuth | Kind::OfflineSale | Kind::Inquiry => Some(*b"12"),
        }
    }

    /// Same card, amount and merchant, not long ago, and that payment is still in doubt.
    fn charged_again(&self, now: Moment, transact: &Transact) -> bool {
        let payer = (transact.identity.till.merchant, transact.card);
        self.payers.get(&payer).into_iter().flatten().any(|id| {
            let first = self.open[id].tally.first();
            matches!(first.kind, Kind::Sale | Kind::PreAuth)
                && first.in_doubt()
                && first.asked == transact.amount
                && now.since(first.opened) < self.config.double_charge_window
        })
    }

    /// The same request again: the current truth. The same identity with other content: a clash.
    fn repeat(
        &mut self,
        now: Moment,
        conversation: Conversation,
        id: TallyId,
        no: LegNo,
        transact: &Transact,
        out: &mut Vec<Output>,
    ) {
        let leg = self.open[&id].tally.leg(no).expect("a handle leads to a leg");
        let unknown = self.config.rules_for(&leg.identity.till).unknown;
        let said = if leg.tombstone {
            self.transaction_said(leg, Code(*b"12"), Words::Code)
        } else if leg.content != transact.content || leg.kind != transact.kind {
            Said::Transaction {
                code: Code(*b"94"),
                words: Words::SignOn,
                rrn: None,
                amount: transact.amount,
                auth: None,
                settles: None,
                chip: Vec::new(),
                balance: None,
            }
        } else {
            self.transaction_said(leg, leg.truth(unknown), words_of(leg))
        };
        let reply = Output::Reply { conversation, reply: Box::new(Reply { at: now, what: said }) };
        self.batches.gate(&stage::payment(id), reply, out);
        self.touch(id);
    }

    fn last_result(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        batch: u32,
        trace: u32,
        out: &mut Vec<Output>,
    ) {
        // The class is not named: all legs of this trace begin alike.
        let mut prefix = Identity::batch_handle(&till, batch);
        prefix.extend_from_slice(&trace.to_be_bytes());
        let in_memory = self.handles.range(prefix.clone()..).next();
        let found = match in_memory.filter(|(key, _)| key.starts_with(&prefix)) {
            Some((_, found)) => Some(*found),
            None => {
                let load = Load::Handles(till.shard(), prefix, 4);
                match &self.listed {
                    Some((listed, found)) if *listed == load => found.first().copied(),
                    Some(_) | None => return self.park_cause(load, out),
                }
            }
        };
        let Some((id, no)) = found else {
            let nothing = Said::Transaction {
                code: Code(*b"25"),
                words: Words::Code,
                rrn: None,
                amount: Money::zero(hefu_tally::Currency::CNY),
                auth: None,
                settles: None,
                chip: Vec::new(),
                balance: None,
            };
            return self.say(now, conversation, nothing, out);
        };
        let leg = self.open[&id].tally.leg(no).expect("a handle leads to a leg");
        let unknown = self.config.rules_for(&till).unknown;
        let said = self.transaction_said(leg, leg.truth(unknown), words_of(leg));
        let reply = Output::Reply { conversation, reply: Box::new(Reply { at: now, what: said }) };
        self.batches.gate(&stage::payment(id), reply, out);
        self.touch(id);
    }

    /// The terminal's reversal. Answered once durable, without waiting for the bank.
    fn reverse(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        reverse: Reverse,
        out: &mut Vec<Output>,
    ) {
        let (id, no) = match self.find(till.shard(), reverse.identity.handle(), out) {
            Lookup::Parked => return,
            Lookup::Found(id, no) => (id, no),
            Lookup::Absent => {
                let opened = Opened {
                    kind: reverse.kind,
                    of: None,
                    identity: reverse.identity,
                    content: reverse.content,
                    rrn: self.numbers.rrn(now, till.shard()),
                    amount: reverse.amount,
                    takes_part: false,
                    fee: self.config.fee,
                    entry: reverse.entry.clone(),
                    chip: Vec::new(),
                    card: reverse.card,
                    masked: reverse.masked.clone(),
                    tombstone: true,
                };
                self.open_leg(now, None, opened, reverse.sealed.clone())
            }
        };
        let (tally, leg) = {
            let tally = &self.open[&id].tally;
            (tally, tally.leg(no).expect("a handle leads to a leg"))
        };
        let other = tally.card != reverse.card || leg.kind != reverse.kind || leg.asked != reverse.amount;
        if other {
            let said = Said::Reversal { code: Code(*b"64"), rrn: None };
            let reply = Output::Reply { conversation, reply: Box::new(Reply { at: now, what: said }) };
            self.batches.gate(&stage::payment(id), reply, out);
            return self.touch(id);
        }
        self.forget_told(id, no);
        self.aside.reversing = Some(conversation);
        self.give(now, id, no, &Evidence::TerminalReversed(reverse.reason), out);
        self.aside.reversing = None;
        self.touch(id);
    }

    fn signature(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        (batch, trace): (u32, u32),
        rrn: Option<hefu_tally::Rrn>,
        out: &mut Vec<Output>,
    ) {
        let handle = match rrn {
            Some(rrn) => rrn_handle(&rrn),
            None => Identity { till, class: 200, batch, trace }.handle(),
        };
        let code = match self.find(till.shard(), handle, out) {
            Lookup::Parked => return,
            Lookup::Absent => Code(*b"25"),
            Lookup::Found(id, no) => {
                let leg = self.open[&id].tally.leg(no).expect("a handle leads to a leg");
                if leg.identity.till != till {
                    Code(*b"25")
                } else {
                    self.give(now, id, no, &Evidence::Known(Knowledge::Signature), out);
                    self.forget_told(id, no);
                    let reply = Reply { at: now, what: Said::Done { code: Code::APPROVED } };
                    let reply = Output::Reply { conversation, reply: Box::new(reply) };
                    self.batches.gate(&stage::payment(id), reply, out);
                    return self.touch(id);
                }
            }
        };
        self.say(now, conversation, Said::Done { code }, out);
    }

    /// This terminal comes with something new and without a reversal: what it was told before, it is presumed to
    /// have. A repeat of `except` shows the contrary of `except`.
    pub(crate) fn presume(
        &mut self,
        now: Moment,
        till: Till,
        batch: u32,
        except: Option<Identity>,
        out: &mut Vec<Output>,
    ) {
        let memory = self.tills.entry(till).or_default();
        let told = std::mem::take(&mut memory.told);
        if !std::mem::replace(&mut memory.looked_up, true) {
            let load = Load::Handles(till.shard(), Identity::batch_handle(&till, batch), MOST_LOOKED_UP);
            self.park(load, Parked::Presume { till, before: now, except }, out);
        }
        for (id, no) in told {
            if self.open.contains_key(&id) {
                self.give(now, id, no, &Evidence::Known(Knowledge::NextTransaction), out);
                self.touch(id);
            }
        }
    }

    /// The same for what an earlier run told it.
    pub(crate) fn presume_earlier(
        &mut self,
        now: Moment,
        till: Till,
        before: Moment,
        except: Option<Identity>,
        out: &mut Vec<Output>,
    ) {
        let Some((_, listed)) = self.listed.clone() else { return };
        for (id, no) in listed {
            let leg = self.open.get(&id).and_then(|held| held.tally.leg(no).ok());
            let told = leg.is_some_and(|leg| {
                leg.identity.till == till
                    && leg.opened < before
                    && leg.merchant == Merchant::Told
                    && Some(leg.identity) != except
            });
            if told {
                self.give(now, id, no, &Evidence::Known(Knowledge::NextTransaction), out);
            }
            self.touch(id);
        }
    }

    /// An answer that could not be written: an approval among them is taken back at once.
    pub(crate) fn unwritten(&mut self, now: Moment, conversation: Conversation, out: &mut Vec<Output>) {
        let told = self.told.iter().find(|told| told.conversation == conversation).copied();
        let Some(ToldNow { tally: id, leg: no, shard, .. }) = told else { return };
        if !self.open.contains_key(&id) {
            return self.park_cause(Load::Tally(id, shard), out);
        }
        self.forget_told(id, no);
        self.give(now, id, no, &Evidence::Unwritten, out);
        self.touch(id);
    }

    /// What follows outside from a fact, once it is durable.
    pub(crate) fn effects(&mut self, now: Moment, id: TallyId, fact: &Fact, effects: &mut Vec<Output>) {
        let link = self.config.link;
        match fact {
            Fact::Repeated { leg, .. } => {
                let request = self.open[&id].tally.leg(*leg).ok().and_then(|leg| leg.request);
                let key = request.expect("what is repeated was requested").key;
                let message = Box::new(self.bank_request(id, *leg, BankAsk::Repeat, key));
                effects.push(Output::Send { link, message });
            }
            Fact::Reversing { leg, key, reason, .. } => {
                let ask = BankAsk::Reversal { reason: *reason };
                let message = Box::new(self.bank_request(id, *leg, ask, *key));
                effects.push(Output::Send { link, message });
            }
            Fact::ReversingAgain { leg, .. } => {
                let undo = self.open[&id].tally.leg(*leg).ok().and_then(|leg| leg.undo);
                let undo = undo.expect("what is reversed again was reversed");
                let ask = BankAsk::ReversalRepeat { reason: undo.reason };
                let message = Box::new(self.bank_request(id, *leg, ask, undo.key));
                effects.push(Output::Send { link, message });
            }
            Fact::Told { leg, code } => self.tell(now, id, *leg, *code, effects),
            Fact::TerminalReversed { leg, answer, .. } => {
                let rrn = self.open[&id].tally.leg(*leg).ok().map(|leg| leg.rrn);
                if let Some(conversation) = self.aside.reversing.take() {
                    let what = Said::Reversal { code: *answer, rrn };
                    let reply = Box::new(Reply { at: now, what });
                    effects.push(Output::Reply { conversation, reply });
                }
            }
            Fact::CaseOpened { leg, case } => {
                let rrn = self.open[&id].tally.leg(*leg).map(|leg| leg.rrn.to_string()).unwrap_or_default();
                effects.push(Output::Alarm { what: format!("{rrn}: a person must look: {case:?}") });
            }
            Fact::Answered { leg, meaning: Meaning::Done(_), .. } => self.index_auth(id, *leg),
            Fact::Opened(_)
            | Fact::Requested { .. }
            | Fact::NeverSent { .. }
            | Fact::Answered { .. }
            | Fact::Turned { .. }
            | Fact::ReversalAnswered { .. }
            | Fact::LeftToClearing { .. }
            | Fact::Learned { .. }
            | Fact::Questioned { .. }
            | Fact::Postponed { .. } => {}
        }
    }

    /// A pre-authorisation is found later by its authorisation code.
    fn index_auth(&mut self, id: TallyId, no: LegNo) {
        let tally = &self.open[&id].tally;
        let leg = tally.leg(no).expect("just answered");
        let auth = leg.bank.as_ref().and_then(|said| said.auth);
        if let (Kind::PreAuth, Some(auth)) = (leg.kind, auth) {
            let key = auth_handle(tally.merchant, tally.card, auth);
            self.add_handle(id, no, key);
        }
    }

    fn tell(&mut self, now: Moment, id: TallyId, no: LegNo, code: Code, effects: &mut Vec<Output>) {
        let words = self.aside.words.take().unwrap_or_else(|| words_told(code));
        let balance = self.aside.balance.take();
        let held = self.open.get_mut(&id).expect("facts are of a payment in memory");
        let conversation = held.conversations.remove(&no);
        let leg = self.open[&id].tally.leg(no).expect("facts are of a leg that is there");
        let till = leg.identity.till;
        let approval = leg.merchant == Merchant::Told && leg.direction == Direction::Keep;
        let mut what = self.transaction_said(leg, code, words);
        if let Said::Transaction { balance: place, .. } = &mut what {
            *place = balance;
        }
        if approval {
            self.told_to(till, id, no);
        }
        let Some(conversation) = conversation else { return };
        if approval {
            self.told.push_back(ToldNow { at: now, conversation, tally: id, leg: no, shard: till.shard() });
        }
        effects.push(Output::Reply { conversation, reply: Box::new(Reply { at: now, what }) });
    }

    /// What is said about a leg, under this code.
    fn transaction_said(&self, leg: &Leg, code: Code, words: Words) -> Said {
        let said = leg.bank.as_ref();
        let kept = leg.direction == Direction::Keep;
        Said::Transaction {
            code,
            words,
            rrn: Some(leg.rrn),
            amount: if kept { leg.amount } else { leg.asked },
            auth: said.filter(|_| kept).and_then(|said| said.auth),
            settles: said.and_then(|said| said.settles.clone()),
            chip: said.map(|said| said.chip.clone()).unwrap_or_default(),
            balance: None,
        }
    }

    /// Records facts whose telling needs words of its own.
    fn record_with(
        &mut self,
        now: Moment,
        id: TallyId,
        facts: Vec<Fact>,
        words: Words,
        out: &mut Vec<Output>,
    ) {
        self.aside.words = Some(words);
        self.record(now, id, facts, out);
        self.aside.words = None;
    }

    /// The message to the bank about a leg, without what only its request carries.
    pub(crate) fn bank_request(&self, id: TallyId, no: LegNo, what: BankAsk, key: LinkKey) -> BankRequest {
        let held = &self.open[&id];
        let leg = held.tally.leg(no).expect("a message is about a leg that is there");
        let own = leg.request.map(|request| OriginalKey { class: class_of(leg.kind), key: request.key });
        let of = leg.of.and_then(|of| held.tally.leg(of).ok());
        let original = match what {
            BankAsk::Reversal { .. } | BankAsk::ReversalRepeat { .. } => own,
            BankAsk::Request | BankAsk::Repeat => of.and_then(|of| {
                of.request.map(|request| OriginalKey { class: class_of(of.kind), key: request.key })
            }),
        };
        BankRequest {
            what,
            kind: leg.kind,
            key,
            rrn: leg.rrn,
            till: leg.identity.till,
            amount: leg.asked,
            card: held.tally.card,
            sealed: held.sealed.clone(),
            entry: leg.entry.clone(),
            card_sequence: None,
            auth: of.and_then(|of| of.bank.as_ref()).and_then(|said| said.auth),
            original,
            chip: Vec::new(),
            secret: None,
        }
    }

    /// Answers something that changed no payment.
    pub(crate) fn say(&self, now: Moment, conversation: Conversation, what: Said, out: &mut Vec<Output>) {
        out.push(Output::Reply { conversation, reply: Box::new(Reply { at: now, what }) });
    }

    /// What a terminal hears when we are too full to take anything on.
    fn turned_away(&self, amount: &Money) -> Said {
        Said::Transaction {
            code: Code(*b"91"),
            words: Words::NothingCharged,
            rrn: None,
            amount: *amount,
            auth: None,
            settles: None,
            chip: Vec::new(),
            balance: None,
        }
    }

    /// An input that finds no place to wait: a transaction is refused as never sent, anything else is left to its
    /// sender's repeat.
    pub(crate) fn turn_away(&mut self, now: Moment, input: crate::io::Input, out: &mut Vec<Output>) {
        if let crate::io::Input::Terminal { conversation, ask: Ask::Transact(transact), .. } = input {
            let said = self.turned_away(&transact.amount);
            self.say(now, conversation, said, out);
        }
    }

    fn forget_told(&mut self, id: TallyId, no: LegNo) {
        let Some(leg) = self.open.get(&id).and_then(|held| held.tally.leg(no).ok()) else { return };
        if let Some(memory) = self.tills.get_mut(&leg.identity.till) {
            memory.told.retain(|told| *told != (id, no));
        }
    }
}

/// Why there is no original to go on with.
enum NoOriginal {
    /// It is being read; the input waits.
    NotRead,
    Nowhere,
}

/// The words for the first answer under this code.
fn words_told(code: Code) -> Words {
    match (&code.0, proves(code)) {
        (b"91", _) => Words::NothingCharged,
        (_, Proves::Nothing) => Words::Unknown,
        (_, Proves::Done | Proves::DoneInPart | Proves::NotDone | Proves::Original) => Words::Code,
    }
}

/// The words for a leg as it stands.
fn words_of(leg: &Leg) -> Words {
    match leg.view() {
        View::Approved | View::Declined if leg.why == Some(Why::NeverSent) => Words::NothingCharged,
        View::Approved | View::Declined => Words::Code,
        View::Returning => Words::Returning,
        View::Returned => Words::Returned,
        View::Processing | View::Unknown | View::UnderReview => Words::Unknown,
    }
}

/// A reference or an authorisation code can only be quoted by who received the approval.
fn quotes(original: &Original) -> bool {
    original.rrn.is_some() || original.auth.is_some()
}

/// The message class of a kind's request on the host link.
pub(crate) fn class_of(kind: Kind) -> u16 {
    match kind {
        Kind::PreAuth | Kind::PreAuthVoid => 100,
        Kind::Sale | Kind::Void | Kind::Completion | Kind::CompletionVoid | Kind::Inquiry => 200,
        Kind::Refund | Kind::CompletionAdvice | Kind::OfflineSale => 220,
    }
}
