//! A setting over time: what was in force when, whatever the order in which it was told.
//!
//! A dialer may tell the same again every few seconds. What is kept of that are runs: a value told in every minute from
//! its first word to its last. A run is all that may be known of its words, so that it is the same in whatever order they
//! came, and however many they were: a value counts as told with the first and with the last word of a run, and between
//! them with the begin of each minute. A word of another value that falls within a run is therefore in force until that
//! minute is over, at most; words of one value that are more than a minute apart count at their very instants.
//!
//! `told` is the truth, `changes` follows from it.

use super::call::Rank;
use super::time::{Moment, Span};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};

/// At most this many runs of a setting are kept. Beyond them those that alter nothing go first, then the oldest; whoever
/// keeps settings counts them. Up to here no order in which words come makes a difference.
pub const MAX_HISTORY: usize = 2_000;

const MINUTE: Span = Span::minutes(1);

/// Words of one value, one at least in each minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    first: Moment,
    last: Moment,
}

impl Run {
    /// Whether a word then goes on where this ends, or falls before its end.
    fn is_followed_by(&self, next: Moment) -> bool {
        next.floor(MINUTE) <= self.last.floor(MINUTE) + MINUTE
    }

    /// When the value counts as told last, at an instant not before the run.
    fn told_by(&self, at: Moment) -> Moment {
        if at >= self.last { self.last } else { at.floor(MINUTE).max(self.first) }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct History<T> {
    /// By value in the order of their ranks; runs oldest first.
    told: Vec<(T, Vec<Run>)>,
    /// Which value came into force when, oldest first.
    changes: Vec<(Moment, T)>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self { told: Vec::new(), changes: Vec::new() }
    }
}

impl<T: Rank + Clone + PartialEq> History<T> {
    /// Takes in a value told at `at`; of those told at one instant the greatest is in force.
    pub fn tell(&mut self, at: Moment, value: T) {
        self.take_in(value, Run { first: at, last: at });
    }

    /// Takes in all that `other` was told.
    pub fn merge(&mut self, other: &Self) {
        for (value, runs) in &other.told {
            runs.iter().for_each(|run| self.take_in(value.clone(), *run));
        }
    }

    fn take_in(&mut self, value: T, run: Run) {
        let last_of = |runs: &[Run]| runs.last().map_or(Moment::MIN, |run| run.last);
        let others = self.told.iter().filter(|(other, _)| *other != value).map(|(_, runs)| last_of(runs)).max();
        let others = others.unwrap_or(Moment::MIN);
        let place = match self.told.binary_search_by(|(told, _)| told.rank(&value)) {
            Ok(place) => place,
            Err(place) => {
                self.told.insert(place, (value.clone(), Vec::new()));
                place
            }
        };
        let runs = &mut self.told[place].1;
        let ours = last_of(runs);
        let joined = join(runs, run);
        let comes_last = run.first > ours.max(others);
        let goes_on = self.changes.last().is_some_and(|(_, latest)| *latest == value);
        match joined {
            Joined::Within => return,
            Joined::Alone if comes_last && goes_on => {}
            Joined::Alone if comes_last => self.changes.push((run.first, value)),
            // As long as nothing else was told in the minute of the last word, nobody misses that word's instant.
            Joined::Longer if comes_last && goes_on && others < ours.floor(MINUTE) => {}
            Joined::Alone | Joined::Longer => self.changes = self.work_out(),
        }
        while self.len() > MAX_HISTORY {
            self.forget_one();
        }
    }

    /// The value in force at `at`, else the earliest known (kpis.md, "In force").
    #[must_use]
    pub fn in_force(&self, at: Moment) -> Option<&T> {
        self.by(at).or_else(|| self.iter().next()).map(|(_, value)| value)
    }

    /// The value in force at `at`, and since when.
    #[must_use]
    pub fn by(&self, at: Moment) -> Option<(Moment, &T)> {
        let passed = self.changes.partition_point(|(since, _)| *since <= at);
        self.changes[..passed].last().map(|(since, value)| (*since, value))
    }

    /// Since when the latest value has been in force.
    #[must_use]
    pub fn latest_since(&self) -> Option<Moment> {
        self.changes.last().map(|(since, _)| *since)
    }

    /// How many runs are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.told.iter().map(|(_, runs)| runs.len()).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many runs of what was known before are here no longer: let go because there were too many.
    #[must_use]
    pub fn lacks(&self, before: &Self) -> u64 {
        let is_here = |value: &T, run: &Run| {
            let place = self.told.binary_search_by(|(told, _)| told.rank(value));
            let runs = place.map_or(&[][..], |place| &self.told[place].1);
            let begun = runs.partition_point(|here| here.first <= run.first);
            runs[..begun].last().is_some_and(|here| run.last <= here.last)
        };
        let all = before.told.iter().flat_map(|(value, runs)| runs.iter().map(move |run| (value, run)));
        all.filter(|(value, run)| !is_here(value, run)).count() as u64
    }

    /// From when on it is known; before that the earliest stands in.
    #[must_use]
    pub fn known_from(&self) -> Option<Moment> {
        self.changes.first().map(|(since, _)| *since)
    }

    /// Each change: when which value came into force, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (Moment, &T)> {
        self.changes.iter().map(|(since, value)| (*since, value))
    }

