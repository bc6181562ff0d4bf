//! The last sixty minutes in memory: rings of buckets, and running sums over 5, 15 and 60 minutes.
//!
//! Fine dimensions are kept by 10 s, the others by the minute (kpis.md, "grain"). A change is added to its bucket and to
//! every window that holds the bucket; as time passes, buckets that leave a window are taken off its sum. Reading a
//! window is therefore one look-up, whatever happened in it. Changes older than the ring are the store's alone; those of
//! a bucket that has not begun yet wait in the ring. Bounded by the keys that were heard of within the hour.

use super::change::{FactChange, SumKey};
use app::domain::{CampaignId, Dimension, Facts, Moment, Span, Tally, Window};
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::{HashMap, VecDeque};

/// The windows that are kept here.
pub const WINDOWS: [Window; 3] = [Window::Minutes5, Window::Minutes15, Window::Minutes60];
/// How long buckets are kept.
pub const RING: Span = Span::minutes(60);
/// A bucket may lie this far ahead: events may be stamped up to 5 minutes ahead of our clock.
const AHEAD: Span = Span::minutes(6);

const fn minutes(window: Window) -> Option<i64> {
    match window {
        Window::Minutes5 => Some(5),
        Window::Minutes15 => Some(15),
        Window::Minutes60 => Some(60),
        Window::Hours24 | Window::Today | Window::Days7 | Window::Days30 | Window::Campaign | Window::Period => None,
    }
}

/// The grain at which a dimension is kept here.
#[must_use]
pub const fn grain(dimension: Dimension) -> Span {
    if dimension.is_fine() { Span::secs(10) } else { Span::minutes(1) }
}

/// The half-open stretch that a window of a dimension covers at `now`, the running bucket included; `None` for the
/// windows that the store answers.
#[must_use]
pub fn extent(window: Window, dimension: Dimension, now: Moment) -> Option<(Moment, Moment)> {
    let length = Span::minutes(minutes(window)?);
    let to = now.floor(grain(dimension)) + grain(dimension);
    Some((to - length, to))
}

/// The window of which all dimensions have a running sum; the shorter ones of sparse dimensions are added up when asked.
const LONGEST: Window = Window::Minutes60;

/// Whether a bucket comes into a window or leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moves {
    In,
    Out,
}

impl Moves {
    fn apply(self, sum: &mut Tally, tally: &Tally) {
        match self {
            Self::In => *sum += tally,
            Self::Out => *sum -= tally,
        }
    }
}

/// Changes the sum of a key; a sum that is all zero goes.
fn apply_to(sums: &mut HashMap<SmolStr, Tally, RandomState>, key: &SmolStr, tally: &Tally, moves: Moves) {
    if tally.is_empty() {
        return;
    }
    let Some(sum) = sums.get_mut(key) else {
        moves.apply(sums.entry(key.clone()).or_default(), tally);
        return;
    };
    moves.apply(sum, tally);
    if sum.is_empty() {
        sums.remove(key);
    }
}

/// Whether a dimension has a running sum of a window for each campaign and key. DIDs have none: most of their pairs with a
/// campaign see a call or two in an hour, and are added up when asked.
fn is_running(dimension: Dimension, window: Window) -> bool {
    dimension.is_fine() || (window == LONGEST && dimension != Dimension::Did)
}

/// Whether a window's sums of each key over all campaigns are kept: see [`Windows::dids`].
fn is_kept_over_all(dimension: Dimension, window: Window) -> bool {
    dimension == Dimension::Did && window == LONGEST
}

/// Rings and running sums of every key heard of within the hour.
#[derive(Debug, Default)]
pub struct Windows {
    now: Moment,
    /// By dimension: who reads a few routes must not walk through all DIDs.
    series: [HashMap<SumKey, Series, RandomState>; Dimension::ALL.len()],
    /// The hour's sums of each DID over all campaigns, kept as they change: the board reads them at every tick, and a pool
    /// that many campaigns share has as many series as there are pairs.
    dids: HashMap<SmolStr, Tally, RandomState>,
}

/// Sparse, since most keys are DIDs within a campaign, of which each sees few calls.
#[derive(Debug, Default)]
struct Series {
    /// By begin, oldest first.
    buckets: VecDeque<(Moment, Tally)>,
    /// As of the last advance, in the order of [`WINDOWS`], where the dimension has such.
    sums: [Tally; 3],
}

impl Windows {
    #[must_use]
    pub fn new(now: Moment) -> Self {
        Self { now, series: Default::default(), dids: HashMap::default() }
    }

