//! Emergencies of the house, made for real: no room, no permission, a clock that lies behind. Nothing is lost, nothing
//! doubled, sales are refused clearly, and service comes back without a restart by hand.
//!
//! The disk is filled by the system's own limit on the size of files (`prlimit`), which a running process cannot tell
//! from a full disk but by its error number, and which needs neither root nor a mount. What is read-only is so by
//! permissions; where the tests run as root, the gateway is started without the capability to ignore them.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod support;

use serde_json::json;
use std::{os::unix::fs::PermissionsExt, path::Path, process::Command};
use support::{
    books::{assert_agreement, settled},
    peer::Peer,
    process::{Process, SOON, run},
    world::{HEFU, World},
};

const CARD: &str = "6200000000000005";
/// So many stated seconds until nothing acts any more: a few deadlines.
const SETTLES: u32 = 1_200;

/// Starts the gateway so that a file that may not grow is an error and not its end.
fn start_gateway(world: &mut World) {
    let command = world.command();
    let mut line = Command::new("sh");
    line.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
    if is_root() {
        line.args(["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"]);
    }
    line.arg(HEFU).args(command.get_args()).arg("serve");
    line.env_remove("HEFU_MASTER_KEY").env("RUST_LOG", "warn");
    let gateway = Process::start("the gateway", &mut line);
    gateway.wait_for(0, SOON, |line| line.starts_with("hefu: terminals"));
    world.gateway = Some(gateway);
    world.wait_for_link();
}

fn is_root() -> bool {
    run(Command::new("id").arg("-u"), "").out.trim() == "0"
}

/// How many bytes a file of the gateway may have from now on.
fn limit_files(world: &World, bytes: &str) {
    let pid = world.gateway.as_ref().unwrap().id().to_string();
    // The soft limit alone: it can be raised again without any right.
    let ran = run(Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:")]), "");
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

/// Waits until the gateway says this, after what it said before; gives the line.
fn says(world: &World, words: &str) -> String {
    world.gateway.as_ref().unwrap().wait_for(0, SOON, |line| line.contains(words)).1
}

/// A world whose gateway can be hurt, with one approved sale.
fn hurt_world() -> (World, Peer) {
    let mut world = World::start(60);
    world.kill_gateway();
    start_gateway(&mut world);
    let mut till = Peer::signed_on(&world, "10000001");
    assert_eq!(till.ask(json!({"do": "sale", "amount": 1_000, "card": CARD}))["code"], "00");
    (world, till)
}

/// A sale while the store is away, and a sale after it has come back.
fn refused_then_approved(world: &mut World, heal: impl FnOnce(&World)) {
    let mut till = Peer::start(world, "10000003");
    let heard = till.ask(json!({"do": "sale", "amount": 3_000, "card": CARD}));
    assert_ne!(heard["code"], "00", "nothing is approved that cannot be kept: {heard}");
    let pid = world.gateway.as_ref().unwrap().id();
    heal(world);
    world.wait_for_link();
    let mut till = Peer::signed_on(world, "10000004");
    assert_eq!(till.ask(json!({"do": "sale", "amount": 4_000, "card": CARD}))["code"], "00");
    let gateway = world.gateway.as_mut().unwrap();
    assert!(gateway.is_alive() && gateway.id() == pid, "nobody started it again");
}

/// All books agree, and what was approved before and after stands in them, once.
fn nothing_lost_nothing_doubled(world: &World) {
    let rows = settled(world, SETTLES);
    assert_agreement(world, &rows);
    world.assert_verified();
    let mut charged: Vec<_> = rows.values().filter(|row| row.bank.net != 0).map(|row| row.bank.net).collect();
    charged.sort_unstable();
    assert_eq!(charged, [1_000, 4_000], "{rows:?}");
}

#[test]
fn a_store_without_room_refuses_sales_and_comes_back_when_there_is_room() {
    let (mut world, mut till) = hurt_world();
    limit_files(&world, "0");
    // This one may have been taken on before the store was known to be full: it hears nothing, or the truth.
    till.begin(&json!({"do": "sale", "amount": 2_000, "card": CARD}));
    let line = says(&world, "the node waits for its store");
    assert!(line.contains("File too large"), "{line}");
    refused_then_approved(&mut world, |world| limit_files(world, "unlimited"));
    says(&world, "alarm: the node is back: running");
    nothing_lost_nothing_doubled(&world);
}

#[test]
fn a_store_that_may_not_be_written_refuses_sales_and_comes_back_when_it_may() {
    let (mut world, mut till) = hurt_world();
    let directory = world.store().parent().unwrap().to_owned();
    permit(&directory, false);
    // Files that are open stay writable whatever their permissions: the limit makes the store look again.
    limit_files(&world, "0");
    till.begin(&json!({"do": "sale", "amount": 2_000, "card": CARD}));
    let line = says(&world, "the node waits for its store");
    assert!(line.contains("Permission denied"), "{line}");
    limit_files(&world, "unlimited");
    refused_then_approved(&mut world, |_| permit(&directory, true));
    nothing_lost_nothing_doubled(&world);
}

/// Lets the store's folder and files be written, or not.
fn permit(directory: &Path, writing: bool) {
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for file in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
        if file.file_name().to_string_lossy().starts_with("hefu.db") {
            mode(&file.path(), if writing { 0o644 } else { 0o444 });
        }
    }
    mode(directory, if writing { 0o755 } else { 0o555 });
}

/// Sets the gateway's clock back by so many stated seconds; it is down meanwhile.
fn set_back(world: &World, seconds: i64) {
    let connection = rusqlite::Connection::open(world.store()).unwrap();
    let clock = "SELECT CAST(value AS TEXT) FROM meta WHERE key = 'clock'";
    let kept: String = connection.query_row(clock, [], |row| row.get(0)).unwrap();
    let (anchor, scale) = kept.split_once(' ').unwrap();
    let (anchor, scale): (i64, i64) = (anchor.parse().unwrap(), scale.parse().unwrap());
    // Scaled time shows `scale - 1` milliseconds less for each that its anchor lies later.
    let anchor = anchor + seconds * 1_000 / (scale - 1);
    let value = format!("{anchor} {scale}").into_bytes();
    connection.execute("UPDATE meta SET value = ?1 WHERE key = 'clock'", [value]).unwrap();
}

#[test]
fn a_clock_a_little_behind_the_store_is_waited_for_and_one_far_behind_is_refused() {
    let (mut world, _till) = hurt_world();
    world.kill_gateway();
    set_back(&world, 270);
    world.start_gateway_only();
    says(&world, "the node waits for it");
    world.wait_for_link();
    let mut till = Peer::signed_on(&world, "10000004");
    assert_eq!(till.ask(json!({"do": "sale", "amount": 4_000, "card": CARD}))["code"], "00");
    nothing_lost_nothing_doubled(&world);

    world.kill_gateway();
    set_back(&world, 3_600);
    let refused = run(world.command().arg("serve"), "");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.err.contains("ahead of the clock") && refused.err.contains("put the clock right"),
        "{refused:?}"
    );
}
