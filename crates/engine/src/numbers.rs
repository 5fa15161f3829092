//! Numbers that never repeat, and chance, from blocks and a seed that the shell hands in.

use crate::engine::{PLENTY, Print};
use hefu_mutant::mutant;
use hefu_tally::record::Counter;
use hefu_tally::{LinkKey, Moment, Rrn, Shard, TallyId, judge::Supply};

/// What is left of the leased blocks.
#[derive(Clone, Debug)]
pub(crate) struct Numbers {
    rrn: Block,
    stan: Block,
    chance: u64,
}

/// The most numbers that handling one input may use.
const RESERVE: u64 = 128;
/// DE11 runs from 1 to this; the links keep the numbers above for their own sign-ons and echoes.
const STANS: u64 = 998_999;

#[derive(Copy, Clone, Debug, Default)]
struct Block {
    next: u64,
    end: u64,
    /// A block leased while the last one still had numbers.
    spare: Option<u64>,
    asked: bool,
}

impl Numbers {
    pub fn new(seed: u64) -> Numbers {
        Numbers { rrn: Block::default(), stan: Block::default(), chance: seed }
    }

    /// Which counters must be leased now; each is asked for once.
    pub fn wanted(&mut self) -> Vec<Counter> {
        let mut wanted = Vec::new();
        for counter in [Counter::Rrn, Counter::Stan] {
            let block = self.block(counter);
            if !block.asked && block.spare.is_none() && block.left() < counter.block() / 2 {
                block.asked = true;
                wanted.push(counter);
            }
        }
        wanted
    }

    pub fn leased(&mut self, counter: Counter, first: u64) {
        let block = self.block(counter);
        block.asked = false;
        if block.left() == 0 {
            (block.next, block.end) = (first, first.saturating_add(counter.block()));
        } else {
            block.spare = Some(first);
        }
    }

    /// Whether one more input can be handled.
    pub fn enough(&self) -> bool {
        [&self.rrn, &self.stan].into_iter().all(|block| block.left() >= RESERVE || block.spare.is_some())
    }

    pub fn rrn(&mut self, now: Moment, shard: Shard) -> Rrn {
        let shard = Shard::all().next().filter(|_| mutant!(NamesTheWrongShard)).unwrap_or(shard);
        Rrn::new(now, shard, self.rrn.take(Counter::Rrn) % Rrn::SERIALS)
    }

    pub fn tally_id(&mut self, now: Moment) -> TallyId {
        let mut chance = [0; 10];
        chance[..8].copy_from_slice(&self.draw().to_be_bytes());
        chance[8..].copy_from_slice(&self.draw().to_be_bytes()[..2]);
        TallyId::new(now, chance)
    }

    /// Keys and chance for the judge, at this moment.
    pub fn supply(&mut self, now: Moment) -> At<'_> {
        At { numbers: self, now }
    }

    /// Whether there are numbers, and soon more must be leased; not which ones they are.
    pub fn fingerprint(&self, print: &mut Print) {
        let Numbers { rrn, stan, chance } = self;
        for (block, counter) in [(rrn, Counter::Rrn), (stan, Counter::Stan)] {
            print.number(block.left().min(counter.block() / 2 + PLENTY));
            print.byte(u8::from(block.spare.is_some()) << 1 | u8::from(block.asked));
        }
        print.number(*chance);
    }

    fn key(&mut self, now: Moment) -> LinkKey {
        let stan = self.stan.take(Counter::Stan) % STANS + 1;
        let stan = if mutant!(StandsStillWithTraceNumbers) { 1 } else { stan };
        LinkKey { at: now, stan: u32::try_from(stan).unwrap_or(1) }
    }

    fn block(&mut self, counter: Counter) -> &mut Block {
        match counter {
            Counter::Rrn => &mut self.rrn,
            Counter::Stan => &mut self.stan,
        }
    }

    /// SplitMix64: chance for ids and jitter, the same for the same seed.
    fn draw(&mut self) -> u64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.chance;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Block {
    fn left(&self) -> u64 {
        self.end - self.next
    }

    /// # Panics
    /// When nothing is left; `enough` is asked before an input is handled.
    fn take(&mut self, counter: Counter) -> u64 {
        if self.left() == 0
            && let Some(first) = self.spare.take()
        {
            (self.next, self.end) = (first, first.saturating_add(counter.block()));
        }
        assert!(self.left() > 0, "the block of {} is used up", counter.name());
        self.next += 1;
        self.next - 1
    }
}

/// The supply of one moment.
pub(crate) struct At<'a> {
    numbers: &'a mut Numbers,
    now: Moment,
}

impl Supply for At<'_> {
    fn key(&mut self) -> LinkKey {
        self.numbers.key(self.now)
    }

    fn chance(&mut self) -> u16 {
        u16::try_from(self.numbers.draw() % 1_000).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spare_block_takes_over_without_a_gap_in_service() {
        let mut numbers = Numbers::new(1);
        assert!(!numbers.enough());
        assert_eq!(numbers.wanted(), [Counter::Rrn, Counter::Stan]);
        assert_eq!(numbers.wanted(), [], "each is asked for once");
        numbers.leased(Counter::Rrn, 0);
        numbers.leased(Counter::Stan, 998_990);
        let keys: Vec<u32> = (0..12).map(|_| numbers.supply(Moment(0)).key().stan).collect();
        assert_eq!(&keys[8..], [998_999, 1, 2, 3], "DE11 runs from 1 to 998999 and begins again");
        for _ in 0..Counter::Rrn.block() - RESERVE {
            numbers.rrn(Moment(0), Shard::new(3).unwrap());
        }
        assert!(numbers.enough());
        assert_eq!(numbers.wanted(), [Counter::Rrn]);
        numbers.leased(Counter::Rrn, 50_000);
        for _ in 0..RESERVE + 10 {
            assert!(numbers.enough());
            numbers.rrn(Moment(0), Shard::new(3).unwrap());
        }
    }
}
