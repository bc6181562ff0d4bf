//! `[[source.statsd]]`: where packets are taken, who may send them, and what their names mean.

use crate::kit::nearest::did_you_mean;
use crate::kit::networks::Networks;
use app::domain::ComponentId;
use app::domain::event::{MetricName, SHOWN_METRICS};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

const DEFAULT_NAME: &str = "statsd";
/// StatsD's own port, on this machine.
const DEFAULT_LISTEN: &str = "127.0.0.1:8125";
const DEFAULT_EVERY_S: u64 = 10;
/// A component is looked at by what it said in the last minute.
const LONGEST_EVERY_S: u64 = 60;
const LONGEST_NAME: usize = 64;

/// As the file has it.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StatsdTable {
    pub name: Option<String>,
    pub listen: Option<String>,
    /// Addresses and networks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    /// What stands before each name, and is no part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    pub every_s: Option<u64>,
    /// By what a sender calls them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, MetricTable>,
}

/// What a sender's metric is here.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MetricTable {
    /// One of those that pages show.
    pub name: String,
    /// What its values are multiplied with: 0.01 of what is told in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
}

/// As it was checked.
#[derive(Debug, Clone, Serialize)]
#[serde(into = "StatsdTable")]
pub struct StatsdConfig {
    pub name: String,
    pub listen: SocketAddr,
    pub from: Networks,
    pub every: Duration,
    pub names: Names,
}

/// What senders' names mean.
#[derive(Debug, Clone)]
pub struct Names {
    prefix: String,
    metrics: BTreeMap<String, MetricTable>,
}

