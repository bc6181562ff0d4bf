//! Whether this server writes, and what it does while it does not.
//!
//! Of several servers on one database one leads; the others follow what it commits, so that their live state is as new,
//! and ask for the lead every second. A leader that loses its connection has lost the lead: it takes it again, or follows,
//! and either way first learns what was committed meanwhile, its own last commit included, of which it may not know
//! whether it came about.

use super::Batch;
use super::Refusal;
use super::writer::Writer;
use crate::law::change::{Anew, Change, Storing};
use crate::store::StoreError;
use crate::store::telling;
use crate::store::write::{Lead, Told, WriteStore};
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
pub enum Standing {
    /// It alone writes.
    Leading,
    /// Another one leads; this one follows.
    StandingBy,
    /// The database does not answer since then.
    Away { since: Moment, why: String },
    /// It leads and the database can be read, but what it writes fails since then: the disk is full, or broken.
    Failing { since: Moment, why: String },
}

/// The writer's part of it.
#[derive(Debug)]
pub(super) struct Leading {
    standing: watch::Sender<Standing>,
    /// Whether the lead is ours, as far as we know.
    pub(super) ours: bool,
    /// The number of the last commit that the live state was told of.
    pub(super) told: i64,
    next_ask: Instant,
    next_look: Instant,
}

impl Leading {
    pub(super) fn new() -> (Self, watch::Receiver<Standing>) {
        let (standing, told) = watch::channel(Standing::StandingBy);
        let now = Instant::now();
        (Self { standing, ours: false, told: 0, next_ask: now, next_look: now }, told)
    }

    /// How long the writer may sleep.
    pub(super) fn wait(&self, followed: bool) -> Option<Duration> {
        let next = if self.ours { self.next_ask } else { self.next_ask.min(self.next_look) };
        followed.then(|| next.saturating_duration_since(Instant::now()))
    }

    pub(super) fn is_away(&self) -> bool {
        matches!(*self.standing.borrow(), Standing::Away { .. })
    }

    pub(super) fn is_failing(&self) -> bool {
        matches!(*self.standing.borrow(), Standing::Failing { .. })
    }
}

impl<S: WriteStore> Writer<S> {
    /// Makes sure, in time, that the lead is still ours, or asks for it and follows. Whether it is ours.
    pub(super) async fn attend(&mut self) -> bool {
        if !self.store.is_followed() {
            return true;
        }
        let now = Instant::now();
        if now >= self.lead.next_ask {
            self.lead.next_ask = now + ASK_EVERY;
            self.ask().await;
        } else if !self.lead.ours && now >= self.lead.next_look && !self.lead.is_away() {
            self.lead.next_look = now + FOLLOW_EVERY;
            if let Err(error) = self.catch_up().await {
                self.lost(&error).await;
            }
        }
        self.lead.ours
    }

    async fn ask(&mut self) {
        if self.lead.ours && !self.distrusted {
            match self.store.lead().await {
                Ok(Lead::Held) => return,
                Ok(Lead::Taken | Lead::Elsewhere) => self.distrusted = true,
                Err(error) => return self.lost(&error).await,
            }
        }
        if let Err(error) = self.recover().await {
            self.lost(&error).await;
        }
    }

    /// Reads what is committed, after a failure; not more often than it makes sense where the database is away.
    pub(super) async fn recover_in_time(&mut self) -> Result<(), StoreError> {
        if self.store.is_followed() {
            let now = Instant::now();
            if self.lead.is_away() && now < self.lead.next_ask {
                return Err(StoreError::Away("it is asked again in a moment".to_owned()));
            }
            self.lead.next_ask = now + ASK_EVERY;
        }
        let recovered = self.recover().await;
        if let Err(error) = &recovered {
            self.lost(error).await;
        }
        recovered
    }

    /// Gets the lead back, or gives it up; and with it memory that is as committed.
    async fn recover(&mut self) -> Result<(), StoreError> {
        let lead = self.store.lead().await?;
        self.catch_up().await?;
        match lead {
            Lead::Held | Lead::Taken => {
                self.read_anew().await?;
                self.unfolded.may_be_there();
                self.lead.ours = true;
                // That it can be read again does not show that it can be written.
                if !self.lead.is_failing() {
                    self.stands(Standing::Leading).await;
                }
                Ok(())
            }
            Lead::Elsewhere => {
                self.lead.ours = false;
                self.stands(Standing::StandingBy).await;
                Ok(())
            }
        }
    }

    /// Notes that the database is away, whatever of it failed.
    async fn lost(&mut self, error: &StoreError) {
        if !self.store.is_followed() {
            return;
        }
        self.distrusted = true;
        if !self.lead.is_away() {
            let away = Standing::Away { since: self.clock.now(), why: error.to_string() };
            self.stands(away).await;
        }
    }

