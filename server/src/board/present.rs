//! Gauges by key, as the API asks for them.

use super::Board;
use super::monitor::rests;
use super::rows::severity;
use app::domain::{CampaignId, Dimension, RouteId};
use app::kpi::catalog::Present;
use app::kpi::eta::remaining;
use app::kpi::{Band, KpiId, Ratio, band};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// A gauge of one key. Plain counts stand over a whole of 1.
#[derive(Debug, Clone, PartialEq)]
pub struct PresentRow {
    pub key: SmolStr,
    /// `None` for states in words.
    pub ratio: Option<Ratio>,
    pub band: Band,
}

impl Board {
    /// A gauge by a dimension that has it (the catalogue names them); empty for others.
    #[must_use]
    pub fn present(&self, what: Present, by: Dimension, campaign: Option<&CampaignId>) -> Vec<PresentRow> {
        let mut rows = self.gauge(what, by, campaign);
        if !self.presence().is_now() {
            // What was last heard is no gauge of now.
            rows.iter_mut().for_each(|row| (row.ratio, row.band) = (None, Band::None));
        }
        rows
    }

    fn gauge(&self, what: Present, by: Dimension, campaign: Option<&CampaignId>) -> Vec<PresentRow> {
        match what {
            Present::ActiveCalls => counts(self.active(by, campaign)),
            Present::Stalled => self.stalled(by, campaign),
            Present::Channels => self.channels(by, campaign),
            Present::AgentsReady => self.agents_in(by, campaign, |s| s.ready),
            Present::AgentsOnCall => self.agents_in(by, campaign, |s| s.on_call),
            Present::AgentsWrapUp => self.agents_in(by, campaign, |s| s.wrap_up),
            Present::AgentsBreak => self.agents_in(by, campaign, |s| s.on_break),
            Present::CallersWaiting => counts(self.waiting(by, campaign)),
            Present::Cac => self.cac(by, campaign),
            Present::Health => self.health(),
            Present::Progress => self.of_destinations(campaign, |board, id| {
                let (completed, failed) = board.done(id);
                Some(completed + failed)
            }),
            Present::Penetration => self.of_destinations(campaign, Self::first_attempts),
            Present::Eta => self.etas(campaign),
        }
    }

    fn active(&self, by: Dimension, campaign: Option<&CampaignId>) -> BTreeMap<SmolStr, i64> {
        let keyed = |key: fn(&CampaignId, &RouteId) -> SmolStr| -> BTreeMap<SmolStr, i64> {
            self.gauges.active_by(campaign, key).into_iter().collect()
        };
        match by {
            Dimension::Total => BTreeMap::from([(SmolStr::default(), self.gauges.active(campaign))]),
            Dimension::Campaign => keyed(|c, _| c.to_smol()),
            Dimension::Route => keyed(|_, r| r.to_smol()),
            Dimension::Country
            | Dimension::Did
            | Dimension::Agent
            | Dimension::Queue
            | Dimension::SipCode
            | Dimension::Component => BTreeMap::new(),
        }
    }

    fn stalled(&self, by: Dimension, campaign: Option<&CampaignId>) -> Vec<PresentRow> {
        let mut rows: BTreeMap<SmolStr, (i64, i64)> = BTreeMap::new();
        for (route, silence) in self.gauges.silence(self.now, campaign) {
            let row =
                rows.entry(if by == Dimension::Route { route.to_smol() } else { SmolStr::default() }).or_default();
            row.0 += silence.unheard;
            row.1 += silence.started;
        }
        let row = |(key, (unheard, started))| PresentRow {
            key,
            ratio: Some(Ratio::new(unheard, started)),
            band: band::stalled(unheard, started),
        };
        rows.into_iter().map(row).collect()
    }

    fn channels(&self, by: Dimension, campaign: Option<&CampaignId>) -> Vec<PresentRow> {
        if by == Dimension::Route {
            let kpi = KpiId::ChannelUtilisation.get();
            let mut routes: BTreeMap<SmolStr, (i64, Option<i64>)> = BTreeMap::new();
            for trunk in self.trunk_rows() {
                // A trunk without a known capacity would make its route look fuller than it is: then none is given.
                let (active, capacity) = routes.entry(self.route_of(&trunk.trunk).to_smol()).or_insert((0, Some(0)));
                *active += trunk.active;
                *capacity = capacity.zip(trunk.capacity).map(|(all, of_one)| all + of_one);
            }
            let row = |(key, (active, capacity)): (SmolStr, (i64, Option<i64>))| {
                let ratio = Ratio::new(active, capacity.unwrap_or(0));
                PresentRow { key, ratio: Some(ratio), band: kpi.read_ratio(ratio).band }
            };
            return routes.into_iter().map(row).collect();
        }
        let head = self.channels_head(campaign);
        let ratio = Some(Ratio::new(head.active, head.capacity.unwrap_or(0)));
        vec![PresentRow { key: SmolStr::default(), ratio, band: head.band }]
    }

