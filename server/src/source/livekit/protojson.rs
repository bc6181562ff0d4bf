//! Protobuf messages as JSON, read as whoever may have written them: names in camel or in snake case, 64-bit integers as strings
//! or numbers, enumerations by name or number, what is zero left out.
//!
//! # Source
//! [ProtoJSON](https://protobuf.dev/programming-guides/json/). Nothing is said of a field that is not asked for: new versions
//! have more of them.

use app::domain::parse::FieldError;
use serde_json::{Map, Value};

/// A message within another, by its place there.
#[derive(Debug, Clone, Copy)]
pub struct Message<'v> {
    fields: Option<&'v Map<String, Value>>,
    place: &'static str,
}

/// Whether a key is a field's name: `joinedAtMs` and `joined_at_ms` are.
pub fn is_name(key: &str, name: &str) -> bool {
    let plain = |text: &'_ str| {
        text.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase()).collect::<Vec<_>>()
    };
    key == name || plain(key) == plain(name)
}

impl<'v> Message<'v> {
    /// # Errors
    /// If it is none.
    pub fn whole(value: &'v Value) -> Result<Self, FieldError> {
        let fields = value.as_object().ok_or_else(|| wrong("", "the body", "is no object"))?;
        Ok(Self { fields: Some(fields), place: "" })
    }

    /// How many fields it has that are none of these.
    #[must_use]
    pub fn unknown(&self, names: &[&str]) -> u64 {
        let is_known = |key: &str| names.iter().any(|name| is_name(key, name));
        self.fields.map_or(0, |fields| fields.keys().filter(|key| !is_known(key)).count() as u64)
    }

    /// The value of a field that is there; `null` is not.
    fn get(&self, name: &str) -> Option<&'v Value> {
        let fields = self.fields?;
        let is_there = |value: &&Value| !value.is_null();
        let otherwise = || fields.iter().find(|(key, value)| is_name(key, name) && !value.is_null());
        fields.get(name).filter(is_there).or_else(|| otherwise().map(|(_, value)| value))
    }

    fn wrong(&self, name: &str, what: &str) -> FieldError {
        wrong(self.place, name, what)
    }

    /// An empty text is none.
    ///
    /// # Errors
    /// If it is something else.
    pub fn text(&self, name: &str) -> Result<Option<&'v str>, FieldError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(self.wrong(name, "is no text")),
        }
    }

    /// 0 is none.
    ///
    /// # Errors
    /// If it is no whole number of 64 bits.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, FieldError> {
        let read = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(Value::Number(number)) => number.as_i64(),
            Some(_) => None,
        };
        read.map(|n| Some(n).filter(|n| *n != 0)).ok_or_else(|| self.wrong(name, "is no whole number"))
    }

    /// A value of an enumeration, its names in the order of their numbers with what stands between them empty. One that is not
    /// among them is of a later version.
    ///
    /// # Errors
    /// If it is neither a name nor a number.
    pub fn word(&self, name: &str, names: &[&'static str]) -> Result<Option<Word>, FieldError> {
        let known = |at: Option<usize>| at.and_then(|at| names.get(at)).filter(|name| !name.is_empty());
        let word = |at| known(at).map_or(Word::Unknown, |name| Word::Known(name));
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(word(names.iter().position(|name| name == text)))),
            Some(Value::Number(number)) if number.is_i64() || number.is_u64() => {
                Ok(Some(word(number.as_u64().and_then(|n| usize::try_from(n).ok()))))
            }
            Some(_) => Err(self.wrong(name, "is neither a name nor a number")),
        }
    }

    /// A message in it; an empty one where it is not there.
    ///
    /// # Errors
    /// If it is something else.
    pub fn message(&self, name: &'static str) -> Result<Message<'v>, FieldError> {
        match self.get(name) {
            None => Ok(Message { fields: None, place: name }),
            Some(Value::Object(fields)) => Ok(Message { fields: Some(fields), place: name }),
            Some(_) => Err(self.wrong(name, "is no object")),
        }
    }

    /// One of the texts that a map holds by their keys; an empty one is none.
    #[must_use]
    pub fn entry(&self, map: &str, key: &str) -> Option<&'v str> {
        let value = self.get(map)?.as_object()?.get(key)?;
        value.as_str().filter(|text| !text.is_empty())
    }

    /// # Errors
    /// If a map is no map of texts.
    pub fn is_texts(&self, map: &str) -> Result<(), FieldError> {
        let texts = |value: &Value| {
            value.as_object().is_some_and(|map| map.values().all(|value| value.is_string() || value.is_null()))
        };
        match self.get(map) {
            Some(value) if !texts(value) => Err(self.wrong(map, "is no map of texts")),
            Some(_) | None => Ok(()),
        }
    }
}

