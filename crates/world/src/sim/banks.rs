//! Which banks a world has, whose its cards are, and how often their links are tested. Most worlds have one bank. Where
//! there are two, each at the end of a link of its own, neither may feel what happens to the other.

use super::Setting;
use super::rolls::Rolls;
use super::without::Part;
use hefu_switch::{
    link_state::LinkTimes,
    pos::{Route, Routes},
};
use hefu_tally::{LinkId, time::MINUTE};
use hefu_vault::LinkName;

/// Banks of one world.
pub(super) const MOST: usize = 2;
/// So many worlds of a thousand have two banks.
const TWO: u32 = 150;
/// In so many of a thousand the links are tested seldom: most that happens in quiet hours is echoes.
const SELDOM: u32 = 800;
/// How long such a link is left alone before an echo tests it.
const SELDOM_ECHO: i64 = 5 * MINUTE;
/// All test cards begin so. The next digit, the second of the last four, says whose they are.
const PREFIX: &str = "6200000000000";

/// The banks of a world, each named by its place from 0.
#[derive(Clone, Default)]
pub(super) struct Banks {
    /// Where there are two: the digits whose cards are the second one's.
    second: Option<Vec<u8>>,
    pub times: LinkTimes,
}

impl Banks {
    pub fn one() -> Banks {
        Banks::default()
    }

    pub fn draw(setting: &Setting) -> Banks {
        let mut rolls = Rolls::new(setting.seed, "banks");
        let two = rolls.happens(TWO);
        let digits = (b'0'..=b'9').filter(|_| rolls.happens(400)).collect();
        let two = two && !setting.without.has(Part::SecondBank);
        let seldom = rolls.happens(SELDOM) && !setting.without.has(Part::SeldomEcho);
        let usual = LinkTimes::default();
        let echo_after = if seldom { SELDOM_ECHO } else { usual.echo_after };
        Banks { second: Some(digits).filter(|_| two), times: LinkTimes { echo_after, ..usual } }
    }

    pub fn count(&self) -> usize {
        1 + usize::from(self.second.is_some())
    }

    /// The link that a card must take, by its last four digits.
    pub fn link_of_card(&self, last4: [u8; 4]) -> LinkId {
        let second = self.second.as_ref().is_some_and(|digits| digits.contains(&last4[1]));
        link_of(usize::from(second))
    }

    /// How the gateway is told so.
    pub fn routes(&self) -> Routes {
        let mut routes = Routes::default();
        for digit in self.second.iter().flatten() {
            let route = Route { link: link_of(1), name: name_of(1) };
            let prefix = format!("{PREFIX}{}", char::from(*digit));
            routes.add(&prefix, route).expect("each digit makes a prefix of its own");
        }
        routes
    }
}

/// The link of the bank in this place.
pub(super) fn link_of(bank: usize) -> LinkId {
    LinkId(u16::try_from(bank + 1).expect("there are few banks"))
}

/// The bank at the end of this link.
pub(super) fn bank_of(link: LinkId) -> usize {
    usize::from(link.0).checked_sub(1).expect("links are counted from 1")
}

/// Under which name the gateway knows it.
pub(super) fn name_of(bank: usize) -> LinkName {
    let name = if bank == 0 { "bank".to_owned() } else { format!("bank{}", bank + 1) };
    LinkName::parse(&name).expect("a short name")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bank::Behaviour, sim::Without};
    use hefu_vault::Pan;

    #[test]
    fn every_card_takes_the_link_that_the_gateway_is_told() {
        let two: Vec<Banks> =
            (0..50).map(|seed| Banks::draw(&Setting::of(seed))).filter(|banks| banks.count() == 2).collect();
        assert!((3..=15).contains(&two.len()), "{} of 50 worlds have two banks", two.len());
        for banks in two.iter().chain([&Banks::one()]) {
            let routes = banks.routes();
            for (card, _) in Behaviour::table() {
                let told = routes.of(&Pan::parse(card).unwrap()).map_or(link_of(0), |route| route.link);
                let last4 = card.as_bytes().last_chunk().copied().unwrap();
                assert_eq!(banks.link_of_card(last4), told, "{}", &card[card.len() - 4..]);
                assert!(bank_of(told) < banks.count());
            }
        }
    }

    #[test]
    fn a_world_without_its_second_bank_has_one() {
        let two = (0..50).map(Setting::of).find(|setting| Banks::draw(setting).count() == 2).unwrap();
        let without = [Part::SecondBank].into_iter().collect();
        assert_eq!(Banks::draw(&Setting { without, ..two }).count(), 1);
    }

    #[test]
    fn links_are_tested_seldom_in_most_worlds_unless_that_is_left_out() {
        let echo_after = |setting: &Setting| Banks::draw(setting).times.echo_after;
        let seldom = (0..50).filter(|seed| echo_after(&Setting::of(*seed)) == SELDOM_ECHO).count();
        assert!((30..50).contains(&seldom), "{seldom} of 50");
        let without: Without = [Part::SeldomEcho].into_iter().collect();
        let often = |seed| echo_after(&Setting { without: without.clone(), ..Setting::of(seed) });
        assert!((0..50).all(|seed| often(seed) == LinkTimes::default().echo_after));
    }
}
