//! ② Events in: a bounded queue, one writer that commits in groups, and an answer once all of it is durable.
//!
//! Sources and the HTTP API hold an [`Ingest`]; what comes back tells of each event whether it was taken.

use app::domain::Event;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// What became of a batch of events. Sent only once everything accepted is durable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Events that were taken, those that changed nothing included in `duplicate` only.
    pub accepted: u64,
    /// Good events that changed nothing.
    pub duplicate: u64,
    /// Position in the batch, and why.
    pub rejected: Vec<(usize, Rejection)>,
}

/// Why a well-formed event was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("time: {0} s ahead of the server's clock; at most 300 are accepted")]
    Future(i64),
    #[error("time: older than the {0} days that calls are kept")]
    TooOld(i64),
    #[error("data.{0}: more than 24 h from this call's other moments")]
    FarFromCall(&'static str),
}

impl Rejection {
    /// The reason's name on `/metrics`.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Future(_) => "future",
            Self::TooOld(_) => "too_old",
            Self::FarFromCall(_) => "far_from_call",
        }
    }
}

/// Why a batch was not taken at all; sending it again is always safe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the queue of events is full; try again in {} s", .retry_after.as_secs())]
    Full { retry_after: Duration },
    #[error("the events could not be made durable: {why}; try again in {} s", .retry_after.as_secs())]
    NotDurable { why: String, retry_after: Duration },
    #[error("the server is stopping")]
    Stopping,
}

/// A batch on its way to the writer.
#[derive(Debug)]
#[allow(dead_code)] // the writer reads it
pub(crate) struct Batch {
    pub(crate) events: Vec<Event>,
    pub(crate) answer: oneshot::Sender<Result<Receipt, Refusal>>,
}

/// The way in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ingest {
    queue: mpsc::Sender<Batch>,
}

impl Ingest {
    /// When to come back to a full queue.
    const LATER: Duration = Duration::from_secs(1);

    #[cfg(test)]
    pub(crate) const fn over(queue: mpsc::Sender<Batch>) -> Self {
        Self { queue }
    }

    /// Hands events to the writer, and waits until what was taken is durable.
    ///
    /// # Errors
    /// If none of it was taken; sending it again is always safe.
    pub async fn submit(&self, events: Vec<Event>) -> Result<Receipt, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Batch { events, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Refusal::Full { retry_after: Self::LATER },
            mpsc::error::TrySendError::Closed(_) => Refusal::Stopping,
        })?;
        answered.await.unwrap_or(Err(Refusal::Stopping))
    }
}
