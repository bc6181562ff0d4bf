//! Where events go, and what is said of a batch.

use crate::client::{self, Client};
use crate::ingest::{Ingest, Refusal};
use app::domain::Event;
use std::future::Future;
use std::time::Duration;

/// Where events go. A batch is taken as a whole once it is durable, or not at all; to offer it again is safe.
pub trait Target: Send + Sync {
    fn offer(&self, events: &[Event]) -> impl Future<Output = Result<Taken, NotTaken>> + Send;
}

/// What became of a batch that was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    pub accepted: u64,
    /// Good events that changed nothing.
    pub duplicate: u64,
    /// Place in the batch, and why.
    pub rejected: Vec<(usize, String)>,
}

/// Why a batch was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Offer it again after this long; where it says nothing, when one likes.
    #[error("not now: {why}")]
    Later { why: String, after: Option<Duration> },
    /// The database is gone, and with it what it took; it may come back.
    #[error("{why}")]
    Lost { why: String, after: Option<Duration> },
    /// Nothing will ever be taken this way.
    #[error("{0}")]
    Never(String),
    #[error("the server is stopping")]
    Stopping,
}

/// This server's own.
impl Target for Ingest {
    async fn offer(&self, events: &[Event]) -> Result<Taken, NotTaken> {
        // A copy goes, for what can't be taken is offered again.
        match self.submit(events.to_vec()).await {
            Ok(receipt) => Ok(Taken {
                accepted: receipt.accepted,
                duplicate: receipt.duplicate,
                rejected: receipt.rejected.into_iter().map(|(at, why)| (at, why.to_string())).collect(),
            }),
            Err(refusal) => Err(match &refusal {
                Refusal::Full { .. } | Refusal::NotDurable { .. } | Refusal::StandingBy { .. } => {
                    NotTaken::Later { why: refusal.to_string(), after: None }
                }
                Refusal::Lost { .. } => NotTaken::Lost { why: refusal.to_string(), after: None },
                Refusal::Stopping => NotTaken::Stopping,
            }),
        }
    }
}

/// Another server.
impl Target for Client {
    async fn offer(&self, events: &[Event]) -> Result<Taken, NotTaken> {
        match self.send(events.iter()).await {
            Ok(answer) => Ok(Taken {
                accepted: answer.accepted,
                duplicate: answer.duplicate,
                rejected: answer.rejected.into_iter().map(|named| (named.index, named.error)).collect(),
            }),
            Err(client::NotTaken::Later { why, after }) => Err(NotTaken::Later { why, after: Some(after) }),
            Err(client::NotTaken::Never(why)) => Err(NotTaken::Never(why)),
        }
    }
}
