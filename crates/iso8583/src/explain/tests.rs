use super::*;
use crate::frame::{Demand, join_pos, put_frame};
use crate::{CUP_POS, HOST_LINK, Message};

fn encoded(dialect: &Dialect, message: &Message) -> Vec<u8> {
    let mut out = Vec::new();
    dialect.encode(message, &mut out).unwrap();
    out
}

fn sale() -> Message {
    let mut sale = Message::new(Mti(200));
    sale.set(2, "6200000000000005").set(4, "000000012345").set(11, "000042").set(14, "3012");
    sale.set(35, "6200000000000005D3012").set(41, "10000001").set(52, [0x5a; 8]);
    sale.set(55, hex::decode("9f3602000157096200000000000005d39505000000000000").unwrap());
    sale.set(60, "220000010006").set(64, [0xab; 8]);
    sale
}

fn frame(body: &[u8]) -> Vec<u8> {
    let tpdu = Tpdu { destination: [0, 3], source: [0, 0] };
    let header = PosHeader {
        application_class: 60,
        software_version: 31,
        terminal_state: 0,
        demand: Demand::Nothing,
        reserved: [0; 3],
    };
    let (mut inner, mut out) = (Vec::new(), Vec::new());
    join_pos(&tpdu, &header, body, &mut inner);
    put_frame(&inner, &mut out).unwrap();
    out
}

/// The rows of one field and its sub-fields, as `field value`.
fn values(explanation: &Explanation, field: &str) -> Vec<String> {
    let belongs = |row: &&Row| {
        row.field.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ' ']))
    };
    explanation.rows().iter().filter(belongs).map(|row| format!("{} {}", row.field, row.value)).collect()
}

#[test]
fn a_sale_is_explained_line_by_line() {
    let text = explain_pos_frame(&frame(&encoded(&CUP_POS, &sale()))).to_string();
    let expected = concat!(
        "    0  length    bytes that follow               111                              006f\n",
        "    2  TPDU      from and to                     to 0003, from 0000               6000030000\n",
        "    7  header    terminal and demand             class 60, version 31, state 0, demand 0 Nothing, reserved 000000 603100000000\n",
        "   13  MTI       message type                    0200                             0200\n",
        "   15  bitmap    fields present                  2 4 11 14 35 41 52 55 60 64      5024000020801211\n",
        "   23  F2        card number                     620000***0005                    16 **\n",
        "   32  F4        amount                          000000012345                     000000012345\n",
        "   38  F11       trace                           000042                           000042\n",
        "   41  F14       expiry                          *** (4 characters)               **\n",
        "   43  F35       track 2                         *** (21 characters)              21 **\n",
        "   55  F41       terminal                        10000001                         3130303030303031\n",
        "   63  F52       PIN block                       *** (8 characters)               **\n",
        "   71  F55       chip data                       *** (24 characters)              0024 **\n",
        "   73  F55 9F36  application transaction counter 0001                             9f3602 0001\n",
        "   78  F55 57                                    *** (9 bytes)                    5709 **\n",
        "   89  F55 95    terminal verification results   0000000000                       9505 0000000000\n",
        "   97  F60       type, batch, network code       220000010006                     0012 220000010006\n",
        "   99  F60.1     message type                    22\n",
        "  100  F60.2     batch                           000001\n",
        "  103  F60.3     network management code         000\n",
        "  104  F60.4     read capability                 6\n",
        "  105  F64       MAC                             abababababababab                 abababababababab\n",
    );
    assert_eq!(text, expected);
}

#[test]
fn nothing_secret_is_shown() {
    let mut message = sale();
    message.set(36, "6200000000000005D3012").set(57, "PINPINPIN").set(62, [0x5a; 40]);
    for mti in [100, 200, 210, 320, 400, 810, 9999] {
        message.mti = Mti(mti);
        let bytes = encoded(&CUP_POS, &message);
        let shown = format!("{:?} {}", explain(&CUP_POS, &bytes), explain(&CUP_POS, &bytes));
        for secret in ["62000000", "00000005", "3012", "5a5a", "PINPIN", &hex::encode("PINPIN")] {
            assert!(!shown.contains(secret), "{mti} shows {secret}");
        }
    }
}

#[test]
fn a_broken_message_is_explained_up_to_the_error() {
    let mut bytes = encoded(&CUP_POS, &sale());
    bytes.truncate(45);
    let explanation = explain(&CUP_POS, &bytes);
    assert_eq!(explanation.rows().last().map(|row| row.field.as_str()), Some("F35"));
    assert_eq!(explanation.error(), Some("F41 at byte 42: expected 8 bytes, found 3"));
    assert_eq!(explanation.unread(), 3);
    let text = explanation.to_string();
    assert!(text.ends_with(
        "error, counted from the MTI: F41 at byte 42: expected 8 bytes, found 3; 3 bytes were not read\n"
    ));
}

