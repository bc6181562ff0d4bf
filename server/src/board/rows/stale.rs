//! Which rows are to be made anew.

use foldhash::fast::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

#[derive(Debug)]
pub(in crate::board) enum Stale<K> {
    These(HashSet<K, RandomState>),
    All,
}

impl<K> Default for Stale<K> {
    fn default() -> Self {
        Self::These(HashSet::default())
    }
}

impl<K: Clone + Eq + Hash> Stale<K> {
    pub(in crate::board) fn add(&mut self, key: &K) {
        if let Self::These(keys) = self
            && !keys.contains(key)
        {
            keys.insert(key.clone());
        }
    }
}

/// The keys that stand for something else than before, or for nothing any more.
pub(in crate::board) fn differing<'a, K: Eq + Hash, V: PartialEq, S: BuildHasher>(
    before: &'a HashMap<K, V, S>,
    now: &'a HashMap<K, V, S>,
) -> impl Iterator<Item = &'a K> {
    let moved = now.iter().filter(|(key, value)| before.get(*key) != Some(*value)).map(|(key, _)| key);
    moved.chain(before.keys().filter(|key| !now.contains_key(*key)))
}
