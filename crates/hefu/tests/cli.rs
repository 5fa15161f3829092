//! The command line: exit codes, JSON, masking, slips.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod support;

use serde_json::{Value, json};
use std::{path::Path, process::Command};
use support::{
    peer::{Peer, python},
    process::{Ran, run},
    world::{HEFU, World},
};

/// A frame whose content others have published (pre-authorisation by code), with the MAC that they computed.
const PUBLISHED: &str = "007f600003000060321032007202003020048000c08015000000000000001234000002030099303030303030\
    3031393532373138313832323137383735313536001926000001000600000000\
    00435f01123238343431323334353637383930313233345f03063136303033365f04063230303832365c0230314233413039324145";
const CARD: &str = "6200000000000005";

#[test]
fn exit_codes_tell_good_from_found_from_misused() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere.db");
    let nowhere = nowhere.to_str().unwrap();
    let broken = folder.path().join("broken.toml");
    std::fs::write(&broken, "fee = \"much\"").unwrap();
    let broken = broken.to_str().unwrap();
    // (arguments, standard input, exit code, what is said)
    let cases: &[(&[&str], &str, i32, &str)] = &[
        (&["--help"], "", 0, "serve"),
        (&["--version"], "", 0, "hefu"),
        (&[], "", 2, "Usage"),
        (&["no-such-command"], "", 2, "no-such-command"),
        (&["payments", "--limit", "0"], "", 2, "0"),
        (&["--store", nowhere, "payments"], "", 2, nowhere),
        (&["--store", nowhere, "verify"], "", 2, nowhere),
        (&["--store", nowhere, "explain", "632700000001"], "", 2, nowhere),
        (&["--store", nowhere, "slip", "632700000001"], "", 2, nowhere),
        (&["payments", "--link", "west"], "", 2, "west: no such bank link; there are: bank"),
        (&["--config", broken, "payments"], "", 2, broken),
        (&["world", "bank", "--mac", "crc"], "", 2, "crc"),
        (&["world", "bank", "--acquirer", "x"], "", 2, "at most 11 digits"),
        (&["world", "bank", "--pin-key", "00"], "", 2, "hefu: "),
        (&["--config", nowhere, "serve"], "", 2, nowhere),
        (&["--time-scale", "0", "serve"], "", 2, "0"),
        (&["sim", "--outage", "1", "--seeds", "5"], "", 2, "--seeds"),
        (&["sim", "--backlog", "5"], "", 2, "--outage"),
        (&["sim", "--seeds", "1", "--trace", "--evidence", nowhere], "", 2, "--evidence"),
        (&["iso8583", "decode"], PUBLISHED, 0, "F60"),
        (&["iso8583", "decode"], &PUBLISHED[..60], 1, ""),
        (&["iso8583", "decode"], "00 7g", 2, "column 5"),
        (&["iso8583", "decode"], "", 2, "0 hexadecimal digits"),
    ];
    for (args, input, code, says) in cases {
        let ran = run(Command::new(HEFU).args(*args), input);
        assert_eq!(ran.code, Some(*code), "{args:?}: {ran:?}");
        assert!(ran.out.contains(says) || ran.err.contains(says), "{args:?} does not say {says:?}: {ran:?}");
        assert!(!ran.err.contains("panicked"), "{args:?}: {ran:?}");
    }
}

#[test]
fn an_outage_leaves_its_line_of_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("outage.jsonl");
    let of = ["sim", "--outage", "1", "--backlog", "20", "--evidence", file.to_str().unwrap()];
    let ran = run(Command::new(HEFU).args(of), "");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let line: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    // (field, value)
    let cases = [
        ("hours", json!(1)),
        ("backlog", json!(20)),
        ("unknown", json!(20)),
        ("acknowledged", json!(20)),
        ("broken", json!(null)),
    ];
    for (field, expected) in cases {
        assert_eq!(line[field], expected, "{field} of {line}");
    }
}

