//! Forgetting a person's number in the table of calls, and in the file.

use super::{calls, lock, migrate, options, schema};
use crate::store::StoreError;
use crate::store::call_row::Places;
use crate::store::cells::Sink;
use crate::store::erase::{self, EraseCalls, Erased};
use crate::store::write::{CallWrite, Kept, RowId};
use app::domain::{CallName, Number};
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection};
use std::path::Path;

struct Erasing {
    db: SqliteConnection,
    statements: calls::Statements,
}

/// Puts a pseudonym in the place of a far end's number in all calls.
///
/// # Errors
/// If there is no such database, somebody uses it, or it can't be read or written. What was erased before stays so, and the
/// next time with this number ends the work.
pub async fn erase(path: &Path, number: &Number) -> Result<Erased, StoreError> {
    schema::check_there(path)?;
    let _lock = lock(path)?;
    let mut db = options(path).pragma("synchronous", "full").connect().await?;
    migrate(&mut db).await?;
    let mut erasing = Erasing { db, statements: calls::Statements::new() };
    let erased = erase::erase(&mut erasing, number).await?;
    erasing.db.close().await?;
    Ok(erased)
}

impl EraseCalls for Erasing {
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

    async fn calls_with(
        &mut self,
        number: &Number,
        after: RowId,
        limit: usize,
    ) -> Result<Vec<(CallName, Kept)>, StoreError> {
        let mut found = Vec::new();
        let asked = |to: &mut super::cells::Values| {
            to.text(number.reveal());
            to.integer(after.0);
            to.integer(i64::try_from(limit).unwrap_or(i64::MAX));
        };
        let tail = "where (from_number = ?1 or to_number = ?1) and id > ?2 order by id limit ?3";
        calls::query(&mut self.db, tail, asked, |name, kept| found.push((name, kept))).await?;
        Ok(found)
    }

    async fn write(&mut self, calls: &mut [CallWrite<'_>]) -> Result<(), StoreError> {
        let mut transaction = self.db.begin_with("begin immediate").await?;
        calls::write(&mut transaction, &self.statements, &mut Places::default(), calls, |_| {}).await?;
        Ok(transaction.commit().await?)
    }

    async fn write_anew(&mut self, _: &Number) -> Result<(), StoreError> {
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
}
