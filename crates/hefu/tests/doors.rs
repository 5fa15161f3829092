//! The doors of the console, over real HTTP: who may do what, and by which tricks nobody gets in.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod support;

use hefu_people::{FirstPassword, Language, Login, NewAccount, Role, Scope};
use hefu_tally::MerchantNo;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::Read,
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};
use support::{
    peer::Peer,
    person::{Person, System, everybody, people, wall},
    process::{Process, SOON, run},
    world::{HEFU, World, port},
};

const CARD: &str = "6200000000000005";
/// Charges, loses its answer, and denies it twice: only its books can tell.
const DENIES: &str = "6200000000000971";
const SHOP: MerchantNo = MerchantNo(*b"898110253110001");
const OTHER_SHOP: MerchantNo = MerchantNo(*b"898110253119999");
const PASSWORD: &str = "rain on a tin roof";

/// Everybody by name, in a world with one sale; and the sale's reference.
fn house() -> (World, BTreeMap<String, Person>, String) {
    let world = World::start(60);
    let mut till = Peer::signed_on(&world, "10000001");
    let sale = till.ask(json!({"do": "sale", "amount": 1_000, "card": CARD}));
    let rrn = sale["rrn"].as_str().unwrap().to_owned();
    let all = everybody(&world, SHOP);
    let all: BTreeMap<_, _> =
        all.into_iter().map(|(account, person)| (account.login.to_string(), person)).collect();
    world
        .until("the reader has read it", || all["auditor"].get("/api/payments").json()["items"] != json!([]));
    (world, all, rrn)
}

/// An account that may sign in by [`PASSWORD`] alone.
fn account(world: &World, login: &str, role: Role, scope: Scope) -> Person {
    let mut people = people(world);
    let new = NewAccount {
        login: Login::parse(login).unwrap(),
        display: login.to_owned(),
        role,
        scope,
        language: Language::En,
    };
    let (first, hash) = FirstPassword::made(&mut System);
    people.create_with(&new, &hash, wall()).unwrap();
    people.change_password(login, first.reveal(), PASSWORD, "", &mut System).unwrap();
    if role.needs_code() {
        let offered = people.offer_codes(login, &mut System).unwrap();
        let now = wall();
        people.confirm_codes(login, &code(offered.secret.reveal(), now.0 - 30_000), now).unwrap();
        let mut person = Person::nobody(world);
        let heard = person.sign_in(login, PASSWORD, Some(&code(offered.secret.reveal(), wall().0)));
        assert_eq!(heard.status, 200, "{}", heard.text);
        return person;
    }
    Person::signed_in(world, login, PASSWORD)
}

/// The code that an authenticator app shows.
fn code(secret: &str, at: i64) -> String {
    let key = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let key: [u8; 20] = key.try_into().unwrap();
    let codes = totp_rs::Builder::new().with_secret(totp_rs::Secret::new_stack(key)).build().unwrap();
    codes.generate(u64::try_from(at / 1_000).unwrap()).to_string()
}

const ALL: &str = "cashier owner agent risk finance operator auditor";
const INSIDE: &str = "agent risk finance operator auditor";

