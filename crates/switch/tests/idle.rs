//! Ten thousand terminals that say nothing must cost little. A test program of its own, so that the memory that is
//! measured is the connections'.

use hefu_engine::Input;
use hefu_node::clock::ScaledClock;
use hefu_switch::{
    net::{Busy, Door, Switch, SwitchConfig},
    pos::PosConfig,
};
use hefu_vault::{Dice, MasterKey, Vault};
use std::{collections::BTreeMap, io::Write, net::TcpStream, sync::Arc};

struct NoDoor;

impl Door for NoDoor {
    fn submit(&self, _: Input) -> Result<(), Busy> {
        Ok(())
    }
}

struct NoDice;

impl Dice for NoDice {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(4);
    }
}

/// Resident memory of this process, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux shows a process to itself");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let size = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|number| number.parse().ok());
    size.map(|kilobytes: usize| kilobytes * 1024).expect("it shows its memory in kilobytes")
}

const CONNECTIONS: usize = 400;

#[tokio::test]
async fn a_connection_with_half_a_frame_costs_at_most_four_kilobytes() {
    let pos = PosConfig::new(BTreeMap::new(), "48010000");
    let config = SwitchConfig::new("127.0.0.1:0".parse().unwrap(), pos, Vec::new());
    let vault = Vault::new(MasterKey::from_hex(&"5A".repeat(32)).unwrap());
    let clock = ScaledClock::new(ScaledClock::wall(), 1);
    let switch = Switch::start(config, vault, Box::new(NoDice), clock, Arc::new(NoDoor)).await.unwrap();
    let mut lines = Vec::with_capacity(2 * CONNECTIONS);
    // The first half pays for what is allocated once.
    let mut before = 0;
    for round in 0..2 {
        before = if round == 1 { resident() } else { 0 };
        for _ in 0..CONNECTIONS {
            let mut line = TcpStream::connect(switch.address()).unwrap();
            line.write_all(&[0, 200, 0x60]).unwrap();
            lines.push(line);
            tokio::task::yield_now().await;
        }
        while switch.status().connections < lines.len() {
            tokio::task::yield_now().await;
        }
        for _ in 0..4 * CONNECTIONS {
            tokio::task::yield_now().await;
        }
    }
    let each = resident().saturating_sub(before) / CONNECTIONS;
    assert!(each <= 4 * 1024, "{each} bytes for each connection");
}
