//! The bank side, pure: one edge per link. The engine's requests become frames, frames become engine inputs.
//!
//! What cannot be encoded is reported as itself ([`HostError`]), never as silence: the caller notes it and tells the
//! engine that the message was never sent.

mod config;
mod decode;
mod encode;
mod flight;
mod network;

#[cfg(test)]
mod tests;

pub use config::{HostConfig, HostConfigError, MerchantProfile};
use hefu_mutant::mutant;
pub use network::NetworkAnswer;

use flight::InFlight;
use hefu_engine::{BankRequest, Input, Note};
use hefu_iso8583::{EncodeError, HOST_LINK, Message, cup::SubfieldError, mac_input, put_mac};
use hefu_tally::{LinkId, LinkKey, MerchantNo, Moment};
use hefu_vault::{Vault, VaultError};
use thiserror::Error;
use zeroize::Zeroizing;

/// One bank link. Holds no keys: the vault is handed in.
pub struct HostEdge {
    config: HostConfig,
    in_flight: InFlight,
    /// DE11 of the next network message.
    next_stan: u32,
    broken: u64,
}

/// What became of one frame of the bank.
#[derive(Default)]
pub struct HostTaken {
    /// For the engine.
    pub input: Option<Input>,
    /// An answer to our sign-on or echo: for the link's state.
    pub network: Option<NetworkAnswer>,
    /// A frame to be sent back at once: the network asked something of the link.
    pub answer: Option<Vec<u8>>,
    /// To be on record.
    pub note: Option<Note>,
}

