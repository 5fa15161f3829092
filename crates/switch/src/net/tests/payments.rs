//! Payments through the switch.

use super::scene::*;
use crate::testing::{NOW, sale, till, transaction};
use hefu_engine::{Input, Output, Said, Words};
use hefu_tally::{Code, Currency, Money};
use std::sync::atomic::Ordering;
use tokio::io::AsyncWriteExt;

fn approved() -> Said {
    Said::Transaction {
        code: Code::APPROVED,
        words: Words::Code,
        rrn: None,
        amount: Money::new(12_345, Currency::CNY),
        auth: None,
        settles: None,
        chip: Vec::new(),
        balance: None,
    }
}

#[tokio::test]
async fn a_sale_goes_to_the_bank_and_its_answer_to_the_terminal() {
    let bank = Bank::new().await;
    let mut scene = Scene::new(Some(bank.address)).await;
    let mut call = bank.signed_on(&mut scene).await;
    let mut terminal = scene.terminal(1).await;

    terminal.send(&sale()).await;
    let (conversation, transact) = scene.transact().await;
    scene.send(bank_request(&transact, 42));
    let request = call.request().await;
    assert_eq!((request.text(4), request.text(11)), (Some("000000012345"), Some("000042")));
    call.answer(&request, "00").await;
    let Input::Bank { answer, .. } = scene.input().await else { panic!("the bank answered") };
    assert!(answer.mac_good);
    assert_eq!((answer.stan, answer.code, answer.till), (42, Some(Code::APPROVED), Some(till(1))));

    scene.reply(conversation, approved());
    let answer = terminal.answer().await;
    assert_eq!((answer.text(39), answer.text(11)), (Some("00"), Some("000042")));
    assert_eq!(scene.switch.status().waiting, 0);
}

#[tokio::test]
async fn many_requests_in_one_piece_are_answered_in_any_order() {
    let mut scene = Scene::new(None).await;
    let mut terminal = scene.terminal(1).await;
    let mut bytes = Vec::new();
    for trace in 1..=100 {
        let mut message = sale();
        message.set(11, format!("{trace:06}"));
        bytes.extend(terminal.bytes(&message));
    }
    terminal.stream.write_all(&bytes).await.unwrap();
    let mut conversations = Vec::new();
    for trace in 1..=100 {
        let (conversation, transact) = scene.transact().await;
        assert_eq!(transact.identity.trace, trace);
        conversations.push(conversation);
    }
    for conversation in conversations.into_iter().rev() {
        scene.reply(conversation, approved());
    }
    for trace in (1..=100).rev() {
        assert_eq!(terminal.answer().await.text(11), Some(format!("{trace:06}").as_str()));
    }
}

#[tokio::test]
async fn an_answer_to_a_line_that_was_cut_is_unwritten() {
    let mut scene = Scene::new(None).await;
    let mut terminal = scene.terminal(1).await;
    terminal.send(&sale()).await;
    let (conversation, _) = scene.transact().await;
    drop(terminal);
    while scene.switch.status().connections > 0 {
        tokio::task::yield_now().await;
    }
    scene.reply(conversation, approved());
    match scene.input().await {
        Input::Unwritten { conversation: unwritten } => assert_eq!(unwritten, conversation),
        _ => panic!("the answer was not written"),
    }
}

#[tokio::test]
async fn a_busy_node_charges_nobody_and_a_reversal_comes_again() {
    let mut scene = Scene::new(None).await;
    let mut terminal = scene.terminal(1).await;
    scene.door.busy.store(true, Ordering::SeqCst);
    terminal.send(&transaction(400, "000000", "00", 22)).await;
    terminal.send(&sale()).await;
    let answer = terminal.answer().await;
    assert_eq!((answer.mti.0, answer.text(39)), (210, Some("98")), "the reversal was not answered");
    scene.door.busy.store(false, Ordering::SeqCst);
    terminal.send(&transaction(400, "000000", "00", 22)).await;
    scene.asked().await;
}

#[tokio::test]
async fn keys_that_the_store_kept_are_as_good_after_a_restart() {
    let mut scene = Scene::new(None).await;
    let mut desk = crate::testing::Desk::new();
    let issued = desk
        .vault
        .fresh_working_keys(
            &crate::testing::terminal_name(),
            hefu_vault::KeyLayout::Double003,
            &mut desk.dice,
        )
        .unwrap();
    let mut terminal = scene.terminal(2).await;
    terminal.send(&sale()).await;
    scene.transact().await;
    assert!(scene.switch.load_keys(&till(1), &issued.wrapped).is_ok());
    assert!(scene.switch.load_keys(&till(2), &issued.wrapped).is_err(), "another terminal's");
}

#[tokio::test]
async fn outputs_that_are_not_for_the_switch_come_back() {
    let scene = Scene::new(None).await;
    let others = scene
        .outbox
        .deliver(vec![Output::WakeAt { at: NOW, why: "test" }, Output::Alarm { what: "test".into() }]);
    assert_eq!(others.len(), 2);
}
