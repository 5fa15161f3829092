//! From a verdict to the answer's fields, and from fields to a frame with its MAC.

use super::{PosConfig, Refusal, ReplyError, conversations::Waiting, form::Form, words};
use crate::names;
use hefu_engine::{Reply, Said, Words};
use hefu_iso8583::{
    CUP_POS, Message, Mti,
    cup::{F60, F63Text, Settlement, SettlementAnswer, SubfieldError},
    frame::{Demand, PosHeader, join_pos},
    mac_input, put_mac, tlv,
};
use hefu_tally::{Code, Moment, Rrn, codes};
use hefu_vault::Vault;
use zeroize::Zeroizing;

/// What an answer says.
pub(super) enum Content<'a> {
    /// What the engine says.
    Said(&'a Reply),
    /// A refusal at the edge.
    Refused(Code),
    /// Not taken, but an earlier copy may have been: unknown.
    Unknown(Code),
    /// A line test is answered.
    Echo,
}

/// The whole frame, without its length.
pub(super) fn frame(
    vault: &Vault,
    config: &PosConfig,
    waiting: &Waiting,
    at: Moment,
    content: &Content<'_>,
) -> Result<Vec<u8>, ReplyError> {
    let mut message = begin(config, waiting, at);
    let demand = fill(&mut message, config, waiting, at, content)?;
    let key = waiting.key.filter(|_| waiting.form.is_maced());
    if key.is_some() {
        message.set(64, [0; 8]);
    }
    // Answers carry card numbers: the buffer is large enough never to grow, and is wiped.
    let mut body = Zeroizing::new(Vec::with_capacity(1024));
    CUP_POS.encode(&message, &mut body)?;
    if let Some(key) = key {
        let mac = vault.pos_mac(&names::terminal(&waiting.till), key, mac_input(&body))?;
        put_mac(&mut body, mac);
    }
    let header = PosHeader { demand, ..waiting.header };
    let mut out = Vec::with_capacity(body.len() + 11);
    join_pos(&waiting.tpdu.swapped(), &header, &body, &mut out);
    Ok(out)
}

/// What every answer carries: the echo, F12 and F13 in Beijing time, F32.
fn begin(config: &PosConfig, waiting: &Waiting, at: Moment) -> Message {
    let mut message = waiting.echo.clone();
    message.mti = Mti(waiting.echo.mti.0 + 10);
    message.set(12, at.hhmmss()).set(13, at.mmdd());
    if waiting.form.names_acquirer() {
        message.set(32, &config.acquirer);
    }
    if waiting.form.has_own_reference() {
        message.set(37, own_reference(at, waiting.echo.text(11).unwrap_or_default()));
    }
    message
}

/// The reference of a message that no payment stands behind: a `U`, which no payment's reference contains.
fn own_reference(at: Moment, trace: &str) -> String {
    format!("{}U{trace:0>6}0", at.yddd())
}

/// Writes what is said; what the answer's header asks for.
fn fill(
    message: &mut Message,
    config: &PosConfig,
    waiting: &Waiting,
    at: Moment,
    content: &Content<'_>,
) -> Result<Demand, ReplyError> {
    let reply = match content {
        Content::Said(reply) => *reply,
        Content::Refused(code) => return plain(message, waiting, at, *code, Words::Code),
        Content::Unknown(code) => return plain(message, waiting, at, *code, Words::Unknown),
        Content::Echo => return plain(message, waiting, at, Code::APPROVED, Words::Code),
    };
    let demand = say(message, config, waiting, at, &reply.what)?;
    if let Some(trace) = reply.question.filter(|_| waiting.form.has_words()) {
        question(message, waiting, trace)?;
    }
    Ok(demand)
}

