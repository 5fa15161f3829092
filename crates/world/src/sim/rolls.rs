//! Chance: one ChaCha stream for each component of a world, so that a change in one leaves the others as they were.

use hefu_vault::Dice;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// A repeatable stream of chance.
#[derive(Clone)]
pub(super) struct Rolls(ChaCha8Rng);

impl Rolls {
    /// The stream of `part` in the world of `seed`.
    pub fn new(seed: u64, part: &str) -> Rolls {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_be_bytes()).update(part.as_bytes());
        Rolls(ChaCha8Rng::from_seed(*hasher.finalize().as_bytes()))
    }

    pub fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `end`.
    ///
    /// # Panics
    /// When `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        assert!(end > 0, "nothing is below 0");
        self.number() % end
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        assert!(first <= last, "a range has a beginning before its end");
        first + self.below((last - first) as u64 + 1) as i64
    }

    /// True so many times out of a thousand.
    pub fn happens(&mut self, per_mille: u32) -> bool {
        // Drawn also when the answer is certain: the stream does not depend on rates.
        let drawn = self.below(1_000);
        drawn < u64::from(per_mille)
    }

    /// One of several; nothing of nothing.
    pub fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let place = self.below(from.len().max(1) as u64) as usize;
        from.get(place).cloned()
    }

    /// One of several, the heavier the likelier.
    ///
    /// # Panics
    /// When all weights are 0.
    pub fn weighted<T: Copy>(&mut self, from: &[(u32, T)]) -> T {
        let total: u64 = from.iter().map(|(weight, _)| u64::from(*weight)).sum();
        let mut left = self.below(total);
        for (weight, choice) in from {
            match left.checked_sub(u64::from(*weight)) {
                Some(less) => left = less,
                None => return *choice,
            }
        }
        unreachable!("the draw is below the sum of the weights")
    }
}

impl Dice for Rolls {
    fn fill(&mut self, out: &mut [u8]) {
        self.0.fill_bytes(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_by_seed_and_part_and_differ_otherwise() {
        let first = |seed, part| Rolls::new(seed, part).number();
        assert_eq!(first(1, "bank"), first(1, "bank"));
        assert_ne!(first(1, "bank"), first(1, "line"));
        assert_ne!(first(1, "bank"), first(2, "bank"));
    }

    #[test]
    fn draws_keep_to_their_ranges() {
        let mut rolls = Rolls::new(7, "test");
        for _ in 0..1_000 {
            assert!((-3..=5).contains(&rolls.between(-3, 5)));
            assert!(!rolls.happens(0));
            assert!(rolls.happens(1_000));
            assert_eq!(rolls.weighted(&[(0, 'a'), (2, 'b')]), 'b');
        }
        assert_eq!(rolls.pick::<u8>(&[]), None);
    }
}
