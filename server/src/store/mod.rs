//! What is kept. One trait for reading and one for writing, in domain words; one folder a database; only there is SQL.

pub mod read;
pub mod sqlite;
pub mod tally;
pub mod write;

/// Why the store did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database's folder or lock file: {0}")]
    Io(#[from] std::io::Error),
    #[error("another ringside writes to {0}: stop it, or choose another --database")]
    InUse(String),
    #[error("the database holds what this version can't read: {0}")]
    Unreadable(String),
    #[error("the database's schema is version {found}, newer than this program's {known}: use a newer ringside")]
    NewerSchema { found: i64, known: i64 },
    #[error(
        "the database was made for the site zone {stored}, the configuration says {configured}: set it back, or rebuild"
    )]
    OtherZone { stored: String, configured: String },
}
