//! The board: everything that is live, and the frames made of it.
//!
//! It adds up [`Change`]s and, at each tick, turns the sums into a [`LiveFrame`]. Time is an argument: live, replay and
//! tests are the same code with another clock. Rows come from `rows`, the words from `problems`; `memory` keeps order and
//! "since", `judgements` what holds, `presence` whether it is of now. Owned by one task (`server/src/live`); nothing here does IO.

#[cfg(test)]
mod afresh;
pub mod agents;
pub mod baseline;
mod cache;
pub mod called;
mod calls;
mod channels;
pub mod gauges;
mod judgements;
#[cfg(test)]
mod many;
pub mod memory;
mod monitor;
pub mod presence;
pub mod present;
mod problems;
mod rows;
pub mod samples;
pub mod standing;
mod strip;
#[cfg(test)]
mod tests;
mod veiled;
pub mod windows;

use crate::board::windows::{RING, Windows, extent, grain};
use crate::kit::mask::Veil;
use crate::law::agents::key_in;
use crate::law::change::{Anew, Change, Gone, PeriodSums, RunSums, Storing};
use crate::law::span::{Stretch, site_day};
use agents::Agents;
use app::domain::control::Controls;
use app::domain::{
    Campaign, CampaignId, ComponentId, Did, Dimension, Facts, Moment, Route, RouteId, Span, Tally, TrunkId, Window,
};
use app::kpi::silence::{Gaps, UNTIL_KNOWN};
use app::view::daily::DailyFrame;
use app::view::live::{LiveFrame, Site};
use baseline::Baselines;
use calls::Calls;
use chrono::{Datelike, Offset};
use chrono_tz::Tz;
use gauges::Gauges;
use judgements::Judgements;
use memory::Memory;
pub use monitor::Gathered;
use problems::{Problems, Today};
use rows::Rows;
use samples::Samples;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What the board is told by configuration.
#[derive(Debug, Clone)]
pub struct BoardConfig {
    pub zone: Tz,
    /// Trunks whose route has another id.
    pub trunk_routes: HashMap<TrunkId, RouteId>,
    /// Provisioned channels of trunks that don't tell.
    pub capacities: HashMap<TrunkId, u32>,
    /// Components' own dashboards, for those that don't tell.
    pub links: HashMap<ComponentId, SmolStr>,
    /// What hides persons' numbers in all that the board shows.
    pub veil: Veil,
    /// For which campaigns a dialer can be asked to pause.
    pub hears: Hears,
}

/// Who says for which campaigns a dialer can be asked; by default for none.
#[derive(Clone, Default)]
pub struct Hears(Option<Arc<Says>>);

type Says = dyn Fn(&CampaignId) -> bool + Send + Sync;

impl Hears {
    #[must_use]
    pub fn by(says: impl Fn(&CampaignId) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(says)))
    }

    #[must_use]
    pub fn hears(&self, campaign: &CampaignId) -> bool {
        self.0.as_ref().is_some_and(|says| says(campaign))
    }
}

impl std::fmt::Debug for Hears {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Hears(…)" } else { "Hears(nobody)" })
    }
}

