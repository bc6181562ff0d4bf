//! Clearing away what is older than it is kept, and forgetting the names of which nothing is left: slice by slice, between
//! commits.

use super::writer::Writer;
use crate::law::change::{Change, Gone};
use crate::store::StoreError;
use crate::store::write::{Cleared, WriteStore};
use app::domain::Span;
use std::time::Duration;

/// How often old rows are looked for.
pub(super) const CLEAR_EVERY: Duration = Duration::from_secs(60);
/// How soon the next slice is cleared away while there are more.
const CLEAR_SOON: Duration = Duration::from_millis(100);
/// Names of each kind forgotten at once.
const NAMES_AT_ONCE: usize = 1_000;
/// Names are heard of by the day: what was heard on the last of them may be as old as it is long.
const A_DAY: Span = Span::days(1);

impl<S: WriteStore> Writer<S> {
    /// Clears a slice of old rows and names away; when to come back.
    pub(super) async fn clear(&mut self) -> Duration {
        match self.try_clear().await {
            Ok(cleared) => {
                self.counters.clearings.add(1);
                match cleared {
                    Cleared::MoreToDo => CLEAR_SOON,
                    Cleared::All => CLEAR_EVERY,
                }
            }
            Err(error) => {
                self.counters.failed_clearings.add(1);
                tracing::warn!(%error, "old rows could not be cleared away; it is tried again");
                CLEAR_EVERY
            }
        }
    }

    async fn try_clear(&mut self) -> Result<Cleared, StoreError> {
        let now = self.clock.now();
        let cleared = self.store.clear(now, self.retention).await?;
        self.names.forget(now, self.retention);
        self.components.forget(now);
        // What is in memory may be none of what is kept.
        if self.distrusted {
            return Ok(cleared);
        }
        let gone = self.forget_names().await?;
        if gone.is_empty() {
            return Ok(cleared);
        }
        self.tell(Change { gone, ..Change::default() }).await;
        Ok(Cleared::MoreToDo)
    }

    /// Forgets a slice of the names of which nothing is kept any more; which.
    pub(super) async fn forget_names(&mut self) -> Result<Gone, StoreError> {
        let kept_from = self.clock.now() - self.retention.calls;
        let gone = self.book.unheard(kept_from - A_DAY, NAMES_AT_ONCE);
        if gone.is_empty() {
            return Ok(gone);
        }
        self.store.forget(&gone, kept_from).await?;
        self.counters.names_forgotten.add((gone.campaigns.len() + gone.routes.len() + gone.dids.len()) as u64);
        self.book.forget(&gone);
        gone.campaigns.iter().for_each(|campaign| self.periods.gone(campaign));
        Ok(gone)
    }
}
