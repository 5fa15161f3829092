//! What the slip of a leg shows, taken from what the store knows of its payment.

use crate::slips::Shop;
use hefu_node::Story;
use hefu_slip::{
    Amounts, Authorisation, Batch, Currency, Decline, EntryMode, EslipAddress, LocalDate, LocalTime, Mark,
    MaskedPan, MerchantNumber, Name, Operator, Original, Payment, Printable, Reference, Refusal, SlipData,
    SlipFields, Status, TerminalNumber, Till, TransactionType, Verification, Voucher,
};
use hefu_tally::{Fact, Issuer, Kind, Leg, LegNo, Moment, Tally, View, leg::Moves};
use std::collections::BTreeSet;

/// Below this amount (minor units) neither signature nor PIN is asked for.
const SMALL_AMOUNT: i64 = 100_000;

/// What the slip of one leg shows.
pub(super) fn data(
    shop: Option<&Shop>,
    story: &Story,
    no: LegNo,
    marks: BTreeSet<Mark>,
    eslip: Option<EslipAddress>,
) -> Result<SlipData, Refusal> {
    let tally = &story.tally;
    let leg = tally.leg(no).unwrap_or(tally.first());
    let (zh, en) = shop.map_or(("-", None), |shop| (shop.zh.as_str(), Some(shop.en.as_str())));
    let name = |zh: &str, en: Option<&str>| -> Result<Name, Refusal> {
        let en = en.map(|en| Printable::new("merchant name", en)).transpose()?;
        Ok(Name { zh: Printable::new("merchant name", zh)?, en })
    };
    let auth = leg.bank.as_ref().and_then(|said| said.auth);
    let auth = auth.map(|auth| Authorisation::new(auth.as_str().trim_end())).transpose()?;
    let small = leg.amount.minor < SMALL_AMOUNT;
    SlipData::new(SlipFields {
        marks,
        till: Till {
            name: name(zh, en)?,
            merchant: MerchantNumber::new(leg.identity.till.merchant.as_str())?,
            terminal: TerminalNumber::new(leg.identity.till.terminal.as_str())?,
            operator: Operator::new("001")?,
        },
        issuer: None,
        acquirer: Some(name("合符", Some("Hefu"))?),
        card: Some(MaskedPan::new(tally.masked.as_str())?),
        entry: entry(leg),
        transaction: transaction(leg.kind),
        batch: Batch::new(&format!("{:06}", leg.identity.batch))?,
        voucher: Voucher::new(&format!("{:06}", leg.identity.trace))?,
        authorisation: auth,
        reference: Some(Reference::new(leg.rrn.as_str())?),
        time: time(leg.opened)?,
        currency: Currency::new(leg.amount.currency.0, 2)?,
        amounts: match leg.kind.moves() {
            Moves::Nothing => Amounts::Inquiry(None),
            Moves::Charge | Moves::Hold | Moves::GiveBack | Moves::Refund | Moves::Release => {
                Amounts::Payment(Payment::new(leg.amount.minor, None)?)
            }
        },
        status: status(tally, no, leg, told_by_us(story, no))?,
        original: original(tally, leg)?,
        issuer_text: None,
        chip: None,
        verification: if small { Verification::NoSignatureNoPin } else { Verification::Signature },
        eslip,
    })
}

/// Whether the code that the terminal heard came from us and not from the bank.
fn told_by_us(story: &Story, no: LegNo) -> bool {
    story.lines.iter().any(|line| matches!(line.fact, Fact::NeverSent { leg } if leg == no))
}

fn status(tally: &Tally, no: LegNo, leg: &Leg, by_us: bool) -> Result<Status, Refusal> {
    let taken_back = tally.legs().any(|(_, other)| {
        other.of == Some(no)
            && other.stands()
            && matches!(other.kind.moves(), Moves::GiveBack | Moves::Release)
    });
    Ok(match leg.view() {
        View::Approved if taken_back => Status::Voided,
        View::Approved if leg.amount != leg.asked => Status::PartApproved { requested: leg.asked.minor },
        View::Approved => Status::Approved,
        View::Processing | View::Unknown => Status::Unknown,
        View::Returning => Status::Returning,
        View::Returned => Status::Returned,
        View::UnderReview => Status::UnderReview,
        View::Declined => {
            let code = leg.told.map_or(*b"98", |code| code.0);
            let decline = if by_us { Decline::by_us(code) } else { Decline::by_bank(code) };
            match decline {
                Ok(code) => Status::Declined { code },
                // "Unknown" was told, and it turned out that nothing was taken.
                Err(_) if leg.issuer == Issuer::NotDone => Status::Returned,
                Err(refusal) => return Err(refusal),
            }
        }
    })
}

fn original(tally: &Tally, leg: &Leg) -> Result<Option<Original>, Refusal> {
    let Some(of) = leg.of.and_then(|of| tally.leg(of).ok()) else { return Ok(None) };
    Ok(Some(Original {
        voucher: Voucher::new(&format!("{:06}", of.identity.trace))?,
        reference: Some(Reference::new(of.rrn.as_str())?),
        date: date(of.opened)?,
    }))
}

fn entry(leg: &Leg) -> EntryMode {
    match leg.entry.get(..2) {
        Some("01") => EntryMode::Manual,
        Some("05" | "95") => EntryMode::Insert,
        Some("07" | "91" | "96" | "98") => EntryMode::Contactless,
        Some("03") => EntryMode::Qr,
        Some(_) | None => EntryMode::Swipe,
    }
}

fn transaction(kind: Kind) -> TransactionType {
    match kind {
        Kind::Sale => TransactionType::Sale,
        Kind::Void => TransactionType::Void,
        Kind::Refund => TransactionType::Refund,
        Kind::PreAuth => TransactionType::PreAuthorisation,
        Kind::PreAuthVoid => TransactionType::PreAuthorisationVoid,
        Kind::Completion => TransactionType::Completion,
        Kind::CompletionVoid => TransactionType::CompletionVoid,
        Kind::CompletionAdvice => TransactionType::CompletionAdvice,
        Kind::OfflineSale => TransactionType::OfflineSale,
        Kind::Inquiry => TransactionType::BalanceInquiry,
    }
}

fn date(at: Moment) -> Result<LocalDate, Refusal> {
    let t = at.beijing();
    LocalDate::new(t.year().unsigned_abs(), t.month().unsigned_abs(), t.day().unsigned_abs())
}

pub(super) fn time(at: Moment) -> Result<LocalTime, Refusal> {
    let t = at.beijing();
    LocalTime::new(date(at)?, t.hour().unsigned_abs(), t.minute().unsigned_abs(), t.second().unsigned_abs())
}
