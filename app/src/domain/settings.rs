//! What `campaign.updated`, `route.updated` and `did.updated` tell: names, limits, modes in force.
//!
//! Fields merge as a call's do: the value told latest wins. Of what decides how a call is judged (mode, attempts
//! allowed) the whole history is kept, because a call is judged by what was in force at its time; and of a campaign's
//! status, because people ask since when it has been paused.

use super::call::{Rank, Told};
use super::event::{AbandonLimit, CampaignUpdated, DidUpdated, RouteUpdated, Text};
use super::facts::Fact;
use super::outcome::{CampaignStatus, DidStatus, Mode, RouteStatus};
use super::time::{Moment, Span};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// At most this many entries of a setting are kept a campaign; what goes beyond is forgotten, and counted by who keeps it.
pub const MAX_HISTORY: usize = 1_000;

/// A word that comes no later than this behind the newest is placed exactly, whatever was told about it again and again.
pub const EXACT: Span = Span::minutes(10);
/// For this long each hour's first repetition is kept, after it each day's.
const BY_HOUR: Span = Span::hours(24);

/// A setting over time.
///
/// A dialer may tell the same again every few seconds. Such a repetition alters nothing, until a late word with another
/// value falls before it, which it then ends. So repetitions are kept for as long as words come late in earnest, and
/// thinned out behind that: what is in force at any time, and since when, stays as if all of them were kept, and so does
/// the outcome for every order in which words come that are at most [`EXACT`] late. One that comes later than that, and
/// within a run of repetitions, stands until the next that was kept: an hour at most, of what is over a day old a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History<T>(BTreeMap<i64, T>);

impl<T> Default for History<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Rank + Clone + PartialEq> History<T> {
    /// Takes in a value told at `at`; on equal times the greater wins.
    pub fn tell(&mut self, at: Moment, value: T) {
        match self.0.get(&at.micros()) {
            Some(ours) if ours.rank(&value) != Ordering::Less => {}
            Some(_) | None => {
                self.0.insert(at.micros(), value);
            }
        }
        self.thin_out();
        while self.0.len() > MAX_HISTORY {
            let repeated = self.0.iter().zip(self.0.iter().skip(1)).find(|((_, before), (_, value))| before == value);
            let oldest = repeated.map(|(_, (at, _))| *at).or_else(|| self.0.keys().next().copied());
            if let Some(oldest) = oldest {
                self.0.remove(&oldest);
            }
        }
    }

    /// Drops the repetitions that nothing in time can fall before, but for the first of each hour or day.
    fn thin_out(&mut self) {
        let Some(newest) = self.0.last_key_value().map(|(at, _)| Moment::from_micros(*at)) else { return };
        let mut before: Option<(Moment, T)> = None;
        self.0.retain(|at, value| {
            let at = Moment::from_micros(*at);
            let grain = if at < newest.floor(Span::days(1)) - BY_HOUR { Span::days(1) } else { Span::hours(1) };
            let first = before.as_ref().is_none_or(|(last, _)| last.floor(grain) != at.floor(grain));
            let repeats = before.as_ref().is_some_and(|(_, last)| last == value);
            before = Some((at, value.clone()));
            !repeats || first || at >= newest - EXACT
        });
    }

    pub fn merge(&mut self, other: &Self) {
        for (at, value) in &other.0 {
            self.tell(Moment::from_micros(*at), value.clone());
        }
    }

    /// The latest value told not after `at`, else the earliest known (kpis.md, "In force").
    #[must_use]
    pub fn in_force(&self, at: Moment) -> Option<&T> {
        self.0.range(..=at.micros()).next_back().or_else(|| self.0.first_key_value()).map(|(_, v)| v)
    }

    /// The latest value told not after `at`.
    #[must_use]
    pub fn by(&self, at: Moment) -> Option<(Moment, &T)> {
        self.0.range(..=at.micros()).next_back().map(|(told, value)| (Moment::from_micros(*told), value))
    }

