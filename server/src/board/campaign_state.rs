//! How a campaign stands, for whoever asks its dialer to pause or resume it.

use super::floor::Floor;
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

/// How a campaign stands; with `until`, how many of its calls that are up began by then.
pub(super) fn state_of(floor: &Floor, campaign: &CampaignId, until: Option<Moment>) -> CampaignState {
    let settings = floor.campaigns.get(campaign);
    let has_calls = floor.own.had_period(campaign) || floor.gauges.active(Some(campaign)) > 0;
    CampaignState {
        status: settings.and_then(|c| c.status.value().zip(c.status.stamp())),
        heard: if settings.is_some() || has_calls { Heard::Something } else { Heard::Nothing },
        draining: until.map(|at| floor.gauges.active_since_before(campaign, at).max(0).unsigned_abs()),
    }
}
