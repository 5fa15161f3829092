use super::*;

#[test]
fn fields_come_back_ascending_whatever_the_order_they_were_set_in() {
    let mut message = Message::new(Mti(200));
    message.set(64, [9; 8]).set(2, "62").set(128, "x").set(41, "10000001").set(3, "");
    let found: Vec<_> = message.fields().map(|(field, value)| (field, value.len())).collect();
    assert_eq!(found, [(2, 2), (3, 0), (41, 8), (64, 8), (128, 1)]);
    assert_eq!(message.get(41), Some(&b"10000001"[..]));
    assert_eq!(message.get(3), Some(&[][..]));
    assert_eq!(message.get(4), None);
    assert_eq!(
        (message.get(0), message.get(1), message.get(129), message.get(255)),
        (None, None, None, None)
    );
}

#[test]
fn a_field_may_be_replaced_by_a_shorter_or_longer_value() {
    let mut message = Message::new(Mti(200));
    message.set(3, "000000").set(11, "000042").set(41, "10000001");
    for value in ["", "1", "a much longer value than the one before", "000042"] {
        message.set(11, value);
        assert_eq!(message.text(3), Some("000000"));
        assert_eq!(message.text(11), Some(value));
        assert_eq!(message.text(41), Some("10000001"));
    }
}

#[test]
fn a_removed_field_is_gone_and_the_others_stay() {
    let mut message = Message::new(Mti(200));
    message.set(3, "000000").set(11, "000042").set(41, "10000001");
    message.remove(11);
    message.remove(12);
    message.remove(0);
    let found: Vec<_> = message.fields().collect();
    assert_eq!(found, [(3, &b"000000"[..]), (41, &b"10000001"[..])]);
    assert!(!message.has(11) && message.has(41));
}

#[test]
fn messages_are_equal_by_content_not_by_history() {
    let mut one = Message::new(Mti(200));
    one.set(11, "000042").set(3, "999999999").set(3, "000000").set(4, "1").remove(4);
    let mut two = Message::new(Mti(200));
    two.set(3, "000000").set(11, "000042");
    assert_eq!(one, two);
    assert_eq!(one.clone(), two);
    two.set(11, "000043");
    assert_ne!(one, two);
}

#[test]
fn bytes_that_are_not_ascii_are_no_text() {
    let mut message = Message::new(Mti(200));
    message.set(63, [0xb5, 0xd8]);
    assert_eq!(message.text(63), None);
    assert_eq!(message.get(63), Some(&[0xb5, 0xd8][..]));
}

#[test]
fn debug_shows_neither_card_nor_key() {
    let mut message = Message::new(Mti(810));
    message.set(2, "6200000000000005").set(4, "000000012345").set(14, "3012");
    message.set(35, "6200000000000005D3012").set(52, [0x5a; 8]).set(62, [0x5a; 40]).set(64, [0xab; 8]);
    assert_eq!(
        format!("{message:?}"),
        "Message(0810, F2=620000***0005, F4=000000012345, F14=***, F35=***, F52=***, F62=***, \
         F64=abababababababab)"
    );
}

#[test]
#[should_panic(expected = "fields run from 2 to 128")]
fn field_1_cannot_be_set() {
    Message::new(Mti(200)).set(1, "");
}

#[test]
#[should_panic(expected = "fields run from 2 to 128")]
fn field_129_cannot_be_set() {
    Message::new(Mti(200)).set(129, "");
}
