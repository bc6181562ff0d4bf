//! How things are called, for frames: by their settings, else by their id.

use crate::store::read::Settings;
use app::domain::{CampaignId, RouteId};
use smol_str::SmolStr;
use std::collections::HashMap;

#[derive(Debug, Default)]
pub struct Names {
    campaigns: HashMap<CampaignId, SmolStr>,
    routes: HashMap<RouteId, (Option<SmolStr>, Option<SmolStr>)>,
}

impl Names {
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let text = |told: &app::domain::Told<app::domain::event::Text>| told.get().map(|t| SmolStr::new(t.as_str()));
        Self {
            campaigns: settings
                .campaigns
                .iter()
                .filter_map(|(id, c)| text(&c.name).map(|name| (id.clone(), name)))
                .collect(),
            routes: settings.routes.iter().map(|(id, r)| (id.clone(), (text(&r.name), text(&r.carrier)))).collect(),
        }
    }

    #[must_use]
    pub fn campaign(&self, id: &CampaignId) -> SmolStr {
        if id.as_str().is_empty() {
            return SmolStr::new_static("no campaign");
        }
        self.campaigns.get(id).cloned().unwrap_or_else(|| id.to_smol())
    }

    #[must_use]
    pub fn route(&self, id: &RouteId) -> SmolStr {
        if id.as_str().is_empty() {
            return SmolStr::new_static("no route");
        }
        self.routes.get(id).and_then(|(name, _)| name.clone()).unwrap_or_else(|| id.to_smol())
    }

    #[must_use]
    pub fn carrier(&self, id: &RouteId) -> Option<SmolStr> {
        self.routes.get(id).and_then(|(_, carrier)| carrier.clone())
    }
}
