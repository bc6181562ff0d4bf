//! Of what comes in and makes no figure: events that were rejected, calls of no direction.

use super::Problem;
use crate::board::Board;
use crate::law::change::LIVE_GRAIN;
use app::domain::{Dimension, Fact};
use app::kpi::{Band, format};
use app::view::Place;
use app::view::problems::ProblemCause::{Rejected, Undirected};

impl Board {
    pub(super) fn of_rejections(&self) -> Option<Problem> {
        let rejected = self.rejected.as_ref()?;
        let n = |events: u64| format::count(i64::try_from(events).unwrap_or(i64::MAX));
        let subject = match rejected.events {
            1 => "1 event was rejected in the last hour".to_owned(),
            events => format!("{} events were rejected in the last hour", n(events)),
        };
        let text = if rejected.of == rejected.events {
            rejected.why.to_string()
        } else {
            format!("{} of them: {}", n(rejected.of), rejected.why)
        };
        Some(Problem::new(Rejected, "", Band::Warn, Place::Advice(Rejected.word()), subject, text))
    }

    /// Calls of the last hour whose direction nobody has told. What tells it mostly comes within moments of the first word.
    pub(super) fn of_undirected(&self) -> Option<Problem> {
        let settled = self.now.floor(LIVE_GRAIN) - LIVE_GRAIN;
        let buckets = self.windows.buckets(Dimension::Total, None, None).filter(|(_, at, _)| *at < settled);
        let calls: i64 = buckets.map(|(_, _, tally)| tally.get(Fact::Undirected)).sum();
        if calls <= 0 {
            return None;
        }
        let subject = match calls {
            1 => "1 call of the last hour tells no direction".to_owned(),
            calls => format!("{} calls of the last hour tell no direction", format::count(calls)),
        };
        let text = "they count in no figure until it is told: inbound or outbound".to_owned();
        Some(Problem::new(Undirected, "", Band::Warn, Place::Advice(Undirected.word()), subject, text))
    }
}
