//! `hefu explain`: one payment's whole story, line by line, with the evidence of each decision.

use crate::{Context, Failure, config::Banks, open, payments};
use hefu_node::{Story, story};
use hefu_tally::{
    Moment, Posting, Tally,
    notice::{Notice, notices},
};
use hefu_view::{sentence, words};

#[derive(clap::Args)]
pub struct Args {
    /// The payment's RRN (of any of its transactions) or its id.
    name: String,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let mut store = open::open(&context.store)?;
    let (shard, id) = open::find(&mut store, &args.name)?;
    let story = story(&mut store, shard, id).map_err(Failure::found)?;
    let story = story.ok_or_else(|| Failure::found(format!("{id}: a row without facts")))?;
    if context.json {
        let lines: Vec<_> = story
            .lines
            .iter()
            .map(|line| serde_json::json!({ "seq": line.seq, "at_ms": line.at.0, "fact": line.fact }))
            .collect();
        let mut payment = payments::json(&story.tally)?;
        payment["facts"] = serde_json::Value::Array(lines);
        payment["postings"] = serde_json::json!(story.postings);
        let notices = told(&story)?;
        let notices =
            notices.iter().map(|(at, notice)| serde_json::json!({ "at_ms": at.0, "notice": notice }));
        payment["notices"] = serde_json::Value::Array(notices.collect());
        crate::say(payment);
    } else {
        crate::say(text(&story, &context.config.bank)?.trim_end());
    }
    Ok(())
}

fn text(story: &Story, banks: &Banks) -> Result<String, Failure> {
    let tally = &story.tally;
    let halves = tally.halves().map_err(Failure::found)?;
    let mut text = format!(
        "Payment {}\n  card {} at merchant {}, opened {}\n  it is {}: the bank's half is {} (charged {}, returned \
         {}, held {}); the merchant's sale is {}\n  the halves {}\n\nWhat happened\n",
        tally.id,
        tally.masked.as_str(),
        tally.merchant,
        tally.opened,
        words::view(tally.view()).1,
        words::issuer(halves.issuer).1,
        halves.charged,
        halves.returned,
        halves.held,
        halves.sale,
        if tally.matched() { "match" } else { "do not match yet" },
    );
    let mut last = None;
    for line in &story.lines {
        let time = line.at.to_string();
        let time = if last == Some(line.at) { " ".repeat(time.len()) } else { time };
        last = Some(line.at);
        text.push_str(&format!("  {time}  {}\n", sentence(tally, &line.fact, &|link| banks.called(link)).en));
    }
    let notices = told(story)?;
    if !notices.is_empty() {
        text.push_str("\nWhat is said about it afterwards\n");
        for (at, notice) in notices {
            let to = words::to(notice.to).1;
            let name = tally.leg(notice.leg).map_or("transaction", |leg| words::kind(leg.kind).1);
            text.push_str(&format!("  {at}  to the {to}: the {name} {}\n", words::notice(notice.word).1));
        }
    }
    if !story.duties.is_empty() {
        text.push_str("\nWhat is still owed\n");
        for duty in &story.duties {
            let what = words::duty(duty.kind).1;
            text.push_str(&format!("  leg {}: {what}, due {}\n", duty.leg.0, duty.due));
        }
    }
    text.push_str("\nWhat it did to the books\n");
    for posting in &story.postings {
        text.push_str(&format!("  {}\n", booked(tally, posting)));
    }
    Ok(text)
}

/// What the payer and the merchant must hear, apart from the answer at the terminal.
fn told(story: &Story) -> Result<Vec<(Moment, Notice)>, Failure> {
    let facts = story.lines.iter().map(|line| (line.at, &line.fact));
    notices(story.tally.id, facts).map_err(Failure::found)
}

fn booked(tally: &Tally, posting: &Posting) -> String {
    let money = |minor| hefu_tally::Money::new(minor, tally.first().asked.currency).to_string();
    let mut what = Vec::new();
    if posting.pending > 0 {
        what.push(format!("{} pending", money(posting.pending)));
    }
    if posting.pending < 0 {
        what.push(format!("{} no longer pending", money(-posting.pending)));
    }
    if posting.posted > 0 {
        what.push(format!("{} posted", money(posting.posted)));
    }
    format!("Dr {} / Cr {}: {}", posting.debit, posting.credit, what.join(", "))
}
