//! The sales slip: which lines it has, and in which order.

use crate::{
    data::{
        Amounts, Chip, Copy, Language, Original, SlipData, SlipFields, Status, TransactionType, Verification,
    },
    money::Currency,
    page::{Line, Page},
    words::{Word, entry_mark},
};

/// The lines of a sales slip, in the order in which they are printed.
pub fn lines(data: &SlipData, copy: Copy, language: Language) -> Vec<Line> {
    let fields = data.fields();
    let mut page = Page::new(language);
    page.title(Word::SalesSlip);
    page.title(Word::of_copy(copy));
    page.marks(fields.marks.iter().copied());
    page.rule();
    page.till(&fields.till);
    page.rule();
    payment(&mut page, fields);
    page.rule();
    figures(&mut page, fields.amounts, fields.currency);
    status(&mut page, fields, copy);
    page.rule();
    notes(&mut page, fields);
    verification(&mut page, fields, copy);
    if let Some(address) = &fields.eslip {
        page.rule();
        let caption = page.word(Word::EslipCaption);
        page.push(Line::Qr { caption, address: address.clone() });
    }
    page.finish()
}

fn payment(page: &mut Page, fields: &SlipFields) {
    let language = page.language();
    page.pair_if(Word::Issuer, fields.issuer.as_ref().map(|name| name.text(language)));
    page.pair_if(Word::Acquirer, fields.acquirer.as_ref().map(|name| name.text(language)));
    let mark = entry_mark(fields.entry);
    match &fields.card {
        Some(card) => page.pair(Word::CardNumber, format!("{} {mark}", card.as_str())),
        None => page.pair(Word::CardNumber, mark),
    }
    page.pair(Word::Type, page.word(Word::of_type(fields.transaction)));
    page.pair(Word::Batch, fields.batch.as_str());
    page.pair(Word::Voucher, fields.voucher.as_str());
    page.pair_if(Word::Authorisation, fields.authorisation.as_ref().map(|code| code.as_str()));
    page.pair_if(Word::Reference, fields.reference.as_ref().map(|code| code.as_str()));
    page.pair(Word::DateTime, fields.time.to_string());
}

/// The figures, the last of them large.
pub(crate) fn figures(page: &mut Page, amounts: Amounts, currency: Currency) {
    let write = |minor| currency.write(minor);
    match amounts {
        Amounts::Payment(payment) => match payment.tip() {
            Some(tip) => {
                page.pair(Word::Amount, write(payment.amount()));
                page.pair(Word::Tip, write(tip));
                page.amount(Word::Total, write(payment.total()));
            }
            None => page.amount(Word::Amount, write(payment.total())),
        },
        Amounts::Inquiry(Some(balance)) => page.amount(Word::Balance, write(balance)),
        Amounts::Inquiry(None) => {}
    }
}

fn status(page: &mut Page, fields: &SlipFields, copy: Copy) {
    let (headline, sentence) = status_words(fields.transaction, fields.status);
    status_line(page, Word::Status, fields.status, headline);
    status_details(page, fields.status, fields.amounts, fields.currency);
    // What the cashier does may concern the cardholder: "keep the card".
    if let (Status::Declined { code }, Copy::Merchant) = (fields.status, copy) {
        page.pair(Word::WhatToDo, code.text().cashier(page.language()));
    }
    if let Some(sentence) = sentence {
        page.sentence(sentence);
    }
}

/// What belongs to a status: how much is missing, or why it was declined.
pub(crate) fn status_details(page: &mut Page, status: Status, amounts: Amounts, currency: Currency) {
    match (status, amounts) {
        (Status::PartApproved { requested }, Amounts::Payment(payment)) => {
            let left = requested.checked_sub(payment.total());
            let left = left.expect("a slip is made only if more was requested than approved");
            page.pair(Word::Requested, currency.write(requested));
            page.pair(Word::StillToPay, currency.write(left));
        }
        (Status::Declined { code }, _) => {
            page.pair(Word::ResponseCode, code.code());
            page.push(Line::Text(code.text().text(page.language()).to_owned()));
        }
        (
            Status::PartApproved { .. }
            | Status::Approved
            | Status::Unknown
            | Status::Returning
            | Status::Returned
            | Status::Voided
            | Status::UnderReview,
            _,
        ) => {}
    }
}

/// Only an approval in full is an ordinary line: whoever glances at any other slip sees that something
/// is different about it.
pub(crate) fn status_line(page: &mut Page, label: Word, status: Status, headline: Word) {
    match status {
        Status::Approved => page.status(label, headline),
        Status::PartApproved { .. }
        | Status::Declined { .. }
        | Status::Unknown
        | Status::Returning
        | Status::Returned
        | Status::Voided
        | Status::UnderReview => page.alert(label, headline),
    }
}

