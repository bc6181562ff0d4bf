//! The one task that writes: takes what has queued up, has it committed, answers all of it, then hands what changed to the
//! live state.
//!
//! Each round is: the lead (`lead`), the events (`group_commit`), sums of a past (`filing`), and what time alone has altered;
//! then a slice each of what goes on between commits: judging again (`rejudgement`), looking for first uses (`first_uses`),
//! folding (`journal`), clearing away (`clearing`). What is known of the floor is the ledger's; here is only the order.

use super::acknowledgements::{acknowledge, not_durable, refuse};
use super::clearing::{self, CLEAR_EVERY};
use super::clock_set_back::mind_the_clock;
use super::filing::Filing;
use super::lead::Leadership;
use super::ledger::{Committed, Ledger};
use super::live_feed::LiveFeed;
use super::prefetch::{Prefetched, QueuedWork};
use super::{Batch, Receipt, first_uses, group_commit, rejudgement};
use crate::clock::Clock;
use crate::law::change::Change;
use crate::store::StoreError;
use crate::store::write::{Due, Retention, WriteStore, Written};
use app::domain::Span;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Events of one commit at most: a few hundred milliseconds of work, enough that the sums of 5,000 DIDs are shared.
const GROUP: usize = 20_000;
/// Calls and agents judged by the clock in one commit at most.
const DUE_AT_ONCE: usize = 2_000;
/// How often the clock is looked at.
const CLOCK_EVERY: Duration = Duration::from_secs(1);
/// How often reading anew is tried after a failure that nothing else has ended.
const RECOVER_EVERY: Duration = Duration::from_secs(1);

/// What reaches the writer.
#[derive(Debug)]
pub(super) enum Command {
    Batch(Batch),
    /// Judge all that is due by the clock, and all that is to be judged again; answer when it is committed.
    Settle(oneshot::Sender<()>),
    /// Take sums in whose calls are not kept.
    File(Filing),
}

pub(super) struct Writer<S> {
    pub(super) ledger: Ledger<S>,
    pub(super) lead: Leadership,
    pub(super) live: LiveFeed,
    pub(super) clock: Clock,
    pub(super) retention: Retention,
}

impl<S: WriteStore> Writer<S> {
    /// Reads what is committed; what the live state begins with.
    pub(super) async fn begin(&mut self) -> Result<Change, StoreError> {
        self.lead.begin(&mut self.ledger, self.retention).await
    }

    /// Serves until nothing more can come.
    pub(super) async fn run(mut self, mut queue: mpsc::UnboundedReceiver<QueuedWork>) {
        let mut next_clear = Instant::now() + CLEAR_EVERY;
        loop {
            let wait = self.until_work(next_clear);
            let mut work = tokio::select! {
                biased;
                work = queue.recv() => match work {
                    Some(work) => work,
                    None => break,
                },
                () = tokio::time::sleep(wait) => QueuedWork::default(),
            };
            while work.events < GROUP
                && let Ok(more) = queue.try_recv()
            {
                work.join(more);
            }
            if !self.work_off(work).await {
                continue;
            }
            if until(next_clear).is_zero() {
                let now = self.clock.now();
                let wait = clearing::clear(&mut self.ledger, &self.live, now, self.retention).await;
                next_clear = Instant::now() + wait;
            }
        }
        if self.lead.attend(&mut self.ledger).await {
            self.ledger.fold_now().await;
        }
        self.ledger.store.end().await;
    }

    /// One round; whether it was ours to write.
    async fn work_off(&mut self, work: QueuedWork) -> bool {
        let QueuedWork { batches, settle, filings, prefetched, events: _ } = work;
        let leads = self.lead.attend(&mut self.ledger).await;
        if !self.lead.is_away() {
            mind_the_clock(&self.clock, &mut self.ledger, &self.live).await;
        }
        if !leads {
            self.lead.turn_away(batches, &self.ledger.counters);
            // Who leads judges them.
            self.ledger.counters.rejudgements_due.set(0);
            return false;
        }
        if batches.is_empty() {
            self.lead.look_after(&mut self.ledger).await;
        }
        self.serve(batches, prefetched).await;
        self.file(filings).await;
        self.by_the_clock().await;
        if self.has_rejudgements() {
            self.rejudge().await;
        }
        if self.is_searching() {
            self.search().await;
        }
        self.ledger.fold_in_time().await;
        if !settle.is_empty() {
            self.settle(settle).await;
        }
        true
    }

    /// Does all that is to be done by now, and says so.
    async fn settle(&mut self, settle: Vec<oneshot::Sender<()>>) {
        while self.has_rejudgements() && self.ledger.is_trusted() {
            self.rejudge().await;
        }
        while self.is_searching() && self.ledger.is_trusted() {
            self.search().await;
        }
        self.ledger.fold_now().await;
        self.by_the_clock().await;
        for done in settle {
            // Who asked may have gone.
            let _ = done.send(());
        }
    }

    fn has_rejudgements(&self) -> bool {
        !self.ledger.mirror.rejudgements.is_empty()
    }

    fn is_searching(&self) -> bool {
        self.ledger.mirror.directory.search.is_wanted()
    }

