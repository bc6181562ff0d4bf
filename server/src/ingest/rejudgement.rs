//! Judging calls again that a late setting concerns, slice by slice. How far each span has got is in the store, so that
//! it goes on after a restart.

use super::ledger::{CommitBatch, Committed, Ledger};
use super::working_set::WorkingSet;
use crate::store::StoreError;
use crate::store::write::WriteStore;
use app::domain::Moment;

/// Calls judged again in one commit since a setting came late; ingest goes on between such slices.
const REJUDGED_AT_ONCE: usize = 1_000;

/// Judges one slice of the calls that a late setting concerns; `None` where there is none.
pub(super) async fn next_slice<S: WriteStore>(
    ledger: &mut Ledger<S>,
    now: Moment,
) -> Result<Option<Committed>, StoreError> {
    let Ledger { store, mirror, counters, .. } = &mut *ledger;
    let Some(mut job) = mirror.rejudgements.pop_front() else { return Ok(None) };
    let found = store.calls_of(&job.campaign, job.after, job.to, REJUDGED_AT_ONCE).await?;
    let last = if found.len() < REJUDGED_AT_ONCE { None } else { found.last().and_then(|(_, kept)| kept.id) };
    job.after = last.unwrap_or(job.to);
    let mut calls = WorkingSet::default();
    for (name, kept) in found {
        calls.bring_read(name, kept, &mirror.calls);
    }
    let changed = calls.touch_resettled(&mirror.directory, &mut mirror.sums);
    counters.rejudged_calls.add(changed);
    let batch = CommitBatch { calls, rejudged: Some(&mut job), ..CommitBatch::default() };
    let committed = ledger.commit(now, batch).await?;
    if job.after < job.to {
        ledger.mirror.rejudgements.push_back(job);
    }
    Ok(Some(committed))
}
