//! `hefu demo`: a working day of mixed sales and failures, everything in one process, then both books side by side.

pub mod pos;

use crate::{
    Context, Failure,
    books::{self, Comparison},
    doors, open,
    serve::{self, Running},
};
use hefu_node::{Story, story};
use hefu_tally::{Code, DutyKind, Fact, Money, fact::Meaning};
use hefu_world::{
    bank::{self, BankHandle, BankServeConfig, Book},
    terminal::{
        Belief, Body, CardInput, Command, EntryMode, Firmware, Profile,
        drive::{DriveConfig, DriveHandle, Faults},
    },
};
use indicatif::{ProgressBar, ProgressStyle};
use pos::{House, HouseConfig};
use std::{net::SocketAddr, path::Path, path::PathBuf, time::Duration};
use tokio::{sync::oneshot, task::JoinSet};

#[derive(clap::Args)]
pub struct Args {
    /// Open the pages and a virtual POS first, and stay up; the day is played beside it.
    #[arg(long)]
    serve: bool,
    /// Where the demo keeps its store, its bank's book and its terminals; made anew each time.
    #[arg(long, default_value = "hefu-data/demo")]
    directory: PathBuf,
}

/// How fast a demo's time passes when nothing else is asked for.
const DEMO_SCALE: u32 = 60;
/// The longest that a demo waits for everything to heal, in its own time (milliseconds).
const HEALS_WITHIN: i64 = 40 * 60_000;

/// One thing that a cashier does, and what it shows.
struct Scene {
    card: &'static str,
    what: What,
    shows: &'static str,
}

#[derive(Copy, Clone)]
enum What {
    Sale,
    Chip,
    WithPin(&'static str),
    SaleAndVoid,
    SaleAndRefund,
    PreAuth,
    PreAuthAndCompletion,
    PreAuthAndAdvice,
    LineCut,
}

const fn scene(card: &'static str, what: What, shows: &'static str) -> Scene {
    Scene { card, what, shows }
}

/// A day: ordinary business, and every card of "seen while paying".
const DAY: &[Scene] = &[
    scene("6200000000000005", What::Sale, "an ordinary sale"),
    scene("6200000000000013", What::Chip, "a chip sale with issuer data"),
    scene("6200000000000104", What::Sale, "approved in part"),
    scene("6200000000000518", What::Sale, "declined: insufficient funds"),
    scene("6200000000000542", What::Sale, "declined: expired"),
    scene("6200000000000559", What::WithPin("000000"), "declined: wrong PIN"),
    scene("6200000000000559", What::WithPin("123456"), "the right PIN"),
    scene("6200000000000617", What::Sale, "declined: over the limit"),
    scene("6200000000000609", What::Sale, "the bank never saw it"),
    scene("6200000000000625", What::Sale, "charged, and the answer is lost"),
    scene("6200000000000633", What::Sale, "the answer comes 90 s late"),
    scene("6200000000000641", What::Sale, "the answer comes after the reversal's"),
    scene("6200000000000658", What::Sale, "charged after the bank said \"no original\""),
    scene("6200000000000666", What::Sale, "the reversal is refused three times"),
    scene("6200000000000674", What::Sale, "reversals go unanswered for ten minutes"),
    scene("6200000000000682", What::Sale, "answers 68, and has charged"),
    scene("6200000000000690", What::Sale, "answers 96, and has not charged"),
    scene("6200000000000716", What::Sale, "the answer carries a wrong MAC"),
    scene("6200000000000724", What::Sale, "the answer names another amount"),
    scene("6200000000000732", What::Sale, "the answer names another terminal"),
    scene("6200000000000906", What::SaleAndVoid, "a void is done, its answer lost"),
    scene("6200000000000914", What::SaleAndVoid, "a void never arrives"),
    scene("6200000000000922", What::SaleAndRefund, "a refund is done, its answer lost"),
    scene("6200000000000930", What::PreAuthAndCompletion, "a completion is done, its answer lost"),
    scene("6200000000000948", What::PreAuthAndAdvice, "a completion advice goes unanswered for ten minutes"),
    scene("6200000000000955", What::Sale, "the bank acknowledges a reversal, and then charges"),
    scene("6200000000000963", What::Sale, "the reversal's answer is lost too"),
    scene("6200000000000989", What::Sale, "answer and reversal cross"),
    scene(
        "6200000000000997",
        What::SaleAndVoid,
        "the bank denies a void that it did: only clearing can tell",
    ),
    scene("6200000000000005", What::LineCut, "the terminal's line is cut after it sent"),
    scene("6200000000000005", What::SaleAndVoid, "a sale and its void"),
    scene("6200000000000005", What::SaleAndRefund, "a sale and a refund of half"),
    scene("6200000000000005", What::PreAuthAndCompletion, "a pre-authorisation and its completion"),
    scene("6200000000000005", What::PreAuth, "a pre-authorisation"),
];

/// How many terminals work at the same time.
const TERMINALS: u32 = 8;

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let scale = if context.time_scale == 1 { DEMO_SCALE } else { context.time_scale };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::found)?;
    runtime.block_on(play(context, args, scale))
}

