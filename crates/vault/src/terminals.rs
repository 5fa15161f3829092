//! Terminals: master keys, working keys from sign-on to retirement, and MACs.

use std::fmt;

use crate::des_key::TdesKey;
use crate::dice::Dice;
use crate::error::VaultError;
use crate::f62::pack_f62;
use crate::generations::{Generations, KeyUse};
use crate::layout::KeyLayout;
use crate::mac::MacMethod;
use crate::names::TerminalName;
use crate::vault::Vault;
use crate::working_keys::WorkingKeys;
use crate::wrapped;

/// What a sign-on gives out. Both parts are encrypted; Debug shows lengths.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// For the store: the keys sealed under the master key and bound to the terminal.
    pub wrapped: Vec<u8>,
    /// For the answer: F62, the keys under the terminal's master key.
    pub f62: Vec<u8>,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issued({} bytes wrapped, {} bytes of F62)", self.wrapped.len(), self.f62.len())
    }
}

impl Vault {
    /// Sets a terminal's master key and how it computes MACs.
    ///
    /// Setting the same key again keeps the working keys. Another key is another or a newly loaded
    /// device, which cannot hold them: they are forgotten and the terminal must sign on.
    pub fn set_terminal_master(&mut self, t: TerminalName, tmk: TdesKey, mac: MacMethod) {
        let kept = self.terminals.remove(&t).filter(|known| known.master.is_same(&tmk));
        let generations = kept.map(|known| known.generations).unwrap_or_default();
        self.terminals.insert(t, Terminal { master: tmk, mac, generations });
    }

    /// Makes working keys for a sign-on. They do not count before they are adopted, so that they
    /// can be committed first.
    ///
    /// Refuses an unknown terminal, and dice that give a weak key.
    pub fn fresh_working_keys(
        &self,
        t: &TerminalName,
        layout: KeyLayout,
        dice: &mut dyn Dice,
    ) -> Result<Issued, VaultError> {
        let terminal = self.terminal(t)?;
        let keys = WorkingKeys::generate(layout, dice)?;
        let f62 = pack_f62(layout, &terminal.master, &keys)?;
        let wrapped = wrapped::wrap(&self.keys_at_rest, t, layout, &keys, dice)?;
        Ok(Issued { wrapped, f62 })
    }

    /// Makes committed working keys valid, as the terminal's newest. Older ones stay valid until
    /// the first good MAC under newer ones. After a restart: adopt what the store has, oldest first.
    /// The same keys again change nothing.
    ///
    /// Refuses an unknown terminal, and what was not wrapped for this terminal under this master.
    pub fn adopt(&mut self, t: &TerminalName, wrapped: &[u8]) -> Result<(), VaultError> {
        self.terminal(t)?;
        let (issue, keys) = wrapped::unwrap(&self.keys_at_rest, t, wrapped)?;
        self.generations += 1;
        let number = self.generations;
        self.terminal_mut(t)?.generations.adopt(number, issue, keys);
        Ok(())
    }

    /// Whether a master key is set for the terminal.
    pub fn knows(&self, t: &TerminalName) -> bool {
        self.terminals.contains_key(t)
    }

    /// Whether the terminal has signed on.
    pub fn has_working_keys(&self, t: &TerminalName) -> bool {
        self.current_key(t).is_ok()
    }

    /// Checks the MAC of a message from a terminal, under its newest keys first, and says which
    /// were good. A good MAC retires all keys older than its own.
    ///
    /// Refuses an unknown terminal, one without working keys, and a MAC that fits none of them.
    pub fn check_pos_mac(
        &mut self,
        t: &TerminalName,
        data: &[u8],
        mac: &[u8; 8],
    ) -> Result<KeyUse, VaultError> {
        self.current_key(t)?;
        let terminal = self.terminal_mut(t)?;
        let proven = terminal.generations.prove(terminal.mac, data, mac);
        proven.ok_or(VaultError::BadMac(*t))
    }

    /// The terminal's newest keys, for what is no answer to a request of this run.
    pub fn current_key(&self, t: &TerminalName) -> Result<KeyUse, VaultError> {
        self.terminal(t)?.generations.newest().ok_or(VaultError::NoWorkingKeys(*t))
    }

    /// The MAC of a message to a terminal, under the keys its request came under.
    pub fn pos_mac(&self, t: &TerminalName, key: KeyUse, data: &[u8]) -> Result<[u8; 8], VaultError> {
        let keys = self.working_keys(t, key)?;
        Ok(self.terminal(t)?.mac.compute(&keys.mac, data))
    }

    fn terminal(&self, t: &TerminalName) -> Result<&Terminal, VaultError> {
        self.terminals.get(t).ok_or(VaultError::UnknownTerminal(*t))
    }

    fn terminal_mut(&mut self, t: &TerminalName) -> Result<&mut Terminal, VaultError> {
        self.terminals.get_mut(t).ok_or(VaultError::UnknownTerminal(*t))
    }

