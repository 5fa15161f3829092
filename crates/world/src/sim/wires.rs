//! The networks: what becomes of a frame between its sender and its receiver.

use super::faults::{Fault, Swarm};
use super::rolls::Rolls;
use super::without::{Part, Without};
use hefu_switch::pos::ConnectionId;
use hefu_tally::{Moment, time::SECOND};
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of something that is sent, and the fault that did it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Fate {
    /// None: it never arrives.
    pub arrives: Option<Moment>,
    pub fault: Option<Fault>,
    /// The connection is cut: its two ends are told then, or never.
    pub cut: Option<[Option<Moment>; 2]>,
    /// A byte of it is changed.
    pub garbled: bool,
    /// It arrives a second time.
    pub again: Option<Moment>,
}

impl Fate {
    const NOWHERE: Fate = Fate { arrives: None, fault: None, cut: None, garbled: false, again: None };
}

/// One direction of a terminal's connection: in order, like TCP.
#[derive(Copy, Clone, Default)]
struct Lane {
    free: Option<Moment>,
    silent: bool,
}

/// A terminal's connection.
#[derive(Clone)]
pub(super) struct Connection {
    pub shop: usize,
    /// The terminal's start that made it.
    pub epoch: u64,
    up: Lane,
    down: Lane,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// Away from the shop, or towards the bank.
    Up,
    /// Towards the shop, or away from the bank.
    Down,
}

/// A bank's newest link.
#[derive(Copy, Clone, Default)]
struct BankLine {
    silent: bool,
    /// When the last frame of each direction arrives.
    free: [Option<Moment>; 2],
}

/// Both networks.
pub(super) struct Wires {
    rolls: Rolls,
    /// Chance of what is rarer than the faults themselves, on a stream of its own.
    pub odd: Rolls,
    pub swarm: Swarm,
    without: Without,
    /// How often a fault has happened; each time has its number, from 1.
    strikes: u32,
    /// These happen at their next opportunity, whatever the swarm says.
    aims: BTreeSet<Fault>,
    connections: BTreeMap<ConnectionId, Connection>,
    last: u64,
    /// Bank links so far; what was under way on those that are gone may be lost.
    links: u64,
    lost: BTreeMap<u64, [bool; 2]>,
    /// The newest link of each bank, by the banks' places.
    banks: Vec<BankLine>,
    /// Frames that were changed on their way where their MAC must show it, by their hash.
    changed: BTreeSet<[u8; 32]>,
}

/// A message is never longer than this on its way to the bank, as the link's profile says …
const LONGEST_TO_BANK: i64 = 60 * SECOND;
/// … and seldom longer than this: what takes longer is overtaken by its own reversal.
const LONG_TO_BANK: i64 = 55 * SECOND;

impl Wires {
    pub fn new(seed: u64, swarm: Swarm, without: Without, banks: usize) -> Wires {
        Wires {
            rolls: Rolls::new(seed, "wires"),
            odd: Rolls::new(seed, "odd wires"),
            swarm,
            without,
            strikes: 0,
            aims: BTreeSet::new(),
            connections: BTreeMap::new(),
            last: 0,
            links: 0,
            lost: BTreeMap::new(),
            banks: vec![BankLine::default(); banks],
            changed: BTreeSet::new(),
        }
    }

    /// Whether this fault happens now.
    pub fn happens(&mut self, fault: Fault) -> bool {
        let rate = self.swarm.rate(fault);
        let is_odd = matches!(fault, Fault::BankWrongCode | Fault::BankWrongKey | Fault::LinkOrder);
        let rolls = if is_odd { &mut self.odd } else { &mut self.rolls };
        let chance = rolls.happens(rate);
        let aimed = self.aims.remove(&fault);
        if !chance && !aimed {
            return false;
        }
        self.strikes += 1;
        !self.without.has(Part::Strike(self.strikes))
    }

    /// Lets these faults happen at their next opportunity.
    pub fn aim(&mut self, faults: &[Fault]) {
        self.aims.extend(faults);
    }

    /// No more faults from here on.
    pub fn calm_down(&mut self) {
        self.swarm = Swarm::calm();
        self.aims.clear();
    }

    /// How often a fault has happened so far.
    pub fn strikes(&self) -> u32 {
        self.strikes
    }

