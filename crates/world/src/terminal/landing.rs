//! Receiving: which answer belongs to the request in the air, and what it changes.

use super::api::{Belief, Effect, Text};
use super::core::Terminal;
use super::job::{Flight, Flying};
use super::ledger::Standing;
use super::memory::{EntryId, OfflineItem};
use super::plan::Step;
use super::profile::Firmware;
use super::refusal::Refusal;
use super::texts;
use super::verdict::{self, Proof};
use super::wire::Answer;
use hefu_iso8583::Message;
use hefu_iso8583::cup::F60;
use hefu_iso8583::frame::Demand;
use hefu_tally::Moment;
use hefu_vault::unpack_f62;

impl Terminal {
    /// An answer came. What answers nothing that is in the air is counted and thrown away.
    pub(super) fn answer(&mut self, now: Moment, answer: Answer, out: &mut Vec<Effect>) {
        let Some(flight) = self.flight().filter(|flight| self.belongs(flight, &answer.message)) else {
            self.counters.strays += 1;
            return;
        };
        let flight = flight.clone();
        let maced = flight.maced;
        let good_mac = !maced || self.mac_key().is_some_and(|key| answer.mac_is_good(self.profile.mac, key));
        if !good_mac {
            self.counters.bad_macs += 1;
            // Perhaps the two sides hold different keys; a sign-on cures that.
            self.memory.sign_on_due = true;
        }
        let code = answer.message.text(39).unwrap_or_default();
        if answer.demand == Demand::SignOnAgain || (good_mac && verdict::wants_sign_on(code)) {
            self.memory.sign_on_due = true;
        }
        if maced && good_mac {
            self.question = texts::question(&answer.message).or(self.question.take());
        }
        self.job.as_mut().expect("a message in the air belongs to a command").flight = None;
        self.land(now, flight, &answer.message, good_mac, out);
        self.run(now, out);
    }

    /// By type, trace, terminal, merchant and batch.
    fn belongs(&self, flight: &Flight, answer: &Message) -> bool {
        let number = |field| answer.text(field).and_then(|text| text.parse::<u32>().ok());
        let f60 = answer.get(60).and_then(|f60| F60::parse(f60).ok());
        answer.mti == flight.answer
            && answer.text(41) == Some(self.profile.terminal.as_str())
            && answer.text(42) == Some(self.profile.merchant.as_str())
            && flight.trace.is_none_or(|trace| number(11) == Some(trace))
            && flight.batch.is_none_or(|batch| f60.is_some_and(|f60| f60.batch == batch))
            && flight.network_code.is_none_or(|code| f60.is_some_and(|f60| f60.network_code == code))
    }

    fn land(&mut self, now: Moment, flight: Flight, answer: &Message, good_mac: bool, out: &mut Vec<Effect>) {
        let code = answer.text(39).unwrap_or_default();
        match flight.what {
            Flying::SignOn => self.signed_on_by(answer, out),
            Flying::SignOff => {
                self.memory.signed_on &= code != "00";
                self.plain_end(None, code, answer, out);
            }
            Flying::Echo => self.plain_end(None, code, answer, out),
            Flying::Script => self.script_answered(good_mac, out),
            Flying::Reversal => self.reversal_answered(code, good_mac, out),
            Flying::Offline(of) => self.offline_answered(of, code, answer, good_mac, out),
            Flying::Money(money) => self.money_answered(now, *money, answer, good_mac, out),
            Flying::Settlement => self.settlement_answered(answer, out),
            Flying::Upload { items } => self.upload_answered(code, items, out),
            Flying::UploadEnd => self.upload_ended(now, code, out),
            Flying::LastResult(about) => self.last_result_answered(now, about, answer, good_mac, out),
            Flying::Confirmation { about, has } if good_mac => {
                self.confirmed(about, has, code, answer, out);
            }
            Flying::Confirmation { about, .. } => self.open_end(Some(about), None, out),
            Flying::Signature(id) if good_mac => self.plain_end(Some(id), code, answer, out),
            Flying::Signature(id) => self.open_end(Some(id), None, out),
        }
    }

