//! `hefu world`: the simulated parties as processes over real sockets.

use crate::{Context, Failure, config::Mac};
use hefu_world::{
    bank::{self, BankConfig, BankServeConfig},
    terminal::{
        Belief, CardInput, Command, EntryMode, Firmware, Outcome, Profile, Question,
        drive::{self, DriveConfig, Faults},
    },
};
use std::{net::SocketAddr, path::PathBuf};
use tokio::sync::oneshot;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    party: Party,
}

#[derive(clap::Subcommand)]
enum Party {
    /// The bank: speaks the host dialect, behaves as its test cards say, keeps its own durable book.
    Bank(BankArgs),
    /// A terminal: does one thing and says what its cashier believes.
    Terminal(TerminalArgs),
}

/// Several banks run side by side, each with ports and a book of its own.
#[derive(clap::Args)]
struct BankArgs {
    #[arg(long, default_value = "127.0.0.1:9583")]
    listen: SocketAddr,
    /// `GET /book`, `GET /health`, `POST /fault`.
    #[arg(long, default_value = "127.0.0.1:9580")]
    control: SocketAddr,
    #[arg(long, default_value = "hefu-data/bank.jsonl")]
    book: PathBuf,
    /// The acquirer that it serves (DE32).
    #[arg(long, default_value = bank::TEST_ACQUIRER)]
    acquirer: String,
    /// The link's PIN key, in hexadecimal digits.
    #[arg(long, default_value = bank::TEST_ZPK_HEX, hide_default_value = true)]
    pin_key: String,
    /// The link's MAC key, in hexadecimal digits.
    #[arg(long, default_value = bank::TEST_ZAK_HEX, hide_default_value = true)]
    mac_key: String,
    /// How the link computes its MAC.
    #[arg(long, value_enum, default_value = "x919")]
    mac: Mac,
}

#[derive(clap::Args)]
struct TerminalArgs {
    /// The gateway.
    #[arg(long, default_value = "127.0.0.1:8583")]
    gateway: SocketAddr,
    /// Which of the 16 test terminals.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=16))]
    number: u32,
    /// Where terminals keep their memory.
    #[arg(long, default_value = "hefu-data/terminals")]
    memory: PathBuf,
    #[arg(long, value_enum, default_value = "certified")]
    firmware: FirmwareName,
    /// Cut the line right after the request has left.
    #[arg(long)]
    cut_after_send: bool,
    /// Lose power before the answer comes.
    #[arg(long)]
    kill_before_effect: Option<usize>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Copy, Clone, clap::ValueEnum)]
enum FirmwareName {
    /// Keeps its reversal until it is acknowledged.
    Certified,
    /// Deletes it after three tries.
    Old,
    /// Takes any answer as the end of it.
    AnyAnswer,
}

#[derive(clap::Subcommand)]
enum Action {
    SignOn,
    SignOff,
    Echo,
    Sale(Money),
    Void {
        /// The sale's trace.
        trace: u32,
    },
    Refund {
        #[command(flatten)]
        money: Money,
        /// The sale's trace, in this terminal's memory.
        #[arg(long)]
        trace: u32,
    },
    PreAuth(Money),
    PreAuthVoid {
        #[command(flatten)]
        money: Money,
        /// The pre-authorisation's trace.
        #[arg(long)]
        trace: u32,
    },
    Completion {
        #[command(flatten)]
        money: Money,
        /// The pre-authorisation's trace.
        #[arg(long)]
        trace: u32,
        /// Tell the bank instead of asking it.
        #[arg(long)]
        advice: bool,
    },
    CompletionVoid {
        /// The completion's trace.
        trace: u32,
    },
    Balance {
        #[command(flatten)]
        card: Card,
    },
    Settle,
    LastResult {
        trace: u32,
    },
    /// Tell the acquirer whether a sale stands.
    Confirm {
        trace: u32,
        /// It does not: the goods were not handed over.
        #[arg(long)]
        no_sale: bool,
    },
    /// Send what waits (reversal, script result, offline items) and nothing else.
    Pending,
    Signature {
        trace: u32,
    },
}

#[derive(clap::Args)]
struct Money {
    /// For example 12.34.
    #[arg(long, value_parser = minor)]
    amount: i64,
    #[command(flatten)]
    card: Card,
}

#[derive(clap::Args)]
struct Card {
    /// A test card's number.
    #[arg(long, default_value = "6200000000000005")]
    card: String,
    #[arg(long, value_enum, default_value = "swipe")]
    entry: Entry,
    #[arg(long)]
    pin: Option<String>,
}

