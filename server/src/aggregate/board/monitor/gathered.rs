//! What cards are made of, read in one pass over the sums of all campaigns.

use crate::aggregate::board::Board;
use crate::aggregate::board::agents::ByState;
use crate::aggregate::board::gauges::Silence;
use crate::aggregate::board::judgements::Figure;
use crate::aggregate::board::rows::answered;
use crate::aggregate::called;
use crate::aggregate::windows::{Held, extent};
use app::domain::outcome::{CampaignStatus, Health};
use app::domain::{CampaignId, Dimension, Fact, RouteId, Window};
use app::kpi::band::ENOUGH;
use app::kpi::diagnosis::{DidEvidence, RouteEvidence, Workers};
use app::kpi::{Band, KpiId, Ratio, band};
use app::view::monitor::WorkerHealth;
use smol_str::SmolStr;
use std::collections::HashMap;

/// See the module. As of one tick of one board.
#[derive(Debug)]
pub struct Gathered {
    active: HashMap<SmolStr, i64>,
    pub(in crate::aggregate::board) agents: HashMap<CampaignId, ByState>,
    /// The worst route of each campaign that one fails.
    pub(super) routes: HashMap<CampaignId, RouteEvidence>,
    /// The worst number of each campaign that has one out of band.
    pub(super) dids: HashMap<CampaignId, DidEvidence>,
    pub(super) workers: Workers,
    pub(in crate::aggregate::board) worker: WorkerHealth,
    /// When that was heard last, as people read it.
    pub(super) worker_heard: String,
    /// The worst route of a campaign that one fails, both as they are shown.
    failing: HashMap<CampaignId, SmolStr>,
}

impl Gathered {
    pub(in crate::aggregate::board) fn active(&self, campaign: &CampaignId) -> i64 {
        self.active.get(campaign.as_str()).copied().unwrap_or(0)
    }

    /// The worst route of a campaign that one fails, both as they are shown.
    pub(in crate::aggregate::board) fn route_of(&self, campaign: &CampaignId) -> Option<SmolStr> {
        self.failing.get(campaign).cloned()
    }
}

impl Board {
    /// Reads the sums, for all frames of one tick.
    #[must_use]
    pub fn gather(&self) -> Gathered {
        let (routes, worker) = (self.failing_routes(), self.worker());
        let shown =
            |(campaign, route): (&CampaignId, &RouteEvidence)| (self.shown(campaign), self.config.veil.id(&route.id));
        Gathered {
            failing: routes.iter().map(shown).collect(),
            active: self.gauges.active_by(None, |campaign, _| campaign.to_smol()),
            agents: self.agents.by_campaign(self.now),
            routes,
            dids: self.falling_dids(),
            workers: self.workers_stand(),
            worker_heard: worker.at.map_or_else(|| "never".to_owned(), |at| self.clock_near(at)),
            worker,
        }
    }

    /// A fact of a campaign in the last five minutes.
    pub(in crate::aggregate::board) fn five(&self, campaign: &CampaignId, fact: Fact) -> i64 {
        self.held(campaign, Window::Minutes5).map_or(0, |held| held.get(fact))
    }

    /// A fact of a campaign in the last hour.
    pub(super) fn hour(&self, campaign: &CampaignId, fact: Fact) -> i64 {
        self.held(campaign, Window::Minutes60).map_or(0, |held| held.get(fact))
    }

