//! Requests that move no money: sign-on, settlement, upload, signature, script result, last result, confirmation.

use super::{Refusal, TillConfig, conversations::Waiting, fields};
use crate::names;
use hefu_engine::{Ask, Settle, SignOn, Upload, UploadPart};
use hefu_iso8583::{Message, cup};
use hefu_vault::{Dice, KeyLayout, Vault};

/// Makes working keys for the sign-on; the vault adopts them when the engine says that they are committed.
pub(super) fn sign_on(
    asked: KeyLayout,
    vault: &Vault,
    dice: &mut dyn Dice,
    till: &TillConfig,
    waiting: &mut Waiting,
    message: &Message,
) -> Result<Ask, Refusal> {
    match till.layout {
        Some(registered) if registered != asked => return Err(Refusal::Layout { asked, registered }),
        Some(_) | None => {}
    }
    let batch = fields::f60(message)?.batch;
    let issued = vault.fresh_working_keys(&names::terminal(&waiting.till), asked, dice)?;
    waiting.wrapped = Some(issued.wrapped.clone());
    Ok(Ask::SignOn(SignOn { wrapped: issued.wrapped, f62: issued.f62, batch }))
}

/// A signature travels under the identity of the payment that was signed.
pub(super) fn signature(message: &Message) -> Result<Ask, Refusal> {
    fields::need(message, 62)?;
    Ok(Ask::Signature {
        identity_trace: fields::trace(message)?,
        batch: fields::f60(message)?.batch,
        rrn: fields::rrn(message)?,
    })
}

pub(super) fn last_result(message: &Message) -> Result<Ask, Refusal> {
    let original = fields::f61(message)?;
    Ok(Ask::LastResult { batch: original.batch, trace: original.trace })
}

/// F61 names the payment that the cashier speaks of.
pub(super) fn confirm(message: &Message, has: bool) -> Result<Ask, Refusal> {
    let original = fields::f61(message)?;
    Ok(Ask::Confirm { batch: original.batch, trace: original.trace, has })
}

/// F61 names the payment whose answer brought the script.
pub(super) fn script(message: &Message) -> Result<Ask, Refusal> {
    let original = fields::f61(message)?;
    Ok(Ask::Script { batch: original.batch, trace: original.trace })
}

/// The totals of domestic and foreign cards together.
pub(super) fn settle(message: &Message) -> Result<Ask, Refusal> {
    fields::need(message, 49)?;
    let f48 = cup::Settlement::parse(fields::need(message, 48)?)?;
    let sum = |a: i64, b: i64| a.checked_add(b).ok_or(Refusal::Totals);
    Ok(Ask::Settle(Settle {
        batch: fields::f60(message)?.batch,
        debit: sum(f48.domestic.debit_amount, f48.foreign.debit_amount)?,
        debits: u32::from(f48.domestic.debit_count) + u32::from(f48.foreign.debit_count),
        credit: sum(f48.domestic.credit_amount, f48.foreign.credit_amount)?,
        credits: u32::from(f48.domestic.credit_count) + u32::from(f48.foreign.credit_count),
    }))
}

pub(super) fn upload_lines(message: &Message) -> Result<Ask, Refusal> {
    let f48 = cup::Upload::parse(fields::need(message, 48)?)?;
    let lines = f48.items.iter().map(|item| (item.trace, item.amount)).collect();
    upload(message, UploadPart::Lines(lines))
}

pub(super) fn upload_end(message: &Message) -> Result<Ask, Refusal> {
    let f48 = cup::UploadClosing::parse(fields::need(message, 48)?)?;
    upload(message, UploadPart::End { total: u32::from(f48.total) })
}

fn upload(message: &Message, part: UploadPart) -> Result<Ask, Refusal> {
    Ok(Ask::Upload(Upload { batch: fields::f60(message)?.batch, part }))
}
