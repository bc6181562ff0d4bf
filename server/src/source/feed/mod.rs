//! What a source hands its events on by: one for each source that runs, whatever it listens to.
//!
//! Owns what all of them have to do: offer a batch, wait and offer it again while it can't be taken, count what became of
//! it, and keep what somebody needs who asks why a source is silent (`journal`): its state, when it was last heard, what was
//! rejected and why, the last payloads. Where events go is a [`Target`]: this server's own ingest, or another server. A source
//! keeps no counters of events of its own; those of its trade (messages, polls) it gives as [`Readings`].

mod journal;
mod target;
mod unescaped;

pub use journal::{Counted, Feeds, Payload, RejectedEvent, SourceRow, State};
pub use target::{NotTaken, Taken, Target};

use crate::clock::Clock;
use crate::ingest::{Ingest, Item, Receipt, Refusal};
use crate::telemetry::Reading;
use app::domain::{Event, Moment};
use journal::Journal;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Waits between offers to a target that does not say when to come back; the last of them goes on.
const WAITS: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(500), Duration::from_secs(2)];

/// Figures of a source's own trade, read at each scrape; counts all of them. It is told what its feed has counted.
pub type Readings = Box<dyn Fn(Counted) -> Vec<Reading> + Send + Sync>;

/// Which source it is. Both stand on `/metrics` and in the API; no secret, and no person's number, may be in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// As in `[[source.<kind>]]`, or what else it is.
    pub kind: &'static str,
    /// No other source has it.
    pub name: Cow<'static, str>,
}

/// Why a batch was given up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GivenUp {
    #[error("the server is stopping")]
    Stopping,
    /// Nothing will ever be taken this way.
    #[error("{0}")]
    Never(String),
    /// The target is gone, and with it what it took.
    #[error("{0}")]
    Lost(String),
    #[error("nothing was taken for {} s: {why}", .waited.as_secs())]
    Late { why: String, waited: Duration },
}

/// How long a batch is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// While the server runs, whatever the target says but "never".
    WhileRunning,
    /// So long; and what is lost is given up at once.
    For(Duration),
}

/// Where rejections are told as they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejections {
    Logged,
    /// By the command that runs it, each with its place in a file.
    ToldByCommand,
}

/// What feeds of this server are made of. Cheap to clone.
#[derive(Debug, Clone)]
pub struct WayIn {
    /// Where all of them are listed.
    pub feeds: Feeds,
    pub ingest: Ingest,
    pub clock: Clock,
    pub stop: CancellationToken,
}

impl WayIn {
    /// A source of this server; `own` are the figures of its trade.
    #[must_use]
    pub fn open(&self, identity: Identity, own: Option<Readings>) -> Feed {
        let Self { feeds, ingest, clock, stop } = self.clone();
        Feed { target: ingest, journal: feeds.add(identity, own), clock, stop, rejections: Rejections::Logged }
    }
}

/// One source's way on. Cheap to clone.
pub struct Feed<T = Ingest> {
    target: T,
    journal: Arc<Journal>,
    clock: Clock,
    stop: CancellationToken,
    rejections: Rejections,
}

impl<T: Clone> Clone for Feed<T> {
    fn clone(&self) -> Self {
        Self {
            target: self.target.clone(),
            journal: Arc::clone(&self.journal),
            clock: self.clock.clone(),
            stop: self.stop.clone(),
            rejections: self.rejections,
        }
    }
}

impl<T> fmt::Debug for Feed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("of", self.journal.identity()).finish_non_exhaustive()
    }
}

impl<T> Feed<T> {
    /// A feed that nobody lists: of a command that is no server.
    #[must_use]
    pub fn unlisted(
        identity: Identity,
        target: T,
        clock: Clock,
        stop: CancellationToken,
        rejections: Rejections,
    ) -> Self {
        let journal = Arc::new(Journal::new(identity, None));
        Self { target, journal, clock, stop, rejections }
    }

    #[must_use]
    pub const fn target(&self) -> &T {
        &self.target
    }

    /// Whether the source is to end.
    #[must_use]
    pub const fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How the source is now.
    pub fn is(&self, state: State) {
        self.journal.is(state, self.clock.now());
    }

