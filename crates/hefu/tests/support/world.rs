//! A gateway and a bank as processes, with ports, books and a folder of their own.

use super::{
    peer::Peer,
    process::{Process, Ran, SOON, run},
};
use hefu_node::clock::ScaledClock;
use hefu_store::{SqliteStore, Store};
use serde_json::{Value, json};
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU16, Ordering},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The program under test.
pub const HEFU: &str = env!("CARGO_BIN_EXE_hefu");
/// A terminal that only finds out whether the bank can be reached.
const PROBE: &str = "10000015";

pub struct World {
    directory: TempDir,
    scale: u32,
    ports: Ports,
    pub gateway: Option<Process>,
    pub bank: Option<Process>,
}

#[derive(Copy, Clone)]
struct Ports {
    terminals: u16,
    link: u16,
    control: u16,
    console: u16,
}

impl World {
    /// Starts both, and waits until payments pass. Stated times pass `scale` times faster.
    pub fn start(scale: u32) -> World {
        let directory = tempfile::tempdir().expect("a folder for the test");
        let ports = Ports { terminals: port(), link: port(), control: port(), console: port() };
        let mut world = World { directory, scale, ports, gateway: None, bank: None };
        world.configure();
        world.begin_the_day();
        world.start_bank();
        world.start_gateway();
        world
    }

    pub fn scale(&self) -> u32 {
        self.scale
    }

