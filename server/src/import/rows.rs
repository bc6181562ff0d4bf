//! Rows one after another through a translator, gathered to batches: the same for rows of a file and of a table.

use super::directions::Directions;
use super::ends::Ends;
use super::explain::Explained;
use super::explaining::Explaining;
use super::tally::Tally;
use crate::source::file::times::Times;
use crate::source::file::{Fate, Together, Translate, Wrong};
use app::domain::Event;
use csv::{ByteRecord, StringRecord};
use encoding_rs::WINDOWS_1252;

/// Events of one batch: a fraction of what the ingest queues, and one request's body where they go to a server.
const BATCH: usize = 2_000;
/// Why rows that seemed to be of a call are of none.
const OF_NOBODY_OUTSIDE: &str = "of a call in which no carrier's channel is seen";
/// How databases write nothing into a field.
const NOTHING: [&str; 2] = ["\\N", "NULL"];

/// A row that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    pub line: u64,
    pub wrong: Wrong,
}

/// What some rows came to.
#[derive(Debug, Default)]
pub struct Batch {
    /// Each with the line it is from.
    pub events: Vec<(u64, Event)>,
    pub rejects: Vec<Reject>,
    /// What became of each row, where that was asked for.
    pub explained: Vec<(u64, Explained)>,
    pub tally: Tally,
    /// How far it is read: in bytes, or what else its size is counted in, and up to which line.
    pub done: u64,
    pub line: u64,
    /// From where on a table is read again.
    pub mark: Option<String>,
}

/// What is known once a file was read.
#[derive(Debug, Clone)]
pub struct Told {
    pub times: Times,
    /// Calls that it begins and does not end; whether there were more at once than are watched.
    pub open: u64,
    pub open_beyond: bool,
    /// Calls of which it does not tell which way they went.
    pub undirected: u64,
    /// Rows that were no UTF-8, and were read as Windows' form of Latin-1.
    pub latin: u64,
    /// What of it is hardly as it was meant.
    pub doubt: Option<&'static str>,
    /// Rows that told something that is no telephone number where one belongs, by the field.
    pub no_numbers: Vec<(&'static str, u64)>,
}

/// Whether each row's fate is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explain {
    No,
    EachRow,
}

/// What is read, so far.
#[derive(Debug)]
pub struct Reading {
    translate: Option<Box<dyn Translate>>,
    times: Times,
    ends: Ends,
    directions: Directions,
    explaining: Explaining,
    latin: u64,
    batch: Batch,
}

impl Reading {
    /// By a translator, or without where rows are events already.
    #[must_use]
    pub fn new(translate: Option<Box<dyn Translate>>, times: Times, explain: Explain) -> Self {
        let (ends, directions, explaining) = (Ends::default(), Directions::default(), Explaining::new(explain));
        Self { translate, times, ends, directions, explaining, latin: 0, batch: Batch::default() }
    }

    /// Reads a row; `raw` is the text of its line, where it has one of its own.
    pub fn row(&mut self, line: u64, fields: ByteRecord, raw: Option<&[u8]>) {
        let row = self.text(fields);
        let fate = self.translated(line, &row);
        let fate = match (fate, raw) {
            (Err(wrong), Some(raw)) => self.lenient(line, raw).unwrap_or(Err(wrong)),
            (fate, _) => fate,
        };
        self.told(line, fate);
    }

    /// What the translator says of a row, without telling anybody; an error changes nothing in it.
    pub fn translated(&mut self, line: u64, row: &StringRecord) -> Result<Fate, Wrong> {
        self.times.begin(line);
        match &mut self.translate {
            Some(translate) => translate.row(row, &mut self.times),
            None => Err(Wrong::new("", "not an event")),
        }
    }

    /// A line whose quotes do not follow the rules of CSV, where its writer's own are known.
    fn lenient(&mut self, line: u64, raw: &[u8]) -> Option<Result<Fate, Wrong>> {
        let row = self.translate.as_ref()?.lenient(&decoded(raw))?;
        Some(self.translated(line, &row))
    }

    /// Reads the first line of a row that took others for part of it, by its writer's own rules of quotes; whether it could.
    pub fn alone(&mut self, line: u64, raw: &[u8]) -> bool {
        let Some(Ok(fate)) = self.lenient(line, raw) else { return false };
        self.told(line, Ok(fate));
        true
    }

