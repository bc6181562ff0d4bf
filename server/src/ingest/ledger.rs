//! The store and its mirror in memory, which always say the same: every commit goes through here, and so does whatever other
//! servers have committed.
//!
//! Where a commit fails nobody knows whether it came about: the ledger is not trusted until the mirror has been read anew.

use super::counters::IngestCounters;
use super::journal::Journal;
use super::mirror::Mirror;
use super::pending_commit::PendingCommit;
use super::samples::Samples;
use super::working_set::WorkingSet;
use crate::kit::mask::Veil;
use crate::law::change::{Anew, Change};
use crate::store::StoreError;
use crate::store::telling;
use crate::store::write::{AgentWrite, FollowedTo, Rejudgement, WriteStore, Written};
use app::domain::Moment;
use chrono_tz::Tz;
use std::sync::Arc;

pub(super) struct Ledger<S> {
    pub(super) store: S,
    pub(super) mirror: Mirror,
    /// What of the sums is not folded into their blocks.
    pub(super) journal: Journal,
    pub(super) counters: Arc<IngestCounters>,
    /// The number of the last commit that the mirror knows, and the live state is told of.
    last_commit: i64,
    is_trusted: bool,
}

/// What one commit is made of, beside what the mirror has gathered for it.
#[derive(Debug, Default)]
pub(super) struct CommitBatch<'j> {
    pub(super) calls: WorkingSet,
    pub(super) agents: Vec<AgentWrite>,
    pub(super) samples: Samples,
    /// What is told of it so far.
    pub(super) change: Change,
    /// The span of calls that it judges again, to note how far that has got.
    pub(super) rejudged: Option<&'j mut Rejudgement>,
}

/// A commit that is durable.
#[derive(Debug)]
pub(super) struct Committed {
    /// What the live state is told of it.
    pub(super) change: Change,
    pub(super) written: Written,
}

impl<S: WriteStore> Ledger<S> {
    pub(super) fn new(store: S, zone: Tz, veil: Veil, counters: Arc<IngestCounters>) -> Self {
        let (mirror, journal) = (Mirror::new(zone, veil), Journal::new(zone));
        Self { store, mirror, journal, counters, last_commit: 0, is_trusted: true }
    }

    /// Whether the mirror is as committed, as far as we know.
    pub(super) const fn is_trusted(&self) -> bool {
        self.is_trusted
    }

    /// The mirror may not be as committed: until it is read anew.
    pub(super) const fn distrust(&mut self) {
        self.is_trusted = false;
    }

    /// Reads the mirror anew.
    pub(super) async fn reload(&mut self, now: Moment) -> Result<(), StoreError> {
        self.mirror.reload(now, &mut self.store).await?;
        self.is_trusted = true;
        self.measure();
        Ok(())
    }

    /// Judges and writes; what is in the mirror is committed too. On failure nothing of it is kept.
    pub(super) async fn commit(&mut self, now: Moment, batch: CommitBatch<'_>) -> Result<Committed, StoreError> {
        let Self { store, mirror, journal, counters, .. } = self;
        let CommitBatch { calls: mut set, agents, samples, mut change, rejudged: progress } = batch;
        let (samples, costs) = samples.writes();
        let mut resettled = std::mem::take(&mut mirror.directory.resettled);
        let done = progress.as_ref().filter(|job| job.after >= job.to).and_then(|job| job.id);
        let (mut calls, gauges) = set.changed();
        let mut pending = PendingCommit {
            now,
            followed: store.is_followed(),
            mirror,
            counters,
            gauges,
            lost: 0,
            agents,
            samples,
            costs,
            rejudged: resettled.iter_mut().chain(progress.filter(|_| done.is_none())).collect(),
            rejudged_wholly: done,
            journalled: 0,
            change: &mut change,
        };
        let written = store.commit(&mut calls, &mut pending).await?;
        let (lost, journalled) = (pending.lost, pending.journalled);
        drop(calls);
        self.last_commit = store.last();
        mirror.rejudgements.extend(resettled);
        counters.lost_calls.add(lost);
        journal.add(journalled);
        change.facts = mirror.sums.take();
        set.committed(&mirror.calls);
        self.read_periods(now, &mut change).await;
        self.measure();
        Ok(Committed { change, written })
    }

