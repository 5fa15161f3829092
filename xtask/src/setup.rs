//! The Python side of the tests: a terminal and a codec that others wrote, so that we are not our own judge.
//!
//! What it needs is pinned in `xtask/requirements.txt` and goes into an environment of its own, by default
//! `target/py`; `HEFU_TOOLS` names another place.

use crate::debian;
use crate::refusal::Refusal;
use crate::steps::run;
use crate::workspace;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What set-up came to.
#[derive(Debug)]
pub enum Tools {
    /// The Python that has everything.
    Ready(PathBuf),
    /// Something that we cannot get ourselves.
    Missing(Missing),
}

/// What is missing, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    #[error("no python3 (nor python) was found. Install Python 3.10 or later with its venv module")]
    Python,
    #[error("this Python cannot make environments. On Debian: apt-get install python3-venv")]
    Venv,
    #[error("the packages of xtask/requirements.txt could not be installed. Is the network reachable?")]
    Packages,
}

/// What does not work while the tools are missing.
pub const WITHOUT: &str = "Until then the tests that drive Hefu from Python fail: the codec against \
    pyiso8583, and a terminal that is not ours. Everything else builds and runs.";

const REQUIREMENTS: &str = include_str!("../requirements.txt");
const STAMP: &str = "hefu-setup.stamp";

/// Where the environment lies.
pub fn folder() -> PathBuf {
    let named = std::env::var_os("HEFU_TOOLS").filter(|named| !named.is_empty());
    workspace::root().join(named.map_or_else(|| PathBuf::from("target/py"), PathBuf::from))
}

/// Makes the environment in `folder`, or finds that it is there already. Says what it does.
///
/// # Errors
/// When `folder` holds something else, or cannot be written.
pub fn prepare(folder: &Path) -> Result<Tools, Refusal> {
    let Some((base, version)) = base_python()? else { return Ok(Tools::Missing(Missing::Python)) };
    let python = python_in(folder);
    let stamp = stamp(&version);
    if std::fs::read_to_string(folder.join(STAMP)).is_ok_and(|found| found == stamp) && works(&python) {
        println!("{} has everything", folder.display());
        return Ok(Tools::Ready(python));
    }
    refuse_to_clear(folder)?;
    let able = can_make_environments(&base) || (install_venv()? && can_make_environments(&base));
    if !able {
        return Ok(Tools::Missing(Missing::Venv));
    }
    println!("making a Python environment in {}", folder.display());
    if !run(Command::new(&base).args(["-m", "venv", "--clear"]).arg(folder))? {
        return Ok(Tools::Missing(Missing::Venv));
    }
    let requirements = workspace::root().join("xtask/requirements.txt");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    if !run(pip.arg(requirements))? || !works(&python) {
        return Ok(Tools::Missing(Missing::Packages));
    }
    let path = folder.join(STAMP);
    std::fs::write(&path, stamp).map_err(|source| Refusal::File { path, source })?;
    Ok(Tools::Ready(python))
}

/// What the stamp of a finished environment says: another Python or other pins make it stale.
fn stamp(version: &str) -> String {
    format!("{version}\n{REQUIREMENTS}")
}

fn python_in(folder: &Path) -> PathBuf {
    if cfg!(windows) { folder.join("Scripts/python.exe") } else { folder.join("bin/python") }
}

/// The machine's own Python and its version, after an attempt to install it where we may.
fn base_python() -> Result<Option<(PathBuf, String)>, Refusal> {
    if let Some(found) = find_python() {
        return Ok(Some(found));
    }
    Ok(if install_venv()? { find_python() } else { None })
}

fn find_python() -> Option<(PathBuf, String)> {
    // Inside one environment `python3` is that one, and would be cleared under its own feet.
    let code =
        "import sys; assert sys.version_info >= (3, 10); print(sys._base_executable); print(sys.version)";
    ["python3", "python"].into_iter().find_map(|name| {
        let output = Command::new(name).args(["-c", code]).stderr(Stdio::null()).output().ok()?;
        let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
        let (path, version) = text.split_once('\n')?;
        Some((PathBuf::from(path.trim()), version.trim().to_owned()))
    })
}

fn can_make_environments(python: &Path) -> bool {
    succeeds(Command::new(python).args(["-c", "import venv, ensurepip"]))
}

fn works(python: &Path) -> bool {
    succeeds(Command::new(python).args(["-c", "import iso8583, Crypto.Cipher.DES3"]))
}

fn install_venv() -> Result<bool, Refusal> {
    debian::install("python3-venv", "the tests' Python environment")
}

/// The environment is made afresh, so what lies in its place must be one, or nothing.
fn refuse_to_clear(folder: &Path) -> Result<(), Refusal> {
    let refusal = |source| Refusal::File { path: folder.to_owned(), source };
    let mut entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(refusal(error)),
    };
    let empty = entries.next().transpose().map_err(refusal)?.is_none();
    if empty || folder.join("pyvenv.cfg").exists() {
        return Ok(());
    }
    Err(Refusal::NotAnEnvironment(folder.to_owned()))
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_other_things_in_it_is_never_cleared() {
        let folder = tempfile::tempdir().unwrap();
        refuse_to_clear(&folder.path().join("not-there")).unwrap();
        refuse_to_clear(folder.path()).unwrap();
        std::fs::write(folder.path().join("letter"), "dear").unwrap();
        assert!(matches!(refuse_to_clear(folder.path()), Err(Refusal::NotAnEnvironment(_))));
        std::fs::write(folder.path().join("pyvenv.cfg"), "").unwrap();
        refuse_to_clear(folder.path()).unwrap();
    }

    #[test]
    fn other_pins_or_another_python_make_the_stamp_stale() {
        assert_ne!(stamp("3.11.7"), stamp("3.12.1"));
        assert!(stamp("3.11.7").ends_with(REQUIREMENTS));
        assert!(REQUIREMENTS.lines().all(|line| line.contains("==")));
    }
}
