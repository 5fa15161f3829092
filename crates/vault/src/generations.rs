//! Which of a terminal's working keys are valid.
//!
//! A sign-on answer can be lost, so nobody knows which keys the terminal holds until a good MAC
//! proves it. New keys are therefore valid from their issue beside all since the last proven ones;
//! the first good MAC retires everything older than its key. Retired keys check nothing any more,
//! but still answer requests that came under them.

use std::collections::VecDeque;

use crate::mac::{MacMethod, mac_eq};
use crate::working_keys::WorkingKeys;
use crate::wrapped::Issue;

/// Which working keys a request came under; its answer must use the same. Valid in the vault that
/// gave it, for the terminal it was given for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyUse(u64);

/// The keys that one sign-on issued.
#[derive(Clone)]
struct Generation {
    number: KeyUse,
    /// Recognises the same keys when they are adopted again.
    issue: Issue,
    keys: WorkingKeys,
}

/// All working keys of one terminal.
#[derive(Clone, Default)]
pub(crate) struct Generations {
    /// Valid keys, oldest first. Only the first can be proven: a proof retires all before it.
    valid: VecDeque<Generation>,
    first_is_proven: bool,
    /// Keys that were proven once and are kept for answers, oldest first.
    retired: VecDeque<Generation>,
}

impl Generations {
    /// Sign-ons in a row whose keys are all tried; a terminal that has proven none of the newer ones
    /// keeps its proven one beside the newest three.
    pub(crate) const VALID_MAX: usize = 4;
    /// Retired keys kept: a request in flight can outlive one change of keys, hardly two.
    pub(crate) const RETIRED_MAX: usize = 2;

    /// Takes new keys in; keys of an issue that is still valid change nothing.
    pub(crate) fn adopt(&mut self, number: u64, issue: Issue, keys: WorkingKeys) {
        if self.valid.iter().any(|known| known.issue == issue) {
            return;
        }
        self.valid.push_back(Generation { number: KeyUse(number), issue, keys });
        if self.valid.len() > Self::VALID_MAX {
            // No good MAC ever came under an unproven key, so no answer can be owed under it.
            self.valid.remove(usize::from(self.first_is_proven));
        }
        assert!(self.valid.len() <= Self::VALID_MAX);
    }

    /// The newest keys.
    pub(crate) fn newest(&self) -> Option<KeyUse> {
        self.valid.back().map(|generation| generation.number)
    }

    /// Finds the keys under which the MAC is good, newest first, and takes that as their proof.
    pub(crate) fn prove(&mut self, method: MacMethod, data: &[u8], mac: &[u8; 8]) -> Option<KeyUse> {
        let is_good = |g: &Generation| mac_eq(&method.compute(&g.keys.mac, data), mac);
        let index = self.valid.iter().rposition(is_good)?;
        let retired = self.valid.drain(..index);
        self.retired.extend(retired.take(usize::from(self.first_is_proven)));
        while self.retired.len() > Self::RETIRED_MAX {
            self.retired.pop_front();
        }
        self.first_is_proven = true;
        self.newest_proven()
    }

    /// The keys behind a token, valid or retired.
    pub(crate) fn get(&self, key: KeyUse) -> Option<&WorkingKeys> {
        let mut all = self.valid.iter().chain(&self.retired);
        all.find(|generation| generation.number == key).map(|generation| &generation.keys)
    }

    fn newest_proven(&self) -> Option<KeyUse> {
        self.valid.front().filter(|_| self.first_is_proven).map(|generation| generation.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::test_dice::Seeded;
    use crate::layout::KeyLayout;

    const METHOD: MacMethod = MacMethod::Ecb;

    fn keys(number: u64) -> WorkingKeys {
        WorkingKeys::generate(KeyLayout::Double003, &mut Seeded(number)).unwrap()
    }

    fn adopt(generations: &mut Generations, number: u64) {
        generations.adopt(number, [u8::try_from(number).unwrap(); 16], keys(number));
    }

    /// A terminal that holds the keys `number` sends something.
    fn send(generations: &mut Generations, number: u64) -> Option<u64> {
        let mac = METHOD.compute(&keys(number).mac, b"message");
        generations.prove(METHOD, b"message", &mac).map(|key| key.0)
    }

    fn after(sign_ons: std::ops::RangeInclusive<u64>) -> Generations {
        let mut generations = Generations::default();
        sign_ons.for_each(|number| adopt(&mut generations, number));
        generations
    }

    #[test]
    fn old_keys_stay_valid_until_the_first_good_mac_under_the_new() {
        let mut generations = after(1..=1);
        assert_eq!(send(&mut generations, 1), Some(1));
        adopt(&mut generations, 2);
        assert_eq!(send(&mut generations, 1), Some(1), "the sign-on answer was lost");
        assert_eq!(send(&mut generations, 2), Some(2));
        assert_eq!(send(&mut generations, 1), None, "the terminal has shown that it has the new");
        assert_eq!(send(&mut generations, 2), Some(2));
    }

    #[test]
    fn any_of_several_unproven_sign_ons_may_have_arrived() {
        for arrived in 1..=4 {
            let mut generations = after(1..=4);
            assert_eq!(send(&mut generations, arrived), Some(arrived));
            for older in 1..arrived {
                assert_eq!(send(&mut generations, older), None);
            }
            for newer in arrived..=4 {
                assert_eq!(send(&mut generations, newer), Some(newer));
            }
        }
    }

    #[test]
    fn proven_keys_survive_any_number_of_lost_sign_ons() {
        let mut generations = after(1..=1);
        send(&mut generations, 1);
        (2..=100).for_each(|number| adopt(&mut generations, number));
        assert_eq!(generations.valid.len(), Generations::VALID_MAX);
        assert_eq!(send(&mut generations, 1), Some(1));
        assert_eq!(send(&mut generations, 97), None);
        assert_eq!(send(&mut generations, 98), Some(98));
    }

    #[test]
    fn without_proof_the_newest_sign_ons_are_kept() {
        let mut generations = after(1..=9);
        assert_eq!(send(&mut generations, 5), None);
        assert_eq!(send(&mut generations, 6), Some(6));
    }

    #[test]
    fn retired_keys_still_answer_but_only_the_last_of_them() {
        let mut generations = Generations::default();
        for number in 1..=4 {
            adopt(&mut generations, number);
            assert_eq!(send(&mut generations, number), Some(number));
        }
        assert!(generations.get(KeyUse(1)).is_none());
        for number in 2..=4 {
            let found = generations.get(KeyUse(number)).unwrap();
            assert!(found.mac.is_same(&keys(number).mac));
        }
        assert_eq!(send(&mut generations, 3), None);
    }

    #[test]
    fn adopting_the_same_keys_again_changes_nothing() {
        let mut generations = after(1..=2);
        generations.adopt(3, [1; 16], keys(1));
        assert_eq!(generations.newest(), Some(KeyUse(2)));
        assert_eq!(generations.valid.len(), 2);
    }
}
