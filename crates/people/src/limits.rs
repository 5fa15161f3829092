//! How often somebody may try: for each name and each address, with waits that grow. Kept in memory, within bounds.

use hefu_tally::{
    Moment,
    time::{MINUTE, SECOND},
};
use std::{collections::BTreeMap, net::IpAddr};

/// Names, and addresses, that are remembered; the one whose last try is longest ago goes.
const MOST: usize = 4_096;
/// Tries of one name before a wait, and of one address; and how long until one of them is forgotten.
const OF_NAME: Allowance = Allowance { free: 5, forget: 15 * MINUTE };
const OF_ADDRESS: Allowance = Allowance { free: 20, forget: MINUTE };
const FIRST_WAIT: i64 = 5 * SECOND;
const LONGEST_WAIT: i64 = 15 * MINUTE;
/// The longest name that is looked at; a longer one is none of ours.
const MOST_NAME: usize = 64;

/// Tries that failed, or whose end is not known yet.
#[derive(Default)]
pub(crate) struct Limits {
    names: BTreeMap<String, Tries>,
    addresses: BTreeMap<IpAddr, Tries>,
}

#[derive(Copy, Clone)]
struct Allowance {
    free: u32,
    forget: i64,
}

#[derive(Copy, Clone)]
struct Tries {
    count: u32,
    last: Moment,
    until: Moment,
}

impl Limits {
    /// Counts a try, before anything is known of its end: whoever tries many things at once is counted as often.
    ///
    /// # Errors
    /// Until when to wait. A wait is the same for names that exist and names that do not.
    pub fn knock(&mut self, name: &str, address: IpAddr, now: Moment) -> Result<(), Moment> {
        let (name, address) = (cut(name), network(address));
        let wait = |tries: Option<&Tries>| tries.map(|tries| tries.until).filter(|until| *until > now);
        let waits = [wait(self.names.get(&name)), wait(self.addresses.get(&address))];
        if let Some(until) = waits.into_iter().flatten().max() {
            return Err(until);
        }
        count(&mut self.names, name, OF_NAME, now);
        count(&mut self.addresses, address, OF_ADDRESS, now);
        Ok(())
    }

    /// A try succeeded: the name begins anew.
    pub fn succeeded(&mut self, name: &str, address: IpAddr) {
        self.names.remove(&cut(name));
        self.forgive(address);
    }

    /// A try was none of a stranger's: the address gets it back.
    pub fn forgive(&mut self, address: IpAddr) {
        if let Some(tries) = self.addresses.get_mut(&network(address)) {
            tries.count = tries.count.saturating_sub(1);
            tries.until = tries.last;
        }
    }
}

fn count<K: Ord + Clone>(table: &mut BTreeMap<K, Tries>, key: K, allowed: Allowance, now: Moment) {
    if !table.contains_key(&key) && table.len() >= MOST {
        let oldest = table.iter().min_by_key(|(_, tries)| tries.last).map(|(key, _)| key.clone());
        oldest.map(|key| table.remove(&key));
    }
    let tries = table.entry(key).or_insert(Tries { count: 0, last: now, until: now });
    let forgotten = u32::try_from(now.since(tries.last).max(0) / allowed.forget).unwrap_or(u32::MAX);
    tries.count = tries.count.saturating_sub(forgotten).saturating_add(1);
    tries.last = now;
    if tries.count >= allowed.free {
        let beyond = tries.count - allowed.free;
        let doubled = FIRST_WAIT.saturating_mul(1 << beyond.min(16));
        tries.until = now.after(doubled.min(LONGEST_WAIT));
    }
}

fn cut(name: &str) -> String {
    name.chars().take(MOST_NAME).collect()
}

/// A whole network of IPv6 belongs to one host: its upper half counts.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_tally::time::HOUR;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    /// Tries until `now` is over; how many were let through.
    fn tries(limits: &mut Limits, name: &str, address: IpAddr, from: i64, upto: i64) -> usize {
        (from..upto).step_by(100).filter(|now| limits.knock(name, address, Moment(*now)).is_ok()).count()
    }

    #[test]
    fn waits_of_a_name_grow_until_a_quarter_of_an_hour() {
        let mut limits = Limits::default();
        let address = |n: i64| IpAddr::from([10, 0, (n / 250) as u8, (n % 250) as u8]);
        let mut now = Moment(0);
        let mut waits = Vec::new();
        for n in 0..14 {
            assert_eq!(limits.knock("li", address(n), now), Ok(()));
            if let Err(until) = limits.knock("li", address(900 + n), now) {
                waits.push(until.since(now) / SECOND);
                now = until;
            }
        }
        // The other half of each pair of the first tries counted too.
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]);
    }

    #[test]
    fn a_success_gives_the_name_its_tries_back_and_time_forgets() {
        let mut limits = Limits::default();
        assert_eq!(tries(&mut limits, "li", HOME, 0, 1_000), 5);
        limits.succeeded("li", HOME);
        assert_eq!(tries(&mut limits, "li", HOME, 1_000, 2_000), 5);
        assert_eq!(tries(&mut limits, "li", HOME, 3 * HOUR, 3 * HOUR + 1_000), 5);
    }

    #[test]
    fn one_address_cannot_try_many_names() {
        let mut limits = Limits::default();
        let tried = (0..100).filter(|n| limits.knock(&format!("n{n}"), HOME, Moment(0)).is_ok()).count();
        assert_eq!(tried, 20);
        let v6 = |host: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, host]);
        let tried = (0..100).filter(|n| limits.knock(&format!("m{n}"), v6(*n), Moment(0)).is_ok()).count();
        assert_eq!(tried, 20, "a network of IPv6 is one address");
    }

    #[test]
    fn the_tables_are_bounded() {
        let mut limits = Limits::default();
        for n in 0..MOST as u32 + 50 {
            let _ = limits.knock(&format!("n{n}"), IpAddr::from(n.to_be_bytes()), Moment(n.into()));
        }
        assert_eq!((limits.names.len(), limits.addresses.len()), (MOST, MOST));
        assert!(!limits.names.contains_key("n0") && limits.names.contains_key("n50"));
    }
}
