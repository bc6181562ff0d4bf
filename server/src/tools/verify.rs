//! Proof that the sums as kept (blocks and journal) are those of the calls, agents, numbers and components as kept.

use super::country::is_misplaced;
use super::first_uses::{Use, Uses};
use super::others::Sampled;
use super::recount::{Blocks, Since, only};
use super::unite::doubled;
use super::walk::{Counted, Done, Walk};
use crate::law;
use crate::law::blocks::Block;
use crate::law::grain::Grain;
use crate::law::span::{SiteDays, Stretch};
use crate::store::StoreError;
use crate::store::audit::{Audit, kept_for};
use crate::store::write::StoredCall;
use app::domain::call::LONGEST_CALL;
use app::domain::facts::Slot;
use app::domain::{CallName, CampaignId, Dimension, Moment, Number, Span, Tally};
use chrono_tz::Tz;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One count that is not that of the recount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub grain: Grain,
    pub bucket: Moment,
    pub dimension: Dimension,
    pub campaign: CampaignId,
    pub key: SmolStr,
    pub counter: Slot,
    pub kept: i64,
    pub recounted: i64,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { grain, bucket, dimension, campaign, key, counter, kept, recounted } = self;
        write!(f, "{} from {}, {}", grain.word(), bucket.to_rfc3339(), dimension.word())?;
        write!(f, " `{key}`, campaign `{campaign}`: ")?;
        match counter.fact() {
            Some(fact) => f.write_str(fact.name())?,
            None => write!(f, "pdd_histogram at position {}", counter.position())?,
        }
        write!(f, " is {kept}, the recount says {recounted}")
    }
}

/// What a proof found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub counted: Counted,
    /// Buckets whose sums were compared.
    pub buckets: u64,
    /// From when on: what lies before can't be proved, since its calls were cleared away. `None`: from the beginning.
    pub from: Option<Moment>,
    /// Whether the sums were made by an earlier edition of the law: what differs may be that and no fault.
    pub is_of_earlier_law: bool,
    /// The first differences, at most as many as were asked for.
    pub differences: Vec<Difference>,
    /// How many there are in all.
    pub different: u64,
    /// The first calls that stand in several rows, at most as many, and how many there are.
    pub doubled: Vec<CallName>,
    pub doubles: u64,
    /// The same of calls of which another country is noted than their number's.
    pub misplaced: Vec<CallName>,
    pub misplaces: u64,
    /// The same of numbers that are the floor's own by no call, or not since then: which, and their first use by the calls.
    pub misdated: Vec<(Number, Option<Moment>)>,
    pub misdates: u64,
}

impl Verdict {
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.different == 0 && self.doubles == 0 && self.misplaces == 0 && self.misdates == 0
    }
}

/// Whether a store's sums were made by an earlier edition of the law than this program's.
///
/// # Errors
/// If the store can't be read.
pub async fn is_of_earlier_law<S: Audit>(store: &mut S) -> Result<bool, StoreError> {
    Ok(store.zone().await?.is_some() && store.edition().await? != Some(law::EDITION))
}

/// From when on the sums are wholly those of calls that are kept: a call, or an agent's last word, from before the mark
/// reaches no further than a day.
pub(super) async fn provable<S: Audit>(store: &mut S) -> Result<Option<Moment>, StoreError> {
    Ok(store.cleared_to().await?.map(|cleared| cleared + LONGEST_CALL))
}

/// The first whole bucket at or after an instant.
pub(super) fn first_bucket(grain: Grain, at: Moment, days: &mut SiteDays) -> Moment {
    let holds = grain.bucket(at, days);
    if holds == at {
        return at;
    }
    match grain {
        Grain::Minutes5 => holds + Span::minutes(5),
        Grain::Hour => holds + Span::hours(1),
        Grain::SiteDay => days.of(at).to,
    }
}

/// From when on sums of each grain and dimension are there to be compared: while they are kept, and their calls.
pub(super) fn since(zone: Tz, provable: Option<Moment>, days_carried_to: Option<Moment>, now: Moment) -> Since {
    let days = std::cell::RefCell::new(SiteDays::new(zone));
    Since::new(|grain, dimension| {
        let first = |at| first_bucket(grain, at, &mut days.borrow_mut());
        let kept = kept_for(grain, dimension).map_or(Moment::MIN, |span| first(now - span));
        let carried = days_carried_to.filter(|_| grain == Grain::SiteDay);
        kept.max(provable.max(carried).map_or(Moment::MIN, first))
    })
}

