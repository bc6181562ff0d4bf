//! Looking for the first calls that bear a number, among all calls: where so many were corrected that none of those listed
//! is left (`app::domain::first_uses`).
//!
//! The calls are gone through slice by slice between commits. What commits change meanwhile is told by name, so that it makes
//! no difference whether the search has passed a call already. It lives in memory: a number stays in doubt until it ends, and
//! a restart begins it anew.

use super::ledger::{CommitBatch, Committed, Ledger};
use super::mirror::Mirror;
use crate::store::StoreError;
use crate::store::write::{Retention, RowId, WriteStore};
use app::domain::call::TOLD_WITHIN;
use app::domain::{CallName, FirstUses, Moment, Number};
use std::collections::{BTreeMap, BTreeSet};

/// Calls gone through at once; ingest goes on between such slices.
const SLICE: usize = 2_000;
/// Calls remembered of each number while they are searched for: corrections of these in the meantime must leave some.
const MOST_FOUND: usize = 1_000;

/// Calls that bear a number, the earliest of them.
#[derive(Debug, Default)]
struct Found {
    calls: BTreeSet<(Moment, CallName)>,
    /// From here on there may be more.
    more_from: Option<Moment>,
}

impl Found {
    fn add(&mut self, start: Moment, name: &CallName) {
        if self.more_from.is_some_and(|from| start >= from) {
            return;
        }
        self.calls.insert((start, name.clone()));
        if self.calls.len() > MOST_FOUND
            && let Some((last, _)) = self.calls.pop_last()
        {
            self.calls.retain(|(start, _)| *start < last);
            self.more_from = Some(last);
        }
    }

    fn first_uses(&self) -> FirstUses {
        let mut uses = FirstUses::default();
        self.calls.iter().for_each(|(start, _)| uses.add(*start));
        self.more_from.into_iter().for_each(|from| uses.unlist(from));
        uses
    }

    /// Whether calls filed after a place can't be among the first any more.
    fn is_complete_at(&self, place: RowId) -> bool {
        self.first_uses().unlisted_from().is_some_and(|from| from + TOLD_WITHIN < place.filed_at())
    }
}

/// A search, and what is wanted of the next.
#[derive(Debug, Default)]
pub(super) struct Search {
    wanted: BTreeSet<Number>,
    /// What is looked for, and the place up to which all calls were seen.
    under_way: Option<(BTreeMap<Number, Found>, RowId)>,
}

impl Search {
    pub(super) fn of<'n>(numbers: impl Iterator<Item = &'n Number>) -> Self {
        Self { wanted: numbers.cloned().collect(), under_way: None }
    }

    pub(super) fn want(&mut self, number: &Number) {
        if self.found(number).is_none() {
            self.wanted.insert(number.clone());
        }
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.under_way.is_some() || !self.wanted.is_empty()
    }

    fn found(&mut self, number: &Number) -> Option<&mut Found> {
        self.under_way.as_mut()?.0.get_mut(number)
    }

    /// A call bears a number that starts then.
    pub(super) fn begins(&mut self, number: &Number, start: Moment, name: &CallName) {
        if let Some(found) = self.found(number) {
            found.add(start, name);
        }
    }

    /// It does not any more.
    pub(super) fn ends(&mut self, number: &Number, start: Moment, name: &CallName) {
        if let Some(found) = self.found(number) {
            found.calls.remove(&(start, name.clone()));
        }
    }

    /// What a search has found, which is over.
    pub(super) fn take(&mut self) -> Vec<(Number, FirstUses)> {
        let found = self.under_way.take().map(|(found, _)| found).unwrap_or_default();
        found.into_iter().map(|(number, found)| (number, found.first_uses())).collect()
    }

    /// The place from which on to go through the calls; begins what is wanted, `first` telling when each was used first.
    pub(super) fn place(&mut self, first: impl Fn(&Number) -> Option<Moment>) -> Option<RowId> {
        if self.under_way.is_none() {
            let wanted = std::mem::take(&mut self.wanted);
            let from = wanted.iter().filter_map(first).min()?;
            let found = wanted.into_iter().map(|number| (number, Found::default())).collect();
            self.under_way = Some((found, RowId::at(from - TOLD_WITHIN)));
        }
        self.under_way.as_ref().map(|(_, place)| *place)
    }

    /// Whether nothing that matters is filed after a place.
    fn passes(&mut self, place: RowId) -> bool {
        let Some((found, passed)) = &mut self.under_way else { return true };
        *passed = place;
        found.values().all(|found| found.is_complete_at(place))
    }
}

/// Goes through one slice of the calls among which first uses are looked for. Commits what is found when all were seen.
pub(super) async fn next_slice<S: WriteStore>(
    ledger: &mut Ledger<S>,
    now: Moment,
    retention: Retention,
) -> Result<Option<Committed>, StoreError> {
    let Ledger { store, mirror: Mirror { directory, sums, .. }, counters, .. } = &mut *ledger;
    let Some(place) = directory.search_place() else { return Ok(None) };
    let calls = store.calls_after(place, SLICE).await?;
    for (name, kept) in &calls {
        if let Some((number, start)) = kept.call.own_use() {
            directory.search.begins(number, start, name);
        }
    }
    let last = calls.last().and_then(|(_, kept)| kept.id).filter(|_| calls.len() == SLICE);
    if let Some(last) = last
        && !directory.search.passes(last)
    {
        return Ok(None);
    }
    directory.settle_search(now - retention.calls, sums, counters);
    ledger.commit(now, CommitBatch::default()).await.map(Some)
}
