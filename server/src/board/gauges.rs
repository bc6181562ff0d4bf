//! Calls that are up, as additive counts: active, silent since their start, waiting in a queue; and those lately over.

use super::drop_before;
use super::over::Over;
use crate::law::calls::CALLS_REACH;
use crate::law::change::{Gauge, GaugeKey, LIVE_GRAIN};
use app::domain::{CampaignId, Moment, QueueId, RouteId, Span};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// `stalled` looks at calls that started longer ago than this…
const SILENT_AFTER: Span = Span::secs(10);
/// …and within this.
const LAST_MINUTE: Span = Span::secs(60);
/// Started and unheard counts are dropped after this; generous, for events that arrive late.
const KEEP: Span = Span::secs(150);
/// What began longer ago may have begun before what is kept.
const SURELY_KEPT: Span = Span::secs(90);
/// At which calls that are over are counted.
const OVER_GRAIN: Span = LIVE_GRAIN;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    pub started: i64,
    pub unheard: i64,
}

/// Counts of calls that are up, by when they began.
#[derive(Debug, Default)]
pub struct Gauges {
    active: HashMap<(CampaignId, RouteId), i64>,
    /// The same by the second in which they began.
    began: HashMap<CampaignId, BTreeMap<Moment, i64>>,
    started: HashMap<(CampaignId, RouteId), BTreeMap<Moment, Silence>>,
    waiting: HashMap<(CampaignId, QueueId), BTreeMap<Moment, i64>>,
    /// By the ten seconds of their start.
    over: HashMap<CampaignId, BTreeMap<Moment, i64>>,
    /// When the oldest of these were dropped last.
    swept: Moment,
    /// All active.
    up: i64,
}

impl Gauges {
    pub fn add(&mut self, key: &GaugeKey, n: i64) {
        let by_route = || (key.campaign.clone(), key.route.clone());
        match key.gauge {
            Gauge::Active => {
                let count = self.active.entry(by_route()).or_default();
                *count += n;
                if *count == 0 {
                    self.active.remove(&by_route());
                }
                let seconds = self.began.entry(key.campaign.clone()).or_default();
                let count = seconds.entry(key.second).or_default();
                *count += n;
                if *count == 0 {
                    seconds.remove(&key.second);
                    if seconds.is_empty() {
                        self.began.remove(&key.campaign);
                    }
                }
                self.up += n;
            }
            Gauge::Started => self.started.entry(by_route()).or_default().entry(key.second).or_default().started += n,
            Gauge::Unheard => self.started.entry(by_route()).or_default().entry(key.second).or_default().unheard += n,
            Gauge::Over => *self.over.entry(key.campaign.clone()).or_default().entry(key.second).or_default() += n,
            Gauge::Waiting => {
                let queue = self.waiting.entry((key.campaign.clone(), key.queue.clone())).or_default();
                let count = queue.entry(key.second).or_default();
                *count += n;
                if *count == 0 {
                    queue.remove(&key.second);
                    if queue.is_empty() {
                        self.waiting.remove(&(key.campaign.clone(), key.queue.clone()));
                    }
                }
            }
        }
    }

    pub fn advance(&mut self, now: Moment) {
        self.started.retain(|_, seconds| {
            drop_before(seconds, now - KEEP);
            !seconds.is_empty()
        });
        if self.swept.floor(OVER_GRAIN) != now.floor(OVER_GRAIN) {
            self.swept = now;
            self.over.retain(|_, starts| {
                drop_before(starts, now - CALLS_REACH);
                !starts.is_empty()
            });
        }
    }

    /// Of a campaign's active calls those that began up to the second of `at`.
    #[must_use]
    pub fn active_since_before(&self, campaign: &CampaignId, at: Moment) -> i64 {
        self.began.get(campaign).map_or(0, |seconds| seconds.range(..=at).map(|(_, n)| n).sum())
    }

    /// Calls of a campaign that are over and started at or after `from`.
    #[must_use]
    pub fn over(&self, campaign: &CampaignId, from: Moment) -> i64 {
        self.over.get(campaign).map_or(0, |starts| starts.range(from..).map(|(_, n)| n).sum())
    }

