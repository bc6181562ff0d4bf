//! Of the whole floor's rates of now: calls that fail, callers who are not answered, who give up waiting, who wait long.
//!
//! They are judged by the KPI table's edges, beyond chance, and hold. Of a rate that is well without the calls of a route or of
//! numbers that are named already, nothing else is said: it stands under them; and where one that nobody names has most of
//! the errors, that is the problem.

use super::{Hit, Problem};
use crate::board::called;
use crate::board::floor;
use crate::board::judgements::{Figure, Judgements};
use crate::board::monitor::Cards;
use crate::board::rows::Rows;
use app::domain::outcome::{ComponentKind, Health};
use app::domain::{CampaignId, Dimension, RouteId, Window};
use app::kpi::catalog::Unit;
use app::kpi::{Band, Bands, KpiId, Ratio, format};
use app::view::problems::ProblemCause::{self, Campaign, Component, Floor, Number, Route};
use app::view::{PanelId, Place};
use smol_str::SmolStr;

/// What is judged of now, over which window, as the KPI table says.
fn rates() -> impl Iterator<Item = (KpiId, &'static Bands, Window)> {
    KpiId::ALL.iter().filter_map(|kpi| kpi.get().judged_now().map(|(bands, window)| (*kpi, bands, window)))
}

/// Judges the rates of now, by what was said of them before.
pub(in crate::board) fn judge_rates(floor: &floor::Floor, judgements: &mut Judgements) {
    for (kpi, bands, window) in rates() {
        judgements.see_surely(Figure::Rate, kpi.get().id, bands, rate(floor, kpi, window), floor.now);
    }
}

fn rate(floor: &floor::Floor, kpi: KpiId, window: Window) -> Ratio {
    sum(floor.windows.each(Dimension::Total, window, None).map(|(_, held)| kpi.ratio(|fact| held.get(fact))))
}

/// Finds which of the floor's rates of now are out.
#[derive(Clone, Copy)]
pub(super) struct Rates<'a> {
    pub floor: &'a floor::Floor,
    pub rows: &'a Rows,
    pub judgements: &'a Judgements,
    pub cards: &'a Cards,
}

