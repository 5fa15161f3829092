//! The tags of the chip data in F55, and which of them a message carries (UnionPay POS standard).

use super::Tag;

/// Script that the chip runs before its second cryptogram.
pub const ISSUER_SCRIPT_1: Tag = Tag(0x71);
/// Script that the chip runs after its second cryptogram.
pub const ISSUER_SCRIPT_2: Tag = Tag(0x72);
/// Five bytes of what the terminal checked, and how it ended (TVR).
pub const TERMINAL_VERIFICATION_RESULTS: Tag = Tag(0x95);
/// What became of the issuer scripts.
pub const SCRIPT_RESULT: Tag = Tag(0xDF31);

/// What a request must carry.
#[rustfmt::skip]
pub const REQUEST_TAGS: [Tag; 14] = [
    Tag(0x9F26), Tag(0x9F27), Tag(0x9F10), Tag(0x9F37), Tag(0x9F36), Tag(0x95), Tag(0x9A),
    Tag(0x9C), Tag(0x9F02), Tag(0x5F2A), Tag(0x82), Tag(0x9F1A), Tag(0x9F03), Tag(0x9F33),
];

/// What a request may carry.
#[rustfmt::skip]
pub const OPTIONAL_REQUEST_TAGS: [Tag; 7] = [
    Tag(0x9F34), Tag(0x9F35), Tag(0x9F1E), Tag(0x84), Tag(0x9F09), Tag(0x9F41), Tag(0x9F63),
];

/// What an answer carries: the issuer's authentication data and scripts.
pub const ANSWER_TAGS: [Tag; 3] = [Tag(0x91), ISSUER_SCRIPT_1, ISSUER_SCRIPT_2];

/// What the advice of a transaction that the chip approved by itself adds.
pub const OFFLINE_TAGS: [Tag; 2] = [Tag(0x9F74), Tag(0x8A)];

/// What a reversal by the terminal carries.
#[rustfmt::skip]
pub const REVERSAL_TAGS: [Tag; 5] = [
    TERMINAL_VERIFICATION_RESULTS, Tag(0x9F1E), Tag(0x9F10), Tag(0x9F36), SCRIPT_RESULT,
];

/// What names the card or its holder and is never kept: track 2 equivalent, card number, holder's name,
/// expiry.
pub const SECRET_TAGS: [Tag; 4] = [Tag(0x57), Tag(0x5A), Tag(0x5F20), Tag(0x5F24)];

/// The tag's name in English, for the tags of the lists above whose content is no secret.
pub(crate) fn name(tag: Tag) -> Option<&'static str> {
    Some(match tag.0 {
        0x71 => "issuer script 1",
        0x72 => "issuer script 2",
        0x82 => "application interchange profile",
        0x84 => "application name (DF)",
        0x8A => "authorisation response code",
        0x91 => "issuer authentication data",
        0x95 => "terminal verification results",
        0x9A => "transaction date",
        0x9C => "transaction type",
        0x5F2A => "transaction currency",
        0x9F02 => "amount authorised",
        0x9F03 => "amount other",
        0x9F09 => "application version",
        0x9F10 => "issuer application data",
        0x9F1A => "terminal country",
        0x9F1E => "interface device serial number",
        0x9F26 => "application cryptogram",
        0x9F27 => "cryptogram information",
        0x9F33 => "terminal capabilities",
        0x9F34 => "cardholder verification results",
        0x9F35 => "terminal type",
        0x9F36 => "application transaction counter",
        0x9F37 => "unpredictable number",
        0x9F41 => "transaction sequence counter",
        0x9F63 => "card product identification",
        0x9F74 => "offline authorisation code",
        0xDF31 => "issuer script result",
        _ => return None,
    })
}
