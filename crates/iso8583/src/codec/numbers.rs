//! Numbers outside the fields: the MTI and lengths.

use crate::dialect::Numbers;

impl Numbers {
    /// The number of all of `wire`, at most four digits.
    ///
    /// # Errors
    /// Index and content of the first byte that holds no digits.
    #[inline]
    pub(super) fn read(self, wire: &[u8]) -> Result<usize, (usize, u8)> {
        let mut number = 0;
        for (index, &byte) in wire.iter().enumerate() {
            let (high, low) = (byte >> 4, byte & 0x0f);
            number = match self {
                Self::Bcd if high <= 9 && low <= 9 => 100 * number + usize::from(10 * high + low),
                Self::Ascii if byte.is_ascii_digit() => 10 * number + usize::from(low),
                Self::Bcd | Self::Ascii => return Err((index, byte)),
            };
        }
        Ok(number)
    }

    /// Fills `wire` with the number, zeros in front.
    #[inline]
    pub(super) fn write(self, number: usize, wire: &mut [u8]) {
        let mut rest = number;
        for byte in wire.iter_mut().rev() {
            *byte = match self {
                Self::Bcd => (((rest / 10 % 10) << 4) | (rest % 10)) as u8,
                Self::Ascii => b'0' + (rest % 10) as u8,
            };
            rest /= match self {
                Self::Bcd => 100,
                Self::Ascii => 10,
            };
        }
        assert!(rest == 0, "{number} fits its digits");
    }
}
