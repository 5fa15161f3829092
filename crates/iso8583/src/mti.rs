use std::fmt;

/// The message type indicator: four decimal digits. `Mti(200)` displays as `0200`.
///
/// A value above 9999 cannot be encoded ([`crate::EncodeError::MtiOutOfRange`]).
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mti(pub u16);

impl fmt::Display for Mti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_type_displays_four_digits() {
        assert_eq!(Mti(200).to_string(), "0200");
        assert_eq!(Mti(1).to_string(), "0001");
        assert_eq!(Mti(9999).to_string(), "9999");
    }
}
