//! What waits to be encoded: the replies in one queue, and the requests of each link in one of their own, so that no
//! bank can fill another's.

use hefu_engine::Input;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// Something that is encoded and sent.
pub(super) trait Job {
    /// What the engine is told when it is not carried out.
    fn lost(&self) -> Input;
}

/// A bounded queue from the node's thread to a task.
pub(super) struct Queue<J> {
    max: usize,
    waiting: Mutex<Waiting<J>>,
    wake: Notify,
}

struct Waiting<J> {
    jobs: VecDeque<J>,
    /// What found no room, in few bytes each.
    lost: VecDeque<Input>,
}

impl<J: Job> Queue<J> {
    /// A queue of at most so many jobs.
    pub fn new(max: usize) -> Queue<J> {
        let waiting = Waiting { jobs: VecDeque::new(), lost: VecDeque::new() };
        Queue { max, waiting: Mutex::new(waiting), wake: Notify::new() }
    }

    /// Never waits. What finds no room is lost, and the engine is told.
    pub fn push(&self, job: J) {
        let mut waiting = self.waiting();
        match waiting.jobs.len() < self.max {
            true => waiting.jobs.push_back(job),
            false if waiting.lost.len() < LOST => waiting.lost.push_back(job.lost()),
            false => tracing::error!("an outlet is stuck: an output is lost until its deadline"),
        }
        drop(waiting);
        self.wake.notify_one();
    }

    /// The next jobs and what the engine must be told, as soon as there are any; at most [`BATCH`] of each.
    pub async fn take(&self) -> (Vec<J>, Vec<Input>) {
        loop {
            let (jobs, lost) = self.waiting().take();
            if !jobs.is_empty() || !lost.is_empty() {
                return (jobs, lost);
            }
            self.wake.notified().await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<J>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> Waiting<J> {
    fn take(&mut self) -> (Vec<J>, Vec<Input>) {
        let jobs = self.jobs.len().min(BATCH);
        let lost = self.lost.len().min(BATCH);
        (self.jobs.drain(..jobs).collect(), self.lost.drain(..lost).collect())
    }
}

/// Jobs encoded under one lock: long enough to share the cost, short enough not to hold terminals up.
const BATCH: usize = 128;
/// Reports about lost outputs that may wait; each is a few words.
const LOST: usize = 1_000_000;
