//! The processes: gateway and bank, each the real program; killed, started again, and looked at from outside.

use crate::Failure;
use hefu_node::clock::{Clock, ScaledClock};
use hefu_store::{SqliteStore, Store};
use hefu_tally::{Moment, time::MINUTE};
use hefu_world::bank::{Book, Event, Line};
use std::{
    fs::{File, OpenOptions},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a process may take until it listens.
const STARTS_WITHIN: Duration = Duration::from_secs(60);
/// How long the bank may take to show its book.
const BOOK_WITHIN: Duration = Duration::from_secs(60);
/// The longest book that is read.
const BOOK_BYTES: u64 = 1 << 30;
/// So much of a log's end is shown.
const LOG_SHOWN: usize = 2_000;

/// Where everything of a run lies.
pub struct Place {
    pub directory: PathBuf,
    pub scale: u32,
    ports: Ports,
}

/// Below those that the system hands out for outgoing connections, so that a killed process gets its own again.
struct Ports {
    gateway: SocketAddr,
    bank: SocketAddr,
    control: SocketAddr,
    bank_proxy: SocketAddr,
}

/// Which process.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Party {
    Gateway,
    Bank,
}

impl Party {
    pub fn name(self) -> &'static str {
        match self {
            Party::Gateway => "gateway",
            Party::Bank => "bank",
        }
    }
}

impl Place {
    /// Writes the configuration, and sets both clocks to the beginning of a business day, so that no run meets the
    /// day cut by the hour at which it happens to be started.
    pub fn prepare(directory: PathBuf, scale: u32) -> Result<Place, Failure> {
        std::fs::create_dir_all(directory.join("terminals")).map_err(Failure::found)?;
        let place = Place { directory, scale, ports: Ports::free()? };
        let config = crate::config::EXAMPLE
            .replace("127.0.0.1:8583", &place.ports.gateway.to_string())
            .replace("127.0.0.1:8080", "127.0.0.1:0")
            .replace("127.0.0.1:9583", &place.ports.bank_proxy.to_string());
        std::fs::write(place.config(), config).map_err(Failure::found)?;
        place.begin_the_day()?;
        Ok(place)
    }

    /// The place of a run that is over, for looking at.
    pub fn kept(directory: PathBuf, scale: u32) -> Result<Place, Failure> {
        let place = Place { directory, scale, ports: Ports::free()? };
        match place.config().exists() {
            true => Ok(place),
            false => Err(Failure::misuse(format!("{}: no run was kept there", place.directory.display()))),
        }
    }

    pub fn store(&self) -> PathBuf {
        self.directory.join("hefu.db")
    }

    /// Where terminal `number` keeps its memory.
    pub fn memory(&self, number: u32) -> PathBuf {
        self.directory.join("terminals").join(format!("{}.state", 10_000_000 + number))
    }

    pub fn gateway(&self) -> SocketAddr {
        self.ports.gateway
    }

    /// Where the bank listens; the gateway knows only the proxy before it.
    pub fn bank(&self) -> SocketAddr {
        self.ports.bank
    }

    pub fn bank_proxy(&self) -> SocketAddr {
        self.ports.bank_proxy
    }

    /// The gateway's present moment.
    pub fn now(&self) -> Result<Moment, Failure> {
        let mut store = crate::open::open(&self.store())?;
        let row = store.meta(crate::serve::ANCHOR).map_err(Failure::found)?;
        let (anchor, scale) = row
            .as_deref()
            .and_then(crate::serve::parse_anchor)
            .ok_or_else(|| Failure::found("the store has no clock"))?;
        Ok(ScaledClock::new(anchor, scale).now())
    }

    /// Starts a party; what it says goes to its log.
    pub fn start(&self, party: Party) -> Result<Process, Failure> {
        let log = self.log(party);
        let log = OpenOptions::new().create(true).append(true).open(&log).map_err(Failure::found)?;
        let mut command = self.command()?;
        match party {
            Party::Gateway => command.arg("serve"),
            Party::Bank => command
                .args(["world", "bank", "--listen", &self.ports.bank.to_string()])
                .args(["--control", &self.ports.control.to_string(), "--book"])
                .arg(self.directory.join("bank.jsonl")),
        };
        let both = |log: &File| log.try_clone().map(Stdio::from).map_err(Failure::found);
        command.stdin(Stdio::null()).stdout(both(&log)?).stderr(both(&log)?);
        Ok(Process { party, child: command.spawn().map_err(Failure::found)? })
    }

    /// Runs a subcommand against the store of this run, to its end.
    pub fn hefu(&self, args: &[&str]) -> Result<std::process::Output, Failure> {
        self.command()?.args(args).output().map_err(Failure::found)
    }