    /// No answer came in time, or the line broke after the request had left.
    pub(super) fn unanswered(&mut self, now: Moment, out: &mut Vec<Effect>) {
        let Some(job) = &mut self.job else { return };
        let Some(flight) = job.flight.take() else { return };
        match flight.what {
            Flying::SignOn if job.plan.front() == Some(&Step::SignOn) => {
                self.refuse(&Refusal::SignOnFailed, out);
            }
            Flying::Script => self.script_answered(false, out),
            // Whether it is tried again is decided where it is sent.
            Flying::Reversal => {}
            Flying::Offline(_) => self.stop_offline(out),
            Flying::Money(money) => self.open_end(Some(money.id), None, out),
            Flying::LastResult(about) => self.open_end(Some(about), None, out),
            Flying::Confirmation { about, .. } => self.open_end(Some(about), None, out),
            Flying::Signature(id) => self.open_end(Some(id), None, out),
            Flying::SignOn
            | Flying::SignOff
            | Flying::Echo
            | Flying::Settlement
            | Flying::Upload { .. }
            | Flying::UploadEnd => self.open_end(None, None, out),
        }
        self.run(now, out);
    }

    /// Takes the keys and the batch number of a sign-on answer, if all of it is right.
    fn signed_on_by(&mut self, answer: &Message, out: &mut Vec<Effect>) {
        let code = answer.text(39).unwrap_or_default().to_owned();
        let f60 = answer.get(60).and_then(|f60| F60::parse(f60).ok());
        let wrapped = answer.get(62);
        let keys = wrapped.and_then(|f62| unpack_f62(self.layout(), &self.profile.master, f62).ok());
        let good = match (code.as_str(), f60, wrapped, keys) {
            ("00", Some(f60), Some(wrapped), Some(keys)) => {
                if f60.batch != self.memory.batch {
                    // What was left of the old batch is history; it is the acquirer who opened a new one.
                    self.memory.close_batch(self.profile.batch_limit);
                }
                self.memory.batch = f60.batch;
                self.memory.keys = Some(wrapped.to_vec().into());
                self.memory.signed_on = true;
                self.memory.sign_on_due = false;
                self.keys = Some(keys);
                true
            }
            _ => false,
        };
        self.persist(out);
        let own = self.job.as_ref().is_some_and(|job| job.plan.front() == Some(&Step::Own));
        match (good, own) {
            (true, false) => self.step_is_over(),
            (false, false) => self.refuse(&Refusal::SignOnFailed, out),
            (true, true) => {
                let text = Text::new("签到成功", "Signed on");
                let outcome = self.outcome(None, Some(&code), Belief::Approved { amount: 0 }, text);
                self.finish(outcome, out);
            }
            (false, true) if code == "00" => {
                let text = Text::new("签到失败,密钥校验错", "Sign-on failed, the keys do not check");
                let outcome = self.outcome(None, Some(&code), Belief::Declined, text);
                self.finish(outcome, out);
            }
            (false, true) => self.plain_end(None, &code, answer, out),
        }
    }

    /// A script result is let go when it was received, and after three tries.
    fn script_answered(&mut self, received: bool, out: &mut Vec<Effect>) {
        let tired = self.memory.script.as_ref().is_some_and(|script| script.tries >= Self::TRIES);
        if received || tired {
            self.memory.script = None;
            self.persist(out);
        }
        self.step_is_over();
    }

    /// An 0410. What ends a reversal depends on the firmware.
    fn reversal_answered(&mut self, code: &str, good_mac: bool, out: &mut Vec<Effect>) {
        let ends = match self.profile.firmware {
            Firmware::Certified | Firmware::Old => good_mac && verdict::ends_reversal(code),
            Firmware::DeletesOnAnyAnswer => true,
        };
        if !ends {
            return;
        }
        self.end_reversal(match code {
            "12" => Standing::ReversalRefused { code: code.to_owned() },
            _ => Standing::Reversed { code: code.to_owned() },
        });
        self.persist(out);
        out.push(Effect::Show(match code {
            "00" | "25" => Text::new("冲正成功", "Reversed"),
            _ => Text::new("冲正被拒,请联系收单行", "Reversal refused, call the acquirer"),
        }));
    }

