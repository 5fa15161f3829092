//! What the live stream tells beside payments: how the links stand and how much is at risk, looked up once for all
//! who watch, and only while somebody does.

use crate::api::{Rooms, links, risk};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::sync::watch;

/// How often it is looked up.
const BEAT: Duration = Duration::from_secs(1);

/// The newest of both, as JSON; empty before the first.
#[derive(Clone)]
pub(crate) struct Pulse {
    pub links: watch::Sender<Arc<str>>,
    pub risk: watch::Sender<Arc<str>>,
}

impl Pulse {
    pub fn new() -> Pulse {
        Pulse { links: watch::Sender::new("".into()), risk: watch::Sender::new("".into()) }
    }
}

/// Looks up until the console is gone.
pub(crate) async fn beat(rooms: Weak<Rooms>) {
    loop {
        tokio::time::sleep(BEAT).await;
        let Some(rooms) = rooms.upgrade() else { return };
        if rooms.pulse.links.receiver_count() == 0 {
            continue;
        }
        // What cannot be read now is read at the next beat.
        if let Ok(rows) = links::rows(&rooms).await {
            publish(&rooms.pulse.links, serde_json::to_string(&rows));
        }
        if let Ok(now) = risk::now(&rooms).await {
            publish(&rooms.pulse.risk, serde_json::to_string(&now));
        }
    }
}

fn publish(to: &watch::Sender<Arc<str>>, text: Result<String, serde_json::Error>) {
    if let Ok(text) = text {
        to.send_if_modified(|known| {
            let changed = **known != *text;
            if changed {
                *known = text.as_str().into();
            }
            changed
        });
    }
}