/// Writes what the engine says.
fn say(
    message: &mut Message,
    config: &PosConfig,
    waiting: &Waiting,
    at: Moment,
    said: &Said,
) -> Result<Demand, ReplyError> {
    match said {
        Said::Transaction { code, words, rrn, amount, auth, settles, chip, balance } => {
            // A last result tells how much was approved: it may be a part.
            let names_amount = waiting.form == Form::LastResult && codes::approves(*code);
            if (message.has(4) || names_amount) && amount.minor > 0 {
                message.set(4, format!("{:012}", amount.minor));
            }
            set_reference(message, config, *rrn);
            if let Some(auth) = auth {
                message.set(38, auth.0);
            }
            if let Some(settles) = settles {
                message.set(15, settles);
            }
            // The link has room for two balances, the terminal for one.
            if let Some(balance) = balance.as_ref().and_then(|balance| balance.get(..20)) {
                message.set(54, balance);
            }
            // What an issuer sends beside these is not for the terminal; what is no TLV helps nobody.
            let chip = tlv::filter(chip, &tlv::ANSWER_TAGS).unwrap_or_default();
            if !chip.is_empty() {
                message.set(55, chip);
            }
            plain(message, waiting, at, *code, *words)
        }
        Said::Reversal { code, rrn } => {
            set_reference(message, config, *rrn);
            plain(message, waiting, at, *code, Words::Code)
        }
        Said::SignOn { f62, batch } => {
            set_batch(message, *batch)?;
            message.set(62, f62);
            plain(message, waiting, at, Code::APPROVED, Words::Code)
        }
        Said::Done { code } | Said::Uploaded { code } => plain(message, waiting, at, *code, Words::Code),
        Said::Settled { balanced } => {
            let answer = match balanced {
                true => SettlementAnswer::Balanced,
                false => SettlementAnswer::NotBalanced,
            };
            settled(message, at, answer)?;
            Ok(Demand::Nothing)
        }
    }
}

/// F39 and, where the form has them, the words. A settlement has no F39: a refusal stands in F48.
fn plain(
    message: &mut Message,
    waiting: &Waiting,
    at: Moment,
    code: Code,
    words: Words,
) -> Result<Demand, ReplyError> {
    if waiting.form == Form::Settlement {
        settled(message, at, SettlementAnswer::Error)?;
        return Ok(Refusal::demand(code));
    }
    message.set(39, code.0);
    if waiting.form.has_words() {
        let text = match (waiting.form, words) {
            // A sale that does not stand is not "approved" when its cashier was heard.
            (Form::Confirmation, Words::Code) if codes::approves(code) => words::heard(waiting.language),
            (_, words) => words::text(words, code, waiting.language),
        };
        let f63 = words::f63(waiting.echo.get(63), text);
        message.set(63, f63.build()?);
    }
    Ok(match words {
        Words::SignOn => Demand::SignOnAgain,
        Words::Code
        | Words::Unknown
        | Words::NothingCharged
        | Words::Returning
        | Words::Returned
        | Words::PreviousUnderCheck => Refusal::demand(code),
    })
}

/// Behind the words for this transaction, the question about an earlier one.
fn question(message: &mut Message, waiting: &Waiting, trace: u32) -> Result<(), SubfieldError> {
    let f63 = message.get(63).map(F63Text::parse).transpose()?.unwrap_or_default();
    let f63 = F63Text { rest: words::question(trace, waiting.language), ..f63 };
    message.set(63, f63.build()?);
    Ok(())
}

/// F48 with the terminal's totals and our answer, and the business day in F15.
fn settled(message: &mut Message, at: Moment, answer: SettlementAnswer) -> Result<(), SubfieldError> {
    // Totals that could not be read are answered with "error" beside zeros.
    let mut totals = message.get(48).and_then(|f48| Settlement::parse(f48).ok()).unwrap_or_default();
    totals.domestic.answer = answer;
    totals.foreign.answer = answer;
    message.set(48, totals.build()?).set(15, at.business_day().mmdd());
    Ok(())
}

/// F37, and with it F44: receiver and acquirer, 11 characters each.
fn set_reference(message: &mut Message, config: &PosConfig, rrn: Option<Rrn>) {
    if let Some(rrn) = rrn {
        message.set(37, rrn.0);
        message.set(44, format!("{:<11}{:<11}", config.receiver, config.acquirer));
    }
}

/// The batch number that the sign-on assigns.
fn set_batch(message: &mut Message, batch: u32) -> Result<(), SubfieldError> {
    let f60 = message.get(60).map(F60::parse).transpose()?.unwrap_or_default();
    message.set(60, F60 { batch, ..f60 }.build()?);
    Ok(())
}
