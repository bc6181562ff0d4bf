//! Channels in use as trunks tell them: of each trunk the latest, and the points of the sparkline (S21), which are the same
//! in whatever order the samples came. What a trunk told holds until it tells again, where it does so in its usual time.

use super::drop_before;
use crate::law::change::Sample;
use app::domain::event::ChannelsSample;
use app::domain::{Moment, Span, TrunkId};
use std::collections::{BTreeMap, HashMap};

/// A trunk that has not told its channels for this long is not counted.
const STALE: Span = Span::minutes(5);
/// How far the sparkline reaches back.
const POINTS: Span = Span::minutes(15);
const GRAIN: Span = Span::secs(10);
/// So many usual gaps a sum holds until the next: one sample may be lost.
const HOLDS: i64 = 3;
/// At most so many samples of the last minutes are kept to put a late one among: of fifty trunks one every 5 s. Beyond, the
/// oldest go, and a late one before them changes no point.
const MOST: usize = 12_000;

/// Channels in use, as trunks told them or as calls are counted.
#[derive(Debug, Default)]
pub struct Channels {
    latest: BTreeMap<TrunkId, Sample<ChannelsSample>>,
    /// What each trunk told, as far back as a point may need it.
    told: BTreeMap<(Moment, TrunkId), i64>,
    /// The highest sum over the trunks, by 10 s.
    sums: BTreeMap<Moment, i64>,
    /// The same of the calls that were up, as was known at the time.
    counted: BTreeMap<Moment, i64>,
}

impl Channels {
    /// Takes in what trunks told, of one instant together: between two of its samples a floor is never half counted. Gives how
    /// many were not taken because there are too many trunks.
    pub fn hear(&mut self, samples: &[Sample<ChannelsSample>], most_trunks: usize) -> u64 {
        let mut samples: Vec<_> = samples.iter().collect();
        samples.sort_by_key(|sample| sample.at);
        let newest = self.told.keys().next_back().map(|(at, _)| *at);
        let late = samples.first().is_some_and(|first| newest.is_some_and(|newest| first.at <= newest));
        let mut untaken = 0;
        for told in samples.chunk_by(|one, other| one.at == other.at) {
            for sample in told {
                untaken += u64::from(!self.note(sample, most_trunks));
            }
            if let (false, Some(sample)) = (late, told.first()) {
                let active = self.active(sample.at);
                raise(&mut self.sums, sample.at, active);
            }
        }
        if late {
            self.add_up_anew();
        }
        untaken
    }

    /// Whether there is room for its trunk.
    fn note(&mut self, sample: &Sample<ChannelsSample>, most_trunks: usize) -> bool {
        let trunk = &sample.body.trunk;
        let rank = |sample: &Sample<ChannelsSample>| (sample.at, sample.body.active);
        let has_room = self.latest.len() < most_trunks;
        match self.latest.get_mut(trunk) {
            Some(known) if rank(known) < rank(sample) => *known = sample.clone(),
            Some(_) => {}
            None if has_room => {
                self.latest.insert(trunk.clone(), sample.clone());
            }
            None => return false,
        }
        let active = i64::from(sample.body.active);
        let told = self.told.entry((sample.at, trunk.clone())).or_insert(active);
        *told = active.max(*told);
        if self.told.len() > MOST {
            self.told.pop_first();
        }
        true
    }

    /// A late sample may have changed every point after it: walks along what is kept, oldest first.
    fn add_up_anew(&mut self) {
        let Some((first, _)) = self.told.keys().next() else { return };
        // What the kept samples say nothing of stays as it was.
        self.sums.retain(|at, _| *at < first.floor(GRAIN));
        let mut known: HashMap<&TrunkId, (Moment, i64)> = HashMap::new();
        let mut told = self.told.iter().peekable();
        while let Some(((at, trunk), active)) = told.next() {
            known.insert(trunk, (*at, *active));
            if told.peek().is_none_or(|((next, _), _)| next != at) {
                let sum = known.values().filter(|(told, _)| *told > *at - STALE).map(|(_, active)| active).sum();
                raise(&mut self.sums, *at, sum);
            }
        }
    }

    /// Notes how many calls are up.
    pub fn count(&mut self, at: Moment, active: i64) {
        raise(&mut self.counted, at, active);
    }

    /// Forgets what is past, and trunks not heard of since `observed`.
    pub fn advance(&mut self, now: Moment, observed: Moment) {
        let from = now.floor(GRAIN) + GRAIN - POINTS;
        drop_before(&mut self.sums, from);
        drop_before(&mut self.counted, from);
        while self.told.first_key_value().is_some_and(|((at, _), _)| *at < from - STALE) {
            self.told.pop_first();
        }
        self.latest.retain(|_, sample| sample.at > observed);
    }

    /// Trunks that told of their channels lately.
    pub fn of_trunks(&self, now: Moment) -> impl Iterator<Item = &Sample<ChannelsSample>> {
        self.latest.values().filter(move |s| s.at > now - STALE)
    }

    fn active(&self, now: Moment) -> i64 {
        self.of_trunks(now).map(|s| i64::from(s.body.active)).sum()
    }

    /// The highest point of the sparkline, of equals the first.
    #[must_use]
    pub fn peak(&self, now: Moment) -> Option<(Moment, i64)> {
        self.points(now).into_iter().max_by_key(|(at, active)| (*active, std::cmp::Reverse(*at)))
    }

