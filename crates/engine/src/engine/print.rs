//! The engine's fingerprint: a hash of all that can have a part in what it will put out, and of nothing else.
//!
//! Two engines with equal fingerprints answer equal inputs equally, but for names. Names are what is only ever
//! compared for being the same: a payment's id, its references, its trace numbers. They are hashed as who comes
//! first, second and so on among what is in memory; inputs and outputs are equal when they name the same by it.
//!
//! **In**: each payment in memory, whole, with who waits for it, its next wake and its card; all
//! keys under which memory finds something; each terminal's row, what it was told, its questions, and how far it has
//! come; each link with its lanes, in order; the approvals that may still come back unwritten; what waits for a
//! commit, a read or numbers, with its contents, since it may be judged again; whether a batch is under way, and what
//! follows it; when the store is looked through next; the state of chance.
//!
//! **In, as an order only**: ids (one that was given in the present millisecond is hashed as it is, as others of that
//! millisecond may fall on either side of it); the numbers of inputs, which say whether an approval was told before
//! or after a terminal came.
//!
//! **Out**: the numbers of batches and the versions of rows, which the store counts along with (but whether a payment
//! is new); how many inputs there were; numbers that are left of a lease beyond [`PLENTY`] (so engines that are
//! alike stay so until one of them has used so many); when a breaker was last tried, once a new try is due; the
//! configuration, which never changes; what is worked out from the above (doubts, the list of wakes, places in
//! batches); and secrets: what waits with them is told apart by its identity and content.

use super::{Engine, Held, Parked, Scan, TillMemory};
use crate::{
    io::{Ask, BankRequest, Input, Load, Output, Reverse, SignOn, Transact},
    stage::Cause,
};
use hefu_tally::{
    Leg, LinkKey, Moment, Money, Rrn, Tally, TallyId,
    leg::{BankSaid, Request, Undo},
    record::Subject,
};
use std::fmt::{self, Write};

/// Numbers left of a lease, beyond what makes the engine ask for more, are told apart up to here.
pub(crate) const PLENTY: u64 = 1_000;

/// What is hashed, and how names are written in it.
pub(crate) struct Print {
    bytes: Vec<u8>,
    now: Moment,
    ids: Vec<TallyId>,
    rrns: Vec<Rrn>,
    stans: Vec<u32>,
    turns: Vec<u64>,
}

impl Engine {
    /// A hash of what decides what this engine does next; equal hashes mean equal outputs from here on, but for
    /// names.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut print = Print::of(self);
        print.count(self.open.len());
        for held in self.open.values() {
            print.held(held);
        }
        for (key, (id, no)) in &self.handles {
            print.handle(key);
            print.id(*id);
            print.byte(no.0);
        }
        for (till, memory) in &self.tills {
            print.text(format_args!("{till}"));
            print.till(memory);
        }
        self.told.fingerprint(&mut print);
        for line in self.lines.values() {
            line.fingerprint(&mut print);
        }
        for (load, parked) in &self.waiting {
            print.load(load);
            print.count(parked.len());
            parked.iter().for_each(|parked| print.parked(parked));
        }
        print.causes(self.starving.iter());
        self.batches.fingerprint(&mut print);
        self.numbers.fingerprint(&mut print);
        match self.scan {
            Scan::At(at) => print.at(at),
            Scan::UnderWay => print.byte(0),
        }
        print.byte(u8::from(self.doubts_known));
        print.text(format_args!("{:?}", self.refuses));
        *blake3::hash(&print.bytes).as_bytes()
    }
}

impl Print {
    /// Names all that this engine remembers.
    fn of(engine: &Engine) -> Print {
        let mut ids: Vec<TallyId> = engine.open.keys().copied().collect();
        ids.extend(engine.told.payments());
        for memory in engine.tills.values() {
            ids.extend(memory.told.iter().map(|(id, ..)| *id));
            ids.extend(memory.questions.iter().map(|question| question.of.0));
        }
        ids.sort_unstable();
        ids.dedup();
        let tills = engine.tills.values();
        let mut turns: Vec<u64> = tills.flat_map(|memory| memory.told.iter().map(|told| told.2)).collect();
        engine.batches.turns(&mut turns);
        turns.sort_unstable();
        turns.dedup();
        let (mut rrns, mut stans) = (Vec::new(), Vec::new());
        for (_, leg) in engine.open.values().flat_map(|held| held.tally.legs()) {
            rrns.push(leg.rrn);
            stans.extend(leg.request.map(|request| request.key.stan));
            stans.extend(leg.undo.map(|undo| undo.key.stan));
        }
        Print { bytes: Vec::with_capacity(4_096), now: engine.now, ids, rrns, stans, turns }
    }

    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub fn number(&mut self, number: u64) {
        self.bytes.extend_from_slice(&number.to_be_bytes());
    }

