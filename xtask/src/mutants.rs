//! The proof of the proof: every planted mistake must be caught by a check (`hefu-mutants`).

use crate::{refusal::Refusal, steps, workspace};

/// How long all mistakes should take on two cores, in seconds; building not counted.
pub const BUDGET: u64 = 600;

/// Lints what only the planted mistakes compile, builds `hefu-mutants` and runs it. `extra` goes to it:
/// `--only NAME`, `--seeds N`, `--threads N`. Good when every mistake was caught and nothing was caught without one.
///
/// # Errors
/// When cargo cannot be started.
pub fn run(extra: &[String]) -> Result<bool, Refusal> {
    let planted = ["--package", "hefu", "--features", "mutants", "--release", "--locked"];
    let own = ["--bin", "hefu-mutants"];
    let mut lint = workspace::cargo();
    lint.arg("clippy").args(planted).args(own).args(["--", "-D", "warnings"]);
    let mut make = workspace::cargo();
    make.args(["run", "--quiet"]).args(planted).args(own).arg("--").args(extra);
    Ok(steps::run(&mut lint)? && steps::run(&mut make)?)
}
