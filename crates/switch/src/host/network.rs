//! Messages about the link itself: 0800 and 0820, from us and from the network.

use super::{HostConfig, HostTaken, Mac, seal};
use hefu_engine::Note;
use hefu_iso8583::{Message, Mti};
use hefu_tally::{Code, LinkKey};
use hefu_vault::Vault;

/// DE70.
pub(super) const SIGN_ON: u16 = 1;
pub(super) const ECHO: u16 = 301;
const KEY_CHANGE: u16 = 101;

/// The answer to a sign-on or echo of ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NetworkAnswer {
    /// DE7 as it came.
    pub de7: String,
    /// DE11.
    pub stan: u32,
    /// DE39.
    pub code: Option<Code>,
    /// The answer may come without a MAC; a wrong one tells that the keys do not fit.
    pub wrong_mac: bool,
}

impl NetworkAnswer {
    /// Whether it answers the message with this key.
    pub fn answers(&self, key: LinkKey) -> bool {
        self.stan == key.stan && self.de7 == key.at.mmddhhmmss()
    }
}

/// A network message of ours. It carries a MAC, so that keys that do not fit are found at the sign-on, not by the
/// first payment.
pub(super) fn request(config: &HostConfig, key: LinkKey, management: u16) -> Message {
    let mut message = Message::new(Mti(820));
    message
        .set(7, key.at.mmddhhmmss())
        .set(11, format!("{:06}", key.stan))
        .set(32, &config.acquirer)
        .set(33, &config.forwarder)
        .set(70, format!("{management:03}"));
    message
}

/// Reads the answer to a network message of ours.
pub(super) fn answer(message: &Message, mac: Mac) -> Result<NetworkAnswer, String> {
    Ok(NetworkAnswer {
        de7: message.text(7).ok_or("DE7 is missing")?.to_owned(),
        stan: message.text(11).and_then(|stan| stan.parse().ok()).ok_or("DE11 is missing")?,
        code: message.get(39).and_then(|code| Code::parse(code).ok()),
        wrong_mac: mac == Mac::Wrong,
    })
}

/// Answers a network message of the other side: everything is acknowledged but a change of keys, which this link
/// has no master key for, and what carries a wrong MAC.
pub(super) fn answered(
    vault: &Vault,
    config: &HostConfig,
    message: &Message,
    mac: Mac,
) -> Result<HostTaken, String> {
    let management: Option<u16> = message.text(70).and_then(|code| code.parse().ok());
    let (code, note) = match (mac, management) {
        (Mac::Wrong, _) => (*b"A0", Some("DE128 of a network message is wrong".to_owned())),
        (Mac::Good | Mac::Absent, None) => (*b"30", Some("DE70 is missing".to_owned())),
        (Mac::Good | Mac::Absent, Some(KEY_CHANGE)) => {
            (*b"40", Some("the network asked for a change of keys".to_owned()))
        }
        (Mac::Good | Mac::Absent, Some(ECHO)) => (*b"00", None),
        (Mac::Good | Mac::Absent, Some(other)) => (*b"00", Some(format!("DE70 {other:03} from the network"))),
    };
    let mut answer = Message::new(Mti(message.mti.0 + 10));
    for field in [7, 11, 32, 33, 70] {
        if let Some(value) = message.get(field) {
            answer.set(field, value);
        }
    }
    answer.set(39, code);
    let frame = seal(vault, config, answer).map_err(|error| error.to_string())?;
    let note = note.map(|text| Note { kind: "network_message", text });
    Ok(HostTaken { answer: Some(frame), note, ..HostTaken::default() })
}
