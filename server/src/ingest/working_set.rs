//! The calls that a commit touches: found, merged, judged, and what that changes.
//!
//! What a call contributed is taken back when the first update of a commit changes it, and added anew once, when all updates
//! are merged. Calls heard of lately are held in memory, the others are looked up by name.

use super::Rejection;
use super::call_cache::{CacheVersion, CallCache};
use super::country;
use super::directory::Directory;
use super::item::CallUpdate;
use super::prefetch::Prefetched;
use crate::law::calls::Before;
use crate::law::contribute::{Judgement, is_active, is_lost};
use crate::law::keys::{Gauges, campaign_of, presence};
use crate::law::sums::{Sign, SumChanges};
use crate::store::StoreError;
use crate::store::write::{CallBefore, CallLookup, CallWrite, FilingHint, StoredCall, WriteStore};
use app::domain::call::{LONGEST_CALL, TOLD_WITHIN};
use app::domain::{Call, CallName, Moment, Number, Span};
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// What became of a call's update.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum MergeOutcome {
    New,
    Known,
    Rejected(Rejection),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Looked at only.
    Seen,
    Changed,
}

#[derive(Debug)]
struct LoadedCall {
    name: CallName,
    kept: StoredCall,
    state: State,
    before: CallBefore,
    /// Numbers that it was told to have, and has not.
    corrected: Vec<Number>,
}

/// The calls of one commit.
#[derive(Debug, Default)]
pub(super) struct WorkingSet {
    touched: Vec<LoadedCall>,
    index: HashMap<CallName, usize, RandomState>,
    gauges: Gauges,
    /// Moments that were let go, since earlier ones were told a day before them.
    pub(super) let_go: u64,
}

