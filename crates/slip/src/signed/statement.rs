//! What a signature is over: the fields of the printed slip, in as few bytes as a QR code likes.
//!
//! In this order: key 4, moment of signing 4, flags 1, type 1, status 1 and what belongs to it, merchant
//! number 15, terminal 8, length of the name and name (UTF-8), card 6, batch 3, voucher 3, reference 12,
//! length and authorisation, time 4, kind of figures 1 and figures, currency 2, its decimals 1. Card,
//! reference and authorisation are there if their flag is set. Times are seconds since 2000, Beijing.

use crate::{
    agreement,
    data::{Amounts, Mark, SlipData, Status, TransactionType},
    fields::{
        Authorisation, Batch, MaskedPan, MerchantNumber, Printable, Reference, TerminalNumber, Voucher,
    },
    layout::status_words,
    money::{Currency, Payment},
    refusal::Refusal,
    response_texts::Decline,
    signed::{
        bytes::{Reader, push_varint},
        keys::Kid,
        refusal::SignedRefusal,
    },
    time::LocalTime,
    words::Word,
};

/// The signed fields of a slip.
///
/// The mark "duplicate" is none of them: a copy that is printed again says the same about the payment.
/// Operator, entry mark, notes and what the chip left are not signed: the code would grow, and they change
/// nothing about who paid how much to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub kid: Kid,
    /// Beijing time, as all times of a slip.
    pub signed_at: LocalTime,
    /// The slip is marked as a test and proves nothing.
    pub test: bool,
    /// The slip is marked as training and proves nothing.
    pub training: bool,
    pub merchant: MerchantNumber,
    /// The Chinese name, which is the registered one.
    pub name: Printable,
    pub terminal: TerminalNumber,
    pub card: Option<MaskedPan>,
    pub transaction: TransactionType,
    /// As it was when it was signed.
    pub status: Status,
    pub batch: Batch,
    pub voucher: Voucher,
    pub reference: Option<Reference>,
    pub authorisation: Option<Authorisation>,
    pub time: LocalTime,
    pub amounts: Amounts,
    pub currency: Currency,
}

impl Statement {
    /// What the slip says, to be signed at that moment by that key.
    pub fn of(data: &SlipData, signed_at: LocalTime, kid: Kid) -> Statement {
        let fields = data.fields();
        Statement {
            kid,
            signed_at,
            test: fields.marks.contains(&Mark::Test),
            training: fields.marks.contains(&Mark::Training),
            merchant: fields.till.merchant.clone(),
            name: fields.till.name.zh.clone(),
            terminal: fields.till.terminal.clone(),
            card: fields.card.clone(),
            transaction: fields.transaction,
            status: fields.status,
            batch: fields.batch.clone(),
            voucher: fields.voucher.clone(),
            reference: fields.reference.clone(),
            authorisation: fields.authorisation.clone(),
            time: fields.time,
            amounts: fields.amounts,
            currency: fields.currency,
        }
    }

    /// The marks that are signed.
    pub fn marks(&self) -> impl Iterator<Item = Mark> {
        let marks = [(self.test, Mark::Test), (self.training, Mark::Training)];
        marks.into_iter().filter_map(|(there, mark)| there.then_some(mark))
    }