    /// Waits until a party listens.
    pub async fn listens(&self, party: Party) -> Result<(), Failure> {
        let address = match party {
            Party::Gateway => self.ports.gateway,
            Party::Bank => self.ports.bank,
        };
        let began = Instant::now();
        while began.elapsed() < STARTS_WITHIN {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let log = self.end_of_log(party);
        Err(Failure::found(format!("the {} does not listen after {STARTS_WITHIN:?}:\n{log}", party.name())))
    }

    /// The bank's own book, from its control port.
    pub async fn book(&self) -> Result<Book, Failure> {
        let url = format!("http://{}/book", self.ports.control);
        let read = move || -> Result<Book, Failure> {
            let agent = ureq::Agent::config_builder().timeout_global(Some(BOOK_WITHIN)).build().new_agent();
            let mut answer = agent.get(&url).call().map_err(Failure::found)?;
            let text = answer.body_mut().with_config().limit(BOOK_BYTES).read_to_string();
            serde_json::from_str(&text.map_err(Failure::found)?).map_err(Failure::found)
        };
        tokio::task::spawn_blocking(read).await.map_err(Failure::found)?
    }

    /// What a party said last.
    pub fn end_of_log(&self, party: Party) -> String {
        let text = std::fs::read(self.log(party)).unwrap_or_default();
        String::from_utf8_lossy(&text[text.len().saturating_sub(LOG_SHOWN)..]).into_owned()
    }

    fn log(&self, party: Party) -> PathBuf {
        self.directory.join(format!("{}.log", party.name()))
    }

    fn config(&self) -> PathBuf {
        self.directory.join("hefu.toml")
    }

    fn command(&self) -> Result<Command, Failure> {
        let mut command = Command::new(std::env::current_exe().map_err(Failure::found)?);
        command.arg("--config").arg(self.config()).arg("--store").arg(self.store());
        command.args(["--time-scale", &self.scale.to_string()]);
        command.env_remove("HEFU_MASTER_KEY");
        Ok(command)
    }

    /// A clock shows its anchor at the anchor, and runs `scale` times as fast since.
    fn begin_the_day(&self) -> Result<(), Failure> {
        if self.scale < 2 {
            return Err(Failure::misuse("only a scaled clock can be ahead: --time-scale 2 or more"));
        }
        let wall = ScaledClock::wall();
        let begins = wall.business_day().cut().after(30 * MINUTE);
        let anchor = wall.after(-(begins.since(wall) / i64::from(self.scale - 1)));
        let line = Line { at: anchor, events: vec![Event::Opened { anchor }] };
        let line = serde_json::to_string(&line).map_err(Failure::found)?;
        std::fs::write(self.directory.join("bank.jsonl"), format!("{line}\n")).map_err(Failure::found)?;
        let mut store = SqliteStore::open(&self.store()).map_err(Failure::found)?;
        let row = format!("{} {}", anchor.0, self.scale);
        store.set_meta(crate::serve::ANCHOR, row.as_bytes()).map_err(Failure::found)
    }
}

impl Ports {
    fn free() -> Result<Ports, Failure> {
        // By chance, so that two runs that begin together do not look at the same ports.
        let mut chance = [0; 2];
        getrandom::fill(&mut chance).map_err(Failure::found)?;
        let first = u16::from_be_bytes(chance) % 12_000;
        let mut ports = (0..9_000_u16)
            .map(|step| 20_000 + (first + step) % 12_000)
            .map(|port| SocketAddr::from(([127, 0, 0, 1], port)))
            .filter(|address| TcpListener::bind(address).is_ok());
        let mut next = || ports.next().ok_or_else(|| Failure::found("no free port from 20000 to 32000"));
        Ok(Ports { gateway: next()?, bank: next()?, control: next()?, bank_proxy: next()? })
    }
}

/// A party that runs; killed when it is dropped.
pub struct Process {
    party: Party,
    child: Child,
}

impl Process {
    /// Kills it without a word (SIGKILL) and waits until it is gone. A party that has stopped by itself is a find.
    pub fn kill(mut self, place: &Place) -> Result<(), Failure> {
        if let Some(status) = self.child.try_wait().map_err(Failure::found)? {
            let (name, log) = (self.party.name(), place.end_of_log(self.party));
            return Err(Failure::found(format!(
                "the {name} has stopped by itself, {status}; it said last:\n{log}"
            )));
        }
        self.child.kill().map_err(Failure::found)?;
        self.child.wait().map_err(Failure::found)?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A process that has ended already cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The directory of a run: named by the caller and kept, or made up and removed when all was well.
pub fn directory(keep: Option<&Path>) -> Result<PathBuf, Failure> {
    let path = match keep {
        Some(path) => path.to_owned(),
        None => {
            let mut chance = [0; 8];
            getrandom::fill(&mut chance).map_err(Failure::found)?;
            std::env::temp_dir().join(format!("hefu-torture-{}", hex::encode(chance)))
        }
    };
    std::fs::create_dir_all(&path).map_err(Failure::found)?;
    if std::fs::read_dir(&path).map_err(Failure::found)?.next().is_some() {
        return Err(Failure::misuse(format!("{}: not empty", path.display())));
    }
    path.canonicalize().map_err(Failure::found)
}
