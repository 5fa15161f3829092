//! The terminal's reversal, its signature upload, and answers that could not be written to it.

use crate::{
    engine::{Engine, Lookup, rrn_handle},
    io::{Conversation, Load, Note, Output, Reply, Reverse, Said},
};
use hefu_mutant::mutant;
use hefu_tally::{
    CardToken, Code, Identity, LegNo, MaskedPan, Moment, Opened, Rrn, SealedCard, TallyId, Till,
    judge::Evidence, leg::Knowledge,
};

impl Engine {
    /// The terminal's reversal. Answered once durable, without waiting for the bank.
    pub(super) fn reverse(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        reverse: &Reverse,
        out: &mut Vec<Output>,
    ) {
        assert!(reverse.identity.till == till, "the edge reads both from one message");
        let (id, no) = match self.find(now, till.shard(), reverse.identity.handle(), out) {
            Lookup::Parked => return,
            Lookup::Found(id, no) => (id, no),
            Lookup::Absent if mutant!(LeavesNoTombstone) => {
                let what = Said::Reversal { code: Code(*b"25"), rrn: None };
                return self.say(now, conversation, what, out);
            }
            Lookup::Absent => self.tombstone(now, reverse),
        };
        self.forget_told(id, no);
        let tally = &self.open[&id].tally;
        let leg = tally.leg(no).expect("a handle leads to a leg");
        let amount = reverse.amount == leg.asked || reverse.amount == leg.amount;
        let card = reverse.card.as_ref().is_none_or(|card| card.token == tally.card);
        if !card || leg.kind != reverse.kind || !amount {
            let text = format!("the reversal of {} names another card, kind or amount", leg.rrn);
            out.push(Output::Alarm { what: format!("{till}: {text}") });
            self.note(now, Some(till), &Note { kind: "reversal_mismatch", text });
            let what = Said::Reversal { code: Code(*b"64"), rrn: None };
            let reply = Output::Reply { conversation, reply: Box::new(Reply::new(now, what)) };
            self.gate_payment(id, reply, out);
            return self.touch(id);
        }
        self.aside.reversing = Some(conversation);
        self.give(now, id, no, &Evidence::TerminalReversed(reverse.reason), out);
        self.aside.reversing = None;
        self.touch(id);
    }

    /// The original was never seen: a tombstone takes its identity, so that it is refused when it comes.
    fn tombstone(&mut self, now: Moment, reverse: &Reverse) -> (TallyId, LegNo) {
        let (card, masked, sealed) = match &reverse.card {
            Some(card) => (card.token, card.masked.clone(), card.sealed.clone()),
            None => (CardToken::UNNAMED, MaskedPan::unnamed(), SealedCard(Vec::new())),
        };
        let opened = Opened {
            kind: reverse.kind,
            of: None,
            identity: reverse.identity,
            content: reverse.content,
            rrn: self.numbers.rrn(now, reverse.identity.till.shard()),
            amount: reverse.amount,
            takes_part: false,
            fee: self.config.fee,
            entry: reverse.entry.clone(),
            chip: Vec::new(),
            card,
            masked,
            tombstone: true,
        };
        self.open_leg(now, None, opened, &sealed)
    }

    pub(super) fn signature(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        (batch, trace): (u32, u32),
        rrn: Option<Rrn>,
        out: &mut Vec<Output>,
    ) {
        let identity = Identity { till, class: 200, batch, trace };
        let handle = rrn.map_or_else(|| identity.handle(), |rrn| rrn_handle(&rrn));
        let signed = match self.find(now, till.shard(), handle, out) {
            Lookup::Parked => return,
            Lookup::Absent => None,
            Lookup::Found(id, no) => {
                let leg = self.open[&id].tally.leg(no).expect("a handle leads to a leg");
                let named = Identity { class: leg.identity.class, ..identity };
                (leg.identity == named).then_some((id, no))
            }
        };
        let Some((id, no)) = signed else {
            return self.say(now, conversation, Said::Done { code: Code(*b"25") }, out);
        };
        self.give(now, id, no, &Evidence::Known(Knowledge::Signature), out);
        self.forget_told(id, no);
        let reply = Reply::new(now, Said::Done { code: Code::APPROVED });
        self.gate_payment(id, Output::Reply { conversation, reply: Box::new(reply) }, out);
        self.touch(id);
    }

    /// An answer that could not be written: an approval among them is taken back at once.
    pub(crate) fn unwritten(&mut self, now: Moment, conversation: Conversation, out: &mut Vec<Output>) {
        let Some(told) = self.told.approval(conversation) else { return };
        if !self.open.contains_key(&told.tally) {
            let load = Load::Tally(told.tally, told.shard);
            if self.absent.as_ref() != Some(&load) {
                self.park_cause(now, load, out);
            }
            return;
        }
        if self.told.came_back(conversation) {
            self.forget_told(told.tally, told.leg);
            self.give(now, told.tally, told.leg, &Evidence::Unwritten, out);
        }
        self.touch(told.tally);
    }
}
