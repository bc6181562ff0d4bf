//! The judgements that hold: of each figure that moves to and fro across its edges, what is said of it.
//!
//! The law is the KPI table's ([`app::kpi::held`]); here it is kept, for all who show the figure: panels, cards, the
//! sentence, the API. Each tick sees every figure once.

use super::rows::Rows;
use app::domain::{Moment, Span};
use app::kpi::band::{HELD, LOAD, TRUNK, Trend};
use app::kpi::held::Held;
use app::kpi::{Band, Bands, KpiId, Ratio};
use app::view::live::{ChannelsHead, ComponentRow, PddRow, RouteRow, TrunkRow};
use smol_str::SmolStr;
use std::collections::HashMap;

/// A figure not seen for this long is forgotten.
const FORGET: Span = Span::minutes(5);
/// How often that is looked at.
const SWEPT_EVERY: Span = Span::secs(10);

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Figure {
    Channels,
    Trunk,
    Faults,
    /// A route's faults and its calls that failed without a code, which may be such.
    Failed,
    Stalled,
    OnCall,
    /// How many of a campaign's agents are on a break.
    Breaks,
    /// The post-dial delay of a country.
    Pdd,
    /// Of a campaign, and with an empty key of the whole floor.
    Cac,
    Load,
    /// A rate of the whole floor, of now.
    Rate,
    /// A rate of a campaign's callers.
    Callers,
}

#[cfg(test)]
impl Figure {
    pub const ALL: &'static [Self] = &[
        Self::Channels,
        Self::Trunk,
        Self::Faults,
        Self::Failed,
        Self::Stalled,
        Self::OnCall,
        Self::Breaks,
        Self::Pdd,
        Self::Cac,
        Self::Load,
        Self::Rate,
        Self::Callers,
    ];
}

#[derive(Debug, Clone, Default)]
struct Seen {
    held: Held,
    at: Moment,
    /// Since when that is said; `None` where it was so when it was seen first.
    since: Option<Moment>,
}

/// What is said of each figure.
#[derive(Debug, Clone, Default)]
pub struct Judgements {
    of: HashMap<Figure, HashMap<SmolStr, Seen>>,
    /// When what was not seen for long was forgotten last.
    swept: Moment,
}

/// Whether what is said of a route stays as long as its figures do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Settled,
    /// It is worse than what is said, and has to last.
    Waits,
}

impl Judgements {
    fn held(&mut self, figure: Figure, key: &str, now: Moment) -> &mut Held {
        let seen = self.of.entry(figure).or_default().entry(key.into()).or_default();
        seen.at = now;
        &mut seen.held
    }

    /// The band of a figure, by what it was before.
    pub fn see(&mut self, figure: Figure, key: &str, bands: Option<&Bands>, ratio: Ratio, now: Moment) -> Band {
        bands.map_or(Band::None, |bands| self.held(figure, key, now).see(bands, ratio, now))
    }

    /// The same of a figure that chance moves across its edges, and that has to last.
    pub fn see_surely(&mut self, figure: Figure, key: &str, bands: &Bands, ratio: Ratio, now: Moment) {
        let before = self.said(figure, key);
        let said = self.held(figure, key, now).see_surely(bands, ratio, HELD, now);
        if before.is_some_and(|before| before != said)
            && let Some(seen) = self.of.get_mut(&figure).and_then(|known| known.get_mut(key))
        {
            seen.since = Some(now);
        }
    }

    /// Since when it has been said of a figure that was [seen surely](Self::see_surely); `None` where nobody knows.
    #[must_use]
    pub fn since(&self, figure: Figure, key: &str) -> Option<Moment> {
        self.of.get(&figure)?.get(key)?.since
    }

    /// What was said last of one of a component's loads.
    #[must_use]
    pub(super) fn said_of_load(&self, row: &ComponentRow, name: &str) -> Option<Band> {
        self.said(Figure::Load, &load_key(row, name))
    }

    /// What was said of it last; `None` of a figure that was not seen.
    #[must_use]
    pub fn said(&self, figure: Figure, key: &str) -> Option<Band> {
        self.of.get(&figure)?.get(key).map(|seen| seen.held.said())
    }