/// The status and what it means for the reader. A transaction that is itself taken back means
/// another thing for each kind: money returns, a hold ends, or a void fails and the original stands.
pub(crate) fn status_words(transaction: TransactionType, status: Status) -> (Word, Option<Word>) {
    match status {
        Status::Approved => (Word::Approved, None),
        Status::PartApproved { .. } => (Word::PartApproved, None),
        Status::Declined { .. } => (Word::Declined, None),
        Status::Unknown => (Word::Unknown, Some(Word::UnknownMeans)),
        Status::Returning => match transaction {
            TransactionType::Void
            | TransactionType::PreAuthorisationVoid
            | TransactionType::CompletionVoid => (Word::Undoing, Some(Word::UndoingMeans)),
            TransactionType::PreAuthorisation => (Word::Returning, Some(Word::ReleasingMeans)),
            TransactionType::Sale
            | TransactionType::Refund
            | TransactionType::Completion
            | TransactionType::CompletionAdvice
            | TransactionType::OfflineSale
            | TransactionType::BalanceInquiry => (Word::Returning, Some(Word::ReturningMeans)),
        },
        Status::Returned => match transaction {
            TransactionType::Void
            | TransactionType::PreAuthorisationVoid
            | TransactionType::CompletionVoid => (Word::Undone, Some(Word::UndoneMeans)),
            TransactionType::PreAuthorisation => (Word::Returned, Some(Word::ReleasedMeans)),
            TransactionType::Sale
            | TransactionType::Refund
            | TransactionType::Completion
            | TransactionType::CompletionAdvice
            | TransactionType::OfflineSale
            | TransactionType::BalanceInquiry => (Word::Returned, Some(Word::ReturnedMeans)),
        },
        Status::Voided => (Word::Voided, Some(Word::VoidedMeans)),
        Status::UnderReview => (Word::UnderReview, Some(Word::UnderReviewMeans)),
    }
}

fn notes(page: &mut Page, fields: &SlipFields) {
    if let Some(Original { voucher, reference, date }) = &fields.original {
        page.pair(Word::OriginalVoucher, voucher.as_str());
        page.pair_if(Word::OriginalReference, reference.as_ref().map(|code| code.as_str()));
        page.pair(Word::OriginalDate, date.to_string());
    }
    page.pair_if(Word::IssuerText, fields.issuer_text.as_ref().map(|text| text.as_str()));
    if let Some(Chip { aid, tvr, tsi, atc, arqc }) = &fields.chip {
        page.pair_if(Word::Aid, aid.as_ref().map(|aid| hex(aid.bytes())));
        page.pair(Word::Tvr, hex(tvr));
        page.pair_if(Word::Tsi, tsi.map(|tsi| hex(&tsi)));
        page.pair(Word::Atc, hex(atc));
        page.pair(Word::Arqc, hex(arqc));
    }
}

