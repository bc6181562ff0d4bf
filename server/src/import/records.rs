//! A CSV's records out of physical lines, so that a quote which is never closed can be taken back.
//!
//! A field in quotes may hold line ends, and then its record has several lines. A quote that was forgotten makes the same of
//! lines that have nothing to do with one another. Which of the two it is, whoever reads knows best: it may give all lines
//! but the first back, and reads them anew.

use csv::ByteRecord;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use memchr::memchr2;
use std::io::{self, BufRead};

/// Longest record: a quote that is never closed would else take the rest of the file into memory.
const MAX_RECORD: usize = 1 << 20;

/// A record, and where it stands.
#[derive(Debug)]
pub struct Record {
    pub fields: ByteRecord,
    /// Its first line and its last.
    pub line: u64,
    pub last: u64,
    /// Whether its quotes are closed: they are not where the file, or patience, ended before, nor where a field of several
    /// lines ends in the midst of a text, as it does at the quote that the next row opens.
    pub closed: bool,
}

impl Record {
    #[must_use]
    pub const fn is_of_one_line(&self) -> bool {
        self.line == self.last
    }
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Line,
    /// With the input.
    Input,
    /// By being longer than any record may be.
    Length,
}

pub struct Records<R> {
    input: R,
    delimiter: u8,
    csv: Reader,
    /// What was given back, and how far it is read again.
    back: Vec<u8>,
    at: usize,
    /// Lines read so far, but for what was given back.
    line: u64,
    /// The lines of the record read last, and where the first ends.
    raw: Vec<u8>,
    first: usize,
    /// The record's fields as far as they are read: their text, and where each ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    written: (usize, usize),
}

impl<R: BufRead> Records<R> {
    pub fn new(input: R, delimiter: u8) -> Self {
        Self {
            input,
            delimiter,
            csv: ReaderBuilder::new().delimiter(delimiter).build(),
            back: Vec::new(),
            at: 0,
            line: 0,
            raw: Vec::new(),
            first: 0,
            text: vec![0; 1 << 12],
            ends: vec![0; 64],
            written: (0, 0),
        }
    }

    /// The next record; lines that hold nothing are passed over.
    ///
    /// # Errors
    /// If the input can't be read.
    pub fn next(&mut self) -> io::Result<Option<Record>> {
        self.raw.clear();
        self.csv.reset();
        self.written = (0, 0);
        let mut line = self.line + 1;
        loop {
            let before = self.raw.len();
            let end = self.next_line()?;
            let content = self.raw[before..].trim_ascii_end().len();
            if before == 0 {
                if self.raw.is_empty() {
                    return Ok(None);
                }
                if content == 0 {
                    self.raw.clear();
                    line = self.line + 1;
                    continue;
                }
                self.first = self.raw.len();
            }
            // A line's end is one sign, whatever it was.
            let text = before..before + line_without_end(&self.raw[before..]);
            let whole = end != End::Length && (self.feed(text) || self.feed_bytes(b"\n"));
            if whole || end != End::Line || self.raw.len() > MAX_RECORD {
                let closed = whole && (self.line == line || well_quoted(&self.raw, self.delimiter));
                return Ok(Some(self.record(line, closed)));
            }
        }
    }

    /// The first line of the record read last.
    #[must_use]
    pub fn first_line(&self) -> &[u8] {
        self.raw.get(..self.first).unwrap_or_default().trim_ascii_end()
    }

    /// Has all lines but the first of the record read last read anew.
    pub fn give_back(&mut self, record: &Record) {
        let rest = self.back.split_off(self.at.min(self.back.len()));
        self.back = self.raw.split_off(self.first);
        self.back.extend(rest);
        self.at = 0;
        self.line = record.line;
    }

    fn record(&self, line: u64, closed: bool) -> Record {
        let (text, ends) = self.written;
        let mut fields = ByteRecord::with_capacity(text, ends);
        let mut from = 0;
        for to in &self.ends[..ends] {
            fields.push_field(&self.text[from..*to]);
            from = *to;
        }
        Record { fields, line, last: self.line, closed }
    }

    /// Adds the next line to `raw`, with what ends it: `\n`, `\r\n` or `\r`.
    fn next_line(&mut self) -> io::Result<End> {
        let before = self.raw.len();
        let mut end = End::Input;
        loop {
            let from_back = self.at < self.back.len();
            let ahead = if from_back { &self.back[self.at..] } else { self.input.fill_buf()? };
            let Some(&next) = ahead.first() else { break };
            // After a `\r`, only the `\n` that belongs to it.
            let taken = match end {
                End::Line => usize::from(next == b'\n'),
                End::Input | End::Length => memchr2(b'\n', b'\r', ahead).map_or(ahead.len(), |at| at + 1),
            };
            self.raw.extend_from_slice(&ahead[..taken]);
            if from_back {
                self.at += taken;
            } else {
                self.input.consume(taken);
            }
            if end == End::Line {
                break;
            }
            if self.raw.ends_with(b"\n") {
                end = End::Line;
                break;
            }
            if self.raw.ends_with(b"\r") {
                end = End::Line;
            } else if self.raw.len() - before > MAX_RECORD {
                end = End::Length;
                break;
            }
        }
        self.line += u64::from(self.raw.len() > before);
        Ok(end)
    }

