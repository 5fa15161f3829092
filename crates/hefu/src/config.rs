//! The configuration file. The example is the default, so that the two cannot differ.

mod banks;

pub use banks::{Bank, Banks};

use hefu_tally::{Code, MerchantNo, TerminalNo, Till, ids::NameError};
use hefu_vault::MacMethod;
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// What runs without `--config`.
pub const EXAMPLE: &str = include_str!("../hefu.example.toml");
/// The environment's master key, before the file's.
const MASTER_KEY: &str = "HEFU_MASTER_KEY";
/// The most terminals that one range may name.
const MOST_IN_RANGE: u32 = 1_000_000;

/// The whole file.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub master_key: String,
    pub store: Store,
    pub terminals: Terminals,
    pub console: Console,
    #[serde(default)]
    pub slip: Slip,
    pub bank: Banks,
    pub merchant: Vec<Merchant>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    pub path: PathBuf,
    /// Mebibytes.
    pub low_mib: u32,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terminals {
    pub listen: SocketAddr,
    /// Basis points.
    pub fee: u16,
    pub language: Language,
    pub unknown: Code,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slip {
    /// Where the pages are reached from outside, for the code on slips.
    pub base: Option<String>,
}

/// A language that people read.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    Zh,
    En,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Console {
    pub listen: SocketAddr,
    pub behind_tls: bool,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    pub number: MerchantNo,
    pub name_zh: String,
    pub name_en: String,
    pub category: String,
    pub terminals: Vec<Range>,
}

/// Terminals with numbers from `first` to `last`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    pub first: TerminalNo,
    pub last: TerminalNo,
    pub master_key: String,
    pub mac: Mac,
    pub certified: bool,
}

/// How a terminal or a link computes its MAC.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Mac {
    Ecb,
    Cbc,
    X919,
    TdesXor,
}

impl Mac {
    /// As the vault names it.
    pub fn method(self) -> MacMethod {
        match self {
            Mac::Ecb => MacMethod::Ecb,
            Mac::Cbc => MacMethod::Cbc,
            Mac::X919 => MacMethod::X919,
            Mac::TdesXor => MacMethod::TdesXor,
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("{path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}: {source}")]
    Parse { path: PathBuf, source: Box<toml::de::Error> },
    #[error("terminals {first} to {last} are not a range of at most {MOST_IN_RANGE} numbers")]
    Range { first: TerminalNo, last: TerminalNo },
    #[error("terminal {0} is named twice")]
    Twice(Till),
    #[error("there is no merchant with a terminal")]
    Nobody,
    #[error(transparent)]
    Name(#[from] NameError),
}

impl Config {
    /// Reads the file, or the example when none is named.
    pub fn load(path: Option<&Path>) -> Result<Config, ConfigError> {
        let (text, path) = match path {
            None => (EXAMPLE.to_owned(), PathBuf::from("the example configuration")),
            Some(path) => {
                let read = std::fs::read_to_string(path);
                let text = read.map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
                (text, path.to_owned())
            }
        };
        let mut config: Config =
            toml::from_str(&text).map_err(|source| ConfigError::Parse { path, source: Box::new(source) })?;
        if let Ok(key) = std::env::var(MASTER_KEY) {
            config.master_key = key;
        }
        config.check()?;
        Ok(config)
    }

    /// Whether the master key is the public one of the example.
    pub fn has_test_master_key(&self) -> bool {
        EXAMPLE.contains(&self.master_key)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let mut seen = BTreeSet::new();
        for merchant in &self.merchant {
            for range in &merchant.terminals {
                for till in range.tills(merchant.number)? {
                    if !seen.insert(till) {
                        return Err(ConfigError::Twice(till));
                    }
                }
            }
        }
        if seen.is_empty() { Err(ConfigError::Nobody) } else { Ok(()) }
    }
}

impl Range {
    /// The terminals of this range at a merchant.
    pub fn tills(&self, merchant: MerchantNo) -> Result<Vec<Till>, ConfigError> {
        let wrong = ConfigError::Range { first: self.first, last: self.last };
        let bounds = (self.first.as_str().parse::<u32>(), self.last.as_str().parse::<u32>());
        let (Ok(first), Ok(last)) = bounds else { return Err(wrong) };
        if last < first || last - first >= MOST_IN_RANGE {
            return Err(wrong);
        }
        (first..=last)
            .map(|number| {
                let terminal = TerminalNo::parse(format!("{number:08}").as_bytes())?;
                Ok(Till { merchant, terminal })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_configuration_with_sixteen_terminals() {
        let config = Config::load(None).unwrap();
        let merchant = &config.merchant[0];
        let tills: usize = merchant.terminals.iter().map(|r| r.tills(merchant.number).unwrap().len()).sum();
        assert_eq!(tills, 16);
        assert!(config.has_test_master_key());
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        // (what is changed, to what, what the error says)
        let cases = [
            ("fee = 60", "fee = 60\ncolour = 1", "colour"),
            ("fee = 60", "fee = \"much\"", "line"),
            ("last = \"10000015\"", "last = \"10000000\"", "not a range"),
            ("first = \"10000016\"", "first = \"10000015\"", "named twice"),
            ("\"98\"", "\"9\"", "2 printable ASCII characters"),
        ];
        for (from, to, says) in cases {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("hefu.toml");
            std::fs::write(&path, EXAMPLE.replacen(from, to, 1)).unwrap();
            let error = Config::load(Some(&path)).err().map(|error| error.to_string());
            assert!(error.as_deref().is_some_and(|text| text.contains(says)), "{to}: {error:?}");
        }
    }
}
