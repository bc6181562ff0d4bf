//! Sums of a past whose calls are not kept: taken in as if those had been counted, and cleared away since.

use super::Refusal;
use super::ledger::{CommitBatch, Committed, Ledger};
use super::mirror::Mirror;
use crate::law::change::{FactChange, Gone};
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

impl Filing {
    /// Sums, and where it is heard whether they are durable.
    pub(super) fn new(kept_from: Moment, sums: Vec<FactChange>) -> (Self, oneshot::Receiver<Result<(), Refusal>>) {
        let (done, filed) = oneshot::channel();
        (Self { kept_from, sums, done }, filed)
    }

    /// Makes them durable.
    pub(super) async fn commit<S: WriteStore>(
        &mut self,
        ledger: &mut Ledger<S>,
        now: Moment,
    ) -> Result<Committed, StoreError> {
        if !ledger.is_trusted() {
            return Err(StoreError::LedElsewhere);
        }
        let Ledger { store, mirror: Mirror { directory, sums, .. }, .. } = &mut *ledger;
        directory.is_now(now);
        store.forget(&Gone::default(), self.kept_from).await?;
        std::mem::take(&mut self.sums).into_iter().for_each(|sum| sums.summed(sum));
        ledger.commit(now, CommitBatch::default()).await
    }

    /// Answers who filed them; who may have gone.
    pub(super) fn answer(self, done: Result<(), StoreError>) {
        let refused = |error: StoreError| Refusal::NotDurable { why: error.to_string(), retry_after: AFTER_FAILURE };
        drop(self.done.send(done.map_err(refused)));
    }
}
