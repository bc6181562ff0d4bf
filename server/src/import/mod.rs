//! `ringside import`: files of calls past, through the same ingest as live events.
//!
//! `bytes` unpacks and decodes a file, `records` parts it into rows, `shape` and `format` tell what it is. A [`Translate`] of
//! `source/` (or `columns`, for a CSV of anybody's) makes events of the rows that `rows` hands it, `run` hands them on in
//! batches; `tally`, `explain`, `ends` and `directions` keep account of each row. Nothing is remembered of a file: a call's record is merged like any
//! other word of it, so that a file may be read twice, or again after an import was stopped, and changes nothing.

pub mod bytes;
pub mod columns;
pub mod defaults;
mod directions;
mod ends;
pub mod explain;
mod explaining;
mod format;
pub mod lines;
pub mod mapping;
mod records;
mod remote;
pub mod rows;
pub mod run;
pub mod seen;
pub mod shape;
pub mod tables;
pub mod tally;
pub mod times;

pub use format::Format;
pub use remote::{Failure, Remote};

use crate::kit::mask::{quoted, safe};
use app::domain::{Event, RealmId, SourceId};
use smol_str::SmolStr;
use times::Times;

/// What is wrong with a row, and in which field of it. Never tells a number of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct Wrong {
    pub field: SmolStr,
    pub why: String,
    /// The text that it is about, as [`quoted`] shows it.
    pub text: String,
}

impl Wrong {
    #[must_use]
    pub fn new(field: &str, why: impl Into<String>) -> Self {
        // What a reader says of a value quotes it, and a person's number may stand in any column.
        Self { field: field.into(), why: safe(&why.into()), text: String::new() }
    }

    /// The same, with the text that it is about.
    #[must_use]
    pub fn showing(mut self, text: &str) -> Self {
        self.text = quoted(text);
        self
    }
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// It names the columns, and is no row of the table.
    Header,
    /// It tells of calls of ours. It has no events of its own where it waits for other rows of its call, or only adds to them.
    Told(Vec<Event>),
    /// It tells of no call of ours, and needn't; why.
    Other(&'static str),
    /// It tells of a call, but no endpoint that it names belongs to a route; which it names.
    NoRoute(Vec<SmolStr>),
}

impl Fate {
    #[must_use]
    pub fn events(self) -> Vec<Event> {
        match self {
            Self::Told(events) => events,
            Self::Header | Self::Other(_) | Self::NoRoute(_) => Vec::new(),
        }
    }
}

impl From<Event> for Fate {
    fn from(event: Event) -> Self {
        Self::Told(vec![event])
    }
}

/// What several rows tell together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Together {
    /// Their numbers, in order.
    pub rows: Vec<u64>,
    /// How many calls that were, each one event.
    pub calls: usize,
}

/// Makes events of rows.
pub trait Translate: Send + std::fmt::Debug {
    /// What a row tells of.
    ///
    /// # Errors
    /// What is wrong with the row.
    fn row(&mut self, row: &csv::StringRecord, times: &mut Times) -> Result<Fate, Wrong>;

    /// The events of calls that still waited for rows when the file ended.
    fn end(&mut self) -> Vec<Event> {
        Vec::new()
    }

    /// By which rows the events were told that were handed out since the last time, in the order of those; `None` where each
    /// row tells its own.
    fn together(&mut self) -> Option<Vec<Together>> {
        None
    }

    /// Columns that are not read, by their names.
    fn unread(&self) -> Vec<String> {
        Vec::new()
    }

    /// A line as its writer meant it, where its quotes do not follow the rules of CSV.
    fn lenient(&self, _line: &str) -> Option<csv::StringRecord> {
        None
    }

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
