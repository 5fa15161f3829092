//! The fields of each request, as the link's profile lists them.

use super::{HostConfig, HostError};
use crate::{names, shape};
use hefu_engine::{BankAsk, BankRequest, OriginalKey};
use hefu_iso8583::{
    Message, Mti,
    host::{OriginalData, institution},
};
use hefu_mutant::mutant;
use hefu_tally::Kind;
use hefu_vault::{Pan, Vault};

/// A request, repeat, reversal or repeat of a reversal, without its MAC.
pub(super) fn message(
    config: &HostConfig,
    vault: &Vault,
    request: &BankRequest,
) -> Result<Message, HostError> {
    let class = shape::of_kind(request.kind).class;
    let mti = match (request.what, class) {
        (BankAsk::Request, class) => class,
        (BankAsk::Repeat, 220) => 221,
        (BankAsk::Repeat, class) => return Err(HostError::NoRepeat { class }),
        (BankAsk::Reversal { .. }, _) => 420,
        (BankAsk::ReversalRepeat { .. }, _) => 421,
    };
    let mut message = Message::new(Mti(mti));
    common(&mut message, vault, request)?;
    match request.what {
        BankAsk::Request | BankAsk::Repeat => request_fields(&mut message, config, request)?,
        BankAsk::Reversal { reason } | BankAsk::ReversalRepeat { reason } => {
            let original = request.original.ok_or(HostError::NoOriginal)?;
            message.set(60, format!("{reason:04}")).set(90, de90(config, original)?);
        }
    }
    Ok(message)
}

/// What every message about a payment carries: 2, 3, 4, 7, 11, 37, 41 and 42.
fn common(message: &mut Message, vault: &Vault, request: &BankRequest) -> Result<(), HostError> {
    let sealed = request.sealed.as_ref().ok_or(HostError::CardErased)?;
    let opened = vault.open_card(&names::vault_token(&request.card), &names::vault_sealed(sealed));
    let pan: Pan = opened.map_err(HostError::Card)?;
    if !(0..=999_999_999_999).contains(&request.amount.minor) {
        return Err(HostError::Amount { found: request.amount.minor });
    }
    message
        .set(2, pan.expose())
        .set(3, shape::of_kind(request.kind).processing)
        .set(4, format!("{:012}", request.amount.minor / if mutant!(ShiftsTheAmount) { 10 } else { 1 }))
        .set(7, request.key.at.mmddhhmmss())
        .set(11, format!("{:06}", request.key.stan))
        .set(37, request.rrn.0)
        .set(41, request.till.terminal.0)
        .set(42, request.till.merchant.0);
    Ok(())
}

/// What a request carries beside. Times are those of its key, so that a repeat is the same to the byte.
fn request_fields(
    message: &mut Message,
    config: &HostConfig,
    request: &BankRequest,
) -> Result<(), HostError> {
    let merchant = request.till.merchant;
    let profile = config.merchants.get(&merchant).ok_or(HostError::UnknownMerchant(merchant))?;
    message
        .set(12, request.key.at.hhmmss())
        .set(13, request.key.at.mmdd())
        .set(18, profile.mcc())
        .set(22, &request.entry)
        .set(25, shape::of_kind(request.kind).condition)
        .set(32, &config.acquirer)
        .set(33, &config.forwarder)
        .set(43, profile.name())
        .set(49, format!("{:03}", request.amount.currency.0));
    if let Some(sequence) = &request.card_sequence {
        message.set(23, sequence);
    }
    if let (Some(auth), true) = (request.auth, names_authorisation(request.kind)) {
        message.set(38, auth.0);
    }
    if !request.chip.is_empty() {
        message.set(55, &request.chip);
    }
    if let Some(secret) = &request.secret {
        if let Some(expiry) = &secret.expiry {
            message.set(14, expiry);
        }
        if let Some(track2) = &secret.track2 {
            message.set(35, track2);
        }
        if let Some(block) = &secret.pin_block {
            message.set(26, PIN_CAPTURE).set(52, block).set(53, SECURITY_CONTROL);
        }
    }
    match (request.kind.refers(), request.original) {
        (true, Some(original)) => {
            message.set(90, de90(config, original)?);
        }
        (true, None) => return Err(HostError::NoOriginal),
        (false, _) => {}
    }
    Ok(())
}

/// DE26: a PIN of up to 12 digits.
const PIN_CAPTURE: &str = "12";
/// DE53: what the vault makes is a block with the card number, under a key of double length.
const SECURITY_CONTROL: &str = "2600000000000000";

/// Which requests name their pre-authorisation by DE38, as they do on the terminal side.
fn names_authorisation(kind: Kind) -> bool {
    match kind {
        Kind::Completion | Kind::CompletionAdvice | Kind::PreAuthVoid => true,
        Kind::Sale
        | Kind::Void
        | Kind::Refund
        | Kind::PreAuth
        | Kind::CompletionVoid
        | Kind::OfflineSale
        | Kind::Inquiry => false,
    }
}

/// The original by MTI, DE11, DE7, DE32 and DE33.
fn de90(config: &HostConfig, original: OriginalKey) -> Result<String, HostError> {
    let de7 = original.key.at.mmddhhmmss();
    let transmitted = de7.as_bytes().try_into().expect("ten digits by its format");
    let data = OriginalData {
        mti: Mti(original.class),
        stan: original.key.stan,
        transmitted,
        acquirer: institution(&config.acquirer)?,
        forwarder: institution(&config.forwarder)?,
    };
    Ok(data.build()?)
}
