//! Which fields of a slip can stand beside one another.

use crate::{
    data::{Amounts, EntryMode, Original, SlipFields, Status, TransactionType},
    refusal::Refusal,
};

/// Refuses fields that contradict one another.
pub(crate) fn check(fields: &SlipFields) -> Result<(), Refusal> {
    check_outcome(fields.transaction, fields.amounts, fields.status)?;
    check_original(fields)?;
    check_chip(fields)
}

/// Refuses figures and a status that the type cannot have.
pub(crate) fn check_outcome(
    transaction: TransactionType,
    amounts: Amounts,
    status: Status,
) -> Result<(), Refusal> {
    check_amounts(transaction, amounts, status)?;
    check_status(transaction, amounts, status)
}

fn check_amounts(transaction: TransactionType, amounts: Amounts, status: Status) -> Result<(), Refusal> {
    match (amounts, transaction == TransactionType::BalanceInquiry) {
        (Amounts::Payment(_), false) | (Amounts::Inquiry(None), true) => Ok(()),
        (Amounts::Inquiry(Some(_)), true) if status == Status::Approved => Ok(()),
        (Amounts::Inquiry(Some(_)), true) => Err(Refusal::BalanceWithoutApproval),
        (Amounts::Payment(_), true) | (Amounts::Inquiry(_), false) => {
            Err(Refusal::AmountsUnlikeType { transaction })
        }
    }
}

fn check_status(transaction: TransactionType, amounts: Amounts, status: Status) -> Result<(), Refusal> {
    // A refund is repeated until it is done, never reversed, and an inquiry moves nothing.
    let returnable = !matches!(transaction, TransactionType::Refund | TransactionType::BalanceInquiry);
    let voidable = returnable
        && !matches!(
            transaction,
            TransactionType::Void | TransactionType::PreAuthorisationVoid | TransactionType::CompletionVoid
        );
    let unlike = |status| Err(Refusal::StatusUnlikeType { transaction, status });
    match (status, amounts) {
        (Status::PartApproved { requested }, Amounts::Payment(payment)) => {
            let approved = payment.total();
            if requested > approved { Ok(()) } else { Err(Refusal::RequestedNotMore { requested, approved }) }
        }
        (Status::PartApproved { .. }, Amounts::Inquiry(_)) => unlike("part approved"),
        (Status::Returning, _) if !returnable => unlike("returning"),
        (Status::Returned, _) if !returnable => unlike("returned"),
        (Status::Voided, _) if !voidable => unlike("voided"),
        (
            Status::Approved
            | Status::Declined { .. }
            | Status::Unknown
            | Status::Returning
            | Status::Returned
            | Status::Voided
            | Status::UnderReview,
            Amounts::Payment(_) | Amounts::Inquiry(_),
        ) => Ok(()),
    }
}

fn check_original(fields: &SlipFields) -> Result<(), Refusal> {
    let transaction = fields.transaction;
    match (transaction, &fields.original) {
        (TransactionType::Void | TransactionType::Refund, Some(Original { reference: None, .. })) => {
            Err(Refusal::OriginalReferenceMissing { transaction })
        }
        (
            TransactionType::Void
            | TransactionType::Refund
            | TransactionType::PreAuthorisationVoid
            | TransactionType::CompletionVoid,
            None,
        ) => Err(Refusal::OriginalMissing { transaction }),
        (
            TransactionType::Void
            | TransactionType::Refund
            | TransactionType::PreAuthorisationVoid
            | TransactionType::CompletionVoid,
            Some(_),
        )
        | (TransactionType::Completion | TransactionType::CompletionAdvice, Some(_) | None)
        | (
            TransactionType::Sale
            | TransactionType::PreAuthorisation
            | TransactionType::OfflineSale
            | TransactionType::BalanceInquiry,
            None,
        ) => Ok(()),
        (
            TransactionType::Sale
            | TransactionType::PreAuthorisation
            | TransactionType::OfflineSale
            | TransactionType::BalanceInquiry,
            Some(_),
        ) => Err(Refusal::OriginalUnexpected { transaction }),
    }
}

