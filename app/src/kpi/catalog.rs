//! THE TABLE: every KPI, once.
//!
//! To add a KPI on existing facts, add one entry. Numerator and denominator of a ratio bear the same date (tested).

use super::band::{Band, Bands, ENOUGH, ENOUGH_LIVE, ENOUGH_TIME, Edge, HELD, Side, Trend};
use super::value::{Ratio, quantile};
use crate::domain::facts::{PDD_EDGES_MS, Slot};
use crate::domain::outcome::CostKind;
use crate::domain::{Dimension, Fact, Facts, Window};
use Dimension::{Agent, Campaign, Country, Did, Queue, Route, SipCode, Total};
use serde::Serialize;

/// What a value is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A fraction of 1.
    Share,
    Ms,
    Calls,
    CallsPerMinute,
    CallsPerHour,
    Agents,
    /// Units of the currency that costs are told in.
    Money,
    NumbersPerDay,
    /// A state in words.
    State,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Higher,
    Lower,
    /// Best within a range, or neither.
    Neither,
}

/// What is known of the present only, never of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Present {
    ActiveCalls,
    Stalled,
    Channels,
    AgentsReady,
    AgentsOnCall,
    AgentsWrapUp,
    AgentsBreak,
    CallersWaiting,
    Cac,
    Health,
    Progress,
    Eta,
    Penetration,
}

impl Present {
    /// Whether it tells of this very moment. What was done of a list so far is as true when nobody tells any more.
    #[must_use]
    pub const fn is_of_the_moment(self) -> bool {
        match self {
            Self::Progress | Self::Penetration => false,
            Self::ActiveCalls
            | Self::Stalled
            | Self::Channels
            | Self::AgentsReady
            | Self::AgentsOnCall
            | Self::AgentsWrapUp
            | Self::AgentsBreak
            | Self::CallersWaiting
            | Self::Cac
            | Self::Health
            | Self::Eta => true,
        }
    }
}

/// Signed sums of facts.
pub type Sum = &'static [(i64, Fact)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formula {
    /// One sum over another.
    Ratio { part: Sum, whole: Sum },
    /// A sum over the minutes of the window.
    PerMinute { part: Sum },
    /// A sum over the hours of the window.
    PerHour { part: Sum },
    /// A sum over the days of the window.
    PerDay { part: Sum },
    /// What a kind of cost came to in the window, over a sum; `scale` of that make one.
    Cost { kind: CostKind, whole: Sum, scale: i64 },
    /// The 95th percentile of the PDD histogram, ms.
    PddP95,
    /// Calls left in the compliance budget; see `compliance`.
    Budget,
    /// A gauge of the board.
    Present(Present),
}

/// What a KPI is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// There is no good and no bad of it.
    Nothing,
    /// Edges of the figure itself. `now`: over which window that of the whole floor is judged of now, where it is shown of
    /// the day: callers are fewer than calls. `unsure`: calls of its whole of which nobody can tell whether they are of its part: it is
    /// well only where it were so with all of them.
    Edges { bands: &'static Bands, now: Option<Window>, unsure: Option<Fact> },
    /// What it was before.
    AgainstBaseline(Trend),
    /// How many calls of the last minute are not heard of again.
    Stalled,
    /// The law's limit over its period.
    Budget,
    /// What components say of themselves, and that they say it.
    Health,
}

impl Judged {
    /// The word of the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Edges { .. } => "edges",
            Self::AgainstBaseline(_) => "baseline",
            Self::Stalled => "stalled",
            Self::Budget => "budget",
            Self::Health => "health",
        }
    }

    /// The same for people who read help.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Nothing => "by nothing",
            Self::Edges { .. } => "by edges of the figure itself",
            Self::AgainstBaseline(trend) => trend.before(),
            Self::Stalled => "by how many calls of the last minute are not heard of again",
            Self::Budget => "by the law’s limit over its period",
            Self::Health => "by what components say of themselves, and by their silence",
        }
    }
}

const fn edges(bands: &'static Bands) -> Judged {
    Judged::Edges { bands, now: None, unsure: None }
}

const fn edges_now(bands: &'static Bands, now: Window) -> Judged {
    Judged::Edges { bands, now: Some(now), unsure: None }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kpi {
    pub id: &'static str,
    pub label: &'static str,
    pub unit: Unit,
    /// In words, as people say it.
    pub formula: &'static str,
    pub numerator: &'static str,
    pub denominator: &'static str,
    pub computed: Formula,
    /// What it is judged by: pages, sentence and API read that from here.
    pub judged: Judged,
    /// That in words, for help.
    pub bands_in_words: &'static str,
    pub direction: Direction,
    /// Law, recommendation or who asked for it.
    pub source: &'static str,
    pub by: Dimension,
    /// Which dimensions make sense.
    pub dimensions: &'static [Dimension],
    pub window: Window,
}

macro_rules! catalog {
    ($($variant:ident = $kpi:expr;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum KpiId { $($variant),* }

        impl KpiId {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            #[must_use]
            pub fn get(self) -> &'static Kpi {
                &CATALOG[self as usize]
            }

            /// See [`Kpi::ratio`].
            #[must_use]
            pub fn ratio(self, count: impl Fn(Fact) -> i64) -> Ratio {
                self.get().ratio(count)
            }

            #[must_use]
            pub fn from_id(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|k| k.get().id == id)
            }
        }

        /// Every KPI, in the order of kpis.
        pub static CATALOG: &[Kpi] = &[$($kpi),*];
    };
}

const fn ratio(part: Sum, whole: Sum) -> Formula {
    Formula::Ratio { part, whole }
}

const GAUGE: &str = "";
const MINUTES_AN_HOUR: i64 = 60;
const OPS: &str = "operations";
const CALL_DIMS: &[Dimension] = &[Total, Campaign, Route, Country, Did, Agent, Queue, SipCode];
const ATTEMPT_DIMS: &[Dimension] = &[Total, Campaign, Route, Country, Did];
const FINE_DIMS: &[Dimension] = &[Total, Campaign, Route, Country];
/// Live answers of which it can be said whether they were abandoned.
const JUDGED_LIVE: Sum = &[(1, Fact::AnsweredLive), (-1, Fact::UnjudgedLive)];
/// Callers of whom it can be said whether they hung up in the queue.
const JUDGED_QUEUED: Sum = &[(1, Fact::Queued), (-1, Fact::UnjudgedQueued)];
const QUEUE_DIMS: &[Dimension] = &[Total, Campaign, Queue];

