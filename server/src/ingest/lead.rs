//! Whether this server writes, and what it does while it does not.
//!
//! Of several servers on one database one leads; the others follow what it commits, so that their live state is as new,
//! and ask for the lead every second. A leader that loses its connection has lost the lead: it takes it again, or follows,
//! and either way first learns what was committed meanwhile, its own last commit included, of which it may not know
//! whether it came about.

use super::acknowledgements::refuse;
use super::clearing::forget_names;
use super::counters::IngestCounters;
use super::ledger::Ledger;
use super::live_feed::LiveFeed;
use super::{Batch, Refusal};
use crate::clock::Clock;
use crate::law::change::{Change, Storing};
use crate::store::StoreError;
use crate::store::write::{Lead, Retention, WriteStore};
use app::domain::Moment;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How often a server that stands by asks for the lead, and a leader whether it still has it; and how often one that lost
/// its database tries to get back to it.
pub(super) const ASK_EVERY: Duration = Duration::from_secs(1);
/// How often a server that stands by looks for what was committed: as often as the board ticks.
const FOLLOW_EVERY: Duration = Duration::from_millis(250);
/// When a client of a server that stands by should come again: a lead is taken over within a few seconds.
const AFTER_STANDBY: Duration = Duration::from_secs(2);
/// When a client should come again while the database is away.
const AFTER_AWAY: Duration = Duration::from_secs(2);

/// Why nothing can be written, where that is it.
const FULL: &str = "the disk is full";

/// What this server is to its database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriterStatus {
    /// It alone writes.
    Leading,
    /// Another one leads; this one follows.
    StandingBy,
    /// The database does not answer since then.
    Away { since: Moment, why: String },
    /// It leads and the database can be read, but what it writes fails since then: the disk is full, or broken.
    Failing { since: Moment, why: String },
}

/// Who this server is to its database, and how it comes back to that when the database was away.
#[derive(Debug)]
pub(super) struct Leadership {
    status: watch::Sender<WriterStatus>,
    clock: Clock,
    live: LiveFeed,
    /// Whether the lead is ours, as far as we know.
    ours: bool,
    next_ask: Instant,
    next_look: Instant,
}

impl Leadership {
    pub(super) fn new(clock: Clock, live: LiveFeed) -> (Self, watch::Receiver<WriterStatus>) {
        let (status, told) = watch::channel(WriterStatus::StandingBy);
        let now = Instant::now();
        (Self { status, clock, live, ours: false, next_ask: now, next_look: now }, told)
    }

    pub(super) const fn is_ours(&self) -> bool {
        self.ours
    }

    /// How long the writer may sleep.
    pub(super) fn wait(&self, followed: bool) -> Option<Duration> {
        let next = if self.ours { self.next_ask } else { self.next_ask.min(self.next_look) };
        followed.then(|| next.saturating_duration_since(Instant::now()))
    }

    pub(super) fn is_away(&self) -> bool {
        matches!(*self.status.borrow(), WriterStatus::Away { .. })
    }

    pub(super) fn is_failing(&self) -> bool {
        matches!(*self.status.borrow(), WriterStatus::Failing { .. })
    }

    /// Takes the lead at start, or stands by; what the live state begins with.
    pub(super) async fn begin<S: WriteStore>(
        &mut self,
        ledger: &mut Ledger<S>,
        retention: Retention,
    ) -> Result<Change, StoreError> {
        let lead = ledger.store.lead().await?;
        ledger.reload(self.clock.now()).await?;
        let status = match lead {
            Lead::Held | Lead::Taken => {
                self.ours = true;
                ledger.journal.fold(&mut ledger.store, &ledger.counters).await?;
                while !forget_names(ledger, self.clock.now(), retention).await?.is_empty() {}
                WriterStatus::Leading
            }
            Lead::Elsewhere => WriterStatus::StandingBy,
        };
        let initial = ledger.last_hour(self.clock.now()).await?;
        self.report(status, ledger.store.is_followed()).await;
        Ok(initial)
    }

    /// Makes sure, in time, that the lead is still ours, or asks for it and follows. Whether it is ours.
    pub(super) async fn attend<S: WriteStore>(&mut self, ledger: &mut Ledger<S>) -> bool {
        if !ledger.store.is_followed() {
            return true;
        }
        let now = Instant::now();
        if now >= self.next_ask {
            self.next_ask = now + ASK_EVERY;
            self.ask(ledger).await;
        } else if !self.ours && now >= self.next_look && !self.is_away() {
            self.next_look = now + FOLLOW_EVERY;
            if let Err(error) = self.catch_up(ledger).await {
                self.lost(ledger, &error).await;
            }
        }
        self.ours
    }

    async fn ask<S: WriteStore>(&mut self, ledger: &mut Ledger<S>) {
        if self.ours && ledger.is_trusted() {
            match ledger.store.lead().await {
                Ok(Lead::Held) => return,
                Ok(Lead::Taken | Lead::Elsewhere) => ledger.distrust(),
                Err(error) => return self.lost(ledger, &error).await,
            }
        }
        if let Err(error) = self.recover(ledger).await {
            self.lost(ledger, &error).await;
        }
    }

    /// Makes sure that the ledger can be trusted, and is ours to write.
    ///
    /// # Errors
    /// If it can't be read anew, or another server leads.
    pub(super) async fn trust<S: WriteStore>(&mut self, ledger: &mut Ledger<S>) -> Result<(), StoreError> {
        if ledger.is_trusted() {
            return Ok(());
        }
        self.recover_in_time(ledger).await?;
        if self.ours { Ok(()) } else { Err(StoreError::LedElsewhere) }
    }

