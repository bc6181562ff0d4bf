//! Of the whole floor's rates of now: calls that fail, callers who are not answered, who give up waiting, who wait long.
//!
//! They are judged by the KPI table's edges, beyond chance, and hold. Of a rate that is well without the calls of a route or of
//! numbers that are named already, nothing else is said: it stands under them.

use super::Problem;
use crate::board::Board;
use crate::board::judgements::Figure;
use app::domain::outcome::{ComponentKind, Health};
use app::domain::{Dimension, RouteId, Window};
use app::kpi::catalog::Unit;
use app::kpi::{Band, Bands, KpiId, Ratio, format};
use app::view::Place;
use app::view::problems::ProblemCause::{self, Campaign, Component, Floor, Number, Route};
use smol_str::SmolStr;

/// What is judged of now, over which window: callers are fewer than calls.
pub(in crate::board) const RATES: [(KpiId, Window); 4] = [
    (KpiId::ErrorRate, Window::Minutes5),
    (KpiId::InboundAnswerRate, Window::Minutes15),
    (KpiId::QueueAbandonRate, Window::Minutes15),
    (KpiId::Asa, Window::Minutes15),
];

impl Board {
    /// Judges the rates of now, by what was said of them before.
    pub(in crate::board) fn judge_rates(&mut self) {
        let mut judgements = std::mem::take(&mut self.judgements);
        for (kpi, window) in RATES {
            let entry = kpi.get();
            if let Some(bands) = entry.bands {
                judgements.see_surely(Figure::Rate, entry.id, bands, self.rate(kpi, window), self.now);
            }
        }
        self.judgements = judgements;
    }

    fn rate(&self, kpi: KpiId, window: Window) -> Ratio {
        sum(self.windows.each(Dimension::Total, window, None).map(|(_, held)| kpi.ratio(|fact| held.get(fact))))
    }

    pub(super) fn of_rates(&self) -> Vec<Problem> {
        let told = |(kpi, window): (KpiId, Window)| {
            let (entry, ratio) = (kpi.get(), self.rate(kpi, window));
            let band = self.judgements.said(Figure::Rate, entry.id).filter(|band| band.is_out())?;
            let figure = if entry.unit == Unit::Share {
                format::percent_said(ratio, 1, entry.bands, band)
            } else {
                format::seconds_said(ratio, 1, entry.bands, band)
            };
            let of = match entry.is_share_of_calls() {
                true => format!("{} of {}", format::count(ratio.part), format::count(ratio.whole)),
                false => format::calls(ratio.whole),
            };
            let minutes = if window == Window::Minutes5 { 5 } else { 15 };
            let text = format!("{}, {of} in {minutes} min{}", figure.value, figure.waits);
            let since = self.judgements.since(Figure::Rate, entry.id);
            let problem =
                Problem::new(Floor, entry.id, band, Place::Day(entry.id), format!("{} now", entry.label), text);
            let bands = entry.bands.filter(|_| kpi == KpiId::ErrorRate);
            let explained = match bands {
                Some(bands) => self.explains_errors(bands, ratio, band),
                None => self.queues_named(),
            };
            Some(problem.since(since).follows_from(explained))
        };
        RATES.into_iter().filter_map(told).collect()
    }

    /// Campaigns whose callers are named already.
    fn queues_named(&self) -> Vec<(ProblemCause, SmolStr)> {
        let named = self.cards.iter().filter(|card| card.chip.as_ref().is_some_and(|chip| chip.problem == "queue"));
        named.map(|card| (Campaign, card.shown.to_smol())).collect()
    }

    /// What is named already without whose calls the floor's would be better than is said; and machines that calls pass which
    /// are not there.
    fn explains_errors(&self, bands: &Bands, all: Ratio, said: Band) -> Vec<(ProblemCause, SmolStr)> {
        let errors = |dimension, key: &str| {
            let held = self.windows.one(dimension, Window::Minutes5, None, key);
            held.map_or_else(Ratio::default, |held| KpiId::ErrorRate.ratio(|fact| held.get(fact)))
        };
        let is_well_without = |theirs: Ratio| {
            let rest = Ratio::new((all.part - theirs.part).max(0), (all.whole - theirs.whole).max(0));
            theirs.part > 0 && bands.surely(rest) < said
        };
        let mut explained = Vec::new();
        for row in self.rows.infra.iter().filter(|row| row.status == Health::Offline && carries_calls(row.kind)) {
            explained.push((Component, row.component.to_smol()));
        }
        let routes: Vec<&RouteId> =
            self.rows.routes.each().filter(|(_, row)| row.band.is_out()).map(|(id, _)| id).collect();
        if is_well_without(sum(routes.iter().map(|id| errors(Dimension::Route, id.as_str())))) {
            explained.extend(routes.iter().map(|id| (Route, self.config.veil.id(id.as_str()))));
        }
        if is_well_without(sum(self.rows.dids.out().map(|row| errors(Dimension::Did, &row.did)))) {
            explained.push((Number, SmolStr::default()));
        }
        explained
    }
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