impl WorkingSet {
    /// Brings the calls of these names in: from memory, from what was found ahead where one was sought, or from the store.
    pub(super) async fn find(
        &mut self,
        calls: impl Iterator<Item = (CallLookup<'_>, Option<CacheVersion>)>,
        cache: &CallCache,
        mut prefetched: Vec<Prefetched>,
        store: &mut impl WriteStore,
    ) -> Result<(), StoreError> {
        // Most name a call of their own: room at once, instead of growing a dozen times.
        let most = calls.size_hint().0;
        self.index.reserve(most);
        self.touched.reserve(most);
        let mut unknown: HashMap<&CallName, FilingHint, RandomState> = HashMap::default();
        {
            let mut cache = cache.lock();
            let since = cache.has_all_since();
            prefetched.retain(|found| found.as_of >= since);
            for (CallLookup { name, reach }, sought) in calls {
                if self.index.contains_key(name) {
                    continue;
                }
                let was_sought = sought.is_some_and(|version| version >= since);
                if let Some(kept) = cache.take(name) {
                    self.bring(name.clone(), kept);
                } else if let Some(kept) = prefetched.iter_mut().find_map(|found| found.calls.remove(name)) {
                    self.bring(name.clone(), kept);
                } else if !was_sought {
                    unknown.entry(name).and_modify(|known| *known = known.or(reach)).or_insert(reach);
                }
            }
        }
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown: Vec<CallLookup<'_>> =
            unknown.into_iter().map(|(name, reach)| CallLookup { name, reach }).collect();
        let mut found = store.find(&unknown).await?;
        for CallLookup { name, .. } in unknown {
            if let Some(kept) = found.remove(name) {
                self.bring(name.clone(), kept);
            }
        }
        Ok(())
    }

    /// Brings one call in as it was just read, unless it is here or in the cache already.
    pub(super) fn bring_read(&mut self, name: CallName, kept: StoredCall, cache: &CallCache) {
        if !self.index.contains_key(&name) {
            let kept = cache.lock().take(&name).unwrap_or(kept);
            self.bring(name, kept);
        }
    }

    fn bring(&mut self, name: CallName, kept: StoredCall) -> usize {
        let at = self.touched.len();
        self.index.insert(name.clone(), at);
        let up = if is_active(&kept.call, kept.judgement.at) { Before::Up } else { Before::NotUp };
        let own_use = kept.call.own_use().map(|(did, start)| (did.clone(), start));
        let before = CallBefore { due: kept.due, is_lost: is_lost(&kept.call, kept.judgement.at), up, own_use };
        self.touched.push(LoadedCall { name, kept, state: State::Seen, before, corrected: Vec::new() });
        at
    }

    /// Merges what an event tells into its call.
    pub(super) fn merge(&mut self, update: CallUpdate, sums: &mut SumChanges) -> MergeOutcome {
        let CallUpdate { name, at, mut told, far, sought: _ } = update;
        if let Some(name) = apart(&told, &told, LONGEST_CALL) {
            return MergeOutcome::Rejected(Rejection::FarFromCall(name));
        }
        let Some(place) = self.index.get(&name).copied() else {
            if *told == Call::default() {
                return MergeOutcome::Known;
            }
            told.placed_in = country::placed(&told, &[far]);
            let filed_at = told.start().unwrap_or(at);
            let kept = StoredCall { id: None, filed_at, call: told, judgement: Judgement::default(), due: None };
            let place = self.bring(name, kept);
            let new = &mut self.touched[place];
            new.state = State::Changed;
            new.before = CallBefore::default();
            return MergeOutcome::New;
        };
        let touched = &mut self.touched[place];
        if let Some(name) = apart(&told, &touched.kept.call, TOLD_WITHIN) {
            return MergeOutcome::Rejected(Rejection::FarFromCall(name));
        }
        let late = too_late(&told, &touched.kept.call).map(Rejection::AfterCall);
        let numbers =
            [numbers_of(&touched.kept.call), numbers_of(&told)].map(|ends| ends.map(Option::<&Number>::cloned));
        if touched.kept.call.knows(&told) {
            touched.note_corrected(numbers);
            return late.map_or(MergeOutcome::Known, MergeOutcome::Rejected);
        }
        take_back(touched, &mut self.gauges, sums);
        let call = &mut touched.kept.call;
        let noted = country::Found::noted(call);
        self.let_go += overtaken(&told, call);
        call.merge(&told);
        call.placed_in = country::placed(call, &[noted, far]);
        touched.note_corrected(numbers);
        late.map_or(MergeOutcome::New, MergeOutcome::Rejected)
    }

    /// The numbers that calls were told to have and have not, with the calls.
    pub(super) fn corrected(&self) -> impl Iterator<Item = (&CallName, &Call, &Number)> {
        self.touched
            .iter()
            .flat_map(|touched| touched.corrected.iter().map(|number| (&touched.name, &*touched.kept.call, number)))
    }

    /// Judges a call again though nothing new is heard of it: by the clock, or since a setting came late.
    pub(super) fn touch(&mut self, name: &CallName, sums: &mut SumChanges) {
        if let Some(place) = self.index.get(name) {
            take_back(&mut self.touched[*place], &mut self.gauges, sums);
        }
    }

    /// Touches all whose judgement a setting changes; how many.
    pub(super) fn touch_resettled(&mut self, directory: &Directory, sums: &mut SumChanges) -> u64 {
        let mut changed = 0;
        for touched in &mut self.touched {
            let (now, before) = (directory.judge(&touched.kept.call, Moment::MIN), touched.kept.judgement);
            if (now.campaign_mode, now.max_attempts) != (before.campaign_mode, before.max_attempts) {
                take_back(touched, &mut self.gauges, sums);
                changed += 1;
            }
        }
        changed
    }

    /// The changed calls, to be judged and written; and how the gauges moved when they were taken back.
    pub(super) fn changed(&mut self) -> (Vec<CallWrite<'_>>, Gauges) {
        let changed = self.touched.iter_mut().filter(|touched| touched.state == State::Changed);
        let calls = changed
            .map(|t| CallWrite { name: &t.name, kept: &mut t.kept, before: std::mem::take(&mut t.before) })
            .collect();
        (calls, std::mem::take(&mut self.gauges))
    }

    /// Holds the calls for the next commit.
    pub(super) fn committed(self, cache: &CallCache) {
        let mut cache = cache.lock();
        self.touched.into_iter().for_each(|touched| cache.put(touched.name, touched.kept));
    }
}

impl LoadedCall {
    fn note_corrected(&mut self, told: [[Option<Number>; 2]; 2]) {
        let known = numbers_of(&self.kept.call);
        let told = told.into_iter().flatten().flatten();
        self.corrected.extend(told.filter(|number| !known.contains(&Some(number))));
    }
}

fn numbers_of(call: &Call) -> [Option<&Number>; 2] {
    [call.from.get(), call.to.get()]
}

fn take_back(touched: &mut LoadedCall, gauges: &mut Gauges, sums: &mut SumChanges) {
    if touched.state == State::Changed {
        return;
    }
    touched.state = State::Changed;
    let StoredCall { call, judgement, .. } = &touched.kept;
    sums.call(Sign::Minus, call, judgement);
    for key in presence(call, judgement) {
        *gauges.entry(key).or_default() -= 1;
    }
}

/// The first of the moments told that lies farther from one of the call's than it may, by name.
fn apart(told: &Call, call: &Call, may: Span) -> Option<&'static str> {
    let known = || call.moments().chain(told.moments());
    let (first, last) = (known().min()?, known().max()?);
    if last - first <= may {
        return None;
    }
    let is_far = |moment: Moment| call.moments().any(|other| (moment - other).max(other - moment) > may);
    told.named_moments().find(|(_, moment)| is_far(*moment)).map(|(name, _)| name)
}

