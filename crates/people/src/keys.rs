//! Keys of machines: `hefu_<id>_<secret>`.

use crate::{
    Dice, Door, Language, People, PeopleError, Role, Scope, Secret, Who,
    account::{fits, scope},
    dice::roll,
    session::text,
};
use data_encoding::BASE32_NOPAD;
use hefu_tally::{
    Moment,
    time::{DAY, MINUTE},
};
use rusqlite::{OptionalExtension, Row};

/// The most keys that are good at one time.
pub const MOST_KEYS: usize = 200;
const MOST_LABEL: usize = 64;
const LONGEST: i64 = 2 * 366 * DAY;
/// That a key was used is written down at most so often.
const NOTE: i64 = MINUTE;

/// What a key is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewKey {
    /// What it is for: 1 to 64 characters.
    pub label: String,
    pub role: Role,
    pub scope: Scope,
    pub expires: Moment,
    /// The login name of whoever makes it.
    pub made_by: String,
}

/// A key, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKey {
    pub id: String,
    pub label: String,
    pub role: Role,
    pub scope: Scope,
    pub made_by: String,
    pub created: Moment,
    pub expires: Moment,
    pub used: Option<Moment>,
    pub revoked: bool,
}

impl People {
    /// Makes a key. Its text is told once.
    ///
    /// # Errors
    /// Label, time, or role and scope are not as they must be; there are [`MOST_KEYS`] already.
    pub fn make_key(
        &mut self,
        new: &NewKey,
        now: Moment,
        dice: &mut dyn Dice,
    ) -> Result<(String, Secret), PeopleError> {
        text("label", &new.label, MOST_LABEL)?;
        fits(new.role, new.scope)?;
        if !(MINUTE..=LONGEST).contains(&new.expires.since(now)) {
            return Err(PeopleError::KeyTime);
        }
        let id = BASE32_NOPAD.encode(&roll::<5>(dice)).to_lowercase();
        let secret = Secret::token(dice);
        let hash = self.key.hash("api key", &[id.as_bytes(), b"_", secret.reveal().as_bytes()]);
        self.change(|tx, _| {
            let good: i64 = tx.query_row(
                "SELECT count(*) FROM api_key WHERE revoked = 0 AND expires > ?1",
                [now.0],
                |row| row.get(0),
            )?;
            if usize::try_from(good).unwrap_or(usize::MAX) >= MOST_KEYS {
                return Err(PeopleError::TooMany(MOST_KEYS));
            }
            tx.execute(
                "INSERT INTO api_key (id, hash, label, role, merchant, made_by, created, expires, revoked)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0)",
                (
                    &id,
                    &hash[..],
                    &new.label,
                    new.role.name(),
                    new.scope.merchant().map(String::from),
                    &new.made_by,
                    now.0,
                    new.expires.0,
                ),
            )?;
            Ok(())
        })?;
        let whole = Secret::new(format!("hefu_{id}_{}", secret.reveal()));
        Ok((id, whole))
    }

    /// Who is behind a key, now. A key stops with the account of whoever made it.
    pub fn key(&mut self, given: &str, now: Moment) -> Result<Option<Who>, PeopleError> {
        let parts = given.strip_prefix("hefu_").and_then(|rest| rest.split_once('_'));
        let Some((id, secret)) = parts else { return Ok(None) };
        let found = {
            let sql = format!("SELECT {COLUMNS}, hash FROM api_key WHERE id = ?1");
            let mut found = self.connection.prepare_cached(&sql)?;
            found.query_row([id], |row| Ok((of(row), row.get::<_, Vec<u8>>(9)?))).optional()?
        };
        let Some((key, hash)) = found else { return Ok(None) };
        let key = key?;
        let genuine = self.key.is_hash("api key", &[id.as_bytes(), b"_", secret.as_bytes()], &hash);
        if !genuine || key.revoked || key.expires <= now || self.is_disabled(&key.made_by)? {
            return Ok(None);
        }
        if key.used.is_none_or(|used| now.since(used) >= NOTE) {
            self.connection.execute("UPDATE api_key SET used = ?2 WHERE id = ?1", (id, now.0))?;
        }
        Ok(Some(Who {
            name: format!("key:{id}"),
            display: key.label,
            role: key.role,
            scope: key.scope,
            language: Language::En,
            door: Door::Key,
            must_change_password: false,
            totp: false,
            must_enrol: false,
        }))
    }

    /// Keys, the newest first.
    pub fn keys(&self) -> Result<Vec<ApiKey>, PeopleError> {
        let sql = format!("SELECT {COLUMNS} FROM api_key ORDER BY created DESC, id LIMIT {}", 2 * MOST_KEYS);
        let mut found = self.connection.prepare_cached(&sql)?;
        let keys = found.query_map([], |row| Ok(of(row)))?;
        keys.map(|key| key?).collect()
    }

    /// Ends a key for good.
    ///
    /// # Errors
    /// [`PeopleError::NoKey`].
    pub fn revoke_key(&mut self, id: &str) -> Result<(), PeopleError> {
        let changed = self.connection.execute("UPDATE api_key SET revoked = 1 WHERE id = ?1", [id])?;
        if changed == 1 { Ok(()) } else { Err(PeopleError::NoKey(id.chars().take(16).collect())) }
    }

    fn is_disabled(&self, login: &str) -> Result<bool, PeopleError> {
        let found =
            self.connection.query_row("SELECT disabled FROM account WHERE name = ?1", [login], |row| {
                row.get::<_, bool>(0)
            });
        // `local` made it: there is no account behind it.
        Ok(found.optional()?.unwrap_or(false))
    }
}

const COLUMNS: &str = "id, label, role, merchant, made_by, created, expires, used, revoked";

fn of(row: &Row<'_>) -> Result<ApiKey, PeopleError> {
    let id: String = row.get(0)?;
    let wrong = |field| PeopleError::Row { field, row: id.clone() };
    Ok(ApiKey {
        label: row.get(1)?,
        role: Role::parse(&row.get::<_, String>(2)?).ok_or_else(|| wrong("role"))?,
        scope: scope(row.get(3)?).ok_or_else(|| wrong("merchant"))?,
        made_by: row.get(4)?,
        created: Moment(row.get(5)?),
        expires: Moment(row.get(6)?),
        used: row.get::<_, Option<i64>>(7)?.map(Moment),
        revoked: row.get(8)?,
        id,
    })
}
