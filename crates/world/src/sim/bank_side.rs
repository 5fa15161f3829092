//! The bank in its world: its link, what it hears and says, how it crashes.

use super::coverage::About;
use super::faults::Fault;
use super::gateway::Act;
use super::trace;
use super::wires::{Fate, Way};
use super::world::{Event, Phase, World};
use crate::bank::{self, Code, Names};
use hefu_store::Store;
use hefu_tally::{
    Moment,
    time::{MINUTE, SECOND},
};

impl<S: Store> World<S> {
    pub fn link_dialled(&mut self, acts: &mut Vec<Act>) {
        let now = self.agenda.now();
        self.dialling = false;
        if self.house.is_up() && now >= self.outage_until {
            let wire = self.wires.link();
            self.house.wire = Some(wire);
            self.trace.event(now, "bank link", b"up", || format!("stands ({wire})"));
            self.gateway.linked(now, wire, acts);
        } else {
            self.gateway.unlinked(now, acts);
        }
    }

    pub fn link_gone(&mut self, wire: u64, at_bank: bool, acts: &mut Vec<Act>) {
        let now = self.agenda.now();
        if at_bank {
            if self.house.wire == Some(wire) {
                self.house.wire = None;
            }
        } else if self.gateway.running.as_ref().and_then(|running| running.wire) == Some(wire) {
            self.trace.event(now, "bank link", b"gone", || format!("is gone ({wire})"));
            self.gateway.unlinked(now, acts);
        }
    }

