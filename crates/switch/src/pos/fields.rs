//! Reading fields of a decoded request; every refusal names its field.

use super::Refusal;
use hefu_iso8583::{Message, cup::F60, cup::F61};
use hefu_tally::{AuthCode, Code, Currency, Money, Rrn};
use zeroize::Zeroizing;

/// A field that must be there.
pub(super) fn need(message: &Message, field: u8) -> Result<&[u8], Refusal> {
    message.get(field).ok_or(Refusal::Missing { field })
}

/// A field that must be there, as text.
pub(super) fn text(message: &Message, field: u8) -> Result<&str, Refusal> {
    let value = need(message, field)?;
    let position = value.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    message.text(field).ok_or(Refusal::Wrong { field, position, expected: "ASCII" })
}

/// A field of at most 18 digits as a number.
pub(super) fn number(message: &Message, field: u8) -> Result<i64, Refusal> {
    let text = text(message, field)?;
    let position = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(0);
    text.parse().map_err(|_| Refusal::Wrong { field, position, expected: "digits" })
}

/// F11.
pub(super) fn trace(message: &Message) -> Result<u32, Refusal> {
    let trace = number(message, 11)?;
    u32::try_from(trace).map_err(|_| Refusal::Wrong { field: 11, position: 0, expected: "six digits" })
}

pub(super) fn f60(message: &Message) -> Result<F60, Refusal> {
    Ok(F60::parse(need(message, 60)?)?)
}

pub(super) fn f61(message: &Message) -> Result<F61, Refusal> {
    Ok(F61::parse(need(message, 61)?)?)
}

/// F4 in the currency of F49, in minor units.
pub(super) fn money(message: &Message) -> Result<Money, Refusal> {
    let minor = number(message, 4)?;
    match minor {
        0 => Err(Refusal::NoAmount),
        _ => Ok(Money::new(minor, currency(message)?)),
    }
}

/// F49.
pub(super) fn currency(message: &Message) -> Result<Currency, Refusal> {
    let text = text(message, 49)?;
    let wrong = Refusal::Wrong { field: 49, position: 0, expected: "three digits" };
    text.parse().map(Currency).map_err(|_| wrong)
}

/// F37, if it is there.
pub(super) fn rrn(message: &Message) -> Result<Option<Rrn>, Refusal> {
    let rrn = message.get(37).map(Rrn::parse).transpose();
    rrn.map_err(|error| Refusal::Name { field: 37, error })
}

/// F38, if it is there.
pub(super) fn auth(message: &Message) -> Result<Option<AuthCode>, Refusal> {
    let auth = message.get(38).map(AuthCode::parse).transpose();
    auth.map_err(|error| Refusal::Name { field: 38, error })
}

/// F39, if it is there: the reason of a reversal.
pub(super) fn code(message: &Message) -> Result<Option<Code>, Refusal> {
    let code = message.get(39).map(Code::parse).transpose();
    code.map_err(|error| Refusal::Name { field: 39, error })
}

/// F64.
pub(super) fn mac(message: &Message) -> Result<[u8; 8], Refusal> {
    message.get(64).and_then(|mac| mac.try_into().ok()).ok_or(Refusal::NoMac)
}

/// A field's value in memory that is wiped.
pub(super) fn secret(message: &Message, field: u8) -> Option<Zeroizing<Vec<u8>>> {
    message.get(field).map(|value| Zeroizing::new(value.to_vec()))
}
