//! Clearing away what is older than it is kept: by dropping chunks where the tables have them, else in slices small enough
//! not to hold up ingest. Chunks go whole: what one holds stays until the last of it may go, a day at most for calls.

use super::Layout;
use crate::law::samples::SampleKind;
use crate::store::keeping::{self, ROLLUPS, SAMPLES};
use crate::store::write::{Cleared, Retention, RowId};
use crate::store::{ROOM, StoreError};
use app::domain::Moment;
use app::domain::call::LONGEST_CALL;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

/// Rows of one table that one slice removes: some tens of milliseconds of work.
const SLICE: i64 = 2_000;

/// See `WriteStore::try_writing`.
pub(super) async fn try_writing(db: &mut PgConnection, now: Moment) -> Result<(), StoreError> {
    // As much as a large commit writes: a row that is changed fits where another was, also on a disk that is full.
    let mut transaction = db.begin().await?;
    let rows = ROOM / 1_024;
    let room = format!(
        "create temporary table room on commit drop as select repeat(md5(n::text), 32) from generate_series(1, {rows}) n"
    );
    sqlx::query(AssertSqlSafe(room)).execute(&mut *transaction).await?;
    let put = "insert into meta (name, value) values ('written_at', $1) on conflict (name) do update \
         set value = excluded.value";
    sqlx::query(put).bind(now.micros().to_string()).execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

/// See `WriteStore::clear`.
pub(super) async fn clear(
    db: &mut PgConnection,
    layout: Layout,
    now: Moment,
    retention: Retention,
) -> Result<Cleared, StoreError> {
    let mut transaction = db.begin().await?;
    let mut most = 0;
    for (grain, dimensions, kept) in ROLLUPS {
        let dimensions: Vec<i64> = dimensions.iter().map(|dimension| *dimension as i64).collect();
        let remove = sqlx::query(
            "delete from rollups where (grain, dimension, bucket, campaign) in (select grain, dimension, bucket, campaign \
             from rollups where grain = $1 and dimension = any($2) and bucket < $3 limit $4)",
        );
        let remove = remove.bind(grain.code()).bind(dimensions).bind((now - kept).secs()).bind(SLICE);
        most = most.max(remove.execute(&mut *transaction).await?.rows_affected());
    }
    for (kind, kept) in SAMPLES {
        // Of each series what is old, by the primary key: where nothing is, that costs one look a series and no more.
        let remove = sqlx::query(
            "delete from samples where (kind, name, part, source, at) in (select s.kind, s.name, s.part, s.source, s.at \
             from latest_samples l cross join lateral (select * from samples where kind = l.kind and name = l.name \
             and part = l.part and source = l.source and at < $2 limit $3) s where l.kind = $1 limit $3)",
        );
        let remove = remove.bind(kind).bind((now - kept).micros()).bind(SLICE);
        most = most.max(remove.execute(&mut *transaction).await?.rows_affected());
        // A series of which nothing is left: whoever told it has been taken away.
        let series = sqlx::query(
            "delete from latest_samples l where kind = $1 and at < $2 and not exists (select 1 from samples s \
             where s.kind = l.kind and s.name = l.name and s.part = l.part and s.source = l.source)",
        );
        series.bind(kind).bind((now - kept).micros()).execute(&mut *transaction).await?;
    }
    let gone = now - retention.calls;
    // The last word of an agent stays: it says what the agent is doing.
    let states = sqlx::query(
        "delete from agent_states where (agent, at) in (select s.agent, s.at from agents a cross join lateral ( \
             select agent, at from agent_states where agent = a.agent \
             and at < least($1, (select max(at) from agent_states where agent = a.agent)) limit $2) s limit $2)",
    );
    let states = states.bind(gone.micros()).bind(SLICE).execute(&mut *transaction).await?.rows_affected();
    // An agent of whom nothing was heard since, and of whom no time is open, has one word left; then none.
    let words = sqlx::query(
        "delete from agent_states where agent in (select agent from agents where judged_at < $1 and due is null limit $2)",
    );
    let words = words.bind(gone.micros()).bind(SLICE).execute(&mut *transaction).await?.rows_affected();
    let states = states.max(words);
    let agents = "delete from agents a where judged_at < $1 and due is null \
         and not exists (select 1 from agent_states s where s.agent = a.agent)";
    sqlx::query(agents).bind(gone.micros()).execute(&mut *transaction).await?;
    let components = "delete from components c where counted_to < $1 and not exists \
         (select 1 from latest_samples l where l.kind = 'health' and l.name = c.component)";
    let unheard = now - keeping::samples(SampleKind::Health);
    sqlx::query(components).bind(unheard.micros()).execute(&mut *transaction).await?;
    let (calls, dropped) = match layout {
        Layout::Hypertables => {
            // A call has moments up to a day after it is filed.
            let drop = sqlx::query("select drop_chunks('calls', older_than => $1::bigint)");
            let drop = drop.bind(RowId::at(gone - LONGEST_CALL).0);
            let dropped = drop.fetch_all(&mut *transaction).await?.len();
            // Longer than any sample is kept: their chunks are empty, and so are those that rows left one by one.
            let longest = SAMPLES.iter().map(|(_, kept)| *kept).max().unwrap_or_default();
            let drop = sqlx::query("select drop_chunks('samples', older_than => $1::bigint)");
            drop.bind((now - longest).micros()).execute(&mut *transaction).await?;
            (0, dropped)
        }
        Layout::Plain => {
            // A call stays until its last moment is that old, too: so that sums from some instant on are always those of
            // the calls.
            let remove = "delete from calls where id in (select id from calls where id < $1 \
                 and (long_until is null or long_until < $2) order by id limit $3)";
            let remove = sqlx::query(remove).bind(RowId::at(gone).0).bind(gone.micros()).bind(SLICE);
            (remove.execute(&mut *transaction).await?.rows_affected(), 0)
        }
    };
    if calls + states > 0 || dropped > 0 {
        mark(&mut transaction, gone).await?;
    }
    transaction.commit().await?;
    let full = i64::try_from(most.max(calls).max(states)).unwrap_or(i64::MAX) >= SLICE;
    Ok(if full { Cleared::MoreToDo } else { Cleared::All })
}

/// Notes from when on the sums can be proved by the calls (`Audit::cleared_to`): never earlier than it was.
pub(super) async fn mark(db: &mut PgConnection, kept_from: Moment) -> Result<(), StoreError> {
    let mark = "insert into meta as m (name, value) values ('cleared_to', $1) on conflict (name) do update \
         set value = excluded.value where excluded.value::bigint > m.value::bigint";
    sqlx::query(mark).bind(kept_from.micros().to_string()).execute(db).await?;
    Ok(())
}
