//! Accounts: who there is.

use crate::{
    Dice, People, PeopleError, Role, Scope, Secret, password,
    session::{end_all, text},
};
use hefu_tally::{MerchantNo, Moment};
use rusqlite::{OptionalExtension, Row, Transaction};
use std::fmt;

/// A login name: 2 to 32 characters of `a-z 0-9 . _ -`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Login(String);

impl Login {
    /// # Errors
    /// It is too short, too long, has other characters, or is `local`, as whoever sits at the machine is called.
    pub fn parse(text: &str) -> Result<Login, PeopleError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
        let good = (2..=32).contains(&text.len()) && text.bytes().all(plain) && text != "local";
        if good { Ok(Login(text.to_owned())) } else { Err(PeopleError::Login) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The language that a person reads.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Language {
    Zh,
    En,
}

impl Language {
    pub fn name(self) -> &'static str {
        match self {
            Language::Zh => "zh",
            Language::En => "en",
        }
    }

    pub fn parse(name: &str) -> Option<Language> {
        [Language::Zh, Language::En].into_iter().find(|language| language.name() == name)
    }
}

/// What an account is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAccount {
    pub login: Login,
    /// As the person is called: 1 to 64 characters.
    pub display: String,
    pub role: Role,
    pub scope: Scope,
    pub language: Language,
}

/// An account, without its secrets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    pub login: Login,
    pub display: String,
    pub role: Role,
    pub scope: Scope,
    pub language: Language,
    pub must_change_password: bool,
    /// One-time codes are switched on.
    pub totp: bool,
    /// Made for a demonstration: its password was printed, and no code is asked of it.
    pub demo: bool,
    pub disabled: bool,
    pub created: Moment,
}

impl Account {
    /// Whether codes must be switched on before anything else is done.
    pub fn must_enrol(&self) -> bool {
        self.role.needs_code() && !self.totp && !self.demo
    }
}

/// The hash of a first password, so that a proposal can carry it while its text is told to whoever proposes.
#[derive(Clone)]
pub struct FirstPassword(String);

impl FirstPassword {
    /// A password that the machine makes, and its hash. Slow.
    pub fn made(dice: &mut dyn Dice) -> (Secret, FirstPassword) {
        let made = password::made(dice);
        let hash = password::hash(made.reveal(), dice);
        (made, FirstPassword(hash))
    }

    /// The hash, as a PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hash that [`FirstPassword::as_str`] gave.
    pub fn from_hash(hash: String) -> FirstPassword {
        FirstPassword(hash)
    }
}

/// The longest display name, in characters.
pub(crate) const MOST_DISPLAY: usize = 64;
/// The most accounts that one page of the list has.
const MOST_ROWS: usize = 200;

impl People {
    /// Makes an account with a password that the machine made and that must be changed at the first sign-in.
    ///
    /// # Errors
    /// The name is taken; role and scope do not fit.
    pub fn create(
        &mut self,
        new: &NewAccount,
        now: Moment,
        dice: &mut dyn Dice,
    ) -> Result<Secret, PeopleError> {
        let (made, first) = FirstPassword::made(dice);
        self.create_with(new, &first, now)?;
        Ok(made)
    }

    /// The same with a password that was made before.
    ///
    /// # Errors
    /// The name is taken; role and scope do not fit.
    pub fn create_with(
        &mut self,
        new: &NewAccount,
        first: &FirstPassword,
        now: Moment,
    ) -> Result<(), PeopleError> {
        self.change(|tx, _| insert(tx, new, &first.0, true, false, now))
    }

    /// The account of that name.
    ///
    /// # Errors
    /// [`PeopleError::NoAccount`].
    pub fn account(&self, login: &str) -> Result<Account, PeopleError> {
        find(&self.connection, login)?.ok_or_else(|| PeopleError::NoAccount(shown(login)))
    }

