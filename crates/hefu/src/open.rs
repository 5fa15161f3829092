//! Opening a store for reading next to a running server, and finding a payment in it.

use crate::Failure;
use hefu_store::{SqliteStore, Store};
use hefu_tally::{Rrn, Shard, Tally, TallyId};
use std::path::Path;

/// Opens the store for reading only.
pub fn open(path: &Path) -> Result<SqliteStore, Failure> {
    if !path.exists() {
        return Err(Failure::misuse(format!(
            "{}: there is no store; `hefu demo` or `hefu serve` makes one (or name it with --store)",
            path.display()
        )));
    }
    let mut store = SqliteStore::open_read_only(path).map_err(Failure::found)?;
    // All that one command reads is of one moment.
    store.freeze().map_err(Failure::found)?;
    Ok(store)
}

/// Finds a payment by its RRN or its id.
pub fn find(store: &mut SqliteStore, name: &str) -> Result<(Shard, TallyId), Failure> {
    if let Ok(id) = name.parse::<TallyId>() {
        for shard in Shard::all() {
            if store.tally(id, shard).map_err(Failure::found)?.is_some() {
                return Ok((shard, id));
            }
        }
    } else if let Ok(rrn) = Rrn::parse(name.to_ascii_uppercase().as_bytes())
        && let Ok(shard) = rrn.shard()
    {
        let found = store.find(shard, &hefu_engine::rrn_handle(&rrn)).map_err(Failure::found)?;
        if let Some((id, _)) = found {
            return Ok((shard, id));
        }
    } else {
        return Err(Failure::misuse(format!("{name}: neither an RRN (12 characters) nor a payment's id")));
    }
    Err(Failure::found(format!("{name}: no such payment")))
}

/// All payments by the moment of their opening.
pub fn tallies(store: &mut SqliteStore) -> Result<Vec<Tally>, Failure> {
    let mut tallies = Vec::new();
    let mut after = None;
    loop {
        let page = store.tallies(after, 1_000).map_err(Failure::found)?;
        let Some(last) = page.last() else { return Ok(tallies) };
        after = Some((last.shard, last.id));
        for row in page {
            let tally = serde_json::from_slice(&row.state)
                .map_err(|error| Failure::found(format!("payment {}: {error}", row.id)))?;
            tallies.push(tally);
        }
    }
}
