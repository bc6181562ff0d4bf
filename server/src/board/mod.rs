//! The board: everything that is live, and the frames made of it.
//!
//! `floor` holds what is told, added up from [`Change`](crate::law::change::Change)s; `rows` makes the panels' rows of it and
//! judges them, `monitor` the cards, `problems` the list of what is wrong and its words; `memory` keeps order and "since",
//! `judgements` what holds, `presence` whether it is of now. Each of them reads the floor and writes its own; here they are put
//! together: apply, advance, frame. Time is an argument: live, replay and tests are the same code with another clock. Owned by
//! one task (`server/src/live`); nothing here does IO.

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
mod floor;
pub mod gauges;
mod judgements;
#[cfg(test)]
mod many;
pub mod memory;
mod monitor;
mod over;
#[cfg(test)]
mod over_tests;
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

use crate::law::change::{PeriodSums, Storing};
use agents::Agents;
use app::domain::{Campaign, CampaignId, CampaignScope, Dimension, Moment, Span, Tally, Window};
use app::kpi::{Band, KpiId};
use app::view::live::LiveFrame;
use app::view::monitor::MonitorFrame;
use app::view::monitor_campaign::CampaignFrame;
use app::view::problems::ProblemList;
use baseline::Baselines;
use campaign_state::CampaignState;
use chrono_tz::Tz;
pub use config::{BoardConfig, Hears};
use floor::Floor;
use gauges::Gauges;
pub use monitor::Gathered;
use monitor::{CardMaker, MonitorState};
use over::{Over, Several};
use presence::Presence;
use present::{PresentFigures, PresentRow};
use problems::{Finder, Problems, Sentence, Today};
use rows::{FrameMaker, Verdicts};
use samples::Samples;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet, HashMap};
pub use sums::{LiveSums, OwnSums, WindowSums};

/// The board: the floor as it is told, what is said of it, and what is remembered from tick to tick.
#[derive(Debug)]
pub struct Board {
    floor: Floor,
    /// When it was judged last.
    judged: Moment,
    verdicts: Verdicts,
    monitor: MonitorState,
    minutes: strip::Minutes,
    /// What is wrong, as of the last whole second.
    problems: Problems,
    /// What the daily view says of today.
    today: Option<Today>,
    server: ServerHealth,
}

