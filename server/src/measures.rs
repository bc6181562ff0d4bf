//! What ingest and the live state count, put on `/metrics` under their names.

use crate::clock::Clock;
use crate::control::noted::NotedLog;
use crate::http::replay::seats::Replays;
use crate::ingest::IngestCounters;
use crate::ingest::counters::{COMMIT_EDGES_MS, Count};
use crate::live::LiveHandle;
use crate::source::feed::Feeds;
use crate::store::audit_log::AuditLog;
use crate::telemetry::{Metrics, Reading, Value};
use crate::tools::self_audit::AuditCounters;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

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
        let c = replays.counters();
        vec![
            gauge("ringside_replays", "Replays of the past going on", replays.running() as u64),
            counter("ringside_replays_opened", "Replays begun", c.opened.load(Relaxed)),
            counter("ringside_replays_refused", "Replays refused because of a limit", c.refused.load(Relaxed)),
        ]
    });
}

/// Reads what the audit of the figures has found at each scrape.
pub fn watch_audit(metrics: &Metrics, counters: Arc<AuditCounters>) {
    metrics.watch(move || {
        let c = &counters;
        vec![
            counter(
                "ringside_figures_audited",
                "Hours of campaigns recounted from their calls and compared",
                c.audited.load(Relaxed),
            ),
            gauge(
                "ringside_figures_mismatched",
                "Hours of campaigns whose figures are not those of their calls: 0, or `ringside verify` names them",
                c.mismatches.load(Relaxed),
            ),
            counter(
                "ringside_figures_unaudited",
                "Hours of campaigns with more calls than are recounted beside the server",
                c.too_large.load(Relaxed),
            ),
            gauge(
                "ringside_calls_in_several_rows",
                "Calls that stood in several rows when the server started: counted as often",
                c.doubled.get().copied().unwrap_or_default(),
            ),
            counter("ringside_audits_failed", "Times that nothing could be recounted", c.failed.load(Relaxed)),
        ]
    });
}

/// Reads whether the audit log is whole at each scrape.
pub fn watch_audit_log(metrics: &Metrics, log: Arc<NotedLog>) {
    metrics.watch(move || {
        let broken = u64::from(log.broken().is_some());
        vec![gauge(
            "ringside_audit_log_broken",
            "1 where somebody has changed the audit log: the log says where",
            broken,
        )]
    });
}

fn counter(name: &'static str, help: &'static str, n: u64) -> Reading {
    Reading { name, help, value: Value::Counter(n) }
}

#[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
fn gauge(name: &'static str, help: &'static str, n: u64) -> Reading {
    Reading { name, help, value: Value::Gauge(n as f64) }
}

fn of_ingest(c: &IngestCounters) -> Vec<Reading> {
    vec![
        counter("ringside_events_accepted", "Events taken and durable", c.accepted.get()),
        counter("ringside_events_duplicate", "Good events that changed nothing", c.duplicate.get()),
        Reading {
            name: "ringside_events_rejected",
            help: "Events that were read, and rejected by ingest, by reason",
            value: Value::CounterBy(
                "reason",
                vec![
                    ("future", c.rejected_future.get()),
                    ("too_old", c.rejected_too_old.get()),
                    ("far_from_call", c.rejected_far_from_call.get()),
                    ("too_long", c.rejected_too_long.get()),
                    ("too_many_names", c.rejected_too_many_names.get()),
                ],
            ),
        },
        Reading {
            name: "ringside_events_refused",
            help: "Events not taken, by reason; they may be sent again",
            value: Value::CounterBy(
                "reason",
                vec![
                    ("queue_full", c.refused_full.get()),
                    ("not_durable", c.refused_not_durable.get()),
                    ("standing_by", c.refused_standing_by.get()),
                ],
            ),
        },
        gauge("ringside_ingest_queued_events", "Events that wait for the writer", c.queued.get()),
        counter("ringside_commits_failed", "Commits that failed", c.failed_commits.get()),
        Reading { name: "ringside_commit_seconds", help: "Commits by how long they took", value: commits(c) },
        counter(
            "ringside_look_aheads_failed",
            "Times that calls could not be looked up beside the writer, which then did it itself",
            c.failed_look_aheads.get(),
        ),
        gauge("ringside_cached_calls", "Calls held in the writer's memory", c.cached_calls.get()),
        gauge("ringside_journal_bytes", "Changes of sums not yet folded into them", c.journal_bytes.get()),
        counter("ringside_folds", "Times that the journal was folded into the sums", c.folds.get()),
        gauge("ringside_waiting_due", "Calls and agents that time alone will alter", c.waiting_due.get()),
        counter("ringside_calls_lost", "Calls closed after four hours of silence", c.lost_calls.get()),
        counter(
            "ringside_moments_let_go",
            "Moments that are no longer their call's, since another was told more than a day before them",
            c.moments_let_go.get(),
        ),
        counter("ringside_calls_rejudged", "Calls judged again because a setting came late", c.rejudged_calls.get()),
        counter("ringside_names_unlisted", "Names of calls not listed because of too many", c.names_unlisted.get()),
        counter("ringside_names_forgotten", "Names of which nothing is kept any more", c.names_forgotten.get()),
        counter(
            "ringside_settings_forgotten",
            "Tellings of settings let go because there were more than are kept",
            c.settings_forgotten.get(),
        ),
        counter("ringside_clearings", "Slices of old rows cleared away", c.clearings.get()),
        counter("ringside_clearings_failed", "Times that clearing old rows away failed", c.failed_clearings.get()),
    ]
}

