//! ② Events in: a bounded queue, one writer that commits in groups, and an answer once all of it is durable.
//!
//! Sources and the HTTP API hold an [`Ingest`]; what comes back tells of each event whether it was taken.

mod acknowledgements;
mod agent_reports;
mod call_cache;
mod clearing;
mod clock_set_back;
mod components;
pub mod counters;
pub mod country;
mod days;
mod directory;
mod due;
mod events_by_kind;
mod filing;
mod first;
mod first_uses;
mod generation_cache;
mod group_commit;
mod item;
mod journal;
mod last_seen;
mod lead;
mod ledger;
mod live_feed;
mod mirror;
mod names;
mod pending_commit;
mod periods;
mod persons;
mod prefetch;
mod rejections;
mod rejudgement;
mod samples;
mod start;
mod working_set;
mod writer;

pub use counters::IngestCounters;
pub use first::{First, FirstEvents, FirstHeard};
pub use item::Item;
pub use journal::fold_journal;
pub use lead::WriterStatus;
pub use names::TooManyNames;
pub use rejections::{Lately, Rejected, Rejections, Untaken};
pub use start::{Opened, StoreConfig, open};

use crate::clock::Clock;
use crate::kit::mask::safe;
use crate::kit::zones;
use crate::law::change::FactChange;
use app::domain::call::LONGEST_CALL;
use app::domain::{Event, Moment, Span};
use filing::Filing;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use writer::Command;

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

impl Receipt {
    /// Whether the event at that place of the batch was taken.
    #[must_use]
    pub fn has_taken(&self, place: usize) -> bool {
        self.rejected.iter().all(|(rejected, _)| *rejected != place)
    }
}

/// What is as far ahead as time zones are apart is no clock that is wrong.
fn of_a_zone(ahead: i64) -> &'static str {
    if zones::is_of_a_zone(Span::secs(ahead)) { "; is it local time, sent as UTC?" } else { "" }
}

