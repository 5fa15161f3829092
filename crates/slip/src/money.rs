//! Amounts in minor units, and how they are written.

use crate::refusal::Refusal;

/// A currency of ISO 4217 by its numeric code, and how many decimals its minor unit stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    letters: &'static str,
    numeric: u16,
    exponent: u8,
}

impl Currency {
    /// `numeric` as in F49 (156 is the renminbi); `exponent` 0 to 4, taken as given because a
    /// network may count otherwise than the standard.
    pub fn new(numeric: u16, exponent: u8) -> Result<Currency, Refusal> {
        let currency =
            iso_currency::Currency::from_numeric(numeric).ok_or(Refusal::CurrencyNumber { numeric })?;
        if exponent > 4 {
            return Err(Refusal::CurrencyExponent { exponent });
        }
        Ok(Currency { letters: currency.code(), numeric, exponent })
    }

    /// `1234567` as `CNY 12,345.67`. Never longer than 30 columns, so it fits every paper.
    pub fn write(self, minor: i64) -> String {
        format!("{} {}", self.letters, self.write_bare(minor))
    }

    /// `1234567` as `12,345.67`, for columns whose head names the currency.
    pub fn write_bare(self, minor: i64) -> String {
        let digits = format!("{:0>width$}", minor.unsigned_abs(), width = usize::from(self.exponent) + 1);
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(self.exponent));
        let sign = if minor < 0 { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{}{point}{fraction}", grouped(whole))
    }

    /// The numeric code of ISO 4217.
    pub fn numeric(self) -> u16 {
        self.numeric
    }

    /// How many decimals the minor unit stands for.
    pub fn exponent(self) -> u8 {
        self.exponent
    }

    /// The three letters of ISO 4217.
    pub fn letters(self) -> &'static str {
        self.letters
    }
}

/// What a payment moves: the amount, a tip if there is one, and their sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    amount: i64,
    tip: Option<i64>,
    total: i64,
}

impl Payment {
    /// Minor units, neither below zero; the sum must fit in 64 bits.
    pub fn new(amount: i64, tip: Option<i64>) -> Result<Payment, Refusal> {
        not_negative("amount", amount)?;
        not_negative("tip", tip.unwrap_or(0))?;
        let total = amount.checked_add(tip.unwrap_or(0)).ok_or(Refusal::Overflow { field: "total" })?;
        Ok(Payment { amount, tip, total })
    }

    pub fn amount(self) -> i64 {
        self.amount
    }

    pub fn tip(self) -> Option<i64> {
        self.tip
    }

    pub fn total(self) -> i64 {
        self.total
    }
}

pub(crate) fn not_negative(field: &'static str, minor: i64) -> Result<(), Refusal> {
    if minor < 0 { Err(Refusal::NegativeAmount { field, minor }) } else { Ok(()) }
}

fn grouped(whole: &str) -> String {
    let mut text = String::with_capacity(whole.len() * 4 / 3);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_are_written_with_the_decimals_of_the_currency() {
        for (numeric, exponent, minor, written) in [
            (156, 2, 0, "CNY 0.00"),
            (156, 2, 7, "CNY 0.07"),
            (156, 2, 100_000, "CNY 1,000.00"),
            (156, 2, 1_234_567, "CNY 12,345.67"),
            (156, 2, -99, "CNY -0.99"),
            (156, 2, i64::MAX, "CNY 92,233,720,368,547,758.07"),
            (156, 2, i64::MIN, "CNY -92,233,720,368,547,758.08"),
            (392, 0, 1_000, "JPY 1,000"),
            (392, 0, i64::MIN, "JPY -9,223,372,036,854,775,808"),
            (48, 3, 1_500, "BHD 1.500"),
        ] {
            let currency = Currency::new(numeric, exponent).expect("a currency");
            assert_eq!(currency.write(minor), written);
            assert!(currency.write(minor).len() <= 30);
        }
    }

    #[test]
    fn an_unknown_currency_is_refused() {
        assert_eq!(Currency::new(1, 2), Err(Refusal::CurrencyNumber { numeric: 1 }));
        assert_eq!(Currency::new(156, 5), Err(Refusal::CurrencyExponent { exponent: 5 }));
    }

    #[test]
    fn a_total_is_the_amount_and_the_tip() {
        assert_eq!(Payment::new(100, Some(15)).expect("a payment").total(), 115);
        assert_eq!(Payment::new(100, None).expect("a payment").total(), 100);
        let negative = |field, minor| Err(Refusal::NegativeAmount { field, minor });
        assert_eq!(Payment::new(-1, None), negative("amount", -1));
        assert_eq!(Payment::new(1, Some(-2)), negative("tip", -2));
        assert_eq!(Payment::new(i64::MAX, Some(1)), Err(Refusal::Overflow { field: "total" }));
    }
}
