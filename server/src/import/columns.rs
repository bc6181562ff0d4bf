//! A CSV of anybody's: its header names the columns, a map says which field of a `call.record` each is.
//!
//! Without a map the columns are named as the fields are. Times are read as [`Times`] reads them, numbers as dialled in the
//! configured country.

use super::defaults::Defaults;
use super::times::Times;
use super::{Origin, Translate, Wrong};
use crate::source::numbers;
use app::domain::event::CallRecord;
use app::domain::{Country, Data, Event, EventId, Moment, parse};
use csv::StringRecord;
use serde_json::{Map, Value, json};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Fields of a `call.record` that a column may hold, by how their text is read.
const MOMENTS: [&str; 8] =
    ["started_at", "progress_at", "answered_at", "greeted_at", "queued_at", "bridged_at", "transferred_at", "ended_at"];
const NUMBERS: [&str; 5] = ["attempt", "sip_code", "q850", "wrap_ms", "hold_ms"];
const TRUTHS: [&str; 2] = ["final", "right_party"];
const PHONES: [&str; 2] = ["from", "to"];
const TEXTS: [&str; 18] = [
    "call_id",
    "realm",
    "direction",
    "campaign",
    "mode",
    "route",
    "country",
    "list",
    "room",
    "by",
    "queue",
    "agent",
    "transfer_kind",
    "transfer_target",
    "outcome",
    "sip_reason",
    "hung_up_by",
    "disposition",
];
/// Read as it is, but not looked for among the columns of a file that names none.
const LINKS: [&str; 1] = ["recording_url"];

/// Every field that a column may be mapped to.
pub fn fields() -> impl Iterator<Item = &'static str> {
    MOMENTS.into_iter().chain(NUMBERS).chain(TRUTHS).chain(PHONES).chain(TEXTS).chain(LINKS)
}

/// Whether a header is one of ours: it names a call and when it began.
#[must_use]
pub fn is_ours(header: &StringRecord) -> bool {
    let has = |name| header.iter().any(|column| column == name);
    has("call_id") && has("started_at")
}

#[derive(Debug)]
pub struct Columns {
    origin: Origin,
    country: Option<Country>,
    defaults: Defaults,
    /// Field and position of its column, moments in the order in which they follow one another.
    places: Vec<(&'static str, usize)>,
}

impl Columns {
    /// Finds the columns; `map` gives the column of a field where it is not named like it.
    ///
    /// # Errors
    /// Names the field or the column that there is not.
    pub fn new(
        origin: Origin,
        country: Option<Country>,
        defaults: Defaults,
        header: &StringRecord,
        map: &[String],
    ) -> Result<Self, String> {
        let mut mapped: BTreeMap<&str, &str> = BTreeMap::new();
        for text in map {
            let (field, column) = text.split_once('=').ok_or_else(|| format!("`{text}`: must be FIELD=COLUMN"))?;
            if !fields().any(|known| known == field) {
                let known: Vec<_> = fields().collect();
                let hint = crate::kit::nearest::nearest(field, &known);
                let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                return Err(format!("`{field}` is no field of a call.record{hint}"));
            }
            mapped.insert(field, column);
        }
        let place = |column: &str| header.iter().position(|name| name.trim() == column);
        let mut places = Vec::new();
        for field in fields() {
            match mapped.get(field) {
                Some(column) => {
                    let at = place(column).ok_or_else(|| format!("the file has no column `{column}` for `{field}`"))?;
                    places.push((field, at));
                }
                None => places.extend(place(field).map(|at| (field, at))),
            }
        }
        for needed in ["call_id", "started_at"] {
            if !places.iter().any(|(field, _)| *field == needed) {
                return Err(format!("no column is `{needed}`: name it with --map {needed}=COLUMN"));
            }
        }
        Ok(Self { origin, country, defaults, places })
    }
}

impl Translate for Columns {
    fn row(&mut self, row: &StringRecord, times: &mut Times) -> Result<Option<Event>, Wrong> {
        let mut data = Map::new();
        let mut latest: Option<Moment> = None;
        for (field, at) in &self.places {
            let text = row.get(*at).unwrap_or_default().trim();
            if text.is_empty() {
                continue;
            }
            let value = if MOMENTS.contains(field) {
                let Some(moment) = times.after(field, text, latest)? else { continue };
                latest = latest.max(Some(moment));
                Value::String(moment.to_rfc3339())
            } else if NUMBERS.contains(field) {
                json!(text.parse::<u64>().map_err(|_| Wrong::new(field, "not a whole number"))?)
            } else if TRUTHS.contains(field) {
                Value::Bool(truth(text).ok_or_else(|| Wrong::new(field, "neither true nor false"))?)
            } else if PHONES.contains(field) {
                let dialled = numbers::read(text, None, self.country).party().ok_or_else(|| {
                    let why = "not a number with +, nor one of the configured country (--country)";
                    Wrong::new(field, why)
                })?;
                json!(dialled)
            } else {
                Value::String(text.to_owned())
            };
            data.insert((*field).to_owned(), value);
        }
        let record = record(data)?;
        let time = latest.unwrap_or(record.started_at);
        Ok(Some(event(&self.origin, "csv", &self.defaults, record, time)))
    }
}

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
    let read = parse::event(&event.to_string()).map_err(|rejected| match rejected.error {
        parse::ParseError::Field(wrong) => Wrong::new(wrong.place.trim_start_matches("data."), wrong.what),
        other => Wrong::new("", other.to_string()),
    })?;
    let Data::CallRecord(record) = read.data else { return Err(Wrong::new("", "not a call.record")) };
    Ok(record)
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
