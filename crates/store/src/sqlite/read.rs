//! What the store answers. Every statement here finds its rows by a key or an index, never by a scan of a table
//! that grows with the payments; a test asks the query planner.

use super::value::{Column, count, rows};
use crate::{Balance, admit::MOST_KEY_BYTES};
use hefu_tally::{
    Duty, DutyKind, LegNo, LinkId, Moment, Posting, Shard, TallyId, Till,
    record::{DutyRow, Handle, LinkRow, StoredFact, Subject, TallyRow, TerminalRow},
};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Result, Row, params};

/// The fact numbers and hashes begin here.
const NO_FACTS: (u64, [u8; 32]) = (0, [0; 32]);

pub(super) fn last_batch(c: &Connection, node: u16) -> Result<u64> {
    let n: Option<u64> = one(c, sql::LAST_BATCH, [node], |row| uint(row, 0))?;
    Ok(n.unwrap_or(0))
}

pub(super) fn tally(c: &Connection, id: TallyId, shard: Shard) -> Result<Option<TallyRow>> {
    one(c, sql::TALLY, params![Column(id), Column(shard)], tally_row)
}

pub(super) fn find(c: &Connection, shard: Shard, handle: &[u8]) -> Result<Option<(TallyId, LegNo)>> {
    one(c, sql::FIND, params![Column(shard), handle], |row| Ok((get(row, 0)?, get(row, 1)?)))
}

pub(super) fn find_prefix(
    c: &Connection,
    shard: Shard,
    prefix: &[u8],
    limit: usize,
) -> Result<Vec<(Vec<u8>, TallyId, LegNo)>> {
    // Longer than any handle, so that nothing with this beginning lies above it.
    let last = [prefix, &[0xff; MOST_KEY_BYTES + 1]].concat();
    let row = |row: &Row<'_>| Ok((row.get(0)?, get(row, 1)?, get(row, 2)?));
    all(c, sql::FIND_PREFIX, params![Column(shard), prefix, last, rows(limit)], row)
}

pub(super) fn terminal(c: &Connection, till: Till) -> Result<Option<TerminalRow>> {
    one(c, sql::TERMINAL, params![Column(till.merchant), Column(till.terminal)], terminal_row)
}

pub(super) fn terminals(c: &Connection, after: Option<Till>, limit: usize) -> Result<Vec<TerminalRow>> {
    // No name is empty, so that every terminal comes after the empty one.
    let merchant = after.map_or_else(String::new, |till| till.merchant.to_string());
    let terminal = after.map_or_else(String::new, |till| till.terminal.to_string());
    all(c, sql::TERMINALS, params![merchant, terminal, rows(limit)], terminal_row)
}

pub(super) fn duties(
    c: &Connection,
    after: Option<DutyRow>,
    due_by: Moment,
    limit: usize,
) -> Result<Vec<DutyRow>> {
    let Some(after) = after else {
        return all(c, sql::DUTIES, params![Column(due_by), rows(limit)], duty_row);
    };
    let DutyRow { due, shard, tally, duty: Duty { leg, kind, due: same } } = after;
    assert!(due == same, "a duty is due when its row says");
    let (due, shard, tally) = (Column(due), Column(shard), Column(tally));
    let seen = params![due, shard, tally, Column(leg), Column(kind), Column(due_by), rows(limit)];
    all(c, sql::DUTIES_AFTER, seen, duty_row)
}

pub(super) fn duties_since(
    c: &Connection,
    since: Moment,
    besides: DutyKind,
    limit: usize,
) -> Result<Vec<DutyRow>> {
    let oldest = TallyId::new(since, [0; 10]);
    all(c, sql::DUTIES_SINCE, params![Column(oldest), Column(besides), rows(limit)], duty_row)
}

fn duty_row(row: &Row<'_>) -> Result<DutyRow> {
    let due = get(row, 0)?;
    let duty = Duty { leg: get(row, 3)?, kind: get(row, 4)?, due };
    Ok(DutyRow { due, shard: get(row, 1)?, tally: get(row, 2)?, duty })
}