/// Each role at each address: who is let in, and with which status; the others hear 403, and nobody hears 401.
#[test]
fn each_role_reaches_what_it_may_and_nothing_else() {
    let (world, all, rrn) = house();
    let decision = |decision: &str| json!({"leg": 9, "decision": decision, "reason": "seen"});
    let path = |rest: &str| format!("/api/payments/{rrn}{rest}");
    let why = json!({"reason": "seen"});
    let new = json!({"name": "new", "display": "new", "role": "none", "language": "zh", "reason": "seen"});
    let key = json!({"label": "report", "role": "finance", "days": 1});
    let mode = json!({"mode": "draining", "reason": "seen"});
    let nothing_back = json!({"amount": 0, "reason": "seen"});
    let (nothing, empty, code) = (Value::Null, json!({}), json!({"code": "123456"}));
    // (method, path, body, who may, what they hear)
    let table: Vec<(&str, String, &Value, &str, u16)> = vec![
        ("GET", "/api/session".into(), &nothing, ALL, 200),
        ("PUT", "/api/session/totp".into(), &code, ALL, 409),
        ("GET", "/api/payments".into(), &nothing, ALL, 200),
        ("GET", path(""), &nothing, ALL, 200),
        ("GET", path("/slip?format=text"), &nothing, "cashier owner agent finance operator auditor", 200),
        ("GET", path("/slip?format=doc"), &nothing, "cashier owner agent finance operator auditor", 400),
        ("GET", "/api/live".into(), &nothing, ALL, 200),
        ("GET", "/api/health".into(), &nothing, ALL, 200),
        ("GET", "/api/risk".into(), &nothing, INSIDE, 200),
        ("GET", "/api/links".into(), &nothing, INSIDE, 200),
        ("GET", "/api/alarms".into(), &nothing, INSIDE, 200),
        ("POST", "/api/links/none/mode".into(), &mode, "operator", 404),
        ("GET", "/api/terminals".into(), &nothing, "owner agent risk operator auditor", 200),
        ("GET", "/api/batches".into(), &nothing, "owner agent risk operator auditor", 200),
        ("POST", path("/refund"), &nothing_back, "owner", 409),
        ("GET", "/api/audit".into(), &nothing, "operator auditor", 200),
        ("GET", "/api/proposals".into(), &nothing, "agent finance operator auditor", 200),
        ("POST", "/api/proposals/999/approve".into(), &empty, "agent finance operator auditor", 404),
        ("GET", "/api/accounts".into(), &nothing, "owner operator", 200),
        ("POST", "/api/accounts".into(), &new, "owner operator", 400),
        ("POST", "/api/accounts/none/disable".into(), &why, "owner operator", 404),
        ("POST", "/api/accounts/none/enable".into(), &why, "owner operator", 404),
        ("POST", "/api/accounts/none/reset".into(), &why, "owner operator", 404),
        ("GET", "/api/keys".into(), &nothing, "operator", 200),
        ("POST", "/api/keys".into(), &key, "operator", 400),
        ("DELETE", "/api/keys/none".into(), &nothing, "operator", 404),
    ];
    let decisions = [
        ("has", "cashier owner agent"),
        ("has_not", "cashier owner agent"),
        ("done", "finance"),
        ("not_done", "finance"),
        ("undone", "finance"),
        ("close", "agent finance"),
    ];
    let check = |method: &str, path: &str, body: &Value, may: &str, status: u16| {
        let body = Some(body).filter(|body| !body.is_null());
        for role in ALL.split(' ') {
            let expected = if may.split(' ').any(|may| may == role) { status } else { 403 };
            let heard = all[role].ask(method, path, body);
            assert_eq!(heard.status, expected, "{role}: {method} {path}: {}", heard.text);
            if expected == 403 {
                assert!(heard.json()["permission"].is_string(), "{role}: {method} {path}: {}", heard.text);
            }
        }
        let nobody = Person::nobody(&world).ask(method, path, body);
        assert_eq!(nobody.status, 401, "nobody: {method} {path}");
        assert_eq!(nobody.header("content-type"), "application/problem+json");
    };
    for (method, path, body, may, status) in &table {
        check(method, path, body, may, *status);
    }
    for (name, may) in decisions {
        // There is no transaction 9, so that nothing is decided.
        check("POST", &path("/decision"), &decision(name), may, 400);
    }
    let denied = all["auditor"].get("/api/audit?what=denied&limit=200").json();
    assert!(denied["items"].as_array().unwrap().len() >= 60, "what was refused stands in the log");
    let last = &denied["items"][0];
    assert_eq!(
        (&last["about"], &last["detail"]),
        (&json!("POST /api/payments/{rrn}/decision"), &json!("close"))
    );
    let described = Person::nobody(&world).get("/api/openapi.json");
    assert_eq!(described.status, 200);
    for (_, path, ..) in &table {
        assert!(path.starts_with("/api/"), "{path}");
    }
    assert_eq!(Person::nobody(&world).get("/api/none").status, 404);
}

