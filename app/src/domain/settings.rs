//! What `campaign.updated`, `route.updated` and `did.updated` tell: names, limits, modes in force.
//!
//! Fields merge as a call's do: the value told latest wins. Of what decides how a call is judged (mode, attempts
//! allowed) the whole history is kept, because a call is judged by what was in force at its time.

use super::call::{Rank, Told};
use super::event::{AbandonLimit, CampaignUpdated, DidUpdated, RouteUpdated, Text};
use super::outcome::{CampaignStatus, DidStatus, Mode, RouteStatus};
use super::time::Moment;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// At most this many changes of a setting are kept a campaign; the oldest are forgotten and counted by the store.
pub const MAX_HISTORY: usize = 1_000;

/// A setting over time.
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
        while self.0.len() > MAX_HISTORY {
            self.0.pop_first();
        }
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

    /// Each value with the moment it was told, oldest first.
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
impl IntoTold<Self> for DidStatus {
    fn into_told(self, at: Moment) -> Told<Self> {
        Told::at(self, at)
    }
}

settings! {
    /// A campaign as the dialer describes it.
    Campaign from CampaignUpdated {
        name: Text, status: CampaignStatus, reason: Text, destination: Text, destinations: u64, cac_limit: u32, cps_limit: f64,
        rate_limited: bool, started_at: Moment, limit: AbandonLimit
    } history { modes from mode: Mode, max_attempts from max_attempts: u32 }
}
settings! {
    Route from RouteUpdated { name: Text, carrier: Text, status: RouteStatus } history {}
}
settings! {
    /// One of the floor's own numbers.
    Did from DidUpdated { status: DidStatus, pool: Text } history {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_force_is_the_latest_not_after_else_the_earliest_known() {
        let mut modes = History::default();
        modes.tell(Moment::from_secs(20), Mode::Preview);
        modes.tell(Moment::from_secs(10), Mode::Predictive);
        assert_eq!(modes.in_force(Moment::from_secs(5)), Some(&Mode::Predictive));
        assert_eq!(modes.in_force(Moment::from_secs(20)), Some(&Mode::Preview));
        assert_eq!(modes.in_force(Moment::from_secs(19)), Some(&Mode::Predictive));
    }
}
