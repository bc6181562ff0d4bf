//! What became of a row, in words: for whoever wants each row of a file accounted for.

use crate::kit::mask::{quoted, quoted_id};
use crate::source::file::{Fate, Wrong};
use app::domain::event::CallRecord;
use app::domain::mask::Numbers;
use app::domain::{Call, Data, Event};

/// Endpoints named of one row at most.
const NAMED: usize = 4;

/// What became of a row: a word for sorting, and why or what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    pub fate: &'static str,
    pub words: String,
}

impl Explained {
    #[must_use]
    pub fn of(fate: &Result<Fate, Wrong>) -> Self {
        match fate {
            Ok(Fate::Header) => Self { fate: "header", words: "names the columns".to_owned() },
            Ok(Fate::Told(events)) if events.is_empty() => {
                Self { fate: "with_others", words: "adds to what other rows tell".to_owned() }
            }
            Ok(Fate::Told(events)) => Self::told(events),
            Ok(Fate::Held(why) | Fate::Other(why)) => Self::no_call(why),
            Ok(Fate::NoRoute(endpoints)) => {
                let named: Vec<String> = endpoints.iter().take(NAMED).map(|name| quoted(name)).collect();
                Self { fate: "no_route", words: format!("names {}: --carrier ENDPOINT=ROUTE", named.join(", ")) }
            }
            Err(wrong) => Self::rejected(wrong),
        }
    }

    #[must_use]
    pub fn told(events: &[Event]) -> Self {
        Self { fate: "told", words: events.iter().map(event).collect::<Vec<_>>().join("; ") }
    }

    /// A row that belongs to calls which are told with the row of another line.
    #[must_use]
    pub fn with_others(events: &[Event], line: u64) -> Self {
        let calls: Vec<String> = events.iter().filter_map(name).collect();
        Self { fate: "with_others", words: format!("belongs to {}, told with line {line}", calls.join(" and ")) }
    }

    #[must_use]
    pub fn no_call(why: &str) -> Self {
        Self { fate: "no_call", words: why.to_owned() }
    }

    #[must_use]
    pub fn rejected(Wrong { field, why, text }: &Wrong) -> Self {
        let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
        let text = if text.is_empty() { String::new() } else { format!(": `{text}`") };
        Self { fate: "rejected", words: format!("{field}{why}{text}") }
    }
}

fn event(event: &Event) -> String {
    match (&event.data, name(event)) {
        (Data::CallRecord(record), Some(name)) => call(record, &name),
        (told, Some(name)) => format!("{} of {name}", told.type_name()),
        (told, None) => told.type_name().to_owned(),
    }
}

/// The call that an event tells of, as it may be named: without the numbers of its own ends.
fn name(event: &Event) -> Option<String> {
    let (call_id, _) = event.data.call()?;
    // The simplest way to know both ends, whatever kind of event it is.
    let told = Call::told_by(event).map(|(_, call)| call).unwrap_or_default();
    let ends = [told.from.get(), told.to.get()];
    Some(quoted_id(call_id.as_str(), &Numbers::of(ends.into_iter().flatten())))
}

/// `1795219200.62: outbound, answered, agent agent-1042, ended`.
fn call(record: &CallRecord, name: &str) -> String {
    let named = |what: &str, id: &str| format!("{what} {}", quoted_id(id, &Numbers::default()));
    let mut words = vec![record.direction.map_or("of no direction", |direction| direction.word()).to_owned()];
    words.extend(record.route.as_ref().map(|route| named("route", route.as_str())));
    words.extend(record.queued_at.map(|_| "queued".to_owned()));
    words.extend(record.answered_at.map(|_| "answered".to_owned()));
    words.extend(record.outcome.map(|outcome| outcome.word().to_owned()));
    words.extend(record.agent.as_ref().map(|agent| named("agent", agent.as_str())));
    words.push(if record.ended_at.is_some() { "ended".to_owned() } else { "no end".to_owned() });
    format!("{name}: {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_taken_says_field_reason_and_text() {
        let wrong = Wrong::new("start", "not a time").showing("12025550187");
        assert_eq!(Explained::of(&Err(wrong)).words, "start: not a time: `••••`");
        assert_eq!(Explained::of(&Ok(Fate::Other("of the house"))).words, "of the house");
        let none = Fate::NoRoute(vec!["DAHDI/i1/12025550187".into()]);
        assert_eq!(Explained::of(&Ok(none)).words, "names DAHDI/i••••: --carrier ENDPOINT=ROUTE");
    }
}
