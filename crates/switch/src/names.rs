//! The same things under the names of the vault and of the heart.

use hefu_tally::{CardToken, MaskedPan, SealedCard, Till};
use hefu_vault::{Pan, TerminalName};

/// A till as the vault names it.
pub(crate) fn terminal(till: &Till) -> TerminalName {
    TerminalName { merchant: till.merchant.0, terminal: till.terminal.0 }
}

/// The vault's token for the heart.
pub(crate) fn token(token: hefu_vault::CardToken) -> CardToken {
    CardToken(token.0)
}

/// The vault's envelope for the heart.
pub(crate) fn sealed(card: hefu_vault::SealedCard) -> SealedCard {
    SealedCard(card.0)
}

/// A token of the heart for the vault.
pub(crate) fn vault_token(token: &CardToken) -> hefu_vault::CardToken {
    hefu_vault::CardToken(token.0)
}

/// An envelope of the heart for the vault.
pub(crate) fn vault_sealed(card: &SealedCard) -> hefu_vault::SealedCard {
    hefu_vault::SealedCard(card.0.clone())
}

/// What people may see of a card number.
pub(crate) fn masked(pan: &Pan) -> MaskedPan {
    MaskedPan::new(pan.bin6(), pan.last4(), pan.expose().len())
}
