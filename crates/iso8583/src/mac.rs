use hefu_mutant::mutant;

/// Bytes of a message authentication code. It is always the last field: F64 or F128.
const MAC_LENGTH: usize = 8;

/// What a message authentication code is computed over: everything from the MTI to just before the
/// last 8 bytes, the MAC field's own bit set in the bitmap. Empty if there is nothing before the MAC.
///
/// The caller has made sure that the message carries its MAC field.
pub fn mac_input(encoded: &[u8]) -> &[u8] {
    let left_out = MAC_LENGTH + usize::from(mutant!(LeavesTheEndOutOfTheMac));
    &encoded[..encoded.len().saturating_sub(left_out)]
}

/// Writes the MAC over the last 8 bytes of a message that was encoded with eight bytes in their place.
///
/// # Panics
/// If `encoded` is shorter than a MAC: it is no message of ours.
pub fn put_mac(encoded: &mut [u8], mac: [u8; MAC_LENGTH]) {
    assert!(encoded.len() >= MAC_LENGTH, "a message with a MAC is at least as long as the MAC");
    let start = encoded.len() - MAC_LENGTH;
    encoded[start..].copy_from_slice(&mac);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mac_input_is_everything_but_the_mac() {
        let mut message = [1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0];
        put_mac(&mut message, *b"5FE058DB");
        assert_eq!(mac_input(&message), [1, 2, 3]);
        assert_eq!(&message[3..], b"5FE058DB");
    }

    #[test]
    fn bytes_too_short_for_a_mac_have_no_mac_input() {
        assert_eq!(mac_input(&[1, 2, 3]), [0u8; 0]);
    }
}
