//! What a test needs of Debian's packages, where the machine is one and lets us.

use crate::refusal::Refusal;
use crate::steps::run;
use std::path::Path;
use std::process::Command;

/// On Debian, as root, installs `package`, having said what it is `wanted_for`. Says whether it did; elsewhere it does
/// nothing.
///
/// # Errors
/// When `apt-get` cannot be started.
pub fn install(package: &str, wanted_for: &str) -> Result<bool, Refusal> {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if !root || !Path::new("/etc/debian_version").exists() {
        return Ok(false);
    }
    println!("installing {package}, for {wanted_for}");
    let apt = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(["--quiet", "--yes"]).args(words).env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut command)
    };
    Ok(apt(&["update"])? && apt(&["install", "--no-install-recommends", package])?)
}
