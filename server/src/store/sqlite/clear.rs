//! Clearing away what is older than it is kept, in slices small enough not to hold up ingest.

use crate::store::StoreError;
use crate::store::keeping::{ROLLUPS, SAMPLES};
use crate::store::write::{Cleared, Retention, RowId};
use app::domain::Moment;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

/// Rows of one table that one slice removes: some milliseconds of work.
const SLICE: i64 = 500;

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
        let remove = sqlx::query(
            "delete from samples where (kind, name, part, source, at) in (select kind, name, part, source, at from samples \
             where kind = ? and at < ? limit ?)",
        );
        let remove = remove.bind(kind).bind((now - kept).micros()).bind(SLICE);
        most = most.max(remove.execute(&mut *transaction).await?.rows_affected());
    }
    let gone = now - retention.calls;
    // A call stays until its last moment is that old, too: so that sums from some instant on are always those of the calls.
    let calls = sqlx::query(
        "delete from calls where id in (select id from calls where id < ? and (long_until is null or long_until < ?) \
         order by id limit ?)",
    );
    let calls = calls.bind(RowId::at(gone).0).bind(gone.micros()).bind(SLICE);
    let calls = calls.execute(&mut *transaction).await?.rows_affected();
    // The last word of an agent stays: it says what the agent is doing.
    let states = sqlx::query(
        "delete from agent_states where (agent, at) in (select agent, at from agent_states s where at < ? and at < \
         (select max(at) from agent_states where agent = s.agent) limit ?)",
    );
    let states = states.bind(gone.micros()).bind(SLICE).execute(&mut *transaction).await?.rows_affected();
    if calls + states > 0 {
        // From when on the sums can be proved by the calls (`Audit::cleared_to`): never earlier than it was.
        let mark = "insert into meta (name, value) values ('cleared_to', ?) on conflict (name) do update \
             set value = excluded.value where cast(excluded.value as integer) > cast(value as integer)";
        sqlx::query(mark).bind(gone.micros().to_string()).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    let full = i64::try_from(most.max(calls).max(states)).unwrap_or(i64::MAX) >= SLICE;
    Ok(if full { Cleared::MoreToDo } else { Cleared::All })
}
