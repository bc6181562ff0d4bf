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
            let wanted = query.scope.holds(&spent.campaign) && query.key.as_ref().is_none_or(|asked| *asked == key);
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

    /// Adds a block of the grain, dimension, span and campaigns that the query of this place asks for.
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
                let wanted = query.scope.holds(&of.campaign) && query.key.as_ref().is_none_or(|asked| *asked == of.key);
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::tally::{encode_block, encode_entry};
    use super::*;
    use crate::law::change::SumKey;
    use crate::law::grain::Grain;
    use app::domain::{CampaignScope, Fact};
    use proptest::prelude::*;

    const DAY: Moment = Moment::from_secs(1_699_920_000);

    proptest! {
        #[test]
        fn a_query_of_several_campaigns_is_the_sum_of_those_of_each(
            changes in prop::collection::vec((0..4_usize, 0..86_400_i64, "[ab]", 0..Fact::ALL.len(), -3..60_i64), 0..30),
            asked in prop::collection::btree_set(0..4_usize, 0..=4),
        ) {
            let name = |n: usize| CampaignId::trusted(["spring", "autumn", "a,b", ""][n]);
            let changes: Vec<_> = changes.into_iter().map(|(campaign, secs, key, fact, n)| {
                let of = SumKey { campaign: name(campaign), dimension: Dimension::Route, key: key.into() };
                let mut tally = Tally::default();
                tally.add(Fact::ALL[fact], n);
                (DAY + app::domain::Span::secs(secs), of, tally)
            }).collect();
            let scopes = std::iter::once(asked.iter().map(|n| name(*n)).collect());
            let scopes = scopes.chain(asked.iter().map(|n| CampaignScope::one(name(*n))));
            let queries: Vec<SumQuery> = scopes.map(|scope| SumQuery {
                dimension: Dimension::Route,
                key: None,
                scope,
                from: DAY,
                to: DAY + app::domain::Span::days(1),
                grain: Grain::Hour,
            }).collect();
            let mut sums = Summing::of(&queries, OpenStates::LeftOut, Tz::UTC);
            // Half of it is folded into blocks already, each a campaign's own; the rest stands in the journal.
            let (folded, journal) = changes.split_at(changes.len() / 2);
            sums.entry(&encode_entry(journal.iter().map(|(at, of, tally)| (*at, of, tally)))).unwrap();
            for (at, of, tally) in folded {
                let bytes = encode_block(&vec![(of.key.clone(), tally.clone())].into_iter().collect());
                for (place, query) in queries.iter().enumerate() {
                    for _ in query.scope.parts().filter(|part| *part == Some(&of.campaign)) {
                        sums.block(place, at.floor(app::domain::Span::hours(1)), &bytes).unwrap();
                    }
                }
            }
            let mut each = sums.finish().into_iter().map(|series| {
                let mut by = BTreeMap::<(Moment, SmolStr), Tally>::new();
                series.into_iter().for_each(|(at, key, tally)| *by.entry((at, key)).or_default() += &tally);
                by
            });
            let whole = each.next().unwrap();
            let mut parts = BTreeMap::<(Moment, SmolStr), Tally>::new();
            for (at, tally) in each.flatten() {
                *parts.entry(at).or_default() += &tally;
            }
            parts.retain(|_, tally| !tally.is_empty());
            prop_assert_eq!(whole, parts);
        }
    }
}
