//! Which calls a file begins and does not end: after some hours of silence they would count as lost.

use app::domain::{CallId, Data, Event, RealmId};
use std::collections::HashSet;

/// Calls watched at once; a file that never ends any must not fill memory.
const WATCHED: usize = 200_000;

type Name = (Option<RealmId>, CallId);

#[derive(Debug, Default)]
pub struct Ends {
    open: HashSet<Name>,
    /// Ended before anything said that they began.
    ended: HashSet<Name>,
    /// Whether more were open at once than are watched.
    pub beyond: bool,
}

impl Ends {
    pub fn hear(&mut self, event: &Event) {
        let Some((call_id, realm)) = event.data.call() else { return };
        let ends = match &event.data {
            Data::CallStarted(_) => false,
            Data::CallRecord(call) => call.ended_at.is_some(),
            Data::CallEnded(_) => true,
            Data::CallProgress(_)
            | Data::CallAnswered(_)
            | Data::CallGreeted(_)
            | Data::CallQueued(_)
            | Data::CallBridged(_)
            | Data::CallTransferred(_)
            | Data::CallUpdated(_)
            | Data::AgentState(_)
            | Data::ChannelsSample(_)
            | Data::TrunkStatus(_)
            | Data::HealthSample(_)
            | Data::MetricSample(_)
            | Data::CampaignUpdated(_)
            | Data::DidUpdated(_)
            | Data::RouteUpdated(_)
            | Data::CostUpdated(_) => return,
        };
        let name = (realm.cloned(), call_id.clone());
        let (from, to) = if ends { (&mut self.open, &mut self.ended) } else { (&mut self.ended, &mut self.open) };
        if from.remove(&name) || (ends && !matches!(event.data, Data::CallEnded(_))) {
            return;
        }
        if to.len() < WATCHED {
            to.insert(name);
        } else if ends {
            // A file whose ends come first by so many is in no order at all.
            to.clear();
        } else {
            self.beyond = true;
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