    /// Keys held, for `/metrics`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.series.iter().map(HashMap::len).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.series.iter().all(HashMap::is_empty)
    }

    pub fn add(&mut self, change: &FactChange) {
        let grain = grain(change.of.dimension);
        let bucket = change.bucket.floor(grain);
        if bucket < self.now.floor(grain) + grain - RING || bucket > self.now + AHEAD {
            return;
        }
        let of_dimension = &mut self.series[change.of.dimension as usize];
        let series = match of_dimension.get_mut(&change.of) {
            Some(series) => series,
            None => of_dimension.entry(change.of.clone()).or_default(),
        };
        series.add(grain, bucket, &change.tally);
        let dimension = change.of.dimension;
        for (sum, window) in series.sums.iter_mut().zip(WINDOWS) {
            if extent(window, dimension, self.now).is_none_or(|(from, to)| bucket < from || to <= bucket) {
                continue;
            }
            if is_running(dimension, window) {
                *sum += &change.tally;
            }
            if is_kept_over_all(dimension, window) {
                apply_to(&mut self.dids, &change.of.key, &change.tally, Moves::In);
            }
        }
    }

    /// Moves on to `now`; never back.
    pub fn advance(&mut self, now: Moment) {
        if now <= self.now {
            return;
        }
        let before = self.now;
        self.now = now;
        let Self { series, dids, .. } = self;
        for (dimension, of_dimension) in Dimension::ALL.iter().zip(series) {
            if before.floor(grain(*dimension)) != now.floor(grain(*dimension)) {
                of_dimension.retain(|of, series| {
                    series.advance(*dimension, before, now, |window, tally, moves| {
                        if is_kept_over_all(*dimension, window) {
                            apply_to(dids, &of.key, tally, moves);
                        }
                    });
                    !series.buckets.is_empty()
                });
            }
        }
    }

    /// The sums of the last 60 minutes of each DID, over all campaigns. None is all zero.
    pub fn dids(&self) -> impl Iterator<Item = (&SmolStr, &Tally)> {
        self.dids.iter()
    }

    /// The sums of a window by key, over campaigns or of one; calls `each` once a (campaign, key).
    pub fn each<'a>(
        &'a self,
        dimension: Dimension,
        window: Window,
        campaign: Option<&CampaignId>,
        mut each: impl FnMut(&'a SumKey, &Tally),
    ) {
        let (Some(at), Some((from, to))) =
            (WINDOWS.iter().position(|w| *w == window), extent(window, dimension, self.now))
        else {
            return;
        };
        for (key, series) in &self.series[dimension as usize] {
            if campaign.is_some_and(|c| key.campaign != *c) {
                continue;
            }
            if is_running(dimension, window) {
                each(key, &series.sums[at]);
                continue;
            }
            let mut sum = Tally::default();
            series.between(from, to).for_each(|(_, tally)| sum += tally);
            each(key, &sum);
        }
    }

    /// The sums of a window by key. Keys whose sums are all zero are left out.
    #[must_use]
    pub fn sums(&self, dimension: Dimension, window: Window, campaign: Option<&CampaignId>) -> HashMap<SmolStr, Facts> {
        self.sums_of(dimension, window, campaign, None)
    }

    /// The same of all keys or one.
    #[must_use]
    pub fn sums_of(
        &self,
        dimension: Dimension,
        window: Window,
        campaign: Option<&CampaignId>,
        only: Option<&str>,
    ) -> HashMap<SmolStr, Facts> {
        let mut sums: HashMap<SmolStr, Facts> = HashMap::new();
        self.each(dimension, window, campaign, |key, sum| {
            if !sum.is_empty() && only.is_none_or(|only| key.key == only) {
                *sums.entry(key.key.clone()).or_default() += sum;
            }
        });
        sums
    }

    /// Every bucket of a key of a dimension, oldest first; of all keys or one.
    pub fn buckets<'a>(
        &'a self,
        dimension: Dimension,
        campaign: Option<&'a CampaignId>,
        key: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a SumKey, Moment, &'a Tally)> {
        self.series[dimension as usize]
            .iter()
            .filter(move |(of, _)| campaign.is_none_or(|c| of.campaign == *c) && key.is_none_or(|key| of.key == key))
            .flat_map(|(key, series)| series.buckets.iter().map(move |(at, tally)| (key, *at, tally)))
    }
}

/// The buckets that begin in `from..to`.
fn between(buckets: &VecDeque<(Moment, Tally)>, from: Moment, to: Moment) -> impl Iterator<Item = &(Moment, Tally)> {
    let first = buckets.partition_point(|(at, _)| *at < from);
    let last = buckets.partition_point(|(at, _)| *at < to);
    buckets.range(first..last.max(first))
}

