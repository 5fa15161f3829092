//! A field's characters and their bytes on the wire.

use crate::dialect::{Coding, Kind};
use hefu_mutant::mutant;

/// Writes `value`'s characters from the bytes of `wire`, which are exactly as many as they need.
///
/// # Errors
/// The position of the first character that may not stand there; `value` is not to be used then.
#[inline]
pub(super) fn unpack(kind: Kind, coding: Coding, wire: &[u8], value: &mut [u8]) -> Result<(), usize> {
    let coding = if mutant!(ReadsOddDigitsFromTheRight) { coding.padded_in_front() } else { coding };
    let (alone, pairs) = match coding {
        Coding::Bytes => {
            value.copy_from_slice(wire);
            return kind.check(value);
        }
        Coding::BcdLeft => {
            let (pairs, alone) = value.as_chunks_mut::<2>();
            (alone.first_mut().map(|last| (last, wire[wire.len() - 1] >> 4)), pairs)
        }
        Coding::BcdRight => {
            let (alone, pairs) = value.as_rchunks_mut::<2>();
            (alone.first_mut().map(|first| (first, wire[0] & 0x0f)), pairs)
        }
    };
    let wire_pairs = if coding == Coding::BcdRight { &wire[wire.len() - pairs.len()..] } else { wire };
    let mut seen = 0;
    for (pair, &byte) in pairs.iter_mut().zip(wire_pairs) {
        *pair = UNPACKED[usize::from(byte)];
        seen |= pair[0] | pair[1];
    }
    if let Some((character, half)) = alone {
        *character = UNPACKED[usize::from(half)][1];
        seen |= *character;
    }
    if seen & LETTER == 0 { Ok(()) } else { kind.check(value) }
}

/// Writes the bytes of `value`'s characters to `wire`, which is exactly as long as they need.
///
/// # Errors
/// The position of the first character that may not stand there; `wire` is not to be used then.
#[inline]
pub(super) fn pack(kind: Kind, coding: Coding, value: &[u8], wire: &mut [u8]) -> Result<(), usize> {
    let mut seen = 0;
    let (pairs, wire_pairs) = match coding {
        Coding::Bytes => {
            wire.copy_from_slice(value);
            return kind.check(value);
        }
        Coding::BcdLeft => {
            let (pairs, alone) = value.as_chunks::<2>();
            if let ([character], Some(last)) = (alone, wire.last_mut()) {
                seen = HALF[usize::from(*character)];
                *last = seen << 4;
            }
            (pairs, wire)
        }
        Coding::BcdRight => {
            let (alone, pairs) = value.as_rchunks::<2>();
            if let ([character], Some(first)) = (alone, wire.first_mut()) {
                seen = HALF[usize::from(*character)];
                *first = seen & 0x0f;
            }
            (pairs, &mut wire[alone.len()..])
        }
    };
    for (byte, pair) in wire_pairs.iter_mut().zip(pairs) {
        let (high, low) = (HALF[usize::from(pair[0])], HALF[usize::from(pair[1])]);
        *byte = (high << 4) | (low & 0x0f);
        seen |= high | low;
    }
    if seen & (NO_DIGIT | SEPARATOR) == 0 { Ok(()) } else { kind.check(value) }
}

impl Coding {
    /// The mistake of who pads an odd number of digits at the wrong end.
    fn padded_in_front(self) -> Coding {
        match self {
            Coding::Bytes => Coding::Bytes,
            Coding::BcdLeft | Coding::BcdRight => Coding::BcdRight,
        }
    }
}

/// Half bytes in front of the characters that belong to none of them.
pub(super) fn skipped(coding: Coding, length: usize) -> usize {
    match coding {
        Coding::Bytes | Coding::BcdLeft => 0,
        Coding::BcdRight => length % 2,
    }
}

impl Coding {
    /// Bytes on the wire for so many characters.
    #[inline]
    pub(super) fn size(self, length: usize) -> usize {
        match self {
            Self::Bytes => length,
            Self::BcdLeft | Self::BcdRight => length.div_ceil(2),
        }
    }
}

impl Kind {
    /// # Errors
    /// The position of the first character that may not stand in a field of this kind.
    #[inline]
    fn check(self, value: &[u8]) -> Result<(), usize> {
        if self == Self::B {
            return Ok(());
        }
        match value.iter().position(|&c| ALLOWED[usize::from(c)] & self.bit() == 0) {
            None => Ok(()),
            Some(position) => Err(position),
        }
    }

    const fn allows(self, c: u8) -> bool {
        match self {
            Self::N => c.is_ascii_digit(),
            Self::An => c.is_ascii_alphanumeric() || c == b' ',
            Self::Ans => c >= 0x20 && c <= 0x7e,
            Self::Gbk => c >= 0x20 && c != 0x7f,
            Self::Z => c.is_ascii_digit() || c == b'D',
            Self::B => true,
        }
    }

    /// The kind's bit in [`ALLOWED`].
    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// For each byte, the kinds in which it may stand.
static ALLOWED: [u8; 256] = {
    let kinds = [Kind::N, Kind::An, Kind::Ans, Kind::Gbk, Kind::Z, Kind::B];
    let mut table = [0; 256];
    let mut entry = 0;
    while entry < 256 * kinds.len() {
        let (c, kind) = (entry % 256, kinds[entry / 256]);
        if kind.allows(c as u8) {
            table[c] |= kind.bit();
        }
        entry += 1;
    }
    table
};

/// Set in the hexadecimal characters from `A`, clear in digits.
const LETTER: u8 = 0x40;

/// The two hexadecimal characters of each byte.
static UNPACKED: [[u8; 2]; 256] = {
    let hex = *b"0123456789ABCDEF";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [hex[byte >> 4], hex[byte & 0x0f]];
        byte += 1;
    }
    table
};

/// Mark of `D` in [`HALF`], which a field of digits may not hold.
const SEPARATOR: u8 = 0x40;
/// Mark of what has no half byte.
const NO_DIGIT: u8 = 0x80;

/// For each character its half byte, and a mark if it is no digit.
static HALF: [u8; 256] = {
    let mut table = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 10 {
        table[b'0' as usize + digit] = digit as u8;
        digit += 1;
    }
    table[b'D' as usize] = SEPARATOR | 0x0d;
    table
};
