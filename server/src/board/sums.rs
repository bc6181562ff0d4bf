//! What the board adds up, as of its moment: sums of windows and of campaigns' own spans, agents' open states included.

use super::agents::Agents;
use super::floor::Floor;
use super::own::OwnSpans;
use super::windows::{RING, Windows, extent, grain};
use crate::law::agents::key_in;
use crate::law::change::PeriodSums;
use crate::law::span::{Stretch, site_day};
use app::domain::{CampaignId, CampaignScope, Dimension, Facts, Moment, Tally, Window};
use chrono_tz::Tz;
use smol_str::SmolStr;
use std::collections::HashMap;

/// Facts of a window by key, and the stretch they cover.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowSums {
    pub as_of: Moment,
    pub from: Moment,
    pub to: Moment,
    pub rows: Vec<(SmolStr, Facts)>,
}

/// A campaign's facts over a stretch of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnSums {
    pub campaign: CampaignId,
    pub during: Stretch,
    pub facts: Facts,
}

impl OwnSums {
    fn of(campaign: &CampaignId, during: Stretch, tally: &Tally) -> Self {
        let mut facts = Facts::default();
        facts += tally;
        Self { campaign: campaign.clone(), during, facts }
    }
}

/// The sums of one board at its moment, to be read.
#[derive(Debug, Clone, Copy)]
pub struct LiveSums<'a> {
    windows: &'a Windows,
    agents: &'a Agents,
    own: &'a OwnSpans,
    now: Moment,
    zone: Tz,
}

impl<'a> LiveSums<'a> {
    pub(super) const fn of(floor: &'a Floor) -> Self {
        let Floor { windows, agents, own, now, config, .. } = floor;
        LiveSums { windows, agents, own, now: *now, zone: config.zone }
    }
    /// The buckets kept in memory of a dimension that begin in a span, of all keys or one; of each campaign of a scope, and of
    /// agents' open states, which no bucket holds, there are further ones, to be added.
    #[must_use]
    pub fn buckets(
        self,
        dimension: Dimension,
        scope: &CampaignScope,
        key: Option<&str>,
        during: Stretch,
    ) -> Vec<(Moment, SmolStr, Tally)> {
        let kept = scope.parts().flat_map(|part| self.windows.buckets(dimension, part, key));
        let kept = kept.filter(|(_, at, _)| during.contains(*at));
        let mut buckets: Vec<_> = kept.map(|(of, at, tally)| (at, of.clone(), tally.clone())).collect();
        let grain = grain(dimension);
        let mut at = during.from.floor(grain).max(self.now.floor(grain) + grain - RING);
        while at < during.to && at < self.now {
            let open = self.open_time_in(dimension, Stretch { from: at, to: at + grain }, scope);
            let asked = open.into_iter().filter(|(of, _)| key.is_none_or(|key| of == key));
            buckets.extend(asked.map(|(of, facts)| (at, of, facts.tally())));
            at = at + grain;
        }
        buckets
    }

    /// The sums of campaigns over stretches of their own, the windows `period` and `campaign`: of each in a scope, in
    /// byte order, agents' open states included. None of those of which no start is known, and of other windows.
    #[must_use]
    pub fn own(self, window: Window, scope: &CampaignScope) -> Vec<OwnSums> {
        let mut sums: Vec<OwnSums> = match window {
            Window::Period => {
                let periods = self.own.periods(self.now).filter(|period| scope.holds(&period.campaign));
                let sums = |p: &PeriodSums| OwnSums::of(&p.campaign, Stretch { from: p.from, to: p.to }, &p.tally);
                periods.map(sums).collect()
            }
            Window::Campaign => {
                let to = site_day(self.zone, self.now).to;
                let runs = self.own.runs().filter(|run| scope.holds(&run.campaign));
                runs.map(|run| OwnSums::of(&run.campaign, Stretch { from: run.from, to }, &run.tally)).collect()
            }
            Window::Minutes5
            | Window::Minutes15
            | Window::Minutes60
            | Window::Hours24
            | Window::Today
            | Window::Days7
            | Window::Days30 => Vec::new(),
        };
        for sum in &mut sums {
            let open = self.open_time(Dimension::Campaign, sum.during.from, &CampaignScope::one(sum.campaign.clone()));
            open.values().for_each(|open| sum.facts += open);
        }
        sums.sort_by(|a, b| a.campaign.cmp(&b.campaign));
        sums
    }

    /// Sums of a window kept in memory, of a scope, of all keys or one, open agent states included; `None` for the store's windows.
    #[must_use]
    pub fn over(
        self,
        dimension: Dimension,
        window: Window,
        scope: &CampaignScope,
        only: Option<&str>,
    ) -> Option<WindowSums> {
        let (from, to) = extent(window, dimension, self.now)?;
        let mut sums: HashMap<SmolStr, Facts> = HashMap::new();
        for (key, facts) in scope.parts().flat_map(|part| self.windows.sums_of(dimension, window, part, only)) {
            *sums.entry(key).or_default() += &facts;
        }
        // Corrections of one campaign may take away what was added in another.
        sums.retain(|_, facts| !facts.is_zero());
        let open = self.open_time(dimension, from, scope);
        for (key, open) in open.into_iter().filter(|(key, _)| only.is_none_or(|only| key == only)) {
            *sums.entry(key).or_default() += &open;
        }
        let mut rows: Vec<_> = sums.into_iter().collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        Some(WindowSums { as_of: self.now, from, to, rows })
    }

    /// The time of open agent states since `from`, by key of a dimension that has agent time.
    #[must_use]
    pub fn open_time(self, dimension: Dimension, from: Moment, scope: &CampaignScope) -> HashMap<SmolStr, Facts> {
        self.open_time_in(dimension, Stretch { from, to: self.now }, scope)
    }

    fn open_time_in(self, dimension: Dimension, during: Stretch, scope: &CampaignScope) -> HashMap<SmolStr, Facts> {
        self.agents.open_time(during.from, during.to.min(self.now), |agent| {
            key_in(dimension, &agent.agent, &agent.campaign).filter(|_| scope.holds(&agent.campaign))
        })
    }
}
