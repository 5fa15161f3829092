//! The networks: what becomes of a frame between its sender and its receiver.

use super::faults::{Fault, Swarm};
use super::rolls::Rolls;
use hefu_switch::pos::ConnectionId;
use hefu_tally::{Moment, time::SECOND};
use std::collections::BTreeMap;

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

/// Both networks.
pub(super) struct Wires {
    rolls: Rolls,
    pub swarm: Swarm,
    connections: BTreeMap<ConnectionId, Connection>,
    last: u64,
    /// Bank links so far; the newest may be silent, and what was under way on older ones may be lost.
    links: u64,
    silent: bool,
    lost: BTreeMap<u64, [bool; 2]>,
    bank_free: [Option<Moment>; 2],
}

/// A message is never longer than this on its way to the bank: the link's profile says 60 s.
const LONGEST_TO_BANK: i64 = 55 * SECOND;

impl Wires {
    pub fn new(seed: u64, swarm: Swarm) -> Wires {
        Wires {
            rolls: Rolls::new(seed, "wires"),
            swarm,
            connections: BTreeMap::new(),
            last: 0,
            links: 0,
            silent: false,
            lost: BTreeMap::new(),
            bank_free: [None; 2],
        }
    }

    pub fn happens(&mut self, fault: Fault) -> bool {
        let rate = self.swarm.rate(fault);
        self.rolls.happens(rate)
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
        let delay = if late { self.rolls.between(5_000, 150_000) } else { self.rolls.between(5, 400) };
        let gives_up = self.rolls.between(90_000, 240_000);
        let arrives_before_cut = self.rolls.happens(500);
        let told: [Option<Moment>; 2] = std::array::from_fn(|_| {
            (!self.rolls.happens(200)).then_some(now.after(self.rolls.between(5, 3_000)))
        });
        let nowhere = Fate { arrives: None, fault: None, cut: None, garbled: false };
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
            let arrives = arrives_before_cut.then_some(arrives);
            return Fate { arrives, fault: Some(Fault::LineCut), cut: Some(told), ..nowhere };
        }
        let fault = match (late, garbled) {
            (true, _) => Some(Fault::LineLate),
            (false, true) => Some(Fault::LineGarbled),
            (false, false) => None,
        };
        Fate { arrives: Some(arrives), fault, cut: None, garbled }
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

    /// Changes one byte of a frame, its length aside.
    pub fn garble(&mut self, bytes: &mut [u8]) {
        let end = bytes.len() as u64;
        if end > 2 {
            let place = 2 + self.rolls.below(end - 2) as usize;
            bytes[place] ^= 1 << self.rolls.below(8);
        }
    }

    // ---- the bank link -------------------------------------------------------------------------------------

    /// A new bank link.
    pub fn link(&mut self) -> u64 {
        self.links += 1;
        self.silent = false;
        self.bank_free = [None; 2];
        self.links
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

    /// What becomes of a frame on the bank link.
    pub fn on_link(&mut self, now: Moment, way: Way) -> Fate {
        let lost = self.happens(Fault::BankLoss);
        let late = self.happens(Fault::BankLate);
        let silent = self.happens(Fault::LinkSilent);
        let cut = self.happens(Fault::LinkCut);
        let reorder = self.happens(Fault::BankReorder);
        let most = match way {
            Way::Up => LONGEST_TO_BANK,
            Way::Down => 180 * SECOND,
        };
        let delay = match (late, reorder) {
            (true, _) => self.rolls.between(2 * SECOND, most),
            (false, true) => self.rolls.between(2, 8 * SECOND),
            (false, false) => self.rolls.between(2, 60),
        };
        let told: [Option<Moment>; 2] = std::array::from_fn(|_| {
            (!self.rolls.happens(200)).then_some(now.after(self.rolls.between(1, 2_000)))
        });
        let nowhere = Fate { arrives: None, fault: None, cut: None, garbled: false };
        if silent {
            self.silent = true;
            return Fate { fault: Some(Fault::LinkSilent), ..nowhere };
        }
        if cut {
            self.silent = true;
            return Fate { fault: Some(Fault::LinkCut), cut: Some(told), ..nowhere };
        }
        if self.silent {
            return nowhere;
        }
        if lost {
            return Fate { fault: Some(Fault::BankLoss), ..nowhere };
        }
        let straight = now.after(delay);
        let free = &mut self.bank_free[way as usize];
        let arrives = match late || reorder {
            // Processed in parallel on the other side: it waits for nothing before it.
            true => straight,
            false => straight.max(free.unwrap_or(now)),
        };
        if !(late || reorder) {
            *free = Some(arrives);
        }
        let fault = match (late, reorder) {
            (true, _) => Some(Fault::BankLate),
            (false, true) => Some(Fault::BankReorder),
            (false, false) => None,
        };
        Fate { arrives: Some(arrives), fault, cut: None, garbled: false }
    }
}
