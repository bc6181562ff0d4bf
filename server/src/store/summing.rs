//! Adding up what is kept of sums, the same in every database: blocks, and the journal of what is not yet in them.
//!
//! The database's folder reads the rows, as of one instant, and hands their bytes over.

use super::StoreError;
use super::read::{OpenStates, Series, SumQuery};
use super::tally::{add_block, read_block, read_entry};
use crate::law::agents::{self, AgentReport};
use crate::law::span::SiteDays;
use app::domain::{AgentId, CampaignId, Dimension, Moment, Tally};
use chrono_tz::Tz;
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

/// The answers to some queries as their rows come in.
#[derive(Debug)]
pub(super) struct Summing<'q> {
    queries: &'q [SumQuery],
    open: OpenStates,
    day_of: SiteDays,
    /// Of each query, by bucket and key.
    sums: Vec<BTreeMap<Moment, HashMap<SmolStr, Tally, RandomState>>>,
}

impl<'q> Summing<'q> {
    pub(super) fn of(queries: &'q [SumQuery], open: OpenStates, zone: Tz) -> Self {
        Self { queries, open, day_of: SiteDays::new(zone), sums: vec![BTreeMap::new(); queries.len()] }
    }

    /// Whether agents' open states are to be read.
    pub(super) fn wants_open_states(&self) -> bool {
        let has_agents = |query: &SumQuery| match query.dimension {
            Dimension::Total | Dimension::Campaign | Dimension::Agent => query.grain.keeps(query.dimension),
            Dimension::Route
            | Dimension::Country
            | Dimension::Did
            | Dimension::Queue
            | Dimension::SipCode
            | Dimension::Component => false,
        };
        self.open != OpenStates::LeftOut && self.queries.iter().any(has_agents)
    }

    /// Adds the part of an agent's open state that each query's span holds; the agent was judged last at `judged`.
    pub(super) fn open_state(&mut self, agent: &AgentId, judged: Moment, last: &AgentReport) {
        let Self { queries, open, day_of, sums } = self;
        let OpenStates::CountedTo(now) = *open else { return };
        let Some(spent) = agents::open(last, judged, now) else { return };
        let Some(fact) = agents::fact(spent.state) else { return };
        for (query, sums) in queries.iter().zip(sums).filter(|(query, _)| query.grain.keeps(query.dimension)) {
            let Some(key) = agents::key_in(query.dimension, agent, &spent.campaign) else { continue };
            let wanted = query.campaign.as_ref().is_none_or(|campaign| *campaign == spent.campaign)
                && query.key.as_ref().is_none_or(|asked| *asked == key);
            let mut from = spent.during.from.max(query.from);
            let to = spent.during.to.min(query.to);
            while wanted && from < to {
                let bucket = query.grain.stretch(from, day_of);
                let until = bucket.to.min(to);
                let sums = sums.entry(bucket.from).or_default();
                sums.entry(key.clone()).or_default().add(fact, until.millis() - from.millis());
                from = until;
            }
        }
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
        let Self { queries, day_of, sums, open: _ } = self;
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

/// The site days of one campaign.
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

    /// Oldest first.
    pub(super) fn finish(self) -> Vec<(Moment, Tally)> {
        self.days.into_iter().collect()
    }
}
