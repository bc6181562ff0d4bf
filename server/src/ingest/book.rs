//! The settings in force, and the names that exist: campaigns, routes and DIDs, as merged.
//!
//! A campaign, route or DID first seen in a call exists from then on; `*.updated` only enriches it.

use super::counters::IngestCounters;
use super::sums::{Sign, Sums};
use crate::aggregate::change::Change;
use crate::store::read::Settings;
use crate::store::write::{Rejudgement, RowId};
use app::domain::call::LONGEST_CALL;
use app::domain::event::{CampaignUpdated, DidUpdated, RouteUpdated};
use app::domain::settings::History;
use app::domain::{Call, Campaign, CampaignId, Did, Fact, Moment, Number, Route, RouteId};
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;

/// Names of each kind that are listed for having been seen in a call; a source that makes names up must not fill memory.
const NAMES: usize = 100_000;

#[derive(Debug, Default)]
pub(super) struct Book {
    campaigns: HashMap<CampaignId, Campaign>,
    routes: HashMap<RouteId, Route>,
    dids: HashMap<Number, Did>,
    changed_campaigns: BTreeSet<CampaignId>,
    changed_routes: BTreeSet<RouteId>,
    changed_dids: BTreeSet<Number>,
    /// Campaigns whose start was told anew.
    pub(super) restarted: BTreeSet<CampaignId>,
    /// Spans of calls that a late setting makes to be judged again.
    pub(super) resettled: Vec<Rejudgement>,
}

/// Whether an event changed what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    New,
    Known,
}

