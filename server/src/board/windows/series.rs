//! One key's counts of the last hour: its buckets, and what they add up to by age.
//!
//! The hour is cut into parts by age: up to 5 minutes, 5 to 15, 15 to 60. A bucket is in one part, so a change is added to
//! one sum, whatever windows hold it; as time passes, what crosses from one part into the next is taken off the one and
//! added to the other. A window is the first part, the first two or all three.

use app::domain::facts::Slot;
use app::domain::{Dimension, Facts, Moment, Span, Tally, Window};
use std::collections::VecDeque;
use std::collections::vec_deque::Iter;

/// The windows that are kept here, each a part longer than the one before.
pub const WINDOWS: [Window; 3] = [Window::Minutes5, Window::Minutes15, Window::Minutes60];
/// The parts of the hour by age in minutes, half-open.
const PARTS: [(i64, i64); 3] = [(0, 5), (5, 15), (15, 60)];
/// All of them.
const HOUR: (i64, i64) = (0, 60);
/// How long buckets are kept.
pub const RING: Span = Span::minutes(60);

/// The grain at which a dimension is kept here.
#[must_use]
pub const fn grain(dimension: Dimension) -> Span {
    if dimension.is_fine() { Span::secs(10) } else { Span::minutes(1) }
}

/// Where the running bucket ends.
pub(super) fn end(grain: Span, now: Moment) -> Moment {
    now.floor(grain) + grain
}

/// Where a part of the hour lies at an instant.
fn lies(part: (i64, i64), grain: Span, now: Moment) -> (Moment, Moment) {
    let end = end(grain, now);
    (end - Span::minutes(part.1), end - Span::minutes(part.0))
}

/// What a change or the time has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moved {
    Nothing,
    /// Sums of a part of the hour, and not that of the whole.
    Parts,
    Hour,
}

/// Whether a series has sums by age, or is added up when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeps {
    Sums,
    BucketsAlone,
}

/// One key's buckets. Sparse, since most keys are DIDs within a campaign, of which each sees few calls.
#[derive(Debug, Default)]
pub(super) struct Series {
    /// By begin, oldest first.
    buckets: VecDeque<(Moment, Tally)>,
    /// As of the last advance, in the order of [`PARTS`]; nothing where buckets alone are kept.
    sums: [Tally; PARTS.len()],
}

/// Buckets by their begin, oldest first.
type Buckets<'a> = Iter<'a, (Moment, Tally)>;

/// What a window holds of one key.
#[derive(Debug, Clone)]
pub enum Held<'a> {
    /// The sums of the parts that it is made of.
    Summed(&'a [Tally]),
    /// The buckets that begin in it.
    Buckets(Buckets<'a>),
}

impl Held<'_> {
    fn each(&self, mut each: impl FnMut(&Tally)) {
        match self {
            Self::Summed(parts) => parts.iter().for_each(each),
            Self::Buckets(buckets) => buckets.clone().for_each(|(_, tally)| each(tally)),
        }
    }

    /// One counter.
    #[must_use]
    pub fn get(&self, slot: impl Into<Slot>) -> i64 {
        let (slot, mut sum) = (slot.into(), 0);
        self.each(|tally| sum += tally.get(slot));
        sum
    }

    /// All counters.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        self.each(|tally| facts += tally);
        facts
    }
}

/// The buckets that begin in `from..to`.
fn between(buckets: &VecDeque<(Moment, Tally)>, from: Moment, to: Moment) -> Buckets<'_> {
    let first = buckets.partition_point(|(at, _)| *at < from);
    let last = buckets.partition_point(|(at, _)| *at < to);
    buckets.range(first..last.max(first))
}

/// The buckets that leave a part, and those that enter it, from `before` to `now`.
fn crossing(
    buckets: &VecDeque<(Moment, Tally)>,
    part: (i64, i64),
    grain: Span,
    before: Moment,
    now: Moment,
) -> (Buckets<'_>, Buckets<'_>) {
    let ((old_from, old_to), (from, to)) = (lies(part, grain, before), lies(part, grain, now));
    (between(buckets, old_from, from.min(old_to)), between(buckets, old_to.max(from), to))
}

impl Series {
    /// Adds to a bucket, and to the sum that it is part of at `now`.
    pub fn add(&mut self, keeps: Keeps, grain: Span, now: Moment, bucket: Moment, tally: &Tally) -> Moved {
        self.add_to_bucket(grain, bucket, tally);
        for (sum, part) in self.sums.iter_mut().zip(PARTS) {
            let (from, to) = lies(part, grain, now);
            if (from..to).contains(&bucket) {
                if keeps == Keeps::Sums {
                    *sum += tally;
                }
                return Moved::Hour;
            }
        }
        Moved::Nothing
    }

    /// Adds what another of the same grain and moment holds.
    pub fn merge(&mut self, grain: Span, other: &Self) {
        other.buckets.iter().for_each(|(at, tally)| self.add_to_bucket(grain, *at, tally));
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, more)| *sum += more);
    }

    fn add_to_bucket(&mut self, grain: Span, bucket: Moment, tally: &Tally) {
        // Of a busy key there is every bucket: then each lies as far from the first as its time does.
        let first = self.buckets.front().map_or(bucket, |(at, _)| *at);
        let guess = usize::try_from((bucket - first).as_millis() / grain.as_millis()).unwrap_or(usize::MAX);
        if let Some((_, sum)) = self.buckets.get_mut(guess).filter(|(at, _)| *at == bucket) {
            *sum += tally;
            return;
        }
        match self.buckets.binary_search_by_key(&bucket, |(at, _)| *at) {
            Ok(i) => self.buckets[i].1 += tally,
            Err(i) => self.buckets.insert(i, (bucket, tally.clone())),
        }
    }

    /// Moves on from `before` to `now`: what leaves a part is taken off its sum, what enters is added, and what is older than
    /// the ring is dropped.
    pub fn advance(&mut self, keeps: Keeps, grain: Span, before: Moment, now: Moment) -> Moved {
        // What only crosses from one part into another leaves the hour's sum as it is.
        let (out, into) = crossing(&self.buckets, HOUR, grain, before, now);
        let mut moved = if out.len() + into.len() > 0 { Moved::Hour } else { Moved::Nothing };
        if keeps == Keeps::Sums {
            for (i, part) in PARTS.into_iter().enumerate() {
                let (out, into) = crossing(&self.buckets, part, grain, before, now);
                if out.len() + into.len() > 0 {
                    moved = moved.max(Moved::Parts);
                }
                out.for_each(|(_, tally)| self.sums[i] -= tally);
                into.for_each(|(_, tally)| self.sums[i] += tally);
            }
        }
        let keep_from = end(grain, now) - RING;
        while self.buckets.front().is_some_and(|(at, tally)| *at < keep_from || tally.is_empty()) {
            self.buckets.pop_front();
        }
        moved
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// What a window of [`WINDOWS`] holds at `now`, by its place there.
    pub fn held(&self, keeps: Keeps, grain: Span, now: Moment, window: usize) -> Held<'_> {
        match keeps {
            Keeps::Sums => Held::Summed(&self.sums[..=window]),
            Keeps::BucketsAlone => {
                let (from, _) = lies(PARTS[window], grain, now);
                Held::Buckets(between(&self.buckets, from, end(grain, now)))
            }
        }
    }

    /// Every bucket, oldest first.
    pub fn buckets(&self) -> impl Iterator<Item = (Moment, &Tally)> {
        self.buckets.iter().map(|(at, tally)| (*at, tally))
    }
}
