//! Who took tables away, and lists of calls: written into the audit log before they are given.
//!
//! The log can only grow, and whoever may read may ask as often as he likes. So the first time is written at once; what the
//! same client takes of the same table within ten minutes is counted, and written down together when they are over.

use crate::audit::entry::{Changed, Draft};
use crate::clock::Clock;
use crate::kit::quiet::Quiet;
use crate::store::StoreError;
use crate::store::audit_log::AuditLog;
use crate::telemetry::Reading;
use app::domain::{Moment, Span};
use smol_str::{SmolStr, ToSmolStr};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What is taken again within this is written down together.
const TOGETHER: Span = Span::minutes(10);
/// How often it is looked whether that is over.
const LOOKED_EVERY: Duration = Duration::from_secs(60);
/// Different tables of one client within that time; more of them are one line.
const OF_A_CLIENT: usize = 64;
/// And of all clients.
const OF_ALL: usize = 4_096;
/// What stands for those that are too many to be named.
const OTHERS: SmolStr = SmolStr::new_static("other tables");

/// What somebody took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// A key's name, or `anybody`.
    pub who: SmolStr,
    /// The address that the request came from.
    pub from: SmolStr,
    /// The table, as it was asked for.
    pub what: SmolStr,
    /// The span that it tells of, where it tells of one.
    pub during: Option<(Moment, Moment)>,
    pub rows: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Table {
    who: SmolStr,
    from: SmolStr,
    what: SmolStr,
}

/// How often it was taken after the first time.
#[derive(Debug, Clone, Copy)]
struct Since {
    first: Moment,
    times: u64,
    rows: u64,
}

#[derive(Debug)]
pub struct Exports {
    audit: Arc<dyn AuditLog>,
    clock: Clock,
    taken: Mutex<HashMap<Table, Since>>,
    counted: AtomicU64,
    unnamed: AtomicU64,
    failed: Quiet,
}

impl Exports {
    #[must_use]
    pub fn new(audit: Arc<dyn AuditLog>, clock: Clock) -> Self {
        let (counted, unnamed) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { audit, clock, taken: Mutex::default(), counted, unnamed, failed: Quiet::new() }
    }

    /// Writes down that a table is given; after that it may be.
    ///
    /// # Errors
    /// If that can't be written.
    pub async fn note(&self, taken: Export) -> Result<(), StoreError> {
        self.counted.fetch_add(1, Relaxed);
        let now = self.clock.now();
        let rows = u64::try_from(taken.rows).unwrap_or(u64::MAX);
        let (table, drafts) = {
            let mut known = self.known();
            let table = self.named(&known, &taken);
            match known.get_mut(&table) {
                Some(since) if now - since.first < TOGETHER => {
                    since.times += 1;
                    since.rows = since.rows.saturating_add(rows);
                    return Ok(());
                }
                Some(_) | None => {}
            }
            let before = known.insert(table.clone(), Since { first: now, times: 0, rows: 0 });
            let before = before.and_then(|since| table.again(since, now));
            (table.clone(), [before, Some(table.first(&taken, now))].into_iter().flatten().collect::<Vec<_>>())
        };
        let written = self.audit.append(&drafts).await;
        if written.is_err() {
            // The next time is a first one again.
            self.known().remove(&table);
        }
        written.map(|_| ())
    }

    /// The table, or what stands for it where there are too many.
    fn named(&self, known: &HashMap<Table, Since>, taken: &Export) -> Table {
        let table = Table { who: taken.who.clone(), from: taken.from.clone(), what: taken.what.clone() };
        if known.contains_key(&table) {
            return table;
        }
        let is_theirs = |other: &&Table| other.who == table.who && other.from == table.from;
        if known.len() >= OF_ALL {
            self.unnamed.fetch_add(1, Relaxed);
            return Table { who: SmolStr::new_static("others"), from: SmolStr::default(), what: OTHERS };
        }
        if known.keys().filter(is_theirs).count() >= OF_A_CLIENT {
            self.unnamed.fetch_add(1, Relaxed);
            return Table { what: OTHERS, ..table };
        }
        table
    }

