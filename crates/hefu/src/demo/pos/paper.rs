//! Paper: what the terminal hands to its printer, laid out as a slip in both languages.

use super::names::{StripCopy, Style};
use hefu_slip::{
    Amounts, Authorisation, Balance, Batch, CardGroup, Chip, Copy, Currency, EntryMode, Language, Line,
    LocalDate, LocalTime, Mark, MaskedPan, MerchantNumber, Name, Operator, Original, Printable, Reference,
    Refusal, SettlementData, SlipData, SlipFields, Status, TerminalNumber, Till, Total, TransactionType,
    Verification, Voucher,
};
use hefu_tally::Moment;
use hefu_world::terminal::{self, Body, LedgerEntry, Payment, Receipt, Standing, Totals, Transaction};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Below this amount (fen) neither signature nor PIN is asked for.
const SMALL_AMOUNT: i64 = 100_000;
/// The yuan.
const CNY: u16 = 156;

/// A strip of paper that came out of the printer.
#[derive(Clone, Serialize, ToSchema)]
pub struct Strip {
    pub id: u64,
    pub at_ms: i64,
    pub copy: StripCopy,
    pub duplicate: bool,
    pub zh: Vec<Row>,
    pub en: Vec<Row>,
    #[schema(required = true)]
    pub qr: Option<String>,
}

/// A line of a strip.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = SlipRow)]
pub struct Row {
    pub style: Style,
    #[schema(required = true)]
    pub label: Option<String>,
    #[schema(required = true)]
    pub value: Option<String>,
    #[schema(required = true)]
    pub count: Option<String>,
}

/// The strips that one receipt becomes: two copies of a payment, one of a settlement. `now` is the line of the journal
/// that a duplicate is printed from: it shows how the payment stands now. The numbers are given afterwards.
pub fn strips(receipt: &Receipt, duplicate: Option<&LedgerEntry>) -> Vec<Strip> {
    let strip = |copy, both: [Vec<Line>; 2]| {
        let [zh, en] = both.map(|lines| lines.into_iter().map(row).collect::<Vec<_>>());
        let qr = zh.iter().find(|row: &&Row| row.style == Style::Qr).and_then(|row| row.value.clone());
        Strip { id: 0, at_ms: receipt.at.0, copy, duplicate: duplicate.is_some(), zh, en, qr }
    };
    let laid_out = match &receipt.body {
        Body::Payment(payment) => slip(receipt, payment, duplicate).map(|data| {
            let copies = [(StripCopy::Merchant, Copy::Merchant), (StripCopy::Cardholder, Copy::Cardholder)];
            let copies = copies.map(|(name, copy)| {
                strip(
                    name,
                    [Language::Zh, Language::En].map(|language| hefu_slip::lines(&data, copy, language)),
                )
            });
            copies.to_vec()
        }),
        Body::Settlement { totals, balanced } => settlement(receipt, totals, *balanced).map(|data| {
            let both = [Language::Zh, Language::En];
            vec![strip(
                StripCopy::Settlement,
                both.map(|language| hefu_slip::settlement_lines(&data, language)),
            )]
        }),
    };
    laid_out.unwrap_or_else(|refusal| {
        // A slip that cannot be laid out says so; it is never left out in silence.
        let line = || vec![Line::Text(format!("? {refusal}"))];
        vec![strip(StripCopy::Merchant, [line(), line()])]
    })
}

fn row(line: Line) -> Row {
    let row = |style, label: Option<String>, value: Option<String>| Row { style, label, value, count: None };
    match line {
        Line::Title(text) => row(Style::Title, None, Some(text)),
        Line::Mark(text) => row(Style::Mark, None, Some(text)),
        Line::Rule => row(Style::Rule, None, None),
        Line::Pair { label, value } => row(Style::Pair, Some(label), Some(value)),
        Line::Amount { label, value } => row(Style::Amount, Some(label), Some(value)),
        Line::Status { label, value } | Line::Alert { label, value } => {
            row(Style::Status, Some(label), Some(value))
        }
        Line::Row { label, count, amount } => {
            Row { count: Some(count), ..row(Style::Row, Some(label), Some(amount)) }
        }
        Line::Text(text) => row(Style::Text, None, Some(text)),
        Line::Signature { label } => row(Style::Signature, Some(label), None),
        Line::Qr { caption, address } => row(Style::Qr, Some(caption), Some(address.as_str().to_owned())),
    }
}

fn slip(receipt: &Receipt, payment: &Payment, duplicate: Option<&LedgerEntry>) -> Result<SlipData, Refusal> {
    let mut marks = BTreeSet::from([Mark::Test]);
    if duplicate.is_some() {
        marks.insert(Mark::Duplicate);
    }
    let small = payment.amount < SMALL_AMOUNT;
    let entry = entry(payment.entry);
    let chip_read = matches!(entry, EntryMode::Insert | EntryMode::Contactless);
    SlipData::new(SlipFields {
        marks,
        till: till(receipt)?,
        issuer: None,
        acquirer: Some(Name {
            zh: Printable::new("acquirer", "合符")?,
            en: Some(Printable::new("acquirer", "Hefu")?),
        }),
        card: Some(MaskedPan::new(&payment.card)?),
        entry,
        transaction: kind(payment.transaction),
        batch: Batch::new(&format!("{:06}", receipt.batch))?,
        voucher: Voucher::new(&format!("{:06}", payment.trace))?,
        authorisation: payment.auth.as_deref().map(|auth| Authorisation::new(auth.trim_end())).transpose()?,
        reference: payment.rrn.as_deref().map(Reference::new).transpose()?,
        time: time(receipt.at)?,
        currency: Currency::new(CNY, 2)?,
        amounts: Amounts::Payment(hefu_slip::Payment::new(payment.amount, None)?),
        status: duplicate.map_or(Status::Approved, status),
        original: original(receipt, payment)?,
        issuer_text: payment.note.as_deref().and_then(Printable::cleaned),
        chip: payment.chip.as_ref().filter(|_| chip_read).and_then(chip),
        verification: if small { Verification::NoSignatureNoPin } else { Verification::Signature },
        eslip: None,
    })
}

