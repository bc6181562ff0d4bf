//! The running compliance period of each campaign and its whole run (the windows `period` and `campaign`): where they
//! begin, and their sums where these must be read anew.
//!
//! Read by the writer, between two commits, so that the live state gets them in exact order: it takes them as they are and
//! adds each later change. Read at start, for new campaigns, when a campaign's start changes, and when a period ends.
//!
//! A campaign that never told its start begins with the first site day on which any of its calls counts in a fact. That
//! day's sum is kept here as commits change it, so that a campaign begins later in the very commit that takes the last call
//! of that day away from it.

use super::directory::Directory;
use crate::law::change::{Change, FactChange, PeriodSums, RunSums};
use crate::law::span::{Stretch, period, site_day};
use crate::store::StoreError;
use crate::store::write::WriteStore;
use app::domain::{CampaignId, Dimension, Moment, Tally};
use chrono_tz::Tz;
use std::collections::{BTreeSet, HashMap};

/// For so many campaigns the journal is read as it is, some times each; for more it is folded first.
const FEW: usize = 4;

#[derive(Debug)]
struct Running {
    /// When it must be read anew: its period ends, or the day on which it is not to start yet.
    turn: Moment,
    /// The first day it had calls, where it begins with that.
    first: Option<FirstDay>,
}

#[derive(Debug)]
struct FirstDay {
    day: Stretch,
    /// As of the last commit.
    sum: Tally,
}

impl FirstDay {
    /// Takes in what a commit changed; whether the campaign now begins with another day.
    fn moves(&mut self, change: &FactChange) -> bool {
        if self.day.contains(change.bucket) {
            self.sum += &change.tally;
            return !self.sum.tells_of_calls();
        }
        change.bucket < self.day.from && change.tally.tells_of_calls()
    }
}

#[derive(Debug)]
pub(super) struct Periods {
    zone: Tz,
    running: HashMap<CampaignId, Running>,
    /// The campaigns by when they must be read anew: with each commit it is asked who is next, and they may be many.
    turns: BTreeSet<(Moment, CampaignId)>,
    /// Campaigns whose sums must be read anew.
    stale: BTreeSet<CampaignId>,
}

impl Periods {
    pub(super) fn new(zone: Tz) -> Self {
        Self { zone, running: HashMap::new(), turns: BTreeSet::new(), stale: BTreeSet::new() }
    }

    pub(super) fn forget(&mut self, campaign: CampaignId) {
        self.stale.insert(campaign);
    }

    /// Whether sums must be read anew.
    pub(super) fn is_stale(&self) -> bool {
        !self.stale.is_empty()
    }

    /// Whether those of more than a few campaigns must be.
    pub(super) fn are_many_stale(&self) -> bool {
        self.stale.len() > FEW
    }

    /// Looks for campaigns that are new, or begin with another day than was believed.
    pub(super) fn see(&mut self, facts: &[FactChange]) {
        for change in facts.iter().filter(|change| change.of.dimension == Dimension::Campaign) {
            let campaign = &change.of.campaign;
            let stale = match self.running.get_mut(campaign) {
                None => change.tally.tells_of_calls(),
                Some(running) => running.first.as_mut().is_some_and(|first| first.moves(change)),
            };
            if stale && !self.stale.contains(campaign) {
                self.stale.insert(campaign.clone());
            }
        }
    }

    /// Forgets a campaign of which nothing is kept any more.
    pub(super) fn gone(&mut self, campaign: &CampaignId) {
        self.ends(campaign);
        self.stale.remove(campaign);
    }

    fn begins(&mut self, campaign: &CampaignId, running: Running) {
        self.ends(campaign);
        self.turns.insert((running.turn, campaign.clone()));
        self.running.insert(campaign.clone(), running);
    }

    /// Whether it was running.
    fn ends(&mut self, campaign: &CampaignId) -> bool {
        let Some(running) = self.running.remove(campaign) else { return false };
        self.turns.remove(&(running.turn, campaign.clone()));
        true
    }

    /// When the next of them must be read anew.
    pub(super) fn next_turn(&self) -> Option<Moment> {
        self.turns.first().map(|(turn, _)| *turn)
    }

    /// Marks the campaigns whose period is over.
    pub(super) fn turn(&mut self, now: Moment) {
        let over = self.turns.iter().take_while(|(turn, _)| *turn <= now);
        self.stale.extend(over.map(|(_, campaign)| campaign.clone()));
    }

