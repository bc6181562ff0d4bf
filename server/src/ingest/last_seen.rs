//! When each listed name was last heard of, by the day: so that lists forget what is kept of nothing any more.
//!
//! The server's own days, not the events': what is kept of a name was heard of not earlier than it happened, so a name goes
//! only after its last call has. A mark that is lost costs nothing: a name without one counts as heard of today.

use crate::law::change::{ByKind, Day, Gone, HeardOn};
use app::domain::{CampaignId, Moment, Number, RouteId};
use foldhash::fast::RandomState;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

pub(super) const fn day(at: Moment) -> Day {
    at.secs().div_euclid(86_400)
}

/// The names of one kind.
#[derive(Debug)]
struct SeenOn<I> {
    on: HashMap<I, Day, RandomState>,
    changed: BTreeSet<I>,
}

impl<I> Default for SeenOn<I> {
    fn default() -> Self {
        Self { on: HashMap::default(), changed: BTreeSet::new() }
    }
}

impl<I: Clone + Eq + Hash + Ord> SeenOn<I> {
    fn hear(&mut self, id: &I, today: Day) {
        match self.on.get_mut(id) {
            Some(on) if *on >= today => return,
            Some(on) => *on = today,
            None => drop(self.on.insert(id.clone(), today)),
        }
        self.changed.insert(id.clone());
    }

    fn take_changes(&mut self) -> Vec<(I, Day)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().filter_map(|id| self.on.get(&id).map(|on| (id.clone(), *on))).collect()
    }

    /// Of those listed the ones that were not heard of since; those of which it is not known count as heard of today.
    fn unheard<'a>(&mut self, listed: impl Iterator<Item = &'a I>, since: Day, today: Day, most: usize) -> Vec<I>
    where
        I: 'a,
    {
        let mut unheard = Vec::new();
        for id in listed {
            match self.on.get(id) {
                Some(on) if *on < since && unheard.len() < most => unheard.push(id.clone()),
                Some(_) => {}
                None => self.hear(id, today),
            }
        }
        unheard
    }

    fn forget(&mut self, gone: &[I]) {
        for id in gone {
            self.on.remove(id);
            self.changed.remove(id);
        }
    }
}

/// The names of all kinds.
#[derive(Debug, Default)]
pub(super) struct LastSeen {
    today: Day,
    campaigns: SeenOn<CampaignId>,
    routes: SeenOn<RouteId>,
    dids: SeenOn<Number>,
}

impl LastSeen {
    pub(super) fn of(known: HeardOn) -> Self {
        let mut heard = Self::default();
        heard.campaigns.on = known.campaigns.into_iter().collect();
        heard.routes.on = known.routes.into_iter().collect();
        heard.dids.on = known.dids.into_iter().collect();
        heard
    }

    /// What is heard from now on is heard today.
    pub(super) const fn is_now(&mut self, now: Moment) {
        self.today = day(now);
    }

    pub(super) fn campaign(&mut self, id: &CampaignId) {
        self.campaigns.hear(id, self.today);
    }

    pub(super) fn route(&mut self, id: &RouteId) {
        self.routes.hear(id, self.today);
    }

    pub(super) fn did(&mut self, number: &Number) {
        self.dids.hear(number, self.today);
    }

    /// What changed since the last time.
    pub(super) fn take_changes(&mut self) -> HeardOn {
        ByKind {
            campaigns: self.campaigns.take_changes(),
            routes: self.routes.take_changes(),
            dids: self.dids.take_changes(),
        }
    }

    /// Of the listed names those not heard of since that day, so many of each kind at most.
    pub(super) fn unheard<'a>(
        &mut self,
        (campaigns, routes, dids): (
            impl Iterator<Item = &'a CampaignId>,
            impl Iterator<Item = &'a RouteId>,
            impl Iterator<Item = &'a Number>,
        ),
        since: Day,
        most: usize,
    ) -> Gone {
        ByKind {
            campaigns: self.campaigns.unheard(campaigns, since, self.today, most),
            routes: self.routes.unheard(routes, since, self.today, most),
            dids: self.dids.unheard(dids, since, self.today, most),
        }
    }

    pub(super) fn forget(&mut self, gone: &Gone) {
        self.campaigns.forget(&gone.campaigns);
        self.routes.forget(&gone.routes);
        self.dids.forget(&gone.dids);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_unheard_from_the_day_on_and_one_without_a_mark_was_heard_today() {
        let id = CampaignId::trusted;
        let (spring, autumn, old) = (id("spring"), id("autumn"), id("old"));
        let mut heard = LastSeen::of(HeardOn { campaigns: vec![(old.clone(), 9)], ..HeardOn::default() });
        heard.is_now(Moment::from_secs(10 * 86_400));
        heard.campaign(&spring);
        heard.campaign(&spring);
        assert_eq!(heard.take_changes().campaigns, [(spring.clone(), 10)]);
        let listed = [spring.clone(), autumn.clone(), old.clone()];
        let unheard = |heard: &mut LastSeen, since| {
            heard.unheard((listed.iter(), std::iter::empty(), std::iter::empty()), since, 9).campaigns
        };
        assert_eq!(unheard(&mut heard, 10), [old]);
        assert_eq!(heard.take_changes().campaigns, [(autumn, 10)]);
        assert_eq!(unheard(&mut heard, 11).len(), 3);
    }
}
