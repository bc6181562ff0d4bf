//! What ingest and the live state count, put on `/metrics` under their names.

use crate::clock::Clock;
use crate::control::noted::NotedLog;
use crate::http::replay::seats::Replays;
use crate::ingest::IngestCounters;
use crate::live::LiveHandle;
use crate::source::feed::Feeds;
use crate::store::audit_log::AuditLog;
use crate::telemetry::{Metrics, Reading, Value};
use crate::tools::self_audit::AuditCounters;
use std::sync::Arc;

/// Reads both at each scrape.
pub fn watch(metrics: &Metrics, ingest: Arc<IngestCounters>, live: &LiveHandle, clock: Clock) {
    metrics.watch(move || of_ingest(&ingest));
    let live = live.clone();
    metrics.watch(move || of_live(&live, &clock));
}

/// Reads what sources have told at each scrape.
pub fn watch_sources(metrics: &Metrics, feeds: Feeds) {
    metrics.watch(move || feeds.readings());
}

/// Reads how many replays there are at each scrape.
pub fn watch_replays(metrics: &Metrics, replays: Replays) {
    metrics.watch(move || {
        let mut readings = replays.counters().readings();
        readings.push(Reading::gauge("ringside_replays", "Replays of the past going on", replays.running() as u64));
        readings
    });
}

/// Reads what the audit of the figures has found at each scrape.
pub fn watch_audit(metrics: &Metrics, counters: Arc<AuditCounters>) {
    metrics.watch(move || [counters.readings(), counters.first_readings()].concat());
}

/// Reads whether the audit log is whole at each scrape.
pub fn watch_audit_log(metrics: &Metrics, log: Arc<NotedLog>) {
    metrics.watch(move || {
        let broken = u64::from(log.broken().is_some());
        vec![Reading::gauge(
            "ringside_audit_log_broken",
            "1 where somebody has changed the audit log: the log says where",
            broken,
        )]
    });
}

fn of_ingest(counters: &IngestCounters) -> Vec<Reading> {
    let mut readings = counters.readings();
    readings.push(counters.commit_seconds());
    readings
}

fn of_live(live: &LiveHandle, clock: &Clock) -> Vec<Reading> {
    let beat = live.beat();
    let now = clock.now();
    #[allow(clippy::cast_precision_loss)] // milliseconds stay far below 2^53
    let seconds = |ms: i64| ms as f64 / 1_000.0;
    let mut readings = live.counters().readings();
    readings.push(Reading {
        name: "ringside_board_age_seconds",
        help: "Since the board's last tick",
        value: Value::Gauge(seconds(now.since(beat.as_of).as_millis())),
    });
    if let Some(newest) = beat.newest_event {
        readings.push(Reading {
            name: "ringside_newest_event_age_seconds",
            help: "Since the newest event that the board reflects",
            value: Value::Gauge(seconds(now.since(newest).as_millis())),
        });
    }
    readings
}
