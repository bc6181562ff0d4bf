//! The rows of routes, kept. A source may make up thousands of routes: a row is made anew when what it is made of has moved,
//! and when time alone alters it: with each bucket while its calls are of the last minutes, and while it waits to be judged.

use super::made_at::MadeAt;
use super::routes::Around;
use super::stale::Stale;
use crate::board::Board;
use crate::board::judgements::{Judgements, Route};
use crate::board::presence::Hush;
use crate::board::windows::extent;
use app::domain::{Dimension, RouteId, Window};
use app::view::live::RouteRow;
use foldhash::fast::RandomState;
use std::collections::{HashMap, HashSet};

type Ids = HashSet<RouteId, RandomState>;

/// See the module. By the ids as they are told; the rows as they are shown.
#[derive(Debug, Default)]
pub struct RouteRows {
    rows: HashMap<RouteId, RouteRow, RandomState>,
    /// Those with calls of the last minutes.
    lively: Ids,
    /// Those of which something worse is about to be said.
    waiting: Ids,
    stale: Stale<RouteId>,
    made_at: Option<MadeAt>,
    around: Around,
    /// Made anew, or judged, at the last tick.
    renewed: Vec<RouteId>,
    /// How many were ever made.
    #[cfg(test)]
    made: u64,
}

/// Whether time alone alters a row: sums of the last minutes, or calls under way, are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lively {
    Yes,
    No,
}

impl RouteRows {
    pub fn of(rows: impl IntoIterator<Item = (RouteId, RouteRow)>) -> Self {
        let mut all = Self::default();
        rows.into_iter().for_each(|(id, row)| all.put(id, row, Lively::No));
        all
    }

    /// What a row is made of has changed, but for its sums.
    pub fn touch(&mut self, route: &RouteId) {
        self.stale.add(route);
    }

    /// What all rows are made of has changed.
    pub fn touch_all(&mut self) {
        self.stale = Stale::All;
    }

    fn put(&mut self, id: RouteId, row: RouteRow, lively: Lively) {
        #[cfg(test)]
        {
            self.made += 1;
        }
        match lively {
            Lively::Yes => self.lively.insert(id.clone()),
            Lively::No => self.lively.remove(&id),
        };
        self.rows.insert(id, row);
    }

    fn remove(&mut self, id: &RouteId) {
        self.lively.remove(id);
        self.waiting.remove(id);
        self.rows.remove(id);
    }

    pub fn iter(&self) -> impl Iterator<Item = &RouteRow> {
        self.rows.values()
    }

    /// Those made anew, or judged, at the last tick.
    pub fn renewed(&self) -> impl Iterator<Item = &RouteRow> {
        self.renewed.iter().filter_map(|id| self.rows.get(id))
    }

    /// How many were made since the board began.
    #[cfg(test)]
    pub const fn made(&self) -> u64 {
        self.made
    }

    /// Judges one by what was said of it before.
    fn judge(&mut self, id: &RouteId, judgements: &mut Judgements, made_at: MadeAt) {
        let Some(row) = self.rows.get_mut(id) else { return };
        match judgements.route(id.as_str(), row, made_at.now) {
            Route::Settled => self.waiting.remove(id),
            Route::Waits => self.waiting.insert(id.clone()),
        };
        if !made_at.judged {
            row.hush();
        }
    }
}

impl Board {
    /// Makes the whole floor's rows anew that are not as they were, and judges them.
    pub(super) fn renew_routes(&mut self, judgements: &mut Judgements) {
        let mut rows = std::mem::take(&mut self.rows.routes);
        let made_at = MadeAt::of(self);
        let moved = self.windows.take_moved(Dimension::Route).into_iter().map(RouteId::trusted);
        let mut ids: Ids = match std::mem::take(&mut rows.stale) {
            Stale::These(ids) if rows.made_at.is_some_and(|before| before.judged == made_at.judged) => ids,
            Stale::These(_) | Stale::All => {
                rows.around.trunks = self.trunks_of_routes();
                rows.rows.keys().cloned().chain(self.routes_there(None, &rows.around)).collect()
            }
        };
        ids.extend(moved);
        if rows.made_at.is_some_and(|before| before.bucket != made_at.bucket) {
            ids.extend(rows.lively.iter().cloned());
        }
        self.look_around(&mut rows, &mut ids);
        for id in &ids {
            match self.route_row(id, None, &rows.around) {
                Some(row) => {
                    let lively = self.lively(id, &row);
                    rows.put(id.clone(), row, lively);
                }
                None => rows.remove(id),
            }
        }
        ids.extend(rows.waiting.iter().cloned());
        ids.iter().for_each(|id| rows.judge(id, judgements, made_at));
        rows.renewed = ids.into_iter().collect();
        rows.made_at = Some(made_at);
        self.rows.routes = rows;
    }

    fn lively(&self, id: &RouteId, row: &RouteRow) -> Lively {
        let from = extent(Window::Minutes5, Dimension::Route, self.now).map_or(self.now, |(from, _)| from);
        let mut buckets = self.windows.buckets(Dimension::Route, None, Some(id.as_str()));
        // Not by the sums: those of several buckets may cancel out.
        if row.started > 0 || buckets.any(|(_, at, _)| at >= from) { Lively::Yes } else { Lively::No }
    }

    /// Looks at what rows are made of beside their own sums, and adds those for which it is not as it was.
    fn look_around(&mut self, rows: &mut RouteRows, ids: &mut Ids) {
        let silence = self.gauges.silence(self.now, None);
        let before = std::mem::replace(&mut rows.around.silence, silence);
        ids.extend(super::stale::differing(&before, &rows.around.silence).cloned());
        if self.samples.take_trunks_moved() {
            let trunks = self.trunks_of_routes();
            let before = std::mem::replace(&mut rows.around.trunks, trunks);
            ids.extend(super::stale::differing(&before, &rows.around.trunks).cloned());
        }
        let codes = self.codes_of_faults(None);
        if codes != rows.around.codes {
            rows.around.codes = codes;
            let faulty = |id: &&RouteId| rows.rows.get(*id).is_some_and(|row| row.route_faults > 0);
            ids.extend(rows.lively.iter().filter(faulty).cloned());
        }
    }
}
