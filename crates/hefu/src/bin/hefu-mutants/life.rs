//! One life: a process that makes one mistake, or none, until it is caught.

use crate::{Failure, checks, signs::Signs};
use hefu_world::sim::{Report, Setting, run};
use serde::{Deserialize, Serialize};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    panic::catch_unwind,
    process::ExitStatus,
    rc::Rc,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Worlds in which signs are counted.
const WATCHED: u64 = 300;
/// A world takes a fraction of a second: one that takes so long does not end.
const LONGEST: Duration = Duration::from_secs(60);

/// Since when each world that is being lived through goes on.
static UNDER_WAY: Mutex<BTreeMap<u64, Instant>> = Mutex::new(BTreeMap::new());

/// What a process is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Orders {
    /// None: no mistake.
    pub mutant: Option<String>,
    pub seeds: u64,
    pub threads: usize,
    /// What a process without a mistake saw in its first worlds.
    pub usual: Signs,
}

/// What became of it.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub struct Life {
    pub caught: Option<Catch>,
    /// Worlds that were lived through until then, the last one included.
    pub worlds: u64,
    pub seconds: f64,
    /// The place of the mistake was passed.
    pub reached: bool,
    pub signs: Signs,
}

/// What caught a mistake.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Catch {
    Rule { rule: String, seed: u64, what: String },
    Missing { sign: String, times: u64 },
    Check { name: String, what: String },
    End { how: String },
}

impl fmt::Display for Catch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Catch::Rule { rule, seed, what } => write!(f, "rule `{rule}` at seed {seed}: {}", short(what)),
            Catch::Missing { sign, times } => {
                write!(f, "coverage: `{sign}` ({times} times without it) is never seen")
            }
            Catch::Check { name, what } => write!(f, "check `{name}`: {}", short(what)),
            Catch::End { how } => f.write_str(how),
        }
    }
}

/// The first line, and not too much of it.
fn short(text: &str) -> String {
    const MOST: usize = 110;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

impl Life {
    /// The life of a process that ended before it could say anything.
    pub fn ended_by(status: ExitStatus) -> Life {
        Life {
            caught: Some(Catch::End { how: format!("its process ended: {status}") }),
            reached: true,
            ..Life::default()
        }
    }
}

/// Reads orders, lives by them and says how it went.
pub fn live() -> Result<bool, Failure> {
    let unreadable = |source| Failure::Life { mutant: "orders".to_owned(), source };
    let orders: Orders = serde_json::from_reader(std::io::stdin().lock()).map_err(unreadable)?;
    if let Some(mutant) = &orders.mutant {
        hefu_mutant::chosen::choose(mutant).map_err(|_| Failure::NotChosen(mutant.clone()))?;
    }
    // Panics are caught and told as what they are: a catch.
    std::panic::set_hook(Box::new(|_| {}));
    let started = Instant::now();
    thread::spawn(move || end_with_a_world_that_does_not(started));
    say(through(&orders), started).map_err(unreadable)?;
    Ok(true)
}

fn say(mut life: Life, started: Instant) -> Result<(), serde_json::Error> {
    life.seconds = started.elapsed().as_secs_f64();
    life.reached = hefu_mutant::chosen::was_reached();
    println!("{}", serde_json::to_string(&life)?);
    Ok(())
}

/// A mistake may keep a world at work without end, where no rule of the world can end it.
fn end_with_a_world_that_does_not(started: Instant) {
    loop {
        thread::sleep(Duration::from_millis(500));
        let under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((seed, _)) = under_way.iter().find(|(_, since)| since.elapsed() > LONGEST) else { continue };
        let how = format!("the world of seed {seed} does not end in {} s", LONGEST.as_secs());
        let said =
            say(Life { caught: Some(Catch::End { how }), worlds: seed + 1, ..Life::default() }, started);
        std::process::exit(i32::from(said.is_err()));
    }
}

fn through(orders: &Orders) -> Life {
    let watched = orders.seeds.min(WATCHED);
    let mut life = worlds(0..watched, orders.threads, true);
    if life.caught.is_some() {
        return life;
    }
    if watched == WATCHED
        && let Some((sign, times)) = life.signs.missing_of(&orders.usual)
    {
        life.caught = Some(Catch::Missing { sign, times });
        return life;
    }
    let rest = worlds(watched..orders.seeds, orders.threads, false);
    // What worlds catch is not asked of a check.
    let caught = rest.caught.or_else(checked);
    Life { caught, worlds: life.worlds + rest.worlds, ..life }
}

/// The first of the direct checks that does not hold.
fn checked() -> Option<Catch> {
    checks::ALL.iter().find_map(|(name, check)| {
        let what = match catch_unwind(check) {
            Ok(Ok(())) => return None,
            Ok(Err(what)) => what,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                format!("panics: {}", text.unwrap_or("without words"))
            }
        };
        Some(Catch::Check { name: (*name).to_owned(), what })
    })
}

/// Lives through the worlds of these seeds until one breaks a rule. Every world before that one is lived through, so
/// that the same one is found however many run at a time.
fn worlds(seeds: std::ops::Range<u64>, threads: usize, watch: bool) -> Life {
    let next = AtomicU64::new(seeds.start);
    let end = AtomicU64::new(seeds.end);
    let life = Mutex::new(Life::default());
    let keep = |report: Report, signs: Signs| {
        let mut life = life.lock().unwrap_or_else(PoisonError::into_inner);
        life.signs.add(signs);
        let (seed, Some(found)) = (report.seed, report.violation) else { return };
        let earlier = match &life.caught {
            Some(Catch::Rule { seed: other, .. }) => seed < *other,
            Some(Catch::Missing { .. } | Catch::Check { .. } | Catch::End { .. }) | None => true,
        };
        if earlier {
            end.fetch_min(seed + 1, Ordering::Relaxed);
            life.caught = Some(Catch::Rule { rule: found.rule.to_owned(), seed, what: found.what });
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end.load(Ordering::Relaxed) {
                        return;
                    }
                    under_way(|worlds| worlds.insert(seed, Instant::now()));
                    let (report, signs) = world(seed, watch);
                    under_way(|worlds| worlds.remove(&seed));
                    keep(report, signs);
                }
            });
        }
    });
    let mut life = life.into_inner().unwrap_or_else(PoisonError::into_inner);
    life.worlds = end.into_inner() - seeds.start;
    life
}

fn under_way(change: impl FnOnce(&mut BTreeMap<u64, Instant>) -> Option<Instant>) {
    change(&mut UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner));
}

/// One world, and the signs that it showed if it is watched.
fn world(seed: u64, watch: bool) -> (Report, Signs) {
    let setting = Setting { coverage: watch, ..Setting::of(seed) };
    if !watch {
        return (run(&setting, None), Signs::default());
    }
    let signs = Rc::new(RefCell::new(Signs::default()));
    let seen = Rc::clone(&signs);
    let report = run(&setting, Some(Box::new(move |line: &str| seen.borrow_mut().line(line))));
    let mut signs = signs.take();
    for (_, faults) in report.coverage.rows() {
        for (fault, times) in faults {
            signs.count(format!("a blow of {fault}"), *times);
        }
    }
    (report, signs)
}