impl Book {
    pub(super) fn of(settings: Settings) -> Self {
        Self {
            campaigns: settings.campaigns.into_iter().collect(),
            routes: settings.routes.into_iter().collect(),
            dids: settings.dids.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Takes over settings as another server has merged them.
    pub(super) fn take_over(&mut self, change: &Change) {
        self.campaigns.extend(change.campaigns.iter().cloned());
        self.routes.extend(change.routes.iter().cloned());
        self.dids.extend(change.dids.iter().cloned());
    }

    pub(super) fn campaign(&self, id: &CampaignId) -> Option<&Campaign> {
        self.campaigns.get(id)
    }

    pub(super) fn all(&self) -> Settings {
        Settings {
            campaigns: self.campaigns.iter().map(|(id, c)| (id.clone(), c.clone())).collect(),
            routes: self.routes.iter().map(|(id, r)| (id.clone(), r.clone())).collect(),
            dids: self.dids.iter().map(|(n, d)| (n.clone(), d.clone())).collect(),
        }
    }

    pub(super) fn campaign_told(&mut self, body: &CampaignUpdated, at: Moment) -> Noted {
        let before = self.campaigns.get(&body.campaign);
        let mut after = before.cloned().unwrap_or_default();
        after.merge(&Campaign::told_by(body, at));
        if before == Some(&after) {
            return Noted::Known;
        }
        let none = Campaign::default();
        let before = before.unwrap_or(&none);
        if before.started_at.get() != after.started_at.get() {
            self.restarted.insert(body.campaign.clone());
        }
        let spans =
            [span_of_change(&before.modes, &after.modes), span_of_change(&before.max_attempts, &after.max_attempts)];
        for (from, to) in spans.into_iter().flatten() {
            self.resettled.push(Rejudgement {
                id: None,
                campaign: body.campaign.clone(),
                after: from.map_or(RowId::FIRST, |from| RowId::at(from - LONGEST_CALL)),
                to: to.map_or(RowId::LAST, |to| RowId::at(to + LONGEST_CALL)),
            });
        }
        self.changed_campaigns.insert(body.campaign.clone());
        self.campaigns.insert(body.campaign.clone(), after);
        Noted::New
    }

    pub(super) fn route_told(&mut self, body: &RouteUpdated, at: Moment) -> Noted {
        let told = Route::told_by(body, at);
        note(&mut self.routes, &mut self.changed_routes, &body.route, |route| route.merge(&told))
    }

    pub(super) fn did_told(&mut self, body: &DidUpdated, at: Moment, sums: &mut Sums) -> Noted {
        self.did_merge(&body.did, &Did::told_by(body, at), sums)
    }

    /// Takes in that a call which started at `at` bears this number.
    pub(super) fn did_seen(&mut self, did: &Number, at: Moment, sums: &mut Sums, counters: &IngestCounters) {
        match self.dids.get(did) {
            Some(known) if known.seen.is_some_and(|seen| seen <= at) => {}
            None if self.dids.len() >= NAMES => counters.names_unlisted.add(1),
            Some(_) | None => {
                self.did_merge(did, &Did::seen_at(at), sums);
            }
        }
    }

    fn did_merge(&mut self, did: &Number, told: &Did, sums: &mut Sums) -> Noted {
        let before = self.dids.get(did).map(Did::rotations).unwrap_or_default();
        let noted = note(&mut self.dids, &mut self.changed_dids, did, |known| known.merge(told));
        let after = self.dids.get(did).map(Did::rotations).unwrap_or_default();
        if before != after {
            before.into_iter().for_each(|rotation| sums.rotation(Sign::Minus, did, rotation));
            after.into_iter().for_each(|rotation| sums.rotation(Sign::Plus, did, rotation));
        }
        noted
    }

    /// Every change of use of the floor's numbers since an instant.
    pub(super) fn rotations_since(&self, since: Moment) -> impl Iterator<Item = (&Number, (Moment, Fact))> {
        let all = self.dids.iter().flat_map(|(did, known)| known.rotations().into_iter().map(move |r| (did, r)));
        all.filter(move |(_, (at, _))| *at >= since)
    }

    /// Lists the names that a call bears.
    pub(super) fn seen(&mut self, call: &Call, counters: &IngestCounters) {
        list(&mut self.campaigns, &mut self.changed_campaigns, call.campaign.get(), counters);
        list(&mut self.routes, &mut self.changed_routes, call.route.get(), counters);
        list(&mut self.dids, &mut self.changed_dids, call.did(), counters);
    }

    /// What changed since the last time, as merged.
    pub(super) fn take_changes(&mut self) -> Settings {
        Settings {
            campaigns: taken(&mut self.changed_campaigns, &self.campaigns),
            routes: taken(&mut self.changed_routes, &self.routes),
            dids: taken(&mut self.changed_dids, &self.dids),
        }
    }
}

fn taken<I: Ord + Hash + Clone, T: Clone>(changed: &mut BTreeSet<I>, all: &HashMap<I, T>) -> Vec<(I, T)> {
    std::mem::take(changed).into_iter().filter_map(|id| all.get(&id).cloned().map(|settings| (id, settings))).collect()
}

fn note<I: Ord + Hash + Clone, T: Clone + Default + PartialEq>(
    all: &mut HashMap<I, T>,
    changed: &mut BTreeSet<I>,
    id: &I,
    merge: impl FnOnce(&mut T),
) -> Noted {
    let before = all.get(id);
    let mut after = before.cloned().unwrap_or_default();
    merge(&mut after);
    if before == Some(&after) {
        return Noted::Known;
    }
    all.insert(id.clone(), after);
    changed.insert(id.clone());
    Noted::New
}

fn list<I: Ord + Hash + Clone, T: Default>(
    all: &mut HashMap<I, T>,
    changed: &mut BTreeSet<I>,
    id: Option<&I>,
    counters: &IngestCounters,
) {
    let Some(id) = id.filter(|id| !all.contains_key(*id)) else { return };
    if all.len() >= NAMES {
        counters.names_unlisted.add(1);
        return;
    }
    all.insert(id.clone(), T::default());
    changed.insert(id.clone());
}

/// From when to when another value is in force than before; open where there is no bound. One span around all changes.
fn span_of_change<T: app::domain::call::Rank + Clone + PartialEq>(
    before: &History<T>,
    after: &History<T>,
) -> Option<(Option<Moment>, Option<Moment>)> {
    let (before, after): (BTreeMap<_, _>, BTreeMap<_, _>) = (before.iter().collect(), after.iter().collect());
    let edges: BTreeSet<Moment> = before.keys().chain(after.keys()).copied().collect();
    let in_force = |history: &BTreeMap<Moment, &T>, at: Moment| {
        history.range(..=at).next_back().or_else(|| history.first_key_value()).map(|(_, v)| (*v).clone())
    };
    let edges: Vec<Moment> = std::iter::once(Moment::MIN).chain(edges).collect();
    let differs: Vec<bool> = edges.iter().map(|at| in_force(&before, *at) != in_force(&after, *at)).collect();
    let first = differs.iter().position(|differs| *differs)?;
    let last = differs.iter().rposition(|differs| *differs)?;
    let from = (first > 0).then(|| edges[first]);
    Some((from, edges.get(last + 1).copied()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::domain::outcome::Mode;

    #[test]
    fn a_late_setting_concerns_the_span_in_which_it_is_in_force() {
        let at = Moment::from_secs;
        let history = |told: &[(i64, Mode)]| {
            let mut history = History::default();
            told.iter().for_each(|(secs, mode)| history.tell(at(*secs), *mode));
            history
        };
        let none = history(&[]);
        let one = history(&[(10, Mode::Predictive)]);
        let two = history(&[(10, Mode::Predictive), (20, Mode::Preview)]);
        assert_eq!(span_of_change(&none, &one), Some((None, None)), "the first tells of all calls");
        assert_eq!(span_of_change(&one, &two), Some((Some(at(20)), None)));
        let three = history(&[(10, Mode::Predictive), (15, Mode::Preview), (20, Mode::Preview)]);
        assert_eq!(span_of_change(&two, &three), Some((Some(at(15)), Some(at(20)))));
        assert_eq!(span_of_change(&two, &two), None);
    }
}
