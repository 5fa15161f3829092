//! What the engine is told once, at start: rules, models, fees, the route.

use crate::lanes::LinkRules;
use hefu_tally::{Code, LinkId, Rules, Till, time};
use std::collections::BTreeMap;

/// A terminal model, as far as it matters for what its silence means.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Model {
    /// Keeps its reversals until they are acknowledged: presumption is enough.
    pub certified: bool,
    /// What its firmware is told for "unknown" (F39).
    pub unknown: Code,
}

/// The engine's configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// This node's number; each batch is written under it.
    pub node: u16,
    pub rules: Rules,
    /// Models by terminal; `model` for the others.
    pub models: BTreeMap<Till, Model>,
    pub model: Model,
    /// The card fee in basis points.
    pub fee: u16,
    /// The bank links. The edge chooses the route of each payment; what is owed goes the way of its request.
    pub links: BTreeMap<LinkId, LinkRules>,
    /// Same card, amount and merchant within this time while one is unknown is refused (milliseconds).
    pub double_charge_window: i64,
    /// Payments with a duty due within this time stay in memory (milliseconds).
    pub horizon: i64,
    /// The most payments held in memory; new ones are refused beyond it.
    pub most_open: usize,
    /// The most entries of a batch.
    pub most_entries: usize,
    /// The most inputs that may wait for one read, or for numbers.
    pub most_waiting: usize,
}

impl Config {
    /// Defaults for one node and one link.
    pub fn new(node: u16, link: LinkId) -> Config {
        Config {
            node,
            rules: Rules::default(),
            models: BTreeMap::new(),
            model: Model { certified: false, unknown: Code(*b"98") },
            fee: 60,
            links: BTreeMap::from([(link, LinkRules::default())]),
            double_charge_window: 10 * time::MINUTE,
            horizon: 5 * time::MINUTE,
            most_open: 400_000,
            most_entries: 512,
            most_waiting: 20_000,
        }
    }

    /// The rules for a transaction at this terminal.
    pub fn rules_for(&self, till: &Till) -> Rules {
        let model = self.models.get(till).unwrap_or(&self.model);
        Rules { certified: model.certified, unknown: model.unknown, ..self.rules }
    }
}
