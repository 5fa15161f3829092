//! The terminal in Python, which shares nothing with the program but the specification.

use super::{
    process::{Process, SOON},
    world::World,
};
use serde_json::{Value, json};
use std::{path::PathBuf, process::Command};

/// A folder of Python files.
const PEER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peer");

pub struct Peer {
    process: Process,
    /// Lines of the process that were read.
    place: usize,
}

impl Peer {
    /// A terminal, switched on but not signed on.
    pub fn start(world: &World, terminal: &str) -> Peer {
        let mut command = python("terminal.py");
        command.args(["--gateway", &world.gateway_address(), "--terminal", terminal]);
        command.args(["--patience", &SOON.as_secs().to_string()]);
        Peer { process: Process::start(&format!("terminal {terminal}"), &mut command), place: 0 }
    }

    /// A terminal that has signed on, and got keys whose check values are right.
    pub fn signed_on(world: &World, terminal: &str) -> Peer {
        let mut peer = Peer::start(world, terminal);
        let heard = peer.ask(json!({"do": "sign_on"}));
        assert_eq!(heard["code"], "00", "{heard}");
        peer
    }

    /// Gives a command, and hears its result, in which nothing may be wrong.
    pub fn ask(&mut self, command: Value) -> Value {
        self.begin(&command);
        self.end()
    }

    /// Gives a command without waiting.
    pub fn begin(&mut self, command: &Value) {
        self.process.write(&command.to_string());
    }

    /// Hears the result of the command that was begun.
    pub fn end(&mut self) -> Value {
        let within = SOON + SOON;
        let (place, line) = self.process.wait_for(self.place, within, |line| !line.is_empty());
        self.place = place;
        let heard: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("the terminal has broken down:\n{}", self.process.told()));
        let all = std::iter::once(&heard).chain(heard["uploads"].as_array().into_iter().flatten());
        for one in all {
            let problems = one["problems"].as_array().map_or(0, Vec::len);
            assert_eq!(problems, 0, "the answer is not as the dialect says: {one}");
        }
        heard
    }
}

/// Clients in Python that mean harm.
pub struct Crowd {
    process: Process,
    place: usize,
}

impl Crowd {
    pub fn start(world: &World) -> Crowd {
        let mut command = python("crowd.py");
        command.args(["--gateway", &world.gateway_address()]);
        Crowd { process: Process::start("the crowd", &mut command), place: 0 }
    }

    pub fn ask(&mut self, command: &Value) -> Value {
        self.begin(command);
        self.end()
    }

    pub fn begin(&mut self, command: &Value) {
        self.process.write(&command.to_string());
    }

    pub fn end(&mut self) -> Value {
        let (place, line) = self.process.wait_for(self.place, 3 * SOON, |line| !line.is_empty());
        self.place = place;
        serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("the crowd broke down:\n{}", self.process.told()))
    }
}

/// Python with the packages of `cargo xtask setup`, and one of our files to run.
pub fn python(file: &str) -> Command {
    let named = std::env::var_os("HEFU_PY").map(PathBuf::from);
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/py/bin/python");
    let python = named.unwrap_or_else(|| PathBuf::from(usual));
    assert!(python.exists(), "{}: not there; run `cargo xtask setup`", python.display());
    let mut command = Command::new(python);
    command.args(["-B", "-u"]).arg(PathBuf::from(PEER).join(file));
    command
}
