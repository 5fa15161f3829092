//! The doors: what every request passes before it is looked at, and every answer before it leaves.
//!
//! From outside in: the front (address, bounds, host, headers of the answer), the guard (who asks, and may a page of
//! elsewhere have sent him), and requests that are made once.

mod bucket;
mod front;
mod guard;
mod once;

pub(crate) use bucket::{Buckets, LOOKUPS, REQUESTS};
pub(crate) use front::{Address, Nonce, Nonces, front};
pub(crate) use guard::{Asker, guard};
pub(crate) use once::{HoldsSecret, IDEMPOTENCY_KEY, once};
