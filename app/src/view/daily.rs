//! The daily view's frame (S39, S55–S60): one site day beside the same day of the week before, up to the same time of day.
//!
//! Made of rollups only, every five minutes. All counts are exact, all bands decided by the server; a page prints them, by
//! the catalogue's entry of each KPI. Far-end numbers never occur. Of a day that is running every figure reaches to
//! [`DayHead::until`], but for agents, whose sums are kept by the day: theirs, and the on-call share of all, reach to
//! [`DayHead::agents_until`].

use super::live::Site;
use super::table::Table;
use crate::domain::control::Action;
use crate::domain::{AgentId, CampaignId, Moment, RouteId};
use crate::kpi::{Band, Ratio};
use crate::{framed, keyed, sent_whole};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

framed! {
    /// The whole daily view of one day.
    DailyFrame / DailyDelta {
        /// Where the site is: its zone.
        site: Site,
        /// Which day, and what it is compared with.
        day: DayHead,
        /// In the order they are shown.
        kpis: Table<DayKpi>,
        /// Through the day, oldest first, one for each step that has begun by `until`; a step in which nothing happened is all zero.
        steps: Table<DayStep>,
        /// The same of the day compared with, whole.
        before: Table<DayStep>,
        /// Worst first.
        campaigns: Table<CampaignDay>,
        /// Worst first.
        routes: Table<RouteDay>,
        /// Those out of band first, then by handled calls.
        agents: Table<AgentDay>,
        /// Pauses and resumes of that day that the dialer confirmed, oldest first; at most [`MAX_MARKS`], the newest.
        marks: Table<DayMark>,
    }
}

/// At most this many marks of a day: more hairlines would hide what they stand in.
pub const MAX_MARKS: usize = 100;

/// Whether a stretch of site days is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DayState {
    Running,
    Over,
}

/// Which day, and what it is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct DayHead {
    /// The site's date, `2026-11-21`.
    pub date: SmolStr,
    /// When it begins.
    pub from: Moment,
    /// Exclusive. Days have 23 or 25 hours where clocks change.
    pub to: Moment,
    /// The figures reach to here, exclusive: `to`, or of a running day the last whole five minutes.
    pub until: Moment,
    /// Whether it is over.
    pub state: DayState,
    /// When figures of this day last changed after it was over: late events. Days that were imported afterwards are not revised.
    pub revised_at: Option<Moment>,
    /// What agents did is counted to here: of a running day to `as_of`, since it is kept by whole days.
    pub agents_until: Moment,
    /// Length of a step: 300, or 3,600 where five minutes are no longer kept (after 14 days).
    pub step_s: i64,
    /// The steps hold from here…
    pub steps_from: Moment,
    /// …to here: whole hours of UTC where days are older, so that of a zone with half hours or quarters they leave out
    /// what lies before the day's first hour and after its last. All other figures count that.
    pub steps_to: Moment,
    /// The date seven days before.
    pub before_date: SmolStr,
    /// When the day compared with begins.
    pub before_from: Moment,
    /// When it ends, exclusive.
    pub before_to: Moment,
    /// The same time of day as `until`; of a time that clocks showed twice the first, of one they skipped where they go on.
    pub before_until: Moment,
    /// Length of its steps, as `step_s`.
    pub before_step_s: i64,
    /// Its steps hold from here…
    pub before_steps_from: Moment,
    /// …to here.
    pub before_steps_to: Moment,
    /// When figures of that day last changed after it was over.
    pub before_revised_at: Option<Moment>,
}

/// One of the day's KPIs. `calls_per_minute` has the day's attempts as its part, and the minutes as its whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct DayKpi {
    /// Its id in the catalogue, which has label, unit, formula and bands.
    pub kpi: SmolStr,
    /// The KPI's numerator.
    pub part: i64,
    /// Its denominator.
    pub whole: i64,
    /// Calls that are in neither, because no source could tell; of the route's fault calls that failed without a code, which may be
    /// in both.
    pub unjudged: i64,
    /// Against its target; `none` where it has none.
    pub band: Band,
    /// The day compared with.
    pub before: Ratio,
    /// Against the day before: `critical` is out of range (S39), see `kpi::band::against_before`; never where the target is met.
    pub against: Band,
}

