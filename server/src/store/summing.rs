//! Adding up what is kept of sums, the same in every database: blocks, and the journal of what is not yet in them.
//!
//! The database's folder reads the rows, as of one instant, and hands their bytes over.

use super::StoreError;
use super::read::SumQuery;
use super::tally::{read_block, read_entry};
use crate::aggregate::span::SiteDays;
use app::domain::{CampaignId, Dimension, Facts, Moment, Tally};
use chrono_tz::Tz;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The answer to a [`SumQuery`] as its rows come in.
#[derive(Debug)]
pub(super) struct Summing<'q> {
    query: &'q SumQuery,
    sums: BTreeMap<SmolStr, Facts>,
}

impl<'q> Summing<'q> {
    pub(super) const fn of(query: &'q SumQuery) -> Self {
        Self { query, sums: BTreeMap::new() }
    }

    /// Whether the journal bears on it: what the grain doesn't keep is not added to it either.
    pub(super) const fn wants_journal(&self) -> bool {
        self.query.grain.keeps(self.query.dimension)
    }

    fn add(&mut self, key: &str, tally: &Tally) {
        if self.query.key.as_ref().is_some_and(|asked| asked != key) {
            return;
        }
        match self.sums.get_mut(key) {
            Some(sum) => *sum += tally,
            None => *self.sums.entry(SmolStr::new(key)).or_default() += tally,
        }
    }

    /// Adds a block of the asked grain, dimension, span and campaign.
    pub(super) fn block(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        read_block(bytes, |key, tally| self.add(key, &tally))
    }

    /// Adds what of a journal entry was asked for.
    pub(super) fn entry(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let query = self.query;
        read_entry(bytes, Some(query.dimension), |at, of, tally| {
            let narrowed = query.campaign.as_ref().is_some_and(|campaign| *campaign != of.campaign);
            // From and to lie on the grain's edges, so finer buckets fall in or out as a whole.
            if !narrowed && query.from <= at && at < query.to {
                self.add(&of.key, &tally);
            }
        })
    }

    /// See `Reader::sums`.
    pub(super) fn finish(self) -> Vec<(SmolStr, Facts)> {
        self.sums.into_iter().filter(|(_, sum)| !sum.is_zero()).collect()
    }
}

/// The answer to a [`SumQuery`] by bucket.
#[derive(Debug)]
pub(super) struct Bucketing<'q> {
    query: &'q SumQuery,
    day_of: SiteDays,
    sums: BTreeMap<(Moment, SmolStr), Tally>,
}

impl<'q> Bucketing<'q> {
    pub(super) fn of(query: &'q SumQuery, zone: Tz) -> Self {
        Self { query, day_of: SiteDays::new(zone), sums: BTreeMap::new() }
    }

    /// See [`Summing::wants_journal`].
    pub(super) const fn wants_journal(&self) -> bool {
        self.query.grain.keeps(self.query.dimension)
    }

    /// Adds a block of the asked grain, dimension, span and campaign.
    pub(super) fn block(&mut self, bucket: Moment, bytes: &[u8]) -> Result<(), StoreError> {
        let Self { query, sums, .. } = self;
        read_block(bytes, |key, tally| {
            if query.key.as_ref().is_none_or(|asked| asked == key) {
                *sums.entry((bucket, SmolStr::new(key))).or_default() += &tally;
            }
        })
    }

    /// Adds what of a journal entry was asked for.
    pub(super) fn entry(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let Self { query, day_of, sums } = self;
        read_entry(bytes, Some(query.dimension), |at, of, tally| {
            let wanted = query.campaign.as_ref().is_none_or(|campaign| *campaign == of.campaign)
                && query.key.as_ref().is_none_or(|asked| *asked == of.key);
            if wanted && query.from <= at && at < query.to {
                *sums.entry((query.grain.bucket(at, day_of), of.key)).or_default() += &tally;
            }
        })
    }

    /// See `Reader::series`.
    pub(super) fn finish(self) -> Vec<(Moment, SmolStr, Tally)> {
        let sums = self.sums.into_iter().filter(|(_, tally)| !tally.is_empty());
        sums.map(|((bucket, key), tally)| (bucket, key, tally)).collect()
    }
}

/// The site days of one campaign, to find the first that has calls.
#[derive(Debug)]
pub(super) struct CampaignDays<'c> {
    campaign: &'c CampaignId,
    day_of: SiteDays,
    days: BTreeMap<Moment, Tally>,
}

impl<'c> CampaignDays<'c> {
    pub(super) fn of(campaign: &'c CampaignId, zone: Tz) -> Self {
        Self { campaign, day_of: SiteDays::new(zone), days: BTreeMap::new() }
    }

    /// Adds the campaign's block of a site day.
    pub(super) fn block(&mut self, day: Moment, bytes: &[u8]) -> Result<(), StoreError> {
        let day = self.days.entry(day).or_default();
        read_block(bytes, |_, tally| *day += &tally)
    }

    pub(super) fn entry(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        read_entry(bytes, Some(Dimension::Campaign), |at, of, tally| {
            if of.campaign == *self.campaign {
                *self.days.entry(self.day_of.of(at).from).or_default() += &tally;
            }
        })
    }

    pub(super) fn first(self) -> Option<Moment> {
        self.days.into_iter().find(|(_, tally)| !tally.is_empty()).map(|(day, _)| day)
    }
}