#[test]
fn a_published_frame_is_decoded() {
    let ran = decode(PUBLISHED, &["--json"]);
    let rows = ran.json();
    assert_eq!(rows["error"], Value::Null, "{rows}");
    let value = |field: &str| {
        let row = rows["rows"].as_array().unwrap().iter().find(|row| row["field"] == field);
        row.unwrap_or_else(|| panic!("no {field} in {rows}"))["value"].as_str().unwrap().to_owned()
    };
    assert!(value("MTI").contains("0200"));
    assert!(value("F4").contains("1234") || value("F4").contains("12.34"), "{}", value("F4"));
    assert!(value("F11").contains("000002"));
    assert!(value("F41").contains("00000001"));
    let text = decode(PUBLISHED, &[]);
    assert!(text.out.contains("F41") && text.out.contains("00000001"), "{text:?}");
}

#[test]
fn decoding_shows_no_card_number_track_or_pin() {
    for entry in ["swipe", "insert"] {
        let sale = json!({"do": "sale", "amount": 100, "card": CARD, "entry": entry, "dry": true});
        let ran = run(python("terminal.py").args(["--do", &sale.to_string()]), "");
        let frame = ran.json()["frame"].as_str().expect("a frame").to_owned();
        assert!(frame.contains(CARD), "the frame itself carries the card");
        for json in [&[][..], &["--json"]] {
            let shown = decode(&frame, json).out;
            // A track shows nothing of the card; F2 shows its ends.
            assert_eq!(shown.contains("620000") && shown.contains("0005"), entry == "insert", "{shown}");
            for secret in [CARD, "3012", "D3012", "d3012"] {
                assert!(!shown.contains(secret), "{secret} is shown: {shown}");
            }
        }
    }
}

fn decode(frame: &str, flags: &[&str]) -> Ran {
    let ran = run(Command::new(HEFU).args(flags).args(["iso8583", "decode"]), frame);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran
}

#[test]
fn what_is_asked_of_a_store_is_answered_in_words_and_in_json() {
    let world = World::start(60);
    let mut till = Peer::signed_on(&world, "10000001");
    let sold = till.ask(json!({"do": "sale", "amount": 123_456, "card": CARD}));
    let declined = till.ask(json!({"do": "sale", "amount": 1_000, "card": "6200000000000518"}));
    let void = till.ask(json!({"do": "void", "of": sold["trace"]}));
    let unknown = till.ask(json!({"do": "sale", "amount": 5_000, "card": "6200000000000674"}));
    let codes = [&sold["code"], &declined["code"], &void["code"], &unknown["code"]];
    assert_eq!(codes, ["00", "51", "00", "98"]);
    let rrn = |heard: &Value| heard["rrn"].as_str().expect("a reference").to_owned();

    // Listing and stories.
    let listed = world.hefu(&["payments"]);
    for heard in [&sold, &declined, &unknown] {
        assert!(listed.out.contains(&rrn(heard)), "{listed:?}");
    }
    let open = world.hefu(&["payments", "--open"]);
    assert!(open.out.contains(&rrn(&unknown)) && !open.out.contains(&rrn(&declined)), "{open:?}");
    let story = world.story(&rrn(&void));
    assert_eq!(
        story["legs"].as_array().unwrap().len(),
        2,
        "a void's reference leads to its payment: {story}"
    );
    let by_id = world.story(story["id"].as_str().unwrap());
    assert_eq!(by_id["id"], story["id"]);
    let lower = world.story(&rrn(&sold).to_lowercase());
    assert_eq!(lower["id"], story["id"], "references are read in small letters too");

    // What is not there.
    for (args, code) in [
        (["explain", "6327ZZZZZZZZ"], 1),
        (["slip", "6327ZZZZZZZZ"], 1),
        (["explain", "no-rrn"], 2),
        (["explain", "00000000000000000000000000000000"], 1),
    ] {
        let ran = world.hefu(&args);
        assert_eq!(ran.code, Some(code), "{args:?}: {ran:?}");
        assert!(ran.out.is_empty() && ran.err.starts_with("hefu: "), "{args:?}: {ran:?}");
    }

    slips(&world, &rrn(&sold), &rrn(&void), &rrn(&declined));
    verified(&world);
}

