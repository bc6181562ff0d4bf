//! Clearing away what is older than it is kept, and forgetting the names of which nothing is left: slice by slice, between
//! commits.

use super::ledger::Ledger;
use super::live_feed::LiveFeed;
use super::mirror::Mirror;
use crate::law::change::{Change, Gone};
use crate::store::StoreError;
use crate::store::write::{Cleared, Retention, WriteStore};
use app::domain::{Moment, Span};
use std::time::Duration;

/// How often old rows are looked for.
pub(super) const CLEAR_EVERY: Duration = Duration::from_secs(60);
/// How soon the next slice is cleared away while there are more.
const CLEAR_SOON: Duration = Duration::from_millis(100);
/// Names of each kind forgotten at once.
const NAMES_AT_ONCE: usize = 1_000;
/// Names are heard of by the day: what was heard on the last of them may be as old as it is long.
const A_DAY: Span = Span::days(1);

/// Clears a slice of old rows and names away; when to come back.
pub(super) async fn clear<S: WriteStore>(
    ledger: &mut Ledger<S>,
    live: &LiveFeed,
    now: Moment,
    retention: Retention,
) -> Duration {
    match try_clear(ledger, live, now, retention).await {
        Ok(cleared) => {
            ledger.counters.clearings.add(1);
            match cleared {
                Cleared::MoreToDo => CLEAR_SOON,
                Cleared::All => CLEAR_EVERY,
            }
        }
        Err(error) => {
            ledger.counters.failed_clearings.add(1);
            tracing::warn!(%error, "old rows could not be cleared away; it is tried again");
            CLEAR_EVERY
        }
    }
}

async fn try_clear<S: WriteStore>(
    ledger: &mut Ledger<S>,
    live: &LiveFeed,
    now: Moment,
    retention: Retention,
) -> Result<Cleared, StoreError> {
    let cleared = ledger.store.clear(now, retention).await?;
    ledger.mirror.names.forget(now, retention);
    ledger.mirror.components.forget(now);
    // What is in memory may be none of what is kept.
    if !ledger.is_trusted() {
        return Ok(cleared);
    }
    let gone = forget_names(ledger, now, retention).await?;
    if gone.is_empty() {
        return Ok(cleared);
    }
    live.tell(Change { gone, ..Change::default() }).await;
    Ok(Cleared::MoreToDo)
}

/// Forgets a slice of the names of which nothing is kept any more; which.
pub(super) async fn forget_names<S: WriteStore>(
    ledger: &mut Ledger<S>,
    now: Moment,
    retention: Retention,
) -> Result<Gone, StoreError> {
    let Ledger { store, mirror: Mirror { directory, periods, .. }, counters, .. } = ledger;
    let kept_from = now - retention.calls;
    let gone = directory.unheard(kept_from - A_DAY, NAMES_AT_ONCE);
    if gone.is_empty() {
        return Ok(gone);
    }
    store.forget(&gone, kept_from).await?;
    counters.names_forgotten.add((gone.campaigns.len() + gone.routes.len() + gone.dids.len()) as u64);
    directory.forget(&gone);
    gone.campaigns.iter().for_each(|campaign| periods.gone(campaign));
    Ok(gone)
}