impl Default for BoardConfig {
    fn default() -> Self {
        Self {
            zone: Tz::UTC,
            trunk_routes: HashMap::new(),
            capacities: HashMap::new(),
            links: HashMap::new(),
            hears: Hears::default(),
            veil: Veil::default(),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Board {
    config: BoardConfig,
    now: Moment,
    /// When it was judged last.
    judged: Moment,
    newest_event: Option<Moment>,
    windows: Windows,
    gauges: Gauges,
    agents: Agents,
    samples: Samples,
    campaigns: HashMap<CampaignId, Campaign>,
    routes: HashMap<RouteId, Route>,
    dids: HashMap<SmolStr, Did>,
    periods: HashMap<CampaignId, PeriodSums>,
    runs: HashMap<CampaignId, RunSums>,
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
    /// When something was heard.
    gaps: Gaps,
    /// How far this board's time is ahead of the clock.
    ahead: Span,
    storing: Storing,
    /// Hours of campaigns whose figures are not those of their calls, as far as was looked.
    mismatches: u64,
}

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

impl Board {
    #[must_use]
    pub fn new(config: BoardConfig, now: Moment) -> Self {
        Self {
            config,
            now,
            judged: now,
            newest_event: None,
            windows: Windows::new(now),
            gauges: Gauges::default(),
            agents: Agents::default(),
            samples: Samples::default(),
            campaigns: HashMap::new(),
            routes: HashMap::new(),
            dids: HashMap::new(),
            periods: HashMap::new(),
            runs: HashMap::new(),
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
            gaps: Gaps::default(),
            ahead: Span::ZERO,
            storing: Storing::Keeps,
            mismatches: 0,
        }
    }

    /// Adds what a commit changed.
    pub fn apply(&mut self, change: &Change) {
        match change.begins_anew {
            None => {}
            Some(Anew::Missed) => self.begin_anew(),
            Some(Anew::SetBack(to)) => self.set_back(to),
        }
        if veiled::learn(&self.config.veil, change) {
            self.rows.dids.touch_all();
            self.rows.campaigns.touch_all();
            self.rows.routes.touch_all();
        }
        self.storing = change.storing.unwrap_or(self.storing);
        self.listen(change);
        for fact in &change.facts {
            self.windows.add(fact);
            if fact.of.dimension != Dimension::Campaign {
                continue;
            }
            self.rows.campaigns.touch(&fact.of.campaign);
            if let Some(period) = self.periods.get_mut(&fact.of.campaign)
                && (period.from..period.to).contains(&fact.bucket)
            {
                period.tally += &fact.tally;
            }
            if let Some(run) = self.runs.get_mut(&fact.of.campaign)
                && run.from <= fact.bucket
            {
                run.tally += &fact.tally;
            }
        }
        for (key, n) in &change.gauges {
            self.gauges.add(key, *n);
        }
        change.agents.iter().for_each(|agent| self.agents.tell(agent));
        self.samples.channels(&change.channels);
        change.trunks.iter().for_each(|sample| self.samples.trunk(sample));
        let mut health: Vec<_> = change.health.iter().collect();
        health.sort_by_key(|sample| sample.at);
        health.into_iter().for_each(|sample| self.samples.health(sample));
        change.metrics.iter().for_each(|sample| self.samples.metric(sample));
        change.campaigns.iter().for_each(|(campaign, _)| self.rows.campaigns.touch(campaign));
        self.campaigns.extend(change.campaigns.iter().cloned());
        change.routes.iter().for_each(|(route, _)| self.rows.routes.touch(route));
        self.routes.extend(change.routes.iter().cloned());
        for (number, did) in &change.dids {
            let number = SmolStr::new(number.reveal());
            self.rows.dids.touch(&number);
            if did.is_known() {
                self.dids.insert(number, did.clone());
            } else {
                self.dids.remove(&number);
            }
        }
        for period in &change.periods {
            self.rows.campaigns.touch(&period.campaign);
            self.periods.insert(period.campaign.clone(), period.clone());
        }
        for run in &change.runs {
            self.cards.touch(&run.campaign);
            self.runs.insert(run.campaign.clone(), run.clone());
        }
        for campaign in &change.without_start {
            self.rows.campaigns.touch(campaign);
            self.periods.remove(campaign);
            self.runs.remove(campaign);
        }
        change.calls.iter().for_each(|call| self.calls.tell(call));
        self.forget(&change.gone);
    }

    /// Forgets names of which nothing is kept any more.
    fn forget(&mut self, gone: &Gone) {
        for campaign in &gone.campaigns {
            self.rows.campaigns.touch(campaign);
            self.campaigns.remove(campaign);
            self.periods.remove(campaign);
            self.runs.remove(campaign);
        }
        for route in &gone.routes {
            self.rows.routes.touch(route);
            self.routes.remove(route);
        }
        for number in &gone.dids {
            self.dids.remove(number.reveal());
            self.rows.dids.touch(&SmolStr::new(number.reveal()));
        }
    }

    /// Takes note that something is heard. What comes late or of the past is heard all the same; what a store tells at a
    /// start was heard when it says: since when it has been so nobody knows, and who was silent meanwhile may have told.
    fn listen(&mut self, change: &Change) {
        let before = self.newest_event;
        self.newest_event = before.max(change.newest_event);
        let Some(newest) = change.newest_event else { return };
        if change.events == 0 && self.gaps.last().is_none() {
            self.gaps = Gaps::since(Some(newest));
            self.samples.listen_from(self.now);
            self.memory.begin_in_the_midst();
        } else if change.events > 0 || newest > self.now - UNTIL_KNOWN || before.is_some_and(|before| newest > before) {
            self.gaps.hear(self.now);
        }
    }

    /// Takes what the daily view says of the running day; nothing of one that is still being caught up with.
    pub fn hear_of_today(&mut self, frame: &DailyFrame) {
        self.today = Today::of(frame).filter(|_| self.presence().is_now());
    }

    /// Takes what was asked of the dialer.
    pub fn asked(&mut self, controls: Arc<Controls>) {
        let before = std::mem::replace(&mut self.controls, controls);
        let moved = self.controls.iter().filter(|(id, asked)| before.get(*id) != Some(*asked)).map(|(id, _)| id);
        let gone = before.keys().filter(|id| !self.controls.contains_key(*id));
        moved.chain(gone).for_each(|campaign| self.cards.touch(campaign));
    }

    /// Takes what the audit of the figures has found.
    pub const fn audited(&mut self, mismatches: u64) {
        self.mismatches = mismatches;
    }

    /// Forgets all that commits told; configuration, baselines, and what is remembered of past frames stay.
    fn begin_anew(&mut self) {
        let fresh = Self::new(self.config.clone(), self.now);
        let (baselines, memory) = (std::mem::take(&mut self.baselines), std::mem::take(&mut self.memory));
        let (seen, minutes) = (std::mem::take(&mut self.seen), std::mem::take(&mut self.minutes));
        let (judgements, gaps) = (std::mem::take(&mut self.judgements), std::mem::take(&mut self.gaps));
        let (controls, today) = (Arc::clone(&self.controls), self.today.take());
        let (storing, mismatches) = (self.storing, self.mismatches);
        *self =
            Self { baselines, memory, seen, minutes, judgements, gaps, controls, today, storing, mismatches, ..fresh };
    }

    /// Begins anew at an earlier time; what is remembered of a later one is void.
    fn set_back(&mut self, to: Moment) {
        let (baselines, controls) = (std::mem::take(&mut self.baselines), Arc::clone(&self.controls));
        let (storing, mismatches) = (self.storing, self.mismatches);
        *self = Self { baselines, controls, storing, mismatches, ..Self::new(self.config.clone(), to) };
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
        self.ahead = self.now.since(now);
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
        !campaign.as_str().is_empty() && (self.campaigns.contains_key(campaign) || self.runs.contains_key(campaign))
    }

    /// The frame of the last tick, narrowed to one campaign. Order and "since" are those of the whole floor's frame.
    #[must_use]
    pub fn of_campaign(&self, campaign: &CampaignId) -> LiveFrame {
        self.frame(Some(campaign), &self.rows_of(campaign))
    }

    /// The buckets kept in memory of a dimension that begin in a span, of all keys or one; agents' open states, which no
    /// bucket holds, come as further ones.
    #[must_use]
    pub fn buckets(
        &self,
        dimension: Dimension,
        campaign: Option<&CampaignId>,
        key: Option<&str>,
        during: Stretch,
    ) -> Vec<(Moment, SmolStr, Tally)> {
        let kept = self.windows.buckets(dimension, campaign, key).filter(|(_, at, _)| during.contains(*at));
        let mut buckets: Vec<_> = kept.map(|(of, at, tally)| (at, of.clone(), tally.clone())).collect();
        let grain = grain(dimension);
        let mut at = during.from.floor(grain).max(self.now.floor(grain) + grain - RING);
        while at < during.to && at < self.now {
            let open = self.open_time_in(dimension, Stretch { from: at, to: at + grain }, campaign);
            let asked = open.into_iter().filter(|(of, _)| key.is_none_or(|key| of == key));
            buckets.extend(asked.map(|(of, facts)| (at, of, facts.tally())));
            at = at + grain;
        }
        buckets
    }

    /// The sums of campaigns over stretches of their own, the windows `period` and `campaign`: of all campaigns or one,
    /// in byte order, agents' open states included. None of those of which no start is known, and of other windows.
    #[must_use]
    pub fn own_sums(&self, window: Window, campaign: Option<&CampaignId>) -> Vec<OwnSums> {
        let wanted = |id: &CampaignId| campaign.is_none_or(|c| c == id);
        let mut sums: Vec<OwnSums> = match window {
            Window::Period => {
                let periods = self.periods.values().filter(|period| wanted(&period.campaign) && self.now < period.to);
                let sums = |p: &PeriodSums| OwnSums::of(&p.campaign, Stretch { from: p.from, to: p.to }, &p.tally);
                periods.map(sums).collect()
            }
            Window::Campaign => {
                let to = site_day(self.config.zone, self.now).to;
                let runs = self.runs.values().filter(|run| wanted(&run.campaign));
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
            let open = self.open_time(Dimension::Campaign, sum.during.from, Some(&sum.campaign));
            open.values().for_each(|open| sum.facts += open);
        }
        sums.sort_by(|a, b| a.campaign.cmp(&b.campaign));
        sums
    }

    /// Sums of a window kept in memory, open agent states included; `None` for the store's windows.
    #[must_use]
    pub fn sums(&self, dimension: Dimension, window: Window, campaign: Option<&CampaignId>) -> Option<WindowSums> {
        self.sums_of(dimension, window, campaign, None)
    }

    /// The same of all keys or one.
    #[must_use]
    pub fn sums_of(
        &self,
        dimension: Dimension,
        window: Window,
        campaign: Option<&CampaignId>,
        only: Option<&str>,
    ) -> Option<WindowSums> {
        let (from, to) = extent(window, dimension, self.now)?;
        let mut sums = self.windows.sums_of(dimension, window, campaign, only);
        let open = self.open_time(dimension, from, campaign);
        for (key, open) in open.into_iter().filter(|(key, _)| only.is_none_or(|only| key == only)) {
            *sums.entry(key).or_default() += &open;
        }
        let mut rows: Vec<_> = sums.into_iter().collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        Some(WindowSums { as_of: self.now, from, to, rows })
    }

    /// The time of open agent states since `from`, by key of a dimension that has agent time.
    #[must_use]
    pub fn open_time(
        &self,
        dimension: Dimension,
        from: Moment,
        campaign: Option<&CampaignId>,
    ) -> HashMap<SmolStr, Facts> {
        self.open_time_in(dimension, Stretch { from, to: self.now }, campaign)
    }

    fn open_time_in(
        &self,
        dimension: Dimension,
        during: Stretch,
        campaign: Option<&CampaignId>,
    ) -> HashMap<SmolStr, Facts> {
        self.agents.open_time(during.from, during.to.min(self.now), |agent| {
            let wanted = campaign.is_none_or(|c| agent.campaign == *c);
            key_in(dimension, &agent.agent, &agent.campaign).filter(|_| wanted)
        })
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
        self.newest_event
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
        self.periods.get(campaign).filter(|p| self.now < p.to)
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
