//! The single values that a slip shows, each checked once, when it is made.

use std::fmt;

use unicode_width::UnicodeWidthChar;

use crate::{refusal::Refusal, signed::SignedText};

/// Declares a short code of ASCII letters and digits as a type of its own, so that a trace can
/// never be printed where a reference belongs.
macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $field:literal, $min:literal..=$max:literal, $allowed:path, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Checks length and characters; refuses with [`Refusal::Length`] or
            /// [`Refusal::Character`].
            pub fn new(code: &str) -> Result<$name, Refusal> {
                check_length($field, code, $min, $max)?;
                check_characters($field, code, $allowed, $expected)?;
                Ok($name(code.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

code! {
    /// Merchant number (F42): acquirer 3, area 4, merchant category 4, serial 4.
    MerchantNumber, "merchant number", 15..=15, is_alphanumeric, "a letter or digit"
}
code! {
    /// Terminal number (F41).
    TerminalNumber, "terminal number", 8..=8, is_alphanumeric, "a letter or digit"
}
code! {
    /// Operator of the terminal (F63 of the sign-on).
    Operator, "operator", 1..=3, is_alphanumeric, "a letter or digit"
}
code! {
    /// Batch number (F60.2).
    Batch, "batch", 6..=6, is_digit, "a digit"
}
code! {
    /// Voucher number, which is the trace (F11).
    Voucher, "voucher", 6..=6, is_digit, "a digit"
}
code! {
    /// Authorisation code (F38), without padding.
    Authorisation, "authorisation", 1..=6, is_alphanumeric, "a letter or digit"
}
code! {
    /// Reference number (F37, RRN).
    Reference, "reference", 12..=12, is_alphanumeric, "a letter or digit"
}

/// A card number of which at most the first six and the last four digits can be read; every
/// other place holds `*`. 13 to 19 places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedPan(String);

impl MaskedPan {
    /// Takes a number that is masked already. One that shows more is refused with
    /// [`Refusal::VisibleDigit`], so a full card number cannot reach the paper.
    pub fn new(masked: &str) -> Result<MaskedPan, Refusal> {
        let field = "card number";
        check_length(field, masked, 13, 19)?;
        check_characters(field, masked, |c| is_digit(c) || c == '*', "a digit or *")?;
        let hidden = 6..masked.len() - 4;
        match masked.char_indices().find(|(position, c)| hidden.contains(position) && *c != '*') {
            Some((position, _)) => Err(Refusal::VisibleDigit { position }),
            None => Ok(MaskedPan(masked.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text that a printer shows as it stands: 1 to 100 characters, each one or two columns wide.
///
/// Control, combining and direction marks are refused: they could drive the printer, or make a
/// slip read otherwise than it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printable(String);

impl Printable {
    pub const MAX_CHARS: usize = 100;

    /// Checks text from our own records. `field` names it in the refusal.
    pub fn new(field: &'static str, text: &str) -> Result<Printable, Refusal> {
        check_length(field, text, 1, Printable::MAX_CHARS)?;
        check_characters(field, text, is_printable, "a printable character")?;
        if text.trim().is_empty() {
            return Err(Refusal::Length { field, found: 0, min: 1, max: Printable::MAX_CHARS });
        }
        Ok(Printable(text.to_owned()))
    }

    /// Takes text from outside, such as the issuer's in F63.2, which must not keep a slip from
    /// being printed: what cannot be shown becomes `?`, what is too long ends in `...`.
    /// `None` if nothing but blanks is left.
    pub fn cleaned(text: &str) -> Option<Printable> {
        let shown = |c| if is_printable(c) { c } else { '?' };
        let mut clean: String = text.trim().chars().take(Printable::MAX_CHARS).map(shown).collect();
        if text.trim().chars().count() > Printable::MAX_CHARS {
            clean = clean.chars().take(Printable::MAX_CHARS - 3).collect();
            clean.push_str("...");
        }
        (!clean.is_empty()).then_some(Printable(clean))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The unguessable address of the electronic slip: http or https, visible ASCII, at most 256
/// characters. Whoever knows it can read the slip, so Debug does not show it.
///
/// With it goes the signed text of the slip, if there is one: in the QR code it stands behind a `#`,
/// which no browser sends to a server, so that the page opens and a checker without a network reads.
#[derive(Clone, PartialEq, Eq)]
pub struct EslipAddress {
    address: String,
    signed: Option<Box<SignedText>>,
}

impl EslipAddress {
    pub fn new(address: &str) -> Result<EslipAddress, Refusal> {
        let field = "e-slip address";
        check_length(field, address, 1, 256)?;
        check_characters(field, address, |c| c.is_ascii_graphic(), "visible ASCII")?;
        if let Some(position) = address.find('#') {
            return Err(Refusal::AddressFragment { position });
        }
        let rest = ["https://", "http://"].iter().find_map(|scheme| address.strip_prefix(scheme));
        match rest {
            Some(rest) if !rest.is_empty() => Ok(EslipAddress { address: address.to_owned(), signed: None }),
            Some(_) | None => Err(Refusal::AddressScheme),
        }
    }

    /// The same address with a slip's signed text for its QR code.
    pub fn with_signed(self, signed: SignedText) -> EslipAddress {
        EslipAddress { signed: Some(Box::new(signed)), ..self }
    }

    /// The address as people read it, without the signed text.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    pub fn signed(&self) -> Option<&SignedText> {
        self.signed.as_deref()
    }

    /// What the QR code holds: `<address>#<signed text>`.
    pub fn qr_content(&self) -> String {
        match &self.signed {
            Some(signed) => format!("{}#{}", self.address, signed.as_str()),
            None => self.address.clone(),
        }
    }
}

impl fmt::Debug for EslipAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EslipAddress(hidden)")
    }
}

/// Application identifier of the chip (tag 84): 5 to 16 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aid(Vec<u8>);

impl Aid {
    pub fn new(bytes: &[u8]) -> Result<Aid, Refusal> {
        if (5..=16).contains(&bytes.len()) {
            Ok(Aid(bytes.to_vec()))
        } else {
            Err(Refusal::Length { field: "AID (bytes)", found: bytes.len(), min: 5, max: 16 })
        }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn is_alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn is_printable(c: char) -> bool {
    // Control characters have no width; combining, joining and direction marks have width 0.
    matches!(c.width(), Some(1 | 2)) && !matches!(c, '\u{2028}' | '\u{2029}')
}

fn check_length(field: &'static str, text: &str, min: usize, max: usize) -> Result<(), Refusal> {
    let found = text.chars().count();
    if (min..=max).contains(&found) { Ok(()) } else { Err(Refusal::Length { field, found, min, max }) }
}

fn check_characters(
    field: &'static str,
    text: &str,
    allowed: impl Fn(char) -> bool,
    expected: &'static str,
) -> Result<(), Refusal> {
    match text.chars().position(|c| !allowed(c)) {
        Some(position) => Err(Refusal::Character { field, position, expected }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_shows_at_most_the_first_six_and_last_four() {
        for good in ["620000******0005", "****************", "620000***0005", "620000*********0005"] {
            assert_eq!(MaskedPan::new(good).expect("masked").as_str(), good);
        }
        let visible = |position| Err(Refusal::VisibleDigit { position });
        assert_eq!(MaskedPan::new("6200000000000005"), visible(6));
        assert_eq!(MaskedPan::new("6200000*****0005"), visible(6));
        assert_eq!(MaskedPan::new("620000*****00005"), visible(11));
        assert_eq!(MaskedPan::new("620000*****0*0005"), visible(11));
    }

    #[test]
    fn a_card_number_has_thirteen_to_nineteen_places_of_digits_and_stars() {
        let length = |found| Err(Refusal::Length { field: "card number", found, min: 13, max: 19 });
        assert_eq!(MaskedPan::new("620000**0005"), length(12));
        assert_eq!(MaskedPan::new("620000**********0005"), length(20));
        assert!(matches!(MaskedPan::new("620000XXXXXX0005"), Err(Refusal::Character { position: 6, .. })));
        assert!(matches!(
            MaskedPan::new("620000＊＊＊＊＊＊0005"),
            Err(Refusal::Character { position: 6, .. })
        ));
    }

    #[test]
    fn a_refusal_never_repeats_the_card_number() {
        let refusal = MaskedPan::new("6200000000000005").expect_err("full number");
        assert!(!format!("{refusal} {refusal:?}").contains("62000"));
    }

    #[test]
    fn codes_are_refused_by_length_and_by_character() {
        assert!(MerchantNumber::new("898110253110001").is_ok());
        assert!(matches!(MerchantNumber::new("89811025311000"), Err(Refusal::Length { found: 14, .. })));
        assert!(matches!(TerminalNumber::new("1000000 "), Err(Refusal::Character { position: 7, .. })));
        assert!(matches!(Voucher::new("00001A"), Err(Refusal::Character { position: 5, .. })));
        assert!(Reference::new("6326A0000001").is_ok());
        assert!(matches!(Authorisation::new(""), Err(Refusal::Length { found: 0, .. })));
        assert!(matches!(Operator::new("0123"), Err(Refusal::Length { found: 4, .. })));
        assert!(matches!(Batch::new("00000１"), Err(Refusal::Character { position: 5, .. })));
    }

    #[test]
    fn text_that_could_drive_the_printer_or_mislead_the_reader_is_refused() {
        for (bad, at) in [("a\nb", 1), ("\u{1b}@", 0), ("ab\u{202e}", 2), ("e\u{301}", 1), ("\u{200b}x", 0)] {
            assert_eq!(
                Printable::new("merchant", bad),
                Err(Refusal::Character {
                    field: "merchant",
                    position: at,
                    expected: "a printable character"
                }),
            );
        }
        assert!(matches!(Printable::new("merchant", "  "), Err(Refusal::Length { .. })));
        assert!(Printable::new("merchant", &"符".repeat(100)).is_ok());
        assert!(matches!(
            Printable::new("merchant", &"符".repeat(101)),
            Err(Refusal::Length { found: 101, .. })
        ));
    }

    #[test]
    fn text_from_outside_is_cleaned_visibly_instead_of_refused() {
        let clean = |text: &str| Printable::cleaned(text).map(|shown| shown.as_str().to_owned());
        assert_eq!(clean(" 积分+10 ").as_deref(), Some("积分+10"));
        assert_eq!(clean("a\u{1b}@b").as_deref(), Some("a?@b"));
        assert_eq!(clean(" \n "), None);
        let long = clean(&"x".repeat(101)).expect("something is left");
        assert_eq!((long.chars().count(), long.ends_with("x...")), (100, true));
        assert_eq!(clean(&"x".repeat(100)), Some("x".repeat(100)));
    }

    #[test]
    fn an_address_is_a_web_address_and_stays_out_of_debug() {
        let address = EslipAddress::new("https://hefu.example/s/k7Q").expect("an address");
        assert_eq!(format!("{address:?}"), "EslipAddress(hidden)");
        assert_eq!(EslipAddress::new("ftp://hefu.example/"), Err(Refusal::AddressScheme));
        assert_eq!(EslipAddress::new("https://"), Err(Refusal::AddressScheme));
        assert_eq!(EslipAddress::new("https://a/#b"), Err(Refusal::AddressFragment { position: 10 }));
        assert!(matches!(EslipAddress::new("https://a b"), Err(Refusal::Character { position: 9, .. })));
    }

    #[test]
    fn an_application_identifier_has_five_to_sixteen_bytes() {
        assert!(Aid::new(&[0xA0, 0, 0, 3, 0x33]).is_ok());
        assert!(Aid::new(&[0; 16]).is_ok());
        for length in [0, 4, 17] {
            assert!(
                matches!(Aid::new(&vec![0; length]), Err(Refusal::Length { found, .. }) if found == length)
            );
        }
    }
}
