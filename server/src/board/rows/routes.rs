//! How each route carries calls, and what its trunks say.

use super::route_rows::RouteRows;
use crate::board::MINUTE;
use crate::board::called;
use crate::board::floor::Floor;
use crate::board::gauges::Silence;
use crate::board::over::Over;
use crate::board::presence::Hush;
use crate::board::windows::{Held, extent};
use crate::law::change::{LIVE_GRAIN, Sample};
use app::domain::event::TrunkStatus;
use app::domain::outcome::RouteStatus;
use app::domain::{Dimension, Fact, Moment, RouteId, Tally, Window};
use app::kpi::{Band, KpiId, Ratio, band};
use app::view::live::{RouteRow, band_of_trunk};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// What outbound calls alone count in, from their start to their answer.
const OUTBOUND: [Fact; 3] = [Fact::Attempts, Fact::Progressed, Fact::Resolved];

/// What rows of routes are made of beside their own sums and settings.
#[derive(Debug, Default)]
pub struct RouteContext {
    pub silence: HashMap<RouteId, Silence>,
    pub trunks: HashMap<RouteId, Sample<TrunkStatus>>,
    pub codes: Codes,
    /// Of some campaigns: the routes of which the whole floor says that they fail without a code. That of the whole floor's own
    /// rows is found once all are judged.
    pub codeless: HashSet<RouteId>,
}

/// All rows of some campaigns.
pub(super) fn route_rows(floor: &Floor, over: Over<'_>, of_the_floor: &RouteRows) -> RouteRows {
    let context = RouteContext {
        silence: floor.gauges.silence(floor.now, over),
        trunks: trunks_of_routes(floor),
        codes: codes_of_faults(floor, over),
        codeless: of_the_floor.codeless().cloned().collect(),
    };
    let ids = routes_there(floor, over, &context);
    RouteRows::of(ids.into_iter().filter_map(|id| route_row(floor, &id, over, &context).map(|row| (id, row))))
}

/// Of several trunks of a route the worst tells, of equals the one heard last.
pub(super) fn trunks_of_routes(floor: &Floor) -> HashMap<RouteId, Sample<TrunkStatus>> {
    let mut trunks: HashMap<RouteId, &Sample<TrunkStatus>> = HashMap::new();
    for sample in floor.samples.trunks() {
        let worst = trunks.entry(floor.route_of(&sample.body.trunk)).or_insert(sample);
        let rank = |s: &Sample<TrunkStatus>| (band_of_trunk(s.body.status), s.at);
        if rank(sample) > rank(worst) {
            *worst = sample;
        }
    }
    trunks.into_iter().map(|(route, sample)| (route, sample.clone())).collect()
}

/// Routes that may have a row.
pub(super) fn routes_there(floor: &Floor, over: Over<'_>, context: &RouteContext) -> HashSet<RouteId> {
    let hour = floor.windows.each(Dimension::Route, Window::Minutes60, over);
    let called = hour.map(|(key, _)| RouteId::trusted(key.clone()));
    let mut ids: HashSet<RouteId> = called.chain(context.silence.keys().cloned()).collect();
    if over.is_floor() {
        ids.extend(context.trunks.keys().chain(floor.routes.keys()).cloned());
    }
    ids
}

