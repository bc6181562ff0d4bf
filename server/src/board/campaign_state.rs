//! How a campaign stands, for whoever asks its dialer to pause or resume it.

use super::Board;
use app::domain::outcome::CampaignStatus;
use app::domain::{CampaignId, Moment};

/// What the dialer last said of a campaign, and its calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CampaignState {
    pub status: Option<(CampaignStatus, Moment)>,
    pub heard: Heard,
    /// Calls that are up and began up to the moment asked for.
    pub draining: Option<u64>,
}

/// Whether anything was heard of a campaign: a setting, or a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Heard {
    Something,
    #[default]
    Nothing,
}

impl Board {
    /// How a campaign stands; with `until`, how many of its calls that are up began by then.
    #[must_use]
    pub fn state_of(&self, campaign: &CampaignId, until: Option<Moment>) -> CampaignState {
        let settings = self.campaigns.get(campaign);
        let has_calls = self.own.had_period(campaign) || self.gauges.active(Some(campaign)) > 0;
        CampaignState {
            status: settings.and_then(|c| c.status.value().zip(c.status.stamp())),
            heard: if settings.is_some() || has_calls { Heard::Something } else { Heard::Nothing },
            draining: until.map(|at| self.gauges.active_since_before(campaign, at).max(0).unsigned_abs()),
        }
    }
}