pub(super) fn facts(c: &Connection, shard: Shard, after: u64, limit: usize) -> Result<Vec<StoredFact>> {
    all(c, sql::FACTS, params![Column(shard), count(after), rows(limit)], fact)
}

pub(super) fn facts_of(
    c: &Connection,
    shard: Shard,
    subject: &Subject,
    limit: usize,
) -> Result<Vec<StoredFact>> {
    all(c, sql::FACTS_OF, params![Column(shard), Column(*subject), rows(limit)], fact)
}

pub(super) fn head(c: &Connection, shard: Shard) -> Result<(u64, [u8; 32])> {
    head_by(&mut c.prepare_cached(sql::HEAD)?, shard)
}

/// The same by a statement that is at hand, for the writer.
pub(super) fn head_by(head: &mut CachedStatement<'_>, shard: Shard) -> Result<(u64, [u8; 32])> {
    let head = head.query_row([Column(shard)], |row| Ok((uint(row, 0)?, row.get(1)?))).optional()?;
    Ok(head.unwrap_or(NO_FACTS))
}

pub(super) fn balances(c: &Connection) -> Result<Vec<Balance>> {
    let balance = |row: &Row<'_>| {
        Ok(Balance {
            account: get(row, 0)?,
            shard: get(row, 1)?,
            debit_posted: row.get(2)?,
            credit_posted: row.get(3)?,
            debit_pending: row.get(4)?,
            credit_pending: row.get(5)?,
        })
    };
    let mut balances = all(c, sql::BALANCES, [], balance)?;
    // The order of accounts is ours, not that of their texts.
    balances.sort_by_key(|balance| (balance.account, balance.shard));
    Ok(balances)
}

pub(super) fn postings_of(c: &Connection, shard: Shard, tally: TallyId) -> Result<Vec<Posting>> {
    let posting = |row: &Row<'_>| {
        Ok(Posting {
            leg: get(row, 0)?,
            debit: get(row, 1)?,
            credit: get(row, 2)?,
            pending: row.get(3)?,
            posted: row.get(4)?,
        })
    };
    all(c, sql::POSTINGS_OF, params![Column(tally), Column(shard)], posting)
}

pub(super) fn tallies(
    c: &Connection,
    after: Option<(Shard, TallyId)>,
    limit: usize,
) -> Result<Vec<TallyRow>> {
    match after {
        None => all(c, sql::TALLIES, [rows(limit)], tally_row),
        Some((shard, id)) => {
            all(c, sql::TALLIES_AFTER, params![Column(id), Column(shard), rows(limit)], tally_row)
        }
    }
}

pub(super) fn latest(c: &Connection, before: Option<TallyId>, limit: usize) -> Result<Vec<TallyRow>> {
    match before {
        None => all(c, sql::LATEST, [rows(limit)], tally_row),
        Some(id) => all(c, sql::LATEST_BEFORE, params![Column(id), rows(limit)], tally_row),
    }
}

pub(super) fn duties_of(c: &Connection, shard: Shard, tally: TallyId) -> Result<Vec<Duty>> {
    let duty = |row: &Row<'_>| Ok(Duty { leg: get(row, 0)?, kind: get(row, 1)?, due: get(row, 2)? });
    all(c, sql::DUTIES_OF, params![Column(tally), Column(shard)], duty)
}

pub(super) fn handles_of(c: &Connection, shard: Shard, tally: TallyId) -> Result<Vec<Handle>> {
    let handle = |row: &Row<'_>| Ok(Handle { key: row.get(0)?, leg: get(row, 1)?, unique: row.get(2)? });
    all(c, sql::HANDLES_OF, params![Column(tally), Column(shard)], handle)
}

pub(super) fn meta(c: &Connection, key: &str) -> Result<Option<Vec<u8>>> {
    one(c, sql::META, [key], |row| row.get(0))
}