    /// Reads on in a part of `raw`; whether the record is whole.
    fn feed(&mut self, part: std::ops::Range<usize>) -> bool {
        let raw = std::mem::take(&mut self.raw);
        let whole = self.feed_bytes(&raw[part]);
        self.raw = raw;
        whole
    }

    fn feed_bytes(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let (text, ends) = self.written;
            let (result, read, wrote, ended) =
                self.csv.read_record(bytes, &mut self.text[text..], &mut self.ends[ends..]);
            bytes = &bytes[read..];
            self.written = (text + wrote, ends + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record | ReadRecordResult::End => return true,
            }
        }
        false
    }
}

/// Whether each quote that closes a field stands at the field's end.
fn well_quoted(raw: &[u8], delimiter: u8) -> bool {
    let (mut quoted, mut begins) = (false, true);
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if !quoted {
            quoted = byte == b'"' && begins;
            begins = byte == delimiter || byte == b'\n' || byte == b'\r';
        } else if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
            quoted = false;
            if bytes.peek().is_some_and(|next| *next != delimiter && *next != b'\n' && *next != b'\r') {
                return false;
            }
        }
    }
    !quoted
}

/// How long a line is without what ends it.
fn line_without_end(line: &[u8]) -> usize {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line).len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Seen = (u64, u64, bool, Vec<String>);

    fn seen(record: &Record) -> Seen {
        let fields = record.fields.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
        (record.line, record.last, record.closed, fields)
    }

    fn read(text: &str) -> Vec<Seen> {
        let mut records = Records::new(text.as_bytes(), b',');
        std::iter::from_fn(|| records.next().unwrap()).map(|record| seen(&record)).collect()
    }

    fn one(line: u64, last: u64, closed: bool, fields: &[&str]) -> Seen {
        (line, last, closed, fields.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn records_know_their_lines_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "\"x", "y\",2", "c,d"].join(end);
            let expected =
                [one(1, 1, true, &["a", "b"]), one(3, 4, true, &["x\ny", "2"]), one(5, 5, true, &["c", "d"])];
            assert_eq!(read(&text), expected, "{end:?}");
            assert_eq!(read(&(text + end)), expected, "{end:?}");
        }
        assert_eq!(read("\n\r\n"), []);
    }

    #[test]
    fn what_an_unclosed_quote_took_is_read_anew() {
        let mut records = Records::new(b"a,\"b\nc,d\n\"e\",f\n\"g\",h\n".as_slice(), b',');
        let took = records.next().unwrap().unwrap();
        assert_eq!((took.line, took.last, took.closed, records.first_line()), (1, 3, false, b"a,\"b".as_slice()));
        records.give_back(&took);
        let rest: Vec<Seen> = std::iter::from_fn(|| records.next().unwrap()).map(|record| seen(&record)).collect();
        assert_eq!(rest, [one(2, 2, true, &["c", "d"]), one(3, 3, true, &["e", "f"]), one(4, 4, true, &["g", "h"])]);
    }

    #[test]
    fn a_quote_open_at_the_files_end_or_over_a_mebibyte_is_said_to_be() {
        let seen = read("a,b\nc,\"d\ne,f\n");
        assert_eq!((seen[1].0, seen[1].1, seen[1].2), (2, 3, false));
        let line = "x".repeat(1_000) + "\n";
        let long = format!("a,\"b\n{}", line.repeat(2_000));
        let mut records = Records::new(long.as_bytes(), b',');
        let took = records.next().unwrap().unwrap();
        assert!(!took.closed && took.last < 1_100, "{}", took.last);
        records.give_back(&took);
        let rest: Vec<u64> = std::iter::from_fn(|| records.next().unwrap()).map(|record| record.line).collect();
        assert_eq!((rest.len(), rest[0], rest[1_999]), (2_000, 2, 2_001));
    }

    proptest! {
        /// Where no quote is left open, the records are those that the `csv` crate reads.
        #[test]
        fn records_are_those_of_the_csv_crate(rows in prop::collection::vec(prop::collection::vec("[a,\"\n ]{0,4}", 2..4), 0..6)) {
            let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            rows.iter().for_each(|row| out.write_record(row).unwrap());
            let text = String::from_utf8(out.into_inner().unwrap()).unwrap();
            let fields: Vec<Vec<String>> = read(&text).into_iter().map(|(_, _, closed, fields)| { assert!(closed); fields }).collect();
            prop_assert_eq!(fields, rows);
        }
    }
}