    /// Accounts by name, after `after`; at most 200.
    pub fn accounts(&self, after: Option<&str>) -> Result<Vec<Account>, PeopleError> {
        let sql = format!("SELECT {COLUMNS} FROM account WHERE name > ?1 ORDER BY name LIMIT {MOST_ROWS}");
        let mut found = self.connection.prepare_cached(&sql)?;
        let rows = found.query_map([after.unwrap_or("")], |row| Ok(of(row)))?;
        rows.map(|row| row?).collect()
    }

    /// Ends an account for the time being, and all its sessions at once.
    ///
    /// # Errors
    /// [`PeopleError::NoAccount`].
    pub fn disable(&mut self, login: &str) -> Result<(), PeopleError> {
        self.change(|tx, _| {
            set(tx, login, "disabled = 1")?;
            end_all(tx, login)
        })
    }

    /// Lets a disabled account in again.
    ///
    /// # Errors
    /// [`PeopleError::NoAccount`].
    pub fn enable(&mut self, login: &str) -> Result<(), PeopleError> {
        self.change(|tx, _| set(tx, login, "disabled = 0"))
    }

    /// Gives an account a new password that must be changed at the next sign-in, and switches its one-time codes
    /// off: for whoever has lost either. All its sessions end.
    ///
    /// # Errors
    /// [`PeopleError::NoAccount`].
    pub fn reset(&mut self, login: &str, dice: &mut dyn Dice) -> Result<Secret, PeopleError> {
        let (made, first) = FirstPassword::made(dice);
        self.reset_with(login, &first)?;
        Ok(made)
    }

    /// The same with a password that was made before.
    ///
    /// # Errors
    /// [`PeopleError::NoAccount`].
    pub fn reset_with(&mut self, login: &str, first: &FirstPassword) -> Result<(), PeopleError> {
        self.change(|tx, _| {
            set(tx, login, "must_change = 1, totp = NULL, totp_offered = NULL, totp_step = 0")?;
            tx.execute("UPDATE account SET password = ?2 WHERE name = ?1", [login, &first.0])?;
            end_all(tx, login)
        })
    }

    /// Whether there is no account of that name, and role and scope of it fit.
    ///
    /// # Errors
    /// Why it could not be made.
    pub fn could_create(&self, new: &NewAccount) -> Result<(), PeopleError> {
        could(&self.connection, new)
    }

    /// Changes one's own password. All sessions end but the one that asks, which `keep` names by its token.
    ///
    /// # Errors
    /// The old password is another one; the new one breaks a rule.
    pub fn change_password(
        &mut self,
        login: &str,
        old: &str,
        new: &str,
        keep: &str,
        dice: &mut dyn Dice,
    ) -> Result<(), PeopleError> {
        self.check_password(login, old)?;
        password::check(login, new)?;
        let hash = password::hash(new, dice);
        self.change(|tx, key| {
            set(tx, login, "must_change = 0")?;
            tx.execute("UPDATE account SET password = ?2 WHERE name = ?1", [login, &hash])?;
            let own = key.hash("session", &[keep.as_bytes()]);
            tx.execute("DELETE FROM session WHERE account = ?1 AND hash <> ?2", (login, &own[..]))?;
            Ok(())
        })
    }

    /// Whether this is the account's present password. Slow.
    ///
    /// # Errors
    /// It is another one, or there is no such account.
    pub fn check_password(&self, login: &str, password: &str) -> Result<(), PeopleError> {
        let kept: Option<String> = self
            .connection
            .query_row("SELECT password FROM account WHERE name = ?1", [login], |row| row.get(0))
            .optional()?;
        let fits = password::fits(kept.as_deref().unwrap_or(&self.nobody), password);
        if fits { Ok(()) } else { Err(PeopleError::WrongPassword) }
    }

    /// Whether there is an account of a real person.
    pub fn has_real_accounts(&self) -> Result<bool, PeopleError> {
        self.any("SELECT EXISTS (SELECT 1 FROM account WHERE demo = 0 AND disabled = 0)")
    }

