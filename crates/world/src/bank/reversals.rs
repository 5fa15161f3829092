//! Reversals (0420, 0421): which message they take back, by the card's behaviour and by what stands.

use super::answer::Defect;
use super::behaviour::{Behaviour, OnReversal, OnVoid};
use super::code::Code;
use super::core::Turn;
use super::key::Key;
use super::record::{Event, Kind, Outcome, Reversal, Standing, Task, Transaction, What, Why};
use super::request::{self, ReversalRequest};
use hefu_iso8583::{Message, host::ReversalReason};

/// What a reversal is answered with; `None` is silence.
type Said = Option<Code>;

impl Turn<'_> {
    /// A reversal came in, for the first time or again.
    pub(super) fn reversal(&mut self, message: &Message, key: Key) {
        let asked = match request::reversal(message, key) {
            Ok(asked) => asked,
            Err(code) => return self.refuse(message, code),
        };
        if asked.reason == Some(ReversalReason::Partial) {
            return self.refuse(message, Code::NotSupported);
        }
        let reversal = asked.reversal;
        let known = self.bank.state.reversals.get(&key).copied();
        match known {
            Some(known) if known.reversal != reversal => return self.refuse(message, Code::Duplicate),
            None if self.bank.state.transactions.contains_key(&key) => {
                return self.refuse(message, Code::Duplicate);
            }
            None if self.is_full() => return self.refuse(message, Code::SystemFault),
            Some(_) => self.record(Event::ReversalAgain { of: key }),
            None => self.record(Event::Reversal(reversal)),
        }
        let original = self.original_of_reversal(&reversal);
        let manner = manner_of(&asked, original.as_ref());
        let said = if known.is_some_and(|known| known.done) {
            // Carried out already: the same answer again.
            Some(if manner == OnReversal::ReverseThenSay94 { Code::Duplicate } else { Code::Approved })
        } else {
            self.carry_out(manner, &reversal, original.as_ref())
        };
        if let Some(code) = said {
            self.answer_message(message, code);
        }
    }

    fn carry_out(&mut self, manner: OnReversal, reversal: &Reversal, original: Option<&Transaction>) -> Said {
        let key = reversal.key;
        let Some(original) = original else {
            return match manner {
                OnReversal::AcceptThenProcess(_) => Some(Code::Approved),
                OnReversal::Deny(code) => Some(code),
                OnReversal::RefuseTimes(times) if self.times(key) <= times => Some(Code::SystemFault),
                OnReversal::Reverse
                | OnReversal::ReverseThenRelease(_)
                | OnReversal::ReleaseThenReverse
                | OnReversal::DenyThenProcess(_)
                | OnReversal::RefuseTimes(_)
                | OnReversal::SilentFor(_)
                | OnReversal::ReverseThenSay94 => Some(Code::NoOriginal),
            };
        };
        // An answer that is kept back is let go once: by the reversal that takes the payment back.
        let releases = original.done().is_some() && original.standing == Standing::Stands;
        match manner {
            OnReversal::Reverse => Some(self.undo(reversal, original)),
            OnReversal::ReverseThenRelease(after) => {
                let code = self.undo(reversal, original);
                if releases && code == Code::Approved {
                    self.plan(original.request.key, after, Task::Answer);
                }
                Some(code)
            }
            OnReversal::ReleaseThenReverse => {
                if releases {
                    self.answer_transaction(original.request.key, Defect::None);
                }
                Some(self.undo(reversal, original))
            }
            OnReversal::DenyThenProcess(after) => match (original.outcome, original.planned) {
                (Some(_), _) => Some(self.undo(reversal, original)),
                (None, None) => {
                    self.plan(original.request.key, after, Task::Process);
                    Some(Code::NoOriginal)
                }
                // Asked again before it was processed: it never will be, so that nobody is charged after a 00.
                (None, Some(_)) => {
                    self.withdraw(reversal, original);
                    Some(Code::Approved)
                }
            },
            OnReversal::AcceptThenProcess(after) => match (original.outcome, original.planned) {
                (Some(_), _) => Some(self.undo(reversal, original)),
                (None, None) => {
                    self.plan(original.request.key, after, Task::ProcessAndAnswer);
                    Some(Code::Approved)
                }
                (None, Some(_)) => Some(Code::Approved),
            },
            OnReversal::RefuseTimes(times) if self.times(key) <= times => Some(Code::SystemFault),
            OnReversal::RefuseTimes(_) => Some(self.undo(reversal, original)),
            OnReversal::SilentFor(silence) => {
                let first = self.bank.state.reversed_first.get(&original.request.key);
                let first =
                    first.and_then(|key| self.bank.state.reversals.get(key)).map(|record| record.first);
                let heard = first.is_none_or(|first| self.now >= first.after(silence));
                heard.then(|| self.undo(reversal, original))
            }
            OnReversal::ReverseThenSay94 => match self.undo(reversal, original) {
                Code::Approved => None,
                refused => Some(refused),
            },
            OnReversal::Deny(code) => Some(code),
        }
    }

    /// Takes the original back, if it stands. 00 also when it was taken back before, under whatever key.
    pub(super) fn undo(&mut self, reversal: &Reversal, original: &Transaction) -> Code {
        let kind = original.request.kind;
        let (key, of) = (reversal.key, original.request.key);
        if let Standing::Reversed { by: _ } = original.standing {
            self.record(Event::ReversalDone { of: key });
            return Code::Approved;
        }
        let undone = match kind {
            Kind::Sale | Kind::PreAuthorisation | Kind::Completion => {
                self.give_back(original, reversal.amount, key, Why::Reversal).map(|_| ())
            }
            Kind::VoidOfSale | Kind::VoidOfCompletion | Kind::VoidOfPreAuthorisation => {
                self.restore(reversal, original)
            }
            // Advices are never reversed, they are repeated until answered; an inquiry moved nothing.
            Kind::OfflineSale | Kind::CompletionAdvice | Kind::Refund | Kind::BalanceInquiry => {
                Err(Code::InvalidTransaction)
            }
        };
        match undone {
            Ok(()) => {
                self.stand(of, Standing::Reversed { by: key });
                self.record(Event::ReversalDone { of: key });
                Code::Approved
            }
            Err(code) => code,
        }
    }

    /// Reverses a void: what it undid stands again.
    fn restore(&mut self, reversal: &Reversal, void: &Transaction) -> Result<(), Code> {
        let outcome = void.done().ok_or(Code::NoOriginal)?;
        let on = outcome.on.ok_or(Code::NoOriginal)?;
        let original = self.transaction(on);
        if original.standing != (Standing::Voided { by: void.request.key }) {
            return Err(Code::OriginalAlreadyDone);
        }
        if reversal.amount != void.request.amount && reversal.amount != outcome.amount {
            return Err(Code::AmountDiffers);
        }
        let (key, amount) = (reversal.key, outcome.amount);
        match original.request.kind {
            Kind::Sale | Kind::OfflineSale => {
                self.move_money(What::Charge, on, key, amount, Why::ReversalOfVoid);
            }
            Kind::PreAuthorisation => self.move_money(What::Hold, on, key, amount, Why::ReversalOfVoid),
            Kind::Completion | Kind::CompletionAdvice => {
                let hold_key = original.done().and_then(|done| done.on).ok_or(Code::NoOriginal)?;
                let hold = self.transaction(hold_key);
                // The hold may have been used or voided since the void gave it back.
                if hold.standing != Standing::Stands {
                    return Err(Code::OriginalAlreadyDone);
                }
                self.move_money(What::Release, hold_key, key, hold.held, Why::ReversalOfVoid);
                self.stand(hold_key, Standing::Completed { by: on });
                self.move_money(What::Charge, on, key, amount, Why::ReversalOfVoid);
            }
            Kind::VoidOfSale
            | Kind::VoidOfCompletion
            | Kind::VoidOfPreAuthorisation
            | Kind::Refund
            | Kind::BalanceInquiry => return Err(Code::InvalidTransaction),
        }
        self.stand(on, Standing::Stands);
        Ok(())
    }

    /// Drops a request that is held back, for good.
    fn withdraw(&mut self, reversal: &Reversal, held: &Transaction) {
        let of = held.request.key;
        self.record(Event::Settled { of });
        self.judge(of, Outcome::refused(Code::NoOriginal));
        self.stand(of, Standing::Reversed { by: reversal.key });
        self.record(Event::ReversalDone { of: reversal.key });
    }

    /// The original by DE90, if card, RRN, terminal and merchant agree.
    fn original_of_reversal(&self, reversal: &Reversal) -> Option<Transaction> {
        let original = self.bank.state.transactions.get(&reversal.original)?;
        let request = &original.request;
        let agrees = (request.card, request.rrn, request.terminal, request.merchant)
            == (reversal.card, reversal.rrn, reversal.terminal, reversal.merchant);
        agrees.then_some(*original)
    }

    /// How often this reversal has come, now included.
    fn times(&self, key: Key) -> u32 {
        self.bank.state.reversals.get(&key).map_or(0, |record| record.times)
    }
}

/// How this card's bank deals with the reversal. What an unknown original was is told by the reversal's own DE3 and
/// by the MTI in DE90.
fn manner_of(asked: &ReversalRequest, original: Option<&Transaction>) -> OnReversal {
    let manners = Behaviour::of(asked.reversal.card.expose()).manners();
    let (is_payment, is_void) = match original {
        Some(original) => (original.request.kind.is_payment(), original.request.kind.is_void()),
        None => {
            let is_advice = asked.original_mti.0 / 10 == 22;
            let undoes = asked.processing.as_str() == "200000";
            (!is_advice && !undoes, !is_advice && undoes)
        }
    };
    if is_payment {
        return manners.reversal;
    }
    match manners.void {
        OnVoid::LoseAnswerAndDenyReversal if is_void => OnReversal::Deny(Code::NoOriginal),
        OnVoid::Do | OnVoid::LoseAnswer | OnVoid::NeverSee | OnVoid::LoseAnswerAndDenyReversal => {
            OnReversal::Reverse
        }
    }
}
