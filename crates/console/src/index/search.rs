//! Searches.

use super::tables::{Index, IndexError};
use hefu_tally::{TallyId, View};
use hefu_view::{Row, names::written};
use rusqlite::{ToSql, types::Value};

/// What is looked for: every field that is given must fit.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Query {
    /// A reference, a trace, or the card's last four digits: whatever a person has on paper.
    pub text: Option<String>,
    pub merchant: Option<String>,
    pub terminal: Option<String>,
    /// The card's last four digits.
    pub last4: Option<String>,
    /// Minor units.
    pub amount: Option<i64>,
    pub view: Option<View>,
    /// Opened not before, and before: milliseconds since 1970.
    pub from: Option<i64>,
    pub until: Option<i64>,
    /// Only those that are unmatched or owe something.
    pub open: bool,
    /// Payments older than this one.
    pub before: Option<TallyId>,
    pub limit: usize,
}

/// A page of rows, the newest first.
#[derive(Clone, Debug)]
pub struct Found {
    pub rows: Vec<Row>,
    /// Where the next page begins, if there may be one.
    pub next: Option<TallyId>,
}

/// Money at risk: of unknown outcome, or taken and not known to be a merchant's sale.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
pub struct Risk {
    /// Minor units of the platform's currency.
    pub amount: i64,
    /// How many payments.
    pub count: i64,
    /// When the oldest of them was opened.
    pub oldest_ms: Option<i64>,
}

/// The money at risk at one moment.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct RiskSample {
    pub at_ms: i64,
    pub amount: i64,
    pub count: i64,
}

impl Index {
    /// Payments, the newest first.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn find(&self, query: &Query) -> Result<Found, IndexError> {
        let (sql, values) = sentence(query);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
        let found = statement.query_map(values.as_slice(), |row| {
            Ok((TallyId(row.get::<_, [u8; 16]>(0)?), row.get::<_, String>(1)?))
        })?;
        let mut rows = Vec::new();
        let mut last = None;
        for found in found {
            let (id, text) = found?;
            rows.push(serde_json::from_str(&text).map_err(|source| IndexError::Row { id, source })?);
            last = Some(id);
        }
        let next = last.filter(|_| rows.len() == query.limit);
        Ok(Found { rows, next })
    }

    /// Money at risk now.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn risk(&self) -> Result<Risk, IndexError> {
        let mut sum = self.connection.prepare_cached(
            "SELECT coalesce(sum(at_risk), 0), count(*), min(opened) FROM payment WHERE at_risk > 0",
        )?;
        Ok(sum.query_row([], |row| {
            Ok(Risk { amount: row.get(0)?, count: row.get(1)?, oldest_ms: row.get(2)? })
        })?)
    }

    /// Samples of the money at risk, the oldest first.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn risk_history(&self, since: i64, limit: u32) -> Result<Vec<RiskSample>, IndexError> {
        let mut samples = self.connection.prepare_cached(
            "SELECT at, amount, count FROM (SELECT * FROM risk WHERE at >= ?1 ORDER BY at DESC LIMIT ?2) ORDER BY at",
        )?;
        let samples = samples.query_map((since, limit), |row| {
            Ok(RiskSample { at_ms: row.get(0)?, amount: row.get(1)?, count: row.get(2)? })
        })?;
        Ok(samples.collect::<Result<_, _>>()?)
    }
}

/// The SQL of a query and its values.
fn sentence(query: &Query) -> (String, Vec<Value>) {
    let mut values = Vec::new();
    let mut terms = Vec::new();
    let mut term = |text: &str, value: Value| {
        values.push(value);
        terms.push(text.replace('?', &format!("?{}", values.len())));
    };
    if let Some(text) = &query.text {
        match of_text(text) {
            OfText::Trace(trace) => {
                term("id IN (SELECT payment FROM leg WHERE trace = ?)", trace.into());
            }
            OfText::Last4(last4) => term("last4 = ?", last4.into()),
            OfText::Rrn(rrn) => term("id IN (SELECT payment FROM leg WHERE rrn = ?)", rrn.into()),
        }
    }
    if let Some(merchant) = &query.merchant {
        term("merchant = ?", merchant.clone().into());
    }
    if let Some(terminal) = &query.terminal {
        term("id IN (SELECT payment FROM leg WHERE terminal = ?)", terminal.clone().into());
    }
    if let Some(last4) = &query.last4 {
        term("last4 = ?", last4.clone().into());
    }
    if let Some(amount) = query.amount {
        term("amount = ?", amount.into());
    }
    if let Some(view) = query.view {
        term("view = ?", written(view).into());
    }
    if let Some(from) = query.from {
        term("opened >= ?", from.into());
    }
    if let Some(until) = query.until {
        term("opened < ?", until.into());
    }
    if let Some(before) = query.before {
        term("id < ?", before.0.to_vec().into());
    }
    if query.open {
        terms.push("open = 1".to_owned());
    }
    let filter = if terms.is_empty() { String::new() } else { format!(" WHERE {}", terms.join(" AND ")) };
    values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
    let sql = format!("SELECT id, row FROM payment{filter} ORDER BY id DESC LIMIT ?{}", values.len());
    (sql, values)
}

/// Whether a text that is looked for is of a card.
pub fn is_card(text: &str) -> bool {
    matches!(of_text(text), OfText::Last4(_))
}

/// What a text on paper is.
#[derive(PartialEq, Eq, Debug)]
enum OfText {
    Last4(String),
    Trace(i64),
    Rrn(String),
}

/// Four digits are a card's last; up to six a trace; anything else a reference.
fn of_text(text: &str) -> OfText {
    let text = text.trim().to_ascii_uppercase();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(_) if digits && text.len() == 4 => OfText::Last4(text),
        Ok(trace) if digits && text.len() <= 6 => OfText::Trace(trace),
        Ok(_) | Err(_) => OfText::Rrn(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_on_paper_is_told_apart_by_its_length() {
        let cases = [
            ("0005", OfText::Last4("0005".into())),
            (" 000123 ", OfText::Trace(123)),
            ("7", OfText::Trace(7)),
            ("6326y0000000", OfText::Rrn("6326Y0000000".into())),
            ("123456789012", OfText::Rrn("123456789012".into())),
            ("+123", OfText::Rrn("+123".into())),
        ];
        for (text, is) in cases {
            assert_eq!(of_text(text), is, "{text}");
        }
    }
}
