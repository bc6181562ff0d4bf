//! What the board is told by configuration.

use crate::kit::mask::Veil;
use app::domain::{CampaignId, ComponentId, RouteId, TrunkId};
use chrono_tz::Tz;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::Arc;

/// What the board must know of its site.
#[derive(Debug, Clone)]
pub struct BoardConfig {
    pub zone: Tz,
    /// Trunks whose route has another id.
    pub trunk_routes: HashMap<TrunkId, RouteId>,
    /// Provisioned channels of trunks that don't tell.
    pub capacities: HashMap<TrunkId, u32>,
    /// Components' own dashboards, for those that don't tell.
    pub links: HashMap<ComponentId, SmolStr>,
    /// What hides persons' numbers in all that the board shows.
    pub veil: Veil,
    /// For which campaigns a dialer can be asked to pause.
    pub hears: Hears,
}

/// Who says for which campaigns a dialer can be asked; by default for none.
#[derive(Clone, Default)]
pub struct Hears(Option<Arc<Says>>);

type Says = dyn Fn(&CampaignId) -> bool + Send + Sync;

impl Hears {
    #[must_use]
    pub fn by(says: impl Fn(&CampaignId) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(says)))
    }

    #[must_use]
    pub fn hears(&self, campaign: &CampaignId) -> bool {
        self.0.as_ref().is_some_and(|says| says(campaign))
    }
}

impl std::fmt::Debug for Hears {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Hears(…)" } else { "Hears(nobody)" })
    }
}

impl Default for BoardConfig {
    fn default() -> Self {
        Self {
            zone: Tz::UTC,
            trunk_routes: HashMap::new(),
            capacities: HashMap::new(),
            links: HashMap::new(),
            hears: Hears::default(),
            veil: Veil::default(),
        }
    }
}