/// Every slip fits its paper and shows what it must, in both languages.
fn slips(world: &World, sold: &str, void: &str, declined: &str) {
    // (reference, language, what must stand on it)
    let cases = [
        (sold, "zh", &["合符测试商户", "1234.56", "620000******0005", "消费"][..]),
        (sold, "en", &["Hefu Test Store", "1234.56", "620000******0005", "SALE"]),
        (void, "zh", &["合符测试商户", "1234.56", "撤销"]),
        (void, "en", &["Hefu Test Store", "1234.56", "VOID"]),
        (declined, "en", &["Hefu Test Store", "10.00", "51"]),
        (declined, "zh", &["合符测试商户", "10.00", "51"]),
    ];
    for (rrn, language, shows) in cases {
        for (width, columns) in [("32", 32), ("48", 48)] {
            for more in [&[][..], &["--merchant-copy"], &["--duplicate"]] {
                let args = [&["slip", rrn, "--language", language, "--width", width][..], more].concat();
                let ran = world.hefu(&args);
                assert_eq!(ran.code, Some(0), "{args:?}: {ran:?}");
                for part in shows.iter().copied().chain([rrn, "898110253110001", "10000001"]) {
                    let there = ran.out.replace(',', "").to_uppercase().contains(&part.to_uppercase());
                    assert!(there, "{args:?}: no {part} on\n{}", ran.out);
                }
                for secret in [CARD, "有效期", "EXPIRY"] {
                    assert!(!ran.out.to_uppercase().contains(secret), "{secret} on\n{}", ran.out);
                }
                let duplicate = ran.out.contains("DUPLICATE") || ran.out.contains("重打印");
                assert_eq!(duplicate, more == ["--duplicate"], "{args:?}\n{}", ran.out);
                for line in ran.out.lines() {
                    assert!(wide(line) <= columns, "{args:?}: {line:?} is wider than the paper");
                }
                let as_json = world.hefu(&[&["--json"][..], &args].concat()).json();
                assert_eq!(as_json["text"].as_str(), Some(ran.out.as_str()), "{args:?}");
                assert_eq!(as_json["columns"], columns, "{args:?}");
            }
        }
    }
}

/// Columns of a line: what is not ASCII takes two on these printers.
fn wide(line: &str) -> usize {
    line.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum()
}

/// A good store is found good while it is served and after; one that was tampered with is not.
fn verified(world: &World) {
    world.assert_verified();
    let text = world.hefu(&["verify"]);
    assert!(text.out.contains("0 findings"), "{text:?}");
    let copy = world.store().with_file_name("tampered.db");
    for (statement, hint) in [
        ("UPDATE balance SET debit_posted = debit_posted + 1", "balance"),
        ("DELETE FROM duty", "duty"),
        (
            "DROP TRIGGER fact_is_never_changed; UPDATE fact SET body = CAST(body || x'20' AS BLOB) WHERE kind = 'told'",
            "chain",
        ),
        ("DROP TRIGGER fact_is_never_deleted; DELETE FROM fact WHERE seq = (SELECT max(seq) FROM fact)", ""),
    ] {
        copy_store(&world.store(), &copy);
        let connection = rusqlite::Connection::open(&copy).unwrap();
        connection.execute_batch(statement).unwrap();
        assert!(connection.changes() > 0, "{statement} changed nothing");
        drop(connection);
        let ran = world.hefu(&["--store", copy.to_str().unwrap(), "--json", "verify", "--at-rest"]);
        assert_eq!(ran.code, Some(1), "{statement}: {ran:?}");
        let findings = ran.json()["findings"].to_string().to_lowercase();
        assert!(findings.len() > 2 && findings.contains(hint), "{statement}: {findings}");
    }
}

fn copy_store(from: &Path, to: &Path) {
    let connection = rusqlite::Connection::open(from).unwrap();
    let _ = std::fs::remove_file(to);
    connection.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
}
