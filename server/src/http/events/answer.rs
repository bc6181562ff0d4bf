//! What became of a body's events, and how it is told: contract.md's three members, always there.

use crate::http::error::told;
use crate::ingest::{Receipt, Rejection, Untaken};
use crate::kit::mask::safe;
use crate::kit::nearest::nearest;
use app::domain::Number;
use app::domain::event::{CostUpdated, SHOWN_METRICS};
use app::domain::mask::{Known, Numbers, Rule, masked};
use app::domain::parse::{ParseError, Rejected, UnknownField};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Rejections named in one answer; more are counted in `rejected_more`. Bounds the answer to a long stream of nonsense.
pub const MAX_NAMED: usize = 10_000;

/// Unknown fields named in one answer, each once; bounds what a sender of random names can make of it.
pub const MAX_WARNINGS: usize = 100;

/// Costs of one body that are named in the audit log; a floor has two a month.
const MAX_COSTS: usize = 100;

/// A cost, for the audit log.
#[must_use]
pub fn in_words(told: &CostUpdated) -> String {
    let (month, amount, currency) = (told.month.get(), told.amount.get(), told.currency.get());
    format!("{month} {} {amount} {currency}", told.kind.word())
}

/// The running account of one body.
#[derive(Debug, Default)]
pub struct Outcome {
    pub accepted: u64,
    pub duplicate: u64,
    rejected: Vec<Named>,
    more: u64,
    /// Of the rejected, those that were no JSON at all.
    not_json: u64,
    /// How often each unknown field was met.
    unknown: BTreeMap<UnknownField, u64>,
    unknown_more: u64,
    /// How often each metric came that no page shows.
    unshown: BTreeMap<String, u64>,
    /// Records that say of no direction.
    undirected: u64,
    /// The costs told, in words, for the audit log.
    costs: Vec<String>,
    /// Why events could not be read, and how many for each reason.
    unread: BTreeMap<String, u64>,
}

#[derive(Debug)]
struct Named {
    index: u64,
    id: Option<String>,
    error: String,
}

impl Outcome {
    /// Counts an event that could not be read, and tells of these persons.
    pub fn unreadable(&mut self, index: u64, why: &Rejected, persons: &Numbers) {
        match why.error {
            ParseError::NotJson(_) => self.not_json += 1,
            ParseError::NotAnObject
            | ParseError::Field(_)
            | ParseError::UnknownType(_)
            | ParseError::SpecVersion(_) => {}
        }
        let error = told(&why.error);
        // As many as are named: a long stream of nonsense makes no more.
        if self.unread.len() < MAX_WARNINGS || self.unread.contains_key(&error) {
            *self.unread.entry(error.clone()).or_default() += 1;
        }
        self.name(index, why.id.clone(), persons, error);
    }

    /// Why events could not be read, and how many for each reason. What the writer said no to is no part of it.
    pub fn unread(&self) -> impl Iterator<Item = (&str, u64)> {
        self.unread.iter().map(|(why, events)| (why.as_str(), *events))
    }

    /// The fields that were ignored, in words and with the nearest known one, and how often each was.
    pub fn ignored(&self) -> impl Iterator<Item = (Untaken, String, u64)> {
        let fields = self.unknown.iter().map(|(unknown, times)| {
            let field = format!("{}: data.{}", unknown.type_name, safe(&unknown.field));
            match nearest(&unknown.field, unknown.known) {
                Some(near) => (Untaken::Misspelt, format!("{field} is unknown; did you mean {near}?"), *times),
                None => (Untaken::Unknown, format!("{field} is unknown"), *times),
            }
        });
        let metrics = self.unshown.iter().map(|(name, times)| {
            let metric = format!("metric.sample: data.name `{}` is shown nowhere", safe(name));
            match nearest(name, &SHOWN_METRICS) {
                Some(near) => (Untaken::Misspelt, format!("{metric}; did you mean {near}?"), *times),
                None => (Untaken::Unknown, metric, *times),
            }
        });
        fields.chain(metrics)
    }

    /// Counts a field that was ignored.
    pub fn unknown(&mut self, field: UnknownField) {
        if self.unknown.len() < MAX_WARNINGS || self.unknown.contains_key(&field) {
            *self.unknown.entry(field).or_default() += 1;
        } else {
            self.unknown_more += 1;
        }
    }

    /// Counts a metric of a name that no page shows.
    pub fn unshown(&mut self, name: &str) {
        if self.unshown.len() < MAX_WARNINGS || self.unshown.contains_key(name) {
            *self.unshown.entry(name.to_owned()).or_default() += 1;
        } else {
            self.unknown_more += 1;
        }
    }

    /// Counts a call's record that says of no direction: unless another event does, the call is in no figure.
    pub const fn undirected(&mut self) {
        self.undirected += 1;
    }

    /// Notes what a month is told to cost.
    pub fn cost(&mut self, told: &CostUpdated) {
        if self.costs.len() < MAX_COSTS {
            self.costs.push(in_words(told));
        }
    }

