//! What ingest counts of itself, for `/metrics`: plain atomics, read at any time.

use super::Rejection;
use crate::telemetry::{Count, Reading, Value, counters};
use std::time::Duration;

/// Upper edges of the histogram of commit times, ms; the last bucket has none.
pub const COMMIT_EDGES_MS: [u64; 11] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000];

counters! {
    /// What ingest counts.
    pub struct IngestCounters {
        accepted: counter "ringside_events_accepted", "Events taken and durable";
        duplicate: counter "ringside_events_duplicate", "Good events that changed nothing";
        queued: gauge "ringside_ingest_queued_events", "Events that wait for the writer";
        failed_commits: counter "ringside_commits_failed", "Commits that failed";
        failed_look_aheads: counter "ringside_look_aheads_failed",
            "Times that calls could not be looked up beside the writer, which then did it itself";
        cached_calls: gauge "ringside_cached_calls", "Calls held in the writer's memory";
        journal_bytes: gauge "ringside_journal_bytes", "Changes of sums not yet folded into them";
        folds: counter "ringside_folds", "Times that the journal was folded into the sums";
        waiting_due: gauge "ringside_waiting_due", "Calls and agents that time alone will alter";
        lost_calls: counter "ringside_calls_lost", "Calls closed after four hours of silence";
        moments_let_go: counter "ringside_moments_let_go",
            "Moments that are no longer their call's, since another was told more than a day before them";
        rejudgements_due: gauge "ringside_rejudgements_due",
            "Settings that came late, and whose calls are not all judged again yet: until then figures may be as before";
        rejudged_calls: counter "ringside_calls_rejudged", "Calls judged again because a setting came late";
        names_unlisted: counter "ringside_names_unlisted", "Names of calls not listed because of too many";
        names_forgotten: counter "ringside_names_forgotten", "Names of which nothing is kept any more";
        settings_forgotten: counter "ringside_settings_forgotten",
            "Tellings of settings let go because there were more than are kept";
        clearings: counter "ringside_clearings", "Slices of old rows cleared away";
        failed_clearings: counter "ringside_clearings_failed", "Times that clearing old rows away failed";
    }
    by "reason": "ringside_events_rejected", "Events that were read, and rejected by ingest, by reason" {
        rejected_future: "future";
        rejected_too_old: "too_old";
        rejected_far_from_call: "far_from_call";
        rejected_too_long: "too_long";
        rejected_too_many_names: "too_many_names";
    }
    by "reason": "ringside_events_refused", "Events not taken, by reason; they may be sent again" {
        /// The queue was full.
        refused_full: "queue_full";
        /// A commit failed.
        refused_not_durable: "not_durable";
        /// Another server leads.
        refused_standing_by: "standing_by";
    }
    also {
        commits: Count;
        commit_micros: Count;
        /// Commits by how long they took; see [`COMMIT_EDGES_MS`].
        commit_times: [Count; COMMIT_EDGES_MS.len() + 1];
    }
}

impl IngestCounters {
    /// Commits by how long they took.
    #[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
    pub fn commit_seconds(&self) -> Reading {
        let edges = COMMIT_EDGES_MS.iter().map(|ms| *ms as f64 / 1_000.0).chain([f64::INFINITY]);
        let value = Value::Histogram {
            sum: self.commit_micros.get() as f64 / 1_000_000.0,
            count: self.commits.get(),
            buckets: edges.zip(self.commit_times.iter().map(Count::get)).collect(),
        };
        Reading { name: "ringside_commit_seconds", help: "Commits by how long they took", value }
    }

    pub(super) fn rejected(&self, why: &Rejection) {
        match why {
            Rejection::Future(_) => self.rejected_future.add(1),
            Rejection::TooOld(_) => self.rejected_too_old.add(1),
            Rejection::FarFromCall(_) | Rejection::AfterCall(_) => self.rejected_far_from_call.add(1),
            Rejection::TooLong(..) => self.rejected_too_long.add(1),
            Rejection::TooManyNames(_) => self.rejected_too_many_names.add(1),
        }
    }

    pub(super) fn committed(&self, took: Duration) {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.commits.add(1);
        self.commit_micros.add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        self.commit_times[COMMIT_EDGES_MS.partition_point(|edge| *edge < millis)].add(1);
    }
}
