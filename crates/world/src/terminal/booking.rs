//! What an answer to a money request does to the journal, the reversal and the slip.

use super::api::{Belief, Effect, PrinterState, Text};
use super::core::Terminal;
use super::job::MoneyFlight;
use super::ledger::Standing;
use super::memory::{EntryId, PendingScript, Reason};
use super::network;
use super::receipt::Reference;
use super::texts;
use super::transaction::Transaction;
use super::verdict::{self, Proof};
use hefu_iso8583::Message;
use hefu_iso8583::cup::parse_balances;
use hefu_tally::Moment;

impl Terminal {
    /// The answer to a money request.
    pub(super) fn money_answered(
        &mut self,
        now: Moment,
        flight: MoneyFlight,
        answer: &Message,
        good_mac: bool,
        out: &mut Vec<Effect>,
    ) {
        let code = answer.text(39).unwrap_or_default();
        if !good_mac {
            return self.outcome_is_open(&flight, Reason::WrongMac, None, out);
        }
        match verdict::proof(code) {
            Proof::Charged if same_payment(&flight.request, answer) => {
                self.approved(now, &flight, None, answer, out);
            }
            Proof::PartlyCharged => match self.part_of(&flight, answer) {
                Some(amount) => self.approved(now, &flight, Some(amount), answer, out),
                None => self.outcome_is_open(&flight, Reason::Other, Some(code), out),
            },
            Proof::Charged => self.outcome_is_open(&flight, Reason::Other, Some(code), out),
            Proof::NotCharged => {
                self.memory.reversal = None;
                self.memory.offline.retain(|item| item.of != flight.id);
                self.note_standing(flight.id, Standing::Declined { code: code.to_owned() });
                self.answered_end(&flight, Belief::Declined, code, answer, out);
            }
            Proof::Nothing => {
                let reason = if matches!(code, "68" | "98") { Reason::NoAnswer } else { Reason::Other };
                if let Some(pending) = &mut self.memory.reversal {
                    pending.reason = reason;
                }
                self.answered_end(&flight, Belief::Unknown, code, answer, out);
            }
        }
    }

    /// Books an approval: from here on the shop has a sale, and the reversal is gone.
    fn approved(
        &mut self,
        now: Moment,
        flight: &MoneyFlight,
        part: Option<i64>,
        answer: &Message,
        out: &mut Vec<Effect>,
    ) {
        let code = answer.text(39).unwrap_or_default();
        let job_transaction = self.job.as_ref().expect("an answer belongs to a command").transaction;
        if job_transaction == Transaction::Balance {
            return self.balance_answered(flight, answer, out);
        }
        let script = network::script_result(&flight.request, answer, flight.id.batch);
        if let Some(body) = script {
            self.memory.script = Some(PendingScript { body, tries: 0 });
        }
        if self.profile.reverse_on_printer_failure
            && self.printer != PrinterState::Ready
            && let Some(pending) = &mut self.memory.reversal
        {
            pending.reason = Reason::TerminalFailed;
            pending.auth = answer.text(38).map(str::to_owned);
            self.note_answer(flight.id, answer);
            self.persist(out);
            let text = Text::new("打印机故障,交易将冲正", "Printer failure, the payment will be reversed");
            let outcome = self.outcome(Some(flight.id), Some(code), Belief::Unknown, text);
            return self.finish(outcome, out);
        }
        self.memory.reversal = None;
        self.memory.offline.retain(|item| item.of != flight.id);
        self.note_approval(flight.id, part, answer);
        let note = texts::note(answer);
        let receipt = self.payment_receipt(now, flight.id, flight.entry, flight.chip.as_ref(), note);
        let held = self.issue(receipt, out);
        let amount = self.memory.record(flight.id).map_or(0, |record| record.entry.amount);
        let believes = Belief::Approved { amount };
        let text = if held {
            Text::new("已付款,请勿重刷,签购单稍后打印", "Paid, do not charge again. The slip is held")
        } else {
            texts::ending(self.profile.firmware, believes, Some(code))
        };
        let outcome = self.outcome(Some(flight.id), Some(code), believes, text);
        self.finish(outcome, out);
    }