    /// Notes that what was to be written could not be, until the next that can.
    pub(super) async fn unwritten(&mut self, error: &StoreError) {
        self.distrusted = true;
        match error {
            // Both are told by whoever found it out.
            StoreError::Away(_) | StoreError::LedElsewhere => {}
            _ if self.lead.is_away() || self.lead.is_failing() => {}
            error => {
                let why = if error.is_disk_full() { FULL.to_owned() } else { error.to_string() };
                let failing = Standing::Failing { since: self.clock.now(), why };
                self.stands(failing).await;
            }
        }
    }

    /// Between commits: whether the database is still there, and, where writing failed, whether it can be written again.
    pub(super) async fn look_after_it(&mut self) {
        if self.lead.is_failing() {
            self.try_writing().await;
        } else if let Err(error) = self.store.look_for_it() {
            self.unwritten(&error).await;
        }
    }

    /// While writing fails: tries it again, for whoever brought events may wait until this server is well.
    async fn try_writing(&mut self) {
        match self.store.try_writing(self.clock.now()).await {
            Ok(()) => self.written().await,
            Err(error) => self.unwritten(&error).await,
        }
    }

    /// Notes that something has been written.
    pub(super) async fn written(&mut self) {
        if self.lead.is_failing() {
            self.stands(Standing::Leading).await;
        }
    }

    /// Says so, where it is news: in the log, to `/readyz`, and to the live state.
    pub(super) async fn stands(&mut self, standing: Standing) {
        let before = self.lead.standing.send_replace(standing.clone());
        if before == standing {
            return;
        }
        let storing = match &standing {
            Standing::Leading => {
                if matches!(before, Standing::Failing { .. }) {
                    tracing::info!("the database can be written again; events are taken");
                } else if self.store.is_followed() {
                    tracing::info!("leading: this server takes events and writes");
                }
                Storing::Keeps
            }
            Standing::StandingBy => {
                tracing::info!("standing by: another server leads; pages and figures are served, events are not taken");
                Storing::Keeps
            }
            Standing::Away { since, why } => {
                tracing::error!(%why, "the database is away; events are refused until it is back");
                Storing::Away { since: *since }
            }
            Standing::Failing { since, why } => {
                tracing::error!(%why, "a commit failed; nothing of it is kept, and events are refused until one succeeds");
                Storing::Fails { since: *since }
            }
        };
        let was_bad = matches!(before, Standing::Away { .. } | Standing::Failing { .. });
        if was_bad || storing != Storing::Keeps {
            self.tell(Change { storing: Some(storing), ..Change::default() }).await;
        }
    }

    /// Refuses what has queued up, while the lead is not ours.
    pub(super) fn turn_away(&self, batches: Vec<Batch>) {
        for batch in batches {
            let events = batch.items.len() as u64;
            let refusal = if self.lead.is_away() {
                self.counters.refused_not_durable.add(events);
                Refusal::NotDurable { why: "the database is away".to_owned(), retry_after: AFTER_AWAY }
            } else {
                self.counters.refused_standing_by.add(events);
                Refusal::StandingBy { retry_after: AFTER_STANDBY }
            };
            drop(batch.answer.send(Err(refusal)));
        }
    }

    /// Tells the live state what was committed since it was told last, by whomever.
    async fn catch_up(&mut self) -> Result<(), StoreError> {
        if !self.store.is_followed() {
            return Ok(());
        }
        let at = self.store.look().await?;
        let read = self.read_up_to(at).await;
        // Also after a failure: the connection must not stay within a look.
        self.store.looked().await?;
        if let Some(change) = read? {
            self.tell(change).await;
        }
        Ok(())
    }

    /// Within a look: what was committed since; all of the last hour where some of that is no longer there.
    async fn read_up_to(&mut self, at: i64) -> Result<Option<Change>, StoreError> {
        let now = self.clock.now();
        let mut change = Change::default();
        let told = if at == self.lead.told {
            Told::To(at)
        } else {
            let each = &mut |sums: &[u8], rest: &[u8]| telling::decode(sums, rest, &mut change);
            self.store.told_since(self.lead.told, each).await?
        };
        let Told::To(last) = told else {
            self.read_anew().await?;
            let mut all = self.last_hour().await?;
            all.begins_anew = Some(Anew::Missed);
            self.lead.told = at;
            return Ok(Some(all));
        };
        let nothing = last == self.lead.told;
        self.heed(&change);
        self.periods.turn(now);
        let read = self.periods.read(now, &self.book, &mut self.store).await?;
        let nothing = nothing && read.is_empty();
        read.tell(&mut change);
        self.lead.told = last;
        Ok((!nothing).then_some(change))
    }

    /// Takes note of what another server told, for the periods.
    fn heed(&mut self, change: &Change) {
        for (id, campaign) in &change.campaigns {
            let before = self.book.campaign(id).and_then(|before| before.started_at.value());
            if before != campaign.started_at.value() {
                self.periods.forget(id.clone());
            }
        }
        self.book.take_over(change);
        self.periods.see(&change.facts);
    }

    /// What the live state begins with, as of one instant: that of the last commit.
    pub(super) async fn look_around(&mut self) -> Result<Change, StoreError> {
        self.lead.told = self.store.look().await?;
        let initial = self.last_hour().await;
        self.store.looked().await?;
        initial
    }
}