#[derive(Copy, Clone, clap::ValueEnum)]
enum Entry {
    Swipe,
    Insert,
    Contactless,
}

pub fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::found)?;
    match args.party {
        Party::Bank(args) => {
            let bank = bank_config(&args)?;
            let BankArgs { listen, control, book, .. } = args;
            if let Some(directory) = book.parent() {
                std::fs::create_dir_all(directory).map_err(Failure::found)?;
            }
            let config = BankServeConfig { listen, control, book, time_scale: context.time_scale };
            runtime.block_on(bank_until_stopped(bank, config))
        }
        Party::Terminal(args) => {
            std::fs::create_dir_all(&args.memory).map_err(Failure::found)?;
            let (outcome, question) = runtime.block_on(terminal(context, &args))?;
            print_outcome(context, &outcome, question.as_ref());
            Ok(())
        }
    }
}

fn bank_config(args: &BankArgs) -> Result<BankConfig, Failure> {
    let keys = bank::LinkKeys::from_hex(&args.pin_key, &args.mac_key, bank::TEST_ZMK_HEX);
    let config = BankConfig::new(&args.acquirer, keys.map_err(Failure::misuse)?);
    let config = config.ok_or_else(|| {
        Failure::misuse(format!("{}: an acquirer has a number of at most 11 digits", args.acquirer))
    })?;
    Ok(BankConfig { mac: args.mac.method(), ..config })
}

async fn bank_until_stopped(bank: BankConfig, config: BankServeConfig) -> Result<(), Failure> {
    let (ready, is_ready) = oneshot::channel();
    tokio::spawn(async move {
        let Ok(handle) = is_ready.await else { return };
        let handle: bank::BankHandle = handle;
        say!("bank: link {}, control http://{}/book", handle.listen(), handle.control());
        crate::serve::stop_signal().await;
        handle.stop();
    });
    bank::serve_as(bank, config, ready).await.map_err(Failure::found)
}

async fn terminal(context: &Context, args: &TerminalArgs) -> Result<(Outcome, Option<Question>), Failure> {
    let mut profile = Profile::test(args.number);
    profile.firmware = match args.firmware {
        FirmwareName::Certified => Firmware::Certified,
        FirmwareName::Old => Firmware::Old,
        FirmwareName::AnyAnswer => Firmware::DeletesOnAnyAnswer,
    };
    let faults = Faults {
        cut_after_send: args.cut_after_send.then_some(0),
        kill_before_effect: args.kill_before_effect,
        ..Faults::default()
    };
    let state_file = args.memory.join(format!("{}.state", profile.terminal));
    let config = DriveConfig {
        address: args.gateway,
        state_file,
        time_scale: context.time_scale,
        profile,
        faults: Faults::default(),
    };
    let terminal = drive::DriveHandle::switch_on(config).await.map_err(Failure::found)?;
    let command = command(&args.action, &terminal).await?;
    let report = terminal.command_with(command, faults).await.map_err(Failure::found)?;
    if !context.json {
        for text in &report.screen {
            say!("screen: {} / {}", text.zh, text.en);
        }
    }
    let question = terminal.view().await.map_err(Failure::found)?.question;
    Ok((report.outcome, question))
}

async fn command(action: &Action, terminal: &drive::DriveHandle) -> Result<Command, Failure> {
    let view = terminal.view().await.map_err(Failure::found)?;
    let entry = |trace: u32| {
        let entry = view.ledger.iter().find(|entry| entry.trace == trace);
        entry.ok_or_else(|| Failure::misuse(format!("the terminal has no transaction with trace {trace}")))
    };
    Ok(match action {
        Action::SignOn => Command::SignOn,
        Action::SignOff => Command::SignOff,
        Action::Echo => Command::Echo,
        Action::Sale(money) => {
            Command::Sale { amount: money.amount, card: money.card.input()?, pin: money.card.pin()? }
        }
        Action::Void { trace } => Command::Void { trace: *trace },
        Action::Refund { money, trace } => Command::Refund {
            original: original(entry(*trace)?)?,
            amount: money.amount,
            card: money.card.input()?,
        },
        Action::PreAuth(money) => {
            Command::PreAuth { amount: money.amount, card: money.card.input()?, pin: money.card.pin()? }
        }
        Action::PreAuthVoid { money, trace } => Command::PreAuthVoid {
            hold: hold(entry(*trace)?)?,
            amount: money.amount,
            card: money.card.input()?,
        },
        Action::Completion { money, trace, advice: false } => Command::Completion {
            hold: hold(entry(*trace)?)?,
            amount: money.amount,
            card: money.card.input()?,
            pin: money.card.pin()?,
        },
        Action::Completion { money, trace, advice: true } => Command::CompletionAdvice {
            hold: hold(entry(*trace)?)?,
            amount: money.amount,
            card: money.card.input()?,
        },
        Action::CompletionVoid { trace } => Command::CompletionVoid { trace: *trace },
        Action::Balance { card } => Command::Balance { card: card.input()?, pin: card.pin()? },
        Action::Settle => Command::Settle,
        Action::LastResult { trace } => Command::LastResult { trace: *trace },
        Action::Confirm { trace, no_sale } => Command::Confirm { trace: *trace, has: !no_sale },
        Action::Pending => Command::SendPending,
        Action::Signature { trace } => Command::SignatureUpload { trace: *trace },
    })
}

