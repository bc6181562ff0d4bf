//! Whether a database file is there, is ours, and of which version.

use crate::store::{StoreError, migrations};
use chrono_tz::Tz;
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnection;
use std::path::Path;

/// # Errors
/// If there is no file at `path`: what reads a store must not make an empty one.
pub(super) fn check_there(path: &Path) -> Result<(), StoreError> {
    if path.is_file() { Ok(()) } else { Err(StoreError::NotThere(path.display().to_string())) }
}

/// The newest schema that this program knows.
pub(super) fn known() -> i64 {
    migrations::newest(migrations::SQLITE)
}

/// The schema's version.
///
/// # Errors
/// If it is no database of ours, or can't be read.
pub(super) async fn version(db: &mut SqliteConnection) -> Result<i64, StoreError> {
    let ours: i64 = sqlx::query_scalar(
        "select count(*) from sqlite_master where type = 'table' and name in ('_sqlx_migrations', 'meta', 'calls', 'rollups')",
    )
    .fetch_one(&mut *db)
    .await?;
    if ours < 4 {
        return Err(StoreError::Unreadable("it has none of ringside's tables".to_owned()));
    }
    Ok(sqlx::query_scalar("select coalesce(max(version), 0) from _sqlx_migrations").fetch_one(db).await?)
}

/// # Errors
/// If the schema is not this program's, neither older nor newer.
pub(super) async fn check_current(db: &mut SqliteConnection) -> Result<(), StoreError> {
    let (found, known) = (version(db).await?, known());
    match found.cmp(&known) {
        std::cmp::Ordering::Less => Err(StoreError::OlderSchema { found, known }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StoreError::NewerSchema { found, known }),
    }
}

/// The zone that the sums of days were made for.
///
/// # Errors
/// If it can't be read.
pub(super) async fn zone(db: &mut SqliteConnection) -> Result<Option<Tz>, StoreError> {
    let stored: Option<String> =
        sqlx::query_scalar("select value from meta where name = 'zone'").fetch_optional(db).await?;
    let read = |name: String| name.parse().map_err(|_| StoreError::Unreadable(format!("meta: the zone {name}")));
    stored.map(read).transpose()
}

/// The zone that the database at `path` was made for; `None` where there is none, or nobody ever wrote to it.
///
/// # Errors
/// If it can't be read.
pub async fn stored_zone(path: &Path) -> Result<Option<Tz>, StoreError> {
    if check_there(path).is_err() {
        return Ok(None);
    }
    let mut db = super::options(path).pragma("query_only", "on").connect().await?;
    let made: i64 = sqlx::query_scalar("select count(*) from sqlite_master where type = 'table' and name = 'meta'")
        .fetch_one(&mut db)
        .await?;
    if made == 0 { Ok(None) } else { zone(&mut db).await }
}
