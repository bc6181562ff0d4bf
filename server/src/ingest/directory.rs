//! The settings in force, and the names that exist: campaigns, routes and DIDs, as merged.
//!
//! A campaign, route or DID first seen in a call exists from then on; `*.updated` only enriches it.

use super::counters::IngestCounters;
use super::first_uses::Search;
use super::last_seen::{LastSeen, day};
use super::names::TooManyNames;
use super::persons::Persons;
use crate::kit::mask::Veil;
use crate::law::change::{Change, Gone, HeardOn};
use crate::law::sums::{Sign, SumChanges};
use crate::store::read::Settings;
use crate::store::write::{Rejudgement, RowId};
use app::domain::call::LONGEST_CALL;
use app::domain::event::{CampaignUpdated, DidUpdated, RouteUpdated};
use app::domain::settings::History;
use app::domain::{Call, CallName, Campaign, CampaignId, Did, Fact, Moment, Number, Route, RouteId};
use foldhash::fast::RandomState;
use std::collections::BTreeSet;
use std::hash::Hash;

type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;

/// Names of each kind that are listed, seen in a call or told of; a source that makes names up must not fill memory.
pub(super) const NAMES: usize = 100_000;

#[derive(Debug, Default)]
pub(super) struct Directory {
    campaigns: HashMap<CampaignId, Campaign>,
    routes: HashMap<RouteId, Route>,
    dids: HashMap<Number, Did>,
    changed_campaigns: BTreeSet<CampaignId>,
    changed_routes: BTreeSet<RouteId>,
    changed_dids: BTreeSet<Number>,
    /// When they were last heard of.
    heard: LastSeen,
    /// For first uses of numbers, where one is under way.
    pub(super) search: Search,
    /// Whose numbers stand in names.
    pub(super) persons: Persons,
    /// Campaigns whose start was told anew.
    pub(super) restarted: BTreeSet<CampaignId>,
    /// Spans of calls that a late setting makes to be judged again.
    pub(super) resettled: Vec<Rejudgement>,
}

/// Whether an event changed what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoteOutcome {
    New,
    Known,
    NoRoom(TooManyNames),
}

impl Directory {
    pub(super) fn of(settings: Settings, heard: HeardOn, veil: Veil) -> Self {
        Self {
            heard: LastSeen::of(heard),
            campaigns: settings.campaigns.into_iter().collect(),
            routes: settings.routes.into_iter().collect(),
            search: Search::of(
                settings.dids.iter().filter(|(_, did)| did.seen.is_in_doubt()).map(|(number, _)| number),
            ),
            dids: settings.dids.into_iter().collect(),
            persons: Persons::of(settings.persons, veil),
            ..Self::default()
        }
    }

    /// Takes over settings as another server has merged them.
    pub(super) fn take_over(&mut self, change: &Change) {
        self.campaigns.extend(change.campaigns.iter().cloned());
        self.routes.extend(change.routes.iter().cloned());
        self.dids.extend(change.dids.iter().cloned());
        self.dids.retain(|_, did| did.is_known());
        self.persons.take_over(&change.persons);
    }

    pub(super) fn campaign(&self, id: &CampaignId) -> Option<&Campaign> {
        self.campaigns.get(id)
    }

    pub(super) fn all(&self) -> Settings {
        Settings {
            campaigns: self.campaigns.iter().map(|(id, c)| (id.clone(), c.clone())).collect(),
            routes: self.routes.iter().map(|(id, r)| (id.clone(), r.clone())).collect(),
            dids: self.dids.iter().map(|(n, d)| (n.clone(), d.clone())).collect(),
            persons: self.persons.all(),
        }
    }

    /// What is heard from now on is heard at `now`.
    pub(super) const fn is_now(&mut self, now: Moment) {
        self.heard.is_now(now);
    }

    /// Hears a campaign's name, where it is listed.
    pub(super) fn hear_campaign(&mut self, id: &CampaignId) {
        if self.campaigns.contains_key(id) {
            self.heard.campaign(id);
        }
    }

