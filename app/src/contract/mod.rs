//! The contract in words: what `/docs`, `/api/v1/schema` and the first run's page say of events and frames.
//!
//! Types, fields and their shapes come from the types themselves ([`Data::described`]); here are the words beside them and
//! an example of each. A type or field without words fails a test. Nothing here takes part in reading an event.
//!
//! [`Data::described`]: crate::domain::Data::described

mod asked;
mod codes;
mod examples;
mod frames;
pub mod kind;
mod members;
#[cfg(feature = "ssr")]
mod schema;
mod send;
mod words;

pub use asked::{ASKED, ASKED_HEADERS};
pub use codes::{CodeWords, q850_causes, sip_codes};
pub use examples::{EXAMPLES, Example, example};
pub use frames::{TABLES, TableWords, VIEWS, frame_members};
pub use kind::{Field, Kind};
pub use members::members;
pub use send::{DIALER, Door, PYTHON, curl, python};
pub use words::{ENVELOPE, field_words, type_words};
