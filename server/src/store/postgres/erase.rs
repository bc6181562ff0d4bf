//! Forgetting a person's number in the table of calls, in what commits told of them, and in the tables' files.

use super::calls::arguments;
use super::cells::clean;
use super::{PostgresAddress, alone, audit, calls, follow};
use crate::store::StoreError;
use crate::store::call_row::Places;
use crate::store::erase::{self, EraseCalls, Erased};
use crate::store::write::{CallWrite, Kept, RowId};
use app::domain::{CallName, Number};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};
use std::collections::BTreeSet;

struct Erasing {
    db: PgConnection,
    /// Where calls were changed: of TimescaleDB's a chunk, else the table itself.
    changed: BTreeSet<String>,
}

/// Puts a pseudonym in the place of a far end's number in all calls.
///
/// # Errors
/// If the database can't be reached, a server leads on it, or it can't be read or written. What was erased before stays so.
pub async fn erase(address: &PostgresAddress, number: &Number) -> Result<Erased, StoreError> {
    let mut db = alone(address).await?;
    db.execute(super::WRITING).await?;
    calls::prepare(&mut db).await?;
    let mut erasing = Erasing { db, changed: BTreeSet::new() };
    let erased = erase::erase(&mut erasing, number).await?;
    let Erasing { mut db, changed } = erasing;
    if erased.calls > 0 {
        forget_told(&mut db).await?;
        // What a row was before stays in its table's file until it is written over: the files are written anew.
        for table in changed.iter().map(String::as_str).chain(["journal"]) {
            sqlx::raw_sql(AssertSqlSafe(format!("vacuum (full) {table}"))).execute(&mut db).await?;
        }
    }
    db.close().await?;
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

impl EraseCalls for Erasing {
    async fn key(&mut self) -> Result<Option<String>, StoreError> {
        audit::meta(&mut self.db, "erase_key").await
    }

    async fn keep_key(&mut self, text: &str) -> Result<(), StoreError> {
        let keep = sqlx::query("insert into meta (name, value) values ('erase_key', $1)");
        keep.bind(text).execute(&mut self.db).await?;
        Ok(())
    }

    async fn calls_with(
        &mut self,
        number: &Number,
        after: RowId,
        limit: usize,
    ) -> Result<Vec<(CallName, Kept)>, StoreError> {
        let mut found = Vec::new();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let tail = "where (from_number = $1 or to_number = $1) and id > $2 order by id limit $3";
        let arguments = arguments!(clean(number.reveal()).into_owned(), after.0, limit);
        calls::query(&mut self.db, tail, arguments, |name, kept| found.push((name, kept))).await?;
        Ok(found)
    }

    async fn write(&mut self, calls: &mut [CallWrite<'_>]) -> Result<(), StoreError> {
        let mut transaction = self.db.begin().await?;
        calls::write(&mut transaction, &mut Places::default(), calls, &mut |_| {}).await?;
        let ids: Vec<i64> = calls.iter().filter_map(|write| write.kept.id.map(|id| id.0)).collect();
        let tables = sqlx::query_scalar("select distinct tableoid::regclass::text from calls where id = any($1)");
        let tables: Vec<String> = tables.bind(ids).fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        self.changed.extend(tables);
        Ok(())
    }
}
