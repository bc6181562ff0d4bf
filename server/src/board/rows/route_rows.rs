//! The rows of routes, kept. A source may make up thousands of routes: a row is made anew when what it is made of has moved,
//! and when time alone alters it: with each bucket while its calls are of the last minutes, and while it waits to be judged.

use super::made_at::MadeAt;
use super::routes::RouteContext;
use crate::board::Board;
use crate::board::cache::{Index, Keys, RowCache, Stale, differing};
use crate::board::judgements::{Judgements, Route};
use crate::board::presence::Hush;
use crate::board::windows::extent;
use app::domain::{Dimension, Moment, RouteId, Window};
use app::view::live::RouteRow;
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// The rows as they are shown, by the ids as they are told.
pub type RouteRows = RowCache<RouteId, RouteRow, TimedRoutes, RoutesBasis>;

/// Those that time alone alters.
#[derive(Debug, Default)]
pub struct TimedRoutes {
    /// Sums of the last minutes, or calls under way, are in them.
    recent: Keys<RouteId>,
    /// Something worse is about to be said of them.
    waiting: Keys<RouteId>,
    /// Of those that are silent since when, where it was known when that was first said: calls are remembered for minutes.
    silent: HashMap<RouteId, Moment, RandomState>,
}

impl Index<RouteId, RouteRow> for TimedRoutes {
    /// What is told of a row is found beside it: whoever makes one says so.
    fn add(&mut self, _: &RouteId, _: &RouteRow) {}

    fn remove(&mut self, id: &RouteId, _: &RouteRow) {
        self.recent.remove(id);
        self.waiting.remove(id);
    }
}

impl RouteRows {
    /// Since when one is silent.
    pub fn silent_since(&self, id: &RouteId) -> Option<Moment> {
        self.index.silent.get(id).copied()
    }
}

/// What rows are made of beside their own sums and settings.
#[derive(Debug, Default)]
pub struct RoutesBasis {
    made_at: Option<MadeAt>,
    context: RouteContext,
}

impl Board {
    /// Makes the whole floor's rows anew that are not as they were, and judges them.
    pub(super) fn renew_routes(&mut self, judgements: &mut Judgements) {
        let mut rows = std::mem::take(&mut self.rows.routes);
        let made_at = MadeAt::of(self);
        let moved = self.windows.take_moved(Dimension::Route).into_iter().map(RouteId::trusted);
        let before = rows.basis.made_at.replace(made_at);
        let mut ids: Keys<RouteId> = match rows.take_stale() {
            Stale::These(ids) if before.is_some_and(|before| before.judged == made_at.judged) => ids,
            Stale::These(_) | Stale::All => {
                rows.basis.context.trunks = self.trunks_of_routes();
                rows.keys().cloned().chain(self.routes_there(None, &rows.basis.context)).collect()
            }
        };
        ids.extend(moved);
        if before.is_some_and(|before| before.bucket != made_at.bucket) {
            ids.extend(rows.index.recent.iter().cloned());
        }
        self.take_context(&mut rows, &mut ids);
        let context = std::mem::take(&mut rows.basis.context);
        rows.renew(&ids, |id, _| self.route_row(id, None, &context));
        rows.basis.context = context;
        let recent = ids.iter().filter(|id| rows.get(*id).is_some_and(|row| self.is_recent(id, row)));
        let recent: Vec<RouteId> = recent.cloned().collect();
        rows.index.recent.extend(recent);
        ids.extend(rows.index.waiting.iter().cloned());
        ids.iter().for_each(|id| judge(&mut rows, id, judgements, made_at));
        self.note_silence(&mut rows, &ids);
        rows.looked_at(ids);
        self.rows.routes = rows;
    }

    /// Notes since when those are silent of which it is said.
    fn note_silence(&self, rows: &mut RouteRows, ids: &Keys<RouteId>) {
        for id in ids {
            if !rows.get(id).is_some_and(|row| row.stalled_band.is_out()) {
                rows.index.silent.remove(id);
            } else if !rows.index.silent.contains_key(id) {
                rows.index.silent.extend(self.gauges.silent_since(self.now, id).map(|since| (id.clone(), since)));
            }
        }
    }

    /// Whether time alone alters a row.
    fn is_recent(&self, id: &RouteId, row: &RouteRow) -> bool {
        let from = extent(Window::Minutes5, Dimension::Route, self.now).map_or(self.now, |(from, _)| from);
        let mut buckets = self.windows.buckets(Dimension::Route, None, Some(id.as_str()));
        // Not by the sums: those of several buckets may cancel out.
        row.started > 0 || buckets.any(|(_, at, _)| at >= from)
    }

    /// Takes note of what rows are made of beside their own sums, and adds those for which it is not as it was.
    fn take_context(&mut self, rows: &mut RouteRows, ids: &mut Keys<RouteId>) {
        let silence = self.gauges.silence(self.now, None);
        let before = std::mem::replace(&mut rows.basis.context.silence, silence);
        ids.extend(differing(&before, &rows.basis.context.silence).cloned());
        if self.samples.take_trunks_moved() {
            let trunks = self.trunks_of_routes();
            let before = std::mem::replace(&mut rows.basis.context.trunks, trunks);
            ids.extend(differing(&before, &rows.basis.context.trunks).cloned());
        }
        let codes = self.codes_of_faults(None);
        if codes != rows.basis.context.codes {
            rows.basis.context.codes = codes;
            let faulty = |id: &&RouteId| rows.get(*id).is_some_and(|row| row.route_faults > 0);
            ids.extend(rows.index.recent.iter().filter(faulty).cloned());
        }
    }
}

/// Judges one by what was said of it before.
fn judge(rows: &mut RouteRows, id: &RouteId, judgements: &mut Judgements, made_at: MadeAt) {
    let Some(row) = rows.get_mut(id) else { return };
    let said = judgements.route(id.as_str(), row, made_at.now);
    if !made_at.judged {
        row.hush();
    }
    match said {
        Route::Settled => rows.index.waiting.remove(id),
        Route::Waits => rows.index.waiting.insert(id.clone()),
    };
}
