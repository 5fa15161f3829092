//! The published keys: a small JSON that anybody may keep, and that checks slips without us.
//!
//! ```json
//! {"keys":[{"kid":"1a2b3c4d","alg":"Ed25519","key":"<base64url of 32 bytes>",
//!   "valid_from":"2026-11-22T00:00:00+08:00","retired_at":null}]}
//! ```

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::{refusal::Refusal, signed::refusal::KeysRefusal, time::LocalTime};

/// The name of a key: four bytes, written as eight hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kid(pub [u8; 4]);

impl Kid {
    /// Eight hexadecimal digits in small letters.
    pub fn parse(text: &str) -> Option<Kid> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        Some(Kid(bytes.try_into().ok()?))
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// One key that checks slips.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    pub kid: Kid,
    /// Ed25519, 32 bytes.
    pub key: [u8; 32],
    /// The first moment that it may have signed at, Beijing time.
    pub valid_from: LocalTime,
    /// From this moment on it signs no more; slips from before stay good. A key that was stolen must
    /// leave the list instead, since a thief can write any moment.
    pub retired_at: Option<LocalTime>,
}

impl PublicKey {
    /// Strict: no other bytes than the signer's own pass for its signature.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let key = VerifyingKey::from_bytes(&self.key).expect("a published key was checked when it was made");
        key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

/// All keys that were published, 1 to 64, each name once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys(Vec<PublicKey>);

impl PublicKeys {
    pub const MAX: usize = 64;
    /// Bytes of the JSON.
    pub const MAX_JSON: usize = 64 * 1024;

    /// Refuses what is no good key, a name that comes twice, and a key that is retired before it is valid.
    pub fn new(keys: Vec<PublicKey>) -> Result<PublicKeys, KeysRefusal> {
        let found = keys.len();
        if !(1..=PublicKeys::MAX).contains(&found) {
            return Err(KeysRefusal::Count { found, max: PublicKeys::MAX });
        }
        for (index, key) in keys.iter().enumerate() {
            let PublicKey { kid, .. } = *key;
            let good = VerifyingKey::from_bytes(&key.key).is_ok_and(|key| !key.is_weak());
            if !good {
                return Err(KeysRefusal::Key { index });
            }
            if keys[..index].iter().any(|other| other.kid == kid) {
                return Err(KeysRefusal::Twice { index, kid });
            }
            if key.retired_at.is_some_and(|retired_at| retired_at < key.valid_from) {
                return Err(KeysRefusal::RetiredBeforeValid { index, kid });
            }
        }
        Ok(PublicKeys(keys))
    }

    pub fn keys(&self) -> &[PublicKey] {
        &self.0
    }

    pub(super) fn find(&self, kid: Kid) -> Option<&PublicKey> {
        self.0.iter().find(|key| key.kid == kid)
    }

    /// The JSON to publish.
    pub fn to_json(&self) -> String {
        let keys = self.0.iter().map(|key| Published {
            kid: key.kid.to_string(),
            alg: ALGORITHM.to_owned(),
            key: BASE64URL_NOPAD.encode(&key.key),
            valid_from: key.valid_from.rfc3339(),
            retired_at: key.retired_at.map(LocalTime::rfc3339),
        });
        serde_json::to_string_pretty(&File { keys: keys.collect() }).expect("strings can always be written")
    }

    /// Reads what [`PublicKeys::to_json`] writes; no other fields than these.
    pub fn from_json(json: &str) -> Result<PublicKeys, KeysRefusal> {
        if json.len() > PublicKeys::MAX_JSON {
            return Err(KeysRefusal::TooLong { found: json.len(), max: PublicKeys::MAX_JSON });
        }
        let file: File = serde_json::from_str(json).map_err(|error| KeysRefusal::Json {
            line: error.line(),
            column: error.column(),
            what: error.to_string(),
        })?;
        let keys = file.keys.iter().enumerate().map(|(index, key)| read(index, key));
        PublicKeys::new(keys.collect::<Result<_, _>>()?)
    }
}

const ALGORITHM: &str = "Ed25519";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    keys: Vec<Published>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    kid: String,
    alg: String,
    key: String,
    valid_from: String,
    retired_at: Option<String>,
}

fn read(index: usize, key: &Published) -> Result<PublicKey, KeysRefusal> {
    let kid = Kid::parse(&key.kid).ok_or(KeysRefusal::Kid { index })?;
    if key.alg != ALGORITHM {
        return Err(KeysRefusal::Algorithm { index });
    }
    let bytes = BASE64URL_NOPAD.decode(key.key.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    let time = |field, text: &str| {
        LocalTime::from_rfc3339(text).map_err(|refusal: Refusal| KeysRefusal::Time { index, field, refusal })
    };
    Ok(PublicKey {
        kid,
        key: bytes.ok_or(KeysRefusal::Key { index })?,
        valid_from: time("valid_from", &key.valid_from)?,
        retired_at: key.retired_at.as_deref().map(|text| time("retired_at", text)).transpose()?,
    })
}
