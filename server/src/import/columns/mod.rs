//! A CSV of anybody's: its header names the columns, a mapping says which field of a `call.record` each is.
//!
//! Without one the columns are named as the fields are, without case and signs. Times are read as [`Times`] reads them,
//! numbers as dialled in the configured country, words of the contract in any case (`NO ANSWER`). Two columns are of no field
//! but tell moments: `duration` is how long the call took, `billsec` how long it was answered; `wrap` and `hold` are `wrap_ms`
//! and `hold_ms` in seconds.

mod fields;
mod lengths;
mod names;
#[cfg(test)]
mod tests;
mod values;

pub use fields::{fields, is_ours, plain};

use super::mapping::{Mapped, Mapping, place};
use crate::kit::mask::quoted;
use crate::source::file::defaults::Defaults;
use crate::source::file::times::Times;
use crate::source::file::{Fate, Origin, Translate, Wrong, event};
use crate::source::numbers::{self, Dialled};
use app::domain::{CannotTell, Country, Moment, Span};
use csv::StringRecord;
use fields::{DURATIONS, IN_SECONDS, LISTS, MOMENTS, PHONES};
use lengths::{Lengths, SECONDS_AS_MS};
use names::Names;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};
use values::{matters, record, seconds, shown_of, value};

/// So many digits were meant as somebody's number.
const NUMBER_DIGITS: usize = 7;
/// In place of the column of `call_id`: rows have no id, and are named by what they tell.
const BY_WORDS: &str = "*";

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
