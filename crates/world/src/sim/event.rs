//! What happens in a world, each thing at its moment on the agenda.

use hefu_switch::pos::ConnectionId;

/// What happens in a world.
pub(super) enum Event {
    /// A cashier thinks of what to do.
    Think {
        shop: usize,
        epoch: u64,
    },
    PowerOn {
        shop: usize,
    },
    ShopWake {
        shop: usize,
        epoch: u64,
        wish: u64,
    },
    /// The terminal's dial has ended.
    Dialled {
        shop: usize,
        epoch: u64,
        dial: u64,
        good: bool,
    },
    /// Sent on a line that does not stand.
    Broken {
        shop: usize,
        epoch: u64,
    },
    ToShop {
        connection: ConnectionId,
        bytes: Option<Vec<u8>>,
    },
    ToGateway {
        connection: ConnectionId,
        bytes: Option<Vec<u8>>,
    },
    GatewayUp,
    GatewayWake {
        epoch: u64,
    },
    StoreWorks {
        epoch: u64,
    },
    StoreAnswers {
        epoch: u64,
    },
    LinkDue {
        epoch: u64,
        bank: usize,
    },
    LinkDialled {
        epoch: u64,
        bank: usize,
    },
    LinkGone {
        bank: usize,
        wire: u64,
        at_bank: bool,
    },
    ToBank {
        bank: usize,
        wire: u64,
        frame: Vec<u8>,
    },
    FromBank {
        bank: usize,
        wire: u64,
        frame: Vec<u8>,
    },
    /// An answer that lay somewhere for minutes.
    Wandered {
        bank: usize,
        frame: Vec<u8>,
    },
    BankWake {
        bank: usize,
        epoch: u64,
    },
    BankUp {
        bank: usize,
    },
    /// Shells tidy up; the world looks whether all is well.
    Tick,
    /// The business day ends.
    Cut,
    /// People look at what waits for them.
    Desk,
    /// A person's order about the link ends.
    OrderEnds,
}