    /// Names of which nothing is kept that is newer than `gone`: so many of each kind at most.
    pub(super) fn unheard(&mut self, gone: Moment, most: usize) -> Gone {
        let listed = (self.campaigns.keys(), self.routes.keys(), self.dids.keys());
        self.heard.unheard(listed, day(gone), most)
    }

    /// Forgets names.
    pub(super) fn forget(&mut self, gone: &Gone) {
        gone.campaigns.iter().for_each(|id| drop(self.campaigns.remove(id)));
        gone.routes.iter().for_each(|id| drop(self.routes.remove(id)));
        gone.dids.iter().for_each(|number| drop(self.dids.remove(number)));
        self.heard.forget(gone);
    }

    pub(super) fn campaign_told(
        &mut self,
        body: &CampaignUpdated,
        at: Moment,
        counters: &IngestCounters,
    ) -> NoteOutcome {
        if !has_room(&self.campaigns, &body.campaign) {
            return NoteOutcome::NoRoom(TooManyNames { field: "campaign", most: NAMES });
        }
        self.heard.campaign(&body.campaign);
        let before = self.campaigns.get(&body.campaign);
        let mut after = before.cloned().unwrap_or_default();
        after.merge(&Campaign::told_by(body, at));
        if before == Some(&after) {
            return NoteOutcome::Known;
        }
        let none = Campaign::default();
        let before = before.unwrap_or(&none);
        counters.settings_forgotten.add(after.lacks(before));
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
        NoteOutcome::New
    }

    pub(super) fn route_told(&mut self, body: &RouteUpdated, at: Moment, counters: &IngestCounters) -> NoteOutcome {
        let told = Route::told_by(body, at);
        if has_room(&self.routes, &body.route) {
            self.heard.route(&body.route);
        }
        note(&mut self.routes, &mut self.changed_routes, ("route", &body.route), counters, |route| route.merge(&told))
    }

    pub(super) fn did_told(
        &mut self,
        body: &DidUpdated,
        at: Moment,
        sums: &mut SumChanges,
        counters: &IngestCounters,
    ) -> NoteOutcome {
        let told = Did::told_by(body, at);
        if has_room(&self.dids, &body.did) {
            self.heard.did(&body.did);
        }
        self.did_change(&body.did, sums, counters, |did| did.merge(&told))
    }

    /// Takes in which number of the floor's own a call bears, and since when, and which it bore before this commit.
    pub(super) fn used(
        &mut self,
        name: &CallName,
        before: Option<(Number, Moment)>,
        now: Option<(&Number, Moment)>,
        sums: &mut SumChanges,
        counters: &IngestCounters,
    ) {
        if before.as_ref().map(|(did, start)| (did, *start)) == now {
            return;
        }
        if let Some((did, start)) = before {
            self.search.ends(&did, start, name);
            if self.dids.contains_key(&did) {
                self.did_change(&did, sums, counters, |known| known.seen.take(start));
            }
        }
        if let Some((did, start)) = now {
            self.search.begins(did, start, name);
            if self.dids.get(did).is_none_or(|known| known.seen.lists(start)) {
                let noted = self.did_change(did, sums, counters, |known| known.seen.add(start));
                counters.names_unlisted.add(u64::from(matches!(noted, NoteOutcome::NoRoom(_))));
            }
            if self.dids.contains_key(did) {
                self.heard.did(did);
            }
        }
    }

    /// Takes in what a search has found; `gone`: calls that start before this are not kept.
    pub(super) fn settle_search(&mut self, gone: Moment, sums: &mut SumChanges, counters: &IngestCounters) {
        for (did, found) in self.search.take() {
            self.did_change(&did, sums, counters, |known| match known.seen.unlisted_from() {
                Some(from) if from < gone => known.seen.leave_in_doubt(),
                Some(_) | None => known.seen.settle(&found),
            });
        }
    }

    /// The place from which on the calls are gone through for first uses; begins what is wanted.
    pub(super) fn search_place(&mut self) -> Option<RowId> {
        self.search.place(|did| self.dids.get(did)?.seen.first())
    }

