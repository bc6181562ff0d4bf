//! The calls heard of lately, in memory between commits, each as it was committed.
//!
//! Shared by the writer and by who looks calls up ahead of it: the version tells which of what that one found may be out of
//! date by now.

use super::generation_cache::GenerationCache;
use super::item::CallUpdate;
use crate::store::write::StoredCall;
use app::domain::CallName;
use foldhash::fast::RandomState;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Calls held in each of two generations: those of some seconds of the design load, and whatever is talked about.
/// Some 2 KB each, so that a server's memory rises by up to 60 MB and falls again as generations come and go.
pub(super) const HELD: usize = 30_000;

/// How many calls had been put into the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CacheVersion(u64);

/// The calls held in memory between commits. A copy is another handle to the same.
#[derive(Debug, Clone)]
pub(super) struct CallCache(Arc<Mutex<CacheState>>);

/// What is in it, while nobody else looks.
#[derive(Debug)]
pub(super) struct CacheState {
    calls: GenerationCache<CallName, StoredCall, RandomState>,
    put: u64,
}

impl CallCache {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(CacheState { calls: GenerationCache::of(HELD), put: 0 })))
    }

    /// Nothing in it can panic half-way, so what another thread left behind is whole.
    pub(super) fn lock(&self) -> MutexGuard<'_, CacheState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn len(&self) -> usize {
        self.lock().calls.len()
    }

    /// Forgets all, and with it that anything found before is as committed.
    pub(super) fn forget(&self) {
        let mut cache = self.lock();
        cache.calls.clear();
        cache.put += HELD as u64 + 1;
    }

    /// Marks the updates of calls that are not held; what is found of them from now on is of this version, or newer.
    pub(super) fn mark_unheld<'w>(&self, updates: impl Iterator<Item = &'w mut CallUpdate>) -> CacheVersion {
        let cache = self.lock();
        let version = CacheVersion(cache.put);
        for update in updates {
            update.sought = (!cache.has(&update.name)).then_some(version);
        }
        version
    }
}

impl CacheState {
    /// Each call that was committed since this version is held: what was found at it or later is as committed, of all others.
    pub(super) const fn has_all_since(&self) -> CacheVersion {
        CacheVersion(self.put.saturating_sub(HELD as u64))
    }

    pub(super) fn has(&self, name: &CallName) -> bool {
        self.calls.has(name)
    }

    pub(super) fn take(&mut self, name: &CallName) -> Option<StoredCall> {
        self.calls.take(name)
    }

    /// Holds a call as it was just committed.
    pub(super) fn put(&mut self, name: CallName, kept: StoredCall) {
        self.put += 1;
        self.calls.put(name, kept);
    }
}
