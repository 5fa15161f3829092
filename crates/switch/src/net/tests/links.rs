//! Two banks: what happens to one is nothing to the other.

use super::super::LinkConfig;
use super::scene::*;
use crate::{host::HostConfig, link_state::LinkTimes, testing::*};
use hefu_engine::{BankRequest, Input, Output};
use hefu_tally::{LinkId, LinkKey};
use std::{net::SocketAddr, sync::atomic::Ordering};

const SECOND: LinkId = LinkId(2);

/// A scene with a second link, to `second`.
async fn scene(first: SocketAddr, second: SocketAddr) -> Scene {
    Scene::with(Some(first), |config| {
        let host = HostConfig { link: SECOND, ..host_config() };
        let times = LinkTimes { echo_after: 60_000, ..config.links[0].times };
        config.links[0].times = times;
        config.links.push(LinkConfig { times, ..LinkConfig::new(&second.to_string(), host) });
        // Little room, so that one that is full is seen soon.
        config.outlet = 64;
        config.links.iter_mut().for_each(|link| link.queue = 4_096);
    })
    .await
}

/// The sign-on of one link; the other's may come before or after.
async fn up(scene: &mut Scene, bank: &Bank, link: LinkId) -> Call {
    let mut call = bank.called().await;
    let sign_on = call.message().await;
    call.answer(&sign_on, "00").await;
    match scene.input().await {
        Input::Link { link: found, up: true } => assert_eq!(found, link),
        _ => panic!("the link does not come up"),
    }
    call
}

async fn a_request(scene: &mut Scene) -> BankRequest {
    let mut terminal = scene.terminal(1).await;
    terminal.send(&sale()).await;
    bank_request(&scene.transact().await.1, 42)
}

fn send(scene: &Scene, link: LinkId, request: &BankRequest, stan: u32) {
    let message = Box::new(BankRequest { key: LinkKey { stan, ..request.key }, ..request.clone() });
    assert!(scene.outbox.deliver(vec![Output::Send { link, message }]).is_empty());
}

#[tokio::test]
async fn requests_go_to_the_link_that_they_name() {
    let (one, two) = (Bank::new().await, Bank::new().await);
    let mut scene = scene(one.address, two.address).await;
    let mut first = up(&mut scene, &one, LINK).await;
    let mut second = up(&mut scene, &two, SECOND).await;
    let request = a_request(&mut scene).await;
    send(&scene, LINK, &request, 1);
    send(&scene, SECOND, &request, 2);
    assert_eq!(first.request().await.text(11), Some("000001"));
    let asked = second.request().await;
    assert_eq!(asked.text(11), Some("000002"));
    second.answer(&asked, "00").await;
    match scene.input().await {
        Input::Bank { link, answer } => assert_eq!((link, answer.stan), (SECOND, 2)),
        _ => panic!("no answer"),
    }
    assert_eq!(scene.switch.status().links, [(LINK, true), (SECOND, true)]);
}

#[tokio::test]
async fn a_bank_that_reads_nothing_holds_no_other_up() {
    let (one, two) = (Bank::new().await, Bank::new().await);
    let mut scene = scene(one.address, two.address).await;
    let hanging = up(&mut scene, &one, LINK).await;
    let mut second = up(&mut scene, &two, SECOND).await;
    let request = a_request(&mut scene).await;
    // More than the kernel, the link's queue and its place in the outlet hold together.
    let mut full = false;
    for stan in 1..=200_000 {
        send(&scene, LINK, &request, stan);
        if stan.is_multiple_of(512) && scene.try_input().await.is_some() {
            full = true;
            break;
        }
    }
    assert!(full, "the queue of the bank that hangs is bounded");
    for stan in 1..=200 {
        send(&scene, SECOND, &request, stan);
        assert_eq!(second.request().await.text(11).map(str::to_owned), Some(format!("{stan:06}")));
    }
    drop(hanging);
}

#[tokio::test]
async fn a_dead_bank_whose_news_nobody_takes_holds_no_other_up() {
    let (one, two) = (Bank::new().await, Bank::new().await);
    let mut scene = scene(one.address, two.address).await;
    let mut second = up(&mut scene, &two, SECOND).await;
    let request = a_request(&mut scene).await;
    // What the dead link did not send waits for the node, which is busy.
    scene.door.busy.store(true, Ordering::SeqCst);
    for stan in 1..=200 {
        send(&scene, LINK, &request, stan);
    }
    for stan in 1..=200 {
        send(&scene, SECOND, &request, stan);
        assert_eq!(second.request().await.text(11).map(str::to_owned), Some(format!("{stan:06}")));
    }
    scene.door.busy.store(false, Ordering::SeqCst);
    let mut unsent = 0;
    while unsent < 200 {
        match scene.input().await {
            Input::NeverSent { link, .. } => {
                assert_eq!(link, LINK);
                unsent += 1;
            }
            _ => panic!("nothing else happened"),
        }
    }
}
