//! Somebody at the console, over real HTTP: a person with his session, a machine with its key, or nobody.

use super::world::World;
use hefu_people::{DemoAccount, Dice, People, SecretKey};
use hefu_tally::{MerchantNo, Moment};
use hefu_vault::MasterKey;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use ureq::http::{HeaderMap, Request};

/// Whoever asks. What he was given at sign-in he sends along.
#[derive(Clone)]
pub struct Person {
    pub base: String,
    pub cookie: Option<String>,
    pub csrf: Option<String>,
    pub bearer: Option<String>,
    /// Headers that he sends beside.
    pub more: Vec<(&'static str, String)>,
}

/// What he heard.
pub struct Heard {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Person {
    pub fn nobody(world: &World) -> Person {
        Person::at(&format!("http://{}", world.console_address()))
    }

    /// Nobody yet, at that address.
    pub fn at(base: &str) -> Person {
        Person { base: base.to_owned(), cookie: None, csrf: None, bearer: None, more: Vec::new() }
    }

    /// Signs in by name and password.
    pub fn signed_in(world: &World, name: &str, password: &str) -> Person {
        let mut person = Person::nobody(world);
        let heard = person.sign_in(name, password, None);
        assert_eq!(heard.status, 200, "{name}: {}", heard.text);
        person
    }

    pub fn sign_in(&mut self, name: &str, password: &str, code: Option<&str>) -> Heard {
        let mut body = json!({ "name": name, "password": password });
        if let Some(code) = code {
            body["code"] = json!(code);
        }
        let heard = self.post("/api/session", &body);
        if heard.status == 200 {
            let cookie = heard.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
            self.cookie = Some(cookie);
            self.csrf = heard.json()["csrf"].as_str().map(str::to_owned);
        }
        heard
    }

    pub fn get(&self, path: &str) -> Heard {
        self.ask("GET", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Heard {
        self.ask("POST", path, Some(body))
    }

    /// The same with a header more.
    pub fn with(&self, name: &'static str, value: &str) -> Person {
        let mut person = self.clone();
        person.more.push((name, value.to_owned()));
        person
    }

    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Heard {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        let mut header = |name: &str, value: &Option<String>| {
            if let (Some(value), Some(headers)) = (value, request.headers_mut()) {
                let name = ureq::http::HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
                headers.insert(name, value.parse().expect("a header's value"));
            }
        };
        header("cookie", &self.cookie);
        header("x-csrf-token", &self.csrf);
        header("authorization", &self.bearer.as_ref().map(|key| format!("Bearer {key}")));
        header("content-type", &body.map(|_| "application/json".to_owned()));
        for (name, value) in &self.more {
            header(name, &Some(value.clone()));
        }
        let request = request.body(body.map_or_else(String::new, Value::to_string)).expect("a request");
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(60)));
        let agent: ureq::Agent = config.build().into();
        let mut answer = agent.run(request).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        // A stream has no end.
        let endless = headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let text = if endless { String::new() } else { answer.body_mut().read_to_string().expect("a text") };
        Heard { status, headers, text }
    }
}

/// The people's file of a world, opened beside the gateway, and dice.
pub fn people(world: &World) -> People {
    let example = include_str!("../../hefu.example.toml");
    let key = example.lines().find_map(|line| line.strip_prefix("master_key = \"")).expect("it has a key");
    let master = MasterKey::from_hex(key.trim_end_matches('"')).expect("64 digits");
    let key = SecretKey::new(*master.derived("people"));
    People::open(&world.store().with_extension("people.db"), key).expect("the gateway has made it")
}

/// Signs everybody in whom a demonstration has: by name.
pub fn everybody(world: &World, merchant: MerchantNo) -> Vec<(DemoAccount, Person)> {
    let made = people(world).demo(merchant, wall(), &mut System).expect("there is no account yet");
    made.into_iter()
        .map(|account| {
            let person = Person::signed_in(world, account.login.as_str(), account.password.reveal());
            (account, person)
        })
        .collect()
}

pub struct System;

impl Dice for System {
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::fill(out).expect("the system has chance");
    }
}

pub fn wall() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Moment(i64::try_from(since.as_millis()).expect("in this age"))
}
