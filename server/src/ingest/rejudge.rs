//! Judging calls again that a late setting concerns, slice by slice. How far each span has got is in the store, so that
//! it goes on after a restart.

use super::calls::Group;
use super::samples::Samples;
use super::writer::Writer;
use crate::law::change::Change;
use crate::store::StoreError;
use crate::store::write::{Rejudgement, WriteStore};

/// Calls judged again in one commit since a setting came late; ingest goes on between such slices.
const REJUDGED_AT_ONCE: usize = 1_000;

impl<S: WriteStore> Writer<S> {
    /// One slice of the calls that a late setting concerns.
    pub(super) async fn rejudge(&mut self, mut job: Rejudgement) {
        match self.try_rejudge(&mut job).await {
            Ok(change) => {
                self.tell(change).await;
                if job.after < job.to {
                    self.rejudge.push_back(job);
                }
            }
            Err(error) => {
                self.counters.failed_commits.add(1);
                self.unwritten(&error).await;
                tracing::warn!(%error, "calls could not be judged again; it is tried anew");
            }
        }
    }

    async fn try_rejudge(&mut self, job: &mut Rejudgement) -> Result<Change, StoreError> {
        if self.distrusted {
            self.recover_in_time().await?;
            if !self.lead.ours {
                return Err(StoreError::LedElsewhere);
            }
            // Reading anew brought the job back too.
            self.rejudge.retain(|other| other.id != job.id);
        }
        let calls = self.store.calls_of(&job.campaign, job.after, job.to, REJUDGED_AT_ONCE).await?;
        let last = if calls.len() < REJUDGED_AT_ONCE { None } else { calls.last().and_then(|(_, kept)| kept.id) };
        job.after = last.unwrap_or(job.to);
        let mut group = Group::default();
        for (name, kept) in calls {
            group.bring_read(name, kept, &self.held);
        }
        let changed = group.touch_resettled(&self.book, &mut self.sums);
        self.counters.rejudged_calls.add(changed);
        let mut change = Change::default();
        self.finish(group, self.clock.now(), Vec::new(), Samples::default(), &mut change, Some(job)).await?;
        Ok(change)
    }
}
