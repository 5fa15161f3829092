use super::*;
use crate::{CUP_POS, HOST_LINK};

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

fn encoded(dialect: &Dialect, message: &Message) -> Vec<u8> {
    let mut out = Vec::new();
    dialect.encode(message, &mut out).unwrap();
    out
}

/// A value of `length` characters that the field allows and that is not the same throughout.
fn sample(spec: &FieldSpec, length: usize) -> Vec<u8> {
    let alphabet: &[u8] = match spec.kind {
        Kind::N => b"1234567890",
        Kind::An => b"A1z 9",
        Kind::Ans => b"A-1~ ",
        Kind::Gbk => b"A\xb5\xd8~ ",
        Kind::Z => b"62D3012",
        Kind::B => b"\x00\x7f\xff\x0a",
    };
    alphabet.iter().copied().cycle().take(length).collect()
}

#[test]
fn every_field_of_both_dialects_comes_back_in_every_length() {
    for dialect in [&CUP_POS, &HOST_LINK] {
        for (field, spec) in dialect.specs() {
            let shortest = match spec.length {
                Length::Fixed(length) => length,
                Length::Ll(_) | Length::Lll(_) => 0,
            };
            for length in shortest..=spec.length.max() {
                let mut message = Message::new(Mti(200));
                message.set(field, sample(spec, length));
                let wire = encoded(dialect, &message);
                let again = dialect.decode(&wire);
                assert_eq!(again.as_ref(), Ok(&message), "{} F{field} of {length}", dialect.name);
            }
        }
    }
}

#[test]
fn all_fields_of_a_dialect_fit_in_one_message() {
    for dialect in [&CUP_POS, &HOST_LINK] {
        let mut message = Message::new(Mti(9999));
        for (field, spec) in dialect.specs() {
            message.set(field, sample(spec, spec.length.max()));
        }
        assert_eq!(dialect.decode(&encoded(dialect, &message)), Ok(message));
    }
}

#[test]
fn fields_are_packed_as_the_links_pack_them() {
    let check = |dialect: &Dialect, field, value: &str, expected: &str| {
        let mut message = Message::new(Mti(200));
        message.set(field, value);
        let wire = encoded(dialect, &message);
        let start = dialect.read_bitmap(&wire).unwrap().1;
        assert_eq!(hex::encode(&wire[start..]), expected.replace(' ', ""), "F{field} {value}");
    };
    check(&CUP_POS, 2, "6200000000000005", "16 6200000000000005");
    check(&CUP_POS, 2, "6200000000000000005", "19 62000000000000000050");
    check(&CUP_POS, 22, "021", "0210");
    check(&CUP_POS, 23, "001", "0001");
    check(&CUP_POS, 26, "12", "12");
    check(&CUP_POS, 35, "6200000000000005D3012", "21 6200000000000005d30120");
    check(&CUP_POS, 36, "62D", "0003 62d0");
    check(&CUP_POS, 44, "48020000   ", "11 3438303230303030202020");
    check(&CUP_POS, 60, "22000001000", "0011 220000010000");
    check(&HOST_LINK, 2, "6200000000000005", &format!("3136{}", hex::encode("6200000000000005")));
    check(&HOST_LINK, 22, "021", "303231");
    check(&HOST_LINK, 55, "ab", "303032 6162");
}

#[test]
fn the_bitmap_of_a_terminal_grows_only_when_it_must() {
    let wire = encoded(&CUP_POS, Message::new(Mti(820)).set(64, [0; 8]));
    assert_eq!(wire[..10], bytes("0820 0000000000000001"));
    let wire = encoded(&HOST_LINK, Message::new(Mti(820)).set(11, "000042"));
    assert_eq!(wire[..20], bytes("30383230 8020000000000000 0000000000000000"));
}

#[test]
fn what_fills_half_a_byte_is_not_looked_at() {
    let check = |wire: &str, field, expected| {
        assert_eq!(CUP_POS.decode(&bytes(wire)).unwrap().text(field), Some(expected));
    };
    check("0200 0000040000000000 021f", 22, "021");
    check("0200 0000020000000000 f001", 23, "001");
    check("0200 0000000020000000 0562d30f", 35, "62D30");
}

#[test]
fn a_message_that_is_refused_leaves_the_output_as_it_was() {
    let mut out = vec![1, 2, 3];
    let mut message = Message::new(Mti(200));
    message.set(11, "000042").set(41, "short");
    assert!(CUP_POS.encode(&message, &mut out).is_err());
    assert_eq!(out, [1, 2, 3]);
}

