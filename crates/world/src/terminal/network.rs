//! Requests that move no money: sign-on and -off, line test, settlement, upload, script result, signature, last
//! result, confirmation; and the reversal.

use super::chip;
use super::fields;
use super::ledger::{LedgerEntry, Totals};
use super::memory::{EntryId, PendingReversal, Record};
use super::numbers::Numbers;
use super::profile::Profile;
use super::saved::Saved;
use super::transaction::{Shape, Transaction};
use hefu_iso8583::cup::{F61, MAX_ITEMS, Settlement, SubfieldError, Upload, UploadClosing, UploadItem};
use hefu_iso8583::{EncodeError, Message, Mti, cup};
use hefu_vault::Dice;
use zeroize::Zeroizing;

/// Lines of the journal in one upload.
pub(super) const UPLOAD: usize = MAX_ITEMS;

pub(super) fn sign_on(profile: &Profile, id: EntryId) -> Result<Message, SubfieldError> {
    let shape = Shape { network_code: profile.sign_on_code(), ..Transaction::SignOn.message_shape() };
    let mut message = fields::begin(profile, shape, Some(id.trace));
    message.set(60, fields::f60(shape, id.batch, None)?).set(63, profile.operator);
    Ok(message)
}

pub(super) fn sign_off(profile: &Profile, id: EntryId) -> Result<Message, SubfieldError> {
    let shape = Transaction::SignOff.message_shape();
    let mut message = fields::begin(profile, shape, Some(id.trace));
    message.set(60, fields::f60(shape, id.batch, None)?);
    Ok(message)
}

/// The line test carries no trace.
pub(super) fn echo(profile: &Profile, batch: u32) -> Result<Message, SubfieldError> {
    let shape = Transaction::Echo.message_shape();
    let mut message = fields::begin(profile, shape, None);
    message.set(60, fields::f60(shape, batch, None)?);
    Ok(message)
}

pub(super) fn last_result(
    profile: &Profile,
    id: EntryId,
    asked: &LedgerEntry,
) -> Result<Message, SubfieldError> {
    let shape = Transaction::LastResult.message_shape();
    let mut message = fields::begin(profile, shape, Some(id.trace));
    message.set(60, fields::f60(shape, id.batch, None)?).set(61, F61::new(asked.batch, asked.trace).build()?);
    Ok(message)
}

/// The cashier's word: 391, the sale stands; 392, it does not.
pub(super) fn confirmation(
    profile: &Profile,
    id: EntryId,
    about: EntryId,
    has: bool,
) -> Result<Message, SubfieldError> {
    let code = if has { 391 } else { 392 };
    let shape = Shape { network_code: code, ..Transaction::Confirmation.message_shape() };
    let mut message = fields::begin(profile, shape, Some(id.trace));
    message.set(60, fields::f60(shape, id.batch, None)?).set(61, F61::new(about.batch, about.trace).build()?);
    Ok(message)
}

/// The signature travels under the identity of the payment that was signed.
pub(super) fn signature(
    profile: &Profile,
    signed: &LedgerEntry,
    numbers: &mut Numbers,
) -> Result<Message, SubfieldError> {
    let shape = Transaction::Signature.message_shape();
    let mut message = fields::begin(profile, shape, Some(signed.trace));
    if let Some(date) = &signed.settlement_date {
        message.set(15, date);
    }
    if let Some(rrn) = &signed.rrn {
        message.set(37, rrn);
    }
    let mut strokes = [0; SIGNATURE];
    numbers.fill(&mut strokes);
    message.set(60, fields::f60(shape, signed.batch, None)?).set(62, strokes);
    Ok(message)
}

/// Bytes of a compressed signature; F62 takes 999.
const SIGNATURE: usize = 400;

pub(super) fn settlement(profile: &Profile, id: EntryId, totals: &Totals) -> Result<Message, SubfieldError> {
    let shape = Transaction::Settlement.message_shape();
    let mut message = fields::begin(profile, shape, Some(id.trace));
    // Every test card is domestic, so the foreign half is empty.
    let domestic = cup::Totals {
        debit_amount: totals.debit.amount,
        debit_count: totals.debit.count.try_into().unwrap_or(u16::MAX),
        credit_amount: totals.credit.amount,
        credit_count: totals.credit.count.try_into().unwrap_or(u16::MAX),
        ..cup::Totals::default()
    };
    let settlement = Settlement { domestic, foreign: cup::Totals::default() };
    message.set(48, settlement.build()?).set(49, "156");
    message.set(60, fields::f60(shape, id.batch, None)?).set(63, profile.operator);
    Ok(message)
}

