//! The rows of routes, kept. A source may make up thousands of routes: a row is made anew when what it is made of has moved,
//! and when time alone alters it: with each bucket while its calls are of the last minutes, and while it waits to be judged.

use super::made_at::MadeAt;
use super::routes::{RouteContext, codes_of_faults, route_row, routes_there, trunks_of_routes};
use crate::board::cache::{Index, Keys, RowCache, Stale, differing};
use crate::board::floor::Floor;
use crate::board::judgements::{Figure, Judgements, Route};
use crate::board::over::Over;
use crate::board::presence::Hush;
use crate::board::windows::extent;
use app::domain::{Dimension, Moment, RouteId, Window};
use app::kpi::band::{self, ENOUGH};
use app::kpi::{Band, Ratio};
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
    /// So many of their calls fail, most of them without a code, that they are out with these.
    failing: Keys<RouteId>,
    /// Of which it is said.
    codeless: Keys<RouteId>,
    /// Of those that are silent since when, where it was known when that was first said: calls are remembered for minutes.
    silent: HashMap<RouteId, Moment, RandomState>,
}

impl Index<RouteId, RouteRow> for TimedRoutes {
    /// What is told of a row is found beside it: whoever makes one says so.
    fn add(&mut self, _: &RouteId, _: &RouteRow) {}

    fn remove(&mut self, id: &RouteId, _: &RouteRow) {
        self.recent.remove(id);
        self.waiting.remove(id);
        self.failing.remove(id);
    }
}