/// Compares every sum that is kept with a recount, and looks for calls that stand in several rows or
/// are of another country than is noted, and for numbers that no call says are the floor's. Names at most `most` of each. `now` gives the clock once the
/// store's instant is fixed: what is older than it is kept may be gone already, or not yet.
///
/// # Errors
/// If the store can't be read.
pub async fn verify<S: Audit>(
    store: &mut S,
    now: impl Fn() -> Moment,
    most: usize,
    progress: &mut dyn FnMut(Counted, Moment),
) -> Result<Verdict, StoreError> {
    let Some(zone) = store.zone().await? else { return Ok(Verdict::default()) };
    let from = provable(store).await?;
    let now = now();
    let since = since(zone, from, store.days_carried_to().await?, now);
    let mut journal = BTreeMap::new();
    let mut days = SiteDays::new(zone);
    store
        .journal(&mut |at, of, tally| {
            for grain in Grain::ALL.into_iter().filter(|grain| grain.keeps(of.dimension)) {
                let bucket = grain.bucket(at, &mut days);
                let blocks: &mut Blocks = journal.entry((grain, of.dimension)).or_default();
                let block = blocks.entry((bucket, of.campaign.clone())).or_default();
                *block.entry(of.key.clone()).or_default() += &tally;
            }
        })
        .await?;
    let sampled = Sampled::whole_days(now, zone);
    let is_of_earlier_law = is_of_earlier_law(store).await?;
    let verdict = Verdict { from, is_of_earlier_law, ..Verdict::default() };
    let mut compare = Compare { journal, most, sampled, uses: Uses::default(), verdict };
    let mut walk = Walk::new(zone, since, progress);
    sampled.count(store, walk.recount()).await?;
    compare.verdict.counted = walk.run(store, &mut compare).await?;
    let uses = std::mem::take(&mut compare.uses).against(store.dids().await?, from);
    let wrong = uses.into_iter().filter(Use::is_wrong).map(|of| (of.number, of.right.seen.first()));
    let wrong: Vec<_> = wrong.collect();
    compare.verdict.misdates = wrong.len() as u64;
    compare.verdict.misdated = wrong.into_iter().take(most).collect();
    let doubled = doubled(store).await?;
    compare.verdict.doubles = doubled.len() as u64;
    compare.verdict.doubled = doubled.into_iter().take(most).map(|call| call.name).collect();
    Ok(compare.verdict)
}

struct Compare {
    /// What is not yet in the blocks.
    journal: BTreeMap<(Grain, Dimension), Blocks>,
    most: usize,
    sampled: Sampled,
    uses: Uses,
    verdict: Verdict,
}

impl<S: Audit> Done<S> for Compare {
    fn call(&mut self, name: &CallName, kept: &StoredCall) {
        self.uses.call(&kept.call);
        if is_misplaced(&kept.call) {
            self.verdict.misplaces += 1;
            if self.verdict.misplaced.len() < self.most {
                self.verdict.misplaced.push(name.clone());
            }
        }
    }

    async fn done(
        &mut self,
        store: &mut S,
        grain: Grain,
        dimension: Dimension,
        during: Stretch,
        mut counted: Blocks,
    ) -> Result<(), StoreError> {
        let journal = self.journal.entry((grain, dimension)).or_default();
        let later = journal.split_off(&(during.to, CampaignId::none()));
        let mut pending = std::mem::replace(journal, later);
        pending.retain(|(bucket, _), _| *bucket >= during.from);
        let (verdict, sampled) = ((&mut self.verdict, self.most), self.sampled);
        let mut compare = Pair { grain, dimension, verdict };
        let each = &mut |bucket, campaign, mut kept: Block| {
            let place = (bucket, campaign);
            add(&mut kept, pending.remove(&place).unwrap_or_default());
            only(&mut kept, |counter| sampled.covers(counter, place.0));
            compare.blocks(&place, &kept, &counted.remove(&place).unwrap_or_default());
        };
        store.blocks(grain, dimension, during, each).await?;
        // What has no block yet, or should have one.
        let places: BTreeSet<_> = pending.keys().chain(counted.keys()).cloned().collect();
        for place in places {
            let mut kept = pending.remove(&place).unwrap_or_default();
            only(&mut kept, |counter| sampled.covers(counter, place.0));
            compare.blocks(&place, &kept, &counted.remove(&place).unwrap_or_default());
        }
        Ok(())
    }
}

fn add(block: &mut Block, more: Block) {
    for (key, tally) in more {
        *block.entry(key).or_default() += &tally;
    }
}

struct Pair<'v> {
    grain: Grain,
    dimension: Dimension,
    verdict: (&'v mut Verdict, usize),
}

impl Pair<'_> {
    fn blocks(&mut self, place: &(Moment, CampaignId), kept: &Block, recounted: &Block) {
        self.verdict.0.buckets += 1;
        if kept == recounted {
            return;
        }
        let none = Tally::default();
        for key in kept.keys().chain(recounted.keys()).collect::<BTreeSet<_>>() {
            let (kept, recounted) = (kept.get(key).unwrap_or(&none), recounted.get(key).unwrap_or(&none));
            let counters: BTreeSet<Slot> = kept.iter().chain(recounted.iter()).map(|(slot, _)| slot).collect();
            for counter in counters.into_iter().filter(|counter| kept.get(*counter) != recounted.get(*counter)) {
                self.verdict.0.different += 1;
                if self.verdict.0.differences.len() < self.verdict.1 {
                    self.verdict.0.differences.push(Difference {
                        grain: self.grain,
                        bucket: place.0,
                        dimension: self.dimension,
                        campaign: place.1.clone(),
                        key: key.clone(),
                        counter,
                        kept: kept.get(counter),
                        recounted: recounted.get(counter),
                    });
                }
            }
        }
    }
}
