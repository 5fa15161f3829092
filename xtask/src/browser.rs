//! The pages in a real browser: every page over a mock of the gateway, then the virtual POS, each role's door and the
//! payer's page at a demonstration that really runs.

use crate::{
    debian, pages,
    refusal::Refusal,
    steps,
    workspace::{self, hefu},
};
use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// What is said where there is no browser.
const WITHOUT: &str = "MISSING: no Chromium was found, and it could not be installed. Install Debian's package \
    `chromium`, or name one in HEFU_CHROMIUM. The pages were looked at by no browser.";
/// Where Debian puts it.
const CHROMIUM: &str = "/usr/bin/chromium";
/// The tests that also run at a demonstration.
const AT_A_DEMONSTRATION: [&str; 3] = ["pos", "doors", "drills"];
/// The addresses of the built-in example; the demonstration gets free ones in their place.
const LISTENS: [&str; 3] = ["127.0.0.1:8583", "127.0.0.1:9583", "127.0.0.1:8080"];
/// How long a demonstration may take until its pages are open, building not counted.
const OPENS_WITHIN: Duration = Duration::from_secs(60);

/// Runs the browser tests. Where there is no npm, no package or no browser that is said, and nothing is held against
/// the change.
///
/// # Errors
/// npm or cargo cannot be started, or a file cannot be written.
pub fn run() -> Result<bool, Refusal> {
    let browser = std::env::var_os("HEFU_CHROMIUM").map_or_else(|| PathBuf::from(CHROMIUM), PathBuf::from);
    let there =
        browser.exists() || (debian::install("chromium", "the tests of the pages")? && browser.exists());
    if !there {
        println!("{WITHOUT}");
        return Ok(true);
    }
    if !pages::build()? {
        return Ok(true);
    }
    let mock = pages::npm(&["run", "e2e"])?;
    let Some(demonstration) = Demonstration::start()? else { return Ok(false) };
    let mut tests = pages::npm_command(&["run", "e2e", "--"]);
    tests
        .args(AT_A_DEMONSTRATION)
        .env("HEFU_URL", &demonstration.url)
        .env("HEFU_SIGN_INS", &demonstration.sign_ins);
    Ok(steps::run(&mut tests)? && mock)
}

/// `hefu demo --serve` at free ports, in a folder of its own. It ends when this is dropped.
struct Demonstration {
    child: Child,
    url: String,
    sign_ins: PathBuf,
}

impl Demonstration {
    /// None, having said why, when it does not open.
    fn start() -> Result<Option<Demonstration>, Refusal> {
        let folder = workspace::root().join("target/browser");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|source| Refusal::File { path: folder.clone(), source })?;
        let example = workspace::root().join("crates/hefu/hefu.example.toml");
        let mut text =
            fs::read_to_string(&example).map_err(|source| Refusal::File { path: example.clone(), source })?;
        let mut console = None;
        for listen in LISTENS {
            let free = free_address().map_err(|source| Refusal::File { path: listen.into(), source })?;
            text = text.replace(listen, &free.to_string());
            console = Some(free);
        }
        let console = console.expect("the console is the last of them");
        let config = folder.join("hefu.toml");
        fs::write(&config, text).map_err(|source| Refusal::File { path: config.clone(), source })?;
        if !steps::run(&mut hefu(&["--version"]))? {
            return Ok(None);
        }
        let mut command = hefu(&["--config"]);
        command.arg(&config).args(["demo", "--serve", "--directory"]).arg(folder.join("demo"));
        steps::say(&command);
        let out = folder.join("out.txt");
        let file = fs::File::create(&out).map_err(|source| Refusal::File { path: out.clone(), source })?;
        command.stdin(Stdio::null()).stdout(file);
        let child = command.spawn().map_err(|source| steps::cannot_start(&command, source))?;
        let sign_ins = folder.join("demo/live/hefu.sign-ins.json");
        let mut demonstration = Demonstration { child, url: format!("http://{console}"), sign_ins };
        Ok(demonstration.opens(console).then_some(demonstration))
    }

    /// Waits for its door, and for the sign-ins that it keeps beside its store.
    fn opens(&mut self, console: SocketAddr) -> bool {
        let start = Instant::now();
        while start.elapsed() < OPENS_WITHIN {
            if let Ok(Some(status)) = self.child.try_wait() {
                println!("the demonstration ended at once: {status}");
                return false;
            }
            if TcpStream::connect(console).is_ok() && self.sign_ins.exists() {
                return true;
            }
            sleep(Duration::from_millis(200));
        }
        println!("the demonstration did not open within {} s", OPENS_WITHIN.as_secs());
        false
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        if let Err(error) = ended {
            println!("the demonstration could not be ended: {error}");
        }
    }
}

/// An address of this machine that nobody uses now.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}
