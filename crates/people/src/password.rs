//! Passwords: their rules, and argon2id.

use crate::{
    dice::{Dice, roll},
    seal::Secret,
};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use data_encoding::BASE32_NOPAD;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The fewest characters of a password.
pub const LEAST_CHARACTERS: usize = 12;
/// More than this is no password, and costs work to read.
const MOST_CHARACTERS: usize = 128;
/// The fewest different characters.
const LEAST_DIFFERENT: usize = 5;

/// Why a password is not taken.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Error)]
pub enum PasswordRule {
    #[error("a password has {LEAST_CHARACTERS} to {MOST_CHARACTERS} characters")]
    Length,
    #[error("a password is not made of the login name")]
    Name,
    #[error("that password is among the commonest")]
    Common,
    #[error("a password has at least {LEAST_DIFFERENT} different characters")]
    Monotonous,
}

/// What people choose first when twelve characters are asked of them.
const COMMONEST: [&str; 24] = [
    "1234567890",
    "0123456789",
    "0987654321",
    "12345678910",
    "qwertyuiop",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "q1w2e3r4t5y6",
    "abcdefghijkl",
    "password",
    "passw0rd",
    "administrator",
    "changeme",
    "letmein",
    "iloveyou",
    "welcome",
    "woaini",
    "5201314",
    "asdfghjkl",
    "zxcvbnm",
    "unionpay",
    "hefu",
    "qazwsxedc",
    "default",
];

/// The form in which a password is compared: the same text typed on another keyboard is the same password.
pub(crate) fn normal(password: &str) -> Zeroizing<String> {
    // Cut before the work, not after it.
    Zeroizing::new(password.chars().take(MOST_CHARACTERS + 1).nfkc().collect())
}

/// Checks a new password.
pub(crate) fn check(login: &str, password: &str) -> Result<(), PasswordRule> {
    let password = normal(password);
    let characters = password.chars().count();
    if !(LEAST_CHARACTERS..=MOST_CHARACTERS).contains(&characters) {
        return Err(PasswordRule::Length);
    }
    let lower = Zeroizing::new(password.to_lowercase());
    if without(&lower, login) {
        return Err(PasswordRule::Name);
    }
    if COMMONEST.iter().any(|common| without(&lower, common)) {
        return Err(PasswordRule::Common);
    }
    let mut different: Vec<char> = lower.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < LEAST_DIFFERENT { Err(PasswordRule::Monotonous) } else { Ok(()) }
}

/// Whether nothing that counts is left of a password when `word` is taken out of it.
fn without(password: &str, word: &str) -> bool {
    password.contains(word) && password.replace(word, "").chars().count() < 6
}

/// The hash of a password, as a PHC string.
pub(crate) fn hash(password: &str, dice: &mut dyn Dice) -> String {
    let salt: [u8; 16] = roll(dice);
    let hashed = hasher().hash_password_with_salt(normal(password).as_bytes(), &salt);
    hashed.expect("parameters and a salt of 16 bytes are good").to_string()
}

/// The hash that an unknown name is tried against.
pub(crate) fn of_nobody() -> String {
    let hashed = hasher().hash_password_with_salt(b"", b"the salt of nobody");
    hashed.expect("parameters and the salt are good").to_string()
}

/// Whether the password is that of the hash. Always the same work.
pub(crate) fn fits(hash: &str, password: &str) -> bool {
    hasher().verify_password(normal(password).as_bytes(), hash).is_ok()
}

/// A password that the machine made: three groups of four characters, 60 bits of chance.
pub(crate) fn made(dice: &mut dyn Dice) -> Secret {
    let bytes = Zeroizing::new(roll::<10>(dice));
    let text = Zeroizing::new(BASE32_NOPAD.encode(&*bytes).to_lowercase());
    Secret::new(format!("{}-{}-{}", &text[..4], &text[4..8], &text[8..12]))
}

/// OWASP's parameters for argon2id: 19 MiB, two passes, one lane.
fn hasher() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).expect("the parameters are within bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Seeded;

    #[test]
    fn rules_refuse_what_is_guessed_first() {
        let check =
            |password: &str, expected| assert_eq!(super::check("li.na", password), expected, "{password}");
        check("short-word1", Err(PasswordRule::Length));
        check(&"long ".repeat(40), Err(PasswordRule::Length));
        check("li.na.li.na1", Err(PasswordRule::Name));
        check("LI.NA-2026", Err(PasswordRule::Length));
        check("Li.Na-li.na-26", Err(PasswordRule::Name));
        check("Password1234", Err(PasswordRule::Common));
        check("123456789012", Err(PasswordRule::Common));
        check("ababababababab", Err(PasswordRule::Monotonous));
        check("a good deal of rain", Ok(()));
        check("一二三四五六七八九十百千", Ok(()));
    }

    #[test]
    fn the_same_text_in_another_form_is_the_same_password() {
        let hash = hash("pa\u{fb01}ng f\u{fc}r ｆｒｅｅ", &mut Seeded(1));
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(fits(&hash, "pafing fu\u{308}r free"));
        assert!(!fits(&hash, "pafing fur free"));
        assert!(!fits(&of_nobody(), "pafing fur free"));
    }

    #[test]
    fn made_passwords_pass_the_rules_and_differ() {
        let mut dice = Seeded(1);
        let (one, other) = (made(&mut dice), made(&mut dice));
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(super::check("operator", one.reveal()), Ok(()));
    }
}
