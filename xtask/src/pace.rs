//! How fast the console is for people: `hefu bench console` fills a store, opens everything and makes load, and a real
//! browser looks at the console, first at rest, then under load. The targets are asserted here and nowhere else: no
//! ordinary test depends on a clock's speed.

use crate::{
    browser, pages,
    refusal::Refusal,
    running::{Running, free_address},
    steps,
    workspace::{self, hefu},
};
use std::{fs, process::Stdio, time::Duration};

/// How long the store may take to fill and the index to build, the program built.
const OPENS_WITHIN: Duration = Duration::from_secs(3_600);
/// How long the load lasts.
const SECONDS: &str = "60";

/// Measures, and says whether every target was met. Where there is no browser, the pages are left out, having said so.
///
/// # Errors
/// npm or cargo cannot be started, or a file cannot be written.
pub fn run() -> Result<bool, Refusal> {
    let bench = ["bench", "console", "--judge", "--seconds", SECONDS];
    if !browser::can_look()? {
        return steps::run(&mut hefu(&bench));
    }
    if !steps::run(&mut hefu(&["--version"]))? {
        return Ok(false);
    }
    let folder = workspace::root().join("target/pace");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|source| Refusal::File { path: folder.clone(), source })?;
    let (console, sign_ins) = (free_address()?, folder.join("sign-ins.json"));
    let mut command = hefu(&bench);
    command.arg("--console").arg(console.to_string()).arg("--sign-ins").arg(&sign_ins).stdin(Stdio::piped());
    let Some(mut running) = Running::start(command, console, sign_ins, OPENS_WITHIN)? else {
        return Ok(false);
    };
    let at_rest = look(&running, "at rest");
    // Also when nothing could be seen: it ends by itself then, and its gateway and bank with it.
    let loads = running.go_on();
    let under_load = look(&running, "under load");
    let ends = running.go_on();
    let measured = running.ends()?;
    Ok(at_rest? && loads && under_load? && ends && measured)
}

/// The browser's tests of this name.
fn look(running: &Running, when: &str) -> Result<bool, Refusal> {
    let mut tests = pages::npm_command(&["run", "e2e", "--", "pace", "--grep", when]);
    tests
        .env("HEFU_PACE_URL", running.url())
        .env("HEFU_SIGN_INS", running.sign_ins())
        .env("HEFU_PACE_SECONDS", SECONDS);
    steps::run(&mut tests)
}