    /// Since when the latest value has been told without another in between.
    #[must_use]
    pub fn latest_since(&self) -> Option<Moment> {
        let latest = self.0.last_key_value().map(|(_, value)| value)?;
        self.0.iter().rev().take_while(|(_, value)| *value == latest).last().map(|(at, _)| Moment::from_micros(*at))
    }

    /// How many entries are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// From when on it is known; before that the earliest stands in.
    #[must_use]
    pub fn known_from(&self) -> Option<Moment> {
        self.0.first_key_value().map(|(at, _)| Moment::from_micros(*at))
    }

    /// Each value with the moment it was told, oldest first, without repetitions that alter nothing.
    pub fn iter(&self) -> impl Iterator<Item = (Moment, &T)> {
        self.0.iter().map(|(at, v)| (Moment::from_micros(*at), v))
    }
}

macro_rules! settings {
    ($(#[$doc:meta])* $name:ident from $body:ident { $($field:ident: $type:ty),* } history { $($past:ident from $source:ident: $past_type:ty),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name { $(pub $field: Told<$type>,)* $(pub $past: History<$past_type>,)* }

        impl $name {
            #[must_use]
            pub fn told_by(body: &$body, at: Moment) -> Self {
                #[allow(unused_mut, clippy::needless_update)]
                let mut settings = Self { $($field: body.$field.clone().into_told(at),)* ..Self::default() };
                $(if let Some(value) = &body.$source { settings.$past.tell(at, value.clone()); })*
                settings
            }

            pub fn merge(&mut self, other: &Self) {
                $(self.$field.merge(&other.$field);)*
                $(self.$past.merge(&other.$past);)*
            }

            /// What was in force at `at`: of settings with a history the value told last by then, of the others the one
            /// known today. `None` where nothing had been told by then.
            #[must_use]
            pub fn until(&self, at: Moment) -> Option<Self> {
                let stamps = [$(self.$field.stamp()),*];
                let told = stamps.into_iter().flatten().any(|stamp| stamp <= at) $(|| self.$past.by(at).is_some())*;
                let mut past = self.clone();
                past.follow_history(at);
                told.then_some(past)
            }

            /// The moments at which any of it was told.
            #[must_use]
            pub fn told_at(&self) -> Vec<Moment> {
                #[allow(unused_mut)]
                let mut all: Vec<Moment> = [$(self.$field.stamp()),*].into_iter().flatten().collect();
                $(all.extend(self.$past.iter().map(|(at, _)| at));)*
                all
            }
        }
    };
}

trait IntoTold<T> {
    fn into_told(self, at: Moment) -> Told<T>;
}
impl<T> IntoTold<T> for Option<T> {
    fn into_told(self, at: Moment) -> Told<T> {
        self.map_or_else(Told::default, |value| Told::at(value, at))
    }
}

settings! {
    /// A campaign as the dialer describes it.
    Campaign from CampaignUpdated {
        name: Text, status: CampaignStatus, reason: Text, destination: Text, destinations: u64, cac_limit: u32, cps_limit: f64,
        rate_limited: bool, started_at: Moment, limit: AbandonLimit
    } history {
        modes from mode: Mode, max_attempts from max_attempts: u32, statuses from status: CampaignStatus,
        limits from limit: AbandonLimit
    }
}
settings! {
    Route from RouteUpdated { name: Text, carrier: Text, status: RouteStatus } history { statuses from status: RouteStatus }
}

/// One of the floor's own numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Did {
    pub status: Told<DidStatus>,
    pub pool: Told<Text>,
    pub statuses: History<DidStatus>,
    /// The earliest start of a call that an event gave this number.
    pub seen: Option<Moment>,
}

impl Did {
    #[must_use]
    pub fn told_by(body: &DidUpdated, at: Moment) -> Self {
        let mut did =
            Self { status: Told::at(body.status, at), pool: body.pool.clone().into_told(at), ..Self::default() };
        did.statuses.tell(at, body.status);
        did
    }

