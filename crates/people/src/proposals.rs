//! What needs a second person: proposed by one, approved by another, done once.

use crate::{Door, People, PeopleError, Permission, Who, session::text};
use hefu_tally::{Moment, time::DAY};
use rusqlite::{OptionalExtension, Row, Transaction};

/// The largest action, in bytes.
pub const MOST_ACTION_BYTES: usize = 4_096;
/// A proposal that nobody decided for so long has expired.
const LASTS: i64 = DAY;
/// What was decided is kept for so long; the audit log keeps it for ever.
const KEPT: i64 = 90 * DAY;
const MOST_PENDING: i64 = 500;
const MOST_ABOUT: usize = 200;
const MOST_REASON: usize = 200;

/// What is proposed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Action {
    /// What both persons must be allowed.
    pub permission: Permission,
    /// The action's name, as the caller knows it.
    pub kind: String,
    /// The rest of it, as the caller wrote it; no secret.
    pub body: Vec<u8>,
    /// What it is about: a payment's reference, a login name.
    pub about: String,
}

/// A proposal under its number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    pub id: i64,
    pub action: Action,
    pub by: String,
    pub reason: String,
    pub at: Moment,
    pub expires: Moment,
    pub state: State,
}

/// How a proposal stands.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum State {
    Pending,
    /// Approved, and not begun.
    Approved,
    /// Somebody has taken it to do it.
    Taken,
    Refused,
}

/// A proposal was made.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Proposed {
    pub id: i64,
    pub expires: Moment,
}

/// What the second person says.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Approve,
    Refuse,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Approved => "approved",
            State::Taken => "taken",
            State::Refused => "refused",
        }
    }

    fn parse(name: &str) -> Option<State> {
        let all = [State::Pending, State::Approved, State::Taken, State::Refused];
        all.into_iter().find(|state| state.name() == name)
    }
}

impl Proposal {
    /// Whether this one may be the second person.
    pub fn may_be_decided_by(&self, who: &Who) -> bool {
        who.door == Door::Session && who.name != self.by && who.may(self.action.permission)
    }
}

impl People {
    /// Proposes an action.
    ///
    /// # Errors
    /// Not allowed; no reason; too large; too much waits already.
    pub fn propose(
        &mut self,
        who: &Who,
        action: &Action,
        reason: &str,
        now: Moment,
    ) -> Result<Proposed, PeopleError> {
        if !who.may(action.permission) {
            return Err(PeopleError::NotAllowed(action.permission));
        }
        text("reason", reason, MOST_REASON)?;
        text("about", &action.about, MOST_ABOUT)?;
        if action.body.len() > MOST_ACTION_BYTES {
            return Err(PeopleError::Text { field: "action", most: MOST_ACTION_BYTES });
        }
        let expires = now.after(LASTS);
        self.change(|tx, _| {
            let pending: i64 = tx.query_row(
                "SELECT count(*) FROM proposal WHERE state = 'pending' AND expires > ?1",
                [now.0],
                |row| row.get(0),
            )?;
            if pending >= MOST_PENDING {
                return Err(PeopleError::TooMany(MOST_PENDING as usize));
            }
            tx.execute(
                "INSERT INTO proposal (permission, kind, action, about, by, reason, at, expires, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'pending')",
                (
                    action.permission.name(),
                    &action.kind,
                    &action.body,
                    &action.about,
                    &who.name,
                    reason,
                    now.0,
                    expires.0,
                ),
            )?;
            Ok(Proposed { id: tx.last_insert_rowid(), expires })
        })
    }

    /// The proposal of that number.
    ///
    /// # Errors
    /// [`PeopleError::NoProposal`].
    pub fn proposal(&self, id: i64) -> Result<Proposal, PeopleError> {
        read(&self.connection, id)
    }

