//! What is kept; and, for imports, what others keep (`foreign`). One trait for reading (`read`) and one for writing (`write`), in domain words; one folder a database, and
//! only there is SQL; `any` is whichever of them. What two databases have in common stands beside: the columns of a call
//! (`call_row`, `cells`), where new ones go (`places`) and other rows (`rows`), texts of settings, sums as bytes (`tally`, `summing`), and how long what is kept (`keeping`).

pub mod any;
pub mod audit;
pub mod audit_log;
mod call_row;
mod cells;
pub mod erase;
pub mod foreign;
pub(crate) mod keeping;
mod migrations;
pub mod past;
mod places;
pub mod postgres;
pub mod read;
mod rows;
mod settings_text;
pub mod sqlite;
mod summing;
pub mod tally;
pub(crate) mod telling;
pub mod write;

use crate::audit::seal::NoEntry;
use crate::law::samples::Unreadable;
use std::io::ErrorKind;

/// Under this name `meta` has the edition of the law that the sums were made by.
const EDITION: &str = "law";

/// What must fit onto the disk before it counts as having room again: as much as the largest commits write.
pub(crate) const ROOM: usize = 16 << 20;

/// Why the store did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database's folder or lock file: {0}")]
    Io(#[from] std::io::Error),
    #[error("the database is away: {0}")]
    Away(String),
    #[error("{0}")]
    ByOtherMeans(&'static str),
    #[error("another server leads")]
    LedElsewhere,
    #[error("another ringside writes to {0}: stop it, or choose another --database")]
    InUse(String),
    #[error(
        "there was a database at {0}, and it is gone: put it back, or a backup of it (`ringside restore`); to begin with an \
         empty one, remove {0}.lock and {0}-wal"
    )]
    Gone(String),
    #[error(
        "{file} lacks its newest commits ({missing} of them): the log {file}-wal, in which they were, is gone, or an older copy \
         stands in its place. Put the log back beside it, or a newer backup (`ringside restore`); to go on without them, \
         remove {file}.lock"
    )]
    Behind { file: String, missing: u64 },
    #[error(
        "{0} is no longer where it was opened: nothing more is acknowledged, since it would be lost; put it back, or stop \
         this server and restore a backup"
    )]
    Lost(String),
    #[error("{file}: {error}; {advice}")]
    File { file: String, error: sqlx::Error, advice: &'static str },
    #[error("{0} is in the way: {1}")]
    InTheWay(String, &'static str),
    #[error(
        "{0} holds a transaction from before, and with it what was erased: end that, and erase the same number again"
    )]
    StillSeen(String),
    #[error("there is no database at {0}")]
    NotThere(String),
    #[error(
        "the database's schema is version {found}, older than this program's {known}: start `ringside serve` on it once, \
         which brings it up to date"
    )]
    OlderSchema { found: i64, known: i64 },
    #[error("the database holds what this version can't read: {0}")]
    Unreadable(String),
    #[error("the database's schema is version {found}, newer than this program's {known}: use a newer ringside")]
    NewerSchema { found: i64, known: i64 },
    #[error(
        "the database was made for the site zone {stored}, the configuration says {configured}: set it back, or rebuild"
    )]
    OtherZone { stored: String, configured: String },
}

impl From<NoEntry> for StoreError {
    fn from(none: NoEntry) -> Self {
        Self::Unreadable(none.to_string())
    }
}

impl From<Unreadable> for StoreError {
    fn from(sample: Unreadable) -> Self {
        Self::Unreadable(sample.to_string())
    }
}

impl StoreError {
    /// Whether there was no room for what was to be written.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        match self {
            // SQLITE_FULL, and PostgreSQL's disk_full.
            Self::Database(sqlx::Error::Database(told)) | Self::File { error: sqlx::Error::Database(told), .. } => {
                matches!(told.code().as_deref(), Some("13" | "53100"))
            }
            Self::Database(sqlx::Error::Io(error)) | Self::Io(error) => {
                matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
            }
            Self::Database(_)
            | Self::File { .. }
            | Self::Gone(_)
            | Self::Lost(_)
            | Self::Behind { .. }
            | Self::Away(_)
            | Self::ByOtherMeans(_)
            | Self::LedElsewhere
            | Self::InUse(_)
            | Self::InTheWay(..)
            | Self::StillSeen(_)
            | Self::NotThere(_)
            | Self::OlderSchema { .. }
            | Self::Unreadable(_)
            | Self::NewerSchema { .. }
            | Self::OtherZone { .. } => false,
        }
    }
}
