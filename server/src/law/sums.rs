//! What changes in the sums, collected by bucket and key: by a commit's events, by a step of a replay.

use super::agents::Share;
use super::change::{FactChange, LIVE_GRAIN, SumKey};
use super::contribute::{Contributions, Judgement, contribute};
use super::keys::{campaign_of, keys};
use app::domain::{Call, CampaignId, Dimension, Fact, Moment, Number, Span, Tally};
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::HashMap;

/// Keys known by number; beyond, all are forgotten and learnt again.
const KEYS: usize = 500_000;
/// Grain of the dimensions that memory keeps by the minute.
const MINUTE: Span = Span::minutes(1);

/// Whether contributions are added or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Plus,
    Minus,
}

/// A key of sums by number: hashed once a call, not once a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct KeyId(u32);

/// The numbers of one campaign's keys, by dimension.
type Ids = [HashMap<SmolStr, KeyId, RandomState>; Dimension::ALL.len()];

#[derive(Debug, Default)]
pub(crate) struct SumChanges {
    names: Vec<SumKey>,
    /// By campaign first: a call asks for half a dozen keys of one.
    ids: HashMap<CampaignId, Ids, RandomState>,
    changes: HashMap<(Moment, KeyId), Tally, RandomState>,
}

/// The number of a key of a campaign with these numbers; a new one where it has none.
fn number(ids: &mut Ids, names: &mut Vec<SumKey>, of: SumKey) -> KeyId {
    let ids = &mut ids[of.dimension as usize];
    if let Some(id) = ids.get(&of.key) {
        return *id;
    }
    let id = KeyId(u32::try_from(names.len()).unwrap_or(u32::MAX));
    ids.insert(of.key.clone(), id);
    names.push(of);
    id
}

/// Puts together what falls into one bucket.
fn by_bucket(mut contributions: Contributions, grain: Span) -> Contributions {
    contributions.iter_mut().for_each(|(moment, _)| *moment = moment.floor(grain));
    contributions.sort_unstable_by_key(|(bucket, _)| *bucket);
    contributions.dedup_by(|(bucket, tally), (before, sum)| {
        let same = bucket == before;
        if same {
            *sum += tally;
        }
        same
    });
    contributions
}

impl SumChanges {
    /// Forgets what was not committed.
    pub(crate) fn forget(&mut self) {
        self.names.clear();
        self.ids.clear();
        self.changes.clear();
    }

    fn id(&mut self, of: SumKey) -> KeyId {
        let ids = match self.ids.get_mut(&of.campaign) {
            Some(ids) => ids,
            None => self.ids.entry(of.campaign.clone()).or_default(),
        };
        number(ids, &mut self.names, of)
    }

    /// Adds, or takes back, what a call as judged contributes.
    pub(crate) fn call(&mut self, sign: Sign, call: &Call, judgement: &Judgement) {
        // What is the same for all keys of a grain is put together once.
        let fine = by_bucket(contribute(call, judgement), LIVE_GRAIN);
        let mut coarse = by_bucket(fine.clone(), MINUTE);
        coarse.iter_mut().for_each(|(_, tally)| tally.retain(|slot| !slot.is_pdd_bucket()));
        let campaign = campaign_of(call);
        let ids = match self.ids.get_mut(&campaign) {
            Some(ids) => ids,
            None => self.ids.entry(campaign).or_default(),
        };
        for key in keys(call) {
            let buckets = if key.dimension.is_fine() { &fine } else { &coarse };
            let id = number(ids, &mut self.names, key);
            for (bucket, tally) in buckets {
                let sum = self.changes.entry((*bucket, id)).or_default();
                match sign {
                    Sign::Plus => *sum += tally,
                    Sign::Minus => *sum -= tally,
                }
            }
        }
    }

    /// Adds, or takes back, a share of an agent's time.
    pub(crate) fn share(&mut self, sign: Sign, share: Share) {
        let id = self.id(share.of);
        let ms = if sign == Sign::Plus { share.ms } else { -share.ms };
        self.changes.entry((share.bucket, id)).or_default().add(share.fact, ms);
    }

    /// Adds, or takes back, that a number came into use or was retired.
    pub(crate) fn rotation(&mut self, sign: Sign, did: &Number, (at, fact): (Moment, Fact)) {
        let n = if sign == Sign::Plus { 1 } else { -1 };
        for (dimension, key, grain) in
            [(Dimension::Total, SmolStr::default(), LIVE_GRAIN), (Dimension::Did, SmolStr::new(did.reveal()), MINUTE)]
        {
            let id = self.id(SumKey { campaign: CampaignId::none(), dimension, key });
            self.changes.entry((at.floor(grain), id)).or_default().add(fact, n);
        }
    }

    /// Adds what others have summed up.
    pub(crate) fn summed(&mut self, FactChange { bucket, of, tally }: FactChange) {
        let id = self.id(of);
        *self.changes.entry((bucket, id)).or_default() += &tally;
    }

    /// What was collected of the whole floor, by bucket.
    pub(crate) fn totals(&self) -> impl Iterator<Item = (Moment, &Tally)> {
        let total = |id: KeyId| self.names[id.0 as usize].dimension == Dimension::Total;
        self.changes.iter().filter(move |((_, id), _)| total(*id)).map(|((bucket, _), tally)| (*bucket, tally))
    }

    /// What was collected and amounts to something, by bucket and key.
    pub(crate) fn changes(&mut self) -> impl ExactSizeIterator<Item = (Moment, &SumKey, &Tally)> {
        self.changes.retain(|_, tally| !tally.is_empty());
        self.changes.iter().map(|((bucket, id), tally)| (*bucket, &self.names[id.0 as usize], tally))
    }

    /// What was collected, by bucket and key; then nothing is.
    pub(crate) fn take(&mut self) -> Vec<FactChange> {
        let names = &self.names;
        let told = self.changes.drain().filter(|(_, tally)| !tally.is_empty());
        let told =
            told.map(|((bucket, id), tally)| FactChange { bucket, of: names[id.0 as usize].clone(), tally }).collect();
        if self.names.len() > KEYS {
            self.forget();
        }
        told
    }
}
