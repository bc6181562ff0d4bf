//! A bounded memory of what was used last: two generations, of which the older goes when the younger is full.
//!
//! Costs one look-up more than a map and no bookkeeping; what is used again stays.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

#[derive(Debug)]
pub(super) struct GenerationCache<K, V, H = RandomState> {
    young: HashMap<K, V, H>,
    old: HashMap<K, V, H>,
    /// Entries of one generation.
    generation: usize,
}

impl<K: Hash + Eq, V, H: BuildHasher + Default> GenerationCache<K, V, H> {
    pub(super) fn of(generation: usize) -> Self {
        Self { young: HashMap::default(), old: HashMap::default(), generation }
    }

    pub(super) fn take(&mut self, key: &K) -> Option<V> {
        self.young.remove(key).or_else(|| self.old.remove(key))
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    pub(super) fn has(&self, key: &K) -> bool {
        self.young.contains_key(key) || self.old.contains_key(key)
    }

    pub(super) fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.generation {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.insert(key, value);
    }

    pub(super) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    pub(super) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let mut memory: GenerationCache<u32, u32> = GenerationCache::of(10);
        for n in 0..100 {
            memory.put(n, n);
            if let Some(first) = memory.take(&0) {
                memory.put(0, first);
            }
        }
        assert_eq!(memory.take(&0), Some(0));
        assert_eq!(memory.take(&50), None);
        assert!(memory.len() <= 20);
    }
}
