//! Where events go: the ingest of a store that this program holds, or another server's API.

use crate::client::{Client, NotTaken};
use crate::ingest::{Ingest, Refusal};
use app::domain::Event;
use std::time::{Duration, Instant};

/// A target that takes nothing for this long has failed; the import can be started again.
const PATIENCE: Duration = Duration::from_secs(300);

/// Who takes the events. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Remote {
    Here(Ingest),
    There(Client),
}

/// Why an import could not go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The database is gone, and with it what it took.
    #[error("{0}")]
    Lost(String),
    /// What was taken stays.
    #[error("{0}")]
    Other(String),
}

impl From<String> for Failure {
    fn from(why: String) -> Self {
        Self::Other(why)
    }
}

/// What became of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub accepted: u64,
    pub duplicate: u64,
    /// Place in the batch, and why.
    pub rejected: Vec<(usize, String)>,
}

impl Remote {
    /// Hands a batch on, again and again while there is hope; what was taken is durable.
    ///
    /// # Errors
    /// Why it can't be taken.
    pub async fn take(&self, events: &[Event]) -> Result<Taken, Failure> {
        let until = Instant::now() + PATIENCE;
        loop {
            let (why, after) = match self.try_take(events).await? {
                Ok(taken) => return Ok(taken),
                Err(NotTaken::Never(why)) => return Err(Failure::Other(why)),
                Err(NotTaken::Later { why, after }) => (why, after),
            };
            if Instant::now() + after > until {
                return Err(Failure::Other(format!("nothing was taken for {} s: {why}", PATIENCE.as_secs())));
            }
            tokio::time::sleep(after).await;
        }
    }

    /// What came of it; an error of its own where there is nothing to try again with.
    async fn try_take(&self, events: &[Event]) -> Result<Result<Taken, NotTaken>, Failure> {
        Ok(match self {
            Self::Here(ingest) => match ingest.submit(events.to_vec()).await {
                Ok(receipt) => {
                    let rejected = receipt.rejected.into_iter().map(|(at, why)| (at, why.to_string())).collect();
                    Ok(Taken { accepted: receipt.accepted, duplicate: receipt.duplicate, rejected })
                }
                Err(Refusal::Full { retry_after }) => {
                    Err(NotTaken::Later { why: "the queue is full".to_owned(), after: retry_after })
                }
                Err(Refusal::NotDurable { why, retry_after }) => Err(NotTaken::Later { why, after: retry_after }),
                Err(Refusal::StandingBy { retry_after }) => {
                    let why = "a server leads on this database: import through it, with --to".to_owned();
                    Err(NotTaken::Later { why, after: retry_after })
                }
                Err(Refusal::Lost { why, .. }) => return Err(Failure::Lost(why)),
                Err(Refusal::Stopping) => Err(NotTaken::Never("the store is being closed".to_owned())),
            },
            Self::There(client) => client.send(events.iter()).await.map(|answer| {
                let rejected = answer.rejected.into_iter().map(|named| (named.index, named.error)).collect();
                Taken { accepted: answer.accepted, duplicate: answer.duplicate, rejected }
            }),
        })
    }
}
