//! The simulator: a whole world from one seed, as fast as the machine goes.
//!
//! A world is one to three terminals, their lines, the gateway, and one bank or two with their links. All of it is the
//! code of the field: terminals and banks are their pure cores, the gateway is engine, store, vault and the pure halves
//! of the switch, held together by [`hefu_node::carry_out`]. Only threads, clocks and sockets are replaced, by an
//! agenda and by chance from the seed. The same seed gives the same world to the last byte, which its hash shows.
//!
//! Each seed draws which faults its world knows at all, and how often they happen ([`Fault`], [`Swarm`]). While
//! there is chaos, every step is watched: nothing is said that is not durable, nobody is charged twice, no more is
//! returned than was charged. Then the faults end and everything must heal within [`HEALS_WITHIN`]; then the
//! business day is cut, and the judge compares the books of payer, bank, platform and merchant. At last people decide
//! what only the bank's book can tell, and then everything must match.

mod agenda;
mod aims;
mod asked;
mod bank_side;
mod banks;
mod coverage;
mod desk;
mod event;
mod faults;
mod gateway;
mod gateway_side;
mod healing;
mod house;
mod judge;
mod layer;
mod mirror;
mod money;
mod neighbours;
mod orders;
mod outage;
mod proofs;
mod rolls;
mod rows;
mod script;
mod seeds;
mod settles;
mod shop;
mod shrink;
mod trace;
mod watch;
mod wires;
mod without;
mod world;

pub use coverage::{Coverage, Finding, Listed, Place, State, listed, name};
pub use faults::{Fault, Swarm};
pub use healing::Healing;
pub use layer::Layer;
pub use outage::{MOST_BACKLOG, MOST_HOURS, OUTAGE_HEALS_WITHIN, Outage, OutageReport, outage};
pub use seeds::{Progress, Sum, crash_at_every, many};
pub use shrink::{MOST_RUNS, Shrunk, shrink};
pub use trace::Sink;
pub use without::{NoPart, Part, Without};
pub use world::HEALS_WITHIN;

use hefu_store::{MemoryStore, SqliteStore};
use hefu_tally::Moment;
use std::{fmt, panic::AssertUnwindSafe};
use world::World;

/// When the gateway crashes, its store aside.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Crash {
    /// As often as the seed says.
    ByChance,
    Never,
    /// Once, before this output of the engine (counted from 0, those aside that only wish to be woken).
    At(u64),
}

impl Crash {
    fn output(self) -> Option<u64> {
        match self {
            Crash::At(output) => Some(output),
            Crash::ByChance | Crash::Never => None,
        }
    }
}

/// Which world to live through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    pub seed: u64,
    pub crash: Crash,
    /// No faults but those of the test cards, and what `crash` says.
    pub calm: bool,
    /// Where the payments are kept.
    pub layer: Layer,
    /// Count which fault struck which state.
    pub coverage: bool,
    /// What of the seed's world is left out.
    pub without: Without,
}

impl Setting {
    /// The world of a seed as it is.
    pub fn of(seed: u64) -> Setting {
        Setting {
            seed,
            crash: Crash::ByChance,
            calm: false,
            layer: Layer::of(seed),
            coverage: false,
            without: Without::default(),
        }
    }
}

/// What a world is made of: what may be left out of it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Shape {
    /// The faults that it knows.
    pub faults: Vec<Fault>,
    /// Deeds that its seed drew for each terminal.
    pub deeds: Vec<usize>,
    /// How often a fault happened.
    pub strikes: u32,
    /// One or two.
    pub banks: usize,
}

/// How a world went.
#[derive(Clone, Debug)]
pub struct Report {
    pub seed: u64,
    /// Over everything that happened.
    pub hash: [u8; 32],
    pub events: u64,
    /// Outputs of the engine that were carried out, those aside that only wish to be woken.
    pub outputs: u64,
    /// Crashes of the gateway.
    pub crashes: u32,
    pub payments: u64,
    /// Milliseconds.
    pub simulated: i64,
    pub coverage: Coverage,
    pub healing: Healing,
    pub shape: Shape,
    pub violation: Option<Violation>,
}

/// A rule that was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The world in which it was.
    pub setting: Setting,
    pub at: Moment,
    pub rule: &'static str,
    pub what: String,
}

impl Violation {
    /// The command that shows it again.
    pub fn replay(&self) -> String {
        let Setting { seed, crash, calm, without, .. } = &self.setting;
        let crash = crash.output().map_or_else(String::new, |output| format!(" --crash-at {output}"));
        let calm = if *calm { " --calm" } else { "" };
        let without = if without.is_empty() { String::new() } else { format!(" --without {without}") };
        format!("hefu sim --from {seed} --seeds 1 --trace{crash}{calm}{without}")
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {} at {}: {}: {}", self.setting.seed, self.at, self.rule, self.what)
    }
}

/// Lives through one world. A panic of the code under test is a violation like any other.
pub fn run(setting: &Setting, sink: Option<Sink>) -> Report {
    let lived = caught(|| {
        Ok(match setting.layer {
            Layer::Model => World::new(setting, (MemoryStore::new(), layer::sound()), sink).run(),
            Layer::Memory => {
                let store = SqliteStore::open_in_memory().map_err(|error| error.to_string())?;
                World::new(setting, (store, layer::sound()), sink).run()
            }
            Layer::File => World::new(setting, layer::on_file()?, sink).run(),
        })
    });
    let failed = |rule, what| Report {
        seed: setting.seed,
        hash: [0; 32],
        events: 0,
        outputs: 0,
        crashes: 0,
        payments: 0,
        simulated: 0,
        coverage: Coverage::default(),
        healing: Healing::default(),
        shape: Shape::default(),
        violation: Some(Violation { setting: setting.clone(), at: Moment(0), rule, what }),
    };
    match lived {
        Ok(Ok(report)) => report,
        Ok(Err(error)) => failed("store", error),
        // In the midst of a world it is caught there, with how far the world came.
        Err(panic) => failed("panic", panic),
    }
}

/// What this comes to, or the words of its panic.
fn caught<T>(what: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(AssertUnwindSafe(what)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        text.unwrap_or_else(|| "without words".to_owned())
    })
}
