//! What `campaign.updated`, `route.updated` and `did.updated` tell: names, limits, modes in force.
//!
//! Fields merge as a call's do: the value told latest wins. Of what decides how a call is judged (mode, attempts
//! allowed) the whole history is kept, because a call is judged by what was in force at its time; and of a campaign's
//! status, because people ask since when it has been paused.

use super::call::{LastWrite, Rank};
use super::event::{AbandonLimit, CampaignUpdated, DidUpdated, RouteUpdated, Text};
use super::facts::Fact;
use super::first_uses::FirstUses;
pub use super::history::{History, MAX_HISTORY};
use super::outcome::{CampaignStatus, DidStatus, Mode, RouteStatus};
use super::time::Moment;

macro_rules! settings {
    ($(#[$doc:meta])* $name:ident from $body:ident { $($field:ident: $type:ty),* } history { $($past:ident from $source:ident: $past_type:ty),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name { $(pub $field: LastWrite<$type>,)* $(pub $past: History<$past_type>,)* }

        impl $name {
            #[must_use]
            pub fn told_by(body: &$body, at: Moment) -> Self {
                #[allow(unused_mut, clippy::needless_update)]
                let mut settings = Self { $($field: body.$field.clone().into_last_write(at),)* ..Self::default() };
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

trait IntoLastWrite<T> {
    fn into_last_write(self, at: Moment) -> LastWrite<T>;
}
impl<T> IntoLastWrite<T> for Option<T> {
    fn into_last_write(self, at: Moment) -> LastWrite<T> {
        self.map_or_else(LastWrite::default, |value| LastWrite::at(value, at))
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
    pub status: LastWrite<DidStatus>,
    pub pool: LastWrite<Text>,
    pub statuses: History<DidStatus>,
    /// The starts of the first calls that bear it.
    pub seen: FirstUses,
}

impl Did {
    #[must_use]
    pub fn told_by(body: &DidUpdated, at: Moment) -> Self {
        let mut did = Self {
            status: LastWrite::at(body.status, at),
            pool: body.pool.clone().into_last_write(at),
            ..Self::default()
        };
        did.statuses.tell(at, body.status);
        did
    }

    /// Takes in what `did.updated` told. Calls are no matter of a merge: they are added and taken away.
    pub fn merge(&mut self, told: &Self) {
        self.status.merge(&told.status);
        self.pool.merge(&told.pool);
        self.statuses.merge(&told.statuses);
    }

    /// Whether anything makes it one of the floor's: a call that bears it, or that it was told of.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.seen.first().is_some() || self.status.get().is_some()
    }

    /// When it was provisioned and when retired, oldest first: the changes of what was told of it, and before all of that
    /// the call it was first seen in.
    #[must_use]
    pub fn rotations(&self) -> Vec<(Moment, Fact)> {
        let first_told = self.statuses.iter().next().map(|(at, _)| at);
        let seen = self.seen.first().filter(|seen| first_told.is_none_or(|told| *seen < told));
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

fn told_by<T: Clone + Rank + PartialEq>(history: &History<T>, at: Moment) -> LastWrite<T> {
    history.by(at).map_or_else(LastWrite::default, |(told, value)| LastWrite::at(value.clone(), told))
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

    #[test]
    fn a_number_is_provisioned_once_and_retired_when_told() {
        let told = |secs: i64, status| {
            let body = DidUpdated { did: crate::domain::Number::trusted("+12025550142"), status, pool: None };
            Did::told_by(&body, Moment::from_secs(secs))
        };
        let of = |parts: &[Did]| {
            let mut did = Did::default();
            for part in parts {
                did.merge(part);
                part.seen.first().into_iter().for_each(|start| did.seen.add(start));
            }
            did.rotations().iter().map(|(at, fact)| (at.secs(), *fact)).collect::<Vec<_>>()
        };
        use DidStatus::{Active, Retired};
        use Fact::{DidsProvisioned, DidsRetired};
        let seen = |secs| {
            let mut did = Did::default();
            did.seen.add(Moment::from_secs(secs));
            did
        };
        assert_eq!(of(&[seen(9), seen(5)]), [(5, DidsProvisioned)]);
        assert_eq!(of(&[told(8, Active), seen(5), told(20, Active)]), [(5, DidsProvisioned)]);
        assert_eq!(of(&[told(3, Active), seen(5)]), [(3, DidsProvisioned)]);
        assert_eq!(
            of(&[told(30, Active), told(20, Retired), seen(25), told(10, Active)]),
            [(10, DidsProvisioned), (20, DidsRetired), (30, DidsProvisioned)]
        );
        assert_eq!(of(&[told(20, Retired), seen(25)]), [(20, DidsRetired)], "told before it was seen");
    }
}
