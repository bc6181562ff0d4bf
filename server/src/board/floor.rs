//! All that is told of the floor, added up: sums, gauges, settings. `apply` writes it, everything else reads it.
//!
//! What is derived of one campaign or one name at a time is read here; rows, cards and problems are made of it beside.

use super::agents::Agents;
use super::baseline::Baselines;
use super::calls::Calls;
use super::gauges::Gauges;
use super::over::Over;
use super::own::OwnSpans;
use super::presence::{Freshness, Presence};
use super::samples::Samples;
use super::sums::LiveSums;
use super::windows::{Held, Windows};
use super::{BoardConfig, MINUTE, called, pick};
use crate::law::change::{LIVE_GRAIN, PeriodSums};
use app::domain::control::Controls;
use app::domain::{Campaign, CampaignId, Did, Dimension, Fact, Moment, Route, RouteId, Span, TrunkId, Window};
use app::kpi::eta::paced_over;
use app::view::live::Site;
use chrono::{Datelike, Offset};
use chrono_tz::Tz;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::Arc;

/// The floor as it is told, at the board's moment.
#[derive(Debug)]
pub(super) struct Floor {
    pub config: BoardConfig,
    pub now: Moment,
    pub windows: Windows,
    pub gauges: Gauges,
    pub agents: Agents,
    pub samples: Samples,
    pub campaigns: HashMap<CampaignId, Campaign>,
    pub routes: HashMap<RouteId, Route>,
    pub dids: HashMap<SmolStr, Did>,
    /// Sums of each campaign's period and of its whole run.
    pub own: OwnSpans,
    /// Those that campaigns' pages list.
    pub calls: Calls,
    pub controls: Arc<Controls>,
    pub baselines: Baselines,
    pub freshness: Freshness,
}

impl Floor {
    pub fn new(config: BoardConfig, now: Moment) -> Self {
        Self {
            config,
            now,
            windows: Windows::new(now),
            gauges: Gauges::default(),
            agents: Agents::default(),
            samples: Samples::default(),
            campaigns: HashMap::new(),
            routes: HashMap::new(),
            dids: HashMap::new(),
            own: OwnSpans::default(),
            calls: Calls::default(),
            controls: Arc::default(),
            baselines: Baselines::default(),
            freshness: Freshness::default(),
        }
    }

    /// Moves on to `now`, never back by itself.
    pub fn turn_to(&mut self, now: Moment) {
        self.now = self.now.max(now);
        self.windows.advance(self.now);
    }

    /// Moves on what time alone alters.
    pub fn advance(&mut self, now: Moment) {
        self.turn_to(now);
        self.freshness.turn(self.now, now);
        self.gauges.advance(self.now);
        self.agents.advance(self.now);
        self.samples.count(self.now, self.gauges.active(None));
        self.samples.advance(self.now);
        self.calls.advance(self.now);
    }

    /// How the board stands to now, as of the last tick.
    pub fn presence(&self) -> Presence {
        self.freshness.presence(self.now)
    }

    /// Up to when the floor is told: now, but for what the newest event was late by when something was heard last, and not
    /// while nobody is heard. Who has not been heard of for a while is silent only as far as the others are heard.
    pub fn told_to(&self) -> Moment {
        self.freshness.told_to(self.now)
    }

    pub const fn newest_event(&self) -> Option<Moment> {
        self.freshness.newest_event()
    }

