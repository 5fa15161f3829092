//! What follows outside from a fact, once it is durable.

use super::say;
use crate::{
    engine::{Approval, Engine, auth_handle},
    io::{BankAsk, BankRequest, OriginalKey, Output, Reply, Said},
    stage::News,
};
use hefu_mutant::mutant;
use hefu_tally::{
    Code, Direction, Fact, Kind, LegNo, LinkKey, Moment, TallyId,
    fact::Meaning,
    leg::{Leg, Merchant, Why},
};

impl Engine {
    pub(crate) fn effects(&mut self, now: Moment, id: TallyId, fact: &Fact, effects: &mut Vec<Output>) {
        match fact {
            Fact::Repeated { leg, .. } => {
                let key = self.leg(id, *leg).request.expect("what is repeated was requested").key;
                effects.push(self.send(id, *leg, BankAsk::Repeat, key));
            }
            Fact::Reversing { leg, key, reason, .. } => {
                effects.push(self.send(id, *leg, BankAsk::Reversal { reason: *reason }, *key));
            }
            Fact::ReversingAgain { leg, .. } => {
                let undo = self.leg(id, *leg).undo.expect("what is reversed again was reversed");
                let ask = BankAsk::ReversalRepeat { reason: undo.reason };
                let key =
                    if mutant!(RepeatsUnderAFreshKey) { LinkKey { at: now, ..undo.key } } else { undo.key };
                effects.push(self.send(id, *leg, ask, key));
            }
            Fact::Turned { leg, why: Why::Restarted, .. } if mutant!(SendsAgainAfterRestart) => {
                let key = self.leg(id, *leg).request.expect("what was unanswered was requested").key;
                effects.push(self.send(id, *leg, BankAsk::Request, key));
            }
            Fact::Told { leg, code } => self.tell(now, id, *leg, *code, effects),
            Fact::TerminalReversed { leg, answer, .. } => {
                if let Some(conversation) = self.aside.reversing.take() {
                    let what = Said::Reversal { code: *answer, rrn: Some(self.leg(id, *leg).rrn) };
                    let reply = Box::new(Reply::new(now, what));
                    effects.push(Output::Reply { conversation, reply });
                }
            }
            Fact::CaseOpened { leg, case } => {
                let what = format!("{}: a person must look: {case:?}", self.leg(id, *leg).rrn);
                effects.push(Output::Alarm { what });
            }
            Fact::Postponed { leg, .. } => {
                let leg = self.leg(id, *leg);
                if let Some(case) = leg.case {
                    let what = format!("{}: a person must look, and nobody has: {case:?}", leg.rrn);
                    effects.push(Output::Alarm { what });
                }
            }
            Fact::Answered { leg, meaning: Meaning::Done(_), .. } if !mutant!(ForgetsTheAuthorisation) => {
                self.index_auth(id, *leg)
            }
            Fact::Opened(_)
            | Fact::Requested { .. }
            | Fact::NeverSent { .. }
            | Fact::Answered { .. }
            | Fact::Turned { .. }
            | Fact::ReversalAnswered { .. }
            | Fact::LeftToClearing { .. }
            | Fact::CaseClosed { .. }
            | Fact::Decided { .. }
            | Fact::Shown { .. } => {}
            Fact::Questioned { leg, .. } => self.question(id, *leg),
            Fact::Learned { leg, .. } => self.forget_question(id, *leg),
        }
    }

    pub(crate) fn leg(&self, id: TallyId, no: LegNo) -> &Leg {
        self.open[&id].tally.leg(no).expect("a handle and a fact lead to a leg")
    }

    fn send(&self, id: TallyId, no: LegNo, ask: BankAsk, key: LinkKey) -> Output {
        let link = self.leg(id, no).request.expect("what is repeated or reversed was requested").link;
        let first = self.config.links.keys().next().copied().filter(|_| mutant!(ReversesOnTheFirstLink));
        let link = first.unwrap_or(link);
        Output::Send { link, message: Box::new(self.bank_request(id, no, ask, key)) }
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
        let balance = self.aside.balance.take();
        let words = self.aside.words.take();
        let held = self.open.get_mut(&id).expect("facts are of a payment in memory");
        let conversation = held.conversations.remove(&no);
        let leg = self.leg(id, no);
        let unknown = self.config.rules_for(&leg.identity.till).unknown;
        let mut what = say::about(leg, code, words.unwrap_or_else(|| say::words_told(code, unknown)));
        if let Said::Transaction { balance: place, .. } = &mut what {
            *place = balance;
        }
        if leg.merchant == Merchant::Told && leg.direction == Direction::Keep {
            self.when_durable(id, News::Told { leg: no });
            if let Some(conversation) = conversation {
                let approval = Approval { tally: id, leg: no, shard: self.open[&id].tally.shard() };
                self.told.tell(now, conversation, approval, false);
            }
        }
        if let Some(conversation) = conversation {
            let till = self.leg(id, no).identity.till;
            let reply = Reply { question: self.asks(now, till, id, no), ..Reply::new(now, what) };
            effects.push(Output::Reply { conversation, reply: Box::new(reply) });
        }
    }

    /// What is true of a payment whatever became of it.
    pub(crate) fn unknown_now(&self, id: TallyId) -> Said {
        let leg = self.open[&id].tally.first();
        say::not_known(self.config.rules_for(&leg.identity.till).unknown, leg.asked)
    }

    /// The message to the bank about a leg, without what only its request carries.
    pub(super) fn bank_request(&self, id: TallyId, no: LegNo, what: BankAsk, key: LinkKey) -> BankRequest {
        let held = &self.open[&id];
        let leg = self.leg(id, no);
        let of = leg.of.and_then(|of| held.tally.leg(of).ok());
        let named = match what {
            BankAsk::Reversal { .. } | BankAsk::ReversalRepeat { .. } => {
                of.filter(|_| mutant!(ReversesTheSaleForTheVoid)).or(Some(leg))
            }
            BankAsk::Request | BankAsk::Repeat => of,
        };
        let original = named.and_then(|leg| {
            leg.request.map(|request| OriginalKey { class: class_of(leg.kind), key: request.key })
        });
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
}

/// The message class of a kind's request on the host link.
fn class_of(kind: Kind) -> u16 {
    match kind {
        Kind::PreAuth | Kind::PreAuthVoid => 100,
        Kind::Sale | Kind::Void | Kind::Completion | Kind::CompletionVoid | Kind::Inquiry => 200,
        Kind::Refund | Kind::CompletionAdvice | Kind::OfflineSale => 220,
    }
}
