//! A file, row by row, as batches of events with their line numbers.

use super::times::Times;
use super::{Translate, Wrong};
use app::domain::{Event, parse};
use csv::{ByteRecord, Position, StringRecord};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

/// Events of one batch: a fraction of what the ingest queues, and one request's body where they go to a server.
const BATCH: usize = 2_000;
/// Longest row: a quote that is never closed would else take the rest of the file into memory.
const MAX_ROW: u64 = 8 << 20;

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
    /// Rows that tell of no call of ours.
    pub others: u64,
    pub rows: u64,
    /// How far the file is read, in bytes, and up to which line.
    pub bytes: u64,
    pub line: u64,
}

/// How rows become events.
#[derive(Debug)]
pub enum Rows {
    /// Events of the contract, one a line.
    Events,
    /// Rows of a CSV.
    Csv { translate: Box<dyn Translate>, header: Header },
}

/// Whether a CSV's first row names its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    None,
    First,
}

/// Reads a file to its end, or until nobody takes batches any more.
///
/// # Errors
/// If the file can't be read, or has a row longer than 8 MiB.
pub fn read(path: &Path, rows: Rows, times: &mut Times, mut send: impl FnMut(Batch) -> bool) -> io::Result<()> {
    let file = File::open(path)?;
    match rows {
        Rows::Events => read_events(file, &mut send),
        Rows::Csv { translate, header } => read_csv(file, translate, header, times, &mut send),
    }
}

/// Counts what one row takes.
struct Bounded<R> {
    inner: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read.get() > MAX_ROW {
            return Err(io::Error::other("a row longer than 8 MiB: is a quote never closed?"));
        }
        let n = self.inner.read(buffer)?;
        self.read.set(self.read.get() + n as u64);
        Ok(n)
    }
}

fn read_csv(
    file: File,
    mut translate: Box<dyn Translate>,
    header: Header,
    times: &mut Times,
    send: &mut impl FnMut(Batch) -> bool,
) -> io::Result<()> {
    let read = Rc::new(Cell::new(0));
    let bounded = Bounded { inner: file, read: Rc::clone(&read) };
    let mut reader = csv::ReaderBuilder::new().has_headers(header == Header::First).flexible(true).from_reader(bounded);
    let mut row = ByteRecord::new();
    let mut batch = Batch::default();
    loop {
        let begins = reader.position().line();
        let more = reader.read_byte_record(&mut row);
        if !more.map_err(|error| io::Error::other(format!("at line {begins}: {error}")))? {
            break;
        }
        read.set(0);
        let line = row.position().map_or(0, Position::line);
        // Names of people may be in any encoding; what matters is ASCII.
        let text = StringRecord::from_byte_record_lossy(std::mem::take(&mut row));
        batch.rows += 1;
        (batch.bytes, batch.line) = (reader.position().byte(), line);
        match translate.row(&text, times) {
            Ok(Some(event)) => batch.events.push((line, event)),
            Ok(None) => batch.others += 1,
            Err(wrong) => batch.rejects.push(Reject { line, wrong }),
        }
        row = text.into_byte_record();
        if batch.rows >= BATCH as u64 && !send(std::mem::take(&mut batch)) {
            return Ok(());
        }
    }
    send(batch);
    Ok(())
}

fn read_events(file: File, send: &mut impl FnMut(Batch) -> bool) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let (mut bytes, mut line, mut text) = (0u64, 0u64, Vec::new());
    let mut batch = Batch::default();
    loop {
        text.clear();
        line += 1;
        let n = (&mut reader).take(MAX_ROW + 1).read_until(b'\n', &mut text)? as u64;
        if n == 0 {
            break;
        }
        if n > MAX_ROW {
            return Err(io::Error::other(format!("at line {line}: longer than 8 MiB")));
        }
        bytes += n;
        (batch.bytes, batch.line) = (bytes, line);
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        batch.rows += 1;
        match event(text) {
            Ok(event) => batch.events.push((line, event)),
            Err(wrong) => batch.rejects.push(Reject { line, wrong }),
        }
        if batch.rows >= BATCH as u64 && !send(std::mem::take(&mut batch)) {
            return Ok(());
        }
    }
    send(batch);
    Ok(())
}

fn event(text: &[u8]) -> Result<Event, Wrong> {
    let text = std::str::from_utf8(text).map_err(|_| Wrong::new("", "not UTF-8"))?;
    parse::event(text).map_err(|rejected| match rejected.error {
        parse::ParseError::Field(wrong) => Wrong::new(&wrong.place, wrong.what),
        other => Wrong::new("", other.to_string()),
    })
}
