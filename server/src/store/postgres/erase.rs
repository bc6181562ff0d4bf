//! Forgetting a person's number in the tables, in what commits told, and in the tables' files.

use super::calls::arguments;
use super::cells::{clean, plain};
use super::{PostgresAddress, alone, audit, calls, follow};
use crate::store::StoreError;
use crate::store::erase::{self, BlockRow, Changed, Erasable, Erased, Renames, TextRow, TextTable, by_sql};
use crate::store::rows::NAMED_PERSON;
use crate::store::write::{CallWrite, RowId, StoredCall};
use app::domain::{CallName, Number};
use futures_util::TryStreamExt;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};
use std::time::{Duration, Instant};

struct Erasing {
    db: PgConnection,
}

/// Puts pseudonyms in the place of a person's number.
///
/// # Errors
/// If the database can't be reached, a server leads on it, it can't be read or written, or somebody's long transaction keeps
/// what was there. What was erased before stays so, and the next time with this number ends the work.
pub async fn erase(address: &PostgresAddress, number: &Number) -> Result<Erased, StoreError> {
    let mut db = alone(address).await?;
    db.execute(super::WRITING).await?;
    calls::prepare(&mut db).await?;
    let mut erasing = Erasing { db };
    let erased = erase::erase(&mut erasing, number).await?;
    erasing.db.close().await?;
    Ok(erased)
}

/// Commits told of calls with their numbers, for servers that follow. What is left out makes a gap, by which these see that
/// they must read anew what they hold.
async fn forget_told(db: &mut PgConnection) -> Result<(), StoreError> {
    let mut transaction = db.begin().await?;
    transaction.execute("update journal set rest = '' where rest <> ''").await?;
    let last = follow::last(&mut transaction).await?;
    follow::append(&mut transaction, last + 2, &[], &[]).await?;
    Ok(transaction.commit().await?)
}

/// How long transactions that began before the erasure are waited for.
const OUTLIVED_WITHIN: Duration = Duration::from_secs(60);
const OUTLIVED_EVERY: Duration = Duration::from_millis(100);

/// Waits until nobody can see what was there before: until then a table that is written anew keeps it. Who writes in any
/// database of the server counts, and who only reads, in this one.
async fn outlive(db: &mut PgConnection) -> Result<(), StoreError> {
    let next = "select pg_snapshot_xmax(pg_current_snapshot())::text";
    let next: String = sqlx::query_scalar(next).fetch_one(&mut *db).await?;
    let held = "select pid::bigint from pg_stat_activity where pid <> pg_backend_pid() and \
                (age(backend_xid) > age($1::text::xid8::xid) or \
                 datname = current_database() and age(backend_xmin) > age($1::text::xid8::xid)) \
                order by xact_start limit 1";
    let until = Instant::now() + OUTLIVED_WITHIN;
    loop {
        let holder: Option<i64> = sqlx::query_scalar(held).bind(&next).fetch_optional(&mut *db).await?;
        let Some(holder) = holder else { return Ok(()) };
        if Instant::now() >= until {
            return Err(StoreError::StillSeen(format!("process {holder} of the PostgreSQL server")));
        }
        tokio::time::sleep(OUTLIVED_EVERY).await;
    }
}

impl Erasable for Erasing {
    async fn note(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        audit::meta(&mut self.db, name).await
    }

    async fn keep_note(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        let keep = sqlx::query("insert into meta (name, value) values ($1, $2)");
        keep.bind(name).bind(value).execute(&mut self.db).await?;
        Ok(())
    }

    async fn drop_note(&mut self, name: &str) -> Result<(), StoreError> {
        sqlx::query("delete from meta where name = $1").bind(name).execute(&mut self.db).await?;
        Ok(())
    }

    async fn calls_after(&mut self, after: RowId, limit: usize) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
        let mut found = Vec::new();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let tail = "where id > $1 order by id limit $2";
        calls::query(&mut self.db, tail, arguments!(after.0, limit), |name, kept| found.push((name, kept))).await?;
        Ok(found)
    }

    async fn write_calls(&mut self, calls: &mut [CallWrite<'_>], renamed: &[RowId]) -> Result<(), StoreError> {
        let mut transaction = self.db.begin().await?;
        let ids: Vec<i64> = renamed.iter().map(|id| id.0).collect();
        sqlx::query("delete from calls where id = any($1)").bind(ids).execute(&mut *transaction).await?;
        calls::write(&mut transaction, calls, &mut |_| {}).await?;
        Ok(transaction.commit().await?)
    }

    async fn write_anew(&mut self, changed: &Changed) -> Result<(), StoreError> {
        forget_told(&mut self.db).await?;
        // Of TimescaleDB's a chunk, else the table itself.
        let ids: Vec<i64> = changed.calls.iter().map(|id| id.0).collect();
        let parts = sqlx::query_scalar("select distinct tableoid::regclass::text from calls where id = any($1)");
        let parts: Vec<String> = parts.bind(ids).fetch_all(&mut self.db).await?;
        outlive(&mut self.db).await?;
        let tables = parts.iter().map(String::as_str).chain(changed.tables.iter().copied()).chain(["journal", "meta"]);
        for table in tables {
            sqlx::raw_sql(AssertSqlSafe(format!("vacuum (full) {table}"))).execute(&mut self.db).await?;
        }
        // What the planner knows of a table are samples of it. Those before are seen by whoever began before these.
        for table in ["calls", "journal", "meta"].iter().chain(&changed.tables) {
            sqlx::raw_sql(AssertSqlSafe(format!("analyze {table}"))).execute(&mut self.db).await?;
        }
        outlive(&mut self.db).await?;
        self.db.execute("vacuum (full) pg_statistic").await?;
        Ok(())
    }

    by_sql!(clean, plain);
}