/// Volume and rates of one step of the day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct DayStep {
    /// Begin of the step.
    pub t: Moment,
    /// What the site's clocks show at `t`, in seconds since midnight. Shown twice, or not at all, where they change.
    pub clock_s: i64,
    pub attempts: i64,
    pub resolved: i64,
    pub answered: i64,
    pub answered_live: i64,
    /// Of them those of which it can be said whether they were abandoned.
    pub judged_live: i64,
    pub abandoned: i64,
    pub failed: i64,
    /// Calls that the network or the platform failed, whatever code said so: failed, or congestion.
    pub errors: i64,
    pub inbound: i64,
    /// Of them those of whom it can be said by now whether somebody answered them.
    pub judged_inbound: i64,
    pub inbound_answered: i64,
    pub queued: i64,
    /// Of them those of whom it can be said whether they hung up in the queue.
    pub judged_queued: i64,
    pub queue_abandoned: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct CampaignDay {
    /// Empty: calls that name no campaign.
    #[serde(deserialize_with = "CampaignId::of_a_key")]
    pub campaign: CampaignId,
    /// As it is shown: the name told, else the id.
    pub name: SmolStr,
    pub attempts: i64,
    pub resolved: i64,
    pub answered: i64,
    /// Connect rate: answered live ÷ resolved.
    pub answered_live: i64,
    /// Of them those of which it can be said whether they were abandoned.
    pub judged_live: i64,
    /// Against the day before.
    pub connect_band: Band,
    /// Abandon rate: abandoned ÷ judged live.
    pub abandoned: i64,
    /// What the abandon rate is judged.
    pub abandon_band: Band,
    /// Error rate: errors ÷ resolved.
    pub failed: i64,
    /// Calls that the network or the platform failed, whatever code said so: failed, or congestion.
    pub errors: i64,
    /// What the error rate is judged.
    pub error_band: Band,
    /// AHT: talk, hold and wrap-up ÷ handled.
    pub handle_ms: i64,
    pub handled: i64,
    /// Against the day before.
    pub aht_band: Band,
    /// Transfer rate: transferred ÷ connected.
    pub transferred: i64,
    pub connected: i64,
    pub right_party: i64,
    pub inbound: i64,
    /// Of them those of whom it can be said by now whether somebody answered them.
    pub judged_inbound: i64,
    pub inbound_answered: i64,
    /// What the share of inbound calls answered is judged.
    pub inbound_band: Band,
    pub queued: i64,
    /// Of them those of whom it can be said whether they hung up in the queue.
    pub judged_queued: i64,
    pub queue_abandoned: i64,
    /// What the share that hung up in the queue is judged.
    pub queue_band: Band,
    /// Of the day compared with.
    pub before_attempts: i64,
    /// Answered live of resolved, of the day compared with.
    pub before_connect: Ratio,
    /// Abandoned of judged live, of the day compared with.
    pub before_abandon: Ratio,
    /// ms of handling, of the calls handled, of the day compared with.
    pub before_aht: Ratio,
    /// The worst of its bands.
    pub band: Band,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RouteDay {
    /// Empty: calls that name no route.
    #[serde(deserialize_with = "RouteId::of_a_key")]
    pub route: RouteId,
    /// As it is shown: the name told, else the id.
    pub name: SmolStr,
    /// Whose route it is; `null`: never told.
    pub carrier: Option<SmolStr>,
    pub attempts: i64,
    pub resolved: i64,
    /// Answer rate: answered ÷ resolved.
    pub answered: i64,
    /// Against the day before.
    pub answer_band: Band,
    pub sip_4xx: i64,
    pub sip_5xx: i64,
    pub sip_6xx: i64,
    pub timeouts: i64,
    /// Route's fault: route faults ÷ resolved.
    pub route_faults: i64,
    /// What the share of route faults is judged.
    pub faults_band: Band,
    /// Calls that failed, and no code tells whose fault it was.
    #[serde(default)]
    pub unjudged_faults: i64,
    /// Calls begun of which nothing more was heard, a minute's worth that may still ring left out; judged as faults are.
    #[serde(default)]
    pub unheard: i64,
    /// What their share is judged.
    #[serde(default)]
    pub unheard_band: Band,
    /// Post-dial delay: ms ÷ progressed.
    pub pdd_ms: i64,
    pub progressed: i64,
    /// Against the day before.
    pub pdd_band: Band,
    /// ACD: ms ÷ connected.
    pub connected_ms: i64,
    pub connected: i64,
    /// Of the day compared with.
    pub before_attempts: i64,
    /// Answered of resolved, of the day compared with.
    pub before_answer: Ratio,
    /// Route faults of resolved, of the day compared with.
    pub before_faults: Ratio,
    /// ms to ringback, of the calls that reached it, of the day compared with.
    pub before_pdd: Ratio,
    /// The worst of its bands.
    pub band: Band,
}

/// An agent's day, to [`DayHead::agents_until`]; a state that is still open is counted up to there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AgentDay {
    /// The agent's id.
    pub agent: AgentId,
    pub handled: i64,
    pub talk_ms: i64,
    pub hold_ms: i64,
    pub wrap_ms: i64,
    pub transferred: i64,
    pub connected: i64,
    pub right_party: i64,
    /// Time ready, in ms.
    pub ready_ms: i64,
    /// Time on calls, in ms.
    pub on_call_ms: i64,
    /// Time in wrap-up, in ms.
    pub wrap_up_ms: i64,
    /// Time on a break, in ms.
    pub break_ms: i64,
    /// On-call share of the logged-in time.
    pub band: Band,
}

impl AgentDay {
    /// On call, of the time logged in.
    #[must_use]
    pub fn on_call_share(&self) -> Ratio {
        let states = [self.ready_ms, self.on_call_ms, self.wrap_up_ms, self.break_ms];
        Ratio::new(self.on_call_ms, states.iter().fold(0, |sum, ms| sum.saturating_add(*ms)))
    }
}

/// A campaign was paused or resumed: a mark on the day's charts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct DayMark {
    /// When the dialer confirmed it, and what the site's clocks showed then, in seconds since midnight.
    pub at: Moment,
    /// What the site's clocks showed then, in seconds since midnight.
    pub clock_s: i64,
    /// The campaign's id.
    pub campaign: CampaignId,
    /// As it is shown: the name told, else the id.
    pub name: SmolStr,
    /// What was asked.
    pub action: Action,
    /// Who asked for it.
    pub by: SmolStr,
    /// The request, as the audit log knows it.
    pub request: SmolStr,
}

sent_whole!(DayHead);

keyed! {
    DayKpi: |r| r.kpi.to_string();
    DayStep: |r| r.t.secs().to_string();
    CampaignDay: |r| r.campaign.to_string();
    RouteDay: |r| r.route.to_string();
    AgentDay: |r| r.agent.to_string();
    DayMark: |r| r.request.to_string();
}

impl DailyFrame {
    /// With at most `rows` in the tables of campaigns, routes and agents, and the count of the rest.
    #[must_use]
    pub fn cut(mut self, rows: usize) -> Self {
        self.campaigns.cut(rows);
        self.routes.cut(rows);
        self.agents.cut(rows);
        self
    }
}