    fn did_change(
        &mut self,
        did: &Number,
        sums: &mut SumChanges,
        counters: &IngestCounters,
        change: impl FnOnce(&mut Did),
    ) -> NoteOutcome {
        let before = self.dids.get(did).map(Did::rotations).unwrap_or_default();
        let noted = note(&mut self.dids, &mut self.changed_dids, ("did", did), counters, change);
        let after = self.dids.get(did).map(Did::rotations).unwrap_or_default();
        if before != after {
            before.into_iter().for_each(|rotation| sums.rotation(Sign::Minus, did, rotation));
            after.into_iter().for_each(|rotation| sums.rotation(Sign::Plus, did, rotation));
        }
        match self.dids.get(did) {
            Some(known) if !known.is_known() => drop(self.dids.remove(did)),
            Some(known) if known.seen.is_in_doubt() => self.search.want(did),
            Some(_) | None => {}
        }
        noted
    }

    /// Every change of use of the floor's numbers since an instant.
    pub(super) fn rotations_since(&self, since: Moment) -> impl Iterator<Item = (&Number, (Moment, Fact))> {
        let all = self.dids.iter().flat_map(|(did, known)| known.rotations().into_iter().map(move |r| (did, r)));
        all.filter(move |(_, (at, _))| *at >= since)
    }

    /// Lists the names that a call bears, but for the floor's own number: see [`Self::used`].
    pub(super) fn seen(&mut self, name: &CallName, call: &Call, counters: &IngestCounters) {
        list(&mut self.campaigns, &mut self.changed_campaigns, call.campaign.get(), counters);
        list(&mut self.routes, &mut self.changed_routes, call.route.get(), counters);
        call.campaign.get().into_iter().for_each(|id| self.hear_campaign(id));
        if let Some(id) = call.route.get().filter(|id| self.routes.contains_key(*id)) {
            self.heard.route(id);
        }
        if let Some(number) = call.did().filter(|number| self.dids.contains_key(*number)) {
            self.heard.did(number);
        }
        self.persons.seen(name, call, counters);
    }

    /// What is known of a number: nothing where it is none of the floor's any more.
    fn told_of(&self, did: Number) -> (Number, Did) {
        let known = self.dids.get(&did).cloned().unwrap_or_default();
        (did, known)
    }

    /// Names that were heard of since the last time, for the first time on that day.
    pub(super) fn take_heard(&mut self) -> HeardOn {
        self.heard.take_changes()
    }

    /// What changed since the last time, as merged.
    pub(super) fn take_changes(&mut self) -> Settings {
        let changed_dids = std::mem::take(&mut self.changed_dids);
        Settings {
            campaigns: taken(&mut self.changed_campaigns, &self.campaigns),
            routes: taken(&mut self.changed_routes, &self.routes),
            dids: changed_dids.into_iter().map(|did| self.told_of(did)).collect(),
            persons: self.persons.take_changes(),
        }
    }
}

fn taken<I: Ord + Hash + Clone, T: Clone>(changed: &mut BTreeSet<I>, all: &HashMap<I, T>) -> Vec<(I, T)> {
    std::mem::take(changed).into_iter().filter_map(|id| all.get(&id).cloned().map(|settings| (id, settings))).collect()
}

/// Whether a name is listed, or may be.
fn has_room<I: Eq + Hash, T>(all: &HashMap<I, T>, id: &I) -> bool {
    all.len() < NAMES || all.contains_key(id)
}

