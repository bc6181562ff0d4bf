//! Which rows are to be made anew.

use foldhash::fast::RandomState;
use std::collections::HashSet;
use std::hash::Hash;

#[derive(Debug)]
pub(super) enum Stale<K> {
    These(HashSet<K, RandomState>),
    All,
}

impl<K> Default for Stale<K> {
    fn default() -> Self {
        Self::These(HashSet::default())
    }
}

impl<K: Clone + Eq + Hash> Stale<K> {
    pub(super) fn add(&mut self, key: &K) {
        if let Self::These(keys) = self
            && !keys.contains(key)
        {
            keys.insert(key.clone());
        }
    }
}