async fn play(context: &Context, args: &Args, scale: u32) -> Result<(), Failure> {
    prepare(&args.directory)?;
    if args.serve {
        live(context, args, scale).await
    } else {
        whole_day(context, &args.directory, scale).await
    }
}

/// The pages first, at the pace of the clock; then the day beside them, in a store of its own.
async fn live(context: &Context, args: &Args, scale: u32) -> Result<(), Failure> {
    let directory = args.directory.join("live");
    std::fs::create_dir_all(&directory).map_err(Failure::found)?;
    let (bank, banking) =
        start_bank(&directory, Some(context.config.bank.default().1.address), context.time_scale).await?;
    let config = context.config.clone();
    let house =
        HouseConfig { config, directory: directory.clone(), scale: context.time_scale, bank: bank.clone() };
    let house = House::open(house).await?;
    let begun = house.begin().await;
    if let (Some((console, terminals)), false) = (house.addresses().await, context.json) {
        say!("Open http://{console}/pos in a browser. Terminals: {terminals}. Stop with Ctrl-C.");
        say!("Sign in at http://{console} as one of these:\n{}\n", doors::table(house.sign_ins()));
    }
    let day = async {
        begun?;
        whole_day(context, &args.directory, scale).await
    };
    tokio::select! {
        ended = day => {
            if let Err(failure) = ended {
                say!("The day beside it: {}", failure.text);
            }
            serve::stop_signal().await;
        }
        () = serve::stop_signal() => {}
    }
    house.stop().await?;
    bank.stop();
    banking.await.map_err(Failure::found)?.map_err(Failure::found)
}