fn original(entry: &hefu_world::terminal::LedgerEntry) -> Result<hefu_world::terminal::Original, Failure> {
    let rrn = entry.rrn.clone().ok_or_else(|| Failure::misuse("that transaction got no reference"))?;
    Ok(hefu_world::terminal::Original { rrn, batch: entry.batch, trace: entry.trace, date: date(entry)? })
}

fn hold(entry: &hefu_world::terminal::LedgerEntry) -> Result<hefu_world::terminal::Hold, Failure> {
    let auth =
        entry.auth.clone().ok_or_else(|| Failure::misuse("that transaction got no authorisation code"))?;
    Ok(hefu_world::terminal::Hold { auth, batch: entry.batch, trace: entry.trace, date: date(entry)? })
}

fn date(entry: &hefu_world::terminal::LedgerEntry) -> Result<[u8; 4], Failure> {
    let date = entry.date.as_deref().unwrap_or_default().as_bytes().try_into();
    date.map_err(|_| Failure::misuse("that transaction got no date"))
}

impl Card {
    fn input(&self) -> Result<CardInput, Failure> {
        let entry = match self.entry {
            Entry::Swipe => EntryMode::Swipe,
            Entry::Insert => EntryMode::Insert,
            Entry::Contactless => EntryMode::Contactless,
        };
        CardInput::test(&self.card, entry).map_err(Failure::misuse)
    }

    fn pin(&self) -> Result<Option<hefu_vault::Pin>, Failure> {
        self.pin.as_deref().map(hefu_vault::Pin::parse).transpose().map_err(Failure::misuse)
    }
}

fn print_outcome(context: &Context, outcome: &Outcome, question: Option<&Question>) {
    let believes = match outcome.believes {
        Belief::Approved { .. } => "approved",
        Belief::Declined => "declined",
        Belief::Unknown => "unknown",
        Belief::NotSent => "not sent",
    };
    if context.json {
        crate::say(serde_json::json!({
            "transaction": format!("{:?}", outcome.transaction), "trace": outcome.trace, "batch": outcome.batch,
            "rrn": outcome.rrn, "auth": outcome.auth, "response": outcome.response, "believes": believes,
            "balance": outcome.balance, "text": { "zh": outcome.text.zh, "en": outcome.text.en },
            "question": question.map(|question| question.trace),
        }));
        return;
    }
    let field = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    say!(
        "{:?}: {believes}; F39 {} trace {} RRN {} authorisation {}",
        outcome.transaction,
        field(outcome.response.clone()),
        field(outcome.trace.map(|trace| format!("{trace:06}"))),
        field(outcome.rrn.clone()),
        field(outcome.auth.clone()),
    );
}

/// Minor units from an amount with up to two decimals.
fn minor(text: &str) -> Result<i64, String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return Err(format!("{text}: an amount looks like 12.34"));
    }
    let whole: i64 = whole.parse().map_err(|error| format!("{text}: {error}"))?;
    let part: i64 = format!("{part:0<2}").parse().map_err(|error| format!("{text}: {error}"))?;
    let minor = whole.checked_mul(100).and_then(|whole| whole.checked_add(part));
    minor.ok_or_else(|| format!("{text}: too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_fen() {
        for (text, fen) in [("12.34", 1_234), ("12.3", 1_230), ("12", 1_200), ("0.01", 1)] {
            assert_eq!(minor(text), Ok(fen), "{text}");
        }
        for text in ["", ".5", "1.234", "-1", "1,00", "92233720368547758.08"] {
            assert!(minor(text).is_err(), "{text}");
        }
    }
}
