//! Clearing away what is older than it is kept, in slices small enough not to hold up ingest.

use crate::law::samples::SampleKind;
use crate::store::StoreError;
use crate::store::keeping::{self, ROLLUPS, SAMPLES};
use crate::store::write::{Cleared, Retention, RowId};
use app::domain::Moment;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

/// Rows of one table that one slice removes: some milliseconds of work.
const SLICE: i64 = 500;

/// Of each series what is old, by the primary key: where nothing is, that costs one look a series and no more.
const SAMPLES_GONE: &str = "delete from samples where (kind, name, part, source, at) in (select s.kind, s.name, s.part, \
     s.source, s.at from latest_samples l cross join samples s on s.kind = l.kind and s.name = l.name and s.part = l.part \
     and s.source = l.source and s.at < ?2 where l.kind = ?1 limit ?3)";
/// A series of which nothing is left: whoever told it has been taken away.
const SERIES_GONE: &str = "delete from latest_samples where kind = ?1 and at < ?2 and not exists (select 1 from samples s \
     where s.kind = latest_samples.kind and s.name = latest_samples.name and s.part = latest_samples.part \
     and s.source = latest_samples.source)";
/// The last word of an agent stays: it says what the agent is doing.
const STATES_GONE: &str = "delete from agent_states where (agent, at) in (select s.agent, s.at from agents a \
     cross join agent_states s on s.agent = a.agent \
     and s.at < min(?1, (select max(at) from agent_states where agent = a.agent)) limit ?2)";

/// An agent of whom nothing was heard since, and of whom no time is open, has one word left.
const LAST_WORDS_GONE: &str = "delete from agent_states where agent in \
     (select agent from agents where judged_at < ?1 and due is null limit ?2)";
const AGENTS_GONE: &str = "delete from agents where judged_at < ?1 and due is null \
     and not exists (select 1 from agent_states s where s.agent = agents.agent)";
/// A component of which no sample is kept.
const COMPONENTS_GONE: &str = "delete from components where counted_to < ?1 and not exists \
     (select 1 from latest_samples l where l.kind = 'health' and l.name = components.component)";

/// See `WriteStore::clear`.
pub(super) async fn clear(db: &mut SqliteConnection, now: Moment, retention: Retention) -> Result<Cleared, StoreError> {
    let mut transaction = db.begin_with("begin immediate").await?;
    let mut most = 0;
    for (grain, dimensions, kept) in ROLLUPS {
        for dimension in dimensions {
            let remove = sqlx::query(
                "delete from rollups where (grain, dimension, bucket, campaign) in (select grain, dimension, bucket, campaign \
                 from rollups where grain = ? and dimension = ? and bucket < ? limit ?)",
            );
            let remove = remove.bind(grain.code()).bind(*dimension as i64).bind((now - kept).secs()).bind(SLICE);
            most = most.max(remove.execute(&mut *transaction).await?.rows_affected());
        }
    }
    for (kind, kept) in SAMPLES {
        let remove = sqlx::query(SAMPLES_GONE).bind(kind).bind((now - kept).micros()).bind(SLICE);
        most = most.max(remove.execute(&mut *transaction).await?.rows_affected());
        sqlx::query(SERIES_GONE).bind(kind).bind((now - kept).micros()).execute(&mut *transaction).await?;
    }
    let gone = now - retention.calls;
    // A call stays until its last moment is that old, too: so that sums from some instant on are always those of the calls.
    let calls = sqlx::query(
        "delete from calls where id in (select id from calls where id < ? and (long_until is null or long_until < ?) \
         order by id limit ?)",
    );
    let calls = calls.bind(RowId::at(gone).0).bind(gone.micros()).bind(SLICE);
    let calls = calls.execute(&mut *transaction).await?.rows_affected();
    let states = sqlx::query(STATES_GONE).bind(gone.micros()).bind(SLICE);
    let states = states.execute(&mut *transaction).await?.rows_affected();
    let words = sqlx::query(LAST_WORDS_GONE).bind(gone.micros()).bind(SLICE);
    let states = states.max(words.execute(&mut *transaction).await?.rows_affected());
    sqlx::query(AGENTS_GONE).bind(gone.micros()).execute(&mut *transaction).await?;
    let unheard = now - keeping::samples(SampleKind::Health);
    sqlx::query(COMPONENTS_GONE).bind(unheard.micros()).execute(&mut *transaction).await?;
    if calls + states > 0 {
        mark(&mut transaction, gone).await?;
    }
    transaction.commit().await?;
    let full = i64::try_from(most.max(calls).max(states)).unwrap_or(i64::MAX) >= SLICE;
    Ok(if full { Cleared::MoreToDo } else { Cleared::All })
}

/// Notes from when on the sums can be proved by the calls (`Audit::cleared_to`): never earlier than it was.
pub(super) async fn mark(db: &mut SqliteConnection, kept_from: Moment) -> Result<(), StoreError> {
    let mark = "insert into meta (name, value) values ('cleared_to', ?) on conflict (name) do update \
         set value = excluded.value where cast(excluded.value as integer) > cast(value as integer)";
    sqlx::query(mark).bind(kept_from.micros().to_string()).execute(db).await?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::sqlite::samples::RECENT;
    use sqlx::{ConnectOptions, Row};

    /// Neither clearing nor a start may read through what a floor tells in weeks.
    #[tokio::test]
    async fn samples_and_states_are_looked_for_by_their_series() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("floor.db");
        drop(crate::store::sqlite::open(&path, chrono_tz::UTC).await.unwrap());
        let mut db = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        for (sql, large, by) in [
            (SAMPLES_GONE, "s", "source=? AND at<?"),
            (SERIES_GONE, "s", "source=?"),
            (STATES_GONE, "s", "agent=? AND at<?"),
            (RECENT, "s", "source=? AND at>?"),
        ] {
            let explain = sqlx::AssertSqlSafe(format!("explain query plan {sql}"));
            let plan = sqlx::query(explain).fetch_all(&mut db).await.unwrap();
            let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
            let of = |table: &str| -> Vec<&String> {
                steps.iter().filter(|step| step.split(' ').nth(1) == Some(table)).collect()
            };
            assert!(!of(large).is_empty(), "{steps:#?}");
            assert!(of(large).iter().all(|step| step.contains(by)), "{steps:#?}");
            let whole = |step: &&String| step.starts_with("SEARCH") && step.contains("=? AND");
            assert!(
                of("samples")
                    .iter()
                    .chain(&of("agent_states"))
                    .all(|step| { whole(step) || step.contains("(agent=?)") || step.contains("source=?") }),
                "{steps:#?}"
            );
        }
    }
}
