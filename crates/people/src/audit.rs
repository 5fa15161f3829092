//! The audit log: who did what, and who looked at what. Lines are numbered without gaps, never changed, and each is
//! hashed under the file's key together with the one before, so that a line that was forged, changed or taken out of
//! the middle is found. Lines cut off at the end are found as long as one later line exists.

use crate::{People, PeopleError, SecretKey};
use hefu_tally::Moment;
use rusqlite::{OptionalExtension, Row, types::Value};

/// The longest texts of a line, in characters; what is longer is cut.
const MOST_ABOUT: usize = 200;
const MOST_DETAIL: usize = 1_000;
/// Lines that are verified at a time.
const PAGE: i64 = 1_000;

/// Who did it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor {
    pub who: String,
    pub role: &'static str,
    pub address: String,
}

impl Actor {
    /// Somebody who is not known, from that address.
    pub fn unknown(address: std::net::IpAddr) -> Actor {
        Actor { who: String::new(), role: "", address: address.to_string() }
    }
}

/// What was done.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum What {
    SignIn,
    SignInRefused,
    SignOut,
    PasswordChanged,
    CodesSwitchedOn,
    /// Something was asked for that this one may not.
    Denied,
    /// A payment's page was looked at, with what is kept of its card.
    Look,
    /// Payments were searched for by a card's digits.
    SearchByCard,
    /// A slip was looked at or printed again.
    Reprint,
    Order,
    Decide,
    /// Money was asked to be given back.
    Refund,
    Propose,
    Approve,
    Refuse,
    AccountMade,
    AccountDisabled,
    AccountEnabled,
    AccountReset,
    KeyMade,
    KeyRevoked,
}

impl What {
    pub fn name(self) -> &'static str {
        match self {
            What::SignIn => "sign_in",
            What::SignInRefused => "sign_in_refused",
            What::SignOut => "sign_out",
            What::PasswordChanged => "password_changed",
            What::CodesSwitchedOn => "codes_switched_on",
            What::Denied => "denied",
            What::Look => "look",
            What::SearchByCard => "search_by_card",
            What::Reprint => "reprint",
            What::Order => "order",
            What::Decide => "decide",
            What::Refund => "refund",
            What::Propose => "propose",
            What::Approve => "approve",
            What::Refuse => "refuse",
            What::AccountMade => "account_made",
            What::AccountDisabled => "account_disabled",
            What::AccountEnabled => "account_enabled",
            What::AccountReset => "account_reset",
            What::KeyMade => "key_made",
            What::KeyRevoked => "key_revoked",
        }
    }
}

/// A line of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditLine {
    /// From 1, without gaps.
    pub no: i64,
    pub at: Moment,
    pub who: String,
    pub role: String,
    pub address: String,
    pub what: String,
    pub about: String,
    pub detail: String,
}

/// What is looked for: every field that is given must fit.
#[derive(Clone, Default, Debug)]
pub struct AuditQuery {
    pub who: Option<String>,
    pub what: Option<String>,
    pub about: Option<String>,
    /// Only lines before this number.
    pub before: Option<i64>,
    pub limit: u32,
}

/// The first line that is not as it was written.
#[derive(Copy, Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AuditFault {
    #[error("line {0} is missing")]
    Missing(i64),
    #[error("line {0} was changed or forged")]
    Changed(i64),
}

impl People {
    /// Writes a line. It is durable when this returns.
    pub fn note(
        &mut self,
        actor: &Actor,
        what: What,
        about: &str,
        detail: &str,
        now: Moment,
    ) -> Result<(), PeopleError> {
        self.change(|tx, key| {
            let last = tx
                .query_row("SELECT no, hash FROM audit ORDER BY no DESC LIMIT 1", [], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
                })
                .optional()?;
            let (last, before) = last.unwrap_or_default();
            let line = AuditLine {
                no: last + 1,
                at: now,
                who: actor.who.clone(),
                role: actor.role.to_owned(),
                address: actor.address.clone(),
                what: what.name().to_owned(),
                about: cut(about, MOST_ABOUT),
                detail: cut(detail, MOST_DETAIL),
            };
            let hash = line.hash(key, &before);
            let AuditLine { no, at, who, role, address, what, about, detail } = line;
            tx.prepare_cached(
                "INSERT INTO audit (no, at, who, role, address, what, about, detail, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute((no, at.0, who, role, address, what, about, detail, &hash[..]))?;
            Ok(())
        })
    }

