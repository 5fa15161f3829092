//! What passes through and is never kept.

use zeroize::Zeroizing;

/// PIN block, track and expiry on their way to the bank. It cannot be shown, compared in a log or serialised; its
/// memory is wiped. Durable types have no field for it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret {
    /// PIN block under the link's key, 8 bytes.
    pub pin_block: Option<Zeroizing<[u8; 8]>>,
    /// Track 2, digits with the separator `D`.
    pub track2: Option<Zeroizing<Vec<u8>>>,
    /// Expiry, `YYMM`.
    pub expiry: Option<Zeroizing<Vec<u8>>>,
}