/// How the server itself fares.
#[derive(Debug, Default)]
struct ServerHealth {
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
    /// Whole requests without a key that may send.
    pub requests: u64,
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
            floor: Floor::new(config, now),
            judged: now,
            verdicts: Verdicts::default(),
            monitor: MonitorState::default(),
            minutes: strip::Minutes::default(),
            problems: Problems::default(),
            today: None,
            server: ServerHealth::default(),
        }
    }

    /// Takes new baselines.
    pub fn compare_with(&mut self, baselines: Baselines) {
        self.floor.baselines = baselines;
        self.verdicts.rows.dids.touch_all();
        self.verdicts.rows.campaigns.touch_all();
    }

    /// Moves on to `now`, never back by itself, so that what happened since is within its windows when it is heard, however long that was.
    pub fn turn_to(&mut self, now: Moment) {
        self.floor.turn_to(now);
    }

    /// Moves on to `now`: judges what moved, and remembers order and "since". A frame is made when it is asked for.
    pub fn advance(&mut self, now: Moment) {
        self.floor.advance(now);
        let now = self.floor.now;
        let before = std::mem::replace(&mut self.judged, now);
        self.verdicts.judge(&mut self.floor, &mut self.monitor.cards);
        self.verdicts.rows.note(&mut self.verdicts.memory, now);
        if before.floor(monitor::NOTED_EVERY) != now.floor(monitor::NOTED_EVERY) || before == now {
            self.note_monitor();
        }
        let sentence = self.sentence();
        let (problems, whole) = (sentence.count_problems(Over::Floor), sentence.whole());
        self.minutes.note(now, strip::Present::of(&self.floor, &self.verdicts.rows, problems));
        self.verdicts.memory.close(whole, now);
    }

    /// Takes note of how cards and workers stand, and of what is wrong.
    fn note_monitor(&mut self) {
        let gathered = self.gather();
        self.monitor.note(&self.floor, &mut self.verdicts, &gathered);
        self.problems = self.finder().find(&gathered);
        let whole = self.sentence().whole();
        self.monitor.close(&self.floor, whole, gathered);
    }

    /// The whole floor's frame, as of the last tick.
    #[must_use]
    pub fn live(&self) -> LiveFrame {
        self.frame_maker().frame(Over::Floor, &self.verdicts.rows)
    }

    /// Moves on to `now`, and gives the whole floor's frame.
    pub fn tick(&mut self, now: Moment) -> LiveFrame {
        self.advance(now);
        self.live()
    }

    /// The frame of the last tick, narrowed to some campaigns, whose sums are added up. Order and "since" are those of the whole
    /// floor's frame.
    #[must_use]
    pub fn of_campaigns(&self, campaigns: &BTreeSet<CampaignId>) -> LiveFrame {
        let over = |over| self.frame_maker().frame(over, &self.verdicts.rows_of(&self.floor, over));
        match (campaigns.first(), campaigns.len()) {
            (Some(campaign), 1) => over(Over::One(campaign)),
            (_, _) => over(Over::Several(&Several::of(&self.floor.windows, campaigns))),
        }
    }

    /// Reads the sums, for all the monitor's frames of one tick.
    #[must_use]
    pub fn gather(&self) -> Gathered {
        monitor::gather(&self.floor, &self.verdicts, &self.monitor.seen)
    }

    /// The monitor from above, as of the last tick.
    #[must_use]
    pub fn monitor(&self, gathered: &Gathered) -> MonitorFrame {
        monitor::frame(self.card_maker(), &self.monitor.cards, self.sentence(), gathered)
    }

    /// The frame of a campaign that is known, whatever its status; `None` of one that nobody has told of.
    #[must_use]
    pub fn monitor_of(&self, campaign: &CampaignId, gathered: &Gathered) -> Option<CampaignFrame> {
        monitor::campaign_frame(self.card_maker(), &self.monitor.cards, campaign, gathered)
    }

    /// The whole list of what is wrong, as the API answers it.
    #[must_use]
    pub fn problem_list(&self) -> ProblemList {
        self.sentence().problem_list()
    }

    /// A gauge by a dimension that has it (the catalogue names them); empty for others.
    #[must_use]
    pub fn present(&self, what: app::kpi::catalog::Present, by: Dimension, scope: &CampaignScope) -> Vec<PresentRow> {
        let (floor, verdicts, seen) = (&self.floor, &self.verdicts, &self.monitor.seen);
        PresentFigures { floor, verdicts, seen }.present(what, by, scope)
    }

    /// The bands that the pages show of a KPI, by its keys as they are told; `None` where no page judges it so.
    #[must_use]
    pub fn said_of(
        &self,
        kpi: KpiId,
        by: Dimension,
        window: Window,
        scope: &CampaignScope,
    ) -> Option<HashMap<SmolStr, Band>> {
        said::said_of(&self.floor, &self.verdicts, kpi, by, window, scope)
    }

    /// How a campaign stands; with `until`, how many of its calls that are up began by then.
    #[must_use]
    pub fn state_of(&self, campaign: &CampaignId, until: Option<Moment>) -> CampaignState {
        campaign_state::state_of(&self.floor, campaign, until)
    }

    /// What is added up, as of its moment.
    #[must_use]
    pub const fn sums(&self) -> LiveSums<'_> {
        self.floor.sums()
    }

    /// Whether anybody has told of a campaign.
    #[must_use]
    pub fn knows(&self, campaign: &CampaignId) -> bool {
        self.floor.knows(campaign)
    }

    /// How the board stands to now, as of the last tick.
    #[must_use]
    pub fn presence(&self) -> Presence {
        self.floor.presence()
    }

    #[must_use]
    pub const fn now(&self) -> Moment {
        self.floor.now
    }

    /// The site's.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.floor.zone()
    }

    #[must_use]
    pub const fn newest_event(&self) -> Option<Moment> {
        self.floor.newest_event()
    }

    #[must_use]
    pub const fn gauges(&self) -> &Gauges {
        &self.floor.gauges
    }

    #[must_use]
    pub const fn agents(&self) -> &Agents {
        &self.floor.agents
    }

    #[must_use]
    pub const fn samples(&self) -> &Samples {
        &self.floor.samples
    }

    #[must_use]
    pub const fn campaigns(&self) -> &HashMap<CampaignId, Campaign> {
        &self.floor.campaigns
    }

    /// Keys held in memory, for `/metrics`.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.floor.windows.len()
    }

    /// Calls held for campaigns' pages, and those that were not because there were too many.
    #[must_use]
    pub fn listed_calls(&self) -> (usize, u64) {
        self.floor.calls.sizes()
    }

    /// Samples not taken in, and agents forgotten, because there were too many.
    #[must_use]
    pub const fn beyond_bounds(&self) -> (u64, u64) {
        (self.floor.samples.untaken(), self.floor.agents.forgotten())
    }

    /// Changes of sums not taken in because there were too many keys.
    #[must_use]
    pub const fn keys_untaken(&self) -> u64 {
        self.floor.windows.untaken()
    }

    /// A campaign's running period.
    #[must_use]
    pub fn period(&self, campaign: &CampaignId) -> Option<&PeriodSums> {
        self.floor.period(campaign)
    }

    const fn sentence(&self) -> Sentence<'_> {
        Sentence { floor: &self.floor, verdicts: &self.verdicts, cards: &self.monitor.cards, problems: &self.problems }
    }

    const fn frame_maker(&self) -> FrameMaker<'_> {
        let (floor, memory) = (&self.floor, &self.verdicts.memory);
        FrameMaker { floor, memory, sentence: self.sentence(), minutes: &self.minutes }
    }

    const fn card_maker(&self) -> CardMaker<'_> {
        CardMaker::of(&self.floor, &self.verdicts, &self.monitor.seen)
    }

    const fn finder(&self) -> Finder<'_> {
        let (floor, verdicts, monitor, server) = (&self.floor, &self.verdicts, &self.monitor, &self.server);
        Finder { floor, verdicts, monitor, server, today: self.today.as_ref() }
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