    /// An ordinary way over a terminal's line.
    pub fn short(&mut self) -> i64 {
        self.rolls.between(5, 400)
    }

    // ---- terminals -----------------------------------------------------------------------------------------

    pub fn open(&mut self, shop: usize, epoch: u64) -> ConnectionId {
        self.last += 1;
        let id = ConnectionId(self.last);
        self.connections.insert(id, Connection { shop, epoch, up: Lane::default(), down: Lane::default() });
        id
    }

    pub fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.get(&id)
    }

    pub fn connections(&self) -> Vec<ConnectionId> {
        self.connections.keys().copied().collect()
    }

    /// Connections on which something never arrives.
    pub fn silent_lines(&self) -> Vec<ConnectionId> {
        let silent = self.connections.iter().filter(|(_, of)| of.up.silent || of.down.silent);
        silent.map(|(id, _)| *id).collect()
    }

    /// Neither end uses it any more.
    pub fn forget(&mut self, id: ConnectionId) {
        self.connections.remove(&id);
    }

    /// What becomes of bytes on a terminal's line.
    pub fn on_line(&mut self, now: Moment, id: ConnectionId, way: Way) -> Fate {
        let late = self.happens(Fault::LineLate);
        let silent = self.happens(Fault::LineSilent);
        let cut = self.happens(Fault::LineCut);
        let garbled = self.happens(Fault::LineGarbled);
        let twice = way == Way::Up && self.happens(Fault::LineDuplicate);
        let later = self.rolls.between(1, 20_000);
        let delay = if late { self.rolls.between(5_000, 150_000) } else { self.rolls.between(5, 400) };
        let gives_up = self.rolls.between(90_000, 240_000);
        let arrives_before_cut = self.rolls.happens(500);
        let told: [Option<Moment>; 2] = std::array::from_fn(|_| {
            (!self.rolls.happens(200)).then_some(now.after(self.rolls.between(5, 3_000)))
        });
        let nowhere = Fate::NOWHERE;
        let Some(connection) = self.connections.get_mut(&id) else { return nowhere };
        let lane = match way {
            Way::Up => &mut connection.up,
            Way::Down => &mut connection.down,
        };
        if lane.silent {
            return nowhere;
        }
        let arrives = now.after(delay).max(lane.free.unwrap_or(now));
        lane.free = Some(arrives);
        if silent {
            lane.silent = true;
            // The sender's network gives up in the end.
            let gives_up = Some(now.after(gives_up));
            let cut = match way {
                Way::Up => [gives_up, None],
                Way::Down => [None, gives_up],
            };
            return Fate { fault: Some(Fault::LineSilent), cut: Some(cut), ..nowhere };
        }
        if cut {
            connection.up.silent = true;
            connection.down.silent = true;
            // Seldom what was sent lies on the way, and arrives when the terminal has long dialled again.
            if way == Way::Up && self.odd.happens(300) {
                let arrives = now.after(self.odd.between(10 * SECOND, 150 * SECOND));
                let cut = Some([told[0].or(Some(now.after(SECOND))), Some(arrives.after(SECOND))]);
                return Fate { arrives: Some(arrives), fault: Some(Fault::LineCut), cut, ..nowhere };
            }
            let arrives = arrives_before_cut.then_some(arrives);
            return Fate { arrives, fault: Some(Fault::LineCut), cut: Some(told), ..nowhere };
        }
        let faults = [(garbled, Fault::LineGarbled), (twice, Fault::LineDuplicate), (late, Fault::LineLate)];
        let again = twice.then(|| arrives.after(later));
        Fate { arrives: Some(arrives), fault: first(&faults), cut: None, garbled, again }
    }

    /// When the news arrives that this end has closed; none when the line is silent.
    pub fn hang_up(&mut self, now: Moment, id: ConnectionId, way: Way) -> Option<Moment> {
        let delay = self.rolls.between(5, 400);
        let connection = self.connections.get_mut(&id)?;
        let lane = match way {
            Way::Up => &mut connection.up,
            Way::Down => &mut connection.down,
        };
        (!lane.silent).then(|| now.after(delay).max(lane.free.unwrap_or(now)))
    }

    /// Changes one byte of a frame; the first `spared` are left as they are. Its MAC covers those from `covered` on.
    pub fn garble(&mut self, bytes: &mut [u8], spared: usize, covered: usize) {
        if let Some(open) = bytes.get_mut(spared..).filter(|open| !open.is_empty()) {
            let place = self.rolls.below(open.len() as u64) as usize;
            open[place] ^= 1 << self.rolls.below(8);
            if spared + place >= covered {
                self.changed.insert(*blake3::hash(bytes).as_bytes());
            }
        }
    }

    /// Whether this is what became of a frame that was changed on its way: nobody may believe it.
    pub fn was_changed(&self, bytes: &[u8]) -> bool {
        !self.changed.is_empty() && self.changed.contains(blake3::hash(bytes).as_bytes())
    }

    // ---- the bank link -------------------------------------------------------------------------------------

    /// A new link to this bank.
    pub fn link(&mut self, bank: usize) -> u64 {
        self.links += 1;
        self.banks[bank] = BankLine::default();
        self.links
    }

    /// The link goes silent, and nobody is told.
    pub fn silence(&mut self, bank: usize) {
        self.banks[bank].silent = true;
    }

    pub fn is_silent(&self, bank: usize) -> bool {
        self.banks[bank].silent
    }

    /// The link is gone: what is under way on it may be lost, each way for itself.
    pub fn unlink(&mut self, link: u64) {
        let lost = std::array::from_fn(|_| self.rolls.happens(500));
        self.lost.entry(link).or_insert(lost);
    }

    /// Whether what was sent on this link got lost with it.
    pub fn was_lost(&self, link: u64, way: Way) -> bool {
        self.lost.get(&link).is_some_and(|lost| lost[way as usize])
    }

    /// What becomes of a frame on a bank's link.
    pub fn on_link(&mut self, now: Moment, bank: usize, way: Way) -> Fate {
        let lost = self.happens(Fault::BankLoss);
        let late = self.happens(Fault::BankLate);
        let silent = self.happens(Fault::LinkSilent);
        let cut = self.happens(Fault::LinkCut);
        let reorder = self.happens(Fault::BankReorder);
        let garbled = self.happens(Fault::BankGarbled);
        let twice = self.happens(Fault::BankDuplicate);
        let most = match way {
            Way::Up => LONG_TO_BANK,
            Way::Down => 180 * SECOND,
        };
        let delay = match (late, reorder) {
            (true, _) => self.rolls.between(2 * SECOND, most),
            (false, true) => self.rolls.between(2, 8 * SECOND),
            (false, false) => self.rolls.between(2, 60),
        };
        let longest = late && way == Way::Up && self.odd.happens(250);
        let delay = if longest { self.odd.between(LONG_TO_BANK, LONGEST_TO_BANK) } else { delay };
        let told: [Option<Moment>; 2] = std::array::from_fn(|_| {
            (!self.rolls.happens(200)).then_some(now.after(self.rolls.between(1, 2_000)))
        });
        let later = self.rolls.between(2, most);
        let nowhere = Fate::NOWHERE;
        let line = &mut self.banks[bank];
        if silent {
            line.silent = true;
            return Fate { fault: Some(Fault::LinkSilent), ..nowhere };
        }
        if cut {
            line.silent = true;
            return Fate { fault: Some(Fault::LinkCut), cut: Some(told), ..nowhere };
        }
        if line.silent {
            return nowhere;
        }
        if lost {
            return Fate { fault: Some(Fault::BankLoss), ..nowhere };
        }
        let straight = now.after(delay);
        let free = &mut line.free[way as usize];
        let arrives = match late || reorder {
            // Processed in parallel on the other side: it waits for nothing before it.
            true => straight,
            false => straight.max(free.unwrap_or(now)),
        };
        if !(late || reorder) {
            *free = Some(arrives);
        }
        let faults = [
            (garbled, Fault::BankGarbled),
            (twice, Fault::BankDuplicate),
            (late, Fault::BankLate),
            (reorder, Fault::BankReorder),
        ];
        let again = twice.then(|| now.after(later));
        Fate { arrives: Some(arrives), fault: first(&faults), cut: None, garbled, again }
    }
}

/// The first fault that happens.
fn first(faults: &[(bool, Fault)]) -> Option<Fault> {
    faults.iter().find(|(happens, _)| *happens).map(|(_, fault)| *fault)
}
