//! `hefu explain`: one payment's whole story, line by line, with the evidence of each decision.

use crate::{Context, Failure, config::Banks, open, payments, words};
use hefu_node::{Line, Story, story};
use hefu_tally::{
    Direction, Fact, LegNo, LinkKey, Moment, Posting, Tally,
    fact::{Meaning, ReversalMeaning},
    notice::{Notice, notices},
};

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
        words::view(tally.view()),
        words::issuer(halves.issuer),
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
        text.push_str(&format!("  {time}  {}\n", sentence(tally, line, banks)));
    }
    let notices = told(story)?;
    if !notices.is_empty() {
        text.push_str("\nWhat is said about it afterwards\n");
        for (at, notice) in notices {
            let to = words::to(notice.to);
            let name = tally.leg(notice.leg).map_or("transaction", |leg| words::kind(leg.kind));
            text.push_str(&format!("  {at}  to the {to}: the {name} {}\n", words::notice(notice.word)));
        }
    }
    if !story.duties.is_empty() {
        text.push_str("\nWhat is still owed\n");
        for duty in &story.duties {
            let what = words::duty(duty.kind);
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

/// One fact in plain words, with the message that it stands for, masked.
fn sentence(tally: &Tally, line: &Line, banks: &Banks) -> String {
    let name = |no: LegNo| {
        let leg = tally.leg(no).map(|leg| words::kind(leg.kind)).unwrap_or("transaction");
        if no == LegNo(0) { format!("the {leg}") } else { format!("the {leg} (leg {})", no.0) }
    };
    let key = |key: &LinkKey| format!("DE7 {} DE11 {:06}", key.at.mmddhhmmss(), key.stan);
    match &line.fact {
        Fact::Opened(opened) if opened.tombstone => format!(
            "terminal {} reversed a {} of {} (trace {:06}) that was never seen here; it can no longer be begun",
            opened.identity.till.terminal,
            words::kind(opened.kind),
            opened.amount,
            opened.identity.trace,
        ),
        Fact::Opened(opened) => format!(
            "terminal {} asked for a {} of {} — F2 {} F11 {:06} F60.2 {:06} F22 {}; we call it RRN {}",
            opened.identity.till.terminal,
            words::kind(opened.kind),
            opened.amount,
            opened.masked.as_str(),
            opened.identity.trace,
            opened.identity.batch,
            opened.entry,
            opened.rrn,
        ),
        Fact::Requested { leg, link, key: sent, next } => format!(
            "sent {} to the bank over {} ({}); an answer is due by {next}",
            name(*leg),
            banks.called(*link),
            key(sent)
        ),
        Fact::Repeated { leg, next } => {
            format!("repeated {} to the bank under the same key; again at {next}", name(*leg))
        }
        Fact::NeverSent { leg } => format!("nothing of {} went to the bank", name(*leg)),
        Fact::Answered { leg, said, meaning } => {
            let auth = said.auth.map_or_else(String::new, |auth| format!(" DE38 {auth}"));
            let means = match meaning {
                Meaning::Done(amount) => format!("done, {amount}"),
                Meaning::NotDone => "not done".to_owned(),
                Meaning::Nothing(why) => words::why(*why).to_owned(),
                Meaning::DoneLate(amount) => {
                    format!("done after all, {amount}, though it was settled as not done")
                }
                Meaning::Again => "nothing new".to_owned(),
            };
            format!("the bank answered {} with DE39 {}{auth}: {means}", name(*leg), said.code)
        }
        Fact::Turned { leg, to, why } => {
            let to = match to {
                Direction::Open => "open",
                Direction::Keep => "keep",
                Direction::Return => "return",
            };
            format!("decided to {to} {}: {}", name(*leg), words::why(*why))
        }
        Fact::Reversing { leg, key: sent, reason, next, .. } => {
            format!(
                "sent the reversal of {} (0420 {}, reason {reason}); again at {next}",
                name(*leg),
                key(sent)
            )
        }
        Fact::ReversingAgain { leg, next, .. } => {
            format!("sent the reversal of {} once more (0421, same key); again at {next}", name(*leg))
        }
        Fact::ReversalAnswered { leg, code, meaning } => {
            let means = match meaning {
                ReversalMeaning::Undone => "it is undone".to_owned(),
                ReversalMeaning::NeverDone { clearing } => {
                    format!(
                        "no original, twice, with nothing under way any more: it was never done; clearing \
                             is to confirm it by {clearing}"
                    )
                }
                ReversalMeaning::AskAgain { next, closes_from: Some(_) } => {
                    format!(
                        "no original: that proves nothing while it may still be under way; ask again at {next}"
                    )
                }
                ReversalMeaning::AskAgain { next, closes_from: None } => {
                    format!("that proves nothing; ask again at {next}")
                }
                ReversalMeaning::Clearing { until } => format!("only clearing can decide, by {until}"),
                ReversalMeaning::Again => "nothing new".to_owned(),
            };
            format!("the bank answered the reversal of {} with DE39 {code}: {means}", name(*leg))
        }
        Fact::LeftToClearing { leg, until } => {
            format!("the day is over; clearing decides about {} by {until}", name(*leg))
        }
        Fact::TerminalReversed { leg, reason, answer } => {
            let reason = reason.map_or_else(String::new, |code| format!(", reason {code}"));
            format!("the terminal reversed {}{reason}; answered {answer}", name(*leg))
        }
        Fact::Told { leg, code } => format!("told the terminal F39 {code} about {}", name(*leg)),
        Fact::Learned { leg, has: true, by } => {
            format!("the merchant has {}: {}", name(*leg), words::knowledge(*by))
        }
        Fact::Learned { leg, has: false, by } => {
            format!("the merchant has not {}: {}", name(*leg), words::knowledge(*by))
        }
        Fact::Questioned { leg, by } => format!(
            "does the merchant have {}? {}; that is not enough here, so it is asked",
            name(*leg),
            words::knowledge(*by)
        ),
        Fact::CaseOpened { leg, case } => {
            format!("a person must look at {}: {}", name(*leg), words::case(*case))
        }
        Fact::CaseClosed { leg } => format!("what a person had to look at in {} is settled", name(*leg)),
        Fact::Decided { leg, decision, by, reason } => {
            format!("{by} decided about {}: {} ({reason})", name(*leg), words::decision(*decision))
        }
        Fact::Shown { leg, shown } => format!("{} is {}", name(*leg), words::shown(*shown)),
        Fact::Postponed { leg, until } => {
            format!("postponed what is owed about {} until {until}", name(*leg))
        }
    }
}
