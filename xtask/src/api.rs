//! The description of the HTTP interface, as it is checked in for the pages: what the program prints, and the types
//! that are made of it.

use crate::{
    pages,
    refusal::Refusal,
    steps,
    workspace::{self, hefu},
};
use std::{fs, process::Stdio};

/// Where the description lies.
const DESCRIPTION: &str = "web/openapi.json";

/// Writes the description and the types of the pages. Where there is no npm that is said, and the types stay as they
/// were.
///
/// # Errors
/// A program cannot be started, or the file cannot be written.
pub fn write() -> Result<bool, Refusal> {
    let mut command = hefu(&["openapi", "--demo"]);
    steps::say(&command);
    let printed = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let printed = printed.map_err(|source| steps::cannot_start(&command, source))?;
    if !printed.status.success() {
        return Ok(false);
    }
    let path = workspace::root().join(DESCRIPTION);
    fs::write(&path, &printed.stdout).map_err(|source| Refusal::File { path, source })?;
    pages::types()
}