#[test]
fn a_page_of_elsewhere_and_a_stolen_session_change_nothing() {
    let (world, all, _) = house();
    let operator = &all["operator"];
    let order = json!({"mode": "draining", "reason": "seen"});
    let try_it = |person: &Person| person.post("/api/links/bank/mode", &order).status;
    let host = world.console_address();
    let csrf_of_another = all["operator2"].csrf.clone();
    let cases = [
        ("no token", Person { csrf: None, ..operator.clone() }, 403),
        ("another's token", Person { csrf: csrf_of_another, ..operator.clone() }, 403),
        ("a foreign origin", operator.with("origin", "https://shop.example"), 403),
        ("no origin of its own", operator.with("origin", "null"), 403),
        ("another port here", operator.with("origin", "http://127.0.0.1:1"), 403),
        ("another site", operator.with("sec-fetch-site", "cross-site"), 403),
        ("a neighbour", operator.with("sec-fetch-site", "same-site"), 403),
        ("a made up session", Person { cookie: Some("hefu=abc".into()), ..operator.clone() }, 401),
        ("a made up key", Person { cookie: None, bearer: Some("hefu_a_b".into()), ..operator.clone() }, 401),
    ];
    for (what, person, status) in cases {
        assert_eq!(try_it(&person), status, "{what}");
    }
    let links = operator.get("/api/links").json();
    assert_eq!(links["items"][0]["mode"], "normal", "nothing of it was done");
    assert_eq!(try_it(&operator.with("origin", &format!("http://{host}"))), 204);

    let elsewhere = Person::nobody(&world).with("origin", "https://shop.example");
    let heard = elsewhere.post("/api/session", &json!({"name": "operator", "password": "x"}));
    assert_eq!(heard.status, 403, "nobody is signed in by a page of elsewhere");

    let stolen = operator.clone();
    let session = Person::nobody(&world).post("/api/session", &json!({"name": "x", "password": "x"}));
    assert_eq!(session.status, 401);
    assert_eq!(operator.ask("DELETE", "/api/session", None).status, 204);
    assert_eq!(stolen.get("/api/session").status, 401, "after the sign-out");
    assert_eq!(try_it(&stolen), 401);
}

#[test]
fn a_merchants_person_sees_the_payments_of_that_merchant_alone() {
    let (world, all, rrn) = house();
    let other = account(&world, "far.owner", Role::MerchantOwner, Scope::Merchant(OTHER_SHOP));
    let items = |person: &Person, path: &str| person.get(path).json()["items"].as_array().unwrap().len();
    for (query, own) in [
        ("terminal=10000001", 1),
        ("terminal=10000001&merchant=898110253110001", 1),
        ("terminal=10000001&q=0005", 1),
        ("merchant=898110253119999", 0),
    ] {
        let path = format!("/api/payments?{query}");
        assert_eq!(items(&all["owner"], &path), own, "{path}");
        assert_eq!(items(&other, &path), 0, "{path}");
    }
    assert!(items(&all["owner"], "/api/terminals") >= 1);
    assert_eq!(items(&other, "/api/terminals"), 0);
    let decision = json!({"decision": "has", "reason": "mine"});
    assert_eq!(other.get(&format!("/api/payments/{rrn}")).status, 404);
    assert_eq!(other.get(&format!("/api/payments/{rrn}/slip")).status, 404);
    assert_eq!(other.post(&format!("/api/payments/{rrn}/decision"), &decision).status, 404);

    assert_eq!(all["agent"].get("/api/payments?card=6200000000000005").status, 400, "never a whole number");
    assert_eq!(all["agent"].get("/api/payments?card=0005").status, 200);
    let searched = all["auditor"].get("/api/audit?what=search_by_card&who=agent").json();
    assert_eq!(searched["items"][0]["about"], "0005");

    // An owner reaches his own cashiers, and no account beside.
    let names = |person: &Person| person.get("/api/accounts").json()["items"].to_string();
    assert!(names(&all["owner"]).contains("cashier") && !names(&all["owner"]).contains("operator"));
    assert!(!names(&other).contains("cashier"));
    let why = json!({"reason": "left"});
    assert_eq!(other.post("/api/accounts/cashier/disable", &why).status, 404);
    assert_eq!(all["owner"].post("/api/accounts/operator/disable", &why).status, 404);
    let mut new = json!({"name": "till2", "display": "Till 2", "role": "cashier", "language": "zh",
        "merchant": "898110253119999", "reason": "new"});
    assert_eq!(all["owner"].post("/api/accounts", &new).status, 403, "of another's shop");
    new["merchant"] = json!("898110253110001");
    let made = all["owner"].post("/api/accounts", &new);
    assert_eq!(made.status, 201, "{}", made.text);
    let cashier = Person::signed_in(&world, "till2", made.json()["password"].as_str().unwrap());
    assert_eq!(cashier.get("/api/payments").status, 403, "the password first");
    assert_eq!(cashier.get("/api/session").json()["must_change_password"], true);
    assert_eq!(all["owner"].post("/api/accounts/cashier/disable", &why).status, 204);
    assert_eq!(all["cashier"].get("/api/payments").status, 401, "an open session ends at once");
}

