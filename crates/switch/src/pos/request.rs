//! What a message asks for: sorted by MTI, F3, F25 and F60, then understood field by field.

use super::{PosConfig, Refusal, TillConfig, conversations::Waiting, fields, form::Form, money, network};
use crate::shape::{self, Shape};
use hefu_engine::Ask;
use hefu_iso8583::Message;
use hefu_tally::{Kind, leg::Heal};
use hefu_vault::{Dice, KeyLayout, Vault};

/// What a request came to ask for.
pub(super) enum Asked {
    Engine(Ask),
    /// A line test.
    Echo,
}

/// The sort of a request, known before its fields are looked at.
#[derive(Copy, Clone)]
pub(super) enum Sort {
    Transact(&'static Shape),
    Reverse(&'static Shape),
    SignOn(KeyLayout),
    SignOff,
    Echo,
    Signature,
    LastResult,
    Confirm { has: bool },
    Settle,
    UploadLines,
    UploadEnd,
    Script,
}

/// Sorts a message.
pub(super) fn classify(message: &Message) -> Result<Sort, Refusal> {
    let f60 = fields::f60(message)?;
    let not_offered = Err(Refusal::NotOffered { code: f60.network_code });
    match (message.mti.0, f60.message_type, f60.network_code) {
        (class @ (100 | 200 | 220), message_type, _) => {
            let (processing, condition) = (fields::text(message, 3)?, fields::text(message, 25)?);
            let shape = shape::of_request(class, processing, condition, message_type);
            shape.map(Sort::Transact).ok_or(Refusal::NoTransaction)
        }
        (400, message_type, _) => {
            let (processing, condition) = (fields::text(message, 3)?, fields::text(message, 25)?);
            let shape = shape::of_original(processing, condition, message_type);
            let shape = shape.ok_or(Refusal::NoTransaction)?;
            match shape.kind.heal() {
                Heal::Reverse => Ok(Sort::Reverse(shape)),
                Heal::Insist | Heal::Forget => Err(Refusal::NotReversible),
            }
        }
        (800, 0, code) => match KeyLayout::from_code(&format!("{code:03}")) {
            Some(layout) => Ok(Sort::SignOn(layout)),
            None => not_offered,
        },
        (820, 0, 2) => Ok(Sort::SignOff),
        (820, 0, 301) => Ok(Sort::Echo),
        (820, 0, 390) => Ok(Sort::LastResult),
        (820, 0, 391) => Ok(Sort::Confirm { has: true }),
        (820, 0, 392) => Ok(Sort::Confirm { has: false }),
        (820, 7, _) => Ok(Sort::Signature),
        (500, _, 201) => Ok(Sort::Settle),
        (320, _, 201) => Ok(Sort::UploadLines),
        (320, _, 202 | 207) => Ok(Sort::UploadEnd),
        (620, _, 951) => Ok(Sort::Script),
        (_, _, _) => not_offered,
    }
}

impl Sort {
    /// How it is answered.
    pub fn form(self) -> Form {
        match self {
            Sort::Transact(shape) => match shape.kind {
                // Not kept by the terminal: whoever stands at the till waits for the answer.
                Kind::Refund => Form::Money,
                Kind::CompletionAdvice | Kind::OfflineSale => Form::Advice,
                Kind::Sale
                | Kind::Void
                | Kind::PreAuth
                | Kind::PreAuthVoid
                | Kind::Completion
                | Kind::CompletionVoid
                | Kind::Inquiry => Form::Money,
            },
            Sort::Reverse(_) => Form::Reversal,
            Sort::SignOn(_) => Form::SignOn,
            Sort::SignOff => Form::SignOff,
            Sort::Echo => Form::Echo,
            Sort::Signature => Form::Signature,
            Sort::LastResult => Form::LastResult,
            Sort::Confirm { .. } => Form::Confirmation,
            Sort::Settle => Form::Settlement,
            Sort::UploadLines | Sort::UploadEnd => Form::Upload,
            Sort::Script => Form::Script,
        }
    }
}

/// Reads all fields of a message whose MAC is good.
pub(super) fn understand(
    sort: Sort,
    vault: &Vault,
    dice: &mut dyn Dice,
    config: &PosConfig,
    till: &TillConfig,
    waiting: &mut Waiting,
    message: &Message,
) -> Result<Asked, Refusal> {
    let ask = match sort {
        Sort::Transact(shape) => {
            let transact = money::transact(shape, vault, dice, config, till, waiting, message)?;
            Ask::Transact(Box::new(transact))
        }
        Sort::Reverse(shape) => {
            Ask::Reverse(Box::new(money::reverse(shape, vault, dice, waiting.till, message)?))
        }
        Sort::SignOn(layout) => network::sign_on(layout, vault, dice, till, waiting, message)?,
        Sort::SignOff => Ask::SignOff,
        Sort::Echo => return Ok(Asked::Echo),
        Sort::Signature => network::signature(message)?,
        Sort::LastResult => network::last_result(message)?,
        Sort::Confirm { has } => network::confirm(message, has)?,
        Sort::Settle => network::settle(message)?,
        Sort::UploadLines => network::upload_lines(message)?,
        Sort::UploadEnd => network::upload_end(message)?,
        Sort::Script => network::script(message)?,
    };
    Ok(Asked::Engine(ask))
}