static ABANDON: Bands =
    Bands::new(&[Edge::new(Side::AtLeast, 20, 1000)], &[Edge::new(Side::Above, 28, 1000)], ENOUGH_LIVE);
static CHANNELS: Bands = Bands::new(&[], &[Edge::new(Side::Above, 85, 100).back_at(80, 100)], 1).held_after(HELD);
static ROUTE_FAULTS: Bands = Bands::new(
    &[Edge::new(Side::AtLeast, 1, 100).back_at(8, 1000)],
    &[Edge::new(Side::Above, 5, 100).back_at(4, 100)],
    ENOUGH,
)
.by_interval();
static CAC: Bands = Bands::new(
    &[Edge::new(Side::AtLeast, 50, 100).back_at(45, 100)],
    &[Edge::new(Side::Above, 80, 100).back_at(75, 100)],
    1,
)
.held_after(HELD);
static ON_CALL: Bands = Bands::new(
    &[Edge::new(Side::Below, 80, 100).back_at(81, 100), Edge::new(Side::Above, 90, 100).back_at(89, 100)],
    &[],
    ENOUGH_TIME.as_millis(),
)
.held_after(HELD);
// The way back of these four is of the floor's rates of now, which hold; of a day's they are judged as they are.
static INBOUND: Bands = Bands::new(&[Edge::new(Side::AtMost, 95, 100).back_at(96, 100)], &[], ENOUGH).by_interval();
static QUEUE_ABANDON: Bands = Bands::new(
    &[Edge::new(Side::AtLeast, 5, 100).back_at(4, 100)],
    &[Edge::new(Side::Above, 10, 100).back_at(8, 100)],
    ENOUGH,
)
.by_interval();
static ASA: Bands = Bands::new(&[Edge::new(Side::AtLeast, 30_000, 1).back_at(25_000, 1)], &[], ENOUGH);
/// A person who declines is none of them: hardly a call of a number that is well. Judged early, for each call more is lost.
static BLOCKED: Bands = Bands::new(
    &[Edge::new(Side::AtLeast, 10, 100).back_at(5, 100)],
    &[Edge::new(Side::Above, 25, 100).back_at(15, 100)],
    10,
)
.by_interval();
static ERRORS: Bands = Bands::new(
    &[Edge::new(Side::AtLeast, 1, 100).back_at(8, 1000)],
    &[Edge::new(Side::Above, 5, 100).back_at(4, 100)],
    ENOUGH,
)
.by_interval();

