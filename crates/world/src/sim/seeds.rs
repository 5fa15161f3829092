//! Many worlds, one on each core.

use super::{Coverage, Crash, Healing, Report, Setting, Violation, run};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

/// Told after each world.
pub type Progress<'a> = &'a (dyn Fn(&Report) + Sync);

/// Several worlds together.
#[derive(Clone, Default, Debug)]
pub struct Sum {
    pub worlds: u64,
    pub events: u64,
    pub outputs: u64,
    pub crashes: u64,
    pub payments: u64,
    /// Milliseconds.
    pub simulated: i64,
    pub coverage: Coverage,
    pub healing: Healing,
    /// By seed.
    pub violations: Vec<Violation>,
}

impl Sum {
    fn add(&mut self, report: Report) {
        self.worlds += 1;
        self.events += report.events;
        self.outputs += report.outputs;
        self.crashes += u64::from(report.crashes);
        self.payments += report.payments;
        self.simulated += report.simulated;
        self.coverage.add(&report.coverage);
        self.healing.add(&report.healing);
        self.violations.extend(report.violation);
    }

    /// Adds another sum to this one.
    pub fn add_all(&mut self, other: Sum) {
        self.worlds += other.worlds;
        self.events += other.events;
        self.outputs += other.outputs;
        self.crashes += other.crashes;
        self.payments += other.payments;
        self.simulated += other.simulated;
        self.coverage.add(&other.coverage);
        self.healing.add(&other.healing);
        self.violations.extend(other.violations);
    }
}

/// Lives through the worlds, `threads` at a time.
pub fn many(worlds: &[Setting], threads: usize, progress: Progress<'_>) -> Sum {
    let next = AtomicU64::new(0);
    let failed = AtomicBool::new(false);
    let sum = Mutex::new(Sum::default());
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some(setting) = worlds.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    let report = run(setting, None);
                    progress(&report);
                    match sum.lock() {
                        Ok(mut sum) => sum.add(report),
                        // Another thread panicked while adding up; the scope says so.
                        Err(_) => failed.store(true, Ordering::Relaxed),
                    }
                }
            });
        }
    });
    assert!(!failed.load(Ordering::Relaxed), "sums are not added up in panic");
    let mut sum = sum.into_inner().unwrap_or_default();
    sum.violations.sort_by_key(|violation| violation.setting.seed);
    sum
}

/// Lives through a world once without a crash of the gateway, and then once for each output of its engine, up to
/// `most` of them spread over the whole, crashing there. Its other faults go on as they are, unless it is calm.
pub fn crash_at_every(base: &Setting, most: u64, threads: usize, progress: Progress<'_>) -> Sum {
    let first = run(&Setting { crash: Crash::Never, ..base.clone() }, None);
    progress(&first);
    let outputs = first.outputs;
    let step = outputs.div_ceil(most.max(1)).max(1);
    let worlds: Vec<Setting> = (0..outputs)
        .step_by(usize::try_from(step).unwrap_or(usize::MAX))
        .map(|index| Setting { crash: Crash::At(index), ..base.clone() })
        .collect();
    let mut sum = many(&worlds, threads, progress);
    sum.add(first);
    sum
}
