//! Which of the simulated campaigns are paused: turned by whoever controls the floor, read by the driver that tells the
//! world of it at its next step.

use super::plan::FloorPlan;
use app::domain::CampaignId;
use app::domain::control::Action;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::watch;

/// The switches. Cheap to clone; all clones are the same.
#[derive(Debug, Clone)]
pub struct DialSwitches {
    campaigns: Arc<BTreeSet<CampaignId>>,
    paused: Arc<watch::Sender<BTreeSet<CampaignId>>>,
}

impl Default for DialSwitches {
    /// Those of the demo floor, whatever its size.
    fn default() -> Self {
        let campaigns = FloorPlan::demo().campaigns.iter().map(|campaign| campaign.id.clone()).collect();
        Self { campaigns: Arc::new(campaigns), paused: Arc::new(watch::Sender::new(BTreeSet::new())) }
    }
}

/// Whether a campaign is one of the floor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turned {
    Done,
    NoSuchCampaign,
}

impl DialSwitches {
    /// The floor does so at its next step, and says so itself.
    pub fn turn(&self, campaign: &CampaignId, action: Action) -> Turned {
        if !self.campaigns.contains(campaign) {
            return Turned::NoSuchCampaign;
        }
        self.paused.send_modify(|paused| {
            match action {
                Action::Pause => paused.insert(campaign.clone()),
                Action::Resume => paused.remove(campaign),
            };
        });
        Turned::Done
    }

    #[must_use]
    pub fn paused(&self) -> BTreeSet<CampaignId> {
        self.paused.borrow().clone()
    }
}
