//! The terminal's own stream of numbers: chip counters, nonces, the strokes of a signature.

use hefu_vault::Dice;
use serde::{Deserialize, Serialize};

/// A repeatable stream (splitmix64) from a seed that the terminal rolled when it was new. It is kept in the
/// terminal's memory, so that a terminal that lost power goes on in the stream instead of repeating it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn from_dice(dice: &mut dyn Dice) -> Numbers {
        let mut seed = [0; 8];
        dice.fill(&mut seed);
        Numbers(u64::from_be_bytes(seed))
    }

    /// A stream of its own, which this one never crosses into.
    pub(super) fn fork(&mut self) -> Numbers {
        Numbers(self.next())
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Dice for Numbers {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_be_bytes()[..chunk.len()]);
        }
    }
}
