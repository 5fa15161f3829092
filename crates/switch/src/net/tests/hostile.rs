//! Clients that mean no good, and others that go on unaffected.

use super::scene::*;
use crate::testing::{request, sale};
use hefu_engine::{Input, Said};
use hefu_tally::Code;
use std::time::Duration;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
};

/// After whatever happened a terminal still pays.
async fn pays(scene: &mut Scene, terminal: &mut Terminal) {
    terminal.send(&sale()).await;
    let (conversation, _) = scene.transact().await;
    scene.reply(conversation, Said::Reversal { code: Code::APPROVED, rrn: None });
    assert_eq!(terminal.answer().await.text(39), Some("00"));
}

#[tokio::test]
async fn a_frame_that_comes_byte_by_byte_too_slowly_ends_its_connection_only() {
    let mut scene = Scene::with(None, short).await;
    let mut honest = scene.terminal(1).await;
    let mut slow = scene.terminal(2).await;
    let bytes = slow.bytes(&sale());
    let dripping = tokio::spawn(async move {
        for byte in bytes {
            if slow.stream.write_all(&[byte]).await.is_err() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        false
    });
    scene.noted("slow_frame").await;
    pays(&mut scene, &mut honest).await;
    assert!(soon("the slow one's end", dripping).await.unwrap(), "it never got to the end");
}

#[tokio::test]
async fn a_length_that_cannot_be_and_garbage_end_their_connection_only() {
    let mut scene = Scene::new(None).await;
    let mut honest = scene.terminal(1).await;
    for bytes in [&[0xFF, 0xFF][..], &[0, 0], &[0x08, 0x01], b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let mut hostile = scene.terminal(2).await;
        hostile.stream.write_all(bytes).await.unwrap();
        scene.noted("bad_frame").await;
        hostile.closed().await;
        pays(&mut scene, &mut honest).await;
    }
}

#[tokio::test]
async fn an_idle_connection_ends_and_is_not_noted() {
    let mut scene = Scene::with(None, |config| config.terminals.idle = 300).await;
    let mut terminal = scene.terminal(1).await;
    terminal.closed().await;
    assert_eq!(scene.count_notes().await, 0);
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_at_once() {
    let mut scene = Scene::with(None, |config| config.terminals.connections = 2).await;
    let mut first = scene.terminal(1).await;
    let second = scene.terminal(2).await;
    let stream = TcpStream::connect(scene.switch.address()).await.unwrap();
    scene.noted("too_many_connections").await;
    drop(stream);
    drop(second);
    pays(&mut scene, &mut first).await;
    while scene.switch.status().connections > 1 {
        tokio::task::yield_now().await;
    }
    let mut third = scene.terminal(3).await;
    pays(&mut scene, &mut third).await;
}

#[tokio::test]
async fn a_flood_of_refusals_is_noted_within_bounds_and_answered() {
    let mut scene = Scene::with(None, |config| config.notes_per_minute = 5).await;
    let mut terminal = scene.terminal(1).await;
    let mut stranger = sale();
    stranger.set(42, "898110253119999");
    let frames = terminal.bytes(&stranger).repeat(200);
    terminal.stream.write_all(&frames).await.unwrap();
    for _ in 0..200 {
        assert_eq!(terminal.answer().await.text(39), Some("03"));
    }
    assert_eq!(scene.count_notes().await, 5);
}

#[tokio::test]
async fn a_terminal_that_reads_nothing_is_closed_and_what_it_did_not_get_is_unwritten() {
    let mut scene = Scene::with(None, short).await;
    let mut honest = scene.terminal(1).await;
    // A small window fills soon.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let stream = socket.connect(scene.switch.address()).await.unwrap();
    let mut deaf = scene.terminal(2).await;
    let sale = deaf.bytes(&sale());
    deaf.stream = stream;
    deaf.stream.write_all(&sale).await.unwrap();
    let (conversation, _) = scene.transact().await;
    let echoes = deaf.bytes(&request(820, "00000002301")).repeat(1_000);
    let (mut halves, writing) = {
        let (read, mut write) = deaf.stream.into_split();
        let writing = tokio::spawn(async move { while write.write_all(&echoes).await.is_ok() {} });
        (Some(read), writing)
    };
    scene.noted("stalled").await;
    scene.reply(conversation, Said::Reversal { code: Code::APPROVED, rrn: None });
    match scene.input().await {
        Input::Unwritten { conversation: unwritten } => assert_eq!(unwritten, conversation),
        _ => panic!("nobody read it"),
    }
    soon("the writer's end", writing).await.unwrap();
    halves.take();
    pays(&mut scene, &mut honest).await;
}
