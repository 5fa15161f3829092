//! The vault: keys, PIN blocks, MACs and card numbers of an acquirer.
//!
//! It is pure: no files, no sockets, no clock, and the dice are passed in. It keeps keys in memory
//! only; whatever must survive leaves it sealed. No clear PIN, working key or track leaves it other
//! than in a type that cannot be printed.
//!
//! Two halves:
//! - [`Vault`] for the acquirer: terminal and link keys by name, PIN translation, card references.
//! - primitives for both ends of a line, the simulated ones included: [`TdesKey`], [`MacMethod`],
//!   [`pin_block`], [`pack_f62`] and [`unpack_f62`].

mod cards;
mod des_key;
mod dice;
mod error;
mod f62;
mod generations;
mod layout;
mod links;
mod mac;
mod names;
mod pan;
mod pin;
pub mod pin_block;
mod schedule;
mod seal;
mod secret;
mod slip_key;
mod terminals;
mod track2;
mod translate;
mod vault;
mod working_keys;
mod wrapped;

pub use cards::{CardToken, SealedCard};
pub use des_key::{KeyError, KeyLength, TdesKey};
pub use dice::Dice;
pub use error::VaultError;
pub use f62::{F62Error, pack_f62, unpack_f62};
pub use generations::KeyUse;
pub use layout::{KeyLayout, KeyName};
pub use links::LinkKeys;
pub use mac::{MacMethod, mac_eq};
pub use names::{LinkName, NameError, TerminalName};
pub use pan::{Pan, PanError};
pub use pin::{Pin, PinError};
pub use pin_block::PinBlockError;
pub use seal::{MasterKey, SealError};
pub use secret::{Secret, Secret8};
pub use slip_key::{SlipKey, SlipKeyError, SlipKeys};
pub use terminals::Issued;
pub use track2::Track2Error;
pub use vault::Vault;
pub use working_keys::WorkingKeys;
