//! Where the project lies, and how cargo is called in it.

use crate::refusal::Refusal;
use cargo_metadata::{Metadata, MetadataCommand, TargetKind};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// The folder of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies one folder below the workspace")
}

/// The cargo that started us, in the folder of the workspace.
pub fn cargo() -> Command {
    let mut command = Command::new(cargo_path());
    command.current_dir(root());
    command
}

/// The program, built as it is used in the field, with these arguments.
pub fn hefu(words: &[&str]) -> Command {
    Program::Built.command(words)
}

/// Which build of the program is run.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Program {
    /// Built as it is used in the field, if need be.
    Built,
    /// As the tests have built it a moment ago: the same code in the same profile, and minutes sooner, because the
    /// tests' own packages switch features on in some that both share.
    Tested,
}

impl Program {
    /// The program with these arguments, in the folder of the workspace.
    pub fn command(self, words: &[&str]) -> Command {
        let mut command = match self {
            Program::Built => {
                let mut cargo = cargo();
                cargo.args(["run", "--quiet", "--release", "--package", "hefu", "--"]);
                cargo
            }
            Program::Tested => {
                let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
                let mut program = Command::new(root().join(target).join("release/hefu"));
                program.current_dir(root());
                program
            }
        };
        command.args(words);
        command
    }
}

/// The members of the workspace, with what they declare. Resolves nothing, so needs no network.
///
/// # Errors
/// When a manifest cannot be read.
pub fn members() -> Result<Metadata, Refusal> {
    Ok(metadata_command().no_deps().exec()?)
}

/// The whole locked graph. Offline if every package is at hand; else cargo fetches what is missing, which
/// on a fresh machine are the packages that only other platforms build.
///
/// # Errors
/// When the lock file does not fit the manifests, or a package is missing and cannot be fetched.
pub fn graph() -> Result<Metadata, Refusal> {
    let locked = |more: &[&str]| {
        let options = more.iter().map(|option| (*option).to_owned()).chain(["--locked".to_owned()]);
        metadata_command().other_options(options.collect::<Vec<_>>()).exec()
    };
    Ok(locked(&["--offline"]).or_else(|_| locked(&[]))?)
}

/// The names of all benchmark targets, in the order of their packages.
pub fn benchmarks(members: &Metadata) -> Vec<&str> {
    members
        .workspace_packages()
        .into_iter()
        .flat_map(|package| &package.targets)
        .filter(|target| target.kind.contains(&TargetKind::Bench))
        .map(|target| target.name.as_str())
        .collect()
}

fn metadata_command() -> MetadataCommand {
    let mut command = MetadataCommand::new();
    command.cargo_path(cargo_path()).manifest_path(root().join("Cargo.toml"));
    command
}

fn cargo_path() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
