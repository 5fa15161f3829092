//! What terminals ask for: each request finds its handler here; transactions are handled here.

mod effects;
mod original;
mod presume;
mod question;
mod refuse;
mod reversal;
mod say;

use crate::{
    engine::{Approval, Engine},
    io::{Ask, BankAsk, Conversation, Input, Load, Note, Output, Reply, Said, Transact, Words},
    stage::{Newcomer, News},
};
use hefu_mutant::mutant;
use hefu_tally::{
    Code, Fact, Identity, Kind, LegNo, LinkId, Moment, Opened, TallyId, Till,
    judge::{Evidence, Supply},
    leg::{Knowledge, Merchant, Moves},
    record::Subject,
};
use original::Found;

impl Engine {
    pub(crate) fn terminal(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        ask: &Ask,
        out: &mut Vec<Output>,
    ) {
        match ask {
            Ask::SignOn(sign_on) => self.sign_on(now, conversation, till, sign_on, out),
            Ask::SignOff => self.sign_off(now, conversation, till, out),
            Ask::Transact(transact) => self.transact(now, conversation, till, transact, out),
            Ask::Reverse(reverse) => self.reverse(now, conversation, till, reverse, out),
            Ask::Settle(settle) => self.settle(now, conversation, till, settle, out),
            Ask::Upload(upload) => self.upload(now, conversation, till, upload, out),
            Ask::Signature { identity_trace, batch, rrn } => {
                self.signature(now, conversation, till, (*batch, *identity_trace), *rrn, out);
            }
            Ask::Script { batch, .. } => {
                self.presume(now, till, *batch, None, out);
                self.say(now, conversation, Said::Done { code: Code::APPROVED }, out);
            }
            Ask::Confirm { batch, trace, has } => {
                self.confirm(now, conversation, till, (*batch, *trace), *has, out);
            }
            Ask::LastResult { batch, trace } => {
                self.last_result(now, conversation, till, *batch, *trace, out)
            }
        }
    }

    fn transact(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        transact: &Transact,
        out: &mut Vec<Output>,
    ) {
        assert!(transact.identity.till == till, "the edge reads both from one message");
        // A repeat of what is in memory; of what is not, the commit finds out.
        let known = self.handles.get(&transact.identity.handle()).copied();
        if let Some((id, no)) = known.filter(|_| !mutant!(ForgetsItsIdentities)) {
            return self.repeat(now, conversation, id, no, transact, out);
        }
        let original = match self.original(now, transact, out) {
            Found::Leg(id, no) => Some((id, no)),
            Found::Nowhere => None,
            Found::NotRead => return,
        };
        if self.open.len() >= self.config.most_open {
            return self.say(now, conversation, self.not_judged(transact), out);
        }
        let refusal = self.refuse(now, transact, original);
        if let (Some((id, no)), true) = (original, transact.original.as_ref().is_some_and(original::quotes)) {
            self.give(now, id, no, &Evidence::Known(Knowledge::Quoted), out);
            self.forget_told(id, no);
        }
        // What is refused here is a payment of its own: an original cannot be filled up with refusals.
        let of = original.filter(|_| refusal.is_none());
        let opened = Opened {
            kind: transact.kind,
            of: of.map(|(_, no)| no),
            identity: transact.identity,
            content: transact.content,
            rrn: self.numbers.rrn(now, till.shard()),
            amount: transact.amount,
            takes_part: transact.takes_part,
            fee: self.fee(transact.kind, of),
            entry: transact.entry.clone(),
            chip: transact.chip_kept.clone(),
            card: transact.card,
            masked: transact.masked.clone(),
            tombstone: false,
        };
        self.newest(transact.identity);
        let (id, no) = self.open_leg(now, of.map(|(id, _)| id), opened, &transact.sealed);
        let held = self.open.get_mut(&id).expect("just opened");
        held.conversations.insert(no, conversation);
        // An inquiry shows nothing of what came before it.
        if transact.kind.moves() != Moves::Nothing {
            let new = Newcomer { identity: transact.identity, at: now, turn: self.turn };
            self.when_durable(id, News::New(new));
        }
        if let Some(refusal) = refusal {
            let facts = [Fact::NeverSent { leg: no }, Fact::Told { leg: no, code: refusal.code }];
            self.aside.words = Some(refusal.words);
            self.record(now, id, &facts, out);
            self.aside.words = None;
            return;
        }
        let link = self.route(transact, of);
        self.requests(now, link);
        let key = self.numbers.supply(now).key();
        let next = now.after(self.config.rules.answer_within);
        self.record(now, id, &[Fact::Requested { leg: no, link, key, next }], out);
        let mut message = self.bank_request(id, no, BankAsk::Request, key);
        message.chip = transact.chip.clone();
        message.card_sequence = transact.card_sequence.clone();
        // A PIN block is encrypted for one link and of no use on another.
        message.secret = Some(transact.secret.clone()).filter(|_| link == transact.link);
        let send = Output::Send { link, message: Box::new(message) };
        self.batches.gate(&Subject::Tally(id), send, None, out);
    }

    /// The link that a transaction takes: what refers to another goes the way that the other went.
    pub(crate) fn route(&self, transact: &Transact, of: Option<(TallyId, LegNo)>) -> LinkId {
        let original = of.and_then(|(id, no)| self.leg(id, no).request);
        original.map_or(transact.link, |request| request.link)
    }

