//! Of what comes in and makes no figure: what was rejected, calls of no direction.

use super::Problem;
use crate::board::ServerHealth;
use crate::board::floor::Floor;
use crate::board::presence::Presence;
use crate::law::change::LIVE_GRAIN;
use app::domain::{Dimension, Fact};
use app::kpi::{Band, format};
use app::view::Place;
use app::view::problems::ProblemCause::{Misspelt, Rejected, Undirected};

pub(super) fn of_rejections(server: &ServerHealth, presence: Presence) -> Option<Problem> {
    let rejected = server.rejected.as_ref()?;
    // Whoever reaches the door can be turned away at it: on a floor that is heard that is no problem of the floor's.
    if presence == Presence::Now && rejected.events + rejected.bodies == 0 {
        return None;
    }
    let n = |events: u64| format::count(i64::try_from(events).unwrap_or(i64::MAX));
    let events = match rejected.events {
        0 => None,
        1 => Some("1 event".to_owned()),
        events => Some(format!("{} events", n(events))),
    };
    let bodies = match rejected.bodies {
        0 => None,
        1 => Some("1 unreadable body".to_owned()),
        bodies => Some(format!("{} unreadable bodies", n(bodies))),
    };
    let requests = match rejected.requests {
        0 => None,
        1 => Some("1 request without a valid key".to_owned()),
        requests => Some(format!("{} requests without a valid key", n(requests))),
    };
    let what = [events, bodies, requests].into_iter().flatten().collect::<Vec<_>>().join(" and ");
    let all = rejected.events + rejected.bodies + rejected.requests;
    let subject = format!("{what} {} rejected in the last hour", if all == 1 { "was" } else { "were" });
    let text = if rejected.of == all {
        rejected.why.to_string()
    } else {
        format!("{} of them: {}", n(rejected.of), rejected.why)
    };
    // What to do about keys is another thing than about events.
    let advice = if rejected.requests == all { "keys" } else { Rejected.word() };
    Some(Problem::new(Rejected, "", Band::Warn, Place::Advice(advice), subject, text))
}

/// Fields that senders go on telling by a name that is nearly one that there is: what they tell is lost.
pub(super) fn of_misspelt(server: &ServerHealth) -> Option<Problem> {
    let misspelt = server.misspelt.as_ref()?;
    let times = format::counted(i64::try_from(misspelt.times).unwrap_or(i64::MAX), "time", "times");
    let text = format!("{}, {times} in the last hour", misspelt.why);
    let subject = "A field that is sent is ignored".to_owned();
    Some(Problem::new(Misspelt, "", Band::Warn, Place::Advice(Misspelt.word()), subject, text))
}

/// Calls of the last hour whose direction nobody has told. What tells it mostly comes within moments of the first word.
pub(super) fn of_undirected(floor: &Floor) -> Option<Problem> {
    let settled = floor.now.floor(LIVE_GRAIN) - LIVE_GRAIN;
    let buckets = floor.windows.buckets(Dimension::Total, None, None).filter(|(_, at, _)| *at < settled);
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
