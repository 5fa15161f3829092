//! The banks in their world: their links, what they hear and say, how they crash.

use super::banks::{MOST, link_of};
use super::coverage::About;
use super::event::Event;
use super::faults::Fault;
use super::gateway::Act;
use super::rows::Row;
use super::trace;
use super::wires::{Fate, Way};
use super::world::{Phase, World};
use crate::bank::{self, Code, Names};
use hefu_store::Store;
use hefu_tally::{
    Moment,
    time::{MINUTE, SECOND},
};

/// Who speaks in the trace, by the banks' places.
const LINK: [&str; MOST] = ["bank link", "bank link 2"];
const UP: [&str; MOST] = ["gateway to bank", "gateway to bank 2"];
const HEARS: [&str; MOST] = ["bank hears", "bank 2 hears"];
const DOWN: [&str; MOST] = ["bank to gateway", "bank 2 to gateway"];
pub(super) const BANK: [&str; MOST] = ["bank", "bank 2"];

impl<S: Store> World<S> {
    pub fn link_dialled(&mut self, bank: usize, acts: &mut Vec<Act>) {
        let now = self.agenda.now();
        self.dialling[bank] = false;
        if self.houses.is_up(bank) && now >= self.outage_until[bank] {
            let wire = self.wires.link(bank);
            self.houses.of(bank).wire = Some(wire);
            self.trace.event(now, LINK[bank], b"up", || format!("stands ({wire})"));
            self.gateway.linked(now, bank, wire, acts);
        } else {
            self.gateway.unlinked(now, bank, acts);
        }
    }

    pub fn link_gone(&mut self, bank: usize, wire: u64, at_bank: bool, acts: &mut Vec<Act>) {
        let now = self.agenda.now();
        if at_bank {
            if self.houses.wire(bank) == Some(wire) {
                self.houses.of(bank).wire = None;
            }
        } else if self.gateway.wire(bank) == Some(wire) {
            self.trace.event(now, LINK[bank], b"gone", || format!("is gone ({wire})"));
            self.gateway.unlinked(now, bank, acts);
        }
    }

    pub fn send_to_bank(&mut self, bank: usize, mut frame: Vec<u8>) {
        let Some(wire) = self.gateway.wire(bank) else { return };
        let now = self.agenda.now();
        let fate = self.wires.on_link(now, bank, Way::Up);
        let fate = self.counted_once(fate, &frame);
        self.trace.event(now, UP[bank], &frame, || {
            let fault = fate.fault.map_or("", Fault::name);
            format!("{} {fault}", trace::host_words(&frame))
        });
        self.bank_fate((bank, wire), fate.fault, fate.cut, &frame);
        self.stray(bank, wire, &frame);
        if fate.garbled {
            self.wires.garble(&mut frame, 0, 0);
        }
        if let Some(at) = fate.again {
            self.agenda.at(at, Event::ToBank { bank, wire, frame: frame.clone() });
        }
        if let Some(at) = fate.arrives {
            self.agenda.at(at, Event::ToBank { bank, wire, frame });
        }
    }

    /// Where answers to reversals are counted, nobody could tell the answer to a doubled copy from that to the next.
    fn counted_once(&self, fate: Fate, frame: &[u8]) -> Fate {
        let of_reversal = frame.starts_with(b"042") || frame.starts_with(b"043");
        let rrn = if of_reversal && fate.again.is_some() { trace::rrn_of(frame) } else { None };
        let counted = rrn.is_some_and(|rrn| {
            self.gateway.mirror.legs().any(|row| row.leg.rrn.as_str() == rrn && row.is_counted())
        });
        match counted {
            true => {
                Fate { again: None, fault: fate.fault.filter(|fault| *fault != Fault::BankDuplicate), ..fate }
            }
            false => fate,
        }
    }

    fn bank_fate(
        &mut self,
        (bank, wire): (usize, u64),
        fault: Option<Fault>,
        cut: Option<[Option<Moment>; 2]>,
        frame: &[u8],
    ) {
        if let Some(fault) = fault {
            self.strike_frame(fault, frame);
        }
        let Some([here, there]) = cut else { return };
        self.wires.unlink(wire);
        for (at_bank, told) in [(false, here), (true, there)] {
            if let Some(at) = told {
                self.agenda.at(at, Event::LinkGone { bank, wire, at_bank });
            }
        }
    }

