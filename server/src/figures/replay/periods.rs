//! The compliance periods of a replay: what had come together by then.

use super::settings::PastSettings;
use crate::law::change::{FactChange, PeriodSums};
use crate::law::grain::Grain;
use crate::law::span::{Stretch, period, site_day};
use crate::store::StoreError;
use crate::store::past::Past;
use crate::store::read::SumQuery;
use app::domain::{CampaignId, CampaignScope, Dimension, Facts, Moment, Tally};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug)]
struct Running {
    start: Moment,
    sums: PeriodSums,
}

#[derive(Debug)]
pub(super) struct PastPeriods {
    zone: Tz,
    running: BTreeMap<CampaignId, Running>,
}

impl PastPeriods {
    /// The periods that ran at `begin`. Up to `since` the sums are those known today, from then on those of `facts`.
    pub(super) async fn begin(
        store: &impl Past,
        zone: Tz,
        settings: &PastSettings,
        since: Moment,
        begin: Moment,
        facts: &[FactChange],
    ) -> Result<Self, StoreError> {
        let mut all = Self { zone, running: BTreeMap::new() };
        let seen = facts.iter().map(|fact| fact.of.campaign.clone());
        let ids: BTreeSet<CampaignId> = settings.campaigns().map(|(id, _)| id.clone()).chain(seen).collect();
        for campaign in ids {
            let told = settings.campaign(&campaign).and_then(|c| c.started_at.value());
            let start = match told {
                Some(start) => Some(start),
                None => store.first_call(&campaign).await?,
            };
            let Some(start) = start.filter(|start| site_day(zone, *start).from <= begin) else { continue };
            let during = period(zone, start, begin);
            let mut tally = before(store, zone, &campaign, Stretch { from: during.from, to: since }).await?;
            tally += &from_facts(facts, &campaign, since.max(during.from));
            let sums = PeriodSums { campaign: campaign.clone(), from: during.from, to: during.to, tally };
            all.running.insert(campaign, Running { start, sums });
        }
        Ok(all)
    }

    pub(super) fn all(&self) -> Vec<PeriodSums> {
        self.running.values().map(|running| running.sums.clone()).collect()
    }

    /// The periods that begin up to `to`, with what the last step brought them.
    pub(super) fn turn(&mut self, to: Moment, facts: &[FactChange]) -> Vec<PeriodSums> {
        let over = self.running.iter_mut().filter(|(_, running)| running.sums.to <= to);
        over.map(|(campaign, running)| {
            let during = period(self.zone, running.start, to);
            let tally = from_facts(facts, campaign, during.from);
            running.sums = PeriodSums { campaign: campaign.clone(), from: during.from, to: during.to, tally };
            running.sums.clone()
        })
        .collect()
    }
}

fn from_facts(facts: &[FactChange], campaign: &CampaignId, from: Moment) -> Tally {
    let mut tally = Tally::default();
    let of_it = |fact: &&FactChange| fact.of.dimension == Dimension::Campaign && fact.of.campaign == *campaign;
    facts.iter().filter(of_it).filter(|fact| fact.bucket >= from).for_each(|fact| tally += &fact.tally);
    tally
}

/// A campaign's sums over a stretch that begins with a site day: whole days, then five minutes each.
async fn before(store: &impl Past, zone: Tz, campaign: &CampaignId, during: Stretch) -> Result<Tally, StoreError> {
    let today = site_day(zone, during.to).from.max(during.from);
    let mut sum = Facts::default();
    for (from, to, grain) in [(during.from, today, Grain::SiteDay), (today, during.to, Grain::Minutes5)] {
        if from < to {
            let (dimension, key) = (Dimension::Campaign, Some(campaign.to_smol()));
            let query = SumQuery { dimension, key, scope: CampaignScope::one(campaign.clone()), from, to, grain };
            store.sums(&query).await?.iter().for_each(|(_, facts)| sum += facts);
        }
    }
    Ok(sum.tally())
}
