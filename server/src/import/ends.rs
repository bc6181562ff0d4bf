//! Which calls a file begins and does not end: after some hours of silence they would count as lost.

use app::domain::{Call, CallName, Event};
use std::collections::HashSet;

/// Calls watched at once; a file that never ends any must not fill memory.
const WATCHED: usize = 200_000;

#[derive(Debug, Default)]
pub struct Ends {
    open: HashSet<CallName>,
    /// Ended before anything said that they began.
    ended: HashSet<CallName>,
    /// Whether more were open at once than are watched.
    pub beyond: bool,
}

impl Ends {
    pub fn hear(&mut self, event: &Event) {
        let Some((name, told)) = Call::told_by(event) else { return };
        match (told.started_at, told.ended_at) {
            (Some(_), Some(_)) => {
                self.open.remove(&name);
            }
            (Some(_), None) => self.begin(name),
            (None, Some(_)) => self.end(name),
            (None, None) => {}
        }
    }

    fn begin(&mut self, name: CallName) {
        if self.ended.remove(&name) {
            return;
        }
        if self.open.len() < WATCHED {
            self.open.insert(name);
        } else {
            self.beyond = true;
        }
    }

    fn end(&mut self, name: CallName) {
        if self.open.remove(&name) {
            return;
        }
        // A file whose ends come first by so many is in no order at all.
        if self.ended.len() >= WATCHED {
            self.ended.clear();
        } else {
            self.ended.insert(name);
        }
    }

    /// How many have not ended.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.open.len() as u64
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::parse;

    fn event(kind: &str, call: &str, more: &str) -> Event {
        let time = "2026-11-21T10:00:00Z";
        parse::event(&format!(
            r#"{{"specversion":"1.0","id":"{kind}{call}","source":"s","type":"{kind}","time":"{time}","data":{{"call_id":"{call}"{more}}}}}"#
        ))
        .unwrap()
    }

    #[test]
    fn a_call_is_open_until_its_end_is_told_in_whatever_order() {
        let mut ends = Ends::default();
        let started = r#","started_at":"2026-11-21T10:00:00Z""#;
        let whole = r#","started_at":"2026-11-21T10:00:00Z","ended_at":"2026-11-21T10:01:00Z""#;
        for (kind, call, more, open) in [
            ("call.record", "a", started, 1),
            ("call.record", "b", started, 2),
            ("call.answered", "b", "", 2),
            ("call.ended", "b", "", 1),
            ("call.ended", "c", "", 1),
            ("call.record", "c", started, 1),
            ("call.record", "d", whole, 1),
            ("call.record", "a", whole, 0),
        ] {
            ends.hear(&event(kind, call, more));
            assert_eq!(ends.open(), open, "{kind} {call}");
        }
        assert!(!ends.beyond);
    }
}
