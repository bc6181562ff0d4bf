//! The embedded store: one SQLite file in WAL mode, one writer, a few readers.
//!
//! Owns the file, its lock, its schema and its settings. `writer` and `reader` implement the store's two traits;
//! `calls`, `rollups`, `agents`, `samples` and `settings` hold the SQL of their tables; `audit` proves and rebuilds the sums.

mod agents;
mod audit;
mod audit_log;
mod backup;
mod calls;
mod cells;
mod clear;
mod erase;
mod finder;
mod history;
mod past;
mod reader;
mod rollups;
mod room;
mod samples;
mod schema;
mod settings;
mod statement;
mod writer;

pub use audit::{SqliteAudit, audit, rebuild};
pub use audit_log::SqliteAuditLog;
pub use backup::{Copied, InTheWay, backup, restore};
pub use erase::erase;
pub use finder::SqliteFinder;
pub use reader::SqliteStore;
pub use schema::stored_zone;
pub use writer::SqliteWriter;

use super::{StoreError, erase as pseudonyms};
use crate::kit::mask::Secret;
use chrono_tz::Tz;
use sqlx::ConnectOptions;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/sqlite");

/// How long one connection waits for another's lock; only start and checkpoints ever make it wait.
const BUSY: Duration = Duration::from_secs(5);
/// Pages of 4 KiB in the write-ahead log before it is folded into the database: hot pages are then folded once in many
/// commits, and the log stays near 32 MiB.
const CHECKPOINT_PAGES: &str = "8192";
/// KiB of pages that the writer holds: the rows of open buckets and the newest calls of the design load.
const WRITER_CACHE_KIB: &str = "-131072";
/// KiB of pages that each reader holds.
const READER_CACHE_KIB: &str = "-16384";
/// Reads at a time; more wait their turn. Two cores gain nothing from more, and each costs its cache.
const READERS: u32 = 4;

/// Opens the database at `path`, making it where there is none.
///
/// # Errors
/// If another ringside writes to it, its schema is newer than this program's, it was made for another site zone, or the
/// file can't be opened.
pub async fn open(path: &Path, zone: Tz) -> Result<(SqliteWriter, SqliteStore), StoreError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let lock = lock(path)?;
    let options = options(path);
    let writing = options
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // Each commit is on the disk before it is acknowledged, loss of power included.
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("cache_size", WRITER_CACHE_KIB)
        .pragma("temp_store", "memory");
    let mut writer = writing.connect().await?;
    migrate(&mut writer).await?;
    check_zone(&mut writer, zone).await?;
    let secret = secret(&mut writer).await?;
    let reading = options.pragma("query_only", "on").pragma("cache_size", READER_CACHE_KIB);
    let readers = SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(reading.clone());
    Ok((SqliteWriter::new(writer, writing, reading, zone, (path, lock)), SqliteStore::new(readers, zone, secret)))
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(BUSY).disable_statement_logging()
}

/// Two writers would each believe their own memory of the sums: the lock is held for life, and goes with the process.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&name)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.display().to_string())),
        Err(TryLockError::Error(e)) => Err(e.into()),
    }
}

async fn migrate(db: &mut SqliteConnection) -> Result<(), StoreError> {
    let known = schema::known();
    match MIGRATIONS.run(db).await {
        Ok(()) => Ok(()),
        // What the database has and we don't know of was made by a later version.
        Err(MigrateError::VersionMissing(found)) => Err(StoreError::NewerSchema { found, known }),
        Err(other) => Err(StoreError::Database(other.into())),
    }
}

/// The secret of this store's pseudonyms, made when it is first opened.
async fn secret(db: &mut SqliteConnection) -> Result<Secret, StoreError> {
    let put = sqlx::query("insert or ignore into meta (name, value) values (?, ?)");
    put.bind(pseudonyms::KEY).bind(pseudonyms::fresh_key()?).execute(&mut *db).await?;
    let find = sqlx::query_scalar("select value from meta where name = ?").bind(pseudonyms::KEY);
    let text: String = find.fetch_one(db).await?;
    pseudonyms::read_key(&text)
}

/// Days are the site's: sums by day made for one zone mean nothing in another.
async fn check_zone(db: &mut SqliteConnection, zone: Tz) -> Result<(), StoreError> {
    let stored: Option<String> =
        sqlx::query_scalar("select value from meta where name = 'zone'").fetch_optional(&mut *db).await?;
    match stored {
        None => {
            let put = sqlx::query("insert into meta (name, value) values ('zone', ?)");
            put.bind(zone.name()).execute(db).await?;
            Ok(())
        }
        Some(stored) if stored == zone.name() => Ok(()),
        Some(stored) => Err(StoreError::OtherZone { stored, configured: zone.name().to_owned() }),
    }
}
