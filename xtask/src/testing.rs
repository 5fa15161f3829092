//! `cargo test`, with its output passed on and its results added up.

use crate::refusal::Refusal;
use crate::steps::{cannot_start, pass_on, say};
use std::path::Path;
use std::process::Stdio;

/// How many tests ran, over all test binaries.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    pub passed: u64,
    pub failed: u64,
    pub ignored: u64,
}

impl Total {
    /// Adds the result line of one test binary; any other line changes nothing.
    pub fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for count in counts.split(';') {
            let Some((number, what)) = count.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

/// All tests of the workspace in the one profile, or of the packages that `extra` names with `-p`. The rest
/// of `extra` goes to cargo as it is. `python` is what `setup` left. Good when everything passed and at
/// least one test ran.
///
/// # Errors
/// When cargo cannot be started, or its output cannot be passed on.
pub fn run(extra: &[String], python: Option<&Path>) -> Result<bool, Refusal> {
    let mut command = crate::workspace::cargo();
    command.arg("test").args(scope(extra)).args(["--release", "--locked", "--no-fail-fast"]).args(extra);
    match python {
        Some(python) => command.env("HEFU_PY", python),
        None => command.env_remove("HEFU_PY"),
    };
    command.stdout(Stdio::piped());
    say(&command);
    let mut child = command.spawn().map_err(|source| cannot_start(&command, source))?;
    let output = child.stdout.take().expect("stdout is piped");
    let mut total = Total::default();
    let passed_on = pass_on(output, &mut std::io::stdout(), |line| total.add(line));
    let status = child.wait().map_err(|source| cannot_start(&command, source))?;
    passed_on.map_err(|source| Refusal::File { path: "standard output".into(), source })?;
    println!("tests: {} passed, {} failed, {} skipped", total.passed, total.failed, total.ignored);
    Ok(status.success() && total.passed > 0)
}

/// The whole workspace, unless single packages are asked for: cargo would let `--workspace` win.
fn scope(extra: &[String]) -> Option<&'static str> {
    let ours = extra.iter().take_while(|word| *word != "--");
    let named = ours.clone().any(|word| word.starts_with("-p") || word.starts_with("--package"));
    (!named).then_some("--workspace")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_all_binaries_are_added_up_and_passed_on() {
        let output = "running 2 tests\n\
            test a ... ok\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 5 filtered out; finished in 0.10s\n\
            test result: FAILED. 40 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let mut seen = Vec::new();
        let mut total = Total::default();
        pass_on(output.as_bytes(), &mut seen, |line| total.add(line)).unwrap();
        assert_eq!(String::from_utf8(seen).unwrap(), output);
        assert_eq!(total, Total { passed: 42, failed: 3, ignored: 1 });
    }

    #[test]
    fn the_whole_workspace_is_tested_unless_a_package_is_named() {
        let check = |extra: &[&str], whole: bool| {
            let extra: Vec<String> = extra.iter().map(|&word| word.to_owned()).collect();
            assert_eq!(scope(&extra).is_some(), whole, "{extra:?}");
        };
        check(&[], true);
        check(&["--", "-p"], true);
        check(&["-p", "hefu-tally"], false);
        check(&["--package=hefu-tally"], false);
    }
}
