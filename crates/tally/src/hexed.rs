//! Bytes as hexadecimal text in JSON. What the `hex` crate does, character by character, is a tenth of a sale's cost;
//! this writes into one buffer.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// Longer bytes than these are written through the heap.
const SHORT: usize = 32;

pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let (mut short, mut long) = ([0; 2 * SHORT], Vec::new());
    let text = match short.get_mut(..2 * bytes.len()) {
        Some(text) => text,
        None => {
            long.resize(2 * bytes.len(), 0);
            &mut long[..]
        }
    };
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    serializer.serialize_str(std::str::from_utf8(text).map_err(serde::ser::Error::custom)?)
}

pub fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<Vec<u8>>>(deserializer: D) -> Result<T, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    let bytes = hex::decode(text.as_bytes()).map_err(D::Error::custom)?;
    let length = bytes.len();
    T::try_from(bytes).map_err(|_| D::Error::invalid_length(length, &"another number of bytes"))
}

fn digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + nibble - 10,
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Both {
        #[serde(with = "super")]
        any: Vec<u8>,
        #[serde(with = "super")]
        four: [u8; 4],
    }

    #[test]
    fn bytes_are_written_as_lower_case_pairs_and_read_back() {
        let both = Both { any: vec![0x00, 0x9F, 0xA0], four: [0xFF, 1, 2, 0x10] };
        let json = serde_json::to_string(&both).unwrap();
        assert_eq!(json, r#"{"any":"009fa0","four":"ff010210"}"#);
        assert_eq!(serde_json::from_str::<Both>(&json).unwrap(), both);
        for length in [0, 31, 32, 33, 300] {
            let long = Both { any: vec![0xAB; length], four: [0; 4] };
            let json = serde_json::to_string(&long).unwrap();
            assert!(json.contains(&hex::encode(&long.any)));
            assert_eq!(serde_json::from_str::<Both>(&json).unwrap(), long, "{length}");
        }
    }

    #[test]
    fn what_is_no_hexadecimal_text_of_its_length_is_refused() {
        for json in [
            r#"{"any":"0","four":"00000000"}"#,
            r#"{"any":"zz","four":"00000000"}"#,
            r#"{"any":"","four":"00"}"#,
        ] {
            assert!(serde_json::from_str::<Both>(json).is_err(), "{json}");
        }
    }
}