    /// Lines, the newest first.
    pub fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditLine>, PeopleError> {
        let mut values: Vec<Value> = vec![query.before.unwrap_or(i64::MAX).into()];
        let mut terms = "no < ?1".to_owned();
        for (column, text) in [("who", &query.who), ("what", &query.what), ("about", &query.about)] {
            if let Some(text) = text {
                values.push(text.clone().into());
                terms.push_str(&format!(" AND {column} = ?{}", values.len()));
            }
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM audit WHERE {terms} ORDER BY no DESC LIMIT {}",
            query.limit.clamp(1, 200)
        );
        let mut found = self.connection.prepare_cached(&sql)?;
        let lines = found.query_map(rusqlite::params_from_iter(values), of)?;
        Ok(lines.collect::<Result<_, _>>()?)
    }

    /// Goes through the whole log. The number of its lines, if all are as they were written.
    ///
    /// # Errors
    /// Outside: the file cannot be read. Inside: the first line that is not as it was written.
    pub fn verify_audit(&self) -> Result<Result<i64, AuditFault>, PeopleError> {
        let sql = format!("SELECT {COLUMNS}, hash FROM audit WHERE no > ?1 ORDER BY no LIMIT {PAGE}");
        let mut page = self.connection.prepare_cached(&sql)?;
        let (mut last, mut before) = (0, Vec::new());
        loop {
            let lines = page.query_map([last], |row| Ok((of(row)?, row.get::<_, Vec<u8>>(8)?)))?;
            let lines: Vec<_> = lines.collect::<Result<_, _>>()?;
            if lines.is_empty() {
                return Ok(Ok(last));
            }
            for (line, hash) in lines {
                if line.no != last + 1 {
                    return Ok(Err(AuditFault::Missing(last + 1)));
                }
                if !line.is_hash(&self.key, &before, &hash) {
                    return Ok(Err(AuditFault::Changed(line.no)));
                }
                (last, before) = (line.no, hash);
            }
        }
    }
}

const COLUMNS: &str = "no, at, who, role, address, what, about, detail";

fn of(row: &Row<'_>) -> rusqlite::Result<AuditLine> {
    Ok(AuditLine {
        no: row.get(0)?,
        at: Moment(row.get(1)?),
        who: row.get(2)?,
        role: row.get(3)?,
        address: row.get(4)?,
        what: row.get(5)?,
        about: row.get(6)?,
        detail: row.get(7)?,
    })
}

impl AuditLine {
    /// What is hashed: every field with its length, so that no two lines read the same.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = [self.no.to_be_bytes(), self.at.0.to_be_bytes()].concat();
        for field in [&self.who, &self.role, &self.address, &self.what, &self.about, &self.detail] {
            bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
            bytes.extend_from_slice(field.as_bytes());
        }
        bytes
    }

    fn hash(&self, key: &SecretKey, before: &[u8]) -> [u8; 32] {
        key.hash("audit", &[before, &self.bytes()])
    }

    fn is_hash(&self, key: &SecretKey, before: &[u8], claimed: &[u8]) -> bool {
        key.is_hash("audit", &[before, &self.bytes()], claimed)
    }
}

/// A text of one line, not for long, and without the card number that somebody may have typed into it.
fn cut(text: &str, most: usize) -> String {
    let line = text.chars().map(|character| if character.is_control() { ' ' } else { character });
    let mut kept = String::new();
    let mut run = String::new();
    for character in line.chain([' ']) {
        if character.is_ascii_digit() {
            run.push(character);
            continue;
        }
        if is_card(&run) {
            kept.extend([&run[..6], "******", &run[run.len() - 4..]]);
        } else {
            kept.push_str(&run);
        }
        run.clear();
        kept.push(character);
    }
    kept.pop();
    kept.chars().take(most).collect()
}

/// 13 to 19 digits whose check digit is right.
fn is_card(digits: &str) -> bool {
    let values = digits.bytes().rev().map(|digit| u32::from(digit - b'0')).enumerate();
    let sum: u32 = values
        .map(|(place, value)| if place % 2 == 0 { value } else { (2 * value) / 10 + (2 * value) % 10 })
        .sum();
    (13..=19).contains(&digits.len()) && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_of_bounded_length_without_a_card_number() {
        let cases = [
            ("seen", "seen"),
            ("two\nlines", "two lines"),
            ("card 6200000000000005, she says", "card 620000******0005, she says"),
            ("6200000000000005", "620000******0005"),
            ("6200000000000006", "6200000000000006"),
            ("shop 898110253110001", "shop 898110253110001"),
            ("12345678901234567890123", "12345678901234567890123"),
        ];
        for (given, expected) in cases {
            assert_eq!(cut(given, 60), expected);
        }
        assert_eq!(cut(&"合".repeat(80), 60).chars().count(), 60);
    }
}
