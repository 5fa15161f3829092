//! What is set in a terminal before it leaves the workshop: whose it is, how it speaks, how good its firmware is.

use hefu_iso8583::frame::Tpdu;
use hefu_vault::{KeyLayout, MacMethod, MasterKey, TdesKey};
use std::fmt;

/// One terminal's settings. The keys in it stand for the terminal's security module.
#[derive(Clone)]
pub struct Profile {
    /// F42, 15 digits.
    pub merchant: String,
    /// F41, 8 characters.
    pub terminal: String,
    /// The shop's name as the slip shows it.
    pub name_zh: String,
    /// The same in English.
    pub name_en: String,
    /// F63.1 of sign-on and settlement: the cashier.
    pub operator: [u8; 3],
    /// Routing of the acquirer's network access.
    pub tpdu: Tpdu,
    /// The key under which working keys arrive.
    pub master: TdesKey,
    /// How F62 of the sign-on answer is laid out; decides F60.3 of the sign-on.
    pub layout: KeyLayout,
    /// How F64 is computed.
    pub mac: MacMethod,
    /// How the terminal treats its reversal.
    pub firmware: Firmware,
    /// Whether an approved payment whose slip cannot be printed is reversed (reason 96) instead of held.
    pub reverse_on_printer_failure: bool,
    /// Whether the terminal can take a part approval (F60.6).
    pub part_approval: bool,
    /// Whether the connection stays open between commands.
    pub keep_line_open: bool,
    /// How long an answer is waited for, in milliseconds.
    pub answer_timeout: i64,
    /// How long a connection is waited for, in milliseconds.
    pub connect_timeout: i64,
    /// After so many entries in a batch the terminal wants to be settled first.
    pub batch_limit: usize,
    /// What the memory is encrypted under, so that a stolen terminal gives up no card number.
    pub storage: MasterKey,
}

/// What a terminal does with the reversal that it owes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Firmware {
    /// Keeps its reversal until it is acknowledged; after three tries it refuses new payments.
    Certified,
    /// After three tries it deletes the reversal and goes on with the next payment.
    Old,
    /// Takes any 0410, whatever it says, as the end of the reversal; after three silences it deletes too.
    DeletesOnAnyAnswer,
}

impl Profile {
    /// How many test terminals there are.
    pub const TESTS: u32 = 16;

    /// The test terminal `n` of the test merchant (`10000001` to `10000016`), with certified firmware.
    ///
    /// # Panics
    /// When `n` is not in 1 to 16.
    pub fn test(n: u32) -> Profile {
        assert!((1..=Self::TESTS).contains(&n), "there are 16 test terminals, and {n} is none of them");
        let master = TdesKey::from_hex("0123456789ABCDEFFEDCBA9876543210").expect("32 hex digits are a key");
        // A terminal's own storage key never leaves it; a test terminal's may as well be known.
        let storage = MasterKey::from_hex(&format!("{n:02x}").repeat(32)).expect("64 hex digits are a key");
        Profile {
            merchant: "898110253110001".into(),
            terminal: format!("{}", 10_000_000 + n),
            name_zh: "合符测试商户".into(),
            name_en: "Hefu Test Store".into(),
            operator: *b"001",
            tpdu: Tpdu { destination: [0x00, 0x03], source: [0x00, 0x00] },
            master,
            layout: KeyLayout::Double003,
            mac: MacMethod::Ecb,
            firmware: Firmware::Certified,
            reverse_on_printer_failure: false,
            part_approval: true,
            keep_line_open: false,
            answer_timeout: 60_000,
            connect_timeout: 15_000,
            batch_limit: 500,
            storage,
        }
    }

    /// F60.3 of the sign-on: which kind of working keys the terminal asks for.
    pub(super) fn sign_on_code(&self) -> u16 {
        match self.layout {
            KeyLayout::Single001 => 1,
            KeyLayout::Double003 => 3,
            KeyLayout::DoubleTrack004 => 4,
        }
    }
}

/// Names the terminal and shows no key.
impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Profile({} of {}, {:?})", self.terminal, self.merchant, self.firmware)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_terminals_are_those_of_the_test_merchant() {
        for (n, terminal) in [(1, "10000001"), (9, "10000009"), (16, "10000016")] {
            let profile = Profile::test(n);
            assert_eq!((profile.terminal.as_str(), profile.merchant.as_str()), (terminal, "898110253110001"));
        }
    }

    #[test]
    fn the_debug_of_a_profile_shows_no_key() {
        let shown = format!("{:?}", Profile::test(1)).to_uppercase();
        assert!(!shown.contains("0123456789ABCDEF") && !shown.contains("0101010101"), "{shown}");
    }
}
