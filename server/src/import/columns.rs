//! A CSV of anybody's: its header names the columns, a mapping says which field of a `call.record` each is.
//!
//! Without one the columns are named as the fields are, without case and signs. Times are read as [`Times`] reads them,
//! numbers as dialled in the configured country, words of the contract in any case (`NO ANSWER`). Two columns are of no field
//! but tell moments: `duration` is how long the call took, `billsec` how long it was answered; `wrap` and `hold` are `wrap_ms`
//! and `hold_ms` in seconds.

use super::mapping::{Mapped, Mapping, place};
use crate::kit::mask::quoted;
use crate::source::file::defaults::Defaults;
use crate::source::file::times::Times;
use crate::source::file::{Fate, Origin, Translate, Wrong, event};
use crate::source::numbers::{self, Dialled};
use app::domain::cannot_tell::Matter;
use app::domain::event::CallRecord;
use app::domain::mask::{Known, Rule, masked};
use app::domain::{CannotTell, Country, Data, Moment, Number, Span, parse};
use csv::StringRecord;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Fields of a `call.record` that a column may hold, by how their text is read.
const MOMENTS: [&str; 8] =
    ["started_at", "progress_at", "answered_at", "greeted_at", "queued_at", "bridged_at", "transferred_at", "ended_at"];
const NUMBERS: [&str; 5] = ["attempt", "sip_code", "q850", "wrap_ms", "hold_ms"];
const TRUTHS: [&str; 2] = ["final", "right_party"];
const PHONES: [&str; 2] = ["from", "to"];
/// Of the contract's words, in whatever case and with whatever sign between them.
const WORDS: [&str; 6] = ["direction", "mode", "by", "transfer_kind", "outcome", "hung_up_by"];
const TEXTS: [&str; 12] = [
    "call_id",
    "realm",
    "campaign",
    "route",
    "country",
    "list",
    "room",
    "queue",
    "agent",
    "transfer_target",
    "sip_reason",
    "disposition",
];
/// Read as it is, but not looked for among the columns of a file that names none.
const LINKS: [&str; 1] = ["recording_url"];
/// What no row of the file can tell, row by row.
const LISTS: [&str; 1] = ["cannot_tell"];
/// So many digits were meant as somebody's number.
const NUMBER_DIGITS: usize = 7;
/// How long something took: of no field, but moments follow from them.
const DURATIONS: [&str; 2] = ["duration", "billsec"];
/// How long something took, in seconds, by the field that holds it in milliseconds.
const IN_SECONDS: [(&str, &str); 2] = [("wrap", "wrap_ms"), ("hold", "hold_ms")];
/// Milliseconds below which a wrap-up or a hold is hardly one: nobody is done with a call within a second.
const HARDLY: u64 = 1_000;
/// Told at least so often, before a file is doubted for it.
const OFTEN: u64 = 5;
/// In place of the column of `call_id`: rows have no id, and are named by what they tell.
const BY_WORDS: &str = "*";
/// Rows of one name are told apart within so many: they are of one second, and files go by time.
const NEAR: usize = 65_536;
/// What a file is doubted for.
const SECONDS_AS_MS: &str = "Warning: all of its wrap_ms and hold_ms are below 1,000, less than a second each, while its calls last \
                             for many. If they are seconds, map them so: --map wrap=COLUMN, --map hold=COLUMN.";

/// Everything that a column may be mapped to.
pub fn fields() -> impl Iterator<Item = &'static str> {
    let words = WORDS.into_iter().chain(TEXTS).chain(LINKS).chain(LISTS).chain(DURATIONS);
    let words = words.chain(IN_SECONDS.map(|(seconds, _)| seconds));
    MOMENTS.into_iter().chain(NUMBERS).chain(TRUTHS).chain(PHONES).chain(words)
}

/// A column's name without case and signs.
#[must_use]
pub fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether a header is one of ours: it names a call and when it began.
#[must_use]
pub fn is_ours(header: &StringRecord) -> bool {
    let has = |name: &str| header.iter().any(|column| plain(column) == plain(name));
    has("call_id") && has("started_at")
}

