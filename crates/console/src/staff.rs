//! The people's file, asked off the async threads: who asks, may he, and what is noted of it.

use crate::problem::Problem;
use axum::http::StatusCode;
use hefu_people::{Actor, Dice, Knock, People, PeopleError, Secret, Tried, What, Who};
use hefu_tally::Moment;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{sync::Semaphore, task};

/// Passwords that are tried at one time: each takes 19 MiB and a while; more wait.
const HASHING: usize = 2;

/// What the console needs to know its people.
pub struct StaffConfig {
    pub people: People,
    pub dice: Box<dyn Dice + Send>,
    /// The wall clock: people live by it, whatever the platform's time does.
    pub wall: Arc<dyn Fn() -> Moment + Send + Sync>,
    /// What lets somebody in who may read the gateway's own files.
    pub local: Secret,
}

/// The people's file. A clone shares it.
#[derive(Clone)]
pub(crate) struct Staff {
    inside: Arc<Mutex<Inside>>,
    wall: Arc<dyn Fn() -> Moment + Send + Sync>,
    hashing: Arc<Semaphore>,
    local: blake3::Hash,
}

struct Inside {
    people: People,
    dice: Box<dyn Dice + Send>,
}

impl Staff {
    /// Also a key for this run's nonces.
    pub fn new(config: StaffConfig) -> (Staff, [u8; 32]) {
        let StaffConfig { people, mut dice, wall, local } = config;
        let mut key = [0; 32];
        dice.fill(&mut key);
        let staff = Staff {
            inside: Arc::new(Mutex::new(Inside { people, dice })),
            wall,
            hashing: Arc::new(Semaphore::new(HASHING)),
            local: blake3::hash(local.reveal().as_bytes()),
        };
        (staff, key)
    }

    /// The wall clock's moment.
    pub fn now(&self) -> Moment {
        (self.wall)()
    }

    /// Asks, or changes, something short.
    pub async fn ask<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut People, Moment, &mut dyn Dice) -> Result<T, PeopleError> + Send + 'static,
    {
        let staff = self.clone();
        let asked = task::spawn_blocking(move || {
            let mut inside = staff.inside.lock().unwrap_or_else(PoisonError::into_inner);
            let Inside { people, dice } = &mut *inside;
            work(people, (staff.wall)(), dice.as_mut())
        });
        Ok(asked.await.map_err(|_| closing())??)
    }

    /// The same for what makes or tries a password: few at a time.
    pub async fn ask_slowly<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut People, Moment, &mut dyn Dice) -> Result<T, PeopleError> + Send + 'static,
    {
        let _place = self.hashing.acquire().await.map_err(|_| closing())?;
        self.ask(work).await
    }

    /// Tries a password while nobody waits for the file.
    pub async fn try_password(&self, knock: Knock, password: Secret) -> Result<Tried, Problem> {
        let _place = self.hashing.acquire().await.map_err(|_| closing())?;
        let tried = task::spawn_blocking(move || knock.try_password(password.reveal()));
        tried.await.map_err(|_| closing())
    }

    /// Writes a line of the audit log. What cannot be written down is not done.
    pub async fn note(
        &self,
        actor: Actor,
        what: What,
        about: impl Into<String>,
        detail: impl Into<String>,
    ) -> Result<(), Problem> {
        let (about, detail) = (about.into(), detail.into());
        self.ask(move |people, now, _| people.note(&actor, what, &about, &detail, now)).await
    }

    /// Who is behind a bearer's token: a machine, or whoever is at the gateway's own machine.
    pub async fn bearer(&self, token: &str) -> Result<Option<Who>, Problem> {
        // Hashes are compared in constant time.
        if blake3::hash(token.as_bytes()) == self.local {
            return Ok(Some(Who::local()));
        }
        let token = Secret::new(token.to_owned());
        self.ask(move |people, now, _| people.key(token.reveal(), now)).await
    }
}

fn closing() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "closing", "the console is closing")
}
