//! What banks answer. An answer finds its payment by our reference and must then name the right key; nothing else
//! that it says is trusted to find anything.

use crate::{
    engine::{Engine, Lookup, rrn_handle},
    io::{BankAnswer, BankSays, Note, Output},
};
use hefu_mutant::mutant;
use hefu_tally::{
    Code, Kind, LegNo, LinkId, LinkKey, Moment, Rrn, Shard, TallyId,
    judge::{Answer, Evidence, Flaw},
    leg::{BankSaid, Leg},
    record::Subject,
};

impl Engine {
    pub(crate) fn bank(&mut self, now: Moment, link: LinkId, answer: &BankAnswer, out: &mut Vec<Output>) {
        let by_trace = if mutant!(TakesAnswersByTraceAlone) { self.rrn_of_trace(answer.stan) } else { None };
        let Some(rrn) = by_trace.or(answer.rrn) else {
            return self.orphan(now, answer, "carries no reference");
        };
        let Ok(shard) = rrn.shard() else {
            return self.orphan(now, answer, "carries a reference that is not ours");
        };
        let shard = Shard::all().next().filter(|_| mutant!(LooksInOneShardOnly)).unwrap_or(shard);
        let (id, no) = match self.find(now, shard, rrn_handle(&rrn), out) {
            Lookup::Parked => return,
            Lookup::Absent => return self.orphan(now, answer, "carries a reference that nobody has"),
            Lookup::Found(id, no) => (id, no),
        };
        let leg = self.leg(id, no);
        let key = match answer.what {
            BankSays::ToRequest => leg.request.map(|request| request.key),
            BankSays::ToReversal => leg.undo.map(|undo| undo.key),
        };
        let linked =
            leg.request.is_some_and(|request| request.link == link) || mutant!(TakesAnswersOfAnyLink);
        let believed = mutant!(IgnoresTheKeyOfAnAnswer) || by_trace.is_some();
        if !linked || !(believed || key.is_some_and(|key| names(answer, key))) {
            self.touch(id);
            return self.orphan(now, answer, "names another key than we sent under this reference");
        }
        let Some(code) = answer.code else {
            self.touch(id);
            return self.orphan(now, answer, "carries no reply code");
        };
        let evidence = match answer.what {
            BankSays::ToRequest => Evidence::Answered(Answer {
                code,
                said: BankSaid {
                    at: now,
                    code,
                    auth: answer.auth,
                    settles: answer.settles.clone(),
                    chip: answer.chip.clone(),
                },
                amount: answer.amount,
                flaw: flaw(leg, answer),
            }),
            BankSays::ToReversal if answer.mac_good && self.may_answer_older(id, no, code) => {
                Evidence::OlderCopyAnswered(code)
            }
            BankSays::ToReversal if answer.mac_good => Evidence::ReversalAnswered(code),
            BankSays::ToReversal => {
                self.touch(id);
                return self.orphan(now, answer, "answers a reversal with a wrong MAC");
            }
        };
        let kind = leg.kind;
        if answer.mac_good {
            self.heard(now, link, id, no);
        }
        self.aside.balance = answer.balance.clone().filter(|_| kind == Kind::Inquiry);
        self.give(now, id, no, &evidence, out);
        self.aside.balance = None;
        self.touch(id);
    }

    /// The edge could not write the message at all. Of a reversal that says nothing new: its repeats go on.
    pub(crate) fn never_sent(
        &mut self,
        now: Moment,
        link: LinkId,
        key: LinkKey,
        rrn: Rrn,
        out: &mut Vec<Output>,
    ) {
        let Some((id, no)) = self.handles.get(&rrn_handle(&rrn)).copied() else { return };
        let leg = self.leg(id, no);
        let undo = leg.undo.is_some_and(|undo| undo.key == key);
        let request = leg.request.is_some_and(|request| (request.link, request.key) == (link, key));
        if undo || request {
            self.landed(link, id, no);
        }
        if request {
            self.give(now, id, no, &Evidence::NeverSent, out);
            self.touch(id);
        }
    }

    /// Whether an answer to a reversal must not pass for one to its newest copy. What was written down before a crash
    /// may never have left; only a denial's meaning hangs on when that was.
    fn may_answer_older(&self, id: TallyId, no: LegNo, code: Code) -> bool {
        let denies = matches!(&code.0, b"25" | b"12");
        self.copy_has_not_left(id, no) || denies && self.open[&id].copy_unsure
    }

    /// Whether the newest copy of a reversal waits for its commit.
    fn copy_has_not_left(&self, id: TallyId, no: LegNo) -> bool {
        let rrn = self.leg(id, no).rrn;
        self.batches.held_back(&Subject::Tally(id)).any(|effect| match effect {
            Output::Send { message, .. } => message.rrn == rrn && message.what.is_reversal(),
            Output::Load(_)
            | Output::Commit(_)
            | Output::Lease(_)
            | Output::Reply { .. }
            | Output::Answer { .. }
            | Output::WakeAt { .. }
            | Output::Alarm { .. } => false,
        })
    }

    /// The mistake of who takes a trace number for a name.
    fn rrn_of_trace(&self, stan: u32) -> Option<Rrn> {
        let mut legs = self.open.values().flat_map(|held| held.tally.legs());
        legs.find_map(|(_, leg)| leg.request.filter(|request| request.key.stan == stan).map(|_| leg.rrn))
    }

    /// An answer that belongs to nothing is put on record, and changes nothing.
    fn orphan(&mut self, now: Moment, answer: &BankAnswer, why: &str) {
        let text = format!(
            "{:?} DE7 {} DE11 {:06} DE37 {} DE39 {}: {why}",
            answer.what,
            answer.de7,
            answer.stan,
            answer.rrn.map_or_else(|| "-".to_owned(), |rrn| rrn.to_string()),
            answer.code.map_or_else(|| "-".to_owned(), |code| code.to_string()),
        );
        self.note(now, answer.till, &Note { kind: "orphan_answer", text });
    }
}

/// Whether the answer names this key of ours.
fn names(answer: &BankAnswer, key: LinkKey) -> bool {
    answer.stan == key.stan && answer.de7 == key.at.mmddhhmmss()
}

/// What of an answer to a request is not to be believed. The amount is judged with the code.
fn flaw(leg: &Leg, answer: &BankAnswer) -> Option<Flaw> {
    if !answer.mac_good {
        return Some(Flaw::WrongMac);
    }
    let processing = answer.processing.as_deref().is_none_or(|code| code == processing_code(leg.kind));
    let till = answer.till.is_none_or(|till| till == leg.identity.till);
    (!processing || !till).then_some(Flaw::Mismatch)
}

/// The processing code of a kind, six digits.
fn processing_code(kind: Kind) -> &'static str {
    match kind {
        Kind::Sale | Kind::Completion | Kind::CompletionAdvice | Kind::OfflineSale => "000000",
        Kind::Void | Kind::Refund | Kind::PreAuthVoid | Kind::CompletionVoid => "200000",
        Kind::PreAuth => "030000",
        Kind::Inquiry => "310000",
    }
}