    pub fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    pub fn at(&mut self, at: Moment) {
        self.bytes.extend_from_slice(&at.0.to_be_bytes());
    }

    /// A time that is the same to us whenever it lies in the past.
    pub fn not_before(&mut self, at: Moment) {
        self.at(at.max(self.now));
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    fn name<T: PartialEq>(&mut self, name: &T, names: impl Fn(&Print) -> &Vec<T>) -> bool {
        let place = names(self).iter().position(|known| known == name);
        // A byte that is in no text.
        self.byte(0xFF);
        self.count(place.unwrap_or(usize::MAX));
        place.is_some()
    }

    pub fn id(&mut self, id: TallyId) {
        let known = self.name(&id, |print| &print.ids);
        if !known || id.0[..6] == self.now.0.to_be_bytes()[2..] {
            self.bytes.extend_from_slice(&id.0);
        }
    }

    fn rrn(&mut self, rrn: Rrn) {
        if !self.name(&rrn, |print| &print.rrns) {
            self.bytes.extend_from_slice(&rrn.0);
        }
    }

    fn stan(&mut self, stan: u32) {
        if !self.name(&stan, |print| &print.stans) {
            self.number(stan.into());
        }
    }

    pub fn key(&mut self, key: LinkKey) {
        self.at(key.at);
        self.stan(key.stan);
    }

    /// The number of an input, as its rank.
    pub fn turn(&mut self, turn: u64) {
        let place = self.turns.binary_search(&turn);
        self.count(place.expect("every number was collected"));
    }

    /// Text, in which names are put.
    pub fn text(&mut self, text: fmt::Arguments<'_>) {
        let mut written = String::new();
        // Writing to a string cannot fail.
        let _ = written.write_fmt(text);
        self.named(written.as_bytes());
    }

    /// Text or JSON as bytes, with its references, ids and trace numbers as names.
    pub fn named(&mut self, text: &[u8]) {
        self.count(text.len());
        let mut rest = text;
        while let Some(first) = rest.first() {
            let run = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let (word, after) = rest.split_at(run.max(1));
            let rrn = <[u8; 12]>::try_from(word).ok().map(Rrn).filter(|rrn| self.rrns.contains(rrn));
            let stan = Some(&text[..text.len() - rest.len()])
                .filter(|before| before.ends_with(b"stan\":") || before.ends_with(b"stan: "))
                .and_then(|_| std::str::from_utf8(word).ok()?.parse().ok());
            match (rrn, stan) {
                _ if !first.is_ascii_alphanumeric() => self.byte(*first),
                (Some(rrn), _) => self.rrn(rrn),
                (None, Some(stan)) => self.stan(stan),
                (None, None) => self.bytes.extend_from_slice(word),
            }
            rest = after;
        }
        self.byte(0);
    }

    /// A key under which a payment is found.
    pub fn handle(&mut self, key: &[u8]) {
        match key.split_first() {
            Some((b'R', rrn)) if rrn.len() == 12 => self.rrn(Rrn(rrn.try_into().expect("it has 12 bytes"))),
            Some(_) | None => self.bytes(key),
        }
    }

    pub fn subject(&mut self, subject: &Subject) {
        match subject {
            Subject::Tally(id) => self.id(*id),
            Subject::Terminal(till) => self.text(format_args!("{till}")),
            Subject::Link(link) => self.count(link.0.into()),
            Subject::Nobody => self.byte(0),
        }
    }

    fn held(&mut self, held: &Held) {
        // `keys` is `handles` the other way round.
        let Held {
            tally,
            version,
            sealed,
            conversations,
            keys: _,
            wake,
            copy_waits,
            copy_from,
            copy_unsure,
            doubtful,
        } = held;
        self.tally(tally);
        self.byte(u8::from(*version == 1));
        self.bytes(sealed.as_ref().map_or(b"", |sealed| &sealed.0));
        for (no, conversation) in conversations {
            self.byte(no.0);
            self.number(conversation.0);
        }
        self.byte(u8::from(*copy_waits));
        self.not_before(copy_from.unwrap_or(Moment(i64::MIN)));
        // It matters while a reversal runs.
        let reverses = tally.legs().any(|(_, leg)| leg.undo.is_some());
        self.byte(u8::from(*copy_unsure && reverses));
        self.at(wake.unwrap_or(Moment(i64::MAX)));
        self.byte(u8::from(*doubtful));
    }

    /// A payment, whole: what is committed of it is its row, byte for byte.
    pub fn tally(&mut self, tally: &Tally) {
        self.id(tally.id);
        let Tally { merchant, card, masked, opened, .. } = tally;
        self.bytes.extend_from_slice(&merchant.0);
        self.bytes.extend_from_slice(&card.0);
        self.text(format_args!("{masked:?}"));
        self.at(*opened);
        self.count(tally.legs().count());
        for (_, leg) in tally.legs() {
            self.leg(leg);
        }
    }

    fn leg(&mut self, leg: &Leg) {
        let Leg { kind, of, identity, content, rrn, opened, asked, amount, takes_part, fee, entry, .. } = leg;
        let Leg { issuer, merchant, direction, why, request, bank, told, undo, owed, knows, .. } = leg;
        let Leg { question, clearing, case, asks, tombstone, .. } = leg;
        for byte in [*kind as u8, *issuer as u8, *merchant as u8, *direction as u8] {
            self.byte(byte);
        }
        self.bytes(&identity.handle());
        self.bytes.extend_from_slice(&content.0);
        self.rrn(*rrn);
        self.at(*opened);
        for Money { minor, currency } in [asked, amount] {
            self.bytes.extend_from_slice(&minor.to_be_bytes());
            self.text(format_args!("{currency:?}"));
        }
        self.number((*fee).into());
        self.bytes(entry.as_bytes());
        for (no, flag) in [*takes_part, *owed, *tombstone].into_iter().enumerate() {
            self.byte((no as u8) << 1 | u8::from(flag));
        }
        for small in [of.map(|no| no.0), why.map(|why| why as u8), knows.map(|how| how as u8)] {
            self.number(small.map_or(u64::MAX, u64::from));
        }
        self.number(case.map_or(u64::MAX, |case| case as u64));
        self.bytes(told.as_ref().map_or(b"", |code| &code.0));
        for moment in [question, clearing, asks] {
            self.at(moment.unwrap_or(Moment(i64::MAX)));
        }
        self.byte(u8::from(request.is_some()));
        if let Some(Request { link, key, repeats, next }) = request {
            self.number(link.0.into());
            self.key(*key);
            self.number((*repeats).into());
            self.at(*next);
        }
        self.byte(u8::from(bank.is_some()));
        if let Some(BankSaid { at, code, auth, settles, chip }) = bank {
            self.at(*at);
            self.bytes(&code.0);
            self.text(format_args!("{auth:?}{settles:?}"));
            self.bytes(chip);
        }
        self.byte(u8::from(undo.is_some()));
        if let Some(undo) = undo {
            let Undo {
                key,
                reason,
                copies,
                last_sent,
                next,
                refused,
                unread,
                closes_from,
                before_closing,
                answers,
                vain,
                before_approval,
                state,
            } = undo;
            self.key(*key);
            for count in [*reason, *copies, *unread, *before_closing, *answers, *vain, *before_approval] {
                self.number(count.into());
            }
            for moment in [*last_sent, *next, closes_from.unwrap_or(Moment(i64::MAX))] {
                self.at(moment);
            }
            self.byte(u8::from(*refused));
            self.byte(*state as u8);
        }
    }

    fn till(&mut self, memory: &TillMemory) {
        let TillMemory { row, told, looked_up, questions, newest } = memory;
        let row = row.as_ref().map(|row| serde_json::to_vec(&row.state));
        self.bytes(&row.transpose().expect("our own types have a JSON form").unwrap_or_default());
        self.count(told.len());
        for (id, no, turn) in told {
            self.id(*id);
            self.byte(no.0);
            self.turn(*turn);
        }
        self.byte(u8::from(*looked_up));
        self.count(questions.len());
        for question in questions {
            self.id(question.of.0);
            self.byte(question.of.1.0);
            self.number(question.trace.into());
            self.at(question.from);
        }
        self.text(format_args!("{newest:?}"));
    }

    fn load(&mut self, load: &Load) {
        match load {
            Load::Tally(id, _) => self.id(*id),
            Load::Handle(_, key) => self.handle(key),
            Load::Handles(_, prefix, limit) => {
                self.bytes(prefix);
                self.count(*limit);
            }
            Load::Terminal(till) => self.text(format_args!("{till}")),
            Load::Links => self.byte(1),
            Load::Doubts { since, limit } => self.text(format_args!("{since:?}{limit}")),
            Load::Duties { after, due_by, limit } => {
                self.text(format_args!("{after:?}{due_by:?}{limit}"));
            }
        }
    }

    fn parked(&mut self, parked: &Parked) {
        match parked {
            Parked::Retry(cause) => self.causes([cause].into_iter()),
            Parked::Earlier { till, before, except } => {
                self.text(format_args!("{till}{before:?}{except:?}"));
            }
            Parked::Presume { leg } => self.byte(leg.0),
            Parked::Read => self.byte(0xFE),
        }
    }

    /// Inputs that wait, or that may be judged again.
    pub fn causes<'a>(&mut self, causes: impl ExactSizeIterator<Item = &'a Cause>) {
        self.count(causes.len());
        for cause in causes {
            match &**cause {
                Input::Terminal { conversation, till, ask } => {
                    self.number(conversation.0);
                    self.text(format_args!("{till}"));
                    self.ask(ask);
                }
                Input::Unwritten { conversation } => self.number(conversation.0),
                Input::Bank { link, answer } => self.text(format_args!("{link:?}{answer:?}")),
                Input::NeverSent { link, key, rrn } => {
                    self.count(link.0.into());
                    self.key(*key);
                    self.rrn(*rrn);
                }
                Input::Link { link, up } => self.text(format_args!("{link:?}{up}")),
                Input::Order { ticket, link, order } => {
                    self.text(format_args!("{ticket}{link:?}{order:?}"));
                }
                Input::Decide { ticket, decide } => self.text(format_args!("{ticket}{decide:?}")),
                Input::Status { ticket } => self.number(*ticket),
                Input::House { refuse } => self.text(format_args!("{refuse:?}")),
                Input::Note { till, note } => self.text(format_args!("{till:?}{note:?}")),
                Input::Loaded { .. } | Input::Committed { .. } | Input::Leased { .. } | Input::Time => {
                    unreachable!("these are handled as they come")
                }
            }
        }
    }

