//! The bank links of a configuration: one `[bank]`, or several `[[bank]]`.

use super::Mac;
use hefu_switch::pos::{Route, RouteError, Routes};
use hefu_tally::LinkId;
use hefu_vault::LinkName;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer, value::SeqAccessDeserializer},
};
use std::{fmt, net::SocketAddr};
use thiserror::Error;

/// One link as the file has it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bank {
    pub name: String,
    /// What payments remember the link by; without it, its place in the file.
    number: Option<u16>,
    pub address: SocketAddr,
    pub acquirer: String,
    pub forwarder: String,
    pub pin_key: String,
    pub mac_key: String,
    #[serde(default = "usual_mac")]
    pub mac: Mac,
    /// Card numbers that begin so take this link; the longest prefix decides.
    #[serde(default)]
    prefixes: Vec<String>,
    /// All other cards take this link. One that is alone takes them in any case.
    #[serde(default)]
    default: bool,
    /// Seconds.
    pub answer_within: u32,
    /// Seconds.
    pub transit: u32,
    /// The longest pause between two tries to connect, in seconds; a demonstration's visitor does not wait as long.
    #[serde(skip)]
    pub redial: Option<u32>,
}

fn usual_mac() -> Mac {
    Mac::X919
}

/// All links: at least one, each with a name and a number of its own, and one that takes what no prefix sends
/// elsewhere.
#[derive(Clone)]
pub struct Banks {
    links: Vec<(Route, Bank)>,
    /// Place of the default among them.
    default: usize,
    routes: Routes,
}

/// Why the banks of a configuration cannot be used.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum BanksError {
    #[error("there is no bank")]
    Nobody,
    #[error("bank {name:?}: {error}")]
    Name { name: String, error: hefu_vault::NameError },
    #[error("two banks have the name {name}")]
    NameTwice { name: String },
    #[error("bank {name}: number {number} is another's; give each bank a number from 1 of its own")]
    Number { name: String, number: u16 },
    #[error("{found} of several banks are marked `default = true`; it must be one")]
    Default { found: usize },
    #[error("bank {name}: {error}")]
    Prefix { name: String, error: RouteError },
}

impl Banks {
    /// # Errors
    /// As [`BanksError`] says.
    fn new(banks: Vec<Bank>) -> Result<Banks, BanksError> {
        let default = match &banks[..] {
            [] => return Err(BanksError::Nobody),
            [_] => 0,
            several => {
                let marked: Vec<_> = (0..several.len()).filter(|place| several[*place].default).collect();
                match marked[..] {
                    [default] => default,
                    _ => return Err(BanksError::Default { found: marked.len() }),
                }
            }
        };
        let mut all = Banks { links: Vec::new(), default, routes: Routes::default() };
        for (bank, place) in banks.into_iter().zip(1..=u16::MAX) {
            all.add(bank, place)?;
        }
        Ok(all)
    }

    fn add(&mut self, bank: Bank, place: u16) -> Result<(), BanksError> {
        let name = LinkName::parse(&bank.name)
            .map_err(|error| BanksError::Name { name: bank.name.clone(), error })?;
        if self.named(&bank.name).is_some() {
            return Err(BanksError::NameTwice { name: bank.name });
        }
        let number = bank.number.unwrap_or(place);
        if number == 0 || self.name(LinkId(number)).is_some() {
            return Err(BanksError::Number { name: bank.name, number });
        }
        let route = Route { link: LinkId(number), name };
        for prefix in &bank.prefixes {
            let added = self.routes.add(prefix, route.clone());
            added.map_err(|error| BanksError::Prefix { name: bank.name.clone(), error })?;
        }
        self.links.push((route, bank));
        Ok(())
    }

    /// All of them, in the order of the file.
    pub fn all(&self) -> impl Iterator<Item = (&Route, &Bank)> {
        self.links.iter().map(|(route, bank)| (route, bank))
    }

    /// The link of cards that no prefix names.
    pub fn default(&self) -> (&Route, &Bank) {
        let (route, bank) = &self.links[self.default];
        (route, bank)
    }

    /// The links of cards that a prefix names.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The number of the link with this name.
    pub fn named(&self, name: &str) -> Option<LinkId> {
        self.all().find(|(_, bank)| bank.name == name).map(|(route, _)| route.link)
    }

    /// The name of the link with this number.
    pub fn name(&self, link: LinkId) -> Option<&str> {
        self.all().find(|(route, _)| route.link == link).map(|(_, bank)| bank.name.as_str())
    }

    /// The link in words: by its name, or by its number when the configuration has it no more.
    pub fn called(&self, link: LinkId) -> String {
        self.name(link).map_or_else(|| format!("link {}", link.0), str::to_owned)
    }

    /// The default alone, at this address, for all cards.
    pub fn only_at(&self, address: SocketAddr) -> Banks {
        let (route, bank) = self.default();
        let bank = Bank { address, ..bank.clone() };
        Banks { links: vec![(route.clone(), bank)], default: 0, routes: Routes::default() }
    }

