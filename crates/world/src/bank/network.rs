//! Network management (0800, 0820): sign-on, sign-off, day cut, echo, key change.

use super::code::Code;
use super::core::{Turn, hex_bytes};
use super::record::{Event, WorkingKey};
use hefu_iso8583::Message;

impl Turn<'_> {
    pub(super) fn network(&mut self, message: &Message) {
        match (message.mti.0, message.text(70)) {
            (820, Some("001" | "002" | "201" | "202" | "301")) => {
                self.answer_message(message, Code::Approved)
            }
            (800, Some("101")) => self.change_key(message),
            (_, Some(_)) => self.refuse(message, Code::NotSupported),
            (_, None) => self.refuse(message, Code::FormatError),
        }
    }

    /// A new working key. DE53 begins with 1 for the PIN key or 2 for the MAC key; DE48 is `NK`, the key under the
    /// master key in hex (16 or 32 digits), and its check value (8 digits). The answer still goes under the key of
    /// the request. A missing part or a wrong check value is said as such (30, 99).
    fn change_key(&mut self, message: &Message) {
        let which = match message.get(53).and_then(<[u8]>::first) {
            Some(b'1') => WorkingKey::Pin,
            Some(b'2') => WorkingKey::Mac,
            Some(_) | None => return self.refuse(message, Code::FormatError),
        };
        let parts = message.text(48).and_then(|text| text.strip_prefix("NK")).and_then(|text| {
            let (wrapped, check_value) = text.split_at_checked(text.len().checked_sub(8)?)?;
            Some((wrapped, hex_bytes(wrapped)?, hex_bytes(check_value)?))
        });
        let Some((text, wrapped, check_value)) = parts else {
            return self.refuse(message, Code::FormatError);
        };
        if self.bank.keys.check_value(&wrapped).ok().is_none_or(|found| found[..] != check_value[..]) {
            return self.refuse(message, Code::KeysDoNotFit);
        }
        // Answered before the change, so that the answer goes under the request's key.
        self.answer_message(message, Code::Approved);
        if self.bank.keys.change(which, &wrapped).is_ok() {
            self.record(Event::KeyChanged { key: which, wrapped: text.to_owned() });
        }
    }
}