    pub fn gateway_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.terminals)
    }

    pub fn console_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.console)
    }

    /// What lets in whoever may read the gateway's own files.
    pub fn local_bearer(&self) -> String {
        let token = std::fs::read_to_string(self.store().with_extension("ops-token"));
        format!("Bearer {}", token.expect("the gateway writes it at each start").trim())
    }

    pub fn store(&self) -> PathBuf {
        self.path("hefu.db")
    }

    /// So long do so many stated seconds last here.
    pub fn lasts(&self, seconds: u32) -> Duration {
        Duration::from_secs(u64::from(seconds)) / self.scale
    }

    pub fn start_bank(&mut self) {
        let mut command = self.command();
        command.args(["world", "bank", "--listen", &format!("127.0.0.1:{}", self.ports.link)]);
        command.args(["--control", &format!("127.0.0.1:{}", self.ports.control), "--book"]);
        command.arg(self.path("bank.jsonl"));
        let bank = Process::start("the bank", &mut command);
        bank.wait_for(0, SOON, |line| line.starts_with("bank: link"));
        self.bank = Some(bank);
    }

    pub fn kill_bank(&mut self) {
        self.bank.take().expect("the bank runs").kill();
    }

    /// Starts the gateway, and waits until it listens and has its line to the bank.
    pub fn start_gateway(&mut self) {
        self.start_gateway_only();
        self.wait_for_link();
    }

    /// Starts the gateway, and waits until it listens.
    pub fn start_gateway_only(&mut self) {
        let config = self.path("hefu.toml");
        // As many files as we may open, because a shell may have set the usual limit low.
        let line = "ulimit -n $(ulimit -Hn); exec \"$0\" --config \"$1\" --time-scale \"$2\" serve";
        let mut command = Command::new("sh");
        command.args(["-c", line, HEFU]).arg(config).arg(self.scale.to_string());
        command.env_remove("HEFU_MASTER_KEY").env("RUST_LOG", "warn");
        let gateway = Process::start("the gateway", &mut command);
        gateway.wait_for(0, SOON, |line| line.starts_with("hefu: terminals"));
        self.gateway = Some(gateway);
    }

    /// kill -9.
    pub fn kill_gateway(&mut self) {
        let mut gateway = self.gateway.take().expect("the gateway runs");
        assert!(gateway.is_alive(), "the gateway has stopped by itself:\n{}", gateway.told());
        gateway.kill();
    }

    /// Waits until the gateway sends to the bank again.
    pub fn wait_for_link(&self) {
        let mut probe = Peer::start(self, PROBE);
        let until = Instant::now() + SOON;
        loop {
            if probe.ask(json!({"do": "sign_on"}))["code"] == "00" {
                let heard = probe.ask(json!({"do": "balance", "card": "6200000000000005"}));
                if heard["code"] == "00" {
                    return;
                }
            }
            assert!(Instant::now() < until, "the gateway does not reach the bank");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until something outside is so.
    pub fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let until = Instant::now() + SOON;
        while !is_so() {
            assert!(Instant::now() < until, "it did not come to this: {what}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Runs a subcommand against the store of this world.
    pub fn hefu(&self, args: &[&str]) -> Ran {
        run(self.command().args(args), "")
    }

    /// All payments, the newest first.
    pub fn payments(&self) -> Value {
        let ran = self.hefu(&["--json", "payments", "--limit", "10000"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.json()
    }

    /// The bank's own book.
    pub fn book(&self) -> Value {
        self.get("/book")
    }

    pub fn bank_health(&self) -> Value {
        self.get("/health")
    }

    /// What the bank's line does from now on: `down`, `slow_ms`, `lose_answers`, `lose_requests`.
    pub fn fault(&self, fault: &Value) {
        let sent = ureq::post(self.control("/fault"))
            .header("content-type", "application/json")
            .send(fault.to_string());
        sent.unwrap_or_else(|error| panic!("the bank's control port: {error}"));
    }

    /// That the program finds nothing wrong with its own store.
    pub fn assert_verified(&self) {
        let ran = self.hefu(&["--json", "verify"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(ran.json()["findings"], json!([]));
    }

    /// One payment's story as JSON.
    pub fn story(&self, rrn: &str) -> Value {
        let ran = self.hefu(&["--json", "explain", rrn]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.json()
    }

    /// One payment's story in words.
    pub fn explain(&self, rrn: &str) -> String {
        let ran = self.hefu(&["explain", rrn]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.out
    }

    /// The program with this world's configuration, ready for a subcommand.
    pub fn command(&self) -> Command {
        let mut command = Command::new(HEFU);
        command.arg("--config").arg(self.path("hefu.toml"));
        command.args(["--time-scale", &self.scale.to_string()]);
        command.env_remove("HEFU_MASTER_KEY").env("RUST_LOG", "warn");
        command
    }

    fn configure(&self) {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/hefu.example.toml");
        let mut text = std::fs::read_to_string(example).expect("the example configuration is there");
        let changes = [
            ("127.0.0.1:8583", self.gateway_address()),
            ("127.0.0.1:9583", format!("127.0.0.1:{}", self.ports.link)),
            ("127.0.0.1:8080", format!("127.0.0.1:{}", self.ports.console)),
            ("hefu-data/hefu.db", self.store().display().to_string()),
        ];
        for (from, to) in changes {
            assert_eq!(text.matches(from).count(), 1, "{from} stands once in the example");
            text = text.replace(from, &to);
        }
        std::fs::write(self.path("hefu.toml"), text).expect("our own folder is writable");
    }

    /// Sets the clocks of both to ten in the morning of tomorrow in Beijing, so that no test meets the day cut by the
    /// hour at which it happens to run. A clock shows its anchor at the anchor, and runs `scale` times as fast since.
    fn begin_the_day(&self) {
        const HOUR: i64 = 3_600_000;
        const DAY: i64 = 24 * HOUR;
        assert!(self.scale > 1, "only a scaled clock can be ahead");
        let wall = ScaledClock::wall().0;
        let tomorrow_at_ten = ((wall + 8 * HOUR) / DAY + 1) * DAY + 2 * HOUR;
        let anchor = wall - (tomorrow_at_ten - wall) / i64::from(self.scale - 1);
        let book = json!({"at": anchor, "events": [{"opened": {"anchor": anchor}}]});
        std::fs::write(self.path("bank.jsonl"), format!("{book}\n")).expect("our own folder is writable");
        let mut store = SqliteStore::open(&self.store()).expect("our own folder is writable");
        store.set_meta("clock", format!("{anchor} {}", self.scale).as_bytes()).expect("a new store takes it");
    }

    fn get(&self, path: &str) -> Value {
        let answer = ureq::get(self.control(path)).call();
        let mut answer = answer.unwrap_or_else(|error| panic!("the bank's control port: {error}"));
        let text = answer.body_mut().read_to_string().expect("the bank answers in text");
        serde_json::from_str(&text).expect("the bank answers in JSON")
    }

    fn control(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports.control)
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(self.directory.path()).join(name)
    }
}

/// A port that nobody uses, nor the three below it: a demonstration's bank has its control port there. Below those that
/// the system hands out for outgoing connections, so that it is still free when a killed process starts again.
pub fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 9_000).expect("less than 9,000");
    for _ in 0..1_000 {
        let port = 20_003 + (first + NEXT.fetch_add(4, Ordering::Relaxed)) % 11_996;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between 20000 and 32000");
}
