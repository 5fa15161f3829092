//! What proves that the payer is the payer: PIN, track and expiry, checked when a request arrives and never kept.

use super::code::Code;
use super::core::Turn;
use super::record::{Event, Kind, Request};
use hefu_iso8583::Message;
use hefu_vault::Pan;

/// The PIN of every test card.
const TEST_PIN: &str = "123456";
/// The expiry (YYMM) of every test card.
const TEST_EXPIRY: &[u8] = b"3012";
/// The wrong PIN with this number, counted since the last right one, and every later one, is answered 75.
const PIN_TRIES: u32 = 3;

impl Turn<'_> {
    /// Checks expiry, track and PIN as far as the message carries them. `demands_pin`: this card pays with a right
    /// PIN only.
    pub(super) fn credentials(
        &mut self,
        message: &Message,
        request: &Request,
        pan: &Pan,
        demands_pin: bool,
    ) -> Result<(), Code> {
        if message.get(14).is_some_and(|expiry| expiry != TEST_EXPIRY) {
            return Err(Code::Expired);
        }
        if let Some(track) = message.get(35) {
            check_track(track, pan)?;
        }
        match message.get(52).and_then(|block| <[u8; 8]>::try_from(block).ok()) {
            Some(block) => self.check_pin(message, request, pan, block),
            None if pays(request.kind) && (demands_pin || announces_pin(message)) => Err(Code::WrongPin),
            None => Ok(()),
        }
    }

    fn check_pin(
        &mut self,
        message: &Message,
        request: &Request,
        pan: &Pan,
        block: [u8; 8],
    ) -> Result<(), Code> {
        // DE53 begins with 1 when the block was made without the card number.
        let with_pan = message.get(53).and_then(<[u8]>::first) != Some(&b'1');
        let pin = self.bank.keys.open_pin(block, pan, with_pan).map_err(|_| Code::KeysDoNotFit)?;
        let card = request.card;
        let wrong_before = self.bank.state.account(&card, self.now).wrong_pins;
        if pin.expose() == TEST_PIN {
            if wrong_before > 0 {
                self.record(Event::Pin { card, right: true });
            }
            return Ok(());
        }
        self.record(Event::Pin { card, right: false });
        Err(if wrong_before + 1 >= PIN_TRIES { Code::PinTriesExceeded } else { Code::WrongPin })
    }
}

/// Track 2: card number, `D`, expiry, service code and the rest.
fn check_track(track: &[u8], pan: &Pan) -> Result<(), Code> {
    let split = track.iter().position(|&byte| byte == b'D').ok_or(Code::InvalidCard)?;
    let (number, rest) = (&track[..split], &track[split + 1..]);
    if number != pan.expose().as_bytes() {
        return Err(Code::InvalidCard);
    }
    if rest.starts_with(TEST_EXPIRY) { Ok(()) } else { Err(Code::Expired) }
}

/// The third digit of DE22: 1 says that the message carries a PIN.
fn announces_pin(message: &Message) -> bool {
    message.get(22).and_then(|entry| entry.get(2)) == Some(&b'1')
}

/// Kinds for which the payer stands at the terminal with a card.
fn pays(kind: Kind) -> bool {
    match kind {
        Kind::Sale | Kind::PreAuthorisation | Kind::BalanceInquiry => true,
        Kind::OfflineSale
        | Kind::Completion
        | Kind::CompletionAdvice
        | Kind::VoidOfSale
        | Kind::VoidOfCompletion
        | Kind::VoidOfPreAuthorisation
        | Kind::Refund => false,
    }
}