    fn agents_in(
        &self,
        by: Dimension,
        campaign: Option<&CampaignId>,
        state: impl Fn(&super::agents::ByState) -> i64,
    ) -> Vec<PresentRow> {
        if by != Dimension::Campaign {
            let total = self.agents.total(self.now, campaign);
            return counts([(SmolStr::default(), state(&total))]);
        }
        let by_campaign: BTreeMap<_, _> = self
            .agents
            .by_campaign(self.now)
            .into_iter()
            .filter(|(id, _)| campaign.is_none_or(|c| id == c))
            .map(|(id, states)| (id.to_smol(), state(&states)))
            .collect();
        counts(by_campaign)
    }

    fn waiting(&self, by: Dimension, campaign: Option<&CampaignId>) -> BTreeMap<SmolStr, i64> {
        match by {
            Dimension::Queue => self
                .gauges
                .queues()
                .map(|queue| (queue.to_smol(), self.gauges.waiting(campaign, Some(queue.as_str())).0))
                .collect(),
            Dimension::Campaign => self
                .gauges
                .campaigns_with_callers(self.campaigns.keys())
                .into_iter()
                .filter(|id| campaign.is_none_or(|c| *id == c))
                .map(|id| (id.to_smol(), self.gauges.waiting(Some(id), None).0))
                .collect(),
            Dimension::Total => BTreeMap::from([(SmolStr::default(), self.gauges.waiting(campaign, None).0)]),
            Dimension::Route
            | Dimension::Country
            | Dimension::Did
            | Dimension::Agent
            | Dimension::SipCode
            | Dimension::Component => BTreeMap::new(),
        }
    }

    /// A count of each campaign that tells its destinations, over these; `count` gives none where it is not known.
    fn of_destinations(
        &self,
        campaign: Option<&CampaignId>,
        count: impl Fn(&Self, &CampaignId) -> Option<i64>,
    ) -> Vec<PresentRow> {
        let wanted = self.campaigns.iter().filter(|(id, _)| campaign.is_none_or(|c| *id == c));
        let row = |(id, settings): (&CampaignId, &app::domain::Campaign)| {
            let all = i64::try_from(settings.destinations.value()?).unwrap_or(i64::MAX);
            let ratio = count(self, id).map_or(Ratio::default(), |n| Ratio::new(n, all));
            Some(PresentRow { key: id.to_smol(), ratio: Some(ratio), band: Band::None })
        };
        let mut rows: Vec<PresentRow> = wanted.filter_map(row).collect();
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        rows
    }

    /// What is left at the pace of the last 15 minutes; no data for campaigns that rest.
    fn etas(&self, campaign: Option<&CampaignId>) -> Vec<PresentRow> {
        let mut rows = self.of_destinations(campaign, |board, id| {
            let (completed, failed) = board.done(id);
            Some(completed + failed)
        });
        for row in &mut rows {
            let id = CampaignId::trusted(row.key.clone());
            let rests = rests(self.campaigns.get(&id).and_then(|c| c.status.value()));
            let pending = row.ratio.map_or(0, |done| (done.whole - done.part).max(0));
            row.ratio = Some(if rests { Ratio::default() } else { remaining(pending, self.done_lately(&id)) });
        }
        rows
    }

    /// Campaigns that have a card and tell their limit; the total is over them.
    fn cac(&self, by: Dimension, campaign: Option<&CampaignId>) -> Vec<PresentRow> {
        let gathered = self.gather();
        let mut rows: BTreeMap<SmolStr, Ratio> = BTreeMap::new();
        for (id, settings) in self.campaigns.iter().filter(|(id, _)| campaign.is_none_or(|c| *id == c)) {
            if let Some(limit) = settings.cac_limit.value().filter(|_| self.is_shown(id, &gathered)) {
                let key = if by == Dimension::Campaign { id.to_smol() } else { SmolStr::default() };
                let row = rows.entry(key).or_default();
                row.part += gathered.active(id);
                row.whole += i64::from(limit);
            }
        }
        rows.into_iter()
            .map(|(key, ratio)| PresentRow { band: self.cac_band(&key, ratio), key, ratio: Some(ratio) })
            .collect()
    }

    /// By component.
    fn health(&self) -> Vec<PresentRow> {
        let row = |c: super::samples::Component| PresentRow {
            key: c.sample.body.component.to_smol(),
            ratio: None,
            band: severity(c.status),
        };
        self.samples.components(self.told_to()).into_iter().map(row).collect()
    }
}

fn counts(rows: impl IntoIterator<Item = (SmolStr, i64)>) -> Vec<PresentRow> {
    rows.into_iter().map(|(key, n)| PresentRow { key, ratio: Some(Ratio::new(n, 1)), band: Band::None }).collect()
}
