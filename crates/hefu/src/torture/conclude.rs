//! The end of a run: the books are read, compared, told, and evidence is left.

use super::{
    Args,
    cashier::Journal,
    judge::{self, Payment},
    parties::Place,
    report::Run,
};
use crate::{Context, Failure, open, payments};
use hefu_world::bank::Book;
use std::path::Path;

/// The bank's book, as its control port shows it.
const BOOK: &str = "book.json";
/// The terminals' own ledgers.
const JOURNALS: &str = "terminals.json";

/// Compares, tells, and leaves the evidence.
pub fn conclude(context: &Context, args: &Args, place: &Place, mut run: Run) -> Result<(), Failure> {
    let payments = stored(&place.store())?;
    let (book, journals) = kept(place)?;
    run.payments = payments.len();
    run.take(judge::judge(&payments, &book, &journals), place)?;
    verified(place, args.judge.is_some(), &mut run)?;
    if context.json {
        crate::say(run.json());
    } else {
        run.print(place)?;
    }
    if let Some(file) = &args.evidence {
        run.keep_evidence(file)?;
    }
    match run.differences.len() {
        0 => Ok(()),
        found => Err(Failure::found(format!("{found} differences"))),
    }
}

/// All payments, as `hefu payments --json` lists them.
fn stored(store: &Path) -> Result<Vec<Payment>, Failure> {
    let mut store = open::open(store)?;
    open::tallies(&mut store)?
        .iter()
        .map(|tally| serde_json::from_value(payments::json(tally)?).map_err(Failure::found))
        .collect()
}

/// What `hefu verify` finds is a difference too.
fn verified(place: &Place, at_rest: bool, run: &mut Run) -> Result<(), Failure> {
    let args: &[&str] = if at_rest { &["--json", "verify", "--at-rest"] } else { &["--json", "verify"] };
    let output = place.hefu(args)?;
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(|error| {
        Failure::found(format!("hefu verify: {error}: {}", String::from_utf8_lossy(&output.stderr)))
    })?;
    run.facts = said["facts"].as_u64().unwrap_or_default();
    for finding in said["findings"].as_array().into_iter().flatten() {
        run.differences.push((None, format!("hefu verify: {} {}", finding["about"], finding["what"])));
    }
    match output.status.success() || !run.differences.is_empty() {
        true => Ok(()),
        false => Err(Failure::found(format!("hefu verify ended with {}", output.status))),
    }
}

/// Keeps what only this process knows beside the store, for another comparison.
pub fn keep(place: &Place, book: &Book, journals: &[Journal]) -> Result<(), Failure> {
    let put = |name: &str, text: Result<String, serde_json::Error>| {
        std::fs::write(place.directory.join(name), text.map_err(Failure::found)?).map_err(Failure::found)
    };
    put(BOOK, serde_json::to_string(book))?;
    put(JOURNALS, serde_json::to_string(journals))
}

fn kept(place: &Place) -> Result<(Book, Vec<Journal>), Failure> {
    let get = |name: &str| {
        let path = place.directory.join(name);
        let read = std::fs::read_to_string(&path);
        read.map_err(|error| Failure::misuse(format!("{}: {error}", path.display())))
    };
    let book = serde_json::from_str(&get(BOOK)?).map_err(Failure::found)?;
    Ok((book, serde_json::from_str(&get(JOURNALS)?).map_err(Failure::found)?))
}
