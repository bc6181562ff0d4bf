//! What became of a file's rows, counted by reason.

use crate::source::file::{Fate, Wrong};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Reasons, and endpoints, counted apart at most: texts of a file are in them. What goes over is counted together.
const APART: usize = 200;
/// Where what goes over is counted.
const FURTHER: &str = "(further ones)";

/// How often each of several things came up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts<K: Ord>(BTreeMap<K, u64>);

impl<K: Ord> Default for Counts<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone + From<&'static str>> Counts<K> {
    pub fn add(&mut self, key: &K, times: u64) {
        if let Some(count) = self.0.get_mut(key) {
            *count += times;
        } else if self.0.len() < APART {
            self.0.insert(key.clone(), times);
        } else {
            *self.0.entry(K::from(FURTHER)).or_default() += times;
        }
    }

    fn add_all(&mut self, other: &Self) {
        other.0.iter().for_each(|(key, times)| self.add(key, *times));
    }

    #[must_use]
    pub fn all(&self) -> u64 {
        self.0.values().sum()
    }

    /// The most frequent first.
    pub fn by_number(&self) -> impl Iterator<Item = (&K, u64)> {
        let mut counts: Vec<(&K, u64)> = self.0.iter().map(|(key, count)| (key, *count)).collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts.into_iter()
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub rows: u64,
    /// Rows that only add to calls which other rows tell.
    pub with_others: u64,
    /// Rows of no call of ours, by why.
    pub others: Counts<&'static str>,
    /// Calls that belong to no route.
    pub no_route: u64,
    /// The endpoints that those name.
    pub endpoints: Counts<SmolStr>,
    /// Rows that were not taken, or of whose events one was not, by why.
    pub rejected: Counts<SmolStr>,
}

impl Tally {
    /// Counts a row.
    pub fn row(&mut self, fate: &Result<Fate, Wrong>) {
        self.rows += u64::from(*fate != Ok(Fate::Header));
        match fate {
            Ok(Fate::Header) => {}
            Ok(Fate::Told(events)) => self.with_others += u64::from(events.is_empty()),
            Ok(Fate::Held(why) | Fate::Other(why)) => self.others.add(why, 1),
            Ok(Fate::NoRoute(endpoints)) => {
                self.no_route += 1;
                endpoints.iter().for_each(|endpoint| self.endpoints.add(endpoint, 1));
            }
            Err(wrong) => self.reject(wrong),
        }
    }

    /// Counts a row that was not taken, once: what is wrong with it, or with its events.
    pub fn reject(&mut self, wrong: &Wrong) {
        let Wrong { field, why, .. } = wrong;
        let reason = if field.is_empty() { why.clone() } else { format!("{field}: {why}") };
        self.rejected.add(&reason.into(), 1);
    }

    pub fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.with_others += other.with_others;
        self.others.add_all(&other.others);
        self.no_route += other.no_route;
        self.endpoints.add_all(&other.endpoints);
        self.rejected.add_all(&other.rejected);
    }

    /// Rows that tell of calls, or may, and were not taken.
    #[must_use]
    pub fn not_taken(&self) -> u64 {
        self.rejected.all() + self.no_route
    }

    /// Rows that tell of calls, or may; those that only add to what others tell are taken with these, or not.
    #[must_use]
    pub fn telling(&self) -> u64 {
        self.rows.saturating_sub(self.others.all() + self.with_others)
    }

    /// Rows that were taken, and tell of calls by themselves.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.telling().saturating_sub(self.not_taken())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_over_is_counted_together_and_the_most_frequent_comes_first() {
        let mut counts = Counts::<SmolStr>::default();
        for n in 0..APART + 5 {
            counts.add(&n.to_string().into(), 1);
        }
        counts.add(&"7".into(), 9);
        let mut first = counts.by_number();
        assert_eq!(first.next(), Some((&"7".into(), 10)));
        assert_eq!(first.next(), Some((&FURTHER.into(), 5)));
        assert_eq!(counts.all(), APART as u64 + 14);
    }

    #[test]
    fn each_row_has_one_fate_and_they_sum_up() {
        let mut tally = Tally::default();
        // A record that came to two calls, neither of which was taken, with another that only adds to them.
        let json = r#"{"specversion":"1.0","id":"e","source":"s","type":"call.record","time":"2026-11-21T10:00:00Z","data":{"call_id":"a","started_at":"2026-11-21T10:00:00Z"}}"#;
        tally.row(&Ok(Fate::Told(vec![app::domain::parse::event(json).unwrap()])));
        tally.row(&Ok(Fate::Told(Vec::new())));
        tally.reject(&Wrong::new("time", "too old"));
        tally.row(&Ok(Fate::Other("of the house")));
        tally.row(&Err(Wrong::new("start", "missing")));
        assert_eq!((tally.not_taken(), tally.telling(), tally.told()), (2, 2, 0));
        let classes = [tally.told(), tally.with_others, tally.others.all(), tally.no_route, tally.rejected.all()];
        assert_eq!((classes.iter().sum::<u64>(), tally.rows), (4, 4));
    }

    #[test]
    fn a_row_of_the_house_is_not_one_that_was_not_taken() {
        let mut tally = Tally::default();
        tally.row(&Ok(Fate::Told(Vec::new())));
        tally.row(&Ok(Fate::Other("of the house")));
        tally.row(&Ok(Fate::NoRoute(vec!["SIP/c1".into(), "SIP/40".into()])));
        tally.row(&Err(Wrong::new("start", "missing")));
        assert_eq!((tally.rows, tally.telling(), tally.not_taken(), tally.with_others), (4, 2, 2, 1));
        let mut twice = tally.clone();
        twice.add(&tally);
        assert_eq!((twice.rows, twice.not_taken(), twice.endpoints.all(), twice.others.all()), (8, 4, 4, 2));
    }
}