    /// Reads what is stale, as of the last commit: all of it, or nothing.
    pub(super) async fn read(
        &mut self,
        now: Moment,
        directory: &Directory,
        store: &mut impl WriteStore,
    ) -> Result<Read, StoreError> {
        let mut read = self.read_some(now, directory, store).await;
        let Some(error) = read.failed.take() else { return Ok(read) };
        self.stale.extend(read.periods.into_iter().map(|period| period.campaign));
        self.stale.extend(read.without_start);
        Err(error)
    }

    /// Reads what is stale, as of the last commit. What can't be read stays so.
    pub(super) async fn read_some(&mut self, now: Moment, directory: &Directory, store: &mut impl WriteStore) -> Read {
        let mut read = Read::default();
        for campaign in std::mem::take(&mut self.stale) {
            let done = match read.failed {
                // Where the database fails there is no use in asking for the rest.
                Some(StoreError::Unreadable(_)) | None => {
                    self.read_one(&campaign, now, directory, store, &mut read).await
                }
                Some(_) => {
                    self.stale.insert(campaign);
                    continue;
                }
            };
            if let Err(error) = done {
                self.stale.insert(campaign);
                read.failed = Some(error);
            }
        }
        read
    }

    async fn read_one(
        &mut self,
        campaign: &CampaignId,
        now: Moment,
        directory: &Directory,
        store: &mut impl WriteStore,
        read: &mut Read,
    ) -> Result<(), StoreError> {
        let told = directory.campaign(campaign).and_then(|c| c.started_at.value());
        let days = store.campaign_days(campaign).await?;
        let first = days.iter().find(|(_, sum)| told.is_none() && sum.tells_of_calls());
        let first = first.map(|(day, sum)| FirstDay { day: site_day(self.zone, *day), sum: sum.clone() });
        let Some(start) = told.or(first.as_ref().map(|first| first.day.from)) else {
            if self.ends(campaign) {
                read.without_start.push(campaign.clone());
            }
            return Ok(());
        };
        let during = period(self.zone, start, now);
        let sum_of = |stretch: Stretch| {
            let mut sum = Tally::default();
            days.iter().filter(|(day, _)| stretch.contains(*day)).for_each(|(_, tally)| sum += tally);
            sum
        };
        let tally = sum_of(during);
        let today = site_day(self.zone, now);
        let run = Stretch { from: site_day(self.zone, start.min(now)).from, to: Moment::MAX };
        let whole = sum_of(run);
        let turn = if start > now { during.to.min(today.to) } else { during.to };
        self.begins(campaign, Running { turn, first });
        read.runs.push(RunSums { campaign: campaign.clone(), from: run.from, tally: whole });
        read.periods.push(PeriodSums { campaign: campaign.clone(), from: during.from, to: during.to, tally });
        Ok(())
    }
}

/// What could be read, and what went wrong with the rest.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) periods: Vec<PeriodSums>,
    pub(super) runs: Vec<RunSums>,
    /// Campaigns that had a start and have none any more.
    pub(super) without_start: Vec<CampaignId>,
    pub(super) failed: Option<StoreError>,
}

impl Read {
    pub(super) const fn is_empty(&self) -> bool {
        self.periods.is_empty() && self.runs.is_empty() && self.without_start.is_empty()
    }

    /// Hands it to the live state with what else a commit changed; what went wrong is left.
    pub(super) fn tell(self, change: &mut Change) -> Option<StoreError> {
        (change.periods, change.runs, change.without_start) = (self.periods, self.runs, self.without_start);
        self.failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_read_anew_when_it_turns_and_one_that_is_gone_never() {
        let (mut periods, at) = (Periods::new(Tz::UTC), Moment::from_secs);
        for (name, turn) in [("a", 30), ("b", 10), ("c", 20)] {
            periods.begins(&CampaignId::trusted(name), Running { turn: at(turn), first: None });
        }
        assert_eq!(periods.next_turn(), Some(at(10)));
        periods.turn(at(20));
        let stale: Vec<&str> = periods.stale.iter().map(CampaignId::as_str).collect();
        assert_eq!(stale, ["b", "c"]);
        periods.begins(&CampaignId::trusted("b"), Running { turn: at(40), first: None });
        periods.gone(&CampaignId::trusted("c"));
        assert_eq!((periods.next_turn(), periods.turns.len()), (Some(at(30)), 2));
    }
}
