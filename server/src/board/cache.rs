//! Rows that are kept from tick to tick. There may be tens of thousands, of which few change between two: a row is made anew
//! when what it is made of has moved.

use foldhash::fast::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

pub(super) type Keys<K> = HashSet<K, RandomState>;

/// What is known of rows without looking through all of them.
pub(super) trait Index<K, V>: Default {
    fn add(&mut self, key: &K, row: &V);
    fn remove(&mut self, key: &K, row: &V);
}

/// Rows by their key, made anew where they are stale. `B` is what all rows were made of when that was looked at last: their basis.
#[derive(Debug, Clone)]
pub(super) struct RowCache<K, V, I, B> {
    rows: HashMap<K, V, RandomState>,
    pub(super) index: I,
    pub(super) basis: B,
    stale: Stale<K>,
    /// Made anew, or looked at once more, at the last tick.
    renewed: Vec<K>,
    /// How many were ever made.
    #[cfg(test)]
    made: u64,
}

/// Which rows are to be made anew.
#[derive(Debug, Clone)]
pub(super) enum Stale<K> {
    These(Keys<K>),
    All,
}

impl<K, V, I: Default, B: Default> Default for RowCache<K, V, I, B> {
    fn default() -> Self {
        Self {
            rows: HashMap::default(),
            index: I::default(),
            basis: B::default(),
            stale: Stale::These(Keys::default()),
            renewed: Vec::new(),
            #[cfg(test)]
            made: 0,
        }
    }
}

impl<K: Clone + Eq + Hash, V, I: Index<K, V>, B: Default> RowCache<K, V, I, B> {
    pub(super) fn of(rows: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut all = Self::default();
        rows.into_iter().for_each(|(key, row)| all.put(key, row));
        all
    }

    /// What a row is made of has changed.
    pub(super) fn touch(&mut self, key: &K) {
        if let Stale::These(keys) = &mut self.stale
            && !keys.contains(key)
        {
            keys.insert(key.clone());
        }
    }

    /// What all rows are made of has changed.
    pub(super) fn touch_all(&mut self) {
        self.stale = Stale::All;
    }

    /// What was touched since this was asked last.
    pub(super) fn take_stale(&mut self) -> Stale<K> {
        std::mem::replace(&mut self.stale, Stale::These(Keys::default()))
    }

    /// Makes these anew, each beside what it was; of one that `make` has nothing of there is no row any more.
    pub(super) fn renew(&mut self, keys: &Keys<K>, make: impl Fn(&K, Option<&V>) -> Option<V>) {
        for key in keys {
            match make(key, self.rows.get(key)) {
                Some(row) => self.put(key.clone(), row),
                None => self.remove(key),
            }
        }
        self.renewed = keys.iter().cloned().collect();
    }

    /// Puts these in the place of all.
    pub(super) fn replace(&mut self, rows: impl IntoIterator<Item = (K, V)>) {
        self.rows.clear();
        self.index = I::default();
        rows.into_iter().for_each(|(key, row)| self.put(key, row));
        self.renewed = self.rows.keys().cloned().collect();
    }

    /// Says which were looked at once more, beside those made anew.
    pub(super) fn looked_at(&mut self, keys: Keys<K>) {
        self.renewed = keys.into_iter().collect();
    }

    fn put(&mut self, key: K, row: V) {
        #[cfg(test)]
        {
            self.made += 1;
        }
        self.remove(&key);
        self.index.add(&key, &row);
        self.rows.insert(key, row);
    }

    fn remove(&mut self, key: &K) {
        if let Some(row) = self.rows.remove(key) {
            self.index.remove(key, &row);
        }
    }

    pub(super) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.rows.get(key)
    }

    /// A row that is judged where it stands: nothing of it that the index knows may change.
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.rows.get_mut(key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.rows.keys()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &V> {
        self.rows.values()
    }

    /// With the keys as they are told.
    pub(super) fn each(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.iter()
    }

    /// Those made anew, or looked at once more, at the last tick.
    pub(super) fn renewed(&self) -> impl Iterator<Item = &V> {
        self.renewed_each().map(|(_, row)| row)
    }

    /// [`Self::renewed`] with the keys as they are told.
    pub(super) fn renewed_each(&self) -> impl Iterator<Item = (&K, &V)> {
        self.renewed.iter().filter_map(|key| self.rows.get(key).map(|row| (key, row)))
    }

    /// How many were made since the board began.
    #[cfg(test)]
    pub(super) const fn made(&self) -> u64 {
        self.made
    }
}

/// The keys that stand for something else than before, or for nothing any more.
pub(super) fn differing<'a, K: Eq + Hash, V: PartialEq, S: BuildHasher>(
    before: &'a HashMap<K, V, S>,
    now: &'a HashMap<K, V, S>,
) -> impl Iterator<Item = &'a K> {
    let moved = now.iter().filter(|(key, value)| before.get(*key) != Some(*value)).map(|(key, _)| key);
    moved.chain(before.keys().filter(|key| !now.contains_key(*key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// The keys of rows that are odd, and the sum of all rows.
    #[derive(Debug, Default, PartialEq)]
    struct Odd(BTreeSet<u8>, i64);

    impl Index<u8, i64> for Odd {
        fn add(&mut self, key: &u8, row: &i64) {
            self.1 += row;
            if row % 2 != 0 {
                self.0.insert(*key);
            }
        }
        fn remove(&mut self, key: &u8, row: &i64) {
            self.1 -= row;
            self.0.remove(key);
        }
    }

    type Cache = RowCache<u8, i64, Odd, ()>;

    #[test]
    fn what_was_touched_is_told_once() {
        let mut cache = Cache::of([(1, 1)]);
        cache.touch(&1);
        cache.touch(&7);
        assert!(matches!(cache.take_stale(), Stale::These(keys) if keys == Keys::from_iter([1, 7])));
        assert!(matches!(cache.take_stale(), Stale::These(keys) if keys.is_empty()));
        cache.touch_all();
        cache.touch(&1);
        assert!(matches!(cache.take_stale(), Stale::All));
    }

    proptest! {
        #[test]
        fn rows_and_index_are_as_if_made_at_once(
            steps in prop::collection::vec(prop::collection::btree_map(0u8..9, prop::option::of(-9i64..9), 0..5), 0..9),
            whole in prop::collection::btree_map(0u8..9, -9i64..9, 0..5),
        ) {
            let (mut cache, mut expected) = (Cache::default(), BTreeMap::new());
            cache.replace(whole.clone());
            expected.extend(whole);
            for step in steps {
                cache.renew(&step.keys().copied().collect(), |key, _| step[key]);
                for (key, row) in step {
                    match row {
                        Some(row) => expected.insert(key, row),
                        None => expected.remove(&key),
                    };
                }
                prop_assert_eq!(cache.each().map(|(key, row)| (*key, *row)).collect::<BTreeMap<_, _>>(), expected.clone());
                prop_assert_eq!(&cache.index, &Cache::of(expected.clone()).index);
            }
        }
    }
}
