//! A program of ours that serves the pages while a browser looks at them.

use crate::{refusal::Refusal, steps};
use std::{
    io::{self, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::atomic::{AtomicU16, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

/// Between two looks at its door.
const PAUSE: Duration = Duration::from_millis(200);

/// The program; it ends when this is dropped.
pub struct Running {
    child: Child,
    console: SocketAddr,
    sign_ins: PathBuf,
}

impl Running {
    /// Starts it and waits for its door, and for the file of its sign-ins. None, having said why, when it does not
    /// open within this time.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(
        mut command: Command,
        console: SocketAddr,
        sign_ins: PathBuf,
        within: Duration,
    ) -> Result<Option<Running>, Refusal> {
        steps::say(&command);
        let child = command.spawn().map_err(|source| steps::cannot_start(&command, source))?;
        let mut running = Running { child, console, sign_ins };
        Ok(running.opens(within).then_some(running))
    }

    fn opens(&mut self, within: Duration) -> bool {
        let start = Instant::now();
        while start.elapsed() < within {
            if let Ok(Some(status)) = self.child.try_wait() {
                println!("the program ended before it opened: {status}");
                return false;
            }
            if TcpStream::connect(self.console).is_ok() && self.sign_ins.exists() {
                return true;
            }
            sleep(PAUSE);
        }
        println!("the program did not open within {} s", within.as_secs());
        false
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.console)
    }

    pub fn sign_ins(&self) -> &Path {
        &self.sign_ins
    }

    /// Lets it go on: a line on its standard input, if that is ours.
    pub fn go_on(&mut self) -> bool {
        let written = self.child.stdin.as_mut().map(|input| writeln!(input).and_then(|()| input.flush()));
        matches!(written, Some(Ok(())))
    }

    /// Waits until it has ended, and says whether well.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub fn ends(mut self) -> Result<bool, Refusal> {
        let ended = self.child.wait();
        Ok(ended.map_err(|source| Refusal::Start { program: "hefu".to_owned(), source })?.success())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let ended = match self.child.try_wait() {
            Ok(Some(_)) => return,
            Ok(None) | Err(_) => self.child.kill().and_then(|()| self.child.wait()),
        };
        if let Err(error) = ended {
            println!("the program could not be ended: {error}");
        }
    }
}

/// An address of this machine that nobody uses, another one each time, with three ports below it left for what belongs
/// to it (a demonstration's bank has its control port there). Its port lies below those that the system hands out for
/// outgoing connections, so that it is still free when the program takes it.
///
/// # Errors
/// There is none.
pub fn free_address() -> Result<SocketAddr, Refusal> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 9_000).expect("less than 9,000");
    let mut refusal = io::Error::other("no port between 20000 and 32000 is free");
    for _ in 0..1_000 {
        let port = 20_003 + (first + NEXT.fetch_add(4, Ordering::Relaxed)) % 11_996;
        match TcpListener::bind(("127.0.0.1", port)).and_then(|listener| listener.local_addr()) {
            Ok(address) => return Ok(address),
            Err(error) => refusal = error,
        }
    }
    Err(Refusal::File { path: "127.0.0.1".into(), source: refusal })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Stdio;

    /// A program of the shell's, and the file that it makes when it is ready.
    fn shell(script: &str, name: &str) -> (Command, PathBuf) {
        let ready = std::env::temp_dir().join(format!("hefu-running-{}-{name}", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]).arg(&ready).stdin(Stdio::piped());
        (command, ready)
    }

    #[test]
    fn a_program_opens_when_its_door_and_its_sign_ins_are_there_and_goes_on_when_it_is_told_to() {
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let (command, ready) = shell("echo here > \"$1\"; read first; read second", "opens");
        let within = Duration::from_secs(60);
        let running = Running::start(command, door.local_addr().unwrap(), ready.clone(), within).unwrap();
        let mut running = running.expect("it opens");
        assert!(running.sign_ins().exists() && running.url().starts_with("http://127.0.0.1:"));
        assert!(running.go_on());
        assert!(running.go_on());
        assert!(running.ends().unwrap());
        std::fs::remove_file(ready).unwrap();
    }

    #[test]
    fn a_program_that_ends_before_it_opens_is_not_waited_for() {
        let (command, ready) = shell("exit 3", "ends");
        let closed = free_address().unwrap();
        let running = Running::start(command, closed, ready, Duration::from_secs(3_600)).unwrap();
        assert!(running.is_none());
    }
}
