//! The routes, over a real socket.

use super::Scenery;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::time::timeout;

/// An answer over HTTP: its status and its body.
async fn http(at: SocketAddr, method: &'static str, path: String, body: Value) -> (u16, Value) {
    let asked = tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let url = format!("http://{at}{path}");
        let answer = match method {
            "GET" => agent.get(url).call(),
            _ => agent.post(url).content_type("application/json").send(body.to_string()),
        };
        let mut answer = answer.unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
    });
    asked.await.unwrap()
}

/// The first event of the live stream: its id, and the state.
async fn first_event(at: SocketAddr, last: Option<String>) -> Option<(String, Value)> {
    let mut stream = tokio::net::TcpStream::connect(at).await.unwrap();
    let resume = last.map_or_else(String::new, |last| format!("Last-Event-ID: {last}\r\n"));
    let request = format!("GET /api/pos/1/live HTTP/1.1\r\nHost: localhost\r\n{resume}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    let (mut id, mut data) = (None, None);
    while let Ok(Ok(Some(line))) = timeout(Duration::from_secs(2), lines.next_line()).await {
        match line.split_once(": ") {
            Some(("id", text)) => id = Some(text.to_owned()),
            Some(("data", text)) => data = serde_json::from_str(text).ok(),
            Some(_) | None => {}
        }
        if let (true, Some(id), Some(data)) = (line.is_empty(), &id, &data) {
            return Some((id.clone(), Value::clone(data)));
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn the_routes_serve_a_sale_from_key_to_slip_and_refuse_what_does_not_fit() {
    let scenery = Scenery::build().await;
    let (at, _) = scenery.house.addresses().await.unwrap();
    let post = |path: &str, body: Value| http(at, "POST", format!("/api/pos{path}"), body);
    let get = |path: &str| http(at, "GET", format!("/api/pos{path}"), Value::Null);
    let (status, all) = get("").await;
    assert_eq!((status, all["terminals"].as_array().unwrap().len()), (200, 4));
    assert!(all["cards"].as_array().unwrap().len() >= 25 && all["drills"].as_array().unwrap().len() >= 40);
    let (id, first) = first_event(at, None).await.unwrap();
    assert_eq!(first["screen"]["mode"], "idle");
    for key in ["1", "2", "00", "enter"] {
        assert_eq!(post("/1/press", json!({ "key": key })).await.0, 200);
    }
    let (_, changed) = first_event(at, Some(id)).await.unwrap();
    assert_eq!(changed["screen"]["mode"], "card", "what happened since the last event");
    let (status, state) = post("/1/card", json!({"card": "0005", "how": "tap"})).await;
    assert_eq!((status, &state["screen"]["mode"]), (200, &"busy".into()));
    let till = scenery.till(1);
    scenery.until(&till, "it is paid", |state| state["screen"]["code"] == "00").await;
    let (_, state) = get("/1").await;
    let frame = state["frames"][2]["id"].as_u64().unwrap();
    let (status, detail) = get(&format!("/1/frames/{frame}")).await;
    assert_eq!(
        (status, detail["hex"].as_array().unwrap().len()),
        (200, detail["bytes"].as_u64().unwrap() as usize)
    );
    let (status, state) =
        post("/1/fault", json!({"wire": "bank", "fault": "lose_answer", "on": true, "times": 2})).await;
    assert_eq!((status, &state["faults"]["bank"]["lose_answer"]), (200, &2.into()));
    let (_, state) = post("/1/fault", json!({"wire": "terminal", "fault": "cut", "on": true})).await;
    assert_eq!(state["line"]["state"], "cut");
    let (_, state) = post("/1/paper", json!({"printer": "jam"})).await;
    assert_eq!(state["printer"]["state"], "jam");
    let (_, bank) = post("/bank", json!({"state": "slow", "ms": 700})).await;
    assert_eq!(bank, json!({"up": true, "slow_ms": 700}));
    let (_, state) = post("/1/power", json!({"on": false})).await;
    assert_eq!((&state["power"], &state["screen"]["mode"]), (&"off".into(), &"off".into()));
    let (_, state) = post("/1/reset", json!({})).await;
    assert_eq!(
        (&state["power"], &state["line"]["state"], &state["printer"]["state"]),
        (&"on".into(), &"up".into(), &"ready".into())
    );
    assert_eq!((&state["faults"]["bank"]["lose_answer"], &state["bank"]["slow_ms"]), (&0.into(), &0.into()));
    let (status, state) = post("/1/drill", json!({"id": "lost-answer", "person": "Li"})).await;
    assert_eq!((status, &state["drill"]["stage"]), (200, &"running".into()));
    for (path, body, expected) in [
        ("/9/press", json!({"key": "1"}), 404),
        ("/1/press", json!({"key": "x"}), 400),
        ("/1/press", json!({"key": "enter"}), 409),
        ("/1/press", json!({"colour": "red"}), 422),
        ("/1/card", json!({"card": "9999", "how": "swipe"}), 400),
        ("/1/card", json!({"card": "0005", "how": "swipe"}), 409),
        ("/1/power", json!({"on": true}), 409),
        ("/1/drill", json!({"id": "nothing", "person": "Li"}), 404),
        ("/1/drill", json!({"id": "please-retry", "person": "Li"}), 409),
        ("/1/drill", json!({"id": "clearing-differs", "person": "Li"}), 409),
        ("/1/drill", json!({"id": "lost-answer", "person": " "}), 400),
        ("/1/drill/act", json!({"act": "dance"}), 400),
        ("/2/drill/act", json!({"act": "wait"}), 409),
        ("/1/drill/act", json!({"act": "give_cash"}), 409),
    ] {
        let (status, problem) = post(path, body).await;
        assert_eq!((status, &problem["status"]), (expected, &expected.into()), "{path}: {problem}");
    }
    assert_eq!(get("/1/frames/999999").await.0, 404);
    assert_eq!(post("/crash", json!({"down_ms": 100})).await.0, 202);
    scenery.until(&till, "the gateway is down", |state| state["gateway"] == "down").await;
    assert_eq!(get("/1").await.0, 200, "the pages stay up");
    let (status, _) = http(at, "GET", "/api/payments".into(), Value::Null).await;
    assert_ne!(status, 404, "so do the console's");
    scenery.until(&till, "it is up again", |state| state["gateway"] == "up").await;
    scenery.house.stop().await.unwrap();
}