/// A field's column, and what its values mean.
#[derive(Debug)]
struct Place {
    field: &'static str,
    at: usize,
    mapped: Mapped,
}

#[derive(Debug)]
pub struct Columns {
    origin: Origin,
    country: Option<Country>,
    defaults: Defaults,
    /// In the order of [`fields`], in which moments follow one another.
    places: Vec<Place>,
    names: Names,
    /// How many columns the header names, and those of them that are not read.
    columns: usize,
    unread: Vec<String>,
    lengths: Lengths,
    /// By the field, how many rows told something there that is no telephone number, and is kept beside the call.
    no_numbers: BTreeMap<&'static str, u64>,
}

/// What rows are called.
#[derive(Debug)]
enum Names {
    /// As their column says.
    Told,
    /// By what they tell; how often of late the same was told.
    ByWords { lately: HashMap<String, u32>, order: VecDeque<String> },
}

impl Names {
    /// The id of a row that tells this; `None` where a column says it. The same row of the same file has the same one each
    /// time. Nobody finds a person's number by trying all there are: no more of it goes in than every page shows.
    fn next(&mut self, data: &Map<String, Value>) -> Option<String> {
        let Self::ByWords { lately, order } = self else { return None };
        let mut digest = Sha256::new();
        for (field, value) in data {
            let text = value.as_str().map_or_else(|| value.to_string().into(), Cow::Borrowed);
            let told = if PHONES.contains(&field.as_str()) {
                Number::trusted(text.as_ref()).masked()
            } else {
                masked(&text, Rule::Text, Known::default()).into_owned()
            };
            digest.update(format!("{field}\0{told}\0"));
        }
        let id = digest.finalize().iter().take(10).fold("row-".to_owned(), |id, byte| format!("{id}{byte:02x}"));
        if !lately.contains_key(&id) {
            if order.len() == NEAR
                && let Some(oldest) = order.pop_front()
            {
                lately.remove(&oldest);
            }
            order.push_back(id.clone());
        }
        let times = lately.entry(id.clone()).or_default();
        *times += 1;
        Some(if *times == 1 { id } else { format!("{id}-{times}") })
    }
}

/// How long the wrap-ups and holds are that rows tell in milliseconds, beside calls of over ten seconds.
#[derive(Debug, Default)]
struct Lengths {
    told: u64,
    longest: u64,
}

impl Lengths {
    fn note(&mut self, record: &CallRecord) {
        let talked = record.answered_at.or(record.bridged_at).zip(record.ended_at);
        if talked.is_none_or(|(from, to)| to.since(from) < Span::secs(10)) {
            return;
        }
        for ms in [record.wrap_ms, record.hold_ms].into_iter().flatten().filter(|ms| *ms > 0) {
            self.told += 1;
            self.longest = self.longest.max(ms);
        }
    }

    const fn look_like_seconds(&self) -> bool {
        self.told >= OFTEN && self.longest < HARDLY
    }
}

