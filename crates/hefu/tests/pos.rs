//! The virtual POS is a demonstration's: what takes real payments has no such routes.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod support;

use std::process::Command;
use support::{
    process::{Process, SOON},
    world::{HEFU, World, port},
};

#[test]
fn a_demonstration_that_stays_up_opens_its_pages_and_its_tills_first() {
    let directory = tempfile::tempdir().unwrap();
    let console = port();
    let config = include_str!("../hefu.example.toml")
        .replace("127.0.0.1:8583", &format!("127.0.0.1:{}", port()))
        .replace("127.0.0.1:9583", &format!("127.0.0.1:{}", port()))
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{console}"));
    std::fs::write(directory.path().join("hefu.toml"), config).unwrap();
    let mut command = Command::new(HEFU);
    command.current_dir(directory.path()).args(["--config", "hefu.toml", "demo", "--serve"]);
    let demo = Process::start("the demo", &mut command);
    demo.wait_for(0, SOON, |line| line.starts_with("Open http://"));
    let mut answer = ureq::get(format!("http://127.0.0.1:{console}/api/pos/1")).call().unwrap();
    let state: serde_json::Value =
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    assert_eq!(
        (&state["power"], &state["gateway"], &state["scale"]),
        (&"on".into(), &"up".into(), &1.into())
    );
}

#[test]
fn a_gateway_that_serves_has_no_virtual_pos() {
    let world = World::start(60);
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    for path in ["/api/pos", "/api/pos/1", "/api/pos/drills", "/api/pos/1/live"] {
        let answer = agent.get(format!("http://{}{path}", world.console_address())).call().unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
    for path in ["/api/pos/crash", "/api/pos/bank", "/api/pos/1/press"] {
        let url = format!("http://{}{path}", world.console_address());
        let answer = agent.post(url).content_type("application/json").send("{}").unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
}
