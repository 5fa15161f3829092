//! Answers: what they echo, what they add, and how they are sealed.

use super::code::Code;
use super::keys::Seal;
use super::record::{Kind, Transaction};
use hefu_iso8583::{HOST_LINK, Message, Mti, mac_input, put_mac};

/// What an answer echoes of its request; DE70 in network messages only.
const ECHOED: [u8; 12] = [2, 3, 4, 7, 11, 32, 33, 37, 41, 42, 49, 70];

/// Issuer data of a chip answer: tag 91, an authentication code of eight bytes and the response "00". The
/// simulated chip does not check the cryptogram.
const ISSUER_DATA: &[u8] = b"\x91\x0A\xA1\xB2\xC3\xD4\xE5\xF6\x07\x18\x30\x30";

/// What goes wrong with an answer on its way out.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Defect {
    None,
    WrongMac,
    OtherAmount,
    OtherTerminal,
}

/// The answer to a message: its echo and DE39.
pub(super) fn to_message(message: &Message, code: Code) -> Message {
    let mut answer = Message::new(answer_mti(message.mti));
    for field in ECHOED {
        if let Some(value) = message.get(field) {
            answer.set(field, value);
        }
    }
    answer.set(39, code.as_str());
    answer
}

/// The answer to a judged transaction; the same for a first answer, a late one and a repeated one. `None` while
/// the transaction is held back. `available` is what of the account may be spent, in fen.
pub(super) fn to_transaction(transaction: &Transaction, available: i64, defect: Defect) -> Option<Message> {
    let request = &transaction.request;
    let outcome = transaction.outcome?;
    let mut answer = Message::new(answer_mti(Mti(request.mti)));
    let amount = if outcome.code == Code::ApprovedInPart { outcome.amount } else { request.amount };
    answer.set(2, request.card.expose()).set(3, request.processing.as_str());
    if request.kind != Kind::BalanceInquiry {
        answer.set(
            4,
            format!("{:012}", if defect == Defect::OtherAmount { another_amount(amount) } else { amount }),
        );
    }
    answer.set(7, format!("{:010}", request.key.transmitted)).set(11, format!("{:06}", request.key.stan));
    answer.set(15, transaction.day.mmdd()).set(32, request.acquirer.as_str());
    if !request.forwarder.is_empty() {
        answer.set(33, request.forwarder.as_str());
    }
    answer.set(37, request.rrn.as_str()).set(39, outcome.code.as_str());
    let says_approved = outcome.code == Code::Approved || outcome.code == Code::ApprovedInPart;
    if says_approved && !outcome.auth.is_empty() {
        answer.set(38, outcome.auth.as_str());
    }
    let terminal = request.terminal.as_str();
    answer.set(41, if defect == Defect::OtherTerminal { another_terminal(terminal) } else { terminal });
    answer.set(42, request.merchant.as_str()).set(49, request.currency.as_str());
    if request.kind == Kind::BalanceInquiry && outcome.done {
        answer.set(54, balance(available));
    }
    Some(answer)
}

/// Adds the issuer's data for the chip (DE55).
pub(super) fn add_issuer_data(answer: &mut Message) {
    answer.set(55, ISSUER_DATA);
}

/// The frame's body, MACed as the seal says.
pub(super) fn encode(mut answer: Message, seal: Seal<'_>) -> Vec<u8> {
    let mut body = Vec::with_capacity(256);
    if let Seal::None = seal {
        HOST_LINK.encode(&answer, &mut body).expect("made of decoded fields and of fields of fixed size");
        return body;
    }
    answer.set(128, [0; 8]);
    HOST_LINK.encode(&answer, &mut body).expect("made of decoded fields and of fields of fixed size");
    let mac = seal.mac(mac_input(&body));
    put_mac(&mut body, mac);
    body
}

/// 0200 and 0201 are answered 0210, 0220 and 0221 0230, and so on.
fn answer_mti(request: Mti) -> Mti {
    Mti(request.0 / 10 * 10 + 10)
}

fn another_amount(amount: i64) -> i64 {
    if amount < 999_999_999_999 { amount + 1 } else { amount - 1 }
}

fn another_terminal(terminal: &str) -> &'static str {
    if terminal == "99999999" { "99999998" } else { "99999999" }
}

/// DE54: account type 10 (debit), amount type 02 (available), currency, sign, twelve digits.
fn balance(available: i64) -> String {
    let sign = if available < 0 { 'D' } else { 'C' };
    format!("1002156{sign}{:012}", available.unsigned_abs().min(999_999_999_999))
}
