//! Forgetting a person's number in the tables, and in the file.

use super::held::{Lock, Whereabouts};
use super::{calls, migrate, options, schema};
use crate::store::StoreError;
use crate::store::cells::Sink;
use crate::store::erase::{self, BlockRow, Changed, Erasable, Erased, Renames, TextRow, TextTable, by_sql};
use crate::store::rows::NAMED_PERSON;
use crate::store::write::{CallWrite, RowId, StoredCall};
use app::domain::{CallName, Number};
use futures_util::TryStreamExt;
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection, Row};
use std::borrow::Cow;
use std::path::Path;

struct Erasing {
    db: SqliteConnection,
    statements: calls::Statements,
}

/// Puts pseudonyms in the place of a person's number.
///
/// # Errors
/// If there is no such database, somebody uses it, or it can't be read or written. What was erased before stays so, and the
/// next time with this number ends the work.
pub async fn erase(path: &Path, number: &Number) -> Result<Erased, StoreError> {
    schema::check_there(path)?;
    let _lock = Lock::take(path)?;
    let mut db = options(path).pragma("synchronous", "full").connect().await?;
    migrate(&mut db).await?;
    let mut erasing = Erasing { db, statements: calls::Statements::new() };
    let whereabouts = Whereabouts::of_file(path)?;
    let erased = erase::erase(&mut erasing, number).await?;
    erasing.db.close().await?;
    whereabouts.check()?;
    Ok(erased)
}

impl Erasable for Erasing {
    async fn note(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        let find = sqlx::query_scalar("select value from meta where name = ?");
        Ok(find.bind(name).fetch_optional(&mut self.db).await?)
    }

    async fn keep_note(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        let keep = sqlx::query("insert into meta (name, value) values (?, ?)");
        keep.bind(name).bind(value).execute(&mut self.db).await?;
        Ok(())
    }

    async fn drop_note(&mut self, name: &str) -> Result<(), StoreError> {
        sqlx::query("delete from meta where name = ?").bind(name).execute(&mut self.db).await?;
        Ok(())
    }

    async fn calls_after(&mut self, after: RowId, limit: usize) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
        let mut found = Vec::new();
        let asked = |to: &mut super::cells::Values| {
            to.integer(after.0);
            to.integer(i64::try_from(limit).unwrap_or(i64::MAX));
        };
        let tail = "where id > ?1 order by id limit ?2";
        calls::query(&mut self.db, tail, asked, |name, kept| found.push((name, kept))).await?;
        Ok(found)
    }

    async fn write_calls(&mut self, calls: &mut [CallWrite<'_>], renamed: &[RowId]) -> Result<(), StoreError> {
        let mut transaction = self.db.begin_with("begin immediate").await?;
        for id in renamed {
            sqlx::query("delete from calls where id = ?").bind(id.0).execute(&mut *transaction).await?;
        }
        calls::write(&mut transaction, &self.statements, calls, |_| {}).await?;
        Ok(transaction.commit().await?)
    }

    async fn write_anew(&mut self, _: &Changed) -> Result<(), StoreError> {
        // Rows that moved since they were written have left copies in the unused parts of pages.
        sqlx::query("vacuum").execute(&mut self.db).await?;
        // Until then the file is as it was, and the new one stands in its write-ahead log.
        let kept_out: i64 = sqlx::query_scalar("pragma wal_checkpoint(truncate)").fetch_one(&mut self.db).await?;
        if kept_out == 0 {
            Ok(())
        } else {
            Err(StoreError::StillSeen("another program that reads the file".to_owned()))
        }
    }

    by_sql!(Cow::from, Cow::from);
}