    /// Tells the sums of the periods that a commit began or altered.
    async fn read_periods(&mut self, now: Moment, change: &mut Change) {
        let Self { store, mirror: Mirror { directory, periods, .. }, journal, counters, .. } = self;
        let restarted = std::mem::take(&mut directory.restarted);
        restarted.into_iter().for_each(|campaign| periods.forget(campaign));
        periods.see(&change.facts);
        if periods.are_many_stale() {
            // As at the first calls of a floor: what each of them would read of the journal is read once.
            journal.fold_now(store, counters).await;
        }
        // What is durable is told whatever comes; a period that can't be read now is read again with the next commit.
        let read = periods.read_some(now, directory, store).await;
        if let Some(error) = read.tell(change) {
            tracing::warn!(%error, "the sums of a period could not be read");
        }
    }

    /// What the live state begins with, as of one instant: that of the last commit.
    pub(super) async fn last_hour(&mut self, now: Moment) -> Result<Change, StoreError> {
        self.last_commit = self.store.look().await?;
        let initial = self.mirror.last_hour(now, &mut self.store).await;
        self.store.looked().await?;
        initial
    }

    /// What was committed since the last commit that is known here, by whomever; `None` where nothing was.
    pub(super) async fn catch_up(&mut self, now: Moment) -> Result<Option<Change>, StoreError> {
        if !self.store.is_followed() {
            return Ok(None);
        }
        let at = self.store.look().await?;
        let read = self.read_up_to(at, now).await;
        // Also after a failure: the connection must not stay within a look.
        self.store.looked().await?;
        read
    }

    /// Within a look: what was committed since; all of the last hour where some of that is no longer there.
    async fn read_up_to(&mut self, at: i64, now: Moment) -> Result<Option<Change>, StoreError> {
        let mut change = Change::default();
        let told = if at == self.last_commit {
            FollowedTo::To(at)
        } else {
            let each = &mut |sums: &[u8], rest: &[u8]| telling::decode(sums, rest, &mut change);
            match self.store.told_since(self.last_commit, each).await {
                // Who leads is of another version, and tells it in other bytes: the tables say the same.
                Err(StoreError::Unreadable(why)) => {
                    tracing::info!(why, "reading the last hour instead");
                    FollowedTo::Missed
                }
                told => told?,
            }
        };
        let FollowedTo::To(last) = told else {
            self.reload(now).await?;
            let mut all = self.mirror.last_hour(now, &mut self.store).await?;
            all.begins_anew = Some(Anew::Missed);
            self.last_commit = at;
            return Ok(Some(all));
        };
        let nothing = last == self.last_commit;
        self.mirror.take_over(&change);
        let Mirror { directory, periods, .. } = &mut self.mirror;
        periods.turn(now);
        let read = periods.read(now, directory, &mut self.store).await?;
        let nothing = nothing && read.is_empty();
        read.tell(&mut change);
        self.last_commit = last;
        Ok((!nothing).then_some(change))
    }

    /// Folds the journal of sums, where it is time to.
    pub(super) async fn fold_in_time(&mut self) {
        self.journal.fold_in_time(&mut self.store, &self.counters).await;
    }

    /// Folds what there is of the journal.
    pub(super) async fn fold_now(&mut self) {
        self.journal.fold_now(&mut self.store, &self.counters).await;
    }

    /// How much is held, for `/metrics`.
    pub(super) fn measure(&self) {
        self.counters.cached_calls.set(self.mirror.calls.len() as u64);
        self.counters.journal_bytes.set(self.journal.bytes());
        self.counters.waiting_due.set(self.mirror.due.len() as u64);
        self.counters.rejudgements_due.set(self.mirror.rejudgements.len() as u64);
    }
}
