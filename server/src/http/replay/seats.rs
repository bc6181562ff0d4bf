//! How many replays there may be at once: each holds a board of its own and reads the store.

use crate::access::clients::Held;
use crate::access::proxies::Client;
use crate::telemetry::counters;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// At most so many at once.
pub const MAX_REPLAYS: usize = 4;

/// There are as many as there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{MAX_REPLAYS} moments of the past are being looked at already; try again when one of them is closed")]
pub struct Busy;

/// The seats there are, and counters for `/metrics`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Replays {
    seats: Arc<Semaphore>,
    counters: Arc<ReplayCounters>,
}

counters! {
    /// What is counted of replays.
    pub struct ReplayCounters {
        opened: counter "ringside_replays_opened", "Replays begun";
        refused: counter "ringside_replays_refused", "Replays refused because of a limit";
    }
}

/// Held by a replay for as long as it lasts.
#[derive(Debug)]
pub struct Seat {
    _of_all: OwnedSemaphorePermit,
    of_client: Held,
}

impl Seat {
    /// Whose it is.
    #[must_use]
    pub const fn client(&self) -> Client {
        self.of_client.by()
    }
}

impl Default for Replays {
    fn default() -> Self {
        Self { seats: Arc::new(Semaphore::new(MAX_REPLAYS)), counters: Arc::default() }
    }
}

impl Replays {
    /// With what the client holds for it.
    ///
    /// # Errors
    /// If there are as many as there may be.
    pub fn take(&self, of_client: Held) -> Result<Seat, Busy> {
        if let Ok(permit) = Arc::clone(&self.seats).try_acquire_owned() {
            self.counters.opened.add(1);
            return Ok(Seat { _of_all: permit, of_client });
        }
        self.counters.refused.add(1);
        Err(Busy)
    }

    #[must_use]
    pub fn counters(&self) -> &ReplayCounters {
        &self.counters
    }

    #[must_use]
    pub fn is_full(&self) -> bool {
        self.seats.available_permits() == 0
    }

    /// Replays going on now.
    #[must_use]
    pub fn running(&self) -> usize {
        MAX_REPLAYS - self.seats.available_permits()
    }
}
