//! Who may speak to this bank, and under which keys.

use super::text::Text;
use hefu_vault::{KeyError, MacMethod, TdesKey};

/// The acquirer's identity (DE32) on the test link.
pub const TEST_ACQUIRER: &str = "48010000";
/// The forwarder's identity (DE33) on the test link.
pub const TEST_FORWARDER: &str = "48010000";
/// The zone PIN key of the test link. Obviously a test key.
pub const TEST_ZPK_HEX: &str = "1111111111111111A2A2A2A2A2A2A2A2";
/// The zone MAC key of the test link. Obviously a test key.
pub const TEST_ZAK_HEX: &str = "B3B3B3B3B3B3B3B3C4C4C4C4C4C4C4C4";
/// The key under which a key change (0800, DE70 101) carries new keys on the test link. Obviously a test key.
pub const TEST_ZMK_HEX: &str = "D5D5D5D5D5D5D5D5E6E6E6E6E6E6E6E6";

/// What an account opens with: 1,000,000.00 yuan, in fen.
pub const OPENING_BALANCE: i64 = 100_000_000;
/// Requests and reversals that one book may hold before the bank answers 96 to new ones: about 2 GB of memory.
pub const BOOK_CAPACITY: usize = 4_000_000;

/// The bank's side of the link.
#[derive(Clone)]
pub struct BankConfig {
    /// The only acquirer (DE32) that is served; leading zeros do not count.
    pub acquirer: Text<11>,
    pub keys: LinkKeys,
    /// How DE128 is computed.
    pub mac: MacMethod,
    /// Requests and reversals that the book may hold.
    pub capacity: usize,
}

/// The keys of one link, shared with the acquirer.
#[derive(Clone)]
pub struct LinkKeys {
    /// Zone PIN key: DE52.
    pub pin: TdesKey,
    /// Zone MAC key: DE128.
    pub mac: TdesKey,
    /// Zone master key: wraps the new keys of a key change.
    pub master: TdesKey,
}

impl BankConfig {
    /// A bank for `acquirer` (DE32, at most 11 digits) with the given keys and MACs by X9.19. `None` when the identity
    /// is not a number.
    pub fn new(acquirer: &str, keys: LinkKeys) -> Option<BankConfig> {
        acquirer.parse::<u64>().ok()?;
        let mac = MacMethod::X919;
        Some(BankConfig { acquirer: Text::new(acquirer)?, keys, mac, capacity: BOOK_CAPACITY })
    }

    /// The test link, as the gateway's example configuration has it.
    pub fn test() -> BankConfig {
        let keys = LinkKeys::from_hex(TEST_ZPK_HEX, TEST_ZAK_HEX, TEST_ZMK_HEX)
            .expect("the test keys are well-formed");
        BankConfig::new(TEST_ACQUIRER, keys).expect("the test acquirer is a number")
    }
}

impl LinkKeys {
    /// Takes each key as 16, 32 or 48 hex digits.
    pub fn from_hex(pin: &str, mac: &str, master: &str) -> Result<LinkKeys, KeyError> {
        Ok(LinkKeys {
            pin: TdesKey::from_hex(pin)?,
            mac: TdesKey::from_hex(mac)?,
            master: TdesKey::from_hex(master)?,
        })
    }
}
