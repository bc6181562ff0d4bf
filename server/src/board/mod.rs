//! The board: everything that is live, and the frames made of it.
//!
//! It adds up [`Change`](crate::law::change::Change)s and, at each tick, turns the sums into a [`LiveFrame`]. Time is an argument: live, replay and
//! tests are the same code with another clock. Rows come from `rows`, the words from `problems`; `memory` keeps order and
//! "since", `judgements` what holds, `presence` whether it is of now. Owned by one task (`server/src/live`); nothing here does IO.

#[cfg(test)]
mod afresh;
pub mod agents;
mod apply;
pub mod baseline;
mod cache;
pub mod called;
mod calls;
pub mod campaign_state;
mod channels;
mod config;
pub mod gauges;
mod judgements;
#[cfg(test)]
mod many;
pub mod memory;
mod monitor;
mod own;
pub mod presence;
pub mod present;
mod problems;
mod rows;
mod said;
pub mod samples;
mod strip;
mod sums;
#[cfg(test)]
mod sums_tests;
#[cfg(test)]
mod tests;
mod veiled;
pub mod windows;

use crate::board::windows::Windows;
use crate::law::change::{PeriodSums, Storing};
use agents::Agents;
use app::domain::control::Controls;
use app::domain::{Campaign, CampaignId, Did, Moment, Route, RouteId, Span, Tally, TrunkId};
use app::view::live::{LiveFrame, Site};
use baseline::Baselines;
use calls::Calls;
use chrono::{Datelike, Offset};
use chrono_tz::Tz;
pub use config::{BoardConfig, Hears};
use gauges::Gauges;
use judgements::Judgements;
use memory::Memory;
pub use monitor::Gathered;
use own::OwnSpans;
use presence::Freshness;
use problems::{Problems, Today};
use rows::Rows;
use samples::Samples;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
pub use sums::{LiveSums, OwnSums, WindowSums};

/// See the module.
#[derive(Debug)]
pub struct Board {
    config: BoardConfig,
    now: Moment,
    /// When it was judged last.
    judged: Moment,
    windows: Windows,
    gauges: Gauges,
    agents: Agents,
    samples: Samples,
    campaigns: HashMap<CampaignId, Campaign>,
    routes: HashMap<RouteId, Route>,
    dids: HashMap<SmolStr, Did>,
    own: OwnSpans,
    calls: Calls,
    controls: Arc<Controls>,
    baselines: Baselines,
    memory: Memory,
    /// What is remembered of the monitor's cards.
    seen: Memory<monitor::Area>,
    minutes: strip::Minutes,
    /// What is kept of these, as of the last whole second.
    cards: monitor::Cards,
    /// The whole floor's, as judged at the last tick.
    rows: Rows,
    judgements: Judgements,
    /// What is wrong, as of the last whole second.
    problems: Problems,
    /// What the daily view says of today.
    today: Option<Today>,
    freshness: Freshness,
    storing: Storing,
    audited: Audited,
    /// Events of the last hour that were not taken.
    rejected: Option<Rejected>,
    misspelt: Option<Misspelt>,
}

/// What the audit of the figures has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Audited {
    /// Hours of campaigns whose figures are not those of their calls.
    pub differ: u64,
    /// Whether the sums of the past were made by an earlier edition of the law.
    pub is_of_earlier_law: bool,
}

/// Events of the last hour that were rejected, and the most frequent reason, with its share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    pub events: u64,
    /// Whole bodies of which no event could be read.
    pub bodies: u64,
    pub why: SmolStr,
    pub of: u64,
}

/// A misspelt field that senders go on telling, and how often in the last hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misspelt {
    pub why: SmolStr,
    pub times: u64,
}

impl Board {
    #[must_use]
    pub fn new(config: BoardConfig, now: Moment) -> Self {
        Self {
            config,
            now,
            judged: now,
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
            memory: Memory::default(),
            seen: Memory::default(),
            minutes: strip::Minutes::default(),
            cards: monitor::Cards::default(),
            rows: Rows::default(),
            judgements: Judgements::default(),
            problems: Problems::default(),
            today: None,
            freshness: Freshness::default(),
            storing: Storing::Keeps,
            audited: Audited::default(),
            rejected: None,
            misspelt: None,
        }
    }

    /// Takes new baselines.
    pub fn compare_with(&mut self, baselines: Baselines) {
        self.baselines = baselines;
        self.rows.dids.touch_all();
        self.rows.campaigns.touch_all();
    }

    /// Moves on to `now`, never back by itself, so that what happened since is within its windows when it is heard, however long that was.
    pub fn turn_to(&mut self, now: Moment) {
        self.now = self.now.max(now);
        self.windows.advance(self.now);
    }