    /// The same links with other times, in seconds.
    pub fn within(&self, answer_within: u32, transit: u32, redial: u32) -> Banks {
        let timed = |(route, bank): &(Route, Bank)| {
            (route.clone(), Bank { answer_within, transit, redial: Some(redial), ..bank.clone() })
        };
        Banks { links: self.links.iter().map(timed).collect(), ..self.clone() }
    }
}

impl<'de> Deserialize<'de> for Banks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Banks, D::Error> {
        let banks = deserializer.deserialize_any(OneOrSeveral)?;
        Banks::new(banks).map_err(de::Error::custom)
    }
}

/// Reads a table as a list of one. Not by an untagged enumeration, which would lose what is wrong and where.
struct OneOrSeveral;

impl<'de> Visitor<'de> for OneOrSeveral {
    type Value = Vec<Bank>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one [bank] or several [[bank]]")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<Bank>, A::Error> {
        Ok(vec![Bank::deserialize(MapAccessDeserializer::new(map))?])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Vec<Bank>, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_vault::{MacMethod, Pan};

    #[derive(Deserialize)]
    struct File {
        bank: Banks,
    }

    fn read(text: &str) -> Result<Banks, String> {
        toml::from_str(text).map(|file: File| file.bank).map_err(|error| error.to_string())
    }

    fn bank(name: &str, more: &str) -> String {
        format!(
            "name = \"{name}\"\naddress = \"127.0.0.1:1\"\nacquirer = \"1\"\nforwarder = \"1\"\npin_key = \"\"\n\
             mac_key = \"\"\nanswer_within = 55\ntransit = 60\n{more}\n"
        )
    }

    fn several(banks: &[(&str, &str)]) -> String {
        banks.iter().map(|(name, more)| format!("[[bank]]\n{}", bank(name, more))).collect()
    }

    #[test]
    fn one_bank_takes_all_cards_and_is_number_1() {
        let banks = read(&format!("[bank]\n{}", bank("bank", ""))).unwrap();
        let (route, bank) = banks.default();
        assert_eq!((route.link, route.name.as_str(), bank.mac), (LinkId(1), "bank", Mac::X919));
        assert_eq!(banks.all().count(), 1);
    }

    #[test]
    fn a_link_computes_its_mac_in_any_way_that_the_vault_knows() {
        let methods = [
            ("", MacMethod::X919),
            ("mac = \"x919\"", MacMethod::X919),
            ("mac = \"ecb\"", MacMethod::Ecb),
            ("mac = \"cbc\"", MacMethod::Cbc),
            ("mac = \"tdes_xor\"", MacMethod::TdesXor),
        ];
        for (written, method) in methods {
            let banks = read(&several(&[("bank", written)])).unwrap();
            assert_eq!(banks.default().1.mac.method(), method, "{written}");
        }
    }

    #[test]
    fn several_banks_share_the_cards_by_prefix_and_keep_the_numbers_that_they_are_given() {
        let text = several(&[
            ("north", "prefixes = [\"62000000000005\", \"9\"]\nmac = \"ecb\""),
            ("south", "default = true\nnumber = 7"),
        ]);
        let banks = read(&text).unwrap();
        assert_eq!((banks.named("north"), banks.named("south")), (Some(LinkId(1)), Some(LinkId(7))));
        assert_eq!((banks.name(LinkId(7)), banks.name(LinkId(2))), (Some("south"), None));
        assert_eq!(banks.default().0.link, LinkId(7));
        let card = Pan::parse("6200000000000518").unwrap();
        assert_eq!(banks.routes().of(&card).map(|route| route.link), Some(LinkId(1)));
        let alone = banks.only_at("127.0.0.1:2".parse().unwrap());
        assert_eq!((alone.all().count(), alone.default().0.link), (1, LinkId(7)));
        assert_eq!(alone.routes().of(&card), None);
    }

    #[test]
    fn banks_that_contradict_each_other_are_refused_in_words() {
        let default = "default = true";
        // (the file, what the error says)
        let cases = [
            ("bank = []".to_owned(), "there is no bank"),
            ("bank = 1".to_owned(), "one [bank] or several [[bank]]"),
            (several(&[("a", ""), ("b", "")]), "0 of several banks"),
            (several(&[("a", default), ("b", default)]), "2 of several banks"),
            (several(&[("a", default), ("a", "")]), "two banks have the name a"),
            (several(&[("A", "")]), "character 0 is not one of"),
            (several(&[("a", "default = true\nnumber = 2"), ("b", "")]), "number 2 is another's"),
            (several(&[("a", "number = 0")]), "number 0"),
            (
                several(&[("a", "default = true\nprefixes = [\"62\"]"), ("b", "prefixes = [\"62\"]")]),
                "leads to",
            ),
            (several(&[("a", "prefixes = [\"x\"]")]), "1 to 14 digits"),
            (several(&[("a", "colour = 1")]), "colour"),
            (several(&[("a", "mac = \"crc\"")]), "crc"),
        ];
        for (text, says) in cases {
            let error = read(&text).err().unwrap_or_default();
            assert!(error.contains(says), "{says}: {error:?}");
        }
    }
}