    /// Writes down what was taken again, until stopped; then the rest.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let over = tokio::select! {
                () = stop.cancelled() => Moment::MAX,
                () = tokio::time::sleep(LOOKED_EVERY) => self.clock.now() - TOGETHER,
            };
            self.settle(over).await;
            if stop.is_cancelled() {
                return;
            }
        }
    }

    /// Writes down what was taken again of tables that were first taken up to an instant.
    async fn settle(&self, over: Moment) {
        let now = self.clock.now();
        let drafts: Vec<Draft> = {
            let mut known = self.known();
            let settled: Vec<Table> =
                known.iter().filter(|(_, since)| since.first <= over).map(|(table, _)| table.clone()).collect();
            settled.iter().filter_map(|table| table.again(known.remove(table)?, now)).collect()
        };
        if drafts.is_empty() {
            return;
        }
        if let Err(error) = self.audit.append(&drafts).await
            && let Some(unsaid) = self.failed.turn()
        {
            let lines = drafts.len();
            tracing::error!(%error, lines, unsaid, "how often tables were taken again is not in the audit log");
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Table, Since>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For `/metrics`.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        vec![
            Reading::counter("ringside_exports", "Tables given as CSV, and lists of calls", self.counted.load(Relaxed)),
            Reading::counter(
                "ringside_exports_unnamed",
                "Of those, the ones that the audit log counts without a name because there were too many",
                self.unnamed.load(Relaxed),
            ),
        ]
    }
}

impl Table {
    fn first(&self, taken: &Export, now: Moment) -> Draft {
        let during = taken
            .during
            .map_or_else(String::new, |(from, to)| format!(", {} to {}", from.to_rfc3339(), to.to_rfc3339()));
        self.draft(now, format!("{}: {} rows{during}", self.what, taken.rows))
    }

    /// `None` where it was not.
    fn again(&self, since: Since, now: Moment) -> Option<Draft> {
        let Since { first, times, rows } = since;
        let why = || format!("{}: {times} times more since {}, {rows} rows", self.what, first.to_rfc3339());
        (times > 0).then(|| self.draft(now, why()))
    }

    fn draft(&self, now: Moment, why: String) -> Draft {
        Draft::changed(now, Changed::Export, self.who.clone(), self.from.clone(), why.to_smolstr())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::audit::seal::{Head, Sealed};
    use crate::store::audit_log::AuditQuery;
    use crate::telemetry::Value;
    use app::domain::CampaignId;
    use futures_util::future::BoxFuture;

    /// Notes why.
    #[derive(Debug, Default)]
    struct Log(Mutex<Vec<String>>);

    impl AuditLog for Log {
        fn append<'a>(&'a self, drafts: &'a [Draft]) -> BoxFuture<'a, Result<Head, StoreError>> {
            let line = |draft: &Draft| format!("{} {}", draft.who, draft.why.as_deref().unwrap_or_default());
            self.0.lock().unwrap().extend(drafts.iter().map(line));
            Box::pin(async { Ok(Head::default()) })
        }
        fn page<'a>(&'a self, _: &'a AuditQuery) -> BoxFuture<'a, Result<Vec<Sealed>, StoreError>> {
            Box::pin(async { Ok(Vec::new()) })
        }
        fn campaigns(&self) -> BoxFuture<'_, Result<Vec<CampaignId>, StoreError>> {
            Box::pin(async { Ok(Vec::new()) })
        }
        fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
            Box::pin(async { Ok(Head::default()) })
        }
    }

    fn taken(what: &str) -> Export {
        Export { who: "wall".into(), from: "10.0.0.1".into(), what: what.into(), during: None, rows: 5 }
    }

    #[tokio::test]
    async fn the_first_is_written_at_once_and_the_others_together() {
        let (log, clock) = (Arc::new(Log::default()), Clock::by_hand(Moment::from_secs(1_000_000)));
        let exports = Exports::new(log.clone(), clock.clone());
        for _ in 0..4 {
            exports.note(taken("/calls")).await.unwrap();
        }
        assert_eq!(*log.0.lock().unwrap(), ["wall /calls: 5 rows"]);
        exports.settle(clock.now() - TOGETHER).await;
        assert_eq!(log.0.lock().unwrap().len(), 1, "its ten minutes are not over");
        clock.set(clock.now() + TOGETHER);
        exports.settle(clock.now() - TOGETHER).await;
        exports.note(taken("/calls")).await.unwrap();
        let told = log.0.lock().unwrap().clone();
        assert!(told[1].starts_with("wall /calls: 3 times more since ") && told[1].ends_with(", 15 rows"), "{told:?}");
        assert_eq!(told[2..], ["wall /calls: 5 rows"]);
    }

    #[tokio::test]
    async fn a_flood_of_different_tables_is_one_line_and_others_are_named() {
        let log = Arc::new(Log::default());
        let exports = Exports::new(log.clone(), Clock::by_hand(Moment::from_secs(1_000_000)));
        for n in 0..10_000 {
            exports.note(taken(&format!("/calls?since={n}"))).await.unwrap();
        }
        assert_eq!(log.0.lock().unwrap().len(), OF_A_CLIENT + 1);
        exports.note(Export { who: "desk".into(), ..taken("/calls") }).await.unwrap();
        assert_eq!(log.0.lock().unwrap().last().unwrap(), "desk /calls: 5 rows");
        assert_eq!(exports.readings()[0].value, Value::Counter(10_001));
    }
}