    pub fn send_to_bank(&mut self, mut frame: Vec<u8>) {
        let Some(wire) = self.gateway.running.as_ref().and_then(|running| running.wire) else { return };
        let now = self.agenda.now();
        let fate = self.wires.on_link(now, Way::Up);
        let fate = self.counted_once(fate, &frame);
        self.trace.event(now, "gateway to bank", &frame, || {
            let fault = fate.fault.map_or("", Fault::name);
            format!("{} {fault}", trace::host_words(&frame))
        });
        self.bank_fate(wire, fate.fault, fate.cut, &frame);
        self.stray(wire, &frame);
        if fate.garbled {
            self.wires.garble(&mut frame, 0, 0);
        }
        if let Some(at) = fate.again {
            self.agenda.at(at, Event::ToBank { wire, frame: frame.clone() });
        }
        if let Some(at) = fate.arrives {
            self.agenda.at(at, Event::ToBank { wire, frame });
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

    fn bank_fate(&mut self, wire: u64, fault: Option<Fault>, cut: Option<[Option<Moment>; 2]>, frame: &[u8]) {
        if let Some(fault) = fault {
            self.strike_frame(fault, frame);
        }
        let Some([gateway, bank]) = cut else { return };
        self.wires.unlink(wire);
        for (at_bank, told) in [(false, gateway), (true, bank)] {
            if let Some(at) = told {
                self.agenda.at(at, Event::LinkGone { wire, at_bank });
            }
        }
    }

    pub fn bank_hears(&mut self, wire: u64, frame: &[u8]) {
        let now = self.agenda.now();
        if !self.house.is_up() || self.wires.was_lost(wire, Way::Up) {
            return;
        }
        if !self.answered_on_the_way(wire, frame) {
            self.trace.event(now, "bank hears", frame, || trace::host_words(frame));
            let effects = self.house.frame(now, frame);
            self.bank_does(effects);
        }
    }

    /// Now and then an answer comes that belongs to something else: nobody may take it for the answer to this.
    fn stray(&mut self, wire: u64, frame: &[u8]) {
        let about_money = !frame.starts_with(b"08");
        if !about_money || !self.wires.happens(Fault::BankWrongKey) {
            return;
        }
        let others = [Names::AnotherDay, Names::AnotherNumber, Names::AnotherPayment, Names::NoPayment]
            .map(|of| (1, of));
        let names = self.wires.odd.weighted(&others);
        let code = self.wires.odd.weighted(&[(3, Code::Approved), (1, Code::InsufficientFunds)]);
        let after = self.wires.odd.between(2, 60);
        let Some(stray) = self.house.answer_instead(frame, code, names) else { return };
        self.strike_frame(Fault::BankWrongKey, frame);
        let now = self.agenda.now();
        self.trace
            .event(now, "bank link", &stray, || format!("brings a stray {}", trace::host_words(&stray)));
        self.agenda.after(after, Event::FromBank { wire, frame: stray });
    }

    /// Now and then somebody on the way answers a reversal, once for each, with a code that does not say what was
    /// done. The bank hears nothing of it then.
    fn answered_on_the_way(&mut self, wire: u64, frame: &[u8]) -> bool {
        let is_reversal = frame.starts_with(b"042");
        if !is_reversal {
            return false;
        }
        let chance = self.wires.happens(Fault::BankWrongCode);
        let rrn = if chance || !self.house.lied.is_empty() { trace::rrn_of(frame) } else { None };
        let Some(rrn) = rrn else { return false };
        // Who has denied what the bank has approved keeps to it.
        let approved = self.watch.proofs.was_approved(&rrn);
        let denied = self.house.lied.get(&rrn).copied();
        let denied = denied.filter(|code| matches!(code, Code::NoOriginal | Code::InvalidTransaction));
        let again = denied.filter(|_| approved && self.phase == Phase::Chaos);
        if !chance && again.is_none() {
            return false;
        }
        // Where early answers are doubled, nobody could count one that somebody else gave.
        if self.gateway.mirror.legs().any(|row| row.leg.rrn.as_str() == rrn && row.charges_afterwards) {
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
        let Some(answer) = self.house.answer_instead(frame, code, Names::TheRequest) else { return false };
        // Once, or as often as it likes when the bank's approval has shown how it stands.
        if self.house.lied.insert(rrn, code).is_some() && !approved {
            return false;
        }
        self.strike_frame(Fault::BankWrongCode, frame);
        let now = self.agenda.now();
        self.trace
            .event(now, "bank link", &answer, || format!("answers itself {}", trace::host_words(&answer)));
        self.agenda.after(after, Event::FromBank { wire, frame: answer });
        true
    }

    fn strike_frame(&mut self, fault: Fault, frame: &[u8]) {
        let about = if self.coverage.is_some() { trace::rrn_of(frame) } else { None };
        self.strike(fault, about.map_or(About::All, About::Rrn));
    }

    /// What lay somewhere for minutes arrives on whichever link stands now.
    pub fn wandered(&mut self, frame: Vec<u8>) {
        let wire = self.gateway.running.as_ref().and_then(|running| running.wire);
        let stands = wire.filter(|wire| self.house.wire == Some(*wire) && !self.wires.is_silent());
        match stands {
            Some(wire) => self.agenda.after(1, Event::FromBank { wire, frame }),
            None if self.phase == Phase::Chaos => {
                self.hold_on_until(self.agenda.now().after(MINUTE));
                self.agenda.after(30 * SECOND, Event::Wandered { frame });
            }
            None => {}
        }
    }

    /// Carries the bank's effects out, in their order; between any two it may crash.
    pub fn bank_does(&mut self, effects: Vec<bank::Effect>) {
        let now = self.agenda.now();
        for effect in effects {
            if self.wires.happens(Fault::BankCrash) {
                self.strike(Fault::BankCrash, About::All);
                return self.bank_crash();
            }
            match effect {
                bank::Effect::Journal(line) => {
                    if let Err((rule, what)) = self.watch.bank(&line) {
                        self.violate(rule, what);
                    }
                    self.house.write(line);
                }
                bank::Effect::Send { frame } => self.bank_sends(now, frame),
            }
        }
    }

    fn bank_sends(&mut self, now: Moment, mut frame: Vec<u8>) {
        let Some(wire) = self.house.wire else {
            self.trace.event(now, "bank", &frame, || format!("{} has no link", trace::host_words(&frame)));
            return self.house.undeliverable(now, &frame);
        };
        let fate = self.wires.on_link(now, Way::Down);
        let fate = self.counted_once(fate, &frame);
        self.trace.event(now, "bank to gateway", &frame, || {
            let fault = fate.fault.map_or("", Fault::name);
            format!("{} {fault}", trace::host_words(&frame))
        });
        self.bank_fate(wire, fate.fault, fate.cut, &frame);
        if fate.garbled {
            self.wires.garble(&mut frame, 0, 0);
        }
        if let Some(at) = fate.again {
            self.agenda.at(at, Event::FromBank { wire, frame: frame.clone() });
        }
        let wanders = fate.fault == Some(Fault::BankLate) && self.wires.odd.happens(250);
        if wanders {
            let after = self.wires.odd.between(30 * SECOND, 10 * MINUTE);
            self.hold_on_until(now.after(after));
            return self.agenda.after(after, Event::Wandered { frame });
        }
        if let Some(at) = fate.arrives {
            self.agenda.at(at, Event::FromBank { wire, frame });
        }
    }

    /// From now on nobody reaches the bank, for minutes, hours or days.
    pub fn bank_outage(&mut self) {
        let now = self.agenda.now();
        self.strike(Fault::BankOutage, About::All);
        let (least, most) = self.rolls.weighted(&[(6, (2, 30)), (3, (60, 600)), (1, (1_440, 4_320))]);
        let lasts = self.rolls.between(least, most) * MINUTE;
        let told = self.rolls.happens(700);
        self.outage_until = now.after(lasts);
        self.hold_on_until(self.outage_until);
        let until = self.outage_until;
        self.trace.event(now, "bank", &until.0.to_be_bytes(), || format!("OUT OF REACH until {until}"));
        if !told {
            return self.wires.silence();
        }
        if let Some(wire) = self.house.wire {
            self.wires.unlink(wire);
            for at_bank in [false, true] {
                self.agenda.after(100, Event::LinkGone { wire, at_bank });
            }
        }
    }

    fn bank_crash(&mut self) {
        let now = self.agenda.now();
        self.trace.event(now, "bank", b"crash", || "CRASHES".into());
        if let Some(wire) = self.house.wire {
            self.wires.unlink(wire);
            if self.rolls.happens(800) {
                self.agenda.after(50, Event::LinkGone { wire, at_bank: false });
            }
        }
        self.house.crash();
        let down = self.rolls.weighted(&[(5, 1_000), (3, 20_000), (1, 200_000)]);
        self.agenda.after(down, Event::BankUp);
    }
}