/// A day, from the first scene to both books.
async fn whole_day(context: &Context, directory: &Path, scale: u32) -> Result<(), Failure> {
    let say = |text: String| {
        if !context.json {
            crate::say(text);
        }
    };
    say(format!("Hefu demo: one day passes {scale} times faster. The store is in {}.", directory.display()));
    let (bank, banking) = start_bank(directory, None, scale).await?;
    let mut config = context.config.clone();
    config.bank = config.bank.only_at(bank.listen());
    config.terminals.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.console.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let path = directory.join("hefu.db");
    let merchant = config.merchant.first().ok_or_else(|| Failure::misuse("there is no merchant"))?.number;
    let sign_ins = doors::demo(&config, &path, merchant)?;
    let running = serve::start(&config, &path, scale).await?;
    running.bank_is_up(Duration::from_secs(10)).await?;
    say(format!(
        "Gateway on {}, bank on {}, its book on http://{}/book.\n",
        running.terminals(),
        bank.listen(),
        bank.control()
    ));
    let bar = ProgressBar::new(DAY.len() as u64);
    if context.json {
        bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    bar.set_style(style("  {bar:30.green} {pos}/{len} scenes  {msg}")?);
    let terminals = day(directory, running.terminals(), scale, &bar).await?;
    bar.finish_with_message("the shops are closing");
    let healing = ProgressBar::new_spinner();
    if context.json {
        healing.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    healing.set_style(style("  {spinner} {msg}")?);
    heal(&path, &running, &healing).await?;
    healing.set_message("the cashiers ask what became of what was unknown, and settle");
    let balanced = close(&terminals).await?;
    healing.finish_and_clear();
    say(format!("\n{balanced} of {} terminals settled with equal totals at the first try.", terminals.len()));
    let book = bank.book().await.map_err(Failure::found)?;
    let shown = show(context, &path, &book, &sign_ins);
    running.stop().await?;
    bank.stop();
    banking.await.map_err(Failure::found)?.map_err(Failure::found)?;
    shown
}

/// The virtual POS's routes, for their description.
pub fn virtual_pos() -> hefu_console::Extra {
    pos::undwelt()
}

fn style(template: &str) -> Result<ProgressStyle, Failure> {
    ProgressStyle::with_template(template).map_err(Failure::found)
}

/// An empty directory. Only what a demo has made is removed.
fn prepare(directory: &Path) -> Result<(), Failure> {
    let marker = directory.join("made-by-hefu-demo");
    if directory.exists() {
        let empty = std::fs::read_dir(directory).map_err(Failure::found)?.next().is_none();
        if !empty && !marker.exists() {
            return Err(Failure::misuse(format!("{}: not empty, and no demo's", directory.display())));
        }
        std::fs::remove_dir_all(directory).map_err(Failure::found)?;
    }
    std::fs::create_dir_all(directory).map_err(Failure::found)?;
    std::fs::write(marker, "This directory is removed when the demo runs again.\n").map_err(Failure::found)
}

type Banking = tokio::task::JoinHandle<Result<(), bank::BankError>>;

/// Starts the bank at this address, its control port three below it (9583 and 9580 unless configured otherwise); at any
/// free ones without.
async fn start_bank(
    directory: &Path,
    listen: Option<SocketAddr>,
    scale: u32,
) -> Result<(BankHandle, Banking), Failure> {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let control = |listen: SocketAddr| SocketAddr::new(listen.ip(), listen.port().saturating_sub(3));
    let config = BankServeConfig {
        listen: listen.unwrap_or(any),
        control: listen.map_or(any, control),
        book: directory.join("bank.jsonl"),
        time_scale: scale,
    };
    let (ready, is_ready) = oneshot::channel();
    let banking = tokio::spawn(bank::serve(config, ready));
    match is_ready.await {
        Ok(handle) => Ok((handle, banking)),
        Err(_) => match banking.await.map_err(Failure::found)? {
            Ok(()) => Err(Failure::found("the bank stopped at once")),
            Err(error) => Err(Failure::found(error)),
        },
    }
}

/// All scenes, spread over the terminals.
async fn day(
    directory: &Path,
    gateway: SocketAddr,
    scale: u32,
    bar: &ProgressBar,
) -> Result<Vec<DriveHandle>, Failure> {
    let memory = directory.join("terminals");
    std::fs::create_dir_all(&memory).map_err(Failure::found)?;
    let mut terminals = JoinSet::new();
    for number in 1..=TERMINALS {
        let mut profile = Profile::test(number);
        profile.firmware = Firmware::Certified;
        let config = DriveConfig {
            address: gateway,
            state_file: memory.join(format!("{}.state", profile.terminal)),
            time_scale: scale,
            profile,
            faults: Faults::default(),
        };
        let bar = bar.clone();
        terminals.spawn(async move {
            let terminal = DriveHandle::switch_on(config).await.map_err(Failure::found)?;
            terminal.command(Command::SignOn).await.map_err(Failure::found)?;
            let first = number as usize - 1;
            for (place, scene) in DAY.iter().enumerate().skip(first).step_by(TERMINALS as usize) {
                bar.set_message(scene.shows);
                let amount = 10_000 + 1_111 * place as i64;
                act(&terminal, scene, amount).await?;
                bar.inc(1);
            }
            terminal.command(Command::SendPending).await.map_err(Failure::found)?;
            Ok::<_, Failure>(terminal)
        });
    }
    let mut closed = Vec::new();
    while let Some(ended) = terminals.join_next().await {
        closed.push(ended.map_err(Failure::found)??);
    }
    Ok(closed)
}

/// Each cashier asks what became of what stayed unknown, and settles. Returns how many batches balanced at once.
async fn close(terminals: &[DriveHandle]) -> Result<usize, Failure> {
    let mut balanced = 0;
    for terminal in terminals {
        let view = terminal.view().await.map_err(Failure::found)?;
        for entry in view.ledger.iter().filter(|entry| entry.is_unknown()) {
            let trace = entry.trace;
            terminal.command(Command::LastResult { trace }).await.map_err(Failure::found)?;
        }
        let report = terminal.command(Command::Settle).await.map_err(Failure::found)?;
        let equal =
            report.slips.iter().any(|slip| matches!(slip.body, Body::Settlement { balanced: true, .. }));
        balanced += usize::from(equal);
    }
    Ok(balanced)
}

async fn act(terminal: &DriveHandle, scene: &Scene, amount: i64) -> Result<(), Failure> {
    let entry = if matches!(scene.what, What::Chip) { EntryMode::Insert } else { EntryMode::Swipe };
    let card = CardInput::test(scene.card, entry).map_err(Failure::found)?;
    let pin = match scene.what {
        What::WithPin(pin) => Some(hefu_vault::Pin::parse(pin).map_err(Failure::found)?),
        _ => None,
    };
    let faults =
        Faults { cut_after_send: matches!(scene.what, What::LineCut).then_some(0), ..Faults::default() };
    let first = match scene.what {
        What::PreAuth | What::PreAuthAndCompletion | What::PreAuthAndAdvice => {
            Command::PreAuth { amount, card: card.clone(), pin }
        }
        What::Sale
        | What::Chip
        | What::WithPin(_)
        | What::SaleAndVoid
        | What::SaleAndRefund
        | What::LineCut => Command::Sale { amount, card: card.clone(), pin },
    };
    let report = terminal.command_with(first, faults).await.map_err(Failure::found)?;
    let (Belief::Approved { .. }, Some(trace)) = (report.outcome.believes, report.outcome.trace) else {
        return Ok(());
    };
    let outcome = &report.outcome;
    let date = terminal.view().await.map_err(Failure::found)?;
    let date = date.ledger.iter().find(|entry| entry.trace == trace).and_then(|entry| entry.date.clone());
    let date: [u8; 4] = date.unwrap_or_default().as_bytes().try_into().unwrap_or(*b"0101");
    let follow = match scene.what {
        What::SaleAndVoid => Command::Void { trace },
        What::SaleAndRefund => Command::Refund {
            original: hefu_world::terminal::Original {
                rrn: outcome.rrn.clone().unwrap_or_default(),
                batch: outcome.batch,
                trace,
                date,
            },
            amount: amount / 2,
            card,
        },
        What::PreAuthAndCompletion | What::PreAuthAndAdvice => {
            let hold = hefu_world::terminal::Hold {
                auth: outcome.auth.clone().unwrap_or_default(),
                batch: outcome.batch,
                trace,
                date,
            };
            match scene.what {
                What::PreAuthAndAdvice => Command::CompletionAdvice { hold, amount, card },
                _ => Command::Completion { hold, amount, card, pin: None },
            }
        }
        What::Sale | What::Chip | What::WithPin(_) | What::PreAuth | What::LineCut => return Ok(()),
    };
    terminal.command(follow).await.map_err(Failure::found)?;
    Ok(())
}

/// Waits until nothing is owed but what clearing must decide or the day's end brings.
async fn heal(path: &Path, running: &Running, bar: &ProgressBar) -> Result<(), Failure> {
    let began = running.now();
    loop {
        let (open, at_risk) = owed(path)?;
        if open == 0 {
            return Ok(());
        }
        bar.set_message(format!("{open} payments are being healed; {at_risk} at risk"));
        bar.tick();
        if running.now().since(began) > HEALS_WITHIN {
            return Err(Failure::found(format!(
                "{open} payments are still open; see `hefu payments --open`"
            )));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// How many payments have something to do soon, and how much is at risk.
fn owed(path: &Path) -> Result<(usize, Money), Failure> {
    let mut store = open::open(path)?;
    let mut open = 0;
    let mut at_risk = Money::zero(hefu_tally::Currency::CNY);
    for tally in open::tallies(&mut store)? {
        let acting = tally.duties().iter().any(|duty| match duty.kind {
            DutyKind::FindOut | DutyKind::Insist | DutyKind::Reverse => true,
            DutyKind::AwaitClearing | DutyKind::HearMerchant | DutyKind::AskPerson => false,
        });
        if acting {
            open += 1;
            at_risk = at_risk.plus(tally.first().asked).map_err(Failure::found)?;
        }
    }
    Ok((open, at_risk))
}

/// Both books, what was unknown and for how long, and whether all agrees.
fn show(context: &Context, path: &Path, book: &Book, sign_ins: &serde_json::Value) -> Result<(), Failure> {
    let mut store = open::open(path)?;
    let comparison = books::compare(book, &mut store)?;
    let mut unknown = Vec::new();
    for tally in open::tallies(&mut store)? {
        if let Some(story) = story(&mut store, tally.shard(), tally.id).map_err(Failure::found)? {
            unknown.extend(times_unknown(&story));
        }
    }
    let verified = hefu_node::verify(&mut store, None).map_err(Failure::found)?;
    if context.json {
        let unknown: Vec<_> = unknown
            .iter()
            .map(|(rrn, card, ms, how)| serde_json::json!({"rrn": rrn, "card": card, "unknown_ms": ms, "end": how}))
            .collect();
        crate::say(serde_json::json!({ "payments": comparison.rows, "unknown": unknown,
                "differences": comparison.differences().count(), "awaiting_clearing": comparison.awaiting().count(),
                "findings": verified.findings.len(), "sign_ins": sign_ins }));
    } else {
        print(&comparison, &unknown, &verified);
    }
    let differences = comparison.differences().count() + verified.findings.len();
    if differences == 0 { Ok(()) } else { Err(Failure::found(format!("{differences} things do not agree"))) }
}

type Unknown = (String, String, i64, &'static str);

fn print(comparison: &Comparison, unknown: &[Unknown], verified: &hefu_node::Verified) {
    let money = |minor| Money::new(minor, hefu_tally::Currency::CNY).to_string();
    say!("\nWhat was unknown, and how it ended");
    say!("  {:<14} {:<18} {:>9}  how", "RRN", "card", "seconds");
    for (rrn, card, ms, how) in unknown {
        say!("  {rrn:<14} {card:<18} {:>9.1}  {how}", *ms as f64 / 1_000.0);
    }
    say!("\nBoth books");
    say!("  {:<18} {:>16} {:>16}", "card", "bank took", "merchants have");
    let (mut bank, mut merchants) = (0, 0);
    for (card, (taken, have)) in comparison.cards() {
        let mark = if taken == have { "" } else { "  <- see below" };
        say!("  {card:<18} {:>16} {:>16}{mark}", money(taken), money(have));
        bank += taken;
        merchants += have;
    }
    say!("  {:<18} {:>16} {:>16}", "all", money(bank), money(merchants));
    for row in comparison.awaiting() {
        say!("  {} {}: the bank denies what it did; only its clearing file can tell", row.rrn, row.card);
    }
    for row in comparison.differences() {
        say!("  DIFFERS: {} {}: {:?}", row.rrn, row.card, row);
    }
    for finding in &verified.findings {
        say!("  FOUND: {}: {}", finding.about, finding.what);
    }
    say!(
        "\n  {} payments, {} differences, {} waiting for clearing; `hefu verify`: {} facts, {} findings.",
        comparison.rows.len(),
        comparison.differences().count(),
        comparison.awaiting().count(),
        verified.facts,
        verified.findings.len()
    );
}

/// Each transaction of a payment whose outcome was unknown beyond its deadline, and for how long.
fn times_unknown(story: &Story) -> Vec<Unknown> {
    let unknown_code = Code(*b"98");
    let mut times = Vec::new();
    for (no, leg) in story.tally.legs() {
        let of_leg = || story.lines.iter().filter(move |line| line.fact.leg() == Some(no));
        let told =
            of_leg().any(|line| matches!(&line.fact, Fact::Told { code, .. } if *code == unknown_code));
        let turned = of_leg().any(|line| matches!(line.fact, Fact::Reversing { .. } | Fact::Repeated { .. }));
        if !told && !turned {
            continue;
        }
        let end = of_leg().rev().find_map(|line| match &line.fact {
            Fact::ReversalAnswered { meaning, .. } => match meaning {
                hefu_tally::fact::ReversalMeaning::Undone => Some((line.at, "given back")),
                hefu_tally::fact::ReversalMeaning::NeverDone { .. } => Some((line.at, "never done")),
                hefu_tally::fact::ReversalMeaning::Clearing { .. } => Some((line.at, "waits for clearing")),
                hefu_tally::fact::ReversalMeaning::AskAgain { .. }
                | hefu_tally::fact::ReversalMeaning::Again => None,
            },
            Fact::Answered { meaning: Meaning::Done(_), .. } => Some((line.at, "done, and kept")),
            Fact::Answered { meaning: Meaning::NotDone, .. } => Some((line.at, "declined")),
            _ => None,
        });
        if let Some((at, how)) = end {
            times.push((
                leg.rrn.to_string(),
                story.tally.masked.as_str().to_owned(),
                at.since(leg.opened),
                how,
            ));
        }
    }
    times
}
