//! What holds for all bytes and all messages, tried on many.

use hefu_iso8583::explain::{explain, explain_pos_frame};
use hefu_iso8583::frame::split_pos;
use hefu_iso8583::tlv::{self, Builder, Tag};
use hefu_iso8583::{CUP_POS, Dialect, FieldSpec, HOST_LINK, Kind, Length, Message, Mti};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Messages that the dialect allows, of any of its fields.
fn messages(dialect: &'static Dialect) -> impl Strategy<Value = Message> {
    let all: Vec<u8> = dialect.specs().map(|(field, _)| field).collect();
    let most = all.len();
    (0u16..=9999, subsequence(all, 0..=most)).prop_flat_map(move |(mti, fields)| {
        let values: Vec<_> =
            fields.iter().map(|&field| values(dialect.spec(field).expect("the dialect has it"))).collect();
        values.prop_map(move |values| {
            let mut message = Message::new(Mti(mti));
            for (&field, value) in fields.iter().zip(values) {
                message.set(field, value);
            }
            message
        })
    })
}

fn values(spec: &FieldSpec) -> impl Strategy<Value = Vec<u8>> + use<> {
    let alphabet: Vec<u8> = match spec.kind {
        Kind::N => (b'0'..=b'9').collect(),
        Kind::An => b"AZaz09 ".to_vec(),
        Kind::Ans => (0x20..=0x7e).collect(),
        Kind::Gbk => (0x20..=0x7e).chain(0x80..=0xff).collect(),
        Kind::Z => b"0123456789D".to_vec(),
        Kind::B => (0..=0xff).collect(),
    };
    let length = match spec.length {
        Length::Fixed(length) => length..=length,
        Length::Ll(max) | Length::Lll(max) => 0..=max,
    };
    vec(select(alphabet), length)
}

/// Bytes that look like a message for a while: random ones hardly pass the bitmap.
fn broken(dialect: &'static Dialect) -> impl Strategy<Value = Vec<u8>> {
    (messages(dialect), vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), any::<prop::sample::Index>())
        .prop_map(move |(message, changes, end)| {
            let mut bytes = Vec::new();
            dialect.encode(&message, &mut bytes).expect("the message is allowed");
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(bytes.len() - end.index(bytes.len().min(20)));
            bytes
        })
}

fn check_round_trip(dialect: &Dialect, message: &Message) {
    let mut bytes = vec![0xaa];
    dialect.encode(message, &mut bytes).expect("the message is allowed");
    assert_eq!(bytes[0], 0xaa, "encoding appends");
    let again = dialect.decode(&bytes[1..]).expect("what was encoded decodes");
    assert_eq!(&again, message);
    let mut second = Vec::new();
    dialect.encode(&again, &mut second).expect("what was decoded encodes");
    assert_eq!(second, bytes[1..]);
}

fn check_any_bytes(dialect: &'static Dialect, bytes: &[u8]) {
    let explanation = explain(dialect, bytes);
    match dialect.decode(bytes) {
        Ok(message) => {
            assert!(explanation.error().is_none());
            check_round_trip(dialect, &message);
        }
        Err(error) => {
            assert!(error.offset() <= bytes.len(), "{error}");
            assert_eq!(explanation.error(), Some(error.to_string().as_str()));
        }
    }
    for row in explanation.rows() {
        assert!(row.offset <= bytes.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_terminal_message_comes_back_equal(message in messages(&CUP_POS)) {
        check_round_trip(&CUP_POS, &message);
    }

    #[test]
    fn a_host_message_comes_back_equal(message in messages(&HOST_LINK)) {
        check_round_trip(&HOST_LINK, &message);
    }

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..600)) {
        check_any_bytes(&CUP_POS, &bytes);
        check_any_bytes(&HOST_LINK, &bytes);
        let _ = (split_pos(&bytes), explain_pos_frame(&bytes).to_string());
    }

    #[test]
    fn a_broken_terminal_message_never_panics(bytes in broken(&CUP_POS)) {
        check_any_bytes(&CUP_POS, &bytes);
        explain_pos_frame(&bytes);
    }

    #[test]
    fn a_broken_host_message_never_panics(bytes in broken(&HOST_LINK)) {
        check_any_bytes(&HOST_LINK, &bytes);
    }

    #[test]
    fn random_tlv_never_panics_and_what_parses_is_built_again(bytes in vec(any::<u8>(), 0..300)) {
        if let Ok(elements) = tlv::parse(&bytes) {
            let mut builder = Builder::new();
            for (tag, content) in &elements {
                builder.put(*tag, content).expect("what was parsed can be built");
            }
            let again = builder.finish();
            prop_assert_eq!(tlv::parse(&again), Ok(elements.clone()));
            let all: Vec<Tag> = elements.iter().map(|(tag, _)| *tag).collect();
            prop_assert_eq!(tlv::filter(&bytes, &all), Ok(again));
        }
    }

    #[test]
    fn a_message_behaves_like_a_map(changes in vec((2u8..=128, proptest::option::of(vec(any::<u8>(), 0..20))), 0..60)) {
        let mut message = Message::new(Mti(200));
        let mut map = std::collections::BTreeMap::new();
        for (field, value) in changes {
            match value {
                Some(value) => {
                    message.set(field, &value);
                    map.insert(field, value);
                }
                None => {
                    message.remove(field);
                    map.remove(&field);
                }
            }
        }
        let found: Vec<_> = message.fields().map(|(field, value)| (field, value.to_vec())).collect();
        prop_assert_eq!(found, map.into_iter().collect::<Vec<_>>());
    }
}
