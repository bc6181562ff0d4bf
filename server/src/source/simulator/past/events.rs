//! What a floor's past is told of by events, as any source tells it: machines, numbers that came and went, and bills.

use super::super::machines::costs;
use super::super::plan::FloorPlan;
use super::super::world::SOURCE;
use super::Extent;
use super::incidents::Incidents;
use app::domain::event::{DidUpdated, HealthSample, Text};
use app::domain::outcome::{DidStatus, Health};
use app::domain::{Data, Event, EventId, Moment, Number, SourceId, Span};

/// As often as is enough for a machine's time to be known.
const HEALTH_EVERY: Span = Span::minutes(10);
/// A floor's numbers were there so long before its past begins.
const NUMBERS_SINCE: Span = Span::days(15);

/// The events of a past: bills and numbers, then each machine by itself.
#[must_use]
pub fn events(seed: u64, plan: &FloorPlan, extent: Extent) -> Vec<Vec<Event>> {
    let Extent { until, days, .. } = extent;
    let incidents = Incidents::before(until, days, plan);
    let first = until - Span::days(days);
    let mut told: Vec<Vec<(Moment, Data)>> = vec![numbers(plan, &incidents, first - NUMBERS_SINCE)];
    let dates = (0..=days).map(|n| first + Span::days(n)).filter(|at| *at < until);
    told.push(
        dates.flat_map(|at| costs(at, plan.factor).into_iter().map(move |b| (at, Data::CostUpdated(b)))).collect(),
    );
    told.extend((0..plan.components.len()).map(|component| machine(plan, component, &incidents, first, until)));
    let mut n = 0;
    let mut event = |(time, data)| {
        n += 1;
        let id = EventId::trusted(format!("{seed:x}.{:x}.h{n}", until.millis()));
        Event { id, source: SourceId::trusted(smol_str::SmolStr::new_static(SOURCE)), time, data }
    };
    told.into_iter().map(|told| told.into_iter().map(&mut event).collect()).collect()
}

fn numbers(plan: &FloorPlan, incidents: &Incidents, since: Moment) -> Vec<(Moment, Data)> {
    let told = |did: &Number, status, at, pool: &str| {
        (at, Data::DidUpdated(DidUpdated { did: did.clone(), status, pool: Some(Text::clipped(pool)) }))
    };
    let mut all = Vec::new();
    for (position, did) in plan.dids.iter().enumerate() {
        let before = incidents.retired.iter().find(|of| of.did == position);
        if let Some(before) = before {
            all.push(told(&before.number, DidStatus::Active, since, &did.pool));
            all.push(told(&before.number, DidStatus::Retired, before.at, &did.pool));
        }
        all.push(told(&did.number, DidStatus::Active, before.map_or(since, |before| before.at), &did.pool));
    }
    all
}

fn machine(
    plan: &FloorPlan,
    component: usize,
    incidents: &Incidents,
    first: Moment,
    until: Moment,
) -> Vec<(Moment, Data)> {
    let plan = &plan.components[component];
    let sample = |at: Moment| {
        let is_down = incidents.down.iter().any(|(id, during)| *id == plan.id && during.contains(at));
        #[allow(clippy::cast_precision_loss)]
        let latency_ms = (!is_down).then_some(plan.latency.as_millis() as f64);
        let status = if is_down { Health::Offline } else { Health::Healthy };
        let (component, kind, link) = (plan.id.clone(), plan.kind, Some(Text::clipped(&plan.link)));
        (at, Data::HealthSample(HealthSample { component, kind, status, latency_ms, detail: None, link }))
    };
    let times = std::iter::successors(Some(first), |at| Some(*at + HEALTH_EVERY));
    times.take_while(|at| *at < until).map(sample).collect()
}
