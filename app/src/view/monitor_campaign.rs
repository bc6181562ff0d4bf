//! One campaign's frame (S46–S51): its card, progress with the time to its end, six figures, its calls, what became of them.
//!
//! Far-end numbers are masked here, on the server. Every ended call is in exactly one disposition; their sum is
//! `figures.ended`.

use super::live::{Hearing, Site};
use super::monitor::{CampaignCard, WorkerHealth};
use super::table::{Keyed, Table};
use crate::domain::outcome::Disposition;
use crate::domain::{AgentId, CallId, ListId, Moment, QueueId, RealmId};
use crate::kpi::value::Ratio;
use crate::{framed, sent_whole};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// At most this many calls cross the network, newest first; the frame counts the rest.
pub const MAX_CALLS: usize = 200;

/// Likewise of its queues, those with most callers.
pub const MAX_QUEUES: usize = 50;

framed! {
    CampaignFrame / CampaignDelta {
        /// Where the site is: its zone.
        site: Site,
        /// Whether anything is heard.
        hearing: Hearing,
        /// The dialer's worker; the worst of them where there are several.
        worker: WorkerHealth,
        /// The same as the monitor shows from above.
        card: CampaignCard,
        /// How far it has come.
        progress: Progress,
        /// What the cards show beside.
        figures: Figures,
        /// Calls that started in the last 5 minutes, and those still up that started before; newest first.
        calls: Table<CallRow>,
        /// Its queues that callers entered in the last 60 minutes, or wait in; most callers first.
        queues: Table<QueueRow>,
        /// All seven, in the order of [`Disposition::ALL`], 0 included.
        dispositions: Table<DispositionRow>,
    }
}

/// How far it has come. Counts are on the card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Progress {
    /// Begin of the window `campaign`; `None`: it never told when it started, and has no calls.
    pub from: Option<Moment>,
    /// Destinations done in the last 15 minutes, retries counted by what they led to.
    pub done_15m: i64,
    /// Over how many seconds: the last 15 minutes, or the whole minutes since the campaign began.
    pub paced_over_s: i64,
    /// `None` while paused or at rest, where nothing is left, and where destinations were never told.
    pub eta: Option<Eta>,
}

impl Progress {
    /// Destinations done ÷ minutes.
    #[must_use]
    pub const fn pace(&self) -> Ratio {
        Ratio::new(self.done_15m.saturating_mul(60), self.paced_over_s)
    }
}

/// When the last destination is done, at the present pace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Eta {
    /// At the present pace.
    pub at: Moment,
    /// The pace's 95 % interval, counted as events that come by chance; `latest` is `None` where it has no end.
    pub earliest: Moment,
    /// The latest; `null` where the interval has no end.
    pub latest: Option<Moment>,
    /// What all three are rounded to, in seconds: no finer than is known.
    #[serde(default)]
    pub grain_s: i64,
}

/// The figures of the six cards (S49) that are not on the campaign's card, and the sums of the chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Figures {
    /// Outbound calls of the last whole minute, and of the last 5 minutes.
    #[serde(default)]
    pub attempts_1m: i64,
    /// Outbound calls of the last 5 minutes.
    pub attempts_5m: i64,
    /// The rest is over the window `campaign`. Answered of resolved.
    pub answer: Ratio,
    /// ms of completed calls, of how many.
    pub duration: Ratio,
    /// Calls that are over.
    pub ended: i64,
    /// Calls that nothing more was heard of: in no disposition.
    pub lost: i64,
    /// Answered by a person, and no agent in time: among the disposition `answered`, or `completed` where an agent came late.
    pub abandoned: i64,
    /// Answered by a machine: among `answered` too, or `completed` where an agent came on the line.
    #[serde(default)]
    pub machines: i64,
}

/// Where a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    Dialing,
    Ringing,
    /// Answered, no agent on the line.
    Answered,
    /// In a queue.
    Queued,
    /// An agent is on the line.
    Connected,
    Ended,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct CallRow {
    /// The name space of its id.
    pub realm: RealmId,
    /// Its id.
    pub call_id: CallId,
    /// The far end, masked; `None`: never told.
    pub number: Option<SmolStr>,
    /// Where it is.
    pub state: CallState,
    /// Of a call that has ended: what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub became: Option<Disposition>,
    /// The agent on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// The list that its number is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListId>,
    /// The queue's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueId>,
    /// The agent's or the dialer's own word for what came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition_told: Option<SmolStr>,
    /// Durations run from here by the server's clock, to `ended` where there is one.
    pub started: Moment,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Moment>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Moment>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct DispositionRow {
    /// What became of them.
    pub disposition: Disposition,
    /// Its share is of `figures.ended`.
    pub calls: i64,
}

/// A queue's callers of this campaign, last 60 minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct QueueRow {
    /// The queue's id.
    pub queue: QueueId,
    /// In it now.
    pub waiting: i64,
    /// Callers who entered it.
    pub queued: i64,
    /// Hung up in it, of those whose end in it is known.
    pub abandoned: Ratio,
    /// ms in the queue, to the agent or to giving up, of those of whom a source can tell it.
    pub wait: Ratio,
    /// ms of ringing and waiting, of the inbound answered.
    pub asa: Ratio,
}

sent_whole!(Progress, Figures);

impl Keyed for CallRow {
    /// Ids may hold any characters: the realm's length tells where the call's begins.
    fn key(&self) -> String {
        format!("{}.{}{}", self.realm.as_str().len(), self.realm, self.call_id)
    }
}

impl Keyed for QueueRow {
    fn key(&self) -> String {
        self.queue.to_string()
    }
}

impl Keyed for DispositionRow {
    fn key(&self) -> String {
        self.disposition.word().to_owned()
    }
}
