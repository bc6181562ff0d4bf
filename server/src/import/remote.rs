//! Where events go: the ingest of a store that this program holds, or another server's API.

use crate::client::Client;
use crate::ingest::{Ingest, Refusal};
use crate::source::feed::{GivenUp, NotTaken, Patience, Taken, Target};
use app::domain::Event;
use std::time::Duration;

/// A target that takes nothing for this long has failed; the import can be started again.
pub(super) const PATIENCE: Patience = Patience::For(Duration::from_secs(300));

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

impl From<GivenUp> for Failure {
    fn from(why: GivenUp) -> Self {
        match why {
            GivenUp::Lost(why) => Self::Lost(why),
            GivenUp::Stopping | GivenUp::Never(_) | GivenUp::Late { .. } => Self::Other(why.to_string()),
        }
    }
}

impl Target for Remote {
    async fn offer(&self, events: &[Event]) -> Result<Taken, NotTaken> {
        match self {
            Self::Here(ingest) => match ingest.submit(events.to_vec()).await {
                Ok(receipt) => {
                    let rejected = receipt.rejected.into_iter().map(|(at, why)| (at, why.to_string())).collect();
                    Ok(Taken { accepted: receipt.accepted, duplicate: receipt.duplicate, rejected })
                }
                Err(refusal) => Err(not_taken(refusal)),
            },
            Self::There(client) => client.offer(events).await,
        }
    }
}

/// Why this program's own store took nothing, in the words of who imports.
fn not_taken(refusal: Refusal) -> NotTaken {
    let (why, after) = match refusal {
        Refusal::Full { retry_after } => ("the queue is full".to_owned(), retry_after),
        Refusal::NotDurable { why, retry_after } => (why, retry_after),
        Refusal::StandingBy { retry_after } => {
            ("a server leads on this database: import through it, with --to".to_owned(), retry_after)
        }
        Refusal::Lost { why, retry_after } => return NotTaken::Lost { why, after: Some(retry_after) },
        Refusal::Stopping => return NotTaken::Never("the store is being closed".to_owned()),
    };
    NotTaken::Later { why, after: Some(after) }
}
