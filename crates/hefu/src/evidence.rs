//! The evidence files: one JSON line for each long run, whatever came of it, with the commit that was run and when.

use crate::Failure;
use serde_json::{Value, json};
use std::{fs::OpenOptions, io::Write, path::Path, process::Command};

/// Appends a run's line to the file, which is made if it is not there.
pub fn append(file: &Path, mut line: Value) -> Result<(), Failure> {
    line["commit"] = json!(commit());
    line["at"] = json!(jiff::Timestamp::now().to_string());
    let failed = |error| Failure::found(format!("{}: {error}", file.display()));
    let mut file = OpenOptions::new().create(true).append(true).open(file).map_err(failed)?;
    // In one piece, so that two runs never share a line.
    file.write_all(format!("{line}\n").as_bytes()).map_err(failed)
}

/// The commit of the tree that we stand in, with `+dirty` when something in it was changed since, evidence aside.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(head) = git(&["rev-parse", "HEAD"]) else { return "unknown".to_owned() };
    let clean =
        git(&["status", "--porcelain", "--", ".", ":!docs/evidence"]).is_some_and(|list| list.is_empty());
    if clean { head } else { format!("{head}+dirty") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_appended_and_none_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sim.jsonl");
        for count in 1..=3 {
            append(&file, json!({ "seeds": count })).unwrap();
            let text = std::fs::read_to_string(&file).unwrap();
            let read: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(read.len(), count);
            assert!(read.iter().all(|line| line["commit"].is_string()));
            let at: jiff::Timestamp = read[count - 1]["at"].as_str().unwrap().parse().unwrap();
            assert!(at <= jiff::Timestamp::now());
        }
    }
}
