//! Slips with their addresses and signatures.

use crate::fields;
use hefu_node::Story;
use hefu_slip::{
    EslipAddress, KeysRefusal, Kid, LocalDate, LocalTime, Mark, PublicKey, PublicKeys, Refusal, SignedText,
    SlipData,
};
use hefu_tally::{LegNo, MerchantNo, Moment, Rrn};
use hefu_vault::{SlipKeyError, SlipKeys};
use std::collections::BTreeMap;
use thiserror::Error;

/// A merchant's name as payers read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shop {
    pub zh: String,
    pub en: String,
}

/// Why slips cannot be made.
#[derive(Debug, Error)]
pub enum SlipsError {
    #[error(transparent)]
    Keys(#[from] SlipKeyError),
    #[error("the published keys: {0}")]
    Published(#[from] KeysRefusal),
    /// A field of the payment that no slip can show.
    #[error(transparent)]
    Field(#[from] Refusal),
}

/// Makes slips: under whose keys, at what address, for which shops.
pub struct Slips {
    keys: SlipKeys,
    published: PublicKeys,
    base: String,
    shops: BTreeMap<MerchantNo, Shop>,
    is_test: bool,
}

impl Slips {
    /// `base` is where the pages are reached from outside, without a path. `is_test` marks every slip as a test.
    ///
    /// # Errors
    /// The keys cannot be published, or the base is no address.
    pub fn new(
        keys: SlipKeys,
        base: &str,
        shops: BTreeMap<MerchantNo, Shop>,
        is_test: bool,
    ) -> Result<Slips, SlipsError> {
        // A derived key has no first day: it is good from the beginning of the calendar.
        let valid_from = LocalTime::new(LocalDate::new(2000, 1, 1)?, 0, 0, 0)?;
        let public = keys.all().iter().map(|key| PublicKey {
            kid: Kid(key.kid()),
            key: key.public(),
            valid_from,
            retired_at: None,
        });
        let published = PublicKeys::new(public.collect())?;
        let base = base.trim_end_matches('/').to_owned();
        EslipAddress::new(&format!("{base}/s/0"))?;
        Ok(Slips { keys, published, base, shops, is_test })
    }

    /// The public halves, by which anyone can check a slip.
    pub fn published(&self) -> &PublicKeys {
        &self.published
    }

    /// The transaction whose address ends in this token, if one of our keys made the token. Takes as long whether
    /// it is right or wrong.
    pub fn named_by(&self, token: &str) -> Option<Rrn> {
        let reference = self.keys.check(token).ok()?;
        Rrn::parse(reference.as_bytes()).ok()
    }

    /// The path of a transaction's page.
    ///
    /// # Errors
    /// The reference is none of ours.
    pub fn path(&self, rrn: &Rrn) -> Result<String, SlipsError> {
        Ok(format!("/s/{}", self.keys.token(rrn.as_str())?))
    }

    /// The shop's name, if it is known.
    pub fn shop(&self, merchant: &MerchantNo) -> Option<&Shop> {
        self.shops.get(merchant)
    }

    /// The slip of a transaction as it stands now, with its address and, signed at this moment, what it says.
    ///
    /// # Errors
    /// A field that no slip can show.
    pub fn slip(
        &self,
        story: &Story,
        no: LegNo,
        duplicate: bool,
        now: Moment,
    ) -> Result<SlipData, SlipsError> {
        let leg = story.tally.leg(no).unwrap_or(story.tally.first());
        let mut marks = std::collections::BTreeSet::new();
        if duplicate {
            marks.insert(Mark::Duplicate);
        }
        if self.is_test {
            marks.insert(Mark::Test);
        }
        let address = EslipAddress::new(&format!("{}{}", self.base, self.path(&leg.rrn)?))?;
        let shop = self.shop(&leg.identity.till.merchant);
        let data = fields::data(shop, story, no, marks, Some(address))?;
        let signed = self.sign(&data, now)?;
        Ok(data.with_signed(signed))
    }

    /// What the slip says at this moment, under the newest key.
    ///
    /// # Errors
    /// A moment that no slip can show.
    pub fn sign(&self, data: &SlipData, now: Moment) -> Result<SignedText, SlipsError> {
        let key = self.keys.newest();
        Ok(hefu_slip::sign(data, fields::time(now)?, Kid(key.kid()), |message| key.sign(message)))
    }
}
