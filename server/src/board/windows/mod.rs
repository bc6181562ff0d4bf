//! The last sixty minutes in memory: of each key the buckets, and running sums over 5, 15 and 60 minutes.
//!
//! Fine dimensions are kept by 10 s, the others by the minute (kpis.md, "grain"); each key of each campaign, and each key
//! over all campaigns. A change is added to its bucket and to one sum of each; as time passes, buckets that leave a window
//! are taken off (`series`). Reading a window is therefore one look-up, whatever happened in it. Changes older than the ring
//! are the store's alone; those of a bucket that has not begun yet wait in the ring: events may be stamped some minutes ahead of our
//! clock, and farther where that was set back. Bounded by the keys that were heard of
//! within the hour, and in their number.

mod series;

use super::over::Over;
use crate::law::change::{FactChange, SumKey};
use app::domain::{CampaignId, Dimension, Facts, Moment, Span, Tally, Window};
use foldhash::fast::RandomState;
pub use series::{Held, RING, WINDOWS, grain};
use series::{Keeps, Moved, Series, end};
use smol_str::SmolStr;
use std::collections::{BTreeSet, HashMap, HashSet};

const fn minutes(window: Window) -> Option<i64> {
    match window {
        Window::Minutes5 => Some(5),
        Window::Minutes15 => Some(15),
        Window::Minutes60 => Some(60),
        Window::Hours24 | Window::Today | Window::Days7 | Window::Days30 | Window::Campaign | Window::Period => None,
    }
}

/// The half-open stretch that a window of a dimension covers at `now`, the running bucket included; `None` for the
/// windows that the store answers.
#[must_use]
pub fn extent(window: Window, dimension: Dimension, now: Moment) -> Option<(Moment, Moment)> {
    let length = Span::minutes(minutes(window)?);
    let to = end(grain(dimension), now);
    Some((to - length, to))
}

/// Of DIDs within a campaign buckets alone are kept: most of these pairs see a call or two in an hour, and are added up when
/// asked.
const fn keeps_within_campaign(dimension: Dimension) -> Keeps {
    match dimension {
        Dimension::Did => Keeps::BucketsAlone,
        Dimension::Total
        | Dimension::Campaign
        | Dimension::Route
        | Dimension::Country
        | Dimension::Agent
        | Dimension::Queue
        | Dimension::SipCode
        | Dimension::Component => Keeps::Sums,
    }
}

/// From what on it is noted that a key's sums over all campaigns moved: of dimensions of which there may be tens of thousands,
/// rows are made anew where they did.
const fn noted_from(dimension: Dimension) -> Option<Moved> {
    match dimension {
        Dimension::Did | Dimension::Campaign | Dimension::Route => Some(Moved::Parts),
        Dimension::Total
        | Dimension::Country
        | Dimension::Agent
        | Dimension::Queue
        | Dimension::SipCode
        | Dimension::Component => None,
    }
}

/// Keys held within campaigns at most, and as many over all campaigns: three times the design load's 5,000 numbers in 50
/// campaigns. What is told of others is in the store's sums alone, and in those of the whole floor.
const KEYS: usize = 1_000_000;

type ByKey = HashMap<SmolStr, Series, RandomState>;

/// One dimension's keys.
#[derive(Debug, Default)]
struct Keys {
    /// Over all campaigns.
    all: ByKey,
    of: HashMap<CampaignId, ByKey, RandomState>,
    /// Those whose sums over all campaigns moved since somebody took note, where that is [noted](noted_from).
    moved: HashSet<SmolStr, RandomState>,
}

/// What some campaigns hold together, by dimension and key: kept as each of them is.
#[derive(Debug, Default)]
pub struct Merged([ByKey; Dimension::ALL.len()]);

/// Adds to the series of a key, whose name is copied only where it is new.
fn add_to(by_key: &mut ByKey, key: &SmolStr, add: impl FnOnce(&mut Series) -> Moved) -> Moved {
    match by_key.get_mut(key) {
        Some(series) => add(series),
        None => add(by_key.entry(key.clone()).or_default()),
    }
}

/// Buckets and running sums of every key heard of within the hour.
#[derive(Debug, Default)]
pub struct Windows {
    now: Moment,
    /// By dimension: who reads a few routes must not walk through all DIDs.
    keys: [Keys; Dimension::ALL.len()],
    /// Keys within campaigns and over all, as of the last sweep, with those added since.
    held: [usize; 2],
    bound: Bound,
    /// Changes of keys that were not taken in because there are too many.
    untaken: u64,
}

/// How many keys there may be.
#[derive(Debug, Clone, Copy)]
struct Bound(usize);

impl Default for Bound {
    fn default() -> Self {
        Self(KEYS)
    }
}

