//! The shell over real sockets and files.

use crate::host::{Host, Reply};
use crate::rig::sale;
use hefu_iso8583::frame::Framer;
use hefu_world::terminal::drive::{DriveConfig, DriveError, DriveHandle, Faults, Seen, Watcher, run};
use hefu_world::terminal::*;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The host of the other tests behind a real socket.
async fn listen(profile: &Profile) -> (SocketAddr, Arc<Mutex<Host>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let host = Arc::new(Mutex::new(Host::new(profile)));
    let shared = host.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let host = shared.clone();
            tokio::spawn(async move {
                let mut framer = Framer::new(4096);
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = socket.read(&mut buffer).await {
                    framer.push(&buffer[..count]);
                    while let Some(frame) = framer.next().unwrap() {
                        let mut bytes = Vec::new();
                        hefu_iso8583::frame::put_frame(&frame, &mut bytes).unwrap();
                        let Some(answer) = host.lock().unwrap().receive(&bytes) else { return };
                        socket.write_all(&answer).await.unwrap();
                    }
                }
            });
        }
    });
    (address, host)
}

fn config(address: SocketAddr, folder: &Path, profile: Profile) -> DriveConfig {
    DriveConfig {
        address,
        state_file: folder.join("terminal.state"),
        time_scale: 100,
        profile,
        faults: Faults::default(),
    }
}

fn types(host: &Mutex<Host>) -> Vec<String> {
    host.lock().unwrap().types()
}

#[tokio::test]
async fn one_command_after_the_other_goes_on_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::test(3);
    let (address, host) = listen(&profile).await;
    let config = config(address, folder.path(), profile);
    let signed = run(config.clone(), Command::SignOn).await.unwrap();
    assert_eq!(signed.believes, Belief::Approved { amount: 0 });
    let sold = run(config.clone(), sale(1_234)).await.unwrap();
    assert_eq!((sold.believes, sold.trace), (Belief::Approved { amount: 1_234 }, Some(2)));
    let voided = run(config, Command::Void { trace: 2 }).await.unwrap();
    assert_eq!(voided.believes, Belief::Approved { amount: 1_234 });
    assert_eq!(types(&host), ["0800/003", "0200", "0200"]);
}

#[tokio::test]
async fn the_memory_survives_a_kill_before_any_effect() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::test(4);
    let (address, host) = listen(&profile).await;
    let config = config(address, folder.path(), profile);
    run(config.clone(), Command::SignOn).await.unwrap();
    let mut kills = 0;
    for effect in 0..20 {
        let faults = Faults { kill_before_effect: Some(effect), ..Faults::default() };
        host.lock().unwrap().seen.clear();
        match run(DriveConfig { faults, ..config.clone() }, sale(1_000)).await {
            Err(DriveError::Killed { effect: at }) => assert_eq!(at, effect),
            other => {
                assert!(other.unwrap().trace.is_some());
                break;
            }
        }
        kills += 1;
        let next = run(config.clone(), sale(5)).await.unwrap();
        assert_eq!(next.believes, Belief::Approved { amount: 5 });
        // Show, connect, wake and the memory come first; with effect 6 the approval is durable.
        let reversed = types(&host).contains(&"0400".to_owned());
        assert_eq!(reversed, (4..=6).contains(&effect), "{effect}");
    }
    assert!(kills >= 8, "{kills}");
}

#[tokio::test]
async fn a_line_cut_before_or_after_the_request_leaves_a_reversal() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::test(5);
    let (address, host) = listen(&profile).await;
    let terminal = DriveHandle::switch_on(config(address, folder.path(), profile)).await.unwrap();
    terminal.command(Command::SignOn).await.unwrap();
    let before = Faults { cut_before_send: Some(0), ..Faults::default() };
    let report = terminal.command_with(sale(10), before).await.unwrap();
    assert_eq!(report.outcome.believes, Belief::Unknown);
    // The reversal of the first is message 0, the sale message 1.
    let after = Faults { cut_after_send: Some(1), ..Faults::default() };
    let report = terminal.command_with(sale(20), after).await.unwrap();
    assert_eq!(report.outcome.believes, Belief::Unknown);
    let report = terminal.command(sale(30)).await.unwrap();
    assert_eq!(report.outcome.believes, Belief::Approved { amount: 30 });
    assert_eq!(report.slips.len(), 1);
    let arrived = types(&host);
    assert_eq!(arrived.first().map(String::as_str), Some("0800/003"));
    assert_eq!(arrived.iter().filter(|t| *t == "0400").count(), 2, "{arrived:?}");
    let view = terminal.view().await.unwrap();
    let standings: Vec<_> = view.ledger.iter().map(|entry| entry.stands()).collect();
    assert_eq!((standings, view.owes), (vec![false, false, true], Owed::default()));
}

