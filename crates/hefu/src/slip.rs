//! `hefu slip`: a payment's slip with the status that it has now, in every form; `hefu slip verify`: whether
//! a slip that somebody shows is genuine; `hefu slip keys`: the keys by which anyone can tell.

mod keys;
mod verify;

use crate::{
    Context, Failure,
    config::{Config, Language},
    open,
};
use hefu_node::{clock::ScaledClock, story};
use hefu_payer::{Shop, Slips};
use hefu_slip::{Copy, End, EslipAddress, Printer, Qr, QrBy, SlipData, Width, Word};
use hefu_tally::LegNo;
use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
};

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The RRN of a transaction, or a payment's id (its first transaction).
    #[arg(required = true)]
    name: Option<String>,
    /// Text to read, bytes for a printer, a page as PDF or HTML, the QR code alone, or the signed text alone.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write to this file instead of the terminal.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Columns of the paper: 32 (58 mm) or 48 (80 mm).
    #[arg(long, default_value = "32", value_parser = ["32", "48"])]
    width: String,
    #[arg(long, value_enum, default_value = "zh")]
    language: Language,
    /// The merchant's copy, to be signed; else the cardholder's.
    #[arg(long)]
    merchant_copy: bool,
    /// Mark it as printed again.
    #[arg(long)]
    duplicate: bool,
    /// Where pages are reached, for the address on the slip; else where the console listens.
    #[arg(long)]
    base: Option<String>,
    /// Draw the QR code below the text, for a terminal with light text on dark.
    #[arg(long)]
    qr: bool,
    /// Send the QR code to the printer as dots, for one that knows no QR code.
    #[arg(long)]
    raster: bool,
    /// Feed the paper for tearing off, for a printer without a cutter.
    #[arg(long)]
    tear: bool,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Check a signed slip without a network: exit 0 if its signature is genuine, 1 if not.
    Verify(verify::Args),
    /// Print the public keys, as they are published.
    Keys,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Format {
    Text,
    Escpos,
    Pdf,
    Svg,
    Html,
    Signed,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    match &args.command {
        Some(Command::Verify(verify)) => verify::run(context, verify),
        Some(Command::Keys) => {
            crate::say(slips(&context.config, None)?.published().to_json());
            keys::warn(&context.config);
            Ok(())
        }
        None => print(context, args),
    }
}

fn print(context: &Context, args: &Args) -> Result<(), Failure> {
    let name = args.name.as_deref().unwrap_or_default();
    let data = signed(context, args, name)?;
    let width = if args.width == "48" { Width::Mm80 } else { Width::Mm58 };
    let language = match args.language {
        Language::Zh => hefu_slip::Language::Zh,
        Language::En => hefu_slip::Language::En,
    };
    let copy = if args.merchant_copy { Copy::Merchant } else { Copy::Cardholder };
    let lines = hefu_slip::lines(&data, copy, language);
    let eslip = data.fields().eslip.as_ref();
    match args.format {
        Format::Text => {
            let mut text = hefu_slip::plain(&lines, width);
            if let (Some(address), true) = (eslip, args.qr) {
                text += &Qr::of(address).blocks();
            }
            let json = serde_json::json!({ "rrn": name, "columns": width.columns(), "text": text });
            show(context, args, text.trim_end(), json)
        }
        Format::Html => shown(context, args, name, &hefu_slip::html(&lines, language)),
        Format::Svg => {
            let caption = Word::EslipCaption.text(language);
            let picture = eslip.map(|address| Qr::of(address).svg(caption));
            shown(context, args, name, &picture.unwrap_or_default())
        }
        Format::Signed => {
            let signed = eslip.and_then(EslipAddress::signed);
            shown(context, args, name, signed.map_or("", |signed| signed.as_str()))
        }
        Format::Pdf => bytes(context, args, name, &hefu_slip::pdf(&lines, width, language)),
        Format::Escpos => {
            let qr = if args.raster { QrBy::Raster } else { QrBy::Command };
            let end = if args.tear { End::Tear } else { End::Cut };
            bytes(context, args, name, &hefu_slip::escpos(&lines, Printer { width, qr, end }))
        }
    }
}

/// The slip as it stands now, with its address and, signed at this moment, what it says.
fn signed(context: &Context, args: &Args, name: &str) -> Result<SlipData, Failure> {
    let mut store = open::open(&context.store)?;
    let (shard, id) = open::find(&mut store, name)?;
    let story = story(&mut store, shard, id).map_err(Failure::found)?;
    let story = story.ok_or_else(|| Failure::found(format!("{id}: a row without facts")))?;
    let named = story.tally.legs().find(|(_, leg)| leg.rrn.as_str().eq_ignore_ascii_case(name));
    let no = named.map_or(LegNo(0), |(no, _)| no);
    let slips = slips(&context.config, args.base.as_deref())?;
    let no_slip = |refusal| Failure::found(format!("no slip can be made of {name}: {refusal}"));
    slips.slip(&story, no, args.duplicate, ScaledClock::wall()).map_err(no_slip)
}

/// Makes this platform's slips; `base` goes before the configured one, and that before where the console listens.
pub fn slips(config: &Config, base: Option<&str>) -> Result<Slips, Failure> {
    let listen = format!("http://{}", config.console.listen);
    let base = base.or(config.slip.base.as_deref()).unwrap_or(&listen);
    let shops = config.merchant.iter().map(|merchant| {
        let (zh, en) = (merchant.name_zh.clone(), merchant.name_en.clone());
        (merchant.number, Shop { zh, en })
    });
    Slips::new(keys::of(config)?, base, shops.collect(), config.has_test_master_key())
        .map_err(Failure::misuse)
}

/// A form that is text: what it holds, under the name of its format in JSON.
fn shown(context: &Context, args: &Args, name: &str, text: &str) -> Result<(), Failure> {
    let form = format!("{:?}", args.format).to_lowercase();
    show(
        context,
        args,
        text.trim_end(),
        serde_json::json!({ "rrn": name, "format": form, "content": text.trim_end() }),
    )
}

fn show(context: &Context, args: &Args, text: &str, json: serde_json::Value) -> Result<(), Failure> {
    let text = if context.json { json.to_string() } else { text.to_owned() };
    match &args.out {
        Some(path) => write(path, format!("{text}\n").as_bytes()),
        None => {
            crate::say(text);
            Ok(())
        }
    }
}

/// A form that no terminal can show: to a file or a pipe, in JSON as hexadecimal digits.
fn bytes(context: &Context, args: &Args, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    if context.json {
        let form = format!("{:?}", args.format).to_lowercase();
        let json = serde_json::json!({ "rrn": name, "format": form, "hex": hex::encode(bytes) });
        return show(context, args, "", json);
    }
    match &args.out {
        Some(path) => write(path, bytes),
        None if std::io::stdout().is_terminal() => Err(Failure::misuse(
            "these are bytes and no text: name a file by --out, or pipe them to a printer",
        )),
        None => std::io::stdout().write_all(bytes).map_err(Failure::found),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::found(format!("{}: {error}", path.display())))
}
