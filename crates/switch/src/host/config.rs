//! What a link needs to know beside the requests themselves.

use encoding_rs::GBK;
use hefu_tally::{Currency, LinkId, MerchantNo, time::MINUTE};
use hefu_vault::LinkName;
use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc};
use thiserror::Error;

/// One link.
#[derive(Clone, Debug)]
pub struct HostConfig {
    pub link: LinkId,
    /// Under this name the vault keeps the link's keys.
    pub name: LinkName,
    /// DE32, 1 to 11 digits.
    pub acquirer: String,
    /// DE33, 1 to 11 digits.
    pub forwarder: String,
    /// DE18 and DE43 by merchant; shared by all links.
    pub merchants: Arc<BTreeMap<MerchantNo, MerchantProfile>>,
    /// What an amount without DE49 is in.
    pub currency: Currency,
    /// DE11 of this link's own sign-ons and echoes: numbers that the engine never gives out.
    pub stans: RangeInclusive<u32>,
    /// Messages that may be in flight at one time.
    pub in_flight: usize,
    /// After this many milliseconds a message that was not answered is in flight no more.
    pub in_flight_age: i64,
}

impl HostConfig {
    pub const IN_FLIGHT: usize = 100_000;
    /// Longer than any deadline: after it the key's second is long past.
    pub const IN_FLIGHT_AGE: i64 = 10 * MINUTE;

    /// Yuan and the usual bounds; the last thousand numbers are the link's own.
    pub fn new(link: LinkId, name: LinkName, acquirer: &str, forwarder: &str) -> HostConfig {
        HostConfig {
            link,
            name,
            acquirer: acquirer.to_owned(),
            forwarder: forwarder.to_owned(),
            merchants: Arc::default(),
            currency: Currency::CNY,
            stans: 999_000..=999_999,
            in_flight: HostConfig::IN_FLIGHT,
            in_flight_age: HostConfig::IN_FLIGHT_AGE,
        }
    }

    pub(super) fn check(&self) -> Result<(), HostConfigError> {
        for (field, number) in [("acquirer", &self.acquirer), ("forwarder", &self.forwarder)] {
            if !(1..=11).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
                return Err(HostConfigError::Institution { field, found: number.clone() });
            }
        }
        let (first, last) = (*self.stans.start(), *self.stans.end());
        if first == 0 || last > 999_999 || first > last {
            return Err(HostConfigError::Stans { first, last });
        }
        if self.in_flight == 0 || self.in_flight_age <= 0 {
            return Err(HostConfigError::NoRoom);
        }
        Ok(())
    }
}

/// What the bank is told of a merchant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MerchantProfile {
    /// DE43: the name in 40 bytes, Chinese as GBK, padded with blanks.
    name: [u8; MerchantProfile::NAME],
    /// DE18.
    mcc: [u8; 4],
}

impl MerchantProfile {
    /// Bytes of a name.
    pub const NAME: usize = 40;

    /// A name of at most 40 bytes in GBK (20 Chinese characters), and the four digits of the trade.
    ///
    /// # Errors
    /// A name that is empty, too long or not in GBK; a trade that is not four digits.
    pub fn new(name: &str, mcc: &str) -> Result<MerchantProfile, HostConfigError> {
        let (bytes, _, unknown) = GBK.encode(name);
        let plain = !unknown && bytes.iter().all(|byte| *byte >= 0x20 && *byte != 0x7f);
        if !plain || !(1..=MerchantProfile::NAME).contains(&bytes.len()) {
            return Err(HostConfigError::Name { found: name.to_owned() });
        }
        let mcc = mcc.as_bytes().try_into().ok().filter(|mcc: &[u8; 4]| mcc.iter().all(u8::is_ascii_digit));
        let mut padded = [b' '; MerchantProfile::NAME];
        padded[..bytes.len()].copy_from_slice(&bytes);
        Ok(MerchantProfile { name: padded, mcc: mcc.ok_or(HostConfigError::Mcc)? })
    }

    pub(super) fn name(&self) -> &[u8] {
        &self.name
    }

    pub(super) fn mcc(&self) -> &[u8] {
        &self.mcc
    }
}

/// Why a link's configuration is refused.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum HostConfigError {
    #[error("{field}: expected 1 to 11 digits, found {found:?}")]
    Institution { field: &'static str, found: String },
    #[error("stans: expected a range within 1 to 999999, found {first} to {last}")]
    Stans { first: u32, last: u32 },
    #[error("in_flight and in_flight_age: expected more than 0")]
    NoRoom,
    #[error("merchant name: expected 1 to 40 bytes in GBK, found {found:?}")]
    Name { found: String },
    #[error("merchant category: expected four digits")]
    Mcc,
}
