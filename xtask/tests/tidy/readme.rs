//! Every command that README.md shows is tried by a test, or says here why it is not.
//!
//! A command is a line of a block that begins with three backticks and `sh`. The table is below: a command
//! that is not in it fails, and so does a row whose command has left the page.

use crate::assert_none;
use std::collections::BTreeSet;
use std::fs::File;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use xtask::workspace;

/// How a command of the page is known to be true.
enum Proof {
    /// Run here, in the folder of the workspace: its exit code, and a text that must be in its output.
    /// `cargo xtask` and `hefu` are the ones just built; `< file` at the end is read from the workspace.
    Runs { exit: i32, says: &'static str },
    /// Another test runs it: the file, and the name of the function.
    RunBy { file: &'static str, test: &'static str },
    /// No test can run it, for this reason.
    NotInATest(&'static str),
}

const BUILDS_ALL: Proof = Proof::NotInATest("builds and runs the whole workspace, this test included");
const README_WALK: Proof = Proof::RunBy {
    file: "crates/hefu/tests/demo.rs",
    test: "the_readme_walk_through_separate_processes_holds",
};

const TABLE: [(&str, Proof); 19] = [
    (
        "cargo xtask demo --serve",
        Proof::RunBy {
            file: "crates/hefu/tests/pos.rs",
            test: "a_demonstration_that_stays_up_opens_its_pages",
        },
    ),
    (
        "cargo xtask demo",
        Proof::RunBy { file: "crates/hefu/tests/demo.rs", test: "the_demo_ends_with_books_that_agree" },
    ),
    ("cargo xtask test", BUILDS_ALL),
    ("cargo xtask --help", Proof::Runs { exit: 0, says: "Start the whole platform" }),
    (
        "cargo xtask api",
        Proof::RunBy {
            file: "crates/hefu/tests/openapi.rs",
            test: "the_description_that_is_checked_in_is_what_the_program_prints",
        },
    ),
    (
        "cargo xtask licences",
        Proof::RunBy { file: "xtask/tests/licences.rs", test: "every_package_comes_under" },
    ),
    ("cargo xtask ci", BUILDS_ALL),
    ("hefu sim --from 0 --seeds 50 --coverage", Proof::Runs { exit: 0, says: "0 violations" }),
    ("hefu explore --scenario sale --faults 1", Proof::Runs { exit: 0, says: "sale" }),
    (
        "hefu torture --kills 3",
        Proof::RunBy {
            file: "crates/hefu/tests/torture.rs",
            test: "a_short_run_agrees_in_all_books_and_its_comparison_can_fail",
        },
    ),
    (
        "hefu bench console --payments 20000",
        Proof::RunBy {
            file: "crates/hefu/tests/pace.rs",
            test: "the_console_is_measured_over_a_store_that_was_filled_and_tells_of_every_sale",
        },
    ),
    ("cargo build --release", BUILDS_ALL),
    ("target/release/hefu world bank", README_WALK),
    ("target/release/hefu serve", README_WALK),
    ("target/release/hefu world terminal sign-on", README_WALK),
    ("target/release/hefu world terminal sale --amount 12.34", README_WALK),
    ("target/release/hefu payments", README_WALK),
    ("target/release/hefu verify", README_WALK),
    ("hefu iso8583 decode < docs/examples/sale.hex", Proof::Runs { exit: 0, says: "MTI" }),
];

#[test]
fn every_command_of_the_readme_stands_in_the_table_and_back() {
    let page = std::fs::read_to_string(workspace::root().join("README.md")).unwrap();
    let shown: BTreeSet<&str> = commands(&page).into_iter().collect();
    let known: BTreeSet<&str> = TABLE.iter().map(|(command, _)| *command).collect();
    assert_eq!(known.len(), TABLE.len(), "a command stands twice in the table");
    let unknown = shown.difference(&known).map(|command| format!("README.md: nothing tries `{command}`"));
    let gone = known.difference(&shown).map(|command| format!("README.md no longer shows `{command}`"));
    assert_none(&unknown.chain(gone).collect::<Vec<_>>());
}

#[test]
fn every_row_of_the_table_holds() {
    let failures = TABLE.iter().filter_map(|(command, proof)| {
        let failure = match proof {
            Proof::Runs { exit, says } => runs(command, *exit, says),
            Proof::RunBy { file, test } => run_by(file, test),
            Proof::NotInATest(reason) => (reason.len() < 10).then(|| "gives no reason".to_owned()),
        };
        failure.map(|failure| format!("`{command}`: {failure}"))
    });
    assert_none(&failures.collect::<Vec<_>>());
}

/// The lines of all `sh` blocks, without blank lines and comments.
fn commands(page: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in page.lines().map(str::trim) {
        match (inside, line) {
            (false, "```sh") => inside = true,
            (true, "```") => inside = false,
            (true, command) if !command.is_empty() && !command.starts_with('#') => found.push(command),
            (true | false, _) => {}
        }
    }
    assert!(!inside, "the last block is never closed");
    found
}

fn runs(line: &str, exit: i32, says: &str) -> Option<String> {
    let (line, input) = line.split_once(" < ").map_or((line, None), |(line, file)| (line, Some(file)));
    let words: Vec<&str> = line.split_whitespace().collect();
    let (program, words) = match words.as_slice() {
        ["cargo", "xtask", rest @ ..] => (env!("CARGO_BIN_EXE_xtask"), rest),
        ["hefu" | "target/release/hefu", rest @ ..] => (hefu(), rest),
        _ => return Some("only `cargo xtask` and `hefu` are run here".to_owned()),
    };
    let input =
        input.map_or(Ok(Stdio::null()), |file| File::open(workspace::root().join(file)).map(Stdio::from));
    let mut command = Command::new(program);
    let command =
        command.args(words).current_dir(workspace::root()).stdin(input.expect("the file that the row names"));
    let output = command.output().expect("the program was just built");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let good = output.status.code() == Some(exit) && text.contains(says);
    (!good).then(|| format!("{}, expected exit code {exit} and `{says}`, got:\n{text}", output.status))
}

fn run_by(file: &str, test: &str) -> Option<String> {
    let source = std::fs::read_to_string(workspace::root().join(file));
    let found = source.is_ok_and(|source| source.contains(&format!("fn {test}")));
    (!found).then(|| format!("{file} has no test {test}"))
}

/// The program: the one that the tests of the workspace have just built, else built now.
fn hefu() -> &'static str {
    static BUILT: OnceLock<String> = OnceLock::new();
    BUILT.get_or_init(|| {
        let this = std::env::current_exe().expect("a test is a program");
        let profile = this.ancestors().nth(2).expect("tests lie in a folder of the profile's");
        // Tests of another profile lie in a folder beside it.
        let built = profile.with_file_name("release").join("hefu");
        if !built.exists() {
            let build =
                workspace::cargo().args(["build", "--release", "--locked", "--package", "hefu"]).status();
            assert!(build.is_ok_and(|status| status.success()), "hefu does not build");
        }
        built.to_str().expect("a path in UTF-8").to_owned()
    })
}

#[test]
fn commands_are_the_lines_of_shell_blocks() {
    let page = "cargo no\n```sh\ncargo one\n\n# why\nhefu two < a\n```\n```\nhefu no\n```\n";
    assert_eq!(commands(page), ["cargo one", "hefu two < a"]);
}

#[test]
fn a_row_that_does_not_hold_is_found() {
    assert!(runs("cargo xtask --help", 1, "").unwrap().contains("expected exit code 1"));
    assert!(runs("cargo xtask --help", 0, "no such words").is_some());
    assert!(runs("cargo xtask no-such-task", 2, "no-such-task").is_none());
    assert!(runs("rm -r something", 0, "").is_some());
    assert!(run_by("xtask/tests/licences.rs", "no_such_test").is_some());
}