    fn ask(&mut self, ask: &Ask) {
        match ask {
            Ask::SignOn(SignOn { wrapped, f62, batch }) => {
                self.bytes(wrapped);
                self.bytes(f62);
                self.number((*batch).into());
            }
            Ask::SignOff => self.byte(0),
            Ask::Transact(transact) => self.transact(transact),
            Ask::Reverse(reverse) => {
                let Reverse { kind, identity, reason, content, amount, card, entry } = &**reverse;
                self.bytes.extend_from_slice(&content.0);
                self.text(format_args!("{kind:?}{identity:?}{reason:?}{amount:?}{entry}"));
                if let Some(card) = card {
                    self.bytes.extend_from_slice(&card.token.0);
                    self.bytes(&card.sealed.0);
                    self.text(format_args!("{:?}", card.masked));
                }
            }
            Ask::Settle(settle) => self.text(format_args!("{settle:?}")),
            Ask::Upload(upload) => self.text(format_args!("{upload:?}")),
            Ask::Signature { identity_trace, batch, rrn } => {
                self.text(format_args!("{identity_trace}/{batch}{rrn:?}"));
            }
            Ask::Script { batch, trace } => self.text(format_args!("script {batch}/{trace}")),
            Ask::LastResult { batch, trace } => self.text(format_args!("last {batch}/{trace}")),
            Ask::Confirm { batch, trace, has } => self.text(format_args!("{batch}/{trace}{has}")),
        }
    }