    /// The points of the sparkline, oldest first: of what trunks told where any tells its channels, else of the calls that were
    /// up. Of one of the two, as the figure beside them: a line of both would rise and fall with who counts.
    #[must_use]
    pub fn points(&self, now: Moment) -> BTreeMap<Moment, i64> {
        if self.of_trunks(now).next().is_none() {
            return self.counted.clone();
        }
        let mut points = BTreeMap::new();
        let holds = self.holds();
        let mut before: Option<(Moment, i64)> = None;
        for (at, active) in &self.sums {
            if let Some((from, held)) = before.filter(|(from, _)| *at - *from <= holds) {
                let between = std::iter::successors(Some(from + GRAIN), |t| Some(*t + GRAIN));
                points.extend(between.take_while(|t| t < at).map(|t| (t, held)));
            }
            points.insert(*at, *active);
            before = Some((*at, *active));
        }
        points
    }

    /// How long a sum holds: some times the gap after which most trunks tell again.
    fn holds(&self) -> Span {
        let mut last: HashMap<&TrunkId, Moment> = HashMap::new();
        let mut gaps: Vec<Span> = Vec::with_capacity(self.told.len());
        for (at, trunk) in self.told.keys() {
            if let Some(before) = last.insert(trunk, *at) {
                gaps.push(*at - before);
            }
        }
        if gaps.is_empty() {
            return GRAIN;
        }
        let middle = gaps.len() / 2;
        let (_, usual, _) = gaps.select_nth_unstable(middle);
        Span::millis(usual.as_millis().saturating_mul(HOLDS)).clamp(GRAIN, STALE)
    }
}

fn raise(points: &mut BTreeMap<Moment, i64>, at: Moment, active: i64) {
    let point = points.entry(at.floor(GRAIN)).or_insert(active);
    *point = active.max(*point);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample(secs: i64, trunk: usize, active: u32) -> Sample<ChannelsSample> {
        let body = serde_json::json!({ "trunk": format!("trunk-{trunk}"), "active": active });
        Sample {
            at: Moment::from_secs(secs),
            source: app::domain::SourceId::new("pbx").unwrap(),
            body: serde_json::from_value(body).unwrap(),
        }
    }

    fn points(parts: &[&[Sample<ChannelsSample>]]) -> BTreeMap<Moment, i64> {
        let mut channels = Channels::default();
        parts.iter().for_each(|part| assert_eq!(channels.hear(part, 10), 0));
        channels.points(parts.iter().flat_map(|part| part.iter()).map(|sample| sample.at).max().unwrap())
    }

    #[test]
    fn a_point_is_the_highest_sum_of_what_each_trunk_told_last() {
        let told = [sample(3, 1, 5), sample(4, 2, 7), sample(8, 1, 1), sample(21, 2, 2)];
        let expected = [(0, 12), (10, 12), (20, 3)].map(|(at, n)| (Moment::from_secs(at), n));
        assert_eq!(points(&[&told]), BTreeMap::from(expected));
        assert_eq!(points(&[&told[3..], &told[..1], &told[1..3]]), BTreeMap::from(expected), "late ones too");
    }

    /// A trunk that tells each 15 s drew stripes: every third ten seconds held nothing.
    #[test]
    fn a_sample_holds_until_the_next_for_a_bounded_while() {
        let told: Vec<_> = (0..8).map(|n| sample(15 * n, 1, 40)).chain([sample(600, 1, 7)]).collect();
        let points = points(&[&told]);
        let filled: Vec<i64> = points.keys().map(|at| at.secs()).collect();
        let without_gap: Vec<i64> = (0..=100).step_by(10).map(i64::from).chain([600]).collect();
        assert_eq!(filled, without_gap, "and where it was silent for eight minutes nobody knows");
        assert_eq!(points.values().copied().collect::<Vec<_>>()[..11], [40; 11]);
    }

    /// What trunks count and the calls that are up are two figures: where trunks tell, the line and its peak are theirs alone.
    #[test]
    fn what_trunks_tell_and_what_is_counted_are_never_one_line() {
        let (mut channels, at) = (Channels::default(), Moment::from_secs);
        assert_eq!(channels.peak(at(0)), None);
        channels.count(at(40), 0);
        assert_eq!(channels.hear(&[sample(63, 1, 50), sample(78, 1, 51)], 10), 0);
        // A backlog arrives: for a moment many calls seem to be up.
        channels.count(at(100), 59);
        assert_eq!(channels.points(at(100)), BTreeMap::from([(at(60), 50), (at(70), 51)]));
        assert_eq!(channels.peak(at(100)), Some((at(70), 51)));
        // The trunks have told nothing for five minutes: what is shown is the calls that are up, and so is its past.
        channels.count(at(400), 12);
        assert_eq!(channels.points(at(400)), BTreeMap::from([(at(40), 0), (at(100), 59), (at(400), 12)]));
        assert_eq!(channels.peak(at(400)), Some((at(100), 59)));
    }

    proptest! {
        #[test]
        fn in_whatever_order_and_parts_they_come_the_points_are_the_same(
            told in prop::collection::vec((0..900i64, 0..4usize, 0..100u32), 1..60),
            order in any::<prop::sample::Index>(),
            parts in 1..8usize,
        ) {
            let mut told: Vec<_> = told.into_iter().map(|(at, trunk, active)| sample(at, trunk, active)).collect();
            let mut sorted = told.clone();
            sorted.sort_by_key(|sample| sample.at);
            let first = order.index(told.len());
            told.rotate_left(first);
            let parts: Vec<_> = told.chunks(told.len().div_ceil(parts)).collect();
            prop_assert_eq!(points(&parts), points(&[&sorted]));
        }
    }
}