    pub(crate) fn working_keys(&self, t: &TerminalName, key: KeyUse) -> Result<&WorkingKeys, VaultError> {
        self.terminal(t)?.generations.get(key).ok_or(VaultError::KeyGone(*t))
    }
}

/// One terminal's keys.
#[derive(Clone)]
pub(crate) struct Terminal {
    master: TdesKey,
    mac: MacMethod,
    generations: Generations,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::dice::test_dice::Seeded;
    use crate::f62::unpack_f62;
    use crate::seal::SealError;
    use crate::vault::tests::vault;

    const LAYOUT: KeyLayout = KeyLayout::Double003;
    const METHOD: MacMethod = MacMethod::Ecb;

    pub(crate) fn name(terminal: &str) -> TerminalName {
        TerminalName::parse("898110253110001", terminal).unwrap()
    }

    pub(crate) fn master() -> TdesKey {
        TdesKey::from_hex("0123456789ABCDEFFEDCBA9876543210").unwrap()
    }

    /// Signs a terminal on: the vault adopts fresh keys, the terminal unpacks them.
    pub(crate) fn sign_on(
        vault: &mut Vault,
        t: &TerminalName,
        layout: KeyLayout,
        dice: &mut dyn Dice,
    ) -> WorkingKeys {
        let issued = vault.fresh_working_keys(t, layout, dice).unwrap();
        vault.adopt(t, &issued.wrapped).unwrap();
        unpack_f62(layout, &master(), &issued.f62).unwrap()
    }

    fn with_terminal(t: &TerminalName) -> Vault {
        let mut vault = vault();
        vault.set_terminal_master(*t, master(), METHOD);
        vault
    }

    fn mac(keys: &WorkingKeys, data: &[u8]) -> [u8; 8] {
        METHOD.compute(&keys.mac, data)
    }

    #[test]
    fn after_sign_on_both_sides_agree_in_every_layout_and_method() {
        for layout in [KeyLayout::Single001, LAYOUT, KeyLayout::DoubleTrack004] {
            for method in [MacMethod::Ecb, MacMethod::Cbc, MacMethod::X919, MacMethod::TdesXor] {
                let (t, mut vault) = (name("10000001"), vault());
                vault.set_terminal_master(t, master(), method);
                let keys = sign_on(&mut vault, &t, layout, &mut Seeded(1));
                let sent = method.compute(&keys.mac, b"sale");
                let key = vault.check_pos_mac(&t, b"sale", &sent).unwrap();
                let answered = vault.pos_mac(&t, key, b"approved").unwrap();
                assert_eq!(answered, method.compute(&keys.mac, b"approved"), "{layout:?} {method:?}");
            }
        }
    }

    #[test]
    fn each_state_of_a_terminal_has_its_refusal() {
        let (t, mut dice) = (name("10000001"), Seeded(1));
        let mut vault = vault();
        let unknown = VaultError::UnknownTerminal(t);
        let fresh = vault.fresh_working_keys(&t, LAYOUT, &mut dice);
        assert_eq!(fresh, Err(unknown.clone()));
        assert_eq!(vault.adopt(&t, b""), Err(unknown.clone()));
        assert_eq!(vault.check_pos_mac(&t, b"", &[0; 8]), Err(unknown.clone()));
        assert_eq!(vault.current_key(&t), Err(unknown));
        assert!(!vault.knows(&t) && !vault.has_working_keys(&t));

        vault.set_terminal_master(t, master(), METHOD);
        let unsigned = VaultError::NoWorkingKeys(t);
        assert_eq!(vault.check_pos_mac(&t, b"", &[0; 8]), Err(unsigned.clone()));
        assert_eq!(vault.current_key(&t), Err(unsigned));
        assert!(vault.knows(&t) && !vault.has_working_keys(&t));

        let keys = sign_on(&mut vault, &t, LAYOUT, &mut dice);
        assert!(vault.has_working_keys(&t));
        let bad = Err(VaultError::BadMac(t));
        assert_eq!(vault.check_pos_mac(&t, b"other", &mac(&keys, b"data")), bad);
    }

    #[test]
    fn keys_do_not_count_before_they_are_adopted() {
        let (t, mut dice) = (name("10000001"), Seeded(1));
        let mut vault = with_terminal(&t);
        let issued = vault.fresh_working_keys(&t, LAYOUT, &mut dice).unwrap();
        let keys = unpack_f62(LAYOUT, &master(), &issued.f62).unwrap();
        let refused = Err(VaultError::NoWorkingKeys(t));
        assert_eq!(vault.check_pos_mac(&t, b"sale", &mac(&keys, b"sale")), refused);
        vault.adopt(&t, &issued.wrapped).unwrap();
        assert!(vault.check_pos_mac(&t, b"sale", &mac(&keys, b"sale")).is_ok());
    }