fn one<T>(
    c: &Connection,
    sql: &str,
    params: impl Params,
    row: impl FnOnce(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    c.prepare_cached(sql)?.query_row(params, row).optional()
}

fn all<T>(
    c: &Connection,
    sql: &str,
    params: impl Params,
    row: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    c.prepare_cached(sql)?.query_map(params, row)?.collect()
}

fn get<T>(row: &Row<'_>, place: usize) -> Result<T>
where
    Column<T>: rusqlite::types::FromSql,
{
    Ok(row.get::<_, Column<T>>(place)?.0)
}

/// A count; a negative one is not ours.
fn uint(row: &Row<'_>, place: usize) -> Result<u64> {
    let count: i64 = row.get(place)?;
    u64::try_from(count).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(place, count))
}

fn tally_row(row: &Row<'_>) -> Result<TallyRow> {
    let card: Option<Column<_>> = row.get(4)?;
    Ok(TallyRow {
        shard: get(row, 0)?,
        id: get(row, 1)?,
        version: row.get(2)?,
        state: row.get(3)?,
        card: card.map(|card| card.0),
    })
}

pub(super) fn links(c: &Connection) -> Result<Vec<LinkRow>> {
    let row =
        |row: &Row<'_>| Ok(LinkRow { link: LinkId(row.get(0)?), version: row.get(1)?, state: row.get(2)? });
    all(c, sql::LINKS, params![], row)
}

fn terminal_row(row: &Row<'_>) -> Result<TerminalRow> {
    let till = Till { merchant: get(row, 0)?, terminal: get(row, 1)? };
    Ok(TerminalRow { till, version: row.get(2)?, state: row.get(3)? })
}

fn fact(row: &Row<'_>) -> Result<StoredFact> {
    Ok(StoredFact {
        shard: get(row, 0)?,
        seq: uint(row, 1)?,
        subject: get(row, 2)?,
        at: get(row, 3)?,
        kind: row.get(4)?,
        version: row.get(5)?,
        body: row.get(6)?,
        hash: row.get(7)?,
    })
}

/// The statements, in one place for the test that asks the planner about each.
pub(super) mod sql {
    macro_rules! statements {
        ($($name:ident = $sql:expr;)*) => {
            $(pub const $name: &str = $sql;)*
            #[cfg(test)]
            pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $sql)),*];
        };
    }

    macro_rules! tally {
        ($rest:literal) => {
            concat!(
                "SELECT tally.shard, tally.id, version, state, sealed FROM tally \
                 LEFT JOIN card ON card.shard = tally.shard AND card.token = tally.card ",
                $rest
            )
        };
    }

    statements! {
        LAST_BATCH = "SELECT n FROM batch WHERE node = ?1";
        TALLY = tally!("WHERE tally.id = ?1 AND tally.shard = ?2");
        TALLIES = tally!("ORDER BY tally.id, tally.shard LIMIT ?1");
        TALLIES_AFTER =
            tally!("WHERE (tally.id, tally.shard) > (?1, ?2) ORDER BY tally.id, tally.shard LIMIT ?3");
        LATEST = tally!("ORDER BY tally.id DESC, tally.shard DESC LIMIT ?1");
        LATEST_BEFORE = tally!("WHERE tally.id < ?1 ORDER BY tally.id DESC, tally.shard DESC LIMIT ?2");
        FIND = "SELECT tally, leg FROM identity WHERE shard = ?1 AND handle = ?2";
        FIND_PREFIX = "SELECT handle, tally, leg FROM identity \
            WHERE shard = ?1 AND handle BETWEEN ?2 AND ?3 ORDER BY handle LIMIT ?4";
        HANDLES_OF =
            "SELECT handle, leg, once FROM identity WHERE tally = ?1 AND shard = ?2 ORDER BY handle";
        TERMINAL =
            "SELECT merchant, terminal, version, state FROM terminal WHERE merchant = ?1 AND terminal = ?2";
        TERMINALS = "SELECT merchant, terminal, version, state FROM terminal \
            WHERE (merchant, terminal) > (?1, ?2) ORDER BY merchant, terminal LIMIT ?3";
        LINKS = "SELECT link, version, state FROM link ORDER BY link";
        DUTIES = "SELECT due, shard, tally, leg, kind FROM duty WHERE due <= ?1 \
            ORDER BY due, shard, tally, leg, kind LIMIT ?2";
        DUTIES_SINCE = "SELECT due, shard, tally, leg, kind FROM duty WHERE tally >= ?1 AND kind <> ?2 \
            ORDER BY tally, shard, leg, kind, due LIMIT ?3";
        DUTIES_AFTER = "SELECT due, shard, tally, leg, kind FROM duty \
            WHERE (due, shard, tally, leg, kind) > (?1, ?2, ?3, ?4, ?5) AND due <= ?6 \
            ORDER BY due, shard, tally, leg, kind LIMIT ?7";
        DUTIES_OF =
            "SELECT leg, kind, due FROM duty WHERE tally = ?1 AND shard = ?2 ORDER BY leg, kind, due";
        FACTS = "SELECT shard, seq, subject, at, kind, version, body, hash FROM fact \
            WHERE shard = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
        FACTS_OF = "SELECT fact.shard, fact.seq, fact.subject, fact.at, fact.kind, fact.version, fact.body, \
            fact.hash FROM fact AS first INDEXED BY fact_of CROSS JOIN fact \
            ON fact.shard = first.shard AND fact.seq >= first.seq AND fact.seq < first.seq + first.run \
            WHERE first.subject = ?2 AND first.shard = ?1 AND first.run > 0 \
            ORDER BY first.seq, fact.seq LIMIT ?3";
        HEAD = "SELECT seq, hash FROM head WHERE shard = ?1";
        BALANCES = "SELECT account, shard, debit_posted, credit_posted, debit_pending, credit_pending \
            FROM balance";
        POSTINGS_OF = "SELECT leg, debit, credit, pending, posted FROM posting \
            WHERE tally = ?1 AND shard = ?2 ORDER BY version, place";
        META = "SELECT value FROM meta WHERE key = ?1";
    }
}

