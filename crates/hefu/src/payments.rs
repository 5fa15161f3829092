//! `hefu payments`: the newest payments, one line each.

use crate::{Context, Failure, config::Banks, open};
use hefu_store::Store;
use hefu_tally::{LinkId, Tally, View};
use hefu_view::words;

#[derive(clap::Args)]
pub struct Args {
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Only those that are not settled on both sides.
    #[arg(long)]
    open: bool,
    /// Only those that went over the bank link of this name.
    #[arg(long)]
    link: Option<String>,
}

/// Rows read at a time.
const PAGE: usize = 500;

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let banks = &context.config.bank;
    let link = match &args.link {
        None => None,
        Some(name) => Some(banks.named(name).ok_or_else(|| {
            let known: Vec<_> = banks.all().map(|(_, bank)| bank.name.as_str()).collect();
            Failure::misuse(format!("{name}: no such bank link; there are: {}", known.join(", ")))
        })?),
    };
    let mut store = open::open(&context.store)?;
    let limit = args.limit as usize;
    let (mut shown, mut before) = (Vec::new(), None);
    'pages: loop {
        let rows = store.latest(before, PAGE).map_err(Failure::found)?;
        let Some(last) = rows.last() else { break };
        before = Some(last.id);
        for row in rows {
            let tally: Tally = serde_json::from_slice(&row.state)
                .map_err(|error| Failure::found(format!("payment {}: {error}", row.id)))?;
            let wanted = !args.open || !tally.matched() || !tally.duties().is_empty();
            if wanted && link.is_none_or(|link| went_over(&tally, link)) {
                shown.push(tally);
            }
            if shown.len() == limit {
                break 'pages;
            }
        }
    }
    if context.json {
        let rows: Result<Vec<_>, Failure> = shown.iter().map(json).collect();
        crate::say(serde_json::Value::Array(rows?));
    } else {
        for tally in &shown {
            crate::say(line(tally, banks)?);
        }
        if shown.is_empty() {
            say!("no payments");
        }
    }
    Ok(())
}

/// Whether anything of it went over this link.
fn went_over(tally: &Tally, link: LinkId) -> bool {
    tally.legs().any(|(_, leg)| leg.request.is_some_and(|request| request.link == link))
}

fn line(tally: &Tally, banks: &Banks) -> Result<String, Failure> {
    let first = tally.first();
    let halves = tally.halves().map_err(Failure::found)?;
    let more = tally.legs().count() - 1;
    let followed = if more == 0 { String::new() } else { format!(" (+{more})") };
    let duties = tally.duties();
    let next = duties.iter().min_by_key(|duty| duty.due);
    let owes =
        next.map_or_else(String::new, |duty| format!("  → {} by {}", words::duty(duty.kind).1, duty.due));
    // Where there is one bank, everybody knows which.
    let over = match first.request.filter(|_| banks.all().nth(1).is_some()) {
        None => String::new(),
        Some(request) => format!(" {}", banks.called(request.link)),
    };
    Ok(format!(
        "{}  {}  {}  {:>14}  {:<22} {}{followed}  bank{over} {}, merchant {}{owes}",
        tally.opened,
        first.rrn,
        tally.masked.as_str(),
        first.asked.to_string(),
        words::kind(first.kind).1,
        words::view(tally.view()).1,
        words::issuer(halves.issuer).1,
        words::merchant(first.merchant).1,
    ))
}

/// A payment as other programs read it; amounts in minor units.
pub fn json(tally: &Tally) -> Result<serde_json::Value, Failure> {
    let halves = tally.halves().map_err(Failure::found)?;
    let legs: Vec<_> = tally
        .legs()
        .map(|(no, leg)| {
            serde_json::json!({
                "leg": no.0, "link": leg.request.map(|request| request.link), "kind": leg.kind, "of": leg.of,
                "rrn": leg.rrn, "terminal": leg.identity.till.terminal,
                "merchant": leg.identity.till.merchant, "batch": leg.identity.batch, "trace": leg.identity.trace,
                "asked": leg.asked.minor, "amount": leg.amount.minor, "view": leg.view(), "issuer": leg.issuer,
                "merchant_half": leg.merchant, "direction": leg.direction, "told": leg.told, "why": leg.why,
                "opened_ms": leg.opened.0, "matched": leg.matched(),
            })
        })
        .collect();
    let duties: Vec<_> = tally
        .duties()
        .iter()
        .map(|duty| serde_json::json!({ "leg": duty.leg, "kind": duty.kind, "due_ms": duty.due.0 }))
        .collect();
    Ok(serde_json::json!({
        "id": tally.id, "opened_ms": tally.opened.0, "merchant": tally.merchant, "card": tally.masked,
        "currency": tally.first().asked.currency, "view": tally.view(), "matched": tally.matched(),
        "issuer": halves.issuer, "charged": halves.charged.minor, "returned": halves.returned.minor,
        "held": halves.held.minor, "sale": halves.sale.minor, "legs": legs, "duties": duties,
        "under_review": tally.view() == View::UnderReview,
    }))
}
