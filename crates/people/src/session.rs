//! Sessions: who is behind a token.

use crate::{
    Account, Language, Login, People, PeopleError, Permission, Role, Scope, Secret, account::find,
    audit::Actor, dice::Dice, seal::SecretKey,
};
use data_encoding::BASE64URL_NOPAD;
use hefu_tally::{
    Moment,
    time::{HOUR, MINUTE},
};
use rusqlite::{OptionalExtension, Transaction};
use std::net::IpAddr;

/// A session that nobody used for so long is over (milliseconds).
pub const IDLE: i64 = 30 * MINUTE;
/// And one that is so old, in any case.
pub const ABSOLUTE: i64 = 12 * HOUR;
/// The most sessions of an account; the oldest goes.
const MOST: i64 = 8;
/// That a session was used is written down at most so often.
const NOTE: i64 = MINUTE;

/// By which door somebody came in.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Door {
    /// A person who signed in.
    Session,
    /// A machine with a key.
    Key,
    /// Whoever may read the gateway's own files, at its own machine.
    Local,
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Who {
    /// A login name, `key:<id>`, or `local`.
    pub name: String,
    pub display: String,
    pub role: Role,
    pub scope: Scope,
    pub language: Language,
    pub door: Door,
    pub must_change_password: bool,
    /// One-time codes are switched on.
    pub totp: bool,
    /// They must be, before anything else.
    pub must_enrol: bool,
}

impl Who {
    /// Whoever is at the gateway's own machine: an operator who may do everything, because he could as well write
    /// into its files. What he does here stands in the audit log.
    pub fn local() -> Who {
        Who {
            name: "local".to_owned(),
            display: "local".to_owned(),
            role: Role::Operator,
            scope: Scope::All,
            language: Language::En,
            door: Door::Local,
            must_change_password: false,
            totp: false,
            must_enrol: false,
        }
    }

    pub(crate) fn of(account: Account) -> Who {
        let must_enrol = account.must_enrol();
        Who {
            name: account.login.to_string(),
            display: account.display,
            role: account.role,
            scope: account.scope,
            language: account.language,
            door: Door::Session,
            must_change_password: account.must_change_password,
            totp: account.totp,
            must_enrol,
        }
    }

    /// Whether everything but one's own account is closed until something was done about it.
    pub fn is_half_in(&self) -> bool {
        self.must_change_password || self.must_enrol
    }

    pub fn may(&self, what: Permission) -> bool {
        match self.door {
            Door::Local => true,
            Door::Session | Door::Key => !self.is_half_in() && self.role.may(what),
        }
    }

    /// As the audit log names this one.
    pub fn actor(&self, address: IpAddr) -> Actor {
        Actor { who: self.name.clone(), role: self.role.name(), address: address.to_string() }
    }
}

impl People {
    /// Who is behind a session's token, now.
    pub fn session(&mut self, token: &str, now: Moment) -> Result<Option<Who>, PeopleError> {
        let hash = self.key.hash("session", &[token.as_bytes()]);
        let mut found = self
            .connection
            .prepare_cached("SELECT account, role, created, seen FROM session WHERE hash = ?1")?;
        let found = found
            .query_row([&hash[..]], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let Some((login, role, created, seen)) = found else { return Ok(None) };
        let (created, seen) = (Moment(created), Moment(seen));
        if now.since(seen) > IDLE || now.since(created) > ABSOLUTE {
            return Ok(None);
        }
        let account = find(&self.connection, &login)?;
        // Whose role has changed signs in again.
        let Some(account) = account.filter(|account| !account.disabled && account.role.name() == role) else {
            return Ok(None);
        };
        if now.since(seen) >= NOTE {
            self.connection.execute("UPDATE session SET seen = ?2 WHERE hash = ?1", (&hash[..], now.0))?;
        }
        Ok(Some(Who::of(account)))
    }

    /// The token that a page must send with whatever changes something: derived from the session's own, so that only
    /// who can read the page's answers has it.
    pub fn csrf(&self, token: &str) -> String {
        BASE64URL_NOPAD.encode(&self.key.hash("csrf", &[token.as_bytes()]))
    }

    /// Whether it is that token, in constant time.
    pub fn is_csrf(&self, token: &str, claimed: &str) -> bool {
        let claimed = BASE64URL_NOPAD.decode(claimed.as_bytes());
        claimed.is_ok_and(|claimed| self.key.is_hash("csrf", &[token.as_bytes()], &claimed))
    }

    /// Ends one session.
    pub fn sign_out(&mut self, token: &str) -> Result<(), PeopleError> {
        let hash = self.key.hash("session", &[token.as_bytes()]);
        self.connection.execute("DELETE FROM session WHERE hash = ?1", [&hash[..]])?;
        Ok(())
    }

    /// Ends all sessions of an account.
    pub fn sign_out_all(&mut self, login: &str) -> Result<(), PeopleError> {
        self.change(|tx, _| end_all(tx, login))
    }

    /// Forgets what is over: sessions, answered requests, and proposals that nobody decided. The audit log stays.
    pub fn prune(&mut self, now: Moment) -> Result<(), PeopleError> {
        self.change(|tx, _| {
            tx.execute(
                "DELETE FROM session WHERE seen < ?1 OR created < ?2",
                (now.after(-IDLE).0, now.after(-ABSOLUTE).0),
            )?;
            crate::requests::prune(tx, now)?;
            crate::proposals::prune(tx, now)
        })
    }
}

/// Opens a session.
pub(crate) fn open(
    tx: &Transaction<'_>,
    key: &SecretKey,
    login: &Login,
    role: Role,
    now: Moment,
    dice: &mut dyn Dice,
) -> Result<Secret, PeopleError> {
    let token = Secret::token(dice);
    let hash = key.hash("session", &[token.reveal().as_bytes()]);
    tx.execute(
        "INSERT INTO session (hash, account, role, created, seen) VALUES (?1, ?2, ?3, ?4, ?4)",
        (&hash[..], login.as_str(), role.name(), now.0),
    )?;
    tx.execute(
        "DELETE FROM session WHERE account = ?1 AND hash NOT IN
         (SELECT hash FROM session WHERE account = ?1 ORDER BY created DESC, hash LIMIT ?2)",
        (login.as_str(), MOST),
    )?;
    Ok(token)
}

pub(crate) fn end_all(tx: &Transaction<'_>, login: &str) -> Result<(), PeopleError> {
    tx.execute("DELETE FROM session WHERE account = ?1", [login])?;
    Ok(())
}

/// Checks a text that people write.
pub(crate) fn text(field: &'static str, text: &str, most: usize) -> Result<(), PeopleError> {
    let good = !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control);
    if good { Ok(()) } else { Err(PeopleError::Text { field, most }) }
}