/// Why a well-formed event was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("time: {0} s ahead of the server's clock; at most 300 are accepted{hint}", hint = of_a_zone(*.0))]
    Future(i64),
    #[error("time: older than the {0} days that calls are kept (retention.calls_days)")]
    TooOld(i64),
    #[error("data.{0}: more than 24 h from this call's other moments")]
    FarFromCall(&'static str),
    #[error(
        "data.{0}: more than 24 h after this call's first moment, so none of it; what else the event tells is taken"
    )]
    AfterCall(&'static str),
    #[error("data.{0}: {1} ms is longer than a call may last, 24 h")]
    TooLong(&'static str, u64),
    #[error(transparent)]
    TooManyNames(#[from] TooManyNames),
}

impl Rejection {
    /// The reason's name on `/metrics`.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Future(_) => "future",
            Self::TooOld(_) => "too_old",
            Self::FarFromCall(_) | Self::AfterCall(_) => "far_from_call",
            Self::TooLong(..) => "too_long",
            Self::TooManyNames(_) => "too_many_names",
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
    #[error("the events can't be made durable: {why}")]
    Lost { why: String, retry_after: Duration },
    #[error("this server stands by, another one leads and takes events; try again in {} s", .retry_after.as_secs())]
    StandingBy { retry_after: Duration },
    #[error("the server is stopping")]
    Stopping,
}

/// A batch on its way to the writer.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) items: Vec<Item>,
    /// Goes with the batch.
    _reservation: QueueReservation,
    pub(crate) answer: oneshot::Sender<Result<Receipt, Refusal>>,
}

/// Events that wait for the writer at most: some seconds of the design load, and near 100 MB where each is a whole call.
const QUEUED_EVENTS: u64 = 65_536;
/// Batches that wait for the writer at most: single events from many clients.
const QUEUED_BATCHES: usize = 16_384;
/// How far ahead of our clock a moment may lie (contract.md).
const AHEAD: Span = Span::minutes(5);

/// What is checked before events reach the writer, in the task of who brings them.
#[derive(Debug)]
struct Admission {
    clock: Clock,
    keep_calls: Span,
    counters: Arc<IngestCounters>,
    queued: AtomicU64,
    first: FirstEvents,
    rejections: Rejections,
}

impl Admission {
    fn new(clock: Clock, keep_calls: Span, counters: Arc<IngestCounters>) -> Self {
        let (first, rejections) = (FirstEvents::default(), Rejections::default());
        Self { clock, keep_calls, counters, queued: AtomicU64::new(0), first, rejections }
    }

    fn check(&self, item: &Item, now: Moment) -> Result<(), Rejection> {
        for moment in item.moments() {
            if moment > now + AHEAD {
                return Err(Rejection::Future((moment - now).as_secs()));
            }
            if moment < now - self.keep_calls {
                return Err(Rejection::TooOld(self.keep_calls.as_secs() / 86_400));
            }
        }
        let too_long =
            item.durations().find(|(_, ms)| !i64::try_from(*ms).is_ok_and(|ms| ms <= LONGEST_CALL.as_millis()));
        too_long.map_or(Ok(()), |(field, ms)| Err(Rejection::TooLong(field, ms)))
    }

    /// Reserves room in the queue for `events`, if there is one. A batch larger than the queue goes in when it is empty.
    fn enter(self: &Arc<Self>, events: u64) -> Result<QueueReservation, Refusal> {
        let take = |queued: u64| (queued == 0 || queued + events <= QUEUED_EVENTS).then_some(queued + events);
        match self.queued.fetch_update(Ordering::AcqRel, Ordering::Acquire, take) {
            Ok(before) => {
                self.counters.queued.set(before + events);
                Ok(QueueReservation { admission: Arc::clone(self), events })
            }
            Err(_) => {
                self.counters.refused_full.add(events);
                Err(Refusal::Full { retry_after: Ingest::LATER })
            }
        }
    }
}

/// Room in the queue, given back when its batch is answered or given up.
#[derive(Debug)]
struct QueueReservation {
    admission: Arc<Admission>,
    events: u64,
}

impl Drop for QueueReservation {
    fn drop(&mut self) {
        let before = self.admission.queued.fetch_sub(self.events, Ordering::AcqRel);
        self.admission.counters.queued.set(before - self.events);
    }
}

/// The way in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ingest {
    admission: Arc<Admission>,
    queue: mpsc::Sender<Command>,
}

impl Ingest {
    /// When to come back to a full queue.
    const LATER: Duration = Duration::from_secs(1);

    fn new(admission: Admission) -> (Self, mpsc::Receiver<Command>) {
        let (queue, commands) = mpsc::channel(QUEUED_BATCHES);
        (Self { admission: Arc::new(admission), queue }, commands)
    }

