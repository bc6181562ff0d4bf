//! What this server says of itself: its log, and its figures on `/metrics` (OpenMetrics).
//!
//! Owns the registry and the counters of the HTTP edge. Other parts keep their own counters: those of the metrics
//! library register themselves ([`Metrics::register`]), plain numbers are read at each scrape ([`Metrics::watch`]).
//! Nothing here carries a telephone number, a key or an address of a person.

mod counts;

pub use counts::Count;
pub(crate) use counts::counters;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use serde::Deserialize;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Upper edges of answer times, in seconds.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRoute {
    route: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByReason {
    reason: &'static str,
}

/// Labels, each with what it says.
pub type Labels = Vec<(&'static str, String)>;
/// A count for each set of labels.
pub type LabelledCounts = Vec<(Labels, u64)>;

/// A plain number that another part keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The whole name; of a counter without its `_total`.
    pub name: &'static str,
    pub help: &'static str,
    pub value: Value,
}

impl Reading {
    #[must_use]
    pub const fn counter(name: &'static str, help: &'static str, n: u64) -> Self {
        Self { name, help, value: Value::Counter(n) }
    }

    #[must_use]
    #[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
    pub const fn gauge(name: &'static str, help: &'static str, n: u64) -> Self {
        Self { name, help, value: Value::Gauge(n as f64) }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Counter(u64),
    /// Counts by one label: its name, then each value with its count.
    CounterBy(&'static str, Vec<(&'static str, u64)>),
    /// Counts by labels and what they say, each with its count.
    Counters(LabelledCounts),
    Gauge(f64),
    /// Buckets by upper edge, each with what fell into it alone; the last edge is `f64::INFINITY`.
    Histogram {
        sum: f64,
        count: u64,
        buckets: Vec<(f64, u64)>,
    },
}

/// The figures of this server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    answers: Family<Answered, Counter>,
    seconds: Family<ByRoute, Histogram, fn() -> Histogram>,
    rejected: Family<ByReason, Counter>,
    connections: Gauge,
    connections_refused: Counter,
    bodies_refused: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let metrics = Self {
            answers: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            rejected: Family::default(),
            connections: Gauge::default(),
            connections_refused: Counter::default(),
            bodies_refused: Counter::default(),
            registry: Arc::default(),
        };
        registry.register("ringside_http_requests", "Answers by route and status", metrics.answers.clone());
        registry.register(
            "ringside_http_request_seconds",
            "Time to the head of the answer, by route",
            metrics.seconds.clone(),
        );
        registry.register(
            "ringside_events_unreadable",
            "Events of the API rejected before they reached the writer, by reason",
            metrics.rejected.clone(),
        );
        registry.register("ringside_http_connections", "Connections open", metrics.connections.clone());
        registry.register(
            "ringside_http_connections_refused",
            "Connections closed at once because too many were open",
            metrics.connections_refused.clone(),
        );
        registry.register(
            "ringside_event_bodies_refused",
            "Bodies of events turned away because too many were being read",
            metrics.bodies_refused.clone(),
        );
        registry.register(
            "ringside_build",
            "This build",
            Info::new(vec![("version", env!("CARGO_PKG_VERSION")), ("os", std::env::consts::OS)]),
        );
        *lock(&metrics.registry) = registry;
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        metrics.watch(move || process(started));
        metrics
    }
}

fn lock(registry: &Mutex<Registry>) -> std::sync::MutexGuard<'_, Registry> {
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Metrics {
    /// Lets another part register metrics of its own.
    pub fn register(&self, register: impl FnOnce(&mut Registry)) {
        register(&mut lock(&self.registry));
    }

    /// Reads plain numbers at each scrape.
    pub fn watch(&self, read: impl Fn() -> Vec<Reading> + Send + Sync + 'static) {
        lock(&self.registry).register_collector(Box::new(Watched(Box::new(read))));
    }

    /// An answer went out.
    pub fn answered(&self, route: &'static str, status: u16, took: Duration) {
        self.answers.get_or_create(&Answered { route, status }).inc();
        self.seconds.get_or_create(&ByRoute { route }).observe(took.as_secs_f64());
    }

    /// Events were rejected at the door.
    /// Counts a body of events turned away because too many are being read.
    pub fn body_refused(&self) {
        self.bodies_refused.inc();
    }

    pub fn rejected(&self, reason: &'static str, events: u64) {
        self.rejected.get_or_create(&ByReason { reason }).inc_by(events);
    }

    #[must_use]
    pub const fn connections(&self) -> &Gauge {
        &self.connections
    }

    #[must_use]
    pub const fn connections_refused(&self) -> &Counter {
        &self.connections_refused
    }

    /// All figures as OpenMetrics text.
    ///
    /// # Errors
    /// If a part's own metric can't be written.
    pub fn render(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &lock(&self.registry))?;
        Ok(text)
    }
}

struct Watched(Box<dyn Fn() -> Vec<Reading> + Send + Sync>);

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

