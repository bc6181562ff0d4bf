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
        ledger.measure();
    }
    Ok(Some(committed))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ingest::counters::IngestCounters;
    use crate::kit::mask::Veil;
    use crate::store::any::{self, Database};
    use chrono_tz::Tz;
    use std::sync::Arc;

    #[tokio::test]
    async fn what_is_still_to_be_judged_again_is_counted_until_it_is_also_after_a_restart() {
        let folder = tempfile::TempDir::new().unwrap();
        let database = Database::Sqlite(folder.path().join("floor.db"));
        let (at, counters) = (Moment::from_secs(1_795_262_400), Arc::<IngestCounters>::default());
        let (store, _reader) = any::open(&database, Tz::UTC).await.unwrap();
        let mut ledger = Ledger::new(store, Tz::UTC, Veil::default(), Arc::clone(&counters));
        ledger.reload(at).await.unwrap();
        assert_eq!(counters.rejudgements_due.get(), 0);
        let told = serde_json::json!({ "campaign": "spring", "mode": "preview" });
        ledger.mirror.directory.campaign_told(&serde_json::from_value(told).unwrap(), at, &counters);
        ledger.commit(at, CommitBatch::default()).await.unwrap();
        assert_eq!(counters.rejudgements_due.get(), 1);
        ledger.mirror.rejudgements.clear();
        ledger.reload(at).await.unwrap();
        assert_eq!(counters.rejudgements_due.get(), 1);
        next_slice(&mut ledger, at).await.unwrap().unwrap();
        assert_eq!(counters.rejudgements_due.get(), 0);
    }
}
