//! The two shops of the demonstration and their terminals.

use super::names::ModelName;
use super::pair;
use crate::Failure;
use crate::config::{Config, Mac, Merchant, Range};
use hefu_tally::{MerchantNo, TerminalNo, Till};
use hefu_view::Words;
use hefu_world::terminal::{Firmware, Profile};

/// A shop.
pub struct Shop {
    pub merchant: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    category: &'static str,
}

/// A terminal of a shop.
pub struct Place {
    pub n: u32,
    pub shop: &'static Shop,
    pub terminal: &'static str,
    pub firmware: Firmware,
}

static COFFEE: Shop =
    Shop { merchant: "898110258140001", zh: "合符咖啡", en: "Hefu Coffee", category: "5814" };
static PHONES: Shop =
    Shop { merchant: "898110248120001", zh: "合符手机", en: "Hefu Phones", category: "4812" };

/// The terminals that people touch.
pub static PLACES: [Place; 4] = [
    Place { n: 1, shop: &COFFEE, terminal: "20000001", firmware: Firmware::Certified },
    Place { n: 2, shop: &COFFEE, terminal: "20000002", firmware: Firmware::Certified },
    Place { n: 3, shop: &PHONES, terminal: "20000003", firmware: Firmware::Certified },
    Place { n: 4, shop: &PHONES, terminal: "20000004", firmware: Firmware::DeletesOnAnyAnswer },
];

/// How long these terminals wait for an answer (milliseconds): a little longer than the gateway does, so that they
/// hear "unknown" from it.
const ANSWER_TIMEOUT: i64 = 20_000;

impl Place {
    /// The terminal as it leaves the workshop.
    pub fn profile(&self) -> Profile {
        Profile {
            merchant: self.shop.merchant.into(),
            terminal: self.terminal.into(),
            name_zh: self.shop.zh.into(),
            name_en: self.shop.en.into(),
            firmware: self.firmware,
            answer_timeout: ANSWER_TIMEOUT,
            ..Profile::test(self.n)
        }
    }

    /// Its name in the store; none if the table's numbers are none.
    pub fn till(&self) -> Option<Till> {
        let merchant = MerchantNo::parse(self.shop.merchant.as_bytes()).ok()?;
        Some(Till { merchant, terminal: TerminalNo::parse(self.terminal.as_bytes()).ok()? })
    }

    /// What the model is called.
    pub fn model(&self) -> (ModelName, Words) {
        match self.firmware {
            Firmware::Certified => {
                (ModelName::Certified, pair(("认证机型:冲正保留到被认可", "Certified: keeps its reversal")))
            }
            Firmware::Old | Firmware::DeletesOnAnyAnswer => (
                ModelName::Deletes,
                pair(("旧机型:任何应答都使其删除冲正", "Old: any answer deletes its reversal")),
            ),
        }
    }
}

impl Shop {
    /// The merchant's number.
    ///
    /// # Errors
    /// The table holds none.
    pub fn number(&self) -> Result<MerchantNo, Failure> {
        MerchantNo::parse(self.merchant.as_bytes()).map_err(Failure::found)
    }
}

/// The configuration with both shops in it.
///
/// # Errors
/// A number of the table is none.
pub fn open(config: &mut Config, master_key: &str) -> Result<(), Failure> {
    for shop in [&COFFEE, &PHONES] {
        let ranges = PLACES.iter().filter(|place| place.shop.merchant == shop.merchant).map(|place| {
            let number = TerminalNo::parse(place.terminal.as_bytes()).map_err(Failure::found)?;
            Ok(Range {
                first: number,
                last: number,
                master_key: master_key.to_owned(),
                mac: Mac::Ecb,
                certified: place.firmware == Firmware::Certified,
            })
        });
        config.merchant.push(Merchant {
            number: shop.number()?,
            name_zh: shop.zh.to_owned(),
            name_en: shop.en.to_owned(),
            category: shop.category.to_owned(),
            terminals: ranges.collect::<Result<_, Failure>>()?,
        });
    }
    Ok(())
}