    /// Reads what is committed, after a failure; not more often than it makes sense where the database is away.
    async fn recover_in_time<S: WriteStore>(&mut self, ledger: &mut Ledger<S>) -> Result<(), StoreError> {
        if ledger.store.is_followed() {
            let now = Instant::now();
            if self.is_away() && now < self.next_ask {
                return Err(StoreError::Away("it is asked again in a moment".to_owned()));
            }
            self.next_ask = now + ASK_EVERY;
        }
        let recovered = self.recover(ledger).await;
        if let Err(error) = &recovered {
            self.lost(ledger, error).await;
        }
        recovered
    }

    /// Gets the lead back, or gives it up; and with it memory that is as committed.
    async fn recover<S: WriteStore>(&mut self, ledger: &mut Ledger<S>) -> Result<(), StoreError> {
        let lead = ledger.store.lead().await?;
        self.catch_up(ledger).await?;
        let followed = ledger.store.is_followed();
        match lead {
            Lead::Held | Lead::Taken => {
                ledger.reload(self.clock.now()).await?;
                ledger.journal.may_be_there();
                self.ours = true;
                // That it can be read again does not show that it can be written.
                if !self.is_failing() {
                    self.report(WriterStatus::Leading, followed).await;
                }
                Ok(())
            }
            Lead::Elsewhere => {
                self.ours = false;
                self.report(WriterStatus::StandingBy, followed).await;
                Ok(())
            }
        }
    }

    /// Tells the live state what was committed since it was told last, by whomever.
    async fn catch_up<S: WriteStore>(&self, ledger: &mut Ledger<S>) -> Result<(), StoreError> {
        if let Some(change) = ledger.catch_up(self.clock.now()).await? {
            self.live.tell(change).await;
        }
        Ok(())
    }

    /// Notes that the database is away, whatever of it failed.
    async fn lost<S: WriteStore>(&self, ledger: &mut Ledger<S>, error: &StoreError) {
        if !ledger.store.is_followed() {
            return;
        }
        ledger.distrust();
        if !self.is_away() {
            let away = WriterStatus::Away { since: self.clock.now(), why: error.to_string() };
            self.report(away, true).await;
        }
    }

    /// Notes that what was to be written could not be, until the next that can.
    pub(super) async fn unwritten<S: WriteStore>(&self, ledger: &mut Ledger<S>, error: &StoreError) {
        ledger.distrust();
        // Both are told by whoever found it out.
        let is_told = matches!(error, StoreError::Away(_) | StoreError::LedElsewhere);
        if is_told || self.is_away() || self.is_failing() {
            return;
        }
        let why = if error.is_disk_full() { FULL.to_owned() } else { error.to_string() };
        let failing = WriterStatus::Failing { since: self.clock.now(), why };
        self.report(failing, ledger.store.is_followed()).await;
    }

    /// Notes that something has been written.
    pub(super) async fn written(&self, followed: bool) {
        if self.is_failing() {
            self.report(WriterStatus::Leading, followed).await;
        }
    }

    /// Between commits: whether the database is still there, and, where writing failed, whether it can be written again.
    pub(super) async fn look_after<S: WriteStore>(&self, ledger: &mut Ledger<S>) {
        if self.is_failing() {
            self.try_writing(ledger).await;
        } else if let Err(error) = ledger.store.look_for_it() {
            self.unwritten(ledger, &error).await;
        }
    }

    /// While writing fails: tries it again, for whoever brought events may wait until this server is well.
    async fn try_writing<S: WriteStore>(&self, ledger: &mut Ledger<S>) {
        match ledger.store.try_writing(self.clock.now()).await {
            Ok(()) => self.written(ledger.store.is_followed()).await,
            Err(error) => self.unwritten(ledger, &error).await,
        }
    }

    /// Says so, where it is news: in the log, to `/readyz`, and to the live state.
    async fn report(&self, status: WriterStatus, followed: bool) {
        let before = self.status.send_replace(status.clone());
        if before == status {
            return;
        }
        let storing = match &status {
            WriterStatus::Leading => {
                if matches!(before, WriterStatus::Failing { .. }) {
                    tracing::info!("the database can be written again; events are taken");
                } else if followed {
                    tracing::info!("leading: this server takes events and writes");
                }
                Storing::Keeps
            }
            WriterStatus::StandingBy => {
                tracing::info!("standing by: another server leads; pages and figures are served, events are not taken");
                Storing::Keeps
            }
            WriterStatus::Away { since, why } => {
                tracing::error!(%why, "the database is away; events are refused until it is back");
                Storing::Away { since: *since }
            }
            WriterStatus::Failing { since, why } => {
                tracing::error!(%why, "a commit failed; nothing of it is kept, and events are refused until one succeeds");
                Storing::Fails { since: *since }
            }
        };
        let was_bad = matches!(before, WriterStatus::Away { .. } | WriterStatus::Failing { .. });
        if was_bad || storing != Storing::Keeps {
            self.live.tell(Change { storing: Some(storing), ..Change::default() }).await;
        }
    }

    /// Refuses what has queued up, while the lead is not ours.
    pub(super) fn turn_away(&self, batches: Vec<Batch>, counters: &IngestCounters) {
        if batches.is_empty() {
            return;
        }
        let events = batches.iter().map(|batch| batch.items.len() as u64).sum();
        let refusal = if self.is_away() {
            counters.refused_not_durable.add(events);
            Refusal::NotDurable { why: "the database is away".to_owned(), retry_after: AFTER_AWAY }
        } else {
            counters.refused_standing_by.add(events);
            Refusal::StandingBy { retry_after: AFTER_STANDBY }
        };
        refuse(batches, &refusal);
    }
}