impl RouteRows {
    /// Those of which it is said that they fail, though no code says so.
    pub fn codeless(&self) -> impl Iterator<Item = &RouteId> {
        self.index.codeless.iter()
    }

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

/// Makes the whole floor's rows anew that are not as they were, and judges them.
pub(super) fn renew_routes(rows: &mut RouteRows, floor: &mut Floor, judgements: &mut Judgements) {
    let made_at = MadeAt::of(floor);
    let moved = floor.windows.take_moved(Dimension::Route).into_iter().map(RouteId::trusted);
    let before = rows.basis.made_at.replace(made_at);
    let mut ids: Keys<RouteId> = match rows.take_stale() {
        Stale::These(ids) if before.is_some_and(|before| before.judged == made_at.judged) => ids,
        Stale::These(_) | Stale::All => {
            rows.basis.context.trunks = trunks_of_routes(floor);
            rows.keys().cloned().chain(routes_there(floor, Over::Floor, &rows.basis.context)).collect()
        }
    };
    ids.extend(moved);
    if before.is_some_and(|before| before.bucket != made_at.bucket) {
        ids.extend(rows.index.recent.iter().cloned());
    }
    take_context(rows, floor, &mut ids);
    let context = std::mem::take(&mut rows.basis.context);
    rows.renew(&ids, |id, _| route_row(floor, id, Over::Floor, &context));
    rows.basis.context = context;
    let recent = ids.iter().filter(|id| rows.get(*id).is_some_and(|row| is_recent(floor, id, row)));
    let recent: Vec<RouteId> = recent.cloned().collect();
    rows.index.recent.extend(recent);
    ids.extend(rows.index.waiting.iter().cloned());
    ids.iter().for_each(|id| judge(rows, id, judgements, made_at));
    ids.extend(name_failing(rows));
    note_silence(rows, floor, &ids);
    rows.looked_at(ids);
}

/// Notes since when those are silent of which it is said.
fn note_silence(rows: &mut RouteRows, floor: &Floor, ids: &Keys<RouteId>) {
    for id in ids {
        if !rows.get(id).is_some_and(|row| row.stalled_band.is_out()) {
            rows.index.silent.remove(id);
        } else if !rows.index.silent.contains_key(id) {
            rows.index.silent.extend(floor.gauges.silent_since(floor.now, id).map(|since| (id.clone(), since)));
        }
    }
}

/// Whether time alone alters a row.
fn is_recent(floor: &Floor, id: &RouteId, row: &RouteRow) -> bool {
    let from = extent(Window::Minutes5, Dimension::Route, floor.now).map_or(floor.now, |(from, _)| from);
    let mut buckets = floor.windows.buckets(Dimension::Route, None, Some(id.as_str()));
    // Not by the sums: those of several buckets may cancel out.
    row.started > 0 || buckets.any(|(_, at, _)| at >= from)
}

/// Takes note of what rows are made of beside their own sums, and adds those for which it is not as it was.
fn take_context(rows: &mut RouteRows, floor: &mut Floor, ids: &mut Keys<RouteId>) {
    let silence = floor.gauges.silence(floor.now, Over::Floor);
    let before = std::mem::replace(&mut rows.basis.context.silence, silence);
    ids.extend(differing(&before, &rows.basis.context.silence).cloned());
    if floor.samples.take_trunks_moved() {
        let trunks = trunks_of_routes(floor);
        let before = std::mem::replace(&mut rows.basis.context.trunks, trunks);
        ids.extend(differing(&before, &rows.basis.context.trunks).cloned());
    }
    let codes = codes_of_faults(floor, Over::Floor);
    if codes != rows.basis.context.codes {
        rows.basis.context.codes = codes;
        let faulty = |id: &&RouteId| rows.get(*id).is_some_and(|row| row.route_faults > 0);
        ids.extend(rows.index.recent.iter().filter(faulty).cloned());
    }
}

/// Says of those that fail without a code that they do, where it is they and not what all have in common: numbers that are no
/// numbers, a dialer that sends nothing. Calls that name no route are told of the floor.
fn name_failing(rows: &mut RouteRows) -> Vec<RouteId> {
    let failing: Vec<RouteId> = rows.index.failing.iter().cloned().collect();
    let named = std::mem::take(&mut rows.index.codeless);
    if failing.is_empty() {
        return failing;
    }
    let sum = |rows: &mut dyn Iterator<Item = &RouteRow>| {
        rows.fold(Ratio::default(), |mut sum, row| {
            sum += row.failed_rate();
            sum
        })
    };
    let less = |all: Ratio, these: Ratio| Ratio::new(all.part - these.part, all.whole - these.whole);
    let fails = |(id, row): &(&RouteId, &RouteRow)| row.faults_band == Band::Critical || failing.contains(id);
    let all = sum(&mut rows.iter());
    let well = less(all, sum(&mut rows.each().filter(fails).map(|(_, row)| row)));
    for id in &failing {
        let Some(row) = rows.get_mut(id) else { continue };
        let own = row.failed_rate();
        let others = if well.whole >= ENOUGH { well } else { less(all, own) };
        let is_it = match named.contains(id) {
            true => band::still_stands_out(own, others),
            false => !id.as_str().is_empty() && band::stands_out(own, others),
        };
        row.unjudged_band = if is_it { Band::Critical } else { Band::None };
        row.band = row.own_band().max(row.unjudged_band);
        if is_it {
            rows.index.codeless.insert(id.clone());
        }
    }
    failing
}

/// Judges one by what was said of it before.
fn judge(rows: &mut RouteRows, id: &RouteId, judgements: &mut Judgements, made_at: MadeAt) {
    let Some(row) = rows.get_mut(id) else { return };
    let said = judgements.route(id.as_str(), row, made_at.now);
    // What its codes say goes before.
    let fails =
        judgements.said(Figure::Failed, id.as_str()) == Some(Band::Critical) && row.faults_band != Band::Critical;
    if !made_at.judged {
        row.hush();
    }
    if fails && made_at.judged {
        rows.index.failing.insert(id.clone());
    } else {
        rows.index.failing.remove(id);
    }
    match said {
        Route::Settled => rows.index.waiting.remove(id),
        Route::Waits => rows.index.waiting.insert(id.clone()),
    };
}
