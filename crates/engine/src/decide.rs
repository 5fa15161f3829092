//! Named persons: their decisions about payments, and what they may look at.

use crate::{
    engine::{Engine, Lookup, rrn_handle},
    io::{Answer, Decide, Output},
    links::unsigned,
};
use hefu_tally::{LinkId, Moment, judge::Evidence, link::LinkModeState};

/// How the engine stands, for whoever watches it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Status {
    /// Payments in memory.
    pub open: usize,
    /// Changes that are not durable yet.
    pub uncommitted: usize,
    /// Inputs that wait for a read or for numbers.
    pub parked: usize,
    /// Why no new payments are taken on, if so.
    pub refuses: Option<crate::io::Halt>,
    pub links: Vec<LinkStatus>,
}

/// How one link stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkStatus {
    pub link: LinkId,
    pub up: bool,
    pub state: LinkModeState,
    /// Lanes under way, and the most that may be now.
    pub flying: usize,
    pub window: usize,
    /// Payments that wait for a lane.
    pub waiting: usize,
    /// Messages in a row without an answer.
    pub failures: u32,
}

impl Engine {
    /// How the engine stands now.
    pub fn status(&self) -> Status {
        let links = self.lines.iter().map(|(link, line)| {
            let counts = line.counts();
            LinkStatus {
                link: *link,
                up: line.is_up(),
                state: line.state(),
                flying: counts.flying,
                window: counts.window,
                waiting: counts.waiting,
                failures: counts.failures,
            }
        });
        Status {
            open: self.open.len(),
            uncommitted: self.batches.len(),
            parked: self.parked(),
            refuses: self.refuses,
            links: links.collect(),
        }
    }

    pub(crate) fn decide(&mut self, now: Moment, ticket: u64, decide: &Decide, out: &mut Vec<Output>) {
        let Decide { rrn, decision, by, reason } = decide;
        let refuse = |why, out: &mut Vec<Output>| {
            out.push(Output::Answer { ticket, answer: Box::new(Answer::Refused(why)) });
        };
        if let Some(why) = unsigned(by, reason) {
            return refuse(why, out);
        }
        let Ok(shard) = rrn.shard() else { return refuse("the reference is not ours", out) };
        let (id, no) = match self.find(now, shard, rrn_handle(rrn), out) {
            Lookup::Parked => return,
            Lookup::Absent => return refuse("nobody has this reference", out),
            Lookup::Found(id, no) => (id, no),
        };
        let evidence = Evidence::Decided { decision: *decision, by: by.clone(), reason: reason.clone() };
        if self.give(now, id, no, &evidence, out) {
            self.forget_told(id, no);
            self.gate_payment(id, Output::Answer { ticket, answer: Box::new(Answer::Done) }, out);
        } else {
            refuse("the decision does not fit how the payment stands", out);
        }
        self.touch(id);
    }
}