    /// The status in a word, as it was when it was signed.
    pub fn status_word(&self) -> Word {
        status_words(self.transaction, self.status).0
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend(self.kid.0);
        bytes.extend(self.signed_at.seconds().to_be_bytes());
        let flags = [
            (self.test, TEST),
            (self.training, TRAINING),
            (self.card.is_some(), CARD),
            (self.reference.is_some(), REFERENCE),
            (self.authorisation.is_some(), AUTHORISATION),
        ];
        bytes.push(flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag).sum());
        bytes.push(type_code(self.transaction));
        push_status(&mut bytes, self.status);
        bytes.extend(self.merchant.as_str().bytes());
        bytes.extend(self.terminal.as_str().bytes());
        push_varint(&mut bytes, self.name.as_str().len() as u64);
        bytes.extend(self.name.as_str().bytes());
        if let Some(card) = &self.card {
            bytes.extend(packed(card));
        }
        bytes.extend(three_bytes(self.batch.as_str()));
        bytes.extend(three_bytes(self.voucher.as_str()));
        if let Some(reference) = &self.reference {
            bytes.extend(reference.as_str().bytes());
        }
        if let Some(authorisation) = &self.authorisation {
            bytes.push(authorisation.as_str().len() as u8);
            bytes.extend(authorisation.as_str().bytes());
        }
        bytes.extend(self.time.seconds().to_be_bytes());
        push_amounts(&mut bytes, self.amounts);
        bytes.extend(self.currency.numeric().to_be_bytes());
        bytes.push(self.currency.exponent());
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Statement, SignedRefusal> {
        let mut reader = Reader::new(bytes);
        let kid = Kid(reader.array("key")?);
        let signed_at = time(&mut reader, "moment of signing")?;
        let position = reader.position();
        let flags = reader.byte("flags")?;
        if flags & !(TEST | TRAINING | CARD | REFERENCE | AUTHORISATION) != 0 {
            return Err(SignedRefusal::Code { field: "flags", position, found: flags });
        }
        let position = reader.position();
        let code = reader.byte("type")?;
        let transaction = TYPES.into_iter().find(|transaction| type_code(*transaction) == code);
        let transaction = transaction.ok_or(SignedRefusal::Code { field: "type", position, found: code })?;
        let status = status(&mut reader)?;
        let merchant = value(&mut reader, |r| r.text("merchant number", 15), MerchantNumber::new)?;
        let terminal = value(&mut reader, |r| r.text("terminal number", 8), TerminalNumber::new)?;
        let name = value(&mut reader, name_text, |name| Printable::new("merchant name", name))?;
        let card = when(flags & CARD, || {
            value(&mut reader, |r| r.array("card number").map(unpacked), |card| MaskedPan::new(&card))
        })?;
        let batch = value(&mut reader, |r| r.six_digits("batch"), |batch| Batch::new(&batch))?;
        let voucher = value(&mut reader, |r| r.six_digits("voucher"), |voucher| Voucher::new(&voucher))?;
        let reference =
            when(flags & REFERENCE, || value(&mut reader, |r| r.text("reference", 12), Reference::new))?;
        let authorisation = when(flags & AUTHORISATION, || {
            let text = |r: &mut Reader<'_>| {
                let length = r.byte("authorisation")?;
                r.text("authorisation", usize::from(length)).map(str::to_owned)
            };
            value(&mut reader, text, |code| Authorisation::new(&code))
        })?;
        let time = time(&mut reader, "time")?;
        let amounts = amounts(&mut reader)?;
        let numeric =
            |r: &mut Reader<'_>| Ok((u16::from_be_bytes(r.array("currency")?), r.byte("currency")?));
        let currency = value(&mut reader, numeric, |(numeric, exponent)| Currency::new(numeric, exponent))?;
        reader.end()?;
        agreement::check_outcome(transaction, amounts, status).map_err(SignedRefusal::Disagree)?;
        let statement = Statement {
            kid,
            signed_at,
            test: flags & TEST != 0,
            training: flags & TRAINING != 0,
            merchant,
            name,
            terminal,
            card,
            transaction,
            status,
            batch,
            voucher,
            reference,
            authorisation,
            time,
            amounts,
            currency,
        };
        let spelled = statement.encode();
        match spelled.iter().zip(bytes).position(|(ours, theirs)| ours != theirs) {
            Some(position) => Err(SignedRefusal::NotCanonical { position }),
            None if spelled.len() != bytes.len() => {
                Err(SignedRefusal::NotCanonical { position: spelled.len().min(bytes.len()) })
            }
            None => Ok(statement),
        }
    }
}

const TEST: u8 = 1;
const TRAINING: u8 = 2;
const CARD: u8 = 4;
const REFERENCE: u8 = 8;
const AUTHORISATION: u8 = 16;

