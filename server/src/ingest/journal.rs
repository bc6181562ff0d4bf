//! Folding the journal of sums into their blocks: some seconds of commits at once.
//!
//! A commit would touch a dozen sums a call, each on a page of its own; folded, each is written once for all calls of
//! some seconds. Nothing is held in memory for it: the journal is read back.

use super::counters::IngestCounters;
use crate::law::blocks::{BlockKey, Gathered};
use crate::store::StoreError;
use crate::store::write::{Fold, WriteStore};
use chrono_tz::Tz;
use std::time::{Duration, Instant};

/// The journal is folded when its first entry is this old, or when it has this many bytes: who reads sums reads all of it.
const FOLD_AFTER: Duration = Duration::from_secs(5);
const FOLD_BYTES: u64 = 12 << 20;

/// How much of the journal is to be folded, and since when.
#[derive(Debug)]
pub(super) struct Journal {
    zone: Tz,
    bytes: u64,
    since: Option<Instant>,
}

impl Journal {
    pub(super) const fn new(zone: Tz) -> Self {
        Self { zone, bytes: 0, since: None }
    }

    pub(super) fn add(&mut self, bytes: u64) {
        if bytes > 0 {
            self.bytes += bytes;
            self.since.get_or_insert_with(Instant::now);
        }
    }

    /// Another server, or an earlier run, may have left something.
    pub(super) fn may_be_there(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// How long until it is to be folded; `None` where there is nothing to fold.
    pub(super) fn wait(&self) -> Option<Duration> {
        let since = self.since?;
        Some(if self.bytes >= FOLD_BYTES { Duration::ZERO } else { FOLD_AFTER.saturating_sub(since.elapsed()) })
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Folds where it is time to.
    pub(super) async fn fold_in_time(&mut self, store: &mut impl WriteStore, counters: &IngestCounters) {
        if self.wait().is_some_and(|wait| wait.is_zero()) {
            self.fold_now(store, counters).await;
        }
    }

    /// Folds what there is. A failure loses nothing: the journal stays, and is tried again.
    pub(super) async fn fold_now(&mut self, store: &mut impl WriteStore, counters: &IngestCounters) {
        if self.wait().is_none() {
            return;
        }
        if let Err(error) = self.fold(store, counters).await {
            tracing::warn!(%error, "the journal of sums could not be folded; it is tried again");
            self.since = Some(Instant::now());
            // Not at once, though there may be much of it.
            self.bytes = 0;
        }
    }

    pub(super) async fn fold(
        &mut self,
        store: &mut impl WriteStore,
        counters: &IngestCounters,
    ) -> Result<(), StoreError> {
        fold_journal(store, self.zone).await?;
        (self.bytes, self.since) = (0, None);
        counters.journal_bytes.set(0);
        counters.folds.add(1);
        Ok(())
    }
}

/// Folds a store's journal into its blocks.
///
/// # Errors
/// If the store can't be read or written; then nothing has changed.
pub async fn fold_journal(store: &mut impl WriteStore, zone: Tz) -> Result<(), StoreError> {
    let mut gathered = Gathered::new(zone);
    store.journal(&mut |at, of, tally| gathered.add(at, of, tally)).await?;
    let changes = gathered.spread();
    let keys: Vec<&BlockKey> = changes.keys().collect();
    let mut blocks = store.blocks(&keys).await?;
    for (block, key) in blocks.iter_mut().zip(&keys) {
        for (name, change) in &changes[*key] {
            *block.entry(name.clone()).or_default() += change;
        }
        block.retain(|_, tally| !tally.is_empty());
    }
    store.fold(&Fold { blocks: keys.into_iter().zip(&blocks).collect() }).await
}
