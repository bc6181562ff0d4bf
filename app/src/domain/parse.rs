//! Reading one CloudEvent with errors that name what and where.
//!
//! `data` is read a second time into the struct of its type; only where that fails is it read once more with the path
//! recorded, so that good events pay nothing for good messages. A field that no event of its type has is ignored, and
//! handed to who wants to tell the sender ([`UnknownField`]).

use super::event::{Data, Event};
use super::ids::{EventId, SourceId, checked};
use super::said::in_words;
use super::time::{Moment, TimeError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A place and what is wrong there: `data.call_id: missing`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct FieldError {
    pub place: String,
    pub what: String,
}

/// Why a text is not an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    #[error("not JSON: {0}")]
    NotJson(String),
    #[error("an event is a JSON object; several of them are an application/cloudevents-batch+json, or one a line")]
    NotAnObject,
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error("type: `{0}` is unknown")]
    UnknownType(String),
    #[error("specversion: `{0}` is not \"1.0\"")]
    SpecVersion(String),
}

/// A rejection with the event's id, where that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    pub id: Option<String>,
    pub error: ParseError,
}

impl ParseError {
    /// The reason's name on `/metrics`.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NotJson(_) | Self::NotAnObject => "not_json",
            Self::Field(_) => "bad_field",
            Self::UnknownType(_) => "unknown_type",
            Self::SpecVersion(_) => "specversion",
        }
    }
}

/// A field of `data` that no event of its type has: ignored, but most likely a slip of the sender's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownField {
    pub type_name: &'static str,
    /// Its path within `data`.
    pub field: String,
    /// The fields there are.
    pub known: &'static [&'static str],
}

/// A text, borrowed where it has no escapes. (An optional `Cow` by itself would always be a copy.)
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    specversion: Option<Text<'a>>,
    #[serde(borrow, default)]
    id: Option<Text<'a>>,
    #[serde(borrow, default)]
    source: Option<Text<'a>>,
    #[serde(borrow, default, rename = "type")]
    type_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    time: Option<Text<'a>>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// Reads one event.
///
/// # Errors
/// The first thing that is wrong, with its place, and the event's id where that could be read.
pub fn event(json: &str) -> Result<Event, Rejected> {
    event_noting(json, &mut |_| {})
}

/// Reads one event, and hands on each field that it does not know.
///
/// # Errors
/// As [`event`].
pub fn event_noting(json: &str, unknown: &mut dyn FnMut(UnknownField)) -> Result<Event, Rejected> {
    // A reader of structs takes a list's members for a struct's, in order. What is no JSON at all says so itself.
    if !is_object(json) && serde_json::from_str::<serde::de::IgnoredAny>(json).is_ok() {
        return Err(Rejected { id: None, error: ParseError::NotAnObject });
    }
    let envelope: Envelope = serde_json::from_str(json).map_err(|e| {
        if e.is_data() {
            Rejected { id: named(json), error: ParseError::Field(of_the_envelope(json, &e)) }
        } else {
            Rejected { id: None, error: ParseError::NotJson(e.to_string()) }
        }
    })?;
    let id = text(&envelope.id).map(clip_id);
    complete(&envelope, unknown).map_err(|error| Rejected { id, error })
}

/// The id of an event whose envelope can't be read.
fn named(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Id<'a> {
        #[serde(borrow, default)]
        id: Option<Text<'a>>,
    }
    serde_json::from_str::<Id>(json).ok().and_then(|of| text(&of.id).map(clip_id))
}

fn clip_id(id: &str) -> String {
    id.chars().take(super::ids::MAX_ID_BYTES).collect()
}

fn of_the_envelope(json: &str, first: &serde_json::Error) -> FieldError {
    let error = locate::<Envelope>(json, "", first);
    if error.place == "time" {
        return wrong("time", &format!("must be a text: {TimeError}"));
    }
    error
}

fn text<'a>(of: &'a Option<Text<'_>>) -> Option<&'a str> {
    of.as_ref().map(|text| &*text.0)
}

fn complete(envelope: &Envelope, unknown: &mut dyn FnMut(UnknownField)) -> Result<Event, ParseError> {
    match text(&envelope.specversion) {
        Some("1.0") => {}
        Some(other) => return Err(ParseError::SpecVersion(clip(other))),
        None => return Err(missing("specversion").into()),
    }
    let id = required("id", text(&envelope.id))?;
    let source = required("source", text(&envelope.source))?;
    let type_name = text(&envelope.type_name).ok_or_else(|| missing("type"))?;
    let time = text(&envelope.time).ok_or_else(|| missing("time"))?;
    let time = Moment::parse(time).map_err(|e| wrong("time", &e))?;
    let json = envelope.data.map_or("{}", RawValue::get);
    if !is_object(json) {
        return Err(wrong("data", &"not an object").into());
    }
    match Data::read(type_name, json, unknown) {
        None => Err(ParseError::UnknownType(clip(type_name))),
        Some(_) if envelope.data.is_none() => Err(missing("data").into()),
        Some(Err(e)) => Err(ParseError::Field(e)),
        Some(Ok(data)) => super::plausible::check(&data).map_err(ParseError::Field).map(|()| Event {
            id: EventId::trusted(id),
            source: SourceId::trusted(source),
            time,
            data,
        }),
    }
}

