//! Planted mistakes. `mutant!(Name)` is `false` and nothing else, unless this crate's feature `mutants` is on: then it
//! says whether this process was told to make that mistake. The program `hefu-mutants` makes them one by one, and
//! each must be caught by the checks that guard the real thing: a check that catches nothing proves nothing.
//!
//! All of them stand in [`TABLE`]. A name that is not there does not compile.

mod table;

pub use table::{Mutant, TABLE};

/// One planted mistake.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// As it stands in `mutant!(Name)`.
    pub name: &'static str,
    /// Where the mistake is made: a folder of `crates`.
    pub room: &'static str,
    /// What it breaks, in a sentence.
    pub breaks: &'static str,
}

/// Whether this mistake is to be made now.
#[cfg(not(feature = "mutants"))]
#[macro_export]
macro_rules! mutant {
    ($name:ident) => {{
        const _: $crate::Mutant = $crate::Mutant::$name;
        false
    }};
}

/// Whether this mistake is to be made now.
#[cfg(feature = "mutants")]
#[macro_export]
macro_rules! mutant {
    ($name:ident) => {{
        const _: $crate::Mutant = $crate::Mutant::$name;
        $crate::chosen::is(stringify!($name))
    }};
}

/// Which mistake this process makes.
#[cfg(feature = "mutants")]
pub mod chosen {
    use std::sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    };

    static CHOSEN: OnceLock<&'static str> = OnceLock::new();
    static REACHED: AtomicBool = AtomicBool::new(false);

    /// Why no mistake was chosen.
    #[derive(Copy, Clone, PartialEq, Eq, Debug)]
    pub enum Refusal {
        Unknown,
        /// It is chosen once, before anything else runs.
        TooLate,
    }

    /// Makes this process make the mistake of that name, for good.
    ///
    /// # Errors
    /// There is none of that name, or one was chosen already.
    pub fn choose(name: &str) -> Result<(), Refusal> {
        let listed = crate::TABLE.iter().find(|listed| listed.name == name).ok_or(Refusal::Unknown)?;
        CHOSEN.set(listed.name).map_err(|_| Refusal::TooLate)
    }

    /// Whether `name` is the chosen one; remembers that it was asked for.
    pub fn is(name: &'static str) -> bool {
        let on = CHOSEN.get().is_some_and(|chosen| *chosen == name);
        if on && !REACHED.load(Ordering::Relaxed) {
            REACHED.store(true, Ordering::Relaxed);
        }
        on
    }

    /// Whether the place of the chosen mistake was ever passed. One that is never passed is caught by nothing.
    pub fn was_reached() -> bool {
        REACHED.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_mistake_has_a_name_of_its_own_that_no_program_holds_by_chance() {
        let names: BTreeSet<_> = TABLE.iter().map(|listed| listed.name).collect();
        assert_eq!(names.len(), TABLE.len());
        for Listed { name, breaks, .. } in TABLE {
            assert!(name.len() >= 12, "{name} is too short to be searched for in a program");
            assert!(breaks.len() > 20 && !breaks.ends_with('.'), "{name}: {breaks}");
        }
    }

    #[cfg(not(feature = "mutants"))]
    #[test]
    fn without_the_feature_no_mistake_is_made() {
        // The compiler knows it: nothing of a mistake is left in the program.
        const { assert!(!mutant!(SpeaksBeforeTheCommit)) };
    }

    #[cfg(feature = "mutants")]
    #[test]
    fn the_chosen_mistake_is_made_and_no_other() {
        assert!(!mutant!(SpeaksBeforeTheCommit) && !chosen::was_reached());
        assert_eq!(chosen::choose("NoSuchMistake"), Err(chosen::Refusal::Unknown));
        assert_eq!(chosen::choose("SpeaksBeforeTheCommit"), Ok(()));
        assert_eq!(chosen::choose("DropsAFactOfAChange"), Err(chosen::Refusal::TooLate));
        assert!(!mutant!(DropsAFactOfAChange) && !chosen::was_reached());
        assert!(mutant!(SpeaksBeforeTheCommit) && chosen::was_reached());
    }
}
