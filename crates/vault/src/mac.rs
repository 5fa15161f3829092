//! Message authentication codes of terminal and bank links.

use ctutils::CtEq;

use crate::des_key::TdesKey;
use crate::schedule::BLOCK;

/// How a link computes its MAC. The input is the message from MTI to the field before the MAC,
/// with the MAC's own bit set in the bitmap. Every method pads with zeros to whole blocks.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum MacMethod {
    /// UnionPay "ECB": the XOR of all blocks as 16 hex characters, two encryptions, and the first
    /// 8 of the 16 upper-case hex characters of the outcome.
    Ecb,
    /// X9.9: CBC, last block. With a longer key each step is triple DES.
    Cbc,
    /// X9.19, the retail MAC: single DES CBC under the left part, then decrypt with the right part
    /// and encrypt with the left.
    X919,
    /// One triple DES over the XOR of all blocks, raw.
    TdesXor,
}

impl MacMethod {
    /// The MAC of `data`, as it stands in F64 or F128.
    pub fn compute(self, key: &TdesKey, data: &[u8]) -> [u8; 8] {
        match self {
            MacMethod::Ecb => ecb(key, xor_of_blocks(data)),
            MacMethod::Cbc => chain(data, |block| key.encrypt_block(block)),
            MacMethod::X919 => {
                let key = key.schedule();
                key.finish_right_left(chain(data, |block| key.encrypt_left(block)))
            }
            MacMethod::TdesXor => key.encrypt_block(xor_of_blocks(data)),
        }
    }
}

/// Whether two MACs are equal, in constant time.
pub fn mac_eq(a: &[u8; 8], b: &[u8; 8]) -> bool {
    a.as_slice().ct_eq(b.as_slice()).into()
}

fn ecb(key: &TdesKey, xored: [u8; BLOCK]) -> [u8; BLOCK] {
    let [left, right] = upper_hex(xored);
    let [mac, _] = upper_hex(key.encrypt_block(xor(key.encrypt_block(left), right)));
    mac
}

/// CBC from a zero vector; no data at all counts as one block of zeros (ISO 9797-1).
fn chain(data: &[u8], step: impl Fn([u8; BLOCK]) -> [u8; BLOCK]) -> [u8; BLOCK] {
    let (whole, rest) = data.as_chunks::<BLOCK>();
    let last = (!rest.is_empty() || whole.is_empty()).then(|| zero_padded(rest));
    whole.iter().copied().chain(last).fold([0; BLOCK], |state, block| step(xor(state, block)))
}

fn xor_of_blocks(data: &[u8]) -> [u8; BLOCK] {
    let (whole, rest) = data.as_chunks::<BLOCK>();
    whole.iter().copied().fold(zero_padded(rest), xor)
}

/// The rest of the data as one block; zeros for no rest.
fn zero_padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    block
}

fn xor(a: [u8; BLOCK], b: [u8; BLOCK]) -> [u8; BLOCK] {
    (u64::from_ne_bytes(a) ^ u64::from_ne_bytes(b)).to_ne_bytes()
}