/// How a payment that was approved once stands now, as the terminal knows it.
fn status(entry: &LedgerEntry) -> Status {
    match &entry.standing {
        Standing::Booked | Standing::Completed { .. } => Status::Approved,
        Standing::Voided { .. } => Status::Voided,
        Standing::Reversed { .. } => Status::Returned,
        Standing::ReversalRefused { .. } => Status::UnderReview,
        Standing::Unknown | Standing::Declined { .. } | Standing::Forgotten | Standing::Cleared => {
            Status::Unknown
        }
    }
}

fn settlement(receipt: &Receipt, totals: &Totals, balanced: bool) -> Result<SettlementData, Refusal> {
    let mut by_type: BTreeMap<TransactionType, Total> = BTreeMap::new();
    for (transaction, sum) in &totals.by_type {
        let of_kind = by_type.entry(kind(*transaction)).or_default();
        of_kind.count += sum.count;
        of_kind.amount += sum.amount;
    }
    // The terminal hears only that the totals differ, not what the host has.
    let balance = if balanced { Balance::Balanced } else { Balance::Error };
    Ok(SettlementData {
        marks: BTreeSet::from([Mark::Test]),
        till: till(receipt)?,
        batch: Batch::new(&format!("{:06}", receipt.batch))?,
        time: time(receipt.at)?,
        currency: Currency::new(CNY, 2)?,
        domestic: CardGroup::new(by_type, balance)?,
        foreign: None,
    })
}

fn till(receipt: &Receipt) -> Result<Till, Refusal> {
    Ok(Till {
        name: Name {
            zh: Printable::new("merchant name", &receipt.name_zh)?,
            en: Some(Printable::new("merchant name", &receipt.name_en)?),
        },
        merchant: MerchantNumber::new(&receipt.merchant)?,
        terminal: TerminalNumber::new(&receipt.terminal)?,
        operator: Operator::new(&receipt.operator)?,
    })
}

fn original(receipt: &Receipt, payment: &Payment) -> Result<Option<Original>, Refusal> {
    let Some(reference) = &payment.original else { return Ok(None) };
    let printed = receipt.at.beijing();
    let number = |digits: Option<&str>| digits.and_then(|digits| digits.parse().ok());
    let month_day = reference.date.as_deref().unwrap_or_default();
    let month = number(month_day.get(..2)).unwrap_or(printed.month().unsigned_abs());
    let day = number(month_day.get(2..)).unwrap_or(printed.day().unsigned_abs());
    Ok(Some(Original {
        voucher: Voucher::new(&format!("{:06}", reference.trace))?,
        reference: reference.rrn.as_deref().map(Reference::new).transpose()?,
        date: LocalDate::new(printed.year().unsigned_abs(), month, day)?,
    }))
}

fn chip(facts: &terminal::ChipFacts) -> Option<Chip> {
    Some(Chip {
        aid: hex::decode(&facts.aid).ok().and_then(|aid| hefu_slip::Aid::new(&aid).ok()),
        tvr: bytes(&facts.tvr)?,
        tsi: bytes(&facts.tsi),
        atc: bytes(&facts.atc)?,
        arqc: bytes(&facts.arqc)?,
    })
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::decode(text).ok()?.try_into().ok()
}

fn entry(mode: Option<terminal::EntryMode>) -> EntryMode {
    match mode {
        Some(terminal::EntryMode::Swipe) => EntryMode::Swipe,
        Some(terminal::EntryMode::Insert) => EntryMode::Insert,
        Some(terminal::EntryMode::Contactless) => EntryMode::Contactless,
        None => EntryMode::Manual,
    }
}

fn kind(transaction: Transaction) -> TransactionType {
    match transaction {
        Transaction::Void => TransactionType::Void,
        Transaction::Refund => TransactionType::Refund,
        Transaction::PreAuth => TransactionType::PreAuthorisation,
        Transaction::PreAuthVoid => TransactionType::PreAuthorisationVoid,
        Transaction::Completion => TransactionType::Completion,
        Transaction::CompletionAdvice => TransactionType::CompletionAdvice,
        Transaction::CompletionVoid => TransactionType::CompletionVoid,
        Transaction::OfflineSettlement | Transaction::OfflineChip => TransactionType::OfflineSale,
        Transaction::Balance => TransactionType::BalanceInquiry,
        Transaction::Sale
        | Transaction::SignOn
        | Transaction::SignOff
        | Transaction::Echo
        | Transaction::Settlement
        | Transaction::Upload
        | Transaction::ScriptResult
        | Transaction::Signature
        | Transaction::LastResult
        | Transaction::Confirmation
        | Transaction::SendPending
        | Transaction::ClearReversal => TransactionType::Sale,
    }
}

fn time(at: Moment) -> Result<LocalTime, Refusal> {
    let t = at.beijing();
    let date = LocalDate::new(t.year().unsigned_abs(), t.month().unsigned_abs(), t.day().unsigned_abs())?;
    LocalTime::new(date, t.hour().unsigned_abs(), t.minute().unsigned_abs(), t.second().unsigned_abs())
}
