//! Bank links: which of them take new payments, what goes out on which, orders and breakers.

use crate::{
    engine::Engine,
    io::{Answer, Load, Output},
    lanes::{Line, Row},
};
use hefu_mutant::mutant;
use hefu_tally::{
    Duty, DutyKind, LegNo, LinkId, Moment, TallyId,
    leg::UndoState,
    link::{LinkFact, LinkMode, LinkModeState, Order},
    record::{LinkRow, Subject},
};

/// How many waiting lanes are started in one go.
const MOST_STARTS: usize = 256;
/// The longest name and reason of an order or a decision, in bytes.
const MOST_NAME: usize = 64;
const MOST_REASON: usize = 512;

impl Engine {
    /// Whether this link takes a new payment now.
    pub(crate) fn takes_new(&self, now: Moment, link: LinkId) -> bool {
        let Some(line) = self.lines.get(&link) else { return false };
        let line = match mutant!(StopsAllLinksForOne) {
            true => self.lines.values().find(|other| other.state().tripped).unwrap_or(line),
            false => line,
        };
        let state = line.state();
        let ordered = state.order.is_some();
        line.is_up()
            && match state.mode() {
                LinkMode::Normal => true,
                // The rule alone stopped it: one payment may try, when nothing that is owed can.
                LinkMode::Degraded => !ordered && line.may_probe(now),
                LinkMode::Draining => false,
            }
    }

    /// A new request leaves on this link. It is the next try of a silent bank if nothing that is owed waits for it;
    /// what leaves in any case, as an advice does, delays no try.
    pub(crate) fn requests(&mut self, now: Moment, link: LinkId) {
        if let Some(line) = self.lines.get_mut(&link)
            && line.state().tripped
            && line.may_probe(now)
        {
            line.probed(now);
        }
    }

    /// The link on which this duty must send something, if it must.
    pub(crate) fn lane_of(&self, now: Moment, id: TallyId, duty: Duty) -> Option<LinkId> {
        let leg = self.leg(id, duty.leg);
        let sends = match duty.kind {
            DutyKind::Insist => true,
            // A reversal whose day is over asks clearing first, and goes on after that.
            DutyKind::Reverse => {
                let late = leg.undo.is_some_and(|undo| undo.state == UndoState::Late);
                late || leg.opened.business_day() == now.business_day()
            }
            DutyKind::FindOut | DutyKind::AwaitClearing | DutyKind::HearMerchant | DutyKind::AskPerson => {
                false
            }
        };
        leg.request.map(|request| request.link).filter(|_| sends)
    }

    /// Takes a lane for this leg; when there is no room, its payment waits for its turn.
    pub(crate) fn take_lane(&mut self, now: Moment, link: LinkId, id: TallyId, no: LegNo) -> bool {
        let merchant = self.open[&id].tally.merchant;
        let Some(line) = self.lines.get_mut(&link) else { return false };
        // A lane that is under way already is its own: its last copy came to nothing.
        line.land(id, no).then(|| line.failed(id, no));
        let room = line.has_room(now);
        match room {
            true => line.start(now, id, no),
            false => line.wait(merchant, id),
        }
        room
    }

    /// The bank answered something about this leg.
    pub(crate) fn heard(&mut self, now: Moment, link: LinkId, id: TallyId, no: LegNo) {
        let Some(line) = self.lines.get_mut(&link) else { return };
        line.answered(id, no);
        if line.recovers() {
            self.record_link(now, link, &LinkFact::Recovered);
        }
    }

    /// A request of this link was never answered.
    pub(crate) fn unanswered(&mut self, link: LinkId, id: TallyId, no: LegNo) {
        if let Some(line) = self.lines.get_mut(&link) {
            line.failed(id, no);
        }
    }

    /// A lane's message never left.
    pub(crate) fn landed(&mut self, link: LinkId, id: TallyId, no: LegNo) {
        if let Some(line) = self.lines.get_mut(&link) {
            line.land(id, no);
        }
    }

