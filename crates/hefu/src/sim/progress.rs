//! How far a run has come: a bar at a terminal, and a line now and then in a log, which shows no bar.

use crate::{Context, Failure};
use hefu_world::sim::Report;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// How often a log hears of it.
const EVERY: Duration = Duration::from_secs(30);

pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    /// Lines wanted, and how many were said.
    lines: Option<AtomicU64>,
    violations: AtomicU64,
}

impl Progress {
    /// Of so many worlds, when that is known.
    ///
    /// # Errors
    /// The bar's template does not parse.
    pub fn of(context: &Context, worlds: Option<u64>) -> Result<Progress, Failure> {
        let bar = worlds.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let template = match worlds {
            Some(_) => "  {bar:30.green} {pos}/{len} worlds, {per_sec}, {eta} left",
            None => "  {spinner} {pos} worlds, {per_sec}",
        };
        let lines = (bar.is_hidden() && !context.json).then(AtomicU64::default);
        if context.json {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        bar.set_style(ProgressStyle::with_template(template).map_err(Failure::found)?);
        Ok(Progress { bar, started: Instant::now(), lines, violations: AtomicU64::new(0) })
    }

    /// Another world was lived through.
    pub fn lived(&self, report: &Report) {
        self.bar.inc(1);
        if let Some(violation) = &report.violation {
            self.violations.fetch_add(1, Ordering::Relaxed);
            self.bar.suspend(|| eprintln!("{violation}\n  {}", violation.replay()));
        }
        let Some(said) = &self.lines else { return };
        let took = self.started.elapsed();
        let due = took.as_secs() / EVERY.as_secs();
        if said.fetch_max(due, Ordering::Relaxed) < due {
            let violations = self.violations.load(Ordering::Relaxed);
            eprintln!("{}", line(self.bar.position(), self.bar.length(), took, violations));
        }
    }

    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}

fn line(worlds: u64, of: Option<u64>, took: Duration, violations: u64) -> String {
    let of = of.map_or_else(String::new, |of| format!("/{of}"));
    let seconds = took.as_secs_f64();
    let pace = worlds as f64 / seconds.max(0.001);
    format!("  {worlds}{of} worlds in {seconds:.0} s, {pace:.0}/s, {violations} violations")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_hears_how_many_of_how_many_how_fast_and_how_well() {
        let minute = Duration::from_secs(60);
        let cases = [
            (Some(50_000), 1, "  9000/50000 worlds in 60 s, 150/s, 1 violations"),
            (None, 0, "  9000 worlds in 60 s, 150/s, 0 violations"),
        ];
        for (of, violations, expected) in cases {
            assert_eq!(line(9_000, of, minute, violations), expected);
        }
        assert!(
            line(0, None, Duration::ZERO, 0).ends_with("0/s, 0 violations"),
            "nor is it divided by nothing"
        );
    }
}
