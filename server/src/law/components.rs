//! Component time: from health samples to the time for which a component was observed, and was up.
//!
//! Pure. A sample stands until the next of its source; silence for three intervals is offline, as on the live view. A
//! component is as bad as the worst its sources say, and observed while any of them is: for a day after its last sample,
//! so that one that was taken away does not count for ever. The writer takes differences, as for calls.

use super::agents::{Share, by_bucket};
use super::change::{LIVE_GRAIN, SumKey};
use super::span::Stretch;
use app::domain::outcome::Health;
use app::domain::{CampaignId, ComponentId, Dimension, Fact, Moment, SourceId, Span};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// A source unheard for this long no longer observes.
pub const UNOBSERVED: Span = Span::hours(24);
/// Offline after this many intervals without a sample (kpis.md, `health`).
const SILENT_INTERVALS: i64 = 3;
/// The interval of a source that has sent one sample only.
const FIRST_INTERVAL: Span = Span::secs(60);
const SHORTEST_INTERVAL: Span = Span::secs(5);
const LONGEST_INTERVAL: Span = Span::minutes(10);
/// Grain of a component's own sums in memory.
const MINUTE: Span = Span::minutes(1);

/// One `health.sample`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    pub at: Moment,
    pub source: SourceId,
    pub status: Health,
}

/// For how long a source may be silent after a sample at `at`, the one before it being at `before`.
#[must_use]
pub fn patience(before: Option<Moment>, at: Moment) -> Span {
    let interval = match before {
        Some(before) if at - before <= UNOBSERVED => (at - before).clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL),
        Some(_) | None => FIRST_INTERVAL,
    };
    Span::millis(interval.as_millis() * SILENT_INTERVALS)
}

/// Whether a component was up for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Was {
    Up,
    Down,
}

/// For which parts of `during` a component was observed, and what it was. `beats` are all that bear on it, in any order:
/// of each source the last two before it and those in it.
#[must_use]
pub fn observed(beats: &[Beat], during: Stretch) -> Vec<(Stretch, Was)> {
    let mut by_source: BTreeMap<&SourceId, BTreeMap<Moment, Health>> = BTreeMap::new();
    for beat in beats {
        by_source.entry(&beat.source).or_default().insert(beat.at, beat.status);
    }
    // How many sources observe, and how many of them say that it is offline, from each instant on.
    let mut edges: BTreeMap<Moment, (i32, i32)> = BTreeMap::new();
    for beats in by_source.values() {
        let mut before = None;
        let nexts = beats.keys().skip(1).map(|at| Some(*at)).chain([None]);
        for ((at, status), next) in beats.iter().zip(nexts) {
            let end = next.map_or(*at + UNOBSERVED, |next| next.min(*at + UNOBSERVED));
            let offline_from = match status {
                Health::Offline => *at,
                Health::Healthy | Health::Degraded => (*at + patience(before, *at)).min(end),
            };
            let mut edge = |at: Moment, observing: i32, offline: i32| {
                let edge = edges.entry(at.max(during.from)).or_default();
                edge.0 += observing;
                edge.1 += offline;
            };
            edge(*at, 1, 0);
            edge(offline_from, 0, 1);
            edge(end, -1, -1);
            before = Some(*at);
        }
    }
    let mut stretches = Vec::new();
    let (mut observing, mut offline) = (0, 0);
    let ends: Vec<Moment> = edges.keys().skip(1).copied().chain([during.to]).collect();
    for ((from, edge), to) in edges.into_iter().zip(ends) {
        observing += edge.0;
        offline += edge.1;
        let part = Stretch { from, to: to.min(during.to) };
        if observing > 0 && part.from < part.to {
            stretches.push((part, if offline > 0 { Was::Down } else { Was::Up }));
        }
    }
    stretches
}

/// Splits observed time at bucket edges, for the total and the component; see [`super::agents::shares`].
#[must_use]
pub fn shares(component: &ComponentId, observed: &[(Stretch, Was)], fine_from: Moment) -> Vec<Share> {
    let mut shares = Vec::new();
    for (dimension, key, grain) in
        [(Dimension::Total, SmolStr::default(), LIVE_GRAIN), (Dimension::Component, component.to_smol(), MINUTE)]
    {
        let of = SumKey { campaign: CampaignId::none(), dimension, key };
        for (during, was) in observed {
            for (bucket, ms) in by_bucket(*during, grain, fine_from) {
                let share = |fact| Share { bucket, of: of.clone(), fact, ms };
                shares.push(share(Fact::ComponentObservedMs));
                if *was == Was::Up {
                    shares.push(share(Fact::ComponentUpMs));
                }
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Moment {
        Moment::from_secs(secs)
    }

    fn beat(source: &str, secs: i64, status: Health) -> Beat {
        Beat { at: at(secs), source: SourceId::trusted(source), status }
    }

    /// Seconds up and down within 0 to `to`.
    fn time(beats: &[Beat], to: i64) -> (i64, i64) {
        let mut time = (0, 0);
        for (part, was) in observed(beats, Stretch { from: at(0), to: at(to) }) {
            let secs = (part.to - part.from).as_secs();
            match was {
                Was::Up => time.0 += secs,
                Was::Down => time.1 += secs,
            }
        }
        time
    }

    #[test]
    fn a_sample_stands_until_the_next_and_silence_is_offline() {
        use Health::{Degraded, Healthy, Offline};
        let beats = [beat("a", 0, Healthy), beat("a", 10, Degraded), beat("a", 20, Offline), beat("a", 30, Healthy)];
        assert_eq!(time(&beats, 30), (20, 10));
        assert_eq!(time(&beats, 60), (50, 10), "30 s of patience at an interval of 10");
        assert_eq!(time(&beats, 100), (50, 50));
        assert_eq!(time(&beats, 30 + 48 * 3_600), (50, 10 + 24 * 3_600 - 30), "after a day nobody observes");
        assert_eq!(time(&[beat("a", 50, Healthy)], 50), (0, 0));
        assert_eq!(time(&[beat("a", 0, Healthy)], 600), (180, 420), "a first sample's interval is a minute");
    }

    #[test]
    fn the_worst_of_the_sources_counts_and_time_counts_once() {
        use Health::{Healthy, Offline};
        let of = |source: &str, bad: i64| {
            (0..12).map(|n| beat(source, n * 10, if n == bad { Offline } else { Healthy })).collect::<Vec<_>>()
        };
        assert_eq!(time(&[of("a", 3), of("b", 5)].concat(), 120), (100, 20));
        assert_eq!(time(&[of("a", 3), of("b", 3)].concat(), 120), (110, 10));
    }

    #[test]
    fn pieces_add_up_to_the_whole() {
        let beats: Vec<Beat> =
            (0..40).map(|n| beat("a", n * n, if n % 7 == 0 { Health::Offline } else { Health::Healthy })).collect();
        let all = time(&beats, 1_600);
        let mut sum = (0, 0);
        for n in 0..16 {
            for (part, was) in observed(&beats, Stretch { from: at(n * 100), to: at(n * 100 + 100) }) {
                let secs = (part.to - part.from).as_secs();
                match was {
                    Was::Up => sum.0 += secs,
                    Was::Down => sum.1 += secs,
                }
            }
        }
        assert_eq!(sum, all);
    }
}
