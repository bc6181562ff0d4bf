//! How each route carries calls, and what its trunks say.

use crate::aggregate::board::gauges::Silence;
use crate::aggregate::board::{Board, MINUTE};
use crate::aggregate::called;
use crate::aggregate::change::{LIVE_GRAIN, Sample};
use crate::aggregate::windows::extent;
use app::domain::event::TrunkStatus;
use app::domain::outcome::RouteStatus;
use app::domain::{CampaignId, Dimension, Fact, Moment, RouteId, Window};
use app::kpi::{Band, KpiId, Ratio, band};
use app::view::live::{RouteRow, band_of_trunk};
use smol_str::SmolStr;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

impl Board {
    pub(super) fn route_rows(&self, campaign: Option<&CampaignId>) -> Vec<RouteRow> {
        let five = self.windows.sums(Dimension::Route, Window::Minutes5, campaign);
        let hour = self.windows.sums(Dimension::Route, Window::Minutes60, campaign);
        let silence = self.gauges.silence(self.now, campaign);
        // Of several trunks of a route the worst tells, of equals the one heard last.
        let mut trunks: HashMap<RouteId, &Sample<TrunkStatus>> = HashMap::new();
        for sample in self.samples.trunks() {
            let worst = trunks.entry(self.route_of(&sample.body.trunk)).or_insert(sample);
            let rank = |s: &Sample<TrunkStatus>| (band_of_trunk(s.body.status), s.at);
            if rank(sample) > rank(worst) {
                *worst = sample;
            }
        }
        let mut keys: BTreeSet<RouteId> = hour.keys().map(|k| RouteId::trusted(k.clone())).collect();
        keys.extend(silence.keys().cloned());
        if campaign.is_none() {
            keys.extend(trunks.keys().cloned());
            let active = |status: Option<RouteStatus>| status != Some(RouteStatus::Disabled);
            keys.extend(self.routes.iter().filter(|(_, r)| active(r.status.value())).map(|(id, _)| id.clone()));
        }
        let faults_kpi = KpiId::RouteFaultRate.get();
        let codes = self.codes_of_faults(campaign);
        keys.into_iter()
            .map(|route| {
                let facts = five.get(route.as_str()).cloned().unwrap_or_default();
                let settings = self.routes.get(&route);
                let trunk = trunks.get(&route);
                let Silence { started, unheard } = silence.get(&route).copied().unwrap_or_default();
                let faults_band = faults_kpi.read_ratio(faults_kpi.ratio(|fact| facts[fact])).band;
                let stalled_band = band::stalled(unheard, started);
                let trunk_health = trunk.map(|s| s.body.status);
                let trunk_band = trunk_health.map_or(Band::None, band_of_trunk);
                RouteRow {
                    name: called::route(&route, settings, &self.config.veil),
                    carrier: called::carrier(settings, &self.config.veil),
                    trunk: trunk_health,
                    trunk_detail: trunk.and_then(|s| s.body.detail.as_ref()).map(|d| SmolStr::new(d.as_str())),
                    trunk_at: trunk.map(|s| s.at),
                    attempts: facts[Fact::Attempts],
                    resolved: facts[Fact::Resolved],
                    sip_4xx: facts[Fact::Sip4xx],
                    sip_5xx: facts[Fact::Sip5xx],
                    sip_6xx: facts[Fact::Sip6xx],
                    timeouts: facts[Fact::Timeouts],
                    route_faults: facts[Fact::RouteFaults],
                    minute: self.faults_since(campaign, &route, self.now.floor(LIVE_GRAIN) + LIVE_GRAIN - MINUTE),
                    code: codes.surely_most_of(|from| self.faults_since(campaign, &route, from).part),
                    faults_band,
                    started,
                    unheard,
                    stalled_band,
                    band: faults_band.max(stalled_band).max(trunk_band),
                    since: None,
                    route,
                }
            })
            .collect()
    }
}

/// The faults of all routes by their SIP code, of the last minutes.
struct Codes {
    from: Moment,
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

impl Board {
    fn codes_of_faults(&self, campaign: Option<&CampaignId>) -> Codes {
        let (from, _) = extent(Window::Minutes5, Dimension::SipCode, self.now).unwrap_or((self.now, self.now));
        let held = self.windows.each(Dimension::SipCode, Window::Minutes5, campaign);
        let faults = held.filter_map(|(code, held)| Some((code.parse().ok()?, held.get(Fact::RouteFaults))));
        Codes { from, faults: faults.filter(|(_, n)| *n > 0).collect() }
    }

    /// A route's faults of the calls decided since.
    fn faults_since(&self, campaign: Option<&CampaignId>, route: &RouteId, from: Moment) -> Ratio {
        let buckets = self.windows.buckets(Dimension::Route, campaign, Some(route.as_str()));
        let mut sum = Ratio::default();
        for (_, _, tally) in buckets.filter(|(_, at, _)| *at >= from && *at <= self.now) {
            sum += KpiId::RouteFaultRate.ratio(|fact| tally.get(fact));
        }
        sum
    }
}
