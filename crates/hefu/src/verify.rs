//! `hefu verify`: rebuilds everything from facts and looks for what must never be. Works next to a running server.

use crate::{Context, Failure, open};
use hefu_node::clock::{Clock, ScaledClock};
use hefu_store::Store;
use hefu_tally::Moment;

#[derive(clap::Args)]
pub struct Args {
    /// Do not look for overdue duties: nobody has been serving this store.
    #[arg(long)]
    at_rest: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let mut store = open::open(&context.store)?;
    let now = if args.at_rest { None } else { now(&mut store)? };
    let verified = hefu_node::verify(&mut store, now).map_err(Failure::found)?;
    if context.json {
        let findings: Vec<_> = verified
            .findings
            .iter()
            .map(|finding| serde_json::json!({ "about": finding.about, "what": finding.what }))
            .collect();
        crate::say(serde_json::json!({
            "facts": verified.facts, "payments": verified.payments, "terminals": verified.terminals,
            "open_duties": verified.open_duties, "unmatched": verified.unmatched, "findings": findings,
        }));
    } else {
        for finding in &verified.findings {
            say!("{}: {}", finding.about, finding.what);
        }
        say!(
            "{} facts of {} payments and {} terminals; {} unmatched, {} duties open; {} findings",
            verified.facts,
            verified.payments,
            verified.terminals,
            verified.unmatched,
            verified.open_duties,
            verified.findings.len()
        );
    }
    match verified.findings.len() {
        0 => Ok(()),
        findings => Err(Failure::found(format!("{findings} findings"))),
    }
}

/// The present moment by the clock of the node that keeps this store; none when no node ever kept it.
fn now(store: &mut impl Store) -> Result<Option<Moment>, Failure> {
    let anchor = store.meta(crate::serve::ANCHOR).map_err(Failure::found)?;
    let Some((anchor, scale)) = anchor.as_deref().and_then(crate::serve::parse_anchor) else {
        return Ok(None);
    };
    Ok(Some(ScaledClock::new(anchor, scale).now()))
}
