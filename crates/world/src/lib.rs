//! The simulated parties around Hefu: banks and terminals. Each has a pure core (bytes in, effects out, time and
//! dice handed in) that the simulator drives, and a thin shell that runs it as a process over real sockets.

pub mod bank;
pub mod pos;
pub mod proxy;
pub mod sim;
pub mod small;
pub mod terminal;
