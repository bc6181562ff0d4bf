//! Component time as it passes: counted on every five minutes, and again where a sample comes late.
//!
//! Holds of each component how far it is counted (how many there may be, `names` says); its samples are the store's. What is counted is a function of the
//! samples and of the last whole five minutes alone, so that the order in which samples come does not matter.

use super::due::DueQueue;
use crate::law::agents::{FINE_REACH, Share};
use crate::law::components::{Beat, UNOBSERVED, observed, shares};
use crate::law::samples::SampleKind;
use crate::law::span::Stretch;
use crate::law::sums::{Sign, SumChanges};
use crate::store::StoreError;
use crate::store::keeping;
use crate::store::write::{Due, KnownComponent, WriteStore};
use app::domain::event::HealthSample;
use app::domain::{ComponentId, Moment, SourceId, Span};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Time is counted in steps of this.
const STEP: Span = Span::minutes(5);
/// Late samples this close together are taken in at once.
const TOGETHER: Span = Span::hours(1);
/// Samples older than this count no time: those beside them may be cleared away by now (they are kept for 35 days).
const OLDEST: Span = Span::days(32);

#[derive(Debug, Clone, Copy)]
struct Known {
    counted_to: Moment,
    heard_at: Moment,
}

/// How far the time of each component is counted.
#[derive(Debug, Default)]
pub(super) struct Components {
    known: BTreeMap<ComponentId, Known>,
    changed: BTreeSet<ComponentId>,
}

/// The new health samples of one commit, and the components that are due; without samples where only time has passed.
#[derive(Debug, Default)]
pub(super) struct Beats(BTreeMap<ComponentId, Vec<Beat>>);

impl Beats {
    pub(super) fn of(due: impl Iterator<Item = ComponentId>) -> Self {
        Self(due.map(|component| (component, Vec::new())).collect())
    }

    pub(super) fn add(&mut self, body: &HealthSample, at: Moment, source: &SourceId) {
        let beat = Beat { at, source: source.clone(), status: body.status };
        self.0.entry(body.component.clone()).or_default().push(beat);
    }
}

impl Components {
    /// Takes what the store knows, and puts them in the queue of the due.
    pub(super) fn know(&mut self, known: Vec<KnownComponent>, due: &mut DueQueue) {
        self.changed.clear();
        self.known = known
            .into_iter()
            .map(|KnownComponent { component, counted_to, heard_at }| (component, Known { counted_to, heard_at }))
            .collect();
        self.known.iter().for_each(|(component, known)| enqueue(component, *known, due));
    }

    /// Forgets those of which no sample is kept any more.
    pub(super) fn forget(&mut self, now: Moment) {
        let kept = now - keeping::samples(SampleKind::Health);
        self.known.retain(|_, known| known.heard_at.max(known.counted_to) >= kept);
    }

    /// How far the time of those that changed is counted now.
    pub(super) fn take_changes(&mut self) -> Vec<(ComponentId, Moment)> {
        let changed = std::mem::take(&mut self.changed).into_iter();
        changed.filter_map(|c| self.known.get(&c).map(|known| (c.clone(), known.counted_to))).collect()
    }

    /// All that is counted since an instant.
    pub(super) async fn shares_since(
        &self,
        since: Moment,
        store: &mut impl WriteStore,
    ) -> Result<Vec<Share>, StoreError> {
        let mut all = Vec::new();
        for (component, known) in self.known.iter().filter(|(_, known)| known.counted_to > since) {
            let during = Stretch { from: since.floor(STEP), to: known.counted_to };
            let beats = store.beats(component, during).await?;
            all.extend(shares(component, &observed(&beats, during), since - FINE_REACH));
        }
        all.retain(|share| share.bucket >= since);
        Ok(all)
    }
}

/// A component is due at the next step while any source observes it.
fn enqueue(component: &ComponentId, known: Known, due: &mut DueQueue) {
    if known.heard_at + UNOBSERVED > known.counted_to {
        due.insert(known.counted_to + STEP, Due::Component(component.clone()));
    }
}