/// What a live stream of this person says until it ends or the time is over.
fn stream(world: &World, person: &Person, within: Duration, enough: impl Fn(&str) -> bool) -> (String, bool) {
    use std::io::Write;
    let mut stream = TcpStream::connect(world.console_address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let cookie = person.cookie.as_deref().unwrap();
    write!(stream, "GET /api/live HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n").unwrap();
    let (mut said, mut buffer, began) = (String::new(), [0; 4_096], Instant::now());
    while began.elapsed() < within && !enough(&said) {
        match stream.read(&mut buffer) {
            Ok(0) => return (said, true),
            Ok(read) => said.push_str(&String::from_utf8_lossy(&buffer[..read])),
            Err(error) => assert!(
                matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut),
                "{error}"
            ),
        }
        // A chunk of length nothing ends the stream, though not the line.
        if said.ends_with("\r\n0\r\n\r\n") {
            return (said, true);
        }
    }
    (said, false)
}

#[test]
fn the_live_stream_tells_each_what_he_may_hear_and_ends_with_the_session() {
    let (world, all, _) = house();
    let long = Duration::from_secs(30);
    let has =
        |said: &str, names: &[&str]| names.iter().all(|name| said.contains(&format!("event: {name}\n")));
    let (said, _) = stream(&world, &all["finance"], long, |said| has(said, &["here", "risk", "links"]));
    assert!(has(&said, &["here", "risk", "links"]) && said.contains("id: "), "{said}");
    let far = account(&world, "far.till", Role::Cashier, Scope::Merchant(OTHER_SHOP));
    let seller = std::thread::scope(|scope| {
        let watching = scope.spawn(|| stream(&world, &far, Duration::from_secs(4), |_| false));
        let own = scope.spawn(|| stream(&world, &all["cashier"], long, |said| has(said, &["payments"])));
        std::thread::sleep(Duration::from_secs(1));
        let mut till = Peer::signed_on(&world, "10000002");
        till.ask(json!({"do": "sale", "amount": 2_000, "card": CARD}));
        let (said, _) = own.join().unwrap();
        assert!(has(&said, &["here", "payments"]) && !said.contains("event: risk"), "{said}");
        watching.join().unwrap().0
    });
    assert!(has(&seller, &["here"]) && !seller.contains("event: payments"), "another's sale: {seller}");
    let (said, ended) = std::thread::scope(|scope| {
        let watching = scope.spawn(|| stream(&world, &all["risk"], long, |_| false));
        std::thread::sleep(Duration::from_secs(1));
        assert_eq!(all["risk"].ask("DELETE", "/api/session", None).status, 204);
        watching.join().unwrap()
    });
    assert!(ended, "the stream of whoever signed out goes on: {said}");
}