/// Why a request of the engine was not encoded. Nothing of it leaves.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum HostError {
    #[error("the card of this payment was erased")]
    CardErased,
    #[error("the card of this payment does not open: {0}")]
    Card(VaultError),
    #[error("merchant {0} has no name and trade in the configuration")]
    UnknownMerchant(MerchantNo),
    #[error("DE90: the request names no original")]
    NoOriginal,
    #[error("a transaction of MTI {class:04} has no repeat")]
    NoRepeat { class: u16 },
    #[error("DE7 {de7} and DE11 {stan:06} name another message in flight")]
    KeyClash { de7: String, stan: u32 },
    #[error("{max} messages are in flight already")]
    TooMany { max: usize },
    #[error("DE4: expected 0 to 999,999,999,999, found {found}")]
    Amount { found: i64 },
    #[error("keys of the link: {0}")]
    Keys(#[from] VaultError),
    #[error("{0}")]
    Encode(#[from] EncodeError),
    #[error("{0}")]
    Subfield(#[from] SubfieldError),
}

impl HostError {
    /// The word that classes it on record.
    pub fn kind(&self) -> &'static str {
        match self {
            HostError::CardErased | HostError::Card(_) => "card_erased",
            HostError::KeyClash { .. } => "key_clash",
            HostError::TooMany { .. } => "busy",
            HostError::UnknownMerchant(_)
            | HostError::NoOriginal
            | HostError::NoRepeat { .. }
            | HostError::Amount { .. }
            | HostError::Keys(_)
            | HostError::Encode(_)
            | HostError::Subfield(_) => "configuration",
        }
    }
}

impl HostEdge {
    /// An edge with nothing in flight.
    ///
    /// # Errors
    /// A number in the configuration that no field can carry.
    pub fn new(config: HostConfig) -> Result<HostEdge, HostConfigError> {
        config.check()?;
        let in_flight = InFlight::new(config.in_flight, config.in_flight_age);
        Ok(HostEdge { next_stan: *config.stans.start(), config, in_flight, broken: 0 })
    }

    pub fn link(&self) -> LinkId {
        self.config.link
    }

    /// The frame of a request, without its length. From now on its key is in flight.
    ///
    /// # Errors
    /// As [`HostError`] says; nothing is in flight then that was not before.
    pub fn encode(
        &mut self,
        vault: &Vault,
        now: Moment,
        request: &BankRequest,
    ) -> Result<Vec<u8>, HostError> {
        let message = encode::message(&self.config, vault, request)?;
        let frame = seal(vault, &self.config, message)?;
        self.in_flight.take_off(now, request)?;
        Ok(frame)
    }

    /// A message that was encoded surely never left: its key is not in flight.
    pub fn never_sent(&mut self, key: LinkKey) {
        self.in_flight.land(&key.at.mmddhhmmss(), key.stan);
    }

    /// Takes one frame, without its length, from the bank.
    pub fn frame(&mut self, vault: &Vault, now: Moment, frame: &[u8]) -> HostTaken {
        let taken = HOST_LINK
            .decode(frame)
            .map_err(|error| error.to_string())
            .and_then(|message| self.message(vault, now, &message, frame));
        taken.unwrap_or_else(|text| {
            self.broken += 1;
            HostTaken { note: Some(Note { kind: "bad_bank_frame", text }), ..HostTaken::default() }
        })
    }

    /// Frames of the bank that could not be understood so far.
    pub fn broken(&self) -> u64 {
        self.broken
    }

    /// The sign-on of the link (0820, DE70 001), and the key that its answer will carry.
    ///
    /// # Errors
    /// The link has no keys.
    pub fn sign_on(&mut self, vault: &Vault, now: Moment) -> Result<(LinkKey, Vec<u8>), HostError> {
        self.network_request(vault, now, network::SIGN_ON)
    }

    /// A line test (0820, DE70 301), and the key that its answer will carry.
    ///
    /// # Errors
    /// The link has no keys.
    pub fn echo(&mut self, vault: &Vault, now: Moment) -> Result<(LinkKey, Vec<u8>), HostError> {
        self.network_request(vault, now, network::ECHO)
    }

    fn network_request(
        &mut self,
        vault: &Vault,
        now: Moment,
        management: u16,
    ) -> Result<(LinkKey, Vec<u8>), HostError> {
        let key = LinkKey { at: now, stan: self.next_stan };
        let frame = seal(vault, &self.config, network::request(&self.config, key, management))?;
        let range = &self.config.stans;
        self.next_stan = if key.stan < *range.end() { key.stan + 1 } else { *range.start() };
        Ok((key, frame))
    }

    fn message(
        &mut self,
        vault: &Vault,
        now: Moment,
        message: &Message,
        frame: &[u8],
    ) -> Result<HostTaken, String> {
        let mac = mac(vault, &self.config, message, frame).map_err(|error| error.to_string())?;
        match message.mti.0 {
            110 | 210 | 230 | 430 => {
                let answer = decode::answer(&self.config, message, mac)?;
                self.in_flight.land(&answer.de7, answer.stan);
                self.in_flight.expire(now);
                let input = Input::Bank { link: self.config.link, answer };
                Ok(HostTaken { input: Some(input), ..HostTaken::default() })
            }
            810 | 830 => {
                let network = network::answer(message, mac)?;
                Ok(HostTaken { network: Some(network), ..HostTaken::default() })
            }
            800 | 820 => network::answered(vault, &self.config, message, mac),
            _ => Err(format!("MTI {}: not an answer and not for the link", message.mti)),
        }
    }
}

/// Encodes a message with its MAC (DE128).
fn seal(vault: &Vault, config: &HostConfig, mut message: Message) -> Result<Vec<u8>, HostError> {
    message.set(128, [0; 8]);
    // Card numbers pass through here: the buffer is large enough never to grow, and is wiped.
    let mut body = Zeroizing::new(Vec::with_capacity(1024));
    HOST_LINK.encode(&message, &mut body)?;
    let mac = vault.link_mac(&config.name, mac_input(&body))?;
    put_mac(&mut body, mac);
    Ok(body.to_vec())
}

/// How the MAC of a message from the bank is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Mac {
    Good,
    Wrong,
    Absent,
}

fn mac(vault: &Vault, config: &HostConfig, message: &Message, frame: &[u8]) -> Result<Mac, VaultError> {
    let Some(found) = message.get(128).and_then(|mac| <[u8; 8]>::try_from(mac).ok()) else {
        return Ok(Mac::Absent);
    };
    Ok(match vault.check_link_mac(&config.name, mac_input(frame), &found)? {
        true => Mac::Good,
        false if mutant!(ChecksNoBanksMac) => Mac::Good,
        false => Mac::Wrong,
    })
}

/// Shows no content.
impl std::fmt::Debug for HostEdge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HostEdge(link {}, {} in flight)", self.config.name, self.in_flight.len())
    }
}
