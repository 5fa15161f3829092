//! The processes of a measurement: gateway, bank, echo; killed when they are dropped.

use crate::Failure;
use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a process may take until it listens.
const STARTS_WITHIN: Duration = Duration::from_secs(20);

/// A directory of its own, removed when dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Result<Scratch, Failure> {
        let mut chance = [0; 8];
        getrandom::fill(&mut chance).map_err(Failure::found)?;
        let path = std::env::temp_dir().join(format!("hefu-bench-{}", hex::encode(chance)));
        std::fs::create_dir(&path).map_err(Failure::found)?;
        Ok(Scratch(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed lies in the system's temporary directory, where it is removed later.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // A process that has ended already cannot be killed, and need not be.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Terminals with numbers that follow one another.
#[derive(Copy, Clone)]
pub struct Terminals {
    pub first: u32,
    pub count: u32,
}

impl Terminals {
    pub fn new(count: u32) -> Terminals {
        Terminals { first: 20_000_001, count }
    }

    /// Numbers that a store which was used before has hardly seen.
    pub fn fresh(count: u32) -> Result<Terminals, Failure> {
        let mut chance = [0; 4];
        getrandom::fill(&mut chance).map_err(Failure::found)?;
        Ok(Terminals { first: 20_000_001 + u32::from_be_bytes(chance) % 70_000_000, count })
    }

    pub fn numbers(self) -> std::ops::Range<u32> {
        self.first..self.first + self.count
    }
}

/// Gateway and bank.
pub struct Parties {
    gateway_process: Process,
    _bank: Process,
    pub gateway: SocketAddr,
}

impl Parties {
    /// Starts both over a store, the console at this address.
    pub async fn start(
        directory: &Path,
        store: &Path,
        terminals: Terminals,
        console: SocketAddr,
    ) -> Result<Parties, Failure> {
        let (bank, control, gateway) = (free()?, free()?, free()?);
        let config = directory.join("hefu.toml");
        let (first, last) = (terminals.first, terminals.first + terminals.count - 1);
        let text = crate::config::EXAMPLE
            .replace("127.0.0.1:8583", &gateway.to_string())
            .replace("127.0.0.1:8080", &console.to_string())
            .replace("127.0.0.1:9583", &bank.to_string())
            .replace("first = \"10000001\"", &format!("first = \"{first}\""))
            .replace("last = \"10000015\"", &format!("last = \"{last}\""));
        std::fs::write(&config, text).map_err(Failure::found)?;
        let bank_process = start(&[
            "world".as_ref(),
            "bank".as_ref(),
            "--listen".as_ref(),
            bank.to_string().as_ref(),
            "--control".as_ref(),
            control.to_string().as_ref(),
            "--book".as_ref(),
            directory.join("bank.jsonl").as_os_str(),
        ])?;
        let gateway_process = start(&[
            "serve".as_ref(),
            "--config".as_ref(),
            config.as_os_str(),
            "--store".as_ref(),
            store.as_os_str(),
        ])?;
        listens(bank).await?;
        listens(gateway).await?;
        Ok(Parties { gateway_process, _bank: bank_process, gateway })
    }

    /// The gateway's largest resident memory so far.
    pub fn peak_megabytes(&self) -> Result<u64, Failure> {
        let path = format!("/proc/{}/status", self.gateway_process.0.id());
        let status =
            std::fs::read_to_string(&path).map_err(|error| Failure::found(format!("{path}: {error}")))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.map(|kb| kb / 1_024).ok_or_else(|| Failure::found(format!("{path}: no VmHWM")))
    }
}

/// The other side of a yardstick, which says first where it listens.
pub struct Yardstick {
    _process: Process,
    pub address: SocketAddr,
}

impl Yardstick {
    /// `hefu bench <which>`.
    pub fn start(which: &str) -> Result<Yardstick, Failure> {
        let mut process = start(&["bench".as_ref(), which.as_ref()])?;
        let out = process.0.stdout.take().ok_or_else(|| Failure::found("the yardstick has no output"))?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).map_err(Failure::found)?;
        let address = line
            .trim()
            .parse()
            .map_err(|error| Failure::found(format!("the yardstick said {line:?}: {error}")))?;
        Ok(Yardstick { _process: process, address })
    }
}

fn start(args: &[&std::ffi::OsStr]) -> Result<Process, Failure> {
    let program = std::env::current_exe().map_err(Failure::found)?;
    let child = Command::new(program).args(args).stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    Ok(Process(child.map_err(Failure::found)?))
}

/// An address on loopback that nobody listens on at the moment.
pub fn free() -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(Failure::found)?;
    listener.local_addr().map_err(Failure::found)
}

pub async fn listens(address: SocketAddr) -> Result<(), Failure> {
    let began = Instant::now();
    while began.elapsed() < STARTS_WITHIN {
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(Failure::found(format!("nobody listens on {address} after {STARTS_WITHIN:?}")))
}
