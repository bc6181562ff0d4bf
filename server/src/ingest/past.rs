//! Sums of a past whose calls are not kept: taken in as if those had been counted, and cleared away since.

use super::calls::Group;
use super::samples::Samples;
use super::writer::{Command, Writer};
use super::{Ingest, Refusal};
use crate::law::change::{Change, FactChange, Gone};
use crate::store::StoreError;
use crate::store::write::WriteStore;
use app::domain::Moment;
use std::time::Duration;
use tokio::sync::oneshot;

/// When sums that could not be made durable should be filed again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Sums on their way to the writer.
#[derive(Debug)]
pub(super) struct Filing {
    kept_from: Moment,
    sums: Vec<FactChange>,
    done: oneshot::Sender<Result<(), Refusal>>,
}

impl Ingest {
    /// Adds sums to those that are kept, and waits until they are durable. The calls of before `kept_from` count as cleared
    /// away: nothing before is proved by calls, and a rebuild carries it over.
    ///
    /// # Errors
    /// If they were not taken; where it is not known that they were not, they must not be filed again.
    pub async fn file_sums(&self, kept_from: Moment, sums: Vec<FactChange>) -> Result<(), Refusal> {
        let (done, filed) = oneshot::channel();
        let filing = Command::File(Filing { kept_from, sums, done });
        self.queue.send(filing).await.map_err(|_| Refusal::Stopping)?;
        filed.await.unwrap_or(Err(Refusal::Stopping))
    }
}

impl<S: WriteStore> Writer<S> {
    pub(super) async fn take_in(&mut self, filings: Vec<Filing>) {
        for Filing { kept_from, sums, done } in filings {
            let filed = self.file(kept_from, sums).await;
            if let Err(error) = &filed {
                self.counters.failed_commits.add(1);
                self.unwritten(error).await;
            }
            let refused =
                |error: StoreError| Refusal::NotDurable { why: error.to_string(), retry_after: AFTER_FAILURE };
            // Who asked may have gone.
            let _ = done.send(filed.map_err(refused));
        }
    }

    async fn file(&mut self, kept_from: Moment, sums: Vec<FactChange>) -> Result<(), StoreError> {
        if self.distrusted {
            return Err(StoreError::LedElsewhere);
        }
        let now = self.clock.now();
        self.book.is_now(now);
        self.store.forget(&Gone::default(), kept_from).await?;
        sums.into_iter().for_each(|sum| self.sums.summed(sum));
        let mut change = Change::default();
        self.finish(Group::default(), now, Vec::new(), Samples::default(), &mut change, None).await?;
        self.tell(change).await;
        Ok(())
    }
}
