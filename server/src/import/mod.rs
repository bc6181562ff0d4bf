//! `ringside import`: files of calls past, through the same ingest as live events.
//!
//! `bytes` unpacks and decodes a file, `records` parts it into rows, `shape` and `format` tell what it is. A [`Translate`](crate::source::file::Translate) of
//! `source/` (or `columns`, for a CSV of anybody's) makes events of the rows that `rows` hands it, `run` hands them on in
//! batches; `tally`, `explain`, `ends` and `directions` keep account of each row. Nothing is remembered of a file: a call's record
//! is merged like any
//! other word of it, so that a file may be read twice, or again after an import was stopped, and changes nothing.

pub mod bytes;
pub mod columns;
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

pub use format::Format;
pub use remote::{Failure, Remote};
