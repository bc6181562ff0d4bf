//! What became of a row, in words: for whoever wants each row of a file accounted for.

use super::{Fate, Wrong, shown};
use app::domain::event::CallRecord;
use app::domain::{Data, Event};

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
            Ok(Fate::Told(events)) if events.is_empty() => {
                Self { fate: "with_others", words: "adds to a call that other rows tell".to_owned() }
            }
            Ok(Fate::Told(events)) => {
                Self { fate: "told", words: events.iter().map(event).collect::<Vec<_>>().join("; ") }
            }
            Ok(Fate::Other(why)) => Self { fate: "no_call", words: (*why).to_owned() },
            Ok(Fate::NoRoute(endpoints)) => {
                let named: Vec<String> = endpoints.iter().take(NAMED).map(|name| shown(name)).collect();
                Self { fate: "no_route", words: format!("names {}: --carrier ENDPOINT=ROUTE", named.join(", ")) }
            }
            Err(wrong) => Self::rejected(wrong),
        }
    }

    #[must_use]
    pub fn rejected(Wrong { field, why, text }: &Wrong) -> Self {
        let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
        let text = if text.is_empty() { String::new() } else { format!(": `{text}`") };
        Self { fate: "rejected", words: format!("{field}{why}{text}") }
    }
}

fn event(event: &Event) -> String {
    match &event.data {
        Data::CallRecord(record) => call(record),
        Data::CallStarted(call) => named("call.started", call.call_id.as_str()),
        Data::CallProgress(call) => named("call.progress", call.call_id.as_str()),
        Data::CallAnswered(call) => named("call.answered", call.call_id.as_str()),
        Data::CallGreeted(call) => named("call.greeted", call.call_id.as_str()),
        Data::CallQueued(call) => named("call.queued", call.call_id.as_str()),
        Data::CallBridged(call) => named("call.bridged", call.call_id.as_str()),
        Data::CallTransferred(call) => named("call.transferred", call.call_id.as_str()),
        Data::CallEnded(call) => named("call.ended", call.call_id.as_str()),
        Data::CallUpdated(call) => named("call.updated", call.call_id.as_str()),
        Data::AgentState(_)
        | Data::ChannelsSample(_)
        | Data::TrunkStatus(_)
        | Data::HealthSample(_)
        | Data::MetricSample(_)
        | Data::CampaignUpdated(_)
        | Data::DidUpdated(_)
        | Data::RouteUpdated(_)
        | Data::CostUpdated(_) => event.data.type_name().to_owned(),
    }
}

fn named(kind: &str, call: &str) -> String {
    format!("{kind} of {}", id(call))
}

/// A call's id as it is where its digits are plainly no number of a person: an Asterisk's (`pbx-1795219200.62`) or a UUID.
fn id(text: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let asterisk = text.rsplit_once('.').is_some_and(|(whole, part)| {
        let second = whole.rsplit_once('-').map_or(whole, |(_, second)| second);
        digits(part) && digits(second) && second.len() == 10 && second.starts_with('1')
    });
    let uuid = text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if asterisk || uuid { text.to_owned() } else { shown(text) }
}

/// `1795219200.62: outbound, answered, agent agent-1042, ended`.
fn call(record: &CallRecord) -> String {
    let mut words = vec![record.direction.map_or("of no direction", |direction| direction.word()).to_owned()];
    words.extend(record.route.as_ref().map(|route| format!("route {}", shown(route.as_str()))));
    words.extend(record.queued_at.map(|_| "queued".to_owned()));
    words.extend(record.answered_at.map(|_| "answered".to_owned()));
    words.extend(record.outcome.map(|outcome| outcome.word().to_owned()));
    words.extend(record.agent.as_ref().map(|agent| format!("agent {}", shown(agent.as_str()))));
    words.push(if record.ended_at.is_some() { "ended".to_owned() } else { "no end".to_owned() });
    format!("{}: {}", id(record.call_id.as_str()), words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_shown_where_it_can_be_no_number() {
        assert_eq!(id("pbx-1795219200.62"), "pbx-1795219200.62");
        assert_eq!(id("5a3a1d91-0000-4db4-af5c-000000000001"), "5a3a1d91-0000-4db4-af5c-000000000001");
        assert_eq!(id("1795219200.62/DAHDI/i1/12025550187-2"), "##########.##/DAHDI/i#/###########-#");
        assert_eq!(id("c-17"), "c-17");
    }

    #[test]
    fn what_was_not_taken_says_field_reason_and_text() {
        let wrong = Wrong::new("start", "not a time").showing("12025550187");
        assert_eq!(Explained::of(&Err(wrong)).words, "start: not a time: `###########`");
        assert_eq!(Explained::of(&Ok(Fate::Other("of the house"))).words, "of the house");
        let none = Fate::NoRoute(vec!["DAHDI/i1/12025550187".into()]);
        assert_eq!(Explained::of(&Ok(none)).words, "names DAHDI/i#/###########: --carrier ENDPOINT=ROUTE");
    }
}
