//! What a commit changes in the sums: collected while events are heard, written as whole rows, told to the live state.

use super::memory::Memory;
use crate::aggregate::agents::Share;
use crate::aggregate::change::{FactChange, LIVE_GRAIN, SumKey};
use crate::aggregate::contribute::{Judgement, contribute};
use crate::aggregate::keys::keys;
use crate::aggregate::span::SiteDays;
use crate::store::StoreError;
use crate::store::read::Grain;
use crate::store::write::{Bucket, RollupWrite, WriteStore};
use app::domain::{Call, CampaignId, Dimension, Moment, Span, Tally};
use foldhash::fast::RandomState;
use std::collections::{HashMap, HashSet};

/// Rows of sums held in each of two generations: the open hours and days of 5,000 DIDs in a few campaigns, twice.
const ROWS: usize = 100_000;
/// Keys known by number; beyond, all are forgotten and learnt again.
const KEYS: usize = 500_000;
/// Grain of the dimensions that memory keeps by the minute.
const MINUTE: Span = Span::minutes(1);

/// Whether contributions are added or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

/// A key of sums by number: hashed once a call, not once a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct KeyId(u32);

#[derive(Debug)]
pub(super) struct Sums {
    names: Vec<SumKey>,
    ids: HashMap<SumKey, KeyId, RandomState>,
    rows: Memory<(Grain, Moment, KeyId), Tally, RandomState>,
    changes: HashMap<(Moment, KeyId), Tally, RandomState>,
    days: SiteDays,
}

/// The rows that a commit writes.
#[derive(Debug, Default)]
pub(super) struct Rows(Vec<(Bucket, KeyId, Tally)>);

impl Sums {
    pub(super) fn new(days: SiteDays) -> Self {
        Self { names: Vec::new(), ids: HashMap::default(), rows: Memory::of(ROWS), changes: HashMap::default(), days }
    }

    pub(super) fn held(&self) -> usize {
        self.rows.len()
    }

    /// Forgets all that is held of the database, and what was not committed.
    pub(super) fn forget(&mut self) {
        self.names.clear();
        self.ids.clear();
        self.rows.clear();
        self.changes.clear();
    }

    fn id(&mut self, key: SumKey) -> KeyId {
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        let id = KeyId(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.names.push(key.clone());
        self.ids.insert(key, id);
        id
    }

    /// Adds, or takes back, what a call as judged contributes.
    pub(super) fn call(&mut self, sign: Sign, call: &Call, judgement: &Judgement) {
        let contributions = contribute(call, judgement);
        for key in keys(call) {
            let fine = key.dimension.is_fine();
            let id = self.id(key);
            for (moment, tally) in &contributions {
                let bucket = moment.floor(if fine { LIVE_GRAIN } else { MINUTE });
                let sum = self.changes.entry((bucket, id)).or_default();
                for (slot, n) in tally.iter().filter(|(slot, _)| fine || !slot.is_pdd_bucket()) {
                    sum.add(slot, if sign == Sign::Plus { n } else { -n });
                }
            }
        }
    }

    /// Adds, or takes back, a share of an agent's time.
    pub(super) fn share(&mut self, sign: Sign, share: Share) {
        let id = self.id(share.of);
        let ms = if sign == Sign::Plus { share.ms } else { -share.ms };
        self.changes.entry((share.bucket, id)).or_default().add(share.fact, ms);
    }

    /// The rows as they will be: those held or kept, and the changes.
    pub(super) async fn rows(&mut self, store: &mut impl WriteStore) -> Result<Rows, StoreError> {
        let mut changes: HashMap<(Grain, Moment, KeyId), Tally, RandomState> = HashMap::default();
        for ((at, id), tally) in self.changes.iter().filter(|(_, tally)| !tally.is_empty()) {
            let dimension = self.names[id.0 as usize].dimension;
            for grain in Grain::ALL.into_iter().filter(|grain| grain.keeps(dimension)) {
                let from = match grain {
                    Grain::Minutes5 => at.floor(Span::minutes(5)),
                    Grain::Hour => at.floor(Span::hours(1)),
                    Grain::SiteDay => self.days.of(*at).from,
                };
                *changes.entry((grain, from, *id)).or_default() += tally;
            }
        }
        changes.retain(|_, tally| !tally.is_empty());
        let mut rows = Vec::with_capacity(changes.len());
        let mut unknown = Vec::new();
        for ((grain, from, id), change) in changes {
            let bucket = Bucket { grain, from };
            match self.rows.take(&(grain, from, id)) {
                Some(mut row) => {
                    row += &change;
                    rows.push((bucket, id, row));
                }
                None => unknown.push((bucket, id, change)),
            }
        }
        let asked: Vec<_> = unknown.iter().map(|(bucket, id, _)| (*bucket, &self.names[id.0 as usize])).collect();
        let found = store.rollups(&asked).await?;
        for ((bucket, id, change), kept) in unknown.into_iter().zip(found) {
            let mut row = kept.unwrap_or_default();
            row += &change;
            rows.push((bucket, id, row));
        }
        Ok(Rows(rows))
    }

    pub(super) fn writes<'a>(&'a self, rows: &'a Rows) -> Vec<RollupWrite<'a>> {
        let write = |(bucket, id, tally): &'a (Bucket, KeyId, Tally)| RollupWrite {
            bucket: *bucket,
            of: &self.names[id.0 as usize],
            tally,
        };
        rows.0.iter().map(write).collect()
    }

    /// Campaigns of which this commit took the last of a day back.
    pub(super) fn emptied_days(&self, rows: &Rows) -> HashSet<CampaignId> {
        let emptied = rows.0.iter().filter(|(bucket, _, tally)| bucket.grain == Grain::SiteDay && tally.is_empty());
        emptied
            .map(|(_, id, _)| &self.names[id.0 as usize])
            .filter(|of| of.dimension == Dimension::Campaign)
            .map(|of| of.campaign.clone())
            .collect()
    }

    /// Holds the rows that were written, and tells the changes.
    pub(super) fn committed(&mut self, rows: Rows) -> Vec<FactChange> {
        for (bucket, id, tally) in rows.0 {
            self.rows.put((bucket.grain, bucket.from, id), tally);
        }
        let facts = self.take_changes();
        if self.names.len() > KEYS {
            self.forget();
        }
        facts
    }

    /// What was collected, by bucket and key.
    pub(super) fn take_changes(&mut self) -> Vec<FactChange> {
        let names = &self.names;
        let told = self.changes.drain().filter(|(_, tally)| !tally.is_empty());
        told.map(|((bucket, id), tally)| FactChange { bucket, of: names[id.0 as usize].clone(), tally }).collect()
    }
}
