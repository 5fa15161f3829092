//! Which bank link a card's payments take.

use hefu_tally::LinkId;
use hefu_vault::{LinkName, Pan};
use std::collections::BTreeMap;
use thiserror::Error;

/// A bank link as the edge needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// Its number, for the engine.
    pub link: LinkId,
    /// Its name, under which the vault keeps its keys.
    pub name: LinkName,
}

impl Route {
    /// The route where there is only one link: it has number 1.
    pub fn only(name: LinkName) -> Route {
        Route { link: LinkId(1), name }
    }
}

/// Routes by card number: the longest prefix decides.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Routes(BTreeMap<String, Route>);

impl Routes {
    /// Digits of a prefix; it is never a whole card number.
    pub const LONGEST: usize = 14;

    /// Sends cards whose number begins so over this link.
    ///
    /// # Errors
    /// What is no beginning of a card number, or leads elsewhere already.
    pub fn add(&mut self, prefix: &str, route: Route) -> Result<(), RouteError> {
        let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || !(1..=Routes::LONGEST).contains(&prefix.len()) {
            return Err(RouteError::Prefix { length: prefix.len() });
        }
        match self.0.insert(prefix.to_owned(), route) {
            None => Ok(()),
            Some(other) => Err(RouteError::Twice { prefix: prefix.to_owned(), other: other.name }),
        }
    }

    /// The route of a card, if any prefix fits.
    pub fn of(&self, pan: &Pan) -> Option<&Route> {
        let number = pan.expose();
        let longest = Routes::LONGEST.min(number.len());
        (1..=longest).rev().find_map(|length| self.0.get(&number[..length]))
    }
}

/// Why a route is refused.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum RouteError {
    /// The prefix itself is not shown: somebody may have written a card number there.
    #[error("a prefix has 1 to {} digits, found one of {length} characters", Routes::LONGEST)]
    Prefix { length: usize },
    #[error("prefix {prefix} leads to link {} already", other.as_str())]
    Twice { prefix: String, other: LinkName },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(link: u16) -> Route {
        Route { link: LinkId(link), name: LinkName::parse(&format!("bank{link}")).unwrap() }
    }

    #[test]
    fn the_longest_prefix_decides() {
        let mut routes = Routes::default();
        for (prefix, link) in [("62", 1), ("62000000000005", 2), ("6200000000000", 3)] {
            routes.add(prefix, route(link)).unwrap();
        }
        // (card, its link)
        let cases = [("6200000000000518", Some(2)), ("6200000000000005", Some(3))];
        for (card, link) in cases {
            let found = routes.of(&Pan::parse(card).unwrap()).map(|route| route.link.0);
            assert_eq!(found, link, "{card}");
        }
        let none = Routes::default();
        assert_eq!(none.of(&Pan::parse("6200000000000005").unwrap()), None);
    }

    #[test]
    fn a_prefix_that_is_none_or_stands_twice_is_refused_without_showing_a_card_number() {
        let mut routes = Routes::default();
        for prefix in ["", "62a", "６２", "620000000000000"] {
            assert_eq!(
                routes.add(prefix, route(1)),
                Err(RouteError::Prefix { length: prefix.len() }),
                "{prefix}"
            );
        }
        assert_eq!(routes.add("6200", route(1)), Ok(()));
        let twice = RouteError::Twice { prefix: "6200".into(), other: route(1).name };
        assert_eq!(routes.add("6200", route(2)), Err(twice));
    }
}
