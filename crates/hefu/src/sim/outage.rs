//! `hefu sim --outage HOURS --backlog N`.

use super::Args;
use crate::{Context, Failure};
use hefu_world::sim::{OUTAGE_HEALS_WITHIN, Outage, outage};
use serde_json::json;
use std::time::Instant;

pub fn run(context: &Context, args: &Args, hours: u32) -> Result<(), Failure> {
    let of = Outage { seed: args.from, hours, backlog: args.backlog };
    let started = Instant::now();
    let report = outage(&of);
    let seconds = started.elapsed().as_secs_f64();
    let line = json!({ "seed": of.seed, "hours": of.hours, "backlog": of.backlog, "unknown": report.unknown,
        "acknowledged": report.acknowledged, "took_ms": report.took, "still_charged": report.still_charged,
        "broken": report.broken, "seconds": seconds });
    if context.json {
        say!("{line}");
    } else {
        say!(
            "{} payments unknown after {hours} h without the bank; {} reversals acknowledged within {:.1} s of the \
             link's return (at most {} s); payers still charged {}; {seconds:.1} s",
            report.unknown,
            report.acknowledged,
            report.took as f64 / 1_000.0,
            OUTAGE_HEALS_WITHIN / 1_000,
            report.still_charged
        );
    }
    if let Some(file) = &args.evidence {
        crate::evidence::append(file, line)?;
    }
    match report.broken {
        None => Ok(()),
        Some(what) => Err(Failure::found(what)),
    }
}