    fn transact(&mut self, transact: &Transact) {
        let Transact {
            kind,
            identity,
            content,
            amount,
            link,
            card,
            sealed,
            masked,
            original,
            takes_part,
            ..
        } = transact;
        let Transact { entry, chip, chip_kept, card_sequence, secret: _, .. } = transact;
        self.bytes.extend_from_slice(&content.0);
        self.bytes.extend_from_slice(&card.0);
        for bytes in [&sealed.0, chip, chip_kept] {
            self.bytes(bytes);
        }
        self.text(format_args!("{kind:?}{identity:?}{amount:?}{link:?}{masked:?}{original:?}{takes_part}"));
        self.text(format_args!("{entry}/{card_sequence:?}"));
    }

    /// What is held back until a commit.
    pub fn effect(&mut self, effect: &Output) {
        match effect {
            Output::Send { link, message } => {
                let BankRequest { what, kind, key, rrn, till, amount, card, sealed, .. } = &**message;
                let BankRequest { entry, card_sequence, auth, original, chip, secret: _, .. } = &**message;
                self.key(*key);
                self.rrn(*rrn);
                self.bytes.extend_from_slice(&card.0);
                self.bytes(sealed.as_ref().map_or(b"", |sealed| &sealed.0));
                self.bytes(chip);
                self.text(format_args!("{link:?}{what:?}{kind:?}{till}{amount:?}{entry}/{card_sequence:?}"));
                self.text(format_args!("{auth:?}{original:?}"));
            }
            Output::Reply { conversation, reply } => {
                self.number(conversation.0);
                self.text(format_args!("{reply:?}"));
            }
            Output::Answer { ticket, answer } => self.text(format_args!("{ticket}{answer:?}")),
            Output::Alarm { what } => self.text(format_args!("{what}")),
            Output::Load(_) | Output::Commit(_) | Output::Lease(_) | Output::WakeAt { .. } => {
                unreachable!("these are never held back")
            }
        }
    }
}
