//! What cards are made of, read in one pass over the sums of all campaigns.

use crate::aggregate::board::Board;
use crate::aggregate::board::agents::ByState;
use crate::aggregate::board::gauges::Silence;
use app::domain::outcome::{CampaignStatus, Health};
use app::domain::{CampaignId, Dimension, Fact, Facts, RouteId, Tally, Window};
use app::kpi::diagnosis::{DidEvidence, RouteEvidence, Workers};
use app::kpi::{Band, KpiId, Ratio, band};
use smol_str::SmolStr;
use std::collections::HashMap;

/// See the module. As of one tick of one board.
#[derive(Debug, Default)]
pub struct Gathered {
    active: HashMap<SmolStr, i64>,
    five: HashMap<SmolStr, Facts>,
    hour: HashMap<SmolStr, Facts>,
    pub(super) agents: HashMap<CampaignId, ByState>,
    /// The worst route of each campaign that one fails.
    pub(super) routes: HashMap<CampaignId, RouteEvidence>,
    /// The worst number of each campaign that has one out of band.
    pub(super) dids: HashMap<CampaignId, DidEvidence>,
    pub(super) workers: Workers,
}

impl Gathered {
    pub(in crate::aggregate::board) fn active(&self, campaign: &CampaignId) -> i64 {
        self.active.get(campaign.as_str()).copied().unwrap_or(0)
    }

    pub(super) fn five(&self, campaign: &CampaignId, fact: Fact) -> i64 {
        self.five.get(campaign.as_str()).map_or(0, |facts| facts[fact])
    }

    pub(super) fn hour(&self, campaign: &CampaignId, fact: Fact) -> i64 {
        self.hour.get(campaign.as_str()).map_or(0, |facts| facts[fact])
    }
}

impl Board {
    /// Reads the sums, for all frames of one tick.
    #[must_use]
    pub fn gather(&self) -> Gathered {
        Gathered {
            active: self.gauges.active_by(None, |campaign, _| campaign.to_smol()),
            five: self.windows.sums(Dimension::Campaign, Window::Minutes5, None),
            hour: self.windows.sums(Dimension::Campaign, Window::Minutes60, None),
            agents: self.agents.by_campaign(self.now),
            routes: self.failing_routes(),
            dids: self.falling_dids(),
            workers: self.workers_stand(),
        }
    }

    /// Whether a campaign has a card: it is active or paused, or says nothing of itself and has calls.
    pub(in crate::aggregate::board) fn is_shown(&self, id: &CampaignId, gathered: &Gathered) -> bool {
        let has_calls = || gathered.active(id) > 0 || gathered.hour(id, Fact::Attempts) > 0;
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
        self.windows.each(Dimension::Route, Window::Minutes5, None, |key, facts| {
            let faults = KpiId::RouteFaultRate.ratio(|fact| facts.get(fact));
            by.entry((&key.campaign, RouteId::trusted(key.key.clone()))).or_default().0 = faults;
        });
        let silence = self.gauges.silence_of_campaigns(self.now);
        for ((campaign, route), silence) in &silence {
            by.entry((campaign, route.clone())).or_default().1 = *silence;
        }
        let mut worst: HashMap<CampaignId, ((Band, i64), RouteEvidence)> = HashMap::new();
        for ((campaign, route), (faults, silence)) in by {
            let stalled = band::stalled(silence.unheard, silence.started);
            let band = KpiId::RouteFaultRate.get().read_ratio(faults).band;
            if stalled != Band::Critical && band != Band::Critical {
                continue;
            }
            let rank = (stalled, silence.unheard.max(faults.part));
            if worst.get(campaign).is_none_or(|(other, _)| *other < rank) {
                let unheard = Ratio::new(silence.unheard, silence.started);
                worst
                    .insert(campaign.clone(), (rank, RouteEvidence { name: self.route_name(&route), faults, unheard }));
            }
        }
        worst.into_iter().map(|(campaign, (_, evidence))| (campaign, evidence)).collect()
    }

    fn route_name(&self, route: &RouteId) -> String {
        if route.as_str().is_empty() {
            return "none named".to_owned();
        }
        let told = self.routes.get(route).and_then(|r| r.name.get());
        told.map_or_else(|| route.to_string(), |name| name.as_str().to_owned())
    }

    /// Numbers are judged by all their calls: what people see of one does not depend on who called from it.
    fn falling_dids(&self) -> HashMap<CampaignId, DidEvidence> {
        let answered = |sum: &Tally| KpiId::DidAnswerRate.ratio(|fact| sum.get(fact));
        let judged = self.windows.dids().filter(|(did, _)| !did.is_empty()).filter_map(|(did, sum)| {
            let (now, before) = (answered(sum), *self.baselines.dids.get(did)?);
            let band = band::did_health(now, before);
            band.is_out().then_some((did, (band, now, before)))
        });
        let falling: HashMap<&SmolStr, (Band, Ratio, Ratio)> = judged.collect();
        if falling.is_empty() {
            // As on most days: nobody needs to walk through what each campaign called from each number.
            return HashMap::new();
        }
        let mut shares: Vec<(&CampaignId, &SmolStr, i64)> = Vec::new();
        let mut calls: HashMap<&CampaignId, i64> = HashMap::new();
        self.windows.each(Dimension::Did, Window::Minutes60, None, |of, sum| {
            let resolved = answered(sum).whole;
            *calls.entry(&of.campaign).or_default() += resolved;
            if falling.contains_key(&of.key) {
                shares.push((&of.campaign, &of.key, resolved));
            }
        });
        let mut worst: HashMap<CampaignId, ((Band, i64), DidEvidence)> = HashMap::new();
        for (campaign, did, resolved) in shares {
            let Some((band, now, before)) = falling.get(did).copied() else { continue };
            let rank = (band, resolved);
            if worst.get(campaign).is_none_or(|(other, _)| *other < rank) {
                let share = Ratio::new(resolved, calls.get(campaign).copied().unwrap_or(0));
                let evidence = DidEvidence { number: did.to_string(), now, before, share };
                worst.insert(campaign.clone(), (rank, evidence));
            }
        }
        worst.into_iter().map(|(campaign, (_, evidence))| (campaign, evidence)).collect()
    }
}