    #[must_use]
    pub fn costs(&self) -> &[String] {
        &self.costs
    }

    /// Counts what the writer says of a chunk, whose events stood at `places`.
    pub fn settled(&mut self, receipt: Receipt, places: &[BatchPosition]) {
        self.accepted += receipt.accepted;
        self.duplicate += receipt.duplicate;
        for (position, why) in receipt.rejected {
            if let Some(place) = places.get(position) {
                self.refused(place, &why);
            }
        }
    }

    fn refused(&mut self, place: &BatchPosition, why: &Rejection) {
        let persons = Numbers::of(place.ends.iter().flatten());
        self.name(place.index, Some(place.id.as_str().to_owned()), &persons, safe(&why.to_string()));
    }

    /// The id is the sender's own, told back as it is, or it would name no event of theirs; but for a person's number in it.
    fn name(&mut self, index: u64, id: Option<String>, persons: &Numbers, error: String) {
        if self.rejected.len() < MAX_NAMED {
            let known = Known { persons: &[persons], ..Known::default() };
            let id = id.map(|id| masked(&id, Rule::Id, known).into_owned());
            self.rejected.push(Named { index, id, error });
        } else {
            self.more += 1;
        }
    }

    #[must_use]
    pub fn rejections(&self) -> u64 {
        self.rejected.len() as u64 + self.more
    }

    /// What the whole answer is.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let rejected = self.rejections();
        if rejected == 0 || self.accepted + self.duplicate > 0 {
            Verdict::Taken
        } else if self.not_json == rejected {
            Verdict::NothingWasJson
        } else {
            Verdict::AllRejected
        }
    }

    /// Why the first was rejected.
    #[must_use]
    pub fn first_error(&self) -> &str {
        self.rejected.first().map_or("", |named| named.error.as_str())
    }

    /// Why the first was rejected, with what was probably meant by what it lacks.
    #[must_use]
    pub fn first_error_hinted(&self) -> String {
        let error = self.first_error();
        let lacking = error.strip_prefix("data.").and_then(|rest| rest.strip_suffix(": missing"));
        let is_it = |unknown: &&UnknownField| lacking.is_some() && nearest(&unknown.field, unknown.known) == lacking;
        match self.unknown.keys().find(is_it) {
            Some(unknown) => format!("{error}; data.{} is unknown, was that meant?", safe(&unknown.field)),
            None => error.to_owned(),
        }
    }

    /// As members of the answer, or of a problem. Chunks end in any order, so the list is put in order here.
    #[must_use]
    pub fn members(mut self) -> Map<String, Value> {
        self.rejected.sort_by_key(|named| named.index);
        let rejected: Vec<Value> = self
            .rejected
            .into_iter()
            .map(|named| json!({ "index": named.index, "id": named.id, "error": named.error }))
            .collect();
        let mut members = Map::new();
        members.insert("accepted".to_owned(), json!(self.accepted));
        members.insert("duplicate".to_owned(), json!(self.duplicate));
        members.insert("rejected".to_owned(), Value::Array(rejected));
        if self.more > 0 {
            members.insert("rejected_more".to_owned(), json!(self.more));
        }
        let undirected = (self.undirected > 0).then(|| {
            json!({
                "type": "call.record", "field": "data.direction", "count": self.undirected,
                "warning": "not told: until an event tells it, the call is undirected and in no figure",
            })
        });
        let unshown = self.unshown.iter().map(unshown);
        let warnings: Vec<Value> = self.unknown.iter().map(warning).chain(unshown).chain(undirected).collect();
        if !warnings.is_empty() {
            members.insert("warnings".to_owned(), Value::Array(warnings));
        }
        if self.unknown_more > 0 {
            members.insert("warnings_more".to_owned(), json!(self.unknown_more));
        }
        members
    }
}

fn warning((unknown, count): (&UnknownField, &u64)) -> Value {
    let mut warning = json!({
        "type": unknown.type_name, "field": format!("data.{}", safe(&unknown.field)), "count": count,
        "warning": "unknown field, ignored",
    });
    if let Some(near) = nearest(&unknown.field, unknown.known) {
        warning["nearest"] = json!(near);
    }
    warning
}

fn unshown((name, count): (&String, &u64)) -> Value {
    let shown = SHOWN_METRICS.join(", ");
    let mut warning = json!({
        "type": "metric.sample", "field": "data.name", "count": count,
        "warning": format!("`{}` is taken and shown nowhere: shown are {shown}", safe(name)),
    });
    if let Some(near) = nearest(name, &SHOWN_METRICS) {
        warning["nearest"] = json!(near);
    }
    warning
}

