//! Campaigns' sums over spans of their own: the running compliance period, and all since the campaign began.

use crate::law::change::{FactChange, PeriodSums, RunSums};
use app::domain::{CampaignId, Moment};
use std::collections::HashMap;

/// The sums of each campaign's period and of its whole run. What is added belongs to the campaign itself, not to its routes or numbers.
#[derive(Debug, Default)]
pub(super) struct OwnSpans {
    periods: HashMap<CampaignId, PeriodSums>,
    runs: HashMap<CampaignId, RunSums>,
}

impl OwnSpans {
    /// Adds what changed of a campaign.
    pub(super) fn add(&mut self, fact: &FactChange) {
        if let Some(period) = self.periods.get_mut(&fact.of.campaign)
            && (period.from..period.to).contains(&fact.bucket)
        {
            period.tally += &fact.tally;
        }
        if let Some(run) = self.runs.get_mut(&fact.of.campaign)
            && run.from <= fact.bucket
        {
            run.tally += &fact.tally;
        }
    }

    /// A period as it stands, or begins.
    pub(super) fn take_period(&mut self, period: &PeriodSums) {
        self.periods.insert(period.campaign.clone(), period.clone());
    }

    pub(super) fn take_run(&mut self, run: &RunSums) {
        self.runs.insert(run.campaign.clone(), run.clone());
    }

    pub(super) fn forget(&mut self, campaign: &CampaignId) {
        self.periods.remove(campaign);
        self.runs.remove(campaign);
    }

    /// A campaign's running period.
    pub(super) fn period(&self, campaign: &CampaignId, now: Moment) -> Option<&PeriodSums> {
        self.periods.get(campaign).filter(|period| now < period.to)
    }

    /// Whether a period was ever told of: then the campaign had calls.
    pub(super) fn had_period(&self, campaign: &CampaignId) -> bool {
        self.periods.contains_key(campaign)
    }

    pub(super) fn run(&self, campaign: &CampaignId) -> Option<&RunSums> {
        self.runs.get(campaign)
    }

    /// All periods that run.
    pub(super) fn periods(&self, now: Moment) -> impl Iterator<Item = &PeriodSums> {
        self.periods.values().filter(move |period| now < period.to)
    }

    pub(super) fn runs(&self) -> impl Iterator<Item = &RunSums> {
        self.runs.values()
    }

    /// Campaigns whose period ended after `before`, up to `now`.
    pub(super) fn ended(&self, before: Moment, now: Moment) -> impl Iterator<Item = &CampaignId> {
        self.periods.values().filter(move |p| before < p.to && p.to <= now).map(|period| &period.campaign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::change::SumKey;
    use app::domain::{Dimension, Fact, Tally};

    fn at(secs: i64) -> Moment {
        Moment::from_secs(secs)
    }

    #[test]
    fn each_span_takes_what_falls_into_it_and_a_period_runs_until_its_end() {
        let campaign = CampaignId::trusted("c");
        let mut own = OwnSpans::default();
        own.take_period(&PeriodSums {
            campaign: campaign.clone(),
            from: at(100),
            to: at(200),
            tally: Tally::default(),
        });
        own.take_run(&RunSums { campaign: campaign.clone(), from: at(50), tally: Tally::default() });
        for bucket in [40, 50, 100, 190, 200] {
            let mut tally = Tally::default();
            tally.add(Fact::Attempts, 1);
            let of = SumKey { campaign: campaign.clone(), dimension: Dimension::Campaign, key: campaign.to_smol() };
            own.add(&FactChange { bucket: at(bucket), of, tally });
        }
        let attempts = |tally: &Tally| tally.get(Fact::Attempts);
        assert_eq!(own.period(&campaign, at(199)).map(|period| attempts(&period.tally)), Some(2));
        assert_eq!(own.run(&campaign).map(|run| attempts(&run.tally)), Some(4));
        assert!(own.period(&campaign, at(200)).is_none() && own.had_period(&campaign));
        assert_eq!([(150, 199), (199, 200), (200, 300)].map(|(a, b)| own.ended(at(a), at(b)).count()), [0, 1, 0]);
        own.forget(&campaign);
        assert!(own.run(&campaign).is_none() && !own.had_period(&campaign));
    }
}
