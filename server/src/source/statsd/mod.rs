//! `[[source.statsd]]`: what machines measure of themselves, sent as StatsD sends it.
//!
//! Packets → `line` → gauges and counters, gathered for some seconds → `metric.sample`, one of each component's metric that was
//! told of meanwhile. What is not told any more is not told on: a component that is gone must not look well. Timers and sets
//! are not taken; nothing here shows them.
//!
//! # Source
//! [StatsD's metric types](https://github.com/statsd/statsd/blob/master/docs/metric_types.md): `name:value|g`, `name:+1|g`,
//! `name:1|c|@0.1`; lines of one packet are parted by line breaks.

mod config;
mod line;

pub use config::{ConfigError, MetricTable, StatsdConfig, StatsdTable};

use super::datagram::{self, Datagrams, PacketSocket};
use super::feed::Identity;
use super::{Needs, Site, Source};
use app::domain::event::{MetricName, MetricSample};
use app::domain::{ComponentId, Data, Event, EventId, Moment, SourceId};
use config::Names;
use line::{Kind, Line};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use tokio::task::JoinHandle;

/// The `source` of these events.
pub const SOURCE: &str = "ringside/statsd";
/// Metrics of components known at most: whoever can send a packet can make up a name.
const MOST_SERIES: usize = 1_000;

/// A sender of StatsD, as the file has it.
#[derive(Debug)]
pub struct Statsd;

impl Source for Statsd {
    const KIND: &'static str = "statsd";
    const NAMED_BY: &'static str = "name";
    type Table = StatsdTable;
    type Config = StatsdConfig;

    fn checked(table: StatsdTable, _: Site) -> Result<StatsdConfig, String> {
        table.checked().map_err(|error| error.to_string())
    }

    fn name(config: &StatsdConfig) -> &str {
        &config.name
    }

    fn start(config: StatsdConfig, needs: Needs) -> Result<JoinHandle<()>, String> {
        let StatsdConfig { name, listen, from, every, names } = config;
        let why = |error| format!("`source.statsd.listen`: cannot listen at {listen}: {error}");
        let packets = PacketSocket::bind(listen, from).map_err(why)?;
        let identity = Identity { kind: Self::KIND, name: format!("{}/{name}", Self::KIND).into() };
        let feed = needs.way_in.open(identity, Some(packets.readings()));
        let gathering = Gathering::new(names, feed.clock().now());
        Ok(tokio::spawn(datagram::run(packets, gathering, every, feed)))
    }
}

/// What was told of a component's metric.
#[derive(Debug, Clone)]
struct Series {
    metric: MetricName,
    gauge: f64,
    /// Counted since it was handed on last.
    counted: f64,
    told: Option<Kind>,
}

#[derive(Debug)]
struct Gathering {
    names: Names,
    series: BTreeMap<(ComponentId, SmolStr), Series>,
    since: Moment,
}

impl Gathering {
    const fn new(names: Names, now: Moment) -> Self {
        Self { names, series: BTreeMap::new(), since: now }
    }

    fn line(&mut self, text: &str) -> Result<(), String> {
        let Line { name, kind, value } = line::read(text)?;
        let (component, metric, scale) = self.names.meaning(name)?;
        let of = (component, metric.get().clone());
        if !self.series.contains_key(&of) && self.series.len() >= MOST_SERIES {
            return Err(format!("`{name}`: there are {MOST_SERIES} metrics of components already"));
        }
        let series = self.series.entry(of).or_insert(Series { metric, gauge: 0.0, counted: 0.0, told: None });
        match kind {
            Kind::Set => series.gauge = value * scale,
            Kind::Moved => series.gauge += value * scale,
            Kind::Counted => series.counted += value * scale,
        }
        series.told = Some(kind);
        Ok(())
    }
}

impl Datagrams for Gathering {
    fn packet(&mut self, text: &str, wrong: &mut dyn FnMut(&str)) {
        for text in text.lines().map(str::trim).filter(|text| !text.is_empty()) {
            if let Err(why) = self.line(text) {
                wrong(&why);
            }
        }
    }

    fn gathered(&mut self, now: Moment) -> Vec<Event> {
        #[allow(clippy::cast_precision_loss)] // some seconds
        let seconds = (now - self.since).as_millis() as f64 / 1_000.0;
        if seconds <= 0.0 {
            return Vec::new();
        }
        self.since = now;
        let told = self.series.iter_mut().filter_map(|((component, _), series)| {
            let value = match series.told.take()? {
                Kind::Set | Kind::Moved => series.gauge,
                Kind::Counted => std::mem::take(&mut series.counted) / seconds,
            };
            let id = EventId::trusted(format!("{component}.{}.{}", series.metric.get(), now.micros()));
            let body = MetricSample { component: component.clone(), name: series.metric.clone(), value };
            Some(Event { id, source: SourceId::trusted(SOURCE), time: now, data: Data::MetricSample(body) })
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests;
