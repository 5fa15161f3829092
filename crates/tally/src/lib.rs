//! The heart of Hefu: one payment as two halves that must match, the evidence that moves them, the postings
//! that follow, and the durable records. Pure: no I/O, no clock, no dice, and no word of ISO 8583, SQL or HTTP.
//!
//! Read [`leg`] for the words, [`judge`] for the rules, [`tally`] for what facts do, [`books`] for the money.

pub mod books;
pub mod codes;
pub mod duty;
pub mod fact;
mod hexed;
pub mod ids;
pub mod judge;
pub mod leg;
pub mod link;
pub mod money;
pub mod notice;
pub mod record;
pub mod tally;
pub mod till;
pub mod time;

pub use books::{Account, Posting};
pub use duty::{Duty, DutyKind};
pub use fact::{Fact, MaskedPan, Opened};
pub use ids::{
    AuthCode, CardToken, Code, ContentHash, LinkId, LinkKey, MerchantNo, Rrn, SealedCard, Shard, TallyId,
    TerminalNo, Till,
};
pub use judge::{Evidence, Rules, judge};
pub use leg::{Direction, Identity, Issuer, Kind, Leg, LegNo, Merchant, View};
pub use money::{Currency, Money};
pub use tally::{Halves, Impossible, IssuerHalf, Tally};
pub use time::{BusinessDay, Moment};