fn check_chip(fields: &SlipFields) -> Result<(), Refusal> {
    match (fields.entry, &fields.chip) {
        (EntryMode::Insert | EntryMode::Contactless, Some(_) | None)
        | (EntryMode::Swipe | EntryMode::Qr | EntryMode::Manual, None) => Ok(()),
        (entry @ (EntryMode::Swipe | EntryMode::Qr | EntryMode::Manual), Some(_)) => {
            Err(Refusal::ChipUnexpected { entry })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reference, SlipData, samples};

    fn check(change: impl FnOnce(&mut SlipFields), expected: Result<(), Refusal>) {
        let mut fields = samples::sale();
        change(&mut fields);
        assert_eq!(SlipData::new(fields).map(|_| ()), expected);
    }

    fn original(reference: Option<Reference>) -> Option<Original> {
        samples::void().original.map(|original| Original { reference, ..original })
    }

    #[test]
    fn a_payment_and_an_inquiry_show_their_own_figures() {
        let transaction = TransactionType::BalanceInquiry;
        check(|f| f.transaction = transaction, Err(Refusal::AmountsUnlikeType { transaction }));
        let sale = TransactionType::Sale;
        check(|f| f.amounts = Amounts::Inquiry(None), Err(Refusal::AmountsUnlikeType { transaction: sale }));
        let inquire = |balance, status| {
            move |f: &mut SlipFields| {
                f.transaction = transaction;
                f.amounts = Amounts::Inquiry(balance);
                f.status = status;
            }
        };
        check(inquire(Some(-5), Status::Approved), Ok(()));
        check(inquire(None, Status::Unknown), Ok(()));
        check(inquire(Some(5), Status::Unknown), Err(Refusal::BalanceWithoutApproval));
    }

    #[test]
    fn part_approval_needs_a_larger_request() {
        let part = |requested| move |f: &mut SlipFields| f.status = Status::PartApproved { requested };
        let approved = 12_850;
        check(part(approved + 1), Ok(()));
        check(part(approved), Err(Refusal::RequestedNotMore { requested: approved, approved }));
        check(part(-1), Err(Refusal::RequestedNotMore { requested: -1, approved }));
    }

    #[test]
    fn a_refund_and_an_inquiry_are_never_returned() {
        for (status, name) in
            [(Status::Returning, "returning"), (Status::Returned, "returned"), (Status::Voided, "voided")]
        {
            let mut refund = samples::refund();
            refund.status = status;
            assert_eq!(
                SlipData::new(refund),
                Err(Refusal::StatusUnlikeType { transaction: TransactionType::Refund, status: name }),
            );
            check(|f| f.status = status, Ok(()));
        }
        check(
            |f| {
                f.transaction = TransactionType::BalanceInquiry;
                f.amounts = Amounts::Inquiry(None);
                f.status = Status::PartApproved { requested: 1 };
            },
            Err(Refusal::StatusUnlikeType {
                transaction: TransactionType::BalanceInquiry,
                status: "part approved",
            }),
        );
    }

    #[test]
    fn a_void_can_be_taken_back_but_not_voided() {
        let void = |status| SlipData::new(SlipFields { status, ..samples::void() }).map(|_| ());
        assert_eq!(void(Status::Returned), Ok(()));
        let transaction = TransactionType::Void;
        assert_eq!(void(Status::Voided), Err(Refusal::StatusUnlikeType { transaction, status: "voided" }));
    }

    #[test]
    fn a_void_and_a_refund_name_the_original_with_its_reference() {
        for transaction in [TransactionType::Void, TransactionType::Refund] {
            check(|f| f.transaction = transaction, Err(Refusal::OriginalMissing { transaction }));
            check(
                |f| {
                    f.transaction = transaction;
                    f.original = original(None);
                },
                Err(Refusal::OriginalReferenceMissing { transaction }),
            );
        }
        let transaction = TransactionType::PreAuthorisationVoid;
        check(|f| f.transaction = transaction, Err(Refusal::OriginalMissing { transaction }));
        for quoted in [None, original(None)] {
            check(
                |f| {
                    f.transaction = TransactionType::Completion;
                    f.original = quoted;
                },
                Ok(()),
            );
        }
        let transaction = TransactionType::Sale;
        check(|f| f.original = original(None), Err(Refusal::OriginalUnexpected { transaction }));
    }

    #[test]
    fn chip_data_stand_only_where_a_chip_was_read() {
        let chip = samples::chip().chip;
        for (entry, accepted) in [
            (EntryMode::Insert, true),
            (EntryMode::Contactless, true),
            (EntryMode::Swipe, false),
            (EntryMode::Qr, false),
            (EntryMode::Manual, false),
        ] {
            let expected = if accepted { Ok(()) } else { Err(Refusal::ChipUnexpected { entry }) };
            check(
                |f| {
                    f.entry = entry;
                    f.chip = chip.clone();
                },
                expected,
            );
            check(|f| f.entry = entry, Ok(()));
        }
    }
}