impl Collector for Watched {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        for reading in (self.0)() {
            let name = reading.name.strip_suffix("_total").unwrap_or(reading.name);
            let kind = match &reading.value {
                Value::Counter(_) | Value::CounterBy(..) | Value::Counters(_) => MetricType::Counter,
                Value::Gauge(_) => MetricType::Gauge,
                Value::Histogram { .. } => MetricType::Histogram,
            };
            let mut metric = encoder.encode_descriptor(name, reading.help, None, kind)?;
            match reading.value {
                Value::Counter(n) => ConstCounter::new(n).encode(metric)?,
                Value::CounterBy(label, counts) => {
                    for (value, n) in counts {
                        ConstCounter::new(n).encode(metric.encode_family(&[(label, value)])?)?;
                    }
                }
                Value::Counters(counts) => {
                    for (labels, n) in counts {
                        ConstCounter::new(n).encode(metric.encode_family(&labels)?)?;
                    }
                }
                Value::Gauge(x) => ConstGauge::new(x).encode(metric)?,
                Value::Histogram { sum, count, buckets } => {
                    metric.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
                }
            }
        }
        Ok(())
    }
}

/// What the system says of this process; on systems without `/proc` only its start.
fn process(started: f64) -> Vec<Reading> {
    let mut readings = vec![Reading {
        name: "process_start_time_seconds",
        help: "When this process started, since 1970",
        value: Value::Gauge(started),
    }];
    if let Some(bytes) = resident_bytes() {
        readings.push(Reading {
            name: "process_resident_memory_bytes",
            help: "Memory in use",
            value: Value::Gauge(bytes),
        });
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        #[allow(clippy::cast_precision_loss)] // a few thousand
        let open = files.count() as f64;
        readings.push(Reading { name: "process_open_fds", help: "Open files", value: Value::Gauge(open) });
    }
    readings
}

#[allow(clippy::cast_precision_loss)] // memory stays below 2^53 bytes
fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some((kib * 1024) as f64)
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("`log`: `{0}` is no filter (like info, or info,server::http=debug)")]
    Filter(String),
    #[error("logging is set up already")]
    Twice,
}

/// Fields as they are always written, but of one line: an id of somebody's choice must not look like a line of its own, nor
/// do anything to a terminal. JSON does that by itself.
#[derive(Debug, Clone, Copy)]
struct OneLine;

impl<'writer> FormatFields<'writer> for OneLine {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut text = String::new();
        DefaultFields::new().format_fields(Writer::new(&mut text), fields)?;
        for c in text.chars() {
            if is_plain(c) { writer.write_char(c)? } else { write!(writer, "{}", c.escape_unicode())? }
        }
        Ok(())
    }
}

/// Whether a character stands where it was written, and ends no line. Others turn the direction of what follows.
fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// Starts logging to standard error.
///
/// # Errors
/// If the filter can't be read.
pub fn start_log(filter: &str, format: LogFormat) -> Result<(), LogError> {
    let targets: Targets = filter.parse().map_err(|_| LogError::Filter(filter.to_owned()))?;
    let registry = tracing_subscriber::registry().with(targets);
    // Who reads the log may have gone; to say so would be to write there again, and panic.
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    match format {
        LogFormat::Text => {
            use std::io::IsTerminal;
            registry.with(lines.compact().with_ansi(std::io::stderr().is_terminal()).fmt_fields(OneLine)).try_init()
        }
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    }
    .map_err(|_| LogError::Twice)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_open_metrics() {
        let metrics = Metrics::default();
        metrics.rejected("not_json", 3);
        metrics.answered("/healthz", 200, Duration::from_millis(2));
        metrics.watch(|| {
            vec![
                Reading { name: "ringside_x_total", help: "X", value: Value::Counter(7) },
                Reading { name: "ringside_y", help: "Y", value: Value::CounterBy("reason", vec![("a", 1), ("b", 2)]) },
                Reading {
                    name: "ringside_z_seconds",
                    help: "Z",
                    value: Value::Histogram { sum: 0.5, count: 3, buckets: vec![(0.1, 1), (f64::INFINITY, 2)] },
                },
            ]
        });
        let text = metrics.render().unwrap();
        for line in [
            "ringside_events_unreadable_total{reason=\"not_json\"} 3",
            "ringside_http_requests_total{route=\"/healthz\",status=\"200\"} 1",
            "ringside_x_total 7",
            "ringside_y_total{reason=\"b\"} 2",
            "ringside_z_seconds_bucket{le=\"0.1\"} 1",
            "ringside_z_seconds_bucket{le=\"+Inf\"} 3",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn nobody_forges_a_line_of_the_log() {
        #[derive(Clone, Default)]
        struct Log(Arc<Mutex<Vec<u8>>>);
        impl std::io::Write for Log {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let log = Log::default();
        let written = log.clone();
        let lines = tracing_subscriber::fmt::layer().with_writer(move || written.clone()).with_ansi(false);
        let registry = tracing_subscriber::registry().with(lines.compact().fmt_fields(OneLine));
        tracing::subscriber::with_default(registry, || {
            let campaign = "spring\n2026-11-29T10:00:00Z ERROR all is lost \x1b[2J\u{202e}";
            let span = tracing::info_span!("request", route = %campaign);
            let _within = span.enter();
            tracing::info!(%campaign, "asked for {campaign}");
        });
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("spring\\u{a}2026") && !text.contains(['\x1b', '\u{202e}']), "{text}");
    }

    #[test]
    fn a_filter_that_is_none_is_named() {
        assert!(matches!(start_log("info,server=loud", LogFormat::Text), Err(LogError::Filter(_))));
    }
}