#[tokio::test]
async fn a_lost_answer_ends_by_scaled_time_and_heals_on_the_next_command() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile { keep_line_open: true, ..Profile::test(6) };
    let (address, host) = listen(&profile).await;
    let terminal = DriveHandle::switch_on(config(address, folder.path(), profile)).await.unwrap();
    terminal.command(Command::SignOn).await.unwrap();
    host.lock().unwrap().plan.extend([Reply::Silence]);
    let report = terminal.command(sale(10)).await.unwrap();
    assert_eq!(report.outcome.believes, Belief::Unknown);
    assert_eq!(terminal.view().await.unwrap().owes.reversal.map(|r| r.trace), Some(2));
    let report = terminal.command(Command::SendPending).await.unwrap();
    assert_eq!(report.outcome.believes, Belief::Approved { amount: 0 });
}

#[tokio::test]
async fn a_killed_terminal_is_off_and_can_be_switched_on_again() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::test(7);
    let (address, _host) = listen(&profile).await;
    let config = config(address, folder.path(), profile);
    let terminal = DriveHandle::switch_on(config.clone()).await.unwrap();
    assert!(matches!(DriveHandle::switch_on(config.clone()).await, Err(DriveError::InUse { .. })));
    terminal.command(Command::SignOn).await.unwrap();
    let faults = Faults { kill_before_effect: Some(5), ..Faults::default() };
    let killed = terminal.command_with(sale(10), faults).await;
    assert!(matches!(killed, Err(DriveError::Killed { effect: 5 })));
    assert!(matches!(terminal.command(sale(10)).await, Err(DriveError::Off)));
    let again = DriveHandle::switch_on(config).await.unwrap();
    assert!(again.view().await.unwrap().owes.reversal.is_some());
    assert_eq!(again.printer(PrinterState::OutOfPaper).await.unwrap(), []);
    let report = again.command(sale(20)).await.unwrap();
    assert!(report.slips.is_empty());
    assert_eq!(again.printer(PrinterState::Ready).await.unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_listening_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let outcome = run(config(address, folder.path(), Profile::test(8)), Command::SignOn).await.unwrap();
    assert_eq!(outcome.believes, Belief::NotSent);
}

#[tokio::test]
async fn a_file_that_is_no_memory_of_this_terminal_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::test(9);
    let (address, _host) = listen(&profile).await;
    let config = config(address, folder.path(), profile);
    run(config.clone(), Command::SignOn).await.unwrap();
    let other = DriveConfig { profile: Profile::test(10), ..config.clone() };
    assert!(matches!(run(other, Command::Echo).await, Err(DriveError::Memory { .. })));
    let no_time = DriveConfig { time_scale: 0, ..config.clone() };
    assert!(matches!(run(no_time, Command::Echo).await, Err(DriveError::TimeScale)));
    std::fs::write(&config.state_file, b"something else").unwrap();
    assert!(matches!(run(config, Command::Echo).await, Err(DriveError::NotAMemory { .. })));
}

#[tokio::test]
async fn power_that_is_pulled_while_an_answer_is_awaited_leaves_the_reversal_and_a_free_file() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::test(8);
    let (address, host) = listen(&profile).await;
    let config = config(address, folder.path(), profile);
    let (seen, mut sees) = tokio::sync::mpsc::unbounded_channel();
    let watcher: Watcher = Arc::new(move |what| {
        // The test may have heard enough.
        let _ = seen.send(what);
    });
    let terminal = DriveHandle::switch_on_watched(config.clone(), watcher).await.unwrap();
    terminal.command(Command::SignOn).await.unwrap();
    host.lock().unwrap().plan.extend([Reply::Silence]);
    let asked = terminal.clone();
    let asking = tokio::spawn(async move { asked.command(sale(10)).await });
    while terminal.view().await.unwrap().owes.reversal.is_none() {
        tokio::task::yield_now().await;
    }
    assert!(
        terminal.printer(PrinterState::OutOfPaper).await.unwrap().is_empty(),
        "also while a command runs"
    );
    terminal.pull_power().await;
    assert!(matches!(asking.await.unwrap(), Err(DriveError::Off)));
    let mut line = Vec::new();
    while let Ok(what) = sees.try_recv() {
        line.extend(match what {
            Seen::Line(up) => Some(up),
            Seen::Screen(_) | Seen::Paper(_) => None,
        });
    }
    assert_eq!(line.first(), Some(&true), "somebody looked on");
    let again = loop {
        match DriveHandle::switch_on(config.clone()).await {
            Err(DriveError::InUse { .. }) => tokio::task::yield_now().await,
            other => break other.unwrap(),
        }
    };
    assert_eq!(again.view().await.unwrap().owes.reversal.map(|owed| owed.trace), Some(2));
}