#[test]
fn a_first_password_is_changed_codes_are_switched_on_and_guessing_is_slowed() {
    let world = World::start(60);
    let added = run(world.command().args(["--json", "people", "add", "li.na", "--role", "operator"]), "");
    let first = added.json()["password"].as_str().unwrap().to_owned();
    let mut li = Person::signed_in(&world, "li.na", &first);
    let session = li.get("/api/session").json();
    assert_eq!((&session["must_change_password"], &session["may"]), (&json!(true), &json!([])));
    assert_eq!(li.get("/api/links").status, 403);
    let change =
        |old: &str, new: &str| li.post("/api/session/password", &json!({"old": old, "new": new})).status;
    assert_eq!(change("wrong", PASSWORD), 409);
    assert_eq!(change(&first, "too short"), 400);
    assert_eq!(change(&first, PASSWORD), 204);
    assert_eq!(li.get("/api/links").status, 403, "codes first");
    let offer = |password: &str| li.post("/api/session/totp", &json!({"password": password}));
    assert_eq!(li.post("/api/session/totp", &json!({})).status, 422, "the password is asked for");
    assert_eq!(offer("wrong").status, 409);
    let offered = offer(PASSWORD).json();
    let secret = offered["secret"].as_str().unwrap().to_owned();
    assert!(offered["uri"].as_str().unwrap().starts_with("otpauth://totp/Hefu:li.na?secret="));
    let confirm = |code: &str| li.ask("PUT", "/api/session/totp", Some(&json!({"code": code}))).status;
    assert_eq!(confirm("000000x"), 409);
    let used = code(&secret, wall().0 - 30_000);
    assert_eq!(confirm(&used), 204);
    assert_eq!(li.get("/api/links").status, 200);

    let wanted = li.sign_in("li.na", PASSWORD, None);
    assert_eq!((wanted.status, &wanted.json()["code_wanted"]), (401, &json!(true)));
    let replayed = li.sign_in("li.na", PASSWORD, Some(&used));
    assert_eq!((replayed.status, &replayed.json()["code_wanted"]), (401, &Value::Null));
    let signed = li.sign_in("li.na", PASSWORD, Some(&code(&secret, wall().0)));
    assert_eq!(signed.status, 200, "{}", signed.text);
    let cookie = signed.header("set-cookie");
    for part in ["hefu=", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }

    for name in ["li.na", "nobody"] {
        let mut guesser = Person::nobody(&world);
        let said: Vec<u16> = (0..7).map(|_| guesser.sign_in(name, "guess", None).status).collect();
        assert_eq!(said, [401, 401, 401, 401, 401, 429, 429], "{name}");
        let right = guesser.sign_in(name, PASSWORD, None);
        assert_eq!(right.status, 429, "the right password too");
        assert!(right.json()["until_ms"].as_i64().unwrap() > wall().0 - 5_000);
        assert!(right.header("retry-after").parse::<u32>().is_ok());
    }
    let refused = li.get("/api/audit?what=sign_in_refused&about=li.na").json();
    assert!(refused["items"].as_array().unwrap().len() >= 5, "{refused}");
    let unknown = li.get("/api/audit?about=nobody").json();
    assert_eq!(unknown["items"], json!([]), "a name that is nobody's may be a password");
    let checked = run(world.command().args(["people", "audit"]), "");
    assert!(checked.out.contains("all as they were written"), "{checked:?}");
    let listed = run(world.command().args(["people", "list"]), "");
    assert!(listed.out.contains("li.na") && !listed.out.contains(&first), "{listed:?}");
}