    /// How long there is nothing to do unless something comes.
    fn until_work(&self, next_clear: Instant) -> Duration {
        let lead = self.lead.wait(self.ledger.store.is_followed()).unwrap_or(CLOCK_EVERY);
        if !self.lead.is_ours() {
            return lead;
        }
        let fold = self.ledger.journal.wait().unwrap_or(CLEAR_EVERY);
        let timed = self.until_due().min(until(next_clear)).min(fold).min(lead);
        let idle = !self.has_rejudgements() && !self.is_searching();
        if idle || !self.ledger.is_trusted() { timed } else { Duration::ZERO }
    }

    fn until_due(&self) -> Duration {
        let (now, mirror) = (self.clock.now(), &self.ledger.mirror);
        // Sums of a period that could not be read are not asked for again at once.
        if !self.ledger.is_trusted() || mirror.periods.is_stale() || self.lead.is_failing() {
            return RECOVER_EVERY;
        }
        let next = mirror.due.next().into_iter().chain(mirror.periods.next_turn()).min();
        next.map_or(CLEAR_EVERY, |at| {
            let wait = at.since(now).max(if at <= now { Span::ZERO } else { Span::millis(1) });
            Duration::from_millis(u64::try_from(wait.as_millis()).unwrap_or_default())
        })
    }

    async fn serve(&mut self, mut batches: Vec<Batch>, prefetched: Vec<Prefetched>) {
        if batches.is_empty() {
            return;
        }
        let events: u64 = batches.iter().map(|batch| batch.items.len() as u64).sum();
        match self.commit(&mut batches, prefetched, Vec::new()).await {
            Ok((receipts, change)) => {
                acknowledge(batches, receipts);
                self.live.tell(change).await;
            }
            Err(error) => {
                self.ledger.counters.refused_not_durable.add(events);
                refuse(batches, &not_durable(&error));
            }
        }
    }

    /// Takes in sums of a past.
    async fn file(&mut self, filings: Vec<Filing>) {
        for mut filing in filings {
            let done = filing.commit(&mut self.ledger, self.clock.now()).await;
            let done = self.conclude(done.map(Some)).await;
            filing.answer(done);
        }
    }

    /// Commits what time alone has altered, and turns the periods that are over.
    async fn by_the_clock(&mut self) {
        loop {
            let now = self.clock.now();
            let mirror = &mut self.ledger.mirror;
            let due = mirror.due.take(now, DUE_AT_ONCE);
            mirror.periods.turn(now);
            let turned = mirror.periods.next_turn().is_some_and(|turn| turn <= now);
            let stale = mirror.periods.is_stale();
            if due.is_empty() && !turned && !stale && self.ledger.is_trusted() {
                return;
            }
            let Ok((_, change)) = self.commit(&mut [], Vec::new(), due).await else { return };
            self.live.tell(change).await;
            if self.ledger.mirror.due.next().is_none_or(|at| at > now) {
                return;
            }
        }
    }

    /// One group, one transaction; what is told of it once those who brought it are answered.
    async fn commit(
        &mut self,
        batches: &mut [Batch],
        prefetched: Vec<Prefetched>,
        due: Vec<Due>,
    ) -> Result<(Vec<Receipt>, Change), StoreError> {
        let began = Instant::now();
        let done = match self.lead.trust(&mut self.ledger).await {
            Ok(()) => group_commit::commit(&mut self.ledger, self.clock.now(), batches, prefetched, due).await,
            Err(error) => Err(error),
        };
        match done {
            Ok((receipts, committed)) => {
                let change = self.durable(committed).await;
                self.ledger.counters.committed(began.elapsed());
                Ok((receipts, change))
            }
            Err(error) => Err(self.failed(error).await),
        }
    }

    /// One slice of the calls that a late setting concerns.
    async fn rejudge(&mut self) {
        let done = match self.lead.trust(&mut self.ledger).await {
            Ok(()) => rejudgement::next_slice(&mut self.ledger, self.clock.now()).await,
            Err(error) => Err(error),
        };
        if let Err(error) = self.conclude(done).await {
            tracing::warn!(%error, "calls could not be judged again; it is tried anew");
        }
    }

    /// One slice of the calls among which first uses are looked for.
    async fn search(&mut self) {
        let done = match self.lead.trust(&mut self.ledger).await {
            Ok(()) => first_uses::next_slice(&mut self.ledger, self.clock.now(), self.retention).await,
            Err(error) => Err(error),
        };
        if let Err(error) = self.conclude(done).await {
            tracing::warn!(%error, "the first uses of numbers could not be looked for; it is tried anew");
        }
    }

    /// Tells the live state of a commit, if there was one; or notes that it failed.
    async fn conclude(&mut self, done: Result<Option<Committed>, StoreError>) -> Result<(), StoreError> {
        match done {
            Ok(Some(committed)) => {
                let change = self.durable(committed).await;
                self.live.tell(change).await;
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) => Err(self.failed(error).await),
        }
    }

    /// A commit is durable; what the live state is told of it.
    async fn durable(&self, committed: Committed) -> Change {
        let Committed { change, written } = committed;
        match written {
            Written::Something => self.lead.written(self.ledger.store.is_followed()).await,
            Written::Nothing => {}
        }
        change
    }

    /// A commit failed.
    async fn failed(&mut self, error: StoreError) -> StoreError {
        self.ledger.counters.failed_commits.add(1);
        self.lead.unwritten(&mut self.ledger, &error).await;
        error
    }
}

fn until(then: Instant) -> Duration {
    then.saturating_duration_since(Instant::now())
}