    /// The fee in basis points: of what is given back whole, that which was taken.
    fn fee(&self, kind: Kind, of: Option<(TallyId, LegNo)>) -> u16 {
        let original = of.and_then(|(id, no)| self.open[&id].tally.leg(no).ok());
        match kind.moves() {
            Moves::GiveBack => original.map_or(self.config.fee, |leg| leg.fee),
            Moves::Charge | Moves::Hold | Moves::Refund | Moves::Release | Moves::Nothing => self.config.fee,
        }
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
        let what = if leg.tombstone {
            say::about(leg, Code(*b"12"), Words::Code)
        } else if (leg.content != transact.content || leg.kind != transact.kind)
            && !mutant!(TellsAClashTheTruth)
        {
            let text = format!(
                "{}: other content than {} under the same identity",
                transact.identity.trace, leg.rrn
            );
            self.note(now, Some(transact.identity.till), &Note { kind: "identity_clash", text });
            say::clash(transact.amount)
        } else {
            return self.hear_truth(now, conversation, id, no, out);
        };
        let reply = Output::Reply { conversation, reply: Box::new(Reply::new(now, what)) };
        self.gate_payment(id, reply, out);
        self.touch(id);
    }

    /// Tells the truth as of now. An approval that was never told before is told by this, and on record.
    fn hear_truth(
        &mut self,
        now: Moment,
        conversation: Conversation,
        id: TallyId,
        no: LegNo,
        out: &mut Vec<Output>,
    ) {
        let held = self.open.get_mut(&id).expect("what is repeated is in memory");
        let leg = held.tally.leg(no).expect("a handle leads to a leg");
        let code = leg.truth(self.config.rules_for(&leg.identity.till).unknown);
        if leg.stands() && leg.merchant == Merchant::Waiting {
            held.conversations.insert(no, conversation);
            return self.record(now, id, &[Fact::Told { leg: no, code }], out);
        }
        let what = say::about(leg, code, say::words_of(leg));
        if hefu_tally::codes::approves(code) {
            let approval = Approval { tally: id, leg: no, shard: held.tally.shard() };
            self.told.tell(now, conversation, approval, true);
        }
        let reply = Output::Reply { conversation, reply: Box::new(Reply::new(now, what)) };
        self.gate_payment(id, reply, out);
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
        let prefix = Identity::trace_handle(&till, batch, trace);
        let in_memory = self.handles.range(prefix.clone()..).next();
        let found = match in_memory.filter(|(key, _)| key.starts_with(&prefix)) {
            Some((_, found)) => Some(*found),
            None => {
                let load = Load::Handles(till.shard(), prefix, question::MOST_CLASSES);
                match &self.listed {
                    Some((listed, found)) if *listed == load => found.first().copied(),
                    Some(_) | None => return self.park_cause(now, load, out),
                }
            }
        };
        match found {
            Some((id, no)) => self.hear_truth(now, conversation, id, no, out),
            None => self.say(now, conversation, say::nothing_known(), out),
        }
    }

    /// Remembers how far this terminal has come in its batch.
    fn newest(&mut self, identity: Identity) {
        let memory = self.tills.entry(identity.till).or_default();
        let this = (identity.batch, identity.trace);
        match memory.newest {
            Some((batch, trace)) if batch == this.0 && trace >= this.1 => {}
            Some(_) | None => memory.newest = Some(this),
        }
    }

    /// Answers something that changed no payment.
    pub(crate) fn say(&self, now: Moment, conversation: Conversation, what: Said, out: &mut Vec<Output>) {
        out.push(Output::Reply { conversation, reply: Box::new(Reply::new(now, what)) });
    }

    /// What whoever sent this hears when it could not be judged.
    pub(crate) fn refusal_of(&self, now: Moment, cause: &Input) -> Option<Output> {
        match cause {
            Input::Terminal { conversation, ask: Ask::Transact(transact), .. } => {
                let reply = Box::new(Reply::new(now, self.not_judged(transact)));
                Some(Output::Reply { conversation: *conversation, reply })
            }
            Input::Terminal { .. }
            | Input::Unwritten { .. }
            | Input::Bank { .. }
            | Input::NeverSent { .. }
            | Input::Link { .. }
            | Input::Order { .. }
            | Input::Decide { .. }
            | Input::Status { .. }
            | Input::House { .. }
            | Input::Note { .. }
            | Input::Loaded { .. }
            | Input::Committed { .. }
            | Input::Leased { .. }
            | Input::Time => None,
        }
    }

    /// A transaction that was not judged was surely not sent if it is newer than all that its terminal did. Otherwise
    /// it may be the repeat of one that was: only "unknown" is true of both.
    fn not_judged(&self, transact: &Transact) -> Said {
        let till = transact.identity.till;
        let newest = self.tills.get(&till).and_then(|memory| memory.newest);
        let now = (transact.identity.batch, transact.identity.trace);
        if newest.is_some_and(|(batch, trace)| now.0 == batch && now.1 > trace) {
            say::not_taken(transact.amount)
        } else {
            say::not_known(self.config.rules_for(&till).unknown, transact.amount)
        }
    }
}
