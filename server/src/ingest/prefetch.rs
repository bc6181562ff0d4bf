//! Looks calls up while the writer still commits what came before: the stage between the queue and the writer.
//!
//! What is found this way is only a help: the writer uses it where nothing can have changed since, and else asks anew. So
//! whatever fails here costs time only.

use super::Batch;
use super::call_cache::{CacheVersion, CallCache};
use super::counters::IngestCounters;
use super::filing::Filing;
use super::item::{CallUpdate, Item};
use super::lead::WriterStatus;
use super::writer::Command;
use crate::store::write::{CallLookup, FilingHint, Finder, FoundCalls};
use app::domain::CallName;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// Events whose calls are looked up at once, beyond what one batch brings: few enough that the first of them are ready when
/// the writer is.
const AT_ONCE: usize = 4_096;

/// What has queued up, with the calls that are known of it.
#[derive(Debug, Default)]
pub(super) struct QueuedWork {
    pub(super) batches: Vec<Batch>,
    pub(super) settle: Vec<oneshot::Sender<()>>,
    pub(super) filings: Vec<Filing>,
    pub(super) prefetched: Vec<Prefetched>,
    pub(super) events: usize,
}

impl QueuedWork {
    fn add(&mut self, command: Command) {
        match command {
            Command::Batch(batch) => {
                self.events += batch.items.len();
                self.batches.push(batch);
            }
            Command::Settle(done) => self.settle.push(done),
            Command::File(filing) => self.filings.push(filing),
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        self.batches.extend(other.batches);
        self.settle.extend(other.settle);
        self.filings.extend(other.filings);
        self.prefetched.extend(other.prefetched);
        self.events += other.events;
    }

    /// What is told of calls.
    fn call_updates(&mut self) -> impl Iterator<Item = &mut CallUpdate> {
        self.batches.iter_mut().flat_map(|batch| &mut batch.items).filter_map(|item| match item {
            Item::Call(update) => Some(update),
            Item::Agent(..) | Item::Other(_) => None,
        })
    }
}

/// Calls that the store had, of those whose call_updates bear the mark.
#[derive(Debug)]
pub(super) struct Prefetched {
    pub(super) as_of: CacheVersion,
    pub(super) calls: FoundCalls,
}

/// Hands on what has queued up, with the calls that the store has of it.
pub(super) struct Prefetcher<F> {
    pub(super) finder: F,
    pub(super) cache: CallCache,
    pub(super) status: watch::Receiver<WriterStatus>,
    pub(super) counters: Arc<IngestCounters>,
}

impl<F: Finder> Prefetcher<F> {
    /// Hands on what comes until told to stop, and then what had queued up by then.
    pub(super) async fn run(
        mut self,
        mut queue: mpsc::Receiver<Command>,
        // No bound of its own: what is in here has its place in the queue still.
        to: mpsc::UnboundedSender<QueuedWork>,
        stop: CancellationToken,
    ) {
        loop {
            let first = tokio::select! {
                biased;
                () = stop.cancelled(), if !queue.is_closed() => {
                    // No more comes in; what has queued up is still served.
                    queue.close();
                    continue;
                }
                command = queue.recv() => command,
            };
            let Some(first) = first else { break };
            let mut work = QueuedWork::default();
            work.add(first);
            while work.events < AT_ONCE
                && let Ok(command) = queue.try_recv()
            {
                work.add(command);
            }
            self.look_up(&mut work).await;
            if to.send(work).is_err() {
                break;
            }
        }
    }

    async fn look_up(&mut self, work: &mut QueuedWork) {
        // While the database is away, or somebody else leads, nothing of it is served.
        if *self.status.borrow() != WriterStatus::Leading {
            return;
        }
        let as_of = self.cache.mark_unheld(work.call_updates());
        let mut asked: HashMap<&CallName, FilingHint, RandomState> = HashMap::default();
        for update in work.call_updates().filter(|update| update.sought == Some(as_of)) {
            let CallLookup { name, reach } = update.asked();
            asked.entry(name).and_modify(|known| *known = known.or(reach)).or_insert(reach);
        }
        if asked.is_empty() {
            return;
        }
        let asked: Vec<CallLookup<'_>> = asked.into_iter().map(|(name, reach)| CallLookup { name, reach }).collect();
        match self.finder.find(&asked).await {
            Ok(calls) => work.prefetched.push(Prefetched { as_of, calls }),
            Err(error) => {
                work.call_updates().for_each(|update| update.sought = None);
                self.counters.failed_look_aheads.add(1);
                tracing::debug!(%error, "calls could not be looked up ahead; the writer does");
            }
        }
    }
}