#[test]
fn what_moves_money_needs_a_second_person_and_a_repeated_request_is_done_once() {
    let (world, all, first) = house();
    let mut till = Peer::signed_on(&world, "10000001");
    let sale = till.ask(json!({"do": "sale", "amount": 7_000, "card": DENIES}));
    assert_eq!(sale["code"], "98", "{sale}");
    let waits = |duty: &str| {
        let found = all["finance"].get("/api/payments?amount=7000").json()["items"][0].clone();
        found["duty"]["kind"] == duty
    };
    world.until("the bank has denied it twice", || waits("await_clearing"));
    let found = all["finance"].get("/api/payments?amount=7000").json();
    let rrn = found["items"][0]["rrn"].as_str().unwrap().to_owned();
    let page = all["finance"].get(&format!("/api/payments/{rrn}")).json();
    let actions = page["actions"].as_array().unwrap();
    assert!(
        actions.iter().any(|action| action["decision"] == "done" && action["second_person"] == true),
        "{page}"
    );
    assert!(actions.iter().all(|action| action["decision"] != "has"), "only what the role may: {page}");
    assert!(page["timeline"][0].as_object().unwrap().contains_key("frame"));

    let path = format!("/api/payments/{rrn}/decision");
    let body = json!({"leg": 0, "decision": "done", "reason": "the file of today shows the charge"});
    let signed = json!({"leg": 0, "decision": "done", "reason": "x", "by": "somebody else"});
    assert_eq!(all["finance"].post(&path, &signed).status, 400, "nobody signs for another");
    let once = all["finance"].with("idempotency-key", "k-1");
    let proposed = once.post(&path, &body);
    assert_eq!(proposed.status, 202, "{}", proposed.text);
    let again = once.post(&path, &body);
    assert_eq!((again.status, again.text.as_str()), (202, proposed.text.as_str()), "the same proposal");
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = json!({"leg": 0, "decision": "undone", "reason": "x"});
    assert_eq!(once.post(&path, &other).status, 422, "another request under the same key");
    let waiting = all["finance2"].get("/api/proposals").json();
    assert_eq!(waiting["items"].as_array().unwrap().len(), 1, "{waiting}");
    let row = &waiting["items"][0];
    assert_eq!(
        (&row["action"], &row["about"], &row["may_approve"]),
        (&json!("done"), &json!(rrn), &json!(true))
    );

    let id = proposed.json()["proposal"].as_str().unwrap().to_owned();
    let approve = format!("/api/proposals/{id}/approve");
    assert_eq!(all["finance"].post(&approve, &json!({})).status, 403, "his own");
    assert_eq!(all["operator"].post(&approve, &json!({})).status, 403, "not his trade");
    assert_eq!(all["agent"].post(&approve, &json!({})).status, 403);
    assert!(waits("await_clearing"), "nothing has happened yet");
    let approved = all["finance2"].post(&approve, &json!({"reason": "I see it too"}));
    assert_eq!(approved.status, 204, "{}", approved.text);
    assert_eq!(all["finance2"].post(&approve, &json!({})).status, 409, "once");
    assert!(world.explain(&rrn).contains("finance + finance2"), "both names stand in its story");
    let log = all["auditor"].get(&format!("/api/audit?about={rrn}")).json();
    let done: Vec<&str> =
        log["items"].as_array().unwrap().iter().map(|line| line["what"].as_str().unwrap()).collect();
    assert!(done.contains(&"propose") && done.contains(&"approve") && done.contains(&"look"), "{log}");

    // An answer with a secret in it is not kept.
    let new = json!({"name": "wu", "display": "Wu", "role": "auditor", "language": "en", "reason": "new"});
    let once = all["operator"].with("idempotency-key", "k-2");
    let made = once.post("/api/accounts", &new);
    assert_eq!(made.status, 202, "{}", made.text);
    let (proposal, password) = (made.json()["proposal"].clone(), made.json()["password"].clone());
    let again = once.post("/api/accounts", &new);
    assert!(again.status == 409 && !again.text.contains(password.as_str().unwrap()), "{}", again.text);
    let mut wu = Person::nobody(&world);
    assert_eq!(wu.sign_in("wu", password.as_str().unwrap(), None).status, 401, "not approved yet");
    let approve = format!("/api/proposals/{}/approve", proposal.as_str().unwrap());
    assert_eq!(all["operator2"].post(&approve, &json!({})).status, 204);
    assert_eq!(wu.sign_in("wu", password.as_str().unwrap(), None).status, 200);

    // A machine: it reads, and is nobody's second person.
    let key = json!({"label": "report", "role": "operator", "days": 30});
    let made = all["operator"].post("/api/keys", &key);
    assert_eq!(made.status, 201, "{}", made.text);
    let machine = Person { bearer: made.json()["key"].as_str().map(str::to_owned), ..Person::nobody(&world) };
    assert_eq!(machine.get("/api/links").status, 200);
    assert_eq!(machine.post("/api/keys", &key).status, 403, "a machine makes no keys");
    let reset = all["operator2"].post("/api/accounts/wu/reset", &json!({"reason": "lost"}));
    let approve = format!("/api/proposals/{}/approve", reset.json()["proposal"].as_str().unwrap());
    assert_eq!(machine.post(&approve, &json!({})).status, 403);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(all["operator"].ask("DELETE", &format!("/api/keys/{id}"), None).status, 204);
    assert_eq!(machine.get("/api/links").status, 401);

    let slip =
        all["cashier"].get(&format!("/api/payments/{first}/slip?leg=0&language=en&copy=payer&format=text"));
    assert!(slip.status == 200 && slip.text.contains("10.00"), "{}", slip.text);
    world.assert_verified();
}