#[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
fn commits(c: &IngestCounters) -> Value {
    let edges = COMMIT_EDGES_MS.iter().map(|ms| *ms as f64 / 1_000.0).chain([f64::INFINITY]);
    Value::Histogram {
        sum: c.commit_micros.get() as f64 / 1_000_000.0,
        count: c.commits.get(),
        buckets: edges.zip(c.commit_times.iter().map(Count::get)).collect(),
    }
}

fn of_live(live: &LiveHandle, clock: &Clock) -> Vec<Reading> {
    let c = live.counters();
    let get = |n: &AtomicU64| n.load(Relaxed);
    let beat = live.beat();
    let now = clock.now();
    #[allow(clippy::cast_precision_loss)] // milliseconds stay far below 2^53
    let seconds = |ms: i64| ms as f64 / 1_000.0;
    let mut readings = vec![
        gauge("ringside_viewers", "Viewers connected", get(&c.viewers)),
        gauge("ringside_topics", "Topics that somebody watches", get(&c.topics)),
        counter("ringside_snapshots", "Snapshots sent", get(&c.snapshots)),
        counter("ringside_deltas", "Deltas encoded, each once for all its viewers", get(&c.deltas)),
        counter("ringside_delta_bytes", "Bytes of the deltas encoded", get(&c.delta_bytes)),
        counter("ringside_viewers_resumed", "Viewers that went on where they had left off", get(&c.resumed)),
        counter("ringside_viewers_skipped", "Viewers too slow, skipped to a snapshot", get(&c.skipped)),
        counter("ringside_viewers_refused", "Viewers refused because of a limit", get(&c.refused)),
        gauge("ringside_calls_listed", "Calls that campaigns' pages can list", get(&c.calls_listed)),
        counter("ringside_calls_unlisted", "Calls not kept for listing because of too many", get(&c.calls_unlisted)),
        counter(
            "ringside_samples_untaken",
            "Samples of trunks and components beyond those shown",
            get(&c.samples_untaken),
        ),
        counter("ringside_keys_untaken", "Changes of sums of keys beyond those shown", get(&c.keys_untaken)),
        counter("ringside_agents_forgotten", "Agents beyond those shown", get(&c.agents_forgotten)),
        Reading {
            name: "ringside_board_age_seconds",
            help: "Since the board's last tick",
            value: Value::Gauge(seconds(now.since(beat.as_of).as_millis())),
        },
    ];
    if let Some(newest) = beat.newest_event {
        readings.push(Reading {
            name: "ringside_newest_event_age_seconds",
            help: "Since the newest event that the board reflects",
            value: Value::Gauge(seconds(now.since(newest).as_millis())),
        });
    }
    readings
}
