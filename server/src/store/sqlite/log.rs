//! Keeps the write-ahead log from growing.
//!
//! SQLite begins it anew only at a moment when all of it is folded into the database and nobody reads from it. Where
//! readers overlap all the time there is no such moment, and while one reads for long (a backup) nothing can be folded; what it has
//! grown to then stays on the disk.

use crate::store::StoreError;
use sqlx::sqlite::SqliteConnection;
use std::path::Path;

/// A log longer than this is emptied: twice as much as is folded into the database at a time.
pub(super) const MOST: u64 = 64 << 20;
/// How long readers are waited for, in ms; so long nothing is written.
const PATIENCE_MS: u64 = 250;

/// Empties a log that is longer than `most`, unless somebody has read from it for longer than is waited: it is tried again
/// with the next clearing.
pub(super) async fn shorten(db: &mut SqliteConnection, database: &Path, most: u64) -> Result<(), StoreError> {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let long = tokio::fs::metadata(&log).await.map_or(0, |file| file.len());
    if long <= most {
        return Ok(());
    }
    wait_for(db, PATIENCE_MS).await?;
    let emptied = sqlx::query_scalar("pragma wal_checkpoint(truncate)").fetch_one(&mut *db).await;
    wait_for(db, super::BUSY.as_millis().try_into().unwrap_or(u64::MAX)).await?;
    let kept_out: i64 = emptied?;
    if kept_out == 0 {
        tracing::debug!(bytes = long, "the write-ahead log was long, and is empty now");
    } else {
        tracing::warn!(
            bytes = long,
            "the write-ahead log can't be emptied: somebody has been reading the database for long"
        );
    }
    Ok(())
}

async fn wait_for(db: &mut SqliteConnection, millis: u64) -> Result<(), StoreError> {
    sqlx::query(sqlx::AssertSqlSafe(format!("pragma busy_timeout = {millis}"))).execute(db).await?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use sqlx::sqlite::SqliteJournalMode;
    use sqlx::{ConnectOptions, Connection};

    const MIB: u64 = 1 << 20;

    #[tokio::test]
    async fn a_log_that_readers_made_long_is_emptied_once_they_are_gone() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("floor.db");
        let options = crate::store::sqlite::options(&path).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
        let mut db = options.connect().await.unwrap();
        sqlx::query("create table t (b blob)").execute(&mut db).await.unwrap();
        let write = "insert into t values (zeroblob(100000))";
        let length = || std::fs::metadata(folder.path().join("floor.db-wal")).unwrap().len();
        // Two readers take turns, each for longer than a commit takes.
        let (mut one, mut other) = (options.connect().await.unwrap(), options.connect().await.unwrap());
        let mut reading = one.begin().await.unwrap();
        let read = "select count(*) from t";
        sqlx::query(read).execute(&mut *reading).await.unwrap();
        for _ in 0..30 {
            sqlx::query(write).execute(&mut db).await.unwrap();
        }
        assert!(length() > 2 * MIB);
        shorten(&mut db, &path, 16 * MIB).await.unwrap();
        shorten(&mut db, &path, MIB).await.unwrap();
        assert!(length() > 2 * MIB, "it is read from");
        let mut later = other.begin().await.unwrap();
        sqlx::query(read).execute(&mut *later).await.unwrap();
        reading.commit().await.unwrap();
        later.commit().await.unwrap();
        shorten(&mut db, &path, MIB).await.unwrap();
        assert_eq!(length(), 0);
        let busy: i64 = sqlx::query_scalar("pragma busy_timeout").fetch_one(&mut db).await.unwrap();
        assert_eq!(u128::try_from(busy).unwrap(), crate::store::sqlite::BUSY.as_millis());
    }
}
