//! What failed, said once more at the end: of a long run often only the end of its output is kept.

use crate::refusal::Refusal;
use crate::steps::{cannot_start, pass_on, start_piped};
use std::collections::VecDeque;
use std::process::Command;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// Tells the task that its output is being heard.
const HEARD: &str = "HEFU_XTASK_HEARD";
/// The last lines of a failed step that are said again, and the lines before them that name a failure.
const LAST: usize = 40;
const NAMED: usize = 20;
/// Longer lines are cut, in characters.
const WIDTH: usize = 160;
/// How long the output of a task that has ended may still come.
const LEFT_OVER: Duration = Duration::from_secs(10);
/// What a line that names a failure has in it: cargo's tests, a panic, the browser's tests, the compiler.
const NAMES: [&str; 4] = ["FAILED", "panicked at", "  ✘ ", "error:"];

/// Does `task` in a process of its own, passes its output on, and repeats at the end what its failed steps said last.
///
/// # Errors
/// The process cannot be started, or its output cannot be passed on.
pub fn hear(task: impl FnOnce() -> bool) -> Result<bool, Refusal> {
    if std::env::var_os(HEARD).is_some() {
        return Ok(task());
    }
    let this = std::env::current_exe().map_err(|source| Refusal::File { path: "xtask".into(), source })?;
    let mut command = Command::new(this);
    command.args(std::env::args_os().skip(1)).env(HEARD, "1");
    let (mut child, output) = start_piped(&mut command)?;
    let words = Arc::new(Mutex::new(LastWords::default()));
    let (tells, told) = mpsc::channel();
    let heard = Arc::clone(&words);
    thread::spawn(move || {
        let hear = |line: &str| heard.lock().expect("nobody panics with it").line(line);
        tells.send(pass_on(output, &mut std::io::stdout(), hear))
    });
    let status = child.wait().map_err(|source| cannot_start(&command, source))?;
    match told.recv_timeout(LEFT_OVER) {
        Ok(passed_on) => {
            passed_on.map_err(|source| Refusal::File { path: "standard output".into(), source })?;
        }
        Err(_) => println!("something that was started still runs, and may write here"),
    }
    print!("{}", words.lock().expect("nobody panics with it").of_the_failed());
    Ok(status.success())
}

/// Listens to the output of [`crate::steps::Steps`].
#[derive(Debug, Default)]
struct LastWords {
    now: Option<Step>,
    failed: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: String,
    named: Vec<String>,
    last: VecDeque<String>,
}

impl LastWords {
    fn line(&mut self, line: &str) {
        let heading = line.strip_prefix("== ");
        match (&mut self.now, heading) {
            (None, Some(name)) => {
                self.now = Some(Step { name: name.to_owned(), named: Vec::new(), last: VecDeque::new() });
            }
            (None, None) => {}
            (Some(step), _) => {
                let verdict = heading
                    .and_then(|text| text.strip_prefix(step.name.as_str()))
                    .and_then(|rest| rest.strip_prefix(": "));
                match verdict {
                    None => step.line(line),
                    Some(verdict) => {
                        let ended = self.now.take().filter(|_| verdict.starts_with("FAILED"));
                        self.failed.extend(ended);
                    }
                }
            }
        }
    }

    /// Nothing when no step failed.
    fn of_the_failed(&self) -> String {
        let mut said = String::new();
        for step in &self.failed {
            said.push_str(&format!("\n== {} FAILED. It said:\n", step.name));
            for line in step.named.iter().chain(&step.last) {
                said.push_str(&format!("  {line}\n"));
            }
        }
        if !self.failed.is_empty() {
            let names: Vec<_> = self.failed.iter().map(|step| step.name.as_str()).collect();
            said.push_str(&format!("\nfailed: {}\n", names.join("; ")));
        }
        said
    }
}

impl Step {
    fn line(&mut self, line: &str) {
        self.last.push_back(line.trim_end().chars().take(WIDTH).collect());
        if self.last.len() > LAST {
            let left = self.last.pop_front().expect("it holds more than one");
            if self.named.len() < NAMED && NAMES.iter().any(|name| left.contains(name)) {
                self.named.push(left);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(output: &str, repeated: &str) {
        let mut words = LastWords::default();
        let mut passed = Vec::new();
        pass_on(output.as_bytes(), &mut passed, |line| words.line(line)).unwrap();
        assert_eq!(String::from_utf8(passed).unwrap(), output);
        assert_eq!(words.of_the_failed(), repeated);
    }

    #[test]
    fn what_went_well_is_not_said_again() {
        check("== lints\nerror: none\n== lints: good, 1.0 s\nstep seconds\n", "");
    }

    #[test]
    fn a_failed_step_is_said_again_under_its_name() {
        let output =
            "== a\none\n== a: good, 1.0 s\n== b\n== c: FAILED, 1.0 s\ntwo\n== b: FAILED, 2.0 s\nthree\n";
        check(output, "\n== b FAILED. It said:\n  == c: FAILED, 1.0 s\n  two\n\nfailed: b\n");
    }

    #[test]
    fn of_a_long_output_the_end_is_said_again_and_what_names_a_failure() {
        let lines = |from: usize, to: usize| (from..to).map(|n| format!("  line {n}\n")).collect::<String>();
        let output = format!("== b\ntest x ... FAILED\n{}== b: FAILED, 2.0 s\n", lines(0, 100));
        let repeated = lines(60, 100).replace("  line", "    line");
        check(&output, &format!("\n== b FAILED. It said:\n  test x ... FAILED\n{repeated}\nfailed: b\n"));
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let output = format!("== b\n{}\n== b: FAILED, 2.0 s\n", "符".repeat(WIDTH + 1));
        check(&output, &format!("\n== b FAILED. It said:\n  {}\n\nfailed: b\n", "符".repeat(WIDTH)));
    }
}
