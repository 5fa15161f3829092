//! `hefu ops`: asks a running gateway how it stands, and gives it the orders and decisions of a named person.

use crate::{Context, Failure, doors};
use clap::{Subcommand, ValueEnum};
use hefu_tally::{judge::Decision, link::LinkMode};
use serde_json::{Value, json};
use std::time::Duration;

/// How long the gateway may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// How node, links and breakers stand, and the latest alarms.
    Status,
    /// Set what a bank link is used for.
    Link {
        /// The link's name in the configuration.
        name: String,
        mode: Mode,
        #[command(flatten)]
        signed: Signed,
    },
    /// Decide about one payment: evidence with a name and a reason.
    Decide {
        /// The reference of the transaction.
        rrn: String,
        decision: Verdict,
        #[command(flatten)]
        signed: Signed,
    },
}

/// Who says so, and why. Both are kept with what they change.
#[derive(clap::Args)]
struct Signed {
    #[arg(long)]
    by: String,
    #[arg(long)]
    reason: String,
}

#[derive(Copy, Clone, ValueEnum)]
enum Mode {
    /// The rules decide again.
    Normal,
    /// No new payments.
    Degraded,
    /// No new payments, and what is owed goes out until nothing is left.
    Draining,
}

#[derive(Copy, Clone, ValueEnum)]
enum Verdict {
    /// The merchant has it: goods are out.
    Has,
    /// The merchant does not have it.
    HasNot,
    /// The bank's books show it done.
    Done,
    /// The bank's books do not show it.
    NotDone,
    /// The bank's books show it given back.
    Undone,
    /// Somebody has looked, and nothing is left to do.
    Close,
}

impl From<Mode> for LinkMode {
    fn from(mode: Mode) -> LinkMode {
        match mode {
            Mode::Normal => LinkMode::Normal,
            Mode::Degraded => LinkMode::Degraded,
            Mode::Draining => LinkMode::Draining,
        }
    }
}

impl From<Verdict> for Decision {
    fn from(what: Verdict) -> Decision {
        match what {
            Verdict::Has => Decision::Has,
            Verdict::HasNot => Decision::HasNot,
            Verdict::Done => Decision::Done,
            Verdict::NotDone => Decision::NotDone,
            Verdict::Undone => Decision::Undone,
            Verdict::Close => Decision::Close,
        }
    }
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    match &args.what {
        What::Status => status(context),
        What::Link { name, mode, signed } => {
            let body = json!({ "mode": LinkMode::from(*mode), "by": signed.by, "reason": signed.reason });
            send(context, &format!("links/{name}/mode"), &body)?;
            say!("{name}: {}", LinkMode::from(*mode).name());
            Ok(())
        }
        What::Decide { rrn, decision, signed } => {
            let decision = Decision::from(*decision);
            let body = json!({ "decision": decision, "by": signed.by, "reason": signed.reason });
            send(context, &format!("payments/{rrn}/decision"), &body)?;
            say!("{rrn}: {}", hefu_view::words::decision(decision).1);
            Ok(())
        }
    }
}

fn status(context: &Context) -> Result<(), Failure> {
    let mut status = ask(context, "health")?;
    status["links"] = ask(context, "links")?["items"].take();
    let alarms = ask(context, "alarms")?;
    // The newest last, where the eye is.
    let texts = alarms["items"].as_array().into_iter().flatten().rev().map(|alarm| alarm["what"].clone());
    status["alarms"] = texts.collect();
    if context.json {
        say!("{status}");
        return Ok(());
    }
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    say!("node: {}", text(&status["node"]));
    if let Some(why) = status["refuses"].as_str() {
        say!("no new payments: {why}");
    }
    say!("{} payments in memory, {} changes under way", status["open"], status["uncommitted"]);
    for link in status["links"].as_array().into_iter().flatten() {
        let up = if link["up"] == true { "up" } else { "down" };
        let order = match link["by"].as_str() {
            Some(by) => format!(" by {by}: {}", text(&link["reason"])),
            None if link["tripped"] == true => " by rule: the bank is silent".to_owned(),
            None => String::new(),
        };
        say!("link {}: {up}, {}{order}", text(&link["name"]), text(&link["mode"]));
        say!(
            "  {} lanes under way of {}, {} payments wait, {} messages in a row unanswered",
            link["flying"],
            link["window"],
            link["waiting"],
            link["failures"]
        );
    }
    for alarm in status["alarms"].as_array().into_iter().flatten() {
        say!("alarm: {}", text(alarm));
    }
    Ok(())
}

fn ask(context: &Context, path: &str) -> Result<Value, Failure> {
    let request = agent().get(url(context, path)).header("authorization", bearer(context)?);
    let mut answer = request.call().map_err(|error| unreachable(context, error))?;
    let body = read(&mut answer)?;
    if answer.status().is_success() { Ok(body) } else { Err(refusal(answer.status(), &body)) }
}

fn send(context: &Context, path: &str, body: &Value) -> Result<(), Failure> {
    let request = agent().post(url(context, path)).header("content-type", "application/json");
    let request = request.header("authorization", bearer(context)?);
    let mut answer = request.send(body.to_string()).map_err(|error| unreachable(context, error))?;
    if answer.status().is_success() {
        return Ok(());
    }
    let problem: Value = read(&mut answer)?;
    Err(refusal(answer.status(), &problem))
}

fn refusal(status: ureq::http::StatusCode, problem: &Value) -> Failure {
    let detail = problem["detail"].as_str().unwrap_or("without words").to_owned();
    let text = format!("{status}: {detail}");
    if status.is_client_error() && status != 409 { Failure::misuse(text) } else { Failure::found(text) }
}

fn read(answer: &mut ureq::http::Response<ureq::Body>) -> Result<Value, Failure> {
    let text = answer.body_mut().read_to_string().map_err(Failure::found)?;
    serde_json::from_str(&text).map_err(|error| Failure::found(format!("not understood: {error}: {text}")))
}

/// What lets in whoever may read the gateway's own files.
fn bearer(context: &Context) -> Result<String, Failure> {
    let path = doors::token_path(&context.store);
    let token = std::fs::read_to_string(&path).map_err(|error| {
        Failure::found(format!(
            "no gateway runs over this store, or it is another's: {}: {error}",
            path.display()
        ))
    })?;
    Ok(format!("Bearer {}", token.trim()))
}

fn url(context: &Context, path: &str) -> String {
    format!("http://{}/api/{path}", context.config.console.listen)
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
    config.build().new_agent()
}

fn unreachable(context: &Context, error: ureq::Error) -> Failure {
    Failure::found(format!("no gateway answers at {}: {error}", context.config.console.listen))
}
