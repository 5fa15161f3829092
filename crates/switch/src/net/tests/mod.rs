//! The thin half over real sockets, with a scripted node and a scripted bank.

mod banks;
mod hostile;
mod links;
mod payments;
mod scene;
