//! Adding up what is kept of sums, the same in every database: blocks, and the journal of what is not yet in them.
//!
//! The database's folder reads the rows, as of one instant, and hands their bytes over.

use super::StoreError;
use super::read::{Series, SumQuery};
use super::tally::{add_block, read_block, read_entry};
use crate::aggregate::span::SiteDays;
use app::domain::{CampaignId, Dimension, Moment, Tally};
use chrono_tz::Tz;
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

/// The answers to some queries as their rows come in.
#[derive(Debug)]
pub(super) struct Summing<'q> {
    queries: &'q [SumQuery],
    day_of: SiteDays,
    /// Of each query, by bucket and key.
    sums: Vec<BTreeMap<Moment, HashMap<SmolStr, Tally, RandomState>>>,
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
        let is_asked = |key: &str| query.key.as_ref().is_none_or(|asked| asked == key);
        add_block(bytes, is_asked, sums.entry(bucket).or_default())
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
                    let sums = sums.entry(query.grain.bucket(at, day_of)).or_default();
                    *sums.entry(of.key.clone()).or_default() += &tally;
                }
            }
        })
    }

    /// See `Reader::all_series`.
    pub(super) fn finish(self) -> Vec<Series> {
        let rows = |(bucket, sums): (Moment, HashMap<SmolStr, Tally, RandomState>)| {
            let mut sums: Vec<_> = sums.into_iter().filter(|(_, tally)| !tally.is_empty()).collect();
            sums.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            sums.into_iter().map(move |(key, tally)| (bucket, key, tally))
        };
        self.sums.into_iter().map(|sums| sums.into_iter().flat_map(rows).collect()).collect()
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
