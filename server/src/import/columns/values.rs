//! What a column's text says, by its field.

use super::fields::{NUMBERS, TRUTHS, WORDS};
use crate::kit::mask::quoted;
use crate::source::file::Wrong;
use app::domain::cannot_tell::Matter;
use app::domain::event::CallRecord;
use app::domain::{CannotTell, Data, Span, parse};
use serde_json::{Map, Value, json};

/// A field's value, of what is neither a moment nor a number of somebody's.
pub(super) fn value(field: &str, text: &str) -> Result<Value, Wrong> {
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

/// The words of a list, whatever parts them.
pub(super) fn matters(text: &str) -> Result<CannotTell, Wrong> {
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
pub(super) fn shown_of(text: &str, wrong: &Wrong) -> String {
    if wrong.text.is_empty() { quoted(text) } else { wrong.text.clone() }
}

/// How long something took: seconds, with or without a fraction, or `1:02:03`.
pub(super) fn seconds(field: &str, text: &str) -> Result<Option<Span>, Wrong> {
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
pub(super) const MAX_SECS: i64 = 100 * 366 * 86_400;

pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// Reads the record by the contract, so that every value is checked as that of an event is.
pub(super) fn record(data: Map<String, Value>) -> Result<CallRecord, Wrong> {
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