    /// The balance, from F54.
    fn balance_answered(&mut self, flight: &MoneyFlight, answer: &Message, out: &mut Vec<Effect>) {
        let balances = answer.get(54).and_then(|f54| parse_balances(f54).ok());
        let balance = balances.and_then(|all| all.first().map(|balance| balance.signed()));
        let Some(fen) = balance else {
            return self.open_end(Some(flight.id), None, out);
        };
        let yuan =
            format!("{}{}.{:02}", if fen < 0 { "-" } else { "" }, (fen / 100).abs(), (fen % 100).abs());
        let text = Text::new(format!("余额 {yuan}"), format!("Balance {yuan}"));
        let believes = Belief::Approved { amount: 0 };
        let mut outcome = self.outcome(Some(flight.id), answer.text(39), believes, text);
        outcome.balance = balance;
        self.finish(outcome, out);
    }

    /// The amount of a part approval that this terminal can take.
    fn part_of(&self, flight: &MoneyFlight, answer: &Message) -> Option<i64> {
        let asked = amount_of(&flight.request)?;
        let offered = self.profile.part_approval
            && self.memory.record(flight.id).is_some_and(|record| {
                matches!(record.entry.transaction, Transaction::Sale | Transaction::PreAuth)
            });
        amount_of(answer).filter(|approved| offered && (1..=asked).contains(approved))
    }

    /// Something came that proves nothing: the reversal stays, with its reason.
    fn outcome_is_open(
        &mut self,
        flight: &MoneyFlight,
        reason: Reason,
        code: Option<&str>,
        out: &mut Vec<Effect>,
    ) {
        if let Some(pending) = &mut self.memory.reversal {
            pending.reason = reason;
        }
        self.persist(out);
        let text = texts::unknown(self.profile.firmware);
        let outcome = self.outcome(Some(flight.id), code, Belief::Unknown, text);
        self.finish(outcome, out);
    }

    fn answered_end(
        &mut self,
        flight: &MoneyFlight,
        believes: Belief,
        code: &str,
        answer: &Message,
        out: &mut Vec<Effect>,
    ) {
        self.persist(out);
        let text = match texts::note(answer) {
            Some(note) => Text::new(note.clone(), note),
            None => texts::ending(self.profile.firmware, believes, Some(code)),
        };
        let outcome = self.outcome(Some(flight.id), Some(code), believes, text);
        self.finish(outcome, out);
    }

    /// Writes what the answer says into the journal's line.
    fn note_answer(&mut self, id: EntryId, answer: &Message) {
        let text = |field| answer.text(field).map(str::to_owned);
        if let Some(entry) = self.memory.entry_mut(id) {
            entry.rrn = text(37).or(entry.rrn.take());
            entry.auth = text(38).or(entry.auth.take());
            entry.date = text(13).or(entry.date.take());
            entry.settlement_date = text(15).or(entry.settlement_date.take());
        }
    }

    /// Books the line, for `part` if only that was approved, and what it does to its original.
    pub(super) fn note_approval(&mut self, id: EntryId, part: Option<i64>, answer: &Message) {
        self.note_answer(id, answer);
        let Some(entry) = self.memory.entry_mut(id) else { return };
        entry.standing = Standing::Booked;
        entry.amount = part.unwrap_or(entry.amount);
        let (transaction, amount) = (entry.transaction, entry.amount);
        let Some(original) = entry.original.clone() else { return };
        self.note_original(transaction, id.trace, amount, &original);
    }