#[cfg(test)]
mod tests {
    use crate::SqliteStore;

    #[test]
    fn every_statement_finds_its_rows_by_a_key() {
        let store = SqliteStore::open_in_memory().unwrap();
        for (name, sql) in super::sql::ALL {
            let mut explain = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let nulls = vec![rusqlite::types::Null; explain.parameter_count()];
            let steps = explain.query_map(rusqlite::params_from_iter(nulls), |row| row.get(3)).unwrap();
            let steps: Vec<String> = steps.map(Result::unwrap).collect();
            let plan = steps.join("; ");
            // One entry's few facts come in their order; that it cannot prove so costs the planner nothing.
            let plan = plan.replace("; USE TEMP B-TREE FOR LAST TERM OF ORDER BY", "");
            assert!(!plan.contains("TEMP B-TREE"), "{name} sorts: {plan}");
            match *name {
                // Whole lists, of which a limit takes the beginning.
                "TALLIES" | "LATEST" => assert!(plan.contains("SCAN tally USING INDEX"), "{name}: {plan}"),
                // As many rows as there are accounts.
                "BALANCES" => assert_eq!(plan, "SCAN balance"),
                // By its subject: by its shard alone it would read all payments' facts to find one's.
                "FACTS_OF" => {
                    assert!(plan.contains("first USING COVERING INDEX fact_of (subject=?"), "{plan}")
                }
                // As many rows as there are bank links.
                "LINKS" => assert_eq!(plan, "SCAN link"),
                _ => assert!(!plan.contains("SCAN"), "{name} scans: {plan}"),
            }
        }
    }
}