impl Windows {
    #[must_use]
    pub fn new(now: Moment) -> Self {
        Self { now, ..Self::default() }
    }

    /// Changes that were not taken in because there are too many keys.
    #[must_use]
    pub const fn untaken(&self) -> u64 {
        self.untaken
    }

    /// Whether a key may be added to, which is there or is not; then it is held.
    fn has_room(held: &mut usize, bound: Bound, is_there: bool) -> bool {
        let has_room = is_there || *held < bound.0;
        *held += usize::from(has_room && !is_there);
        has_room
    }

    /// Keys held, each within each campaign, for `/metrics`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.iter().flat_map(|keys| keys.of.values()).map(HashMap::len).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.iter().all(|keys| keys.all.is_empty() && keys.of.is_empty())
    }

    pub fn add(&mut self, change: &FactChange) {
        let SumKey { campaign, dimension, key } = &change.of;
        let (now, grain) = (self.now, grain(*dimension));
        let bucket = change.bucket.floor(grain);
        if bucket < end(grain, now) - RING {
            return;
        }
        let keys = &mut self.keys[*dimension as usize];
        let [within, over] = &mut self.held;
        let add = |keeps| move |series: &mut Series| series.add(keeps, grain, now, bucket, &change.tally);
        if Self::has_room(over, self.bound, keys.all.contains_key(key)) {
            let moved = add_to(&mut keys.all, key, add(Keeps::Sums));
            if noted_from(*dimension).is_some_and(|from| moved >= from) && !keys.moved.contains(key) {
                keys.moved.insert(key.clone());
            }
        } else {
            self.untaken += 1;
        }
        let is_there = keys.of.get(campaign).is_some_and(|by_key| by_key.contains_key(key));
        if !Self::has_room(within, self.bound, is_there) {
            self.untaken += 1;
            return;
        }
        let add = add(keeps_within_campaign(*dimension));
        match keys.of.get_mut(campaign) {
            Some(by_key) => add_to(by_key, key, add),
            None => add_to(keys.of.entry(campaign.clone()).or_default(), key, add),
        };
    }

    /// Moves on to `now`; never back.
    pub fn advance(&mut self, now: Moment) {
        if now <= self.now {
            return;
        }
        let before = self.now;
        self.now = now;
        for (dimension, keys) in Dimension::ALL.iter().zip(&mut self.keys) {
            let grain = grain(*dimension);
            if before.floor(grain) == now.floor(grain) {
                continue;
            }
            let noted = noted_from(*dimension);
            keys.all.retain(|key, series| {
                let moved = series.advance(Keeps::Sums, grain, before, now);
                if noted.is_some_and(|from| moved >= from) {
                    keys.moved.insert(key.clone());
                }
                !series.is_empty()
            });
            let keeps = keeps_within_campaign(*dimension);
            keys.of.retain(|_, by_key| {
                by_key.retain(|_, series| {
                    series.advance(keeps, grain, before, now);
                    !series.is_empty()
                });
                !by_key.is_empty()
            });
        }
        self.held = [self.len(), self.keys.iter().map(|keys| keys.all.len()).sum()];
    }

    /// The keys of a dimension whose sums moved since this was asked last, where that is noted (`noted_from`).
    pub fn take_moved(&mut self, dimension: Dimension) -> HashSet<SmolStr, RandomState> {
        std::mem::take(&mut self.keys[dimension as usize].moved)
    }

    /// How many keys of a dimension a campaign has.
    pub fn keys_within(&self, dimension: Dimension, campaign: &CampaignId) -> usize {
        self.keys[dimension as usize].of.get(campaign).map_or(0, HashMap::len)
    }

    /// What some campaigns hold together.
    #[must_use]
    pub fn merged(&self, campaigns: &BTreeSet<CampaignId>) -> Merged {
        let mut merged = Merged::default();
        for ((dimension, keys), merged) in Dimension::ALL.iter().zip(&self.keys).zip(&mut merged.0) {
            for (key, series) in campaigns.iter().filter_map(|campaign| keys.of.get(campaign)).flatten() {
                merged.entry(key.clone()).or_default().merge(grain(*dimension), series);
            }
        }
        merged
    }

    fn by_key<'a>(&'a self, dimension: Dimension, over: Over<'a>) -> Option<(&'a ByKey, Keeps)> {
        let keys = &self.keys[dimension as usize];
        let within = keeps_within_campaign(dimension);
        match over {
            Over::Floor => Some((&keys.all, Keeps::Sums)),
            Over::One(campaign) => keys.of.get(campaign).map(|by_key| (by_key, within)),
            Over::Several(several) => Some((&several.sums.0[dimension as usize], within)),
        }
    }

    /// What a window holds of each key, over all campaigns or within some; nothing of windows that the store answers.
    pub fn each<'a>(
        &'a self,
        dimension: Dimension,
        window: Window,
        over: impl Into<Over<'a>>,
    ) -> impl Iterator<Item = (&'a SmolStr, Held<'a>)> {
        let place = WINDOWS.iter().position(|w| *w == window);
        let by_key = place.zip(self.by_key(dimension, over.into()));
        let held = move |at, keeps, series| Series::held(series, keeps, grain(dimension), self.now, at);
        by_key.into_iter().flat_map(move |(at, (by_key, keeps))| {
            by_key.iter().map(move |(key, series)| (key, held(at, keeps, series)))
        })
    }

    /// What a window holds of one key; `None` of a key not heard of within the hour.
    #[must_use]
    pub fn one<'a>(
        &'a self,
        dimension: Dimension,
        window: Window,
        over: impl Into<Over<'a>>,
        key: &str,
    ) -> Option<Held<'a>> {
        let place = WINDOWS.iter().position(|w| *w == window)?;
        let (by_key, keeps) = self.by_key(dimension, over.into())?;
        Some(by_key.get(key)?.held(keeps, grain(dimension), self.now, place))
    }

    /// Campaigns that have keys of a dimension.
    pub fn campaigns(&self, dimension: Dimension) -> impl Iterator<Item = &CampaignId> {
        self.keys[dimension as usize].of.keys()
    }

    /// What a window holds of each key within each campaign.
    pub fn each_within(
        &self,
        dimension: Dimension,
        window: Window,
    ) -> impl Iterator<Item = (&CampaignId, &SmolStr, Held<'_>)> {
        self.campaigns(dimension).flat_map(move |campaign| {
            self.each(dimension, window, Some(campaign)).map(move |(key, held)| (campaign, key, held))
        })
    }

    /// The sums of a window by key. Keys whose sums are all zero are left out.
    #[must_use]
    pub fn sums<'a>(
        &'a self,
        dimension: Dimension,
        window: Window,
        over: impl Into<Over<'a>>,
    ) -> HashMap<SmolStr, Facts> {
        self.sums_of(dimension, window, over, None)
    }

    /// The same of all keys or one.
    #[must_use]
    pub fn sums_of<'a>(
        &'a self,
        dimension: Dimension,
        window: Window,
        over: impl Into<Over<'a>>,
        only: Option<&str>,
    ) -> HashMap<SmolStr, Facts> {
        let over = over.into();
        let one = only.and_then(|key| Some((SmolStr::new(key), self.one(dimension, window, over, key)?.facts())));
        let all = only.is_none().then(|| self.each(dimension, window, over)).into_iter().flatten();
        let sums = all.map(|(key, held)| (key.clone(), held.facts())).chain(one);
        sums.filter(|(_, facts)| !facts.is_zero()).collect()
    }

    /// Every bucket of a dimension, oldest first for each key; over all campaigns or within some, of all keys or one.
    pub fn buckets<'a>(
        &'a self,
        dimension: Dimension,
        over: impl Into<Over<'a>>,
        key: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a SmolStr, Moment, &'a Tally)> {
        let by_key = self.by_key(dimension, over.into()).map(|(by_key, _)| by_key);
        // One of tens of thousands is found, and not looked for among them.
        let one = by_key.zip(key).and_then(|(by_key, key)| by_key.get_key_value(key));
        let all = by_key.filter(|_| key.is_none()).into_iter().flatten();
        all.chain(one).flat_map(|(key, series)| series.buckets().map(move |(at, tally)| (key, at, tally)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::domain::Fact;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn change(of: SumKey, at: i64, n: i64) -> FactChange {
        let mut tally = Tally::default();
        tally.add(Fact::Attempts, n);
        FactChange { bucket: Moment::from_secs(at).floor(Span::secs(10)), of, tally }
    }

    fn attempts(windows: &Windows, window: Window) -> i64 {
        windows.sums(Dimension::Total, window, None).values().map(|f| f[Fact::Attempts]).sum()
    }

    #[test]
    fn a_window_is_the_running_bucket_and_those_before_it() {
        let start = Moment::from_secs(86_400);
        let mut windows = Windows::new(start);
        let of = SumKey { campaign: CampaignId::none(), dimension: Dimension::Total, key: SmolStr::default() };
        windows.add(&change(of, 86_400, 1));
        for (secs, sums) in [(299, [1, 1, 1]), (300, [0, 1, 1]), (899, [0, 1, 1]), (900, [0, 0, 1]), (3_599, [0, 0, 1])]
        {
            windows.advance(start + Span::secs(secs));
            assert_eq!(WINDOWS.map(|window| attempts(&windows, window)), sums, "after {secs} s");
        }
        windows.advance(start + Span::secs(3_600));
        assert!(windows.is_empty());
    }

    /// Sums by key, all zero left out.
    type Sums = BTreeMap<SmolStr, i64>;

    #[test]
    fn of_too_many_keys_the_floors_sums_stay_exact_and_there_is_room_again_when_the_hour_is_over() {
        let start = Moment::from_secs(86_400);
        let mut windows = Windows { bound: Bound(3), ..Windows::new(start) };
        let of = |campaign: &str, dimension, key: &str| SumKey {
            campaign: CampaignId::trusted(campaign),
            dimension,
            key: key.into(),
        };
        let tell = |windows: &mut Windows, at| {
            for campaign in ["a", "b", "c", "d", "e"] {
                windows.add(&change(of(campaign, Dimension::Total, ""), at, 1));
                windows.add(&change(of(campaign, Dimension::Agent, campaign), at, 1));
            }
        };
        tell(&mut windows, 86_400);
        assert_eq!(attempts(&windows, Window::Minutes5), 5);
        assert_eq!((windows.len(), kept(&windows, Dimension::Agent, Window::Minutes5, None).len()), (3, 2));
        assert_eq!(windows.untaken(), 7 + 3);
        windows.advance(start + Span::hours(2));
        assert!(windows.is_empty());
        tell(&mut windows, 86_400 + 7_200);
        assert_eq!((attempts(&windows, Window::Minutes5), windows.len()), (5, 3));
    }

    fn recount(told: &[FactChange], by: Dimension, window: Window, of: Option<&CampaignId>, now: Moment) -> Sums {
        let (from, to) = extent(window, by, now).unwrap_or_default();
        let wanted = told.iter().filter(|c| c.of.dimension == by && of.is_none_or(|of| c.of.campaign == *of));
        let mut sums = Sums::new();
        for change in wanted.filter(|c| (from..to).contains(&c.bucket.floor(grain(by)))) {
            *sums.entry(change.of.key.clone()).or_default() += change.tally.get(Fact::Attempts);
        }
        sums.retain(|_, n| *n != 0);
        sums
    }

    fn kept(windows: &Windows, by: Dimension, window: Window, of: Option<&CampaignId>) -> Sums {
        windows.sums(by, window, of).into_iter().map(|(key, facts)| (key, facts[Fact::Attempts])).collect()
    }

    /// Of each kind: fine, sparse, and sparse with buckets alone within a campaign.
    const KINDS: [Dimension; 3] = [Dimension::Country, Dimension::Agent, Dimension::Did];
    const CAMPAIGNS: [&str; 2] = ["a", "b"];

    /// Picks of the kinds, the campaigns and some keys.
    type Whose = (usize, usize, usize);
    /// How long until something is told, about when, whose, and how much.
    type Step = (i64, i64, Whose, i64);

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let wait = prop_oneof![4 => 0..15i64, 3 => 0..90i64, 1 => 0..8_000i64];
        let whose = (0..KINDS.len(), 0..CAMPAIGNS.len(), 0..3usize);
        prop::collection::vec((wait, -5_000..300i64, whose, -2..3i64), 1..60)
    }

    proptest! {
        /// At every tick the running sums equal a recount of the changes, however time and changes interleave: what comes
        /// late, what takes back, what is of a bucket to come, jumps of the clock. And a DID that moved is said to have.
        #[test]
        fn sums_equal_the_recount(start in 0..86_400i64, steps in steps()) {
            let mut now = Moment::from_secs(1_000_000 + start);
            let (mut windows, mut told, mut dids) = (Windows::new(now), Vec::new(), Sums::new());
            for (wait, offset, (kind, campaign, key), n) in steps {
                now = now + Span::secs(wait);
                windows.advance(now);
                let campaign = CampaignId::trusted(CAMPAIGNS[campaign]);
                let of = SumKey { campaign, dimension: KINDS[kind], key: ["x", "y", "z"][key].into() };
                // What is already out of the ring when told stays out; so does the recount.
                let change = change(of, now.secs() + offset, n);
                windows.add(&change);
                told.push(change);
                for by in KINDS {
                    for window in WINDOWS {
                        prop_assert_eq!(kept(&windows, by, window, None), recount(&told, by, window, None, now));
                        for campaign in CAMPAIGNS.map(CampaignId::trusted) {
                            let of = Some(&campaign);
                            prop_assert_eq!(kept(&windows, by, window, of), recount(&told, by, window, of, now));
                        }
                    }
                }
                let before = std::mem::replace(&mut dids, kept(&windows, Dimension::Did, Window::Minutes60, None));
                let moved = windows.take_moved(Dimension::Did);
                let differ = before.keys().chain(dids.keys()).filter(|did| before.get(*did) != dids.get(*did));
                prop_assert!(differ.into_iter().all(|did| moved.contains(did)));
            }
        }
    }
}