/// One message of details.
pub(super) fn upload(profile: &Profile, id: EntryId, records: &[&Record]) -> Result<Message, SubfieldError> {
    let items = records.iter().map(|record| UploadItem {
        card_kind: 0,
        trace: record.entry.trace,
        card_number: twenty_digits(record.pan.0.expose()),
        amount: record.entry.amount,
    });
    let details = Zeroizing::new(Upload { items: items.collect() }.build()?);
    upload_message(profile, id, 201, &details)
}

/// The message that ends an upload.
pub(super) fn upload_end(
    profile: &Profile,
    id: EntryId,
    end: UploadEnd,
    total: u16,
) -> Result<Message, SubfieldError> {
    let code = match end {
        UploadEnd::AfterImbalance => 202,
        UploadEnd::AfterBalance => 207,
    };
    upload_message(profile, id, code, &UploadClosing { total }.build()?)
}

/// Which end it is: F60.3 of the closing message.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum UploadEnd {
    AfterImbalance,
    AfterBalance,
}

fn upload_message(profile: &Profile, id: EntryId, code: u16, f48: &str) -> Result<Message, SubfieldError> {
    let shape = Shape { network_code: code, ..Transaction::Upload.message_shape() };
    let mut message = fields::begin(profile, shape, Some(id.trace));
    message.set(48, f48).set(60, fields::f60(shape, id.batch, None)?);
    Ok(message)
}

fn twenty_digits(pan: &str) -> [u8; 20] {
    let mut digits = [b'0'; 20];
    digits[20 - pan.len()..].copy_from_slice(pan.as_bytes());
    digits
}

/// The 0400 of a request, as it is kept before the request leaves: the original's F3, F11, F22, F25, F41, F42 and
/// F60, without what must not be kept, and with the chip's tags for a reversal. F38, F39 and F64 come later.
pub(super) fn reversal(request: &Message) -> Result<Saved, EncodeError> {
    let mut message = request.clone();
    message.mti = Mti(400);
    message.remove(37);
    if let Some(f55) = request.get(55) {
        message.set(55, chip::of_reversal(f55));
    }
    Saved::of(&message)
}

/// The kept 0400 as it goes out: with the reason, and F38 if the approval was seen.
pub(super) fn reversal_to_send(pending: &PendingReversal) -> Message {
    let mut message = pending.body.message();
    if let Some(auth) = &pending.auth {
        message.set(38, auth);
    }
    message.set(39, pending.reason.code());
    message
}

/// The script result of an approved request, if its answer brought a script; F11 and F60 come when it is sent.
pub(super) fn script_result(request: &Message, answer: &Message, batch: u32) -> Option<Saved> {
    let f55 = chip::script_result(request.get(55)?, answer.get(55)?)?;
    let trace = request.text(11)?.parse().ok()?;
    let date = answer.get(13).and_then(|date| <[u8; 4]>::try_from(date).ok());
    let mut message = Message::new(Transaction::ScriptResult.message_shape().mti);
    for field in [2, 3, 4, 22, 23, 41, 42, 49] {
        if let Some(value) = request.get(field) {
            message.set(field, value);
        }
    }
    for field in [32, 37, 38] {
        if let Some(value) = answer.get(field) {
            message.set(field, value);
        }
    }
    message.set(55, f55).set(61, F61 { date, ..F61::new(batch, trace) }.build().ok()?);
    Saved::of(&message).ok()
}

/// The kept script result as it goes out.
pub(super) fn script_to_send(saved: &Saved, id: EntryId) -> Result<Message, SubfieldError> {
    let mut message = saved.message();
    message.set(11, format!("{:06}", id.trace));
    message.set(60, fields::f60(Transaction::ScriptResult.message_shape(), id.batch, None)?);
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_filled_with_zeros_on_the_left() {
        assert_eq!(&twenty_digits("6200000000000005"), b"00006200000000000005");
    }
}
