//! The description of the interface: the one that is checked in is the program's own, and it says everything that the
//! pages' types are made of.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

use serde_json::{Map, Value};
use std::{collections::BTreeSet, process::Command};

const CHECKED_IN: &str = include_str!("../../../web/openapi.json");

fn printed(words: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_hefu")).arg("openapi").args(words).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

fn described(words: &[&str]) -> Value {
    serde_json::from_str(&printed(words)).unwrap()
}

fn operations(description: &Value) -> Vec<(String, &Map<String, Value>)> {
    let paths = description["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (format!("{method} {path}"), operation))
    });
    all.map(|(name, operation)| (name, operation.as_object().unwrap())).collect()
}

#[test]
fn the_description_that_is_checked_in_is_what_the_program_prints() {
    assert!(
        printed(&["--demo"]) == CHECKED_IN,
        "web/openapi.json is not what the code describes: run `cargo xtask api` and look at what changes"
    );
}

#[test]
fn production_is_described_without_the_virtual_pos_and_otherwise_alike() {
    let (production, demo) = (described(&[]), described(&["--demo"]));
    let of = |description: &Value| -> BTreeSet<String> {
        operations(description).into_iter().map(|(name, _)| name).collect()
    };
    let only_demo: Vec<String> = of(&demo).difference(&of(&production)).cloned().collect();
    assert!(only_demo.len() > 10 && only_demo.iter().all(|name| name.contains(" /api/pos")), "{only_demo:?}");
    let shapes = |description: &Value| description["components"]["schemas"].as_object().unwrap().clone();
    let (production, demo) = (shapes(&production), shapes(&demo));
    assert!(demo.contains_key("PosState") && !production.contains_key("PosState"));
    for (name, shape) in production {
        assert_eq!(demo[&name], shape, "{name}");
    }
}

#[test]
fn every_refusal_is_a_problem_and_every_way_in_is_named() {
    let description = described(&["--demo"]);
    let mut open = BTreeSet::new();
    for (name, operation) in operations(&description) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            if !status.starts_with('2') {
                let shape = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(shape, "#/components/schemas/Problem", "{name} {status}");
            }
        }
        let ways = operation["security"].as_array().unwrap();
        if ways.iter().all(|way| way.as_object().unwrap().is_empty()) {
            open.insert(name);
        }
    }
    open.retain(|name| !name.contains(" /api/pos"));
    assert_eq!(open.into_iter().collect::<Vec<_>>(), ["post /api/session"]);
}

#[test]
fn what_is_written_as_null_is_there_and_what_is_left_out_is_no_null() {
    let description = described(&["--demo"]);
    let schema = |name: &str| &description["components"]["schemas"][name];
    let required = |name: &str, field: &str| {
        schema(name)["required"].as_array().unwrap().iter().any(|known| known == field)
    };
    for (name, field) in
        [("PaymentRow", "duty"), ("Leg", "why"), ("Session", "merchant"), ("PosState", "payment")]
    {
        assert!(required(name, field), "{name}.{field} is always written");
    }
    for (name, field) in [("FirstBody", "proposal"), ("Problem", "until_ms"), ("Problem", "permission")] {
        assert!(!required(name, field), "{name}.{field} is left out when there is none");
        assert!(!schema(name)["properties"][field].to_string().contains("null"), "{name}.{field}");
    }
    let query = &description["paths"]["/api/payments"]["get"]["parameters"];
    for parameter in query.as_array().unwrap() {
        assert!(!parameter.to_string().contains("\"null\""), "{parameter}");
    }
    let view = query.as_array().unwrap().iter().find(|parameter| parameter["name"] == "view").unwrap();
    assert_eq!(view["schema"]["$ref"], "#/components/schemas/View");
}