impl Columns {
    /// Finds the columns; `mapping` gives the column of a field where it is not named like it.
    ///
    /// # Errors
    /// Names the field or the column that there is not.
    pub fn new(
        origin: Origin,
        country: Option<Country>,
        defaults: Defaults,
        header: &StringRecord,
        mapping: &Mapping,
    ) -> Result<Self, String> {
        let mut places = Vec::new();
        let mut names = Names::Told;
        for field in fields() {
            match mapping.get(field) {
                Some(mapped) if field == "call_id" && mapped.column == BY_WORDS => {
                    names = Names::ByWords { lately: HashMap::new(), order: VecDeque::new() };
                }
                Some(mapped) => {
                    places.push(Place { field, at: place(header, &mapped.column, field)?, mapped: mapped.clone() });
                }
                None => places.extend(place(header, field, field).ok().map(|at| Place {
                    field,
                    at,
                    mapped: Mapped::default(),
                })),
            }
        }
        let has = |field: &str| places.iter().any(|place| place.field == field);
        if matches!(names, Names::Told) && !has("call_id") {
            return Err(
                "no column is `call_id`: name it with --map call_id=COLUMN; where rows have no id, --map call_id=* \
                        names each by what it tells"
                    .to_owned(),
            );
        }
        if !has("started_at") {
            return Err("no column is `started_at`: name it with --map started_at=COLUMN".to_owned());
        }
        if let Some((seconds, ms)) = IN_SECONDS.into_iter().find(|(seconds, ms)| has(seconds) && has(ms)) {
            return Err(format!(
                "`{seconds}` and `{ms}` are the same, in seconds and in milliseconds: name one of them"
            ));
        }
        let is_read = |at: usize| places.iter().any(|place| place.at == at);
        let named = header.iter().enumerate().filter(|(at, name)| !is_read(*at) && !name.trim().is_empty());
        let unread = named.map(|(_, name)| quoted(name)).collect();
        Ok(Self {
            origin,
            country,
            defaults,
            places,
            names,
            columns: header.len(),
            unread,
            lengths: Lengths::default(),
            no_numbers: BTreeMap::new(),
        })
    }

    /// What no row can tell, for want of a column: when an agent came on the line, whether it rang, who answered, who waited.
    fn cannot_tell(&self) -> CannotTell {
        let matters = [
            ("bridged_at", CannotTell::AGENT),
            ("progress_at", CannotTell::PROGRESS),
            ("queued_at", CannotTell::QUEUE),
            ("by", CannotTell::ANSWERED_BY),
        ];
        let missing = matters.into_iter().filter(|(field, _)| !self.places.iter().any(|place| place.field == *field));
        missing.fold(CannotTell::NOTHING, |all, (_, matter)| all.and(matter))
    }

    /// What a row says of a field, in the contract's word where the mapping has one.
    fn text<'a>(&'a self, row: &'a StringRecord, field: &str) -> &'a str {
        let place = self.places.iter().find(|place| place.field == field);
        place.map_or("", |place| place.mapped.word(row.get(place.at).unwrap_or_default().trim()))
    }

    /// A row that was cut off, or in which a text holds what parts the columns, tells nothing that can be trusted.
    fn check_width(&self, row: &StringRecord) -> Result<(), Wrong> {
        let beyond = row.iter().skip(self.columns).any(|field| !field.trim().is_empty());
        if row.len() >= self.columns && !beyond {
            return Ok(());
        }
        Err(Wrong::new("", format!("{} columns; the header names {}", row.len(), self.columns)))
    }

    fn moments(&self, row: &StringRecord, times: &mut Times, data: &mut Map<String, Value>) -> Result<Moment, Wrong> {
        let took = seconds("duration", self.text(row, "duration"))?;
        let talked = seconds("billsec", self.text(row, "billsec"))?.filter(|talked| *talked > Span::ZERO);
        let text = |field| self.text(row, field);
        let (start, end) = times.span(("started_at", text("started_at")), ("ended_at", text("ended_at")), took)?;
        let start = start.ok_or_else(|| Wrong::new("started_at", "missing"))?;
        let end = end.or_else(|| took.map(|took| start + took));
        let mut latest = start;
        let mut tell = |field: &str, at: Option<Moment>| {
            if let Some(at) = at {
                data.insert(field.to_owned(), Value::String(at.to_rfc3339()));
            }
        };
        for field in MOMENTS {
            let at = match field {
                "started_at" => Some(start),
                "ended_at" => end,
                _ => times.after(field, text(field), Some(latest))?,
            };
            let at = match field {
                "answered_at" => at.or_else(|| end.zip(talked).map(|(end, talked)| end - talked)),
                _ => at,
            };
            latest = latest.max(at.unwrap_or(latest));
            tell(field, at);
        }
        Ok(latest)
    }

