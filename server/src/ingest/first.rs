//! The first events of a server: whether anything was ever heard, what it was, and why what came was not taken.
//!
//! Owns what a newcomer is shown until his first event counts, and nothing afterwards: from then on it costs one look at
//! a flag. Texts are masked where they come in.

use crate::kit::mask::safe;
use crate::store::StoreError;
use crate::store::read::{CallQuery, Reader};
use app::domain::mask::{Known, Numbers, Rule, masked};
use app::domain::{Event, Moment, Number};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Refusals that are kept: a screen's worth.
const REFUSALS: usize = 5;

/// What was heard until the first event counted. Cheap to clone: all see the same.
#[derive(Debug, Clone, Default)]
pub struct FirstEvents(Arc<FirstState>);

#[derive(Debug, Default)]
struct FirstState {
    /// Nothing more is kept: the first event is known, or this is no first run.
    over: AtomicBool,
    taken: AtomicU64,
    log: Mutex<FirstLog>,
}

/// An event as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// JSON in lines, persons' numbers masked.
    pub text: String,
    /// It is of a call, and says of no direction: it counts in no figure until one is told.
    pub is_undirected: bool,
}

#[derive(Debug, Default)]
struct FirstLog {
    first: Option<First>,
    refused: VecDeque<(Moment, String)>,
}

/// What there is to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirstHeard {
    pub taken: u64,
    /// The first event that was taken.
    pub first: Option<First>,
    /// When what was refused, and why; newest first.
    pub refused: Vec<(Moment, String)>,
}

impl FirstEvents {
    /// The store knows events already.
    pub fn not_the_first_run(&self) {
        self.0.over.store(true, Ordering::Release);
    }

    /// Looks whether the store knows calls already.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn look_for_calls(&self, store: &impl Reader) -> Result<(), StoreError> {
        let any = CallQuery { limit: 1, ..CallQuery::default() };
        if !store.calls(&any).await?.is_empty() {
            self.not_the_first_run();
        }
        Ok(())
    }

    /// What a page shows. `None` where this is no first run.
    #[must_use]
    pub fn heard(&self) -> Option<FirstHeard> {
        let log = self.0.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.first.is_none() && self.0.over.load(Ordering::Acquire) {
            return None;
        }
        let refused = log.refused.iter().rev().cloned().collect();
        Some(FirstHeard { taken: self.0.taken.load(Ordering::Relaxed), first: log.first.clone(), refused })
    }

    /// What would be shown of an event, were it the first; nothing once there was one.
    #[must_use]
    pub fn shown(&self, event: &Event) -> Option<First> {
        if self.0.over.load(Ordering::Acquire) { None } else { Some(shown(event)) }
    }

    /// Counts events that were taken, and keeps what one of them is shown as.
    pub fn took(&self, events: u64, shown: Option<First>) {
        self.0.taken.fetch_add(events, Ordering::Relaxed);
        if let Some(shown) = shown
            && !self.0.over.swap(true, Ordering::AcqRel)
        {
            self.0.log.lock().unwrap_or_else(PoisonError::into_inner).first = Some(shown);
        }
    }

    /// Notes what was not taken, and why.
    pub fn refused(&self, now: Moment, why: &str) {
        if self.0.over.load(Ordering::Acquire) {
            return;
        }
        let mut log = self.0.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.refused.len() == REFUSALS {
            log.refused.pop_front();
        }
        log.refused.push_back((now, safe(why)));
    }
}

/// An event as it may be shown: the floor's own numbers in clear, all others masked.
fn shown(event: &Event) -> First {
    let Ok(Value::Object(mut members)) = serde_json::to_value(event) else {
        return First { text: String::new(), is_undirected: false };
    };
    let mut data = members.remove("data").unwrap_or_default();
    let is_undirected = data.get("call_id").is_some() && data.get("direction").is_none_or(Value::is_null);
    let ends = ends_of_persons(&data);
    let numbers: Vec<Number> = ends.iter().filter_map(|end| Number::new(data.get(end)?.as_str()?).ok()).collect();
    let persons = Numbers::of(numbers.iter());
    let known = Known { persons: &[&persons], ..Known::default() };
    members.values_mut().for_each(|member| hide(member, Rule::Id, known));
    for (name, value) in data.as_object_mut().into_iter().flatten() {
        match name.as_str() {
            "from" | "to" => hide_end(value, ends.contains(&name.as_str())),
            "did" => {}
            name => hide(value, if is_id(name) { Rule::Id } else { Rule::Text }, known),
        }
    }
    let envelope = ["id", "source", "type", "time"].into_iter();
    let lines = envelope.filter_map(|name| Some(format!("  \"{name}\": {},\n", members.get(name)?)));
    let data = serde_json::to_string_pretty(&data).unwrap_or_default().replace('\n', "\n  ");
    First { text: format!("{{\n{}  \"data\": {data}\n}}\n", lines.collect::<String>()), is_undirected }
}

