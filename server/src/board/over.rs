//! Over which campaigns something is read: the whole floor, one campaign, or several as if they were one.
//!
//! Sums are read alike of all three. What several hold together is added up when it is asked for, for a frame of a tick: facts
//! add up, and every ratio is made of the sums.

use super::windows::{Merged, Windows};
use app::domain::{CampaignId, CampaignScope};
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy)]
pub enum Over<'a> {
    Floor,
    One(&'a CampaignId),
    Several(&'a Several),
}

/// Some campaigns, and what they hold together.
#[derive(Debug)]
pub struct Several {
    campaigns: BTreeSet<CampaignId>,
    pub(super) sums: Merged,
}

impl Several {
    pub(super) fn of(windows: &Windows, campaigns: &BTreeSet<CampaignId>) -> Self {
        Self { campaigns: campaigns.clone(), sums: windows.merged(campaigns) }
    }
}

impl<'a> From<Option<&'a CampaignId>> for Over<'a> {
    fn from(campaign: Option<&'a CampaignId>) -> Self {
        campaign.map_or(Self::Floor, Self::One)
    }
}

impl<'a> Over<'a> {
    #[must_use]
    pub const fn is_floor(self) -> bool {
        matches!(self, Self::Floor)
    }

    #[must_use]
    pub fn holds(self, campaign: &CampaignId) -> bool {
        match self {
            Self::Floor => true,
            Self::One(one) => one == campaign,
            Self::Several(several) => several.campaigns.contains(campaign),
        }
    }

    /// The campaigns by name; none of the whole floor.
    pub(super) fn named(self) -> impl Iterator<Item = &'a CampaignId> {
        let (one, several) = match self {
            Self::Floor => (None, None),
            Self::One(one) => (Some(one), None),
            Self::Several(several) => (None, Some(several.campaigns.iter())),
        };
        one.into_iter().chain(several.into_iter().flatten())
    }

    /// The same as it is asked of the store.
    #[must_use]
    pub fn scope(self) -> CampaignScope {
        if self.is_floor() { CampaignScope::All } else { self.named().cloned().collect() }
    }
}