/// A signature is asked for only while it would prove something: the payment stands, and money
/// or a hold is at stake.
fn verification(page: &mut Page, fields: &SlipFields, copy: Copy) {
    let stands = match fields.status {
        Status::Approved | Status::PartApproved { .. } => {
            fields.transaction != TransactionType::BalanceInquiry
        }
        Status::Declined { .. }
        | Status::Unknown
        | Status::Returning
        | Status::Returned
        | Status::Voided
        | Status::UnderReview => false,
    };
    match (fields.verification, copy) {
        (Verification::Signature, Copy::Merchant) if stands => {
            page.rule();
            page.push(Line::Signature { label: page.word(Word::CardholderSignature) });
            page.sentence(Word::Consent);
        }
        (Verification::NoSignatureNoPin, Copy::Merchant | Copy::Cardholder) if stands => {
            page.rule();
            page.sentence(Word::BelowLimit);
        }
        (
            Verification::Signature | Verification::NoSignatureNoPin | Verification::NotOnPaper,
            Copy::Merchant | Copy::Cardholder,
        ) => {}
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data::EntryMode, response_texts::Decline, samples};

    fn laid_out(fields: SlipFields, copy: Copy) -> Vec<Line> {
        lines(&SlipData::new(fields).expect("fields agree"), copy, Language::En)
    }

    fn has_signature(fields: SlipFields, copy: Copy) -> bool {
        laid_out(fields, copy).iter().any(|line| matches!(line, Line::Signature { .. }))
    }

    fn says(fields: SlipFields, copy: Copy, word: Word) -> bool {
        laid_out(fields, copy).contains(&Line::Text(word.en().to_owned()))
    }

    fn with_status(status: Status) -> SlipFields {
        SlipFields { status, ..samples::sale() }
    }

    #[test]
    fn the_labels_come_in_the_order_of_the_trade() {
        let mut fields = samples::refund();
        fields.entry = EntryMode::Insert;
        fields.chip = samples::chip().chip;
        fields.issuer_text = samples::chip().issuer_text;
        let labels: Vec<String> = laid_out(fields, Copy::Merchant)
            .into_iter()
            .filter_map(|line| match line {
                Line::Pair { label, .. } | Line::Amount { label, .. } => Some(label),
                Line::Status { label, .. } | Line::Alert { label, .. } | Line::Signature { label } => {
                    Some(label)
                }
                Line::Title(_) | Line::Mark(_) | Line::Rule | Line::Text(_) => None,
                Line::Row { .. } | Line::Qr { .. } => None,
            })
            .collect();
        let expected = [
            Word::Merchant,
            Word::MerchantNumber,
            Word::Terminal,
            Word::Operator,
            Word::Issuer,
            Word::Acquirer,
            Word::CardNumber,
            Word::Type,
            Word::Batch,
            Word::Voucher,
            Word::Authorisation,
            Word::Reference,
            Word::DateTime,
            Word::Amount,
            Word::Status,
            Word::OriginalVoucher,
            Word::OriginalReference,
            Word::OriginalDate,
            Word::IssuerText,
            Word::Aid,
            Word::Tvr,
            Word::Tsi,
            Word::Atc,
            Word::Arqc,
            Word::CardholderSignature,
        ];
        assert_eq!(labels, expected.map(|word| word.en().to_owned()));
    }

    #[test]
    fn the_card_number_carries_the_entry_mark() {
        for (entry, mark) in [
            (EntryMode::Swipe, "/S"),
            (EntryMode::Insert, "/I"),
            (EntryMode::Contactless, "/C"),
            (EntryMode::Qr, "QR"),
            (EntryMode::Manual, "/M"),
        ] {
            let expect =
                |value: &str| Line::Pair { label: Word::CardNumber.en().to_owned(), value: value.to_owned() };
            let fields = SlipFields { entry, ..samples::sale() };
            let found = laid_out(fields.clone(), Copy::Merchant);
            assert!(found.contains(&expect(&format!("620000******0005 {mark}"))));
            let found = laid_out(SlipFields { card: None, ..fields }, Copy::Merchant);
            assert!(found.contains(&expect(mark)));
        }
    }

    #[test]
    fn only_the_merchant_copy_of_a_payment_that_stands_is_signed() {
        assert!(has_signature(samples::sale(), Copy::Merchant));
        assert!(has_signature(with_status(Status::PartApproved { requested: 99_999 }), Copy::Merchant));
        assert!(!has_signature(samples::sale(), Copy::Cardholder));
        let code = Decline::by_bank(*b"51").expect("a decline");
        for status in [
            Status::Declined { code },
            Status::Unknown,
            Status::Returning,
            Status::Returned,
            Status::Voided,
            Status::UnderReview,
        ] {
            assert!(!has_signature(with_status(status), Copy::Merchant), "{status:?}");
            assert!(!says(with_status(status), Copy::Merchant, Word::Consent), "{status:?}");
        }
    }

    #[test]
    fn below_the_limit_both_copies_say_so_and_nobody_signs() {
        let fields = SlipFields { verification: Verification::NoSignatureNoPin, ..samples::sale() };
        for copy in [Copy::Merchant, Copy::Cardholder] {
            assert!(!has_signature(fields.clone(), copy));
            assert!(says(fields.clone(), copy, Word::BelowLimit));
        }
        let fields = SlipFields { verification: Verification::NotOnPaper, ..fields };
        assert!(!has_signature(fields.clone(), Copy::Merchant));
        assert!(!says(fields, Copy::Merchant, Word::BelowLimit));
    }

    #[test]
    fn a_void_that_was_taken_back_says_that_the_original_stands() {
        for (status, word) in [(Status::Returning, Word::UndoingMeans), (Status::Returned, Word::UndoneMeans)]
        {
            let void = SlipFields { status, ..samples::void() };
            assert!(says(void.clone(), Copy::Cardholder, word));
            assert!(!says(void, Copy::Cardholder, Word::ReturnedMeans));
            let hold = SlipFields { transaction: TransactionType::PreAuthorisation, ..with_status(status) };
            assert!(!says(hold, Copy::Cardholder, word));
        }
    }

    #[test]
    fn what_the_cashier_does_about_a_decline_stands_on_the_merchant_copy_only() {
        let code = Decline::by_bank(*b"41").expect("a decline");
        let told = |copy| {
            laid_out(with_status(Status::Declined { code }), copy).contains(&Line::Pair {
                label: Word::WhatToDo.en().to_owned(),
                value: code.text().cashier_en.to_owned(),
            })
        };
        assert!(told(Copy::Merchant));
        assert!(!told(Copy::Cardholder));
    }

    #[test]
    fn the_address_of_the_slip_stays_out_of_debug() {
        let shown = format!("{:?}", laid_out(samples::sale(), Copy::Cardholder));
        assert!(shown.contains("Qr") && !shown.contains("k7Q"));
    }

    #[test]
    fn no_rule_stands_beside_another_or_at_an_end() {
        for fields in samples::all() {
            for copy in [Copy::Merchant, Copy::Cardholder] {
                let mut bare = fields.clone();
                bare.eslip = None;
                for lines in [laid_out(fields.clone(), copy), laid_out(bare, copy)] {
                    assert!(lines.first() != Some(&Line::Rule) && lines.last() != Some(&Line::Rule));
                    assert!(lines.windows(2).all(|pair| pair != [Line::Rule, Line::Rule]));
                }
            }
        }
    }
}
