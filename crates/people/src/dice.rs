//! Randomness, always passed in.

/// A source of random bytes: the operating system's in the field, a seeded stream in a test.
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
