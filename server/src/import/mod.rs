//! `ringside import`: files of calls past, through the same ingest as live events.
//!
//! `lines` reads a file row by row, a [`Translate`] of `source/` (or `columns`, for a CSV of anybody's) makes an event of
//! each, `run` hands them on in batches and keeps count. Nothing is remembered of a file: a call's record is merged like any
//! other word of it, so that a file may be read twice, or again after an import was stopped, and changes nothing.

pub mod columns;
pub mod defaults;
mod format;
pub mod lines;
mod remote;
pub mod run;
pub mod times;

pub use format::{Format, first_row};
pub use remote::Remote;

use app::domain::{Event, RealmId, SourceId};
use smol_str::SmolStr;
use times::Times;

/// What is wrong with a row, and in which field of it. Never tells a number of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct Wrong {
    pub field: SmolStr,
    pub why: String,
}

impl Wrong {
    #[must_use]
    pub fn new(field: &str, why: impl Into<String>) -> Self {
        Self { field: field.into(), why: why.into() }
    }
}

/// Makes events of rows.
pub trait Translate: Send + std::fmt::Debug {
    /// The event that a row tells of; none where it tells of no call of ours.
    ///
    /// # Errors
    /// What is wrong with the row.
    fn row(&mut self, row: &csv::StringRecord, times: &mut Times) -> Result<Option<Event>, Wrong>;

    /// What whoever reads the figures must know of what such files don't tell.
    fn caveat(&self) -> Option<&'static str> {
        None
    }
}

/// Whose calls they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub source: SourceId,
    pub realm: RealmId,
}
