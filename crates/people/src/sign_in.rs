//! Signing in, in three steps, so that the slow one (the password) is done while nobody waits for the file:
//! [`People::knock`], [`Knock::try_password`], [`People::let_in`]. [`People::sign_in`] is all three.

use crate::{Dice, Login, People, PeopleError, Secret, Who, account::find, password, session, totp};
use hefu_tally::Moment;
use rusqlite::OptionalExtension;
use std::net::IpAddr;

/// What came of it.
pub enum SignIn {
    In(SignedIn),
    /// Name, password or code is wrong, or the account is disabled: which of them is not told.
    Refused,
    /// Name and password are right, and the account has one-time codes.
    CodeWanted,
    /// Too many tries of this name or from this address, whether or not it exists.
    TooMany {
        until: Moment,
    },
}

/// Somebody is in.
pub struct SignedIn {
    /// For the session's cookie.
    pub token: Secret,
    /// To be sent back with whatever changes something.
    pub csrf: String,
    pub who: Who,
}

/// A try that was counted.
pub struct Knock {
    name: String,
    address: IpAddr,
    hash: String,
    known: bool,
}

/// A try whose password was looked at.
pub struct Tried {
    name: String,
    address: IpAddr,
    fits: bool,
    hash: String,
}

impl Knock {
    /// The slow part: always the same work, whether there is such an account or not.
    pub fn try_password(self, password: &str) -> Tried {
        let Knock { name, address, hash, known } = self;
        let fits = password::fits(&hash, password) && known;
        Tried { name, address, fits, hash }
    }
}

impl People {
    /// Counts a try.
    ///
    /// # Errors
    /// Outside: the file cannot be read. Inside: until when to wait.
    pub fn knock(
        &mut self,
        name: &str,
        address: IpAddr,
        now: Moment,
    ) -> Result<Result<Knock, Moment>, PeopleError> {
        if let Err(until) = self.limits.knock(name, address, now) {
            return Ok(Err(until));
        }
        let mut found = self
            .connection
            .prepare_cached("SELECT password FROM account WHERE name = ?1 AND disabled = 0")?;
        let found: Option<String> = found.query_row([name], |row| row.get(0)).optional()?;
        let known = found.is_some();
        let hash = found.unwrap_or_else(|| self.nobody.clone());
        Ok(Ok(Knock { name: name.to_owned(), address, hash, known }))
    }

    /// Lets somebody in whose password fits, and whose code does.
    pub fn let_in(
        &mut self,
        tried: Tried,
        code: Option<&str>,
        now: Moment,
        dice: &mut dyn Dice,
    ) -> Result<SignIn, PeopleError> {
        let Tried { name, address, fits, hash } = tried;
        let Some(login) = Login::parse(&name).ok().filter(|_| fits) else { return Ok(SignIn::Refused) };
        let answer = self.change(|tx, key| {
            let Some(account) = find(tx, login.as_str())?.filter(|account| !account.disabled) else {
                return Ok(SignIn::Refused);
            };
            // The password may have been changed while it was looked at.
            let kept: String =
                tx.query_row("SELECT password FROM account WHERE name = ?1", [&name], |row| row.get(0))?;
            if kept != hash {
                return Ok(SignIn::Refused);
            }
            match code.filter(|code| !code.trim().is_empty()) {
                None if account.totp => return Ok(SignIn::CodeWanted),
                Some(code) if account.totp && !totp::take(tx, key, &name, code, now)? => {
                    return Ok(SignIn::Refused);
                }
                None | Some(_) => {}
            }
            let token = session::open(tx, key, &login, account.role, now, dice)?;
            Ok(SignIn::In(SignedIn { token, csrf: String::new(), who: Who::of(account) }))
        })?;
        Ok(match answer {
            SignIn::In(signed) => {
                self.limits.succeeded(&name, address);
                SignIn::In(SignedIn { csrf: self.csrf(signed.token.reveal()), ..signed })
            }
            SignIn::CodeWanted => {
                self.limits.forgive(address);
                SignIn::CodeWanted
            }
            SignIn::Refused | SignIn::TooMany { .. } => answer,
        })
    }

    /// Counts a try for what is not a sign-in but guesses a secret all the same: the present password, a code.
    ///
    /// # Errors
    /// Until when to wait.
    pub fn count_guess(&mut self, name: &str, address: IpAddr, now: Moment) -> Result<(), Moment> {
        self.limits.knock(name, address, now)
    }

    /// The guess was right.
    pub fn guessed(&mut self, name: &str, address: IpAddr) {
        self.limits.succeeded(name, address);
    }

    /// All three steps at once.
    pub fn sign_in(
        &mut self,
        name: &str,
        password: &str,
        code: Option<&str>,
        address: IpAddr,
        now: Moment,
        dice: &mut dyn Dice,
    ) -> Result<SignIn, PeopleError> {
        match self.knock(name, address, now)? {
            Ok(knock) => self.let_in(knock.try_password(password), code, now, dice),
            Err(until) => Ok(SignIn::TooMany { until }),
        }
    }
}
