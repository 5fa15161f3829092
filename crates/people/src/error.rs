//! Why something was not done.

use crate::{Permission, Role, password::PasswordRule};
use std::path::PathBuf;
use thiserror::Error;

/// Why something was not done. None of them carries a secret.
#[derive(Debug, Error)]
pub enum PeopleError {
    #[error("{doing}: {source}")]
    Database {
        doing: &'static str,
        #[source]
        source: rusqlite::Error,
    },
    #[error("{path}: not a file of people and their rights (application id {found:#x})")]
    Foreign { path: PathBuf, found: i32 },
    #[error("{path}: made by a newer version (tables {found}, known {known})")]
    Newer { path: PathBuf, found: u32, known: u32 },
    #[error("{path}: made under another master key")]
    OtherKey { path: PathBuf },
    #[error("a sealed value is not genuine here")]
    NotGenuine,
    #[error("{field} of row `{row}` is not understood")]
    Row { field: &'static str, row: String },
    #[error("a login name has 2 to 32 characters of a-z 0-9 . _ - and is not `local`")]
    Login,
    #[error("{field}: 1 to {most} characters, and no control characters")]
    Text { field: &'static str, most: usize },
    #[error("there is an account `{0}` already")]
    Taken(String),
    #[error("there is no account `{0}`")]
    NoAccount(String),
    #[error("a {} belongs to one merchant", .0.name())]
    MerchantWanted(Role),
    #[error("a {} belongs to no merchant", .0.name())]
    NoMerchant(Role),
    #[error(transparent)]
    Password(#[from] PasswordRule),
    #[error("the present password is another one")]
    WrongPassword,
    #[error("that is not the code of now")]
    WrongCode,
    #[error("no one-time codes are offered: ask for a key first")]
    NothingOffered,
    #[error("demo accounts are only made where there is no account yet")]
    NotEmpty,
    #[error("at most {0} at a time")]
    TooMany(usize),
    #[error("there is no key `{0}`")]
    NoKey(String),
    #[error("a key lasts from a minute to two years")]
    KeyTime,
    #[error("there is no proposal {0}")]
    NoProposal(i64),
    #[error("a proposal is decided by a second person")]
    OwnProposal,
    #[error("a machine is no second person")]
    Machine,
    #[error("the proposal is {0} already")]
    Decided(&'static str),
    #[error("not allowed: {}", .0.name())]
    NotAllowed(Permission),
}

impl PeopleError {
    pub(crate) fn of(doing: &'static str) -> impl Fn(rusqlite::Error) -> PeopleError {
        move |source| PeopleError::Database { doing, source }
    }
}

impl From<rusqlite::Error> for PeopleError {
    fn from(source: rusqlite::Error) -> PeopleError {
        PeopleError::Database { doing: "the file of people", source }
    }
}