    /// Counts what became of a row, and keeps its events for the batch.
    pub fn told(&mut self, line: u64, fate: Result<Fate, Wrong>) {
        self.batch.line = line;
        let together = self.translate.as_mut().and_then(|translate| translate.together());
        let waits = together.is_some() && matches!(fate, Ok(Fate::Told(_)));
        if waits {
            self.batch.tally.rows += 1;
            self.explaining.waits(line);
        } else {
            self.batch.tally.row(&fate);
            self.explaining.known(line, || Explained::of(&fate));
        }
        let events = match fate {
            Ok(fate) => fate.events(),
            Err(wrong) => {
                self.batch.rejects.push(Reject { line, wrong });
                Vec::new()
            }
        };
        self.tell(line, together, events);
    }

    /// Keeps events: of this row, or of those that told them together.
    fn tell(&mut self, line: u64, together: Option<Vec<Together>>, events: Vec<Event>) {
        for event in &events {
            self.ends.hear(event);
            self.directions.hear(event);
        }
        let mut events = events.into_iter();
        for Together { rows, calls } in together.unwrap_or_default() {
            let calls: Vec<Event> = events.by_ref().take(calls).collect();
            let first = self.settle(&rows, &calls).unwrap_or(line);
            self.batch.events.extend(calls.into_iter().map(|event| (first, event)));
        }
        self.batch.events.extend(events.map(|event| (line, event)));
    }

    /// Says of rows that waited what they told together; gives the first of them.
    fn settle(&mut self, rows: &[u64], calls: &[Event]) -> Option<u64> {
        let Self { explaining, batch: Batch { tally, .. }, .. } = self;
        let mut first = None;
        for row in rows {
            let fate = || match first {
                _ if calls.is_empty() => Explained::no_call(OF_NOBODY_OUTSIDE),
                None => Explained::told(calls),
                Some(first) => Explained::with_others(calls, first),
            };
            if !explaining.settled(*row, fate) {
                continue;
            }
            if calls.is_empty() {
                tally.others.add(&OF_NOBODY_OUTSIDE, 1);
            } else {
                tally.with_others += u64::from(first.is_some());
            }
            first = first.or(Some(*row));
        }
        first
    }

    /// A row as text: what is no UTF-8 is Windows' form of Latin-1, and what means nothing is empty.
    pub fn text(&mut self, fields: ByteRecord) -> StringRecord {
        let row = StringRecord::from_byte_record(fields).unwrap_or_else(|error| {
            self.latin += 1;
            error.into_byte_record().iter().map(|field| WINDOWS_1252.decode_without_bom_handling(field).0).collect()
        });
        if !row.iter().any(|field| NOTHING.contains(&field)) {
            return row;
        }
        row.iter().map(|field| if NOTHING.contains(&field) { "" } else { field }).collect()
    }

    /// The batch, where it is full: counted by rows and by events, for a row may give several and many none.
    pub fn full(&mut self, done: u64) -> Option<Batch> {
        let full = self.batch.tally.rows >= BATCH as u64 || self.batch.events.len() >= BATCH;
        full.then(|| self.take(done))
    }

    /// What there is, with how far it is read.
    pub fn take(&mut self, done: u64) -> Batch {
        let line = self.batch.line;
        let batch = std::mem::take(&mut self.batch);
        self.batch.line = line;
        Batch { done, explained: self.explaining.take(), ..batch }
    }

    /// The last batch, with what waited for further rows; and what is known of the whole.
    pub fn end(mut self, done: u64) -> (Batch, Told) {
        let held = self.translate.as_mut().map(|translate| translate.end()).unwrap_or_default();
        let together = self.translate.as_mut().and_then(|translate| translate.together());
        self.tell(self.batch.line, together, held);
        self.batch.tally.with_others += self.explaining.end();
        let batch = self.take(done);
        let doubt = self.translate.as_ref().and_then(|translate| translate.doubt());
        let Self { times, ends, directions, latin, .. } = self;
        let (open, open_beyond, undirected) = (ends.open(), ends.beyond, directions.untold());
        let no_numbers = self.translate.as_ref().map(|translate| translate.no_numbers()).unwrap_or_default();
        let told = Told { times, open, open_beyond, undirected, latin, doubt, no_numbers };
        (batch, told)
    }
}

/// Text of one encoding or the other.
fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}