    /// What waits for a second person: the newest first, before that number.
    pub fn pending(
        &self,
        before: Option<i64>,
        limit: u32,
        now: Moment,
    ) -> Result<Vec<Proposal>, PeopleError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM proposal WHERE state = 'pending' AND id < ?1 AND expires > ?2
             ORDER BY id DESC LIMIT ?3"
        );
        let mut found = self.connection.prepare_cached(&sql)?;
        let rows = found.query_map((before.unwrap_or(i64::MAX), now.0, limit), |row| Ok(of(row)))?;
        rows.map(|row| row?).collect()
    }

    /// The second person's word.
    ///
    /// # Errors
    /// One's own, a machine's, without the permission; decided already or expired.
    pub fn decide(
        &mut self,
        who: &Who,
        id: i64,
        verdict: Verdict,
        now: Moment,
    ) -> Result<Proposal, PeopleError> {
        self.change(|tx, _| {
            let proposal = read(tx, id)?;
            let permission = proposal.action.permission;
            if who.door != Door::Session {
                return Err(PeopleError::Machine);
            }
            if !who.may(permission) {
                return Err(PeopleError::NotAllowed(permission));
            }
            if who.name == proposal.by {
                return Err(PeopleError::OwnProposal);
            }
            if proposal.state != State::Pending {
                return Err(PeopleError::Decided(proposal.state.name()));
            }
            if proposal.expires <= now {
                return Err(PeopleError::Decided("expired"));
            }
            let state = match verdict {
                Verdict::Approve => State::Approved,
                Verdict::Refuse => State::Refused,
            };
            tx.execute(
                "UPDATE proposal SET state = ?2, second = ?3, decided = ?4 WHERE id = ?1",
                (id, state.name(), &who.name, now.0),
            )?;
            Ok(Proposal { state, ..proposal })
        })
    }

    /// Takes an approved action to do it: gives it once, and never again.
    pub fn take_approved(&mut self, id: i64) -> Result<Option<Action>, PeopleError> {
        self.change(|tx, _| {
            let taken =
                tx.execute("UPDATE proposal SET state = 'taken' WHERE id = ?1 AND state = 'approved'", [id])?;
            if taken == 1 { Ok(Some(read(tx, id)?.action)) } else { Ok(None) }
        })
    }

    /// Keeps what came of an action that was taken.
    pub fn note_outcome(&mut self, id: i64, outcome: &str) -> Result<(), PeopleError> {
        let outcome: String = outcome.chars().take(MOST_REASON).collect();
        self.connection
            .execute("UPDATE proposal SET outcome = ?2 WHERE id = ?1 AND state = 'taken'", (id, outcome))?;
        Ok(())
    }
}

const COLUMNS: &str = "id, permission, kind, action, about, by, reason, at, expires, state";

fn read(connection: &rusqlite::Connection, id: i64) -> Result<Proposal, PeopleError> {
    let sql = format!("SELECT {COLUMNS} FROM proposal WHERE id = ?1");
    let found = connection.query_row(&sql, [id], |row| Ok(of(row))).optional()?;
    found.ok_or(PeopleError::NoProposal(id))?
}

fn of(row: &Row<'_>) -> Result<Proposal, PeopleError> {
    let id: i64 = row.get(0)?;
    let wrong = |field| PeopleError::Row { field, row: id.to_string() };
    Ok(Proposal {
        id,
        action: Action {
            permission: Permission::parse(&row.get::<_, String>(1)?).ok_or_else(|| wrong("permission"))?,
            kind: row.get(2)?,
            body: row.get(3)?,
            about: row.get(4)?,
        },
        by: row.get(5)?,
        reason: row.get(6)?,
        at: Moment(row.get(7)?),
        expires: Moment(row.get(8)?),
        state: State::parse(&row.get::<_, String>(9)?).ok_or_else(|| wrong("state"))?,
    })
}

pub(crate) fn prune(tx: &Transaction<'_>, now: Moment) -> Result<(), PeopleError> {
    tx.execute("DELETE FROM proposal WHERE expires < ?1", [now.after(-KEPT).0])?;
    Ok(())
}