    /// One end of the call. What is no number, but a short code, an extension or a name, is kept as told beside the call.
    fn party(&self, field: &str, text: &str, data: &mut Map<String, Value>) -> Result<Party, Wrong> {
        let dialled = numbers::read(text, None, self.country);
        let telling = text.chars().filter(char::is_ascii_digit).count() >= NUMBER_DIGITS;
        match dialled {
            Dialled::Nothing if telling => {
                let why = "not a number with +, nor one of the configured country (--country)";
                return Err(Wrong::new(field, why).showing(text));
            }
            Dialled::Nothing | Dialled::ShortCode | Dialled::Extension => {
                let told = data.entry("metadata").or_insert_with(|| json!({}));
                if let Value::Object(told) = told {
                    told.insert(field.to_owned(), Value::String(text.to_owned()));
                }
                return Ok(if dialled == Dialled::Nothing { Party::NoNumber } else { Party::Known });
            }
            Dialled::Number(_) | Dialled::Withheld => {
                data.insert(field.to_owned(), json!(dialled.party()));
            }
        }
        Ok(Party::Known)
    }
}

/// What an end of a call was told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Party {
    /// A number, that it is withheld, a short code or an extension.
    Known,
    /// Words.
    NoNumber,
}

/// A field's value, of what is neither a moment nor a number of somebody's.
fn value(field: &str, text: &str) -> Result<Value, Wrong> {
    let wrong = |why: &str| Wrong::new(field, why).showing(text);
    Ok(if NUMBERS.contains(&field) {
        json!(text.parse::<u64>().map_err(|_| wrong("not a whole number"))?)
    } else if TRUTHS.contains(&field) {
        Value::Bool(truth(text).ok_or_else(|| wrong("neither true nor false"))?)
    } else if WORDS.contains(&field) {
        Value::String(text.to_ascii_lowercase().replace([' ', '-'], "_"))
    } else {
        Value::String(text.to_owned())
    })
}

impl Translate for Columns {
    fn row(&mut self, row: &StringRecord, times: &mut Times) -> Result<Fate, Wrong> {
        self.check_width(row)?;
        let (mut data, mut no_numbers) = (Map::new(), Vec::new());
        times.identified(self.text(row, "call_id"));
        let time = self.moments(row, times, &mut data)?;
        for Place { field, .. } in &self.places {
            let text = self.text(row, field);
            let told_apart = [&MOMENTS[..], &DURATIONS, &LISTS].iter().any(|fields| fields.contains(field));
            if text.is_empty() || told_apart {
                continue;
            }
            if PHONES.contains(field) {
                if self.party(field, text, &mut data)? == Party::NoNumber {
                    no_numbers.push(*field);
                }
            } else if let Some((_, ms)) = IN_SECONDS.iter().find(|(seconds, _)| seconds == field) {
                data.insert((*ms).to_owned(), json!(seconds(field, text)?.map(Span::as_millis)));
            } else {
                data.insert((*field).to_owned(), value(field, text)?);
            }
        }
        let untold = self.cannot_tell().and(matters(self.text(row, "cannot_tell"))?);
        if untold != CannotTell::NOTHING {
            data.insert("cannot_tell".to_owned(), json!(untold));
        }
        if let Some(id) = self.names.next(&data) {
            data.insert("call_id".to_owned(), Value::String(id));
        }
        let record = record(data).map_err(|wrong| {
            let text = shown_of(self.text(row, &wrong.field), &wrong);
            Wrong { text, ..wrong }
        })?;
        if !self.places.iter().any(|place| IN_SECONDS.iter().any(|(seconds, _)| *seconds == place.field)) {
            self.lengths.note(&record);
        }
        no_numbers.into_iter().for_each(|field| *self.no_numbers.entry(field).or_default() += 1);
        Ok(event(&self.origin, "csv", &self.defaults, record, time).into())
    }

    fn unread(&self) -> Vec<String> {
        self.unread.clone()
    }

    fn no_numbers(&self) -> Vec<(&'static str, u64)> {
        self.no_numbers.iter().map(|(field, rows)| (*field, *rows)).collect()
    }

    fn doubt(&self) -> Option<String> {
        self.lengths.look_like_seconds().then(|| SECONDS_AS_MS.to_owned())
    }
}