    pub const fn sums(&self) -> LiveSums<'_> {
        LiveSums::of(self)
    }

    /// Whether anybody has told of a campaign.
    pub fn knows(&self, campaign: &CampaignId) -> bool {
        !campaign.as_str().is_empty() && (self.campaigns.contains_key(campaign) || self.own.run(campaign).is_some())
    }

    /// A campaign's running period.
    pub fn period(&self, campaign: &CampaignId) -> Option<&PeriodSums> {
        self.own.period(campaign, self.now)
    }

    pub fn campaign_name(&self, campaign: &CampaignId) -> SmolStr {
        called::campaign(campaign, self.campaigns.get(campaign), &self.config.veil)
    }

    /// A campaign's id as it is shown.
    pub fn shown(&self, id: &CampaignId) -> CampaignId {
        CampaignId::trusted(self.config.veil.id(id.as_str()))
    }

    pub fn route_of(&self, trunk: &TrunkId) -> RouteId {
        self.config.trunk_routes.get(trunk).cloned().unwrap_or_else(|| RouteId::trusted(trunk.to_smol()))
    }

    pub const fn zone(&self) -> Tz {
        self.config.zone
    }

    pub fn site(&self) -> Site {
        let offset = chrono::TimeZone::offset_from_utc_datetime(&self.config.zone, &self.now.to_utc().naive_utc());
        Site { zone: self.config.zone.name().to_owned(), utc_offset_s: offset.fix().local_minus_utc() }
    }

    /// A time of day in the site's zone: `14:26`.
    pub fn clock(&self, at: Moment) -> String {
        at.to_utc().with_timezone(&self.config.zone).format("%H:%M").to_string()
    }

    /// The same with its day where that is not today's: `Sat 21 Nov, 14:26`, and its year where it is another.
    pub fn clock_near(&self, at: Moment) -> String {
        let local = |at: Moment| at.to_utc().with_timezone(&self.config.zone);
        let (then, now) = (local(at), local(self.now));
        let pattern = match (then.date_naive() == now.date_naive(), then.year() == now.year()) {
            (true, _) => "%H:%M",
            (false, true) => "%a %-d %b, %H:%M",
            (false, false) => "%a %-d %b %Y, %H:%M",
        };
        then.format(pattern).to_string()
    }

    /// A fact of a campaign in the last five minutes.
    pub fn five(&self, campaign: &CampaignId, fact: Fact) -> i64 {
        self.held(campaign, Window::Minutes5).map_or(0, |held| held.get(fact))
    }

    /// A fact of a campaign in the last hour.
    pub fn hour(&self, campaign: &CampaignId, fact: Fact) -> i64 {
        self.held(campaign, Window::Minutes60).map_or(0, |held| held.get(fact))
    }

    fn held(&self, campaign: &CampaignId, window: Window) -> Option<Held<'_>> {
        self.windows.one(Dimension::Campaign, window, None, campaign.as_str())
    }

    /// Calls begun in the last whole minute, up to the running bucket: where dialing stops, that is seen within it.
    pub fn last_minute<'a>(&'a self, dimension: Dimension, over: impl Into<Over<'a>>, key: Option<&'a str>) -> i64 {
        let to = self.now.floor(LIVE_GRAIN);
        let minute = to - MINUTE..to;
        let buckets = self.windows.buckets(dimension, over, key).filter(|(_, at, _)| minute.contains(at));
        buckets.map(|(_, _, tally)| tally.get(Fact::Attempts)).sum()
    }

    /// Destinations completed and failed over the window `campaign`.
    pub fn done(&self, id: &CampaignId) -> (i64, i64) {
        let sum = |fact| self.own.run(id).map_or(0, |run| pick(&run.tally, fact));
        (sum(Fact::DestinationsCompleted), sum(Fact::DestinationsFailed))
    }

    /// Destinations done in the last 15 minutes.
    pub fn done_lately(&self, id: &CampaignId) -> i64 {
        let sums = self.windows.sums(Dimension::Campaign, Window::Minutes15, Some(id));
        sums.values().map(|facts| facts[Fact::DestinationsCompleted] + facts[Fact::DestinationsFailed]).sum()
    }

    /// Over how long a campaign's pace is taken.
    pub fn paced_over(&self, id: &CampaignId) -> Span {
        paced_over(self.own.run(id).map(|run| run.from), self.now)
    }

    /// Destinations tried for the first time; `None` where there are calls, and none told its attempt.
    pub fn first_attempts(&self, id: &CampaignId) -> Option<i64> {
        let run = self.own.run(id);
        let (tried, calls) =
            run.map_or((0, 0), |r| (pick(&r.tally, Fact::FirstAttempts), pick(&r.tally, Fact::Attempts)));
        (tried > 0 || calls == 0).then_some(tried)
    }
}
