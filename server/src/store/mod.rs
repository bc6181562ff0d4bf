//! What is kept. One trait in domain words, one file a database; only here is SQL.

pub mod read;

/// Why the store did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database holds what this version can't read: {0}")]
    Unreadable(String),
    #[error("the database's schema is version {found}, newer than this program's {known}: use a newer ringside")]
    NewerSchema { found: i64, known: i64 },
    #[error(
        "the database was made for the site zone {stored}, the configuration says {configured}: set it back, or rebuild"
    )]
    OtherZone { stored: String, configured: String },
}
