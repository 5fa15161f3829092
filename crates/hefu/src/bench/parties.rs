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

/// Gateway and bank.
pub struct Parties {
    gateway_process: Process,
    _bank: Process,
    pub gateway: SocketAddr,
}

impl Parties {
    /// Starts both, with so many terminals.
    pub async fn start(directory: &Path, terminals: u32) -> Result<Parties, Failure> {
        let (bank, control, gateway) = (free()?, free()?, free()?);
        let config = directory.join("hefu.toml");
        let last = format!("{}", 20_000_000 + terminals);
        let text = crate::config::EXAMPLE
            .replace("127.0.0.1:8583", &gateway.to_string())
            .replace("127.0.0.1:8080", "127.0.0.1:0")
            .replace("127.0.0.1:9583", &bank.to_string())
            .replace("first = \"10000001\"", "first = \"20000001\"")
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
            directory.join("hefu.db").as_os_str(),
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

/// The echo yardstick.
pub struct Echo {
    _process: Process,
    pub address: SocketAddr,
}

impl Echo {
    pub async fn start() -> Result<Echo, Failure> {
        let mut process = start(&["bench".as_ref(), "echo".as_ref()])?;
        let out = process.0.stdout.take().ok_or_else(|| Failure::found("the echo has no output"))?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).map_err(Failure::found)?;
        let address = line
            .trim()
            .parse()
            .map_err(|error| Failure::found(format!("the echo said {line:?}: {error}")))?;
        Ok(Echo { _process: process, address })
    }
}

fn start(args: &[&std::ffi::OsStr]) -> Result<Process, Failure> {
    let program = std::env::current_exe().map_err(Failure::found)?;
    let child = Command::new(program).args(args).stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    Ok(Process(child.map_err(Failure::found)?))
}

/// An address on loopback that nobody listens on at the moment.
fn free() -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(Failure::found)?;
    listener.local_addr().map_err(Failure::found)
}

async fn listens(address: SocketAddr) -> Result<(), Failure> {
    let began = Instant::now();
    while began.elapsed() < STARTS_WITHIN {
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(Failure::found(format!("nobody listens on {address} after {STARTS_WITHIN:?}")))
}
