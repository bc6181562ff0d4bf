//! Rows one after another through a translator, gathered to batches: the same for rows of a file and of a table.

use super::directions::Directions;
use super::ends::Ends;
use super::explain::Explained;
use super::explaining::{Alone, Explaining};
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
    /// Calls to outside of which it does not tell which number of the floor's they showed.
    pub numberless: u64,
    /// Rows that were no UTF-8, and were read as Windows' form of Latin-1.
    pub latin: u64,
    /// What of it is hardly as it was meant.
    pub doubt: Option<String>,
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
        let alone = match &fate {
            Ok(Fate::Told(_)) => Some(Alone::Tells),
            Ok(Fate::Held(why)) => Some(Alone::TellsNothing(why)),
            Ok(Fate::Header | Fate::Other(_) | Fate::NoRoute(_)) | Err(_) => None,
        };
        if let Some(alone) = alone.filter(|_| together.is_some()) {
            self.batch.tally.rows += 1;
            self.explaining.waits(line, alone);
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

    /// Says of rows that waited what they told together; gives the one that is said to have told it: the first that tells
    /// something by itself.
    fn settle(&mut self, rows: &[u64], calls: &[Event]) -> Option<u64> {
        let Self { explaining, batch: Batch { tally, .. }, .. } = self;
        let waited: Vec<(u64, Alone)> = rows.iter().filter_map(|row| Some((*row, explaining.alone(*row)?))).collect();
        let teller = waited.iter().find(|(_, alone)| *alone == Alone::Tells).or_else(|| waited.first());
        let teller = teller.map(|(row, _)| *row);
        for (row, alone) in waited {
            let why = match alone {
                Alone::Tells => OF_NOBODY_OUTSIDE,
                Alone::TellsNothing(why) => why,
            };
            explaining.settled(row, || match teller {
                _ if calls.is_empty() => Explained::no_call(why),
                Some(teller) if teller != row => Explained::with_others(calls, teller),
                Some(_) | None => Explained::told(calls),
            });
            if calls.is_empty() {
                tally.others.add(&why, 1);
            } else {
                tally.with_others += u64::from(teller != Some(row));
            }
        }
        teller
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
        let (open, open_beyond) = (ends.open(), ends.beyond);
        let (undirected, numberless) = (directions.untold(), directions.numberless);
        let no_numbers = self.translate.as_ref().map(|translate| translate.no_numbers()).unwrap_or_default();
        let told = Told { times, open, open_beyond, undirected, numberless, latin, doubt, no_numbers };
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::source::asterisk::cdr::Records;
    use crate::source::asterisk::cel::Log;
    use crate::source::asterisk::config::RouteConfig;
    use crate::source::asterisk::house::Names;
    use crate::source::file::Origin;
    use crate::source::file::defaults::Defaults;
    use crate::source::file::times::Fold;
    use app::domain::{RealmId, RouteId, SourceId};

    fn house() -> (Origin, Names) {
        let route = RouteConfig { route: RouteId::trusted("a"), capacity: None, prefix: None };
        let names = Names {
            country: app::domain::Country::new("US").ok(),
            routes: [("t".into(), route)].into(),
            inbound: ["in".into()].into(),
            ..Names::default()
        };
        (Origin { source: SourceId::trusted("pbx"), realm: RealmId::trusted("pbx") }, names)
    }

    /// What became of the rows of a text, and how they were counted.
    fn explained(translate: Box<dyn Translate>, text: &str) -> (Vec<String>, Tally) {
        let times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
        let mut reading = Reading::new(Some(translate), times, Explain::EachRow);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        for (line, row) in (1..).zip(reader.byte_records()) {
            reading.row(line, row.unwrap(), None);
        }
        let batch = reading.end(0).0;
        let words = batch.explained.iter().map(|(line, told)| format!("{line} {}: {}", told.fate, told.words));
        (words.collect(), batch.tally)
    }

    #[test]
    fn a_record_between_telephones_belongs_to_the_call_that_its_id_names() {
        let row = |src: &str, channel: &str, party: &str, id: &str, linked: &str| {
            format!(
                r#""","{src}","1001","in","x","{channel}","{party}","Dial","PJSIP/1001","2026-11-29 10:00:00","2026-11-29 10:00:05","2026-11-29 10:01:00",60,55,"ANSWERED","DOCUMENTATION","{id}","","","{linked}",1"#
            )
        };
        let text = [
            row("1001", "PJSIP/1001-2", "PJSIP/1002-3", "1.2", "1.1"),
            row("12025550143", "PJSIP/t-1", "PJSIP/1001-2", "1.1", "1.1"),
            row("1003", "PJSIP/1003-7", "PJSIP/1004-8", "9.9", "9.9"),
        ];
        let (origin, names) = house();
        let (words, tally) = explained(Box::new(Records::new(origin, names, Defaults::default())), &text.join("\n"));
        assert_eq!(
            words,
            [
                "1 with_others: belongs to 1.1, told with line 2",
                "2 told: 1.1: inbound, route a, answered, agent 1001, ended",
                "3 no_call: between telephones of the house",
            ]
        );
        assert_eq!((tally.rows, tally.with_others, tally.others.all()), (3, 1, 1));
    }

    #[test]
    fn no_event_is_of_a_call_that_was_told_where_none_was() {
        let row = |kind: &str, time: &str, channel: &str, id: &str, linked: &str| {
            format!("{kind},2026-11-27 10:00:{time},1042,1043,in,{channel},{id},{linked}")
        };
        let text = [
            row("CHAN_START", "00", "PJSIP/1042-1", "1.1", "1.1"),
            row("HANGUP", "05", "PJSIP/1042-1", "1.1", "1.1"),
            row("CHAN_END", "05", "PJSIP/1042-1", "1.1", "1.1"),
            row("CHAN_START", "10", "PJSIP/1042-2", "2.1", "2.1"),
            row("CHAN_START", "11", "PJSIP/t-3", "2.2", "2.1"),
            row("HANGUP", "20", "PJSIP/t-3", "2.2", "2.1"),
            row("HANGUP", "20", "PJSIP/1042-2", "2.1", "2.1"),
            row("CHAN_END", "20", "PJSIP/1042-2", "2.1", "2.1"),
        ];
        let (origin, names) = house();
        let columns = "eventtype,eventtime,cidnum,exten,context,channame,uniqueid,linkedid";
        let log = Log::new(origin, names, Defaults::default(), Some(columns)).unwrap();
        let (words, _) = explained(Box::new(log), &text.join("\n"));
        let nobody = "no_call: an event of a channel that is no carrier's";
        assert_eq!(
            words,
            [
                format!("1 {nobody}"),
                format!("2 {nobody}"),
                "3 no_call: an event of a call that is over, and none of ours".to_owned(),
                "4 with_others: belongs to 2.2, told with line 5".to_owned(),
                "5 told: 2.2: outbound, route a, ended".to_owned(),
                "6 with_others: belongs to 2.2, told with line 5".to_owned(),
                "7 with_others: belongs to 2.2, told with line 5".to_owned(),
                "8 no_call: an event of a call that is over, and told".to_owned(),
            ]
        );
    }
}