impl Rates<'_> {
    /// Of the rates of now, beside what is `named` already.
    pub(super) fn of_rates(&self, named: &[Problem]) -> Vec<Problem> {
        rates().filter_map(|(kpi, bands, window)| self.of_rate(kpi, bands, window, named)).collect()
    }

    fn of_rate(&self, kpi: KpiId, bands: &'static Bands, window: Window, named: &[Problem]) -> Option<Problem> {
        let (entry, ratio) = (kpi.get(), rate(self.floor, kpi, window));
        let band = self.judgements.said(Figure::Rate, entry.id).filter(|band| band.is_out())?;
        let figure = if entry.unit == Unit::Share {
            format::percent_said(ratio, 1, Some(bands), band)
        } else {
            format::seconds_said(ratio, 1, Some(bands), band)
        };
        let of = match entry.is_share_of_calls() {
            true => format!("{} of {}", format::count(ratio.part), format::count(ratio.whole)),
            false => format::calls(ratio.whole),
        };
        let minutes = if window == Window::Minutes5 { 5 } else { 15 };
        let text = format!("{}, {of} in {minutes} min{}", figure.value, figure.waits);
        let since = self.judgements.since(Figure::Rate, entry.id);
        let problem = Problem::new(Floor, entry.id, band, Place::Day(entry.id), format!("{} now", entry.label), text);
        let problem = problem.since(since);
        if kpi != KpiId::ErrorRate {
            return Some(problem.follows_from(self.queues_named()));
        }
        let explained = self.explains_errors(bands, ratio, band);
        if !explained.is_empty() {
            return Some(problem.follows_from(explained));
        }
        Some(match self.culprit(bands, ratio, band, named) {
            Some(culprit) => Problem { explains: vec![problem], ..culprit.since(since) },
            None => problem,
        })
    }

    fn errors(&self, dimension: Dimension, key: &str) -> Ratio {
        let held = self.floor.windows.one(dimension, Window::Minutes5, None, key);
        held.map_or_else(Ratio::default, |held| KpiId::ErrorRate.ratio(|fact| held.get(fact)))
    }

    /// Campaigns whose callers are named already.
    fn queues_named(&self) -> Vec<(ProblemCause, SmolStr)> {
        let named = self.cards.iter().filter(|card| card.chip.as_ref().is_some_and(|chip| chip.problem == "queue"));
        named.map(|card| (Campaign, card.shown.to_smol())).collect()
    }

    /// What is named already without whose calls the floor's would be better than is said; and machines that calls pass which
    /// are not there.
    fn explains_errors(&self, bands: &Bands, all: Ratio, said: Band) -> Vec<(ProblemCause, SmolStr)> {
        let is_well_without = |theirs: Ratio| theirs.part > 0 && bands.surely(without(all, theirs)) < said;
        let mut explained = Vec::new();
        for row in self.rows.infra.iter().filter(|row| row.status == Health::Offline && carries_calls(row.kind)) {
            explained.push((Component, row.component.to_smol()));
        }
        let routes: Vec<&RouteId> =
            self.rows.routes.each().filter(|(_, row)| row.band.is_out()).map(|(id, _)| id).collect();
        if is_well_without(sum(routes.iter().map(|id| self.errors(Dimension::Route, id.as_str())))) {
            explained.extend(routes.iter().map(|id| (Route, self.floor.config.veil.id(id.as_str()))));
        }
        if is_well_without(sum(self.rows.dids.out().map(|row| self.errors(Dimension::Did, &row.did)))) {
            explained.push((Number, SmolStr::default()));
        }
        explained
    }

    /// The narrowest of routes, campaigns and numbers whose calls most errors are of, and without which the others are well,
    /// where nothing is said of it yet: then it is the problem, and not the floor.
    fn culprit(&self, bands: &Bands, all: Ratio, said: Band, named: &[Problem]) -> Option<Problem> {
        let stands_out = |theirs: &Ratio| {
            let others = bands.surely(without(all, *theirs));
            theirs.part * 2 > all.part && bands.surely(*theirs) >= said && others.is_judged() && others < said
        };
        let of = |whose: Whose| {
            let keys =
                self.floor.windows.each(whose.dimension(), Window::Minutes5, None).filter(|(key, _)| !key.is_empty());
            let errors = keys.map(|(key, held)| (key, KpiId::ErrorRate.ratio(|fact| held.get(fact))));
            errors.filter(move |(_, theirs)| stands_out(theirs)).map(move |(key, theirs)| (theirs, whose, key))
        };
        let all_of_them = [Whose::Routes, Whose::Campaigns, Whose::Numbers].into_iter().flat_map(of);
        let (theirs, whose, key) = all_of_them.min_by_key(|(theirs, _, _)| theirs.whole)?;
        let (cause, panel) = whose.place();
        let (name, shown) = match whose {
            Whose::Routes => {
                let id = RouteId::trusted(key.clone());
                (
                    called::route(&id, self.floor.routes.get(&id), &self.floor.config.veil),
                    self.floor.config.veil.id(key),
                )
            }
            Whose::Campaigns => {
                (self.floor.campaign_name(&CampaignId::trusted(key.clone())), self.floor.config.veil.id(key))
            }
            Whose::Numbers => (key.clone(), key.clone()),
        };
        // However many numbers are named, it is one problem.
        let is_it = |problem: &Problem| problem.cause == cause && (whose == Whose::Numbers || problem.id == shown);
        if named.iter().any(is_it) {
            return None;
        }
        let (part, whole) = (format::count(theirs.part), format::count(theirs.whole));
        let text = format!("{part} of {whole} in 5 min, {part} of the {} that fail", format::count(all.part));
        let campaigns = if whose == Whose::Campaigns { vec![CampaignId::trusted(shown.clone())] } else { Vec::new() };
        let hit = Hit::of(theirs.whole, 0, campaigns);
        Some(Problem::in_panel(cause, said, panel, &shown, format!("Calls of {name} fail"), text).hits(hit))
    }
}

/// Whose calls may be those that fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Routes,
    Campaigns,
    Numbers,
}

impl Whose {
    const fn dimension(self) -> Dimension {
        match self {
            Self::Routes => Dimension::Route,
            Self::Campaigns => Dimension::Campaign,
            Self::Numbers => Dimension::Did,
        }
    }

    const fn place(self) -> (ProblemCause, PanelId) {
        match self {
            Self::Routes => (Route, PanelId::Routes),
            Self::Campaigns => (Campaign, PanelId::Abandon),
            Self::Numbers => (Number, PanelId::Dids),
        }
    }
}

/// All less theirs, which the minute's grain may count some seconds longer.
fn without(all: Ratio, theirs: Ratio) -> Ratio {
    Ratio::new((all.part - theirs.part).max(0), (all.whole - theirs.whole).max(0))
}

fn sum(of: impl Iterator<Item = Ratio>) -> Ratio {
    of.fold(Ratio::default(), |mut sum, one| {
        sum += one;
        sum
    })
}

/// Whether calls pass through such a machine.
const fn carries_calls(kind: ComponentKind) -> bool {
    match kind {
        ComponentKind::MediaServer | ComponentKind::TelephonyApi => true,
        ComponentKind::Database
        | ComponentKind::Cache
        | ComponentKind::Crm
        | ComponentKind::RecordingStorage
        | ComponentKind::DialerWorker
        | ComponentKind::Other => false,
    }
}
