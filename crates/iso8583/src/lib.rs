//! ISO 8583 messages as bytes and as fields. The dialects are data: [`CUP_POS`] between terminal and
//! acquirer, [`HOST_LINK`] between acquirer and card network, and any that you build yourself.
//!
//! Pure: no input or output, no clock, no payments. Whatever arrives is either a [`Message`] that
//! encodes to the same bytes again, or an error that names the field and the offset.
//!
//! ```
//! use hefu_iso8583::{CUP_POS, Message, Mti};
//!
//! let mut echo = Message::new(Mti(820));
//! echo.set(41, "10000001").set(42, "898110253110001").set(60, "00000001301");
//! let mut bytes = Vec::new();
//! CUP_POS.encode(&echo, &mut bytes)?;
//! assert_eq!(CUP_POS.decode(&bytes)?.text(41), Some("10000001"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cup;
pub mod explain;
pub mod frame;
pub mod host;
pub mod tlv;

mod codec;
mod dialect;
mod dialects;
mod error;
mod mac;
mod mask;
mod message;
mod mti;
mod subfield;

pub use dialect::{Bitmap, Coding, Dialect, FieldSpec, Inside, Kind, Length, Numbers};
pub use dialects::{CUP_POS, HOST_LINK};
pub use error::{DecodeError, EncodeError};
pub use mac::{mac_input, put_mac};
pub use message::Message;
pub use mti::Mti;
pub use subfield::SubfieldError;