impl Series {
    fn add(&mut self, grain: Span, bucket: Moment, tally: &Tally) {
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

    fn between(&self, from: Moment, to: Moment) -> impl Iterator<Item = &(Moment, Tally)> {
        between(&self.buckets, from, to)
    }

    /// Takes what leaves each window off its sum and adds what enters, and tells of both.
    fn advance(
        &mut self,
        dimension: Dimension,
        before: Moment,
        now: Moment,
        mut tell: impl FnMut(Window, &Tally, Moves),
    ) {
        for (sum, window) in self.sums.iter_mut().zip(WINDOWS) {
            let runs = is_running(dimension, window);
            if !runs && !is_kept_over_all(dimension, window) {
                continue;
            }
            let (Some((old_from, old_to)), Some((from, to))) =
                (extent(window, dimension, before), extent(window, dimension, now))
            else {
                continue;
            };
            let out = between(&self.buckets, old_from, from.min(old_to)).map(|bucket| (bucket, Moves::Out));
            let into = between(&self.buckets, old_to.max(from), to).map(|bucket| (bucket, Moves::In));
            for ((_, tally), moves) in out.chain(into) {
                if runs {
                    moves.apply(sum, tally);
                }
                tell(window, tally, moves);
            }
        }
        let keep_from = now.floor(grain(dimension)) + grain(dimension) - RING;
        while self.buckets.front().is_some_and(|(at, tally)| *at < keep_from || tally.is_empty()) {
            self.buckets.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::domain::Fact;
    use proptest::prelude::*;

    fn one(dimension: Dimension, at: i64, n: i64) -> FactChange {
        let mut tally = Tally::default();
        tally.add(Fact::Attempts, n);
        // Two campaigns share what there is, whatever it is called.
        let campaign = CampaignId::trusted(if at % 2 == 0 { "a" } else { "b" });
        let of = SumKey { campaign, dimension, key: SmolStr::default() };
        FactChange { bucket: Moment::from_secs(at).floor(Span::secs(10)), of, tally }
    }

    fn attempts(windows: &Windows, dimension: Dimension, window: Window) -> i64 {
        windows.sums(dimension, window, None).values().map(|f| f[Fact::Attempts]).sum()
    }

    #[test]
    fn a_window_is_the_running_bucket_and_those_before_it() {
        let start = Moment::from_secs(86_400);
        let mut windows = Windows::new(start);
        windows.add(&one(Dimension::Total, 86_400, 1));
        windows.advance(start + Span::secs(299));
        assert_eq!(attempts(&windows, Dimension::Total, Window::Minutes5), 1);
        windows.advance(start + Span::secs(300));
        assert_eq!(attempts(&windows, Dimension::Total, Window::Minutes5), 0);
        assert_eq!(attempts(&windows, Dimension::Total, Window::Minutes60), 1);
        windows.advance(start + Span::secs(3_600));
        assert!(windows.is_empty());
    }

    proptest! {
        /// The running sums equal a recount of the changes, however time and changes interleave.
        #[test]
        fn sums_equal_the_recount(steps in prop::collection::vec((0..90i64, -5000..300i64, -2..3i64, any::<bool>()), 1..60)) {
            let mut now = 1_000_000i64;
            let mut windows = Windows::new(Moment::from_secs(now));
            let mut told = Vec::new();
            for (wait, offset, n, fine) in steps {
                now += wait;
                windows.advance(Moment::from_secs(now));
                let dimension = if fine { Dimension::Total } else { Dimension::Did };
                // What is already out of the ring when told stays out; so does the recount.
                let change = one(dimension, now + offset, n);
                windows.add(&change);
                told.push(change);
            }
            for dimension in [Dimension::Total, Dimension::Did] {
                for window in WINDOWS {
                    let (from, to) = extent(window, dimension, Moment::from_secs(now)).unwrap_or_default();
                    let recount: i64 = told.iter()
                        .filter(|c| c.of.dimension == dimension)
                        .filter(|c| { let b = c.bucket.floor(grain(dimension)); from <= b && b < to })
                        .map(|c| c.tally.get(Fact::Attempts)).sum();
                    prop_assert_eq!(attempts(&windows, dimension, window), recount, "{:?} {:?}", dimension, window);
                }
            }
            let kept: HashMap<_, _> = windows.dids().map(|(did, sum)| (did.clone(), sum.clone())).collect();
            let added: HashMap<_, _> = windows.sums(Dimension::Did, LONGEST, None).into_iter()
                .map(|(did, sum)| (did, sum.tally())).filter(|(_, sum)| !sum.is_empty()).collect();
            prop_assert_eq!(kept, added);
        }
    }
}