    fn offline_answered(
        &mut self,
        of: EntryId,
        code: &str,
        answer: &Message,
        good_mac: bool,
        out: &mut Vec<Effect>,
    ) {
        if !good_mac {
            self.stop_offline(out);
            return;
        }
        match verdict::proof(code) {
            Proof::Charged | Proof::PartlyCharged => self.note_approval(of, None, answer),
            // These speak of this copy; an earlier one may have been taken.
            Proof::NotCharged if matches!(code, "30" | "77" | "91" | "A0") => {
                self.stop_offline(out);
                return;
            }
            Proof::NotCharged => self.note_standing(of, Standing::Declined { code: code.to_owned() }),
            Proof::Nothing => {
                self.stop_offline(out);
                return;
            }
        }
        self.memory.offline.retain(|item| item.of != of);
        self.persist(out);
    }

    /// The acquirer does not take the offline item at the front now: the command goes on without it. After three tries
    /// it stands behind the others, so that it holds none of them up for ever; it is kept all the same.
    fn stop_offline(&mut self, out: &mut Vec<Effect>) {
        let tired = self.memory.offline.front().is_some_and(|item| item.tries >= Self::TRIES);
        if tired && let Some(item) = self.memory.offline.pop_front() {
            self.memory.offline.push_back(OfflineItem { tries: 0, ..item });
            self.persist(out);
        }
        if let Some(job) = &mut self.job {
            job.offline_stopped = true;
        }
    }

    /// The acquirer heard whether the sale stands. One that does not is out of the totals, unless a reversal of its
    /// own is still to say so.
    fn confirmed(&mut self, about: EntryId, has: bool, code: &str, answer: &Message, out: &mut Vec<Effect>) {
        if code != "00" {
            return self.plain_end(Some(about), code, answer, out);
        }
        let reversing = self.memory.reversal.as_ref().is_some_and(|pending| pending.of == about);
        if !has && !reversing {
            self.note_standing(about, Standing::Reversed { code: code.to_owned() });
        }
        self.question = self.question.take().filter(|question| question.trace != about.trace);
        self.persist(out);
        let text = match texts::note(answer) {
            Some(note) => Text::new(note.clone(), note),
            None => Text::new("确认已记录", "Your word is recorded"),
        };
        let outcome = self.outcome(Some(about), Some(code), Belief::Approved { amount: 0 }, text);
        self.finish(outcome, out);
    }

    /// The end of a command that moves no money.
    pub(super) fn plain_end(
        &mut self,
        id: Option<EntryId>,
        code: &str,
        answer: &Message,
        out: &mut Vec<Effect>,
    ) {
        let believes = match verdict::proof(code) {
            Proof::Charged | Proof::PartlyCharged => Belief::Approved { amount: 0 },
            Proof::NotCharged => Belief::Declined,
            Proof::Nothing => Belief::Unknown,
        };
        let mut text = texts::ending(self.profile.firmware, believes, Some(code));
        if let (Belief::Declined | Belief::Unknown, Some(note)) = (believes, texts::note(answer)) {
            text = Text::new(note.clone(), note);
        }
        self.persist(out);
        let outcome = self.outcome(id, Some(code), believes, text);
        self.finish(outcome, out);
    }

    /// The end of a command whose outcome stays open.
    pub(super) fn open_end(&mut self, id: Option<EntryId>, note: Option<String>, out: &mut Vec<Effect>) {
        let text = match note {
            Some(note) => Text::new(note.clone(), note),
            None => texts::unknown(self.profile.firmware),
        };
        let outcome = self.outcome(id, None, Belief::Unknown, text);
        self.finish(outcome, out);
    }

    pub(super) fn note_standing(&mut self, id: EntryId, standing: Standing) {
        if let Some(entry) = self.memory.entry_mut(id) {
            entry.standing = standing;
        }
    }
}
