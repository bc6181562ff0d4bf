//! Where new calls go: each gets the next place that is free at the instant it is filed at.
//!
//! What is free is what the database says in the very transaction that writes the calls; nothing is remembered from commit
//! to commit, so that a place depends on the calls that are kept and on nothing else. Many sources tell whole seconds: at
//! one instant there may be thousands of calls, and more than a microsecond holds; the others go to the next.

use super::write::{CallWrite, RowId};
use app::domain::Moment;
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashMap};

/// One query of any database, as a recursive table: from each first place asked about on, microsecond by microsecond while
/// these are full, the last place that is taken. `asked` is a table with the one column `first`, `bounds` a condition that
/// every place in question meets.
pub(super) fn free_places(asked: &str, bounds: &str) -> String {
    let last = |at: &str| {
        format!("(select id from calls where id >= {at} and id < {at} + {A_MICRO}{bounds} order by id desc limit 1)")
    };
    let (of_first, of_next) = (last("first"), last(&format!("(at + {A_MICRO})")));
    format!(
        "with recursive microsecond (first, at, last) as (select first, first, {of_first} from {asked} \
         union all select first, at + {A_MICRO}, {of_next} from microsecond where last = at + {A_MICRO} - 1) \
         select first, coalesce(max(last) + 1, first) from microsecond group by first"
    )
}

const A_MICRO: i64 = RowId::A_MICRO;

/// The places that one commit gives.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// What is known of microseconds, by the first place of each.
    known: HashMap<i64, Free, RandomState>,
}

/// The next free place of a microsecond, and up to where that is known; where it is full, the first place of a later one.
#[derive(Debug)]
struct Free {
    next: i64,
    until: i64,
}

/// A microsecond of which it is not known what is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) first: i64,
    /// New calls that would go there.
    pub(super) calls: i64,
}

impl Places {
    /// Gives places to the new calls that have none yet, as far as it is known what is free. Returns the microseconds about
    /// which the database is to be asked, in order; none when every call has its place.
    pub(super) fn give(&mut self, new: &mut [CallWrite<'_>]) -> Vec<Unknown> {
        let mut unknown: BTreeMap<i64, i64> = BTreeMap::new();
        for kept in new.iter_mut().map(|write| &mut *write.kept).filter(|kept| kept.id.is_none()) {
            match self.place(kept.filed_at) {
                Ok(id) => {
                    kept.id = Some(id);
                    // Where a call is filed is what its id says.
                    kept.filed_at = id.filed_at();
                }
                Err(first) => *unknown.entry(first).or_default() += 1,
            }
        }
        unknown.into_iter().map(|(first, calls)| Unknown { first, calls: calls.min(A_MICRO) }).collect()
    }

    fn place(&mut self, filed_at: Moment) -> Result<RowId, i64> {
        let mut first = RowId::at(filed_at).0;
        loop {
            match self.known.get_mut(&first) {
                Some(free) if free.next >= first + A_MICRO => first = free.next,
                Some(free) if free.next < free.until => {
                    let id = RowId(free.next);
                    free.next += 1;
                    return Ok(id);
                }
                Some(_) | None => return Err(first),
            }
        }
    }

    /// Whether anything is known of a microsecond, and places there may be given that are not yet in the database.
    pub(super) fn know(&self, first: i64) -> bool {
        self.known.contains_key(&first)
    }

    /// Learns that as many places as there are calls are free in a microsecond of which nothing was known.
    pub(super) fn learn_enough(&mut self, Unknown { first, calls }: Unknown) {
        self.known.insert(first, Free { next: first, until: first + calls });
    }

    /// Learns of the first place at or after one that was asked about after which nothing is taken.
    pub(super) fn learn(&mut self, first: i64, free: i64) {
        let its_first = Self::first_of(free);
        if its_first != first {
            self.known.insert(first, Free { next: its_first, until: its_first });
        }
        let known = self.known.entry(its_first).or_insert(Free { next: free, until: free });
        // What was given there meanwhile is not yet in the database.
        known.next = known.next.max(free);
        known.until = its_first + A_MICRO;
    }

    /// The first place of the microsecond that a place is of.
    pub(super) fn first_of(place: i64) -> i64 {
        RowId::at(RowId(place).filed_at()).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::contribute::Judgement;
    use crate::store::write::{CallBefore, StoredCall};
    use app::domain::{CallId, CallName, RealmId};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// What the query answers, of a table that is a set.
    fn free(taken: &BTreeSet<i64>, first: i64) -> i64 {
        let mut at = first;
        loop {
            match taken.range(at..at + A_MICRO).next_back() {
                Some(last) if *last == at + A_MICRO - 1 => at += A_MICRO,
                last => return last.map_or(at, |last| last + 1),
            }
        }
    }

    proptest! {
        /// Commits of calls at few instants near each other, with rows taken away in between.
        #[test]
        fn every_call_gets_a_place_of_its_own_at_its_instant_or_as_near_as_there_is_room(
            commits in prop::collection::vec((prop::collection::vec((0..4i64, 1..1_500usize), 1..4), any::<u64>()), 1..6)
        ) {
            let name = CallName { realm: RealmId::trusted("r"), call_id: CallId::trusted("c") };
            let (mut taken, mut given) = (BTreeSet::new(), 0);
            for (instants, gone) in commits {
                let filed = instants.iter().flat_map(|(at, calls)| std::iter::repeat_n(Moment::from_micros(*at), *calls));
                let mut kept: Vec<StoredCall> = filed
                    .map(|filed_at| StoredCall {
                        id: None, filed_at, call: Box::default(), judgement: Judgement::default(), due: None,
                    })
                    .collect();
                let asked: Vec<Moment> = kept.iter().map(|kept| kept.filed_at).collect();
                let mut new: Vec<CallWrite<'_>> = kept
                    .iter_mut()
                    .map(|kept| CallWrite { name: &name, kept, before: CallBefore::default() })
                    .collect();
                let mut places = Places::default();
                loop {
                    let unknown = places.give(&mut new);
                    if unknown.is_empty() {
                        break;
                    }
                    for unknown in unknown {
                        let Unknown { first, calls } = unknown;
                        if !places.know(first) && taken.range(first..first + calls).next().is_none() {
                            places.learn_enough(unknown);
                        } else {
                            places.learn(first, free(&taken, first));
                        }
                    }
                }
                given += kept.len();
                let most = i64::try_from(given).unwrap_or(i64::MAX) / A_MICRO + 4;
                for (kept, asked) in kept.iter().zip(asked) {
                    let id = kept.id.map(|id| id.0);
                    prop_assert!(id.is_some_and(|id| taken.insert(id)), "{id:?} is given twice");
                    let later = kept.filed_at.micros() - asked.micros();
                    prop_assert!((0..=most).contains(&later), "{later} µs later");
                }
                let mut n = 0;
                taken.retain(|_| { n += 1; n % 64 >= 60 || gone >> (n % 60) & 1 == 0 });
            }
        }
    }
}
