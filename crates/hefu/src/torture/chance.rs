//! Chance from a seed: SplitMix64, one stream for each thing that draws, so that no stream depends on another's pace.

/// One stream of chance.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of the `number`-th `what` under this seed.
    pub fn of(seed: u64, what: &str, number: u64) -> Chance {
        let mut chance = Chance(seed);
        for byte in what.bytes().chain(number.to_be_bytes()) {
            chance.0 = chance.next() ^ u64::from(byte);
        }
        chance
    }

    /// A number below `bound`.
    ///
    /// # Panics
    /// When `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "nothing is below 0");
        self.next() % bound
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        assert!(least <= most, "from {least} to {most}");
        least + self.below(most - least + 1)
    }

    /// So many times out of a thousand.
    pub fn happens(&mut self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    /// One of them; none when there are none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.below(from.len() as u64) as usize) }
    }

    /// One of them, each as often as its weight says.
    ///
    /// # Panics
    /// When all weights are 0.
    pub fn weighted<T: Copy>(&mut self, from: &[(u64, T)]) -> T {
        let mut left = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, what) in from {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *what,
            }
        }
        unreachable!("what is drawn is below the sum of all weights")
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(mut chance: Chance) -> Vec<u64> {
        (0..8).map(|_| chance.below(1_000_000)).collect()
    }

    #[test]
    fn a_stream_is_the_same_again_and_unlike_every_other() {
        let stream = first(Chance::of(7, "link", 3));
        assert_eq!(stream, first(Chance::of(7, "link", 3)));
        for other in [Chance::of(8, "link", 3), Chance::of(7, "line", 3), Chance::of(7, "link", 4)] {
            assert_ne!(stream, first(other));
        }
    }

    #[test]
    fn what_weighs_nothing_is_never_drawn_and_the_rest_is() {
        let mut chance = Chance::of(1, "weights", 0);
        let drawn: Vec<char> = (0..200).map(|_| chance.weighted(&[(0, 'a'), (3, 'b'), (1, 'c')])).collect();
        let of = |which| drawn.iter().filter(|drawn| **drawn == which).count();
        assert_eq!(of('a'), 0);
        assert!(of('b') > of('c') && of('c') > 0, "{} and {}", of('b'), of('c'));
    }

    #[test]
    fn bounds_are_kept() {
        let mut chance = Chance::of(1, "bounds", 0);
        assert!((0..500).all(|_| (5..=9).contains(&chance.between(5, 9))));
        assert!((0..100).all(|_| chance.happens(1_000) && !chance.happens(0)));
        assert_eq!(chance.pick::<u8>(&[]), None);
    }
}
