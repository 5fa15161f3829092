//! What the console shows of real payments: lists and searches, one payment's page, money at risk, the live stream.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod support;

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};
use support::{peer::Peer, world::World};

const CARD: &str = "6200000000000005";
/// Charges, and loses its answer.
const LOSES: &str = "6200000000000625";

fn get(world: &World, path: &str) -> Value {
    let asked = ureq::get(format!("http://{}{path}", world.console_address()));
    let mut answer = asked.header("authorization", world.local_bearer()).call().unwrap();
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
}

/// The status and the detail of a refusal.
fn refused(world: &World, path: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let asked = agent.get(format!("http://{}{path}", world.console_address()));
    let mut answer = asked.header("authorization", world.local_bearer()).call().unwrap();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let body: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    assert_eq!(body["status"], answer.status().as_u16());
    (answer.status().as_u16(), body["detail"].as_str().unwrap().to_owned())
}

fn amounts(list: &Value) -> Vec<i64> {
    list["items"].as_array().unwrap().iter().map(|row| row["amount"]["minor"].as_i64().unwrap()).collect()
}

/// The live stream, from the event after `last` on.
struct Live(BufReader<TcpStream>);

impl Live {
    fn open(world: &World, last: Option<&str>) -> Live {
        let mut stream = TcpStream::connect(world.console_address()).unwrap();
        stream.set_read_timeout(Some(support::process::SOON)).unwrap();
        let resume = last.map_or_else(String::new, |last| format!("Last-Event-ID: {last}\r\n"));
        let bearer = world.local_bearer();
        write!(
            stream,
            "GET /api/live HTTP/1.1\r\nHost: localhost\r\nAuthorization: {bearer}\r\n{resume}\r\n"
        )
        .unwrap();
        let mut live = Live(BufReader::new(stream));
        while live.line() != "" {}
        live
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The next event about payments, or the order to read anew: its id, its name, its data.
    fn next(&mut self) -> (String, String, Value) {
        loop {
            let (id, name, data) = self.event();
            if let (Some(id), "payments" | "reset") = (id, name.as_str()) {
                return (id, name, data);
            }
        }
    }

    /// The next event of all.
    fn event(&mut self) -> (Option<String>, String, Value) {
        let (mut id, mut name, mut data) = (None, None, None);
        loop {
            let line = self.line();
            match line.split_once(": ") {
                Some(("id", text)) => id = Some(text.to_owned()),
                Some(("event", text)) => name = Some(text.to_owned()),
                Some(("data", text)) => data = Some(serde_json::from_str(text).unwrap()),
                Some(_) => {}
                // Lengths of chunks, and the empty line after an event.
                None => {}
            }
            if line.is_empty()
                && let Some(data) = data.take()
            {
                return (id.take(), name.take().unwrap(), data);
            }
        }
    }

    /// Reads on until both of these were told.
    fn hears(&mut self, what: [&str; 2]) {
        let mut heard = [false; 2];
        while heard != [true; 2] {
            let (_, name, _) = self.event();
            what.iter().zip(&mut heard).for_each(|(what, heard)| *heard |= *what == name);
        }
    }
}

#[test]
fn payments_are_found_by_whatever_stands_on_paper_and_their_pages_tell_everything() {
    let mut world = World::start(60);
    let mut till = Peer::signed_on(&world, "10000001");
    let mut sell = |amount: i64, card: &str| till.ask(json!({"do": "sale", "amount": amount, "card": card}));
    let first = sell(1_000, CARD);
    for amount in [2_000, 3_000] {
        sell(amount, CARD);
    }
    let rrn = first["rrn"].as_str().unwrap().to_owned();
    let all = |world: &World| amounts(&get(world, "/api/payments?terminal=10000001&view=approved&limit=10"));
    world.until("the reader has read them", || all(&world).len() == 3);
    assert_eq!(all(&world), [3_000, 2_000, 1_000], "the newest first");
    let found = |path: &str| amounts(&get(&world, path));
    assert_eq!(found(&format!("/api/payments?q={rrn}")), [1_000]);
    assert_eq!(found("/api/payments?q=0005&amount=2000"), [2_000]);
    assert_eq!(found("/api/payments?card=0005&terminal=10000001&view=approved&limit=2"), [3_000, 2_000]);
    let page = get(&world, "/api/payments?terminal=10000001&limit=2");
    let next = page["next"].as_str().unwrap();
    assert_eq!(
        found(&format!("/api/payments?terminal=10000001&limit=2&cursor={next}")),
        [1_000],
        "the next page"
    );
    assert_eq!(found("/api/payments?merchant=000000000000000"), [0_i64; 0]);

    let page = get(&world, &format!("/api/payments/{rrn}"));
    assert_eq!(page["payment"]["rrn"], json!(rrn));
    assert_eq!(page["charged"], json!({"minor": 1_000, "currency": 156}));
    assert!(page["timeline"][0]["words"]["zh"].as_str().unwrap().contains("消费"));
    let offered: Vec<&str> = page["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action["decision"].as_str().unwrap())
        .collect();
    assert!(offered.contains(&"has_not"), "{offered:?}");
    assert!(!page.to_string().contains(CARD), "no full card number");

    for (path, status, detail) in [
        ("/api/payments/6327Y0000009", 404, "no payment has the reference"),
        ("/api/payments/short", 400, "rrn: "),
        ("/api/payments?amount=ten", 400, "amount"),
        ("/api/payments?colour=red", 400, "colour"),
        ("/api/payments?cursor=x", 400, "cursor: "),
    ] {
        let (found, said) = refused(&world, path);
        assert!(found == status && said.contains(detail), "{path}: {found} {said}");
    }

    // The index is the console's own: it is built again when it is not there.
    world.kill_gateway();
    std::fs::remove_file(world.store().with_extension("index.db")).unwrap();
    world.start_gateway();
    world.until("the index is built again", || found_after(&world).len() == 3);
    assert_eq!(get(&world, &format!("/api/payments?q={rrn}"))["items"][0]["amount"]["minor"], 1_000);
}

fn found_after(world: &World) -> Vec<i64> {
    amounts(&get(world, "/api/payments?terminal=10000001&limit=10"))
}

#[test]
fn a_broken_sale_is_at_risk_and_the_live_stream_tells_of_its_return() {
    let world = World::start(60);
    let mut till = Peer::signed_on(&world, "10000001");
    let mut live = Live::open(&world, None);
    let told = till.ask(json!({"do": "sale", "amount": 7_700, "card": LOSES}));
    assert_eq!(told["code"], "98", "unknown");
    let (mut seen, mut last) = (Vec::new(), None);
    while !seen.iter().any(|view| view == "returned") {
        let (id, name, rows) = live.next();
        assert_eq!(name, "payments");
        for row in rows.as_array().unwrap().iter().filter(|row| row["amount"]["minor"] == 7_700) {
            seen.push(row["view"].as_str().unwrap().to_owned());
            let at_risk = row["at_risk"].as_i64().unwrap();
            assert_eq!(at_risk > 0, row["view"] != "returned", "{row}");
        }
        last.get_or_insert(id);
    }
    world.until("nothing of it is at risk", || {
        get(&world, "/api/payments?amount=7700")["items"][0]["matched"] == json!(true)
    });
    // Whoever lost the stream goes on where he was, and hears what he missed once.
    let (_, name, rows) = Live::open(&world, last.as_deref()).next();
    assert_eq!((name.as_str(), rows[0]["view"].as_str()), ("payments", Some("returned")));
    let (_, name, _) = Live::open(&world, Some("0-1")).next();
    assert_eq!(name, "reset", "an id of another run");
    let risk = get(&world, "/api/risk");
    assert!(risk["now"]["amount"]["minor"].is_i64() && risk["history"].is_array(), "{risk}");
}

#[test]
fn whoever_opens_the_stream_is_told_first_how_links_and_risk_stand() {
    let world = World::start(60);
    let mut first = Live::open(&world, None);
    first.hears(["risk", "links"]);
    // Nothing has changed since: what the second page has read may be older all the same.
    Live::open(&world, None).hears(["risk", "links"]);
}

#[test]
fn the_interface_describes_itself() {
    let world = World::start(60);
    let description = get(&world, "/api/openapi.json");
    for path in
        ["/api/payments", "/api/payments/{rrn}", "/api/links", "/api/live", "/api/risk", "/api/session"]
    {
        assert!(description["paths"][path].is_object(), "{path}");
    }
    let mut body = String::new();
    let mut stream = TcpStream::connect(world.console_address()).unwrap();
    write!(stream, "GET /api/health HTTP/1.1\r\nHost: bank.example\r\nConnection: close\r\n\r\n").unwrap();
    stream.read_to_string(&mut body).unwrap();
    assert!(body.starts_with("HTTP/1.1 421"), "a name of elsewhere: {body}");
}
