//! How a financial request is received and how its answer leaves; what it does is in `deeds`.

use super::answer::{self, Defect};
use super::behaviour::{Behaviour, Manners, OnAdvice, OnCompletion, OnPayment, OnVoid};
use super::code::Code;
use super::core::Turn;
use super::key::Key;
use super::record::{Event, Kind, Outcome, Request, Task, Transaction};
use super::request;
use hefu_iso8583::Message;
use hefu_vault::Pan;

/// How a judged request's answer leaves.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Reply {
    Now(Defect),
    /// After so many milliseconds.
    Later(i64),
    /// Not by itself.
    Never,
}

impl Turn<'_> {
    /// A financial request came in, for the first time or again.
    pub(super) fn financial(&mut self, message: &Message, key: Key) {
        let request = match request::financial(message, key) {
            Ok(request) => request,
            Err(code) => return self.refuse(message, code),
        };
        if let Some(known) = self.bank.state.transactions.get(&key).copied() {
            return if known.request.same_content(&request) {
                self.repeated(message, &known)
            } else {
                self.refuse(message, Code::Duplicate)
            };
        }
        let Some(pan) = Pan::parse(request.card.expose()).ok().filter(|pan| pan.expose().starts_with("62"))
        else {
            return self.refuse(message, Code::InvalidCard);
        };
        if self.is_full() {
            return self.refuse(message, Code::SystemFault);
        }
        let manners = manners_of(&request);
        if self.is_unseen(&request, &manners) {
            return self.record(Event::Unseen { of: key, card: request.card });
        }
        self.record(Event::Received(request));
        let judged = match self.bank.refusals.remove(request.terminal.as_str()) {
            Some(code) => Err(code),
            None => self.credentials(message, &request, &pan, manners.payment == OnPayment::DemandPin),
        };
        match judged {
            Err(code) => self.judge(key, Outcome::refused(code)),
            Ok(()) if self.is_held_back(&request, &manners) => return,
            Ok(()) => self.process(key),
        }
        match reply(&self.transaction(key), false) {
            Reply::Now(defect) => self.answer_request(message, key, defect),
            Reply::Later(after) => self.plan(key, after, Task::Answer),
            Reply::Never => {}
        }
    }

    /// Sends the answer to a judged transaction: nothing but the book says what it was.
    pub(super) fn answer_transaction(&mut self, key: Key, defect: Defect) {
        if let Some(answer) = self.answer(key, defect) {
            self.send(answer, defect);
        }
    }

    pub(super) fn transaction(&self, key: Key) -> Transaction {
        *self.bank.state.transactions.get(&key).expect("asked for by a key that the book has just given")
    }

    /// The same request once more: what was answered is answered again, what was lost stays lost.
    fn repeated(&mut self, message: &Message, known: &Transaction) {
        if known.outcome.is_none() || known.planned.is_some() {
            return;
        }
        match reply(known, true) {
            Reply::Now(defect) => self.answer_request(message, known.request.key, defect),
            // The late answer has left by now, so it may be repeated.
            Reply::Later(_) => self.answer_request(message, known.request.key, Defect::None),
            Reply::Never => {}
        }
    }

    /// Answers a request that is at hand.
    fn answer_request(&mut self, message: &Message, key: Key, defect: Defect) {
        let Some(mut answer) = self.answer(key, defect) else { return };
        let request = self.transaction(key).request;
        if let (Kind::BalanceInquiry, Some(amount)) = (request.kind, message.get(4)) {
            answer.set(4, amount);
        }
        self.send(answer, defect);
    }

    fn answer(&self, key: Key, defect: Defect) -> Option<Message> {
        let transaction = self.transaction(key);
        let request = &transaction.request;
        let available = self.bank.state.account(&request.card, self.now).available();
        let mut answer = answer::to_transaction(&transaction, available, defect)?;
        let by_chip = manners_of(request).payment == OnPayment::ApproveByChip;
        if request.chip && by_chip && request.kind.is_payment() && transaction.done().is_some() {
            answer::add_issuer_data(&mut answer);
        }
        Some(answer)
    }

    /// Whether the bank, by the card's behaviour, does not see the request.
    fn is_unseen(&self, request: &Request, manners: &Manners) -> bool {
        match request.kind {
            Kind::Sale | Kind::PreAuthorisation => manners.payment == OnPayment::NeverSee,
            Kind::VoidOfSale | Kind::VoidOfCompletion | Kind::VoidOfPreAuthorisation => {
                manners.void == OnVoid::NeverSee
            }
            Kind::CompletionAdvice => match manners.completion {
                OnCompletion::Do | OnCompletion::LoseAnswer => false,
                OnCompletion::AdviceSilentFor(silence) => {
                    let first = self.bank.state.unseen.get(&request.key).copied().unwrap_or(self.now);
                    self.now < first.after(silence)
                }
            },
            Kind::OfflineSale | Kind::Completion | Kind::Refund | Kind::BalanceInquiry => false,
        }
    }

    /// Whether the request waits, unprocessed, for a reversal.
    fn is_held_back(&self, request: &Request, manners: &Manners) -> bool {
        let overtaken = self.bank.state.reversed_first.contains_key(&request.key);
        let holds = manners.payment == OnPayment::HoldSilently
            || manners.payment == OnPayment::HoldThenAnswer && !overtaken;
        request.kind.is_payment() && holds
    }
}