    #[test]
    fn old_keys_are_good_until_the_first_good_mac_under_the_new() {
        let (t, mut dice) = (name("10000001"), Seeded(1));
        let mut vault = with_terminal(&t);
        let old = sign_on(&mut vault, &t, LAYOUT, &mut dice);
        let new = sign_on(&mut vault, &t, LAYOUT, &mut dice);
        assert!(vault.check_pos_mac(&t, b"a", &mac(&old, b"a")).is_ok());
        assert!(vault.check_pos_mac(&t, b"b", &mac(&new, b"b")).is_ok());
        let refused = Err(VaultError::BadMac(t));
        assert_eq!(vault.check_pos_mac(&t, b"c", &mac(&old, b"c")), refused);
    }

    #[test]
    fn an_answer_uses_the_key_of_its_request() {
        let (t, mut dice) = (name("10000001"), Seeded(1));
        let mut vault = with_terminal(&t);
        let old = sign_on(&mut vault, &t, LAYOUT, &mut dice);
        let request = vault.check_pos_mac(&t, b"sale", &mac(&old, b"sale")).unwrap();
        let new = sign_on(&mut vault, &t, LAYOUT, &mut dice);
        assert_eq!(vault.pos_mac(&t, request, b"approved"), Ok(mac(&old, b"approved")));
        let later = vault.check_pos_mac(&t, b"next", &mac(&new, b"next")).unwrap();
        assert_eq!(vault.pos_mac(&t, request, b"approved"), Ok(mac(&old, b"approved")));
        assert_eq!(vault.pos_mac(&t, later, b"approved"), Ok(mac(&new, b"approved")));
        assert_eq!(vault.current_key(&t), Ok(later));
    }

    #[test]
    fn after_a_restart_the_stored_keys_are_good_again() {
        let (t, mut dice) = (name("10000001"), Seeded(1));
        let vault = with_terminal(&t);
        let [old, new] = [(); 2].map(|()| vault.fresh_working_keys(&t, LAYOUT, &mut dice).unwrap());
        for held in [&old, &new] {
            let mut restarted = with_terminal(&t);
            restarted.adopt(&t, &old.wrapped).unwrap();
            restarted.adopt(&t, &new.wrapped).unwrap();
            let keys = unpack_f62(LAYOUT, &master(), &held.f62).unwrap();
            assert!(restarted.check_pos_mac(&t, b"sale", &mac(&keys, b"sale")).is_ok());
        }
    }

    #[test]
    fn keys_wrapped_for_another_terminal_do_not_open() {
        let (t, other) = (name("10000001"), name("10000002"));
        let mut vault = with_terminal(&t);
        vault.set_terminal_master(other, master(), METHOD);
        let issued = vault.fresh_working_keys(&t, LAYOUT, &mut Seeded(1)).unwrap();
        let refused = Err(VaultError::Seal(SealError::NotGenuine));
        assert_eq!(vault.adopt(&other, &issued.wrapped), refused);
        let mut changed = issued.wrapped;
        changed[30] ^= 1;
        assert_eq!(vault.adopt(&t, &changed), refused);
        assert!(!vault.has_working_keys(&t) && !vault.has_working_keys(&other));
    }

    #[test]
    fn a_key_token_of_another_terminal_is_refused() {
        let (t, other, mut dice) = (name("10000001"), name("10000002"), Seeded(1));
        let mut vault = with_terminal(&t);
        vault.set_terminal_master(other, master(), METHOD);
        sign_on(&mut vault, &t, LAYOUT, &mut dice);
        sign_on(&mut vault, &other, LAYOUT, &mut dice);
        let key = vault.current_key(&t).unwrap();
        assert_eq!(vault.pos_mac(&other, key, b""), Err(VaultError::KeyGone(other)));
    }

    #[test]
    fn only_another_master_key_ends_the_working_keys() {
        let t = name("10000001");
        let mut vault = with_terminal(&t);
        sign_on(&mut vault, &t, LAYOUT, &mut Seeded(1));
        vault.set_terminal_master(t, master(), MacMethod::X919);
        assert!(vault.has_working_keys(&t));
        let other = TdesKey::from_hex("70F2A84CCBC2AE8625CBB0F2C22AB923").unwrap();
        vault.set_terminal_master(t, other, METHOD);
        assert!(!vault.has_working_keys(&t));
    }

    #[test]
    fn what_is_issued_shows_lengths_and_holds_no_clear_key() {
        let t = name("10000001");
        let issued = with_terminal(&t).fresh_working_keys(&t, LAYOUT, &mut Seeded(1)).unwrap();
        assert_eq!(format!("{issued:?}"), "Issued(88 bytes wrapped, 40 bytes of F62)");
        let keys = unpack_f62(LAYOUT, &master(), &issued.f62).unwrap();
        for key in [&keys.pin, &keys.mac] {
            for out in [&issued.wrapped, &issued.f62] {
                assert!(!out.windows(8).any(|window| window == &key.expose()[..8]));
            }
        }
    }
}
