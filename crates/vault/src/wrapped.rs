//! Working keys at rest: sealed, bound to their terminal, recognisable by their issue.

use crate::dice::{Dice, roll};
use crate::error::VaultError;
use crate::layout::KeyLayout;
use crate::names::TerminalName;
use crate::seal::{SealError, Sealer};
use crate::secret::Secret;
use crate::working_keys::{WorkingKeys, from_plain, to_plain};

/// Tells one issue of keys from another.
pub(crate) type Issue = [u8; ISSUE];

/// Seals issue 16 · layout code 3 · the keys.
pub(crate) fn wrap(
    sealer: &Sealer,
    t: &TerminalName,
    layout: KeyLayout,
    keys: &WorkingKeys,
    dice: &mut dyn Dice,
) -> Result<Vec<u8>, VaultError> {
    let keys = to_plain(layout, keys)?;
    let issue: Issue = roll(dice);
    let plain = Secret::from([&issue[..], layout.code().as_bytes(), &keys].concat());
    Ok(sealer.seal(&t.to_bytes(), plain.expose(), dice))
}

/// Opens what [`wrap`] made for the same terminal.
pub(crate) fn unwrap(
    sealer: &Sealer,
    t: &TerminalName,
    wrapped: &[u8],
) -> Result<(Issue, WorkingKeys), VaultError> {
    let plain = sealer.open(&t.to_bytes(), wrapped)?;
    let short = SealError::TooShort { found: wrapped.len() };
    let (issue, rest) = plain.split_first_chunk::<ISSUE>().ok_or(short.clone())?;
    let (code, keys) = rest.split_first_chunk::<3>().ok_or(short)?;
    let layout = std::str::from_utf8(code).ok().and_then(KeyLayout::from_code);
    let layout = layout.ok_or(VaultError::UnknownLayout)?;
    Ok((*issue, from_plain(layout, keys)?))
}

const ISSUE: usize = 16;