/// The behaviour of the request's card.
pub(super) fn manners_of(request: &Request) -> Manners {
    Behaviour::of(request.card.expose()).manners()
}

/// How the answer to a judged transaction leaves. What was refused is answered at once, whatever the card.
fn reply(transaction: &Transaction, again: bool) -> Reply {
    let manners = manners_of(&transaction.request);
    if transaction.done().is_none() {
        return Reply::Now(Defect::None);
    }
    match transaction.request.kind {
        Kind::Sale | Kind::PreAuthorisation => match manners.payment {
            OnPayment::Approve
            | OnPayment::ApproveByChip
            | OnPayment::ApproveHalf
            | OnPayment::ApproveTwice
            | OnPayment::Decline(_)
            | OnPayment::DemandPin
            | OnPayment::DoButSay(_)
            | OnPayment::OnlySay(_)
            | OnPayment::HoldThenAnswer => Reply::Now(Defect::None),
            OnPayment::DelayAnswer(after) => Reply::Later(after),
            OnPayment::NeverSee | OnPayment::LoseAnswer | OnPayment::KeepAnswer | OnPayment::HoldSilently => {
                Reply::Never
            }
            OnPayment::WrongMac => Reply::Now(Defect::WrongMac),
            OnPayment::OtherAmount => Reply::Now(Defect::OtherAmount),
            OnPayment::OtherTerminal => Reply::Now(Defect::OtherTerminal),
        },
        Kind::VoidOfSale | Kind::VoidOfCompletion | Kind::VoidOfPreAuthorisation => match manners.void {
            OnVoid::Do => Reply::Now(Defect::None),
            OnVoid::LoseAnswer | OnVoid::NeverSee | OnVoid::LoseAnswerAndDenyReversal => Reply::Never,
        },
        Kind::Refund => match manners.refund {
            OnAdvice::LoseFirstAnswer if !again => Reply::Never,
            OnAdvice::Do | OnAdvice::LoseFirstAnswer => Reply::Now(Defect::None),
        },
        Kind::Completion => match manners.completion {
            OnCompletion::LoseAnswer => Reply::Never,
            OnCompletion::Do | OnCompletion::AdviceSilentFor(_) => Reply::Now(Defect::None),
        },
        Kind::CompletionAdvice => match manners.completion {
            OnCompletion::LoseAnswer if !again => Reply::Never,
            OnCompletion::Do | OnCompletion::LoseAnswer | OnCompletion::AdviceSilentFor(_) => {
                Reply::Now(Defect::None)
            }
        },
        Kind::OfflineSale | Kind::BalanceInquiry => Reply::Now(Defect::None),
    }
}
