//! `hefu slip verify`: a signed slip against the published keys, without a store and without a network.

use crate::{
    Context, Failure,
    config::Language,
    slip::{self, keys},
};
use hefu_slip::{Amounts, Checked, PublicKeys, Width, Word};
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

#[derive(clap::Args)]
pub struct Args {
    /// What the QR code of the slip holds, or the signed text alone, or a file with either; `-` reads it from
    /// standard input.
    text: String,
    /// The published keys; else those of this platform's own master key.
    #[arg(long)]
    keys: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "zh")]
    language: Language,
}

/// Bytes of a file that is read; what is longer is neither a slip nor a list of keys.
const MOST: u64 = PublicKeys::MAX_JSON as u64;

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    if args.keys.is_none() {
        keys::warn(&context.config);
    }
    let checked = check(context, args)?;
    let language = match args.language {
        Language::Zh => hefu_slip::Language::Zh,
        Language::En => hefu_slip::Language::En,
    };
    let words = hefu_slip::plain(&checked.lines(language), Width::Mm80);
    if context.json {
        crate::say(json(&checked, words.trim_end()));
    } else {
        crate::say(words.trim_end());
    }
    Ok(())
}

fn check(context: &Context, args: &Args) -> Result<Checked, Failure> {
    let keys = match &args.keys {
        Some(path) => {
            let named = |refusal| Failure::misuse(format!("{}: {refusal}", path.display()));
            PublicKeys::from_json(&read(path)?).map_err(named)?
        }
        None => slip::slips(&context.config, None)?.published().clone(),
    };
    let text = match args.text.as_str() {
        "-" => bounded("standard input", std::io::stdin())?,
        text if Path::new(text).is_file() => read(Path::new(text))?,
        text => text.to_owned(),
    };
    hefu_slip::verify(&text, &keys).map_err(Failure::found)
}

/// The codes of the slip, and the words for people, which say where the payment's present state stands.
fn json(checked: &Checked, words: &str) -> serde_json::Value {
    let Checked { fields, kid } = checked;
    // Minor units: the total of a payment, the balance of an inquiry.
    let amount = match fields.amounts {
        Amounts::Payment(payment) => Some(payment.total()),
        Amounts::Inquiry(balance) => balance,
    };
    serde_json::json!({
        "genuine": true,
        "kid": kid.to_string(),
        "signed_at": fields.signed_at.rfc3339(),
        "test": fields.test,
        "training": fields.training,
        "merchant": fields.merchant.as_str(),
        "name": fields.name.as_str(),
        "terminal": fields.terminal.as_str(),
        "card": fields.card.as_ref().map(|card| card.as_str()),
        "batch": fields.batch.as_str(),
        "voucher": fields.voucher.as_str(),
        "rrn": fields.reference.as_ref().map(|reference| reference.as_str()),
        "authorisation": fields.authorisation.as_ref().map(|code| code.as_str()),
        "type": Word::of_type(fields.transaction).en(),
        "time": fields.time.rfc3339(),
        "amount": amount,
        "currency": fields.currency.letters(),
        "status_when_signed": fields.status_word().en(),
        "text": words,
    })
}

fn read(path: &Path) -> Result<String, Failure> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| Failure::misuse(format!("{name}: {error}")))?;
    bounded(&name, file)
}

fn bounded(name: &str, from: impl Read) -> Result<String, Failure> {
    let mut text = String::new();
    let length = from.take(MOST + 1).read_to_string(&mut text);
    match length.map_err(|error| Failure::misuse(format!("{name}: {error}")))? as u64 {
        length if length > MOST => Err(Failure::misuse(format!("{name}: longer than {MOST} bytes"))),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use hefu_slip::{Kid, Status};
    use hefu_tally::Moment;

    fn context() -> Context {
        let config = Config::load(None).unwrap();
        Context { config, store: PathBuf::new(), json: false, time_scale: 1 }
    }

    fn signed() -> String {
        let slips = slip::slips(&context().config, None).unwrap();
        slips.sign(&keys::tests::slip(), Moment(1_795_399_200_000)).unwrap().as_str().to_owned()
    }

    fn check_of(text: &str, keys: Option<PathBuf>) -> Result<Checked, u8> {
        let args = Args { text: text.to_owned(), keys, language: Language::Zh };
        check(&context(), &args).map_err(|failure| failure.code)
    }

    #[test]
    fn a_slip_is_checked_from_its_text_its_code_or_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("slip.txt");
        std::fs::write(&file, format!("{}\n", signed())).unwrap();
        for text in [signed(), format!("https://hefu.example/s/X#{}", signed()), file.display().to_string()] {
            let checked = check_of(&text, None).unwrap();
            assert_eq!(checked.fields.status, Status::Approved);
            let shown = json(&checked, "");
            assert_eq!(
                (&shown["amount"], &shown["status_when_signed"]),
                (&12_850.into(), &"APPROVED".into())
            );
        }
    }

    #[test]
    fn published_keys_in_a_file_are_enough() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str, content: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            Some(path)
        };
        let ours = slip::slips(&context().config, None).unwrap().published().clone();
        assert!(check_of(&signed(), path("ours", &ours.to_json())).is_ok());
        let renamed = ours.to_json().replace(&ours.keys()[0].kid.to_string(), &Kid([0; 4]).to_string());
        assert_eq!(check_of(&signed(), path("renamed", &renamed)).map(|_| ()), Err(1));
        for (name, content) in [("empty", ""), ("no-keys", "{\"keys\":[]}"), ("long", &" ".repeat(70_000))] {
            assert_eq!(check_of(&signed(), path(name, content)).map(|_| ()), Err(2), "{name}");
        }
        let nowhere = Some(folder.path().join("nowhere"));
        assert_eq!(check_of(&signed(), nowhere).map(|_| ()), Err(2));
    }

    #[test]
    fn a_forged_slip_is_found_out() {
        let forged = signed().replacen("hefu1.", "hefu1.AAAA", 1);
        for text in [forged.as_str(), "hefu1.x.y", "no slip", ""] {
            assert_eq!(check_of(text, None).map(|_| ()), Err(1), "{text}");
        }
    }
}