    /// As an event of a call makes it known.
    #[must_use]
    pub fn seen_at(at: Moment) -> Self {
        Self { seen: Some(at), ..Self::default() }
    }

    pub fn merge(&mut self, other: &Self) {
        self.status.merge(&other.status);
        self.pool.merge(&other.pool);
        self.statuses.merge(&other.statuses);
        self.seen = self.seen.into_iter().chain(other.seen).min();
    }

    /// When it was provisioned and when retired, oldest first: the changes of what was told of it, and before all of that
    /// the call it was first seen in.
    #[must_use]
    pub fn rotations(&self) -> Vec<(Moment, Fact)> {
        let first_told = self.statuses.iter().next().map(|(at, _)| at);
        let seen = self.seen.filter(|seen| first_told.is_none_or(|told| *seen < told));
        let told = self.statuses.iter().map(|(at, status)| (at, *status));
        let mut now = None;
        let mut rotations = Vec::new();
        for (at, status) in seen.map(|at| (at, DidStatus::Active)).into_iter().chain(told) {
            if now != Some(status) {
                now = Some(status);
                rotations.push((
                    at,
                    match status {
                        DidStatus::Active => Fact::DidsProvisioned,
                        DidStatus::Retired => Fact::DidsRetired,
                    },
                ));
            }
        }
        rotations
    }
}

fn told_by<T: Clone + Rank + PartialEq>(history: &History<T>, at: Moment) -> Told<T> {
    history.by(at).map_or_else(Told::default, |(told, value)| Told::at(value.clone(), told))
}

impl Campaign {
    fn follow_history(&mut self, at: Moment) {
        self.status = told_by(&self.statuses, at);
        self.limit = told_by(&self.limits, at);
    }
}

impl Route {
    fn follow_history(&mut self, at: Moment) {
        self.status = told_by(&self.statuses, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_provisioned_once_and_retired_when_told() {
        let told = |secs: i64, status| {
            let body = DidUpdated { did: crate::domain::Number::trusted("+12025550142"), status, pool: None };
            Did::told_by(&body, Moment::from_secs(secs))
        };
        let of = |parts: &[Did]| {
            let mut did = Did::default();
            parts.iter().for_each(|part| did.merge(part));
            did.rotations().iter().map(|(at, fact)| (at.secs(), *fact)).collect::<Vec<_>>()
        };
        use DidStatus::{Active, Retired};
        use Fact::{DidsProvisioned, DidsRetired};
        let seen = |secs| Did::seen_at(Moment::from_secs(secs));
        assert_eq!(of(&[seen(9), seen(5)]), [(5, DidsProvisioned)]);
        assert_eq!(of(&[told(8, Active), seen(5), told(20, Active)]), [(5, DidsProvisioned)]);
        assert_eq!(of(&[told(3, Active), seen(5)]), [(3, DidsProvisioned)]);
        assert_eq!(
            of(&[told(30, Active), told(20, Retired), seen(25), told(10, Active)]),
            [(10, DidsProvisioned), (20, DidsRetired), (30, DidsProvisioned)]
        );
        assert_eq!(of(&[told(20, Retired), seen(25)]), [(20, DidsRetired)], "told before it was seen");
    }

    #[test]
    fn in_force_is_the_latest_not_after_else_the_earliest_known() {
        let mut modes = History::default();
        modes.tell(Moment::from_secs(20), Mode::Preview);
        modes.tell(Moment::from_secs(10), Mode::Predictive);
        assert_eq!(modes.in_force(Moment::from_secs(5)), Some(&Mode::Predictive));
        assert_eq!(modes.in_force(Moment::from_secs(20)), Some(&Mode::Preview));
        assert_eq!(modes.in_force(Moment::from_secs(19)), Some(&Mode::Predictive));
    }

    #[test]
    fn a_status_told_again_goes_on_since_it_was_told_first() {
        let told = |told: &[(i64, CampaignStatus)]| {
            let mut statuses = History::default();
            told.iter().for_each(|(secs, status)| statuses.tell(Moment::from_secs(*secs), *status));
            statuses.latest_since().map(Moment::secs)
        };
        use CampaignStatus::{Active, Paused};
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[(10, Active), (20, Paused), (30, Paused)]), Some(20));
        assert_eq!(told(&[(30, Paused), (20, Paused), (25, Active)]), Some(30), "a late word between the two");
    }
    fn told(words: &[(i64, CampaignStatus)]) -> History<CampaignStatus> {
        let mut history = History::default();
        words.iter().for_each(|(secs, status)| history.tell(Moment::from_secs(*secs), *status));
        history
    }