    /// A way in to a writer that is the test's own.
    #[cfg(test)]
    pub(crate) fn over(batches: mpsc::Sender<Batch>) -> Self {
        let admission = Admission::new(Clock::by_hand(Moment::default()), Span::days(100_000), Arc::default());
        let (ingest, mut commands) = Self::new(admission);
        ingest.admission.clock.set(Moment::from_secs(4_000_000_000));
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = batches.closed() => break,
                    command = commands.recv() => match command {
                        Some(Command::Batch(batch)) => drop(batches.send(batch).await),
                        Some(Command::Settle(_) | Command::File(_)) => {}
                        None => break,
                    },
                }
            }
        });
        ingest
    }

    /// Whether there is a writer that takes events.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.queue.is_closed()
    }

    /// How many settings came late whose calls are not all judged again yet; 0 where another server leads, and judges them.
    #[must_use]
    pub fn rejudgements_due(&self) -> u64 {
        self.admission.counters.rejudgements_due.get()
    }

    /// Hands events to the writer, and waits until what was taken is durable.
    ///
    /// # Errors
    /// If none of it was taken; sending it again is always safe.
    pub async fn submit(&self, events: Vec<Event>) -> Result<Receipt, Refusal> {
        let shown = events.first().and_then(|event| self.admission.first.shown(event));
        let receipt = self.submit_items(events.into_iter().map(Item::from).collect()).await?;
        self.admission.first.took(receipt.accepted, shown.filter(|_| receipt.has_taken(0)));
        Ok(receipt)
    }

    /// What a server that never heard an event shows of the first.
    #[must_use]
    pub fn first(&self) -> &FirstEvents {
        &self.admission.first
    }

    /// The same, of events made ready as they were read.
    ///
    /// # Errors
    /// If none of it was taken; sending it again is always safe.
    pub async fn submit_items(&self, items: Vec<Item>) -> Result<Receipt, Refusal> {
        let now = self.admission.clock.now();
        let mut rejected = Vec::new();
        let mut places = Vec::with_capacity(items.len());
        let mut good = Vec::with_capacity(items.len());
        for (place, item) in items.into_iter().enumerate() {
            match self.admission.check(&item, now) {
                Ok(()) => {
                    places.push(place);
                    good.push(item);
                }
                Err(why) => {
                    self.admission.counters.rejected(&why);
                    rejected.push((place, why));
                }
            }
        }
        if good.is_empty() {
            self.note(&rejected);
            return Ok(Receipt { rejected, ..Receipt::default() });
        }
        let reservation = self.admission.enter(good.len() as u64)?;
        let (answer, answered) = oneshot::channel();
        let batch = Command::Batch(Batch { items: good, _reservation: reservation, answer });
        self.queue.try_send(batch).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Refusal::Full { retry_after: Self::LATER },
            mpsc::error::TrySendError::Closed(_) => Refusal::Stopping,
        })?;
        let mut receipt = answered.await.unwrap_or(Err(Refusal::Stopping))?;
        let by_writer = receipt.rejected.into_iter().map(|(at, why)| (places[at], why));
        rejected.extend(by_writer);
        rejected.sort_by_key(|(place, _)| *place);
        self.note(&rejected);
        receipt.rejected = rejected;
        Ok(receipt)
    }

    /// Notes what was rejected; what could not even be read is noted by who read it.
    fn note(&self, rejected: &[(usize, Rejection)]) {
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        for (_, why) in rejected {
            *reasons.entry(safe(&why.to_string())).or_default() += 1;
        }
        let now = self.admission.clock.now();
        reasons.into_iter().for_each(|(why, events)| self.admission.rejections.note(now, Untaken::Event, &why, events));
    }

    /// What was rejected lately, whoever sent it.
    #[must_use]
    pub fn rejections(&self) -> &Rejections {
        &self.admission.rejections
    }

    /// Adds sums to those that are kept, and waits until they are durable. The calls of before `kept_from` count as cleared
    /// away: nothing before is proved by calls, and a rebuild carries it over.
    ///
    /// # Errors
    /// If they were not taken; where it is not known that they were not, they must not be filed again.
    pub async fn file_sums(&self, kept_from: Moment, sums: Vec<FactChange>) -> Result<(), Refusal> {
        let (filing, filed) = Filing::new(kept_from, sums);
        self.queue.send(Command::File(filing)).await.map_err(|_| Refusal::Stopping)?;
        filed.await.unwrap_or(Err(Refusal::Stopping))
    }

    /// Judges all that is due by the clock now, and all that a late setting concerns; returns when it is committed. What
    /// was submitted before is committed too.
    ///
    /// # Errors
    /// If the server is stopping.
    pub async fn settle(&self) -> Result<(), Refusal> {
        let (done, settled) = oneshot::channel();
        self.queue.send(Command::Settle(done)).await.map_err(|_| Refusal::Stopping)?;
        settled.await.map_err(|_| Refusal::Stopping)
    }
}
