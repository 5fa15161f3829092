//! The virtual POS: a terminal as a cashier knows it, before the simulated terminal of [`crate::terminal`].
//!
//! [`Device`] is what a cashier touches (keys, screen, reader, PIN pad, menu) and is pure: touches and what the
//! terminal shows go in, a [`Screen`] and commands come out. [`wire`] is the fault board: it decides what becomes of
//! each frame between terminal, gateway and bank, and keeps what passed. [`cards`] are the test cards in a drawer.

pub mod cards;
mod device;
mod draft;
mod flow;
mod key;
mod screen;
pub mod wire;

pub use device::{Act, Dead, Device};
pub use flow::Flow;
pub use key::Key;
pub use screen::{Beep, Item, Lamp, Mode, Screen, Signal, Tone, Voice};
