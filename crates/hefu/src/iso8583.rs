//! `hefu iso8583`: looks into messages. Everything secret is masked.

use crate::{Context, Failure};
use hefu_iso8583::{CUP_POS, HOST_LINK, explain};
use std::io::Read;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Explain a frame in hexadecimal from standard input.
    Decode {
        /// What it is; found out by itself when not given.
        #[arg(long)]
        dialect: Option<Dialect>,
    },
}

#[derive(Copy, Clone, clap::ValueEnum)]
enum Dialect {
    /// A whole frame of a terminal: length, TPDU, header, message.
    Frame,
    /// A message of the UnionPay POS dialect, from its MTI on.
    Pos,
    /// A message of the host dialect, from its MTI on.
    Host,
}

/// The longest input that is read.
const MOST_INPUT: u64 = 64 * 1024;

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let Command::Decode { dialect } = args.command;
    let mut text = String::new();
    let read = std::io::stdin().take(MOST_INPUT).read_to_string(&mut text);
    read.map_err(|error| Failure::misuse(format!("standard input: {error}")))?;
    let bytes = from_hex(&text)?;
    let explanation = match dialect {
        Some(Dialect::Frame) => explain::explain_pos_frame(&bytes),
        Some(Dialect::Pos) => explain::explain(&CUP_POS, &bytes),
        Some(Dialect::Host) => explain::explain(&HOST_LINK, &bytes),
        None => explain::explain_frame(&bytes),
    };
    if context.json {
        let rows: Vec<_> = explanation
            .rows()
            .iter()
            .map(|row| {
                serde_json::json!({
                    "offset": row.offset, "field": row.field, "name": row.name, "hex": row.hex, "value": row.value,
                })
            })
            .collect();
        let error = explanation.error();
        crate::say(serde_json::json!({ "rows": rows, "error": error }));
    } else {
        crate::say(explanation.to_string().trim_end());
    }
    match explanation.error() {
        None => Ok(()),
        Some(error) => Err(Failure::found(error)),
    }
}

/// Bytes from hexadecimal digits; white space does not count. An error names the place.
fn from_hex(text: &str) -> Result<Vec<u8>, Failure> {
    let mut digits = Vec::with_capacity(text.len());
    for (line, content) in text.lines().enumerate() {
        for (column, character) in content.chars().enumerate() {
            match character.to_digit(16) {
                Some(digit) => digits.push(digit as u8),
                None if character.is_whitespace() => {}
                None => {
                    let place = format!("line {}, column {}", line + 1, column + 1);
                    return Err(Failure::misuse(format!("{place}: {character:?} is no hexadecimal digit")));
                }
            }
        }
    }
    if digits.is_empty() || digits.len() % 2 != 0 {
        return Err(Failure::misuse(format!("{} hexadecimal digits are no bytes", digits.len())));
    }
    Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_errors_name_line_and_column() {
        assert_eq!(from_hex("0A ff\n10").unwrap(), [0x0a, 0xff, 0x10]);
        let error = from_hex("0A\n1x").unwrap_err();
        assert!(error.text.contains("line 2, column 2"), "{}", error.text);
        assert!(from_hex("ABC").unwrap_err().text.contains("3 hexadecimal digits"));
    }
}