#[test]
fn every_answer_has_its_headers_and_no_nonce_comes_twice() {
    let world = World::start(60);
    let nobody = Person::nobody(&world);
    let nonce = |path: &str| {
        let heard = nobody.get(path);
        let policy = heard.header("content-security-policy").to_owned();
        for part in ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        let others = [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ];
        for (name, value) in others {
            assert_eq!(heard.header(name), value, "{path}");
        }
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        assert!(nonce.len() == 24 && !heard.text.contains("__NONCE__"), "{path}");
        assert!(
            !heard.text.contains("csp-nonce") || heard.text.contains(&nonce),
            "the page has its own: {path}"
        );
        nonce
    };
    let mut nonces: Vec<_> = ["/", "/", "/payments", "/api/session", "/api/none", "/api/openapi.json"]
        .into_iter()
        .map(nonce)
        .collect();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 6);
    let large = json!({"name": "x".repeat(70_000), "password": "x"});
    assert_eq!(nobody.post("/api/session", &large).status, 413);
    let said: Vec<u16> = (0..400).map(|_| nobody.get("/api/none").status).collect();
    assert_eq!(said[0], 404);
    assert!(said.contains(&429), "an address has its bounds");
}

#[test]
fn a_public_address_wants_accounts_and_a_key_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let example = include_str!("../hefu.example.toml");
    let config = |from: &str, to: &str| {
        let text = example
            .replace("hefu-data/hefu.db", &folder.path().join("hefu.db").display().to_string())
            .replace("127.0.0.1:8080", "0.0.0.0:0")
            .replace("127.0.0.1:8583", "127.0.0.1:0")
            .replace(from, to);
        let path = folder.path().join("hefu.toml");
        std::fs::write(&path, text).unwrap();
        path
    };
    let hefu = |path: &std::path::Path, args: &[&str]| {
        let mut command = Command::new(HEFU);
        run(command.env_remove("HEFU_MASTER_KEY").arg("--config").arg(path).args(args), "")
    };
    let refused = |path: &std::path::Path, says: &str| {
        let ran = hefu(path, &["serve"]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.err.contains(says), "not {says}: {ran:?}");
    };
    refused(&config("?", "?"), "the example's");
    let own = config("00112233445566778899aabbccddeeff", "99112233445566778899aabbccddeeff");
    refused(&own, "hefu people add");
    let added = hefu(&own, &["people", "add", "li", "--role", "operator"]);
    assert_eq!(added.code, Some(0), "{added:?}");
    let twice = hefu(&own, &["people", "add", "li", "--role", "operator"]);
    assert!(twice.code == Some(2) && twice.err.contains("already"), "{twice:?}");
    let homeless = hefu(&own, &["people", "add", "kim", "--role", "cashier"]);
    assert!(homeless.code == Some(2) && homeless.err.contains("merchant"), "{homeless:?}");
    assert_eq!(hefu(&own, &["people", "disable", "li"]).code, Some(0));
    refused(&own, "hefu people add");
    let other = config("00112233445566778899aabbccddeeff", "88112233445566778899aabbccddeeff");
    let wrong = hefu(&other, &["people", "list"]);
    assert!(wrong.code == Some(1) && wrong.err.contains("another master key"), "{wrong:?}");
}