/// The words of a list, whatever parts them.
fn matters(text: &str) -> Result<CannotTell, Wrong> {
    let words = text.split([',', ';', '|', ' ']).filter(|word| !word.is_empty());
    let matter = |word: &str| Matter::from_word(&word.to_ascii_lowercase()).map(CannotTell::of);
    words.map(|word| matter(word).ok_or(word)).try_fold(CannotTell::NOTHING, |all, one| Ok(all.and(one?))).map_err(
        |word: &str| {
            let known: Vec<&str> = Matter::ALL.iter().map(|matter| matter.word()).collect();
            Wrong::new("cannot_tell", format!("must be some of {}", known.join(", "))).showing(word)
        },
    )
}

/// The text of the field that is wrong, where it has one.
fn shown_of(text: &str, wrong: &Wrong) -> String {
    if wrong.text.is_empty() { quoted(text) } else { wrong.text.clone() }
}

/// How long something took: seconds, with or without a fraction, or `1:02:03`.
fn seconds(field: &str, text: &str) -> Result<Option<Span>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Wrong::new(field, "not a number of seconds, nor like 0:01:35").showing(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut secs: i64 = 0;
    for part in whole.split(':') {
        let part: i64 = part.parse().ok().filter(|part| (0..=1_000_000).contains(part)).ok_or_else(wrong)?;
        secs = secs.saturating_mul(60).saturating_add(part);
    }
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let millis = fraction.bytes().chain(*b"000").take(3).fold(0, |n, digit| n * 10 + i64::from(digit - b'0'));
    Ok(Some(Span::millis(secs.min(MAX_SECS) * 1_000 + millis)))
}

