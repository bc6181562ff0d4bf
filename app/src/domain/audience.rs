//! For whom figures are: which campaigns somebody may see, and whose numbers.
//!
//! Part of every question: what is asked for is cut to what who asks may see, and what is made and kept for one audience
//! is never given to another. Sums over several campaigns are the sums of their parts, because facts add up.

use super::ids::CampaignId;
use std::collections::BTreeSet;

/// Over which campaigns figures are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum CampaignScope {
    /// The whole floor: calls that name no campaign, too.
    #[default]
    All,
    /// These alone. Of none, there is nothing.
    Of(BTreeSet<CampaignId>),
}

impl CampaignScope {
    #[must_use]
    pub fn one(campaign: CampaignId) -> Self {
        Self::Of(BTreeSet::from([campaign]))
    }

    #[must_use]
    pub fn holds(&self, campaign: &CampaignId) -> bool {
        match self {
            Self::All => true,
            Self::Of(campaigns) => campaigns.contains(campaign),
        }
    }

    /// What of it another holds, too.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, other) => other.clone(),
            (own, Self::All) => own.clone(),
            (Self::Of(own), Self::Of(other)) => Self::Of(own.intersection(other).cloned().collect()),
        }
    }

    /// What is summed: everything at once, or each of the campaigns.
    pub fn parts(&self) -> impl Iterator<Item = Option<&CampaignId>> {
        let (all, each) = match self {
            Self::All => (Some(None), None),
            Self::Of(campaigns) => (None, Some(campaigns.iter().map(Some))),
        };
        all.into_iter().chain(each.into_iter().flatten())
    }
}

impl From<Option<CampaignId>> for CampaignScope {
    fn from(campaign: Option<CampaignId>) -> Self {
        campaign.map_or(Self::All, Self::one)
    }
}

impl FromIterator<CampaignId> for CampaignScope {
    fn from_iter<I: IntoIterator<Item = CampaignId>>(campaigns: I) -> Self {
        Self::Of(campaigns.into_iter().collect())
    }
}

/// How much of persons' numbers somebody sees. What may see more is one more variant, and every place that makes
/// something for viewers then says what it does about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Sight {
    /// The last digits alone.
    #[default]
    Masked,
}

/// Who see the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Audience {
    pub scope: CampaignScope,
    pub sight: Sight,
}

impl Audience {
    /// The same people, looking at a part.
    #[must_use]
    pub fn narrowed(&self, to: &CampaignScope) -> Self {
        Self { scope: self.scope.within(to), sight: self.sight }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&'static str]) -> CampaignScope {
        names.iter().map(|name| CampaignId::trusted(*name)).collect()
    }

    #[test]
    fn what_is_asked_for_is_cut_to_what_may_be_seen() {
        for (asked, may, left) in [
            (CampaignScope::All, CampaignScope::All, CampaignScope::All),
            (CampaignScope::All, of(&["a"]), of(&["a"])),
            (of(&["a", "b"]), CampaignScope::All, of(&["a", "b"])),
            (of(&["a", "b"]), of(&["b", "c"]), of(&["b"])),
            (of(&["a"]), of(&["b"]), of(&[])),
        ] {
            let audience = Audience { scope: may, sight: Sight::Masked };
            assert_eq!(audience.narrowed(&asked).scope, left, "{asked:?}");
            assert_eq!(asked.within(&audience.scope), left, "{asked:?}");
        }
        assert!(!of(&[]).holds(&CampaignId::none()) && CampaignScope::All.holds(&CampaignId::none()));
    }

    #[test]
    fn the_whole_is_one_part_and_nothing_is_none() {
        let parts = |scope: &CampaignScope| scope.parts().map(|part| part.cloned()).collect::<Vec<_>>();
        assert_eq!(parts(&CampaignScope::All), [None]);
        assert_eq!(parts(&of(&["b", "a"])), [Some(CampaignId::trusted("a")), Some(CampaignId::trusted("b"))]);
        assert!(parts(&of(&[])).is_empty());
    }
}
