//! What a financial request does to the accounts.

use super::behaviour::OnPayment;
use super::code::Code;
use super::core::Turn;
use super::financial::manners_of;
use super::key::Key;
use super::record::{Event, Kind, Movement, Outcome, Standing, Transaction, What, Why};
use super::text::Text;

/// A completion may exceed its pre-authorisation by so many per cent of it.
const COMPLETION_PERCENT: i64 = 115;

impl Turn<'_> {
    /// Carries out a request that was taken in: judges it and moves the money.
    pub(super) fn process(&mut self, key: Key) {
        let transaction = self.transaction(key);
        let done = match transaction.request.kind {
            Kind::Sale | Kind::PreAuthorisation => self.pay(&transaction),
            Kind::OfflineSale => {
                let amount = transaction.request.amount;
                self.take(&transaction, amount, Code::Approved, What::Charge, Why::OfflineSale)
            }
            Kind::Completion | Kind::CompletionAdvice => self.complete(&transaction),
            Kind::VoidOfSale | Kind::VoidOfCompletion | Kind::VoidOfPreAuthorisation => {
                self.void(&transaction)
            }
            Kind::Refund => self.refund(&transaction),
            Kind::BalanceInquiry => {
                self.judge(key, Outcome { done: true, ..Outcome::refused(Code::Approved) });
                Ok(())
            }
        };
        if let Err(code) = done {
            self.judge(key, Outcome::refused(code));
        }
    }

    pub(super) fn judge(&mut self, of: Key, outcome: Outcome) {
        self.record(Event::Judged { of, outcome });
    }

    pub(super) fn stand(&mut self, of: Key, standing: Standing) {
        self.record(Event::Stands { of, standing });
    }

    pub(super) fn move_money(&mut self, what: What, of: Key, by: Key, amount: i64, why: Why) {
        self.record(Event::Moved(Movement { what, of, by, amount, why }));
    }

    /// A sale or pre-authorisation, by the card's behaviour.
    fn pay(&mut self, transaction: &Transaction) -> Result<(), Code> {
        let asked = transaction.request.amount;
        let (what, why) = if transaction.request.kind == Kind::PreAuthorisation {
            (What::Hold, Why::PreAuthorisation)
        } else {
            (What::Charge, Why::Sale)
        };
        match manners_of(&transaction.request).payment {
            OnPayment::Approve
            | OnPayment::ApproveByChip
            | OnPayment::DemandPin
            | OnPayment::LoseAnswer
            | OnPayment::DelayAnswer(_)
            | OnPayment::KeepAnswer
            | OnPayment::HoldSilently
            | OnPayment::HoldThenAnswer
            | OnPayment::WrongMac
            | OnPayment::OtherAmount
            | OnPayment::OtherTerminal => self.take(transaction, asked, Code::Approved, what, why),
            // Half of one fen is nothing, and nothing cannot be approved.
            OnPayment::ApproveHalf if asked == 1 => Err(Code::InsufficientFunds),
            OnPayment::ApproveHalf => self.take(transaction, asked / 2, Code::ApprovedInPart, what, why),
            OnPayment::ApproveTwice => {
                self.take(transaction, asked, Code::Approved, what, why)?;
                let key = transaction.request.key;
                self.move_money(what, key, key, asked, Why::SecondTime);
                Ok(())
            }
            OnPayment::DoButSay(code) => self.take(transaction, asked, code, what, why),
            OnPayment::Decline(code) | OnPayment::OnlySay(code) => Err(code),
            OnPayment::NeverSee => unreachable!("an unseen request is not taken into the book"),
        }
    }

    /// Charges or holds `amount` fen and approves the request with it.
    fn take(
        &mut self,
        transaction: &Transaction,
        amount: i64,
        code: Code,
        what: What,
        why: Why,
    ) -> Result<(), Code> {
        let request = &transaction.request;
        if amount == 0 {
            return Err(Code::InvalidAmount);
        }
        if self.bank.state.account(&request.card, self.now).available() < amount {
            return Err(Code::InsufficientFunds);
        }
        let outcome = Outcome { done: true, code, amount, auth: auth_code(transaction.number), on: None };
        self.judge(request.key, outcome);
        self.move_money(what, request.key, request.key, amount, why);
        Ok(())
    }

    /// A completion: finds its pre-authorisation by card, DE38 and merchant, ends the hold and charges.
    fn complete(&mut self, transaction: &Transaction) -> Result<(), Code> {
        let request = &transaction.request;
        let found = self.bank.state.authorisations.get(&(request.card, request.auth)).copied();
        let hold = found.map(|key| self.transaction(key)).ok_or(Code::NoOriginal)?;
        if hold.request.merchant != request.merchant {
            return Err(Code::NoOriginal);
        }
        if hold.standing != Standing::Stands {
            return Err(Code::OriginalAlreadyDone);
        }
        if request.amount == 0 {
            return Err(Code::InvalidAmount);
        }
        // Twelve digits times a hundred stay far below the end of i64.
        if request.amount * 100 > hold.held * COMPLETION_PERCENT {
            return Err(Code::AmountDiffers);
        }
        let available = self.bank.state.account(&request.card, self.now).available();
        if available + hold.held < request.amount {
            return Err(Code::InsufficientFunds);
        }
        let (key, hold_key, amount) = (request.key, hold.request.key, request.amount);
        let outcome =
            Outcome { done: true, code: Code::Approved, amount, auth: request.auth, on: Some(hold_key) };
        self.judge(key, outcome);
        self.move_money(What::Release, hold_key, key, hold.held, Why::Completion);
        self.stand(hold_key, Standing::Completed { by: key });
        self.move_money(What::Charge, key, key, amount, Why::Completion);
        Ok(())
    }

    /// A void: gives back the whole of what it names.
    fn void(&mut self, transaction: &Transaction) -> Result<(), Code> {
        let original = self.original_of(transaction, |kind, voided| match kind {
            Kind::VoidOfSale => matches!(voided, Kind::Sale | Kind::OfflineSale),
            Kind::VoidOfCompletion => matches!(voided, Kind::Completion | Kind::CompletionAdvice),
            Kind::VoidOfPreAuthorisation => voided == Kind::PreAuthorisation,
            Kind::Sale | Kind::OfflineSale | Kind::PreAuthorisation => false,
            Kind::Completion | Kind::CompletionAdvice | Kind::Refund | Kind::BalanceInquiry => false,
        })?;
        let (key, original_key) = (transaction.request.key, original.request.key);
        let amount = self.give_back(&original, transaction.request.amount, key, Why::Void)?;
        self.stand(original_key, Standing::Voided { by: key });
        self.judge_on(transaction, amount, original_key);
        Ok(())
    }

    /// A refund: gives back part or all of a charge, never more than is left of it.
    fn refund(&mut self, transaction: &Transaction) -> Result<(), Code> {
        let original = self.original_of(transaction, |_, refunded| {
            matches!(refunded, Kind::Sale | Kind::OfflineSale | Kind::Completion | Kind::CompletionAdvice)
        })?;
        let amount = transaction.request.amount;
        if original.standing != Standing::Stands {
            return Err(Code::OriginalAlreadyDone);
        }
        if amount == 0 {
            return Err(Code::InvalidAmount);
        }
        if amount > original.net() {
            return Err(Code::AmountDiffers);
        }
        let original_key = original.request.key;
        self.move_money(What::Return, original_key, transaction.request.key, amount, Why::Refund);
        self.judge_on(transaction, amount, original_key);
        Ok(())
    }

    /// Gives back all that stands of a payment, whole, and says how much it was: the charge of a sale; the charge
    /// of a completion, whose hold comes back; the hold of a pre-authorisation. `asked` must be the amount that was
    /// asked for or approved.
    pub(super) fn give_back(
        &mut self,
        original: &Transaction,
        asked: i64,
        by: Key,
        why: Why,
    ) -> Result<i64, Code> {
        let outcome = original.done().ok_or(Code::NoOriginal)?;
        if original.standing != Standing::Stands {
            return Err(Code::OriginalAlreadyDone);
        }
        if asked != original.request.amount && asked != outcome.amount {
            return Err(Code::AmountDiffers);
        }
        let (of, whole) = (original.request.key, original.net() == outcome.amount);
        match original.request.kind {
            Kind::PreAuthorisation => self.move_money(What::Release, of, by, original.held, why),
            Kind::Sale | Kind::OfflineSale if whole => {
                self.move_money(What::Return, of, by, outcome.amount, why);
            }
            Kind::Completion | Kind::CompletionAdvice if whole => {
                let hold_key = outcome.on.expect("a completion that was done has its pre-authorisation");
                let held = self.transaction(hold_key).done().map_or(0, |hold| hold.amount);
                self.move_money(What::Return, of, by, outcome.amount, why);
                self.move_money(What::Hold, hold_key, by, held, why);
                self.stand(hold_key, Standing::Stands);
            }
            // What was refunded in part can only be refunded further.
            Kind::Sale | Kind::OfflineSale | Kind::Completion | Kind::CompletionAdvice => {
                return Err(Code::OriginalAlreadyDone);
            }
            Kind::VoidOfSale
            | Kind::VoidOfCompletion
            | Kind::VoidOfPreAuthorisation
            | Kind::Refund
            | Kind::BalanceInquiry => return Err(Code::InvalidTransaction),
        }
        Ok(outcome.amount)
    }

    /// The transaction that DE90 names: of the same card and merchant, done, and of a kind that fits.
    fn original_of(
        &self,
        transaction: &Transaction,
        fits: impl Fn(Kind, Kind) -> bool,
    ) -> Result<Transaction, Code> {
        let request = &transaction.request;
        let original = request.original.and_then(|key| self.bank.state.transactions.get(&key));
        original
            .filter(|original| {
                original.done().is_some()
                    && original.request.card == request.card
                    && original.request.merchant == request.merchant
                    && fits(request.kind, original.request.kind)
            })
            .copied()
            .ok_or(Code::NoOriginal)
    }

    fn judge_on(&mut self, transaction: &Transaction, amount: i64, on: Key) {
        let auth = auth_code(transaction.number);
        let outcome = Outcome { done: true, code: Code::Approved, amount, auth, on: Some(on) };
        self.judge(transaction.request.key, outcome);
    }
}

/// DE38: the transaction's number in base 36, six characters; unique within one book.
fn auth_code(number: u64) -> Text<6> {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut code = String::with_capacity(6);
    for place in (0..6).rev() {
        let digit = number / 36_u64.pow(place) % 36;
        code.push(char::from(DIGITS[digit as usize]));
    }
    Text::new(&code).expect("six characters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorisation_codes_are_six_characters_and_differ() {
        assert_eq!(auth_code(1).as_str(), "000001");
        assert_eq!(auth_code(35).as_str(), "00000Z");
        assert_eq!(auth_code(36).as_str(), "000010");
    }
}
