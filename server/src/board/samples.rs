//! The latest that trunks and components said of themselves.

use super::channels::Channels;
use crate::law::change::Sample;
use crate::law::components::{UNOBSERVED, patience};
use app::domain::event::{ChannelsSample, HealthSample, MetricSample, TrunkStatus};
use app::domain::outcome::{Health, TrunkHealth};
use app::domain::{ComponentId, Moment, SourceId, Span, TrunkId};
use app::view::live::Heard;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

/// At most this many components and trunks are kept; a floor has dozens. Of more the worst stay, and of equals the newest.
const MOST: usize = 5_000;
/// At most this many metrics of components, the newest.
const MOST_METRICS: usize = 50_000;

#[derive(Debug)]
struct Heartbeat {
    sample: Sample<HealthSample>,
    /// How long it may be silent.
    patience: Span,
    /// When it was last well enough to answer: a poll without an answer tells that it is offline, and is none.
    answered: Option<Moment>,
}

impl Heartbeat {
    fn of(sample: &Sample<HealthSample>, before: Option<&Self>) -> Self {
        let answers = sample.body.status != Health::Offline;
        Self {
            patience: patience(before.map(|before| before.sample.at), sample.at),
            answered: if answers { Some(sample.at) } else { before.and_then(|before| before.answered) },
            sample: sample.clone(),
        }
    }

    /// How it stands: one that has been silent since `from`, and before, is offline, whatever it said last.
    fn stands(&self, now: Moment, from: Moment) -> (Health, Heard) {
        let silent = now - self.sample.at.max(from) > self.patience;
        if silent { (Health::Offline, Heard::Silent) } else { (self.sample.body.status, Heard::InTime) }
    }

    fn rank(&self, now: Moment, from: Moment) -> u8 {
        rank(self.stands(now, from).0)
    }
}

/// Which entries of a list that is too long have to go: the best, and of equals the oldest.
#[derive(Debug)]
struct Beyond {
    /// The best and oldest that stays, and how many of its equals go.
    last: (u8, Moment),
    equals: usize,
    gone: u64,
}

impl Beyond {
    /// `None` where the list is not too long.
    fn of(entries: impl Iterator<Item = (u8, Moment)>, most: usize) -> Option<Self> {
        let mut all: Vec<_> = entries.collect();
        let too_many = all.len().checked_sub(most).filter(|n| *n > 0)?;
        let (before, last, _) = all.select_nth_unstable(too_many);
        let equals = before.iter().filter(|entry| **entry == *last).count();
        Some(Self { last: *last, equals, gone: 0 })
    }

    fn stays(&mut self, entry: (u8, Moment)) -> bool {
        let goes = match entry.cmp(&self.last) {
            Ordering::Less => true,
            Ordering::Equal if self.equals > 0 => {
                self.equals -= 1;
                true
            }
            Ordering::Equal | Ordering::Greater => false,
        };
        self.gone += u64::from(goes);
        !goes
    }
}

/// A component as its latest samples tell.
#[derive(Debug)]
pub struct Component<'a> {
    pub sample: &'a Sample<HealthSample>,
    pub status: Health,
    pub heard: Heard,
    /// When it last answered, to any of its sources.
    pub answered: Option<Moment>,
}

/// The latest samples of trunks, components and metrics.
#[derive(Debug, Default)]
pub struct Samples {
    channels: Channels,
    trunks: BTreeMap<TrunkId, Sample<TrunkStatus>>,
    /// Whether those are others than when it was asked last.
    trunks_moved: bool,
    health: BTreeMap<(ComponentId, SourceId), Heartbeat>,
    metrics: HashMap<(ComponentId, String), (Moment, f64)>,
    /// Since when this server listens.
    from: Moment,
    /// Samples let go because there were too many of what tells them.
    untaken: u64,
    /// How often all components were gone through: work that must not grow with what else there is.
    #[cfg(test)]
    pub looks: std::sync::atomic::AtomicU64,
}

impl Samples {
    /// Nobody listened before `from`: who told nothing meanwhile is not silent.
    pub const fn listen_from(&mut self, from: Moment) {
        self.from = from;
    }

    /// Takes in what trunks told of their channels.
    pub fn channels(&mut self, samples: &[Sample<ChannelsSample>]) {
        self.untaken += self.channels.hear(samples, MOST);
    }

    /// Notes how many calls are up.
    pub fn count(&mut self, at: Moment, active: i64) {
        self.channels.count(at, active);
    }

    pub fn trunk(&mut self, sample: &Sample<TrunkStatus>) {
        let trunk = &sample.body.trunk;
        if self.trunks.get(trunk).is_none_or(|old| old.at <= sample.at) {
            self.trunks.insert(trunk.clone(), sample.clone());
            self.trunks_moved = true;
        }
    }

    pub fn health(&mut self, sample: &Sample<HealthSample>) {
        let key = (sample.body.component.clone(), sample.source.clone());
        match self.health.get_mut(&key) {
            Some(beat) if beat.sample.at < sample.at => *beat = Heartbeat::of(sample, Some(beat)),
            Some(_) => {}
            None => {
                self.health.insert(key, Heartbeat::of(sample, None));
            }
        }
    }

    pub fn metric(&mut self, sample: &Sample<MetricSample>) {
        let key = (sample.body.component.clone(), sample.body.name.get().to_string());
        if self.metrics.get(&key).is_none_or(|(at, _)| *at <= sample.at) {
            self.metrics.insert(key, (sample.at, sample.body.value));
        }
    }

    /// Samples let go because there were too many of what tells them.
    #[must_use]
    pub const fn untaken(&self) -> u64 {
        self.untaken
    }

