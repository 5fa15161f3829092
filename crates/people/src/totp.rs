//! One-time codes as authenticator apps make them (RFC 6238): SHA-1, 30 seconds, 6 digits.

use crate::{Dice, People, PeopleError, Secret, dice::roll, seal::SecretKey};
use data_encoding::BASE32_NOPAD;
use hefu_tally::Moment;
use rusqlite::{OptionalExtension, Transaction};
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

/// A key for an authenticator app. It counts when a code of it was given back.
pub struct Offered {
    /// `otpauth://…`, as apps read it from a QR code.
    pub uri: Secret,
    /// The same key, to be typed: base 32.
    pub secret: Secret,
}

/// Bytes of a key, as RFC 4226 recommends.
const KEY_BYTES: usize = 20;
/// A code of the step before or after is taken too: clocks differ.
const SKEW: u16 = 1;

impl People {
    /// Offers a new key for one-time codes. The old one holds until [`People::confirm_codes`].
    ///
    /// # Errors
    /// There is no such account.
    pub fn offer_codes(&mut self, login: &str, dice: &mut dyn Dice) -> Result<Offered, PeopleError> {
        let clear = Zeroizing::new(roll::<KEY_BYTES>(dice));
        let sealed = self.key.seal(login, &*clear, dice);
        let changed = self.change(|tx, _| {
            Ok(tx.execute("UPDATE account SET totp_offered = ?2 WHERE name = ?1", (login, sealed))?)
        })?;
        if changed == 0 {
            return Err(PeopleError::NoAccount(login.to_owned()));
        }
        let secret = Secret::new(BASE32_NOPAD.encode(&*clear));
        let uri = Secret::new(format!(
            "otpauth://totp/Hefu:{login}?secret={}&issuer=Hefu&algorithm=SHA1&digits=6&period=30",
            secret.reveal()
        ));
        Ok(Offered { uri, secret })
    }

    /// Takes the offered key into use, if the code is of it.
    ///
    /// # Errors
    /// Nothing was offered; the code is another one.
    pub fn confirm_codes(&mut self, login: &str, code: &str, now: Moment) -> Result<(), PeopleError> {
        self.change(|tx, key| {
            let offered: Option<Vec<u8>> = tx
                .query_row("SELECT totp_offered FROM account WHERE name = ?1", [login], |row| row.get(0))
                .optional()?
                .flatten();
            let sealed = offered.ok_or(PeopleError::NothingOffered)?;
            let step = step_of(&opened(key, login, &sealed)?, code, now).ok_or(PeopleError::WrongCode)?;
            tx.execute(
                "UPDATE account SET totp = totp_offered, totp_offered = NULL, totp_step = ?2 WHERE name = ?1",
                (login, step),
            )?;
            Ok(())
        })
    }
}

/// Takes a code: each step's once, and none older than the last. Whether it was taken.
pub(crate) fn take(
    tx: &Transaction<'_>,
    key: &SecretKey,
    login: &str,
    code: &str,
    now: Moment,
) -> Result<bool, PeopleError> {
    let (sealed, last): (Vec<u8>, i64) =
        tx.query_row("SELECT totp, totp_step FROM account WHERE name = ?1", [login], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    match step_of(&opened(key, login, &sealed)?, code, now) {
        Some(step) if step > last => {
            tx.execute("UPDATE account SET totp_step = ?2 WHERE name = ?1", (login, step))?;
            Ok(true)
        }
        Some(_) | None => Ok(false),
    }
}

fn opened(key: &SecretKey, login: &str, sealed: &[u8]) -> Result<Totp, PeopleError> {
    let clear = key.open(login, sealed)?;
    Builder::new().with_secret(&clear[..]).with_skew(SKEW).build().map_err(|_| PeopleError::NotGenuine)
}

/// The step whose code this is.
fn step_of(codes: &Totp, code: &str, now: Moment) -> Option<i64> {
    let seconds = u64::try_from(now.0 / 1_000).ok()?;
    let code = code.trim();
    let plain = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    let step = codes.check(code, seconds).filter(|_| plain)?;
    i64::try_from(step).ok()
}

/// The code of now, as an app shows it.
#[cfg(test)]
pub(crate) fn code(secret: &str, now: Moment) -> String {
    let key = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let codes = Builder::new().with_secret(&key[..]).build().unwrap();
    codes.generate(u64::try_from(now.0 / 1_000).unwrap()).to_string()
}