    pub fn bank_hears(&mut self, bank: usize, wire: u64, frame: &[u8]) {
        let now = self.agenda.now();
        if !self.houses.is_up(bank) || self.wires.was_lost(wire, Way::Up) {
            return;
        }
        if !self.answered_on_the_way(bank, wire, frame) {
            self.trace.event(now, HEARS[bank], frame, || trace::host_words(frame));
            let effects = self.houses.of(bank).frame(now, frame);
            self.bank_does(bank, effects);
        }
    }

    /// Now and then an answer comes that belongs to something else: nobody may take it for the answer to this.
    fn stray(&mut self, bank: usize, wire: u64, frame: &[u8]) {
        let about_money = !frame.starts_with(b"08");
        if !about_money || !self.wires.happens(Fault::BankWrongKey) {
            return;
        }
        let others = [Names::AnotherDay, Names::AnotherNumber, Names::AnotherPayment, Names::NoPayment]
            .map(|of| (1, of));
        let names = self.wires.odd.weighted(&others);
        let code = self.wires.odd.weighted(&[(3, Code::Approved), (1, Code::InsufficientFunds)]);
        let after = self.wires.odd.between(2, 60);
        // Where there are two banks, the right answer on the wrong link belongs to nothing either.
        let other = (0..self.houses.count()).find(|other| *other != bank);
        let elsewhere = other.and_then(|other| Some((other, self.gateway.wire(other)?)));
        let elsewhere = elsewhere.filter(|_| self.wires.odd.happens(500));
        let names = if elsewhere.is_some() { Names::TheRequest } else { names };
        let (to, wire) = elsewhere.unwrap_or((bank, wire));
        let Some(stray) = self.houses.of(bank).answer_instead(frame, code, names) else { return };
        self.strike_frame(Fault::BankWrongKey, frame);
        let now = self.agenda.now();
        self.trace.event(now, LINK[to], &stray, || format!("brings a stray {}", trace::host_words(&stray)));
        self.agenda.after(after, Event::FromBank { bank: to, wire, frame: stray });
    }

    /// Now and then somebody on the way answers a reversal, once for each, with a code that does not say what was
    /// done. The bank hears nothing of it then.
    fn answered_on_the_way(&mut self, bank: usize, wire: u64, frame: &[u8]) -> bool {
        let is_reversal = frame.starts_with(b"042");
        if !is_reversal {
            return false;
        }
        let chance = self.wires.happens(Fault::BankWrongCode);
        let rrn = if chance || !self.houses.of(bank).lied.is_empty() { trace::rrn_of(frame) } else { None };
        let Some(rrn) = rrn else { return false };
        // Who has denied what the bank has approved keeps to it.
        let approved = self.watch.proofs.was_approved(&rrn);
        let denied = self.houses.of(bank).lied.get(&rrn).copied();
        let denied = denied.filter(|code| matches!(code, Code::NoOriginal | Code::InvalidTransaction));
        let again = denied.filter(|_| approved && self.phase == Phase::Chaos);
        if !chance && again.is_none() {
            return false;
        }
        // What was garbled may name a payment that nobody reverses; and where early answers are doubled, nobody could
        // count one that somebody else gave.
        let named = |row: &Row| row.leg.rrn.as_str() == rrn && row.leg.undo.is_some();
        if !self.gateway.mirror.legs().any(|row| named(row) && !row.charges_afterwards) {
            return false;
        }
        // A 94 to a repeat would say that an earlier copy was carried out, and a denial of a repeat that the bank has
        // denied an earlier one already.
        let first = frame.starts_with(b"0420") && self.watch.proofs.only_copy(&rrn);
        let clash = if first { 3 } else { 0 };
        let denial = if first || approved { 2 } else { 0 };
        let drawn = self.wires.odd.weighted(&[
            (3, Code::OriginalAlreadyDone),
            (denial, Code::NoOriginal),
            (denial, Code::InvalidTransaction),
            (1, Code::SystemFault),
            (clash, Code::Duplicate),
        ]);
        let code = again.unwrap_or(drawn);
        let after = self.wires.odd.between(2, 20);
        let Some(answer) = self.houses.of(bank).answer_instead(frame, code, Names::TheRequest) else {
            return false;
        };
        // Once, or as often as it likes when the bank's approval has shown how it stands.
        if self.houses.of(bank).lied.insert(rrn, code).is_some() && !approved {
            return false;
        }
        self.strike_frame(Fault::BankWrongCode, frame);
        let now = self.agenda.now();
        self.trace
            .event(now, LINK[bank], &answer, || format!("answers itself {}", trace::host_words(&answer)));
        self.agenda.after(after, Event::FromBank { bank, wire, frame: answer });
        true
    }