    /// The value that counts as told latest at an instant; on equal times the greater.
    fn told_latest(&self, at: Moment) -> Option<&T> {
        let by_value = self.told.iter().filter_map(|(value, runs)| {
            let begun = runs.partition_point(|run| run.first <= at);
            runs[..begun].last().map(|run| (run.told_by(at), value))
        });
        // In the order of ranks, of which the last of equal ones is taken.
        by_value.max_by_key(|(told, _)| *told).map(|(_, value)| value)
    }

    /// The changes that follow from what was told.
    fn work_out(&self) -> Vec<(Moment, T)> {
        let runs = self.told.iter().flat_map(|(_, runs)| runs);
        // Which runs go on alters only with a begin or an end; the minute after it is the first to tell.
        let edges = runs.flat_map(|run| [run.first, run.last]).flat_map(|at| [at, at.floor(MINUTE) + MINUTE]);
        let mut changes: Vec<(Moment, T)> = Vec::new();
        for at in edges.collect::<BTreeSet<Moment>>() {
            if let Some(value) = self.told_latest(at)
                && changes.last().is_none_or(|(_, before)| before != value)
            {
                changes.push((at, value.clone()));
            }
        }
        changes
    }

    /// Lets the oldest run go that alters nothing, else the oldest of all.
    fn forget_one(&mut self) {
        let all = || {
            let numbered = self.told.iter().enumerate();
            numbered
                .flat_map(|(place, (value, runs))| runs.iter().enumerate().map(move |(n, run)| (run, place, n, value)))
        };
        let oldest = |(run, ..): &(&Run, usize, usize, &T)| run.first;
        let idle = all().filter(|(run, _, _, value)| self.alters_nothing(value, run)).min_by_key(oldest);
        let is_idle = idle.is_some();
        let Some((_, place, n, _)) = idle.or_else(|| all().min_by_key(oldest)) else { return };
        self.told[place].1.remove(n);
        self.told.retain(|(_, runs)| !runs.is_empty());
        if !is_idle {
            self.changes = self.work_out();
        }
    }

    /// Whether a value was in force before a run of it, and nothing else was told about the time of that run.
    fn alters_nothing(&self, value: &T, run: &Run) -> bool {
        let before = self.changes.partition_point(|(at, _)| *at < run.first);
        let was_in_force = self.changes[..before].last().is_some_and(|(_, then)| then == value);
        let (from, to) = (run.first.floor(MINUTE), run.last + MINUTE);
        let is_quiet = |runs: &[Run]| {
            let next = runs.partition_point(|other| other.last < from);
            runs.get(next).is_none_or(|other| other.first > to)
        };
        was_in_force && self.told.iter().all(|(other, runs)| other == value || is_quiet(runs))
    }
}

/// Where a run has come to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joined {
    /// Within one that is known: nothing new.
    Within,
    /// With one or more that have become one.
    Longer,
    Alone,
}

/// Puts a run among those of its value.
fn join(runs: &mut Vec<Run>, run: Run) -> Joined {
    let from = runs.partition_point(|known| !known.is_followed_by(run.first));
    let to = runs.partition_point(|known| run.is_followed_by(known.first));
    let Some(touched) = runs.get(from..to).filter(|touched| !touched.is_empty()) else {
        runs.insert(from, run);
        return Joined::Alone;
    };
    let first = touched.iter().map(|known| known.first).min().unwrap_or(run.first).min(run.first);
    let last = touched.iter().map(|known| known.last).max().unwrap_or(run.last).max(run.last);
    let whole = Run { first, last };
    if *touched == [whole] {
        return Joined::Within;
    }
    runs.splice(from..to, [whole]);
    Joined::Longer
}

/// As it is stored: each value with its runs, as microseconds from the end of one to the begin of the next and from begin to
/// end, in turn.
impl<T: Serialize> Serialize for History<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.told.iter().map(|(value, runs)| {
            let mut passed = 0;
            let mut spans = Vec::with_capacity(runs.len() * 2);
            for at in runs.iter().flat_map(|run| [run.first.micros(), run.last.micros()]) {
                spans.push(at - passed);
                passed = at;
            }
            (value, spans)
        }))
    }
}

/// What may stand in a store: runs, or single words by their microseconds as earlier versions kept them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored<T> {
    Runs(Vec<(T, Vec<i64>)>),
    Words(BTreeMap<String, T>),
}

impl<'de, T: DeserializeOwned + Rank + Clone + PartialEq> Deserialize<'de> for History<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut history = Self::default();
        match Stored::<T>::deserialize(from)? {
            Stored::Words(words) => {
                for (at, value) in words {
                    let at = at.parse().map_err(|_| D::Error::custom("a setting's moment is no number"))?;
                    history.tell(Moment::from_micros(at), value);
                }
            }
            Stored::Runs(told) => {
                history.told = told.into_iter().map(|(value, spans)| (value, runs(&spans))).collect();
                history.told.sort_by(|(a, _), (b, _)| a.rank(b));
                history.changes = history.work_out();
            }
        }
        Ok(history)
    }
}

fn runs(spans: &[i64]) -> Vec<Run> {
    let mut passed = 0i64;
    let mut next = |span: i64| {
        passed = passed.saturating_add(span);
        Moment::from_micros(passed)
    };
    spans.chunks_exact(2).map(|pair| Run { first: next(pair[0]), last: next(pair[1]) }).collect()
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