/// 16 upper-case hex characters, as two blocks.
fn upper_hex(block: [u8; BLOCK]) -> [[u8; BLOCK]; 2] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut halves = [[0; BLOCK]; 2];
    for (i, byte) in block.iter().enumerate() {
        let pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xF)]];
        halves[i / 4][i % 4 * 2..][..2].copy_from_slice(&pair);
    }
    halves
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vector 1: 322 bytes of a parameter upload.
    const UPLOAD: &str = "08300000000002C000153030363730303436343238393733373031373933323330303200110000000137200277319F0605A0000003339F220103DF050832303234313233319F0605A0000003339F220104DF050832303234313233319F0605A0000003339F220102DF050832303231313233319F0605A0000000039F220107DF050832303137313233319F0605A0000000039F220108DF050832303233313233319F0605A0000000039F220109DF050832303233313233319F0605A0000000659F220110DF050832303232313233319F0605A0000000659F220112DF050832303232313233319F0605A0000000659F220114DF050832303232313233319F0605A0000000049F220104DF050832303137313233319F0605A0000000049F220105DF050832303231313233319F0605A0000000049F220106DF05083230323131323331";
    /// Vector 2: a whole 0320 frame with its MAC.
    const FRAME: &str = "007f600003000060321032007202003020048000c08015000000000000001234000002030099303030303030303139353237313831383232313738373531353600192600000100060000000000435f01123238343431323334353637383930313233345f03063136303033365f04063230303832365c0230314233413039324145";

    fn key(text: &str) -> TdesKey {
        TdesKey::from_hex(text).unwrap()
    }

    fn text(mac: [u8; 8]) -> String {
        String::from_utf8(mac.to_vec()).unwrap()
    }

    #[test]
    fn a_parameter_upload_gives_the_known_ecb_mac() {
        let key = key("55036372B17543ECB173730768B8D6C4");
        let data = hex::decode(UPLOAD).unwrap();
        assert_eq!(data.len(), 322);
        let xored = xor_of_blocks(&data);
        assert_eq!(hex::encode_upper(xored), "1212B04E1227809C");
        let [left, right] = upper_hex(xored);
        let first = key.encrypt_block(left);
        assert_eq!(hex::encode_upper(first), "8B29461A844BA5EC");
        assert_eq!(hex::encode_upper(xor(first, right)), "BA1B742DBC7B9CAF");
        assert_eq!(hex::encode_upper(key.encrypt_block(xor(first, right))), "5FE058DB90680D33");
        assert_eq!(text(MacMethod::Ecb.compute(&key, &data)), "5FE058DB");
    }

    #[test]
    fn a_whole_frame_carries_the_known_ecb_mac() {
        let single = "0723C80DB5F4CD3D";
        let frame = hex::decode(FRAME).unwrap();
        let (input, mac) = frame[13..].split_last_chunk::<8>().unwrap();
        assert_eq!(mac, b"B3A092AE");
        for key in [key(single), key(&single.repeat(2))] {
            assert_eq!(&MacMethod::Ecb.compute(&key, input), mac);
        }
    }

    /// ISO/IEC 9797-1 annex B, padding method 1.
    #[test]
    fn the_chained_macs_agree_with_the_standard() {
        #[track_caller]
        fn check(method: MacMethod, key_text: &str, data: &[u8], expected: &str) {
            let mac = method.compute(&key(key_text), data);
            assert_eq!(hex::encode_upper(mac), expected, "{method:?}");
        }
        let (single, double) = ("0123456789ABCDEF", "0123456789ABCDEFFEDCBA9876543210");
        let data = b"Now is the time for all ";
        check(MacMethod::Cbc, single, data, "70A30640CC76DD8B");
        check(MacMethod::X919, single, data, "70A30640CC76DD8B");
        check(MacMethod::X919, double, data, "A1C72E74EA3FA9B6");
    }

    #[test]
    fn the_xor_variant_is_one_encryption_of_the_xor_block() {
        let key = key("55036372B17543ECB173730768B8D6C4");
        let expected = key.encrypt_block(*b"\x12\x12\xB0\x4E\x12\x27\x80\x9C");
        assert_eq!(MacMethod::TdesXor.compute(&key, &hex::decode(UPLOAD).unwrap()), expected);
    }

    #[test]
    fn every_method_pads_with_zeros_and_sees_every_bit() {
        let key = key("55036372B17543ECB173730768B8D6C4");
        for method in [MacMethod::Ecb, MacMethod::Cbc, MacMethod::X919, MacMethod::TdesXor] {
            let mac = method.compute(&key, &[9; 13]);
            let padded = [&[9; 13][..], &[0; 3]].concat();
            assert_eq!(method.compute(&key, &padded), mac, "{method:?}");
            assert_eq!(method.compute(&key, &[]), method.compute(&key, &[0; 8]), "{method:?}");
            for position in 0..13 {
                let mut other = [9; 13];
                other[position] ^= 0x10;
                assert_ne!(method.compute(&key, &other), mac, "{method:?}, byte {position}");
            }
        }
    }

    #[test]
    fn macs_are_equal_only_in_all_bytes() {
        assert!(mac_eq(b"5FE058DB", b"5FE058DB"));
        assert!(!mac_eq(b"5FE058DB", b"5FE058DA"));
        assert!(!mac_eq(b"5FE058DB", b"4FE058DB"));
    }
}
