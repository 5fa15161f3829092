//! Requests that move money or ask about it, and their reversals.

use super::{PosConfig, Refusal, Route, TillConfig, conversations::Waiting, fields};
use crate::{
    names,
    shape::{Refers, Shape},
};
use hefu_engine::{NamedCard, Original, Reverse, Secret, Transact};
use hefu_iso8583::{
    Message,
    tlv::{self, Builder},
};
use hefu_tally::{ContentHash, Identity, Kind, Money, Till};
use hefu_vault::{Dice, KeyUse, Pan, Vault};
use zeroize::{Zeroize, Zeroizing};

/// A financial transaction. Its MAC was good, and `waiting` holds the keys that it came under.
pub(super) fn transact(
    shape: &Shape,
    vault: &Vault,
    dice: &mut dyn Dice,
    config: &PosConfig,
    till: &TillConfig,
    waiting: &Waiting,
    message: &Message,
) -> Result<Transact, Refusal> {
    let pan = card(message)?.ok_or(Refusal::Missing { field: 2 })?;
    let route = config.route(till, &pan);
    let amount = match shape.kind {
        Kind::Inquiry => Money::zero(fields::currency(message)?),
        Kind::Sale
        | Kind::Void
        | Kind::Refund
        | Kind::PreAuth
        | Kind::PreAuthVoid
        | Kind::Completion
        | Kind::CompletionVoid
        | Kind::CompletionAdvice
        | Kind::OfflineSale => fields::money(message)?,
    };
    let f60 = fields::f60(message)?;
    let (chip, chip_kept) = chip(shape, message)?;
    Ok(Transact {
        kind: shape.kind,
        link: route.link,
        identity: identity(shape, waiting.till, message)?,
        content: content(vault, message, Some(&pan)),
        amount,
        card: names::token(vault.card_token(&pan)),
        sealed: names::sealed(vault.seal_card(&pan, dice)),
        masked: names::masked(&pan),
        original: original(shape, message)?,
        takes_part: f60.part_approval == Some(1),
        entry: fields::text(message, 22)?.to_owned(),
        chip,
        chip_kept,
        card_sequence: message.text(23).map(str::to_owned),
        secret: secret(vault, route, waiting, message, &pan)?,
    })
}

/// A terminal's reversal. On a swipe it names no card: the request had only track 2, which a reversal drops. It is
/// taken all the same, because refusing it would leave the payer charged.
pub(super) fn reverse(
    shape: &Shape,
    vault: &Vault,
    dice: &mut dyn Dice,
    till: Till,
    message: &Message,
) -> Result<Reverse, Refusal> {
    let pan = card(message)?;
    let named = pan.as_ref().map(|pan| NamedCard {
        token: names::token(vault.card_token(pan)),
        sealed: names::sealed(vault.seal_card(pan, dice)),
        masked: names::masked(pan),
    });
    Ok(Reverse {
        kind: shape.kind,
        identity: identity(shape, till, message)?,
        reason: fields::code(message)?,
        content: content(vault, message, pan.as_ref()),
        amount: fields::money(message)?,
        card: named,
        entry: fields::text(message, 22)?.to_owned(),
    })
}

/// The class is the original's: a reversal, whose own MTI is 0400, names its original by it.
fn identity(shape: &Shape, till: Till, message: &Message) -> Result<Identity, Refusal> {
    let (batch, trace) = (fields::f60(message)?.batch, fields::trace(message)?);
    Ok(Identity { till, class: shape.class, batch, trace })
}

/// The card number from F2, or from track 2 on a swipe.
fn card(message: &Message) -> Result<Option<Pan>, Refusal> {
    let parse = |digits: &[u8], field| {
        let text = std::str::from_utf8(digits).unwrap_or_default();
        Pan::parse(text).map_err(|error| Refusal::Card { field, error })
    };
    let keyed = message.get(2).map(|digits| parse(digits, 2)).transpose()?;
    let track = message.get(35).map(|track| {
        let end = track.iter().position(|&byte| byte == b'D').ok_or(Refusal::Wrong {
            field: 35,
            position: track.len(),
            expected: "the separator D",
        })?;
        parse(&track[..end], 35)
    });
    match (keyed, track.transpose()?) {
        (Some(keyed), Some(track)) if keyed != track => Err(Refusal::TwoCards),
        (Some(card), _) | (None, Some(card)) => Ok(Some(card)),
        (None, None) => Ok(None),
    }
}

