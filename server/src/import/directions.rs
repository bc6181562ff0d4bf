//! Of which calls a file does not tell which way they went: they count as `undirected`, and in nothing else; and of how many
//! that went out not which number of the floor's they showed.

use app::domain::outcome::Direction;
use app::domain::{Call, CallName, Data, Event};
use std::collections::HashSet;

/// Calls of each kind watched at once.
const WATCHED: usize = 200_000;

#[derive(Debug, Default)]
pub struct Directions {
    /// Told of, without a direction so far.
    without: HashSet<CallName>,
    /// With one, told before anything that would need it.
    with: HashSet<CallName>,
    /// Those that are watched no more.
    let_go: u64,
    /// Whole calls to outside without a number of the floor's.
    pub numberless: u64,
}

impl Directions {
    pub fn hear(&mut self, event: &Event) {
        let Some((name, told)) = Call::told_by(event) else { return };
        if let Data::CallRecord(record) = &event.data {
            self.numberless += u64::from(record.direction == Some(Direction::Outbound) && record.from.is_none());
        }
        if told.direction.get().is_some() {
            self.without.remove(&name);
            if self.with.len() >= WATCHED {
                self.with.clear();
            }
            self.with.insert(name);
            return;
        }
        // What tells that there was a call; the rest tells how it went on.
        let begins = told.started_at.or(told.queued_at).is_some();
        if begins && !self.with.contains(&name) {
            if self.without.len() >= WATCHED {
                self.let_go += self.without.len() as u64;
                self.without.clear();
            }
            self.without.insert(name);
        }
    }

    /// How many calls have none.
    #[must_use]
    pub fn untold(&self) -> u64 {
        self.let_go + self.without.len() as u64
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::parse;

    #[test]
    fn a_call_has_no_direction_until_any_event_tells_it() {
        let mut directions = Directions::default();
        let outbound = |from: &str| {
            let json = format!(
                r#"{{"specversion":"1.0","id":"e","source":"s","type":"call.record","time":"2026-11-21T10:00:00Z","data":{{"call_id":"o","direction":"outbound","started_at":"2026-11-21T10:00:00Z"{from}}}}}"#
            );
            parse::event(&json).unwrap()
        };
        [outbound(""), outbound(r#","from":"+12025550142""#)].iter().for_each(|event| directions.hear(event));
        assert_eq!(directions.numberless, 1);
        let mut hear = |kind: &str, more: &str| {
            let time = "2026-11-21T10:00:00Z";
            let json = format!(
                r#"{{"specversion":"1.0","id":"e","source":"s","type":"{kind}","time":"{time}","data":{{{more}}}}}"#
            );
            directions.hear(&parse::event(&json).unwrap());
            directions.untold()
        };
        assert_eq!(hear("call.record", r#""call_id":"a","started_at":"2026-11-21T10:00:00Z""#), 1);
        assert_eq!(hear("call.queued", r#""call_id":"b""#), 2);
        assert_eq!(hear("call.updated", r#""call_id":"b","direction":"inbound""#), 1);
        assert_eq!(hear("call.queued", r#""call_id":"b""#), 1);
        assert_eq!(hear("call.answered", r#""call_id":"c""#), 1, "others tell how it went");
    }
}
