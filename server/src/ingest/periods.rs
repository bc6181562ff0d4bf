//! The running compliance period of each campaign and its whole run (the windows `period` and `campaign`): where they
//! begin, and their sums where these must be read anew.
//!
//! Read by the writer, between two commits, so that the live state gets them in exact order: it takes them as they are and
//! adds each later change. Read at start, for new campaigns, when a campaign's start changes, and when a period ends.

use super::book::Book;
use crate::aggregate::change::{FactChange, PeriodSums, RunSums};
use crate::aggregate::span::{Stretch, period, site_day};
use crate::store::StoreError;
use crate::store::write::WriteStore;
use app::domain::{CampaignId, Dimension, Moment};
use chrono_tz::Tz;
use std::collections::{BTreeSet, HashMap};

/// For so many campaigns the journal is read as it is, some times each; for more it is folded first.
const FEW: usize = 4;

#[derive(Debug, Clone, Copy)]
struct Running {
    /// When it must be read anew: its period ends, or the day on which it is not to start yet.
    turn: Moment,
    /// The first day it had calls, where it begins with that.
    first_day: Option<Moment>,
}

#[derive(Debug)]
pub(super) struct Periods {
    zone: Tz,
    running: HashMap<CampaignId, Running>,
    /// Campaigns whose sums must be read anew.
    stale: BTreeSet<CampaignId>,
}

impl Periods {
    pub(super) fn new(zone: Tz) -> Self {
        Self { zone, running: HashMap::new(), stale: BTreeSet::new() }
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

    /// Looks for campaigns that are new, or had calls before the day their period was believed to begin.
    pub(super) fn see(&mut self, facts: &[FactChange]) {
        for change in facts.iter().filter(|change| change.of.dimension == Dimension::Campaign) {
            let campaign = &change.of.campaign;
            let stale = match self.running.get(campaign) {
                None => true,
                Some(running) => running.first_day.is_some_and(|first| change.bucket < first),
            };
            if stale && !self.stale.contains(campaign) {
                self.stale.insert(campaign.clone());
            }
        }
    }

    /// When the next of them must be read anew.
    pub(super) fn next_turn(&self) -> Option<Moment> {
        self.running.values().map(|running| running.turn).min()
    }

    /// Marks the campaigns whose period is over.
    pub(super) fn turn(&mut self, now: Moment) {
        let over = self.running.iter().filter(|(_, running)| running.turn <= now);
        self.stale.extend(over.map(|(campaign, _)| campaign.clone()));
    }

    /// Reads what is stale, as of the last commit: all of it, or nothing.
    pub(super) async fn read(
        &mut self,
        now: Moment,
        book: &Book,
        store: &mut impl WriteStore,
    ) -> Result<(Vec<PeriodSums>, Vec<RunSums>), StoreError> {
        let read = self.read_some(now, book, store).await;
        let Some(error) = read.failed else { return Ok((read.periods, read.runs)) };
        self.stale.extend(read.periods.into_iter().map(|period| period.campaign));
        Err(error)
    }

    /// Reads what is stale, as of the last commit. What can't be read stays so.
    pub(super) async fn read_some(&mut self, now: Moment, book: &Book, store: &mut impl WriteStore) -> Read {
        let mut read = Read::default();
        for campaign in std::mem::take(&mut self.stale) {
            let done = match read.failed {
                // Where the database fails there is no use in asking for the rest.
                Some(StoreError::Unreadable(_)) | None => self.read_one(&campaign, now, book, store, &mut read).await,
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
        book: &Book,
        store: &mut impl WriteStore,
        read: &mut Read,
    ) -> Result<(), StoreError> {
        let told = book.campaign(campaign).and_then(|c| c.started_at.value());
        let first_day = if told.is_some() { None } else { store.first_day(campaign).await? };
        let Some(start) = told.or(first_day) else {
            self.running.remove(campaign);
            return Ok(());
        };
        let during = period(self.zone, start, now);
        let tally = store.campaign_days(campaign, during).await?;
        let today = site_day(self.zone, now);
        let run = Stretch { from: site_day(self.zone, start.min(now)).from, to: Moment::MAX };
        let whole = store.campaign_days(campaign, run).await?;
        let turn = if start > now { during.to.min(today.to) } else { during.to };
        self.running.insert(campaign.clone(), Running { turn, first_day });
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
    pub(super) failed: Option<StoreError>,
}
