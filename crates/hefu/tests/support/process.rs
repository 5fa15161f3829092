//! Other programs: started, listened to, killed. Every wait ends.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

/// The longest that anything is waited for which should come at once.
pub const SOON: Duration = Duration::from_secs(60);

/// So many lines of a program are shown when a test fails.
const LAST_LINES: usize = 6;
/// And so many characters of each.
const LINE_SHOWN: usize = 200;

/// A program that runs until it is killed, at the latest when this is dropped.
pub struct Process {
    name: String,
    child: Child,
    said: Arc<Said>,
}

/// What it wrote so far, line by line.
#[derive(Default)]
struct Said {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

impl Process {
    pub fn start(name: &str, command: &mut Command) -> Process {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let said = Arc::new(Said::default());
        listen(child.stdout.take().expect("piped above"), "", &said);
        listen(child.stderr.take().expect("piped above"), "! ", &said);
        Process { name: name.to_owned(), child, said }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes a line to its standard input.
    pub fn write(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("piped at the start");
        let written = writeln!(stdin, "{line}").and_then(|()| stdin.flush());
        written
            .unwrap_or_else(|error| panic!("{} takes nothing any more: {error}\n{}", self.name, self.told()));
    }

    /// Waits for the next line after `place` lines that `is_it` likes; gives it, and the number of lines up to it.
    pub fn wait_for(&self, place: usize, within: Duration, is_it: impl Fn(&str) -> bool) -> (usize, String) {
        let until = Instant::now() + within;
        let mut lines = self.said.lines.lock().expect("nobody panics while holding it");
        let mut at = place;
        loop {
            while at < lines.len() {
                at += 1;
                if is_it(&lines[at - 1]) {
                    return (at, lines[at - 1].clone());
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let told = lines.join("\n");
                panic!("{} did not say in {within:?} what was waited for; it said:\n{told}", self.name);
            }
            (lines, _) = self.said.more.wait_timeout(lines, left).expect("nobody panics while holding it");
        }
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Everything that it wrote.
    pub fn told(&self) -> String {
        self.said.lines.lock().expect("nobody panics while holding it").join("\n")
    }

    /// Kills it without a word (SIGKILL), and waits until it is gone.
    pub fn kill(&mut self) {
        // An error means that it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            let told = self.told();
            let lines: Vec<_> = told.lines().collect();
            let shown = &lines[lines.len().saturating_sub(LAST_LINES)..];
            let shown = shown.iter().map(|line| line.chars().take(LINE_SHOWN).collect::<String>());
            eprintln!("--- {} said last:\n{}\n---", self.name, shown.collect::<Vec<_>>().join("\n"));
        }
    }
}

fn listen(from: impl Read + Send + 'static, mark: &'static str, said: &Arc<Said>) {
    let said = Arc::clone(said);
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            said.lines.lock().expect("nobody panics while holding it").push(format!("{mark}{line}"));
            said.more.notify_all();
        }
    });
}

/// What a program that ended by itself left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Its standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("no JSON: {error}\n{self:?}"))
    }
}

/// Runs a program to its end.
pub fn run(command: &mut Command, input: &str) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    // A program that does not read its input closes it; that is no fault.
    let _ = child.stdin.take().expect("piped above").write_all(input.as_bytes());
    let out = collect(child.stdout.take().expect("piped above"));
    let err = collect(child.stderr.take().expect("piped above"));
    let until = Instant::now() + SOON;
    let status = loop {
        if let Some(status) = child.try_wait().expect("it is our child") {
            break status;
        }
        if Instant::now() > until {
            let _ = child.kill();
            panic!("{command:?} did not end in {SOON:?}");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let joined = |collected: thread::JoinHandle<String>| collected.join().expect("reading does not panic");
    Ran { code: status.code(), out: joined(out), err: joined(err) }
}

fn collect(mut from: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        let _ = from.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    })
}
