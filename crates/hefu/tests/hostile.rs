//! Clients that mean harm, beside terminals that mean business.

mod support;

use serde_json::{Value, json};
use std::{thread, time::Duration};
use support::{
    books,
    peer::{Crowd, Peer},
    world::World,
};

/// A frame that does not end within 30 s is given up: 1 s here. A silent line is kept for ten minutes: 20 s here.
const SCALE: u32 = 30;
/// So many say nothing at all, if the system lets us open so many.
const SILENT: u64 = 10_000;
/// But at least so many.
const LEAST_SILENT: u64 = 2_000;
/// Memory that one silent connection may cost the gateway, in KiB.
const MOST_KIB: u64 = 16;
/// Sales at each of four terminals meanwhile.
const SALES: usize = 40;
/// Longer than that no sale may take; it is not a measure of speed, but of not being held up.
const HELD_UP: f64 = 2.0;

#[test]
fn sales_go_through_beside_everything_that_harmful_clients_do() {
    let world = World::start(SCALE);
    let mut tills: Vec<_> =
        (1..=4).map(|number| Peer::signed_on(&world, &format!("1000{number:04}"))).collect();
    let empty = memory_kib(&world);
    let mut silent = Crowd::start(&world);
    let open = silent.ask(&json!({"do": "idle", "count": SILENT}))["open"].as_u64().expect("a count");
    println!("{open} silent connections");
    assert!(open >= LEAST_SILENT, "only {open} silent connections could be opened");
    if let (Some(before), Some(after)) = (empty, memory_kib(&world)) {
        let each = after.saturating_sub(before) / open;
        println!("{each} KiB for each");
        assert!(each <= MOST_KIB, "{each} KiB for each of {open} silent connections");
    }

    let mut slow: Vec<_> = (0..3).map(|_| Crowd::start(&world)).collect();
    slow.iter_mut().for_each(|client| client.begin(&json!({"do": "slow", "seconds": 60})));
    let mut loud: Vec<_> = (0..3).map(|_| Crowd::start(&world)).collect();
    for (seed, client) in loud.iter_mut().enumerate() {
        client.begin(&json!({"do": "nonsense", "seed": seed}));
    }

    // No two of them look like one payment charged again.
    let amounts = |till: usize| (0..SALES).map(move |number| 1_000 * (till + 1) + number);
    let sold: usize = thread::scope(|scope| {
        let at_work = tills.iter_mut().enumerate().map(|(place, till)| {
            scope.spawn(move || {
                for amount in amounts(place) {
                    let heard = till.ask(json!({"do": "sale", "amount": amount}));
                    assert_eq!(heard["code"], "00", "{heard}");
                    let seconds = heard["seconds"].as_f64().expect("every answer is timed");
                    assert!(seconds < HELD_UP, "a sale was held up for {seconds} s");
                    thread::sleep(Duration::from_millis(50));
                }
                amounts(place).sum::<usize>()
            })
        });
        at_work.collect::<Vec<_>>().into_iter().map(|till| till.join().expect("see above")).sum()
    });

    for client in &mut loud {
        let done = client.end();
        assert!(done["sent"].as_u64() > Some(100), "{done}");
        assert_eq!(done["sent"], done["closed"], "a line with nonsense on it stayed open");
    }
    for client in &mut slow {
        let done = client.end();
        assert_eq!(done["closed"], true, "one byte a second: {done}");
    }
    world.until("silent lines are closed after ten minutes", || {
        silent.ask(&json!({"do": "alive"}))["open"] == 0
    });

    // All of it has moved no money but what was sold.
    let rows = books::settled(&world, 300);
    books::assert_agreement(&world, &rows);
    assert_eq!(
        rows.values().map(|row| row.bank.net).sum::<i64>(),
        i64::try_from(sold).expect("little money")
    );
    assert_eq!(count(&world.payments(), "sale"), 4 * SALES);
    world.assert_verified();
}

#[test]
fn a_client_that_is_cut_off_in_the_middle_harms_nobody() {
    let world = World::start(SCALE);
    let mut till = Peer::signed_on(&world, "10000001");
    for hex in ["", "00", "007f", "007f6000030000", "00007f"] {
        let heard = till.ask(json!({"do": "raw", "hex": hex, "hang_up": true}));
        assert_eq!(heard["hung_up"], true, "{heard}");
        let heard = till.ask(json!({"do": "sale", "amount": 100}));
        assert_eq!(heard["code"], "00", "after {hex:?}: {heard}");
    }
    world.assert_verified();
}

fn count(payments: &Value, kind: &str) -> usize {
    let all = payments.as_array().expect("a list").iter();
    all.filter(|payment| payment["legs"][0]["kind"] == kind).count()
}

/// What the gateway holds in memory, where the system tells.
fn memory_kib(world: &World) -> Option<u64> {
    let id = world.gateway.as_ref().expect("it runs").id();
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
