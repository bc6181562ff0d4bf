//! The latest that trunks and components said of themselves.

use super::channels::Channels;
use crate::aggregate::change::Sample;
use crate::aggregate::components::{UNOBSERVED, patience};
use app::domain::event::{ChannelsSample, HealthSample, MetricSample, TrunkStatus};
use app::domain::outcome::Health;
use app::domain::{ComponentId, Moment, SourceId, Span, TrunkId};
use app::view::live::Heard;
use std::collections::{BTreeMap, HashMap};

/// At most this many components, trunks and metrics are kept; a floor has dozens.
const MOST: usize = 2_000;

#[derive(Debug)]
struct Heartbeat {
    sample: Sample<HealthSample>,
    /// How long it may be silent.
    patience: Span,
}

/// A component as its latest samples tell.
#[derive(Debug)]
pub struct Component<'a> {
    pub sample: &'a Sample<HealthSample>,
    pub status: Health,
    pub heard: Heard,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Samples {
    channels: Channels,
    trunks: BTreeMap<TrunkId, Sample<TrunkStatus>>,
    health: BTreeMap<(ComponentId, SourceId), Heartbeat>,
    metrics: HashMap<(ComponentId, String), (Moment, f64)>,
    /// Samples not taken in because there were too many of what tells them.
    untaken: u64,
}

impl Samples {
    /// Takes in what trunks told of their channels.
    pub fn channels(&mut self, samples: &[Sample<ChannelsSample>]) {
        self.untaken += self.channels.hear(samples, MOST);
    }

    /// Notes how many calls are up, where no trunk tells its channels.
    pub fn count(&mut self, at: Moment, active: i64) {
        self.channels.count(at, active);
    }

    pub fn trunk(&mut self, sample: &Sample<TrunkStatus>) {
        let trunk = &sample.body.trunk;
        let newer = self.trunks.get(trunk).is_none_or(|old| old.at <= sample.at);
        if newer && (self.trunks.len() < MOST || self.trunks.contains_key(trunk)) {
            self.trunks.insert(trunk.clone(), sample.clone());
        } else if newer {
            self.untaken += 1;
        }
    }

    pub fn health(&mut self, sample: &Sample<HealthSample>) {
        let key = (sample.body.component.clone(), sample.source.clone());
        self.make_room(&key, sample);
        let has_room = self.health.len() < MOST;
        match self.health.get_mut(&key) {
            Some(beat) if beat.sample.at < sample.at => {
                beat.patience = patience(Some(beat.sample.at), sample.at);
                beat.sample = sample.clone();
            }
            Some(_) => {}
            None if has_room => {
                self.health.insert(key, Heartbeat { sample: sample.clone(), patience: patience(None, sample.at) });
            }
            None => self.untaken += 1,
        }
    }

    /// Where there are as many components as are kept, one that is worse or newer takes the place of the healthiest that was
    /// heard of longest ago.
    fn make_room(&mut self, key: &(ComponentId, SourceId), sample: &Sample<HealthSample>) {
        if self.health.len() < MOST || self.health.contains_key(key) {
            return;
        }
        let worth = |sample: &Sample<HealthSample>| (rank(sample.body.status), sample.at);
        let least = self.health.iter().min_by_key(|(_, beat)| worth(&beat.sample));
        let Some((least, _)) = least.filter(|(_, beat)| worth(&beat.sample) < worth(sample)) else { return };
        let least = least.clone();
        self.health.remove(&least);
        self.untaken += 1;
    }

    pub fn metric(&mut self, sample: &Sample<MetricSample>) {
        let key = (sample.body.component.clone(), sample.body.name.get().to_string());
        let newer = self.metrics.get(&key).is_none_or(|(at, _)| *at <= sample.at);
        if newer && (self.metrics.len() < MOST || self.metrics.contains_key(&key)) {
            self.metrics.insert(key, (sample.at, sample.body.value));
        } else if newer {
            self.untaken += 1;
        }
    }

    /// Samples not taken in because there were too many of what tells them.
    #[must_use]
    pub const fn untaken(&self) -> u64 {
        self.untaken
    }

    /// Forgets what is long past: what was not heard of for a day has been taken away, and is not red for ever.
    pub fn advance(&mut self, now: Moment) {
        let observed = now - UNOBSERVED;
        self.channels.advance(now, observed);
        self.trunks.retain(|_, sample| sample.at > observed);
        self.health.retain(|_, beat| beat.sample.at > observed);
        self.metrics.retain(|_, (at, _)| *at > observed);
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
    pub fn peak(&self) -> Option<(Moment, i64)> {
        self.channels.peak()
    }

    /// The points of the sparkline, oldest first.
    #[must_use]
    pub fn points(&self) -> BTreeMap<Moment, i64> {
        self.channels.points()
    }

    pub fn trunks(&self) -> impl Iterator<Item = &Sample<TrunkStatus>> {
        self.trunks.values()
    }

    /// Each component once: the worst of what its sources said last.
    #[must_use]
    pub fn components(&self, now: Moment) -> Vec<Component<'_>> {
        let mut worst: BTreeMap<&ComponentId, Component> = BTreeMap::new();
        for ((component, _), beat) in &self.health {
            let silent = now - beat.sample.at > beat.patience;
            let (status, heard) =
                if silent { (Health::Offline, Heard::Silent) } else { (beat.sample.body.status, Heard::InTime) };
            let replace = worst.get(component).is_none_or(|other| rank(other.status) < rank(status));
            if replace {
                worst.insert(component, Component { sample: &beat.sample, status, heard });
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::outcome::ComponentKind;

    fn sample(name: usize, status: Health, secs: i64) -> Sample<HealthSample> {
        let component = ComponentId::trusted(format!("c{name}"));
        let body = HealthSample::only(component, ComponentKind::Other, status);
        Sample { at: Moment::from_secs(secs), source: SourceId::trusted("s"), body }
    }

    #[test]
    fn of_too_many_components_the_worse_and_the_newer_are_shown() {
        let mut samples = Samples::default();
        (0..MOST).for_each(|n| samples.health(&sample(n, Health::Healthy, 1_000)));
        samples.health(&sample(MOST, Health::Offline, 900));
        samples.health(&sample(MOST + 1, Health::Healthy, 1_001));
        samples.health(&sample(MOST + 2, Health::Healthy, 999));
        let shown = samples.components(Moment::from_secs(1_001));
        let shown = |n: usize| shown.iter().any(|c| c.sample.body.component.as_str() == format!("c{n}"));
        assert!(shown(MOST) && shown(MOST + 1) && !shown(MOST + 2));
        assert_eq!((samples.health.len(), samples.untaken()), (MOST, 3));
    }
}
