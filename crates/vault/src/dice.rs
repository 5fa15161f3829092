//! Randomness, always passed in.

/// A source of random bytes.
///
/// The vault never rolls dice of its own: in the field the caller hands in the operating system's
/// generator, in a simulation a seeded stream, so that one seed replays every key and every seal.
pub trait Dice {
    /// Fills the whole of `out` with bytes that nobody can guess.
    fn fill(&mut self, out: &mut [u8]);
}

/// Rolls a fixed number of bytes.
pub(crate) fn roll<const N: usize>(dice: &mut dyn Dice) -> [u8; N] {
    let mut out = [0; N];
    dice.fill(&mut out);
    out
}

#[cfg(test)]
pub(crate) mod test_dice {
    use super::Dice;

    /// Repeatable dice for tests: splitmix64 from a seed.
    pub(crate) struct Seeded(pub(crate) u64);

    impl Dice for Seeded {
        fn fill(&mut self, out: &mut [u8]) {
            for chunk in out.chunks_mut(8) {
                self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut z = self.0;
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                z ^= z >> 31;
                chunk.copy_from_slice(&z.to_be_bytes()[..chunk.len()]);
            }
        }
    }
}