/// A hundred years: what is longer is no duration, and the contract's limit of a day refuses it.
const MAX_SECS: i64 = 100 * 366 * 86_400;

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// Reads the record by the contract, so that every value is checked as that of an event is.
fn record(data: Map<String, Value>) -> Result<CallRecord, Wrong> {
    let time = data.get("started_at").cloned().ok_or_else(|| Wrong::new("started_at", "missing"))?;
    let event = json!({
        "specversion": "1.0", "id": "row", "source": "import", "type": "call.record", "time": time, "data": data,
    });
    let read = parse::event(&event.to_string()).map_err(|rejected| {
        if let parse::ParseError::Field(wrong) = rejected.error {
            Wrong::new(wrong.place.trim_start_matches("data."), wrong.what)
        } else {
            Wrong::new("", rejected.error.to_string())
        }
    })?;
    let Data::CallRecord(record) = read.data else { return Err(Wrong::new("", "not a call.record")) };
    Ok(record)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::source::file::times::Fold;
    use app::domain::outcome::Outcome;
    use app::domain::{RealmId, SourceId};

    fn read(header: &str, map: &[&str], row: &str) -> Result<CallRecord, String> {
        let origin = Origin { source: SourceId::trusted("p"), realm: RealmId::trusted("p") };
        let header: StringRecord = header.split(',').collect();
        let mapping = Mapping::read(&map.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        let mut columns = Columns::new(origin, Country::new("US").ok(), Defaults::default(), &header, &mapping)?;
        let mut times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
        let row: StringRecord = row.split(',').collect();
        let event =
            columns.row(&row, &mut times).map_err(|wrong| format!("{wrong} `{}`", wrong.text))?.events().remove(0);
        match event.data {
            Data::CallRecord(record) => Ok(record),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn moments_follow_from_durations() {
        let header = "call_id,calldate,duration,billsec,disposition";
        let map = ["started_at=calldate", "outcome=disposition"];
        let call = read(header, &map, "1.1,2020/2/10 22:41,95,80,ANSWERED").unwrap();
        let at = |text: &str| Some(Moment::parse(text).unwrap());
        assert_eq!((call.answered_at, call.ended_at), (at("2020-02-10T22:41:15Z"), at("2020-02-10T22:42:35Z")));
        assert_eq!(call.outcome, Some(Outcome::Answered));
        let not = read(header, &map, "1.1,2020/2/10 22:41,0:00:20.5,0,NO ANSWER").unwrap();
        assert_eq!((not.answered_at, not.ended_at), (None, at("2020-02-10T22:41:20.5Z")));
        assert_eq!(not.outcome, Some(Outcome::NoAnswer));
        let wrong = read(header, &map, "1.1,2020/2/10 22:41,long,0,BUSY").unwrap_err();
        assert_eq!(wrong, "duration: not a number of seconds, nor like 0:01:35 `long`");
    }

    #[test]
    fn wrap_up_and_hold_may_be_told_in_seconds_but_not_in_both() {
        let call = read("call_id,started_at,wrap,hold", &[], "1,2026-11-21 10:00:00,0:01:05,3.5").unwrap();
        assert_eq!((call.wrap_ms, call.hold_ms), (Some(65_000), Some(3_500)));
        let call = read("call_id,started_at,acw", &["wrap=acw"], "1,2026-11-21 10:00:00,45").unwrap();
        assert_eq!((call.wrap_ms, call.hold_ms), (Some(45_000), None));
        let wrong = read("call_id,started_at,wrap", &[], "1,2026-11-21 10:00:00,long").unwrap_err();
        assert_eq!(wrong, "wrap: not a number of seconds, nor like 0:01:35 `long`");
        let both = read("call_id,started_at,wrap,wrap_ms", &[], "1,2026-11-21 10:00:00,1,1000").unwrap_err();
        assert!(both.starts_with("`wrap` and `wrap_ms` are the same"), "{both}");
    }

    #[test]
    fn rows_that_tell_no_number_where_one_belongs_are_counted() {
        let header = StringRecord::from(vec!["call_id", "started_at", "from", "to"]);
        let origin = Origin { source: SourceId::trusted("p"), realm: RealmId::trusted("p") };
        let country = Country::new("US").ok();
        let mut columns = Columns::new(origin, country, Defaults::default(), &header, &Mapping::default()).unwrap();
        let mut times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
        for (at, to) in ["+12025550142", "not a number", "911", "front desk"].into_iter().enumerate() {
            let row = StringRecord::from(vec![format!("c-{at}").as_str(), "2026-11-21T14:32:08Z", "+12025550100", to]);
            columns.row(&row, &mut times).unwrap();
        }
        assert_eq!(columns.no_numbers(), [("to", 2)], "a short code is meant");
    }

    #[test]
    fn a_file_whose_milliseconds_look_like_seconds_is_doubted() {
        let doubt = |wraps: &[u64], billsec: u64| {
            let origin = Origin { source: SourceId::trusted("p"), realm: RealmId::trusted("p") };
            let header: StringRecord = "call_id,started_at,duration,billsec,wrap_ms".split(',').collect();
            let mut columns = Columns::new(origin, None, Defaults::default(), &header, &Mapping::default()).unwrap();
            let mut times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
            for (id, wrap) in wraps.iter().enumerate() {
                let row = format!("{id},2026-11-21 10:00:00,{},{billsec},{wrap}", billsec + 9);
                columns.row(&row.split(',').collect(), &mut times).unwrap();
            }
            columns.doubt().is_some()
        };
        assert!(doubt(&[30, 45, 12, 0, 60, 999], 120), "seconds, by the look of them");
        assert!(!doubt(&[30, 45, 12, 0, 60, 25_000], 120), "one of 25 s among them");
        assert!(!doubt(&[30, 45, 12], 120), "too few to tell");
        assert!(!doubt(&[30, 45, 12, 9, 60, 7], 3), "of calls that are over at once");
    }

    #[test]
    fn what_is_wrong_is_shown_masked_and_a_row_of_another_width_is_not_trusted() {
        let header = "call_id,started_at,to,outcome";
        let wrong = |row| read(header, &[], row).unwrap_err();
        assert!(wrong("1,2026-11-21 10:00:00,2025550187,GONE").ends_with("`GONE`"));
        assert_eq!(wrong("1,30/04/2024 10:00,,").split('`').nth(1), Some("30/04/2024 10:00"));
        assert!(wrong("1,2026-11-21 10:00:00,2025550187").starts_with(": 3 columns; the header names 4"));
        assert!(wrong("1,2026-11-21 10:00:00,2025550187,busy,x").starts_with(": 5 columns; the header names 4"));
        assert!(read(header, &[], "1,2026-11-21 10:00:00,2025550187,busy,").is_ok());
    }

    #[test]
    fn what_a_row_cannot_tell_is_added_to_what_no_row_can() {
        let header = "call_id,started_at,bridged_at,progress_at,queued_at,by,knows not";
        let read_of =
            |text: &str| read(header, &["cannot_tell=knows not"], &format!("1,2026-11-21 10:00:00,,,,,{text}"));
        assert_eq!(read_of("").unwrap().cannot_tell, None);
        assert_eq!(read_of("Agent; queue").unwrap().cannot_tell, Some(CannotTell::AGENT.and(CannotTell::QUEUE)));
        assert_eq!(
            read_of("agents").unwrap_err(),
            "cannot_tell: must be some of agent, progress, queue, answered_by `agents`"
        );
        let missing =
            read("call_id,started_at,bridged_at,progress_at,by,cannot_tell", &[], "1,2026-11-21 10:00:00,,,,agent");
        assert_eq!(missing.unwrap().cannot_tell, Some(CannotTell::AGENT.and(CannotTell::QUEUE)));
    }

    #[test]
    fn rows_without_an_id_are_named_by_what_they_tell_and_no_number_is_found_by_it() {
        let header = "started_at,to,outcome";
        let row = "2026-11-21 10:00:00,+12025550187,answered";
        let why = read(header, &[], row).unwrap_err();
        assert!(why.contains("--map call_id=*"), "{why}");
        let name = |row: &str| read(header, &["call_id=*"], row).unwrap().call_id;
        assert_eq!(name(row), name(row));
        for other in ["2026-11-21 10:00:01,+12025550187,answered", "2026-11-21 10:00:00,+12025550187,busy"] {
            assert_ne!(name(row), name(other), "{other}");
        }
        assert_eq!(name(row), name(&row.replace("5550187", "5559987")), "no more than pages show");

        let origin = Origin { source: SourceId::trusted("p"), realm: RealmId::trusted("p") };
        let mapping = Mapping::read(&["call_id=*".to_owned()]).unwrap();
        let header: StringRecord = header.split(',').collect();
        let mut columns =
            Columns::new(origin, Country::new("US").ok(), Defaults::default(), &header, &mapping).unwrap();
        let mut times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
        let mut next = || {
            let event = columns.row(&row.split(',').collect(), &mut times).unwrap().events().remove(0);
            event.data.call().unwrap().0.as_str().to_owned()
        };
        let (first, second) = (next(), next());
        assert_eq!(second, format!("{first}-2"), "two calls of one second");
    }

    #[test]
    fn a_number_is_read_as_people_write_it_and_what_is_none_is_kept_beside() {
        let to = |text: &str| {
            let call = read("call_id,started_at,to", &[], &format!("1,2026-11-21 10:00:00,{text}")).unwrap();
            let number = call.to.as_ref().and_then(|to| to.number().map(|number| number.reveal().to_owned()));
            (number, json!(call.metadata)["to"].as_str().map(str::to_owned), call.to.is_some())
        };
        for text in ["+1 (202) 555-0113", "2025550113", "12025550113*123", "sip:+12025550113@x"] {
            assert_eq!(to(text), (Some("+12025550113".to_owned()), None, true), "{text}");
        }
        assert_eq!(to("442079460018*123").0.as_deref(), Some("+442079460018"));
        for text in ["911", "1042", "sip:alice@example.org", "*98"] {
            assert_eq!(to(text), (None, Some(text.to_owned()), false), "{text}");
        }
        for text in ["anonymous", "Unknown"] {
            assert_eq!(to(text), (None, None, true), "{text}");
        }
    }
}