/// Counts what new samples and passed time change.
pub(super) async fn count(
    beats: Beats,
    now: Moment,
    components: &mut Components,
    store: &mut impl WriteStore,
    sums: &mut SumChanges,
    due: &mut DueQueue,
) -> Result<(), StoreError> {
    for (component, mut new) in beats.0 {
        let before = components.known.get(&component).copied();
        if before.is_none() && new.is_empty() {
            continue;
        }
        new.retain(|beat| beat.at > now - OLDEST);
        new.sort_by_key(|beat| beat.at);
        let mut known = before.unwrap_or(Known { counted_to: now.floor(STEP), heard_at: Moment::MIN });
        due.remove(known.counted_to + STEP, Due::Component(component.clone()));
        let mut counting =
            Counting { component: &component, fine_from: now - FINE_REACH, store: &mut *store, sums: &mut *sums };
        counting.late(&new, known.counted_to).await?;
        let to = now.floor(STEP).max(known.counted_to);
        if to > known.counted_to {
            counting.on(&new, Stretch { from: known.counted_to, to }).await?;
        }
        known.heard_at = new.last().map_or(known.heard_at, |beat| beat.at.max(known.heard_at));
        if before.is_none() || to > known.counted_to {
            components.changed.insert(component.clone());
        }
        known.counted_to = to;
        enqueue(&component, known, due);
        components.known.insert(component, known);
    }
    Ok(())
}

/// The counting of one component's time.
struct Counting<'a, S> {
    component: &'a ComponentId,
    fine_from: Moment,
    store: &'a mut S,
    sums: &'a mut SumChanges,
}

impl<S: WriteStore> Counting<'_, S> {
    /// Adds a stretch of which nothing is counted yet.
    async fn on(&mut self, new: &[Beat], mut during: Stretch) -> Result<(), StoreError> {
        // One that was not heard of for long was not observed: there is nothing to look through.
        let oldest = during.to - OLDEST;
        during.from = during.from.max(oldest);
        let mut beats = self.store.beats(self.component, during).await?;
        replace(&mut beats, new);
        self.add(Sign::Plus, &beats, during);
        Ok(())
    }

    /// Counts again what samples change that lie before `counted_to`.
    async fn late(&mut self, new: &[Beat], counted_to: Moment) -> Result<(), StoreError> {
        let late = &new[..new.partition_point(|beat| beat.at < counted_to)];
        let mut taken_in = 0;
        for run in late.chunk_by(|a, b| b.at - a.at <= TOGETHER) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let around = Stretch { from: first.at, to: last.at + Span::millis(1) };
            let beside = self.store.beats(self.component, around).await?;
            let to = run.iter().map(|beat| reach(&beat.source, &beside, last.at)).max().unwrap_or(last.at);
            let during = Stretch { from: first.at, to: to.min(counted_to) };
            let mut beats = self.store.beats(self.component, during).await?;
            replace(&mut beats, &late[..taken_in]);
            self.add(Sign::Minus, &beats, during);
            replace(&mut beats, run);
            self.add(Sign::Plus, &beats, during);
            taken_in += run.len();
        }
        Ok(())
    }

    fn add(&mut self, sign: Sign, beats: &[Beat], during: Stretch) {
        for share in shares(self.component, &observed(beats, during), self.fine_from) {
            self.sums.share(sign, share);
        }
    }
}

/// Puts samples in the place of those of the same source and instant.
fn replace(beats: &mut Vec<Beat>, with: &[Beat]) {
    let replaced: HashSet<(Moment, &SourceId)> = with.iter().map(|new| (new.at, &new.source)).collect();
    beats.retain(|old| !replaced.contains(&(old.at, &old.source)));
    beats.extend_from_slice(with);
}

/// Up to where a late sample of `source` can change what is counted: the next one that is counted ends it, and has another
/// interval now; the one after that ends what that changes.
fn reach(source: &SourceId, counted: &[Beat], after: Moment) -> Moment {
    let later = |beat: &&Beat| beat.source == *source && beat.at > after;
    let later: BTreeSet<Moment> = counted.iter().filter(later).map(|beat| beat.at).collect();
    let open = after + UNOBSERVED + UNOBSERVED;
    later.into_iter().nth(1).map_or(open, |second| second.min(open))
}
