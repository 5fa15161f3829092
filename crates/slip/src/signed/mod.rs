//! A slip that anyone can check without asking us: what it says, signed with Ed25519.
//!
//! ```text
//! hefu1.<payload, base64url>.<signature, base64url>
//! ```
//!
//! The signature covers everything before the second dot, the version with it. It proves what was so when
//! it was made and nothing about later: a payment may have been returned since. So whoever shows the
//! result must show [`Checked::lines`] or say the same: the state now stands on the page at the slip's
//! address.

mod bytes;
mod keys;
mod refusal;
mod statement;

pub use keys::{Kid, PublicKey, PublicKeys};
pub use refusal::{KeysRefusal, SignedRefusal};
pub use statement::Statement;

use std::fmt;

use data_encoding::BASE64URL_NOPAD;

use crate::{
    data::{Language, SlipData},
    layout::status_line,
    page::{Line, Page},
    time::LocalTime,
    words::Word,
};

/// Signs what the slip says. `signed_at` is now, in Beijing time; `signer` makes the Ed25519 signature of
/// the bytes that it is given, with the key that `kid` names.
pub fn sign(
    data: &SlipData,
    signed_at: LocalTime,
    kid: Kid,
    signer: impl FnOnce(&[u8]) -> [u8; SIGNATURE],
) -> SignedText {
    let statement = Statement::of(data, signed_at, kid);
    let payload = BASE64URL_NOPAD.encode(&statement.encode());
    let mut text = format!("{VERSION}.{payload}");
    let signature = signer(text.as_bytes());
    text.push('.');
    text.push_str(&BASE64URL_NOPAD.encode(&signature));
    assert!(text.len() <= SignedText::MAX_CHARS, "every field is bounded, and so is their sum");
    SignedText { text, statement, signature }
}

/// Checks a signed text against the published keys. Takes the text itself, or the whole content of the QR
/// code, of which it reads what stands behind the `#`. Positions in a refusal count from the beginning of
/// the signed text.
pub fn verify(text: &str, keys: &PublicKeys) -> Result<Checked, SignedRefusal> {
    let text = text.split_once('#').map_or(text, |(_, signed)| signed);
    let signed = SignedText::parse(text.trim_ascii())?;
    let Statement { kid, signed_at, .. } = signed.statement;
    let key = keys.find(kid).ok_or(SignedRefusal::UnknownKey { kid })?;
    if !key.verifies(signed.covered(), &signed.signature) {
        return Err(SignedRefusal::Signature { kid });
    }
    if signed_at < key.valid_from {
        return Err(SignedRefusal::BeforeKey { kid, signed_at, valid_from: key.valid_from });
    }
    match key.retired_at {
        Some(retired_at) if signed_at >= retired_at => {
            Err(SignedRefusal::AfterKey { kid, signed_at, retired_at })
        }
        Some(_) | None => Ok(Checked { fields: signed.statement, kid }),
    }
}

/// A signed text in its proper form. Whether the signature is genuine, only [`verify`] tells.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedText {
    text: String,
    statement: Statement,
    signature: [u8; SIGNATURE],
}

impl SignedText {
    /// No signed text is longer; an ordinary one has about 220 characters.
    pub const MAX_CHARS: usize = 800;

    /// Reads the text strictly: one spelling for each statement, and nothing before, between or behind.
    pub fn parse(text: &str) -> Result<SignedText, SignedRefusal> {
        if text.len() > SignedText::MAX_CHARS {
            return Err(SignedRefusal::TooLong { found: text.len() });
        }
        let rest = text.strip_prefix(VERSION).and_then(|rest| rest.strip_prefix('.'));
        let rest = rest.ok_or(SignedRefusal::Version)?;
        let begin = text.len() - rest.len();
        let (payload, signature) =
            rest.split_once('.').ok_or(SignedRefusal::SignatureMissing { position: text.len() })?;
        let statement = Statement::decode(&decoded("payload", begin, payload)?)?;
        let signature = decoded("signature", begin + payload.len() + 1, signature)?;
        let found = signature.len();
        let signature = signature.try_into().map_err(|_| SignedRefusal::SignatureLength { found })?;
        Ok(SignedText { text: text.to_owned(), statement, signature })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What the text says, not yet checked against a key.
    pub fn unchecked(&self) -> &Statement {
        &self.statement
    }

    /// The bytes under the signature.
    fn covered(&self) -> &[u8] {
        let end = self.text.rfind('.').expect("a signed text has two dots");
        &self.text.as_bytes()[..end]
    }
}

/// It is part of an unguessable address, and shown no more than that.
impl fmt::Debug for SignedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedText({} characters)", self.text.len())
    }
}

/// What a genuine signature says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub fields: Statement,
    pub kid: Kid,
}

impl Checked {
    /// The result for people, in the order of a slip, with the reminder that it speaks of the moment of
    /// signing.
    pub fn lines(&self, language: Language) -> Vec<Line> {
        let fields = &self.fields;
        let mut page = Page::new(language);
        page.title(Word::Genuine);
        page.marks(fields.marks());
        page.rule();
        page.pair(Word::Merchant, fields.name.as_str());
        page.pair(Word::MerchantNumber, fields.merchant.as_str());
        page.pair(Word::Terminal, fields.terminal.as_str());
        page.pair_if(Word::CardNumber, fields.card.as_ref().map(|card| card.as_str()));
        page.pair(Word::Type, page.word(Word::of_type(fields.transaction)));
        page.pair(Word::Batch, fields.batch.as_str());
        page.pair(Word::Voucher, fields.voucher.as_str());
        page.pair_if(Word::Authorisation, fields.authorisation.as_ref().map(|code| code.as_str()));
        page.pair_if(Word::Reference, fields.reference.as_ref().map(|code| code.as_str()));
        page.pair(Word::DateTime, fields.time.to_string());
        page.rule();
        crate::layout::figures(&mut page, fields.amounts, fields.currency);
        status_line(&mut page, Word::StatusWhenSigned, fields.status, fields.status_word());
        crate::layout::status_details(&mut page, fields.status, fields.amounts, fields.currency);
        page.rule();
        page.pair(Word::SignedAt, fields.signed_at.to_string());
        page.pair(Word::SigningKey, self.kid.to_string());
        page.sentence(Word::NowOnItsPage);
        page.finish()
    }
}

/// Begins every signed text; another layout of the payload gets another number.
const VERSION: &str = "hefu1";
/// Bytes of an Ed25519 signature.
const SIGNATURE: usize = 64;

fn decoded(part: &'static str, begin: usize, text: &str) -> Result<Vec<u8>, SignedRefusal> {
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|error| SignedRefusal::Base64 { part, position: begin + error.position })
}

#[cfg(test)]
pub(crate) mod tests;
