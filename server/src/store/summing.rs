//! Adding up what is kept of sums, the same in every database: blocks, and the journal of what is not yet in them.
//!
//! The database's folder reads the rows, as of one instant, and hands their bytes over.

use super::StoreError;
use super::read::{Series, SumQuery};
use super::tally::{read_block, read_entry};
use crate::aggregate::span::SiteDays;
use app::domain::{CampaignId, Dimension, Moment, Tally};
use chrono_tz::Tz;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The answers to some queries as their rows come in.
#[derive(Debug)]
pub(super) struct Summing<'q> {
    queries: &'q [SumQuery],
    day_of: SiteDays,
    /// Of each query.
    sums: Vec<BTreeMap<(Moment, SmolStr), Tally>>,
}

impl<'q> Summing<'q> {
    pub(super) fn of(queries: &'q [SumQuery], zone: Tz) -> Self {
        Self { queries, day_of: SiteDays::new(zone), sums: vec![BTreeMap::new(); queries.len()] }
    }

    /// Whether the journal bears on any: what a grain doesn't keep is not added to it either.
    pub(super) fn wants_journal(&self) -> bool {
        self.queries.iter().any(|query| query.grain.keeps(query.dimension))
    }

    /// Adds a block of the grain, dimension, span and campaign that the query of this place asks for.
    pub(super) fn block(&mut self, place: usize, bucket: Moment, bytes: &[u8]) -> Result<(), StoreError> {
        let (Some(query), Some(sums)) = (self.queries.get(place), self.sums.get_mut(place)) else { return Ok(()) };
        read_block(bytes, |key, tally| {
            if query.key.as_ref().is_none_or(|asked| asked == key) {
                *sums.entry((bucket, SmolStr::new(key))).or_default() += &tally;
            }
        })
    }

    /// Adds what of a journal entry was asked for.
    pub(super) fn entry(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let Self { queries, day_of, sums } = self;
        let keeping = |query: &SumQuery, dimension| query.dimension == dimension && query.grain.keeps(dimension);
        let asked = |dimension| queries.iter().any(|query| keeping(query, dimension));
        read_entry(bytes, asked, |at, of, tally| {
            for (query, sums) in queries.iter().zip(&mut *sums).filter(|(query, _)| keeping(query, of.dimension)) {
                let wanted = query.campaign.as_ref().is_none_or(|campaign| *campaign == of.campaign)
                    && query.key.as_ref().is_none_or(|asked| *asked == of.key);
                // From and to lie on the grain's edges, so finer buckets fall in or out as a whole.
                if wanted && query.from <= at && at < query.to {
                    *sums.entry((query.grain.bucket(at, day_of), of.key.clone())).or_default() += &tally;
                }
            }
        })
    }

    /// See `Reader::all_series`.
    pub(super) fn finish(self) -> Vec<Series> {
        let all = self.sums.into_iter();
        all.map(|sums| {
            let sums = sums.into_iter().filter(|(_, tally)| !tally.is_empty());
            sums.map(|((bucket, key), tally)| (bucket, key, tally)).collect()
        })
        .collect()
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
        read_entry(
            bytes,
            |dimension| dimension == Dimension::Campaign,
            |at, of, tally| {
                if of.campaign == *self.campaign {
                    *self.days.entry(self.day_of.of(at).from).or_default() += &tally;
                }
            },
        )
    }

    pub(super) fn first(self) -> Option<Moment> {
        self.days.into_iter().find(|(_, tally)| !tally.is_empty()).map(|(day, _)| day)
    }
}
