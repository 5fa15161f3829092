use crate::dialect::{Bitmap, Coding, Dialect, FieldSpec, Inside, Kind, Length, Numbers};
use Coding::{BcdLeft, BcdRight, Bytes};
use Kind::{An, Ans, B, Gbk, N, Z};
use Length::{Fixed, Ll, Lll};

const fn field(name: &'static str, kind: Kind, length: Length, coding: Coding) -> FieldSpec {
    FieldSpec::new(name, kind, length, coding)
}

/// Terminal to acquirer, as UnionPay terminals in China speak: packed digits, bitmap of 8 bytes.
#[rustfmt::skip]
pub static CUP_POS: Dialect = Dialect::new("CUP POS", Numbers::Bcd, Bitmap::AsNeeded, &[
    (2,  field("card number",              N,   Ll(19),    BcdLeft)),
    (3,  field("processing code",          N,   Fixed(6),  BcdLeft)),
    (4,  field("amount",                   N,   Fixed(12), BcdLeft)),
    (11, field("trace",                    N,   Fixed(6),  BcdLeft)),
    (12, field("local time",               N,   Fixed(6),  BcdLeft)),
    (13, field("local date",               N,   Fixed(4),  BcdLeft)),
    (14, field("expiry",                   N,   Fixed(4),  BcdLeft)),
    (15, field("settlement date",          N,   Fixed(4),  BcdLeft)),
    (22, field("entry mode",               N,   Fixed(3),  BcdLeft)),
    (23, field("card sequence",            N,   Fixed(3),  BcdRight)),
    (25, field("condition",                N,   Fixed(2),  BcdLeft)),
    (26, field("PIN capture",              N,   Fixed(2),  BcdLeft)),
    (32, field("acquirer",                 N,   Ll(11),    BcdLeft)),
    (35, field("track 2",                  Z,   Ll(37),    BcdLeft)),
    (36, field("track 3",                  Z,   Lll(104),  BcdLeft)),
    (37, field("reference (RRN)",          An,  Fixed(12), Bytes)),
    (38, field("authorisation code",       An,  Fixed(6),  Bytes)),
    (39, field("response code",            An,  Fixed(2),  Bytes)),
    (41, field("terminal",                 Ans, Fixed(8),  Bytes)),
    (42, field("merchant",                 Ans, Fixed(15), Bytes)),
    (44, field("receiver and acquirer",    An,  Ll(25),    Bytes)),
    (48, field("additional data",          N,   Lll(322),  BcdLeft).holding(Inside::CupBatch)),
    (49, field("currency",                 An,  Fixed(3),  Bytes)),
    (52, field("PIN block",                B,   Fixed(8),  Bytes)),
    (53, field("security control",         N,   Fixed(16), BcdLeft)),
    (54, field("balances",                 An,  Lll(20),   Bytes).holding(Inside::Balances)),
    (55, field("chip data",                B,   Lll(255),  Bytes).holding(Inside::Tlv)),
    (57, field("SM4 PIN block",            B,   Lll(999),  Bytes)),
    (59, field("terminal identity",        B,   Lll(999),  Bytes)),
    (60, field("type, batch, network code", N,  Lll(19),   BcdLeft).holding(Inside::CupType)),
    (61, field("original data",            N,   Lll(29),   BcdLeft).holding(Inside::CupOriginal)),
    (62, field("keys or parameters",       B,   Lll(999),  Bytes)),
    (63, field("operator and slip texts",  Gbk, Lll(163),  Bytes).holding(Inside::CupTexts)),
    (64, field("MAC",                      B,   Fixed(8),  Bytes)),
]);

/// Acquirer to card network: characters throughout, bitmap of 16 bytes.
#[rustfmt::skip]
pub static HOST_LINK: Dialect = Dialect::new("host link", Numbers::Ascii, Bitmap::Always16, &[
    (2,   field("card number",             N,   Ll(19),    Bytes)),
    (3,   field("processing code",         N,   Fixed(6),  Bytes)),
    (4,   field("amount",                  N,   Fixed(12), Bytes)),
    (7,   field("transmission time",       N,   Fixed(10), Bytes)),
    (11,  field("trace (STAN)",            N,   Fixed(6),  Bytes)),
    (12,  field("local time",              N,   Fixed(6),  Bytes)),
    (13,  field("local date",              N,   Fixed(4),  Bytes)),
    (14,  field("expiry",                  N,   Fixed(4),  Bytes)),
    (15,  field("settlement date",         N,   Fixed(4),  Bytes)),
    (18,  field("merchant category (MCC)", N,   Fixed(4),  Bytes)),
    (22,  field("entry mode",              N,   Fixed(3),  Bytes)),
    (23,  field("card sequence",           N,   Fixed(3),  Bytes)),
    (25,  field("condition",               N,   Fixed(2),  Bytes)),
    (26,  field("PIN capture",             N,   Fixed(2),  Bytes)),
    (32,  field("acquirer",                N,   Ll(11),    Bytes)),
    (33,  field("forwarder",               N,   Ll(11),    Bytes)),
    (35,  field("track 2",                 Z,   Ll(37),    Bytes)),
    (37,  field("reference (RRN)",         An,  Fixed(12), Bytes)),
    (38,  field("authorisation code",      An,  Fixed(6),  Bytes)),
    (39,  field("response code",           An,  Fixed(2),  Bytes)),
    (41,  field("terminal",                Ans, Fixed(8),  Bytes)),
    (42,  field("merchant",                Ans, Fixed(15), Bytes)),
    (43,  field("merchant name and place", Gbk, Fixed(40), Bytes)),
    (48,  field("additional data",         Gbk, Lll(512),  Bytes)),
    (49,  field("currency",                N,   Fixed(3),  Bytes)),
    (52,  field("PIN block",               B,   Fixed(8),  Bytes)),
    (53,  field("security control",        N,   Fixed(16), Bytes)),
    (54,  field("balances",                An,  Lll(40),   Bytes).holding(Inside::Balances)),
    (55,  field("chip data",               B,   Lll(255),  Bytes).holding(Inside::Tlv)),
    (60,  field("reason",                  Ans, Lll(100),  Bytes).holding(Inside::HostReason)),
    (70,  field("network management code", N,   Fixed(3),  Bytes)),
    (90,  field("original data",           N,   Fixed(42), Bytes).holding(Inside::HostOriginal)),
    (95,  field("replacement amounts",     An,  Fixed(42), Bytes)),
    (96,  field("message security code",   B,   Fixed(8),  Bytes)),
    (128, field("MAC",                     B,   Fixed(8),  Bytes)),
]);
