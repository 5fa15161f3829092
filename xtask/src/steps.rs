//! Steps of a task, one after the other: each is announced, timed and remembered, and a table closes them.

use crate::refusal::Refusal;
use std::io::{BufRead, BufReader, PipeReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What a task did, step by step. A step that fails, or cannot even begin, does not keep later ones from
/// running, so one run shows everything that is wrong.
#[derive(Debug, Default)]
pub struct Steps {
    done: Vec<Done>,
}

#[derive(Debug)]
struct Done {
    name: String,
    took: Duration,
    budget: Option<Duration>,
    good: bool,
}

impl Steps {
    /// Runs `work`, which says whether it went well. `budget` is how long the step should take at most on
    /// two cores; to pass it fails nothing, but the table shows it.
    pub fn step(
        &mut self,
        name: &str,
        budget: Option<Duration>,
        work: impl FnOnce() -> Result<bool, Refusal>,
    ) {
        println!("== {name}");
        let start = Instant::now();
        let good = work().unwrap_or_else(|refusal| {
            println!("{refusal}");
            false
        });
        let done = Done { name: name.to_owned(), took: start.elapsed(), budget, good };
        println!("== {name}: {}, {:.1} s", done.verdict(), done.took.as_secs_f64());
        self.done.push(done);
    }

    /// Whether every step went well.
    pub fn all_good(&self) -> bool {
        self.done.iter().all(|step| step.good)
    }

    /// The table: step, seconds, budget in seconds, verdict.
    pub fn table(&self) -> String {
        let mut table = format!("{:<28} {:>9} {:>9}\n", "step", "seconds", "budget");
        for step in &self.done {
            let budget = step.budget.map_or_else(|| "-".to_owned(), |budget| budget.as_secs().to_string());
            let (name, took, verdict) = (&step.name, step.took.as_secs_f64(), step.verdict());
            table.push_str(&format!("{name:<28} {took:>9.1} {budget:>9}  {verdict}\n"));
        }
        table
    }
}

impl Done {
    fn verdict(&self) -> &'static str {
        match (self.good, self.budget.is_some_and(|budget| self.took > budget)) {
            (true, false) => "good",
            (true, true) => "good, over its budget",
            (false, _) => "FAILED",
        }
    }
}

/// Runs a command with our own output, and says whether it went well.
///
/// # Errors
/// When it cannot be started.
pub fn run(command: &mut Command) -> Result<bool, Refusal> {
    say(command);
    Ok(command.status().map_err(|source| cannot_start(command, source))?.success())
}

/// Starts a command whose output and errors come back in one stream, in the order in which they were written. The
/// stream ends when the command, and whatever it left running, has ended.
///
/// # Errors
/// When it cannot be started.
pub fn start_piped(command: &mut Command) -> Result<(Child, PipeReader), Refusal> {
    let mut piped = || {
        let (output, input) = std::io::pipe()?;
        Ok((command.stdout(input.try_clone()?).stderr(input).spawn()?, output))
    };
    let started = piped();
    // The command holds our end of the pipe, which would never end.
    command.stdout(Stdio::inherit()).stderr(Stdio::inherit());
    started.map_err(|source| cannot_start(command, source))
}

/// Passes every line on as it comes, and has `hear` hear it.
///
/// # Errors
/// When it cannot be read or written.
pub fn pass_on(from: impl Read, to: &mut impl Write, mut hear: impl FnMut(&str)) -> std::io::Result<()> {
    for line in BufReader::new(from).split(b'\n') {
        let line = line?;
        to.write_all(&line)?;
        to.write_all(b"\n")?;
        to.flush()?;
        hear(&String::from_utf8_lossy(&line));
    }
    Ok(())
}

/// Shows the command that is about to run.
pub fn say(command: &Command) {
    println!("$ {}", shown(command));
}

/// The refusal for a command that did not start.
pub fn cannot_start(command: &Command, source: std::io::Error) -> Refusal {
    Refusal::Start { program: command.get_program().to_string_lossy().into_owned(), source }
}

fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_step_fails_the_task_but_the_others_still_run() {
        let refused = || Err(Refusal::NoBenchmark);
        let mut steps = Steps::default();
        steps.step("first", Some(Duration::from_secs(3600)), || Ok(false));
        steps.step("second", Some(Duration::ZERO), || Ok(true));
        steps.step("third", None, refused);
        steps.step("fourth", None, || Ok(true));
        assert!(!steps.all_good());
        let table = steps.table();
        let verdicts: Vec<_> = table.lines().skip(1).map(|line| line.split_at(49).1.trim()).collect();
        assert_eq!(verdicts, ["FAILED", "good, over its budget", "FAILED", "good"]);
    }

    #[test]
    fn a_command_is_shown_without_the_folder_of_its_program() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["fmt", "--all"]);
        assert_eq!(shown(&command), "cargo fmt --all");
    }

    #[test]
    fn a_program_that_is_not_there_is_refused_by_name() {
        let refusal = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(refusal.to_string().starts_with("no-such-program-here cannot be started"));
    }
}
