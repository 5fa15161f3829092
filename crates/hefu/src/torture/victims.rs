//! The processes that are killed, and when.

use super::{
    Args, Teller,
    cashier::Cashier,
    chance::Chance,
    fate::{Fault, Line, Way},
    parties::{Party, Place, Process},
    proxy::Weather,
};
use crate::Failure;
use std::time::Duration;
use tokio::{
    task::{JoinError, JoinSet},
    time::Instant,
};

/// Out of a thousand kills of the gateway, so many are followed by one of the bank.
const BANK_TOO: u64 = 80;

/// A kill waits at most so long for its moment.
const AIMS: Duration = Duration::from_secs(2);

/// The processes that are killed; none while one is dead.
pub struct Victims {
    gateway: Option<Process>,
    bank: Option<Process>,
}

impl Victims {
    /// Starts both.
    pub fn start(place: &Place) -> Result<Victims, Failure> {
        Ok(Victims { gateway: Some(place.start(Party::Gateway)?), bank: Some(place.start(Party::Bank)?) })
    }

    fn kill(&mut self, party: Party, place: &Place) -> Result<(), Failure> {
        let process = match party {
            Party::Gateway => &mut self.gateway,
            Party::Bank => &mut self.bank,
        };
        let running = process.take().ok_or_else(|| Failure::found("killed twice"))?;
        running.kill(place)
    }

    fn start_again(&mut self, party: Party, place: &Place) -> Result<(), Failure> {
        let started = Some(place.start(party)?);
        match party {
            Party::Gateway => self.gateway = started,
            Party::Bank => self.bank = started,
        }
        Ok(())
    }

    /// A party that has stopped by itself since the last kill is a find.
    pub fn stop(mut self, place: &Place) -> Result<(), Failure> {
        self.kill(Party::Gateway, place)?;
        self.kill(Party::Bank, place)
    }
}

/// When to kill.
#[derive(Copy, Clone, Debug)]
struct Moment {
    /// After so long: mostly under load, sometimes while it starts.
    after: Duration,
    /// And then as soon as something passes here: what was sent must be durable, what arrives is not yet.
    aimed: Option<(Line, Way)>,
}

impl Moment {
    fn draw(chance: &mut Chance) -> Moment {
        let most = chance.weighted(&[(3, 2_000), (2, 700), (1, 120)]);
        let after = Duration::from_micros(chance.below(most * 1_000));
        let aimed = chance.weighted(&[
            (4, None),
            (3, Some((Line::Bank, Way::Up))),
            (1, Some((Line::Bank, Way::Down))),
            (1, Some((Line::Terminals, Way::Up))),
            (1, Some((Line::Terminals, Way::Down))),
        ]);
        Moment { after, aimed }
    }

    async fn comes(self, weather: &Weather) {
        tokio::time::sleep(self.after).await;
        if let Some((line, way)) = self.aimed {
            // When nothing passes there for so long, any moment is as good.
            let _ = tokio::time::timeout(AIMS, weather.passes(line, way)).await;
        }
    }
}

/// Kills at random moments until there were enough kills or time is up. Gives how many there were.
pub async fn chaos(
    args: &Args,
    place: &Place,
    victims: &mut Victims,
    teller: &Teller<'_>,
    at_work: &mut JoinSet<Result<Cashier, Failure>>,
) -> Result<u64, Failure> {
    let mut chance = Chance::of(args.seed, "kills", 0);
    let until = Instant::now() + Duration::from_secs(args.minutes * 60);
    let mut kills = 0;
    while kills < args.kills && Instant::now() < until {
        let moment = Moment::draw(&mut chance);
        tokio::select! {
            () = moment.comes(teller.weather) => {}
            Some(ended) = at_work.join_next() => return Err(early(ended)),
        }
        victims.kill(Party::Gateway, place)?;
        kills += 1;
        teller.weather.struck.count(Fault::GatewayKilled);
        if chance.happens(BANK_TOO) {
            victims.kill(Party::Bank, place)?;
            teller.weather.struck.count(Fault::BankKilled);
            victims.start_again(Party::Bank, place)?;
        }
        if chance.happens(200) {
            tokio::time::sleep(Duration::from_millis(chance.below(400))).await;
        }
        victims.start_again(Party::Gateway, place)?;
        teller.tell_sometimes(place, "under load")?;
    }
    Ok(kills)
}

/// A cashier that ends before it was told to.
fn early(ended: Result<Result<Cashier, Failure>, JoinError>) -> Failure {
    match ended {
        Ok(Ok(_)) => Failure::found("a terminal stopped by itself"),
        Ok(Err(failure)) => failure,
        Err(error) => Failure::found(error),
    }
}
