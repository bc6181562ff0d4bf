//! What time alone will alter, by when: calls, agents and components to be judged again.

use crate::store::write::Due;
use app::domain::Moment;
use std::collections::BTreeSet;

#[derive(Debug, Default)]
pub(super) struct DueQueue(BTreeSet<(Moment, Due)>);

impl DueQueue {
    pub(super) fn of(due: Vec<(Moment, Due)>) -> Self {
        Self(due.into_iter().collect())
    }

    pub(super) fn insert(&mut self, at: Moment, due: Due) {
        self.0.insert((at, due));
    }

    pub(super) fn remove(&mut self, at: Moment, due: Due) {
        self.0.remove(&(at, due));
    }

    /// When the next of them is due.
    pub(super) fn next(&self) -> Option<Moment> {
        self.0.first().map(|(at, _)| *at)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes out what is due by now, the earliest first: so many at most.
    pub(super) fn take(&mut self, now: Moment, most: usize) -> Vec<Due> {
        let mut taken = Vec::new();
        while taken.len() < most && self.next().is_some_and(|at| at <= now) {
            taken.extend(self.0.pop_first().map(|(_, due)| due));
        }
        taken
    }
}
