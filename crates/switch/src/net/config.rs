//! What the thin half is told. All times are milliseconds of the (scaled) clock.

use crate::{host::HostConfig, link_state::LinkTimes, pos::PosConfig};
use hefu_tally::time::{MINUTE, SECOND};
use std::net::SocketAddr;

/// The switch as a whole.
#[derive(Clone, Debug)]
pub struct SwitchConfig {
    /// Where terminals connect to.
    pub listen: SocketAddr,
    pub pos: PosConfig,
    pub terminals: TerminalLimits,
    pub links: Vec<LinkConfig>,
    /// So many notes of one kind a minute are put on record; the rest is counted.
    pub notes_per_minute: u32,
    /// Replies that may wait to be encoded, and as many requests of each link.
    pub outlet: usize,
}

impl SwitchConfig {
    /// The usual bounds.
    pub fn new(listen: SocketAddr, pos: PosConfig, links: Vec<LinkConfig>) -> SwitchConfig {
        let terminals = TerminalLimits::default();
        SwitchConfig { listen, pos, terminals, links, notes_per_minute: 20, outlet: 100_000 }
    }
}

/// What a terminal's connection may take.
#[derive(Copy, Clone, Debug)]
pub struct TerminalLimits {
    /// Connections at one time; more are closed at once. The process needs as many file descriptors, and some.
    pub connections: usize,
    /// Bytes of a frame without its length.
    pub frame: usize,
    /// From a frame's first byte to its last.
    pub frame_within: i64,
    /// Without a byte in either direction.
    pub idle: i64,
    /// Without a byte taken by the other side while something waits to be written.
    pub write_within: i64,
    /// Bytes that may wait to be written.
    pub queue: usize,
}

impl Default for TerminalLimits {
    fn default() -> TerminalLimits {
        TerminalLimits {
            connections: 20_000,
            frame: 2_048,
            frame_within: 30 * SECOND,
            idle: 10 * MINUTE,
            write_within: 10 * SECOND,
            queue: 64 * 1024,
        }
    }
}

/// One bank link.
#[derive(Clone, Debug)]
pub struct LinkConfig {
    /// Host and port of the bank.
    pub address: String,
    pub host: HostConfig,
    pub times: LinkTimes,
    /// How long a connection is tried.
    pub connect_within: i64,
    /// Bytes that may wait to be written.
    pub queue: usize,
}

impl LinkConfig {
    /// The usual bounds.
    pub fn new(address: &str, host: HostConfig) -> LinkConfig {
        LinkConfig {
            address: address.to_owned(),
            host,
            times: LinkTimes::default(),
            connect_within: 10 * SECOND,
            queue: 4 * 1024 * 1024,
        }
    }
}
