//! Where packages come from is the machine's business: no file names a registry's host.

use crate::assert_none;
use crate::tree::{Text, texts};

#[test]
fn no_file_but_the_lock_file_names_a_registry() {
    let texts = texts();
    let others = texts.iter().filter(|text| text.path != "Cargo.lock");
    assert_none(&others.flat_map(findings).collect::<Vec<_>>());
}

#[test]
fn the_lock_file_would_be_found() {
    let texts = texts();
    let lock = texts.iter().find(|text| text.path == "Cargo.lock").unwrap();
    assert!(!findings(lock).is_empty());
}

fn findings(text: &Text) -> Vec<String> {
    // Put together here, so that this file does not find itself.
    let hosts =
        [["crates", ".io"], ["pypi", ".org"], ["python", "hosted"], ["npm", "js."], ["deb.", "debian"]];
    let hosts = hosts.map(|parts| parts.concat());
    let lines = text.content.lines().enumerate();
    lines
        .filter(|(_, line)| hosts.iter().any(|host| line.contains(host)))
        .map(|(i, _)| format!("{}:{}: names a registry", text.path, i + 1))
        .collect()
}