    fn held(&self, campaign: &CampaignId, window: Window) -> Option<Held<'_>> {
        self.windows.one(Dimension::Campaign, window, None, campaign.as_str())
    }

    /// Campaigns that have calls, up or of the last hour; some twice.
    pub(super) fn calling<'a>(&'a self, gathered: &'a Gathered) -> impl Iterator<Item = CampaignId> + 'a {
        let lately = self.windows.each(Dimension::Campaign, Window::Minutes60, None).map(|(key, _)| key);
        let named = gathered.active.keys().chain(lately).filter(|key| !key.is_empty());
        named.map(|key| CampaignId::trusted(key.clone()))
    }

    /// Whether a campaign has a card: it is active or paused, or says nothing of itself and has calls.
    pub(in crate::aggregate::board) fn is_shown(&self, id: &CampaignId, gathered: &Gathered) -> bool {
        let has_calls = || gathered.active(id) > 0 || self.hour(id, Fact::Attempts) > 0;
        let status = self.campaigns.get(id).and_then(|campaign| campaign.status.value());
        !id.as_str().is_empty()
            && match status {
                Some(CampaignStatus::Active | CampaignStatus::Paused) => true,
                Some(CampaignStatus::Ended) => false,
                None => has_calls(),
            }
    }

    fn workers_stand(&self) -> Workers {
        let all = self.workers();
        match all.iter().all(|worker| worker.status == Health::Offline) {
            _ if all.is_empty() => Workers::Unknown,
            true => Workers::None,
            false => Workers::Some,
        }
    }

    fn failing_routes(&self) -> HashMap<CampaignId, RouteEvidence> {
        let mut by: HashMap<(&CampaignId, RouteId), (Ratio, Silence)> = HashMap::new();
        for (campaign, route, held) in self.windows.each_within(Dimension::Route, Window::Minutes5) {
            let faults = KpiId::RouteFaultRate.ratio(|fact| held.get(fact));
            by.entry((campaign, RouteId::trusted(route.clone()))).or_default().0 = faults;
        }
        let silence = self.gauges.silence_of_campaigns(self.now);
        for ((campaign, route), silence) in &silence {
            by.entry((campaign, route.clone())).or_default().1 = *silence;
        }
        let mut worst: HashMap<CampaignId, ((Band, i64), RouteEvidence)> = HashMap::new();
        for ((campaign, route), (faults, silence)) in by {
            let (stalled, band) = self.of_a_campaign(&route, faults, silence);
            if stalled != Band::Critical && band != Band::Critical {
                continue;
            }
            let rank = (stalled, silence.unheard.max(faults.part));
            if worst.get(campaign).is_none_or(|(other, _)| *other < rank) {
                let unheard = Ratio::new(silence.unheard, silence.started);
                let evidence = RouteEvidence {
                    id: route.to_string(),
                    name: self.route_name(&route),
                    faults,
                    unheard,
                    faults_band: band,
                    stalled_band: stalled,
                };
                worst.insert(campaign.clone(), (rank, evidence));
            }
        }
        worst.into_iter().map(|(campaign, (_, evidence))| (campaign, evidence)).collect()
    }

    /// How a campaign's calls fare on a route: while the route as a whole is out, by what brings a figure back, so that a
    /// campaign is not named and forgotten in turns.
    fn of_a_campaign(&self, route: &RouteId, faults: Ratio, silence: Silence) -> (Band, Band) {
        let Silence { started, unheard } = silence;
        let kpi = KpiId::RouteFaultRate.get();
        let said = |figure| self.judgements.said(figure, route.as_str()) == Some(Band::Critical);
        let stalled = match said(Figure::Stalled) {
            true if unheard >= ENOUGH => band::still_stalled(unheard, started),
            true | false => band::stalled(unheard, started),
        };
        let failing = match (said(Figure::Faults), kpi.bands) {
            (true, Some(bands)) => bands.still(faults),
            (_, _) => kpi.read_ratio(faults).band,
        };
        (stalled, failing)
    }

    fn route_name(&self, route: &RouteId) -> String {
        if route.as_str().is_empty() {
            return "none named".to_owned();
        }
        called::route(route, self.routes.get(route), &self.config.veil).to_string()
    }

    /// Numbers are judged by all their calls: what people see of one does not depend on who called from it.
    fn falling_dids(&self) -> HashMap<CampaignId, DidEvidence> {
        let mut worst = HashMap::new();
        for campaign in self.windows.campaigns(Dimension::Did) {
            let shares = self.rows.dids.out().filter_map(|row| {
                let held = self.windows.one(Dimension::Did, Window::Minutes60, Some(campaign), &row.did)?;
                Some((row, answered(&held).whole))
            });
            if let Some((row, resolved)) = shares.max_by_key(|(row, resolved)| (row.band, *resolved)) {
                let evidence = DidEvidence {
                    number: row.did.to_string(),
                    now: Ratio::new(row.answered, row.resolved),
                    before: row.baseline,
                    share: Ratio::new(resolved, self.resolved_by_numbers(campaign)),
                };
                worst.insert(campaign.clone(), evidence);
            }
        }
        worst
    }

    /// A campaign's resolved calls of the hour as its numbers count them: each call is of one number or of none, and numbers are
    /// kept by the minute.
    fn resolved_by_numbers(&self, campaign: &CampaignId) -> i64 {
        let Some((from, to)) = extent(Window::Minutes60, Dimension::Did, self.now) else { return 0 };
        let buckets = self.windows.buckets(Dimension::Campaign, Some(campaign), None);
        let hour = buckets.filter(|(_, at, _)| (from..to).contains(at));
        hour.map(|(_, _, tally)| KpiId::DidAnswerRate.ratio(|fact| tally.get(fact)).whole).sum()
    }
}
