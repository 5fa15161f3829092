//! Arrows between rooms stand only as ARCHITECTURE.md draws them.

use crate::assert_none;
use xtask::{rooms, workspace};

#[test]
fn the_manifests_declare_exactly_the_arrows_that_are_drawn() {
    let path = workspace::root().join("ARCHITECTURE.md");
    let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let drawn = rooms::drawn(&page).unwrap_or_else(|error| panic!("ARCHITECTURE.md: {error}"));
    let (normal, other) = rooms::declared(&workspace::members().unwrap());
    assert_none(&rooms::differences(&drawn, &normal, &other));
}

#[test]
fn the_manifests_declare_arrows_that_we_know_of() {
    let (normal, _) = rooms::declared(&workspace::members().unwrap());
    assert!(normal["node"].contains("engine"), "{normal:?}");
    assert!(normal["vault"].is_empty(), "{normal:?}");
    assert!(!normal.contains_key("xtask"), "xtask is no room");
}