    /// What time and answers bring about on the links: lanes given up, breakers that open, who waits and has room.
    pub(crate) fn tend_links(&mut self, now: Moment, out: &mut Vec<Output>) {
        let links: Vec<LinkId> = self.lines.keys().copied().collect();
        for link in links {
            let Some(line) = self.lines.get_mut(&link) else { continue };
            line.give_up(now);
            if let Some(failures) = line.trips()
                && line.row.is_some()
            {
                line.probed(now);
                self.record_link(now, link, &LinkFact::Tripped { failures });
                let what = format!("link {}: {failures} messages in a row came to nothing: degraded", link.0);
                out.push(Output::Alarm { what });
            }
            for _ in 0..MOST_STARTS {
                let line = self.lines.get_mut(&link).expect("just seen");
                if !self.numbers.enough() || !line.has_room(now) || mutant!(LeavesTheStalledForEver) {
                    break;
                }
                let Some(id) = line.next() else { break };
                self.wake(now, id, out);
            }
        }
    }

    /// When a link needs us next.
    pub(crate) fn links_wake(&self) -> Option<Moment> {
        self.lines.values().filter_map(Line::wake).min()
    }

    pub(crate) fn waits_for_lane(&self, id: TallyId) -> bool {
        self.lines.values().any(|line| line.waits(id))
    }

    pub(crate) fn leave_lanes(&mut self, id: TallyId) {
        let merchant = self.open[&id].tally.merchant;
        for line in self.lines.values_mut() {
            line.leave(merchant, id);
        }
    }

    pub(crate) fn link(&mut self, link: LinkId, up: bool) {
        if let Some(line) = self.lines.get_mut(&link) {
            line.set_up(up);
        }
    }

    /// A named person's order.
    pub(crate) fn order(
        &mut self,
        now: Moment,
        ticket: u64,
        link: LinkId,
        order: &Order,
        out: &mut Vec<Output>,
    ) {
        let refusal = match self.lines.get(&link) {
            None => Some("there is no such link"),
            Some(_) => unsigned(&order.by, &order.reason),
        };
        if let Some(why) = refusal {
            return out.push(Output::Answer { ticket, answer: Box::new(Answer::Refused(why)) });
        }
        self.record_link(now, link, &LinkFact::Ordered(order.clone()));
        let what = format!("link {}: {} by {}: {}", link.0, order.mode.name(), order.by, order.reason);
        out.push(Output::Alarm { what });
        let answer = Output::Answer { ticket, answer: Box::new(Answer::Done) };
        self.batches.gate(&Subject::Link(link), answer, self.cause.as_ref(), out);
    }

    /// The rows of all links: what is not there yet was never ordered and never tripped.
    pub(crate) fn admit_links(&mut self, rows: Vec<LinkRow>, out: &mut Vec<Output>) {
        for line in self.lines.values_mut() {
            line.row.get_or_insert_default();
        }
        for LinkRow { link, version, state } in rows {
            let state: LinkModeState = match serde_json::from_slice(&state) {
                Ok(state) => state,
                Err(error) => {
                    out.push(Output::Alarm { what: format!("link {} cannot be read: {error}", link.0) });
                    continue;
                }
            };
            match self.lines.get_mut(&link) {
                Some(line) => line.row = Some(Row { version, state }),
                None => {
                    let what = format!("link {} is in the store and not in the configuration", link.0);
                    out.push(Output::Alarm { what });
                }
            }
        }
    }

    /// Whether the rows of all links are known.
    pub(crate) fn links_known(&self) -> bool {
        self.lines.values().all(|line| line.row.is_some())
    }

    /// A row that somebody else changed is read anew.
    pub(crate) fn forget_link(&mut self, link: LinkId) -> Load {
        if let Some(line) = self.lines.get_mut(&link) {
            line.row = None;
        }
        Load::Links
    }
}

/// Why an order or decision of a person cannot be taken, if it cannot.
pub(crate) fn unsigned(by: &str, reason: &str) -> Option<&'static str> {
    if by.trim().is_empty() || reason.trim().is_empty() {
        Some("a name and a reason are needed")
    } else if by.len() > MOST_NAME || reason.len() > MOST_REASON {
        Some("the name or the reason is too long")
    } else {
        None
    }
}