/// The first of the moments told that comes too late to be the call's, by name.
fn too_late(told: &Call, call: &Call) -> Option<&'static str> {
    let (latest, last) = (call.latest_possible()?, told.last_moment()?);
    if last <= latest {
        return None;
    }
    told.named_moments().find(|(_, moment)| *moment > latest).map(|(name, _)| name)
}

/// How many of the call's moments are none of it any more, since one is told that is so early.
fn overtaken(told: &Call, call: &Call) -> u64 {
    let Some(latest) = told.latest_possible() else { return 0 };
    call.moments().filter(|moment| *moment > latest).count() as u64
}

impl Directory {
    /// What a call is judged with at `at`.
    pub(super) fn judge(&self, call: &Call, at: Moment) -> Judgement {
        Judgement::of(call, self.campaign(&campaign_of(call)), at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::call_cache::HELD;
    use super::*;
    use app::domain::{CallId, RealmId};

    fn name(n: usize) -> CallName {
        CallName { realm: RealmId::trusted("r"), call_id: CallId::trusted(format!("c{n}")) }
    }

    fn kept() -> StoredCall {
        StoredCall { id: None, filed_at: Moment::MIN, call: Box::default(), judgement: Judgement::default(), due: None }
    }

    fn commit(calls: std::ops::Range<usize>, cache: &CallCache) {
        let mut set = WorkingSet::default();
        for n in calls {
            set.bring(name(n), kept());
        }
        set.committed(cache);
    }

    #[test]
    fn what_was_found_ahead_is_used_only_while_all_that_was_committed_since_is_held() {
        let cache = CallCache::new();
        commit(0..10, &cache);
        let update = |n| {
            let (told, far) = (Box::default(), country::Found::default());
            CallUpdate { name: name(n), at: Moment::MIN, told, far, sought: None }
        };
        let mut updates: Vec<CallUpdate> = (0..20).map(update).collect();
        let version = cache.mark_unheld(updates.iter_mut());
        assert!(updates.iter().enumerate().all(|(n, update)| update.sought == (n >= 10).then_some(version)));

        let counts = |version| version >= cache.lock().has_all_since();
        commit(10..10 + HELD, &cache);
        assert!(counts(version));
        assert!((10..10 + HELD).all(|n| cache.lock().has(&name(n))), "whatever was committed since is held");
        commit(0..1, &cache);
        assert!(!counts(version));

        let version = cache.mark_unheld(std::iter::empty());
        assert!(counts(version));
        cache.forget();
        assert!(!counts(version), "another server may have written since");
    }
}