    #[test]
    fn a_dialer_that_repeats_itself_for_weeks_makes_nothing_forgotten() {
        use CampaignStatus::{Active, Paused};
        let mut history = told(&[(0, Active), (5_000, Paused)]);
        for n in 0..200_000 {
            history.tell(Moment::from_secs(6_000 + n * 10), Paused);
        }
        assert_eq!(history.latest_since(), Some(Moment::from_secs(5_000)));
        assert_eq!(history.in_force(Moment::from_secs(4_999)), Some(&Active));
        assert!(history.len() < 200, "{} are kept", history.len());
        let late = 6_000 + 100_000 * 10 + 5;
        history.tell(Moment::from_secs(late), Active);
        assert_eq!(history.in_force(Moment::from_secs(late)), Some(&Active));
        assert_eq!(history.in_force(Moment::from_secs(late + 86_400)), Some(&Paused), "for a day at most");
    }

    #[test]
    fn only_more_changes_than_are_kept_are_forgotten() {
        use CampaignStatus::{Active, Paused};
        let turn = |n: i64| if n % 2 == 0 { Active } else { Paused };
        let limit = i64::try_from(MAX_HISTORY).unwrap_or(i64::MAX);
        // Two words a change, so that there is something to leave out first.
        let mut history = History::default();
        for n in 0..limit {
            history.tell(Moment::from_secs(n * 4_000), turn(n));
            history.tell(Moment::from_secs(n * 4_000 + 2_000), turn(n));
        }
        assert_eq!(history.len(), MAX_HISTORY);
        assert_eq!(history.known_from(), Some(Moment::from_secs(0)));
        history.tell(Moment::from_secs(limit * 4_000), turn(limit));
        assert_eq!(history.known_from(), Some(Moment::from_secs(4_000)), "the oldest change had to go");
    }

    proptest! {
        /// Any order in which no word is later than is taken exactly, against all words kept.
        #[test]
        fn repetitions_left_out_are_missed_by_nobody(
            words in prop::collection::vec((1..400i64, 0..EXACT.as_secs(), 0..8usize), 1..300),
        ) {
            use CampaignStatus::{Active, Ended, Paused};
            let mut at = 0;
            let mut sent: Vec<(i64, i64, CampaignStatus)> = words.into_iter().map(|(gap, late, which)| {
                at += gap;
                (at, at + late, [Paused, Ended].get(which).copied().unwrap_or(Active))
            }).collect();
            let in_order = told(&sent.iter().map(|(at, _, status)| (*at, *status)).collect::<Vec<_>>());
            let all: BTreeMap<i64, CampaignStatus> = sent.iter().map(|(at, _, status)| (*at, *status)).collect();
            sent.sort_by_key(|(_, comes, _)| *comes);
            let late = told(&sent.iter().map(|(at, _, status)| (*at, *status)).collect::<Vec<_>>());
            prop_assert_eq!(&in_order, &late);
            for secs in all.keys().flat_map(|secs| [secs - 1, *secs]) {
                let full = all.range(..=secs).next_back().or_else(|| all.first_key_value()).map(|(_, value)| value);
                prop_assert_eq!(late.in_force(Moment::from_secs(secs)), full);
            }
            let newest = all.values().next_back();
            let since = all.iter().rev().take_while(|(_, status)| Some(*status) == newest).last();
            prop_assert_eq!(late.latest_since().map(Moment::secs), since.map(|(at, _)| *at));
        }
    }
}
