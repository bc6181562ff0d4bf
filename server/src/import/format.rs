//! Which kind of file it is: told, or recognised by its first row.

use super::columns;
use crate::source::{asterisk, freeswitch};
use csv::StringRecord;

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
    /// Asterisk's `queue_log`.
    AsteriskQueueLog,
    /// What FreeSWITCH's `mod_cdr_csv` writes.
    FreeswitchCsv,
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
        } else if asterisk::queue_log::is_one(row) {
            Some(Self::AsteriskQueueLog)
        } else if freeswitch::cdr_csv::is_one(row) {
            Some(Self::FreeswitchCsv)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::Shape;
    use super::*;

    fn recognise(text: &str) -> Option<Format> {
        Format::recognise(&Shape::of(text.as_bytes(), None).first)
    }

    #[test]
    fn files_are_recognised_by_their_first_row() {
        assert_eq!(recognise(include_str!("../source/asterisk/fixtures/Master.csv")), Some(Format::AsteriskCdr));
        assert_eq!(recognise("{\"specversion\":\"1.0\",\"id\":\"1\"}\n"), Some(Format::Ndjson));
        assert_eq!(recognise("campaign,started_at,call_id\n"), Some(Format::Csv));
        assert_eq!(recognise("Campaign; Started_At;CALL_ID\n"), Some(Format::Csv));
        assert_eq!(recognise("1795946400|NONE|sales|PJSIP/1001|ADDMEMBER|\n"), Some(Format::AsteriskQueueLog));
        assert_eq!(recognise("time,callid,queuename,agent,event,data1\n"), Some(Format::AsteriskQueueLog));
        assert_eq!(recognise("calldate,src,channel,dstchannel,disposition\n"), Some(Format::AsteriskCdr));
        assert_eq!(recognise("a,b,c\n"), None);
        assert_eq!(recognise(""), None);
    }
}
