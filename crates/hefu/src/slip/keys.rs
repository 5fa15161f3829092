//! The keys that sign slips and make their addresses.
//!
//! The configuration has none of its own yet, so the first generation is derived from the master key.

use crate::{Failure, config::Config};
use hefu_vault::{MasterKey, SlipKey, SlipKeys};

/// All generations, oldest first.
pub fn of(config: &Config) -> Result<SlipKeys, Failure> {
    let master = MasterKey::from_hex(&config.master_key).map_err(Failure::misuse)?;
    SlipKeys::new(vec![SlipKey::from_master(&master, 1)]).map_err(Failure::misuse)
}

/// With the example's master key anybody can sign whatever he likes.
pub fn warn(config: &Config) {
    if config.has_test_master_key() {
        eprintln!("hefu: the master key is the example's, which everybody knows: these keys prove nothing");
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use hefu_slip::{
        Amounts, Batch, Currency, EntryMode, LocalDate, LocalTime, MerchantNumber, Name, Operator, Payment,
        Printable, SlipData, SlipFields, Status, TerminalNumber, Till, TransactionType, Verification,
        Voucher,
    };

    /// An approved sale of 128.50.
    pub fn slip() -> SlipData {
        let name = Name { zh: Printable::new("merchant name", "合符测试商户").unwrap(), en: None };
        let day = LocalDate::new(2026, 11, 22).unwrap();
        let fields = SlipFields {
            marks: [].into(),
            till: Till {
                name,
                merchant: MerchantNumber::new("898110253110001").unwrap(),
                terminal: TerminalNumber::new("10000001").unwrap(),
                operator: Operator::new("001").unwrap(),
            },
            issuer: None,
            acquirer: None,
            card: None,
            entry: EntryMode::Qr,
            transaction: TransactionType::Sale,
            batch: Batch::new("000001").unwrap(),
            voucher: Voucher::new("000001").unwrap(),
            authorisation: None,
            reference: None,
            time: LocalTime::new(day, 12, 0, 0).unwrap(),
            currency: Currency::new(156, 2).unwrap(),
            amounts: Amounts::Payment(Payment::new(12_850, None).unwrap()),
            status: Status::Approved,
            original: None,
            issuer_text: None,
            chip: None,
            verification: Verification::NotOnPaper,
            eslip: None,
        };
        SlipData::new(fields).unwrap()
    }

    #[test]
    fn every_master_key_has_slip_keys_of_its_own_and_the_same_ones_each_time() {
        let mut config = Config::load(None).unwrap();
        let kid = |config: &Config| of(config).unwrap().newest().kid();
        let first = kid(&config);
        assert_eq!(kid(&config), first);
        config.master_key = "11".repeat(32);
        assert_ne!(kid(&config), first);
        config.master_key = "11".to_owned();
        assert_eq!(of(&config).map(|_| ()).map_err(|failure| failure.code), Err(2));
    }
}
