//! Requests that are made once: whoever repeats one under the same key hears the first answer again.

use crate::{People, PeopleError, session::text};
use hefu_tally::{Moment, time::DAY};
use rusqlite::{OptionalExtension, Transaction};

/// The largest answer that is kept, in bytes.
pub const MOST_BODY_BYTES: usize = 16 * 1_024;
/// How long a key is remembered.
const LASTS: i64 = DAY;
/// The longest key, in characters.
const MOST_KEY: usize = 64;
/// The most keys of one account; more are refused until a day has passed.
const MOST_OF_ONE: i64 = 10_000;

/// How a request under a key stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Begun {
    /// The first of its kind: do it, then [`People::end_request`].
    Fresh,
    /// Under way; or its end was not seen, so that nobody knows whether it was done.
    InProgress,
    /// Done: this was answered.
    Done { status: u16, body: Vec<u8> },
    /// The key stands for another request.
    Another,
}

impl People {
    /// Begins a request, or tells how it stands.
    ///
    /// # Errors
    /// The key is empty or too long; this account has made too many.
    pub fn begin_request(
        &mut self,
        account: &str,
        key: &str,
        request: &[u8],
        now: Moment,
    ) -> Result<Begun, PeopleError> {
        text("idempotency key", key, MOST_KEY)?;
        self.change(|tx, secret| {
            let fingerprint = secret.hash("request", &[request]);
            let found = tx
                .query_row(
                    "SELECT fingerprint, status, body, at FROM request WHERE account = ?1 AND key = ?2",
                    [account, key],
                    |row| {
                        let (status, body): (Option<u16>, Option<Vec<u8>>) = (row.get(1)?, row.get(2)?);
                        Ok((row.get::<_, Vec<u8>>(0)?, status, body, row.get::<_, i64>(3)?))
                    },
                )
                .optional()?;
            match found {
                Some((kept, status, body, at)) if now.since(Moment(at)) <= LASTS => Ok(match status {
                    _ if kept != fingerprint => Begun::Another,
                    Some(status) => Begun::Done { status, body: body.unwrap_or_default() },
                    None => Begun::InProgress,
                }),
                Some(_) | None => {
                    let of_one: i64 =
                        tx.query_row("SELECT count(*) FROM request WHERE account = ?1", [account], |row| {
                            row.get(0)
                        })?;
                    if of_one >= MOST_OF_ONE {
                        return Err(PeopleError::TooMany(MOST_OF_ONE as usize));
                    }
                    tx.execute(
                        "INSERT OR REPLACE INTO request (account, key, fingerprint, at) VALUES (?1, ?2, ?3, ?4)",
                        (account, key, &fingerprint[..], now.0),
                    )?;
                    Ok(Begun::Fresh)
                }
            }
        })
    }

    /// Keeps what was answered. A body beyond [`MOST_BODY_BYTES`] is refused.
    pub fn end_request(
        &mut self,
        account: &str,
        key: &str,
        status: u16,
        body: &[u8],
    ) -> Result<(), PeopleError> {
        if body.len() > MOST_BODY_BYTES {
            return Err(PeopleError::Text { field: "answer", most: MOST_BODY_BYTES });
        }
        self.connection.execute(
            "UPDATE request SET status = ?3, body = ?4 WHERE account = ?1 AND key = ?2",
            (account, key, status, body),
        )?;
        Ok(())
    }

    /// Forgets a request that was not begun, so that it can be made again under its key.
    pub fn drop_request(&mut self, account: &str, key: &str) -> Result<(), PeopleError> {
        self.connection.execute(
            "DELETE FROM request WHERE account = ?1 AND key = ?2 AND status IS NULL",
            [account, key],
        )?;
        Ok(())
    }
}

pub(crate) fn prune(tx: &Transaction<'_>, now: Moment) -> Result<(), PeopleError> {
    tx.execute("DELETE FROM request WHERE at < ?1", [now.after(-LASTS).0])?;
    Ok(())
}
