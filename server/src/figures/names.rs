//! How things are called, for frames of what the store keeps.

use crate::board::called;
use crate::kit::mask::Veil;
use crate::store::read::Settings;
use app::domain::{CampaignId, RouteId};
use smol_str::SmolStr;
use std::collections::HashMap;

#[derive(Debug)]
pub struct Names {
    campaigns: HashMap<CampaignId, SmolStr>,
    /// With whose they are.
    routes: HashMap<RouteId, (SmolStr, Option<SmolStr>)>,
    veil: Veil,
}

impl Names {
    #[must_use]
    pub fn of(settings: &Settings, veil: &Veil) -> Self {
        let campaigns =
            settings.campaigns.iter().map(|(id, told)| (id.clone(), called::campaign(id, Some(told), veil)));
        let routes = settings
            .routes
            .iter()
            .map(|(id, told)| (id.clone(), (called::route(id, Some(told), veil), called::carrier(Some(told), veil))));
        Self { campaigns: campaigns.collect(), routes: routes.collect(), veil: veil.clone() }
    }

    #[must_use]
    pub fn campaign(&self, id: &CampaignId) -> SmolStr {
        self.campaigns.get(id).cloned().unwrap_or_else(|| called::campaign(id, None, &self.veil))
    }

    #[must_use]
    pub fn route(&self, id: &RouteId) -> SmolStr {
        self.routes.get(id).map_or_else(|| called::route(id, None, &self.veil), |(name, _)| name.clone())
    }

    #[must_use]
    pub fn carrier(&self, id: &RouteId) -> Option<SmolStr> {
        self.routes.get(id).and_then(|(_, carrier)| carrier.clone())
    }

    /// An id as it is shown.
    #[must_use]
    pub fn shown(&self, id: &str) -> SmolStr {
        self.veil.id(id)
    }
}
