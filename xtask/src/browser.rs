//! The pages in a real browser: every page over a mock of the gateway, then the virtual POS, each role's door and the
//! payer's page at a demonstration that really runs.

use crate::{
    debian, pages,
    refusal::Refusal,
    running::{Running, free_address},
    steps,
    workspace::{self, Program},
};
use std::{fs, path::PathBuf, process::Stdio, time::Duration};

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

/// Looks at every page. Where there is no npm, no package or no browser that is said, and nothing is held against the
/// change.
///
/// # Errors
/// npm cannot be started.
pub fn over_a_mock() -> Result<bool, Refusal> {
    if !can_look()? {
        return Ok(true);
    }
    pages::npm(&["run", "e2e"])
}

/// Uses what a demonstration of `program` serves. What is missing is said, as in [`over_a_mock`].
///
/// # Errors
/// npm or the program cannot be started, or a file cannot be written.
pub fn at_a_demonstration(program: Program) -> Result<bool, Refusal> {
    if !can_look()? {
        return Ok(true);
    }
    let Some(demonstration) = demonstration(program)? else { return Ok(false) };
    let mut tests = pages::npm_command(&["run", "e2e", "--"]);
    tests
        .args(AT_A_DEMONSTRATION)
        .env("HEFU_URL", demonstration.url())
        .env("HEFU_SIGN_INS", demonstration.sign_ins());
    steps::run(&mut tests)
}

/// Whether there are a browser and pages; says what is missing.
///
/// # Errors
/// npm cannot be started, or a file cannot be read.
pub fn can_look() -> Result<bool, Refusal> {
    Ok(is_there()? && pages::build()?)
}

/// Whether there is a browser, installed now if need be; says so if not.
///
/// # Errors
/// A file cannot be read.
fn is_there() -> Result<bool, Refusal> {
    let browser = std::env::var_os("HEFU_CHROMIUM").map_or_else(|| PathBuf::from(CHROMIUM), PathBuf::from);
    let there =
        browser.exists() || (debian::install("chromium", "the tests of the pages")? && browser.exists());
    if !there {
        println!("{WITHOUT}");
    }
    Ok(there)
}

/// `hefu demo --serve` at free ports, in a folder of its own. None, having said why, when it does not open.
fn demonstration(program: Program) -> Result<Option<Running>, Refusal> {
    let folder = workspace::root().join("target/browser");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|source| Refusal::File { path: folder.clone(), source })?;
    let example = workspace::root().join("crates/hefu/hefu.example.toml");
    let mut text =
        fs::read_to_string(&example).map_err(|source| Refusal::File { path: example.clone(), source })?;
    let mut console = None;
    for listen in LISTENS {
        let free = free_address()?;
        text = text.replace(listen, &free.to_string());
        console = Some(free);
    }
    let console = console.expect("the console is the last of them");
    let config = folder.join("hefu.toml");
    fs::write(&config, text).map_err(|source| Refusal::File { path: config.clone(), source })?;
    if !steps::run(&mut program.command(&["--version"]))? {
        return Ok(None);
    }
    let mut command = program.command(&["--config"]);
    command.arg(&config).args(["demo", "--serve", "--directory"]).arg(folder.join("demo"));
    let out = folder.join("out.txt");
    let file = fs::File::create(&out).map_err(|source| Refusal::File { path: out.clone(), source })?;
    command.stdin(Stdio::null()).stdout(file);
    Running::start(command, console, folder.join("demo/live/hefu.sign-ins.json"), OPENS_WITHIN)
}
