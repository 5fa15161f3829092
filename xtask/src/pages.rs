//! The pages: npm gets what they need, checks them and builds them into `web/dist`, which the program takes in.

use crate::refusal::Refusal;
use crate::steps::run;
use crate::workspace;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// What is said where there is no npm.
pub const WITHOUT: &str = "MISSING: no npm was found. Install Node 20 or later. Until then the program is built \
    without its pages, and says so in their place; everything else builds and runs.";

/// What is said where npm cannot get what the pages need.
pub const WITHOUT_PACKAGES: &str = "MISSING: the packages of web/package-lock.json could not be installed. Is the \
    network reachable? The pages were neither checked nor built.";

/// The file that takes the built pages in. It is touched when they change: cargo does not look at them by itself.
const TAKES_THEM_IN: &str = "crates/console/src/pages.rs";
/// What the pages are made of.
const SOURCES: [&str; 6] =
    ["web/src", "web/public", "web/index.html", "web/package-lock.json", "web/vite.config.ts", "web/tools"];

/// Builds the pages unless they are newer than what they are made of. Says whether there are any.
///
/// # Errors
/// npm cannot be started, or a file cannot be read.
pub fn build() -> Result<bool, Refusal> {
    if !has_npm() {
        println!("{WITHOUT}");
        return Ok(false);
    }
    let built = modified(&root("web/dist/index.html"));
    let newest = SOURCES.iter().filter_map(|source| newest(&root(source))).max();
    if built.is_some() && built > newest {
        println!("web/dist is as new as what it is made of");
        return Ok(true);
    }
    if !packages()? {
        println!("{WITHOUT_PACKAGES}");
        return Ok(false);
    }
    Ok(npm(&["run", "build"])? && taken_in()?)
}

/// What must hold of the pages: types, lints, unit tests, and that they can be built within their budget of bytes.
/// Where there is no npm, or its packages cannot be had, that is said, and nothing is held against the change.
///
/// # Errors
/// npm cannot be started.
pub fn check() -> Result<bool, Refusal> {
    if !can_work()? {
        return Ok(true);
    }
    Ok(npm(&["run", "check"])? && npm(&["test"])? && npm(&["run", "build"])? && taken_in()?)
}

/// Makes the types of the pages from the description of the interface.
///
/// # Errors
/// npm cannot be started.
pub fn types() -> Result<bool, Refusal> {
    if !can_work()? {
        return Ok(true);
    }
    npm(&["run", "api"])
}

/// Whether there is npm, and what the pages need; says so if not.
fn can_work() -> Result<bool, Refusal> {
    if !has_npm() {
        println!("{WITHOUT}");
        return Ok(false);
    }
    if !packages()? {
        println!("{WITHOUT_PACKAGES}");
        return Ok(false);
    }
    Ok(true)
}

/// The packages that the lock file names, unless they are there.
fn packages() -> Result<bool, Refusal> {
    let lock = modified(&root("web/package-lock.json"));
    if modified(&root("web/node_modules/.package-lock.json")) > lock {
        return Ok(true);
    }
    npm(&["ci", "--no-audit", "--no-fund"])
}

/// Runs npm among the pages.
///
/// # Errors
/// It cannot be started.
pub fn npm(words: &[&str]) -> Result<bool, Refusal> {
    run(&mut npm_command(words))
}

/// npm among the pages.
pub fn npm_command(words: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(words).current_dir(root("web"));
    command
}

fn has_npm() -> bool {
    let asked = Command::new("npm").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

fn taken_in() -> Result<bool, Refusal> {
    let path = root(TAKES_THEM_IN);
    let touched = std::fs::File::options()
        .append(true)
        .open(&path)
        .and_then(|file| file.set_modified(SystemTime::now()));
    touched.map(|()| true).map_err(|source| Refusal::File { path, source })
}

fn root(path: &str) -> PathBuf {
    workspace::root().join(path)
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|found| found.modified()).ok()
}

/// The newest file under a path.
fn newest(path: &Path) -> Option<SystemTime> {
    let Ok(folder) = std::fs::read_dir(path) else { return modified(path) };
    folder.filter_map(|entry| newest(&entry.ok()?.path())).max()
}
