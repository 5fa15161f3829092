//! The requests of the console's first screen, each timed, beside a bare answer of as many bytes.

use crate::Failure;
use hdrhistogram::Histogram;
use serde_json::Value;
use std::{
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

/// What a browser asks the API for when it opens the first screen; `web/tests/e2e/pace.spec.ts` holds it against one.
const FIRST_SCREEN: &str = include_str!("../../../../../web/tests/e2e/first-screen.json");
/// Between two screens: the console takes thirty requests a second of one address, and a browser looks beside us.
const EVERY: Duration = Duration::from_millis(500);
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who has signed in. A clone is the same one.
#[derive(Clone)]
pub struct Visitor {
    agent: ureq::Agent,
    console: SocketAddr,
    bare: SocketAddr,
    cookie: String,
    paths: Vec<String>,
}

/// Microseconds.
pub struct Times(Histogram<u64>);

/// One request of the screen.
pub struct Timed {
    pub path: String,
    /// Of the last answer's body.
    pub bytes: usize,
    pub console: Times,
    pub bare: Times,
}

/// What was seen of so many screens.
pub struct Screens {
    pub count: u64,
    pub requests: Vec<Timed>,
    /// All requests of a screen, one after the other; a browser asks several at once.
    pub console: Times,
    pub bare: Times,
}

impl Times {
    fn new() -> Result<Times, Failure> {
        Histogram::new_with_bounds(1, 120_000_000, 3).map(Times).map_err(Failure::found)
    }

    fn add(&mut self, took: Duration) {
        self.0.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1));
    }

    /// Milliseconds.
    pub fn quantile(&self, q: f64) -> f64 {
        self.0.value_at_quantile(q) as f64 / 1_000.0
    }
}

impl Visitor {
    /// Signs in as the demonstration's account of this role.
    pub fn sign_in(
        console: SocketAddr,
        bare: SocketAddr,
        sign_ins: &Value,
        role: &str,
    ) -> Result<Visitor, Failure> {
        let config = ureq::Agent::config_builder().timeout_recv_response(Some(PATIENCE));
        let agent = config.http_status_as_error(false).build().new_agent();
        let mut accounts = sign_ins.as_array().into_iter().flatten();
        let account = accounts.find(|account| account["role"] == role);
        let account = account.ok_or_else(|| Failure::found(format!("no sign-in for the role {role}")))?;
        let body = serde_json::json!({ "name": account["name"], "password": account["password"] });
        let asked = agent.post(format!("http://{console}/api/session"));
        let asked = asked.header("content-type", "application/json").send(body.to_string());
        let mut answer = asked.map_err(Failure::found)?;
        let given = answer.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok());
        let cookie = given.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        let said = answer.body_mut().read_to_string().map_err(Failure::found)?;
        let cookie = cookie.ok_or_else(|| Failure::found(format!("nobody was let in: {said}")))?;
        let paths = serde_json::from_str(FIRST_SCREEN).map_err(Failure::found)?;
        Ok(Visitor { agent, console, bare, cookie, paths })
    }

    /// An answer of the console, whose body has not been read.
    pub fn ask(&self, path: &str) -> Result<ureq::http::Response<ureq::Body>, Failure> {
        let asked = self.agent.get(format!("http://{}{path}", self.console)).header("cookie", &self.cookie);
        let answer = asked.call().map_err(Failure::found)?;
        // Whether there is a virtual POS is asked too, and a gateway says that there is none.
        if answer.status().is_success() || answer.status() == ureq::http::StatusCode::NOT_FOUND {
            return Ok(answer);
        }
        Err(Failure::found(format!("GET {path} was answered {}", answer.status())))
    }

    /// Asks for the first screen until it is over, at least once.
    pub fn look(&self, is_over: impl Fn() -> bool) -> Result<Screens, Failure> {
        let new = |path: &String| {
            let (console, bare) = (Times::new()?, Times::new()?);
            Ok(Timed { path: path.clone(), bytes: 0, console, bare })
        };
        let requests: Result<Vec<_>, Failure> = self.paths.iter().map(new).collect();
        let (console, bare) = (Times::new()?, Times::new()?);
        let mut screens = Screens { count: 0, requests: requests?, console, bare };
        loop {
            let began = Instant::now();
            self.screen(&mut screens)?;
            if is_over() {
                return Ok(screens);
            }
            thread::sleep(EVERY.saturating_sub(began.elapsed()));
        }
    }

    fn screen(&self, screens: &mut Screens) -> Result<(), Failure> {
        let (mut console, mut bare) = (Duration::ZERO, Duration::ZERO);
        for timed in &mut screens.requests {
            let began = Instant::now();
            timed.bytes = length(self.ask(&timed.path)?)?;
            let took = began.elapsed();
            timed.console.add(took);
            console += took;
            let began = Instant::now();
            let asked = self.agent.get(format!("http://{}/?bytes={}", self.bare, timed.bytes));
            length(asked.call().map_err(Failure::found)?)?;
            let took = began.elapsed();
            timed.bare.add(took);
            bare += took;
        }
        screens.console.add(console);
        screens.bare.add(bare);
        screens.count += 1;
        Ok(())
    }
}

/// Reads an answer to its end.
fn length(mut answer: ureq::http::Response<ureq::Body>) -> Result<usize, Failure> {
    Ok(answer.body_mut().read_to_vec().map_err(Failure::found)?.len())
}