catalog! {
    ActiveCalls = Kpi { id: "active_calls", label: "Active calls", unit: Unit::Calls, formula: "calls started and not ended", numerator: "active calls",
        denominator: GAUGE, computed: Formula::Present(Present::ActiveCalls), judged: Judged::Nothing, bands_in_words: "", direction: Direction::Neither,
        source: OPS, by: Total, dimensions: &[Total, Campaign, Route], window: Window::Minutes5 };
    Stalled = Kpi { id: "stalled", label: "Stalled calls", unit: Unit::Calls,
        formula: "calls started over 10 s ago in the last minute without progress or end, of that minute's calls", numerator: "calls not heard of again",
        denominator: "calls started 10 to 60 s ago", computed: Formula::Present(Present::Stalled), judged: Judged::Stalled,
        bands_in_words: "red: at least 20, and over half of that minute's calls; until under a quarter", direction: Direction::Lower, source: "operations: an outage seen within 60 s",
        by: Route, dimensions: &[Total, Route], window: Window::Minutes5 };
    ChannelUtilisation = Kpi { id: "channel_utilisation", label: "Channel utilisation", unit: Unit::Share, formula: "active ÷ provisioned channels",
        numerator: "active channels", denominator: "provisioned channels", computed: Formula::Present(Present::Channels), judged: edges(&CHANNELS),
        bands_in_words: "red above 85 % for 30 s, until back at 80 %", direction: Direction::Lower, source: "operations panel 1", by: Total, dimensions: &[Total, Route], window: Window::Minutes15 };
    SipErrorRate = Kpi { id: "sip_error_rate", label: "SIP errors", unit: Unit::Share, formula: "(4xx + 5xx + 6xx + time-outs) ÷ resolved",
        numerator: "sip_4xx + sip_5xx + sip_6xx + timeouts", denominator: "resolved",
        computed: ratio(&[(1, Fact::Sip4xx), (1, Fact::Sip5xx), (1, Fact::Sip6xx), (1, Fact::Timeouts)], &[(1, Fact::Resolved)]),
        judged: Judged::Nothing, bands_in_words: "", direction: Direction::Lower, source: "operations panel 2; RFC 3261", by: Route, dimensions: CALL_DIMS, window: Window::Minutes5 };
    RouteFaultRate = Kpi { id: "route_fault_rate", label: "Route’s fault", unit: Unit::Share, formula: "final errors that are the network's doing ÷ resolved",
        numerator: "route_faults", denominator: "resolved", computed: ratio(&[(1, Fact::RouteFaults)], &[(1, Fact::Resolved)]),
        judged: Judged::Edges { bands: &ROUTE_FAULTS, now: None, unsure: Some(Fact::UnjudgedFaults) },
        bands_in_words: "yellow from 1 %, red above 5 %, under 10 faults by the lower end of the interval; until below 0.8 and back at 4 %; not judged where those that failed without a code would put it out", direction: Direction::Lower, source: "operations panel 2", by: Route, dimensions: CALL_DIMS, window: Window::Minutes5 };
    AbandonRate = Kpi { id: "abandon_rate", label: "Abandon rate", unit: Unit::Share, formula: "abandoned ÷ judged live: answered live, less those whose source can’t tell agents",
        numerator: "abandoned", denominator: "answered_live − unjudged_live", computed: ratio(&[(1, Fact::Abandoned)], JUDGED_LIVE), judged: edges(&ABANDON),
        bands_in_words: "green below 2.0 %, yellow 2.0 to 2.8 %, red above 2.8 %", direction: Direction::Lower, source: "16 CFR 310.4(b)(4); 47 CFR 64.1200(a)(7)",
        by: Campaign, dimensions: ATTEMPT_DIMS, window: Window::Minutes60 };
    AbandonBudget = Kpi { id: "abandon_budget", label: "Abandon budget", unit: Unit::Calls,
        formula: "calls in a row that may still be abandoned in the period: ⌊(L·H − A) ÷ (1 − L)⌋, with L the limit; where A is above L·H the clean answers owed, −⌈A ÷ L − H⌉",
        numerator: "A: abandoned", denominator: "H: answered_live − unjudged_live", computed: Formula::Budget, judged: Judged::Budget,
        bands_in_words: "red below 0, yellow at 0; too few below 100 judged live", direction: Direction::Higher, source: "16 CFR 310.4(b)(4)", by: Campaign,
        dimensions: &[Campaign], window: Window::Period };
    ConnectRate = Kpi { id: "connect_rate", label: "Connect rate", unit: Unit::Share, formula: "answered live ÷ resolved", numerator: "answered_live",
        denominator: "resolved", computed: ratio(&[(1, Fact::AnsweredLive)], &[(1, Fact::Resolved)]), judged: Judged::AgainstBaseline(Trend::Connects),
        bands_in_words: "falling: a fifth or more under the same hours of the 7 days before, intervals disjoint; until less than 15 % under; also of the last 3 and 5 minutes where they are so by 3 standard deviations, without what the network failed", direction: Direction::Higher,
        source: "operations panel 4", by: Campaign, dimensions: CALL_DIMS, window: Window::Minutes60 };
    AnswerRate = Kpi { id: "answer_rate", label: "Answer rate", unit: Unit::Share, formula: "answered ÷ resolved", numerator: "answered", denominator: "resolved",
        computed: ratio(&[(1, Fact::Answered)], &[(1, Fact::Resolved)]), judged: Judged::Nothing, bands_in_words: "", direction: Direction::Higher, source: "monitor",
        by: Campaign, dimensions: CALL_DIMS, window: Window::Minutes60 };
    DidAnswerRate = Kpi { id: "did_answer_rate", label: "DID answer rate", unit: Unit::Share, formula: "answered ÷ resolved, against the same clock hours of the 7 days before",
        numerator: "answered", denominator: "resolved", computed: ratio(&[(1, Fact::Answered)], &[(1, Fact::Resolved)]), judged: Judged::AgainstBaseline(Trend::Answers),
        bands_in_words: "more than 12 points below yellow, more than 20 red, intervals disjoint; until back within 10, and 18", direction: Direction::Higher, source: "operations panel 5", by: Did,
        dimensions: &[Did], window: Window::Minutes60 };
    BlockedRate = Kpi { id: "blocked_rate", label: "Blocked as unwanted", unit: Unit::Share, formula: "calls refused because the number is unwanted (603 network blocked, 607, 608) ÷ resolved",
        numerator: "blocked", denominator: "resolved", computed: ratio(&[(1, Fact::Blocked)], &[(1, Fact::Resolved)]), judged: edges(&BLOCKED),
        bands_in_words: "yellow from 10 %, red above 25 %, under 10 blocked calls by the lower end of the interval; until below 5 and back at 15 %", direction: Direction::Lower,
        source: "RFC 8197, RFC 8688, ATIS-1000099", by: Did, dimensions: CALL_DIMS, window: Window::Minutes5 };
    AgentsReady = Kpi { id: "agents_ready", label: "Agents ready", unit: Unit::Agents, formula: "agents ready", numerator: "agents ready", denominator: GAUGE,
        computed: Formula::Present(Present::AgentsReady), judged: Judged::Nothing, bands_in_words: "", direction: Direction::Neither, source: "operations panel 6", by: Campaign,
        dimensions: &[Total, Campaign], window: Window::Minutes5 };
    AgentsOnCall = Kpi { id: "agents_on_call", label: "Agents on call", unit: Unit::Agents, formula: "agents on a call", numerator: "agents on a call", denominator: GAUGE,
        computed: Formula::Present(Present::AgentsOnCall), judged: Judged::Nothing, bands_in_words: "", direction: Direction::Neither, source: "operations panel 6", by: Campaign,
        dimensions: &[Total, Campaign], window: Window::Minutes5 };
    AgentsWrapUp = Kpi { id: "agents_wrap_up", label: "Agents in wrap-up", unit: Unit::Agents, formula: "agents in wrap-up", numerator: "agents in wrap-up", denominator: GAUGE,
        computed: Formula::Present(Present::AgentsWrapUp), judged: Judged::Nothing, bands_in_words: "", direction: Direction::Neither, source: "operations panel 6", by: Campaign,
        dimensions: &[Total, Campaign], window: Window::Minutes5 };
    AgentsBreak = Kpi { id: "agents_break", label: "Agents on a break", unit: Unit::Agents, formula: "agents on a break", numerator: "agents on a break", denominator: GAUGE,
        computed: Formula::Present(Present::AgentsBreak), judged: Judged::Nothing, bands_in_words: "", direction: Direction::Neither, source: "operations panel 6", by: Campaign,
        dimensions: &[Total, Campaign], window: Window::Minutes5 };
    OnCallShare = Kpi { id: "on_call_share", label: "On-call share", unit: Unit::Share, formula: "on-call time ÷ logged-in time, breaks included",
        numerator: "agent_on_call_ms", denominator: "agent time ready, on call, in wrap-up and on a break",
        computed: ratio(&[(1, Fact::AgentOnCallMs)], &[(1, Fact::AgentReadyMs), (1, Fact::AgentOnCallMs), (1, Fact::AgentWrapUpMs), (1, Fact::AgentBreakMs)]),
        judged: edges(&ON_CALL), bands_in_words: "green 80 to 90 %, else yellow after 30 s, until back within 81 to 89 %; too few below half an hour of agents’ time", direction: Direction::Neither, source: "operations panel 6", by: Campaign,
        dimensions: &[Total, Campaign, Agent], window: Window::Minutes60 };
    Pdd = Kpi { id: "pdd", label: "Post-dial delay", unit: Unit::Ms, formula: "time from dialling to ringback ÷ calls that reached it", numerator: "pdd_ms",
        denominator: "progressed", computed: ratio(&[(1, Fact::PddMs)], &[(1, Fact::Progressed)]), judged: Judged::AgainstBaseline(Trend::Rings),
        bands_in_words: "against the hour before, 20 calls each: from 1.5 times yellow, from twice red, for 30 s; until under 1.4 and 1.8 times", direction: Direction::Lower, source: "operations panel 7",
        by: Country, dimensions: FINE_DIMS, window: Window::Minutes60 };
    PddP95 = Kpi { id: "pdd_p95", label: "Post-dial delay, 95th percentile", unit: Unit::Ms, formula: "the delay that 95 % of calls stay within", numerator: "pdd_histogram",
        denominator: "progressed", computed: Formula::PddP95, judged: Judged::Nothing, bands_in_words: "", direction: Direction::Lower, source: "operations panel 7", by: Country,
        dimensions: FINE_DIMS, window: Window::Minutes60 };
    Health = Kpi { id: "health", label: "Health", unit: Unit::State, formula: "the worst of a component's latest samples; none for 3 intervals: offline",
        numerator: "latest sample", denominator: GAUGE, computed: Formula::Present(Present::Health), judged: Judged::Health, bands_in_words: "healthy, degraded, offline",
        direction: Direction::Neither, source: "operations panel 8", by: Dimension::Component, dimensions: &[Dimension::Component],
        window: Window::Minutes5 };
    CacUtilisation = Kpi { id: "cac_utilisation", label: "CAC utilisation", unit: Unit::Share, formula: "active calls ÷ the campaign's limit of calls at once",
        numerator: "active calls", denominator: "cac_limit", computed: Formula::Present(Present::Cac), judged: edges(&CAC),
        bands_in_words: "green below 50 %, yellow 50 to 80 %, red above 80 %, each for 30 s, until 5 points back", direction: Direction::Lower, source: "monitor", by: Campaign,
        dimensions: &[Total, Campaign], window: Window::Minutes5 };
    CallsPerMinute = Kpi { id: "calls_per_minute", label: "Calls a minute", unit: Unit::CallsPerMinute, formula: "attempts ÷ minutes of the window", numerator: "attempts",
        denominator: "minutes", computed: Formula::PerMinute { part: &[(1, Fact::Attempts)] }, judged: Judged::Nothing, bands_in_words: "", direction: Direction::Neither,
        source: "monitor", by: Total, dimensions: ATTEMPT_DIMS, window: Window::Minutes5 };
    AverageCallDuration = Kpi { id: "average_call_duration", label: "Average call duration", unit: Unit::Ms, formula: "answer to end of completed calls ÷ completed",
        numerator: "completed_ms", denominator: "completed", computed: ratio(&[(1, Fact::CompletedMs)], &[(1, Fact::Completed)]), judged: Judged::Nothing, bands_in_words: "",
        direction: Direction::Neither, source: "monitor", by: Campaign, dimensions: CALL_DIMS, window: Window::Campaign };
    Progress = Kpi { id: "progress", label: "Progress", unit: Unit::Share, formula: "(destinations completed + destinations failed) ÷ destinations",
        numerator: "destinations_completed + destinations_failed", denominator: "destinations", computed: Formula::Present(Present::Progress), judged: Judged::Nothing,
        bands_in_words: "", direction: Direction::Higher, source: "monitor", by: Campaign, dimensions: &[Campaign], window: Window::Campaign };
    Eta = Kpi { id: "eta", label: "Time to the end", unit: Unit::Ms,
        formula: "pending ÷ (destinations done in the last 15 minutes ÷ 15 minutes), with pending = destinations − completed − failed; none while paused or at rest",
        numerator: "pending × 15 minutes", denominator: "destinations_completed + destinations_failed of 15 minutes", computed: Formula::Present(Present::Eta),
        judged: Judged::Nothing, bands_in_words: "", direction: Direction::Lower, source: "monitor", by: Campaign, dimensions: &[Campaign], window: Window::Minutes15 };
    ListPenetration = Kpi { id: "list_penetration", label: "List penetration", unit: Unit::Share, formula: "destinations tried for the first time ÷ destinations",
        numerator: "first_attempts", denominator: "destinations", computed: Formula::Present(Present::Penetration), judged: Judged::Nothing,
        bands_in_words: "no data where calls tell no attempt", direction: Direction::Higher, source: "campaign lead", by: Campaign, dimensions: &[Campaign],
        window: Window::Campaign };
    PenetrationVelocity = Kpi { id: "penetration_velocity", label: "New destinations an hour", unit: Unit::CallsPerHour, formula: "destinations tried for the first time ÷ hours of the window",
        numerator: "first_attempts", denominator: "minutes", computed: Formula::PerHour { part: &[(1, Fact::FirstAttempts)] }, judged: Judged::Nothing, bands_in_words: "",
        direction: Direction::Neither, source: "campaign lead", by: Campaign, dimensions: ATTEMPT_DIMS, window: Window::Minutes60 };
    CallersWaiting = Kpi { id: "callers_waiting", label: "Callers waiting", unit: Unit::Calls, formula: "in a queue, neither bridged nor ended", numerator: "callers waiting",
        denominator: GAUGE, computed: Formula::Present(Present::CallersWaiting), judged: Judged::Nothing, bands_in_words: "", direction: Direction::Lower, source: "telephony",
        by: Total, dimensions: &[Total, Campaign, Queue], window: Window::Minutes5 };
    InboundAnswerRate = Kpi { id: "inbound_answer_rate", label: "Inbound answer rate", unit: Unit::Share, formula: "inbound answered ÷ inbound, less those who wait in a queue and those of whom no source can tell whether an agent took them", numerator: "inbound_answered",
        denominator: "inbound − unjudged_inbound", computed: ratio(&[(1, Fact::InboundAnswered)], &[(1, Fact::Inbound), (-1, Fact::UnjudgedInbound)]), judged: edges_now(&INBOUND, Window::Minutes15), bands_in_words: "target above 95 %, under 10 lost calls by the upper end of the interval; of now beyond chance for 30 s, until above 96 %",
        direction: Direction::Higher, source: "telephony", by: Total, dimensions: CALL_DIMS, window: Window::Today };
    Aht = Kpi { id: "aht", label: "Average handle time", unit: Unit::Ms, formula: "(talk + hold + wrap-up) ÷ handled", numerator: "talk_ms + hold_ms + wrap_ms",
        denominator: "handled", computed: ratio(&[(1, Fact::TalkMs), (1, Fact::HoldMs), (1, Fact::WrapMs)], &[(1, Fact::Handled)]), judged: Judged::Nothing, bands_in_words: "",
        direction: Direction::Neither, source: "telephony", by: Campaign, dimensions: CALL_DIMS, window: Window::Today };
    QueueAbandonRate = Kpi { id: "queue_abandon_rate", label: "Queue abandonment", unit: Unit::Share, formula: "hung up in the queue ÷ queued, less those of whom no source can tell whether an agent took them", numerator: "queue_abandoned",
        denominator: "queued − unjudged_queued", computed: ratio(&[(1, Fact::QueueAbandoned)], JUDGED_QUEUED), judged: edges_now(&QUEUE_ABANDON, Window::Minutes15),
        bands_in_words: "target below 5 %, red above 10 %, under 10 callers by the lower end of the interval; of now beyond chance for 30 s, until below 4 and back at 8 %", direction: Direction::Lower, source: "telephony", by: Total, dimensions: QUEUE_DIMS, window: Window::Today };
    Asa = Kpi { id: "asa", label: "Average speed of answer", unit: Unit::Ms, formula: "(ringing + waiting) ÷ inbound answered of which both are known", numerator: "inbound_ring_ms + inbound_wait_ms",
        denominator: "inbound_answered − inbound_untimed", computed: ratio(&[(1, Fact::InboundRingMs), (1, Fact::InboundWaitMs)], &[(1, Fact::InboundAnswered), (-1, Fact::InboundUntimed)]), judged: edges_now(&ASA, Window::Minutes15),
        bands_in_words: "target below 30 s; of now for 30 s, until below 25 s", direction: Direction::Lower, source: "telephony", by: Total, dimensions: CALL_DIMS, window: Window::Today };
    TransferRate = Kpi { id: "transfer_rate", label: "Transfer rate", unit: Unit::Share, formula: "transferred ÷ connected: over, and answered by anyone, both; who was transferred unanswered is in neither", numerator: "transferred", denominator: "connected",
        computed: ratio(&[(1, Fact::Transferred)], &[(1, Fact::Connected)]), judged: Judged::Nothing, bands_in_words: "", direction: Direction::Neither, source: "telephony",
        by: Campaign, dimensions: CALL_DIMS, window: Window::Today };
    ErrorRate = Kpi { id: "error_rate", label: "Error rate", unit: Unit::Share, formula: "(failed + congestion) ÷ resolved", numerator: "failed + congestion", denominator: "resolved",
        computed: ratio(&[(1, Fact::Failed), (1, Fact::Congestion)], &[(1, Fact::Resolved)]), judged: edges_now(&ERRORS, Window::Minutes5), bands_in_words: "target below 1 %, red above 5 %, under 10 failures by the lower end of the interval; of now beyond chance for 30 s, until below 0.8 and back at 4 %",
        direction: Direction::Lower, source: "telephony", by: Total, dimensions: CALL_DIMS, window: Window::Today };
    Asr = Kpi { id: "asr", label: "Answer-seizure ratio", unit: Unit::Share, formula: "answered ÷ resolved", numerator: "answered", denominator: "resolved",
        computed: ratio(&[(1, Fact::Answered)], &[(1, Fact::Resolved)]), judged: Judged::Nothing, bands_in_words: "", direction: Direction::Higher, source: "ITU-T E.425",
        by: Route, dimensions: CALL_DIMS, window: Window::Minutes60 };
    Ner = Kpi { id: "ner", label: "Network effectiveness ratio", unit: Unit::Share, formula: "(resolved − route_faults) ÷ resolved", numerator: "resolved − route_faults",
        denominator: "resolved", computed: ratio(&[(1, Fact::Resolved), (-1, Fact::RouteFaults)], &[(1, Fact::Resolved)]), judged: Judged::Nothing, bands_in_words: "",
        direction: Direction::Higher, source: "ITU-T E.425", by: Route, dimensions: CALL_DIMS, window: Window::Minutes60 };
    DidRotation = Kpi { id: "did_rotation", label: "Numbers retired a day", unit: Unit::NumbersPerDay,
        formula: "numbers retired ÷ days; those provisioned are the fact dids_provisioned", numerator: "dids_retired", denominator: "days",
        computed: Formula::PerDay { part: &[(1, Fact::DidsRetired)] }, judged: Judged::Nothing, bands_in_words: "", direction: Direction::Neither,
        source: "operations trend 4", by: Total, dimensions: &[Total, Did], window: Window::Days30 };
    CostPerRpc = Kpi { id: "cost_per_rpc", label: "Cost per right-party contact", unit: Unit::Money,
        formula: "the months' telephony cost, pro rata for part of one ÷ right-party contacts", numerator: "telephony cost", denominator: "right_party",
        computed: Formula::Cost { kind: CostKind::Telephony, whole: &[(1, Fact::RightParty)], scale: 1 }, judged: Judged::Nothing, bands_in_words: "",
        direction: Direction::Lower, source: "operations trend 6", by: Total, dimensions: &[Total], window: Window::Days30 };
    CostPerConnectedMinute = Kpi { id: "cost_per_connected_minute", label: "Cost per connected minute", unit: Unit::Money,
        formula: "the months' infrastructure cost, pro rata for part of one ÷ connected minutes: answer to end, whoever answered", numerator: "infrastructure cost",
        denominator: "connected_ms", computed: Formula::Cost { kind: CostKind::Infrastructure, whole: &[(1, Fact::ConnectedMs)], scale: 60_000 },
        judged: Judged::Nothing, bands_in_words: "", direction: Direction::Lower, source: "manager", by: Total, dimensions: &[Total], window: Window::Days30 };
    Uptime = Kpi { id: "uptime", label: "Uptime", unit: Unit::Share, formula: "time not offline ÷ time observed", numerator: "component_up_ms",
        denominator: "component_observed_ms", computed: ratio(&[(1, Fact::ComponentUpMs)], &[(1, Fact::ComponentObservedMs)]), judged: Judged::Nothing,
        bands_in_words: "", direction: Direction::Higher, source: "manager", by: Dimension::Component, dimensions: &[Total, Dimension::Component],
        window: Window::Days30 };
    Acd = Kpi { id: "acd", label: "Average call duration, answered", unit: Unit::Ms, formula: "answer to end of the connected ÷ connected: over, and answered by anyone", numerator: "connected_ms",
        denominator: "connected", computed: ratio(&[(1, Fact::ConnectedMs)], &[(1, Fact::Connected)]), judged: Judged::Nothing, bands_in_words: "",
        direction: Direction::Neither, source: "ITU-T E.425", by: Route, dimensions: CALL_DIMS, window: Window::Minutes60 };
}

