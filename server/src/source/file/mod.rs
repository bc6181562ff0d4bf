//! What all readers of files of calls past share: rows in, each row's fate out.
//!
//! A reader is a [`Translate`]: it lives beside the live reader of its system, since both speak of the same calls. Which
//! file it is, what a row's bytes are and what is said of the whole belongs to `import`.

pub mod defaults;
pub mod times;

use crate::kit::mask::{quoted, safe};
use app::domain::event::CallRecord;
use app::domain::{Data, Event, EventId, Moment, RealmId, SourceId};
use defaults::Defaults;
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
    /// It waits for other rows as well, and tells of no call of ours unless one of these does; why.
    Held(&'static str),
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
            Self::Header | Self::Held(_) | Self::Other(_) | Self::NoRoute(_) => Vec::new(),
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

    /// What of the rows read so far is hardly as it was meant, once a file was read.
    fn doubt(&self) -> Option<String> {
        None
    }

    /// Of the rows read so far those that told something that is no telephone number where one belongs, by the field.
    fn no_numbers(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
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

/// A record as an event, told at `time`.
pub fn event(origin: &Origin, what: &str, defaults: &Defaults, mut record: CallRecord, time: Moment) -> Event {
    defaults.fill(&mut record);
    record.realm = record.realm.or_else(|| Some(origin.realm.clone()));
    let mut id = format!("{what}/{}/{}", time.micros(), record.call_id);
    while id.len() > app::domain::ids::MAX_ID_BYTES {
        id.pop();
    }
    Event {
        id: EventId::trusted(SmolStr::from(id)),
        source: origin.source.clone(),
        time,
        data: Data::CallRecord(record),
    }
}
