//! What can go wrong, and how often it does in one world (swarm: most worlds know only some of it).

use super::rolls::Rolls;
use hefu_mutant::mutant;
use std::fmt;

/// A kind of fault.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// A terminal's line goes silent in one direction: what is sent on it never arrives.
    LineSilent,
    /// A terminal's line is cut.
    LineCut,
    /// A frame on a terminal's line takes minutes.
    LineLate,
    /// A byte of a frame between terminal and gateway is changed.
    LineGarbled,
    /// A terminal cannot dial.
    NoDial,
    /// A terminal loses power.
    PowerCut,
    /// A terminal's printer is out of paper.
    NoPaper,
    /// A cashier deletes the terminal's reversal.
    ClearedByMenu,
    /// The gateway crashes.
    GatewayCrash,
    /// A commit takes seconds.
    SlowCommit,
    /// A message to or from the bank is lost.
    BankLoss,
    /// A message to or from the bank is late.
    BankLate,
    /// Messages to and from the bank overtake each other.
    BankReorder,
    /// The bank link is cut.
    LinkCut,
    /// The bank link goes silent and nobody is told.
    LinkSilent,
    /// The bank crashes.
    BankCrash,
    /// The business day closes while there is trouble.
    DayCut,
    /// A frame of a terminal arrives twice.
    LineDuplicate,
    /// A message to or from the bank arrives twice.
    BankDuplicate,
    /// A byte of a message to or from the bank is changed, and its sender is not told.
    BankGarbled,
    /// Nobody reaches the bank for minutes to three days, across day cuts.
    BankOutage,
    /// A commit fails, and the node halts. Sometimes it stands all the same: nobody knows until the restart.
    StoreFailure,
    /// No commit works for minutes: the node halts again and again.
    DiskFull,
    /// The gateway stays down for minutes to hours after a crash.
    GatewayPause,
    /// Somebody between gateway and bank answers a reversal, with a code that does not say what was done.
    BankWrongCode,
    /// An answer that belongs to something else: of another day, with another number, about nothing that we know.
    BankWrongKey,
    /// A person takes the bank link out of service for a while.
    LinkOrder,
}

