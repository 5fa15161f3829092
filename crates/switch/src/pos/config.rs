//! What the edge knows of its terminals.

use super::{Route, Routes};
use hefu_slip::Language;
use hefu_tally::{Code, MerchantNo, TerminalNo, Till, time::MINUTE};
use hefu_vault::{KeyLayout, LinkName, Pan};
use std::collections::BTreeMap;
use thiserror::Error;

/// The terminal side as a whole.
#[derive(Clone, Debug)]
pub struct PosConfig {
    /// All registered terminals. How they compute MACs stands with their keys, in the vault.
    pub tills: BTreeMap<Till, TillConfig>,
    /// Where cards go; one that no prefix fits takes its terminal's route.
    pub routes: Routes,
    /// F32 and the second half of F44: the acquirer's number, 1 to 11 digits.
    pub acquirer: String,
    /// The first half of F44: the receiving institution's number, at most 11 letters and digits.
    pub receiver: String,
    /// Requests that may wait for the engine at one time; beyond that terminals hear 91.
    pub conversations: usize,
    /// How long an answer is kept a place for, in milliseconds. Longer than any terminal waits.
    pub conversation_age: i64,
}

/// One terminal.
#[derive(Clone, Debug)]
pub struct TillConfig {
    /// The bank link of cards that no prefix fits.
    pub route: Route,
    /// The only layout of working keys that it is given; `None`: the one that it asks for.
    pub layout: Option<KeyLayout>,
    /// The language of F63.2: Chinese as GBK, English as ASCII.
    pub language: Language,
    /// What this model is told for "unknown" (98, unless its firmware shows a wrong text for it).
    pub unknown: Code,
}

impl TillConfig {
    /// A Chinese terminal that may ask for any layout, at a gateway with one link.
    pub fn new(link: LinkName) -> TillConfig {
        TillConfig { route: Route::only(link), layout: None, language: Language::Zh, unknown: Code(*b"98") }
    }
}

impl PosConfig {
    /// Three times as long as a terminal waits.
    pub const CONVERSATION_AGE: i64 = 3 * MINUTE;
    pub const CONVERSATIONS: usize = 50_000;

    /// The usual bounds, and the acquirer's number for both halves of F44.
    pub fn new(tills: BTreeMap<Till, TillConfig>, acquirer: &str) -> PosConfig {
        PosConfig {
            tills,
            routes: Routes::default(),
            acquirer: acquirer.to_owned(),
            receiver: acquirer.to_owned(),
            conversations: PosConfig::CONVERSATIONS,
            conversation_age: PosConfig::CONVERSATION_AGE,
        }
    }

    /// The route of a card at a terminal.
    pub(super) fn route<'a>(&'a self, till: &'a TillConfig, pan: &Pan) -> &'a Route {
        self.routes.of(pan).unwrap_or(&till.route)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if !(1..=11).contains(&self.acquirer.len()) || !digits(&self.acquirer) {
            return Err(ConfigError::Acquirer { found: self.acquirer.clone() });
        }
        if self.receiver.len() > 11 || !self.receiver.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(ConfigError::Receiver { found: self.receiver.clone() });
        }
        if self.conversations == 0 || self.conversation_age <= 0 {
            return Err(ConfigError::NoRoom);
        }
        Ok(())
    }

    /// Whether any terminal of this merchant is registered.
    pub(super) fn knows_merchant(&self, merchant: MerchantNo) -> bool {
        let first = Till { merchant, terminal: TerminalNo([0; 8]) };
        self.tills.range(first..).next().is_some_and(|(till, _)| till.merchant == merchant)
    }
}

/// Why a configuration of the terminal side is refused.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ConfigError {
    #[error("acquirer: expected 1 to 11 digits, found {found:?}")]
    Acquirer { found: String },
    #[error("receiver: expected at most 11 letters and digits, found {found:?}")]
    Receiver { found: String },
    #[error("conversations and conversation_age: expected more than 0")]
    NoRoom,
}