    /// Whether it is seen worse than is said of it, and has to last.
    pub(super) fn is_worse(&self, figure: Figure, key: &str) -> bool {
        self.of.get(&figure).and_then(|known| known.get(key)).is_some_and(|seen| seen.held.is_worse())
    }

    /// All that is said of a figure, by its keys as they are told.
    pub(super) fn all(&self, figure: Figure) -> impl Iterator<Item = (SmolStr, Band)> {
        self.of.get(&figure).into_iter().flatten().map(|(key, seen)| (key.clone(), seen.held.said()))
    }

    /// Judges the rows of the whole floor.
    pub(super) fn settle(&mut self, rows: &mut Rows, now: Moment) {
        let on_call = KpiId::OnCallShare.get().bands();
        for row in &mut rows.agents {
            row.band = self.see(Figure::OnCall, row.campaign.as_str(), on_call, row.on_call_share(), now);
        }
        rows.pdd.iter_mut().for_each(|row| self.pdd(row, now));
        rows.trunks.iter_mut().for_each(|row| self.trunk(row, now));
        rows.channels.iter_mut().for_each(|head| self.channels(head, now));
        rows.infra.iter_mut().for_each(|row| self.load(row, now));
        if self.swept.floor(SWEPT_EVERY) != now.floor(SWEPT_EVERY) {
            self.swept = now;
            self.of.values_mut().for_each(|known| known.retain(|_, seen| now - seen.at < FORGET));
        }
    }

    /// Judges the rows of one campaign, where they are the same figures as the whole floor's.
    pub(super) fn recall(&self, rows: &mut Rows) {
        for row in &mut rows.agents {
            row.band = self.said(Figure::OnCall, row.campaign.as_str()).unwrap_or(row.band);
        }
        for row in &mut rows.infra {
            let said = row.loads().into_iter().filter_map(|(name, _)| self.said(Figure::Load, &load_key(row, name)));
            row.load_band = said.max().unwrap_or_default();
            row.band = row.band.max(row.load_band);
        }
    }

    /// Judges a route's row, which is kept: as long as its figures stay and it does not wait, so does what is said of it.
    pub(super) fn route(&mut self, key: &str, row: &mut RouteRow, now: Moment) -> Route {
        let (faults, rate) = (KpiId::RouteFaultRate.get(), row.fault_rate());
        let said = self.see(Figure::Faults, key, faults.bands(), rate, now);
        let otherwise = self.see(Figure::Failed, key, faults.bands(), row.failed_rate(), now);
        row.faults_band = Bands::unless(said, otherwise);
        row.unjudged_band = Band::None;
        row.stalled_band = self.held(Figure::Stalled, key, now).see_stalled(row.unheard, row.started, now);
        // What the trunk says of itself is not held.
        row.band = row.own_band();
        if faults.read_ratio(rate).band > said { Route::Waits } else { Route::Settled }
    }

    fn trunk(&mut self, row: &mut TrunkRow, now: Moment) {
        let used = Ratio::new(row.active, row.capacity.unwrap_or(0));
        row.band = self.see(Figure::Trunk, row.trunk.as_str(), Some(&TRUNK), used, now);
    }

    fn pdd(&mut self, row: &mut PddRow, now: Moment) {
        let (kpi, held) = (KpiId::Pdd.get(), self.held(Figure::Pdd, row.country.as_str(), now));
        let after = kpi.trend().map_or(Span::ZERO, Trend::after);
        row.band = held.see_trend(row.band, kpi.still_against(row.mean(), row.before), after, now);
    }

    fn channels(&mut self, head: &mut ChannelsHead, now: Moment) {
        let used = Ratio::new(head.active, head.capacity.unwrap_or(0));
        head.band = self.see(Figure::Channels, "", KpiId::ChannelUtilisation.get().bands(), used, now);
    }

    fn load(&mut self, row: &mut ComponentRow, now: Moment) {
        let loads = row.loads().into_iter().filter_map(|(name, share)| Some((name, share?)));
        let judged = loads.map(|(name, share)| self.see(Figure::Load, &load_key(row, name), Some(&LOAD), share, now));
        row.load_band = judged.max().unwrap_or_default();
        row.band = row.band.max(row.load_band);
    }
}

fn load_key(row: &ComponentRow, name: &str) -> String {
    format!("{}/{name}", row.component)
}
