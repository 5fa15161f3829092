//! Every way in which a signed text or a list of keys can be refused.

use crate::{refusal::Refusal, signed::keys::Kid, time::LocalTime};

/// Why a signed text is not taken. Positions count from 0: characters of the text where the text is
/// concerned, bytes of the decoded payload where a field is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignedRefusal {
    #[error("signed text: {found} bytes, at most 800")]
    TooLong { found: usize },
    #[error("signed text: character 0: expected \"hefu1.\"; it is none, or of a version not known here")]
    Version,
    #[error("signed text: character {position}: the signature is missing, expected \".\" before it")]
    SignatureMissing { position: usize },
    #[error("{part}: character {position} is not base64url, or the text ends in the middle of a byte")]
    Base64 { part: &'static str, position: usize },
    #[error("signature: {found} bytes, expected 64")]
    SignatureLength { found: usize },
    #[error("{field}: the payload ends at byte {position}, before its end")]
    Cut { field: &'static str, position: usize },
    #[error("{field}: byte {position}: {found} stands for nothing")]
    Code { field: &'static str, position: usize, found: u8 },
    #[error("{field}: byte {position}: a number out of its range")]
    Number { field: &'static str, position: usize },
    #[error("{field}: byte {position}: not UTF-8")]
    Utf8 { field: &'static str, position: usize },
    #[error("byte {position}: {refusal}")]
    Value { position: usize, refusal: Refusal },
    #[error("the fields contradict one another: {0}")]
    Disagree(Refusal),
    #[error("byte {position}: not the one spelling of what it says")]
    NotCanonical { position: usize },
    #[error("byte {position}: expected the end of the payload")]
    Trailing { position: usize },
    #[error("key {kid}: not among the published keys")]
    UnknownKey { kid: Kid },
    #[error("signature: not made by key {kid} over this text: the slip is forged or damaged")]
    Signature { kid: Kid },
    #[error("key {kid}: signs from {valid_from} on, but the slip says {signed_at}")]
    BeforeKey { kid: Kid, signed_at: LocalTime, valid_from: LocalTime },
    #[error("key {kid}: retired at {retired_at}, but the slip says {signed_at}")]
    AfterKey { kid: Kid, signed_at: LocalTime, retired_at: LocalTime },
}

/// Why a list of published keys is not taken. `index` counts the keys of the list from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysRefusal {
    #[error("keys: {found} bytes, at most {max}")]
    TooLong { found: usize, max: usize },
    #[error("keys: line {line}, column {column}: {what}")]
    Json { line: usize, column: usize, what: String },
    #[error("keys: {found}, expected 1 to {max}")]
    Count { found: usize, max: usize },
    #[error("keys[{index}].kid: expected 8 hexadecimal digits in small letters")]
    Kid { index: usize },
    #[error("keys[{index}].alg: expected Ed25519")]
    Algorithm { index: usize },
    #[error("keys[{index}].key: expected the base64url of 32 bytes that are an Ed25519 public key")]
    Key { index: usize },
    #[error("keys[{index}].{field}: {refusal}")]
    Time { index: usize, field: &'static str, refusal: Refusal },
    #[error("keys[{index}]: {kid} is there twice")]
    Twice { index: usize, kid: Kid },
    #[error("keys[{index}]: {kid} is retired before it is valid")]
    RetiredBeforeValid { index: usize, kid: Kid },
}