    fn note_original(&mut self, transaction: Transaction, by: u32, amount: i64, original: &Reference) {
        let id = EntryId { batch: original.batch, trace: original.trace };
        // An original of another terminal, or too old to be remembered, has no line here.
        let Some(entry) = self.memory.entry_mut(id) else { return };
        match transaction {
            Transaction::Void | Transaction::PreAuthVoid => entry.standing = Standing::Voided { by },
            Transaction::Completion | Transaction::CompletionAdvice => {
                entry.standing = Standing::Completed { by };
            }
            Transaction::Refund => entry.refunded = entry.refunded.saturating_add(amount),
            Transaction::CompletionVoid => {
                entry.standing = Standing::Voided { by };
                // The hold that was completed is open again.
                let hold = entry.original.clone();
                if let Some(hold) = hold {
                    self.note_standing(EntryId { batch: hold.batch, trace: hold.trace }, Standing::Booked);
                }
            }
            Transaction::SignOn
            | Transaction::SignOff
            | Transaction::Echo
            | Transaction::Balance
            | Transaction::Sale
            | Transaction::PreAuth
            | Transaction::OfflineSettlement
            | Transaction::OfflineChip
            | Transaction::Settlement
            | Transaction::Upload
            | Transaction::ScriptResult
            | Transaction::Signature
            | Transaction::LastResult
            | Transaction::Confirmation
            | Transaction::SendPending
            | Transaction::ClearReversal => {}
        }
    }

    /// What became of a payment, as the acquirer knows it now.
    pub(super) fn last_result_answered(
        &mut self,
        now: Moment,
        about: EntryId,
        answer: &Message,
        good_mac: bool,
        out: &mut Vec<Effect>,
    ) {
        let code = answer.text(39).unwrap_or_default();
        if !good_mac {
            return self.open_end(Some(about), None, out);
        }
        let believes = self.learn(now, about, code, answer, out);
        self.persist(out);
        let text = match texts::note(answer) {
            Some(note) => Text::new(note.clone(), note),
            None => texts::ending(self.profile.firmware, believes, Some(code)),
        };
        let outcome = self.outcome(Some(about), Some(code), believes, text);
        self.finish(outcome, out);
    }

    /// Settles an open line by the acquirer's word. Once a reversal has left, only its own answer counts.
    fn learn(
        &mut self,
        now: Moment,
        about: EntryId,
        code: &str,
        answer: &Message,
        out: &mut Vec<Effect>,
    ) -> Belief {
        let Some(record) = self.memory.record(about) else { return Belief::Unknown };
        let amount = record.entry.amount;
        let open = record.entry.is_unknown();
        let pending = self.memory.reversal.as_ref().filter(|pending| pending.of == about);
        let reversal_left = pending.is_some_and(|pending| pending.has_left);
        match verdict::proof(code) {
            // 12, 22, 25, 30 and 94 speak of the inquiry as well as of the payment, so they settle nothing.
            Proof::NotCharged if matches!(code, "12" | "22" | "25" | "30" | "94" | "77" | "91" | "A0") => {
                Belief::Unknown
            }
            Proof::Nothing => Belief::Unknown,
            Proof::Charged | Proof::PartlyCharged | Proof::NotCharged if reversal_left => Belief::Unknown,
            Proof::NotCharged => {
                if open {
                    self.forget_pending(about);
                    self.note_standing(about, Standing::Declined { code: code.to_owned() });
                }
                Belief::Declined
            }
            // A part without its amount: nobody knows how much.
            Proof::PartlyCharged if amount_of(answer).is_none() => Belief::Unknown,
            Proof::Charged | Proof::PartlyCharged => {
                let part = amount_of(answer).filter(|part| (1..=amount).contains(part));
                if open {
                    self.forget_pending(about);
                    self.note_approval(about, part, answer);
                    let receipt = self.payment_receipt(now, about, None, None, texts::note(answer));
                    self.issue(receipt, out);
                }
                Belief::Approved { amount: part.unwrap_or(amount) }
            }
        }
    }

    /// The outcome is known: neither a reversal nor a repeat is owed for it.
    fn forget_pending(&mut self, about: EntryId) {
        if self.memory.reversal.as_ref().is_some_and(|pending| pending.of == about) {
            self.memory.reversal = None;
        }
        self.memory.offline.retain(|item| item.of != about);
    }
}

/// An approval must be of this payment: F3 and F4, where the answer repeats them, are the request's.
fn same_payment(request: &Message, answer: &Message) -> bool {
    [3, 4].into_iter().all(|field| !answer.has(field) || answer.get(field) == request.get(field))
}

/// F4, in fen.
fn amount_of(message: &Message) -> Option<i64> {
    message.text(4)?.parse().ok()
}