    #[must_use]
    pub fn active<'a>(&self, over: impl Into<Over<'a>>) -> i64 {
        let over = over.into();
        if over.is_floor() {
            return self.up;
        }
        over.named().filter_map(|campaign| self.began.get(campaign)).flat_map(BTreeMap::values).sum()
    }

    /// Active calls by campaign or by route, or by whatever else `key` makes of the two.
    #[must_use]
    pub fn active_by(
        &self,
        campaign: Option<&CampaignId>,
        key: impl Fn(&CampaignId, &RouteId) -> SmolStr,
    ) -> HashMap<SmolStr, i64> {
        let mut by = HashMap::new();
        for ((c, route), n) in self.active.iter().filter(|((c, _), _)| campaign.is_none_or(|f| c == f)) {
            *by.entry(key(c, route)).or_default() += n;
        }
        by
    }

    /// Calls started over 10 s ago in the last minute by route, and those of them not heard of again.
    #[must_use]
    pub fn silence<'a>(&self, now: Moment, over: impl Into<Over<'a>>) -> HashMap<RouteId, Silence> {
        let over = over.into();
        let mut by: HashMap<RouteId, Silence> = HashMap::new();
        for ((c, route), seconds) in &self.started {
            if !over.holds(c) {
                continue;
            }
            let sum = by.entry(route.clone()).or_default();
            for silence in seconds.range(now - LAST_MINUTE..now - SILENT_AFTER).map(|(_, s)| s) {
                sum.started += silence.started;
                sum.unheard += silence.unheard;
            }
        }
        by
    }

    /// Since when a route's calls are not heard of: the first of those from which on silent ones outweigh the others most.
    /// `None` where that may have been before what is kept.
    #[must_use]
    pub fn silent_since(&self, now: Moment, route: &RouteId) -> Option<Moment> {
        let mut seconds: BTreeMap<Moment, i64> = BTreeMap::new();
        for ((_, _), started) in self.started.iter().filter(|((_, r), _)| r == route) {
            for (at, silence) in started.range(..now - SILENT_AFTER) {
                // Each silent call against each that was heard of.
                *seconds.entry(*at).or_default() += 2 * silence.unheard - silence.started;
            }
        }
        let (mut sum, mut most, mut since) = (0, 0, None);
        for (at, more) in seconds.iter().rev() {
            sum += more;
            if sum > most {
                (most, since) = (sum, Some(*at));
            }
        }
        let is_first = since.is_some() && since == seconds.keys().next().copied();
        since.filter(|at| !is_first || now - *at < SURELY_KEPT)
    }

    /// When a call was set off last, of those of the last minutes.
    #[must_use]
    pub fn last_started(&self) -> Option<Moment> {
        let last = |seconds: &BTreeMap<Moment, Silence>| {
            seconds.iter().rev().find(|(_, silence)| silence.started > 0).map(|(at, _)| *at)
        };
        self.started.values().filter_map(last).max()
    }

    /// [`Self::silence`] by campaign and route.
    #[must_use]
    pub fn silence_of_campaigns(&self, now: Moment) -> HashMap<(CampaignId, RouteId), Silence> {
        let mut by = HashMap::new();
        for (key, seconds) in &self.started {
            let mut sum = Silence::default();
            for silence in seconds.range(now - LAST_MINUTE..now - SILENT_AFTER).map(|(_, s)| s) {
                sum.started += silence.started;
                sum.unheard += silence.unheard;
            }
            by.insert(key.clone(), sum);
        }
        by
    }

    /// Callers waiting, and since when the first of them has been.
    #[must_use]
    pub fn waiting<'a>(&self, over: impl Into<Over<'a>>, queue: Option<&str>) -> (i64, Option<Moment>) {
        let over = over.into();
        let queues = self
            .waiting
            .iter()
            .filter(|((c, q), _)| over.holds(c) && queue.is_none_or(|f| q.as_str() == f))
            .map(|(_, seconds)| seconds);
        let (mut n, mut first) = (0, None::<Moment>);
        for seconds in queues {
            n += seconds.values().sum::<i64>();
            let earliest = seconds.iter().find(|(_, n)| **n > 0).map(|(at, _)| *at);
            first = match (first, earliest) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (one, other) => one.or(other),
            };
        }
        (n, first)
    }

    /// These campaigns, and those of which nobody told but in which somebody waits; who waits in none is under "".
    #[must_use]
    pub fn campaigns_with_callers<'a>(
        &'a self,
        told: impl Iterator<Item = &'a CampaignId>,
    ) -> BTreeSet<&'a CampaignId> {
        told.chain(self.waiting.keys().map(|(campaign, _)| campaign)).collect()
    }

    /// A campaign's queues in which somebody waits.
    pub fn queues_of<'a>(&'a self, campaign: &'a CampaignId) -> impl Iterator<Item = &'a QueueId> {
        let waits = self.waiting.keys().filter(move |(of, _)| of == campaign);
        waits.map(|(_, queue)| queue).filter(|queue| !queue.as_str().is_empty())
    }

    /// Queues in which somebody waits.
    pub fn queues(&self) -> impl Iterator<Item = &QueueId> {
        self.waiting.keys().map(|(_, queue)| queue)
    }
}
