//! A message kept for later: a reversal, an offline sale, a script result.

use super::memory::HexBytes;
use hefu_iso8583::{CUP_POS, EncodeError, Message};
use serde::{Deserialize, Deserializer, Serialize};

/// A message as its bytes. What is kept never holds a track, a PIN block or an expiry; it may hold a card number,
/// so it is wiped when dropped and leaves the terminal sealed only.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub(super) struct Saved(HexBytes);

impl Saved {
    /// Keeps the message, without what must not be kept.
    pub(super) fn of(message: &Message) -> Result<Saved, EncodeError> {
        let mut message = message.clone();
        for field in NEVER_KEPT {
            message.remove(field);
        }
        let mut bytes = Vec::new();
        CUP_POS.encode(&message, &mut bytes)?;
        Ok(Saved(bytes.into()))
    }

    pub(super) fn message(&self) -> Message {
        CUP_POS.decode(&self.0.0).expect("it was encoded, or checked when the memory was opened")
    }
}

/// Expiry, PIN, tracks; and the MAC, which is made anew under the keys of the day.
const NEVER_KEPT: [u8; 7] = [14, 26, 35, 36, 52, 53, 64];

/// Refuses bytes that are no message, so that [`Saved::message`] cannot fail later.
impl<'de> Deserialize<'de> for Saved {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = HexBytes::deserialize(deserializer)?;
        CUP_POS.decode(&bytes.0).map_err(serde::de::Error::custom)?;
        Ok(Saved(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_iso8583::Mti;

    #[test]
    fn a_saved_message_has_no_track_pin_or_expiry() {
        let mut message = Message::new(Mti(200));
        message.set(3, "000000").set(11, "000001").set(14, "3012").set(26, "12");
        message
            .set(35, "6200000000000005D3012220")
            .set(52, [1; 8])
            .set(53, "2600000000000000")
            .set(64, [2; 8]);
        let kept = Saved::of(&message).unwrap().message();
        assert_eq!(kept.fields().map(|(field, _)| field).collect::<Vec<_>>(), [3, 11]);
    }

    #[test]
    fn damaged_bytes_are_refused_when_memory_is_opened() {
        assert!(serde_json::from_str::<Saved>("\"0200\"").is_err());
        assert!(serde_json::from_str::<Saved>("\"xyz\"").is_err());
    }
}