    /// It was heard, and this is what it said: kept for those who look for a mistake in it. Called once a batch, not once an event.
    pub fn heard_payload(&self, payload: &str) {
        self.journal.payload(self.clock.now(), payload);
    }

    /// What it said can't be read.
    pub fn unreadable(&self, why: &str, payload: &str) {
        self.journal.rejected(self.clock.now(), why, Some(payload));
    }

    /// Something came that is not read at all: nobody knows that it is from whom it should be.
    pub fn refused(&self, why: &str) {
        self.journal.refused(self.clock.now(), why);
    }

    /// What was taken, and when it was last.
    #[must_use]
    pub fn row(&self) -> SourceRow {
        self.journal.row()
    }

    fn count(&self, taken: &Taken) {
        self.journal.taken(taken.accepted, taken.duplicate);
        let now = self.clock.now();
        for (_, why) in &taken.rejected {
            self.journal.rejected(now, why, None);
        }
        if let (Rejections::Logged, Some((_, why))) = (self.rejections, taken.rejected.first()) {
            let of = &self.journal.identity().name;
            tracing::warn!(rejected = taken.rejected.len(), "{of}: events were rejected, the first because of {why}");
        }
    }
}

impl<T: Target> Feed<T> {
    /// Hands a batch on, again and again while it can't be taken: to offer it twice is always safe.
    ///
    /// # Errors
    /// Why it was given up.
    pub async fn hand_on(&self, events: &[Event], patience: Patience) -> Result<Taken, GivenUp> {
        if events.is_empty() {
            return Ok(Taken::default());
        }
        let began = Instant::now();
        let mut waits = WAITS.iter();
        let mut own = WAITS[0];
        loop {
            let (why, after) = match (self.target.offer(events).await, patience) {
                (Ok(taken), _) => {
                    self.count(&taken);
                    return Ok(taken);
                }
                (Err(NotTaken::Stopping), _) => return Err(GivenUp::Stopping),
                (Err(NotTaken::Never(why)), _) => return Err(GivenUp::Never(why)),
                (Err(NotTaken::Lost { why, .. }), Patience::For(_)) => return Err(GivenUp::Lost(why)),
                (Err(NotTaken::Lost { why, after } | NotTaken::Later { why, after }), _) => (why, after),
            };
            own = waits.next().copied().unwrap_or(own);
            let wait = after.unwrap_or(own);
            match patience {
                Patience::For(waited) if began.elapsed() + wait > waited => return Err(GivenUp::Late { why, waited }),
                Patience::For(_) | Patience::WhileRunning => {}
            }
            tracing::debug!(why, "{} waits", self.journal.identity().name);
            self.journal.waited();
            tokio::select! {
                () = sleep(wait) => {}
                () = self.stop.cancelled() => return Err(GivenUp::Stopping),
            }
        }
    }

    /// Offers a batch once: what it tells is soon told anew, so nothing waits for it longer than `within`.
    ///
    /// # Errors
    /// Only when there will be nothing more to offer; what was dropped is counted.
    pub async fn hand_on_once(&self, events: &[Event], within: Duration) -> Result<(), GivenUp> {
        match timeout(within, self.target.offer(events)).await {
            Ok(Ok(taken)) => {
                self.count(&taken);
                Ok(())
            }
            Ok(Err(NotTaken::Stopping)) => Err(GivenUp::Stopping),
            Ok(Err(NotTaken::Never(why))) => Err(GivenUp::Never(why)),
            Ok(Err(NotTaken::Later { .. } | NotTaken::Lost { .. })) | Err(_) => {
                self.journal.dropped(events.len() as u64);
                Ok(())
            }
        }
    }
}

impl Feed<Ingest> {
    /// Offers events made ready as they were read, once: who brought them is told when to come back.
    ///
    /// # Errors
    /// If none of it was taken; sending it again is always safe.
    pub async fn submit_items(&self, items: Vec<Item>) -> Result<Receipt, Refusal> {
        let answer = self.target.submit_items(items).await;
        match &answer {
            Ok(receipt) => {
                self.journal.taken(receipt.accepted, receipt.duplicate);
                let now: Moment = self.clock.now();
                for (_, why) in &receipt.rejected {
                    self.journal.rejected(now, &why.to_string(), None);
                }
            }
            Err(_) => self.journal.waited(),
        }
        answer
    }
}

#[cfg(test)]
mod tests;
