//! A bank link's own durable row: whether it takes new payments, by rule or by a named person's order. Facts alone
//! change it.

use serde::{Deserialize, Serialize};

/// What a bank link is used for.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkMode {
    #[default]
    Normal,
    /// No new payments; what is owed goes out little by little, to find out whether the bank is back.
    Degraded,
    /// No new payments; what is owed goes out until nothing is left.
    Draining,
}

impl LinkMode {
    /// As it stands in commands and pages.
    pub fn name(self) -> &'static str {
        match self {
            LinkMode::Normal => "normal",
            LinkMode::Degraded => "degraded",
            LinkMode::Draining => "draining",
        }
    }
}

/// A person's order about a link.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    pub mode: LinkMode,
    pub by: String,
    pub reason: String,
}

/// What is known of a bank link.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct LinkModeState {
    /// The order that is in force; none means that rules alone decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// The breaker is open: too many messages in a row came to nothing.
    #[serde(default)]
    pub tripped: bool,
}

/// One line of a link's history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkFact {
    /// A named person set the mode; `Normal` leaves it to the rules again.
    Ordered(Order),
    /// So many messages in a row came to nothing: the breaker opened.
    Tripped { failures: u32 },
    /// An answer that proves something came: the breaker closed.
    Recovered,
}

impl LinkFact {
    pub fn name(&self) -> &'static str {
        match self {
            LinkFact::Ordered(_) => "link_ordered",
            LinkFact::Tripped { .. } => "link_tripped",
            LinkFact::Recovered => "link_recovered",
        }
    }
}

impl LinkModeState {
    /// The mode in force: a person's order goes before the rule.
    pub fn mode(&self) -> LinkMode {
        match (&self.order, self.tripped) {
            (Some(order), _) => order.mode,
            (None, true) => LinkMode::Degraded,
            (None, false) => LinkMode::Normal,
        }
    }

    pub fn apply(&mut self, fact: &LinkFact) {
        match fact {
            LinkFact::Ordered(order) => {
                self.order = Some(order.clone()).filter(|o| o.mode != LinkMode::Normal)
            }
            LinkFact::Tripped { .. } => self.tripped = true,
            LinkFact::Recovered => self.tripped = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_goes_before_the_rule_and_normal_gives_the_rule_its_say_again() {
        let order = |mode| {
            LinkFact::Ordered(Order { mode, by: "night shift".into(), reason: "the bank said so".into() })
        };
        let tripped = LinkFact::Tripped { failures: 10 };
        // (what happened, the mode in force)
        let cases = [
            (vec![], LinkMode::Normal),
            (vec![tripped.clone()], LinkMode::Degraded),
            (vec![tripped.clone(), LinkFact::Recovered], LinkMode::Normal),
            (vec![order(LinkMode::Draining)], LinkMode::Draining),
            (vec![order(LinkMode::Draining), tripped.clone()], LinkMode::Draining),
            (vec![order(LinkMode::Draining), tripped, order(LinkMode::Normal)], LinkMode::Degraded),
            (vec![order(LinkMode::Degraded), order(LinkMode::Normal)], LinkMode::Normal),
        ];
        for (facts, mode) in cases {
            let mut state = LinkModeState::default();
            facts.iter().for_each(|fact| state.apply(fact));
            assert_eq!(state.mode(), mode, "{facts:?}");
        }
    }
}
