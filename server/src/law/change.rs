//! What one commit changed, as sums: all that the live state hears of calls, but for those of the last minutes, which
//! people look at one by one.
//!
//! The writer makes it (contributions after less contributions before), the live state adds it up. Everything here is
//! additive and may be negative, so that a correction of the past is no special case. At start the store tells the
//! same thing about the last sixty minutes, and the live state begins by adding that to nothing.

use super::calls::CallNow;
use app::domain::event::{ChannelsSample, HealthSample, MetricSample, TrunkStatus};
use app::domain::outcome::AgentStatus;
use app::domain::{
    AgentId, Campaign, CampaignId, Did, Dimension, Moment, Number, QueueId, Route, RouteId, SourceId, Span, Tally,
};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Grain of the finest buckets that are kept.
pub const LIVE_GRAIN: Span = Span::secs(10);

/// Whose sum it is: one key of one dimension within one campaign.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SumKey {
    /// Empty for calls of no campaign.
    pub campaign: CampaignId,
    pub dimension: Dimension,
    /// Empty for total, and for calls that name no campaign, route, country or DID.
    pub key: SmolStr,
}

/// What to add to the sums of one bucket of [`LIVE_GRAIN`].
#[derive(Debug, Clone, PartialEq)]
pub struct FactChange {
    pub bucket: Moment,
    pub of: SumKey,
    pub tally: Tally,
}

/// A gauge of calls that are up, as an additive count by the second it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Gauge {
    /// Started, not ended, not lost; by its start.
    Active,
    /// Outbound calls by their start, whatever became of them: what `stalled` is a share of. Told for the last two minutes only.
    Started,
    /// Of the started: neither progress nor answer nor end heard yet.
    Unheard,
    /// In a queue, neither bridged nor ended; by the second it was queued.
    Waiting,
    /// Over, of whatever campaign; by the ten seconds of its start. Told for the last minutes only: with the active they are
    /// the calls of the last five minutes.
    Over,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GaugeKey {
    pub gauge: Gauge,
    pub campaign: CampaignId,
    pub route: RouteId,
    pub queue: QueueId,
    /// The second in which it began, or the ten seconds.
    pub second: Moment,
}

/// What an agent is doing now.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentNow {
    pub agent: AgentId,
    /// Empty where the event named none.
    pub campaign: CampaignId,
    pub state: AgentStatus,
    pub since: Moment,
    pub reason: Option<SmolStr>,
}

/// A sample as it came; the live state keeps the latest by time.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample<T> {
    pub at: Moment,
    pub source: SourceId,
    pub body: T,
}

/// Whether this server can keep what it is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Storing {
    /// It can, or follows a server that does.
    #[default]
    Keeps,
    /// The database does not answer since then: nothing new is taken.
    Away { since: Moment },
    /// The database can be read, but what is written fails since then: nothing new is taken.
    Fails { since: Moment },
}

/// Why all that was told before is void: what is told now is the whole of the last hour, as at a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anew {
    /// Too much was missed to go on from it.
    Missed,
    /// The clock was set back to then.
    SetBack(Moment),
}

/// One commit's worth of differences.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Where all that was told before is void.
    pub begins_anew: Option<Anew>,
    /// Where that has changed.
    pub storing: Option<Storing>,
    /// The newest event time among all that was committed.
    pub newest_event: Option<Moment>,
    /// Events that this commit accepted, for the sentence of how much comes in.
    pub events: u64,
    pub facts: Vec<FactChange>,
    pub gauges: Vec<(GaugeKey, i64)>,
    /// Agents whose present state changed.
    pub agents: Vec<AgentNow>,
    pub channels: Vec<Sample<ChannelsSample>>,
    pub trunks: Vec<Sample<TrunkStatus>>,
    pub health: Vec<Sample<HealthSample>>,
    pub metrics: Vec<Sample<MetricSample>>,
    /// Settings as merged, of those that changed.
    pub campaigns: Vec<(CampaignId, Campaign)>,
    pub routes: Vec<(RouteId, Route)>,
    pub dids: Vec<(Number, Did)>,
    /// Persons whose numbers were found to stand in names.
    pub persons: Vec<Number>,
    /// Sums of the running compliance period by campaign, where they were read anew; see [`PeriodSums`].
    pub periods: Vec<PeriodSums>,
    /// Sums of the window `campaign`, likewise; see [`RunSums`].
    pub runs: Vec<RunSums>,
    /// Campaigns of which no start is known any more: their only calls are told to be another's.
    pub without_start: Vec<CampaignId>,
    /// The calls that are up or were lately, of those that changed: what a campaign's page lists. All else is told as sums.
    pub calls: Vec<CallNow>,
    /// Names of which nothing is kept any more. Who follows another server's commits is not told: it forgets when it leads.
    pub gone: Gone,
}

/// Days since 1970, UTC.
pub type Day = i64;

/// Names by kind, each with something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByKind<C, R, N> {
    pub campaigns: Vec<C>,
    pub routes: Vec<R>,
    pub dids: Vec<N>,
}

/// When names were heard of.
pub type HeardOn = ByKind<(CampaignId, Day), (RouteId, Day), (Number, Day)>;
/// Names of which nothing is kept any more.
pub type Gone = ByKind<CampaignId, RouteId, Number>;

impl<C, R, N> Default for ByKind<C, R, N> {
    fn default() -> Self {
        Self { campaigns: Vec::new(), routes: Vec::new(), dids: Vec::new() }
    }
}

impl<C, R, N> ByKind<C, R, N> {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.campaigns.is_empty() && self.routes.is_empty() && self.dids.is_empty()
    }
}

/// A campaign's sums since its running compliance period began, as of this commit (this commit included). The live state
/// takes them as they are, and adds each later change that falls in the period.
#[derive(Debug, Clone, PartialEq)]
pub struct PeriodSums {
    pub campaign: CampaignId,
    pub from: Moment,
    /// Exclusive end of the period: the instant at which the next begins.
    pub to: Moment,
    pub tally: Tally,
}

/// A campaign's sums since the site day of its start, as of this commit (this commit included): the window `campaign`.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSums {
    pub campaign: CampaignId,
    pub from: Moment,
    pub tally: Tally,
}