    /// Moves on to `now`: judges what moved, and remembers order and "since". A frame is made when it is asked for.
    pub fn advance(&mut self, now: Moment) {
        self.turn_to(now);
        self.freshness.turn(self.now, now);
        let before = std::mem::replace(&mut self.judged, self.now);
        self.gauges.advance(self.now);
        self.agents.advance(self.now);
        if !self.samples.tells_channels(self.now) {
            let active = self.gauges.active(None);
            self.samples.count(self.now, active);
        }
        self.samples.advance(self.now);
        self.calls.advance(self.now);
        self.judge();
        self.rows.note(&mut self.memory, self.now);
        if before.floor(monitor::NOTED_EVERY) != self.now.floor(monitor::NOTED_EVERY) || before == self.now {
            self.note_monitor();
        }
        self.minutes.note(self.now, strip::Present::of(self));
        let whole = self.whole(&self.problems);
        self.memory.close(whole, self.now);
    }

    /// The whole floor's frame, as of the last tick.
    #[must_use]
    pub fn live(&self) -> LiveFrame {
        self.frame(None, &self.rows)
    }

    /// Moves on to `now`, and gives the whole floor's frame.
    pub fn tick(&mut self, now: Moment) -> LiveFrame {
        self.advance(now);
        self.live()
    }

    /// Whether anybody has told of a campaign.
    #[must_use]
    pub fn knows(&self, campaign: &CampaignId) -> bool {
        !campaign.as_str().is_empty() && (self.campaigns.contains_key(campaign) || self.own.run(campaign).is_some())
    }

    /// The frame of the last tick, narrowed to one campaign. Order and "since" are those of the whole floor's frame.
    #[must_use]
    pub fn of_campaign(&self, campaign: &CampaignId) -> LiveFrame {
        self.frame(Some(campaign), &self.rows_of(campaign))
    }

    #[must_use]
    pub const fn now(&self) -> Moment {
        self.now
    }

    /// The site's.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.config.zone
    }

    #[must_use]
    pub const fn newest_event(&self) -> Option<Moment> {
        self.freshness.newest_event()
    }

    #[must_use]
    pub const fn gauges(&self) -> &Gauges {
        &self.gauges
    }

    #[must_use]
    pub const fn agents(&self) -> &Agents {
        &self.agents
    }

    #[must_use]
    pub const fn samples(&self) -> &Samples {
        &self.samples
    }

    #[must_use]
    pub const fn campaigns(&self) -> &HashMap<CampaignId, Campaign> {
        &self.campaigns
    }

    /// Keys held in memory, for `/metrics`.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.windows.len()
    }

    /// Calls held for campaigns' pages, and those that were not because there were too many.
    #[must_use]
    pub fn listed_calls(&self) -> (usize, u64) {
        self.calls.sizes()
    }

    /// Samples not taken in, and agents forgotten, because there were too many.
    #[must_use]
    pub const fn beyond_bounds(&self) -> (u64, u64) {
        (self.samples.untaken(), self.agents.forgotten())
    }

    /// Changes of sums not taken in because there were too many keys.
    #[must_use]
    pub const fn keys_untaken(&self) -> u64 {
        self.windows.untaken()
    }

    /// A campaign's running period.
    #[must_use]
    pub fn period(&self, campaign: &CampaignId) -> Option<&PeriodSums> {
        self.own.period(campaign, self.now)
    }

    fn campaign_name(&self, campaign: &CampaignId) -> SmolStr {
        called::campaign(campaign, self.campaigns.get(campaign), &self.config.veil)
    }

    fn site(&self) -> Site {
        let offset = chrono::TimeZone::offset_from_utc_datetime(&self.config.zone, &self.now.to_utc().naive_utc());
        Site { zone: self.config.zone.name().to_owned(), utc_offset_s: offset.fix().local_minus_utc() }
    }

    /// A time of day in the site's zone: `14:26`.
    fn clock(&self, at: Moment) -> String {
        at.to_utc().with_timezone(&self.config.zone).format("%H:%M").to_string()
    }

    /// The same with its day where that is not today's: `Sat 21 Nov, 14:26`, and its year where it is another.
    fn clock_near(&self, at: Moment) -> String {
        let local = |at: Moment| at.to_utc().with_timezone(&self.config.zone);
        let (then, now) = (local(at), local(self.now));
        let pattern = match (then.date_naive() == now.date_naive(), then.year() == now.year()) {
            (true, _) => "%H:%M",
            (false, true) => "%a %-d %b, %H:%M",
            (false, false) => "%a %-d %b %Y, %H:%M",
        };
        then.format(pattern).to_string()
    }

    fn route_of(&self, trunk: &TrunkId) -> RouteId {
        self.config.trunk_routes.get(trunk).cloned().unwrap_or_else(|| RouteId::trusted(trunk.to_smol()))
    }
}

/// The abandon limit of a campaign in millionths.
#[must_use]
pub fn limit_ppm(campaign: Option<&Campaign>) -> i64 {
    campaign.and_then(|c| c.limit.value()).map_or(app::compliance::DEFAULT_LIMIT_PPM, |limit| limit.ppm())
}

/// Adds the parts of a tally that a ratio needs.
fn pick(tally: &Tally, fact: app::domain::Fact) -> i64 {
    tally.get(fact)
}

const MINUTE: Span = Span::minutes(1);

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Forgets what is before `first`: mostly nothing, or the oldest.
fn drop_before<V>(by_time: &mut BTreeMap<Moment, V>, first: Moment) {
    while by_time.first_key_value().is_some_and(|(at, _)| *at < first) {
        by_time.pop_first();
    }
}