#[test]
fn sub_fields_are_spelled_out() {
    let check = |dialect: &Dialect, mti, field, value: &str, expected: &[&str]| {
        let bytes = encoded(dialect, Message::new(Mti(mti)).set(field, value));
        let found = values(&explain(dialect, &bytes), &format!("F{field}"));
        assert_eq!(found, expected);
    };
    check(
        &CUP_POS,
        210,
        54,
        "1002156C000000099950",
        &["F54 1002156C000000099950", "F54.1 10", "F54.1 02", "F54.1 156", "F54.1 99950 credit"],
    );
    check(
        &CUP_POS,
        200,
        61,
        "0000010000421122",
        &["F61 0000010000421122", "F61.1 000001", "F61.2 000042", "F61.3 1122"],
    );
    check(&CUP_POS, 210, 63, "CUPBANK", &["F63 CUPBANK", "F63.1 CUP", "F63.2 BANK"]);
    check(&CUP_POS, 800, 63, "001", &["F63 001"]);
    let totals = "0000001234560020000000001000011";
    check(
        &CUP_POS,
        510,
        48,
        &totals.repeat(2),
        &[
            &format!("F48 {totals}{totals}"),
            "F48.1 debit 123456 in 2, credit 100 in 1, balanced",
            "F48.2 debit 123456 in 2, credit 100 in 1, balanced",
        ],
    );
    check(&CUP_POS, 320, 48, "0017", &["F48 *** (4 characters)", "F48.1 17"]);
    check(
        &CUP_POS,
        320,
        48,
        "010000004200006200000000000005000000012345",
        &["F48 *** (42 characters)", "F48.1 kind 00, trace 000042, card 620000***0005, 12345"],
    );
    check(&HOST_LINK, 420, 60, "4354", &["F60 4354", "F60.1 4354 AcquirerTimeout"]);
    check(
        &HOST_LINK,
        420,
        90,
        "020000004211221833010001025844000048020000",
        &[
            "F90 020000004211221833010001025844000048020000",
            "F90.1 0200",
            "F90.2 000042",
            "F90.3 1122183301",
            "F90.4 00010258440",
            "F90.5 00048020000",
        ],
    );
}

#[test]
fn sub_fields_that_are_not_as_expected_are_told_and_not_shown_as_if_they_were() {
    let check = |field, value: &[u8], expected: &str| {
        let bytes = encoded(&CUP_POS, Message::new(Mti(210)).set(field, value));
        let found = values(&explain(&CUP_POS, &bytes), &format!("F{field}"));
        assert_eq!(found.last().map(String::as_str), Some(expected));
    };
    check(60, b"22", "F60 F60: expected 11, 12, 13, 14, 17 or 19 characters, found 2");
    check(54, b"1002156X000000099950", "F54 F54, position 7: expected C or D, found 0x58");
    check(55, &[0x9f, 0x36, 2, 0], "F55 TLV tag 9F36 at byte 3: expected 2 bytes, found 1");
}

#[test]
fn what_stands_around_a_message_is_found_out() {
    let body = encoded(&CUP_POS, &sale());
    let whole = frame(&body);
    let host = encoded(&HOST_LINK, Message::new(Mti(820)).set(11, "000042").set(70, "301"));
    let mut framed_host = Vec::new();
    put_frame(&host, &mut framed_host).unwrap();
    let check = |bytes: &[u8], name: &str, parts: [bool; 3]| {
        let found = detect(bytes).unwrap();
        assert_eq!((found.dialect.name, [found.length, found.tpdu, found.header]), (name, parts));
        assert_eq!(explain_frame(bytes).error(), None);
    };
    check(&whole, "CUP POS", [true, true, true]);
    check(&whole[2..], "CUP POS", [false, true, true]);
    check(&whole[7..], "CUP POS", [false, false, true]);
    check(&body, "CUP POS", [false, false, false]);
    check(&framed_host, "host link", [true, false, false]);
    check(&host, "host link", [false, false, false]);
    assert!(detect(b"GET / HTTP/1.1\r\n\r\n").is_none());
    assert!(detect(b"").is_none());
    let found = detect(&[&whole[2..13], &[0x02, 0xa0][..]].concat()).unwrap();
    assert_eq!([found.length, found.tpdu, found.header], [false, true, true], "a message without a field");
}

#[test]
fn a_frame_that_was_cut_is_still_recognised() {
    let mut bytes = frame(&encoded(&CUP_POS, &sale()));
    bytes.truncate(50);
    let explanation = explain_pos_frame(&bytes);
    assert_eq!(values(&explanation, "length"), ["length 111, but 48 bytes follow"]);
    assert_eq!(explanation.error(), Some("F35 at byte 31: expected 11 bytes, found 6"));
    assert_eq!(values(&explanation, "F11"), ["F11 000042"]);
}
