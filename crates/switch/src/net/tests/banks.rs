//! Links that fail, and banks that behave badly.

use super::scene::*;
use crate::testing::{LINK, sale};
use hefu_engine::{BankRequest, Input};
use tokio::io::AsyncWriteExt;

async fn a_request(scene: &mut Scene) -> BankRequest {
    let mut terminal = scene.terminal(1).await;
    terminal.send(&sale()).await;
    bank_request(&scene.transact().await.1, 42)
}

async fn never_sent(scene: &mut Scene, request: &BankRequest) {
    match scene.input().await {
        Input::NeverSent { link, key, rrn } => {
            assert_eq!((link, key, rrn), (LINK, request.key, request.rrn));
        }
        _ => panic!("it was sent"),
    }
}

#[tokio::test]
async fn a_link_that_is_cut_goes_down_and_comes_up_again() {
    let bank = Bank::new().await;
    let mut scene = Scene::new(Some(bank.address)).await;
    let mut call = bank.signed_on(&mut scene).await;
    let request = a_request(&mut scene).await;
    scene.send(request.clone());
    call.request().await;
    drop(call);
    // What was written is silence: nothing is said about it.
    scene.link(false).await;
    scene.send(request.clone());
    never_sent(&mut scene, &request).await;
    let mut call = bank.signed_on(&mut scene).await;
    let next = BankRequest { key: hefu_tally::LinkKey { stan: 43, ..request.key }, ..request };
    scene.send(next);
    assert_eq!(call.request().await.text(11), Some("000043"));
}

#[tokio::test]
async fn nothing_is_sent_before_the_sign_on_was_accepted() {
    let bank = Bank::new().await;
    let mut scene = Scene::new(Some(bank.address)).await;
    let request = a_request(&mut scene).await;
    let mut call = bank.called().await;
    let sign_on = call.message().await;
    scene.send(request.clone());
    never_sent(&mut scene, &request).await;
    call.answer(&sign_on, "96").await;
    call.is_closed().await;
    scene.noted("link").await;
    bank.signed_on(&mut scene).await;
}

#[tokio::test]
async fn a_bank_that_answers_no_echo_is_given_up() {
    let bank = Bank::new().await;
    let mut scene = Scene::new(Some(bank.address)).await;
    let mut call = bank.signed_on(&mut scene).await;
    for _ in 0..3 {
        assert_eq!(call.message().await.text(70), Some("301"));
    }
    scene.link(false).await;
    bank.signed_on(&mut scene).await;
}

#[tokio::test]
async fn a_bank_that_answers_echoes_stays_up() {
    let bank = Bank::new().await;
    let mut scene = Scene::new(Some(bank.address)).await;
    let mut call = bank.signed_on(&mut scene).await;
    for _ in 0..5 {
        let echo = call.message().await;
        call.answer(&echo, "00").await;
    }
    assert_eq!(scene.switch.status().links, [(LINK, true)]);
}

#[tokio::test]
async fn a_broken_frame_is_counted_and_a_broken_stream_ends_the_connection() {
    let bank = Bank::new().await;
    let mut scene = Scene::new(Some(bank.address)).await;
    let mut call = bank.signed_on(&mut scene).await;
    call.stream.write_all(&[0, 3, b'a', b'b', b'c']).await.unwrap();
    scene.noted("bad_bank_frame").await;
    assert_eq!(scene.switch.status().broken_bank_frames, 1);
    call.stream.write_all(&[0xFF, 0xFF]).await.unwrap();
    scene.link(false).await;
    call.is_closed().await;
}

#[tokio::test]
async fn a_message_that_cannot_be_encoded_is_noted_and_never_sent() {
    let bank = Bank::new().await;
    let mut scene = Scene::new(Some(bank.address)).await;
    let _call = bank.signed_on(&mut scene).await;
    let request = BankRequest { sealed: None, ..a_request(&mut scene).await };
    scene.send(request.clone());
    scene.noted("card_erased").await;
    never_sent(&mut scene, &request).await;
}

#[tokio::test]
async fn a_bank_that_reads_nothing_leaves_the_untouched_never_sent() {
    let bank = Bank::new().await;
    let mut scene = Scene::with(Some(bank.address), |config| {
        // Room for two requests, and echoes that do not come in between.
        config.links[0].queue = 700;
        config.links[0].times.echo_after = 60_000;
    })
    .await;
    let call = bank.signed_on(&mut scene).await;
    let request = a_request(&mut scene).await;
    let mut sent = 0_u32;
    // The kernel's buffers take what they take; from some request on the queue stays full.
    let refused = loop {
        sent += 1;
        let key = hefu_tally::LinkKey { stan: sent, ..request.key };
        let outputs = hefu_engine::Output::Send {
            link: LINK,
            message: Box::new(BankRequest { key, ..request.clone() }),
        };
        scene.outbox.deliver(vec![outputs]);
        if sent.is_multiple_of(512)
            && let Some(Input::NeverSent { key, .. }) = scene.try_input().await
        {
            break key.stan;
        }
        assert!(sent < 200_000, "the queue is bounded");
    };
    assert!(refused > 0);
    drop(call);
    loop {
        match scene.input().await {
            Input::NeverSent { key, .. } => assert!((1..=sent).contains(&key.stan)),
            Input::Link { up, .. } => break assert!(!up),
            _ => panic!("nothing else happens"),
        }
    }
}
