//! Every refusal of the vault.

use crate::des_key::KeyError;
use crate::f62::F62Error;
use crate::names::{LinkName, TerminalName};
use crate::pin_block::PinBlockError;
use crate::seal::SealError;
use crate::track2::Track2Error;

/// Why the vault refused. Names terminals and links, never a key, PIN, track or card number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// No master key is set for the terminal.
    #[error("terminal {0}: unknown, no master key")]
    UnknownTerminal(TerminalName),
    /// The terminal has not signed on.
    #[error("terminal {0}: no working keys, it must sign on")]
    NoWorkingKeys(TerminalName),
    /// The MAC fits none of the terminal's valid keys.
    #[error("terminal {0}: wrong MAC")]
    BadMac(TerminalName),
    /// The key of a [`crate::KeyUse`] is another terminal's, or too old to be kept.
    #[error("terminal {0}: this key is no longer kept")]
    KeyGone(TerminalName),
    /// The terminal's working keys have no track key.
    #[error("terminal {0}: no track key")]
    NoTrackKey(TerminalName),
    /// No keys are set for the link.
    #[error("link {0}: unknown, no keys")]
    UnknownLink(LinkName),
    /// A decrypted PIN block was not what it should be.
    #[error(transparent)]
    PinBlock(#[from] PinBlockError),
    /// A decrypted track was not what it should be.
    #[error(transparent)]
    Track2(#[from] Track2Error),
    /// Something at rest did not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Sealed working keys opened, but are in no layout that this program knows.
    #[error("sealed working keys: unknown layout")]
    UnknownLayout,
    /// Working keys could not be packed or unpacked.
    #[error(transparent)]
    F62(#[from] F62Error),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
}
