//! How things are called, for frames of what the store keeps.

use crate::aggregate::called;
use crate::store::read::Settings;
use app::domain::{CampaignId, RouteId};
use smol_str::SmolStr;
use std::collections::HashMap;

#[derive(Debug)]
pub struct Names {
    campaigns: HashMap<CampaignId, SmolStr>,
    /// With whose they are.
    routes: HashMap<RouteId, (SmolStr, Option<SmolStr>)>,
}

impl Names {
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let campaigns = settings.campaigns.iter().map(|(id, told)| (id.clone(), called::campaign(id, Some(told))));
        let routes = settings
            .routes
            .iter()
            .map(|(id, told)| (id.clone(), (called::route(id, Some(told)), called::carrier(Some(told)))));
        Self { campaigns: campaigns.collect(), routes: routes.collect() }
    }

    #[must_use]
    pub fn campaign(&self, id: &CampaignId) -> SmolStr {
        self.campaigns.get(id).cloned().unwrap_or_else(|| called::campaign(id, None))
    }

    #[must_use]
    pub fn route(&self, id: &RouteId) -> SmolStr {
        self.routes.get(id).map_or_else(|| called::route(id, None), |(name, _)| name.clone())
    }

    #[must_use]
    pub fn carrier(&self, id: &RouteId) -> Option<SmolStr> {
        self.routes.get(id).and_then(|(_, carrier)| carrier.clone())
    }
}