#[test]
fn a_broken_message_is_refused_at_its_field_and_offset() {
    use DecodeError::*;
    let check = |dialect: &Dialect, wire: &str, error: DecodeError| {
        assert_eq!(dialect.decode(&bytes(wire)), Err(error), "{wire}");
    };
    let truncated = |field, offset, expected, found| Truncated { field, offset, expected, found };
    let wrong = |field, offset, expected, found| WrongCharacter { field, offset, expected, found };

    check(&CUP_POS, "", truncated(0, 0, 2, 0));
    check(&CUP_POS, "02", truncated(0, 0, 2, 1));
    check(&CUP_POS, "02a0 0000000000000000", wrong(0, 1, Kind::N, 0xa0));
    check(&CUP_POS, "0200 00000000", truncated(1, 2, 8, 4));
    check(&CUP_POS, "0200 8000000000000000", truncated(1, 2, 16, 8));
    check(&CUP_POS, "0200 8000000000000000 0000000000000000", SecondBitmapEmpty { offset: 2 });
    check(&CUP_POS, "0200 8000000000000000 0000000000000001", UnknownField { field: 128, offset: 17 });
    check(&CUP_POS, "0200 8000000000000000 8000000000000000", UnknownField { field: 65, offset: 10 });
    check(&CUP_POS, "0200 0100000000000000", UnknownField { field: 8, offset: 2 });
    check(&CUP_POS, "0200 0000000000000000 00", TrailingBytes { offset: 10, found: 1 });
    check(&CUP_POS, "0200 0020000000000000 000042 0000", TrailingBytes { offset: 13, found: 2 });
    check(&CUP_POS, "0200 0020000000000000 0000", truncated(11, 10, 3, 2));
    check(&CUP_POS, "0200 0020000000000000 00004a", wrong(11, 12, Kind::N, 0xa));
    check(&CUP_POS, "0200 0020000000000000 00d042", wrong(11, 11, Kind::N, 0xd));
    check(&CUP_POS, "0200 0000040000000000 02c0", wrong(22, 11, Kind::N, 0xc));
    check(&CUP_POS, "0200 0000020000000000 000b", wrong(23, 11, Kind::N, 0xb));
    check(&CUP_POS, "0200 0000020000000000 0b00", wrong(23, 10, Kind::N, 0xb));
    check(&CUP_POS, "0200 40000000 00000000 1a62", LengthNotDigits { field: 2, offset: 10, found: 0x1a });
    check(&CUP_POS, "0200 40000000 00000000 20", TooLong { field: 2, offset: 10, max: 19, found: 20 });
    check(&CUP_POS, "0200 40000000 00000000 0462", truncated(2, 11, 2, 1));
    check(&CUP_POS, "0200 40000000 00000000", truncated(2, 10, 1, 0));
    check(&CUP_POS, "0200 0000000020000000 0562e300", wrong(35, 12, Kind::Z, 0xe));
    check(&CUP_POS, "0200 0000000000000200 02", truncated(55, 10, 2, 1));
    check(&CUP_POS, "0200 0000000000000200 0256", TooLong { field: 55, offset: 10, max: 255, found: 256 });
    check(&CUP_POS, "0200 0000000000000200 a256", LengthNotDigits { field: 55, offset: 10, found: 0xa2 });
    check(&CUP_POS, "0200 0000000002000000 30ff", wrong(39, 11, Kind::An, 0xff));
    check(&CUP_POS, "0200 0000000000800000 3130303030303000", wrong(41, 17, Kind::Ans, 0));
    check(&CUP_POS, "0200 0000000000000002 0004 4355500a", wrong(63, 15, Kind::Gbk, 0x0a));
    check(&HOST_LINK, "30323030 0020000000000000", SecondBitmapMissing { offset: 4 });
    check(&HOST_LINK, "3032303a 8020000000000000", wrong(0, 3, Kind::N, 0x3a));
    let host = "30323030 c000000000000000 0000000000000000";
    check(&HOST_LINK, &format!("{host} 3a30"), LengthNotDigits { field: 2, offset: 20, found: 0x3a });
    check(&HOST_LINK, &format!("{host} 3230"), TooLong { field: 2, offset: 20, max: 19, found: 20 });
    check(&HOST_LINK, &format!("{host} 3032 362f"), wrong(2, 23, Kind::N, 0x2f));
}

#[test]
fn an_error_says_its_field_and_offset_also_to_programs() {
    let error = CUP_POS.decode(&bytes("0200 40000000 00000000 20")).unwrap_err();
    assert_eq!((error.field(), error.offset()), (Some(2), 10));
    assert_eq!(error.to_string(), "F2 at byte 10: expected a length of at most 19, found 20");
    let error = CUP_POS.decode(&bytes("0200 0000000000000000 00")).unwrap_err();
    assert_eq!((error.field(), error.offset()), (None, 10));
}

#[test]
fn a_value_that_the_dialect_does_not_allow_is_not_encoded() {
    use EncodeError::*;
    let check = |dialect: &Dialect, field, value: &[u8], error: EncodeError| {
        let mut message = Message::new(Mti(200));
        message.set(field, value);
        assert_eq!(error.field(), field);
        assert_eq!(dialect.encode(&message, &mut Vec::new()), Err(error), "F{field}");
    };
    let wrong = |field, position, expected| WrongCharacter { field, position, expected };
    check(&CUP_POS, 5, b"1", UnknownField { field: 5 });
    check(&CUP_POS, 128, &[0; 8], UnknownField { field: 128 });
    check(&CUP_POS, 4, b"12345", WrongLength { field: 4, expected: 12, found: 5 });
    check(&CUP_POS, 4, b"0000000012345", WrongLength { field: 4, expected: 12, found: 13 });
    check(&CUP_POS, 64, b"1234567", WrongLength { field: 64, expected: 8, found: 7 });
    check(&CUP_POS, 2, &[b'6'; 20], TooLong { field: 2, max: 19, found: 20 });
    check(&CUP_POS, 62, &[0; 1000], TooLong { field: 62, max: 999, found: 1000 });
    check(&CUP_POS, 11, b"00004D", wrong(11, 5, Kind::N));
    check(&CUP_POS, 35, b"62=3012", wrong(35, 2, Kind::Z));
    check(&CUP_POS, 39, b"0-", wrong(39, 1, Kind::An));
    check(&CUP_POS, 41, b"1000000\xb5", wrong(41, 7, Kind::Ans));
    check(&CUP_POS, 63, b"CUP\x7f", wrong(63, 3, Kind::Gbk));
    check(&HOST_LINK, 54, &[b'1'; 41], TooLong { field: 54, max: 40, found: 41 });
    check(&HOST_LINK, 70, b"30", WrongLength { field: 70, expected: 3, found: 2 });
    let error = CUP_POS.encode(&Message::new(Mti(10_000)), &mut Vec::new());
    assert_eq!(error, Err(MtiOutOfRange { found: 10_000 }));
}