    /// Forgets what is long past: what was not heard of for a day has been taken away, and is not red for ever.
    pub fn advance(&mut self, now: Moment) {
        let observed = now - UNOBSERVED;
        self.channels.advance(now, observed);
        let trunks = self.trunks.len();
        self.trunks.retain(|_, sample| sample.at > observed);
        self.health.retain(|_, beat| beat.sample.at > observed);
        self.metrics.retain(|_, (at, _)| *at > observed);
        self.cut(now);
        self.trunks_moved |= self.trunks.len() != trunks;
    }

    /// Cuts each list to what it may hold.
    fn cut(&mut self, now: Moment) {
        let from = self.from;
        if let Some(mut beyond) = Beyond::of(self.trunks.values().map(|sample| (trunk_rank(sample), sample.at)), MOST) {
            self.trunks.retain(|_, sample| beyond.stays((trunk_rank(sample), sample.at)));
            self.untaken += beyond.gone;
        }
        if let Some(mut beyond) =
            Beyond::of(self.health.values().map(|beat| (beat.rank(now, from), beat.sample.at)), MOST)
        {
            self.health.retain(|_, beat| beyond.stays((beat.rank(now, from), beat.sample.at)));
            self.untaken += beyond.gone;
        }
        if let Some(mut beyond) = Beyond::of(self.metrics.values().map(|(at, _)| (0, *at)), MOST_METRICS) {
            self.metrics.retain(|_, (at, _)| beyond.stays((0, *at)));
            self.untaken += beyond.gone;
        }
    }

    /// Trunks that told of their channels lately.
    pub fn trunk_channels(&self, now: Moment) -> impl Iterator<Item = &Sample<ChannelsSample>> {
        self.channels.of_trunks(now)
    }

    #[must_use]
    pub fn tells_channels(&self, now: Moment) -> bool {
        self.trunk_channels(now).next().is_some()
    }

    /// The highest point of the sparkline.
    #[must_use]
    pub fn peak(&self, now: Moment) -> Option<(Moment, i64)> {
        self.channels.peak(now)
    }

    /// The points of the sparkline, oldest first.
    #[must_use]
    pub fn points(&self, now: Moment) -> BTreeMap<Moment, i64> {
        self.channels.points(now)
    }

    /// Whether what trunks say of themselves is not as it was when this was asked last.
    pub const fn take_trunks_moved(&mut self) -> bool {
        std::mem::replace(&mut self.trunks_moved, false)
    }

    pub fn trunks(&self) -> impl Iterator<Item = &Sample<TrunkStatus>> {
        self.trunks.values()
    }

    /// Each component once: the worst of what its sources said last.
    #[must_use]
    pub fn components(&self, now: Moment) -> Vec<Component<'_>> {
        #[cfg(test)]
        self.looks.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut worst: BTreeMap<&ComponentId, Component> = BTreeMap::new();
        for ((component, _), beat) in &self.health {
            let (status, heard) = beat.stands(now, self.from);
            let answered = beat.answered.max(worst.get(component).and_then(|other| other.answered));
            match worst.get_mut(component) {
                Some(other) if rank(other.status) >= rank(status) => other.answered = answered,
                Some(_) | None => {
                    worst.insert(component, Component { sample: &beat.sample, status, heard, answered });
                }
            }
        }
        worst.into_values().collect()
    }

    #[must_use]
    pub fn metric_of(&self, component: &ComponentId, name: &str) -> Option<f64> {
        self.metrics.get(&(component.clone(), name.to_owned())).map(|(_, value)| *value)
    }
}

const fn rank(health: Health) -> u8 {
    match health {
        Health::Healthy => 0,
        Health::Degraded => 1,
        Health::Offline => 2,
    }
}

const fn trunk_rank(sample: &Sample<TrunkStatus>) -> u8 {
    match sample.body.status {
        TrunkHealth::Healthy => 0,
        TrunkHealth::Degraded => 1,
        TrunkHealth::Unhealthy => 2,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_secs(1_000_000);

    fn beat(component: &str, status: &str, ago: i64) -> Sample<HealthSample> {
        let body = serde_json::json!({ "component": component, "kind": "other", "status": status });
        let body = serde_json::from_value(body).unwrap();
        Sample { at: NOW - Span::secs(ago), source: SourceId::trusted("watch"), body }
    }

    #[test]
    fn of_too_many_components_the_worse_and_the_newer_are_shown() {
        let mut samples = Samples::default();
        (0..MOST).for_each(|n| samples.health(&beat(&format!("pod-{n:05}"), "healthy", 20)));
        samples.advance(NOW);
        samples.health(&beat("z-dead", "offline", 10));
        samples.health(&beat("z-ailing", "degraded", 90));
        samples.health(&beat("z-new", "healthy", 1));
        samples.health(&beat("z-old", "healthy", 80));
        samples.advance(NOW);
        let shown: Vec<_> = samples
            .components(NOW)
            .iter()
            .map(|c| c.sample.body.component.to_string())
            .filter(|c| c.starts_with('z'))
            .collect();
        assert_eq!(shown, ["z-ailing", "z-dead", "z-new"]);
        assert_eq!((samples.components(NOW).len(), samples.untaken()), (MOST, 4));
    }

    #[test]
    fn one_that_falls_silent_is_not_let_go_for_those_that_are_well() {
        let mut samples = Samples::default();
        samples.health(&beat("silent", "healthy", 600));
        (0..MOST).for_each(|n| samples.health(&beat(&format!("pod-{n:05}"), "healthy", 5)));
        samples.advance(NOW);
        assert!(samples.components(NOW).iter().any(|c| c.sample.body.component.as_str() == "silent"));
    }
}
