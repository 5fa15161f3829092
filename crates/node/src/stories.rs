//! One payment's whole story, from its facts: what happened, when, on whose evidence, and what it did to the books.

use hefu_store::{Store, StoreError};
use hefu_tally::{Duty, Fact, Impossible, Moment, Posting, Shard, Tally, TallyId, record::Subject};
use thiserror::Error;

/// The most facts that a story tells.
const MOST_FACTS: usize = hefu_store::MOST_ROWS;

/// A payment with its history.
#[derive(Clone, Debug)]
pub struct Story {
    pub tally: Tally,
    pub lines: Vec<Line>,
    pub duties: Vec<Duty>,
    pub postings: Vec<Posting>,
}

/// One fact with its place in the chain.
#[derive(Clone, Debug)]
pub struct Line {
    pub seq: u64,
    pub at: Moment,
    pub fact: Fact,
}

/// Why a story cannot be told.
#[derive(Debug, Error)]
pub enum StoryError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("fact {seq} of shard {shard} is not one of a payment: {source}")]
    Fact { shard: u8, seq: u64, source: serde_json::Error },
    #[error("the facts of payment {id} contradict each other: {source}")]
    Impossible { id: TallyId, source: Impossible },
}

/// Reads a payment's story.
pub fn story<S: Store>(store: &mut S, shard: Shard, id: TallyId) -> Result<Option<Story>, StoryError> {
    let facts = store.facts_of(shard, &Subject::Tally(id), MOST_FACTS)?;
    if facts.is_empty() {
        return Ok(None);
    }
    let mut lines = Vec::with_capacity(facts.len());
    for stored in facts {
        let fact = serde_json::from_slice(&stored.body).map_err(|source| StoryError::Fact {
            shard: shard.number(),
            seq: stored.seq,
            source,
        })?;
        lines.push(Line { seq: stored.seq, at: stored.at, fact });
    }
    let tally = Tally::replay(id, lines.iter().map(|line| (line.at, &line.fact)))
        .map_err(|source| StoryError::Impossible { id, source })?;
    let duties = store.duties_of(shard, id)?;
    let postings = store.postings_of(shard, id)?;
    Ok(Some(Story { tally, lines, duties, postings }))
}
