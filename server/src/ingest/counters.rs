//! What ingest counts of itself, for `/metrics`: plain atomics, read at any time.

use super::Rejection;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper edges of the histogram of commit times, ms; the last bucket has none.
pub const COMMIT_EDGES_MS: [u64; 11] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000];

/// One count that any thread may raise.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub fn set(&self, n: u64) {
        self.0.store(n, Ordering::Relaxed);
    }

    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default)]
pub struct IngestCounters {
    pub accepted: Count,
    pub duplicate: Count,
    pub rejected_future: Count,
    pub rejected_too_old: Count,
    pub rejected_far_from_call: Count,
    pub rejected_too_long: Count,
    pub rejected_too_many_names: Count,
    /// Events refused because the queue was full.
    pub refused_full: Count,
    /// Events refused because a commit failed.
    pub refused_not_durable: Count,
    /// Events refused because another server leads.
    pub refused_standing_by: Count,
    pub commits: Count,
    pub failed_commits: Count,
    pub commit_micros: Count,
    /// Commits by how long they took; see [`COMMIT_EDGES_MS`].
    pub commit_times: [Count; COMMIT_EDGES_MS.len() + 1],
    /// Events in the queue now.
    pub queued: Count,
    /// Times that calls could not be looked up before the writer asked for them.
    pub failed_look_aheads: Count,
    /// Calls held in memory now.
    pub cached_calls: Count,
    /// Bytes of the journal of sums now, and how often it was folded into them.
    pub journal_bytes: Count,
    pub folds: Count,
    /// Calls and agents that wait for time to alter them.
    pub waiting_due: Count,
    /// Calls closed after four hours of silence.
    pub lost_calls: Count,
    /// Moments that are no longer their call's, since an earlier one was told a day before them.
    pub moments_let_go: Count,
    /// Calls judged again because a setting came late.
    pub rejudged_calls: Count,
    /// Names that calls bear and that were not listed, because there are too many.
    pub names_unlisted: Count,
    /// Names forgotten, since nothing is kept of them.
    pub names_forgotten: Count,
    /// Changes of a setting forgotten because of too many.
    pub settings_forgotten: Count,
    /// Slices of old rows cleared away.
    pub clearings: Count,
    /// Times that clearing failed.
    pub failed_clearings: Count,
}

impl IngestCounters {
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
