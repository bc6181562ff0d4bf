//! What went wrong in a floor's past: a carrier's outage, a dialer that ran too hot, machines that were down, and numbers
//! that were retired.

use super::super::numbers::Plan as Numbers;
use super::super::plan::FloorPlan;
use crate::law::span::Stretch;
use app::domain::{ComponentId, Moment, Number, Span};
use chrono::{Datelike, Weekday};

/// How many days before the opening each happened, at which hour (UTC) of that day, and for how long.
const OUTAGE: (i64, Span, Span) = (9, Span::minutes(14 * 60 + 5), Span::minutes(50));
const RUSH: (i64, Span, Span) = (4, Span::minutes(15 * 60 + 20), Span::minutes(30));
const DOWN: [(&str, i64, Span, Span); 3] = [
    ("media-2", 12, Span::minutes(3 * 60 + 40), Span::minutes(40)),
    ("crm", 20, Span::minutes(22 * 60 + 10), Span::minutes(80)),
    ("session-cache", 26, Span::minutes(11 * 60), Span::minutes(20)),
];
/// So long into an outage, or after a rush began, somebody pauses a campaign.
const NOTICED: Span = Span::minutes(15);
/// Between two numbers that are retired.
const RETIRED_EVERY: i64 = 2;
/// Where the numbers lie that are in use no longer: beyond all that are.
const RETIRED_FROM: u64 = 1_500;

#[derive(Debug, Clone)]
pub(super) struct Incidents {
    /// The failing route of the scenario of that name fails.
    pub outage: Stretch,
    /// The hot campaign of the scenario dials too far ahead.
    pub rush: Stretch,
    /// Campaigns that somebody paused, by their place in the plan.
    pub pauses: Vec<(usize, Stretch)>,
    pub down: Vec<(ComponentId, Stretch)>,
    pub retired: Vec<Retired>,
}

/// A number that another one has taken the place of.
#[derive(Debug, Clone)]
pub(super) struct Retired {
    pub number: Number,
    pub at: Moment,
    /// Its successor's position in the plan's numbers.
    pub did: usize,
}

impl Incidents {
    /// Those of the days before `until`.
    pub fn before(until: Moment, days: i64, plan: &FloorPlan) -> Self {
        let when = |(days, clock, length): (i64, Span, Span)| {
            let from = working_day(until - Span::days(days)) + clock;
            Stretch { from, to: from + length }
        };
        let (outage, rush) = (when(OUTAGE), when(RUSH));
        let pauses = vec![
            (plan.targets.dry_campaign, Stretch { from: outage.from + NOTICED, to: outage.to }),
            (plan.targets.hot_campaign, Stretch { from: rush.from + NOTICED, to: rush.to + NOTICED }),
        ];
        let down = DOWN.map(|(id, days, clock, length)| {
            let from = (until - Span::days(days)).floor(Span::days(1)) + clock;
            (ComponentId::trusted(id), Stretch { from, to: from + length })
        });
        let numbers = (1..=days / RETIRED_EVERY).filter_map(|n| retired(n, until, plan)).collect();
        Self { outage, rush, pauses, down: down.into(), retired: numbers }
    }
}

fn retired(n: i64, until: Moment, plan: &FloorPlan) -> Option<Retired> {
    let places = plan.dids.len();
    let did = usize::try_from(n).ok()? * 41 % places;
    let at = (until - Span::days(n * RETIRED_EVERY)).floor(Span::days(1)) + Span::hours(18);
    let land = plan
        .campaigns
        .iter()
        .flat_map(|campaign| &campaign.pools)
        .find(|(pool, _)| pool.dids.iter().any(|(position, _)| *position == did));
    let numbers: Numbers = plan.lands[land?.0.land].numbers;
    let number = numbers.number(RETIRED_FROM + u64::try_from(n).ok()?);
    // The number that a scenario has flagged is none that just came.
    (did != plan.targets.flagged_did && at < until).then_some(Retired { number, at, did })
}

/// The begin of that day (UTC), or of the Friday before.
fn working_day(at: Moment) -> Moment {
    let day = at.floor(Span::days(1));
    let back = match day.to_utc().weekday() {
        Weekday::Sat => 1,
        Weekday::Sun => 2,
        Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => 0,
    };
    day - Span::days(back)
}
