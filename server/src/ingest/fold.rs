//! Folding the journal of sums into their blocks: some seconds of commits at once.
//!
//! A commit would touch a dozen sums a call, each on a page of its own; folded, each is written once for all calls of
//! some seconds. Nothing is held in memory for it: the journal is read back.

use super::writer::Writer;
use crate::law::change::SumKey;
use crate::law::grain::Grain;
use crate::law::span::SiteDays;
use crate::store::StoreError;
use crate::store::tally::Block;
use crate::store::write::{BlockKey, Fold, WriteStore};
use app::domain::{Moment, Tally};
use chrono_tz::Tz;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::{Duration, Instant};

/// The journal is folded when its first entry is this old, or when it has this many bytes: who reads sums reads all of it.
const FOLD_AFTER: Duration = Duration::from_secs(5);
const FOLD_BYTES: u64 = 12 << 20;
/// What the journal is gathered by before it is spread over the grains: every bucket of the others is made of whole ones.
const FINEST: Grain = Grain::Minutes5;

/// How much is to be folded.
#[derive(Debug, Default)]
pub(super) struct Unfolded {
    bytes: u64,
    since: Option<Instant>,
}

impl Unfolded {
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
}

impl<S: WriteStore> Writer<S> {
    /// Folds where it is time to.
    pub(super) async fn fold_in_time(&mut self) {
        if self.unfolded.wait().is_some_and(|wait| wait.is_zero()) {
            self.fold_now().await;
        }
    }

    /// Folds what there is. A failure loses nothing: the journal stays, and is tried again.
    pub(super) async fn fold_now(&mut self) {
        if self.unfolded.wait().is_none() {
            return;
        }
        if let Err(error) = self.fold().await {
            tracing::warn!(%error, "the journal of sums could not be folded; it is tried again");
            self.unfolded.since = Some(Instant::now());
            // Not at once, though there may be much of it.
            self.unfolded.bytes = 0;
        }
    }

    pub(super) async fn fold(&mut self) -> Result<(), StoreError> {
        fold_journal(&mut self.store, self.zone).await?;
        self.unfolded = Unfolded::default();
        self.counters.journal_bytes.set(0);
        self.counters.folds.add(1);
        Ok(())
    }
}

/// Folds a store's journal into its blocks.
///
/// # Errors
/// If the store can't be read or written; then nothing has changed.
pub async fn fold_journal(store: &mut impl WriteStore, zone: Tz) -> Result<(), StoreError> {
    let mut days = SiteDays::new(zone);
    let mut gathered: HashMap<(Moment, SumKey), Tally, RandomState> = HashMap::default();
    let add = &mut |at: Moment, of: SumKey, tally: Tally| match gathered.entry((FINEST.bucket(at, &mut days), of)) {
        Entry::Vacant(place) => {
            place.insert(tally);
        }
        Entry::Occupied(mut sum) => *sum.get_mut() += &tally,
    };
    store.journal(add).await?;
    let mut changes: HashMap<BlockKey, Block, RandomState> = HashMap::default();
    for ((at, of), tally) in gathered {
        for grain in Grain::ALL.into_iter().filter(|grain| grain.keeps(of.dimension)) {
            let from = grain.bucket(at, &mut days);
            let key = BlockKey { grain, dimension: of.dimension, from, campaign: of.campaign.clone() };
            *changes.entry(key).or_default().entry(of.key.clone()).or_default() += &tally;
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use app::domain::Span;

    #[test]
    fn the_buckets_of_every_grain_are_made_of_whole_finest_ones_in_all_zones() {
        let (from, to) = (Moment::from_secs(1_735_689_600), Moment::from_secs(1_798_761_600));
        for zone in chrono_tz::TZ_VARIANTS {
            let mut days = SiteDays::new(zone);
            let mut at = from;
            while at < to {
                for grain in Grain::ALL {
                    let begin = grain.bucket(at, &mut days);
                    assert_eq!(FINEST.bucket(begin, &mut days), begin, "{grain:?} at {begin:?} in {zone}");
                }
                at = at + Span::hours(12);
            }
        }
    }
}