impl From<StatsdConfig> for StatsdTable {
    fn from(config: StatsdConfig) -> Self {
        let Names { prefix, metrics } = config.names;
        Self {
            name: Some(config.name),
            listen: Some(config.listen.to_string()),
            from: config.from.named().collect(),
            prefix: (!prefix.is_empty()).then_some(prefix),
            every_s: Some(config.every.as_secs()),
            metrics,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`source.statsd.{key}`: {why}")]
pub struct ConfigError {
    pub key: String,
    pub why: String,
}

fn wrong(key: impl Into<String>, why: impl Into<String>) -> ConfigError {
    ConfigError { key: key.into(), why: why.into() }
}

impl StatsdTable {
    /// # Errors
    /// The first value that can't be, with its key.
    pub fn checked(self) -> Result<StatsdConfig, ConfigError> {
        let name = self.name.unwrap_or_else(|| DEFAULT_NAME.to_owned());
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(plain) {
            return Err(wrong("name", format!("must be 1 to {LONGEST_NAME} letters, digits, `-` or `_`")));
        }
        let listen = self.listen.as_deref().unwrap_or(DEFAULT_LISTEN);
        let listen: SocketAddr =
            listen.parse().map_err(|_| wrong("listen", format!("`{listen}` is no address like {DEFAULT_LISTEN}")))?;
        let from = Networks::new(&self.from).map_err(|why| wrong("from", why))?;
        if from.is_empty() && !listen.ip().to_canonical().is_loopback() {
            return Err(wrong(
                "from",
                "name the networks that may send (like 10.0.0.0/8): packets bear no key, and beyond this machine anybody could tell figures",
            ));
        }
        let every_s = self.every_s.unwrap_or(DEFAULT_EVERY_S);
        if !(1..=LONGEST_EVERY_S).contains(&every_s) {
            return Err(wrong("every_s", format!("must be 1 to {LONGEST_EVERY_S}")));
        }
        for (told, MetricTable { name, scale }) in &self.metrics {
            let key = |member: &str| format!("metrics.{told}.{member}");
            if !SHOWN_METRICS.contains(&name.as_str()) {
                let hint = did_you_mean(name, &SHOWN_METRICS);
                return Err(wrong(key("name"), format!("`{name}` is shown nowhere{hint}")));
            }
            if scale.is_some_and(|scale| !scale.is_finite() || scale == 0.0) {
                return Err(wrong(key("scale"), "must be a number, not 0"));
            }
        }
        let names = Names { prefix: self.prefix.unwrap_or_default(), metrics: self.metrics };
        Ok(StatsdConfig { name, listen, from, every: Duration::from_secs(every_s), names })
    }
}

impl Names {
    /// Of `<prefix><component>.<metric>`: which component, which of the metrics that pages show, and what a value is multiplied
    /// with. Whatever stands before the last dot is the component, dots and all.
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn meaning(&self, name: &str) -> Result<(ComponentId, MetricName, f64), String> {
        let Some(rest) = name.strip_prefix(&self.prefix) else {
            return Err(format!("`{name}`: does not begin with the prefix `{}`", self.prefix));
        };
        let (component, told) = rest.rsplit_once('.').ok_or_else(|| format!("`{name}`: is no `component.metric`"))?;
        let (metric, scale) = match self.metrics.get(told) {
            Some(meant) => (meant.name.as_str(), meant.scale.unwrap_or(1.0)),
            None => (told, 1.0),
        };
        if !SHOWN_METRICS.contains(&metric) {
            return Err(format!(
                "`{name}`: `{told}` is shown nowhere; shown are {}: say under `metrics` which of them it is",
                SHOWN_METRICS.join(", ")
            ));
        }
        let component = ComponentId::new(component).map_err(|why| format!("`{name}`: {why}"))?;
        let metric = MetricName::new(metric.to_owned()).map_err(|why| format!("`{name}`: {why}"))?;
        Ok((component, metric, scale))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<StatsdConfig, String> {
        toml::from_str::<StatsdTable>(text).unwrap().checked().map_err(|error| error.to_string())
    }

    #[test]
    fn each_wrong_value_names_its_key() {
        for (text, words) in [
            ("name = \"a b\"", "`source.statsd.name`: must be 1 to 64"),
            ("listen = \"localhost\"", "`source.statsd.listen`: `localhost` is no address"),
            ("listen = \"0.0.0.0:8125\"", "`source.statsd.from`: name the networks"),
            ("from = [\"x\"]", "`source.statsd.from`: `x` is no address or network"),
            ("every_s = 0", "`source.statsd.every_s`: must be 1 to 60"),
            (
                "metrics = { load = { name = \"cpus\" } }",
                "`source.statsd.metrics.load.name`: `cpus` is shown nowhere; did you mean `cpu`?",
            ),
            ("metrics = { load = { name = \"cpu\", scale = 0.0 } }", "`source.statsd.metrics.load.scale`: must be"),
        ] {
            let error = table(text).unwrap_err();
            assert!(error.starts_with(words), "{error}");
        }
        let open = table("listen = \"[::]:8125\"\nfrom = [\"10.0.0.0/8\"]").unwrap();
        assert_eq!((open.name.as_str(), open.every.as_secs()), ("statsd", 10));
    }

    #[test]
    fn a_name_is_a_component_and_one_of_the_metrics_that_are_shown() {
        let config = "prefix = \"floor.\"\nmetrics = { cpu_percent = { name = \"cpu\", scale = 0.01 } }";
        let names = table(config).unwrap().names;
        let meaning = |name: &str| {
            names
                .meaning(name)
                .map(|(component, metric, scale)| (component.to_string(), metric.get().to_string(), scale))
        };
        let of = |component: &str, metric: &str, scale| Ok((component.to_owned(), metric.to_owned(), scale));
        assert_eq!(meaning("floor.media-1.memory"), of("media-1", "memory", 1.0));
        assert_eq!(meaning("floor.eu.media-1.cpu_percent"), of("eu.media-1", "cpu", 0.01));
        for (name, words) in [
            ("media-1.cpu", "does not begin with the prefix"),
            ("floor.cpu", "is no `component.metric`"),
            ("floor..cpu", "empty"),
            ("floor.media-1.calls", "`calls` is shown nowhere; shown are cpu, memory"),
        ] {
            let why = meaning(name).unwrap_err();
            assert!(why.contains(words), "{why}");
        }
    }
}
