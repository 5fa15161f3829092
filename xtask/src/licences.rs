//! Every package that we build with must come under a licence that we accept.

use crate::{refusal::Refusal, workspace};
use cargo_metadata::Package;
use spdx::{Expression, Licensee, ParseMode};

/// The licences that we accept, by their SPDX names. All allow use in a closed product; none asks for the
/// source of what is linked to them.
pub const ACCEPTED: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Why a package is not accepted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Offence {
    #[error("states no licence expression")]
    NoExpression,
    #[error("`{0}` is no SPDX expression")]
    Unreadable(String),
    #[error("`{0}` cannot be satisfied by what we accept")]
    NotAccepted(String),
}

/// Judges every package in the locked graph, ours included, whatever platform it is for. Returns how many
/// were judged, and a line `name version: offence` for each that offends.
///
/// # Errors
/// When the graph cannot be read.
pub fn judge_all() -> Result<(usize, Vec<String>), Refusal> {
    let graph = workspace::graph()?;
    let offends = |package: &Package| {
        let offence = judge(package.license.as_deref()).err()?;
        Some(format!("{} {}: {offence}", package.name, package.version))
    };
    Ok((graph.packages.len(), graph.packages.iter().filter_map(offends).collect()))
}

/// Judges one licence expression, as Cargo.toml states it. The old `MIT/Apache-2.0` is read as `OR`.
///
/// # Errors
/// The offence.
pub fn judge(stated: Option<&str>) -> Result<(), Offence> {
    let stated = stated.ok_or(Offence::NoExpression)?;
    let expression =
        Expression::parse_mode(stated, ParseMode::LAX).map_err(|_| Offence::Unreadable(stated.to_owned()))?;
    let accepted = ACCEPTED.map(|name| Licensee::parse(name).expect("each accepted name is SPDX"));
    let satisfied = expression.evaluate(|asked| accepted.iter().any(|ours| ours.satisfies(asked)));
    if satisfied { Ok(()) } else { Err(Offence::NotAccepted(stated.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stated: &str, accepted: bool) {
        assert_eq!(judge(Some(stated)).is_ok(), accepted, "{stated}");
    }

    #[test]
    fn an_expression_is_judged_as_a_whole() {
        check("MIT", true);
        check("MIT/Apache-2.0", true);
        check("(MIT OR Apache-2.0) AND Unicode-3.0", true);
        check("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", true);
        check("GPL-3.0-only OR MIT", true);
        check("GPL-3.0-only", false);
        check("MIT AND GPL-3.0-only", false);
        check("MPL-2.0", false);
        check("GPL-2.0-only WITH Classpath-exception-2.0", false);
    }

    #[test]
    fn a_package_without_a_readable_expression_offends() {
        assert_eq!(judge(None), Err(Offence::NoExpression));
        assert_eq!(judge(Some("ask us")), Err(Offence::Unreadable("ask us".to_owned())));
    }
}
