//! The settings of a replay: what was in force when.

use crate::law::change::Change;
use crate::store::read::Settings;
use app::domain::{Campaign, CampaignId, Moment};
use std::collections::HashMap;

#[derive(Debug)]
pub(super) struct PastSettings {
    known: Settings,
    campaigns: HashMap<CampaignId, Campaign>,
}

impl PastSettings {
    pub(super) fn new(known: Settings) -> Self {
        let campaigns = known.campaigns.iter().cloned().collect();
        Self { known, campaigns }
    }

    /// All that is known of a campaign; modes and attempts bear the moments since when they were in force.
    pub(super) fn campaign(&self, id: &CampaignId) -> Option<&Campaign> {
        self.campaigns.get(id)
    }

    pub(super) fn campaigns(&self) -> impl Iterator<Item = (&CampaignId, &Campaign)> {
        self.known.campaigns.iter().map(|(id, campaign)| (id, campaign))
    }

    /// What had been told by `begin`. Numbers are told of as they are known: no panel says what they were.
    pub(super) fn begin(&self, begin: Moment, change: &mut Change) {
        let past = |(id, campaign): &(CampaignId, Campaign)| Some((id.clone(), campaign.until(begin)?));
        change.campaigns = self.known.campaigns.iter().filter_map(past).collect();
        change.routes = self.known.routes.iter().filter_map(|(id, r)| Some((id.clone(), r.until(begin)?))).collect();
        change.dids.clone_from(&self.known.dids);
    }

    /// What was told after `from` up to `to`.
    pub(super) fn step(&self, from: Moment, to: Moment, change: &mut Change) {
        let told = |told: Vec<Moment>| told.into_iter().filter(|at| from < *at && *at <= to).max();
        for (id, campaign) in &self.known.campaigns {
            if let Some(at) = told(campaign.told_at()) {
                change.newest_event = change.newest_event.max(Some(at));
                change.campaigns.extend(campaign.until(to).map(|campaign| (id.clone(), campaign)));
            }
        }
        for (id, route) in &self.known.routes {
            if let Some(at) = told(route.told_at()) {
                change.newest_event = change.newest_event.max(Some(at));
                change.routes.extend(route.until(to).map(|route| (id.clone(), route)));
            }
        }
    }
}