/// Merges what is told of the name in this field of an event.
fn note<I: Ord + Hash + Clone, T: Clone + Default + PartialEq + Past>(
    all: &mut HashMap<I, T>,
    changed: &mut BTreeSet<I>,
    (field, id): (&'static str, &I),
    counters: &IngestCounters,
    merge: impl FnOnce(&mut T),
) -> NoteOutcome {
    if !has_room(all, id) {
        return NoteOutcome::NoRoom(TooManyNames { field, most: NAMES });
    }
    let before = all.get(id);
    let mut after = before.cloned().unwrap_or_default();
    merge(&mut after);
    if before == Some(&after) {
        return NoteOutcome::Known;
    }
    counters.settings_forgotten.add(before.map_or(0, |before| after.lacks(before)));
    all.insert(id.clone(), after);
    changed.insert(id.clone());
    NoteOutcome::New
}

/// Lists a name that a call bears. The call is taken in any case: what it tells of its person is not made up.
fn list<I: Ord + Hash + Clone, T: Default>(
    all: &mut HashMap<I, T>,
    changed: &mut BTreeSet<I>,
    id: Option<&I>,
    counters: &IngestCounters,
) {
    let Some(id) = id.filter(|id| !all.contains_key(*id)) else { return };
    if has_room(all, id) {
        all.insert(id.clone(), T::default());
        changed.insert(id.clone());
    } else {
        counters.names_unlisted.add(1);
    }
}

/// Settings of which some are known over time.
trait Past {
    /// How much of what was known before was let go because there was too much.
    fn lacks(&self, before: &Self) -> u64;
}

impl Past for Campaign {
    fn lacks(&self, before: &Self) -> u64 {
        self.modes.lacks(&before.modes)
            + self.max_attempts.lacks(&before.max_attempts)
            + self.statuses.lacks(&before.statuses)
            + self.limits.lacks(&before.limits)
    }
}

impl Past for Route {
    fn lacks(&self, before: &Self) -> u64 {
        self.statuses.lacks(&before.statuses)
    }
}

impl Past for Did {
    fn lacks(&self, before: &Self) -> u64 {
        self.statuses.lacks(&before.statuses)
    }
}

/// From when to when another value is in force than before; open where there is no bound. One span around all changes.
/// What was before a past that has been forgotten is not known to be another: calls of then stay as they were judged.
fn span_of_change<T: app::domain::call::Rank + Clone + PartialEq>(
    before: &History<T>,
    after: &History<T>,
) -> Option<(Option<Moment>, Option<Moment>)> {
    let forgotten_to = after.known_from().filter(|from| before.known_from().is_some_and(|before| before < *from));
    let start = forgotten_to.unwrap_or(Moment::MIN);
    let told: BTreeSet<Moment> = before.iter().chain(after.iter()).map(|(at, _)| at).collect();
    let edges: Vec<Moment> = std::iter::once(start).chain(told.into_iter().filter(|at| *at > start)).collect();
    let differs: Vec<bool> = edges.iter().map(|at| before.in_force(*at) != after.in_force(*at)).collect();
    let first = differs.iter().position(|differs| *differs)?;
    let last = differs.iter().rposition(|differs| *differs)?;
    let from = (first > 0 || forgotten_to.is_some()).then(|| edges[first]);
    Some((from, edges.get(last + 1).copied()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::outcome::{Direction, Mode};
    use app::domain::settings::MAX_HISTORY;
    use app::domain::{AgentId, CallId, LastWrite, RealmId};

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
    fn told(secs: i64, mode: &str) -> (CampaignUpdated, Moment) {
        let data = serde_json::json!({ "campaign": "spring", "mode": mode });
        (serde_json::from_value(data).unwrap(), Moment::from_secs(secs))
    }

    #[test]
    fn a_dialer_that_repeats_its_mode_makes_no_call_judged_again() {
        let (mut directory, counters) = (Directory::default(), IngestCounters::default());
        let mut hear = |(body, at): (CampaignUpdated, Moment)| {
            directory.campaign_told(&body, at, &counters);
            directory.resettled.drain(..).count()
        };
        assert_eq!(hear(told(0, "preview")), 1);
        assert_eq!(hear(told(100, "predictive")), 1, "from then on");
        let again: usize = (0..2_000).map(|n| hear(told(110 + n * 10, "predictive"))).sum();
        assert_eq!((again, counters.settings_forgotten.get()), (0, 0));
    }

    #[test]
    fn a_forgotten_change_makes_no_call_judged_again() {
        let (mut directory, counters) = (Directory::default(), IngestCounters::default());
        for n in 0..=MAX_HISTORY as i64 {
            let (body, at) = told(n * 4_000, if n % 2 == 0 { "preview" } else { "predictive" });
            directory.resettled.clear();
            directory.campaign_told(&body, at, &counters);
        }
        assert_eq!(counters.settings_forgotten.get(), 1);
        let spans: Vec<_> = directory.resettled.iter().map(|job| job.after).collect();
        let last = Moment::from_secs(MAX_HISTORY as i64 * 4_000);
        assert_eq!(spans, [RowId::at(last - LONGEST_CALL)], "only from the new one on");
    }

    fn number_of(call: &Call) -> Option<(Number, Moment)> {
        call.own_use().map(|(did, start)| (did.clone(), start))
    }

    #[test]
    fn a_number_is_the_floors_own_as_long_as_a_call_says_so() {
        let (mut directory, counters, mut sums) =
            (Directory::default(), IngestCounters::default(), SumChanges::default());
        let number = |n: &str| LastWrite::at(Number::trusted(n), Moment::from_secs(1));
        let name = CallName { realm: RealmId::trusted("r"), call_id: CallId::trusted("c") };
        let mut call = Call { from: number("+442079460018"), to: number("+12025550142"), ..Call::default() };
        call.started_at = Some(Moment::from_secs(1));
        let mut before = None;
        let mut hear = |call: &Call| {
            directory.used(&name, before.take(), call.own_use(), &mut sums, &counters);
            before = number_of(call);
            let listed: Vec<_> = directory.all().dids.into_iter().map(|(did, _)| did.reveal().to_owned()).collect();
            let changed = directory.take_changes().dids;
            (
                listed,
                changed.into_iter().map(|(did, known)| (did.reveal().to_owned(), known.is_known())).collect::<Vec<_>>(),
            )
        };
        assert_eq!(hear(&call), (vec![], vec![]), "of a call without a direction neither");
        call.direction = LastWrite::at(Direction::Outbound, Moment::from_secs(2));
        assert_eq!(hear(&call).0, ["+442079460018"]);
        call.direction = LastWrite::at(Direction::Inbound, Moment::from_secs(3));
        let (listed, changed) = hear(&call);
        assert_eq!(listed, ["+12025550142"]);
        assert_eq!(changed, [("+12025550142".to_owned(), true), ("+442079460018".to_owned(), false)]);
    }

    #[test]
    fn a_person_whose_number_stands_in_a_name_is_known_from_the_call_that_tells_both() {
        let (mut directory, counters, at) = (Directory::default(), IngestCounters::default(), Moment::from_secs(1));
        let name = CallName { realm: RealmId::trusted("r"), call_id: CallId::trusted("442079460018") };
        let number = |n: &str| LastWrite::at(Number::trusted(n), at);
        let call = |agent: &str| Call {
            direction: LastWrite::at(Direction::Inbound, at),
            from: number("+442079460018"),
            to: number("+12025550142"),
            agent: LastWrite::at(AgentId::trusted(agent), at),
            ..Call::default()
        };
        directory.seen(&name, &call("ann"), &counters);
        directory.seen(&name, &call("SIP/12025550142"), &counters);
        assert_eq!(directory.take_changes().persons, [], "neither a call's own id nor the floor's own number tells");
        directory.seen(&name, &call("SIP/020 7946 0018"), &counters);
        directory.seen(&name, &call("SIP/442079460018"), &counters);
        assert_eq!(directory.take_changes().persons, [Number::trusted("+442079460018")]);
        assert_eq!((directory.take_changes().persons.len(), directory.all().persons.len()), (0, 1));
    }

    #[test]
    fn names_that_are_told_of_are_bounded_too() {
        let (mut directory, counters) = (Directory::default(), IngestCounters::default());
        let mut tell = |n: usize| {
            let body = serde_json::json!({ "route": format!("r{n}"), "name": "North" });
            directory.route_told(&serde_json::from_value(body).unwrap(), Moment::from_secs(1), &counters)
        };
        assert_eq!((0..NAMES).filter(|n| tell(*n) == NoteOutcome::New).count(), NAMES);
        assert_eq!(tell(NAMES), NoteOutcome::NoRoom(TooManyNames { field: "route", most: NAMES }));
        assert_eq!(tell(0), NoteOutcome::Known, "known already");
    }
}
