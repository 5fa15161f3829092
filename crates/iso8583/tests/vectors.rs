//! Messages of real terminals, as the field publishes them.

use hefu_iso8583::cup::F60;
use hefu_iso8583::frame::{Framer, join_pos, put_frame, split_pos};
use hefu_iso8583::tlv::{self, Tag};
use hefu_iso8583::{CUP_POS, Mti, mac_input, put_mac};

/// A list of public keys: the MAC's input, without the MAC itself.
const KEY_LIST: &str = "08300000000002C000153030363730303436343238393733373031373933323330303200110000000137200277319F06\
    05A0000003339F220103DF050832303234313233319F0605A0000003339F220104DF050832303234313233319F0605A0\
    000003339F220102DF050832303231313233319F0605A0000000039F220107DF050832303137313233319F0605A00000\
    00039F220108DF050832303233313233319F0605A0000000039F220109DF050832303233313233319F0605A000000065\
    9F220110DF050832303232313233319F0605A0000000659F220112DF050832303232313233319F0605A0000000659F22\
    0114DF050832303232313233319F0605A0000000049F220104DF050832303137313233319F0605A0000000049F220105\
    DF050832303231313233319F0605A0000000049F220106DF05083230323131323331";

/// A whole frame of a terminal, from its length to its MAC.
const FRAME: &str = "007f600003000060321032007202003020048000c0801500000000000000123400000203009930303030303030313935\
    3237313831383232313738373531353600192600000100060000000000435f0112323834343132333435363738393031\
    3233345f03063136303033365f04063230303832365c0230314233413039324145";

#[test]
fn a_list_of_public_keys_decodes_and_encodes_to_the_same_bytes() {
    let input = hex::decode(KEY_LIST).unwrap();
    assert_eq!(input.len(), 322);
    let mut block = [0; 8];
    for (at, byte) in input.iter().enumerate() {
        block[at % 8] ^= byte;
    }
    assert_eq!(hex::encode_upper(block), "1212B04E1227809C", "as published with the message");

    let mut bytes = [&input[..], &[0; 8]].concat();
    put_mac(&mut bytes, *b"5FE058DB");
    assert_eq!(mac_input(&bytes), input);

    let message = CUP_POS.decode(&bytes).unwrap();
    assert_eq!(message.mti, Mti(830));
    assert_eq!(message.text(39), Some("00"));
    assert_eq!(message.text(41), Some("67004642"));
    assert_eq!(message.text(42), Some("897370179323002"));
    assert_eq!(F60::parse(message.get(60).unwrap()), Ok(F60::new(0, 1, 372)));
    assert_eq!(message.text(64), Some("5FE058DB"));

    // One character in front, then three elements for each of twelve keys.
    let list = message.get(62).unwrap();
    assert_eq!(list.len(), 277);
    let keys = tlv::parse(&list[1..]).unwrap();
    assert_eq!(keys[..2], [(Tag(0x9F06), &[0xA0, 0, 0, 3, 0x33][..]), (Tag(0x9F22), &[3])]);

    let mut again = Vec::new();
    CUP_POS.encode(&message, &mut again).unwrap();
    assert_eq!(again, bytes);
}

#[test]
fn a_frame_of_a_terminal_decodes_and_encodes_to_the_same_bytes() {
    let bytes = hex::decode(FRAME).unwrap();
    let mut framer = Framer::new(1024);
    framer.push(&bytes);
    let framed = framer.next().unwrap().unwrap();
    let frame = split_pos(&framed).unwrap();
    assert_eq!((frame.header.application_class, frame.header.software_version), (60, 32));
    assert_eq!(frame.tpdu.destination, [0, 3]);
    assert_eq!(mac_input(frame.body), &bytes[13..bytes.len() - 8]);

    let message = CUP_POS.decode(frame.body).unwrap();
    assert_eq!(message.mti, Mti(200));
    let fields: Vec<u8> = message.fields().map(|(field, _)| field).collect();
    assert_eq!(fields, [3, 4, 11, 22, 25, 41, 42, 49, 60, 62, 64]);
    assert_eq!(message.text(4), Some("000000001234"));
    assert_eq!(message.text(11), Some("000002"));
    assert_eq!(message.text(22), Some("030"));
    assert_eq!(message.text(49), Some("156"));
    let f60 = F60::parse(message.get(60).unwrap()).unwrap();
    assert_eq!((f60.message_type, f60.batch, f60.read_capability, f60.rest), (26, 1, Some(6), Some(0)));
    assert_eq!(message.text(64), Some("B3A092AE"));

    let (mut body, mut inner, mut again) = (Vec::new(), Vec::new(), Vec::new());
    CUP_POS.encode(&message, &mut body).unwrap();
    join_pos(&frame.tpdu, &frame.header, &body, &mut inner);
    put_frame(&inner, &mut again).unwrap();
    assert_eq!(hex::encode(again), hex::encode(bytes));
}