pub(super) fn field<T: DeserializeOwned>(json: &str, unknown: &mut dyn FnMut(String)) -> Result<T, FieldError> {
    let mut reader = serde_json::Deserializer::from_str(json);
    serde_ignored::deserialize(&mut reader, |path| unknown(clip(&path.to_string())))
        .map_err(|e| locate::<T>(json, "data", &e))
}

/// Finds the place of an error that a first, quick reading met.
fn locate<'a, T: Deserialize<'a>>(json: &'a str, root: &str, first: &serde_json::Error) -> FieldError {
    let mut reader = serde_json::Deserializer::from_str(json);
    let (path, message) = match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Err(e) => (e.path().to_string(), e.into_inner().to_string()),
        Ok(_) => (String::new(), first.to_string()),
    };
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    let mut place = root.to_owned();
    let mut push = |part: &str| {
        if !part.is_empty() && part != "." {
            if !place.is_empty() {
                place.push('.');
            }
            place.push_str(part);
        }
    };
    push(&path);
    match message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        Some(name) => {
            push(name);
            FieldError { place, what: "missing".to_owned() }
        }
        None => FieldError { place, what: in_words(&message) },
    }
}

fn is_object(json: &str) -> bool {
    json.trim_start().starts_with('{')
}

fn required(place: &str, value: Option<&str>) -> Result<smol_str::SmolStr, FieldError> {
    checked(value.ok_or_else(|| missing(place))?).map_err(|e| wrong(place, &e))
}

fn missing(place: &str) -> FieldError {
    FieldError { place: place.to_owned(), what: "missing".to_owned() }
}

fn wrong(place: &str, what: &dyn std::fmt::Display) -> FieldError {
    FieldError { place: place.to_owned(), what: what.to_string() }
}

/// Foreign text in our messages is kept short.
fn clip(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn error(json: &str) -> String {
        event(json).unwrap_err().error.to_string()
    }

    #[test]
    fn errors_name_what_and_where() {
        let with = |data: &str| {
            format!(
                r#"{{"specversion":"1.0","id":"e-7","source":"d","type":"call.started","time":"2026-11-21T00:00:00Z","data":{data}}}"#
            )
        };
        assert_eq!(error(&with(r"{}")), "data.call_id: missing");
        let bad = with(r#"{"call_id":"c","direction":"outbound","from":"123","to":"+12025550142"}"#);
        let expected =
            "data.from: not an E.164 number with + (like +12025550142), and neither \"anonymous\" nor \"unknown\"";
        assert_eq!(error(&bad), expected);
        assert_eq!(event(&bad).unwrap_err().id.as_deref(), Some("e-7"));
        assert_eq!(error(r#"{"specversion":"0.3"}"#), "specversion: `0.3` is not \"1.0\"");
        assert_eq!(error(r#"{"specversion":"1.0","id":7}"#), "id: must be a text; it is 7");
        let bare = with("{}").replace(r#","data":{}"#, "");
        assert_eq!(error(&bare), "data: missing");
        let since_1970 = event(&with("{}").replace(r#""2026-11-21T00:00:00Z""#, "1795271528")).unwrap_err();
        assert_eq!(since_1970.id.as_deref(), Some("e-7"));
        assert!(since_1970.error.to_string().starts_with("time: must be a text: not an RFC 3339 time with its offset"));
        let bare_clock = with("{}").replace("00:00:00Z", "00:00:00");
        assert!(error(&bare_clock).contains("with its offset"));
        assert_eq!(event("[]").unwrap_err().error, ParseError::NotAnObject);
        assert!(error("{").starts_with("not JSON"));
        let ring = with("{}").replace("call.started", "call.ringing");
        assert_eq!(error(&ring), "type: `call.ringing` is unknown");
    }

    #[test]
    fn a_field_that_no_event_of_its_type_has_is_noted_and_ignored() {
        let json = r#"{"specversion":"1.0","id":"e","source":"d","type":"call.bridged","time":"2026-11-21T00:00:00Z","data":{"call_id":"c","agent":"a","agnet":{"x":1},"sip_code":"nonsense"}}"#;
        let mut unknown = Vec::new();
        let read = event_noting(json, &mut |field| unknown.push(field)).unwrap();
        assert_eq!(read, event(json).unwrap());
        let fields: Vec<_> = unknown.iter().map(|u| (u.type_name, u.field.as_str())).collect();
        assert_eq!(fields, [("call.bridged", "agnet"), ("call.bridged", "sip_code")]);
        assert_eq!(unknown[0].known, ["call_id", "agent", "realm", "cannot_tell"]);
    }

    #[test]
    fn a_fields_name_is_that_of_the_contract() {
        let known = crate::domain::event::CallEnded::FIELDS;
        assert!(known.contains(&"final") && known.contains(&"cannot_tell"), "{known:?}");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let json = r#"{"specversion":"1.0","id":"e","source":"d","type":"call.ended","time":"2026-11-21T00:00:00.000001Z","data":{"call_id":"c","outcome":"busy","sip_code":486,"final":true,"surplus":[1]}}"#;
        let read = event(json).unwrap();
        assert_eq!(event(&serde_json::to_string(&read).unwrap()).unwrap(), read);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,200}") {
            let _ = event(&text);
        }
    }
}