    fn strike_frame(&mut self, fault: Fault, frame: &[u8]) {
        let about = if self.coverage.is_some() { trace::rrn_of(frame) } else { None };
        self.strike(fault, about.map_or(About::All, About::Rrn));
    }

    /// What lay somewhere for minutes arrives on whichever link of its bank stands now.
    pub fn wandered(&mut self, bank: usize, frame: Vec<u8>) {
        let wire = self.gateway.wire(bank);
        let stands = wire.filter(|wire| self.houses.wire(bank) == Some(*wire) && !self.wires.is_silent(bank));
        match stands {
            Some(wire) => self.agenda.after(1, Event::FromBank { bank, wire, frame }),
            None if self.phase == Phase::Chaos => {
                self.hold_on_until(self.agenda.now().after(MINUTE));
                self.agenda.after(30 * SECOND, Event::Wandered { bank, frame });
            }
            None => {}
        }
    }

    /// Carries a bank's effects out, in their order; between any two it may crash.
    pub fn bank_does(&mut self, bank: usize, effects: Vec<bank::Effect>) {
        let now = self.agenda.now();
        for effect in effects {
            if self.wires.happens(Fault::BankCrash) {
                self.strike(Fault::BankCrash, About::Bank(link_of(bank)));
                return self.bank_crash(bank);
            }
            match effect {
                bank::Effect::Journal(line) => {
                    if let Err((rule, what)) = self.watch.bank(&line) {
                        self.violate(rule, what);
                    }
                    self.houses.of(bank).write(line);
                }
                bank::Effect::Send { frame } => self.bank_sends(now, bank, frame),
            }
        }
    }

    fn bank_sends(&mut self, now: Moment, bank: usize, mut frame: Vec<u8>) {
        let Some(wire) = self.houses.wire(bank) else {
            self.trace
                .event(now, BANK[bank], &frame, || format!("{} has no link", trace::host_words(&frame)));
            return self.houses.of(bank).undeliverable(now, &frame);
        };
        let fate = self.wires.on_link(now, bank, Way::Down);
        let fate = self.counted_once(fate, &frame);
        self.trace.event(now, DOWN[bank], &frame, || {
            let fault = fate.fault.map_or("", Fault::name);
            format!("{} {fault}", trace::host_words(&frame))
        });
        self.bank_fate((bank, wire), fate.fault, fate.cut, &frame);
        if fate.garbled {
            self.wires.garble(&mut frame, 0, 0);
        }
        if let Some(at) = fate.again {
            self.agenda.at(at, Event::FromBank { bank, wire, frame: frame.clone() });
        }
        let wanders = fate.fault == Some(Fault::BankLate) && self.wires.odd.happens(250);
        if wanders {
            let after = self.wires.odd.between(30 * SECOND, 10 * MINUTE);
            self.hold_on_until(now.after(after));
            return self.agenda.after(after, Event::Wandered { bank, frame });
        }
        if let Some(at) = fate.arrives {
            self.agenda.at(at, Event::FromBank { bank, wire, frame });
        }
    }

    /// From now on nobody reaches this bank, for minutes, hours or days.
    pub fn bank_outage(&mut self, bank: usize) {
        let now = self.agenda.now();
        self.strike(Fault::BankOutage, About::Bank(link_of(bank)));
        let (least, most) = self.rolls.weighted(&[(6, (2, 30)), (3, (60, 600)), (1, (1_440, 4_320))]);
        let lasts = self.rolls.between(least, most) * MINUTE;
        let told = self.rolls.happens(700);
        let until = now.after(lasts);
        self.outage_until[bank] = until;
        self.hold_on_until(until);
        self.trace.event(now, BANK[bank], &until.0.to_be_bytes(), || format!("OUT OF REACH until {until}"));
        if !told {
            return self.wires.silence(bank);
        }
        if let Some(wire) = self.houses.wire(bank) {
            self.wires.unlink(wire);
            for at_bank in [false, true] {
                self.agenda.after(100, Event::LinkGone { bank, wire, at_bank });
            }
        }
    }

    fn bank_crash(&mut self, bank: usize) {
        let now = self.agenda.now();
        self.trace.event(now, BANK[bank], b"crash", || "CRASHES".into());
        if let Some(wire) = self.houses.wire(bank) {
            self.wires.unlink(wire);
            if self.rolls.happens(800) {
                self.agenda.after(50, Event::LinkGone { bank, wire, at_bank: false });
            }
        }
        self.houses.of(bank).crash();
        let down = self.rolls.weighted(&[(5, 1_000), (3, 20_000), (1, 200_000)]);
        self.agenda.after(down, Event::BankUp { bank });
    }
}
