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
        // What cannot be read now is read at the next beat.
        if is_watched(&rooms.pulse.links)
            && let Ok(rows) = links::rows(&rooms).await
        {
            publish(&rooms.pulse.links, serde_json::to_string(&rows));
        }
        if is_watched(&rooms.pulse.risk)
            && let Ok(now) = risk::now(&rooms).await
        {
            publish(&rooms.pulse.risk, serde_json::to_string(&now));
        }
    }
}

/// Whether somebody watches. What nobody watches is forgotten, so that whoever comes next is told nothing old.
fn is_watched(what: &watch::Sender<Arc<str>>) -> bool {
    let watched = what.receiver_count() > 0;
    if !watched {
        what.send_replace("".into());
    }
    watched
}

/// Hears all that changes from now on, and first how it stands: his page may have been read a moment ago.
pub(crate) fn listen(to: &watch::Sender<Arc<str>>) -> watch::Receiver<Arc<str>> {
    let mut receiver = to.subscribe();
    receiver.mark_changed();
    receiver
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