/// `None` of a route of which nothing is heard, and which nobody says is in use.
pub(super) fn route_row(floor: &Floor, id: &RouteId, over: Over<'_>, context: &RouteContext) -> Option<RouteRow> {
    let (settings, veil) = (floor.routes.get(id), &floor.config.veil);
    let trunk = context.trunks.get(id);
    let in_use = |told: &app::domain::Route| told.status.value() != Some(RouteStatus::Disabled);
    let there = over.is_floor() && (trunk.is_some() || settings.is_some_and(in_use));
    let held = |window| floor.windows.one(Dimension::Route, window, over, id.as_str());
    // Inbound calls name no route by their nature, and no figure of the panel is of them: those alone make no row "none".
    let is_of_it = |held: &Held| !id.as_str().is_empty() || OUTBOUND.into_iter().any(|fact| held.get(fact) != 0);
    let called = || held(Window::Minutes60).is_some_and(|hour| !hour.facts().is_zero() && is_of_it(&hour));
    let silence = context.silence.get(id);
    if !there && silence.is_none() && !called() {
        return None;
    }
    let five = held(Window::Minutes5);
    let fact = |fact| five.as_ref().map_or(0, |held: &Held| held.get(fact));
    let Silence { started, unheard } = silence.copied().unwrap_or_default();
    let faults = KpiId::RouteFaultRate.get();
    let faults_band = faults.judge(fact);
    let is_codeless = context.codeless.contains(id)
        && faults.bands().is_some_and(|bands| bands.judge(faults.otherwise(fact)) == Band::Critical);
    let unjudged_band = if is_codeless { Band::Critical } else { Band::None };
    let minute =
        |of: fn(&Tally) -> Ratio| decided_since(floor, over, id, floor.now.floor(LIVE_GRAIN) + LIVE_GRAIN - MINUTE, of);
    let stalled_band = band::stalled(unheard, started);
    let trunk_health = trunk.map(|s| s.body.status);
    let mut row = RouteRow {
        route: RouteId::trusted(veil.id(id.as_str())),
        name: called::route(id, settings, veil),
        carrier: called::carrier(settings, veil),
        trunk: trunk_health,
        trunk_detail: trunk.and_then(|s| s.body.detail.as_ref()).map(|d| veil.text(d.as_str())),
        trunk_at: trunk.map(|s| s.at),
        attempts: fact(Fact::Attempts),
        resolved: fact(Fact::Resolved),
        sip_4xx: fact(Fact::Sip4xx),
        sip_5xx: fact(Fact::Sip5xx),
        sip_6xx: fact(Fact::Sip6xx),
        timeouts: fact(Fact::Timeouts),
        route_faults: fact(Fact::RouteFaults),
        minute: minute(faults_of),
        minute_unjudged: minute(unjudged_of).part,
        code: context.codes.surely_most_of(|from| decided_since(floor, over, id, from, faults_of).part),
        faults_band,
        unjudged_faults: fact(Fact::UnjudgedFaults),
        unjudged_band,
        started,
        unheard,
        stalled_band,
        band: faults_band.max(unjudged_band).max(stalled_band).max(trunk_health.map_or(Band::None, band_of_trunk)),
        since: None,
    };
    if !floor.presence().is_now() {
        row.hush();
    }
    Some(row)
}

/// The faults of all routes by their SIP code, of the last minutes.
#[derive(Debug, Default, PartialEq)]
pub struct Codes {
    from: Moment,
    /// In the order of codes.
    faults: Vec<(u16, i64)>,
}

impl Codes {
    /// The code that most of one route's faults surely have, whatever the routes share them like: sums tell codes of the
    /// floor and faults of routes, and all that are of other codes may be this route's.
    fn surely_most_of(&self, faults_since: impl Fn(Moment) -> i64) -> Option<u16> {
        let all: i64 = self.faults.iter().map(|(_, n)| n).sum();
        let (code, most) = self.faults.iter().copied().max_by_key(|(code, n)| (*n, Reverse(*code)))?;
        let of_route = faults_since(self.from);
        let at_least = of_route - (all - most);
        (of_route > 0 && at_least * 2 > of_route).then_some(code)
    }
}

pub(super) fn codes_of_faults(floor: &Floor, over: Over<'_>) -> Codes {
    let (from, _) = extent(Window::Minutes5, Dimension::SipCode, floor.now).unwrap_or((floor.now, floor.now));
    let held = floor.windows.each(Dimension::SipCode, Window::Minutes5, over);
    let faults = held.filter_map(|(code, held)| Some((code.parse().ok()?, held.get(Fact::RouteFaults))));
    let mut faults: Vec<(u16, i64)> = faults.filter(|(_, n)| *n > 0).collect();
    faults.sort_unstable();
    Codes { from, faults }
}

fn faults_of(tally: &Tally) -> Ratio {
    KpiId::RouteFaultRate.ratio(|fact| tally.get(fact))
}

/// Those of which nobody can tell whether they are faults.
fn unjudged_of(tally: &Tally) -> Ratio {
    Ratio::new(KpiId::RouteFaultRate.get().unjudged(|fact| tally.get(fact)), tally.get(Fact::Resolved))
}

/// The same of a route's calls decided since.
fn decided_since(floor: &Floor, over: Over<'_>, route: &RouteId, from: Moment, of: fn(&Tally) -> Ratio) -> Ratio {
    let buckets = floor.windows.buckets(Dimension::Route, over, Some(route.as_str()));
    let mut sum = Ratio::default();
    for (_, _, tally) in buckets.filter(|(_, at, _)| *at >= from && *at <= floor.now) {
        sum += of(tally);
    }
    sum
}