const TYPES: [TransactionType; 10] = [
    TransactionType::Sale,
    TransactionType::Void,
    TransactionType::Refund,
    TransactionType::PreAuthorisation,
    TransactionType::PreAuthorisationVoid,
    TransactionType::Completion,
    TransactionType::CompletionVoid,
    TransactionType::CompletionAdvice,
    TransactionType::OfflineSale,
    TransactionType::BalanceInquiry,
];

fn type_code(transaction: TransactionType) -> u8 {
    match transaction {
        TransactionType::Sale => 1,
        TransactionType::Void => 2,
        TransactionType::Refund => 3,
        TransactionType::PreAuthorisation => 4,
        TransactionType::PreAuthorisationVoid => 5,
        TransactionType::Completion => 6,
        TransactionType::CompletionVoid => 7,
        TransactionType::CompletionAdvice => 8,
        TransactionType::OfflineSale => 9,
        TransactionType::BalanceInquiry => 10,
    }
}

const APPROVED: u8 = 1;
const PART_APPROVED: u8 = 2;
const DECLINED_BY_BANK: u8 = 3;
const DECLINED_BY_US: u8 = 4;
const UNKNOWN: u8 = 5;
const RETURNING: u8 = 6;
const RETURNED: u8 = 7;
const VOIDED: u8 = 8;
const UNDER_REVIEW: u8 = 9;

fn push_status(bytes: &mut Vec<u8>, status: Status) {
    match status {
        Status::Approved => bytes.push(APPROVED),
        Status::PartApproved { requested } => {
            bytes.push(PART_APPROVED);
            push_varint(bytes, requested.unsigned_abs());
        }
        Status::Declined { code } => {
            let characters = code.characters();
            let by_bank = Decline::by_bank(characters) == Ok(code);
            bytes.push(if by_bank { DECLINED_BY_BANK } else { DECLINED_BY_US });
            bytes.extend(characters);
        }
        Status::Unknown => bytes.push(UNKNOWN),
        Status::Returning => bytes.push(RETURNING),
        Status::Returned => bytes.push(RETURNED),
        Status::Voided => bytes.push(VOIDED),
        Status::UnderReview => bytes.push(UNDER_REVIEW),
    }
}

fn status(reader: &mut Reader<'_>) -> Result<Status, SignedRefusal> {
    let position = reader.position();
    Ok(match reader.byte("status")? {
        APPROVED => Status::Approved,
        PART_APPROVED => Status::PartApproved { requested: reader.minor("requested")? },
        DECLINED_BY_BANK => {
            Status::Declined { code: value(reader, |r| r.array("response code"), Decline::by_bank)? }
        }
        DECLINED_BY_US => {
            Status::Declined { code: value(reader, |r| r.array("response code"), Decline::by_us)? }
        }
        UNKNOWN => Status::Unknown,
        RETURNING => Status::Returning,
        RETURNED => Status::Returned,
        VOIDED => Status::Voided,
        UNDER_REVIEW => Status::UnderReview,
        found => return Err(SignedRefusal::Code { field: "status", position, found }),
    })
}

const NO_FIGURES: u8 = 0;
const AMOUNT: u8 = 1;
const AMOUNT_AND_TIP: u8 = 2;
const BALANCE: u8 = 3;
const OVERDRAWN: u8 = 4;

fn push_amounts(bytes: &mut Vec<u8>, amounts: Amounts) {
    let mut put = |kind: u8, figures: &[i64]| {
        bytes.push(kind);
        figures.iter().for_each(|figure| push_varint(bytes, figure.unsigned_abs()));
    };
    match amounts {
        Amounts::Payment(payment) => match payment.tip() {
            None => put(AMOUNT, &[payment.amount()]),
            Some(tip) => put(AMOUNT_AND_TIP, &[payment.amount(), tip]),
        },
        Amounts::Inquiry(None) => put(NO_FIGURES, &[]),
        Amounts::Inquiry(Some(balance)) => put(if balance < 0 { OVERDRAWN } else { BALANCE }, &[balance]),
    }
}