/// What two copies of one request have in common: card, F3, F4, F25, F49, F60.1 and F61, each with its length.
fn content(vault: &Vault, message: &Message, pan: Option<&Pan>) -> ContentHash {
    let f60_1 = message.get(60).and_then(|f60| f60.get(..2));
    let parts = [
        pan.map(|pan| pan.expose().as_bytes()),
        message.get(3),
        message.get(4),
        message.get(25),
        message.get(49),
        f60_1,
        message.get(61),
    ];
    // Each part is shorter than 256 bytes, and so large a buffer never grows and leaves a copy behind.
    let mut data = Zeroizing::new(Vec::with_capacity(256));
    for part in parts {
        let part = part.unwrap_or_default();
        data.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
        data.extend_from_slice(part);
    }
    ContentHash(vault.content_hash(&data))
}

/// F55 without what names the card, as it goes to the bank and as it may be kept.
fn chip(shape: &Shape, message: &Message) -> Result<(Vec<u8>, Vec<u8>), Refusal> {
    let Some(f55) = message.get(55) else {
        return match shape.message_type {
            // Approved by the chip: F55 is all there is to show for it.
            36 => Err(Refusal::Missing { field: 55 }),
            _ => Ok((Vec::new(), Vec::new())),
        };
    };
    let mut sent = Builder::new();
    for (tag, content) in tlv::parse(f55)? {
        if !tlv::SECRET_TAGS.contains(&tag) {
            sent.put(tag, content)?;
        }
    }
    let kept = [&tlv::REQUEST_TAGS[..], &tlv::OPTIONAL_REQUEST_TAGS, &tlv::OFFLINE_TAGS].concat();
    Ok((sent.finish(), tlv::filter(f55, &kept)?))
}

/// The transaction that it refers to, for all kinds that refer to one.
fn original(shape: &Shape, message: &Message) -> Result<Option<Original>, Refusal> {
    let needed = |field| fields::need(message, field).map(|_| ());
    match shape.refers {
        Refers::Nothing => return Ok(None),
        Refers::Reference => needed(37)?,
        Refers::DatedReference => {
            needed(37)?;
            if fields::f61(message)?.date.is_none() {
                return Err(Refusal::Wrong { field: 61, position: 12, expected: "the original's date" });
            }
        }
        Refers::Authorisation => needed(38)?,
        Refers::Either => needed(37).or_else(|missing| needed(38).map_err(|_| missing))?,
    }
    let f61 = fields::f61(message)?;
    Ok(Some(Original {
        rrn: fields::rrn(message)?,
        auth: fields::auth(message)?,
        batch: Some(f61.batch),
        trace: Some(f61.trace),
    }))
}

/// PIN block under the link's key, track and expiry.
fn secret(
    vault: &Vault,
    route: &Route,
    waiting: &Waiting,
    message: &Message,
    pan: &Pan,
) -> Result<Secret, Refusal> {
    let control = SecurityControl::of(message)?;
    let pin_block = match (message.get(52), control) {
        (Some(block), Some(control)) => {
            fields::need(message, 26)?;
            let key = waiting.key.ok_or(Refusal::NoWorkingKeys)?;
            Some(translated(vault, route, waiting.till, key, pan, block, control.with_pan)?)
        }
        (Some(_), None) => return Err(Refusal::Missing { field: 53 }),
        (None, _) => None,
    };
    Ok(Secret { pin_block, track2: fields::secret(message, 35), expiry: fields::secret(message, 14) })
}

/// What F53 says of the PIN block.
#[derive(Copy, Clone)]
struct SecurityControl {
    with_pan: bool,
}

impl SecurityControl {
    fn of(message: &Message) -> Result<Option<SecurityControl>, Refusal> {
        let Some(digits) = message.get(53) else { return Ok(None) };
        if digits.get(2) == Some(&b'1') {
            return Err(Refusal::EncryptedTrack);
        }
        match (digits.first(), message.has(52)) {
            (Some(b'1'), _) => Ok(Some(SecurityControl { with_pan: false })),
            (Some(b'2'), _) => Ok(Some(SecurityControl { with_pan: true })),
            // Without a PIN block the digit says nothing.
            (_, false) => Ok(None),
            (_, true) => Err(Refusal::Wrong { field: 53, position: 0, expected: "1 or 2" }),
        }
    }
}

fn translated(
    vault: &Vault,
    route: &Route,
    at: Till,
    key: KeyUse,
    pan: &Pan,
    block: &[u8],
    with_pan: bool,
) -> Result<Zeroizing<[u8; 8]>, Refusal> {
    let wrong = Refusal::Wrong { field: 52, position: 0, expected: "eight bytes" };
    let mut block: [u8; 8] = block.try_into().map_err(|_| wrong)?;
    let translated = vault.translate_pin(&names::terminal(&at), key, &route.name, pan, block, with_pan);
    block.zeroize();
    Ok(Zeroizing::new(*translated?.expose()))
}
