//! Who may do what: accounts with passwords and one-time codes, sessions, keys of machines, roles, proposals that
//! need a second person, requests that are made once, and a log of it all that nobody can rewrite unseen.
//!
//! No HTTP, no clock and no dice: every call is told the time, and where chance is needed, the dice. It keeps one
//! SQLite file of its own, apart from the payments' store, so that nobody who signs in slows a payment.
//!
//! What is kept is of no use to whoever steals the file: passwords under argon2id, tokens and keys as keyed hashes,
//! keys of one-time codes sealed; the key of all that is the caller's and is not in the file.

mod account;
mod audit;
mod demo;
mod dice;
mod error;
mod keys;
mod limits;
mod open;
mod password;
mod proposals;
mod requests;
mod role;
mod seal;
mod session;
mod sign_in;
mod totp;

pub use account::{Account, FirstPassword, Language, Login, NewAccount};
pub use audit::{Actor, AuditFault, AuditLine, AuditQuery, What};
pub use demo::DemoAccount;
pub use dice::Dice;
pub use error::PeopleError;
pub use keys::{ApiKey, MOST_KEYS, NewKey};
pub use open::People;
pub use password::{LEAST_CHARACTERS, PasswordRule};
pub use proposals::{Action, MOST_ACTION_BYTES, Proposal, Proposed, State, Verdict};
pub use requests::{Begun, MOST_BODY_BYTES};
pub use role::{Permission, Role, Scope};
pub use seal::{Secret, SecretKey};
pub use session::{ABSOLUTE, Door, IDLE, Who};
pub use sign_in::{Knock, SignIn, SignedIn, Tried};
pub use totp::Offered;

#[cfg(test)]
mod tests;
