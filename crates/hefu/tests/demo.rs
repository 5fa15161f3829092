//! What the README promises: the demo, and the walk through separate processes, word for word.

mod support;

use std::{
    process::Command,
    time::{Duration, Instant},
};
use support::{
    process::{Process, SOON, run},
    world::HEFU,
};

#[test]
fn the_demo_ends_with_books_that_agree() {
    let directory = tempfile::tempdir().unwrap();
    let ran = run(Command::new(HEFU).current_dir(directory.path()).args(["demo", "--json"]), "");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let shown = ran.json();
    assert_eq!(shown["differences"], 0);
    assert_eq!(shown["findings"], 0);
    assert_eq!(shown["awaiting_clearing"], 1, "the card that only clearing can tell about");
    let payments = shown["payments"].as_array().map_or(0, Vec::len);
    assert!(payments >= 34, "each scene leaves a payment: {payments}");
    let unknown = shown["unknown"].as_array().map_or(0, Vec::len);
    assert!(unknown >= 20, "the scenes that fail were unknown for a while: {unknown}");
    let roles = ["cashier", "merchant_owner", "service_agent", "risk", "finance", "operator", "auditor"];
    for role in roles {
        let of_role = shown["sign_ins"].as_array().into_iter().flatten().find(|row| row["role"] == role);
        let password = of_role.and_then(|row| row["password"].as_str());
        assert!(password.is_some_and(|password| password.len() == 14), "{role}: {of_role:?}");
    }
    assert!(!ran.out.contains("6200000000000"), "no full card number is shown");
}

/// The commands of the README's "Run it for real", with their defaults, in a folder of their own.
#[test]
fn the_readme_walk_through_separate_processes_holds() {
    let directory = tempfile::tempdir().unwrap();
    let hefu = |args: &[&str]| {
        let mut command = Command::new(HEFU);
        command.current_dir(directory.path()).args(args);
        command
    };
    let bank = Process::start("the bank", &mut hefu(&["world", "bank"]));
    bank.wait_for(0, SOON, |line| line.starts_with("bank: link"));
    let gateway = Process::start("the gateway", &mut hefu(&["serve"]));
    gateway.wait_for(0, SOON, |line| line.starts_with("hefu: terminals"));
    let signed = run(&mut hefu(&["world", "terminal", "sign-on"]), "");
    assert!(signed.out.contains("approved"), "{signed:?}");
    // The first sale may come before the bank link is up, and is then refused as never sent.
    let began = Instant::now();
    let sold = loop {
        let sold = run(&mut hefu(&["world", "terminal", "sale", "--amount", "12.34"]), "");
        if sold.out.contains("F39 00") || began.elapsed() > Duration::from_secs(20) {
            break sold;
        }
    };
    assert!(sold.out.contains("approved; F39 00"), "{sold:?}");
    let payments = run(&mut hefu(&["payments"]), "");
    assert!(payments.out.contains("620000******0005") && payments.out.contains("12.34 CNY"), "{payments:?}");
    let verified = run(&mut hefu(&["verify"]), "");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(verified.out.contains("0 findings"), "{verified:?}");
}