/// One of an enumeration's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Known(&'static str),
    /// Of a version that is newer than this.
    Unknown,
}

fn wrong(place: &str, name: &str, what: &str) -> FieldError {
    let place = if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    FieldError { place, what: what.to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    const KINDS: [&str; 4] = ["STANDARD", "", "EGRESS", "SIP"];

    #[test]
    fn a_field_is_found_by_either_of_its_names_and_in_either_form() {
        for value in [
            json!({ "participant": { "joinedAtMs": "1795219201087", "kind": "SIP", "attributes": { "a": "b" } } }),
            json!({ "participant": { "joined_at_ms": 1_795_219_201_087i64, "kind": 3, "attributes": { "a": "b", "c": null } } }),
        ] {
            let participant = Message::whole(&value).unwrap().message("participant").unwrap();
            assert_eq!(participant.integer("joinedAtMs").unwrap(), Some(1_795_219_201_087));
            assert_eq!(participant.word("kind", &KINDS).unwrap(), Some(Word::Known("SIP")));
            assert_eq!((participant.entry("attributes", "a"), participant.entry("attributes", "c")), (Some("b"), None));
            assert!(participant.is_texts("attributes").is_ok());
            assert_eq!(
                (participant.unknown(&["joinedAtMs", "kind", "attributes"]), participant.unknown(&["kind"])),
                (0, 2)
            );
        }
    }

    #[test]
    fn what_is_not_there_is_nothing_and_what_is_new_is_unknown() {
        let value = json!({ "id": "", "createdAt": "0", "kind": "ROBOT", "state": 77, "room": null, "old": 1 });
        let event = Message::whole(&value).unwrap();
        assert_eq!((event.text("id").unwrap(), event.integer("createdAt").unwrap()), (None, None));
        assert_eq!((event.text("missing").unwrap(), event.word("missing", &KINDS).unwrap()), (None, None));
        assert_eq!(
            (event.word("kind", &KINDS).unwrap(), event.word("state", &KINDS).unwrap()),
            (Some(Word::Unknown), Some(Word::Unknown))
        );
        assert_eq!(event.word("old", &KINDS).unwrap(), Some(Word::Unknown), "a number that none has any more");
        let room = event.message("room").unwrap();
        assert_eq!((room.text("sid").unwrap(), room.unknown(&[]), room.entry("a", "b")), (None, 0, None));
    }

    #[test]
    fn what_is_something_else_is_named_by_its_place() {
        let value = json!({ "room": { "sid": 7 }, "participant": { "joinedAtMs": "soon", "kind": 1.5, "attributes": { "a": 1 } }, "track": [] });
        let event = Message::whole(&value).unwrap();
        let said = |error: FieldError| error.to_string();
        assert_eq!(event.message("room").unwrap().text("sid").map_err(said), Err("room.sid: is no text".to_owned()));
        let participant = event.message("participant").unwrap();
        assert_eq!(said(participant.integer("joinedAtMs").unwrap_err()), "participant.joinedAtMs: is no whole number");
        assert_eq!(
            said(participant.word("kind", &KINDS).unwrap_err()),
            "participant.kind: is neither a name nor a number"
        );
        assert_eq!(said(participant.is_texts("attributes").unwrap_err()), "participant.attributes: is no map of texts");
        assert_eq!(said(event.message("track").unwrap_err()), "track: is no object");
        assert_eq!(said(Message::whole(&json!([])).unwrap_err()), "the body: is no object");
    }
}
