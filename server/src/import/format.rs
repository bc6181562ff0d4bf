//! Which kind of file it is: told, or recognised by its first row.

use super::columns;
use crate::source::{asterisk, freeswitch};
use csv::StringRecord;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The kinds of files there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Events of the contract (CloudEvents), one a line.
    Ndjson,
    /// A CSV with a header, its columns named like the fields of a `call.record` or mapped to them.
    Csv,
    /// Asterisk's `cdr-csv/Master.csv`.
    AsteriskCdr,
    /// Asterisk's `cel-custom/Master.csv`.
    AsteriskCel,
    /// What FreeSWITCH's `mod_cdr_csv` writes.
    FreeswitchCsv,
}

/// As much of a file as its first row surely fits in.
const LOOK: u64 = 64 << 10;

/// The first row of a file, as a CSV's.
///
/// # Errors
/// If the file can't be read.
pub fn first_row(path: &Path) -> io::Result<StringRecord> {
    let mut begins = Vec::new();
    File::open(path)?.take(LOOK).read_to_end(&mut begins)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(begins.as_slice());
    let row = reader.byte_records().next().transpose().map_err(io::Error::other)?;
    Ok(row.map(StringRecord::from_byte_record_lossy).unwrap_or_default())
}

impl Format {
    /// What a file's first row looks like; `None` where it looks like nothing that is known.
    #[must_use]
    pub fn recognise(row: &StringRecord) -> Option<Self> {
        let first = row.get(0)?.trim_start();
        if first.starts_with('{') {
            Some(Self::Ndjson)
        } else if columns::is_ours(row) {
            Some(Self::Csv)
        } else if asterisk::cel::is_one(row) {
            Some(Self::AsteriskCel)
        } else if asterisk::cdr::is_one(row) {
            Some(Self::AsteriskCdr)
        } else if freeswitch::cdr_csv::is_one(row) {
            Some(Self::FreeswitchCsv)
        } else {
            None
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn recognise(text: &str) -> Option<Format> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        Format::recognise(&first_row(file.path()).unwrap())
    }

    #[test]
    fn files_are_recognised_by_their_first_row() {
        assert_eq!(recognise(include_str!("../source/asterisk/fixtures/Master.csv")), Some(Format::AsteriskCdr));
        assert_eq!(recognise("{\"specversion\":\"1.0\",\"id\":\"1\"}\n"), Some(Format::Ndjson));
        assert_eq!(recognise("campaign,started_at,call_id\n"), Some(Format::Csv));
        assert_eq!(recognise("a,b,c\n"), None);
        assert_eq!(recognise(""), None);
    }
}
