//! What a bank's answer says. Nothing is matched here, and nothing is believed.

use super::{HostConfig, Mac};
use hefu_engine::{BankAnswer, BankSays};
use hefu_iso8583::Message;
use hefu_tally::{AuthCode, Code, Currency, MerchantNo, Money, Rrn, TerminalNo, Till};

/// An answer of 0110, 0210, 0230 or 0430. Whatever is absent or strange in it is `None`; the engine decides what
/// that means. Only an answer that nobody could match is refused, in words.
pub(super) fn answer(config: &HostConfig, message: &Message, mac: Mac) -> Result<BankAnswer, String> {
    let de7 = message.text(7).ok_or("DE7 is missing")?.to_owned();
    let stan = message.text(11).and_then(|stan| stan.parse().ok()).ok_or("DE11 is missing")?;
    if let Some(found) = message.text(32) {
        // Leading zeros do not count: some networks fill the number up.
        let bare = |number: &str| number.trim_start_matches('0').to_owned();
        if bare(found) != bare(&config.acquirer) {
            return Err("DE32 names another acquirer".to_owned());
        }
    }
    Ok(BankAnswer {
        what: match message.mti.0 {
            430 => BankSays::ToReversal,
            _ => BankSays::ToRequest,
        },
        de7,
        stan,
        rrn: message.get(37).and_then(|rrn| Rrn::parse(rrn).ok()),
        code: message.get(39).and_then(|code| Code::parse(code).ok()),
        mac_good: mac == Mac::Good,
        processing: message.text(3).map(str::to_owned),
        amount: amount(config, message),
        till: till(message),
        auth: message.get(38).and_then(|auth| AuthCode::parse(auth).ok()),
        settles: message.text(15).map(str::to_owned),
        balance: message.text(54).map(str::to_owned),
        chip: message.get(55).unwrap_or_default().to_vec(),
    })
}

/// DE4 in the currency of DE49, or in the link's.
fn amount(config: &HostConfig, message: &Message) -> Option<Money> {
    let minor = message.text(4)?.parse().ok()?;
    let currency = message.text(49).and_then(|currency| currency.parse().ok()).map(Currency);
    Some(Money::new(minor, currency.unwrap_or(config.currency)))
}

fn till(message: &Message) -> Option<Till> {
    let merchant = MerchantNo::parse(message.get(42)?).ok()?;
    let terminal = TerminalNo::parse(message.get(41)?).ok()?;
    Some(Till { merchant, terminal })
}
