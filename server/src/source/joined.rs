//! What a file tells in several rows of one thing, found again by any of the names that the rows share.
//!
//! Two things are one as soon as a row names both. Of rows it knows their numbers only; how many things are kept is for who
//! keeps them to say.

use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

/// The place of a thing; what was begun earlier has the smaller one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(u64);

/// Rows remembered of a thing.
const MOST_ROWS: usize = 1_000;

/// A thing, and the numbers of the rows that told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken<T> {
    pub thing: T,
    pub rows: Vec<u64>,
}

#[derive(Debug, Default)]
struct Entry<T> {
    thing: T,
    names: Vec<SmolStr>,
    rows: Vec<u64>,
}

#[derive(Debug)]
pub struct Joined<T> {
    all: BTreeMap<Place, Entry<T>>,
    by_name: HashMap<SmolStr, Place>,
    next: u64,
}

impl<T> Default for Joined<T> {
    fn default() -> Self {
        Self { all: BTreeMap::new(), by_name: HashMap::new(), next: 0 }
    }
}

impl<T: Default> Joined<T> {
    /// The thing of a row: that which any of the names is of and `belongs` does not refuse; a new one where there is none. Where they are of
    /// several, these become one: `absorb` puts a later one into the earliest.
    pub fn join(
        &mut self,
        row: u64,
        names: &[SmolStr],
        belongs: impl Fn(&T) -> bool,
        absorb: impl Fn(&mut T, T),
    ) -> Place {
        let mut found: Vec<Place> = names.iter().filter_map(|name| self.by_name.get(name).copied()).collect();
        found.retain(|place| self.all.get(place).is_some_and(|entry| belongs(&entry.thing)));
        found.sort_unstable();
        found.dedup();
        let place = found.first().copied().unwrap_or_else(|| {
            self.next += 1;
            Place(self.next)
        });
        let absorbed: Vec<Entry<T>> = found.iter().skip(1).filter_map(|other| self.all.remove(other)).collect();
        let entry = self.all.entry(place).or_default();
        let mut all_names: Vec<SmolStr> = names.to_vec();
        for Entry { thing, names, rows } in absorbed {
            absorb(&mut entry.thing, thing);
            all_names.extend(names);
            entry.rows.extend(rows);
        }
        entry.rows.push(row);
        entry.rows.truncate(MOST_ROWS);
        for name in all_names {
            if self.by_name.insert(name.clone(), place) != Some(place) {
                entry.names.push(name);
            }
        }
        place
    }

    pub fn find(&self, name: &str) -> Option<Place> {
        self.by_name.get(name).copied()
    }

    pub fn get_mut(&mut self, place: Place) -> Option<&mut T> {
        self.all.get_mut(&place).map(|entry| &mut entry.thing)
    }

    pub fn take(&mut self, place: Place) -> Option<Taken<T>> {
        let Entry { thing, names, mut rows } = self.all.remove(&place)?;
        rows.sort_unstable();
        for name in names {
            if self.by_name.get(&name) == Some(&place) {
                self.by_name.remove(&name);
            }
        }
        Some(Taken { thing, rows })
    }

    /// The one that was begun first.
    pub fn take_first(&mut self) -> Option<Taken<T>> {
        let place = self.all.keys().next().copied()?;
        self.take(place)
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn add(joined: &mut Joined<Vec<u8>>, names: &[&str], n: u8) -> Place {
        let names: Vec<SmolStr> = names.iter().map(SmolStr::new).collect();
        let place = joined.join(u64::from(n), &names, |_| true, |all, more| all.extend(more));
        joined.get_mut(place).unwrap().push(n);
        place
    }

    #[test]
    fn things_become_one_as_soon_as_something_names_both() {
        let mut joined = Joined::default();
        let first = add(&mut joined, &["a"], 1);
        let second = add(&mut joined, &["b", "c"], 2);
        assert_ne!(first, second);
        assert_eq!(add(&mut joined, &["c", "a"], 3), first);
        assert_eq!((joined.len(), joined.find("b")), (1, Some(first)));
        assert_eq!(joined.take_first().unwrap(), Taken { thing: vec![1, 2, 3], rows: vec![1, 2, 3] });
        assert_eq!((joined.len(), joined.find("a"), joined.find("b"), joined.find("c")), (0, None, None, None));
    }

    #[test]
    fn a_name_that_is_refused_is_from_then_on_the_later_ones() {
        let mut joined = Joined::default();
        let first = add(&mut joined, &["a"], 1);
        let later = joined.join(2, &["a".into()], |_| false, |all: &mut Vec<u8>, more| all.extend(more));
        assert_eq!((joined.find("a"), joined.len()), (Some(later), 2));
        assert_eq!(joined.take(first).unwrap().thing, [1]);
        assert_eq!(joined.find("a"), Some(later));
    }
}