    /// Whether there is an account whose password was printed for a demonstration.
    pub fn has_demo_accounts(&self) -> Result<bool, PeopleError> {
        self.any("SELECT EXISTS (SELECT 1 FROM account WHERE demo = 1 AND disabled = 0)")
    }

    fn any(&self, sql: &str) -> Result<bool, PeopleError> {
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }
}

pub(crate) const COLUMNS: &str =
    "name, display, role, merchant, language, must_change, totp IS NOT NULL, demo, disabled, created";

pub(crate) fn find(connection: &rusqlite::Connection, login: &str) -> Result<Option<Account>, PeopleError> {
    let sql = format!("SELECT {COLUMNS} FROM account WHERE name = ?1");
    let mut found = connection.prepare_cached(&sql)?;
    found.query_row([login], |row| Ok(of(row))).optional()?.transpose()
}

/// Reads the columns of [`COLUMNS`].
fn of(row: &Row<'_>) -> Result<Account, PeopleError> {
    let name: String = row.get(0)?;
    let wrong = |field| PeopleError::Row { field, row: name.clone() };
    Ok(Account {
        login: Login::parse(&name).map_err(|_| wrong("name"))?,
        display: row.get(1)?,
        role: Role::parse(&row.get::<_, String>(2)?).ok_or_else(|| wrong("role"))?,
        scope: scope(row.get(3)?).ok_or_else(|| wrong("merchant"))?,
        language: Language::parse(&row.get::<_, String>(4)?).ok_or_else(|| wrong("language"))?,
        must_change_password: row.get(5)?,
        totp: row.get(6)?,
        demo: row.get(7)?,
        disabled: row.get(8)?,
        created: Moment(row.get(9)?),
    })
}

/// The scope of a column.
pub(crate) fn scope(merchant: Option<String>) -> Option<Scope> {
    match merchant {
        None => Some(Scope::All),
        Some(number) => MerchantNo::parse(number.as_bytes()).ok().map(Scope::Merchant),
    }
}

pub(crate) fn insert(
    tx: &Transaction<'_>,
    new: &NewAccount,
    hash: &str,
    must_change: bool,
    demo: bool,
    now: Moment,
) -> Result<(), PeopleError> {
    could(tx, new)?;
    let login = new.login.as_str();
    tx.execute(
        "INSERT INTO account (name, display, role, merchant, language, password, must_change, demo, disabled, created)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9)",
        (
            login,
            &new.display,
            new.role.name(),
            new.scope.merchant().map(String::from),
            new.language.name(),
            hash,
            must_change,
            demo,
            now.0,
        ),
    )?;
    Ok(())
}

fn could(connection: &rusqlite::Connection, new: &NewAccount) -> Result<(), PeopleError> {
    text("display name", &new.display, MOST_DISPLAY)?;
    fits(new.role, new.scope)?;
    match find(connection, new.login.as_str())? {
        Some(_) => Err(PeopleError::Taken(new.login.to_string())),
        None => Ok(()),
    }
}

/// A cashier or an owner has a merchant, nobody else has.
pub(crate) fn fits(role: Role, scope: Scope) -> Result<(), PeopleError> {
    match (role.is_of_a_merchant(), scope) {
        (true, Scope::All) => Err(PeopleError::MerchantWanted(role)),
        (false, Scope::Merchant(_)) => Err(PeopleError::NoMerchant(role)),
        (true, Scope::Merchant(_)) | (false, Scope::All) => Ok(()),
    }
}

fn set(tx: &Transaction<'_>, login: &str, what: &str) -> Result<(), PeopleError> {
    let changed = tx.execute(&format!("UPDATE account SET {what} WHERE name = ?1"), [login])?;
    if changed == 1 { Ok(()) } else { Err(PeopleError::NoAccount(shown(login))) }
}

/// A name as it may stand in an error: whatever was typed, but not for long.
fn shown(login: &str) -> String {
    login.chars().take(32).filter(|character| !character.is_control()).collect()
}