impl Fault {
    pub const ALL: [Fault; 27] = [
        Fault::LineSilent,
        Fault::LineCut,
        Fault::LineLate,
        Fault::LineGarbled,
        Fault::NoDial,
        Fault::PowerCut,
        Fault::NoPaper,
        Fault::ClearedByMenu,
        Fault::GatewayCrash,
        Fault::SlowCommit,
        Fault::BankLoss,
        Fault::BankLate,
        Fault::BankReorder,
        Fault::LinkCut,
        Fault::LinkSilent,
        Fault::BankCrash,
        Fault::DayCut,
        Fault::LineDuplicate,
        Fault::BankDuplicate,
        Fault::BankGarbled,
        Fault::BankOutage,
        Fault::StoreFailure,
        Fault::DiskFull,
        Fault::GatewayPause,
        Fault::BankWrongCode,
        Fault::BankWrongKey,
        Fault::LinkOrder,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Fault::LineSilent => "line silent",
            Fault::LineCut => "line cut",
            Fault::LineLate => "line late",
            Fault::LineGarbled => "line garbled",
            Fault::NoDial => "no dial",
            Fault::PowerCut => "power cut",
            Fault::NoPaper => "no paper",
            Fault::ClearedByMenu => "cleared by menu",
            Fault::GatewayCrash => "gateway crash",
            Fault::SlowCommit => "slow commit",
            Fault::BankLoss => "bank loss",
            Fault::BankLate => "bank late",
            Fault::BankReorder => "bank reorder",
            Fault::LinkCut => "link cut",
            Fault::LinkSilent => "link silent",
            Fault::BankCrash => "bank crash",
            Fault::DayCut => "day cut",
            Fault::LineDuplicate => "line duplicate",
            Fault::BankDuplicate => "bank duplicate",
            Fault::BankGarbled => "bank garbled",
            Fault::BankOutage => "bank outage",
            Fault::StoreFailure => "store failure",
            Fault::DiskFull => "disk full",
            Fault::GatewayPause => "gateway pause",
            Fault::BankWrongCode => "bank wrong code",
            Fault::BankWrongKey => "bank wrong key",
            Fault::LinkOrder => "link order",
        }
    }

    /// The fault of this name; hyphens may stand for blanks.
    pub fn named(name: &str) -> Option<Fault> {
        let name = name.replace('-', " ");
        Fault::ALL.into_iter().find(|fault| fault.name() == name)
    }

    /// How often it happens at most, out of a thousand chances: of each frame, effect, output, command, commit, crash
    /// or five seconds.
    fn most(self) -> u32 {
        match self {
            Fault::LineSilent | Fault::LineCut | Fault::LineLate => 120,
            Fault::LineGarbled => 60,
            Fault::NoDial => 200,
            Fault::PowerCut => 40,
            Fault::NoPaper => 200,
            Fault::ClearedByMenu => 500,
            Fault::GatewayCrash => 30,
            Fault::SlowCommit => 300,
            Fault::BankLoss | Fault::BankLate => 150,
            Fault::BankReorder => 1_000,
            Fault::LinkCut | Fault::LinkSilent => 60,
            Fault::BankCrash => 40,
            Fault::DayCut => 1_000,
            Fault::LineDuplicate | Fault::BankDuplicate => 150,
            Fault::BankGarbled => 60,
            Fault::BankOutage => 8,
            Fault::StoreFailure => 30,
            Fault::DiskFull => 15,
            Fault::GatewayPause => 500,
            Fault::BankWrongCode => 400,
            Fault::BankWrongKey => 200,
            Fault::LinkOrder => 12,
        }
    }

    /// How many worlds out of a thousand know it.
    fn spread(self) -> u32 {
        match self {
            Fault::DayCut => 250,
            Fault::BankOutage | Fault::DiskFull | Fault::LinkOrder => 150,
            Fault::LineGarbled | Fault::BankGarbled => 200,
            Fault::LineDuplicate | Fault::BankDuplicate | Fault::StoreFailure => 300,
            Fault::BankWrongCode | Fault::BankWrongKey => 300,
            Fault::BankReorder => 700,
            Fault::LineSilent
            | Fault::LineCut
            | Fault::LineLate
            | Fault::NoDial
            | Fault::PowerCut
            | Fault::NoPaper
            | Fault::ClearedByMenu
            | Fault::GatewayCrash
            | Fault::SlowCommit
            | Fault::BankLoss
            | Fault::BankLate
            | Fault::LinkCut
            | Fault::LinkSilent
            | Fault::BankCrash
            | Fault::GatewayPause => 400,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How often each fault happens in one world, out of a thousand chances; 0 for those that it does not know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Swarm([u32; Fault::ALL.len()]);

impl Swarm {
    /// Nothing goes wrong but what the cards do.
    pub fn calm() -> Swarm {
        Swarm([0; Fault::ALL.len()])
    }

    pub(super) fn draw(rolls: &mut Rolls) -> Swarm {
        let mut swarm = Swarm::calm();
        for fault in Fault::ALL {
            let known = rolls.happens(fault.spread());
            let rate = rolls.between(1, i64::from(fault.most())) as u32;
            if known && !is_left_out(fault) {
                swarm.0[fault as usize] = rate;
            }
        }
        swarm
    }

    pub fn rate(&self, fault: Fault) -> u32 {
        self.0[fault as usize]
    }

    /// The same world without this fault.
    pub fn without(mut self, fault: Fault) -> Swarm {
        self.0[fault as usize] = 0;
        self
    }
}

/// Planted mistakes of the generator: a kind of trouble that no world knows.
fn is_left_out(fault: Fault) -> bool {
    (fault == Fault::BankLoss && mutant!(NeverLosesABankMessage))
        || (fault == Fault::PowerCut && mutant!(NeverCutsThePower))
        || (fault == Fault::GatewayCrash && mutant!(NeverCrashesTheGateway))
        || (fault == Fault::DayCut && mutant!(NeverCutsTheDayInTrouble))
}

impl fmt::Display for Swarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<_> = Fault::ALL
            .into_iter()
            .filter(|fault| self.rate(*fault) > 0)
            .map(|fault| format!("{} {}‰", fault.name(), self.rate(fault)))
            .collect();
        f.write_str(&known.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_stand_in_the_table_by_their_number() {
        for (place, fault) in Fault::ALL.into_iter().enumerate() {
            assert_eq!(fault as usize, place, "{fault}");
        }
    }

    #[test]
    fn every_fault_exists_in_some_worlds_and_is_missing_in_others() {
        let swarms: Vec<Swarm> = (0..200).map(|seed| Swarm::draw(&mut Rolls::new(seed, "swarm"))).collect();
        for fault in Fault::ALL {
            let known = swarms.iter().filter(|swarm| swarm.rate(fault) > 0).count();
            assert!((1..200).contains(&known), "{fault}: {known} of 200");
        }
    }
}
