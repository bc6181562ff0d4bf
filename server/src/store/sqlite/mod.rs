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
mod held;
mod history;
mod log;
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
use writer::Held;
pub use writer::SqliteWriter;

use super::{EDITION, StoreError, erase as pseudonyms, migrations};
use crate::kit::mask::Secret;
use crate::law;
use chrono_tz::Tz;
use held::{Lock, Whereabouts};
use sqlx::ConnectOptions;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long one connection waits for another's lock; only start and checkpoints ever make it wait.
const BUSY: Duration = Duration::from_secs(5);
/// Pages of 4 KiB in the write-ahead log before it is folded into the database: hot pages are then folded once in many
/// commits, and the log stays near 32 MiB.
const CHECKPOINT_PAGES: &str = "8192";
/// KiB of pages that the writer holds: the rows of open buckets and the newest calls of the design load. In
/// memory they take a fifth more, 160 MB at most: for a page with what SQLite notes of it, 4.3 KB, the allocator gives 5 KiB.
const WRITER_CACHE_KIB: &str = "-131072";
/// KiB of pages that each reader holds.
const READER_CACHE_KIB: &str = "-16384";
/// Reads at a time; more wait their turn. Two cores gain nothing from more, and each costs its cache.
const READERS: u32 = 4;

/// Under this name `meta` has the number of the last commit.
const COMMITS: &str = "commits";

/// Opens the database at `path`, making it where there is none.
///
/// # Errors
/// If another ringside writes to it, it lacks commits that were noted, its schema is newer than this program's, it was made for another site zone, or the
/// file can't be opened.
pub async fn open(path: &Path, zone: Tz) -> Result<(SqliteWriter, SqliteStore), StoreError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let was_there = held::was_there(path);
    let mut lock = Lock::take(path)?;
    lock.make(path, was_there)?;
    held::keep_private(path);
    opened(path, zone, lock).await.map_err(|error| of_file(path, error))
}

async fn opened(path: &Path, zone: Tz, lock: Lock) -> Result<(SqliteWriter, SqliteStore), StoreError> {
    let options = options(path);
    let writing = options
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        // Each commit is on the disk before it is acknowledged, loss of power included.
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("cache_size", WRITER_CACHE_KIB)
        .pragma("temp_store", "memory");
    let mut writer = writing.connect().await?;
    // Before anything is written: its log may be put back.
    let (commits, noted) = (commits(&mut writer).await?, lock.noted()?);
    if commits < noted {
        return Err(StoreError::Behind { file: path.display().to_string(), missing: noted - commits });
    }
    migrate(&mut writer).await?;
    check_zone(&mut writer, zone).await?;
    let secret = secret(&mut writer).await?;
    let whereabouts = Whereabouts::note(path)?;
    let reading = options.pragma("query_only", "on").pragma("cache_size", READER_CACHE_KIB);
    let readers = SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(reading.clone());
    let store = SqliteStore::new(readers, zone, secret, whereabouts.clone());
    let held = Held { path: path.to_owned(), whereabouts, lock, commits };
    Ok((SqliteWriter::new(writer, writing, reading, zone, held), store))
}

/// What goes wrong with a file, with its name and what to do.
fn of_file(path: &Path, error: StoreError) -> StoreError {
    let StoreError::Database(error) = error else { return error };
    let code = error.as_database_error().and_then(|told| told.code()).unwrap_or_default().into_owned();
    // The lower byte is the kind (sqlite.org/rescode.html).
    let advice = match code.parse::<u32>().unwrap_or_default() & 0xff {
        5 | 6 => "another program holds it; close that, and start again",
        8 => "it can't be written; look at whom it belongs to, and how its disk is mounted",
        10 => "its disk fails; look at the system's log, and restore a backup (`ringside restore`) on a sound one",
        11 | 26 => {
            "it is damaged, or no database of ringside's; move it away and restore a backup (`ringside restore`). A plain \
             copy of a database in use is damaged: copy with `ringside backup`"
        }
        13 => "its disk is full; make room",
        14 => "it can't be opened; look at whom the file and its folder belong to",
        _ => "`ringside verify` looks through it; a backup is put back by `ringside restore`",
    };
    StoreError::File { file: path.display().to_string(), error, advice }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(BUSY).disable_statement_logging()
}

async fn migrate(db: &mut SqliteConnection) -> Result<(), StoreError> {
    let known = schema::known();
    match migrations::sqlite().run(db).await {
        Ok(()) => Ok(()),
        // What the database has and we don't know of was made by a later version.
        Err(MigrateError::VersionMissing(found)) => Err(StoreError::NewerSchema { found, known }),
        Err(other) => Err(StoreError::Database(other.into())),
    }
}

/// The number of the last commit; 0 of a database that holds nothing.
async fn commits(db: &mut SqliteConnection) -> Result<u64, StoreError> {
    let tables = sqlx::query_scalar("select count(*) from sqlite_master where name = 'meta'");
    let tables: i64 = tables.fetch_one(&mut *db).await?;
    if tables == 0 {
        return Ok(0);
    }
    let find = sqlx::query_scalar("select value from meta where name = ?").bind(COMMITS);
    let told: Option<String> = find.fetch_optional(db).await?;
    Ok(told.and_then(|text| text.parse().ok()).unwrap_or_default())
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
            let put = sqlx::query("insert into meta (name, value) values ('zone', ?), (?, ?)");
            put.bind(zone.name()).bind(EDITION).bind(law::EDITION.to_string()).execute(db).await?;
            Ok(())
        }
        Some(stored) if stored == zone.name() => Ok(()),
        Some(stored) => Err(StoreError::OtherZone { stored, configured: zone.name().to_owned() }),
    }
}