/// The ends of a call that are not sure to be the floor's own.
fn ends_of_persons(data: &Value) -> &'static [&'static str] {
    match data.get("direction").and_then(Value::as_str) {
        Some("outbound") => &["to"],
        Some("inbound") => &["from"],
        Some(_) | None => &["from", "to"],
    }
}

fn hide_end(value: &mut Value, is_persons: bool) {
    if let Value::String(text) = value
        && is_persons
        && let Ok(number) = Number::new(text)
    {
        *text = number.masked();
    }
}

/// Ids keep times and running numbers; free text keeps nothing that could be a number.
fn is_id(name: &str) -> bool {
    name.ends_with("_id")
        || ["realm", "campaign", "route", "list", "room", "queue", "agent", "trunk", "component"].contains(&name)
}

fn hide(value: &mut Value, rule: Rule, known: Known<'_>) {
    match value {
        Value::String(text) => *text = masked(text, rule, known).into_owned(),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, rule, known)),
        Value::Object(members) => members.values_mut().for_each(|member| hide(member, rule, known)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn event(data: &str) -> Event {
        app::domain::parse::event(&format!(
            r#"{{"specversion":"1.0","id":"e-7","source":"d","type":"call.started","time":"2026-11-21T14:32:08Z","data":{data}}}"#
        ))
        .unwrap()
    }

    #[test]
    fn the_first_event_is_shown_with_its_person_masked_and_the_floors_number_in_clear() {
        let outbound = event(
            r#"{"call_id":"1795876328-12025550187","direction":"outbound","from":"+12025550142","to":"+12025550187"}"#,
        );
        let text = shown(&outbound).text;
        assert!(text.contains("\"from\": \"+12025550142\"") && !text.contains("5550187"), "{text}");
        assert!(text.contains("\"time\": \"2026-11-21T14:32:08Z\"") && text.contains("\"id\": \"e-7\""), "{text}");
        let inbound = event(r#"{"call_id":"c","direction":"inbound","from":"+12025550187","to":"+12025550142"}"#);
        let first = shown(&inbound);
        assert!(first.text.contains("+12025550142") && !first.text.contains("5550187"), "{first:?}");
        let untold = app::domain::parse::event(
            r#"{"specversion":"1.0","id":"e","source":"d","type":"call.progress","time":"2026-11-21T14:32:08Z","data":{"call_id":"c"}}"#,
        );
        assert!(!first.is_undirected && shown(&untold.unwrap()).is_undirected);
    }

    #[test]
    fn only_what_comes_before_the_first_event_is_kept_and_of_that_the_last() {
        let first = FirstEvents::default();
        (0..9).for_each(|n| first.refused(Moment::from_secs(n), &format!("because {n} of +12025550187")));
        let heard = first.heard().unwrap();
        assert_eq!((heard.taken, &heard.first, heard.refused.len()), (0, &None, REFUSALS));
        assert!(heard.refused[0].1.starts_with("because 8") && !heard.refused[0].1.contains("555"), "{heard:?}");
        let one = event(r#"{"call_id":"c","direction":"outbound"}"#);
        first.took(1, first.shown(&one));
        first.took(2, first.shown(&one));
        first.refused(Moment::from_secs(99), "later");
        let heard = first.heard().unwrap();
        assert!(heard.taken == 3 && heard.first.is_some() && heard.refused[0].1.starts_with("because 8"), "{heard:?}");
    }

    #[test]
    fn a_store_that_knows_calls_has_no_first_run() {
        let first = FirstEvents::default();
        first.not_the_first_run();
        first.took(1, first.shown(&event(r#"{"call_id":"c","direction":"outbound"}"#)));
        assert_eq!(first.heard(), None);
    }
}
