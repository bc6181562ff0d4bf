//! A file, row by row, as batches of events with their line numbers.

use super::bytes::{Opened, open};
use super::records::{Record, Records};
use super::rows::{Batch, Explain, Reading, Told};
use crate::source::file::times::Times;
use crate::source::file::{Fate, Translate, Wrong};
use app::domain::{Event, parse};
use csv::ByteRecord;
use encoding_rs::Encoding;
use std::io::{self, BufRead, Read};
use std::path::PathBuf;

/// Longest line of events, as of an event that is sent.
const MAX_LINE: u64 = 8 << 20;

/// A file, and how its rows become events.
#[derive(Debug)]
pub struct Source {
    pub path: PathBuf,
    /// Where it is told.
    pub encoding: Option<&'static Encoding>,
    pub rows: Rows,
}

/// How rows become events.
#[derive(Debug)]
pub enum Rows {
    /// Events of the contract, one a line.
    Events,
    /// Rows of a CSV.
    Csv { translate: Box<dyn Translate>, header: Header, delimiter: u8 },
}

/// Whether a CSV's first row names its columns, so that a translator needn't see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    None,
    First,
}

/// Reads a file to its end, or until nobody takes batches any more.
///
/// # Errors
/// If the file can't be read.
pub fn read(source: Source, times: Times, explain: Explain, send: impl FnMut(Batch) -> bool) -> io::Result<Told> {
    read_opened(open(&source.path, source.encoding)?, source.rows, times, explain, send)
}

pub(crate) fn read_opened(
    opened: Opened,
    rows: Rows,
    times: Times,
    explain: Explain,
    mut send: impl FnMut(Batch) -> bool,
) -> io::Result<Told> {
    let read = opened.read.clone();
    let reading = match rows {
        Rows::Events => {
            let mut reading = Reading::new(None, times, explain);
            read_events(opened, &mut reading, &mut send)?;
            reading
        }
        Rows::Csv { translate, header, delimiter } => {
            let mut reading = Reading::new(Some(translate), times, explain);
            read_csv(opened, (header, delimiter), &mut reading, &mut send)?;
            reading
        }
    };
    let (last, told) = reading.end(read.get());
    // Nobody takes it where the import was stopped.
    send(last);
    Ok(told)
}

fn read_csv(
    Opened { text, read }: Opened,
    (header, delimiter): (Header, u8),
    reading: &mut Reading,
    send: &mut impl FnMut(Batch) -> bool,
) -> io::Result<()> {
    let mut records = Records::new(text, delimiter);
    let names = match header {
        Header::First => records.next()?.map(|record| record.fields),
        Header::None => None,
    };
    let mut columns = names.as_ref().map(ByteRecord::len);
    while let Some(record) = records.next()? {
        if names.as_ref() == Some(&record.fields) {
            reading.told(record.line, Ok(Fate::Header));
            continue;
        }
        if record.is_of_one_line() {
            columns = Some(record.fields.len());
            reading.row(record.line, record.fields, Some(records.first_line()));
        } else {
            several_lines(&mut records, &record, columns, reading);
        }
        if let Some(batch) = reading.full(read.get())
            && !send(batch)
        {
            return Ok(());
        }
    }
    Ok(())
}

/// A field may hold line ends; but a record that has not as many columns as the others, or whose end is missing, is one only
/// because a quote was never closed.
fn several_lines(
    records: &mut Records<Box<dyn BufRead>>,
    record: &Record,
    columns: Option<usize>,
    reading: &mut Reading,
) {
    let alike = record.closed && columns.is_none_or(|columns| columns == record.fields.len());
    let row = reading.text(record.fields.clone());
    let fate = alike.then(|| reading.translated(record.line, &row));
    match fate {
        Some(Ok(fate)) => reading.told(record.line, Ok(fate)),
        Some(Err(wrong)) if columns.is_some() => {
            let why = format!("{} (the row ends in line {}: is a quote never closed?)", wrong.why, record.last);
            reading.told(record.line, Err(Wrong { why, ..wrong }));
        }
        Some(Err(_)) | None => take_back(records, record, reading),
    }
}

/// Has the lines after the first read anew, and says so.
fn take_back(records: &mut Records<Box<dyn BufRead>>, record: &Record, reading: &mut Reading) {
    if !reading.alone(record.line, records.first_line()) {
        let lines = match record.last - record.line {
            1 => format!("line {}", record.last),
            _ => format!("lines {} to {}", record.line + 1, record.last),
        };
        let why = format!("a quote in it is never closed: it took {lines} for a part of it; what it took is read anew");
        let first = String::from_utf8_lossy(records.first_line());
        let from = first.rfind('"').unwrap_or_default();
        reading.told(record.line, Err(Wrong::new("", why).showing(first.get(from..).unwrap_or_default())));
    }
    records.give_back(record);
}

fn read_events(
    Opened { mut text, read }: Opened,
    reading: &mut Reading,
    send: &mut impl FnMut(Batch) -> bool,
) -> io::Result<()> {
    let (mut line, mut bytes) = (0u64, Vec::new());
    loop {
        bytes.clear();
        line += 1;
        let n = (&mut text).take(MAX_LINE + 1).read_until(b'\n', &mut bytes)? as u64;
        if n == 0 {
            return Ok(());
        }
        if n > MAX_LINE {
            return Err(io::Error::other(format!("at line {line}: longer than 8 MiB")));
        }
        let event_text = bytes.trim_ascii();
        if event_text.is_empty() {
            continue;
        }
        reading.told(line, event(event_text).map(Fate::from));
        if let Some(batch) = reading.full(read.get())
            && !send(batch)
        {
            return Ok(());
        }
    }
}

fn event(text: &[u8]) -> Result<Event, Wrong> {
    let text = std::str::from_utf8(text).map_err(|_| Wrong::new("", "not UTF-8"))?;
    parse::event(text).map_err(|rejected| {
        if let parse::ParseError::Field(wrong) = rejected.error {
            Wrong::new(&wrong.place, wrong.what).showing(&value_at(text, &wrong.place))
        } else {
            Wrong::new("", rejected.error.to_string())
        }
    })
}

/// What stands at a place like `data.call_id` of an event.
fn value_at(text: &str, place: &str) -> String {
    let Ok(event) = serde_json::from_str::<serde_json::Value>(text) else { return String::new() };
    match event.pointer(&format!("/{}", place.replace('.', "/"))) {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