#[test]
fn behind_a_proxy_with_https_cookies_are_for_https_and_the_proxy_says_who_asks() {
    let folder = tempfile::tempdir().unwrap();
    let port = port();
    let text = include_str!("../hefu.example.toml")
        .replace("hefu-data/hefu.db", &folder.path().join("hefu.db").display().to_string())
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"))
        .replace("127.0.0.1:8583", "127.0.0.1:0")
        .replace("behind_tls = false", "behind_tls = true")
        .replace("00112233445566778899aabbccddeeff", "99112233445566778899aabbccddeeff");
    let path = folder.path().join("hefu.toml");
    std::fs::write(&path, text).unwrap();
    let hefu = |args: &[&str]| {
        let mut command = Command::new(HEFU);
        command.env_remove("HEFU_MASTER_KEY").arg("--config").arg(&path).args(args);
        command
    };
    let cashier = ["--json", "people", "add", "kim", "--role", "cashier", "--merchant", "898110253110001"];
    let first = run(&mut hefu(&cashier), "").json()["password"].as_str().unwrap().to_owned();
    let gateway = Process::start("the gateway", &mut hefu(&["serve"]));
    gateway.wait_for(0, SOON, |line| line.starts_with("hefu: terminals"));
    let nobody = Person::at(&format!("http://127.0.0.1:{port}")).with("host", "pay.example");
    let body = json!({"name": "kim", "password": first});
    let plain = nobody.with("origin", "http://pay.example").post("/api/session", &body);
    assert_eq!(plain.status, 403, "a page without https is none of ours");
    let mut kim =
        nobody.with("origin", "https://pay.example").with("x-forwarded-for", "1.2.3.4, 198.51.100.7");
    let heard = kim.sign_in("kim", &first, None);
    assert_eq!(heard.status, 200, "{}", heard.text);
    let cookie = heard.header("set-cookie");
    assert!(cookie.starts_with("__Host-hefu=") && cookie.contains("; Secure"), "{cookie}");
    assert!(heard.header("strict-transport-security").contains("max-age"));
    let log = std::fs::read_to_string(folder.path().join("hefu.ops-token")).unwrap();
    let local = Person { bearer: Some(log.trim().to_owned()), ..nobody };
    let line = local.get("/api/audit?what=sign_in").json()["items"][0].clone();
    assert_eq!(
        (&line["who"], &line["address"]),
        (&json!("kim"), &json!("198.51.100.7")),
        "as the proxy saw him"
    );
    // Each address has its own tries; whoever pretends to be another one's neighbour does not.
    let guess = |from: &str| {
        let mut guesser = local.with("x-forwarded-for", from);
        guesser.bearer = None;
        guesser.sign_in("nobody", "guess", None).status
    };
    let said: Vec<u16> = (0..6).map(|n| guess(&format!("203.0.113.{n}, 198.51.100.8"))).collect();
    assert_eq!(said, [401, 401, 401, 401, 401, 429]);
}