fn amounts(reader: &mut Reader<'_>) -> Result<Amounts, SignedRefusal> {
    let position = reader.position();
    let payment = |amount, tip| {
        let payment = Payment::new(amount, tip);
        payment.map(Amounts::Payment).map_err(|refusal| SignedRefusal::Value { position, refusal })
    };
    match reader.byte("figures")? {
        NO_FIGURES => Ok(Amounts::Inquiry(None)),
        AMOUNT => payment(reader.minor("amount")?, None),
        AMOUNT_AND_TIP => {
            let amount = reader.minor("amount")?;
            payment(amount, Some(reader.minor("tip")?))
        }
        BALANCE => Ok(Amounts::Inquiry(Some(reader.minor("balance")?))),
        OVERDRAWN => {
            let position = reader.position();
            let owed = reader.varint("balance")?;
            let balance = 0_i64.checked_sub_unsigned(owed);
            let balance = balance.ok_or(SignedRefusal::Number { field: "balance", position })?;
            Ok(Amounts::Inquiry(Some(balance)))
        }
        found => Err(SignedRefusal::Code { field: "figures", position, found }),
    }
}

/// Reads a value and makes it the checked type that a slip has for it.
fn value<'a, V, T>(
    reader: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<V, SignedRefusal>,
    make: impl FnOnce(V) -> Result<T, Refusal>,
) -> Result<T, SignedRefusal> {
    let position = reader.position();
    make(read(reader)?).map_err(|refusal| SignedRefusal::Value { position, refusal })
}

fn when<T>(flag: u8, read: impl FnOnce() -> Result<T, SignedRefusal>) -> Result<Option<T>, SignedRefusal> {
    if flag == 0 { Ok(None) } else { read().map(Some) }
}

fn name_text<'a>(reader: &mut Reader<'a>) -> Result<&'a str, SignedRefusal> {
    let position = reader.position();
    let length = reader.varint("merchant name")?;
    let length = usize::try_from(length);
    let length = length.map_err(|_| SignedRefusal::Number { field: "merchant name", position })?;
    reader.text("merchant name", length)
}

fn time(reader: &mut Reader<'_>, field: &'static str) -> Result<LocalTime, SignedRefusal> {
    let position = reader.position();
    let seconds = u32::from_be_bytes(reader.array(field)?);
    LocalTime::from_seconds(seconds).ok_or(SignedRefusal::Number { field, position })
}

fn three_bytes(digits: &str) -> [u8; 3] {
    let number: u32 = digits.parse().expect("six digits are a number");
    let [_, a, b, c] = number.to_be_bytes();
    [a, b, c]
}

/// The places that may be seen, four bits each with `A` for a star, and how many places there are.
fn packed(card: &MaskedPan) -> [u8; 6] {
    let card = card.as_str().as_bytes();
    let seen: Vec<u8> = [&card[..6], &card[card.len() - 4..]].concat();
    let nibble = |place: usize| match seen[place] {
        b'*' => STAR,
        digit => digit - b'0',
    };
    let mut packed = [0; 6];
    packed[0] = card.len() as u8;
    for (byte, place) in packed[1..].iter_mut().zip((0..).step_by(2)) {
        *byte = nibble(place) << 4 | nibble(place + 1);
    }
    packed
}

/// The masked number that [`packed`] made; what it cannot have made is refused by its type.
fn unpacked([length, seen @ ..]: [u8; 6]) -> String {
    let places = seen.into_iter().flat_map(|byte| [byte >> 4, byte & 0xF]);
    let mut places = places.map(|nibble| match nibble {
        STAR => '*',
        0..=9 => char::from(b'0' + nibble),
        _ => '?',
    });
    let hidden = usize::from(length).saturating_sub(10);
    let mut card: String = places.by_ref().take(6).collect();
    card.extend(std::iter::repeat_n('*', hidden));
    card.extend(places);
    card
}

const STAR: u8 = 0xA;
