//! Requests out of decoded messages.

use super::code::Code;
use super::core::BadFrame;
use super::key::Key;
use super::record::{Kind, Request, Reversal};
use super::text::{Card, Text};
use hefu_iso8583::{
    Message, Mti,
    host::{OriginalData, ReversalReason},
};

/// The message classes that this bank serves.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// 0100, 0200, 0220, 0221.
    Financial,
    /// 0420, 0421.
    Reversal,
    /// 0800, 0820.
    Network,
}

impl Class {
    pub(super) fn of(mti: Mti) -> Result<Class, BadFrame> {
        match mti.0 {
            100 | 200 | 220 | 221 => Ok(Class::Financial),
            420 | 421 => Ok(Class::Reversal),
            800 | 820 => Ok(Class::Network),
            _ => Err(BadFrame::NotARequest { mti }),
        }
    }
}

/// A reversal with what its original seems to be, for originals that the bank has not seen.
pub(super) struct ReversalRequest {
    pub reversal: Reversal,
    pub original_mti: Mti,
    pub processing: Text<6>,
    pub reason: Option<ReversalReason>,
}

/// The key (DE7, DE11, DE32) of a message.
///
/// # Errors
/// DE7 or DE11 is absent: such a message cannot even be answered.
pub(super) fn key_of(message: &Message) -> Result<Key, BadFrame> {
    let number = |field| {
        message.text(field).and_then(|text| text.parse().ok()).ok_or(BadFrame::Unidentified { field })
    };
    let stan = u32::try_from(number(11)?).map_err(|_| BadFrame::Unidentified { field: 11 })?;
    // A reversal may leave DE32 to DE90, and a network message needs none.
    let acquirer = match (message.text(32), original_of(message)) {
        (Some(text), _) => text.parse().map_err(|_| BadFrame::Unidentified { field: 32 })?,
        (None, Some((_, original))) => original.acquirer,
        (None, None) => 0,
    };
    Ok(Key { transmitted: number(7)?, stan, acquirer })
}

/// A financial request. `Err` is the code to refuse it with.
pub(super) fn financial(message: &Message, key: Key) -> Result<Request, Code> {
    let kind = kind_of(message)?;
    if message.has(90) && original_of(message).is_none() {
        return Err(Code::FormatError);
    }
    let request = Request {
        key,
        kind,
        mti: message.mti.0,
        card: card_of(message)?,
        processing: needed(message, 3)?,
        amount: if kind == Kind::BalanceInquiry { 0 } else { amount_of(message)? },
        rrn: needed(message, 37)?,
        terminal: needed(message, 41)?,
        merchant: needed(message, 42)?,
        mcc: given(message, 18)?,
        entry: given(message, 22)?,
        condition: given(message, 25)?,
        acquirer: needed(message, 32)?,
        forwarder: given(message, 33)?,
        currency: needed(message, 49)?,
        auth: given(message, 38)?,
        original: original_of(message).map(|(_, original)| original),
        chip: message.has(55),
    };
    let missing = match kind {
        Kind::Sale | Kind::OfflineSale | Kind::PreAuthorisation | Kind::BalanceInquiry => false,
        Kind::Completion | Kind::CompletionAdvice => request.auth.is_empty(),
        Kind::VoidOfSale | Kind::VoidOfCompletion | Kind::VoidOfPreAuthorisation | Kind::Refund => {
            request.original.is_none()
        }
    };
    match (missing, request.currency.as_str()) {
        (true, _) => Err(Code::FormatError),
        (false, "156") => Ok(request),
        // This bank keeps accounts in yuan only.
        (false, _) => Err(Code::InvalidTransaction),
    }
}

/// A reversal. `Err` is the code to refuse it with.
pub(super) fn reversal(message: &Message, key: Key) -> Result<ReversalRequest, Code> {
    let (original_mti, original) = original_of(message).ok_or(Code::FormatError)?;
    let reason = match message.get(60) {
        Some(value) => Some(ReversalReason::parse(value).map_err(|_| Code::FormatError)?),
        None => None,
    };
    let reversal = Reversal {
        key,
        original,
        card: card_of(message)?,
        amount: amount_of(message)?,
        rrn: needed(message, 37)?,
        terminal: needed(message, 41)?,
        merchant: needed(message, 42)?,
    };
    Ok(ReversalRequest { reversal, original_mti, processing: needed(message, 3)?, reason })
}

fn kind_of(message: &Message) -> Result<Kind, Code> {
    let processing = message.text(3).ok_or(Code::FormatError)?;
    let condition = message.text(25).unwrap_or("00");
    match (message.mti.0, processing, condition) {
        (100, "030000", _) => Ok(Kind::PreAuthorisation),
        (100, "200000", _) => Ok(Kind::VoidOfPreAuthorisation),
        (200, "000000", "00") => Ok(Kind::Sale),
        (200, "000000", "06") => Ok(Kind::Completion),
        (200, "200000", "00") => Ok(Kind::VoidOfSale),
        (200, "200000", "06") => Ok(Kind::VoidOfCompletion),
        (200, "310000", _) => Ok(Kind::BalanceInquiry),
        (220 | 221, "200000", _) => Ok(Kind::Refund),
        (220 | 221, "000000", "00") => Ok(Kind::OfflineSale),
        (220 | 221, "000000", "06") => Ok(Kind::CompletionAdvice),
        (_, _, _) => Err(Code::InvalidTransaction),
    }
}

/// DE90 as the original's MTI and key.
fn original_of(message: &Message) -> Option<(Mti, Key)> {
    let original = OriginalData::parse(message.get(90)?).ok()?;
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
    let key = Key {
        transmitted: number(&original.transmitted)?,
        stan: original.stan,
        acquirer: number(&original.acquirer)?,
    };
    Some((original.mti, key))
}

fn card_of(message: &Message) -> Result<Card, Code> {
    message.text(2).and_then(Card::new).ok_or(Code::FormatError)
}

fn amount_of(message: &Message) -> Result<i64, Code> {
    message.text(4).and_then(|text| text.parse().ok()).ok_or(Code::FormatError)
}

fn needed<const N: usize>(message: &Message, field: u8) -> Result<Text<N>, Code> {
    message.text(field).and_then(Text::new).ok_or(Code::FormatError)
}

/// An absent field is the empty text.
fn given<const N: usize>(message: &Message, field: u8) -> Result<Text<N>, Code> {
    if message.has(field) { needed(message, field) } else { Ok(Text::default()) }
}