/// Where an event stood in the body.
#[derive(Debug)]
pub struct BatchPosition {
    pub index: u64,
    pub id: app::domain::EventId,
    /// The numbers that it told: its id may hold one.
    pub ends: [Option<Number>; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Something was taken, or there was nothing to take.
    Taken,
    AllRejected,
    NothingWasJson,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(error: ParseError) -> Rejected {
        Rejected { id: Some("e-7".to_owned()), error }
    }

    #[test]
    fn all_three_members_are_always_there() {
        let members = Value::Object(Outcome::default().members());
        assert_eq!(members, json!({ "accepted": 0, "duplicate": 0, "rejected": [] }));
    }

    #[test]
    fn whose_direction_nobody_told_is_no_silent_success() {
        let mut outcome = Outcome::default();
        outcome.undirected();
        outcome.undirected();
        let warnings = outcome.members()["warnings"].clone();
        assert_eq!((&warnings[0]["field"], &warnings[0]["count"]), (&json!("data.direction"), &json!(2)));
    }

    #[test]
    fn only_a_body_without_one_good_event_fails() {
        let mut outcome = Outcome::default();
        outcome.unreadable(3, &bad(ParseError::NotJson("x".to_owned())), &Numbers::default());
        assert_eq!(outcome.verdict(), Verdict::NothingWasJson);
        outcome.unreadable(1, &bad(ParseError::UnknownType("y".to_owned())), &Numbers::default());
        assert_eq!(outcome.verdict(), Verdict::AllRejected);
        outcome.duplicate = 1;
        assert_eq!(outcome.verdict(), Verdict::Taken);
        assert_eq!(outcome.members()["rejected"][0]["index"], 1);
    }

    #[test]
    fn an_event_is_named_by_its_own_id() {
        let mut outcome = Outcome::default();
        let id = "1784900000123-20260001".to_owned();
        outcome.unreadable(
            0,
            &Rejected { id: Some(id.clone()), error: ParseError::UnknownType("y".to_owned()) },
            &Numbers::default(),
        );
        assert_eq!(outcome.members()["rejected"][0]["id"], Value::String(id));
    }

    #[test]
    fn an_id_is_told_back_without_the_numbers_that_its_event_tells() {
        let mut outcome = Outcome::default();
        let person = Number::trusted("+12025550187");
        let id = || Some("lead-2025550187-7".to_owned());
        outcome.unreadable(
            0,
            &Rejected { id: id(), error: ParseError::UnknownType("y".to_owned()) },
            &Numbers::of([&person]),
        );
        let place = BatchPosition {
            index: 1,
            id: app::domain::EventId::trusted("lead-2025550187-7"),
            ends: [None, Some(person)],
        };
        outcome.refused(&place, &Rejection::TooLong("wrap_ms", 12_025_550_187));
        let members = outcome.members();
        for rejected in members["rejected"].as_array().into_iter().flatten() {
            assert_eq!(rejected["id"], "lead-••••-7");
        }
        assert_eq!(members["rejected"][1]["error"], "data.wrap_ms: •••• ms is longer than a call may last, 24 h");
    }

    #[test]
    fn an_ignored_field_is_named_once_with_the_nearest_known_one() {
        let mut outcome = Outcome::default();
        let field = |name: &str| UnknownField {
            type_name: "call.bridged",
            field: name.to_owned(),
            known: &["agent", "call_id"],
        };
        (0..3).for_each(|_| outcome.unknown(field("agnet")));
        (0..MAX_WARNINGS + 4).for_each(|n| outcome.unknown(field(&format!("x{n}"))));
        let members = outcome.members();
        let warnings = members["warnings"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert_eq!((warnings.len(), &members["warnings_more"]), (MAX_WARNINGS, &json!(5)));
        assert_eq!(
            warnings[0],
            json!({ "type": "call.bridged", "field": "data.agnet", "count": 3, "nearest": "agent",
                "warning": "unknown field, ignored" })
        );
        assert!(warnings[1].get("nearest").is_none(), "{}", warnings[1]);
    }

    #[test]
    fn what_was_probably_meant_by_a_missing_field_is_told() {
        let known = &["call_id", "agent"];
        let missing = || {
            let read = app::domain::parse::event(
                r#"{"specversion":"1.0","id":"e","source":"d","type":"call.progress","time":"2026-11-21T14:32:08Z","data":{}}"#,
            );
            read.err().map(|rejected| rejected.error)
        };
        let mut outcome = Outcome::default();
        missing().into_iter().for_each(|error| outcome.unreadable(0, &bad(error), &Numbers::default()));
        assert_eq!(outcome.first_error_hinted(), "data.call_id: missing");
        for field in ["agnet", "callid"] {
            outcome.unknown(UnknownField { type_name: "call.progress", field: field.to_owned(), known });
        }
        assert_eq!(outcome.first_error_hinted(), "data.call_id: missing; data.callid is unknown, was that meant?");
    }

    #[test]
    fn what_is_not_named_is_counted() {
        let mut outcome = Outcome::default();
        for index in 0..MAX_NAMED as u64 + 5 {
            outcome.unreadable(index, &bad(ParseError::UnknownType("y".to_owned())), &Numbers::default());
        }
        assert_eq!(outcome.members()["rejected_more"], 5);
    }
}