/// What a KPI says of some sums.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    pub ratio: Ratio,
    /// A fraction, ms, or calls, by the KPI's unit; `None` is no data.
    pub value: Option<f64>,
    /// The 95 % interval, of shares of calls only.
    pub interval: Option<(f64, f64)>,
    pub band: Band,
}

/// Days that minutes make, one that is running or whose clocks change included: 23 hours are a day, and so are 25.
const fn days(minutes: i64) -> i64 {
    let days = (minutes - 120 + 1_439).div_euclid(1_440);
    match minutes {
        ..=0 => 0,
        1.. if days < 1 => 1,
        1.. => days,
    }
}

#[must_use]
pub fn sum(of: Sum, facts: &Facts) -> i64 {
    of.iter().map(|(sign, fact)| sign * facts[*fact]).sum()
}

impl Kpi {
    /// The edges it is judged by, where it is by edges.
    #[must_use]
    pub const fn bands(&self) -> Option<&'static Bands> {
        match self.judged {
            Judged::Edges { bands, .. } => Some(bands),
            Judged::Nothing | Judged::AgainstBaseline(_) | Judged::Stalled | Judged::Budget | Judged::Health => None,
        }
    }

    /// Of which calls of its whole nobody can tell whether they are of its part.
    #[must_use]
    pub const fn unsure(&self) -> Option<Fact> {
        match self.judged {
            Judged::Edges { unsure, .. } => unsure,
            Judged::Nothing | Judged::AgainstBaseline(_) | Judged::Stalled | Judged::Budget | Judged::Health => None,
        }
    }

    /// What it were if all of them were.
    #[must_use]
    pub fn otherwise(&self, count: impl Fn(Fact) -> i64) -> Ratio {
        let ratio = self.ratio(&count);
        Ratio::new(ratio.part + self.unsure().map_or(0, count), ratio.whole)
    }

    /// Over which window the whole floor's is judged of now, where it is shown of the day.
    #[must_use]
    pub const fn judged_now(&self) -> Option<(&'static Bands, Window)> {
        match self.judged {
            Judged::Edges { bands, now: Some(window), .. } => Some((bands, window)),
            Judged::Edges { now: None, .. }
            | Judged::Nothing
            | Judged::AgainstBaseline(_)
            | Judged::Stalled
            | Judged::Budget
            | Judged::Health => None,
        }
    }

    /// What it is compared with, where it is judged by that.
    #[must_use]
    pub const fn trend(&self) -> Option<Trend> {
        match self.judged {
            Judged::AgainstBaseline(trend) => Some(trend),
            Judged::Nothing | Judged::Edges { .. } | Judged::Stalled | Judged::Budget | Judged::Health => None,
        }
    }

    /// What it is by itself against what it was before; `None` where it is not judged by that.
    #[must_use]
    pub fn against(&self, now: Ratio, before: Ratio) -> Band {
        self.trend().map_or(Band::None, |trend| trend.judge(now, before))
    }

    /// The same of one that was out.
    #[must_use]
    pub fn still_against(&self, now: Ratio, before: Ratio) -> Band {
        self.trend().map_or(Band::None, |trend| trend.still(now, before))
    }

    /// The two counts of a KPI that is one sum of facts over another, wherever the facts are summed; no data for others.
    #[must_use]
    pub fn ratio(&self, count: impl Fn(Fact) -> i64) -> Ratio {
        let Formula::Ratio { part, whole } = self.computed else { return Ratio::default() };
        let sum = |sum: Sum| sum.iter().map(|(sign, fact)| sign * count(*fact)).sum::<i64>();
        Ratio::new(sum(part), sum(whole))
    }

    /// Whether it is a share of calls, which small numbers make noise of (kpis.md, "Small numbers"). A share of time, or of
    /// what there is room for, is none: a million milliseconds are not a million chances.
    #[must_use]
    pub fn is_share_of_calls(&self) -> bool {
        let Formula::Ratio { whole, .. } = self.computed else { return false };
        self.unit == Unit::Share && whole.iter().all(|(_, fact)| fact.dated().is_a_calls())
    }

    /// What numerator ÷ denominator is multiplied by to give the value; `None` where the value is no quotient of the two.
    #[must_use]
    pub const fn factor(&self) -> Option<i64> {
        match self.computed {
            Formula::Ratio { .. } | Formula::PerMinute { .. } | Formula::PerDay { .. } => Some(1),
            Formula::PerHour { .. } => Some(MINUTES_AN_HOUR),
            Formula::Cost { scale, .. } => Some(scale),
            Formula::PddP95
            | Formula::Budget
            // The number of those that are silent, whatever it is of.
            | Formula::Present(Present::Stalled | Present::Health) => None,
            Formula::Present(
                Present::ActiveCalls
                | Present::Channels
                | Present::AgentsReady
                | Present::AgentsOnCall
                | Present::AgentsWrapUp
                | Present::AgentsBreak
                | Present::CallersWaiting
                | Present::Cac
                | Present::Progress
                | Present::Eta
                | Present::Penetration,
            ) => Some(1),
        }
    }

    /// Whether the numerator is a count: the delay that most stay within is read off a whole histogram.
    #[must_use]
    pub fn counts_its_part(&self) -> bool {
        self.computed != Formula::PddP95
    }

    /// Reads this KPI off summed facts over `minutes`; `None` for gauges and the budget, which facts alone don't give.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn read(&self, facts: &Facts, minutes: i64) -> Option<Reading> {
        let (ratio, value) = match self.computed {
            Formula::Ratio { .. } => {
                let ratio = self.ratio(|fact| facts[fact]);
                (ratio, ratio.value())
            }
            Formula::PerMinute { part } => {
                let ratio = Ratio::new(sum(part, facts), minutes.max(0));
                (ratio, ratio.value())
            }
            Formula::PerDay { part } => {
                let ratio = Ratio::new(sum(part, facts), days(minutes));
                (ratio, ratio.value())
            }
            Formula::PerHour { part } => {
                let ratio = Ratio::new(sum(part, facts), minutes.max(0));
                (ratio, ratio.value().map(|a_minute| a_minute * MINUTES_AN_HOUR as f64))
            }
            Formula::PddP95 => {
                (Ratio::new(0, facts[Fact::Progressed]), quantile(facts.pdd_histogram(), &PDD_EDGES_MS, 95, 100))
            }
            Formula::Budget | Formula::Cost { .. } | Formula::Present(_) => return None,
        };
        let reading = self.reading(ratio, value);
        Some(Reading { band: self.unless(reading.band, |fact| facts[fact]), ..reading })
    }

    /// How its two counts are judged, and what nobody can tell of them, wherever the facts are summed.
    #[must_use]
    pub fn judge(&self, count: impl Fn(Fact) -> i64) -> Band {
        self.unless(self.read_ratio(self.ratio(&count)).band, count)
    }

    /// What is said of it, unless it were otherwise with those of which nobody can tell.
    fn unless(&self, said: Band, count: impl Fn(Fact) -> i64) -> Band {
        match (self.unsure(), self.bands()) {
            (Some(_), Some(bands)) => Bands::unless(said, bands.judge(self.otherwise(count))),
            (None, _) | (_, None) => said,
        }
    }

    /// Judges a ratio whose counts come from elsewhere, such as a gauge.
    #[must_use]
    pub fn read_ratio(&self, ratio: Ratio) -> Reading {
        self.reading(ratio, ratio.value())
    }

    fn reading(&self, ratio: Ratio, value: Option<f64>) -> Reading {
        Reading {
            ratio,
            value,
            interval: if self.is_share_of_calls() { ratio.wilson() } else { None },
            band: match self.bands() {
                Some(bands) => bands.judge(ratio),
                None if self.is_share_of_calls() && (1..ENOUGH).contains(&ratio.whole) => Band::TooFew,
                None => Band::None,
            },
        }
    }

    /// Of which no source could tell: what its denominator leaves out, or what is in that and may be in its numerator. It stands
    /// beside the figure.
    #[must_use]
    pub fn unjudged(&self, count: impl Fn(Fact) -> i64) -> i64 {
        if let Some(unsure) = self.unsure() {
            return count(unsure);
        }
        let Formula::Ratio { whole, .. } = self.computed else { return 0 };
        whole.iter().filter(|(sign, _)| *sign < 0).map(|(sign, fact)| -sign * count(*fact)).sum()
    }

    /// Whether its two counts are times, in ms; a KPI's words for them need not say so.
    #[must_use]
    pub fn are_times(&self) -> [bool; 2] {
        let Formula::Ratio { part, whole } = self.computed else { return [false, false] };
        [part, whole].map(|sum| sum.iter().all(|(_, fact)| fact.name().ends_with("_ms")))
    }

    /// The facts it is made of, for narrow reads.
    pub fn facts(&self) -> impl Iterator<Item = Slot> {
        let (part, whole): (Sum, Sum) = match self.computed {
            Formula::Ratio { part, whole } => (part, whole),
            Formula::PerMinute { part } | Formula::PerHour { part } | Formula::PerDay { part } => (part, &[]),
            Formula::Cost { whole, .. } => (&[], whole),
            Formula::Budget => (&[(1, Fact::Abandoned)], JUDGED_LIVE),
            Formula::PddP95 => (&[(1, Fact::PddMs)], &[(1, Fact::Progressed)]),
            Formula::Present(_) => (&[], &[]),
        };
        part.iter().chain(whole).map(|(_, fact)| *fact).chain(self.unsure()).map(Slot::from)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::domain::facts::Dated;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Facts that can only be true of a resolved call at the moment it resolved bear its date.
    fn date(fact: Fact) -> Dated {
        let dated = fact.dated();
        if dated == Dated::Answered { Dated::Resolved } else { dated }
    }

    #[test]
    fn numerator_and_denominator_bear_the_same_date() {
        for kpi in CATALOG {
            if let Formula::Ratio { part, whole } = kpi.computed {
                let dates: BTreeSet<_> = part.iter().chain(whole).map(|(_, f)| format!("{:?}", date(*f))).collect();
                assert_eq!(dates.len(), 1, "{}: {dates:?}", kpi.id);
            }
        }
    }

    #[test]
    fn ids_are_unique_and_defaults_make_sense() {
        let ids: BTreeSet<_> = CATALOG.iter().map(|k| k.id).collect();
        assert_eq!(ids.len(), CATALOG.len());
        for kpi in CATALOG {
            assert!(kpi.dimensions.contains(&kpi.by), "{}", kpi.id);
        }
    }

    #[test]
    fn what_is_no_quotient_has_no_factor() {
        let without: Vec<_> = CATALOG.iter().filter(|kpi| kpi.factor().is_none()).map(|kpi| kpi.id).collect();
        assert_eq!(without, ["stalled", "abandon_budget", "pdd_p95", "health"]);
    }

    #[test]
    fn a_share_of_few_calls_is_too_few_also_where_nothing_judges_it() {
        let band = |id: KpiId, whole| id.get().read_ratio(Ratio::new(1, whole)).band;
        for id in [KpiId::AnswerRate, KpiId::ConnectRate, KpiId::SipErrorRate, KpiId::TransferRate, KpiId::Ner] {
            assert_eq!([0, 1, 19, 20].map(|n| band(id, n)), [Band::None, Band::TooFew, Band::TooFew, Band::None]);
        }
        assert_eq!(band(KpiId::Uptime, 19), Band::None, "milliseconds, not calls");
        assert_eq!(band(KpiId::Progress, 19), Band::None, "destinations, not calls");
        assert_eq!(band(KpiId::Pdd, 19), Band::None, "a mean, no share");
    }

    #[test]
    fn only_a_share_of_calls_has_an_interval() {
        let has_one = |id: &KpiId| id.get().read_ratio(Ratio::new(400, 1_000)).interval.is_some();
        let shares: Vec<_> = KpiId::ALL.iter().filter(|id| id.get().unit == Unit::Share).collect();
        let without: Vec<_> = shares.iter().filter(|id| !has_one(id)).map(|id| id.get().id).collect();
        let of_time_or_room =
            ["channel_utilisation", "on_call_share", "cac_utilisation", "progress", "list_penetration", "uptime"];
        assert_eq!(without, of_time_or_room);
        let others = KpiId::ALL.iter().filter(|id| id.get().unit != Unit::Share);
        assert_eq!(others.filter(|id| has_one(id)).count(), 0);
    }

    #[test]
    fn what_is_judged_says_by_what_and_only_that() {
        for kpi in CATALOG.iter().filter(|kpi| kpi.id != "list_penetration") {
            assert_eq!(kpi.judged == Judged::Nothing, kpi.bands_in_words.is_empty(), "{}", kpi.id);
        }
        let now: Vec<_> = CATALOG.iter().filter(|kpi| kpi.judged_now().is_some()).map(|kpi| kpi.id).collect();
        assert_eq!(now, ["inbound_answer_rate", "queue_abandon_rate", "asa", "error_rate"]);
    }

    #[test]
    fn a_route_whose_calls_fail_without_a_code_is_not_called_well() {
        let band = |resolved: i64, faults: i64, unjudged: i64| {
            let mut facts = Facts::default();
            (facts[Fact::Resolved], facts[Fact::RouteFaults], facts[Fact::UnjudgedFaults]) =
                (resolved, faults, unjudged);
            let read = KpiId::RouteFaultRate.get().read(&facts, 5).unwrap();
            assert_eq!(read.ratio, Ratio::new(faults, resolved), "its two counts are as they were");
            assert_eq!(KpiId::RouteFaultRate.get().judge(|fact| facts[fact]), read.band);
            read.band
        };
        assert_eq!([band(40, 0, 34), band(40, 0, 0), band(1_000, 0, 9)], [Band::Unjudged, Band::Ok, Band::Ok]);
        assert_eq!(band(1_000, 4, 6), Band::Unjudged, "with all of them it is yellow");
        assert_eq!([band(1_000, 20, 500), band(1_000, 80, 500)], [Band::Warn, Band::Critical], "what is out is out");
        assert_eq!([band(19, 0, 19), band(0, 0, 0)], [Band::TooFew, Band::None]);
        assert_eq!(KpiId::RouteFaultRate.get().unjudged(|_| 34), 34);
        assert!(KpiId::RouteFaultRate.get().facts().any(|slot| slot.fact() == Some(Fact::UnjudgedFaults)));
    }

    fn judged(id: KpiId, part: i64, whole: i64) -> Band {
        id.get().bands().unwrap().judge(Ratio::new(part, whole))
    }

    #[test]
    fn each_threshold_flips_at_its_exact_boundary() {
        use Band::{Critical, Ok, TooFew, Warn};
        for (part, band) in [(1999, Ok), (2000, Warn), (2800, Warn), (2801, Critical)] {
            assert_eq!(judged(KpiId::AbandonRate, part, 100_000), band, "{part}");
        }
        assert_eq!(judged(KpiId::AbandonRate, 99, 99), TooFew);
        for (part, band) in [(850, Ok), (851, Critical)] {
            assert_eq!(judged(KpiId::ChannelUtilisation, part, 1000), band);
        }
        for (part, band) in [(99, Ok), (100, Warn), (500, Warn), (501, Critical)] {
            assert_eq!(judged(KpiId::RouteFaultRate, part, 10_000), band);
        }
        for (part, band) in [(499, Ok), (500, Warn), (800, Warn), (801, Critical)] {
            assert_eq!(judged(KpiId::CacUtilisation, part, 1000), band);
        }
        for (part, band) in [(799, Warn), (800, Ok), (900, Ok), (901, Warn)] {
            assert_eq!(judged(KpiId::OnCallShare, part * 10_000, 10_000_000), band);
        }
        for (part, band) in [(950, Warn), (951, Ok)] {
            assert_eq!(judged(KpiId::InboundAnswerRate, part, 1000), band);
        }
        for (part, band) in [(49, Ok), (50, Warn), (100, Warn), (101, Critical)] {
            assert_eq!(judged(KpiId::QueueAbandonRate, part, 1000), band);
        }
    }

    proptest! {
        /// What the catalogue publishes is what is computed: part ÷ whole × factor.
        #[test]
        fn a_value_is_the_quotient_times_the_factor_or_no_factor_is_published(
            counts in prop::collection::vec(0..200_000i64, Fact::ALL.len()), minutes in 0..50_000i64,
        ) {
            let mut facts = Facts::default();
            for (fact, n) in Fact::ALL.iter().zip(counts) {
                facts[*fact] = n;
            }
            for kpi in CATALOG {
                let Some(reading) = kpi.read(&facts, minutes) else { continue };
                match (kpi.factor(), reading.value, reading.ratio.value()) {
                    (Some(factor), Some(value), Some(quotient)) => {
                        let made = quotient * factor as f64;
                        prop_assert!((made - value).abs() <= 1e-9 * value.abs().max(1.0), "{}: {value}, not {made}", kpi.id);
                    }
                    (Some(_), value, quotient) => prop_assert_eq!(value, quotient, "{}", kpi.id),
                    (None, _, _) => {}
                }
            }
        }

        #[test]
        fn every_kpi_is_total(counts in prop::collection::vec(-5..2_000i64, Fact::ALL.len()), minutes in -1..60i64) {
            let mut facts = Facts::default();
            for (fact, n) in Fact::ALL.iter().zip(counts) {
                facts[*fact] = n;
            }
            for kpi in CATALOG {
                if let Some(reading) = kpi.read(&facts, minutes) {
                    prop_assert!(reading.value.is_none_or(f64::is_finite), "{}", kpi.id);
                    prop_assert!(reading.ratio.whole > 0 || reading.value.is_none() || kpi.computed == Formula::PddP95);
                }
            }
        }
    }
}
