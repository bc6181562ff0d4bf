//! How each route carries calls, and what its trunks say.

use crate::aggregate::board::Board;
use crate::aggregate::board::gauges::Silence;
use crate::aggregate::called;
use crate::aggregate::change::Sample;
use app::domain::event::TrunkStatus;
use app::domain::outcome::{RouteStatus, TrunkHealth};
use app::domain::{CampaignId, Dimension, Fact, RouteId, Window};
use app::kpi::{Band, KpiId, band};
use app::view::live::RouteRow;
use smol_str::SmolStr;
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
            let rank = |s: &Sample<TrunkStatus>| (trunk_band(s.body.status), s.at);
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
        keys.into_iter()
            .map(|route| {
                let facts = five.get(route.as_str()).cloned().unwrap_or_default();
                let settings = self.routes.get(&route);
                let trunk = trunks.get(&route);
                let Silence { started, unheard } = silence.get(&route).copied().unwrap_or_default();
                let faults_band = faults_kpi.read_ratio(faults_kpi.ratio(|fact| facts[fact])).band;
                let stalled_band = band::stalled(unheard, started);
                let trunk_health = trunk.map(|s| s.body.status);
                let trunk_band = trunk_health.map_or(Band::None, trunk_band);
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

const fn trunk_band(health: TrunkHealth) -> Band {
    match health {
        TrunkHealth::Unhealthy => Band::Critical,
        TrunkHealth::Degraded => Band::Warn,
        TrunkHealth::Healthy => Band::None,
    }
}
